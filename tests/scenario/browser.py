"""The portal in Debian's Chromium, by tests/browser. Skipped (77) without it, node, npm or the pages."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import harness
import layout
import plandata
from case_leaks import forms_of, memory_of
from client import pb
from harness import ROOT, District, Server
from portal import Portal

SKIPPED = 77
CHROMIUM = "chromium-headless-shell"  # the same engine without windows: a third less work
SOURCE = ROOT / "tests" / "browser"
INSTALL_S, PLAY_S = 300, 800
LEAST_SHOWN = 60  # of one language, both sizes
DISTRICT = 450223000000
OTHER_TOWNSHIP = 450223100000
TOWNSHIP_NAME = "平山镇"
SPARES = {"court": "鹿寨县人民法院", "police": "鹿寨县公安局"}
PLANTED = "覃小禾（演示）ZK9"  # 演示数据: in every text of a case that is typed
NAMES = ("镇", "乡", "村", "社区", "县", "局", "委", "街道")


def skip(why):
    print(f"skipped: {why}", flush=True)
    sys.exit(SKIPPED)


def install(build):
    """The test and its packages in the build directory; installed once."""
    place = Path(build).resolve() / "tests" / "browser"
    place.mkdir(parents=True, exist_ok=True)
    for path in [*SOURCE.glob("*.js"), *SOURCE.glob("*.json"), SOURCE / ".npmrc"]:
        shutil.copy2(path, place / path.name)
    mark = place / "installed.json"
    wanted = (SOURCE / "package-lock.json").read_text()
    if mark.exists() and mark.read_text() == wanted:
        return place
    done = subprocess.run(["npm", "ci"], cwd=place, stdin=subprocess.DEVNULL, capture_output=True,
                          text=True, timeout=INSTALL_S, check=False)
    if done.returncode != 0:
        skip(f"npm ci exits {done.returncode}: {done.stderr.strip()[-500:]}")
    mark.write_text(wanted)
    return place


def actors(township):
    """role -> unit: two villages, their township, statistics, the office and the administrator."""
    village, keyboard = map(plandata.own_unit, plandata.villages(township)[:2])
    return {"village": village, "keyboard": keyboard,
            "township": plandata.own_unit(township), "statistics": DISTRICT * 1000 + 1,
            "office": DISTRICT * 1000 + 2, "admin": DISTRICT * 1000 + 3,
            "intake": plandata.department("civil_affairs"),
            "helper": plandata.department("education")}


def codes(district, township):
    """One-time codes of them."""
    units = actors(township)
    return dict(zip(units, district.codes(*units.values())))


def spares(district):
    """language -> name of a unit whose key is there to be revoked."""
    names = {"zh": "court", "en": "police"}
    for role in names.values():
        district.client(plandata.department(role)).close()
    return {language: SPARES[role] for language, role in names.items()}


def filled_sheet(workplace, figures):
    """A workbook with some of the figures, as a person makes one; None without openpyxl."""
    try:
        import openpyxl
    except ImportError:
        print("skipped: importing a workbook needs python3-openpyxl", flush=True)
        return None
    path, book = workplace.path / "filled.xlsx", openpyxl.Workbook()
    book.active.append(["儿童年报表（演示数据）"])
    book.active.append(["项号", "数值", "说明"])
    for cell in (11, 12, 13):
        book.active.append([cell, str(figures[cell]) if cell == 12 else figures[cell]])
    book.save(path)
    return str(path)


def typed(village):
    """cell -> what is typed, None for what does not apply."""
    columns = plandata.columns("village", plandata.village_figures(village))
    figures = {cell: value if presence == plandata.VALUE else None
               for cell, presence, value in columns}
    return {cell: None if value is None else int(value) if value == int(value) else value
            for cell, value in figures.items()}


def stage_of(workplace, district, portal, out):
    figures = typed(plandata.villages()[0])
    return {"address": portal.address, "out": str(out),
            "certificate": str(portal.data / "certificate.pem"), "chromium": shutil.which(CHROMIUM),
            "period": plandata.PERIOD, "figures": figures, "pasted": 10,
            "keyboardFigures": typed(plandata.villages()[1]),
            "sheet": filled_sheet(workplace, figures), "names": NAMES,
            "indicator": "children_home_coverage", "planted": PLANTED, "district": str(DISTRICT),
            "zhibao": str(workplace.build / "bin" / "zhibao"), "townshipName": TOWNSHIP_NAME,
            "parent": plandata.TOWNSHIP,
            "parents": {"zh": plandata.TOWNSHIP, "en": OTHER_TOWNSHIP},
            "units": {language: {role: str(unit) for role, unit in actors(township).items()}
                      for language, township in (("zh", plandata.TOWNSHIP), ("en", OTHER_TOWNSHIP))},
            "spare": spares(district),
            "codes": {"zh": codes(district, plandata.TOWNSHIP),
                      "en": codes(district, OTHER_TOWNSHIP)}}


def check_gateway(checks, portal):
    """Nothing that was typed into a case is in the gateway's memory, files or log."""
    needles, found, looked = list(forms_of(PLANTED)), set(), 0
    control, seen = "鹿寨县民政局".encode(), set()  # what is there is found

    def look(where, data):
        nonlocal looked
        looked += len(data)
        if control in data:
            seen.add(where.split()[0])
        found.update(f"{where}: {needle[:20]!r}" for needle in needles if needle in data)

    for piece in memory_of(portal.process.pid, set()):
        look("memory", piece)
    for file in [portal.log, *(one for one in portal.data.rglob("*") if one.is_file())]:
        look(f"file {file.name}", file.read_bytes())
    checks.check("there is memory to look at", looked > 1_000_000, str(looked))
    checks.equal("the gateway holds no text of a case", sorted(found), [])
    checks.equal("the search finds what is there", sorted(seen), ["file", "memory"])


def scenario(checks, workplace, place):
    server = Server(workplace).start()
    district = District(server)
    portal = Portal(workplace, pages=workplace.build / "web" / "pages",
                    demonstration="yes").start()
    out = place / "screenshots"
    shutil.rmtree(out, ignore_errors=True)  # of an earlier run
    stage = workplace.path / "stage.json"
    stage.write_text(json.dumps(stage_of(workplace, district, portal, out)))
    done = subprocess.run(["node", "play.js", str(stage)], cwd=place, stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, timeout=PLAY_S, check=False)
    (out / "times.txt").write_text(done.stderr)
    for line in done.stdout.splitlines():
        if line.startswith(("ok   ", "FAIL ")):
            checks.check(line[5:], line.startswith("ok"))
    checks.check("the play runs", done.returncode == 0, done.stderr[-2000:])
    if os.environ.get("PLAY_ONLY") != "village":  # that one writes no case
        check_gateway(checks, portal)
    shown = len(list(out.glob("*.png")))
    checks.check("screenshots are there",
                 shown >= LEAST_SHOWN or "PLAY_ONLY" in os.environ, shown)
    if "PLAY_ONLY" not in os.environ:
        check_workbook(checks, out / "table-zh.xlsx")
    district.root.close()


def check_workbook(checks, path):
    """The free table's workbook as a spreadsheet reads it."""
    try:
        import openpyxl
    except ImportError:
        return
    rows = list(openpyxl.load_workbook(path).active.iter_rows(values_only=True))
    checks.check("the free table's workbook opens, with numbers as numbers", len(rows) == 3 and
                 any(isinstance(value, (int, float)) for row in rows[1:] for value in row), rows)


if __name__ == "__main__":
    for program in (CHROMIUM, "node", "npm"):
        if shutil.which(program) is None:
            skip(f"{program} is needed")
    if not (Path(sys.argv[1]) / "web" / "pages" / "index.html").exists():
        skip("the pages were not built (ZHIBAO_PAGES is off)")
    where = install(sys.argv[1])
    harness.run(lambda checks, workplace: scenario(checks, workplace, where))
