#!/usr/bin/python3
"""Judges a fault run from two things alone: the homes' histories and a dump of the database.

    check.py --histories DIR --dump DIR

Written from proto/PROTOCOL.md section 5 and RFC 6962; shares no source with the server or the
client. Histories are described in history.h, the dump in faults.py. Exit code 0: no violation."""

import argparse
import hashlib
import os
import struct
import sys

SHOWN_MOST = 20


def sha256(data):
    return hashlib.sha256(data).digest()


# --- RFC 6962 section 2.1 and 2.1.1 -----------------------------------------------------------

def tree_levels(leaf_hashes):
    """Levels from the leaves to the root. A last node without a sibling rises as it is: the same
    tree as splitting at the largest power of two."""
    levels = [leaf_hashes]
    while len(levels[-1]) > 1:
        below = levels[-1]
        above = [sha256(b"\x01" + below[i] + below[i + 1]) for i in range(0, len(below) - 1, 2)]
        if len(below) % 2:
            above.append(below[-1])
        levels.append(above)
    return levels


def tree_path(levels, index):
    path = []
    for level in levels[:-1]:
        sibling = index ^ 1
        if sibling < len(level):
            path.append(level[sibling])
        index //= 2
    return path


# --- the layouts of PROTOCOL.md section 5 ---------------------------------------------------------

def leaf_bytes(row):
    return struct.pack(">BBQ16sqB16s32s32s", 1, row.kind, row.unit, row.id, row.received_us,
                       row.algorithm, row.key_id, sha256(row.payload), sha256(row.signature))


class Header:
    SIZE = 101

    def __init__(self, data):
        if len(data) != self.SIZE:
            raise ValueError(f"a header has {self.SIZE} bytes, not {len(data)}")
        (self.version, self.chain_id, self.number, self.time_us, self.leaf_count, self.root,
         self.previous) = struct.unpack(">B16sQqI32s32s", data)


def receipt_bytes(row, levels, batch):
    path = tree_path(levels, row.leaf)
    return (b"ZBR1" + leaf_bytes(row) + struct.pack(">IB", row.leaf, len(path)) + b"".join(path) +
            batch.header + struct.pack(">B", batch.algorithm) + batch.key_id + batch.signature)


# --- what is read -----------------------------------------------------------------------------

class Row:
    """A stored record, from record.tsv."""

    def __init__(self, line):
        field = line.rstrip("\n").split("\t")
        self.chain, self.batch, self.leaf = int(field[0]), int(field[1]), int(field[2])
        self.kind, self.unit, self.id = int(field[3]), int(field[4]), bytes.fromhex(field[5])
        self.received_us, self.algorithm = int(field[6]), int(field[7])
        self.key_id = bytes.fromhex(field[8])
        self.payload_sha256 = bytes.fromhex(field[9])
        self.payload = bytes.fromhex(field[10])
        self.signature = bytes.fromhex(field[11])
        self.event = field[12]
        self.period, self.revision = int(field[13]), int(field[14])


class Batch:
    """A batch, from batch.tsv."""

    def __init__(self, line):
        field = line.rstrip("\n").split("\t")
        self.chain, self.number, self.time_us = int(field[0]), int(field[1]), int(field[2])
        self.leaf_count = int(field[3])
        leaves = bytes.fromhex(field[4])
        self.leaves = [leaves[i:i + 32] for i in range(0, len(leaves), 32)]
        self.header = bytes.fromhex(field[5])
        self.header_sha256 = bytes.fromhex(field[6])
        self.algorithm = int(field[7])
        self.key_id, self.signature = bytes.fromhex(field[8]), bytes.fromhex(field[9])


class Report:
    """What a home says of one report."""
    __slots__ = ("payload", "unit", "period", "revision", "puts", "sent", "receipt", "refused")

    def __init__(self):
        self.payload = None
        self.unit = self.period = self.revision = self.puts = self.sent = 0
        self.receipt = self.refused = None


class Judge:
    def __init__(self):
        self.violations = 0
        self.counts = {}
        self.reports = {}

    def count(self, what, number=1):
        self.counts[what] = self.counts.get(what, 0) + number

    def violated(self, what):
        self.violations += 1
        if self.violations <= SHOWN_MOST:
            print(f"VIOLATION {what}")
        elif self.violations == SHOWN_MOST + 1:
            print("VIOLATION ... more are counted, not shown")

    def expect(self, condition, what):
        if not condition:
            self.violated(what)

    # --- histories --------------------------------------------------------------------------

    def read_histories(self, directory):
        names = sorted(name for name in os.listdir(directory) if name.endswith(".log"))
        self.expect(names, f"no histories in {directory}")
        for name in names:
            self.count("homes")
            with open(os.path.join(directory, name), encoding="ascii") as lines:
                for line in lines:
                    self.read_event(name, line)

    def read_event(self, name, line):
        field = line.split()
        event, report_id = field[1], bytes.fromhex(field[2])
        report = self.reports.get(report_id)
        if report is None:
            report = self.reports[report_id] = Report()
        if event in ("PUT", "HELD"):
            self.read_put(name, report_id, report, field)
        elif event == "SENT":
            report.sent += 1
        elif event == "RECEIPT":
            receipt = bytes.fromhex(field[3])
            self.expect(report.receipt in (None, receipt),
                        f"{name}: {report_id.hex()} has two different receipts")
            report.receipt = receipt
        elif event == "REFUSED":
            report.refused = int(field[3])
        else:
            self.violated(f"{name}: unknown event {event}")

    def read_put(self, name, report_id, report, field):
        said = (bytes.fromhex(field[3]), int(field[4]), int(field[5]), int(field[6]))
        known = (report.payload, report.unit, report.period, report.revision)
        self.expect(report.payload is None or known == said,
                    f"{name}: {report_id.hex()} was put twice with different contents")
        report.payload, report.unit, report.period, report.revision = said
        if field[1] == "PUT":
            report.puts += 1
            self.expect(report.puts == 1, f"{name}: {report_id.hex()} was put twice")

    def judge_outcomes(self):
        for report_id, report in self.reports.items():
            name = f"report {report_id.hex()} of {report.unit}"
            self.count("put")
            self.count("sends", report.sent)
            if report.payload is None:
                # a RECEIPT whose PUT line died with the home: the row is compared all the same
                self.count("put lines lost with a killed home")
            if report.receipt is not None:
                self.count("receipted")
            if report.refused is not None:
                self.count("refused")
            self.expect((report.receipt is None) != (report.refused is None),
                        f"{name} ends in neither or both of receipt and refusal")

    # --- the database -----------------------------------------------------------------------

    def judge_database(self, directory):
        chains = {}
        with open(os.path.join(directory, "chain.tsv"), encoding="ascii") as lines:
            for line in lines:
                chain, chain_id = line.split()
                chains[int(chain)] = bytes.fromhex(chain_id)
        batches = {}
        with open(os.path.join(directory, "batch.tsv"), encoding="ascii") as lines:
            for line in lines:
                batch = Batch(line)
                self.count("batches")
                self.judge_link(batch, batches.get((batch.chain, batch.number - 1)),
                                chains.get(batch.chain))
                self.expect((batch.chain, batch.number) not in batches,
                            f"batch {batch.number} is there twice")
                batches[batch.chain, batch.number] = batch
        self.judge_rows(os.path.join(directory, "record.tsv"), batches)

    def judge_link(self, batch, before, chain_id):
        """In order of number: nothing is missing, and each names the one before."""
        name = f"batch {batch.number}"
        try:
            header = Header(batch.header)
        except ValueError as problem:
            self.violated(f"{name}: {problem}")
            return
        if batch.number == 1:
            self.expect(header.previous == bytes(32), f"{name}: the first names one before it")
        elif before is None:
            self.violated(f"{name}: the one before it is missing")
        else:
            self.expect(header.previous == sha256(before.header),
                        f"{name}: does not link to the one before it")
        self.expect(header.version == 1 and header.number == batch.number and
                    header.time_us == batch.time_us and header.leaf_count == batch.leaf_count and
                    header.chain_id == chain_id, f"{name}: header and columns differ")
        self.expect(batch.header_sha256 == sha256(batch.header), f"{name}: header hash is wrong")
        self.expect(len(batch.leaves) == batch.leaf_count, f"{name}: number of leaves is wrong")

    def judge_rows(self, path, batches):
        stored, series, current, rows = set(), {}, None, []
        with open(path, encoding="ascii") as lines:
            for line in lines:
                row = Row(line)
                if current != (row.chain, row.batch):
                    self.judge_batch(batches.pop(current, None), current, rows)
                    current, rows = (row.chain, row.batch), []
                rows.append(row)
                self.judge_row(row, stored)
                if row.kind == 1:
                    series.setdefault((row.unit, row.period), []).append(row.revision)
        self.judge_batch(batches.pop(current, None), current, rows)
        for chain, number in sorted(batches):
            self.violated(f"batch {number} of chain {chain} has no records")
        for (unit, period), revisions in series.items():
            self.count("series")
            # within a batch as well: leaves of a series are in the order of revisions
            self.expect(revisions == list(range(1, len(revisions) + 1)),
                        f"reports of {unit} for {period}: revisions are not 1, 2, 3 ... in order")
        for report_id, report in self.reports.items():
            if report.receipt is not None and report_id not in stored:
                self.violated(f"report {report_id.hex()} of {report.unit} has a receipt and is "
                              "not stored")

    def judge_batch(self, batch, key, rows):
        if key is None:
            return
        name = f"batch {key[1]}"
        if batch is None:
            self.violated(f"{name}: records name it and it is missing")
            return
        self.expect([row.leaf for row in rows] == list(range(batch.leaf_count)),
                    f"{name}: its records are not its leaves, each once")
        leaves = [sha256(b"\x00" + leaf_bytes(row)) for row in rows]
        self.expect(leaves == batch.leaves, f"{name}: leaves differ from the stored ones")
        levels = tree_levels(batch.leaves)
        self.expect(levels[-1][0] == Header(batch.header).root, f"{name}: root is wrong")
        self.count("leaves", len(leaves))
        for row in rows:
            report = self.reports.get(row.id)
            if row.kind == 1 and report is not None and report.receipt is not None:
                self.count("receipts rebuilt")
                self.expect(row.leaf < len(batch.leaves) and
                            sha256(receipt_bytes(row, levels, batch)) == report.receipt,
                            f"report {row.id.hex()}: its receipt is not the one that the database "
                            "makes")

    def judge_row(self, row, stored):
        self.expect(sha256(row.payload) == row.payload_sha256,
                    f"record {row.id.hex()}: payload and its hash differ")
        self.expect(row.event != "bad_signature", f"record {row.id.hex()}: a signature was bad")
        if row.kind != 1:
            self.count("other records")
            return
        self.count("stored")
        self.expect(row.id not in stored, f"report {row.id.hex()} is stored twice")
        stored.add(row.id)
        report = self.reports.get(row.id)
        if report is None:
            self.violated(f"report {row.id.hex()} of {row.unit} is stored and nobody put it")
            return
        self.expect(report.refused is None, f"report {row.id.hex()} was refused and is stored")
        if report.payload is not None:
            self.expect(report.payload == row.payload_sha256 and
                        (report.unit, report.period, report.revision) ==
                        (row.unit, row.period, row.revision),
                        f"report {row.id.hex()}: what is stored is not what was put")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--histories", required=True)
    parser.add_argument("--dump", required=True)
    arguments = parser.parse_args()
    judge = Judge()
    judge.read_histories(arguments.histories)
    judge.judge_outcomes()
    judge.judge_database(arguments.dump)
    for what in sorted(judge.counts):
        print(f"check: {what} {judge.counts[what]}")
    print(f"check: violations {judge.violations}")
    return 0 if judge.violations == 0 else 1


if __name__ == "__main__":
    sys.exit(main())
