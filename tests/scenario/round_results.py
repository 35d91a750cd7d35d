"""What the small round leads to: inboxes, and every consolidated value computed anew."""

import json
import re

import figures
import layout
import plandata
from client import pb
from round_stage import TOWNSHIP, RETURNED, SILENT, VILLAGES, YEAR, village_name
from sheet import parse


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
    receipts = [layout.verify_receipt(item.receipt, client.pinned) for item in once.items]
    order = [(receipt.number, receipt.index) for receipt in receipts]
    stage.checks.check(f"in the order of the chain: {order}",
                       len(order) >= 3 and order == sorted(set(order)))
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
        wanted = (pb().ATTAINMENT_MET, pb().ATTAINMENT_MET_UNCERTAIN) if met else (
            pb().ATTAINMENT_NOT_MET,)
        stage.checks.check(f"{name} against {target.target} ({target.op} {target.bound:g})",
                           target.attainment in wanted, target.attainment)
        if target.attainment == pb().ATTAINMENT_MET and result.unit == "percent" \
                and target.bound == 100:
            silent = result.expected - result.reporting - result.empty[0]
            stage.checks.check(f"{name}: 100% tells that {silent} units gave no figure",
                               target.units_missing == silent
                               and (f"{silent} of {result.expected} units gave no figure"
                                    in target.why_en) == (silent > 0), str(target))
        if target.attainment == pb().ATTAINMENT_MET_UNCERTAIN:
            stage.checks.check(f"{name}: its interval crosses the bound",
                               target.has_interval and not (compare[op](target.low95, target.bound)
                                                            and compare[op](target.high95,
                                                                            target.bound)))


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
        done = stage.ran(stage.homes["office"], "pull", "--place", plandata.DISTRICT, "--year",
                         YEAR, lang=language)
        stage.checks.check(f"pull ({language}) shows 演示数据 and a value",
                           ("演示数据" in done.stdout or language == "en")
                           and f"{figures_shown(stage):.2f}" in done.stdout, done.stdout[:2000])
        unknown = {"zh": "占儿童数的比例不明", "en": "share of children not known"}[language]
        share = {"zh": "占儿童数的1", "en": "% of children"}[language]
        stage.checks.check(f"pull ({language}): of villages that never reported nobody knows the "
                           "children", unknown in done.stdout and share not in done.stdout,
                           done.stdout[:2000])
    wide = re.compile("[\u3000-\u303f\uff00-\uffef]")
    stage.checks.equal("pull (en): no line with full-width punctuation", [
        line for line in done.stdout.splitlines() if wide.search(line)], [])
    stage.checks.check("pull (en): the mark * is explained",
                       " *" in done.stdout and "the one that decides" in done.stdout)
    unreasoned = [line for line in done.stdout.splitlines()
                  if "  no data" in line and not re.search("no value: |without a figure", line)]
    stage.checks.equal("pull (en): every no data has its reason", unreasoned, [])
    stage.checks.check("pull (en): 100% of those that reported is not told as 100% of all",
                       re.search(r"=100 .* met .* units gave no figure", done.stdout) is not None)
    base = stage.ran(stage.homes["office"], "pull", "--place", plandata.DISTRICT, "--year", 2020)
    stage.checks.check("pull of the base year marks baselines as such",
                       "baseline from the plan's text" in base.stdout, base.stdout[:1500])
    told = json.loads(stage.ran(stage.homes["office"], "pull", "--place", plandata.DISTRICT,
                                "--year", YEAR, "--format", "json").stdout)
    stage.checks.check("pull as JSON: lists are arrays", all(
        isinstance(form["missing"], list) for form in told["completeness"]) and any(
        form["missing"] for form in told["completeness"]), told["completeness"])
    stage.checks.check("and units_missing a number", any(
        row["units_missing"] and row["attainment"] == "met" for row in told["indicators"]))
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


def check_analysis(stage):
    """What is made of the figures, on the command line, in every format and both languages."""
    office = stage.homes["office"]
    here = ("--place", plandata.DISTRICT, "--year", YEAR)
    for command in (("warnings",), ("quality",), ("quality", "--findings"), ("evaluate",),
                    ("pull", "--analysis"), ("pull", "--public"),
                    ("areas", "--indicator", "left_behind_file_rate")):
        for form in ("table", "csv", "json"):
            done = stage.ran(office, command[0], *here, *command[1:], "--format", form,
                             lang="en" if form == "table" else "zh")
            stage.checks.check(f"{' '.join(command)} as {form} says something",
                               len(done.stdout) > 100, done.stdout)
    rows = parse(stage.ran(office, "warnings", *here, "--format", "csv").stdout)
    missing = [row for row in rows if row["kind"] == "missing"]
    stage.checks.check("figures that never came are warned of, in both languages", missing and all(
        row["note_zh"] and row["note_en"] and row["since"] == "2021" for row in missing), rows[:2])
    first, again = (stage.ran(office, "evaluate", *here, "--kind", "midterm", "--format",
                              "json").stdout for _ in range(2))
    stage.checks.check("the same evaluation twice, byte for byte", first == again)
    inputs = parse(stage.ran(office, "evaluate", *here, "--format", "csv", "--inputs").stdout)
    stage.checks.equal("with every report that counts", len(inputs), len(stage.submitted))
    stage.ran(office, "evaluate", *here, "--as-of", "2001-01-01", code=1)
    stage.ran(office, "evaluate", *here, "--as-of", "yesterday", code=2)
    stage.ran(stage.homes[village_name(VILLAGES[1])], "warnings", *here, code=1)
