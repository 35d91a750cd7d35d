"""The form as a workbook: written, filled in with openpyxl, read back, and what is refused.

Called by bad_csv.py with its desk. The figures are 演示数据.
"""

import datetime
import json

import plandata
from sheet import as_text, parse

YEAR, REVISION = 2025, 3
CHILDREN, DIRECTOR, HOUSEHOLDS, TAP = 1, 17, 26, 27
HEADER, NUMBER, VALUE, EXPLANATION, MARK = 6, "A", "E", "F", "G1"


def cells(desk):
    """{cell: (presence, value)} of what is filled in."""
    return {cell: (presence, value)
            for cell, presence, value in plandata.columns("village", desk.figures)}


def template(desk, openpyxl):
    """The blank workbook, opened; looked at as the person who gets it."""
    path = desk.workplace.path / "blank.xlsx"
    done = desk.cli("form", "--template", "xlsx", "--year", YEAR, "-o", path, lang="zh")
    desk.checks.equal("form --template xlsx exits 0", done.returncode, 0) or print(done.stderr)
    again = desk.cli("form", "--template", "xlsx", lang="zh")
    desk.checks.check("without -o: exit 2, and says so", again.returncode == 2
                      and "-o" in again.stderr, again.stderr)
    book = openpyxl.load_workbook(path)
    sheet = book.active
    shown = " ".join(str(cell.value) for row in sheet.iter_rows(max_row=HEADER) for cell in row
                     if cell.value is not None)
    form = [row for row in plandata.rows(plandata.PLANS / plandata.PLAN / "forms.csv") if row["form"] == "village"][0]
    desk.checks.check("it has title, number, authority, validity, unit and year", all(
        text in shown for text in (form["title_zh"], form["number"], form["authority_zh"],
                                   form["valid_until"], f"{YEAR}年", "填报单位：")), shown)
    desk.checks.check("it knows its form, year and unit", sheet[MARK].value.startswith("zhibao ")
                      and f"year={YEAR}" in sheet[MARK].value
                      and f"unit={desk.unit // 1000}" in sheet[MARK].value, sheet[MARK].value)
    lists = {str(area): rule.formula1 for rule in sheet.data_validations.dataValidation
             for area in rule.sqref.ranges}
    desk.checks.check("every figure has its list of words", len(lists) == len(cells(desk))
                      and lists[f"{VALUE}{HEADER + HOUSEHOLDS}"] == '"0,不适用,未采集,未报送"'
                      and lists[f"{VALUE}{HEADER + DIRECTOR}"] == '"是,否,不适用,未采集,未报送"', lists)
    desk.checks.check("labels are locked, figures are not", sheet.protection.sheet
                      and sheet[f"B{HEADER + 1}"].protection.locked
                      and not sheet[f"{VALUE}{HEADER + 1}"].protection.locked)
    return path


def fill(desk, book, changes=None):
    """As a person does it: numbers, a text of digits, full-width ones, words."""
    sheet = book.active
    for cell, (presence, value) in cells(desk).items():
        text = as_text(presence, value)
        sheet[f"{VALUE}{HEADER + cell}"] = value if presence == plandata.VALUE else text
    sheet[f"{VALUE}{HEADER + HOUSEHOLDS}"] = "１２４０"
    sheet[f"{VALUE}{HEADER + TAP}"] = "1,187"
    sheet[f"{VALUE}{HEADER + DIRECTOR}"] = "是"
    last = HEADER + len(cells(desk))
    sheet[f"C{last + 2}"], sheet[f"F{last + 2}"], sheet[f"C{last + 3}"] = "韦一", "覃二", "莫三"
    sheet[f"F{last + 3}"] = datetime.date(2026, 1, 5)
    for place, value in (changes or {}).items():
        sheet[place] = value


def check_round_trip(desk, book):
    path = desk.workplace.path / "filled.xlsx"
    fill(desk, book)
    book.save(path)
    done = desk.cli("check", path, "--year", YEAR)
    desk.checks.equal("a workbook: check exits 0", (done.returncode, done.stderr), (0, ""))
    done = desk.cli("submit", path, "--year", YEAR, "--demo", "--revision", REVISION)
    desk.checks.equal("a workbook: submit exits 0", (done.returncode, done.stderr), (0, ""))
    desk.checks.equal("a workbook: every figure is stored as filled in",
                      desk.stored(YEAR, REVISION), desk.expected)
    newest = parse(desk.cli("receipts", "--format", "csv").stdout)[-1]["id"]
    shown = json.loads(desk.cli("show", newest, "--format", "json").stdout)
    desk.checks.equal("the names on it are in the report",
                      [shown.get(name) for name in ("filler", "principal", "note")],
                      ["韦一", "莫三", "审核人：覃二"])


def check_refused(desk, openpyxl, blank, changes, code, place, words):
    """One thing wrong: the cell is named in both languages, and nothing is sent."""
    path = desk.workplace.path / "wrong.xlsx"
    book = openpyxl.load_workbook(blank)
    fill(desk, book, changes)
    book.save(path)
    title = book.active.title
    for lang in ("zh", "en"):
        done = desk.cli("submit", path, "--year", YEAR, "--demo", lang=lang)
        desk.checks.check(f"a workbook with {words[lang]} ({lang}): {code} at {place}",
                          done.returncode == 2 and code in done.stderr and words[lang] in done.stderr
                          and (not place or f"{title}!{place}" in done.stderr), done.stderr)


def check_other_files(desk):
    """What is too large, locked or old is told without being unpacked."""
    large = desk.workplace.path / "large.xlsx"
    with open(large, "wb") as file:
        file.write(b"PK\x03\x04")
        file.truncate(60 * 1024 * 1024)
    locked = desk.workplace.path / "locked.xlsx"
    locked.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504)
                       + "EncryptedPackage".encode("utf-16-le") + bytes(512))
    page = desk.workplace.path / "page.xls"
    page.write_bytes("<html><table><tr><td>项号</td></tr></table></html>".encode())
    for path, zh, en in ((large, "最多 4 MB", "at most 4 MB"), (locked, "密码", "password"),
                         (page, "网页", "web page")):
        for lang, words in (("zh", zh), ("en", en)):
            done = desk.cli("check", path, "--year", YEAR, lang=lang)
            desk.checks.check(f"{path.name} ({lang}): exit 2 and says “{words}”",
                              done.returncode == 2 and words in done.stderr, done.stderr)


def check_csv_mark(desk):
    """The CSV sheet of a year is not taken for another year's."""
    done = desk.cli("form", "--template", "csv", "--year", 2023, lang="zh")
    marked = done.stdout.splitlines()[0].removeprefix("\ufeff")
    text = marked + "\r\n" + desk.text()
    desk.checks.check("the CSV sheet says whose and of which year it is",
                      f"year=2023 unit={desk.unit // 1000}" in marked, marked)
    done = desk.cli("check", desk.file(text.encode()), "--year", 2023)
    desk.checks.equal("it is good for its year", (done.returncode, done.stderr), (0, ""))
    done = desk.cli("check", desk.file(text.encode()), "--year", 2022)
    desk.checks.check("and not for another: E_SHEET_OTHER", done.returncode == 2
                      and "E_SHEET_OTHER" in done.stderr and "2023" in done.stderr, done.stderr)


def check(desk):
    check_other_files(desk)
    check_csv_mark(desk)
    try:
        import openpyxl
    except ImportError:
        print("skipped: filling in workbooks needs python3-openpyxl", flush=True)
        return
    blank = template(desk, openpyxl)
    check_round_trip(desk, openpyxl.load_workbook(blank))
    place = f"{VALUE}{HEADER + HOUSEHOLDS}"
    for changes, code, where, zh, en in (
            ({place: datetime.date(2026, 3, 5)}, "E_SHEET_CELL", place, "日期", "date"),
            ({place: "=E7+E8"}, "E_SHEET_CELL", place, "公式", "formula"),
            ({place: "约1240"}, "E_NOT_NUMBER", place, "约1240", "约1240"),
            ({MARK: "zhibao form=village year=2024"}, "E_SHEET_OTHER", "", "2024年", "of 2024"),
            ({MARK: "zhibao form=village unit=450223102299"}, "E_SHEET_OTHER", "", "450223102299",
             "of unit 450223102299")):
        check_refused(desk, openpyxl, blank, changes, code, where, {"zh": zh, "en": en})
