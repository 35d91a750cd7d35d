"""What the fault tests share: the villages of 鹿寨县, the load they make, their histories, a dump of
the database, and the two judgements made of every run (check.py and `zhibao verify`)."""

import bisect
import mmap
import os
import random
import signal
import sqlite3
import struct
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "scenario"))

import harness  # noqa: E402
import plandata  # noqa: E402

RESTART_MOST_S = 5.0
RESUME_S = 30  # for the load to come back after a kill
VERIFY_FILES = 4000  # of one `zhibao verify`

# Stored records of all kinds in the order of their leaves, as check.py reads them.
RECORD_TABLES = (("report", "1::smallint", "''", "period", "revision"),
                 ("report_event", "kind", "event", "0", "0"),
                 ("registry_event", "kind", "''", "0", "0"))
RECORDS = " union all ".join(
    f"select chain, batch, leaf, {kind} as kind, unit, encode(id, 'hex'), received_us, algorithm,"
    " encode(key_id, 'hex'), encode(payload_sha256, 'hex'), encode(payload, 'hex'),"
    f" encode(signature, 'hex'), {event}, {period}, {revision} from zhibao.{table}"
    for table, kind, event, period, revision in RECORD_TABLES)
DUMP = {
    "chain.tsv": "select chain, encode(chain_id, 'hex') from zhibao.chain",
    "batch.tsv": "select chain, number, time_us, leaf_count, encode(leaves, 'hex'),"
                 " encode(header, 'hex'), encode(header_sha256, 'hex'), algorithm,"
                 " encode(key_id, 'hex'), encode(signature, 'hex') from zhibao.batch"
                 " order by chain, number",
    "record.tsv": f"select * from ({RECORDS}) as record order by 1, 2, 3",
}


class Pace:
    """How hard the load is: the promise's own figures, or what a sanitized build can do."""

    def __init__(self, sanitized):
        self.sanitized = sanitized
        self.offered_least = 200 if sanitized else 1000  # reports a second
        self.in_flight_least = 50 if sanitized else 200
        self.rate, self.most = (300, 600) if sanitized else (1200, 2400)
        self.patience_ms = 8000 if sanitized else 3000

    def kills(self, default):
        """How many: ZHIBAO_FAULT_KILLS, or fewer where sanitizers make everything slow."""
        if "ZHIBAO_FAULT_KILLS" in os.environ:
            return int(os.environ["ZHIBAO_FAULT_KILLS"])
        return max(2, default // 5) if self.sanitized else default


def phase(name, begun=[time.monotonic()]):  # one clock for the whole run
    """Prints how long the part that ends here took."""
    now = time.monotonic()
    print(f"phase: {name} {now - begun[0]:.1f} s", flush=True)
    begun[0] = now


def now_us():
    """CLOCK_MONOTONIC, as the histories have it."""
    return time.monotonic_ns() // 1000


def seeded():
    """A generator whose seed is printed and can be given: ZHIBAO_FAULT_SEED."""
    seed = int(os.environ.get("ZHIBAO_FAULT_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"seed {seed}", flush=True)
    return random.Random(seed)


def all_villages():
    return [int(row["place"]) for row in plandata.rows(plandata.PLANS / plandata.PLAN / "places.csv")
            if row["level"] == "village"]


class Fixture:
    """A server with the plan of 鹿寨县 and a home for each of its villages."""

    def __init__(self, workplace, count=None, **options):
        self.workplace = workplace
        self.pace = Pace(harness.is_sanitized(workplace.build))
        workplace.stoppers.append(self._stop_postgres)  # last: a killed zhibaod leaves it behind
        self.server = harness.Server(workplace, **options)
        self.server.start()
        self.district = harness.District(self.server)
        self.homes = workplace.path / "homes" / "villages"
        self.homes.mkdir(parents=True)
        self.histories = workplace.path / "histories"
        self.histories.mkdir()
        self.villages = {}
        places = all_villages()[:count]
        codes = self.district.codes(*[plandata.own_unit(place) for place in places])
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(self._enrol, places, codes))

    def _enrol(self, place, code):
        cli = harness.Cli(self.workplace, f"villages/{place}")
        done = cli("enrol", code)
        if done.returncode != 0:
            raise RuntimeError(f"enrol exits {done.returncode}: {done.stderr}")
        self.villages[place] = cli

    def home(self, place):
        return self.homes / str(place)

    def load(self, **options):
        return Load(self, **options)

    def postmaster(self):
        """The process id of the private PostgreSQL; None while there is none."""
        try:
            pid = int((self.server.data / "pg" / "postmaster.pid").read_text().split()[0])
            status = Path(f"/proc/{pid}/status").read_text()
        except (OSError, IndexError, ValueError):
            return None
        alive = status.startswith("Name:\tpostgres\n") and "\nState:\tZ" not in status
        return pid if alive else None

    def _stop_postgres(self):
        pid = self.postmaster()
        if pid is not None:
            os.kill(pid, signal.SIGQUIT)

    def dump(self):
        """Everything that check.py reads, in a new directory."""
        directory = self.workplace.path / f"dump-{now_us()}"
        directory.mkdir()
        for name, query in DUMP.items():
            with open(directory / name, "wb") as out:
                subprocess.run(
                    ["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h",
                     str(self.server.data / "run"), "-d", "zhibao", "-U",
                     "postgres", "-c", f"copy ({query}) to stdout"],
                    stdin=subprocess.DEVNULL, stdout=out, check=True, cwd="/",
                    user=self.workplace.user)
        return directory


class Load:
    """zhibao-load over the fixture's homes. Its counters are those of village.h."""

    COUNTERS = ("offered", "sent", "resent", "receipted", "refused", "waiting", "failed")

    def __init__(self, fixture, share=1.0, deadline=240):
        """`share`: of the pace's rate."""
        pace = fixture.pace
        self.workplace = fixture.workplace
        self.status = fixture.workplace.path / f"status-{now_us()}"
        self.status.write_bytes(bytes(8 * len(self.COUNTERS)))
        self.mapped = None
        self.arguments = [
            str(fixture.workplace.build / "bin" / "zhibao-load"), "--homes", str(fixture.homes),
            "--history", str(fixture.histories), "--status", str(self.status),
            "--rate", str(share * pace.rate), "--most", str(share * pace.most),
            "--deadline", str(deadline), "--patience", str(pace.patience_ms)]
        self.deadline = deadline
        self.process = None
        self.said = {}
        fixture.workplace.stoppers.append(self.kill)

    def start(self):
        self.process = subprocess.Popen(self.arguments, stdin=subprocess.DEVNULL,
                                        stdout=subprocess.PIPE, text=True,
                                        env=self.workplace.environment())
        file = os.open(self.status, os.O_RDONLY)
        self.mapped = mmap.mmap(file, 8 * len(self.COUNTERS), prot=mmap.PROT_READ)
        os.close(file)
        return self

    def counters(self):
        return dict(zip(self.COUNTERS, struct.unpack(f"={len(self.COUNTERS)}Q", self.mapped[:])))

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def wait_for(self, condition, what, seconds=RESUME_S):
        """Until condition(counters); returns them."""
        end = time.monotonic() + seconds
        while True:
            counters = self.counters()
            if condition(counters):
                return counters
            if not self.is_running() or time.monotonic() > end:
                raise RuntimeError(f"the load did not {what}: {counters}")
            time.sleep(0.002)

    def finish(self):
        """Ends offering, waits for the outboxes to drain, prints what the load says."""
        self.process.send_signal(signal.SIGTERM)
        text, _ = self.process.communicate(timeout=self.deadline + 60)
        for line in text.splitlines():
            print(f"load: {line}", flush=True)
            name, _, value = line.partition(" ")
            self.said[name] = value
        return self.process.returncode

    def kill(self):
        if self.is_running():
            self.process.kill()
            self.process.wait()


class Histories:
    """The histories as times, in microseconds of CLOCK_MONOTONIC."""

    def __init__(self, directory):
        self.puts, self.receipts = [], []
        self.sends, self.receipt_of = {}, {}
        for path in sorted(Path(directory).glob("*.log")):
            with open(path, encoding="ascii") as lines:
                for line in lines:
                    self._read(line.split(maxsplit=3))
        self.puts.sort()
        self.receipts.sort()

    def _read(self, field):
        at, event, record = int(field[0]), field[1], field[2]
        if event == "PUT":
            self.puts.append(at)
        elif event == "SENT":
            self.sends.setdefault(record, []).append(at)
        elif event in ("RECEIPT", "REFUSED") and record not in self.receipt_of:
            self.receipt_of[record] = at
            # answered is the latest send before it
            sends = self.sends.get(record, [0])
            self.receipts.append((at, sends[bisect.bisect(sends, at) - 1]))

    def rate_before(self, at_us, window_us=1000000):
        """Reports offered a second in the window before a moment."""
        count = bisect.bisect(self.puts, at_us) - bisect.bisect(self.puts, at_us - window_us)
        return count * 1e6 / window_us

    def in_flight(self, moments):
        """For each (since, at): reports sent after `since` and before `at` whose receipt came
        later."""
        counts = [0] * len(moments)
        for record, sends in self.sends.items():
            settled = self.receipt_of.get(record, sys.maxsize)
            for index, (since, at) in enumerate(moments):
                if settled <= at or sends[0] >= at:
                    continue
                last = bisect.bisect_left(sends, at)
                if last > 0 and sends[last - 1] > since:
                    counts[index] += 1
        return counts

    def first_receipt_after(self, at_us):
        """When the first report that was sent after a moment had its receipt; None."""
        for index in range(bisect.bisect(self.receipts, (at_us, 0)), len(self.receipts)):
            if self.receipts[index][1] >= at_us:
                return self.receipts[index][0]
        return None


class Killer:
    """Kills at random moments while the load runs: with as many reports in flight, and offered in
    the second before, as the pace says."""

    # The live figures are estimates; the histories tell exactly afterwards.
    IN_FLIGHT_MARGIN = 1.3
    OFFERED_MARGIN = 1.1

    def __init__(self, load, generator, pace):
        self.load, self.generator, self.pace = load, generator, pace
        self.moments = []  # (since, killed, wall clock, back): microseconds
        self.since_us = now_us()
        self.base = load.counters()
        self.offered = []  # (microseconds, counter) of the last second

    def wait_for_moment(self, spread_s):
        """Resumed, then a random time, then enough under way."""
        self.load.wait_for(lambda c: self._note(c) and c["receipted"] > self.base["receipted"],
                           "resume")
        end = time.monotonic() + self.generator.uniform(0, spread_s)
        self.load.wait_for(lambda c: self._note(c) and time.monotonic() >= end, "go on")
        self.load.wait_for(lambda c: self._note(c) and self._enough(c),
                           "offer enough with enough in flight")

    def _note(self, counters):
        now = now_us()
        self.offered.append((now, counters["offered"]))
        while len(self.offered) > 2 and self.offered[1][0] <= now - 1000000:
            self.offered.pop(0)
        return True

    def _enough(self, counters):
        sent = counters["sent"] - self.base["sent"]
        receipted = counters["receipted"] - self.base["receipted"]
        began, offered = self.offered[0]
        elapsed_s = (now_us() - began) / 1e6
        return (sent - receipted >= self.IN_FLIGHT_MARGIN * self.pace.in_flight_least and
                elapsed_s >= 1.0 and counters["offered"] - offered >=
                self.OFFERED_MARGIN * self.pace.offered_least * elapsed_s)

    def kill(self, action, restart):
        wall_us = time.time_ns() // 1000
        killed_us = now_us()
        action()
        self.base = self.load.counters()
        restart()
        self.moments.append((self.since_us, killed_us, wall_us, now_us()))
        self.since_us = killed_us


def judge_kills(checks, killer, histories, dump, least):
    """The counts that a run of kills is made for."""
    moments = killer.moments
    in_flight = histories.in_flight([(since, at) for since, at, _, _ in moments])
    rates = [histories.rate_before(at) for _, at, _, _ in moments]
    recoveries = []
    for _, at, _, _ in moments:
        first = histories.first_receipt_after(at)
        recoveries.append(float("inf") if first is None else (first - at) / 1e6)
    landed = sum(1 for count in in_flight if count > 0)
    committed = stored_unanswered(histories, dump, moments)
    print(f"kills {len(moments)}")
    print(f"kills between a send and its receipt {landed}")
    print(f"kills between COMMIT and the receipt's arrival {sum(1 for n in committed if n)}"
          f" ({sum(committed)} reports, each answered with the stored receipt)")
    print(f"in flight at a kill: least {min(in_flight)}, median {median(in_flight)}")
    print(f"offered in the second before a kill: least {min(rates):.0f}/s, median"
          f" {median(rates):.0f}/s")
    print(f"kill to first receipt: median {median(recoveries):.2f} s, most"
          f" {max(recoveries):.2f} s", flush=True)
    checks.check(f"at least {least} kills land between a send and its receipt", landed >= least,
                 landed)
    pace = killer.pace
    checks.check(f"every kill lands with {pace.in_flight_least} reports in flight",
                 min(in_flight) >= pace.in_flight_least, min(in_flight))
    checks.check(f"every kill lands with {pace.offered_least} reports/s offered",
                 min(rates) >= pace.offered_least, f"{min(rates):.0f}")
    return recoveries


def stored_unanswered(histories, dump, moments):
    """For each kill: reports that were stored before it and had their receipt after it."""
    counts = [0] * len(moments)
    walls = [wall for _, _, wall, _ in moments]
    with open(dump / "record.tsv", encoding="ascii") as lines:
        for line in lines:
            field = line.split("\t", 7)
            settled = histories.receipt_of.get(field[5])
            if settled is None:
                continue
            # the first kill after the server received it
            index = bisect.bisect(walls, int(field[6]))
            if index < len(moments) and settled > moments[index][1]:
                counts[index] += 1
    return counts


def median(values):
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else 0


def judge_drained(checks, load, code):
    counters = load.counters()
    checks.check("every outbox drains and nothing is refused",
                 code == 0 and counters["waiting"] == 0 and counters["refused"] == 0,
                 f"exit {code}, {counters}")
    checks.check("every report offered has its receipt",
                 counters["receipted"] == counters["offered"] > 0, counters)


def judge_store(checks, fixture, dump):
    """check.py, a program of its own."""
    done = subprocess.run(
        ["/usr/bin/python3", str(HERE / "check.py"), "--histories", str(fixture.histories),
         "--dump", str(dump)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    print(done.stdout + done.stderr, end="", flush=True)
    checks.check("histories and database agree", done.returncode == 0)


def judge_receipts(checks, fixture):
    """Every receipt of every home verifies with nothing listening anywhere."""
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(lambda item: verify_home(fixture, *item),
                                sorted(fixture.villages.items())))
    verified = sum(count for count, _ in results)
    troubles = [trouble for _, trouble in results if trouble]
    print(f"receipts verified: {verified} of {verified + len(troubles)}", flush=True)
    checks.check("every receipt verifies offline", verified > 0 and not troubles, troubles[:3])
    checks.check("`zhibao receipts export` writes the same files", same_export(fixture))


def export_receipts(home, directory):
    """What `zhibao receipts export` writes, without its fsync of each file and directory, which
    would take longer than all the rest."""
    directory.mkdir(parents=True)
    outbox = sqlite3.connect(f"file:{home}/outbox.db?mode=ro", uri=True)
    files = []
    for record, receipt in outbox.execute(
            "select id, receipt from record where state = 3 order by sequence"):
        files.append(directory / f"{record.hex()}.zbr")
        files[-1].write_bytes(receipt)
    outbox.close()
    return files


def verify_home(fixture, place, cli):
    """(receipts verified, trouble) of one home."""
    files = export_receipts(cli.home, fixture.workplace.path / "receipts" / str(place))
    for begin in range(0, len(files), VERIFY_FILES):
        done = cli("verify", "--quiet", *files[begin:begin + VERIFY_FILES])
        if done.returncode != 0:
            return 0, f"{place}: exit {done.returncode} {done.stdout[-300:]} {done.stderr[-300:]}"
    return len(files), ""


def same_export(fixture):
    """One home's receipts through the command line, against what was verified."""
    place, cli = min(fixture.villages.items())
    directory = fixture.workplace.path / "receipts" / "export"
    directory.mkdir()
    done = cli("receipts", "export", directory)
    exported = sorted(path.read_bytes() for path in directory.iterdir())
    verified = sorted(path.read_bytes()
                      for path in (fixture.workplace.path / "receipts" / str(place)).iterdir())
    return done.returncode == 0 and exported == verified
