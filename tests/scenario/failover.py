"""A streaming replica takes over while reports come in: the primary is killed, the standby promoted, and
zhibaod finds it through its multi-host connection string. With synchronous commit no receipt is lost."""

import os
import signal
import subprocess
import threading

import harness
import layout
import plandata
from client import Silence
from harness import District, Server
from own_database import DATABASE, LOGIN, PASSWORD, Postgres, migrate

VILLAGES = plandata.villages()[:4]
BEFORE, AFTER = 40, 40
WITHIN_S = 60


class Standby(Postgres):
    """A second server on a copy of the first, following it."""

    def __init__(self, workplace, primary):
        self.workplace, self.port, self.bin = workplace, harness.free_port(), primary.bin
        self.data = workplace.directory("standby")
        self.data.chmod(0o700)
        primary.sql("create role follower replication login password 'demo'", database="postgres")
        self._run("pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c", "fast", "-d",
                  f"host=127.0.0.1 port={primary.port} user=follower password=demo"
                  " application_name=standby")
        workplace.stoppers.append(self.stop)

    def promote(self):
        self._run("pg_ctl", "-D", self.data, "-w", "promote")


def kill(postgres):
    """As a power cut would: the postmaster and all of its children at once."""
    pid = int((postgres.data / "postmaster.pid").read_text().split()[0])
    children = subprocess.run(["pgrep", "-P", str(pid)], capture_output=True, text=True,
                              check=False).stdout.split()
    for each in (pid, *map(int, children)):
        try:
            os.kill(each, signal.SIGKILL)
        except ProcessLookupError:
            pass
    (postgres.data / "postmaster.pid").unlink(missing_ok=True)


class Reporter(threading.Thread):
    """Sends report after report and keeps every receipt, until it has `wanted` more."""

    def __init__(self, client):
        super().__init__(daemon=True)
        self.client, self.receipts, self.stopping = client, {}, threading.Event()
        self.sent, self.trouble = 0, None

    def run(self):
        revision = 0
        record = None
        while not self.stopping.is_set():
            if record is None:
                revision += 1
                record = self.client.unit.record(layout.REPORT, harness.report(
                    self.client.unit, revision=revision))
            try:
                answer = self.client.submit(record, timeout_s=5)
            except Silence:
                self.client.reconnect()
                continue
            if answer.kind == "KIND_RECEIPT":
                self.receipts[revision] = (record, answer.body.receipt)
                self.sent, record = self.sent + 1, None
            elif answer.error is None or not answer.error.retry:
                self.trouble = str(answer)
                return
            else:
                self.stopping.wait(answer.error.retry_after_ms / 1000)


def wait_for(reporters, wanted):
    """Until every reporter has `wanted` receipts in all."""
    deadline = threading.Event()
    for _ in range(WITHIN_S * 20):
        if all(reporter.sent >= wanted or reporter.trouble for reporter in reporters):
            return True
        deadline.wait(0.05)
    return False


def scenario(checks, workplace):
    primary = Postgres(workplace)
    primary.start()
    primary.prepare()
    standby = Standby(workplace, primary)
    standby.start()
    primary.sql("alter system set synchronous_standby_names = 'ANY 1 (standby)'",
                "select pg_reload_conf()", database="postgres")
    passwords = workplace.path / "passwords"
    primary.conninfo(passwords)
    passwords.write_text(f"127.0.0.1:*:{DATABASE}:{LOGIN}:{PASSWORD}\n")
    server = Server(workplace, database=(
        f"host=127.0.0.1,127.0.0.1 port={primary.port},{standby.port} dbname={DATABASE}"
        f" user={LOGIN} passfile={passwords} target_session_attrs=read-write"))
    done = migrate(server)
    checks.equal("migrated through two hosts", done.returncode, 0)
    server.start()
    checks.equal("the standby is synchronous", primary.sql(
        "select sync_state from pg_stat_replication", database="postgres"), "quorum")
    district = District(server)
    reporters = [Reporter(district.client(plandata.own_unit(place))) for place in VILLAGES]
    for reporter in reporters:
        reporter.start()
    checks.check("reports are receipted", wait_for(reporters, BEFORE))
    kill(primary)
    standby.promote()
    at = [reporter.sent for reporter in reporters]
    checks.check("and again after the standby took over", wait_for(reporters, max(at) + AFTER),
                 [(reporter.sent, reporter.trouble) for reporter in reporters])
    for reporter in reporters:
        reporter.stopping.set()
    for reporter in reporters:
        reporter.join(30)
    checks.equal("nobody was refused", [r.trouble for r in reporters if r.trouble], [])
    kept = workplace.directory("receipts")
    kept.chmod(0o755)
    count = 0
    for number, reporter in enumerate(reporters):
        for key, (_, receipt) in reporter.receipts.items():
            (kept / f"{number}-{key}.zbr").write_bytes(receipt)
            count += 1
    done = server.audit("--receipts", kept)
    checks.check(f"all {count} receipts are of the promoted server's history",
                 done.returncode == 0 and f"{count} receipts" in done.stdout,
                 done.stdout[-2000:] + done.stderr[-2000:])
    differing = [1 for reporter in reporters
                 for record, receipt in list(reporter.receipts.values())[BEFORE - 5:BEFORE + 5]
                 if reporter.client.must("KIND_RECEIPT", reporter.client.submit(record)).receipt
                 != receipt]
    checks.equal("retries around the change get the same bytes", differing, [])
    stored = int(standby.sql("select count(*) from zhibao.report"))
    checks.check("stored is at least what was receipted, and nothing twice", stored >= count and
                 stored <= count + len(reporters), (stored, count))
    for reporter in reporters:
        reporter.client.close()
    district.root.close()


if __name__ == "__main__":
    harness.run(scenario)
