"""Openings, cut-offs, exceptions, reminders, escalations and outages, under a moved clock.

One township of 鹿寨县 and one department. Every expected time is computed here from the dates that
were set; the figures are 演示数据. The server's machine is in one zone far from China's, the commands' in
another on the other side of it: every time is China's all the same.
"""

import time
from datetime import datetime, timedelta, timezone

import harness
import layout
import plandata
from client import pb
from harness import Cli, District, Server
from sheet import parse

CHINA = timezone(timedelta(hours=8))
YEAR = 2025
VILLAGES = plandata.villages()
TOWNSHIP = plandata.own_unit(plandata.TOWNSHIP)
STATISTICS = plandata.department("statistics")
POLICE = plandata.department("police")
WITHIN_S = 30
OPENS = datetime(2026, 1, 10, 8, 0, tzinfo=CHINA)
DUE = datetime(2026, 2, 10, 18, 0, tzinfo=CHINA)
UNTIL = datetime(2026, 2, 20, 12, 0, tzinfo=CHINA)
DEFAULT_DUE = datetime(2026, 2, 16, 0, 0, tzinfo=CHINA)   # forms.csv: 02-15 24:00
TOTAL_DUE = datetime(2026, 3, 1, 0, 0, tzinfo=CHINA)      # 02-28 24:00
POLICE_DUE = datetime(2026, 3, 16, 0, 0, tzinfo=CHINA)    # 03-15 24:00
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def us(moment):
    return round(moment.timestamp()) * 1000000


def when(us_):
    return datetime.fromtimestamp(us_ / 1000000, CHINA)


class Stage:
    def __init__(self, checks, workplace):
        self.checks = checks
        self.server = Server(workplace).with_clock(OPENS - 3 * DAY)
        self.server.environment["TZ"] = "WEST+11"
        self.server.start()
        self.district = District(self.server)
        self.clients = {}
        for unit in (STATISTICS, TOWNSHIP, POLICE, *map(plandata.own_unit, VILLAGES[:4])):
            self.client(unit)

    def client(self, unit):
        if unit not in self.clients:
            self.clients[unit] = self.district.client(unit)
        return self.clients[unit]

    def now(self):
        return when(self.client(TOWNSHIP).ping().body.time_us)

    def move(self, moment):
        """Returns once the server goes by the new time and the clock thread has looked."""
        self.server.move(moment)
        self.wait("the clock is moved", lambda: moment <= self.now() < moment + MINUTE, quiet=True)
        self.wait("the aggregator has looked", lambda: moment <= when(int(self.server.sql(
            "select seen_us from zhibao.service_mark")[0][0])) < moment + MINUTE, quiet=True)

    def wait(self, what, ready, quiet=False):
        end = time.monotonic() + WITHIN_S
        while not ready():
            if time.monotonic() > end:
                return self.checks.check(what, False, f"not within {WITHIN_S} s")
            time.sleep(0.02)
        return True if quiet else self.checks.check(what, True)

    def submit(self, kind, unit, payload):
        client = self.client(unit)
        return client.submit(client.unit.record(kind, payload))

    def report(self, unit, form="village", figures=None, **changes):
        client = self.client(unit)
        payload = harness.report(client.unit, form, figures, **{"period": YEAR, **changes})
        return self.submit(layout.REPORT, unit, payload)

    def calendar(self, *entries, unit=STATISTICS, **changes):
        fields = {"head": self.client(unit).unit.head(), "plan": plandata.PLAN,
                  "place": plandata.DISTRICT, "period": YEAR,
                  "entries": [pb().CalendarEntry(**entry) for entry in entries], **changes}
        return self.submit(layout.CALENDAR, unit, pb().Calendar(**fields))

    def extend(self, units, until, unit=STATISTICS, **changes):
        fields = {"head": self.client(unit).unit.head(), "plan": plandata.PLAN,
                  "place": plandata.DISTRICT, "period": YEAR, "form": "village",
                  "level": pb().CUTOFF_UNIT, "units": units, "until_us": us(until),
                  "reason": "道路中断", **changes}
        return self.submit(layout.EXTENSION, unit, pb().Extension(**fields))

    def refused(self, what, name, ask):
        before = self.server.row_counts()
        answer = ask()
        self.checks.equal(f"{what}: {name}", (answer.kind, answer.name), ("KIND_REFUSAL", name))
        self.checks.check(f"{what}: in both languages", all(p.zh and p.en for p in answer.problems))
        self.checks.equal(f"{what}: nothing changed", self.server.row_counts(), before)

    def notices(self, unit):
        """[(kind, form, level, about, due, days)] of a unit's inbox about cut-offs."""
        return [(pb().NoticeKind.Name(item.notice)[7:], item.cutoff.form, item.cutoff.level,
                 item.cutoff.unit, when(item.cutoff.due_us), item.cutoff.days)
                for item in self.inbox(unit) if item.notice not in (0, pb().NOTICE_EXTENDED)]

    def inbox(self, unit):
        """A unit's inbox from the beginning; the receipts of notices verify."""
        client, after, found = self.client(unit), "", []
        while True:
            answer = client.ask(pb().KIND_INBOX, pb().Inbox(after=after))
            if answer.error is not None and answer.error.retry:
                time.sleep(answer.error.retry_after_ms / 1000)
                continue
            page = client.must("KIND_INBOX_ITEMS", answer)
            for item in page.items:
                if item.notice:
                    layout.verify_receipt(item.receipt, client.pinned)
                found.append(item)
            after = page.next
            if not page.more:
                return found

    def made(self):
        return int(self.server.sql("select count(*) from zhibao.cutoff_notice")[0][0])


def entry(form="village", level=1, opens=OPENS, due=DUE, **more):
    return {"form": form, "level": level, "opens_us": us(opens), "due_us": us(due), **more}


def check_bad_input(stage):
    village = plandata.own_unit(VILLAGES[0])
    stage.refused("a cut-off before its opening", "E_CALENDAR_ORDER",
                  lambda: stage.calendar(entry(opens=DUE, due=OPENS)))
    stage.refused("a cut-off at its opening", "E_CALENDAR_ORDER",
                  lambda: stage.calendar(entry(opens=DUE, due=DUE)))
    stage.refused("one good entry and one bad", "E_CALENDAR_ORDER",
                  lambda: stage.calendar(entry(), entry("police", opens=DUE, due=OPENS)))
    stage.refused("no entry", "E_CALENDAR_ENTRY", stage.calendar)
    stage.refused("an entry twice", "E_CALENDAR_ENTRY", lambda: stage.calendar(entry(), entry()))
    stage.refused("a form that is not there", "E_FORM_UNKNOWN", lambda: stage.calendar(entry("x")))
    stage.refused("a total of a department's form", "E_CALENDAR_ENTRY",
                  lambda: stage.calendar(entry("police", level=2)))
    stage.refused("a reminder 61 days before", "E_CALENDAR_DAYS",
                  lambda: stage.calendar(entry(reminder_days=[61])))
    stage.refused("times set by a township", "E_FORBIDDEN",
                  lambda: stage.calendar(entry(), unit=TOWNSHIP, place=plandata.TOWNSHIP))
    stage.refused("times of another place", "E_FORBIDDEN",
                  lambda: stage.calendar(entry(), place=450200000000))
    stage.refused("a period outside the plan", "E_PERIOD", lambda: stage.calendar(entry(), period=2031))
    stage.refused("an exception for a unit outside the subtree", "E_UNIT_OUTSIDE",
                  lambda: stage.extend([village, 220302001001000], UNTIL))
    stage.refused("an exception for a unit that does not report the form", "E_UNIT_OUTSIDE",
                  lambda: stage.extend([POLICE], UNTIL))
    stage.refused("an exception without a reason", "E_REASON",
                  lambda: stage.extend([village], UNTIL, reason=" "))
    stage.refused("an exception that ends before the cut-off", "E_NOT_LATER",
                  lambda: stage.extend([village], DUE - DAY))
    stage.refused("an exception given by a village", "E_FORBIDDEN",
                  lambda: stage.extend([village], UNTIL, unit=village, place=VILLAGES[0]))


def check_opening(stage):
    village = plandata.own_unit(VILLAGES[0])
    stage.checks.equal("the statistics department sets opening and cut-off",
                       stage.calendar(entry(reminder_days=[5, 2], escalation_days=1)).kind,
                       "KIND_RECEIPT")
    stage.move(OPENS - MINUTE)
    stage.refused("a report before the opening", "E_NOT_OPEN", lambda: stage.report(village))
    stage.move(OPENS)
    stage.checks.equal("a report at the opening", stage.report(village).kind, "KIND_RECEIPT")
    receipt = stage.client(village).ask(pb().KIND_GET_RECEIPT, pb().GetReceipt(
        kind=layout.REPORT, unit=village, id=bytes.fromhex(stage.server.sql(
            "select encode(id, 'hex') from zhibao.report")[0][0]))).body.receipt
    leaf = layout.verify_receipt(receipt, stage.client(village).pinned).leaf
    stage.checks.check("its receipt tells the same clock",
                       OPENS <= when(leaf.received_us) < OPENS + MINUTE, when(leaf.received_us))
    check_bad_input(stage)


def reminders(unit, days, due=DUE, form="village", level=1):
    return ("REMINDER", form, level, unit, due, days)


def check_reminders(stage):
    """Each due reminder once, to those who have not reported, whatever happens to the server."""
    on_time, missing, excepted = (plandata.own_unit(place) for place in VILLAGES[:3])
    stage.checks.equal("an exception is granted", stage.extend([excepted], UNTIL).kind,
                       "KIND_RECEIPT")
    told = [(item.cutoff.form, when(item.cutoff.until_us), item.reason)
            for item in stage.inbox(excepted) if item.notice == pb().NOTICE_EXTENDED]
    stage.checks.equal("and announced to the unit: until when, and why", told,
                       [("village", UNTIL, "道路中断")])
    stage.checks.equal("to nobody else", [item for item in stage.inbox(missing) if item.notice], [])
    stage.move(DUE - 5 * DAY - MINUTE)
    stage.checks.equal("no reminder a minute too early", stage.made(), 0)
    stage.move(DUE - 5 * DAY)
    stage.wait("reminders are made", lambda: stage.notices(missing) == [reminders(missing, 5)])
    stage.checks.equal("none to who has reported", stage.notices(on_time), [])
    stage.checks.equal("none to who has more time", stage.notices(excepted), [])
    made = stage.made()
    stage.checks.equal("one for each village of the district that has not reported, but one", made,
                       len(all_villages()) - 2)
    stage.server.kill()
    stage.server.start()
    stage.move(DUE - 2 * DAY)
    stage.wait("the next reminder after a kill", lambda: stage.notices(missing) == [
        reminders(missing, 5), reminders(missing, 2)])
    stage.checks.equal("none twice", stage.made(), 2 * made)
    stage.checks.equal("the township is not told of reminders", stage.notices(TOWNSHIP), [])


def all_villages():
    return [row for row in plandata.rows(plandata.PLANS / plandata.PLAN / "places.csv")
            if row["level"] == "village"]


def check_late(stage):
    """Late reports are taken and marked; the next level hears who is missing, a day after."""
    late, missing, excepted = (plandata.own_unit(VILLAGES[i]) for i in (3, 1, 2))
    stage.move(DUE + MINUTE)
    stage.checks.equal("a late report is taken", stage.report(late).kind, "KIND_RECEIPT")
    stage.move(DUE + DAY + MINUTE)
    overdue = ("OVERDUE", "village", 1, missing, DUE, 0)
    stage.wait("the village is told that it is overdue", lambda: overdue in stage.notices(missing))
    stage.checks.equal("and its township of each that is missing",
                       sorted(notice for notice in stage.notices(TOWNSHIP) if notice[0] == "OVERDUE"),
                       sorted(("OVERDUE", "village", 1, plandata.own_unit(place), DUE, 0)
                              for place in VILLAGES[1:] if plandata.own_unit(place) not in
                              (late, excepted)))
    stage.checks.equal("the one with an exception is not overdue", stage.notices(excepted), [])
    stage.move(UNTIL - MINUTE)
    stage.wait("but reminded before its own", lambda: stage.notices(excepted) == [
        reminders(excepted, 2, UNTIL)])
    stage.checks.equal("it reports in its own time", stage.report(excepted).kind, "KIND_RECEIPT")


def check_marks(stage):
    """Who was late is marked wherever the report shows; the duty is due when the calendar says."""
    on_time, late, excepted = (plandata.own_unit(VILLAGES[i]) for i in (0, 3, 2))
    township = stage.client(TOWNSHIP)
    stage.wait("signatures are looked at", quiet=True, ready=lambda: all(
        item.state == pb().STATE_CHECKED for item in township.must(
            "KIND_PENDING_ITEMS", township.ask(pb().KIND_PENDING, pb().Pending())).items))
    pending = township.must("KIND_PENDING_ITEMS", township.ask(pb().KIND_PENDING, pb().Pending()))
    stage.checks.equal("what waits: the late one is marked", sorted(
        (item.record.unit, item.late) for item in pending.items),
        sorted([(on_time, False), (late, True), (excepted, False)]))
    tracked = township.must("KIND_TRACKED", township.ask(
        pb().KIND_TRACK, pb().Track(subtree=True, period=YEAR)))
    stage.checks.equal("track marks it", [report.unit for report in tracked.reports if report.late],
                       [late])
    stage.checks.equal("the township's inbox marks its arrival", [
        item.subject_unit for item in stage.inbox(TOWNSHIP) if item.late], [late])
    for item in pending.items:
        stage.submit(layout.REVIEW, TOWNSHIP, pb().Review(
            head=township.unit.head(), subject_kind=layout.REPORT, subject=item.record,
            verdict=pb().VERDICT_ACCEPT))
    total = township.must("KIND_TOTAL_REPLY", township.ask(
        pb().KIND_TOTAL, pb().GetTotal(form="village", period=YEAR)))
    stage.checks.equal("its total names who was late", (list(total.late), len(total.reports)),
                       ([late], 3))
    due = {}
    for unit in (late, excepted):
        client = stage.client(unit)
        for item in client.must("KIND_DUTY_ITEMS", client.ask(
                pb().KIND_DUTIES, pb().Duties(year=YEAR))).items:
            if item.form == "village":
                due[unit] = (when(item.due_us), item.late)
    stage.checks.equal("the duty is due by the calendar, exceptions included", due,
                       {late: (DUE, True), excepted: (UNTIL, False)})


def check_outage(stage):
    """Down for three of the last hours: the aggregator itself moves the cut-off."""
    down = TOTAL_DUE - timedelta(hours=6)
    stage.move(down)
    stage.checks.equal("zhibaod stops", stage.server.stop(), 0)
    stage.server.move(down + timedelta(hours=3))
    stage.server.start()
    moved = ("CUTOFF_MOVED", "village", 2, 0, TOTAL_DUE, 0)
    stage.wait("an outage moves the cut-off of township totals",
               lambda: moved in stage.notices(TOWNSHIP))
    stage.checks.check("and that of the township's form",
                       ("CUTOFF_MOVED", "township", 1, 0, TOTAL_DUE, 0) in stage.notices(TOWNSHIP))
    until = when(int(stage.server.sql(
        "select until_us from zhibao.cutoff_notice where notice = 'cutoff_moved' and level = 2")[0][0]))
    stage.checks.equal("to the end of the day on which the lost hours are made up for", until,
                       TOTAL_DUE + DAY)
    stage.checks.check("statistics hears of it too", moved in stage.notices(STATISTICS))
    stage.checks.equal("villages do not", [n for n in stage.notices(plandata.own_unit(VILLAGES[1]))
                                           if n[0] == "CUTOFF_MOVED"], [])
    check_database_outage(stage)
    made = stage.server.sql("select count(*) from zhibao.cutoff_notice where notice = 'cutoff_moved'")
    stage.server.kill()
    stage.server.start()
    stage.move(POLICE_DUE + DAY + MINUTE)
    stage.wait("statistics hears of the department after the new cut-off", lambda: (
        "OVERDUE", "police", 1, POLICE, POLICE_DUE + DAY, 0) in stage.notices(STATISTICS))
    stage.checks.equal("two outages are known", stage.server.sql(
        "select count(*) from zhibao.outage"), [["2"]])
    stage.checks.equal("no cut-off moved twice by the same outage", stage.server.sql(
        "select count(*) from zhibao.cutoff_notice where notice = 'cutoff_moved'"), made)


def check_database_outage(stage):
    """zhibaod is up, its database is not."""
    stage.move(POLICE_DUE - timedelta(hours=5))
    before = stage.server.log.read_text(errors="replace").count("the clock waits for the database")
    for statement in ("alter database zhibao with allow_connections false",
                      "select pg_terminate_backend(pid) from pg_stat_activity"
                      " where datname = 'zhibao'"):
        stage.server.sql(statement, database="postgres")
    stage.wait("zhibaod notices that the database is away", lambda: stage.server.log.read_text(
        errors="replace").count("the clock waits for the database") > before)
    stage.server.move(POLICE_DUE + timedelta(hours=1))
    stage.wait("time passes", lambda: stage.now() > POLICE_DUE, quiet=True)
    stage.server.sql("alter database zhibao with allow_connections true", database="postgres")
    stage.wait("a database that was away moves the cut-off as well", lambda: (
        "CUTOFF_MOVED", "police", 1, 0, POLICE_DUE, 0) in stage.notices(POLICE))
    stage.checks.equal("nobody is told that the department is overdue", [
        notice for notice in stage.notices(POLICE) if notice[0] == "OVERDUE"], [])


def completeness(stage, unit, place=plandata.DISTRICT, form="village"):
    client = stage.client(unit)
    return client.must("KIND_COMPLETENESS", client.ask(
        pb().KIND_GET_COMPLETENESS, pb().GetCompleteness(place=place, period=YEAR, form=form)))


def check_completeness(stage):
    """Figures by place and a list by unit, against what was done and against the views."""
    villages = [int(row["place"]) * 1000 for row in all_villages()]
    first, late, excepted = (plandata.own_unit(VILLAGES[i]) for i in (0, 3, 2))
    answer = completeness(stage, STATISTICS)
    figures = {(row.place, row.level): (row.expected, row.received, row.on_time, row.late, row.overdue)
               for row in answer.rows}
    stage.checks.equal("completeness of the district", figures[plandata.DISTRICT, 1],
                       (len(villages), 3, 2, 1, len(villages) - 3))
    stage.checks.equal("of the township", figures[plandata.TOWNSHIP, 1],
                       (len(VILLAGES), 3, 2, 1, len(VILLAGES) - 3))
    stage.checks.equal("of its total", figures[plandata.TOWNSHIP, 2], (1, 0, 0, 0, 0))
    units = {unit.unit: unit for unit in answer.units if unit.level == 1}
    stage.checks.equal("every village is listed", sorted(units), sorted(villages))
    stage.checks.equal("who was late", [u for u, row in units.items() if row.late], [late])
    stage.checks.equal("since when others are missing", {when(row.due_us) for row in units.values()
                                                         if row.overdue}, {DUE})
    stage.checks.check("the exception is told", units[excepted].excepted
                       and when(units[excepted].due_us) == UNTIL and not units[first].excepted)
    stage.checks.check("last seen: those who were there, not the others", units[first].seen_us > 0
                       and units[villages[-1]].seen_us == 0, units[first])
    view = stage.server.sql(
        "select place, level, expected, received, on_time, late from zhibao.timeliness"
        f" where plan = '{plandata.PLAN}' and period = {YEAR} and form = 'village'")
    for place, level, *counts in view:
        if (int(place), int(level)) in figures:
            stage.checks.equal(f"the view says the same of {place} level {level}",
                               tuple(map(int, counts)), figures[int(place), int(level)][:4])
    cutoffs = dict(stage.server.sql(
        f"select unit, due_us from zhibao.timeliness_unit where plan = '{plandata.PLAN}'"
        f" and period = {YEAR} and form = 'village' and level = 1"))
    stage.checks.equal("and of every cut-off", {int(u): int(d) for u, d in cutoffs.items()},
                       {u: row.due_us for u, row in units.items()})
    own = completeness(stage, first)
    stage.checks.equal("a village sees itself alone", [unit.unit for unit in own.units], [first])
    township = stage.client(TOWNSHIP).ask(pb().KIND_GET_COMPLETENESS, pb().GetCompleteness(
        place=450223100000, period=YEAR))
    stage.checks.equal("a township no other township", township.name, "E_FORBIDDEN")


def check_new_year(stage, preview):
    """Every form and duty of the plan is in the preview of a new year, with who owes it and when."""
    forms = {row["form"]: row for row in preview if row["what"] == "form" and row["level"] == "unit"}
    stage.checks.equal("every form of the plan", set(forms), set(plandata.forms()))
    villages = sum(row["level"] == "village" for row in plandata.rows(
        plandata.PLANS / plandata.PLAN / "places.csv"))
    text = (f"v1, {len(plandata.forms()['village'])} items, "
            f"{villages} units")
    stage.checks.equal("its version, items and how many owe it, beside last year's", (
        forms["village"]["last"], forms["village"]["next"], forms["village"]["change"]),
        (text, text, "same"))
    duties = {row["form"]: row for row in preview if row["what"] == "duty"}
    wanted = {row["duty"]: row for row in plandata.rows(
        plandata.PLANS / plandata.PLAN / "duties.csv")}
    stage.checks.equal("every duty of the plan", set(duties), set(wanted))
    code = next(code for code, row in wanted.items() if row["form"] == "police")
    stage.checks.equal("a duty is due a year later", (
        duties[code]["last"], duties[code]["next"], duties[code]["change"]),
        ("1 units 2026-03-15 24:00", "1 units 2027-03-15 24:00", "same"))


def check_commands(stage):
    """The statistics department's commands: show, set, extend, roll with its preview, completeness."""
    cli = Cli(stage.server.workplace, "statistics")

    def ran(*arguments, code=0):
        done = cli(*arguments, TZ="EAST-14")
        stage.checks.check(f"zhibao {' '.join(map(str, arguments[:2]))} exits {code}",
                           done.returncode == code, f"{done.returncode} {done.stdout}{done.stderr}")
        return parse(done.stdout) if "csv" in arguments else done

    def shown(year, form="village", level="unit"):
        rows = ran("calendar", "show", "--year", year, "--form", form, "--format", "csv")
        return [(row["opens"], row["set"], row["remind"], row["source"]) for row in rows
                if row["level"] == level and row["unit"] == ""]

    ran("enrol", stage.district.codes(STATISTICS)[0])
    stage.checks.equal("the calendar as it was set", shown(YEAR), [
        ("2026-01-10 08:00", "2026-02-10 18:00", "5,2", str(plandata.DISTRICT))])
    stage.checks.equal("next year is as the plan says", shown(YEAR + 1), [
        ("2027-01-01 00:00", "2027-02-15 24:00", "7,3,1", "plan")])
    preview = ran("calendar", "roll", "--year", YEAR + 1, "--preview", "--format", "csv")
    stage.checks.equal("the preview shows the one difference", [
        (row["form"], row["level"], row["due"], row["new_due"], row["new_remind"])
        for row in preview if row["what"] == "cutoff"],
        [("village", "unit", "2027-02-15 24:00", "2027-02-10 18:00", "5,2")])
    check_new_year(stage, preview)
    stage.checks.equal("and changes nothing", shown(YEAR + 1)[0][3], "plan")
    ran("calendar", "roll", "--year", YEAR + 1)
    stage.checks.equal("then it is taken over", shown(YEAR + 1), [
        ("2027-01-10 08:00", "2027-02-10 18:00", "5,2", str(plandata.DISTRICT))])
    stage.checks.check("again there is nothing to do", "nothing to change" in ran(
        "calendar", "roll", "--year", YEAR + 1).stdout)
    ran("calendar", "set", "--year", YEAR + 1, "--form", "police", "--opens", "2027-02-01", "--due",
        "2027-01-31", code=1)
    ran("calendar", "set", "--year", YEAR + 1, "--form", "police", "--opens", "2027-02-01", "--due",
        "2027-03-20", "--remind", "10,1", "--escalate", "2")
    stage.checks.equal("a form of its own", shown(YEAR + 1, "police"), [
        ("2027-02-01 00:00", "2027-03-20 24:00", "10,1", str(plandata.DISTRICT))])
    ran("calendar", "extend", VILLAGES[0], "--year", YEAR + 1, "--form", "village", "--until",
        "2027-02-28", "--reason", "换届")
    exceptions = [row for row in ran("calendar", "show", "--year", YEAR + 1, "--format", "csv")
                  if row["unit"]]
    stage.checks.equal("the exception is shown", [(row["unit"].split()[0], row["due"], row["reason"])
                                                  for row in exceptions],
                       [(str(VILLAGES[0]), "2027-02-28 24:00", "换届")])
    rows = ran("completeness", "--year", YEAR, "--form", "village", "--format", "csv")
    stage.checks.equal("completeness by place", [
        (row["expected"], row["on_time"], row["late"], row["timeliness"]) for row in rows
        if row["place"] == str(plandata.TOWNSHIP) and row["level"] == "unit"],
        [(str(len(VILLAGES)), "2", "1", f"{200 / len(VILLAGES):.1f}")])
    listed = ran("completeness", "--year", YEAR, "--form", "village", "--units", "--format", "csv")
    stage.checks.equal("and unit by unit", sorted({row["state"] for row in listed
                                                   if row["level"] == "unit"}),
                       ["late", "on_time", "overdue"])
    scores = {row["unit"]: row for row in ran("quality", "--place", plandata.TOWNSHIP, "--year",
                                              YEAR, "--format", "csv")}
    on_time, missing, excepted, late = (scores[str(place)] for place in VILLAGES[:4])
    stage.checks.equal("data quality knows the same cut-offs and exceptions", [
        row["timeliness"] for row in (on_time, excepted, late, missing)],
        ["1.000", "1.000", "0.000", ""])
    found = [row["note_en"] for row in ran("quality", "--place", plandata.TOWNSHIP, "--year", YEAR,
                                           "--findings", "--format", "csv")
             if row["part"] == "timeliness"]
    stage.checks.equal("and says which was passed, and when", found, [
        "came after 2026-02-10 18:00, at 2026-02-10 18:01"])


def check_test_clock(stage):
    """The test's clock is refused without the test's environment, and loud in the log."""
    stage.checks.check("the log is loud about the moved clock",
                       "THE CLOCK WAS MOVED FOR A TEST" in stage.server.log.read_text())
    stage.server.stop()
    environment, stage.server.environment = stage.server.environment, {}
    stage.checks.equal("refused without the environment of a test", stage.server.exit_code(), 2)
    stage.server.environment = environment


def scenario(checks, workplace):
    stage = Stage(checks, workplace)
    check_opening(stage)
    check_reminders(stage)
    check_late(stage)
    check_completeness(stage)
    check_marks(stage)
    check_commands(stage)
    check_outage(stage)
    for client in stage.clients.values():
        client.close()
    check_test_clock(stage)


if __name__ == "__main__":
    harness.run(scenario)
