"""One year of one township, step by step: withdrawn, returned, amended after the confirmation, raced,
locked and unlocked. At every step everyone above and below is told, with receipts that verify.
"""

import subprocess
import time
from datetime import datetime, timedelta, timezone

import harness
import layout
import plandata
from client import pb
from round_stage import Round, TOWNSHIP, VILLAGES, YEAR
from sheet import parse

BEGIN, MONTH_DAYS, WITHIN_S = datetime(2026, 6, 1, 9, tzinfo=timezone.utc), 41, 30
STATISTICS = plandata.department("statistics")
UNITS = {"first": plandata.own_unit(VILLAGES[0]), "second": plandata.own_unit(VILLAGES[1]),
         "township": TOWNSHIP, "statistics": STATISTICS}


class Chain(Round):
    def figures(self, name, more=0):
        place = UNITS[name] // 1000
        return plandata.village_figures(place) | {"village_child_injuries": more}

    def report(self, name, more=0):
        self.submit(name, "village", UNITS[name] // 1000, self.figures(name, more))

    def records(self, name):
        """(kind, revision) -> (id, state) of a unit's own records, newest state."""
        return {(row["kind"], int(row["revision"])): (row["id"], row["state"])
                for row in self.track(name) if row["state"] != "drafted"}

    def is_state(self, name, revision, state, kind="report"):
        self.checks.equal(f"{name}: {kind} {revision} is {state}",
                          self.records(name)[kind, revision][1], state)

    def inbox(self, name):
        rows = parse(self.ran(self.homes[name], "inbox", "--format", "csv").stdout)
        self.checks.check(f"{name}: every receipt in the inbox verifies",
                          all(row["receipt"] == "verified" for row in rows), rows)
        return [(row["state"], row["kind"], row["revision"]) for row in rows]

    def told(self, name, *expected):
        self.checks.equal(f"{name} is told of exactly this, in order", self.inbox(name),
                          list(expected))

    def check_inbox_has(self, name, item):
        found = self.inbox(name)
        self.checks.check(f"{name} is told: {item}", found.count(item) == 1, found)

    def refused(self, name, error, *arguments):
        done = self.ran(self.homes[name], *arguments, code=1)
        self.checks.check(f"{name}: {arguments[0]}: {error}", error in done.stdout + done.stderr,
                          done.stdout + done.stderr)
        return done


def check_withdrawal(chain):
    chain.report("first")
    chain.wait_checked("township", 1)
    first = chain.records("first")["report", 1][0]
    chain.ran(chain.homes["first"], "withdraw", first[:8], code=2)
    chain.ran(chain.homes["first"], "withdraw", "ffffffff", "--reason", "no such", code=2)
    chain.ran(chain.homes["first"], "withdraw", first[:8], "--reason", "报错了年份，重报")
    chain.is_state("first", 1, "withdrawn")
    chain.checks.equal("what is withdrawn waits for nobody",
                       chain.wait_checked("township", 0), [])
    chain.refused("first", "E_SUBJECT_STATE", "withdraw", first[:8], "--reason", "again")
    chain.told("township", ("stored", "report", "1"), ("withdrawn", "report", "1"))
    chain.told("first", ("withdrawn", "report", "1"))
    return first


def check_track(chain):
    """The whole line: who, when, which key, which record, and a receipt."""
    rows = chain.track("first")
    steps = [row for row in rows if row["revision"] == "1"]
    chain.checks.equal("the steps of what was withdrawn", [row["step"] for row in steps],
                       ["stored", "checked", "withdrawn"])
    chain.checks.check("every step has its time", all(row["time"] for row in steps), steps)
    chain.checks.check("every signed step has key, record, place in the chain and receipt",
                       all(len(row["key"]) == 32 and len(row["record"]) == 32 and row["batch"]
                           and row["receipt"] == "verified"
                           for row in steps if row["step"] != "checked"), steps)
    order = [(int(row["batch"]), int(row["leaf"])) for row in steps if row["batch"]]
    chain.checks.equal("in the order of the chain", order, sorted(order))
    done = chain.ran(chain.homes["first"], "track", lang="zh")
    chain.checks.check("in Chinese", "已撤回" in done.stdout and "核验通过" in done.stdout,
                       done.stdout)


def check_reopening(chain, raw):
    chain.report("first", more=1)
    chain.report("second")
    chain.wait_checked("township", 2)
    chain.ran(chain.homes["township"], "accept", "--all")
    chain.is_state("first", 2, "accepted")
    chain.refused("second", "E_SUBJECT_STATE", "withdraw",
                  chain.records("second")["report", 1][0][:8], "--reason", "too late")
    chain.ran(chain.homes["township"], "confirm", "--form", "village", "--year", YEAR)
    chain.is_state("second", 1, "confirmed")
    total = chain.records("township")["confirmation", 1][0]
    shown = chain.ran(chain.homes["statistics"], "show", total[:8])
    chain.checks.check("a total is shown with its mark", "DEMONSTRATION" in shown.stdout
                       and "total of 2 reports" in shown.stdout, shown.stdout)
    chain.told("statistics", ("confirmed", "confirmation", "1"))
    chain.inbox("township")

    chain.report("first", more=2)
    chain.is_state("township", 1, "reopened", "confirmation")
    waiting = parse(chain.ran(chain.homes["statistics"], "pending", "--format", "csv").stdout)
    chain.checks.equal("pending marks the total", [row["state"] for row in waiting], ["reopened"])
    done = chain.ran(chain.homes["statistics"], "accept", "--all")
    chain.checks.check("accept --all leaves it", "nothing waits" in done.stdout + done.stderr,
                       done.stdout + done.stderr)
    chain.refused("statistics", "E_STALE", "accept", total[:8])
    chain.refused("statistics", "E_STALE", "return", total[:8], "--reason", "wait")
    chain.told("statistics", ("reopened", "confirmation", "1"))
    chain.told("township", ("stored", "report", "3"), ("reopened", "confirmation", "1"))
    for lang, words, others in (("zh", "已报新版本", "amended"), ("en", "reported a new revision", "新版本")):
        for command in (("track",), ("inbox", "--all")):
            shown = chain.ran(chain.homes["township"], *command, lang=lang).stdout
            chain.checks.check(f"why it is reopened, {command[0]} says in {lang} and in nothing else",
                               words in shown and others not in shown, shown)

    check_races(chain, raw)
    chain.wait_checked("township", 1)
    chain.ran(chain.homes["township"], "accept", "--all")
    chain.ran(chain.homes["township"], "confirm", "--form", "village", "--year", YEAR)
    chain.is_state("township", 1, "superseded", "confirmation")
    chain.is_state("township", 2, "confirmed", "confirmation")
    total = chain.records("township")["confirmation", 2][0]
    chain.ran(chain.homes["township"], "withdraw", total[:8], "--reason", "核对后重新汇总")
    chain.is_state("township", 2, "withdrawn", "confirmation")
    chain.ran(chain.homes["township"], "confirm", "--form", "village", "--year", YEAR)
    chain.ran(chain.homes["statistics"], "accept", "--all")
    chain.is_state("township", 3, "final", "confirmation")
    chain.is_state("first", 3, "final")
    chain.refused("township", "E_SUBJECT_STATE", "withdraw",
                  chain.records("township")["confirmation", 3][0][:8], "--reason", "too late")


def review(client, subject, verdict, reason=""):
    return client.submit(client.unit.record(layout.REVIEW, pb().Review(
        head=client.unit.head(), subject_kind=layout.REPORT, subject=subject, verdict=verdict,
        reason=reason)))


def subject_of(chain, name, revision):
    row = chain.server.sql(
        "select encode(id, 'hex'), encode(payload_sha256, 'hex') from zhibao.report"
        f" where unit = {UNITS[name]} and revision = {revision}")[0]
    return pb().RecordRef(unit=UNITS[name], id=bytes.fromhex(row[0]),
                          payload_sha256=bytes.fromhex(row[1]))


def check_races(chain, raw):
    """Who comes second is told what happened meanwhile; nothing changes."""
    before = chain.server.row_counts()
    old, new = (subject_of(chain, "first", revision) for revision in (2, 3))
    township, statistics, village = raw
    accept, give_back = pb().VERDICT_ACCEPT, pb().VERDICT_RETURN
    cases = [
        ("acceptance that an amendment overtook", township, old, accept, "", "E_SUBJECT_REVISION"),
        ("return of an old revision", township, old, give_back, "?", "E_SUBJECT_REVISION"),
        ("acceptance of other bytes", township, pb().RecordRef(
            unit=new.unit, id=new.id, payload_sha256=old.payload_sha256), accept, "",
         "E_SUBJECT_REVISION"),
        ("acceptance by the wrong level", statistics, new, accept, "", "E_FORBIDDEN"),
        ("acceptance by the author", village, new, accept, "", "E_FORBIDDEN"),
        ("withdrawal by the township", township, new, pb().VERDICT_WITHDRAW, "?", "E_FORBIDDEN"),
        ("objection to one's own", village, new, pb().VERDICT_OBJECT, "?", "E_FORBIDDEN"),
        ("withdrawal without a reason", village, new, pb().VERDICT_WITHDRAW, " ", "E_REASON"),
    ]
    for what, client, subject, verdict, reason, error in cases:
        answer = review(client, subject, verdict, reason)
        chain.checks.equal(f"{what} is refused", answer.name, error)
        if error == "E_SUBJECT_REVISION" and subject == old:
            chain.checks.check(f"{what}: the refusal says what came since",
                               "3" in answer.problems[0].zh and "3" in answer.problems[0].en,
                               str(answer))
    chain.checks.equal("nothing of it is stored", chain.server.row_counts(), before)


def check_entered(chain, raw):
    """The township enters for a village without a line; once it has one, the village objects."""
    place, unit = VILLAGES[3], plandata.own_unit(VILLAGES[3])
    township = chain.homes["township"]
    path = chain.sheet("first", "village", place, plandata.village_figures(place))
    chain.ran(township, "submit", path, "--year", YEAR, "--demo", "--for", place)
    waiting = chain.wait_checked("township", 1)
    chain.checks.equal("pending says who entered it",
                       [(row["unit"], row["entered_by"]) for row in waiting],
                       [(str(place), str(plandata.TOWNSHIP))])
    chain.ran(township, "accept", "--all")
    chain.is_state("township", 3, "reopened", "confirmation")
    done = chain.ran(township, "total", "--form", "village", "--year", YEAR)
    chain.checks.check("the total names what was entered, and that it was reopened",
                       "entered by the township: " in done.stdout + done.stderr
                       and "reopened" in done.stdout + done.stderr, done.stdout + done.stderr)
    chain.ran(township, "confirm", "--form", "village", "--year", YEAR)
    pulled = raw[1].ask(pb().KIND_PULL, pb().Pull(place=plandata.DISTRICT, period=YEAR)).body
    chain.checks.equal("pull lists it", [list(row.entered) for row in pulled.completeness
                                         if row.form == "village"], [[unit]])

    UNITS["third"] = unit
    chain.enrol({"third": unit})
    rows = chain.track("third")
    chain.checks.check("track says who entered it",
                       rows and all(row["entered_by"] == str(plandata.TOWNSHIP) for row in rows)
                       and rows[0]["actor"] == str(plandata.TOWNSHIP), rows)
    record = chain.records("third")["report", 1][0]
    chain.refused("third", "E_FORBIDDEN", "withdraw", record[:8], "--reason", "not mine")
    chain.ran(chain.homes["third"], "object", record[:8], "--reason", "户数不是我村的数")
    chain.is_state("third", 1, "objected")
    chain.is_state("township", 4, "reopened", "confirmation")
    chain.told("third", ("stored", "report", "1"), ("accepted", "report", "1"),
               ("confirmed", "report", "1"), ("objected", "report", "1"),
               ("reopened", "report", "1"))
    chain.checks.equal("an objection is not accepted over", review(
        raw[0], subject_of(chain, "third", 1), pb().VERDICT_ACCEPT).name, "E_SUBJECT_STATE")
    chain.submit("third", "village", place,
                 plandata.village_figures(place) | {"village_child_injuries": 4})
    chain.is_state("third", 1, "superseded")
    check_wrong_enterer(chain, raw)
    chain.wait_checked("township", 1)
    chain.ran(township, "accept", "--all")
    chain.ran(township, "confirm", "--form", "village", "--year", YEAR)
    chain.ran(chain.homes["statistics"], "accept", "--all")
    chain.is_state("third", 2, "final")


def check_wrong_enterer(chain, raw):
    before = chain.server.row_counts()
    township, statistics, village = raw
    other = plandata.own_unit(VILLAGES[5])

    def entered(client, unit, entered_by):
        payload = harness.report(client.unit, head=pb().Head(id=b"e" * 16, unit=unit),
                                 place=unit // 1000, entered_by=entered_by)
        return client.submit(client.unit.record(layout.REPORT, payload)).name

    for what, client, unit, by, error in (
            ("a village enters for another", village, other, village.unit.number, "E_FORBIDDEN"),
            ("statistics enters for a village", statistics, other, STATISTICS, "E_FORBIDDEN"),
            ("a township signs without saying so", township, other, 0, "E_KEY_UNKNOWN"),
            ("a village says that its township signed", village, UNITS["first"], TOWNSHIP,
             "E_KEY_UNKNOWN"),
            ("a township enters for another's village", township,
             plandata.own_unit(plandata.villages(450223100000)[0]), TOWNSHIP, "E_FORBIDDEN")):
        chain.checks.equal(f"{what}: refused", entered(client, unit, by), error)
    chain.checks.equal("nothing of it is stored", chain.server.row_counts(), before)


def check_lock(chain, raw):
    chain.ran(chain.homes["statistics"], "lock", "--place", plandata.DISTRICT, "--year", YEAR)
    chain.is_state("first", 3, "locked")
    before = chain.server.row_counts()
    township, statistics, village = raw
    subject = subject_of(chain, "first", 3)
    for what, client, verdict in (
            ("return by the township", township, pb().VERDICT_RETURN),
            ("return by statistics", statistics, pb().VERDICT_RETURN),
            ("withdrawal", village, pb().VERDICT_WITHDRAW)):
        chain.checks.equal(f"{what} of a locked period is refused",
                           review(client, subject, verdict, "?").name, "E_PERIOD_LOCKED")
    chain.checks.equal("nothing of it is stored", chain.server.row_counts(), before)
    done = chain.ran(chain.homes["statistics"], "unlock", "--place", plandata.DISTRICT, "--year",
                     YEAR, "--reason", "更正一村数据", lang="zh")
    chain.checks.check("unlock says 解锁", "已收讫：解锁" in done.stdout, done.stdout)
    chain.is_state("first", 3, "final")


def month_passes(chain):
    """Returns once the aggregator goes by the new time."""
    later = BEGIN + timedelta(days=MONTH_DAYS)
    chain.server.move(later)
    client = chain.client(TOWNSHIP)
    end = time.monotonic() + WITHIN_S
    while client.ping().body.time_us < later.timestamp() * 1e6 and time.monotonic() < end:
        time.sleep(0.02)
    chain.checks.check(f"{MONTH_DAYS} days pass",
                       client.ping().body.time_us >= later.timestamp() * 1e6)
    client.close()


def check_told(chain):
    """A village that was off all the while, and a month besides, gets everything once, in order."""
    month_passes(chain)
    named = [("confirmed", "report", "1")]
    again = [("reopened", "report", "1"), *named]
    expected = [("accepted", "report", "1"), *named, *again, ("withdrawn", "report", "1"), *named,
                ("final", "report", "1"), *again, *again, ("final", "report", "1"),
                ("locked", "lock", ""), ("unlocked", "lock", "")]
    chain.told("second", *expected)
    chain.told("second")
    check_kills(chain, expected)
    for name in UNITS:
        chain.track(name)
        receipts = sorted((chain.homes[name].home / "receipts").glob("*.zbr"))
        chain.checks.check(f"{name}: every receipt verifies offline",
                           receipts and chain.homes[name]("verify", *receipts).returncode == 0,
                           len(receipts))


def check_kills(chain, expected):
    """A client that is killed again and again while it reads, at any moment, has each item once."""
    unit = UNITS["second"]
    chain.enrol({"killed": unit})
    cli = chain.homes["killed"]
    command = [str(chain.workplace.build / "bin" / "zhibao"), "--home", str(cli.home), "--format",
               "csv", "inbox", "--page", "1"]
    kills = 0
    for delay_ms in range(10, 300, 12):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env=chain.workplace.environment())
        try:
            process.wait(delay_ms / 1000)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
    chain.checks.check("it was killed", kills >= 3, kills)
    chain.ran(cli, "inbox")
    rows = parse(chain.ran(cli, "inbox", "--all", "--format", "csv").stdout)
    chain.checks.equal("killed: each item once, in order",
                       [(row["state"], row["kind"], row["revision"]) for row in rows], expected)


def check_correction(chain):
    """A report amended after the period was locked and unlocked: who is told, and what it touches."""
    for name in ("first", "statistics"):
        chain.inbox(name)
    chain.report("first", 7)
    chain.wait_checked("township", 1)
    chain.ran(chain.homes["township"], "accept", "--all")
    amended = chain.records("first")["report", 4][0]
    chain.check_inbox_has("first", ("corrected", "report", "4"))
    chain.check_inbox_has("statistics", ("corrected", "report", "4"))
    chain.checks.check("track shows the correction as a step",
                       any(row["step"] == "corrected" and row["receipt"] == "verified"
                           for row in chain.track("first")), amended)
    done = chain.ran(chain.homes["statistics"], "affected", "--place", plandata.DISTRICT, "--year",
                     YEAR, "--format", "csv")
    rows = parse(done.stdout)
    chain.checks.equal("what the correction touches: the report", [
        (row["unit"], row["revision"], row["id"]) for row in rows if row["what"] == "report"],
        [(f"{UNITS['first'] // 1000:012}", "4", amended)])
    figures = {row["name"].split(" [")[0]: (row["before"], row["after"]) for row in rows
               if row["what"] == "figure"}
    chain.checks.check("its figures, before and after", ("2", "7") in figures.values(), figures)
    chain.checks.equal("the totals and the lock that hold the old figures",
                       sorted({row["what"] for row in rows
                               if row["what"] in ("total", "lock", "document", "uplink")}),
                       ["lock", "total"])
    table = chain.ran(chain.homes["statistics"], "affected", "--place", plandata.DISTRICT, "--year",
                      YEAR, lang="zh")
    chain.checks.check("the unlocking is named with its reason", "更正一村数据" in table.stdout,
                       table.stdout)


def scenario(checks, workplace):
    chain = Chain(checks, workplace, clock=BEGIN)
    chain.enrol(UNITS)
    raw = [chain.client(UNITS[name]) for name in ("township", "statistics", "first")]
    check_withdrawal(chain)
    check_track(chain)
    check_reopening(chain, raw)
    check_entered(chain, raw)
    check_lock(chain, raw)
    check_told(chain)
    check_correction(chain)
    for client in raw:
        client.close()
    checks.equal("zhibaod stops cleanly", chain.server.stop(), 0)


if __name__ == "__main__":
    harness.run(scenario)
