"""What an earlier version stored, brought to this one: a backup of each schema in tests/sql/released is
restored, which migrates and audits it; every receipt of then is of its history, and it goes on.
(Every migration from the first one on runs whenever a test makes a cluster.)"""

import subprocess

import harness
from harness import ROOT, District, Server

RELEASED = ROOT / "tests" / "sql" / "released"
NEWEST = max(int(path.name[:4]) for path in (ROOT / "sql" / "migrations").glob("*.sql"))


def check_upgrade(checks, workplace, released):
    name = f"schema {int(released.name)}"
    receipts = list((released / "receipts").glob("*.zbr"))
    server = Server(workplace, f"from-{released.name}", fresh=True)
    done = subprocess.run(
        [*server._arguments("restore"), "--lang", "en", "--from", released / "history.zbk",
         "--secret", released / "secret", "--receipts", released / "receipts"],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=harness.CLI_S,
        check=False, cwd=workplace.path, env=workplace.environment())
    checks.check(f"{name}: restored, migrated and audited, with {len(receipts)} receipts",
                 done.returncode == 0 and "nothing was altered" in done.stdout
                 and f"schema version {int(released.name)}" in done.stdout
                 and f"{len(receipts)} receipts" in done.stdout, done.stdout + done.stderr)
    server.start()
    checks.equal(f"{name}: the schema is this version's", server.sql(
        "select max(version) from zhibao.schema_version"), [[str(NEWEST)]])
    views = server.sql("select count(*) from pg_catalog.pg_views where schemaname = 'zhibao'")
    checks.check(f"{name}: its views are made anew", int(views[0][0]) > 10, views)
    before = int(server.sql("select max(number) from zhibao.batch")[0][0])
    district = District(server)
    district.root.close()
    after = int(server.sql("select max(number) from zhibao.batch")[0][0])
    checks.check(f"{name}: a plan is imported again, the chain goes on", after > before,
                 (before, after))
    again = server.audit("--receipts", released / "receipts")
    checks.equal(f"{name}: and the audit still finds nothing", again.returncode, 0)
    server.stop()


def scenario(checks, workplace):
    every = sorted(path for path in RELEASED.iterdir() if path.is_dir() and path.name.isdigit())
    checks.check("there are schemas to upgrade from", len(every) >= 1 and
                 all(int(path.name) < NEWEST for path in every), every)
    for released in every:
        check_upgrade(checks, workplace, released)


if __name__ == "__main__":
    harness.run(scenario)
