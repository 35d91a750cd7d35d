"""Villages merge, split and are renamed: who owes what in which year, what the totals and
completeness say, and series that follow the places; and every change that may not be made.
"""

import csv
import shutil
import time

import harness
import layout
import plandata
from client import pb
from round_stage import TOWNSHIP, VILLAGES, Round, village_name
from sheet import parse

RURAL = [place for place in VILLAGES if plandata.area(place) == "rural"]
KEPT, MERGED, DIVIDED, RENAMED, OTHER = RURAL[:5]
NEW_ONE, NEW_TWO = 450223104398, 450223104399  # the parts of DIVIDED, from 2025
BEFORE, AFTER = 2024, 2025
NAME = "新平山村"
HOUSEHOLDS = {(KEPT, BEFORE): 100, (MERGED, BEFORE): 40, (DIVIDED, BEFORE): 70,
              (RENAMED, BEFORE): 55, (KEPT, AFTER): 150, (NEW_ONE, AFTER): 30,
              (NEW_TWO, AFTER): 45, (RENAMED, AFTER): 56}


class Stage(Round):
    """The round of 鹿寨县 with two villages more, which begin in 2025."""

    def __init__(self, checks, workplace):
        super().__init__(checks, workplace)
        self.plans = workplace.path / "plans"
        self.import_plan()
        names = {village_name(place): plandata.own_unit(place)
                 for place in (MERGED, RENAMED)}
        self.enrol(names | {"manager": plandata.department("admin"), "town": TOWNSHIP, "statistics": plandata.department("statistics")})
        self.clients = {}

    def import_plan(self):
        for folder in (plandata.PLAN, "catalogue"):
            shutil.copytree(plandata.PLANS / folder, self.plans / folder, dirs_exist_ok=True)
        with open(self.plans / plandata.PLAN / "places.csv", "a", encoding="utf-8",
                  newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            for place, name in ((NEW_ONE, "新一村"), (NEW_TWO, "新二村")):
                writer.writerow([place, name, "village", plandata.TOWNSHIP, "2025-01-01", ""])
        self.ran(self.admin, "plan", "import", self.plans / plandata.PLAN)

    def of(self, place):
        if place not in self.clients:
            self.clients[place] = self.client(plandata.own_unit(place))
        return self.clients[place]

    def send(self, place, year, revision=1):
        figures = plandata.village_figures(place, year) | {
            "households": HOUSEHOLDS[place, year], "households_tap_water": 20,
            "households_sanitary_toilet": 10}
        unit = self.of(place).unit
        households = next(cell.number for cell in plandata.forms()["village"]
                          if cell.element == "households")
        why = [pb().Explanation(cell=households, text=f"{year}年起与邻村合并统计，户数随之变化")]
        return self.of(place).submit(unit.record(layout.REPORT, harness.report(
            unit, figures=figures, period=year, revision=revision, explanations=why)))

    def report(self, place, year):
        self.checks.equal(f"{place % 1000} reports {year}", self.send(place, year).kind,
                          "KIND_RECEIPT")

    def accept(self, count):
        end = time.monotonic() + 60
        while time.monotonic() < end:
            rows = parse(self.homes["town"]("pending", "--format", "csv").stdout)
            if len(rows) == count and all(row["state"] == "checked" for row in rows):
                break
        self.ran(self.homes["town"], "accept", "--all")

    def change(self, kind, old, new, date, code=0, more=()):
        to = ("--to", ",".join(f"{place:012}" for place in new)) if new else ()
        return self.ran(self.homes["manager"], "place", "change", kind, "--from",
                        ",".join(f"{place:012}" for place in old), *to, "--date", date,
                        "--reason", "县民政〔2025〕1号", *more, code=code)

    def series(self, place, *more):
        done = self.ran(self.homes["statistics"], "series", "rural_tap_water", "--place",
                        f"{place:012}", "--first", BEFORE, "--last", AFTER, "--format", "csv",
                        *more)
        return {int(row["year"]): row for row in parse(done.stdout)}

    def missing(self, year):
        town = self.of(plandata.TOWNSHIP)
        total = town.must("KIND_TOTAL_REPLY", town.ask(
            pb().KIND_TOTAL, pb().GetTotal(form="village", period=year)))
        return [unit // 1000 for unit in total.missing]


def check_refused(stage):
    """What may not be changed: a stable error, and nothing stored."""
    foreign, unknown = 450222104201, 450223104397
    cases = (
        ("a foreign place", "E_CHANGE_FOREIGN", "merge", [foreign], [KEPT], "2026-01-01"),
        ("a foreign successor", "E_CHANGE_FOREIGN", "merge", [KEPT], [foreign], "2026-01-01"),
        ("a successor that does not exist", "E_CHANGE_SUCCESSOR", "merge", [OTHER], [unknown],
         "2026-01-01"),
        ("a circle", "E_CHANGE_CYCLE", "merge", [KEPT], [MERGED], "2026-01-01"),
        ("a date before an existing change", "E_CHANGE_DATE", "merge", [OTHER], [KEPT],
         "2025-06-30"),
        ("a day that does not exist", "E_CHANGE_DATE", "merge", [OTHER], [KEPT], "2026-02-30"),
        ("a place twice", "E_CHANGE_TWICE", "merge", [OTHER, OTHER], [KEPT], "2026-01-01"),
        ("a place that has ended", "E_SUBJECT_UNKNOWN", "merge", [MERGED], [OTHER], "2026-01-01"),
        ("a township with its villages", "E_SUBJECT_STATE", "merge", [plandata.TOWNSHIP],
         [450223100000], "2026-01-01"),
        ("two into two", "E_MALFORMED", "merge", [KEPT, OTHER], [KEPT, RENAMED], "2026-01-01"),
    )
    before = stage.server.row_counts()
    for what, name, kind, old, new, date in cases:
        done = stage.change(kind, old, new, date, code=1)
        stage.checks.check(f"{what}: {name}", name in done.stdout + done.stderr,
                           done.stdout + done.stderr)
    statistics = stage.client(plandata.department("statistics"))
    before = stage.server.row_counts()
    answer = statistics.submit(statistics.unit.record(layout.PLACE_CHANGE, pb().PlaceChange(
        head=statistics.unit.head(), change=pb().PLACE_MERGE, valid_from="2026-01-01",
        to=[KEPT], reason="x", **{"from": [OTHER]})))
    stage.checks.equal("another than the administrator", answer.name, "E_FORBIDDEN")
    stage.checks.equal("nothing stored", stage.server.row_counts(), before)


def duties(stage, year):
    """[(village, owed or sent)]: who owes the village form as a duty, and who has sent it."""
    done = stage.ran(stage.homes["statistics"], "duties", "--place", f"{plandata.TOWNSHIP:012}",
                     "--year", year, "--format", "csv")
    return sorted((row["unit"], "sent" if row["record"] else "owed")
                  for row in parse(done.stdout) if row["form"] == "village")


def check_owed(stage):
    """Who owes the village form in which year: reports, totals, completeness, the SQL view."""
    checks = stage.checks
    for place, year in ((MERGED, AFTER), (DIVIDED, AFTER), (NEW_ONE, BEFORE)):
        HOUSEHOLDS.setdefault((place, year), 1)
        checks.equal(f"{place % 1000} may not report {year}", stage.send(place, year).name,
                     "E_FORM_NOT_OWED")
        del HOUSEHOLDS[place, year]
    HOUSEHOLDS[MERGED, BEFORE] = 41
    checks.equal("an ended village amends an old year", stage.send(MERGED, BEFORE, 2).kind,
                 "KIND_RECEIPT")
    everyone = set(VILLAGES)
    for year, there in ((BEFORE, everyone),
                        (AFTER, everyone - {MERGED, DIVIDED} | {NEW_ONE, NEW_TWO})):
        reported = {place for place, of in HOUSEHOLDS if of == year}
        checks.equal(f"missing in the total of {year}", stage.missing(year),
                     sorted(there - reported))
        pulled = stage.of(plandata.TOWNSHIP).must("KIND_PULLED", stage.of(plandata.TOWNSHIP).ask(
            pb().KIND_PULL, pb().Pull(place=plandata.TOWNSHIP, period=year)))
        row = next(row for row in pulled.completeness if row.form == "village")
        checks.equal(f"completeness of {year}", (row.expected, row.received, sorted(row.missing)),
                     (len(there), len(reported),
                      [plandata.own_unit(place) for place in sorted(there - reported)]))
        owed = stage.server.sql(
            "select unit / 1000 from zhibao.report_owed where form = 'village' and "
            f"period = {year} and unit / 1000000 = {plandata.TOWNSHIP // 1000} order by 1")
        checks.equal(f"owed in SQL in {year}", [int(place) for place, in owed], sorted(there))
        checks.equal(f"duties of {year}: a merged village has none any more", duties(stage, year),
                     sorted((f"{place:012}", "sent" if place in reported else "owed")
                            for place in there))


def check_series(stage):
    def points(place):
        return {year: (row["denominator"].removesuffix(".0"), row["break"],
                       [int(code) for code in row["places"].split()])
                for year, row in stage.series(place).items()}

    checks = stage.checks
    merged = {BEFORE: (str(100 + 41), "0", sorted([KEPT, MERGED])), AFTER: ("150", "0", [KEPT])}
    checks.equal("the merged village's series", points(KEPT), merged)
    checks.equal("asked by the village that ended", points(MERGED), merged)
    checks.equal("a part of the divided one: a break", points(NEW_ONE),
                 {BEFORE: ("70", "0", [DIVIDED]), AFTER: ("30", "1", [NEW_ONE])})
    checks.equal("all its parts together: none", points(DIVIDED),
                 {BEFORE: ("70", "0", [DIVIDED]), AFTER: ("75", "0", [NEW_ONE, NEW_TWO])})
    checks.equal("the renamed one", points(RENAMED),
                 {BEFORE: ("55", "0", [RENAMED]), AFTER: ("56", "0", [RENAMED])})
    checks.equal("the township's", points(plandata.TOWNSHIP),
                 {BEFORE: (str(100 + 41 + 70 + 55), "0", [plandata.TOWNSHIP]),
                  AFTER: (str(150 + 30 + 45 + 56), "0", [plandata.TOWNSHIP])})
    village = stage.of(MERGED)
    answer = village.ask(pb().KIND_SERIES, pb().Series(place=OTHER, indicator="imr"))
    checks.equal("a village sees no other's", answer.name, "E_FORBIDDEN")


def check_lists(stage):
    def listed(*more):
        done = stage.ran(stage.homes["statistics"], "place", "list", "--place",
                         f"{plandata.TOWNSHIP:012}", "--format", "csv", *more)
        return {int(row["place"]): row for row in parse(done.stdout)}

    checks = stage.checks
    then, now = listed("--date", "2024-12-31"), listed()
    checks.equal("the subtree of then", set(then), set(VILLAGES) | {plandata.TOWNSHIP})
    checks.equal("and of now", set(now), set(VILLAGES) - {MERGED, DIVIDED}
                 | {plandata.TOWNSHIP, NEW_ONE, NEW_TWO})
    checks.check("a name of its time", then[RENAMED]["name"] != NAME and
                 now[RENAMED]["name"] == NAME, now[RENAMED]["name"])
    every = listed("--history")
    checks.equal("what followed", (every[MERGED]["valid_to"], every[MERGED]["successors"],
                                   every[DIVIDED]["successors"]),
                 ("2025-07-01", str(KEPT), f"{NEW_ONE} {NEW_TWO}"))
    done = stage.ran(stage.admin, "place", "history", f"{KEPT:012}", "--format", "csv")
    checks.equal("its history", [(row["change"], row["places"], row["successors"])
                                 for row in parse(done.stdout)],
                 [("merge", str(MERGED), str(KEPT))])


def check_locked(stage):
    """What a locked year expects does not change, by whatever way."""
    checks = stage.checks
    places, plan = (stage.plans / plandata.PLAN / name for name in ("places.csv", "plan.csv"))
    whole, terms = places.read_text(encoding="utf-8"), plan.read_text(encoding="utf-8")
    without = "".join(line for line in whole.splitlines(True) if not line.startswith(f"{OTHER},"))
    newly = whole + f"450223104397,新三村,village,{plandata.TOWNSHIP},{{}},\n"
    header, values = terms.splitlines()[:2]
    if "amended_from" not in header:
        header, values = f"{header},amended_from", f"{values},"
    amended = f"{header}\n{values.rsplit(',', 1)[0]},2026\n"

    def expected():
        return [(row["form"], row["expected"]) for row in parse(stage.ran(
            stage.homes["statistics"], "completeness", "--place", plandata.DISTRICT, "--year",
            BEFORE, "--format", "csv").stdout) if int(row["place"]) == plandata.DISTRICT]

    def imported(what, text, code, about=terms):
        places.write_text(text, encoding="utf-8")
        plan.write_text(about, encoding="utf-8")
        rows = stage.server.row_counts()
        done = stage.ran(stage.admin, "plan", "import", stage.plans / plandata.PLAN, code=code)
        if code == 0:
            return checks.equal(f"{what}: the locked year expects what it did", expected(), before)
        checks.check(f"{what}: E_PERIOD_LOCKED, which names the year, what to do",
                     all(word in done.stdout + done.stderr for word in (
                         "E_PERIOD_LOCKED", str(BEFORE), "amended_from")), done.stderr)
        return checks.equal(f"{what}: nothing stored", stage.server.row_counts(), rows)

    before = expected()
    checks.check("the year expects villages", ("village", "120") in before, before)
    stage.ran(stage.homes["statistics"], "lock", "--place", plandata.DISTRICT, "--year", BEFORE)
    imported("a plan without a village", without, 1)
    imported("a plan with one village more", newly.format("2020-01-01"), 1)
    imported("with one that begins later", newly.format("2027-01-01"), 0)
    imported("a plan that is another from a later year on", without, 0, amended)
    done = stage.change("merge", [OTHER], [RURAL[5]], "2024-12-31", code=1)
    checks.check("a merge in the locked year", "E_PERIOD_LOCKED" in done.stdout + done.stderr,
                 done.stdout + done.stderr)
    checks.equal("and nothing has changed", expected(), before)
    later = f"{header}\n" + values.replace("luzhai,", "luzhai2031,", 1).replace(
        ",2021,2030,", ",2031,2040,") + "\n"
    folder = stage.plans / "luzhai2031"
    shutil.copytree(stage.plans / plandata.PLAN, folder)
    (folder / "plan.csv").write_text(later, encoding="utf-8")
    (folder / "places.csv").write_text(without, encoding="utf-8")
    stage.ran(stage.admin, "plan", "import", folder)
    checks.equal("with the next plan in force too", expected(), before)
    stage.ran(stage.homes["statistics"], "unlock", "--place", plandata.DISTRICT, "--year", BEFORE,
              "--reason", "演示：区划核对")
    places.write_text(without, encoding="utf-8")
    plan.write_text(terms, encoding="utf-8")
    stage.ran(stage.admin, "plan", "import", stage.plans / plandata.PLAN)
    checks.equal("unlocked, the files are in force", [
        int(owed) for form, owed in expected() if form == "village"], [9, 119])


def scenario(checks, workplace):
    begin = time.monotonic()
    stage = Stage(checks, workplace)
    for place in (KEPT, MERGED, DIVIDED, RENAMED):
        stage.report(place, BEFORE)
    stage.accept(4)
    old = stage.of(MERGED)
    proof = old.must("KIND_TRACKED", old.ask(pb().KIND_TRACK, pb().Track())).reports[0]
    stage.change("merge", [MERGED], [KEPT], "2025-07-01")
    stage.change("split", [DIVIDED], [NEW_ONE, NEW_TWO], "2025-01-01")
    stage.change("rename", [RENAMED], [], "2025-03-01", more=("--name", NAME))
    for place in (KEPT, NEW_ONE, NEW_TWO, RENAMED):
        stage.report(place, AFTER)
    stage.accept(4)
    check_owed(stage)
    stage.accept(1)
    stage.import_plan()  # the same files again: what has changed stays changed
    check_series(stage)
    check_lists(stage)
    check_refused(stage)
    again = old.must("KIND_TRACKED", old.ask(
        pb().KIND_TRACK, pb().Track(period=BEFORE))).reports
    kept = next(report for report in again if report.id == proof.id)
    checks.equal("an old report stays under its old place, its receipt the same byte for byte",
                 (kept.unit, kept.steps[0].receipt), (proof.unit, proof.steps[0].receipt))
    check_locked(stage)
    print(f"took {time.monotonic() - begin:.1f} s", flush=True)


if __name__ == "__main__":
    harness.run(scenario)
