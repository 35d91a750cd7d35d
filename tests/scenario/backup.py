"""`zhibaod backup` and `restore`: the drill after a fire. What comes back is every byte and every
receipt; a backup that was cut, altered, interrupted or made for another key is never taken for a
whole one, nor is half a restore."""

import os
import subprocess

import harness
import layout
import plandata
from client import Client
from harness import District, Server
from own_database import Postgres

VILLAGES = plandata.villages()[:5]


def run(server, *command, **environment):
    """One zhibaod command with the options of `server`; the finished process."""
    return subprocess.run([*server._arguments(*map(str, command)), "--lang", "en"],
                          stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=harness.CLI_S, check=False, cwd=server.workplace.path,
                          env={**server.workplace.environment(), **environment})


def make_key(workplace, name):
    """The option's value and the file of the secret."""
    secret = workplace.path / name
    done = subprocess.run([workplace.build / "bin" / "zhibaod", "backup-key", "--secret", secret],
                          capture_output=True, text=True, check=True)
    return done.stdout.split(" = ")[1].strip(), secret


class History:
    """Villages whose reports are receipted, before and after the backup."""

    def __init__(self, workplace, server):
        self.server, self.district = server, District(server)
        self.clients = [self.district.client(plandata.own_unit(place)) for place in VILLAGES]
        self.records, self.receipts = [], []
        self.kept = workplace.directory("receipts")
        self.kept.chmod(0o755)

    def report(self, client, **changes):
        record = client.unit.record(layout.REPORT, harness.report(client.unit, **changes))
        receipt = client.must("KIND_RECEIPT", client.submit(record)).receipt
        self.records.append((client.unit, client.server_curve, client.pinned, record, receipt))
        (self.kept / f"{len(self.records)}.zbr").write_bytes(receipt)

    def close(self):
        for client in (*self.clients, self.district.root):
            client.close()


def restored(workplace, name, backup, secret, *more, **options):
    """A server that does not run on what was restored, and the finished restore."""
    server = Server(workplace, name, fresh=True, **options)
    return server, run(server, "restore", "--from", backup, "--secret", secret, *more)


def check_damage(checks, workplace, backup, secret):
    """Cut at any place, one bit changed, something added: refused, and nothing is restored."""
    whole, taken = backup.read_bytes(), []
    cuts = [0, 5, 60, 146, 150, 400, len(whole) // 2, len(whole) - 30, len(whole) - 1]
    changed = [(f"cut at {cut}", whole[:cut]) for cut in cuts]
    for at in (3, 20, 70, 130, 150, 400, len(whole) // 2, len(whole) - 3):
        changed.append((f"a bit changed at {at}",
                        whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1:]))
    changed.append(("something added", whole + b"\0"))
    server = Server(workplace, "damaged", fresh=True)
    path = workplace.path / "damaged.zbk"
    for what, content in changed:
        path.write_bytes(content)
        done = run(server, "restore", "--check", "--from", path, "--secret", secret)
        if done.returncode != 1 or "whole" in done.stdout:
            taken.append((what, done.returncode, done.stdout, done.stderr))
    checks.equal(f"{len(changed)} damaged backups are refused", taken, [])
    path.write_bytes(whole[:len(whole) // 2])
    done = run(server, "restore", "--from", path, "--secret", secret)
    checks.check("half a backup is not restored", done.returncode == 1 and
                 "cut short" in done.stderr, done.stdout + done.stderr)
    checks.check("and nothing starts on what it left", server.exit_code() == 1 and
                 not (server.data / "pg").exists(), list(server.data.iterdir()))


def check_kills(checks, workplace, server, secret):
    """SIGKILL before a write, a sync, a rename: what has the name of a backup is whole."""
    shim = workplace.build / "tests" / "scenario" / "kill_at.so"
    if harness.is_sanitized(workplace.build):
        print("skipped: SIGKILL at each step needs a build without sanitizers", flush=True)
        return
    target, faults, killed, step = workplace.directory("killed"), [], 0, 1
    while True:
        path = target / f"{step}.zbk"
        done = run(server, "backup", "--to", path, LD_PRELOAD=str(shim), KILL_AT=str(step),
                   KILL_PROGRAM="zhibaod", KILL_WRITES="1")
        if done.returncode == 0:
            break
        killed += 1
        if done.returncode != -9 or path.exists():
            faults.append((step, done.returncode, done.stderr))
        step = step + 1 if step < 4 else step * 2
    whole = run(server, "restore", "--check", "--from", path, "--secret", secret)
    checks.equal(f"killed at {killed} steps: no name of a backup", faults, [])
    checks.check("the one that was not killed is whole", whole.returncode == 0 and killed > 8,
                 f"{killed} {whole.stderr}")
    check_killed_restore(checks, workplace, path, secret, shim)


def check_killed_restore(checks, workplace, backup, secret, shim):
    faults, ends, step = [], [], 0
    while not ends or ends[-1] != 0:
        step += 1
        server = Server(workplace, f"r{step}", fresh=True)
        done = run(server, "restore", "--from", backup, "--secret", secret,
                   LD_PRELOAD=str(shim), KILL_AT=str(step), KILL_PROGRAM="zhibaod")
        ends.append(done.returncode)
        half = (server.data / "restore.unfinished").exists()
        begun = [entry.name for entry in server.data.iterdir() if entry.name != "lock"]
        if done.returncode == 0 or (begun and not half):
            break  # complete, or decided: its audit can be repeated
        if begun:
            started = run(server, "audit")
            if started.returncode != 1 or "restore again" not in started.stderr:
                faults.append((step, begun, started.returncode, started.stderr))
    audit = run(server, "audit")
    checks.check("the restore that was decided is whole", audit.returncode == 0,
                 audit.stdout + audit.stderr)
    checks.equal(f"a restore killed at {step - 1} steps is refused as half of one", faults, [])
    checks.check("it was killed at several", step > 4, ends)


def check_same_receipts(checks, history, server):
    """The client's retry after the fire: byte for byte the receipt that it has."""
    server.start()
    differing = []
    for unit, curve, pinned, record, receipt in history.records[:3]:
        client = Client(server.endpoint, curve, unit, pinned)
        if client.must("KIND_RECEIPT", client.submit(record)).receipt != receipt:
            differing.append(unit.number)
        client.close()
    checks.equal("retries get the same receipts from the restored server", differing, [])
    client = Client(server.endpoint, curve, unit, pinned)
    again = client.unit.record(layout.REPORT, harness.report(client.unit, period=2023))
    checks.equal("it goes on", client.submit(again).kind, "KIND_RECEIPT")
    client.close()
    server.stop()


def check_own_database(checks, workplace, history, backup, secret):
    """A dump goes into a PostgreSQL of somebody else's, if it is empty."""
    postgres = Postgres(workplace)
    postgres.start()
    postgres.prepare()
    database = postgres.conninfo(workplace.path / "passwords")
    server, done = restored(workplace, "own", backup, secret, "--receipts", history.kept,
                            database=database)
    checks.check("a dump is restored into one's own database", done.returncode == 0 and
                 "nothing was altered" in done.stdout, done.stdout + done.stderr)
    _, done = restored(workplace, "own2", backup, secret, database=database)
    checks.check("one with data is not touched", done.returncode == 1 and
                 "not touched" in done.stderr, done.stdout + done.stderr)
    recipient, _ = make_key(workplace, "own.secret")
    server.options["backup_recipient"] = recipient
    path = workplace.path / "server" / "own.zbk"
    done = run(server, "backup", "--to", path)
    checks.check("and backed up again, by a dump", done.returncode == 0 and
                 "logical" in done.stdout, done.stdout + done.stderr)
    postgres.stop()


def check_refusals(checks, workplace, server, physical, secret):
    _, other = make_key(workplace, "other.secret")
    _, done = restored(workplace, "foreign", physical, other)
    checks.check("another key does not open it", done.returncode == 1 and
                 "another backup key" in done.stderr, done.stderr)
    done = run(server, "restore", "--from", physical, "--secret", secret)
    checks.check("a directory with data is not touched", done.returncode == 1 and
                 "not touched" in done.stderr, done.stderr)
    done = run(server, "backup", "--to", physical)
    checks.check("a backup is never written over", done.returncode == 1 and
                 "already" in done.stderr, done.stderr)
    done = run(Server(workplace, "plain", fresh=True), "backup", "--to", physical)
    checks.check("without a recipient it says what to do", done.returncode == 1 and
                 "backup-key" in done.stderr, done.stderr)


def scenario(checks, workplace):
    recipient, secret = make_key(workplace, "secret")
    server = Server(workplace, backup_recipient=recipient).start()
    history = History(workplace, server)
    for client in history.clients:
        history.report(client)
    target = workplace.directory("backups")
    physical, dump = target / "physical.zbk", target / "dump.zbk"
    for path, more in ((physical, ()), (dump, ("--logical",))):
        done = run(server, "backup", "--to", path, *more)
        checks.check(f"{path.stem}: backed up beside the running server", done.returncode == 0 and
                     not list(target.glob("*.part")), done.stdout + done.stderr)
        checks.check("nobody else may read it", path.stat().st_mode & 0o777 == 0o600)
    sign = (server.data / "keys" / "sign.key").read_text().split()[-1]
    content = physical.read_bytes()
    checks.check("the signing key is not in it as it is", len(sign) >= 64 and
                 sign.encode() not in content and bytes.fromhex(sign) not in content)
    check_refusals(checks, workplace, server, physical, secret)
    check_kills(checks, workplace, server, secret)
    history.close()
    server.stop()
    for name, path in (("fire", physical), ("moved", dump)):
        new, done = restored(workplace, name, path, secret, "--receipts", history.kept)
        checks.check(f"{path.stem}: restored, every byte and {len(history.records)} receipts",
                     done.returncode == 0 and "nothing was altered" in done.stdout and
                     f"{len(history.records)} receipts" in done.stdout, done.stdout + done.stderr)
        check_same_receipts(checks, history, new)
    check_damage(checks, workplace, physical, secret)
    check_own_database(checks, workplace, history, dump, secret)


if __name__ == "__main__":
    os.umask(0o022)
    harness.run(scenario)
