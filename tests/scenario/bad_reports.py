"""Bad records: figures, periods, places, signatures (the issue's "Bad input gets", first half)."""

import math
import os
import time

import layout
import plandata
from client import Unit, pb
from harness import observations, report

YEAR = plandata.PERIOD - 1  # a period that nothing good is reported for
HOURS, DIRECTOR, HOUSEHOLDS, LEFT_BEHIND = 20, 17, 26, 11
WATERS, WATERS_MARKED, INJURIES = 29, 30, 31
UNKNOWN_CELL = 999


def sheet(unit):
    return plandata.columns("village", plandata.village_figures(unit.place))


def with_cell(unit, cell, value=None, presence=plandata.VALUE, leave_out=False):
    """The village's good figures, one cell changed."""
    columns = [row for row in sheet(unit) if row[0] != cell]
    if not leave_out:
        columns.append((cell, presence, value))
    return observations(sorted(columns))


def submit(payload, kind=layout.REPORT, **changes):
    """A question that submits `payload`, fields of the Record replaced by `changes`."""
    def ask(client):
        record = client.unit.record(kind, payload)
        for name, value in changes.items():
            setattr(record, name, value)
        return client.submit(record)
    return ask


def report_cases(stage):
    """(what, error, changes to the report, field or cell)"""
    unit, other = stage.village.unit, stage.other_unit
    period = {"field": "period"}

    def cell(number, *value, **changes):
        return {"observations": with_cell(unit, number, *value, **changes)}

    good = sheet(unit)
    swapped = [good[1], good[0], *good[2:]]
    repeated = [good[0], *good]
    short = observations(good)
    del short.value[-1]
    absent = next(row for row in good if row[0] == INJURIES)
    return [
        ("year before the plan", "E_PERIOD", {"period": plandata.FIRST_YEAR - 1}, period),
        ("year 0", "E_PERIOD", {"period": 0}, period),
        ("year after the plan", "E_PERIOD", {"period": plandata.LAST_YEAR + 1}, period),
        ("year far beyond any calendar", "E_PERIOD", {"period": 2**32 - 1}, period),
        *[("year of the plan that has not begun", name, {"period": year}, period)
          for year, name in plandata.future_years("E_PERIOD_FUTURE").items()],
        ("locked year", "E_PERIOD_LOCKED", {"period": 2022}, period),
        ("unknown plan", "E_PLAN_UNKNOWN", {"plan": "atlantis"}, {"field": "plan"}),
        ("unknown form", "E_FORM_UNKNOWN", {"form": "hamlet"}, {"field": "form"}),
        ("another reporter's form", "E_FORM_NOT_OWED", {"form": "health"}, {"field": "form"}),
        ("old form version", "E_FORM_VERSION", {"form_version": 7}, {"field": "form_version"}),
        ("another place", "E_PLACE_FOREIGN", {"place": other // 1000}, {"field": "place"}),
        ("no place", "E_PLACE_FOREIGN", {"place": 0}, {"field": "place"}),
        ("revision 0", "E_REVISION", {"revision": 0}, {"field": "revision"}),
        ("revision 3 before 1", "E_REVISION", {"revision": 3}, {"field": "revision"}),
        ("revision beyond any number", "E_REVISION", {"revision": 2**32 - 1},
         {"field": "revision"}),
        ("provenance not stated", "E_PRESENCE", {"provenance": 0}, {"field": "provenance"}),
        ("text too long", "E_TEXT", {"filler": "长" * 67}, {"field": "filler"}),
        ("note too long", "E_TEXT", {"note": "长" * 1334}, {"field": "note"}),
        ("explanation of an unknown cell", "E_CELL_UNKNOWN",
         {"explanations": [pb().Explanation(cell=UNKNOWN_CELL, text="?")]}, {"cell": UNKNOWN_CELL}),
        ("unknown cell", "E_CELL_UNKNOWN", cell(UNKNOWN_CELL, 1.0), {"cell": UNKNOWN_CELL}),
        ("cell 0", "E_CELL_UNKNOWN", cell(0, 1.0), {"field": "observations.cell[0]"}),
        ("largest cell number", "E_CELL_UNKNOWN", cell(2**32 - 1, 1.0), {"cell": 2**32 - 1}),
        ("cells not ascending", "E_CELL_ORDER", {"observations": observations(swapped)},
         {"cell": 1}),
        ("cell repeated", "E_CELL_ORDER", {"observations": observations(repeated)}, {"cell": 1}),
        ("columns of different lengths", "E_COLUMNS", {"observations": short},
         {"field": "observations"}),
        ("numerator above denominator", "E_NUMERATOR_ABOVE_DENOMINATOR",
         cell(WATERS_MARKED, 99.0), {"cell": WATERS_MARKED}),
        ("part above whole", "E_CHECK", cell(LEFT_BEHIND, 99999.0), {"cell": LEFT_BEHIND}),
        ("negative number", "E_NEGATIVE", cell(HOUSEHOLDS, -1.0), {"cell": HOUSEHOLDS}),
        ("smallest negative number", "E_NEGATIVE", cell(HOURS, -0.5), {"cell": HOURS}),
        ("NaN", "E_NOT_FINITE", cell(HOURS, math.nan), {"cell": HOURS}),
        ("infinity", "E_NOT_FINITE", cell(HOURS, math.inf), {"cell": HOURS}),
        ("minus infinity", "E_NOT_FINITE", cell(HOURS, -math.inf), {"cell": HOURS}),
        ("number beyond its range", "E_RANGE", cell(HOURS, 169.0), {"cell": HOURS}),
        ("number beyond any count", "E_RANGE", cell(INJURIES, 1e300), {"cell": INJURIES}),
        ("too many decimals", "E_DECIMALS", cell(HOUSEHOLDS, 260.5), {"cell": HOUSEHOLDS}),
        ("2 in a yes/no cell", "E_YESNO", cell(DIRECTOR, 2.0), {"cell": DIRECTOR}),
        ("required figure missing", "E_REQUIRED", cell(HOUSEHOLDS, leave_out=True),
         {"cell": HOUSEHOLDS}),
        ("required figure not reported", "E_REQUIRED",
         cell(HOUSEHOLDS, 0.0, plandata.NOT_REPORTED), {"cell": HOUSEHOLDS}),
        ("no figures at all", "E_REQUIRED", {"observations": None}, {"cell": 1}),
        ("presence not stated", "E_PRESENCE", cell(INJURIES, absent[2], 0), {"cell": INJURIES}),
        ("unknown presence", "E_PRESENCE", cell(INJURIES, 0.0, 5), {"cell": INJURIES}),
        ("a value that is not applicable", "E_PRESENCE",
         cell(INJURIES, 4.0, plandata.NOT_APPLICABLE), {"cell": INJURIES}),
        ("NaN that is not collected", "E_PRESENCE",
         cell(INJURIES, math.nan, plandata.NOT_COLLECTED), {"cell": INJURIES}),
    ]


def check_reports(stage):
    for what, name, changes, where in report_cases(stage):
        payload = report(stage.village.unit, **{"period": YEAR, **changes})
        stage.refused(what, name, submit(payload), kinds=("KIND_REFUSAL",), **where)
    two = with_cell(stage.village.unit, HOUSEHOLDS, -1.0)
    two.value[DIRECTOR - 1] = 7.0
    answer = stage.refused("two mistakes at once", ("E_NEGATIVE", "E_YESNO"), submit(
        report(stage.village.unit, period=YEAR, observations=two)), kinds=("KIND_REFUSAL",))
    stage.checks.equal("both mistakes are told, each with its cell",
                       answer and sorted(problem.cell for problem in answer.problems
                              if problem.name in ("E_NEGATIVE", "E_YESNO")), [DIRECTOR, HOUSEHOLDS])


def check_records(stage):
    """The record around a report, and whose it is."""
    unit = stage.village.unit
    good = report(unit, period=YEAR)
    stranger = Unit(unit.number)
    big = report(unit, period=YEAR, note="长" * 24000)
    not_text = report(unit, period=YEAR, note="@@").SerializeToString().replace(b"@@", b"\xff\xfe")
    foreign = report(unit, period=YEAR, head=pb().Head(id=os.urandom(16), unit=stage.other_unit),
                     place=stage.other_unit // 1000)
    nobody = report(unit, period=YEAR, head=pb().Head(id=os.urandom(16), unit=450223104999000))
    for size in (0, 1, 15, 17, 64):
        named = report(unit, period=YEAR, head=pb().Head(id=os.urandom(size), unit=unit.number))
        stage.refused(f"id of {size} bytes", "E_ID", submit(named))
    headless = report(unit, period=YEAR)
    headless.ClearField("head")
    stage.refused("no head", ("E_ID", "E_MALFORMED"), submit(headless))
    stage.refused("payload above its limit", "E_TOO_LARGE", submit(big))
    stage.refused("text that is not UTF-8", ("E_TEXT", "E_MALFORMED"), submit(not_text))
    stage.refused("text with a NUL", ("E_TEXT", "E_MALFORMED"),
                  submit(report(unit, period=YEAR, note="a\0b")))
    stage.refused("empty payload", ("E_ID", "E_MALFORMED"), submit(b""))
    stage.refused("record in another unit's name", "E_FORBIDDEN", submit(foreign))
    stage.refused("record of no unit", "E_UNIT_UNKNOWN", submit(nobody))
    stage.refused("unknown signing key", "E_KEY_UNKNOWN", submit(good, key=stranger.key))
    stage.refused("key id of 15 bytes", "E_KEY_UNKNOWN", submit(good, key=b"k" * 15))
    stage.refused("unknown algorithm", "E_ALGORITHM", submit(good, algorithm=2))
    stage.refused("no algorithm", "E_ALGORITHM", submit(good, algorithm=0))
    stage.refused("signature of 63 bytes", "E_SIGNATURE", submit(good, signature=b"s" * 63))
    for kind in (0, layout.NOTICE, 7, 99):
        stage.refused(f"record of kind {kind}", ("E_KIND", "E_MALFORMED"),
                      submit(good, **{"kind": kind}))
    stage.refused("no record", "E_MALFORMED", lambda c: c.ask(pb().KIND_SUBMIT, pb().Submit()))


def check_truncated_payload(stage):
    """A report cut at every length, properly signed, is never stored."""
    unit = stage.village.unit
    whole = report(unit, period=YEAR).SerializeToString()
    before = stage.server.row_counts()
    found = []
    for length in range(len(whole)):
        answer = submit(whole[:length])(stage.village)
        if answer.error is None or not answer.problems[0].zh or not answer.problems[0].en:
            found.append(f"{length}: {answer}")
    stage.checks.check(f"payload cut at each of {len(whole)} lengths gets an error", not found,
                       "; ".join(found[:5]))
    stage.unharmed("payload cut at every length", before)


def check_other_records(stage):
    """Reviews, locks, key changes and plans from a village, and bad ones from those who may."""
    village, statistics, root = stage.village, stage.statistics, stage.district.root
    subject = pb().RecordRef(unit=stage.other_unit, id=os.urandom(16), payload_sha256=b"h" * 32)

    def review(client, verdict, **changes):
        fields = {"head": client.unit.head(), "subject_kind": layout.REPORT, "subject": subject,
                  "verdict": verdict, **changes}
        return submit(pb().Review(**fields), layout.REVIEW)

    def lock(client, **changes):
        fields = {"head": client.unit.head(), "plan": plandata.PLAN, "place": plandata.DISTRICT,
                  "period": YEAR, **changes}
        return submit(pb().Lock(**fields), layout.LOCK)

    accept, give_back = pb().VERDICT_ACCEPT, pb().VERDICT_RETURN
    stage.refused("review by a village", "E_FORBIDDEN", review(village, accept))
    stage.refused("lock by a village", "E_FORBIDDEN", lock(village))
    stage.refused("key change by a village", "E_FORBIDDEN", submit(pb().KeyChange(
        head=village.unit.head(), action=pb().KEY_REVOKE, subject=stage.other_unit,
        key=b"k" * 16, reason="?"), layout.KEY))
    stage.refused("plan by a village", "E_FORBIDDEN", submit(pb().PlanImport(
        head=village.unit.head(), plan=plandata.PLAN,
        files=[pb().PlanFile(name="plan.csv", content=b"x")]), layout.PLAN))
    stage.refused("codes for a village", "E_FORBIDDEN", lambda c: c.ask(
        pb().KIND_ENROL_CODES, pb().EnrolCodes(units=[stage.other_unit])))

    def forged(client):
        record = client.unit.record(layout.LOCK, pb().Lock(
            head=client.unit.head(), plan=plandata.PLAN, place=plandata.DISTRICT, period=YEAR))
        record.signature = bytes([record.signature[0] ^ 1]) + record.signature[1:]
        return client.submit(record)

    stage.refused("lock with a bad signature", "E_SIGNATURE", forged, client=statistics)
    stage.refused("review of nothing known", "E_SUBJECT_UNKNOWN", review(statistics, accept),
                  client=statistics)
    stage.refused("return without a reason", "E_REASON", review(statistics, give_back),
                  client=statistics)
    stage.refused("review without a verdict", ("E_MALFORMED", "E_PRESENCE"), review(statistics, 0),
                  client=statistics)
    stage.refused("unlock of an open period", ("E_SUBJECT_STATE", "E_REASON"),
                  lock(statistics, unlock=True), client=statistics)
    year = int(time.strftime("%Y", time.gmtime(time.time() + 8 * 3600)))
    if year <= plandata.LAST_YEAR:
        stage.refused("lock of a year that is not over", "E_PERIOD_FUTURE",
                      lock(statistics, period=year), client=statistics)
    stage.refused("lock of another place", ("E_FORBIDDEN", "E_PLACE_FOREIGN"),
                  lock(statistics, place=220300000000), client=statistics)
    whole = plandata.plan_files()
    spoilt = [(name, b"target,indicator\nX,\n" if name == "targets.csv" else content)
              for name, content in whole]
    for what, files in (("no files", []), ("a spoilt file", spoilt), ("three files", whole[:3])):
        stage.refused(f"plan of {what}", "E_PLAN_INVALID", submit(pb().PlanImport(
            head=root.unit.head(), plan=plandata.PLAN,
            files=[pb().PlanFile(name=name, content=content) for name, content in files]),
            layout.PLAN), client=root)
