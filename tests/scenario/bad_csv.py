"""CSV and workbooks as people's spreadsheets write it: read, or refused with the cell named; nothing half-way.

The figures are 演示数据.
"""

import csv
import io

import harness
import history
import layout
import plandata
import troubles
import workbooks
from client import pb
from harness import Cli, District, Server
from sheet import filled, parse

VILLAGE = plandata.villages()[1]
CHILDREN, DIRECTOR, HOURS, HOUSEHOLDS, TAP, WATERS_MARKED = 1, 17, 20, 26, 27, 30
CLOSING = {"zh": "请改正后再报送", "en": "correct this and submit again"}
FIGURES = plandata.village_figures(VILLAGE) | {"households": 1240, "households_tap_water": 1187}
EXPECTED = {cell: value if presence == plandata.VALUE else None
            for cell, presence, value in plandata.columns("village", FIGURES)}


class Desk:
    """A village official's computer: one home, files, and what the server stored."""

    def __init__(self, checks, workplace):
        self.checks = checks
        self.workplace = workplace
        self.figures, self.expected = FIGURES, EXPECTED
        self.server = Server(workplace).start()
        self.unit = plandata.own_unit(VILLAGE)
        self.cli = Cli(workplace, "village")
        self.district = District(self.server)
        code = self.district.codes(self.unit)[0]
        done = self.cli("enrol", code)
        checks.equal("enrol exits 0", (done.returncode, done.stderr), (0, ""))
        path = workplace.path / "template.csv"
        done = self.cli("form", "--template", "csv", "-o", path, lang="zh")
        checks.equal("form --template csv exits 0", done.returncode, 0)
        data = path.read_bytes()
        checks.check("the template has a BOM and CRLF, for spreadsheets",
                     data.startswith(b"\xef\xbb\xbf") and data.count(b"\r\n") == data.count(b"\n"))
        self.template = data.decode("utf-8")

    def file(self, data):
        path = self.workplace.path / "filled.csv"
        path.write_bytes(data)
        return path

    def text(self, changes=None):
        return filled(self.template, "village", FIGURES, changes)

    def stored(self, period, revision):
        return {int(cell): float(value) if value else None for cell, value in self.server.sql(
            f"select cell, value from zhibao.observation where unit = {self.unit}"
            f" and period = {period} and revision = {revision}")}


def check_read(desk, what, data, period, revision=1):
    """This file is read and stored as meant."""
    path = desk.file(data)
    done = desk.cli("check", path, "--year", period)
    desk.checks.equal(f"{what}: check exits 0", (done.returncode, done.stderr), (0, ""))
    done = desk.cli("submit", path, "--year", period, "--revision", revision, "--demo")
    desk.checks.equal(f"{what}: submit exits 0", (done.returncode, done.stderr), (0, ""))
    desk.checks.equal(f"{what}: every figure is stored as meant", desk.stored(period, revision),
                      EXPECTED)


def check_refused(desk, what, data, code, cell=None):
    """This file is refused here, in both languages, the cell named; nothing is sent or stored."""
    codes = (code,) if isinstance(code, str) else code
    before = desk.server.row_counts()
    path, found = desk.file(data), []
    done = desk.cli("check", path, "--year", 2025, "--format", "csv")
    rows = parse(done.stdout)
    match = [row for row in rows if row["code"] in codes
             and (cell is None or row["cell"] == str(cell))]
    if done.returncode != 2:
        found.append(f"check exits {done.returncode}")
    if not match:
        found.append(f"{codes} for cell {cell} is not among {rows or done.stderr}")
    elif cell is not None and not (match[0]["line"] or "E_REQUIRED" in codes):
        found.append(f"no line number: {match[0]}")
    for lang in ("zh", "en"):
        said = desk.cli("submit", path, "--year", 2025, "--demo", lang=lang)
        text = said.stderr
        if said.returncode != 2:
            found.append(f"submit exits {said.returncode} ({lang}): {text}")
        if "E_NOT_NUMBER" in codes and {"zh": "填数字", "en": "digits"}[lang] not in text:
            found.append(f"does not say what may be written ({lang}): {text}")
        if not any(code in text for code in codes) or CLOSING[lang] not in text:
            found.append(f"not said in {lang}: {text}")
    waiting = parse(desk.cli("outbox", "--format", "csv").stdout)
    if waiting:
        found.append(f"outbox holds {waiting}")
    if desk.server.row_counts() != before:
        found.append("rows changed")
    named = " or ".join(codes) + (f", cell {cell}" if cell else "")
    desk.checks.check(f"{what}: {named}", not found, "; ".join(found))


def check_good_files(desk):
    text = desk.text()
    check_read(desk, "UTF-8", text.encode(), 2021)
    check_read(desk, "UTF-8 with BOM", b"\xef\xbb\xbf" + text.encode(), 2022)
    check_read(desk, "GBK", text.encode("gbk"), 2023)
    excel = desk.text({HOUSEHOLDS: "１２４０", TAP: "1,187", CHILDREN: f" {EXPECTED[CHILDREN]:.0f} ",
                       HOURS: f"{EXPECTED[HOURS]:.1f}", DIRECTOR: "是"})
    check_read(desk, "full-width digits, thousands separators, blanks, 是", excel.encode(), 2024)
    wide = desk.text({HOUSEHOLDS: "１，２４０", TAP: "１１８７．０"}).replace("\r\n", "\n")
    check_read(desk, "full-width separators, LF", wide.encode("gb18030"), 2025)
    tabs = "\n".join("\t".join(row) for row in csv.reader(io.StringIO(desk.text())))
    check_read(desk, "UTF-16 with tabs, as “Unicode text”", tabs.encode("utf-16"), 2025, 2)


def check_bad_files(desk):
    good = desk.text()
    rows = good.splitlines(keepends=True)
    check_refused(desk, "empty file", b"", "E_EMPTY")
    check_refused(desk, "BOM alone", b"\xef\xbb\xbf", "E_EMPTY")
    check_refused(desk, "blank lines alone", b"\r\n \r\n,,,\r\n", "E_EMPTY")
    check_refused(desk, "header alone", rows[0].encode(), "E_REQUIRED", CHILDREN)
    check_refused(desk, "no header", "".join(rows[1:]).encode(), "E_HEADER")
    check_refused(desk, "another table", "姓名,年龄\r\n甲,7\r\n".encode(), "E_HEADER")
    check_refused(desk, "UTF-16 cut within a character", good.encode("utf-16")[:-1], "E_ENCODING")
    check_refused(desk, "bytes of no encoding", good.encode() + b"\xff\xff\x80\x80", "E_ENCODING")
    check_refused(desk, "UTF-8 cut within a character", rows[0].encode()[:4] + b"\r\n",
                  ("E_ENCODING", "E_HEADER"))
    check_refused(desk, "open quotation mark", good.encode() + b'"', "E_MALFORMED")
    for text in ("1,5", "12 40", "1e3", "#N/A", "#VALUE!", "约30", "1240户", "1.234,5", "12,40",
                 "一千", "0x10", "１２四０", "nan", "inf", "-", "--5", "1/2", "99%"):
        check_refused(desk, f"“{text}” as a number", desk.text({HOUSEHOLDS: text}).encode(),
                      "E_NOT_NUMBER", HOUSEHOLDS)
    check_refused(desk, "negative", desk.text({HOUSEHOLDS: "-3"}).encode(), "E_NEGATIVE",
                  HOUSEHOLDS)
    check_refused(desk, "full-width negative", desk.text({HOUSEHOLDS: "－３"}).encode(),
                  "E_NEGATIVE", HOUSEHOLDS)
    check_refused(desk, "half a household", desk.text({HOUSEHOLDS: "1240.5"}).encode(),
                  "E_DECIMALS", HOUSEHOLDS)
    check_refused(desk, "beyond any number", desk.text({HOUSEHOLDS: "9" * 400}).encode(),
                  "E_NOT_FINITE", HOUSEHOLDS)
    check_refused(desk, "more hours than a week has", desk.text({HOURS: "169"}).encode(), "E_RANGE",
                  HOURS)
    check_refused(desk, "perhaps in a yes/no cell", desk.text({DIRECTOR: "大概"}).encode(),
                  "E_YESNO", DIRECTOR)
    check_refused(desk, "required figure left out", desk.text({HOUSEHOLDS: ""}).encode(),
                  "E_REQUIRED", HOUSEHOLDS)
    check_refused(desk, "numerator above denominator", desk.text({WATERS_MARKED: "77"}).encode(),
                  "E_NUMERATOR_ABOVE_DENOMINATOR", WATERS_MARKED)
    check_refused(desk, "part above whole", desk.text({TAP: "1241"}).encode(), "E_CHECK", TAP)
    unknown = rows[1].replace("1,", "999,", 1)
    check_refused(desk, "unknown cell", (good + unknown).encode(), "E_CELL_UNKNOWN")
    check_refused(desk, "a cell twice", (good + rows[1]).encode(), "E_CELL_ORDER", CHILDREN)


def explained_at_length(desk):
    """A good file with so many words that its report passes 64 KiB."""
    rows = list(csv.reader(io.StringIO(desk.text().removeprefix("\ufeff"))))
    column = next(i for i, name in enumerate(rows[0]) if name in ("说明", "explanation"))
    for number, row in enumerate(rows[1:]):
        row[column] = f"第{number}项的说明：" + "乡镇已逐户核对原始台账，" * 54
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue()


def check_calendar(desk, path):
    """A form that is not open, and a period that is locked: what the server would say."""
    statistics = desk.district.client(plandata.department("statistics"))
    calendar = pb().Calendar(head=statistics.unit.head(), plan=plandata.PLAN,
                             place=plandata.DISTRICT, period=2024)
    calendar.entries.add(form="village", level=pb().CUTOFF_UNIT, opens_us=1859212800000000,
                         due_us=1859299200000000)
    statistics.must_store(layout.CALENDAR, calendar)
    done = desk.cli("check", path, "--year", 2024)
    desk.checks.check("not open yet: check exits 2 and says when", done.returncode == 2
                      and "E_NOT_OPEN" in done.stderr and "2028-12-01" in done.stderr, done.stderr)
    statistics.must_store(layout.LOCK, pb().Lock(
        head=statistics.unit.head(), plan=plandata.PLAN, place=plandata.DISTRICT, period=2024))
    done = desk.cli("check", path, "--year", 2024)
    desk.checks.check("a locked period: check exits 2 and says so", done.returncode == 2
                      and "E_PERIOD_LOCKED" in done.stderr, done.stderr)
    statistics.close()


def check_years(desk):
    """The file is good, the year is not: the server refuses, and the refused box shows it."""
    path = desk.file(desk.text({}).encode())
    years = {plandata.LAST_YEAR + 1: "E_PERIOD", plandata.FIRST_YEAR - 1: "E_PERIOD"}
    for year, code in (plandata.future_years("E_PERIOD_FUTURE") | years).items():
        before = desk.server.row_counts()
        checked = desk.cli("check", path, "--year", year, "--format", "csv")
        found = [row["message"] for row in parse(checked.stdout) if row["code"] == code]
        done = desk.cli("submit", path, "--year", year, "--demo")
        said = done.stdout + done.stderr
        desk.checks.check(f"year {year}: submit exits 1 and says {code}",
                          done.returncode == 1 and code in said, f"{done.returncode}: {said}")
        desk.checks.check(f"year {year}: check exits 2 and says it in the same words",
                          checked.returncode == 2 and len(found) == 1 and found[0] in said,
                          f"{checked.returncode}: {checked.stdout}{checked.stderr}")
        boxes = parse(desk.cli("outbox", "--format", "csv").stdout)
        desk.checks.check(f"year {year}: it is in the refused box, nothing waits",
                          ("refused", str(year)) in [(row["box"], row["period"]) for row in boxes]
                          and "waiting" not in [row["box"] for row in boxes], boxes)
        desk.checks.equal(f"year {year}: nothing stored", desk.server.row_counts(), before)
    path = desk.file(explained_at_length(desk).encode())
    for command in ("check", "submit"):
        done = desk.cli(command, path, "--year", 2024)
        desk.checks.check(f"more than a report may hold: {command} exits 2 and says so",
                          done.returncode == 2 and "E_TOO_LARGE" in done.stderr
                          and "message too large" in done.stderr, done.stderr)
    check_calendar(desk, desk.file(desk.text({}).encode()))
    for year in ("abc", "25", ""):
        done = desk.cli("submit", path, "--year", year, "--demo")
        desk.checks.equal(f"year {year!r}: exit code", done.returncode, 2)


def scenario(checks, workplace):
    desk = Desk(checks, workplace)
    check_bad_files(desk)
    check_good_files(desk)
    workbooks.check(desk)
    history.check(desk)
    check_years(desk)
    troubles.check(desk)
    checks.equal("zhibaod stops cleanly", desk.server.stop(), 0)


if __name__ == "__main__":
    harness.run(scenario)
