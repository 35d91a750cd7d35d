"""zhibaod on a PostgreSQL of somebody else's: a password, an ordinary login, roles that the
database's administrator made; the database is away for a while."""

import glob
import shutil
import subprocess
from pathlib import Path

import harness
import layout
import plandata
from harness import ROOT, District, Server

LOGIN, PASSWORD, DATABASE = "county", "演示口令", "monitoring"
AWAY_TURNS, THREADS = 20, 8  # of a tenth of a second each; writer, verifier, clock, watch, notices …


class Postgres:
    """A cluster with one database and one login that owns nothing and may create nothing."""

    def __init__(self, workplace):
        self.workplace, self.port = workplace, harness.free_port()
        self.data = workplace.path / "postgres"
        self.bin = Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"))[-1])
        self.data.mkdir()
        if workplace.user:
            shutil.chown(self.data, workplace.user)
        (workplace.path / "superuser").write_text("演示管理员\n")
        self._run("initdb", "-D", self.data, "-U", "postgres", "--no-sync", "-E", "UTF8",
                  "--locale=C.UTF-8", "-A", "scram-sha-256", f"--pwfile={workplace.path}/superuser")
        workplace.stoppers.append(self.stop)

    def _run(self, program, *arguments):
        subprocess.run([str(self.bin / program), *map(str, arguments)], check=True, cwd="/",
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                       user=self.workplace.user)

    def start(self):
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.data / "log", "-o",
                  f"-p {self.port} -k '' -c listen_addresses=127.0.0.1", "start")

    def stop(self):
        if (self.data / "postmaster.pid").exists():
            self._run("pg_ctl", "-D", self.data, "-w", "-m", "fast", "stop")

    def sql(self, *statements, database=DATABASE):
        """As the database's administrator."""
        arguments = [part for statement in statements for part in ("-c", statement)]
        done = subprocess.run(
            [harness.PSQL, "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", *arguments,
             f"host=127.0.0.1 port={self.port} user=postgres password=演示管理员 dbname={database}"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
        return done.stdout.strip()

    def prepare(self):
        """What sql/roles.sql says that an administrator does."""
        self.sql(f"create role {LOGIN} login password '{PASSWORD}'",
                 f"create database {DATABASE}", database="postgres")
        self.sql((ROOT / "sql" / "roles.sql").read_text(),
                 f"grant zhibao_owner, zhibao_ingest, zhibao_query to {LOGIN}",
                 f"grant create on database {DATABASE} to zhibao_owner")

    def conninfo(self, passwords):
        passwords.write_text(f"127.0.0.1:{self.port}:{DATABASE}:{LOGIN}:{PASSWORD}\n")
        passwords.chmod(0o600)
        if self.workplace.user:
            shutil.chown(passwords, self.workplace.user)
        return (f"host=127.0.0.1 port={self.port} dbname={DATABASE} user={LOGIN}"
                f" passfile={passwords}")


def migrate(server):
    return subprocess.run(server._arguments("migrate"), stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False,
                          env=server.workplace.environment(), cwd=server.workplace.path)


def check_away(checks, postgres, server, village):
    """While the database is away nothing is promised, and afterwards the same record goes in."""
    record = village.unit.record(layout.REPORT, harness.report(village.unit, period=2024))
    before = server.log.read_text()
    postgres.stop()
    answers = []
    for _ in range(AWAY_TURNS):  # long enough for everyone to try it several times
        answers.append(village.submit(record))
        village.socket.poll(100)
    checks.check("database away: try later", all(
        answer.error is not None and answer.body.retry for answer in answers), str(answers))
    said = server.log.read_text()[len(before):].count("could not connect to the database")
    checks.check("of its being away each thread speaks once", 0 < said <= THREADS, said)
    postgres.start()
    for _ in range(600):
        answer = village.submit(record)
        if answer.kind == "KIND_RECEIPT":
            break
        village.socket.poll(100)  # nothing is on its way: this is the pause
    checks.equal("database back: stored", answer.kind, "KIND_RECEIPT")
    checks.equal("once", postgres.sql("select count(*) from zhibao.report where period = 2024"),
                 "1")


def refused_start(server):
    """(exit code, what it logged) of a zhibaod that does not run."""
    done = subprocess.run(server._arguments(), stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, check=False, timeout=harness.CLI_S,
                          env=server.workplace.environment(), cwd=server.workplace.path)
    return done.returncode, done.stderr


def check_second(checks, workplace, first):
    """Another zhibaod on the same database: neither beside the first one nor, with keys of its own,
    after it."""
    second = Server(workplace, name="second", database=first.options["database"])
    code, log = refused_start(second)
    checks.check("a second zhibaod does not start beside the first",
                 code == 1 and "another zhibaod writes to this database" in log, f"{code} {log}")
    checks.equal("zhibaod stops as it should", first.stop(), 0)
    code, log = refused_start(second)
    checks.check("nor after it, with other keys than the receipts so far",
                 code == 1 and "put back the keys folder" in log, f"{code} {log}")


def scenario(checks, workplace):
    postgres = Postgres(workplace)
    postgres.start()
    postgres.prepare()
    server = Server(workplace, database=postgres.conninfo(workplace.path / "passwords"),
                    webhook_hosts="http://127.0.0.1:9")
    checks.equal("before the migration zhibaod does not run", server.exit_code(), 1)
    for turn in ("first", "second"):
        done = migrate(server)
        checks.equal(f"{turn} zhibaod migrate: exit 0", done.returncode, 0)
    server.start()
    checks.check("no private cluster is made", not (server.data / "pg").exists())
    district = District(server)
    village = district.client(plandata.own_unit(plandata.villages()[0]))
    village.must_store(layout.REPORT, harness.report(village.unit))
    checks.equal("the report is in the database",
                 postgres.sql("select count(*), min(period) from zhibao.report"),
                 f"1|{plandata.PERIOD}")
    checks.equal("its tables belong to zhibao_owner",
                 postgres.sql("select tableowner from pg_tables where tablename = 'report'"),
                 "zhibao_owner")
    check_away(checks, postgres, server, village)
    check_second(checks, workplace, server)
    checks.equal("and starts again", server.start().is_running(), True)
    checks.equal("the village is known", village.ping(30).kind, "KIND_PONG")
    village.close()
    district.root.close()


if __name__ == "__main__":
    harness.run(scenario)
