"""The round's results and reports in every export format, read back and compared figure by figure."""

import json
import zipfile

import plandata
import round_results
import sdmx
from round_stage import SILENT, VILLAGES, YEAR, village_name
from sheet import parse

STATUS = {1: "value", 2: "not_applicable", 3: "not_collected", 4: "not_reported"}
ATTAINMENT = {0: "", 1: "met", 2: "not_met", 3: "no_data", 4: "not_judgeable", 5: "met_uncertain"}


def exported(stage, *arguments, home="office"):
    """The export's text, as the file has it."""
    path = stage.workplace.path / "export.out"
    stage.ran(stage.homes[home], "export", *arguments, "-o", path, "--force")
    return path.read_bytes().decode()


def tags(text):
    return frozenset(tag for tag in text.split(";") if tag)


def pulled_figures(client, places, **changes):
    """What the protocol itself says, as sdmx.py says it."""
    found = {}
    for place in places:
        answer = round_results.pull(client, place, **changes)
        for row in answer.indicators:
            if not row.indicator:
                continue
            status = "suppressed" if row.suppressed else STATUS[row.presence]
            decides = next((target for target in row.targets if target.decides), None)
            found[place, YEAR, "", row.indicator, tags(row.stratum)] = {
                "status": status, "value": row.value if status == "value" else None,
                "fraction": (row.numerator, row.denominator) if row.has_fraction else (None, None),
                "conf": "C" if status == "suppressed" else "F" if changes.get("published") else "N",
                "provenance": "DEMONSTRATION" if row.demonstration else
                              "PLAN" if status == "value" and not row.reporting else "REPORTED",
                "unit": row.unit, "attainment": ATTAINMENT[decides.attainment] if decides else "",
                "target": decides.target if decides else "",
                "locked": answer.locked or status != "value"}
    return found


def reported_figures(stage):
    """The figures of the files that were submitted and count."""
    found = {}
    for (form, place), cells in stage.submitted.items():
        if place == SILENT and form == "village":
            continue
        for cell in plandata.forms()[form]:
            found[place, YEAR, form, cell.element, tags(cell.stratum)] = cells.get(cell.number)
    return found


def compare(checks, what, got, wanted):
    wrong = [(key, got.get(key), wanted.get(key)) for key in got.keys() | wanted.keys()
             if got.get(key) != wanted.get(key)]
    checks.check(f"{what}: {len(wanted)} figures, each with its status and stratum, unchanged",
                 wanted and not wrong, f"{len(wrong)}: {wrong[:3]}")


def check_results(stage, where):
    office, checks = stage.homes["office"], stage.checks
    client = stage.client(plandata.department("office"))
    kinds = (((), [plandata.DISTRICT], {}), (("--strata",), [plandata.DISTRICT], {"analysis": True}),
             (("--public",), [plandata.DISTRICT], {"published": True}))
    for more, places, changes in kinds:
        wanted = pulled_figures(client, places, **changes)
        name = f"results {' '.join(more)}"
        text = exported(stage, *where, *more, "--format", "sdmx-csv")
        compare(checks, f"{name} as SDMX-CSV", sdmx.read_csv(text, "RESULTS"), wanted)
        message = json.loads(exported(stage, *where, *more, "--format", "sdmx-json"))
        compare(checks, f"{name} as SDMX-JSON", sdmx.read_json(message), wanted)
        if changes:  # of the shortest form the parts are the larger half
            check_schemas(stage, name, message, (*where, *more))
    statuses = {row["status"] for row in wanted.values()}
    checks.check("what is published leaves figures out, and says so",
                 {"value", "suppressed", "not_reported"} <= statuses, statuses)
    township = pulled_figures(client, [plandata.TOWNSHIP, *VILLAGES])
    path = stage.workplace.path / "below.csv"
    done = stage.ran(office, "export", "--year", YEAR, "--place", plandata.TOWNSHIP, "--depth", 1,
                     "--format", "sdmx-csv", "-o", path)
    compare(checks, "a township with its villages",
            sdmx.read_csv(path.read_bytes().decode(), "RESULTS"), township)
    stage.checks.check("a long export shows on stderr how far it is",
                       len(VILLAGES) < 19 or "places" in done.stderr, done.stderr)
    client.close()


def check_schemas(stage, name, message, arguments):
    structure = json.loads(exported(stage, *arguments, "--structure"))
    for kind, told in (("data", message), ("structure", structure)):
        problems = sdmx.schema_problems(told, f"sdmx-json-{kind}-2.0.0.json")
        if problems is not None:
            stage.checks.equal(f"{name}: the {kind} message is valid SDMX-JSON 2.0.0", problems, [])
    stage.checks.equal(f"{name}: data and structure agree",
                       sdmx.definition_problems(structure, message), [])
    stage.checks.check(f"{name}: made-up figures are marked as a test", message["meta"]["test"])
    if "--reports" not in arguments:
        notes = [code.get("annotations") for codelist in structure["data"]["codelists"]
                 if codelist["id"] == "CL_INDICATOR" for code in codelist["codes"]
                 if code["id"] == "imr"]
        stage.checks.check(f"{name}: UNICEF's and the SDGs' codes stand beside ours",
                           notes and "CME_MRY0" in notes[0][0]["value"], notes)


def check_reports(stage, where):
    office, checks = stage.homes["office"], stage.checks
    wanted = reported_figures(stage)
    message = json.loads(exported(stage, *where, "--reports", "--format", "sdmx-json"))
    text = exported(stage, *where, "--reports", "--format", "sdmx-csv")
    read = {"SDMX-CSV": sdmx.read_csv(text, "REPORTS"), "SDMX-JSON": sdmx.read_json(message)}
    for name, found in read.items():
        compare(checks, f"reports as {name}", {key: row["value"] for key, row in found.items()},
                wanted)
        kinds = {row["status"] for row in found.values()}
        checks.check(f"reports as {name}: kinds of nothing stay apart",
                     {"value", "not_applicable"} <= kinds, kinds)
    check_schemas(stage, "reports", message, (*where, "--reports"))
    values = {key: value for key, value in wanted.items() if value is not None}
    found = sdmx.read_adx(exported(stage, *where, "--reports", "--format", "adx"))
    compare(checks, "reports as ADX, values only", found, values)
    rows = parse(stage.ran(office, "export", *where, "--reports").stdout)
    compare(checks, "reports as CSV", {
        (int(row["place"]), int(row["year"]), row["form"], row["element"], tags(row["stratum"])):
        float(row["value"]) for row in rows if row["status"] == "value"}, values)
    court = stage.ran(stage.homes["court"], "export", *where, "--reports", "--format", "json")
    own = json.loads(court.stdout)
    checks.check("a department gets its own report and no other",
                 own["rows"] and {row["form"] for row in own["rows"]} == {"court"}
                 and own["demonstration"], court.stdout[:400])
    village = stage.homes[village_name(VILLAGES[1])]
    stage.ran(village, "export", *where, "--reports", code=1)
    stage.ran(village, "export", *where, code=1)


def check_files(stage, where):
    office, checks = stage.homes["office"], stage.checks
    path = stage.workplace.path / "results.xlsx"
    stage.ran(office, "export", *where, "--format", "xlsx", "-o", path)
    plain = parse(stage.ran(office, "export", *where).stdout)
    with zipfile.ZipFile(path) as book:
        checks.equal("the .xlsx is whole", book.testzip(), None)
        sheet = book.read("xl/worksheets/sheet1.xml").decode()
    checks.equal("the .xlsx has a row for each figure", sheet.count("<row "), len(plain) + 1)
    stage.ran(office, "export", *where, "--format", "xlsx", "-o", path, code=2)
    stage.ran(office, "export", *where, "--format", "csv", "--bom", "-o", path, "--force")
    checks.check("csv for spreadsheets begins with its mark, and --force replaces a file",
                 path.read_bytes().startswith(b"\xef\xbb\xbfyear,place"), path.read_bytes()[:40])
    for arguments in (("--reports", "--public"), ("--public", "--strata"), ("--format", "xls"),
                      ("--depth", 9), ("--since", 2030)):
        stage.ran(office, "export", *where, *arguments, code=2)


def check(stage):
    where = ("--year", YEAR, "--place", plandata.DISTRICT)
    check_results(stage, where)
    check_reports(stage, where)
    check_files(stage, where)
