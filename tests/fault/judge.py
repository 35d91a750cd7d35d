"""The judgements made of every run: outboxes empty, histories and database in agreement (check.py),
receipts good (`zhibao verify`)."""

import sqlite3
import subprocess
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

HERE = Path(__file__).resolve().parent
VERIFY_FILES = 4000  # of one `zhibao verify`


def drained(checks, load, code):
    counters = load.counters()
    checks.check("every outbox drains and nothing is refused",
                 code == 0 and counters["waiting"] == 0 and counters["refused"] == 0,
                 f"exit {code}, {counters}")
    checks.check("every report offered has its receipt",
                 counters["receipted"] == counters["offered"] > 0, counters)


def store(checks, fixture, dump):
    """check.py, a program of its own."""
    done = subprocess.run(
        ["/usr/bin/python3", str(HERE / "check.py"), "--histories", str(fixture.histories),
         "--dump", str(dump)],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
    print(done.stdout + done.stderr, end="", flush=True)
    checks.check("histories and database agree", done.returncode == 0)


def receipts(checks, fixture):
    """Every receipt of every home verifies with nothing listening anywhere."""
    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(verify_home, fixture.villages.values()))
    verified = sum(count for count, _ in results)
    troubles = [trouble for _, trouble in results if trouble]
    print(f"receipts verified: {verified} of {verified + len(troubles)}", flush=True)
    checks.check("every receipt verifies offline", verified > 0 and not troubles, troubles[:3])
    checks.check("`zhibao receipts export` writes the same files", same_export(fixture))


def scratch():
    """A directory for one home's receipts: in memory where there is room for it, because a run has
    a hundred thousand of them."""
    memory = Path("/dev/shm")
    return tempfile.TemporaryDirectory(prefix="zb-", dir=memory if memory.is_dir() else None)


def export_receipts(home, directory):
    """What `zhibao receipts export` writes, without its fsync of each file and directory, which
    would take longer than all the rest."""
    outbox = sqlite3.connect(f"file:{home}/outbox.db?mode=ro", uri=True)
    files = []
    for record, receipt in outbox.execute(
            "select id, receipt from record where state = 3 order by sequence"):
        files.append(f"{directory}/{record.hex()}.zbr")
        with open(files[-1], "wb") as file:
            file.write(receipt)
    outbox.close()
    return files


def verify_home(cli):
    """(receipts verified, trouble) of one home."""
    with scratch() as directory:
        files = export_receipts(cli.home, directory)
        for begin in range(0, len(files), VERIFY_FILES):
            done = cli("verify", "--quiet", *files[begin:begin + VERIFY_FILES])
            if done.returncode != 0:
                return 0, f"{cli.home}: {done.stdout[-300:]} {done.stderr[-300:]}"
        return len(files), ""


def same_export(fixture):
    """One home's receipts through the command line, against what is verified."""
    cli = min(fixture.villages.items())[1]
    with scratch() as directory, scratch() as exported:
        done = cli("receipts", "export", exported)
        expected = sorted(Path(path).read_bytes() for path in export_receipts(cli.home, directory))
        found = sorted(path.read_bytes() for path in Path(exported).iterdir())
        return done.returncode == 0 and found == expected
