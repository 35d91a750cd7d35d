#!/usr/bin/python3
"""The checker checked: it reproduces the test vectors, accepts a good run, and finds each fault.

    check_test.py"""

import contextlib
import io
import os
import struct
import sys
import tempfile
from pathlib import Path

import check

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "v1.txt"
CHAIN_ID = b"c" * 16
UNIT = 450223100001000


def vectors():
    """name -> bytes of tests/vectors/v1.txt."""
    found = {}
    for line in VECTORS.read_text(encoding="ascii").splitlines():
        name, equals, value = line.partition(" = ")
        if equals:
            found[name.strip()] = bytes.fromhex(value.strip())
    return found


def recursive_root(leaves):
    """RFC 6962 section 2.1 word by word, to compare the level-wise tree with."""
    if len(leaves) == 1:
        return leaves[0]
    split = 1
    while split * 2 < len(leaves):
        split *= 2
    return check.sha256(b"\x01" + recursive_root(leaves[:split]) + recursive_root(leaves[split:]))


class World:
    """A run without faults: batches of 1, 2, 3, 7 reports, and its histories."""

    SIZES = (1, 2, 3, 7)

    def __init__(self):
        self.batches, self.rows, self.lines = [], [], []
        previous = bytes(32)
        for number, size in enumerate(self.SIZES, 1):
            rows = [self.row(number, leaf, sum(self.SIZES[:number - 1]) + leaf + 1)
                    for leaf in range(size)]
            leaves = [check.sha256(b"\x00" + check.leaf_bytes(row)) for row in rows]
            levels = check.tree_levels(leaves)
            header = struct.pack(">B16sQqI32s32s", 1, CHAIN_ID, number, number * 1000, size,
                                 levels[-1][0], previous)
            batch = [1, number, number * 1000, size, b"".join(leaves), header,
                     check.sha256(header), 1, b"k" * 16, b"s" * 64]
            previous = check.sha256(header)
            self.batches.append(batch)
            sealed = check.Batch(tsv(batch))
            for row in rows:
                receipt = check.receipt_bytes(row, levels, sealed)
                self.rows.append(fields(row))
                self.lines += [self.put(row), ["2", "SENT", row.id.hex()],
                               ["3", "RECEIPT", row.id.hex(), check.sha256(receipt).hex()]]
        self.lines += [["4", "PUT", "ee" * 16, "dd" * 32, str(UNIT), "2021", "99"],
                       ["5", "REFUSED", "ee" * 16, "139"]]

    @staticmethod
    def row(number, leaf, revision):
        payload = b"payload %d %d" % (number, leaf)
        return check.Row(tsv([1, number, leaf, 1, UNIT, check.sha256(payload)[:16], 5, 1, b"k" * 16,
                              check.sha256(payload), payload, b"s" * 64, "", 2021, revision]))

    @staticmethod
    def put(row):
        return ["1", "PUT", row.id.hex(), row.payload_sha256.hex(), str(row.unit), str(row.period),
                str(row.revision)]

    def judge(self):
        """(violations, what the checker printed)"""
        with tempfile.TemporaryDirectory() as directory:
            Path(directory, "chain.tsv").write_text(f"1\t{CHAIN_ID.hex()}\n", encoding="ascii")
            Path(directory, "batch.tsv").write_text("".join(map(tsv, self.batches)),
                                                    encoding="ascii")
            Path(directory, "record.tsv").write_text("".join(map(tsv, self.rows)),
                                                     encoding="ascii")
            Path(directory, "home.log").write_text(
                "".join(" ".join(line) + "\n" for line in self.lines), encoding="ascii")
            judge = check.Judge()
            said = io.StringIO()
            with contextlib.redirect_stdout(said):
                judge.read_histories(directory)
                judge.judge_outcomes()
                judge.judge_database(directory)
            return judge.violations, said.getvalue()


def fields(row):
    return [row.chain, row.batch, row.leaf, row.kind, row.unit, row.id, row.received_us,
            row.algorithm, row.key_id, row.payload_sha256, row.payload, row.signature, row.event,
            row.period, row.revision]


def tsv(values):
    return "\t".join(value.hex() if isinstance(value, bytes) else str(value)
                     for value in values) + "\n"


# --- faults: each changes a good world ------------------------------------------------------------

def row_lost(world):
    del world.rows[-1]


def row_twice(world):
    world.rows.append(list(world.rows[-1]))


def payload_changed(world):
    world.rows[4][10] = b"another payload"


def payload_and_hash_changed(world):
    world.rows[4][10] = b"another payload"
    world.rows[4][9] = check.sha256(b"another payload")


def signature_changed(world):
    world.rows[4][11] = b"t" * 64


def time_changed(world):
    world.rows[4][6] = 6


def rows_swapped(world):
    world.rows[4][5], world.rows[5][5] = world.rows[5][5], world.rows[4][5]


def batch_lost(world):
    del world.batches[1]
    world.rows = [row for row in world.rows if row[1] != 2]


def last_batch_lost(world):
    del world.batches[-1]
    world.rows = [row for row in world.rows if row[1] != len(World.SIZES)]


def empty_batch(world):
    world.rows = [row for row in world.rows if row[1] != 3]


def header_changed(world):
    world.batches[1][5] = world.batches[1][5][:-1] + b"x"


def header_and_hash_changed(world):
    header_changed(world)
    world.batches[1][6] = check.sha256(world.batches[1][5])


def leaves_changed(world):
    world.batches[3][4] = world.batches[3][4][:-1] + b"x"


def receipt_of_another_batch(world):
    receipts = [line for line in world.lines if line[1] == "RECEIPT"]
    receipts[0][3] = receipts[1][3]


def two_receipts(world):
    line = next(line for line in world.lines if line[1] == "RECEIPT")
    world.lines.append(line[:3] + ["00" * 32])


def no_outcome(world):
    world.lines = [line for line in world.lines if line[1] != "REFUSED"]


def two_outcomes(world):
    world.lines.append(["9", "RECEIPT", "ee" * 16, "00" * 32])


def refused_and_stored(world):
    line = next(line for line in world.lines if line[1] == "RECEIPT")
    world.lines.remove(line)
    world.lines.append(["9", "REFUSED", line[2], "139"])


def stored_and_never_put(world):
    record = world.rows[0][5].hex()
    world.lines = [line for line in world.lines if line[2] != record]


def put_differs(world):
    line = next(line for line in world.lines if line[1] == "PUT")
    line[3] = "00" * 32


def put_twice(world):
    world.lines.append(next(line for line in world.lines if line[1] == "PUT"))


def revision_differs(world):
    world.rows[0][14] = 98


def revision_missing(world):
    for values in world.rows[5:]:
        values[14] += 1
    for line in world.lines:
        if line[1] == "PUT" and int(line[6]) > 5:
            line[6] = str(int(line[6]) + 1)


def bad_signature(world):
    world.rows[0][12] = "bad_signature"


FAULTS = (row_lost, row_twice, payload_changed, payload_and_hash_changed, signature_changed,
          time_changed, rows_swapped, batch_lost, last_batch_lost, empty_batch, header_changed,
          header_and_hash_changed, leaves_changed, receipt_of_another_batch, two_receipts,
          no_outcome, two_outcomes, refused_and_stored, stored_and_never_put, put_differs,
          put_twice, revision_differs, revision_missing, bad_signature)


def main():
    failed = 0

    def expect(name, condition, detail=""):
        nonlocal failed
        failed += not condition
        print(f"{'ok  ' if condition else 'FAIL'} {name}{'' if condition else ' ' + detail}")

    known = vectors()
    expect("leaf hash of the vectors",
           check.sha256(b"\x00" + known["leaf"]) == known["leaf_hash"])
    expect("header of the vectors", check.Header(known["batch_header"]).root == known["tree_root"])
    for count in range(1, 70):
        leaves = [check.sha256(struct.pack(">I", i)) for i in range(count)]
        if check.tree_levels(leaves)[-1][0] != recursive_root(leaves):
            expect(f"tree of {count}", False)
    violations, said = World().judge()
    expect("a good run has no violation", violations == 0, said)
    for fault in FAULTS:
        world = World()
        fault(world)
        violations, _ = world.judge()
        expect(f"found: {fault.__name__.replace('_', ' ')}", violations > 0)
    return 1 if failed else 0


if __name__ == "__main__":
    os.chdir("/")
    sys.exit(main())
