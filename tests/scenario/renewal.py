"""A unit whose key was revoked enrols anew in the same home, and loses nothing on the way.

Called by revoke.py with homes of the command line whose key is revoked.
"""

import sqlite3

import harness
import plandata
from client import pb
from sheet import parse


def me(cli):
    return parse(cli("whoami", "--format", "csv").stdout)[0]


def approve(district, cli):
    """The administrator approves the key that a home has now."""
    known = me(cli)
    unit = int(known["unit"]) * 1000
    answer = district.change_key(pb().KEY_APPROVE, unit, bytes.fromhex(known["key"]))
    district.root.must("KIND_RECEIPT", answer)


def waiting(cli):
    return sorted(row["id"] for row in parse(cli("outbox", "--format", "csv").stdout))


def records(cli):
    """id -> the signed record, as the outbox has it."""
    with sqlite3.connect(f"file:{cli.home}/outbox.db?mode=ro", uri=True) as outbox:
        return {bytes(key).hex(): bytes(record) for key, record in
                outbox.execute("select id, record from record where kind = 1")}


def check_who_may(checks, district, cli, unit):
    """Another unit's code is refused, and so is a home whose key is good."""
    done = cli("enrol", district.codes(plandata.own_unit(plandata.villages()[4]))[0])
    checks.check("another unit's code: exit 2 and says whose home it is",
                 done.returncode == 2 and "already belongs" in done.stderr, done.stderr)
    good = cli.copy("good")
    code = district.codes(unit)[0]
    checks.equal("enrolled anew", good("enrol", code).returncode, 0)
    approve(district, good)
    key = me(good)["key"]
    done = good("enrol", district.codes(unit)[0])
    checks.check("a home whose key is good: exit 2 and names --again",
                 done.returncode == 2 and "--again" in done.stderr, done.stderr)
    checks.equal("its key stays", me(good)["key"], key)
    checks.equal("with --again", good("enrol", district.codes(unit)[0], "--again").returncode, 0)
    checks.check("it has another key", me(good)["key"] != key, key)
    checks.equal("and both old ones are kept", len(list(good.home.glob("keys/retired-*"))), 2)


def check_kills(checks, workplace, district, cli, unit):
    """SIGKILL before every rename, removal, new directory and commit of the renewal."""
    shim = workplace.build / "tests" / "scenario" / "kill_at.so"
    if harness.is_sanitized(workplace.build):
        print("skipped: SIGKILL at each step needs a build without sanitizers", flush=True)
        return
    before, receipts = waiting(cli), len(parse(cli("receipts", "--format", "csv").stdout))
    old, stages, faults, step = me(cli)["key"], set(), [], 0
    while step < 200:
        step += 1
        home = cli.copy("killed")
        code = district.codes(unit)[0]
        killed = home("enrol", code, LD_PRELOAD=str(shim), KILL_AT=str(step))
        stages.add(tuple(sorted(path.name for path in home.home.glob("keys/*/"))))
        if killed.returncode == 0:
            break
        after = waiting(home)  # opens the home: a renewal that is decided goes to its end
        again = home("enrol", code)
        found = (killed.returncode, after, again.returncode, waiting(home),
                 len(list(home.home.glob("keys/retired-*"))), me(home)["key"] != old,
                 [path.name for path in home.home.glob("keys/[nd]*/")])
        if found != (-9, before, 0, before, 1, True, []):
            faults.append((step, found, again.stderr))
            continue
        approve(district, home)
        sent = home("outbox", "send")
        listed = len(parse(home("receipts", "--format", "csv").stdout))
        verified = home("verify", *home.home.glob("receipts/*.zbr"))
        if (sent.returncode, waiting(home), verified.returncode) != (0, [], 0) \
                or listed < receipts + len(before):
            faults.append((step, sent.stderr, verified.stderr, listed))
    checks.equal(f"killed before each of {step - 1} steps: everything goes on, nothing is lost",
                 faults, [])
    checks.check(f"the kills met {len(stages)} different states of keys/",
                 20 < step < 200 and len(stages) >= 4, f"{step} {stages}")


def check(checks, workplace, district, server, cli, early):
    """`cli`: a report of 2024 waits. `early`: one of 2023 waits that the server has already."""
    unit = int(me(cli)["unit"]) * 1000
    old, before = me(cli)["key"], waiting(cli)
    check_who_may(checks, district, cli, unit)
    stored = int(server.row_counts()["report"])
    check_kills(checks, workplace, district, cli, unit)
    done = cli("enrol", district.codes(unit)[0])
    checks.check("CLI: a revoked home enrols anew with a new code",
                 done.returncode == 0 and "1 records in the outbox were signed anew" in done.stdout,
                 done.stdout + done.stderr)
    checks.check("with another key, the old one kept", me(cli)["key"] != old
                 and (cli.home / "keys" / f"retired-{old}" / "signing.key").exists(), me(cli))
    checks.equal("the same record waits", waiting(cli), before)
    approve(district, cli)
    done = cli("outbox", "send")
    checks.equal("and goes", (done.returncode, waiting(cli)), (0, []))
    checks.equal("stored once, however often it was sent", int(server.row_counts()["report"]),
                 stored + 1)
    receipts = list((cli.home / "receipts").glob("*.zbr"))
    done = cli("verify", *receipts)
    checks.check("receipts of before and after verify", len(receipts) >= 3
                 and done.returncode == 0, done.stdout + done.stderr)
    check_stored_before(checks, district, server, early, unit)


def check_stored_before(checks, district, server, early, unit):
    """What the server had stored under the old key gets that receipt, and that record back."""
    first, stored = records(early), server.row_counts()["report"]
    held = waiting(early)
    checks.equal("a home in which an answer was lost", len(held), 1)
    checks.equal("enrols anew", early("enrol", district.codes(unit)[0]).returncode, 0)
    checks.check("and signs anew", records(early)[held[0]] != first[held[0]])
    approve(district, early)
    done = early("outbox", "send")
    checks.equal("gets the receipt of what was stored", (done.returncode, waiting(early)), (0, []))
    checks.equal("nothing is stored twice", server.row_counts()["report"], stored)
    checks.equal("and keeps the record that the receipt is of", records(early)[held[0]],
                 first[held[0]])
