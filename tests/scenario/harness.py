"""A real zhibaod with its private PostgreSQL on free loopback ports, and the zhibao command line.

Every scenario is a program: BUILD_DIRECTORY is its argument, its checks are its output. Servers run
as the system user `zhibao` when the tests run as root, because PostgreSQL refuses root.
"""

import fcntl
import glob
import math
import os
import pwd
import queue
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from checks import Checks
from client import Client, enrolled_client, pb
import layout
import plandata

ROOT = Path(__file__).resolve().parents[2]
SERVER_USER = "zhibao"
READY_S = 120
STOP_S = 60
CLI_S = 120
READY = re.compile(r"^zhibaod ready endpoint=(\S+) enrol=(\S+)")
CODE = re.compile(r"ZB1-[A-Za-z0-9_-]+")
# LeakSanitizer looks while a thread is ending: it says so, and finds nothing.
NOISE = re.compile(r"^==\d+==Unable to get registers from thread \d+\.\n", re.M)
# Debian's /usr/bin/psql is a Perl program that looks for this one: a tenth of the tests' time.
PSQL = next(iter(sorted(glob.glob("/usr/lib/postgresql/*/bin/psql"), reverse=True)), "psql")
SANITIZER = re.compile(r"ERROR: \w+Sanitizer|WARNING: ThreadSanitizer|runtime error:")


def load_protocol(build):
    """Makes the generated modules importable; the build puts them beside the tests."""
    sys.path.insert(0, str(Path(build) / "tests" / "scenario" / "pb"))


def free_port():
    """One that no other test is given meanwhile, nor the kernel gives to an outgoing connection."""
    least, count = 16000, 16000  # below the kernel's own range
    turn = os.open(f"{tempfile.gettempdir()}/zhibao-test-port.{os.geteuid()}",
                   os.O_RDWR | os.O_CREAT, 0o600)
    with open(turn, "r+", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        number = int(file.read() or 0)
        while True:
            number = (number + 1) % count
            with socket.socket() as probe:
                try:
                    probe.bind(("127.0.0.1", least + number))
                    break
                except OSError:
                    continue
        file.seek(0)
        file.truncate()
        file.write(str(number))
    return least + number


def server_user():
    """Whom servers run as: None is whoever runs the tests."""
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(SERVER_USER)
    except KeyError:
        subprocess.run(["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin",
                        SERVER_USER], check=True)
    return SERVER_USER


def is_sanitized(build):
    cache = (Path(build) / "CMakeCache.txt").read_text()
    return re.search(r"^ZHIBAO_SANITIZE:\w+=\w", cache, re.M) is not None


class Workplace:
    """A temporary directory that servers can reach, and the sanitizers' findings in it."""

    def __init__(self, build):
        self.build = Path(build).resolve()
        self.user = server_user()
        self.path = Path(tempfile.mkdtemp(prefix="scenario-", dir="/tmp"))  # short: Unix sockets
        self.path.chmod(0o755)
        self.reports = self.path / "sanitizer"
        self.reports.mkdir()
        self.reports.chmod(0o1777)
        self.logs = []
        self.stoppers = []
        self.servers = []

    def directory(self, name):
        """A new directory that servers may write to."""
        path = self.path / name
        path.mkdir()
        if self.user:
            shutil.chown(path, self.user)
        return path

    def environment(self):
        log = f"log_path={self.reports}/found"
        return dict(
            os.environ, LC_ALL="C.UTF-8",
            ASAN_OPTIONS=f"{log}:detect_leaks=1:quarantine_size_mb=16:malloc_context_size=20",
            UBSAN_OPTIONS=f"{log}:print_stacktrace=1:halt_on_error=1",
            TSAN_OPTIONS=f"{log}:second_deadlock_stack=1:suppressions={ROOT}/tests/tsan.supp")

    def findings(self):
        """What sanitizers wrote, as text; empty when all is well."""
        found = [text for path in sorted(self.reports.iterdir())
                 for text in [NOISE.sub("", path.read_text(errors="replace"))] if text]
        for log in self.logs:
            text = log.read_text(errors="replace") if log.exists() else ""
            found += [line for line in text.splitlines() if SANITIZER.search(line)]
        return "\n".join(found)

    def close(self, keep=False):
        for stop in reversed(self.stoppers):
            stop()
        if keep:
            print(f"kept: {self.path}", flush=True)
        else:
            shutil.rmtree(self.path, ignore_errors=True)


def copy_cluster(workplace, data):
    """Gives DATA the empty cluster that this build's zhibaod made and migrated once: initdb for
    each of some ninety servers was a third of the tests' time. It holds no key and no chain."""
    binary = workplace.build / "bin" / "zhibaod"
    stat = binary.stat()
    kept = workplace.build / "test-cluster"
    made = kept / f"{stat.st_mtime_ns}-{stat.st_size}"
    kept.mkdir(exist_ok=True)
    with open(kept / "lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            for old in kept.glob("*-*"):
                shutil.rmtree(old)
            first = workplace.directory("first-cluster")
            subprocess.run([binary, "migrate", "--data", first], check=True, cwd=workplace.path,
                           stdin=subprocess.DEVNULL, capture_output=True, timeout=READY_S,
                           user=workplace.user, env=workplace.environment())
            subprocess.run(["cp", "-a", first / "pg", made.with_suffix(".new")], check=True)
            made.with_suffix(".new").rename(made)
            shutil.rmtree(first)
    subprocess.run(["cp", "-a", made, data / "pg"], check=True)


class Server:
    """One zhibaod. Options are those of `zhibaod --help`; `fresh` has it make its own cluster."""

    def __init__(self, workplace, name="server", fresh=False, **options):
        self.workplace = workplace
        self.data = workplace.directory(name)
        if not fresh and "database" not in options:
            copy_cluster(workplace, self.data)
        self.log = workplace.path / f"{name}.log"
        workplace.logs.append(self.log)
        self.options = {
            "data": self.data,
            "listen": f"tcp://127.0.0.1:{free_port()}",
            "listen_enrol": f"tcp://127.0.0.1:{free_port()}",
            "enrol_rate_per_minute": 10000, "enrol_peer_per_minute": 10000,
            "rollups": "check",  # every pull is made both ways
            **options,
        }
        self.altered = False  # on purpose, by the scenario
        self.process = None
        self.endpoint = self.enrol_endpoint = None
        self.environment = {}
        workplace.stoppers.append(self.stop)
        workplace.servers.append(self)

    def with_clock(self, moment):
        """Before the start: a clock that `move` moves, standing at `moment` (aware datetime)."""
        self.options["test_clock"] = self.workplace.path / f"{self.data.name}.clock"
        self.environment = {"ZHIBAO_TESTING": "yes"}
        return self.move(moment)

    def move(self, moment):
        """The clock goes on from `moment`; a running server adopts it within a turn or so."""
        seconds = math.ceil(moment.timestamp() - time.time())
        path = self.options["test_clock"]
        new = path.with_suffix(".new")
        new.write_text(f"{seconds}\n")
        new.chmod(0o644)
        new.rename(path)
        return self

    def _arguments(self, *command):
        arguments = [str(self.workplace.build / "bin" / "zhibaod"), *command]
        for name, value in self.options.items():
            arguments += [f"--{name}", str(value)]
        return arguments

    def launch(self):
        """Starts the process and does not wait for it."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self._arguments(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                env={**self.workplace.environment(), **self.environment}, cwd=self.workplace.path)

    def postmaster_runs(self):
        """Whether the private PostgreSQL, or one about to write its pid file, is there."""
        found = subprocess.run(["pgrep", "-f", f"postgres.* -D {self.data}/pg"], check=False,
                               stdout=subprocess.DEVNULL)
        return found.returncode == 0

    def start(self):
        self.launch()
        lines = queue.Queue()
        threading.Thread(target=self._read, args=(self.process.stdout, lines), daemon=True).start()
        end = time.monotonic() + READY_S
        while True:
            try:
                line = lines.get(timeout=max(0.001, end - time.monotonic()))
            except queue.Empty:
                line = None
            if line is None:
                raise RuntimeError(f"zhibaod did not become ready:\n{self.log_tail()}")
            match = READY.match(line)
            if match:
                self.endpoint, self.enrol_endpoint = match.groups()
                return self

    @staticmethod
    def _read(stream, lines):
        for line in stream:
            lines.put(line.decode(errors="replace"))
        lines.put(None)

    def log_tail(self, count=30):
        text = self.log.read_text(errors="replace") if self.log.exists() else ""
        return "\n".join(text.splitlines()[-count:])

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def stop(self):
        """SIGTERM; returns the exit code, or None if it was not running."""
        code = None
        if self.is_running():
            self.process.send_signal(signal.SIGTERM)
            try:
                code = self.process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                self.kill()
                self._stop_database()
                raise RuntimeError(f"zhibaod did not stop within {STOP_S} s:\n{self.log_tail()}")
        self._stop_database()
        return code

    def kill(self):
        """SIGKILL; the private PostgreSQL lives on."""
        self.process.kill()
        self.process.wait()

    def _stop_database(self):
        """Stops a PostgreSQL that outlived its zhibaod."""
        mark = self.data / "pg" / "postmaster.pid"
        end = time.monotonic() + STOP_S
        try:
            os.kill(int(mark.read_text().split()[0]), signal.SIGINT)
        except (FileNotFoundError, ProcessLookupError, IndexError):
            return
        while mark.exists() and time.monotonic() < end:
            time.sleep(0.05)

    def memory_kb(self):
        """VmRSS of zhibaod itself."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.M).group(1))

    def command(self, *words):
        """Another command of zhibaod with this server's options; the finished process."""
        return subprocess.run(self._arguments(*words, "--lang", "en"), stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=CLI_S, check=False,
                              env={**self.workplace.environment(), **self.environment},
                              cwd=self.workplace.path)

    def ask_first_code(self, place, *more):
        """The finished `zhibaod first-code`."""
        return subprocess.run(
            self._arguments("first-code", "--lang", "en", "--place", place, *more),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=CLI_S, check=False,
            env={**self.workplace.environment(), **self.environment}, cwd=self.workplace.path)

    def first_code(self, place="000000000000"):
        """The one-time code of the first administrator of a place."""
        done = self.ask_first_code(place)
        match = CODE.search(done.stdout)
        if done.returncode != 0 or match is None:
            raise RuntimeError(f"first-code exits {done.returncode}: {done.stdout}{done.stderr}")
        return match.group(0)

    def audit(self, *more, lang="en"):
        """zhibaod audit, beside this server or without it; the finished process."""
        return subprocess.run([*self._arguments("audit"), "--lang", lang, *map(str, more)],
                              stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=CLI_S, check=False, cwd=self.workplace.path,
                              env={**self.workplace.environment(), **self.environment})

    def exit_code(self):
        """Of a start that should fail."""
        return subprocess.run(self._arguments(), stdin=subprocess.DEVNULL, capture_output=True,
                              timeout=CLI_S, check=False, cwd=self.workplace.path,
                              env={**self.workplace.environment(), **self.environment}).returncode

    def sql(self, statement, database="zhibao"):
        """Rows of text, asked of the private cluster over its socket."""
        done = subprocess.run(
            [PSQL, "-X", "-q", "-At", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-h",
             str(self.data / "run"), "-d", database, "-U", "postgres", "-c", statement],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=CLI_S, check=False,
            user=self.workplace.user, cwd="/")
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr.strip()}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    def row_counts(self):
        """table -> rows, of every table of the schema that records write to at once."""
        return dict(self.sql(
            "select table_name, (xpath('/row/c/text()', query_to_xml(format("
            "'select count(*) as c from zhibao.%I', table_name), false, true, '')))[1]"
            " from information_schema.tables"
            " where table_schema = 'zhibao' and table_type = 'BASE TABLE'"
            " and table_name not in ('access_log', 'signature_checked', 'unit_seen',"
            " 'service_mark', 'outage') order by 1"))


class District:
    """An aggregator with the plan of 鹿寨县, and its administrators."""

    def __init__(self, server, connect=enrolled_client, files=plandata.plan_files):
        self.server, self.connect = server, connect
        self.root = connect(server.first_code())
        payload = pb().PlanImport(head=self.root.unit.head(), plan=plandata.PLAN)
        for name, content in files():
            payload.files.add(name=name, content=content)
        self.root.must_store(layout.PLAN, payload)

    def codes(self, *units, valid_hours=0):
        """One-time codes, in the order of `units`."""
        answer = self.root.ask(pb().KIND_ENROL_CODES,
                               pb().EnrolCodes(units=units, valid_hours=valid_hours))
        issued = self.root.must("KIND_ENROL_CODES_ISSUED", answer)
        by_unit = {code.unit: code.code for code in issued.codes}
        return [by_unit[unit] for unit in units]

    def client(self, unit):
        return self.connect(self.codes(unit)[0])

    def change_key(self, action, unit, key, reason="演示"):
        """An administrator's KeyChange: approve or revoke."""
        payload = pb().KeyChange(head=self.root.unit.head(), action=action, subject=unit, key=key,
                                 reason=reason)
        return self.root.submit(self.root.unit.record(layout.KEY, payload))


def report(unit, form="village", figures=None, **changes):
    """A good Report of demonstration figures; `changes` replace its fields."""
    if figures is None:
        figures = plandata.village_figures(unit.place)
    sheet = form if form in plandata.forms() else "village"
    fields = {
        "head": unit.head(), "plan": plandata.PLAN, "form": form, "form_version": 1,
        "period": plandata.PERIOD, "place": unit.place, "revision": 1,
        "provenance": pb().PROVENANCE_DEMONSTRATION,
        "observations": observations(plandata.columns(sheet, figures)),
    }
    fields.update(changes)
    return pb().Report(**fields)


def observations(columns):
    return pb().Observations(cell=[c for c, _, _ in columns], presence=[p for _, p, _ in columns],
                             value=[v for _, _, v in columns])


class Neighbour(threading.Thread):
    """Another client that is served all the while, whatever the first one does."""

    SLOW_S = 5.0

    def __init__(self, endpoint, server_curve, unit):
        super().__init__(daemon=True)
        self.arguments = (endpoint, server_curve, unit)
        self.stopping = threading.Event()
        self.served = 0
        self.trouble = ""
        self.slowest_s = 0.0

    def run(self):
        client = Client(*self.arguments)
        try:
            while not self.stopping.wait(0.01):
                begin = time.monotonic()
                answer = client.ping(30)
                self.slowest_s = max(self.slowest_s, time.monotonic() - begin)
                if answer.kind != "KIND_PONG":
                    self.trouble = str(answer)
                    return
                self.served += 1
        except Exception as error:  # told by is_well
            self.trouble = repr(error)
        finally:
            client.close()

    def is_well(self):
        """Served since the last call, and never slowly."""
        before, end = self.served, time.monotonic() + 30
        while self.served < before + 2 and not self.trouble and time.monotonic() < end:
            self.stopping.wait(0.005)
        return not self.trouble and self.served >= before + 2 and self.slowest_s < self.SLOW_S

    def stop(self):
        self.stopping.set()
        self.join()


class Cli:
    """build/bin/zhibao with one home."""

    def __init__(self, workplace, name, server=None):
        self.workplace = workplace
        self.home = workplace.path / "homes" / name
        self.home.parent.mkdir(exist_ok=True)
        self.server = server

    def __call__(self, *arguments, lang="en", timeout=CLI_S, stdin=None, **environment):
        """Runs one command; returns the finished process, output as text."""
        command = [str(self.workplace.build / "bin" / "zhibao"), "--home", str(self.home),
                   "--lang", lang, *[str(argument) for argument in arguments]]
        return subprocess.run(command, input=stdin, capture_output=True, text=True,
                              timeout=timeout, check=False, cwd=self.workplace.path,
                              env={**self.workplace.environment(), **environment})

    def copy(self, name):
        """Another home with the same files."""
        other = Cli(self.workplace, name, self.server)
        shutil.rmtree(other.home, ignore_errors=True)
        shutil.copytree(self.home, other.home)
        return other


def audit_each(checks, workplace):
    """With ZHIBAO_AUDIT_EACH: whatever a scenario has made, an audit finds nothing in it."""
    if "ZHIBAO_AUDIT_EACH" not in os.environ or checks.failed:
        return
    for server in workplace.servers:
        if not server.altered:
            done = server.audit()
            checks.check(f"the audit of {server.data.name} finds nothing", done.returncode == 0,
                         done.stdout + done.stderr)


def run(scenario):
    """Runs scenario(checks, workplace) for the build directory in argv, then closes everything."""
    if len(sys.argv) != 2:
        sys.exit(f"usage: {sys.argv[0]} BUILD_DIRECTORY")
    load_protocol(sys.argv[1])
    checks = Checks()
    workplace = Workplace(sys.argv[1])
    try:
        scenario(checks, workplace)
        audit_each(checks, workplace)
    except Exception as error:  # a scenario that breaks off has failed
        import traceback
        traceback.print_exc()
        checks.check("scenario runs to its end", False, repr(error))
    try:
        for stop in reversed(workplace.stoppers):
            stop()
    except Exception as error:
        checks.check("everything stops", False, repr(error))
    findings = workplace.findings()
    checks.check("sanitizers found nothing", findings == "", findings[:6000])
    workplace.stoppers.clear()
    workplace.close(keep=bool(checks.failed) and "ZHIBAO_KEEP" in os.environ)
    checks.finish()
