"""The yearbook of the small round: every format twice with the same bytes, every figure of it compared
with the pull for publication, and behind every figure the reports, proved by their receipts.
"""

import csv
import io
import json
import os
import re
import shutil
import subprocess
import zipfile
from html.parser import HTMLParser
from xml.etree import ElementTree

import harness
import layout
import plandata
import yearbook_portal
from client import pb
from round_stage import YEAR

NOTHING = {"not_applicable": "不适用", "not_collected": "未采集", "not_reported": "未报送"}
STATUS = {"met": "达标", "met_uncertain": "达标（不确定）", "not_met": "未达标", "no_data": "无数据",
          "not_judgeable": "无法判断", "": ""}
DEMO = "演示数据"
EMPTY = "/nonexistent"


class Page(HTMLParser):
    """Tables by caption, as rows of texts, and what a page must not have."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.tags, self.links = {}, set(), []
        self.table = self.caption = self.cell = None
        self.headings = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.links += [value for name, value in attributes if name in ("src", "href")]
        if tag == "table":
            self.table, self.caption = [], ""
        elif tag == "tr" and self.table is not None:
            self.table.append([])
        elif tag in ("td", "th", "caption", "h1", "h2"):
            self.cell = []

    def handle_data(self, data):
        if self.cell is not None:
            self.cell.append(data)

    def handle_endtag(self, tag):
        if tag in ("td", "th", "caption", "h1", "h2") and self.cell is not None:
            text = "".join(self.cell).strip()
            if tag == "caption":
                self.caption = text
            elif tag in ("h1", "h2"):
                self.headings.append(text)
            elif self.table:
                self.table[-1].append(text)
            self.cell = None
        elif tag == "table" and self.caption:
            self.tables[self.caption] = self.table
            self.table = None


def shown(value, decimals):
    """A number as all tables have it; whole ones of many digits go without decimals."""
    text = f"{value:.{0 if abs(value) >= 1e5 and value == round(value) else decimals}f}"
    return text.removeprefix("-") if not text.strip("-0.") else text


def expected_cell(row, decimals):
    if row["suppressed"]:
        return "*"
    if row["presence"] != "value":
        return NOTHING[row["presence"]]
    if row["unit"] == "yesno" or row["kind"] == "existence":
        return "是" if row["value"] else "否"
    return shown(row["value"], decimals[row["indicator"]]) + ("†" if row["printed"] else "")


def names_of(row):
    """The name as the yearbook prints it; a stratum in words follows in brackets."""
    return row["name_zh"] if not row["stratum"] else row["name_zh"] + "（"


def make(stage, kind, name, lang="zh", code=0, **options):
    path = stage.workplace.path / name
    done = stage.ran(stage.homes["office"], "yearbook", "--place", plandata.DISTRICT, "--year", YEAR,
                     "--format", kind, "-o", path, lang=lang, code=code, **options)
    return path, done


def check_figures(stage, page, pulled):
    """Every figure and status of every domain's table, in the pull's order."""
    decimals = {row["indicator"]: int(row["decimals"]) for row in plandata.catalogue("indicators")}
    tables = {title: rows for title, rows in page.tables.items() if "指标、目标和达标情况" in title}
    found = {}
    for rows in tables.values():
        column = rows[0].index(str(YEAR))
        for row in rows[1:]:
            if not row[0].endswith("（续）"):
                found.setdefault(row[0], []).append((row[column], row[-1]))
    wrong, compared, seen = [], 0, set()
    for row in pulled["indicators"]:
        key = row["indicator"], row["stratum"]
        if not row["indicator"] or key in seen or not row["target"] and row["presence"] != "value":
            continue
        seen.add(key)
        name = names_of(row)
        cells = [cell for title, listed in found.items() for cell in listed
                 if title == name or (row["stratum"] and title.startswith(name))]
        wanted = expected_cell(row, decimals)
        status = STATUS[row["attainment"]] if row["target"] else ""
        if not any(value == wanted and (said == status or said.startswith(status + "，"))
                   for value, said in cells):
            wrong.append((key, wanted, status, cells))
        compared += 1
    stage.checks.equal("every figure and status of the yearbook is the pull's", wrong, [])
    stage.checks.check(f"{compared} figures compared", compared >= 60)
    rows = next(rows for title, rows in page.tables.items() if "各领域目标达标情况" in title)
    pass_rate = pulled["pass"]
    stage.checks.equal("the domains add up to the pull's pass rate",
                       [int(cell) for cell in rows[-1][1:7]],
                       [sum(pass_rate[name] for name in ("met", "not_met", "no_data",
                                                         "not_judgeable")),
                        pass_rate["met"] - pass_rate["met_uncertain"], pass_rate["met_uncertain"],
                        pass_rate["not_met"], pass_rate["no_data"], pass_rate["not_judgeable"]])


def check_html(stage, text, pulled):
    page = Page(text)
    stage.checks.check("the HTML is marked as made up on its cover and on every page",
                       text.count(DEMO) >= 4 and f'@top-right {{ font: bold' in text)
    stage.checks.equal("nothing of it runs or comes from elsewhere",
                       (page.tags & {"script", "iframe", "link", "object", "img"},
                        [link for link in page.links if not link.startswith("#")]), (set(), []))
    stage.checks.equal("its chapters", [title[0] for title in page.headings
                                        if title[1:2] == "、"], list("一二三四五六七八"))
    check_figures(stage, page, pulled)


def check_annex(stage, stem, pulled):
    """Each figure of the pull in the annex, and its reports proved by receipts of our own."""
    figures = list(csv.DictReader(io.StringIO(
        (stage.workplace.path / f"{stem}-figures.csv").read_text(encoding="utf-8-sig"))))
    reports = list(csv.DictReader(io.StringIO(
        (stage.workplace.path / f"{stem}-reports.csv").read_text(encoding="utf-8-sig"))))
    listed = {(row["indicator"], row["stratum"]): row for row in figures
              if row["kind"] == "figure" and row["year"] == str(YEAR)}
    wrong = []
    for row in pulled["indicators"]:
        entry = listed.get((row["indicator"], row["stratum"]))
        value = "*" if row["suppressed"] else "" if row["value"] is None else row["value"]
        if row["indicator"] and (entry is None or (entry["value"] != value
                                                   and float(entry["value"] or "nan") != value)):
            wrong.append((row["indicator"], value, entry))
    stage.checks.equal("the annex has every figure as published", wrong, [])
    office = stage.client(plandata.department("office"))
    proofs, cursor = {}, ""
    while True:
        answer = office.ask(pb().KIND_TRACK, pb().Track(
            unit=plandata.department("statistics"), period=YEAR, subtree=True, cursor=cursor))
        page = office.must("KIND_TRACKED", answer)
        for report in page.reports:
            receipt = report.steps[0].receipt
            proofs[report.id.hex()] = (layout.verify_receipt(receipt, office.pinned),
                                       layout.digest(b"\0" + receipt[4:119]).hex())
        cursor = page.next
        if not cursor:
            break
    office.close()
    sources = {}
    for row in reports:
        receipt, leaf_hash = proofs[row["id"]]
        sources.setdefault(row["source"], []).append(row)
        stage.checks.equal(f"report {row['id'][:8]}: batch, leaf and root as its receipt says",
                           (int(row["batch"]), int(row["leaf"]), row["root"], row["leaf_hash"]),
                           (receipt.number, receipt.index, receipt.header[37:69].hex(), leaf_hash))
    stage.checks.check("behind every reported figure are reports of the annex", all(
        int(row["reports"]) == sum(
            len([report for report in sources[source.removesuffix("/urban").removesuffix("/rural")]
                 if source.count("/") == 1 or report["area"] == source.rsplit("/", 1)[1]])
            for source in row["sources"].split()) for row in listed.values() if row["sources"]))
    stage.checks.check("no content's hash is told", not any("sha256" in name for name in reports[0]))


def check_docx(stage, path):
    with zipfile.ZipFile(path) as archive:
        stage.checks.equal("the DOCX is a sound zip", archive.testzip(), None)
        parts = {name: archive.read(name) for name in archive.namelist()}
    for name, data in parts.items():
        if name.endswith((".xml", ".rels")):
            ElementTree.fromstring(data)
    body = parts["word/document.xml"].decode()
    headers = [data.decode() for name, data in parts.items() if "word/header" in name]
    stage.checks.check("its tables repeat their headers, its pages say that figures are made up",
                       body.count("<w:tblHeader") >= 10 and any(DEMO in text for text in headers))
    stage.checks.equal("no page break cuts a row", body.count("<w:cantSplit/>"),
                       len(re.findall("<w:tr[ >]", body)))
    check_libreoffice(stage, path)
    stage.checks.check("its charts are pictures", any(name.endswith(".png") for name in parts)
                       and b"PNG" in next(data for name, data in parts.items()
                                          if name.endswith(".png"))[:8])


def check_libreoffice(stage, path):
    """That LibreOffice opens it: where it is installed, and asked for (ctest -C thorough)."""
    if not os.environ.get("ZHIBAO_YEARBOOK_OFFICE"):
        return
    if shutil.which("soffice") is None:
        print("skipped: LibreOffice is not installed")
        return
    folder = stage.workplace.path / "office"
    done = subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to",
         "pdf:writer_pdf_Export", "--outdir", folder, path], capture_output=True, text=True,
        timeout=300, check=False)
    made = folder / path.with_suffix(".pdf").name
    if stage.checks.check("LibreOffice opens the DOCX", made.exists(), done.stdout + done.stderr):
        check_pdf(stage, made)


def check_xlsx(stage, path, pulled):
    try:
        import openpyxl
    except ImportError:
        print("skipped: openpyxl is not installed")
        return
    book = openpyxl.load_workbook(path)
    rows = [[cell.value for cell in row] for row in book["达标情况"].iter_rows()]
    column = next(row.index(str(YEAR)) for row in rows if str(YEAR) in row)
    numbers = [row[column] for row in rows if isinstance(row[column], (int, float))]
    wanted, seen = [], set()
    for row in pulled["indicators"]:
        key = row["indicator"], row["stratum"]
        if row["indicator"] and key not in seen and row["presence"] == "value" \
                and not row["suppressed"] and not row["printed"] \
                and row["unit"] != "yesno" and row["kind"] != "existence":
            wanted.append(row["value"])
        seen.add(key)
    stage.checks.equal("the workbook's numbers are the pull's",
                       [f"{number:.12g}" for number in sorted(numbers)],
                       [f"{number:.12g}" for number in sorted(wanted)])
    stage.checks.check("each of its sheets says that figures are made up", all(
        DEMO in str(sheet.oddHeader.right.text) for sheet in book.worksheets))


def check_pdf(stage, path):
    text = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, text=True,
                          check=True).stdout
    pages = text.split("\f")[:-1]
    stage.checks.check("the PDF's text can be searched in Chinese",
                       all(words in text for words in ("监测报告与资料汇编", "新生儿死亡率", "编制方法")))
    stage.checks.check(f"each of its {len(pages)} pages says that figures are made up",
                       len(pages) >= 8 and all(DEMO in page for page in pages))


def check_twice(stage, kind, tool=None, once=False):
    """The first of two files with the same bytes, as its path; None without the tool."""
    if tool and shutil.which(tool) is None:
        print(f"skipped: {tool} is not installed")
        return None
    first, _ = make(stage, kind, f"first.{kind}")
    if once:
        return first
    second, _ = make(stage, kind, f"second.{kind}")
    stage.checks.check(f"the same {kind} twice", first.read_bytes() == second.read_bytes())
    return first


def check_refusals(stage):
    path, done = make(stage, "pdf", "none.pdf", lang="en", code=2, PATH=EMPTY)
    stage.checks.check("without weasyprint it says what to install, and writes nothing",
                       "apt-get install weasyprint" in done.stderr and not path.exists(),
                       done.stderr)
    _, done = make(stage, "odt", "none.odt", lang="en", code=2)
    stage.checks.check("another format is none", "html, pdf, docx or xlsx" in done.stderr,
                       done.stderr)
    stage.ran(stage.homes["police"], "yearbook", "--place", plandata.DISTRICT, "--year", YEAR, "-o",
              stage.workplace.path / "police.html", code=1)


def check(stage):
    pulled = json.loads(stage.ran(stage.homes["office"], "pull", "--place", plandata.DISTRICT,
                                  "--year", YEAR, "--public", "--format", "json").stdout)
    html = check_twice(stage, "html")
    check_html(stage, html.read_text(encoding="utf-8"), pulled)
    check_annex(stage, "first", pulled)
    english = make(stage, "html", "english.html", lang="en")[0].read_text(encoding="utf-8")
    page = Page(english)
    stage.checks.check("in English every heading is", not any(
        re.search("[\u4e00-\u9fff]", title) for title in page.headings), page.headings)
    check_xlsx(stage, check_twice(stage, "xlsx"), pulled)
    sanitized = harness.is_sanitized(stage.workplace.build)  # other programs are none of its business
    docx = check_twice(stage, "docx", "pandoc", once=sanitized)
    if docx:
        check_docx(stage, docx)
    pdf = None if sanitized else check_twice(stage, "pdf", "weasyprint")
    if pdf:
        check_pdf(stage, pdf)
    check_refusals(stage)
    made = {"html": html, "xlsx": stage.workplace.path / "first.xlsx", "docx": docx, "pdf": pdf}
    yearbook_portal.check(stage, {kind: path for kind, path in made.items() if path})
