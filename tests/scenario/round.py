"""A small yearly round of 鹿寨县 through the command line, and every figure of it computed anew.

One township (平山镇): its villages report, one is returned and amended, the township confirms, two
departments report, statistics accepts and locks, the committee office pulls. The figures are 演示数据.
"""

import json
import os
import signal
import time

import evidence
import harness
import layout
import plandata
import proofs
import round_api
import round_exports
import round_results
import yearbook_check
from client import pb
from round_stage import (DEPARTMENTS, LATE_AMENDER, OFFLINE, RETURNED, SILENT, TOWNSHIP, VILLAGES,
                         YEAR, Round, text_of, village_name)
from sheet import parse

# The queries of the thread that checks signatures.
VERIFIER = r"max\(n\.number\)|s\.number, coalesce|key_id, algorithm, payload, signature"
REASON = "常住户数与去年相差过大，请核对"


def check_exit_codes(stage):
    checks, stranger = stage.checks, stage.home("stranger")
    for what, arguments in (
            ("no such command", ("sumbit",)), ("no year", ("submit", "x.csv")),
            ("no such option", ("track", "--yaer", "2025")),
            ("no such file", ("submit", "none.csv", "--year", "2025")),
            ("a home that is not enrolled", ("track",)),
            ("no code at all", ("enrol", "ZB1-notacode")),
            ("no reason", ("return", "abcd"))):
        checks.equal(f"exit code for {what}", stranger(*arguments).returncode, 2)
    checks.equal("exit code of --help", stranger("--help").returncode, 0)


def check_offline(stage):
    """With the server down a report is kept, and sent when it is back."""
    name = village_name(OFFLINE)
    cli = stage.homes[name]
    stage.template(name, "village")
    stage.ran(cli, "form", "show")
    stage.checks.equal("zhibaod stops cleanly", stage.server.stop(), 0)
    begin = time.monotonic()
    done = stage.submit(name, "village", OFFLINE, plandata.village_figures(OFFLINE), code=3)
    stage.checks.check("it says so without delay and in words",
                       "outbox" in done.stderr and time.monotonic() - begin < 20, done.stderr)
    boxes = parse(stage.ran(cli, "outbox", "--format", "csv").stdout)
    stage.checks.equal("the report waits in the outbox",
                       [(row["box"], row["period"]) for row in boxes], [("waiting", str(YEAR))])
    stage.ran(cli, "track", code=3)
    stage.ran(cli, "outbox", "send", code=3)
    stage.server.start()
    stage.ran(cli, "outbox", "send")
    stage.checks.equal("then nothing waits any more", parse(
        stage.ran(cli, "outbox", "--format", "csv").stdout), [])
    stage.checks.equal("and the server has it", list(stage.states(name)), [1])


def check_not_checked(stage):
    """A review before the signature check is told to come back, and stores nothing."""
    place = VILLAGES[0]
    township, village = stage.client(TOWNSHIP), stage.client(plandata.own_unit(place))
    backends = [int(pid) for pid, in stage.server.sql(
        f"select pid from pg_stat_activity where pid <> pg_backend_pid() and query ~ '{VERIFIER}'")]
    stage.checks.check("the verifier's database connection is found", len(backends) >= 1)
    for pid in backends:
        os.kill(pid, signal.SIGSTOP)
    try:
        values = plandata.village_figures(place)
        payload = harness.report(village.unit, figures=values)
        village.must_store(layout.REPORT, payload)
        stage.submitted["village", place] = {
            cell: value if presence == plandata.VALUE else None
            for cell, presence, value in plandata.columns("village", values)}
        review = review_of(township, payload, pb().VERDICT_ACCEPT)
        before = stage.server.row_counts()
        answer = township.submit(township.unit.record(layout.REVIEW, review))
        stage.checks.equal("review before the signature check: an unsigned error",
                           (answer.kind, answer.name), ("KIND_ERROR", "E_NOT_CHECKED"))
        if answer.kind == "KIND_ERROR":
            stage.checks.check("with retry, and not at once",
                               answer.body.retry and answer.body.retry_after_ms > 0, answer.body)
        stage.checks.equal("nothing stored", stage.server.row_counts(), before)
        found = village.must("KIND_TRACKED", village.ask(pb().KIND_TRACK, pb().Track(period=YEAR)))
        stage.checks.equal("the report is stored, not checked",
                           [report.state for report in found.reports], [pb().STATE_STORED])
    finally:
        for pid in backends:
            os.kill(pid, signal.SIGCONT)
    answer = township.submit_checked(township.unit.record(layout.REVIEW, review))
    stage.checks.equal("the same review, later, is stored", answer.kind, "KIND_RECEIPT")
    village.close()
    return township


def review_of(client, payload, verdict, reason="", kind=layout.REPORT):
    data = payload.SerializeToString(deterministic=True)
    return pb().Review(
        head=client.unit.head(), subject_kind=kind, verdict=verdict, reason=reason,
        subject=pb().RecordRef(unit=payload.head.unit, id=payload.head.id,
                               payload_sha256=layout.digest(data)))


def villages_report(stage):
    for place in VILLAGES:
        if place not in (SILENT, OFFLINE, VILLAGES[0]):
            stage.submit(village_name(place), "village", place, plandata.village_figures(place))
    again = stage.ran(stage.homes[village_name(VILLAGES[1])], "submit",
                      stage.workplace.path / f"{village_name(VILLAGES[1])}.csv", "--year", YEAR,
                      "--demo")
    stage.checks.check("the same figures again are not a new revision", "revision" in again.stdout,
                       again.stdout)


def check_show(stage, record):
    """What waits is shown in full before it is judged."""
    township = stage.homes["township"]
    shown = json.loads(stage.ran(township, "show", record[:6], "--format", "json").stdout)
    figures = stage.submitted["village", RETURNED]
    stage.checks.equal("show gives every figure of the report",
                       {row["cell"]: row["value"] for row in shown["figures"]}, figures)
    stage.checks.equal("and whose it is, and that it is made up",
                       (shown["id"], shown["unit"], shown["state"], shown["demonstration"]),
                       (record, str(RETURNED), "checked", True))
    rows = parse(stage.ran(township, "show", record[:6], "--format", "csv").stdout)
    stage.checks.equal("as CSV too", ([int(row["cell"]) for row in rows],
                                      {row["provenance"] for row in rows}),
                       (list(figures), {"demonstration"}))
    done = stage.ran(township, "show", record[:6], lang="zh")
    stage.checks.check("and in words", "演示数据" in done.stdout and "填表人" in done.stdout
                       and record in done.stdout, done.stdout)
    done = stage.ran(stage.homes[village_name(VILLAGES[1])], "show", record[:6], code=2)
    stage.checks.check("another village does not see it", done.stdout == "", done.stdout)
    stage.ran(township, "show", record[:3], code=2)
    stage.ran(township, "show", "zzzz", code=2)
    done = stage.ran(township, "track", "--id", record[:6], "--format", "csv")
    stage.checks.equal("track takes the first digits", {row["id"] for row in parse(done.stdout)},
                       {record})
    stage.ran(township, "record", "get", "report", RETURNED, record[:6], "-o",
              stage.workplace.path)


def township_reviews(stage):
    waiting = stage.wait_checked("township", len(VILLAGES) - 2)
    expected = sorted(place for place in VILLAGES if place not in (SILENT, VILLAGES[0]))
    stage.checks.equal("what waits for the township", sorted(int(row["unit"]) for row in waiting),
                       expected)
    stage.checks.equal("all of it checked", {row["state"] for row in waiting}, {"checked"})
    stage.checks.equal("pending marks the demonstration",
                       {row["demonstration"] for row in waiting}, {"1"})
    wrong = next(row for row in waiting if int(row["unit"]) == RETURNED)
    check_show(stage, wrong["id"])
    stage.ran(stage.homes["township"], "return", wrong["id"][:6], "--reason", REASON)
    stage.ran(stage.homes["township"], "accept", "--all")
    stage.checks.equal("nothing waits then", stage.wait_checked("township", 0), [])
    name = village_name(RETURNED)
    rows = stage.track(name)
    stage.checks.equal("the village sees it returned, with the reason",
                       [(row["step"], row["reason"]) for row in rows][-1], ("returned", REASON))
    inbox = parse(stage.ran(stage.homes[name], "inbox", "--format", "csv").stdout)
    stage.checks.equal("and has it in its inbox, receipt verified",
                       [(row["state"], row["revision"], row["reason"], row["receipt"])
                        for row in inbox], [("returned", "1", REASON, "verified")])
    again = stage.ran(stage.homes[name], "submit", stage.workplace.path / f"{name}.csv", "--year",
                      YEAR, "--demo", code=1)
    stage.checks.check("the same figures again: it was returned, and why", REASON in again.stderr
                       and "revision 1 was returned" in again.stderr, again.stderr)
    amended = plandata.village_figures(RETURNED) | {"households": 777}
    stage.submit(name, "village", RETURNED, amended)
    stage.wait_checked("township", 1)
    done = stage.ran(stage.homes["township"], "accept", "--all", "--form", "village", "--year",
                     YEAR, lang="en")
    stage.checks.check("what was accepted is told by the form's name",
                       "Village children's development return (village) 2025" in done.stdout,
                       done.stdout)
    stage.checks.equal("the amendment is accepted, the first revision superseded",
                       stage.states(name), {1: "superseded", 2: "accepted"})
    stage.checks.equal("others are accepted", stage.states(village_name(VILLAGES[1])),
                       {1: "accepted"})


def check_total(stage, total):
    """The township's total against sums of what the villages' files say."""
    said = stage.ran(stage.homes["township"], "total", "--form", "village", "--year", YEAR,
                     lang="zh").stdout
    stage.checks.check("a total names strata as the template does",
                       "男 0-2岁" in said and "sex=" not in said, said)
    reports = [values for (form, _), values in stage.submitted.items() if form == "village"]
    sums, reporters = {}, {}
    for values in reports:
        for cell, value in values.items():
            if value is not None:
                sums[cell] = sums.get(cell, 0) + value
                reporters[cell] = reporters.get(cell, 0) + 1
    columns = list(zip(total.totals.cell, total.totals.presence, total.totals.value,
                       total.reporters))
    stage.checks.equal("the total lists every cell", [column[0] for column in columns],
                       [cell.number for cell in plandata.forms()["village"]])
    stage.checks.equal("the total's sums", {cell: value for cell, presence, value, _ in columns
                                            if presence == plandata.VALUE}, sums)
    stage.checks.equal("and how many stand behind each",
                       {cell: count for cell, _, _, count in columns if count}, reporters)
    stage.checks.equal("and who is missing", list(total.missing), [plandata.own_unit(SILENT)])
    stage.checks.equal("and the reports, ascending", [report.unit for report in total.reports],
                       [plandata.own_unit(place) for place in VILLAGES if place != SILENT])


def confirmation_of(client, total):
    return pb().Confirmation(
        head=client.unit.head(), plan=total.plan, form=total.form, form_version=total.form_version,
        period=total.period, revision=total.next_revision, reports=total.reports,
        totals=total.totals, reporters=total.reporters, missing=total.missing,
        demonstration=total.demonstration)


def township_confirms(stage, township):
    question = pb().GetTotal(form="village", period=YEAR)
    total = township.must("KIND_TOTAL_REPLY", township.ask(pb().KIND_TOTAL, question))
    check_total(stage, total)

    name = village_name(LATE_AMENDER)
    changed = plandata.village_figures(LATE_AMENDER) | {"households": 801}
    stage.submit(name, "village", LATE_AMENDER, changed)
    stage.wait_checked("township", 1)
    stage.ran(stage.homes["township"], "accept", "--all")

    def refused(what, names, confirmation):
        before = stage.server.row_counts()
        answer = township.submit(township.unit.record(layout.CONFIRMATION, confirmation))
        stage.checks.check(f"{what} is refused, signed: {answer.name}",
                           answer.kind == "KIND_REFUSAL" and answer.name in names, str(answer))
        stage.checks.equal(f"{what}: nothing stored", stage.server.row_counts(), before)

    refused("a total gone stale", ("E_STALE",), confirmation_of(township, total))
    current = township.must("KIND_TOTAL_REPLY", township.ask(pb().KIND_TOTAL, question))
    check_total(stage, current)
    wrong = confirmation_of(township, current)
    wrong.demonstration = False
    refused("a total that hides that figures are made up", ("E_TOTAL",), wrong)
    wrong = confirmation_of(township, current)
    wrong.totals.value[0] += 1
    refused("a total with a wrong sum", ("E_TOTAL", "E_STALE"), wrong)
    fewer = confirmation_of(township, current)
    del fewer.reports[-1]
    refused("a total that leaves out a report", ("E_STALE", "E_TOTAL"), fewer)
    stage.submit("township", "township", plandata.TOWNSHIP, plandata.TOWNSHIP_FIGURES)
    done = stage.ran(stage.homes["township"], "confirm", "--form", "village", "--year", YEAR)
    stage.checks.check("confirm shows who is missing, and that figures are made up",
                       "1 units missing" in done.stdout and "DEMONSTRATION" in done.stdout,
                       done.stdout)
    again = stage.ran(stage.homes["township"], "confirm", "--form", "village", "--year", YEAR)
    stage.checks.check("a confirm that is repeated makes no other", "confirmation 1 stands"
                       in again.stdout and stage.server.sql(
                           "select count(*) from zhibao.report_event where kind = 3") == [["1"]],
                       again.stdout)
    stage.checks.equal("the villages are confirmed", stage.states(village_name(VILLAGES[1])),
                       {1: "confirmed"})


def statistics_accepts(stage):
    for code in DEPARTMENTS:
        stage.templates.pop(code, None)
        stage.submit(code, code, plandata.DISTRICT, plandata.DEPARTMENT_FIGURES[code])
    waiting = stage.wait_checked("statistics", 4)
    stage.checks.equal("what waits for statistics",
                       sorted((row["kind"], row["form"]) for row in waiting),
                       [("confirmation", "village"), ("report", "court"), ("report", "police"),
                        ("report", "township")])
    stage.ran(stage.homes["statistics"], "accept", "--all")
    stage.checks.equal("the villages are final", stage.states(village_name(VILLAGES[1])),
                       {1: "final"})
    stage.checks.equal("the township's own form is final", stage.states("township"), {1: "final"})
    done = stage.ran(stage.homes["statistics"], "lock", "--place", plandata.DISTRICT, "--year",
                     YEAR)
    rows = [row for row in parse(stage.ran(
        stage.homes["statistics"], "completeness", "--place", plandata.DISTRICT, "--year", YEAR,
        "--units", "--format", "csv").stdout) if row["level"] == "unit"]
    silent = {row["unit"] for row in rows if not row["first"]}
    stage.checks.check("lock tells how many can report no more", f"{YEAR}: {len(silent)} of "
                       f"{len({row['unit'] for row in rows})} units have not reported"
                       in done.stdout and 0 < len(silent) < len(rows), done.stdout)
    stage.checks.equal("then all is locked", [stage.states(village_name(RETURNED)),
                                              stage.states("court")],
                       [{1: "superseded", 2: "locked"}, {1: "locked"}])
    late = plandata.village_figures(SILENT)
    done = stage.submit(village_name(SILENT), "village", SILENT, late, code=1)
    del stage.submitted["village", SILENT]
    stage.checks.check("a report after the lock is refused and says so",
                       "E_PERIOD_LOCKED" in done.stdout + done.stderr, done.stdout + done.stderr)


def check_reconciliation(stage):
    """The same count by several: whoever reports it, side by side, with record and state."""
    done = stage.ran(stage.homes["statistics"], "reconcile", "--place", plandata.DISTRICT, "--year",
                     YEAR, "--count", "children_u18", "--format", "csv")
    rows = {row["form"]: row for row in parse(done.stdout)}
    minors = next(cell.number for cell in plandata.forms()["police"]
                  if cell.element == "minors_population")
    police = stage.submitted["police", plandata.DISTRICT][minors]
    villages = sum(value for (form, place), cells in stage.submitted.items() if form == "village"
                   for cell, value in cells.items() if value is not None and cell <= 10)
    stage.checks.equal("the sum of the villages, and what the police report",
                       [float(rows[form]["value"]) for form in ("village", "police")],
                       [villages, police])
    stage.checks.equal("the difference", float(rows["police"]["difference"]), police - villages)
    stage.checks.equal("who, in which state", (rows["police"]["unit"], rows["police"]["state"]),
                       (text_of(plandata.department("police")), "locked"))
    stage.checks.equal("schools have not reported: no figure, and not a zero",
                       (rows["education"]["value"], rows["education"]["nothing"],
                        rows["education"]["not_reported"]), ("", "not_reported", "1"))
    done = stage.ran(stage.homes["township"], "reconcile", "--year", YEAR, "--count",
                     "children_u18", "--reports", "--format", "csv")
    listed = [row for row in parse(done.stdout) if row["unit"] and row["form"] == "village"]
    stage.checks.equal("behind the sum every village, those that did not report too",
                       (len(listed), sum(row["nothing"] == "not_reported" for row in listed)),
                       (len(VILLAGES), 1))
    stage.ran(stage.homes["police"], "reconcile", "--place", plandata.DISTRICT, "--year", YEAR,
              code=1)


def scenario(checks, workplace):
    stage = Round(checks, workplace)
    check_exit_codes(stage)
    units = {village_name(place): plandata.own_unit(place) for place in VILLAGES}
    units |= {code: plandata.department(code) for code in (*DEPARTMENTS, "statistics", "office")}
    stage.enrol(units | {"township": TOWNSHIP})
    check_offline(stage)
    township = check_not_checked(stage)
    villages_report(stage)
    township_reviews(stage)
    township_confirms(stage, township)
    township.close()
    statistics_accepts(stage)
    check_reconciliation(stage)
    round_results.check_inbox(stage)
    round_results.office_pulls(stage)
    round_results.check_analysis(stage)
    round_exports.check(stage)
    round_api.check(stage)
    round_results.check_foreign(stage)
    yearbook_check.check(stage)
    evidence.check(stage)
    proofs.check(stage)


if __name__ == "__main__":
    harness.run(scenario)
