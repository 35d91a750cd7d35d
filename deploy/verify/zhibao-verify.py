#!/usr/bin/env python3
"""Verifies an evidence file of Zhibao, independently of its programs.

    zhibao-verify.py (--pins pins.conf | --key HEX) [--roots roots.zbw] FILE

Written from proto/PROTOCOL.md alone; needs Python 3.9 and nothing else. Nothing that the file brings
is trusted: only the aggregator's signing key, which has to come from somewhere else. Exit codes: 0
good, 1 does not verify (the reason is said), 2 wrong usage.

核验直报系统的证据文件，不用直报系统自己的程序；只信另外得到的服务器公钥。退出码：0 通过，1 不通过并说明原因，2 用法不对。
"""

import csv
import hashlib
import io
import re
import struct
import sys

ED25519 = 1
REPORT, REVIEW, CONFIRMATION, LOCK, KEY, PLAN, NOTICE = 1, 2, 3, 4, 5, 6, 8
ENROL, ROTATE = 1, 5
VALUE = 1
DOMAIN = {1: "report", 2: "review", 3: "confirmation", 4: "lock", 5: "keychange", 6: "plan", 8: "notice"}
HEADER, ROOT = 101, 182


class Bad(Exception):
    """Why it does not verify."""


# Ed25519, RFC 8032 section 5.1.7 with the curve's affine and extended formulas.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def recover_x(y, sign):
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    return P - x if x & 1 != sign else x


def point(data):
    y = int.from_bytes(data, "little")
    x = recover_x(y & (1 << 255) - 1, y >> 255)
    if x is None:
        return None
    y &= (1 << 255) - 1
    return x, y, 1, x * y % P


def add(p, q):
    a, b = (p[1] - p[0]) * (q[1] - q[0]) % P, (p[1] + p[0]) * (q[1] + q[0]) % P
    c, d = 2 * p[3] * q[3] * D % P, 2 * p[2] * q[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(scalar, p):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = add(result, p)
        p, scalar = add(p, p), scalar >> 1
    return result


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def is_signed(public, message, signature):
    if len(public) != 32 or len(signature) != 64:
        return False
    a, r, s = point(public), point(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = times(s, BASE), add(r, times(k, a))
    return ((left[0] * right[2] - right[0] * left[2]) % P == 0
            and (left[1] * right[2] - right[1] * left[2]) % P == 0)


def require_signed(what, domain, public, data, signature):
    if not is_signed(public, domain.encode() + b"\0" + data, signature):
        raise Bad(f"{what}: the signature is not good")


def sha(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def key_id(public):
    return sha(b"zhibao/keyid/v1\0", bytes([ED25519]), public)[:16]


# Messages: field number -> its values, in order (numbers, or bytes).
def fields(data):
    found, at = {}, 0

    def number():
        nonlocal at
        value = shift = 0
        while True:
            if at >= len(data) or shift > 63:
                raise Bad("a message is cut short")
            value |= (data[at] & 127) << shift
            at, shift = at + 1, shift + 7
            if data[at - 1] < 128:
                return value
    while at < len(data):
        tag = number()
        kind = tag & 7
        if kind == 0:
            value = number()
        else:
            size = {1: 8, 5: 4}.get(kind) if kind != 2 else number()
            if size is None or at + size > len(data):
                raise Bad("a message is cut short")
            value, at = data[at:at + size], at + size
        found.setdefault(tag >> 3, []).append(value)
    return found


def one(message, field, default=b""):
    return message.get(field, [default])[-1]


def packed(message, field):
    values = []
    for data in message.get(field, []):
        if isinstance(data, int):
            values.append(data)
            continue
        value = shift = 0
        for byte in data:
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                values.append(value)
                value = shift = 0
    return values


def doubles(message, field):
    return [number for data in message.get(field, []) for number, in struct.iter_unpack("<d", data)]


# PROTOCOL.md 5.4: what the receipt says, once it verifies.
def receipt(data, pins):
    if len(data) < 124 or data[:4] != b"ZBR1":
        raise Bad("a receipt is not one")
    leaf, index, nodes = data[4:119], int.from_bytes(data[119:123], "big"), data[123]
    at = 124 + 32 * nodes
    if nodes > 32 or len(data) != at + ROOT:
        raise Bad("a receipt has the wrong length")
    root = signed_root(data[at:], pins, checked=False)
    header, result = root[:HEADER], sha(b"\0", leaf)
    last, place = int.from_bytes(header[33:37], "big") - 1, index
    if index > last or leaf[0] != 1 or leaf[34] != ED25519:
        raise Bad("a receipt's leaf is not in its batch")
    for start in range(124, at, 32):
        sibling = data[start:start + 32]
        if last == 0:
            raise Bad("a receipt's path is too long")
        if place & 1 or place == last:
            result = sha(b"\1", sibling, result)
            while not place & 1 and place:
                place, last = place >> 1, last >> 1
        else:
            result = sha(b"\1", result, sibling)
        place, last = place >> 1, last >> 1
    if last or result != header[37:69]:
        raise Bad("a receipt's path does not lead to its root")
    return leaf, data[at:]


def signed_root(data, pins, checked=True):
    """PROTOCOL.md 5.6."""
    if len(data) != ROOT or data[0] != 1 or data[HEADER] != ED25519:
        raise Bad("a root is not one")
    public = pins.get(data[102:118])
    if public is None:
        raise Bad("a root is signed by a key that is not pinned")
    if checked:
        require_signed("a root", "zhibao/batch/v1", public, data[:HEADER], data[118:])
    return data


def parts(data):
    """The parts of the file, and where the last one begins."""
    if data[:4] != b"ZBV1":
        raise Bad("this is no evidence file")
    found, at = [], 4
    while at < len(data):
        if at + 5 > len(data):
            raise Bad("the file is cut short")
        kind, size = chr(data[at]), int.from_bytes(data[at + 1:at + 5], "big")
        if at + 5 + size > len(data):
            raise Bad("the file is cut short")
        found.append((kind, data[at + 5:at + 5 + size], at))
        at += 5 + size
    if not found or found[-1][0] != "S" or any(kind not in "CRW" for kind, _, _ in found[:-1]):
        raise Bad("the parts are not those of an evidence file")
    if [kind for kind, _, _ in found].count("C") != 1:
        raise Bad("it has to claim something, once")
    return found


class Stored:
    """A record with its receipt."""

    def __init__(self, data, pins):
        size = int.from_bytes(data[:4], "big")
        if size + 4 > len(data):
            raise Bad("a record is cut short")
        record = fields(data[4:4 + size])
        self.kind, self.payload = one(record, 1, 0), one(record, 2)
        self.key, self.signature = one(record, 3), one(record, 5)
        leaf, self.root = receipt(data[4 + size:], pins)
        self.unit, self.id = int.from_bytes(leaf[2:10], "big"), leaf[10:26]
        self.message = fields(self.payload)
        head = fields(one(self.message, 1))
        if (self.kind != leaf[1] or self.key != leaf[35:51] or one(record, 4, 0) != ED25519
                or sha(self.payload) != leaf[51:83] or sha(self.signature) != leaf[83:115]
                or one(head, 1) != self.id or one(head, 2, 0) != self.unit):
            raise Bad(f"record {self.id.hex()} is not the one that its receipt is for")
        self.number = int.from_bytes(self.root[17:25], "big")

    def __str__(self):
        return f"{DOMAIN.get(self.kind, 'record')} {self.id.hex()} of unit {self.unit}"


def keys_of(records):
    """key id -> (unit, public key), of every enrolment among the records."""
    found = {}
    for record in records:
        if record.kind == KEY and one(record.message, 2, 0) in (ENROL, ROTATE):
            public = one(record.message, 6)
            found[key_id(public)] = (one(record.message, 3, 0), public)
    return found


def check_signatures(records, pins):
    """Every record signed by a key of its unit; returns those whose key the file does not have."""
    known, without = keys_of(records), []
    for record in records:
        unit, public = known.get(record.key, (None, None))
        if record.kind == NOTICE:  # the aggregator's own word
            public = pins.get(record.key)
        elif public is None:
            without.append(record)
            continue
        elif unit not in (record.unit, one(record.message, 14, 0)):
            raise Bad(f"{record} is signed by a key of another unit")
        if public is None or record.kind not in DOMAIN:
            raise Bad(f"{record} is signed by nobody known")
        require_signed(str(record), f"zhibao/{DOMAIN[record.kind]}/v1", public, record.payload,
                       record.signature)
    return without


def check_chain(roots, records, pins, witnessed):
    """The roots are one unbroken chain, and every receipt's batch is in it."""
    previous = bytes(32)
    for number, root in enumerate(roots, 1):
        if int.from_bytes(root[17:25], "big") != number or root[69:101] != previous:
            raise Bad(f"the chain of roots breaks at batch {number}")
        previous = sha(root[:HEADER])
    needed = {record.number for record in records} | {len(roots)}
    for number in sorted(needed):  # those between are linked by hash
        if not 0 < number <= len(roots):
            raise Bad(f"batch {number} is not in the chain of roots")
        signed_root(roots[number - 1], pins)
    for record in records:
        if roots[record.number - 1] != record.root:
            raise Bad(f"{record}: its receipt is of another history than the roots")
    for number, root in enumerate(witnessed, 1):
        if number <= len(roots) and root[:HEADER] != roots[number - 1][:HEADER]:
            raise Bad(f"batch {number} is not what the witness saw: the history forks")


class Plan:
    """What the plan as signed says of forms and indicators."""

    def __init__(self, record):
        files = {}
        for data in record.message.get(3, []):
            file = fields(data)
            files[one(file, 1).decode()] = one(file, 2)

        def rows(name):
            text = files.get(name, b"").decode("utf-8-sig")
            return list(csv.DictReader(io.StringIO(text)))
        self.cells = {}
        for row in rows("cells.csv"):
            tags = frozenset(tag for tag in row["stratum"].split(";") if tag)
            self.cells.setdefault(row["form"], {})[int(row["cell"])] = (row["element"], tags)
        self.indicators = {row["indicator"]: row
                           for row in rows("catalogue/indicators.csv") + rows("indicators.csv")}


def element_sum(plan, reports, element, tags):
    """An element over all reports: its own cell, or the cells that make up the whole. None: nobody gave it."""
    total, given = 0.0, False
    for form, values in reports:
        found = {}  # names of the other tags -> sum
        for number, (name, cell_tags) in plan.cells.get(form, {}).items():
            if name == element and tags <= cell_tags and number in values:
                rest = frozenset(tag.split("=")[0] for tag in cell_tags - tags)
                found[rest] = found.get(rest, 0.0) + values[number]
        if found:
            total, given = total + found[min(found, key=len)], True
    return total if given else None


def expression(plan, reports, text, stratum):
    total, sign = 0.0, 1
    for term in re.findall(r"[+-]|[^+\-\s]+(?:\{[^}]*\})?", text):
        if term in "+-":
            sign = 1 if term == "+" else -1
            continue
        name, _, inner = term.partition("{")
        tags = frozenset(tag for tag in inner.rstrip("}").split(";") if tag) | stratum
        value = element_sum(plan, reports, name, tags)
        if value is None:
            return None
        total, sign = total + sign * value, 1
    return total


def near(a, b):
    return abs(a - b) <= 1e-9 * max(1.0, abs(a), abs(b))


def check_claim(text, records):
    """What is claimed is what the reports add up to. Returns (recomputed, figures)."""
    lines = [line.split(" ") for line in text.decode().splitlines()]
    claim = {line[0]: line[1] for line in lines if line[0] not in ("figure", "report")}
    plans = [record for record in records if record.kind == PLAN]
    if len(plans) != 1 or one(plans[0].message, 2).decode() != claim["plan"]:
        raise Bad("the plan that is claimed is not in the file")
    plan, reports = Plan(plans[0]), []
    stored = {(record.unit, record.id.hex()): record for record in records if record.kind == REPORT}
    accepted = {(one(subject, 1, 0), one(subject, 2)) for record in records
                if record.kind == REVIEW and one(record.message, 4, 0) == 1
                for subject in [fields(one(record.message, 3))]}
    for line in lines:
        if line[0] != "report":
            continue
        record = stored.pop((int(line[1]), line[2]), None)
        if record is None or one(record.message, 5, 0) != int(claim["year"]):
            raise Bad(f"report {line[2]} that is claimed is not in the file")
        if (record.unit, record.id) not in accepted:
            raise Bad(f"{record} counts without an acceptance in the file")
        columns = fields(one(record.message, 9))
        values = {cell: value for cell, presence, value in zip(
            packed(columns, 1), packed(columns, 2), doubles(columns, 3)) if presence == VALUE}
        reports.append((one(record.message, 3).decode(), values))
    if stored:
        raise Bad("there are reports in the file that nothing claims")
    figures = [line[1:] for line in lines if line[0] == "figure"]
    recomputed = sum(check_figure(plan, reports, *figure) for figure in figures)
    return recomputed, len(figures), len(reports), claim


def check_figure(plan, reports, code, stratum, presence, value, numerator=None, denominator=None):
    """Whether it could be worked out anew: sums and ratios of sums. Bad when it is another."""
    row = plan.indicators.get(code)
    if row is None or int(presence) != VALUE or row["kind"] not in ("ratio", "count", "measure"):
        return False
    tags = frozenset() if stratum == "-" else frozenset(stratum.split(";"))
    if any(tag.startswith("area=") for tag in tags):  # by the villages' codes, not by cells
        return False
    own = expression(plan, reports, row["numerator"], tags)
    if own is None:
        return False
    if row["denominator"]:
        below = expression(plan, reports, row["denominator"], tags)
        if not below:
            return False
        factor = float(row["factor"] or 1)
        if not near(own, float(numerator)) or not near(below, float(denominator)):
            raise Bad(f"{code}: {numerator}/{denominator} is claimed, {own:g}/{below:g} was reported")
        own = own / below * factor
    if not near(own, float(value)):
        raise Bad(f"{code} {stratum}: {value} is claimed, {own:.17g} was reported")
    return True


def verify(data, pins, witnessed=()):
    """A sentence when everything verifies; Bad with the reason when not."""
    found = parts(data)
    records = [Stored(body, pins) for kind, body, _ in found if kind == "R"]
    if len({(record.kind, record.unit, record.id) for record in records}) != len(records):
        raise Bad("a record is there twice")
    roots = [body[i:i + ROOT] for kind, body, _ in found if kind == "W"
             for i in range(0, len(body), ROOT)]
    if not records or not roots:
        raise Bad("there is nothing behind the claim")
    check_chain(roots, records, pins, witnessed)
    without = check_signatures(records, pins)
    claim = next(body for kind, body, _ in found if kind == "C")
    recomputed, figures, reports, said = check_claim(claim, records)
    _, seal, at = found[-1]
    unit, public = keys_of(records).get(seal[:16], (None, None))
    if public is None:
        raise Bad("who took it away is not enrolled in the file")
    require_signed("the seal", "zhibao/evidence/v1", public, sha(data[:at]), seal[16:])
    return (f"verified: {figures} figures of place {said['place']} in {said['year']}, {recomputed} of them worked out"
            f" anew from {reports} reports; {len(records)} signed records, each with its receipt, {len(records) - len(without)}"
            f" of their signatures checked against keys enrolled in the file, the others ({len(without)}) by their receipts"
            f" alone; {len(roots)} roots in one chain; taken away by unit {unit}\n"
            f"last root: batch {len(roots)} sha256={sha(roots[-1][:HEADER]).hex()}"
            f"{'' if witnessed else ' (compare it with a witness: only witnesses reveal a history written anew)'}")


def read_pins(arguments):
    pins = {}
    for option, value in arguments:
        if option == "--key":
            texts = [value]
        else:
            with open(value, encoding="utf-8") as file:
                texts = re.findall(r"^key = [0-9a-f]{32} ed25519 ([0-9a-f]{64})$", file.read(), re.M)
        for text in texts:
            pins[key_id(bytes.fromhex(text))] = bytes.fromhex(text)
    return pins


def main(words):
    options, files = [], []
    words = list(words)
    while words:
        word = words.pop(0)
        if word in ("--pins", "--key", "--roots") and words:
            options.append((word, words.pop(0)))
        elif word.startswith("-"):
            files = []
            break
        else:
            files.append(word)
    if len(files) != 1 or not any(option != "--roots" for option, _ in options):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    try:
        pins = read_pins([pair for pair in options if pair[0] != "--roots"])
        witnessed = []
        for _, path in (pair for pair in options if pair[0] == "--roots"):
            with open(path, "rb") as file:
                book = file.read()
            witnessed = [signed_root(book[i:i + ROOT], pins, checked=False)
                         for i in range(4, len(book), ROOT)]
        with open(files[0], "rb") as file:
            print(verify(file.read(), pins, witnessed))
        return 0
    except OSError as error:
        print(f"cannot read: {error}", file=sys.stderr)
        return 2
    except (Bad, ValueError, KeyError, IndexError, TypeError, AttributeError, struct.error) as error:
        reason = str(error) if isinstance(error, Bad) else f"it is damaged ({error!r})"
        print(f"does NOT verify 核验不通过: {reason}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
