"""The fixed layouts of proto/PROTOCOL.md sections 3, 4.2, 5 and 7, written anew from that page.

Pure functions over bytes. Verification raises BadProof with the reason.
"""

import base64
import struct
from dataclasses import dataclass
from hashlib import sha256

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

ED25519 = 1
HEADER_BYTES = 101
LEAF_BYTES = 115
REFUSAL_BYTES = 185
REPORT, REVIEW, CONFIRMATION, LOCK, KEY, PLAN, NOTICE, DOCUMENT = 1, 2, 3, 4, 5, 6, 8, 12
CALENDAR, EXTENSION, PLACE_CHANGE = 9, 10, 13
TASK = 11
TASK_ESCALATION = 16
CONTACT = 14
COMMENT = 20
CARRIER = 15
CASE_REPORT, CASE_DIRECTORY, CASE_EVENT, CASE_READ = 30, 31, 32, 33
CASE_PIECE = 46
CASE_KEY_END = 47
DOMAIN = {
    REPORT: b"zhibao/report/v1",
    REVIEW: b"zhibao/review/v1",
    CONFIRMATION: b"zhibao/confirmation/v1",
    LOCK: b"zhibao/lock/v1",
    KEY: b"zhibao/keychange/v1",
    PLAN: b"zhibao/plan/v1",
    NOTICE: b"zhibao/notice/v1",
    DOCUMENT: b"zhibao/document/v1",
    PLACE_CHANGE: b"zhibao/placechange/v1",
    TASK: b"zhibao/task/v1",
    TASK_ESCALATION: b"zhibao/taskescalation/v1",
    CALENDAR: b"zhibao/calendar/v1",
    EXTENSION: b"zhibao/extension/v1",
    CONTACT: b"zhibao/contact/v1",
    COMMENT: b"zhibao/comment/v1",
    CARRIER: b"zhibao/carriergrant/v1",
    CASE_REPORT: b"zhibao/casereport/v1",
    CASE_DIRECTORY: b"zhibao/casedirectory/v1",
    CASE_EVENT: b"zhibao/caseevent/v1",
    CASE_READ: b"zhibao/caseread/v1",
    CASE_PIECE: b"zhibao/casepiece/v1",
    CASE_KEY_END: b"zhibao/casekeyend/v1",
}
BATCH_DOMAIN = b"zhibao/batch/v1"
REFUSAL_DOMAIN = b"zhibao/refusal/v1"
RECEIPT_HEAD = struct.Struct(">4s115sIB")
LEAF = struct.Struct(">BBQ16sqB16s32s32s")
HEADER = struct.Struct(">B16sQqI32s32s")
REFUSAL = struct.Struct(">4sBBQ16s32sqH32sB16s64s")


class BadProof(Exception):
    pass


def digest(data):
    return sha256(data).digest()


def key_id(public, algorithm=ED25519):
    return digest(b"zhibao/keyid/v1\0" + bytes([algorithm]) + public)[:16]


def sign(domain, data, signing_key):
    return signing_key.sign(domain + b"\0" + data).signature


def require_signature(domain, data, signature, public):
    try:
        VerifyKey(public).verify(domain + b"\0" + data, signature)
    except (BadSignatureError, ValueError) as error:
        raise BadProof("signature") from error


@dataclass
class Leaf:
    kind: int
    unit: int
    id: bytes
    received_us: int
    key: bytes
    payload_sha256: bytes
    signature_sha256: bytes


@dataclass
class Receipt:
    leaf: Leaf
    index: int
    path: list
    header: bytes
    number: int
    leaves: int


def climb(leaf_hash, index, count, path):
    """RFC 9162 section 2.1.3.2."""
    if index >= count:
        raise BadProof("index")
    position, last, result = index, count - 1, leaf_hash
    for sibling in path:
        if last == 0:
            raise BadProof("path too long")
        if position & 1 or position == last:
            result = digest(b"\1" + sibling + result)
            while not position & 1 and position:
                position, last = position >> 1, last >> 1
        else:
            result = digest(b"\1" + result + sibling)
        position, last = position >> 1, last >> 1
    if last != 0:
        raise BadProof("path too short")
    return result


def verify_receipt(data, pinned):
    """`pinned`: raw signing keys that are trusted. Section 5.4 (a) to (c)."""
    if len(data) < RECEIPT_HEAD.size:
        raise BadProof("length")
    magic, leaf_bytes, index, nodes = RECEIPT_HEAD.unpack_from(data)
    at = RECEIPT_HEAD.size + 32 * nodes
    if magic != b"ZBR1" or nodes > 32 or len(data) != at + HEADER_BYTES + 81:
        raise BadProof("layout")
    path = [data[i : i + 32] for i in range(RECEIPT_HEAD.size, at, 32)]
    header, algorithm = data[at : at + HEADER_BYTES], data[at + HEADER_BYTES]
    signer, signature = data[at + HEADER_BYTES + 1 : -64], data[-64:]
    (version, kind, unit, record, received, signed_with, key, payload,
     author) = LEAF.unpack(leaf_bytes)
    header_version, _chain, number, _time, leaves, root, _previous = HEADER.unpack(header)
    if version != 1 or header_version != 1 or algorithm != ED25519 or signed_with != ED25519:
        raise BadProof("version or algorithm")
    public = next((key for key in pinned if key_id(key) == signer), None)
    if public is None:
        raise BadProof("key is not pinned")
    if climb(digest(b"\0" + leaf_bytes), index, leaves, path) != root:
        raise BadProof("root")
    require_signature(BATCH_DOMAIN, header, signature, public)
    leaf = Leaf(kind, unit, record, received, key, payload, author)
    return Receipt(leaf, index, path, header, number, leaves)


def forge_receipt(receipt, signing_key):
    """The same statement, signed by a key of one's own."""
    header = receipt[-HEADER_BYTES - 81 : -81]
    own = key_id(bytes(signing_key.verify_key))
    return receipt[:-81] + bytes([ED25519]) + own + sign(BATCH_DOMAIN, header, signing_key)


def verify_refusal(data, error, pinned):
    """Section 5.5. Returns (kind, unit, id, payload hash, code)."""
    if len(data) != REFUSAL_BYTES:
        raise BadProof("length")
    (magic, version, kind, unit, record, payload, _time, code, error_hash, algorithm, signer,
     signature) = REFUSAL.unpack(data)
    if magic != b"ZBX1" or version != 1 or algorithm != ED25519:
        raise BadProof("layout")
    public = next((key for key in pinned if key_id(key) == signer), None)
    if public is None:
        raise BadProof("key is not pinned")
    require_signature(REFUSAL_DOMAIN, data[:121], signature, public)
    if digest(error) != error_hash:
        raise BadProof("error")
    return kind, unit, record, payload, code


@dataclass
class EnrolCode:
    curve: bytes
    sign: bytes
    unit: int
    code_id: bytes
    secret: bytes
    endpoint: str


def parse_enrol_code(text):
    if not text.startswith("ZB1-"):
        raise BadProof("prefix")
    body = text[4:]
    data = base64.urlsafe_b64decode(body + "=" * (-len(body) % 4))
    if digest(data[:-4])[:4] != data[-4:] or data[0] != 1 or len(data) != 102 + data[97]:
        raise BadProof("code")
    unit = int.from_bytes(data[65:73], "big")
    endpoint = data[98 : 98 + data[97]].decode()
    return EnrolCode(data[1:33], data[33:65], unit, data[73:81], data[81:97], endpoint)


def format_enrol_code(code):
    data = (b"\1" + code.curve + code.sign + code.unit.to_bytes(8, "big") + code.code_id
            + code.secret + bytes([len(code.endpoint)]) + code.endpoint.encode())
    data += digest(data)[:4]
    return "ZB1-" + base64.urlsafe_b64encode(data).decode().rstrip("=")


