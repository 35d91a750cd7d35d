"""A small yearly round of 鹿寨县 through the command line, and every figure of it computed anew.

One township (平山镇): its villages report, one is returned and amended, the township confirms, two
departments report, statistics accepts and locks, the committee office pulls. The figures are 演示数据.
"""

import os
import signal
import time

import figures
import harness
import layout
import plandata
import proofs
from client import Client, Unit, enrolled_client, pb
from harness import Cli, Server
from sheet import as_text, filled, parse

YEAR = plandata.PERIOD
VILLAGES = plandata.villages()
SILENT = VILLAGES[-1]         # never reports
RETURNED = VILLAGES[2]        # is returned once
OFFLINE = VILLAGES[3]         # reports while the server is down
LATE_AMENDER = VILLAGES[4]    # amends after its report was accepted
TOWNSHIP = plandata.own_unit(plandata.TOWNSHIP)
DEPARTMENTS = ("court", "police")
REASON = "常住户数与去年相差过大，请核对"
STATE_WITHIN_S = 60
VERIFIER = r"max\(n\.number\)|s\.number, coalesce|key_id, algorithm, payload, signature"


class Round:
    def __init__(self, checks, workplace):
        self.checks = checks
        self.workplace = workplace
        self.server = Server(workplace).start()
        self.homes = {}
        self.templates = {}
        self.submitted = {}  # (form, place) -> {cell: value}: the revision that counts
        self.admin = self.home("admin")
        self.ran(self.admin, "enrol", self.server.first_code())
        self.ran(self.admin, "plan", "import", plandata.PLANS / plandata.PLAN)

    def home(self, name):
        self.homes[name] = Cli(self.workplace, name)
        return self.homes[name]

    def ran(self, cli, *arguments, code=0, **options):
        """Runs a command and checks its exit code; returns the finished process."""
        done = cli(*arguments, **options)
        shown = " ".join(str(argument) for argument in arguments[:3] if len(str(argument)) < 60)
        self.checks.check(f"{cli.home.name}: zhibao {shown} exits {code}", done.returncode == code,
                          f"{done.returncode}: {done.stdout[-600:]}{done.stderr[-600:]}")
        return done

    def codes(self, units):
        done = self.ran(self.admin, "admin", "codes", "--unit",
                        ",".join(text_of(unit) for unit in units), "--format", "csv")
        return [row["code"] for row in sorted(parse(done.stdout), key=lambda row: row["unit"])]

    def enrol(self, units):
        """units: name -> unit number. Enrols a home for each."""
        ordered = sorted(units.items(), key=lambda item: text_of(item[1]))
        for (name, _), code in zip(ordered, self.codes([unit for _, unit in ordered])):
            self.ran(self.home(name), "enrol", code)

    def client(self, unit):
        """A second key of a unit, for questions that the command line does not ask."""
        return enrolled_client(self.codes([unit])[0])

    def template(self, name, form):
        if form not in self.templates:
            path = self.workplace.path / f"template-{form}.csv"
            self.ran(self.homes[name], "form", "--template", "csv", "-o", path, lang="zh")
            self.templates[form] = path.read_text(encoding="utf-8")
        return self.templates[form]

    def sheet(self, name, form, place, values):
        """Writes the filled-in file and remembers what it says."""
        path = self.workplace.path / f"{name}.csv"
        path.write_text(filled(self.template(name, form), form, values), encoding="utf-8")
        self.submitted[form, place] = {
            cell: value if presence == plandata.VALUE else None
            for cell, presence, value in plandata.columns(form, values)}
        return path

    def submit(self, name, form, place, values, code=0):
        return self.ran(self.homes[name], "submit", self.sheet(name, form, place, values), "--year",
                        YEAR, "--demo", code=code)

    def track(self, name, *more):
        done = self.ran(self.homes[name], "track", "--year", YEAR, "--format", "csv", *more)
        return parse(done.stdout)

    def states(self, name, *more):
        """revision -> state of this home's own reports."""
        return {int(row["revision"]): row["state"] for row in self.track(name, *more)
                if row["kind"] == "report"}

    def wait_checked(self, name, count):
        """What waits for this reviewer, once all signatures have been looked at."""
        end = time.monotonic() + STATE_WITHIN_S
        while True:
            rows = parse(self.homes[name]("pending", "--format", "csv").stdout)
            settled = all(row["state"] != "stored" for row in rows)
            if (len(rows) >= count and settled) or time.monotonic() > end:
                return rows


def text_of(unit):
    """450223101201000 as people write it: 450223101201, 450223000000:17."""
    place, number = divmod(unit, 1000)
    return f"{place:012}" + (f":{number}" if number else "")


def village_name(place):
    return f"v{place % 1000:03}"


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
    end = time.monotonic() + STATE_WITHIN_S
    record = township.unit.record(layout.REVIEW, review)
    while answer.name == "E_NOT_CHECKED" and time.monotonic() < end:
        time.sleep(answer.body.retry_after_ms / 1000)
        answer = township.submit(record)
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


def township_reviews(stage):
    waiting = stage.wait_checked("township", len(VILLAGES) - 2)
    expected = sorted(place for place in VILLAGES if place not in (SILENT, VILLAGES[0]))
    stage.checks.equal("what waits for the township", sorted(int(row["unit"]) for row in waiting),
                       expected)
    stage.checks.equal("all of it checked", {row["state"] for row in waiting}, {"checked"})
    wrong = next(row for row in waiting if int(row["unit"]) == RETURNED)
    stage.ran(stage.homes["township"], "return", wrong["id"], "--reason", REASON)
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
    amended = plandata.village_figures(RETURNED) | {"households": 777}
    stage.submit(name, "village", RETURNED, amended)
    stage.wait_checked("township", 1)
    stage.ran(stage.homes["township"], "accept", "--all", "--form", "village", "--year", YEAR)
    stage.checks.equal("the amendment is accepted, the first revision superseded",
                       stage.states(name), {1: "superseded", 2: "accepted"})
    stage.checks.equal("others are accepted", stage.states(village_name(VILLAGES[1])),
                       {1: "accepted"})


def check_total(stage, total):
    """The township's total against sums of what the villages' files say."""
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
        totals=total.totals, reporters=total.reporters, missing=total.missing)


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
    wrong.totals.value[0] += 1
    refused("a total with a wrong sum", ("E_TOTAL", "E_STALE"), wrong)
    fewer = confirmation_of(township, current)
    del fewer.reports[-1]
    refused("a total that leaves out a report", ("E_STALE", "E_TOTAL"), fewer)
    stage.submit("township", "township", plandata.TOWNSHIP, plandata.TOWNSHIP_FIGURES)
    done = stage.ran(stage.homes["township"], "confirm", "--form", "village", "--year", YEAR)
    stage.checks.check("confirm shows who is missing", "1 units missing" in done.stdout, done.stdout)
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
    stage.ran(stage.homes["statistics"], "lock", "--place", plandata.DISTRICT, "--year", YEAR)
    stage.checks.equal("then all is locked", [stage.states(village_name(RETURNED)),
                                              stage.states("court")],
                       [{1: "superseded", 2: "locked"}, {1: "locked"}])
    late = plandata.village_figures(SILENT)
    done = stage.submit(village_name(SILENT), "village", SILENT, late, code=1)
    del stage.submitted["village", SILENT]
    stage.checks.check("a report after the lock is refused and says so",
                       "E_PERIOD_LOCKED" in done.stdout + done.stderr, done.stdout + done.stderr)


def check_inbox(stage):
    """In order, each once, and from the beginning when asked."""
    name = village_name(RETURNED)
    expected = [("accepted", "2"), ("confirmed", "2"), ("final", "2"), ("locked", "")]
    new = parse(stage.ran(stage.homes[name], "inbox", "--format", "csv").stdout)
    stage.checks.equal("inbox: what is new, in order",
                       [(row["state"], row["revision"]) for row in new], expected)
    stage.checks.equal("inbox: every receipt verified", {row["receipt"] for row in new},
                       {"verified"})
    stage.checks.equal("inbox: each once", parse(
        stage.ran(stage.homes[name], "inbox", "--format", "csv").stdout), [])
    everything = parse(stage.ran(stage.homes[name], "inbox", "--all", "--format", "csv").stdout)
    stage.checks.equal("inbox --all: from the beginning",
                       [(row["state"], row["revision"]) for row in everything],
                       [("returned", "1"), *expected])
    client = stage.client(TOWNSHIP)
    once = client.must("KIND_INBOX_ITEMS", client.ask(pb().KIND_INBOX, pb().Inbox()))
    paged, cursor, more = [], "", True
    while more:
        page = client.must("KIND_INBOX_ITEMS", client.ask(
            pb().KIND_INBOX, pb().Inbox(after=cursor, limit=1)))
        paged += page.items
        cursor, more = page.next or cursor, page.more
        stage.checks.check("a page of one item", len(page.items) <= 1)
        if not page.items:
            break
    stage.checks.check("inbox page by page is the whole inbox", list(once.items) == paged,
                       f"{len(paged)} items instead of {len(once.items)}")
    times = [item.time_us for item in once.items]
    stage.checks.equal("in the order of time", times, sorted(times))
    client.close()


def check_results(stage, pulled, where):
    """Every value that our reports feed, against one computed from their files."""
    reports = [(form, place, values) for (form, place), values in stage.submitted.items()]
    forms = {form for form, _, _ in reports}
    compared = 0
    for result in pulled.indicators:
        if not result.indicator or not figures.is_covered(result.indicator, forms):
            continue  # a target that names no indicator, or one that other forms feed
        name = f"{where}: {result.indicator}{' ' if result.stratum else ''}{result.stratum}"
        expected = figures.consolidate(result.indicator, result.stratum, reports)
        compared += 1
        if expected is None:
            stage.checks.check(f"{name} has no value", result.presence != plandata.VALUE,
                               result.value)
            continue
        value, numerator, denominator = expected
        if not stage.checks.equal(f"{name} has a value", result.presence, plandata.VALUE):
            continue
        stage.checks.near(f"{name} = {value:.6g}", result.value, value)
        if result.has_fraction and numerator is not None:
            stage.checks.equal(f"{name}: fraction", (result.numerator, result.denominator),
                               (numerator, denominator))
        stage.checks.check(f"{name}: marked 演示数据", result.demonstration)
        check_targets(stage, name, result)
    stage.checks.check(f"{where}: {compared} indicators compared", compared >= 25)


def check_targets(stage, name, result):
    compare = {"<=": lambda a, b: a <= b, ">=": lambda a, b: a >= b, "<": lambda a, b: a < b,
               ">": lambda a, b: a > b, "=": lambda a, b: a == b}
    for target in result.targets:
        op = target.op.removeprefix("maintain")
        if not target.has_bound or op not in compare or target.scope.startswith("each"):
            continue
        met = compare[op](result.value, target.bound)
        stage.checks.equal(
            f"{name} against {target.target} ({target.op} {target.bound:g})", target.attainment,
            pb().ATTAINMENT_MET if met else pb().ATTAINMENT_NOT_MET)


def pull(client, place, **changes):
    """All pages of a pull, as one."""
    whole, cursor = None, ""
    while True:
        question = pb().Pull(place=place, period=YEAR, cursor=cursor, **changes)
        page = client.must("KIND_PULLED", client.ask(pb().KIND_PULL, question))
        if whole is None:
            whole = page
        else:
            whole.indicators.extend(page.indicators)
        cursor = page.next
        if not cursor:
            return whole


def office_pulls(stage):
    office = stage.client(plandata.department("office"))
    district = pull(office, plandata.DISTRICT)
    stage.checks.equal("the pull names place, period and plan",
                       (district.place_name, district.period, district.plan),
                       ("鹿寨县", YEAR, plandata.PLAN))
    stage.checks.equal("and says that it is locked and a demonstration",
                       (district.locked, district.demonstration), (True, True))
    check_results(stage, district, "district")
    check_results(stage, pull(office, plandata.TOWNSHIP), "township")
    counts = {row.form: row for row in district.completeness}
    everywhere = [int(row["place"]) for row in plandata.rows(
        plandata.PLANS / plandata.PLAN / "places.csv") if row["level"] == "village"]
    told = len(VILLAGES) - 1
    village = counts["village"]
    stage.checks.equal("completeness of the villages",
                       (village.expected, village.received, village.accepted, village.confirmed,
                        village.final), (len(everywhere), told, told, told, told))
    missing = {plandata.own_unit(place) for place in everywhere} - {
        plandata.own_unit(place) for place in VILLAGES if place != SILENT}
    stage.checks.equal("and exactly who is missing", set(village.missing), missing)
    stage.checks.equal("completeness of the townships",
                       (counts["township"].expected, counts["township"].received,
                        counts["township"].final), (9, 1, 1))
    stage.checks.equal("completeness of a department that reported",
                       (counts["court"].expected, counts["court"].final), (1, 1))
    stage.checks.equal("completeness of one that did not",
                       (counts["health"].expected, counts["health"].received), (1, 0))
    tap = pull(office, plandata.DISTRICT, indicator="rural_tap_water")
    stage.checks.equal("a pull of one indicator", {r.indicator for r in tap.indicators},
                       {"rural_tap_water"})
    office.close()
    for language in ("zh", "en"):
        done = stage.ran(stage.homes["office"], "pull", "--place", plandata.DISTRICT, "--year", YEAR,
                         lang=language)
        stage.checks.check(f"pull ({language}) shows 演示数据 and a value",
                           ("演示数据" in done.stdout or language == "en")
                           and f"{figures_shown(stage):.2f}" in done.stdout, done.stdout[:2000])
    village = stage.ran(stage.homes[village_name(VILLAGES[1])], "pull", "--place",
                        plandata.DISTRICT, "--year", YEAR, code=1)
    stage.checks.check("a village may not pull the district", "E_FORBIDDEN" in village.stderr,
                       village.stderr)


def figures_shown(stage):
    reports = [(form, place, values) for (form, place), values in stage.submitted.items()]
    return figures.consolidate("rural_tap_water", "", reports)[0]


def check_foreign(stage):
    """What a village may not see is left out as if it did not exist."""
    village = stage.client(plandata.own_unit(VILLAGES[5]))
    other = plandata.own_unit(VILLAGES[6])
    answer = village.ask(pb().KIND_TRACK, pb().Track(unit=other))
    stage.checks.check("a village cannot track another", answer.error is not None
                       or not answer.body.reports, str(answer))
    subject = stage.server.sql(f"select encode(id, 'hex') from zhibao.report where unit = {other}")
    for kind, message in ((pb().KIND_GET_RECORD, pb().GetRecord), (pb().KIND_GET_RECEIPT,
                                                                 pb().GetReceipt)):
        answer = village.ask(kind, message(kind=layout.REPORT, unit=other,
                                           id=bytes.fromhex(subject[0][0])))
        stage.checks.equal(f"nor have its {message.DESCRIPTOR.name[3:].lower()}", answer.kind,
                           "KIND_ERROR")
    village.close()


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
    check_inbox(stage)
    office_pulls(stage)
    check_foreign(stage)
    proofs.check(stage)


if __name__ == "__main__":
    harness.run(scenario)
