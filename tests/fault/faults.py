"""What the fault tests share: a server with the villages of 鹿寨县, the load they make, and a dump of
the database."""

import mmap
import os
import random
import signal
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

RESUME_S = 180  # for the load to come back after a kill

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

    def __init__(self, sanitized, easy=False):
        """`easy`: beside other tests, where no rate is promised."""
        self.sanitized = sanitized
        easy = easy or sanitized
        self.offered_least = 200 if easy else 1000  # reports a second, over window_s
        self.window_s = 1
        self.in_flight_least = 50 if easy else 200
        self.rate, self.most = (300, 600) if easy else (1350, 2400)
        self.patience_ms = 8000 if sanitized else 3000

    def kills(self, default):
        """How many: ZHIBAO_FAULT_KILLS, or fewer where sanitizers make everything slow."""
        if "ZHIBAO_FAULT_KILLS" in os.environ:
            return int(os.environ["ZHIBAO_FAULT_KILLS"])
        return max(2, default // 5) if self.sanitized else default


def now_us():
    """CLOCK_MONOTONIC, as the histories have it."""
    return time.monotonic_ns() // 1000


def seeded():
    """A generator whose seed is printed and can be given: ZHIBAO_FAULT_SEED."""
    seed = int(os.environ.get("ZHIBAO_FAULT_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"seed {seed}", flush=True)
    return random.Random(seed)


def all_villages():
    places = plandata.rows(plandata.PLANS / plandata.PLAN / "places.csv")
    return [int(row["place"]) for row in places if row["level"] == "village"]


class Fixture:
    """A server with the plan of 鹿寨县 and a home for each of its villages."""

    def __init__(self, workplace, count=None, prepare=None, easy=False, **options):
        """`prepare` is called with the server before its first start; `easy`: see Pace."""
        self.workplace = workplace
        self.pace = Pace(harness.is_sanitized(workplace.build), easy)
        self.begun_s = time.monotonic()
        workplace.stoppers.append(self._stop_postgres)  # last: a killed zhibaod leaves it behind
        self.server = harness.Server(workplace, **options)
        if prepare is not None:
            prepare(self.server)
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
        self.phase("start and enrolment")

    def phase(self, name):
        """Prints how long the part that ends here took."""
        now = time.monotonic()
        print(f"phase: {name} {now - self.begun_s:.1f} s", flush=True)
        self.begun_s = now

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
                    [harness.PSQL, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h",
                     str(self.server.data / "run"), "-d", "zhibao", "-U",
                     "postgres", "-c", f"copy ({query}) to stdout"],
                    stdin=subprocess.DEVNULL, stdout=out, check=True, cwd="/",
                    user=self.workplace.user)
        return directory


class Load:
    """zhibao-load over the fixture's homes. Its counters are those of village.h."""

    COUNTERS = ("offered", "sent", "resent", "receipted", "refused", "waiting", "failed", "epoch",
                "entered", "left")

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
        file = os.open(self.status, os.O_RDWR)
        self.mapped = mmap.mmap(file, 8 * len(self.COUNTERS))
        os.close(file)
        return self

    def counters(self):
        return dict(zip(self.COUNTERS, struct.unpack(f"={len(self.COUNTERS)}Q", self.mapped[:])))

    def next_epoch(self):
        """What is in flight is counted anew."""
        offset = 8 * self.COUNTERS.index("epoch")
        epoch, = struct.unpack_from("=Q", self.mapped, offset)
        struct.pack_into("=Q", self.mapped, offset, epoch + 1)

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
