"""A case goes to another district, whose directory another committee signed."""

import json
import re

import layout
import plandata
from client import pb
from harness import Cli

PLACE = 410402000000  # 新华区
PLAN = "xinhua"


def enrol(commands, district):
    """Homes of the other district's intake and office, with its plan."""
    folder = plandata.PLANS / PLAN
    payload = pb().PlanImport(head=district.root.unit.head(), plan=PLAN)
    for path in sorted(folder.glob("*.csv")):
        payload.files.add(name=path.name, content=path.read_bytes())
    for path in sorted((plandata.PLANS / "catalogue").glob("*.csv")):
        payload.files.add(name=f"catalogue/{path.name}", content=path.read_bytes())
    district.root.must_store(layout.PLAN, payload)
    listed = district.root.must("KIND_UNITS", district.root.ask(
        pb().KIND_LIST_UNITS, pb().ListUnits(place=PLACE))).units
    number = next(row.unit for row in listed if row.department == "civil_affairs")
    for name, unit in (("beyond", number), ("beyond-office", PLACE * 1000 + 2)):
        commands.homes[name] = Cli(commands.homes["intake"].workplace, f"case-{name}")
        commands.ran(name, "enrol", district.codes(unit)[0])
    return f"{PLACE}:{number % 1000}"


def publish(commands):
    """The other committee's key, pinned by its own people, and its directory."""
    ran, folder = commands.ran, commands.folder
    key, public = commands.committee("beyond-committee")
    for name in ("beyond", "beyond-office"):
        ran(name, "case", "trust", public)
    requests = []
    for name, duty in (("beyond", "intake"), ("beyond-office", "supervisor")):
        ran(name, "case", "key", folder / f"{name}.request")
        requests.append(f"{duty}={folder}/{name}.request")
    ran("beyond-office", "admin", "case-directory", "--key", key, "--place", PLACE, "--serial", 3,
        "--phone", "0375-0000000（演示）", "-o", folder / "beyond.directory", *requests)
    ran("beyond-office", "case", "publish", folder / "beyond.directory")
    return public


def check_neighbour(commands, district, sheet, event):
    checks, ran = commands.checks, commands.ran
    unit = enrol(commands, district)
    public = publish(commands)
    done = ran("village", "case", "report", "-", stdin=sheet)
    number = re.search(r"case: (\S+)", done.stdout).group(1)[:8]
    transfer = ("case", "transfer", number, "--unit", unit, "--text-file", "-")
    ran("intake", *transfer, code=2, stdin="演示")  # its committee is not trusted here
    ran("intake", "case", "trust", commands.public, "--district", PLACE)  # nor is ours its committee
    ran("intake", *transfer, code=2, stdin="演示")
    ran("intake", "case", "trust", public, "--district", PLACE, code=2)
    ran("intake", "case", "trust", public, "--district", PLACE, "--replace")
    ran("intake", *transfer, stdin="演示")
    ran("beyond", "case", "show", number, "--purpose", "transfer", code=1)  # whose directory?
    ran("beyond", "case", "trust", commands.public, "--district", plandata.DISTRICT)
    shown = ran("beyond", "case", "show", number, "--purpose", "transfer").stdout
    checks.check("the other district's intake reads the whole of it", event in shown, shown)
    ran("beyond", "case", "accept", number)
    ran("beyond", "case", "acknowledge", number)
    ran("intake", "case", "close", number, code=1)
    roles = {who: next(row["role"] for row in json.loads(ran(
        who, "case", "list", "--format", "json").stdout) if row["id"].startswith(number))
        for who in ("beyond", "intake")}
    checks.equal("who accepted leads, who offered handles on", roles,
                 {"beyond": "lead", "intake": "handler"})
    shown = ran("intake", "case", "show", number, "--purpose", "handling").stdout
    checks.check("and reads what the new lead says, signed by a key that its committee lists",
                 "none of the directory's" not in shown and "acknowledge" in shown, shown)
