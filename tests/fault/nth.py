#!/usr/bin/python3
"""The n-th allocation fails, then the n-th read, write, open, sync or send, one at a time, over what
must not lose anything: submitting from a home, the server's way from the socket to the COMMIT,
verifying receipts, reading CSV and workbooks.

    nth.py BUILD_DIRECTORY

A seeded few of them by default (ZHIBAO_FAULT_SEED=N repeats them); ZHIBAO_FAULT_NTH=all takes each.
Whatever fails: no crash, an error that says so, no receipt for what is not stored, and the same
done again without the fault ends as if there had been none. The figures are 演示数据."""

import errno
import mmap
import os
import signal
import struct
import time

import openpyxl

import faults
import harness
import layout
import plandata
import workbooks
from client import Silence
from sheet import as_text, filled, parse

ALL = os.environ.get("ZHIBAO_FAULT_NTH") == "all"
FEW = 12
MEMORY, IO = 1, 2
ERRORS = (errno.EIO, errno.ENOSPC, errno.EINTR)
YEAR = plandata.PERIOD
WAIT_S = 60
# the C library 2.36 asserts that it got memory to read nsswitch.conf (nss_database_reload)
LIBRARY = "nss_database.c"
FIELDS = ("kind", "count", "nth", "many", "error", "failed")
HOUSEHOLDS = 26


class Control:
    """The file that tells fail_nth.so what is to fail."""

    def __init__(self, workplace, program):
        self.path = workplace.path / f"fail-{program}"
        self.path.write_bytes(bytes(8 * len(FIELDS)))
        self.path.chmod(0o666)
        with open(self.path, "r+b") as file:
            self.shared = mmap.mmap(file.fileno(), 8 * len(FIELDS))
        self.environment = {
            "LD_PRELOAD": str(workplace.build / "tests" / "fault" / "fail_nth.so"),
            "FAIL_CONTROL": str(self.path), "FAIL_PROGRAM": program}

    def arm(self, kind, nth, error=errno.EIO, many=1):
        """`nth` 0 only counts. The kind last: from then on it counts."""
        self.disarm()
        for name, value in (("count", 0), ("failed", 0), ("nth", nth), ("many", many),
                            ("error", error), ("kind", kind)):
            self._set(name, value)

    def disarm(self):
        self._set("kind", 0)

    def _set(self, name, value):
        struct.pack_into("q", self.shared, 8 * FIELDS.index(name), value)

    def get(self, name):
        return struct.unpack_from("q", self.shared, 8 * FIELDS.index(name))[0]


class Tried:
    """How often what ended how, and whatever should not have been."""

    def __init__(self, checks, what):
        self.checks, self.what = checks, what
        self.ends, self.wrong = {}, []

    def note(self, end, wrong=""):
        self.ends[end] = self.ends.get(end, 0) + 1
        if wrong:
            self.wrong.append(wrong)

    def finish(self):
        ends = ", ".join(f"{end} {count}" for end, count in sorted(self.ends.items(), key=str))
        print(f"{self.what}: {sum(self.ends.values())} failed calls; {ends}", flush=True)
        self.checks.check(self.what, not self.wrong and self.ends, self.wrong[:3])


def chosen(generator, count):
    """Which of 1..count are tried."""
    numbers = range(1, count + 1)
    return numbers if ALL or count <= FEW else sorted(generator.sample(numbers, FEW))


def crashed(done):
    """What is wrong with how a command ended, if anything."""
    if done.returncode == -signal.SIGABRT and LIBRARY in done.stderr:
        return ""
    if done.returncode < 0 or done.returncode > 3:
        return f"exit {done.returncode}: {done.stderr[-300:]}"
    if done.returncode != 0 and not (done.stderr + done.stdout).strip():
        return f"exit {done.returncode} without a word"
    return ""


def different(calm, done):
    """What good output says otherwise than when nothing failed; the order of lines is the locale's."""
    lines = set(done.stdout.splitlines()) ^ set(calm.stdout.splitlines())
    return f"exit 0 with {sorted(lines)[:4]}" if lines else ""


def each_fault(generator, control, run):
    """(name, n, what `run` returned) with each chosen call failing; the first runs count them."""
    for name, kind in (("memory", MEMORY), ("io", IO)):
        control.arm(kind, 0)
        run()
        count = control.get("count")
        for number in chosen(generator, count):
            control.arm(kind, number, generator.choice(ERRORS))
            done = run()
            control.disarm()
            if control.get("failed"):
                yield f"{name} {number} of {count}", done


class Desk:
    """A village's home on a server, and the template of its form."""

    def __init__(self, workplace, server, district, place):
        self.cli = harness.Cli(workplace, f"nth-{place}")
        self.unit = plandata.own_unit(place)
        self.server, self.figures = server, plandata.village_figures(place)
        self.path = workplace.path / f"{place}.csv"
        self.control = Control(workplace, "zhibao")
        self._ran(self.cli("enrol", district.codes(self.unit)[0]))
        self._ran(self.cli("form", "--template", "csv", "-o", self.path))
        self.template = self.path.read_bytes().decode("utf-8-sig")
        self.households = 2000

    @staticmethod
    def _ran(done):
        if done.returncode != 0:
            raise RuntimeError(done.stderr)

    def write(self):
        """A sheet like no other before."""
        self.households += 1
        self.path.write_text(filled(self.template, "village", self.figures,
                                    {HOUSEHOLDS: str(self.households)}), encoding="utf-8-sig")

    def workbook(self, path):
        """The same as a workbook."""
        self._ran(self.cli("form", "--template", "xlsx", "--year", YEAR, "-o", path))
        book = openpyxl.load_workbook(path)
        for cell, presence, value in plandata.columns("village", self.figures):
            book.active[f"{workbooks.VALUE}{workbooks.HEADER + cell}"] = (
                value if presence == plandata.VALUE else as_text(presence, value))
        book.save(path)
        return path

    def run(self, *words):
        return self.cli(*words, **self.control.environment)

    def box(self, name):
        return [row for row in parse(self.cli("outbox", "--format", "csv").stdout)
                if row["box"] == name]

    def stored(self):
        """Ids of its reports, and the figure of the latest."""
        rows = self.server.sql(f"select encode(id, 'hex') from zhibao.report where unit = {self.unit}")
        figures = self.server.sql(f"select value from zhibao.observation where unit = {self.unit} and"
                                  f" cell = {HOUSEHOLDS} order by revision desc limit 1")
        return {row[0] for row in rows}, int(float(figures[0][0])) if figures else None


def submitting(checks, desk, generator):
    """Kept or not kept at all, never half; and what was kept is stored when nothing fails."""
    tried = Tried(checks, "submit")

    def submit():
        desk.write()
        return desk.run("submit", desk.path, "--year", YEAR, "--demo")

    for name, done in each_fault(generator, desk.control, submit):
        kept = done.returncode in (0, 3)
        wrong = crashed(done)
        after = desk.cli("outbox", "send")
        ids, latest = desk.stored()
        receipts = {row["id"] for row in parse(desk.cli("receipts", "--format", "csv").stdout)
                    if row["kind"] in ("report", "报送材料")}
        if not wrong and after.returncode != 0:
            wrong = f"outbox send afterwards: exit {after.returncode} {after.stderr[-300:]}"
        if not wrong and kept and latest != desk.households:
            wrong = f"exit {done.returncode}, but {latest} is stored and not {desk.households}"
        if not wrong and desk.box("waiting"):
            wrong = "something still waits"
        if not wrong and not ids >= receipts:
            wrong = f"receipts of what is not stored: {receipts - ids}"
        tried.note(f"exit {done.returncode}", wrong and f"{name}: {wrong}")
    tried.finish()


def verifying(checks, desk, generator, workplace):
    """Exit 0 only with the very words of a run in which nothing failed."""
    folder = workplace.path / "receipts"
    desk.cli("receipts", "export", folder)
    words = ("verify", "--pins", desk.cli.home / "pins.conf", folder)
    calm = desk.cli(*words)
    checks.check("verify: all good when nothing fails", calm.returncode == 0, calm.stderr)
    tried = Tried(checks, "verify")
    for name, done in each_fault(generator, desk.control, lambda: desk.run(*words)):
        wrong = crashed(done)
        if not wrong and done.returncode == 0:
            wrong = different(calm, done)
        tried.note(f"exit {done.returncode}", wrong and f"{name}: {wrong}")
    tried.finish()


def reading(checks, desk, generator, workplace):
    """Sheets: read as they are, or an error."""
    desk.write()
    book = desk.workbook(workplace.path / "filled.xlsx")
    for what, words in (("CSV", ("check", desk.path, "--year", YEAR)),
                        ("workbook", ("check", book, "--year", YEAR)),
                        ("plan", ("plan", "check", harness.ROOT / "deploy" / "plans" / "huaiyin"))):
        calm = desk.cli(*words)
        tried = Tried(checks, f"reading a {what}")
        for name, done in each_fault(generator, desk.control, lambda w=words: desk.run(*w)):
            wrong = crashed(done)
            if not wrong and done.returncode == calm.returncode == 0:
                wrong = different(calm, done)
            tried.note(f"exit {done.returncode}", wrong and f"{name}: {wrong}")
        tried.finish()


class Sender:
    """A village that sends records until each is settled."""

    def __init__(self, client):
        self.client, self.sent, self.later, self.revision = client, 0, 0, 0

    def settle(self):
        """A new report, sent again until it has its receipt; whatever else it got meanwhile."""
        unit = self.client.unit
        self.revision += 1
        record = unit.record(layout.REPORT, harness.report(unit, revision=self.revision))
        end, others = time.monotonic() + WAIT_S, []
        while time.monotonic() < end:
            try:
                answer = self.client.submit(record, timeout_s=2)
            except Silence:
                self.client.reconnect()
                self.later += 1
                continue
            if answer.kind == "KIND_RECEIPT":
                self.sent += 1
                return answer.body.receipt, record, others
            if not answer.error.retry:
                self.revision -= 1
                return None, record, [str(answer)]
            self.later += 1
            others.append(answer.name)
            time.sleep(0.05)
        self.revision -= 1
        return None, record, others


def ingesting(checks, server, control, client, generator):
    """A receipt is for what is stored; the server goes on."""
    sender, tried = Sender(client), Tried(checks, "ingest")
    process = server.process
    for name, kind in (("memory", MEMORY), ("io", IO)):
        control.arm(kind, 0)
        sender.settle()
        count = control.get("count")
        for number in chosen(generator, count):
            control.arm(kind, number, generator.choice((errno.EIO, errno.ECONNRESET)))
            receipt, record, others = sender.settle()
            control.disarm()
            wrong = "" if receipt else f"no receipt: {others[-3:]}"
            if process.poll() is not None:
                wrong = f"zhibaod ended: {process.returncode}\n{server.log_tail(8)}"
                server.start()
                process = server.process
            end = "receipt" if not others else "receipt, told to try later first"
            tried.note(end, wrong and f"{name} {number} of {count}: {wrong}")
    tried.finish()
    stored = server.sql("select count(*) from zhibao.report where unit ="
                        f" {client.unit.number}")[0][0]
    checks.equal("ingest: as many rows as receipts", int(stored), sender.sent)


def scenario(checks, workplace):
    generator = faults.seeded()
    server = harness.Server(workplace)
    control = Control(workplace, "zhibaod")
    server.environment = control.environment
    server.start()
    district = harness.District(server)
    villages = plandata.villages()
    desk = Desk(workplace, server, district, villages[0])
    submitting(checks, desk, generator)
    verifying(checks, desk, generator, workplace)
    reading(checks, desk, generator, workplace)
    ingesting(checks, server, control, district.client(plandata.own_unit(villages[1])), generator)
    checks.equal("zhibaod stops well", server.stop(), 0)
    server.environment = {}
    server.start()
    done = server.audit()
    checks.check("the audit finds nothing", done.returncode == 0, done.stdout + done.stderr)


if __name__ == "__main__":
    harness.run(scenario)
