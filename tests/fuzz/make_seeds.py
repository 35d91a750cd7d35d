#!/usr/bin/python3
"""Writes the seeds that follow from proto/: one of every message, with each of its fields set, as
bytes and as JSON, and each question in its envelope; of the vectors the receipts; the files of a
plan; a workbook; key files.

    make_seeds.py DIRECTORY_OF_PB2_MODULES OUT"""

import base64
import hashlib
import importlib
import io
import json
import re
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROTO = ROOT / "proto"
DEEPEST = 4


def name_hash(name):
    """As chosen.h."""
    number = 2166136261
    for byte in name.encode():
        number = (number ^ byte) * 16777619 & 0xFFFFFFFF
    return (number >> 16) ^ (number & 0xFFFF)


def value_of(field, at):
    if field.type == field.TYPE_STRING:
        return f"儿童{at}"
    if field.type == field.TYPE_BYTES:
        return bytes(range(at % 16 + 1))
    if field.type in (field.TYPE_DOUBLE, field.TYPE_FLOAT):
        return at + 0.5
    if field.type == field.TYPE_BOOL:
        return True
    if field.type == field.TYPE_ENUM:
        values = field.enum_type.values
        return values[at % len(values)].number
    return 450223101201 + at if field.type in (field.TYPE_UINT64, field.TYPE_INT64,
                                               field.TYPE_FIXED64, field.TYPE_SFIXED64) else at + 1


def fill(message, depth=0):
    for at, field in enumerate(message.DESCRIPTOR.fields):
        repeated = field.label == field.LABEL_REPEATED
        if field.type == field.TYPE_MESSAGE:
            if depth < DEEPEST:
                fill(getattr(message, field.name).add() if repeated
                     else getattr(message, field.name), depth + 1)
        elif repeated:
            getattr(message, field.name).extend([value_of(field, at), value_of(field, at + 1)])
        else:
            setattr(message, field.name, value_of(field, at))
    return message


def as_json(message):
    """As the gateway writes it."""
    out = {}
    for field in message.DESCRIPTOR.fields:
        value = getattr(message, field.name)
        many = field.label == field.LABEL_REPEATED
        out[field.name] = [one(field, part) for part in value] if many else one(field, value)
    return out


def one(field, value):
    if field.type == field.TYPE_MESSAGE:
        return as_json(value)
    if field.type == field.TYPE_BYTES:
        return base64.b64encode(value).decode()
    if field.type == field.TYPE_ENUM:
        found = field.enum_type.values_by_number.get(value)
        return found.name if found else value
    if field.cpp_type in (field.CPPTYPE_INT64, field.CPPTYPE_UINT64):
        return str(value)
    return value


def write(out, target, name, content):
    (out / target).mkdir(parents=True, exist_ok=True)
    (out / target / name).write_bytes(content)


def from_protocol(out):
    messages, kinds = {}, {}
    for path in sorted(PROTO.glob("*.proto")):
        module = importlib.import_module(f"{path.stem}_pb2")
        for name in module.DESCRIPTOR.message_types_by_name:
            messages[name] = getattr(module, name)
        kinds.update(re.findall(r"^  (KIND_\w+) = \d+; *// *([A-Z][A-Za-z0-9]*)",
                                path.read_text(), re.M))
    envelope = importlib.import_module("envelope_pb2")
    for name, make in messages.items():
        message, head = fill(make()), name_hash(name).to_bytes(2, "big")
        write(out, "message", name, head + message.SerializeToString())
        write(out, "json", name, head + json.dumps(as_json(message), ensure_ascii=False).encode())
    for kind, name in kinds.items():
        if name in messages:
            whole = envelope.Envelope(version=1, request=7, kind=getattr(envelope, kind),
                                      timeout_ms=1000, body=fill(messages[name]()).SerializeToString())
            write(out, "envelope", kind.lower(), whole.SerializeToString())


def from_vectors(out):
    for line in (ROOT / "tests/vectors/v1.txt").read_text().splitlines():
        match = re.fullmatch(r"(receipt|refusal|enrol_code_text|stick\w*)\s*=\s*([0-9a-f]+)", line.strip())
        if match:
            write(out, "proof", match[1], bytes.fromhex(match[2]))


def from_plan(out):
    """The beginning of each file of a plan, below its name."""
    plans = ROOT / "deploy/plans"
    for folder, before in ((plans / "national", ""), (plans / "catalogue", "catalogue/")):
        for path in sorted(folder.glob("*.csv")):
            head = b"".join(path.read_bytes().splitlines(keepends=True)[:30])
            write(out, "plan", path.name, f"{before}{path.name}\n".encode() + head)


SHEET = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
WORKBOOK = {
    "[Content_Types].xml": "<Types/>",
    "_rels/.rels": f'<Relationships xmlns="{RELATIONS}"><Relationship Id="r" Type="{OFFICE}'
                   '/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{SHEET}" xmlns:r="{OFFICE}"><sheets><sheet name="村表"'
                       ' sheetId="1" r:id="a"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels":
        f'<Relationships xmlns="{RELATIONS}"><Relationship Id="a" Type="{OFFICE}/worksheet"'
        f' Target="worksheets/sheet1.xml"/><Relationship Id="s" Type="{OFFICE}/sharedStrings"'
        f' Target="sharedStrings.xml"/><Relationship Id="t" Type="{OFFICE}/styles"'
        ' Target="styles.xml"/></Relationships>',
    "xl/sharedStrings.xml": f'<sst xmlns="{SHEET}"><si><t>项号</t></si><si><r><t>儿</t></r><r>'
                            "<t>童</t></r></si></sst>",
    "xl/styles.xml": f'<styleSheet xmlns="{SHEET}"><numFmts><numFmt numFmtId="165" formatCode='
                     '"yyyy-mm-dd"/></numFmts><cellXfs><xf numFmtId="0"/><xf numFmtId="165"/><xf'
                     ' numFmtId="10"/></cellXfs></styleSheet>',
    "xl/worksheets/sheet1.xml":
        f'<worksheet xmlns="{SHEET}"><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1"'
        ' t="s"><v>1</v></c></row><row r="2"><c r="A2"><v>12</v></c><c r="B2" s="1"><v>45000</v>'
        '</c><c r="C2" s="2"><v>0.5</v></c><c r="D2" t="str"><f>1+1</f><v>2</v></c><c r="E2"'
        ' t="inlineStr"><is><t>１２</t></is></c><c r="F2" t="e"><v>#N/A</v></c></row></sheetData>'
        '<mergeCells><mergeCell ref="A3:B4"/></mergeCells></worksheet>',
}


def from_workbook(out):
    for name, way in (("stored", zipfile.ZIP_STORED), ("deflated", zipfile.ZIP_DEFLATED)):
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w", way) as archive:
            for part, text in WORKBOOK.items():
                archive.writestr(zipfile.ZipInfo(part), text, way)
        write(out, "xlsx", name, content.getvalue())


def from_keys(out):
    """Keys of nobody: their secrets are counted up."""
    from nacl.public import PrivateKey
    from nacl.signing import SigningKey
    files = []
    for first in (1, 2):
        secret = PrivateKey(bytes(range(first, first + 32)))
        files.append((bytes(secret.public_key), bytes(secret)))
    signing = SigningKey(bytes(range(3, 35)))
    files.append((bytes(signing.verify_key), bytes(signing) + bytes(signing.verify_key)))
    texts = [f"# 演示 demonstration\npublic = {public.hex()}\nsecret = {secret.hex()}\n"
             for public, secret in files]
    key = bytes(signing.verify_key)
    key_id = hashlib.sha256(b"zhibao/keyid/v1\0\1" + key).hexdigest()[:32]
    texts.append(f"key = {key_id} ed25519 {key.hex()}\n")
    write(out, "keys", "good", "\f".join(texts).encode())
    write(out, "keys", "exchanged", "\f".join(reversed(texts)).encode())


def main(modules, out):
    sys.path.insert(0, modules)
    from_protocol(Path(out))
    from_vectors(Path(out))
    from_plan(Path(out))
    from_workbook(Path(out))
    from_keys(Path(out))


if __name__ == "__main__":
    main(*sys.argv[1:])
