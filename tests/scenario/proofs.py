"""Receipts of a whole round: each verifies offline, none that was altered does."""

import base64

import layout
from client import pb
from nacl.signing import SigningKey


def all_records(server):
    """(kind, unit, id) of everything that was ever stored."""
    return [(int(kind), int(unit), bytes.fromhex(record)) for kind, unit, record in server.sql(
        "select 1, unit, encode(id, 'hex') from zhibao.report"
        " union all select kind, unit, encode(id, 'hex') from zhibao.report_event"
        " union all select kind, unit, encode(id, 'hex') from zhibao.registry_event")]


def check(stage):
    checks, folder = stage.checks, stage.workplace.path / "receipts"
    folder.mkdir()
    root = stage.client(3)  # the country's administrator sees everything
    paths, receipts = [], []
    for kind, unit, record in all_records(stage.server):
        answer = root.ask(pb().KIND_GET_RECEIPT, pb().GetReceipt(kind=kind, unit=unit, id=record))
        if answer.kind != "KIND_RECEIPT":
            checks.check(f"receipt of record {kind} {unit} {record.hex()}", False, str(answer))
            continue
        receipts.append(answer.body.receipt)
        paths.append(folder / f"{kind}-{unit}-{record.hex()}.zbr")
        paths[-1].write_bytes(answer.body.receipt)
        leaf = layout.verify_receipt(answer.body.receipt, root.pinned).leaf
        if (leaf.kind, leaf.unit, leaf.id) != (kind, unit, record):
            checks.check(f"receipt of record {kind} {unit} {record.hex()} is its own", False, leaf)
    kinds = {path.name[0] for path in paths}
    checks.check("reports, reviews, confirmations, locks, keys and the plan are among them",
                 kinds >= set("123456"), kinds)
    kept = sorted(stage.workplace.path.glob("homes/*/receipts/*.zbr"))
    checks.check(f"{len(kept)} receipts are kept in homes", len(kept) > len(receipts) // 2)
    known = {receipt[:135] for receipt in receipts}
    checks.check("each is of a stored record", all(
        path.read_bytes()[:135] in known for path in kept))
    record_folder = stage.workplace.path / "records"
    record_folder.mkdir()
    row = stage.track("court")[0]
    stage.ran(stage.homes["court"], "record", "get", "report", row["unit"], row["id"], "-o",
              record_folder)
    root.close()
    checks.equal("zhibaod stops cleanly", stage.server.stop(), 0)
    verify_offline(stage, paths, kept)
    verify_altered(stage, receipts)
    verify_against_record(stage, record_folder)
    verify_paper(stage, max(receipts, key=len))


def verify_offline(stage, paths, kept):
    office = stage.homes["office"]
    for name, files in (("of every record", paths), ("kept in homes", kept)):
        done = stage.ran(office, "verify", "--quiet", *files)
        stage.checks.check("verify speaks one language", "回执" not in done.stdout)
        stage.checks.check(f"{len(files)} receipts {name} verify offline",
                           f"receipts verified: {len(files)} of {len(files)}" in done.stdout,
                           done.stdout[-500:])
    done = stage.ran(office, "verify", paths[0])
    stage.checks.check("verify says in words what a receipt proves", "proves" in done.stdout)


def verify_altered(stage, receipts):
    checks, office = stage.checks, stage.homes["office"]
    receipt = max(receipts, key=len)
    folder = stage.workplace.path / "altered"
    folder.mkdir()
    forged = layout.forge_receipt(receipt, SigningKey.generate())
    spoilt = {f"byte{at:04}": receipt[:at] + bytes([receipt[at] ^ 1 << at % 8]) + receipt[at + 1:]
              for at in range(len(receipt))}
    spoilt |= {f"cut{at:04}": receipt[:at] for at in range(0, len(receipt), 7)}
    spoilt |= {"longer": receipt + b"\0", "forged": forged, "text": b"not a receipt", "none": b""}
    for name, data in spoilt.items():
        (folder / f"{name}.zbr").write_bytes(data)
    files = sorted(folder.iterdir())
    done = stage.ran(office, "verify", *files, code=1)
    checks.check(f"none of {len(files)} altered, cut or forged receipts verifies",
                 f"receipts verified: 0 of {len(files)}" in done.stdout, done.stdout[-500:])
    done = stage.ran(office, "verify", folder / "forged.zbr", code=1)
    checks.check("a self-made key's receipt: verify says that the key is not pinned",
                 "not pinned" in done.stdout, done.stdout)
    stage.ran(office, "verify", folder / "byte0010.zbr", code=1)
    stage.ran(office, "verify", "nowhere.zbr", code=2)


def verify_paper(stage, receipt):
    """The text of a printed receipt's QR code, as scanners and hands give it."""
    office, text = stage.homes["office"], "ZBR1:" + base64.urlsafe_b64encode(receipt).decode().rstrip("=")
    done = stage.ran(office, "verify", "--qr", text)
    stage.checks.check("a QR code's text verifies", "QR code: proves" in done.stdout, done.stdout)
    stage.ran(office, "verify", "--qr", f" {text[:70]}\r\n{text[70:]}\n")
    other = text[:200] + ("B" if text[200] == "A" else "A") + text[201:]
    for spoilt in (other, text[5:], text + "A" * 4000, text[:-9], "ZBR1:"):
        stage.ran(office, "verify", "--qr", spoilt, code=1)
    stage.ran(office, "verify", code=2)


def verify_against_record(stage, folder):
    office = stage.homes["office"]
    receipt, = folder.glob("*.zbr")
    record, = folder.glob("*.zbrec")
    stage.ran(office, "verify", receipt, "--record", record)
    data = pb().Record.FromString(record.read_bytes())
    data.payload = data.payload[:-1] + bytes([data.payload[-1] ^ 1])
    other = folder / "other.zbrec"
    other.write_bytes(data.SerializeToString())
    stage.ran(office, "verify", receipt, "--record", other, code=1)


