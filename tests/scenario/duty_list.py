"""Duties as the command line lists them, against duties.csv read by this program itself."""

import json
import time

import layout
import plandata
from client import pb
from harness import Cli
from sheet import filled

PLANS = ("luzhai", "siping", "huaiyin", "xinhua", "jinlin")
NOT_MEMBERS = ("office", "admin", "auditor")
ABOVE = {450223000000: 450200000000, 220300000000: 220000000000}
STATE_WITHIN_S = 60


def own(plan, name):
    return plandata.rows(plandata.PLANS / plan / f"{name}.csv")


def units_of(plan):
    """{reporter code: [unit texts]} of a plan, from its files."""
    place = own(plan, "plan")[0]["place"]
    numbers = {row["code"]: row["number"] for row in plandata.catalogue("departments")}
    found = {level: [row["place"] for row in own(plan, "places") if row["level"] == level]
             for level in ("village", "township")}
    codes = [row["department"] for row in own(plan, "units") if row["place"] == place]
    found |= {code: [f"{place}:{numbers[code]}"] for code in codes}
    found["members"] = [f"{place}:{numbers[code]}" for code in codes if code not in NOT_MEMBERS]
    return found


def expected(plan, year):
    """Every (unit, duty, period, receiver, section, quote ...) that duties.csv means."""
    first = own(plan, "plan")[0]
    units, found = units_of(plan), []
    for row in own(plan, "duties"):
        yearly = row["frequency"] == "yearly"
        if yearly and not int(first["first_year"]) <= year <= int(first["last_year"]):
            continue
        for unit in units.get(row["reporter"], []):
            found.append((unit, row["duty"], year if yearly else None, row["what"], row["form"],
                          row["frequency"], row["receiver"], row["due"], row["section"],
                          row["quote"], row["basis"]))
    return sorted(found, key=str)


def listed(done):
    return sorted(((row["unit"], row["duty"], row["period"], row["what"], row["form"],
                    row["frequency"], row["receiver"], row["due"], row["section"], row["quote"],
                    row["basis"]) for row in json.loads(done.stdout)), key=str)


class DutyList:
    def __init__(self, checks, server, district, homes):
        self.checks, self.server, self.district, self.homes = checks, server, district, homes

    def import_plan(self, plan):
        root = self.district.root
        payload = pb().PlanImport(head=root.unit.head(), plan=plan)
        folder = [(path.name, path) for path in sorted((plandata.PLANS / plan).glob("*.csv"))]
        folder += [(f"catalogue/{path.name}", path)
                   for path in sorted((plandata.PLANS / "catalogue").glob("*.csv"))]
        for name, path in folder:
            payload.files.add(name=name, content=path.read_bytes())
        root.must_store(layout.PLAN, payload)

    def check_all_plans(self):
        """For every plan, exactly the rows of its duties.csv, one for each unit that owes it."""
        workplace = self.homes["office"].workplace
        for plan in PLANS:
            if plan != plandata.PLAN:
                self.import_plan(plan)
            place = int(own(plan, "plan")[0]["place"])
            if plan == plandata.PLAN:
                office = self.homes["office"]
            else:
                office = Cli(workplace, f"office-{plan}")
                office("enrol", self.district.codes(place * 1000 + 2)[0])
            for year in (2025, 2030):
                done = office("duties", "--place", f"{place:012}", "--year", year, "--format", "json")
                found, wanted = listed(done), expected(plan, year)
                self.checks.check(f"{plan} {year}: the {len(wanted)} duties of duties.csv",
                                  done.returncode == 0 and found == wanted and len(wanted) > 20,
                                  f"{done.stderr}{len(found)} listed; "
                                  f"{[row for row in found if row not in wanted][:3]} "
                                  f"{[row for row in wanted if row not in found][:3]}")
        done = self.homes["author"]("duties", "--year", 2025, "--format", "json")
        unit = units_of(plandata.PLAN)["health"][0]
        self.checks.equal("a department sees its own", listed(done),
                          [row for row in expected(plandata.PLAN, 2025) if row[0] == unit])
        done = self.homes["author"]("duties", "--place", "450223000000")
        self.checks.equal("and nobody else's", done.returncode, 1)
        shown = self.homes["author"]("duties", "--year", 2025, lang="zh").stdout
        self.checks.check("with the plan's words", all(text in shown for text in (
            "责任单位每年向同级妇儿工委报告规划实施情况和下一年工作安排", "三(五)", "规划实施情况报告",
            "下一年工作安排", "鹿寨县妇女儿童工作委员会办公室",
            "评估（中期）", "2026-03-15 24:00")), shown[:900])

    def duty(self, code, year=plandata.PERIOD, who="author"):
        done = self.homes[who]("duties", "--year", year, "--duty", code, "--format", "json")
        return json.loads(done.stdout)[0]

    def check_states(self, workplace):
        """A data duty follows its report; what is past its time is overdue. Gives the report's id."""
        data = next(row["duty"] for row in own(plandata.PLAN, "duties")
                    if row["reporter"] == "health" and row["what"] == "data")
        row = self.duty(data, 2024)
        self.checks.equal("figures of 2024 are overdue", (row["state"], row["overdue"]),
                          ("overdue", True))
        row = self.duty(data, 2030)
        self.checks.equal("those of 2030 are owed", (row["state"], row["overdue"]), ("owed", False))
        sheet = workplace.path / "health.csv"
        self.homes["author"]("form", "--template", "csv", "-o", sheet, lang="zh")
        sheet.write_text(filled(sheet.read_text(encoding="utf-8"), "health", {}),
                         encoding="utf-8")
        done = self.homes["author"]("submit", sheet, "--year", plandata.PERIOD, "--demo")
        self.checks.equal("figures are reported", done.returncode, 0) or print(done.stderr)
        row = self.duty(data)
        self.checks.check("the duty is sent", row["state"] == "sent" and row["record_kind"] ==
                          "report" and len(row["record"]) == 32, row)
        end = time.monotonic() + STATE_WITHIN_S
        while self.duty(data)["record_state"] == "stored" and time.monotonic() < end:
            pass
        self.homes["statistics"]("accept", row["record"])
        after = self.duty(data)
        self.checks.equal("accepted with its report",
                          (after["state"], after["record_state"], after["record"]),
                          ("accepted", "final", row["record"]))
        done = self.homes["office"]("duties", "--place", "450223000000", "--year", 2024, "--format",
                                    "json")
        late = [row["state"] for row in json.loads(done.stdout) if row["what"] == "data"]
        self.checks.check("the office sees who is behind", set(late) == {"overdue"}
                          and len(late) > 130, len(late))
        return row["record"]
