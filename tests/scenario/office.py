"""The form in a real LibreOffice: opened, saved again and read back. With `ctest -C thorough` only.

Skipped (77) without soffice or python3-openpyxl. The figures are 演示数据.
"""

import shutil
import subprocess
import sys

import harness
import workbooks
from bad_csv import Desk

CONVERT_S = 180
FILTERS = {"csv": "csv:Text - txt - csv (StarCalc):44,34,76,1"}  # commas, quotes, UTF-8


def convert(desk, path, kind):
    """What LibreOffice makes of the file, or None after a failed check."""
    out = desk.workplace.path / "converted"
    done = subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{desk.workplace.path}/office", "--headless",
         "--convert-to", FILTERS.get(kind, kind), "--outdir", str(out), str(path)], stdin=subprocess.DEVNULL,
        capture_output=True, text=True, timeout=CONVERT_S, check=False)
    made = out / f"{path.stem}.{kind}"
    desk.checks.check(f"LibreOffice opens {path.name} and saves it as .{kind}",
                      done.returncode == 0 and made.exists(), done.stdout + done.stderr)
    return made if made.exists() else None


def scenario(checks, workplace):
    import openpyxl
    desk = Desk(checks, workplace)
    blank = workbooks.template(desk, openpyxl)
    book = openpyxl.load_workbook(blank)
    formula = f"{workbooks.VALUE}{workbooks.HEADER + workbooks.TAP}"
    workbooks.fill(desk, book, {formula: f"=1000+{desk.figures['households_tap_water'] - 1000}"})
    path = workplace.path / "office.xlsx"
    book.save(path)
    done = desk.cli("check", path, "--year", workbooks.YEAR)
    checks.check("a formula that nobody has calculated is refused", done.returncode == 2
                 and "E_SHEET_CELL" in done.stderr and formula in done.stderr, done.stderr)
    saved = convert(desk, path, "xlsx")
    if saved is not None:
        done = desk.cli("submit", saved, "--year", workbooks.YEAR, "--demo")
        checks.equal("saved by LibreOffice it is read", (done.returncode, done.stderr), (0, ""))
        checks.equal("and every figure is stored", desk.stored(workbooks.YEAR, 1), desk.expected)
        done = desk.cli("check", saved, "--year", workbooks.YEAR - 1)
        checks.check("its mark of the year is still there", "E_SHEET_OTHER" in done.stderr,
                     done.stderr)
    convert(desk, blank, "pdf")
    csv = convert(desk, saved, "csv") if saved is not None else None
    if csv is not None:
        done = desk.cli("check", csv, "--year", workbooks.YEAR)
        checks.equal("saved as CSV, title and all, it is read too", (done.returncode, done.stderr),
                     (0, ""))
    checks.equal("zhibaod stops cleanly", desk.server.stop(), 0)


if __name__ == "__main__":
    try:
        import openpyxl  # noqa: F401
    except ImportError:
        print("skipped: python3-openpyxl is needed", flush=True)
        sys.exit(77)
    if shutil.which("soffice") is None:
        print("skipped: soffice is needed (Debian: libreoffice-calc-nogui)", flush=True)
        sys.exit(77)
    harness.run(scenario)
