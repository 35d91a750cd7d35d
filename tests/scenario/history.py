"""Importing figures of earlier years: what the dry run says is what happens.

Called by bad_csv.py with its desk. The figures are 演示数据.
"""

import csv
import io

import plandata
from harness import Cli
from sheet import as_text, parse

PLACE, ENTERED_FOR = plandata.villages()[2:4]
HOUSEHOLDS, TAP = 26, 27


def texts(place, year):
    return {cell: as_text(presence, value) for cell, presence, value in
            plandata.columns("village", plandata.village_figures(place, year))}


def write(desk, name, rows):
    out = io.StringIO()
    csv.writer(out).writerows(rows)
    path = desk.workplace.path / name
    path.write_text(out.getvalue(), encoding="utf-8")
    return path


def wide(desk, years):
    """A column a year."""
    columns = [texts(PLACE, year) for year in years]
    return write(desk, "wide.csv", [["项号", "名称", *[f"{year}年" for year in years]],
                                    *[[cell, "", *[column[cell] for column in columns]]
                                      for cell in columns[0]]])


def long(desk, name, figures, explanations=None, unit=None):
    """A row a figure; figures: {year: {cell: text}}."""
    rows = [["单位", "年份", "项号", "数值", "说明"]]
    for year, column in figures.items():
        rows += [[unit or "", year, cell, text, (explanations or {}).get((year, cell), "")]
                 for cell, text in column.items()]
    return write(desk, name, rows)


class Office:
    """One home, and what the server stored of a village."""

    def __init__(self, desk, name, unit):
        self.desk, self.checks = desk, desk.checks
        self.cli = Cli(desk.workplace, name)
        done = self.cli("enrol", desk.district.codes(unit)[0])
        self.checks.equal(f"{name} enrols", (done.returncode, done.stderr), (0, ""))

    def stored(self, place):
        """{year: {cell: value}}"""
        found = {}
        for year, cell, value in self.desk.server.sql(
                f"select period, cell, value from zhibao.observation where unit = "
                f"{plandata.own_unit(place)}"):
            found.setdefault(int(year), {})[int(cell)] = value
        return found

    def verdicts(self, path, code):
        """{(year, verdict): {error codes}} of a dry run, which stores nothing."""
        before = self.desk.server.row_counts()
        done = self.cli("history", "import", path, "--dry-run", "--format", "csv")
        self.checks.equal(f"a dry run of {path.name} exits {code}", (done.returncode, done.stderr),
                          (code, ""))
        self.checks.equal("and stores nothing", self.desk.server.row_counts(), before)
        found = {}
        for row in parse(done.stdout):
            found.setdefault((int(row["year"]), row["verdict"]), set()).add(row["code"])
        return found


def check_wide(office):
    path = wide(office.desk, (2020, 2021, 2022))
    office.checks.equal("what is outside the plan is refused, the rest new",
                        office.verdicts(path, 1), {(2020, "refused"): {"E_PERIOD"},
                                                   (2021, "new"): {""}, (2022, "new"): {""}})
    done = office.cli("history", "import", path, "--demo")
    office.checks.check("a bad year keeps all back, and says what to do", done.returncode == 1
                        and "--skip-bad" in done.stderr and not office.stored(PLACE), done.stderr)
    done = office.cli("history", "import", path, "--demo", "--skip-bad")
    office.checks.equal("with --skip-bad the good years go", (done.returncode, sorted(
        office.stored(PLACE))), (1, [2021, 2022]))
    office.checks.check("each with a receipt", done.stdout.count("receipt: ") == 2, done.stdout)
    office.checks.equal("every figure as in the file", {
        year: {cell: value and float(value) for cell, value in column.items()}
        for year, column in office.stored(PLACE).items()}, {
        year: {cell: value if presence == plandata.VALUE else None for cell, presence, value in
               plandata.columns("village", plandata.village_figures(PLACE, year))}
        for year in (2021, 2022)})


def check_again(office):
    """What was reported: the same, and a contradiction that is left alone; a sheet a year."""
    try:
        import openpyxl
    except ImportError:
        print("skipped: a workbook of years needs python3-openpyxl", flush=True)
        return
    path, book = office.desk.workplace.path / "years.xlsx", openpyxl.Workbook()
    book.remove(book.active)
    for year in (2021, 2022, 2023):
        sheet = book.create_sheet(f"{year}年")
        sheet.append(["历年数据（演示数据）"])
        sheet.append(["项号", "数值"])
        for cell, text in texts(PLACE, year).items():
            sheet.append([cell, "77777" if (year, cell) == (2022, HOUSEHOLDS) else text])
    book.save(path)
    office.checks.equal("same, conflicting and new are told apart", office.verdicts(path, 1), {
        (2021, "same"): {""}, (2022, "same"): {""}, (2022, "conflict"): {""}, (2023, "new"): {""}})
    done = office.cli("history", "import", path, "--dry-run", lang="zh")
    office.checks.check("the conflict is named: sheet!cell, and both figures",
                        f"2022年!B{HOUSEHOLDS + 2}" in done.stdout and "77777" in done.stdout
                        and texts(PLACE, 2022)[HOUSEHOLDS] in done.stdout, done.stdout[:900])
    office.cli("history", "import", path, "--demo", "--skip-bad")
    stored = office.stored(PLACE)
    office.checks.equal("the new year is stored, the conflicting one stays as it was",
                        (sorted(stored), float(stored[2022][HOUSEHOLDS])),
                        ([2021, 2022, 2023], float(texts(PLACE, 2022)[HOUSEHOLDS])))


def check_explained(office):
    """A jump that the server would ask about is told beforehand, against the year in the same file."""
    figures = {year: texts(PLACE, year) for year in (2024, 2025)}
    figures[2025][HOUSEHOLDS] = str(int(figures[2024][HOUSEHOLDS]) * 9)
    path = long(office.desk, "long.csv", figures)
    office.checks.equal("it needs an explanation: E_EXPLAIN_CHANGE", office.verdicts(path, 1), {
        (2024, "new"): {""}, (2025, "refused"): {"E_EXPLAIN_CHANGE"}})
    path = long(office.desk, "long.csv", figures,
                {(2025, HOUSEHOLDS): "水库移民安置点六月建成，迁入九个组"})
    office.checks.equal("with one it is new", office.verdicts(path, 0), {
        (2024, "new"): {""}, (2025, "new"): {""}})
    done = office.cli("history", "import", path, "--demo")
    office.checks.equal("and is stored, as the dry run said", (done.returncode, done.stderr, sorted(
        office.stored(PLACE))), (0, "", [2021, 2022, 2023, 2024, 2025]))


def check_township(desk):
    """A township enters the history of a village without a line; bad rows are named."""
    office = Office(desk, "township", plandata.own_unit(plandata.TOWNSHIP))
    figures = {2023: texts(ENTERED_FOR, 2023)}
    path = long(desk, "entered.csv", figures | {2022: {HOUSEHOLDS: "约30", TAP: "1"}}, None,
                ENTERED_FOR)
    verdicts = office.verdicts(path, 1)
    desk.checks.check("a bad row keeps its year back, and what the year lacks is said",
                      verdicts[(2023, "new")] == {""} and verdicts[(2022, "refused")] >= {
                          "E_NOT_NUMBER", "E_REQUIRED"}, verdicts)
    done = office.cli("history", "import", path, "--demo", "--skip-bad")
    desk.checks.equal("the good year is stored for the village",
                      (done.returncode, sorted(office.stored(ENTERED_FOR))), (1, [2023]))
    for name, text, words in (("none.csv", "姓名,年龄\n甲,7\n", "E_HEADER"),
                              ("year.csv", "年份,项号,数值\n上年,1,5\n", "E_PERIOD")):
        path = desk.workplace.path / name
        path.write_text(text, encoding="utf-8")
        done = office.cli("history", "import", path, "--form", "village", "--dry-run")
        desk.checks.check(f"{name}: {words}", done.returncode in (1, 2)
                          and words in done.stdout + done.stderr, done.stdout + done.stderr)


def check(desk):
    office = Office(desk, "history", plandata.own_unit(PLACE))
    check_wide(office)
    check_again(office)
    check_explained(office)
    check_township(desk)
