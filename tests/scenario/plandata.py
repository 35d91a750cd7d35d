"""The plan of 鹿寨县 as its CSV files say, and made-up figures for its forms.

Figures are 演示数据: invented by fixed arithmetic, and sent with the demonstration provenance.
"""

import csv
import time
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

PLANS = Path(__file__).resolve().parents[2] / "deploy" / "plans"
PLAN = "luzhai"
DISTRICT = 450223000000
TOWNSHIP = 450223104000
FIRST_YEAR, LAST_YEAR = 2021, 2030
PERIOD = 2025
VALUE, NOT_APPLICABLE, NOT_COLLECTED, NOT_REPORTED = 1, 2, 3, 4


@dataclass(frozen=True)
class Cell:
    number: int
    element: str
    stratum: str
    required: bool


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@lru_cache
def forms():
    """form code -> its cells, ascending."""
    found = {}
    for row in rows(PLANS / PLAN / "cells.csv"):
        cell = Cell(int(row["cell"]), row["element"], row["stratum"], row["required"] == "1")
        found.setdefault(row["form"], []).append(cell)
    return {form: sorted(cells, key=lambda cell: cell.number) for form, cells in found.items()}


@lru_cache
def catalogue(name):
    return rows(PLANS / "catalogue" / f"{name}.csv")


@lru_cache
def department_numbers():
    return {row["code"]: int(row["number"]) for row in catalogue("departments")}


def future_years(mark):
    """{next year: mark}; empty when the plan has no year left that has not begun."""
    year = time.gmtime(time.time() + 24 * 3600).tm_year + 1
    return {year: mark} if year <= LAST_YEAR else {}


def department(code):
    return DISTRICT * 1000 + department_numbers()[code]


def own_unit(place):
    return place * 1000


@lru_cache
def villages(township=TOWNSHIP):
    return [int(row["place"]) for row in rows(PLANS / PLAN / "places.csv")
            if row["level"] == "village" and int(row["parent"]) == township]


def plan_files():
    """(name, content) of every file of the plan and of the catalogue."""
    folder = [(path.name, path.read_bytes()) for path in sorted((PLANS / PLAN).glob("*.csv"))]
    shared = [(f"catalogue/{path.name}", path.read_bytes())
              for path in sorted((PLANS / "catalogue").glob("*.csv"))]
    return folder + shared


def with_case_figures():
    """plan_files() with the form of deploy/plans/cases appended, as its README says."""
    extra = {"forms.csv": "forms.csv", "cells.csv": "cells.csv",
             "catalogue/elements.csv": "elements.csv"}
    for name, content in plan_files():
        if name in extra:
            lines = (PLANS / "cases" / extra[name]).read_bytes().split(b"\n", 1)[1]
            content = content.rstrip() + b"\n" + lines
        yield name, content


def area(place):
    """By the village code's last three digits, as deploy/plans/README.md says."""
    number = place % 1000
    return "urban" if 1 <= number <= 199 else "rural" if 200 <= number <= 399 else ""


def village_figures(place, period=PERIOD):
    """element or (element, stratum) -> figure; consistent with every check of the form, and near
    enough to the figures of the years before and after to need no explanation."""
    n = place % 1000 % 97 + 5
    later = period - PERIOD
    children = {}
    for index, cell in enumerate(c for c in forms()["village"] if c.element == "children_resident"):
        children[("children_resident", cell.stratum)] = 11 + (n * 7 + index * 5) % 23 + later % 3
    total = sum(children.values())
    left, migrant, difficult = total // 4, total // 9, 3 + n % 4
    households, waters, injuries = 180 + 13 * n + 2 * later, n % 5, n % 3
    home = 0 if n % 6 == 5 else 1
    hours = {"children_home_hours": 16 + n % 9} if home else {}  # none: not applicable
    return children | hours | {
        "left_behind_children": left, "migrant_children": migrant, "difficult_children": difficult,
        "left_behind_on_file": left - n % 3, "migrant_on_file": migrant - n % 2,
        "difficult_on_file": difficult, "child_director": 1, "child_protection_post": n % 7 != 0,
        "children_home": home, "children_home_users": home * (total // 3),
        "parent_school": n % 4 != 1,
        "family_education_activities": 2 + n % 5, "mental_health_activities": 1 + n % 3,
        "child_book_corner": n % 2, "households": households,
        "households_tap_water": households - 3 * (n % 11),
        "households_sanitary_toilet": households - 5 * (n % 7), "hazard_waters": waters,
        "hazard_waters_marked": waters, "village_child_injuries": injuries,
        "village_injury_deaths": 0, "village_drownings": 0, "village_drowning_deaths": 0,
    }


TOWNSHIP_FIGURES = {
    "resident_population": 21840, "child_supervisor": 1, "protection_station": 1,
    "vaccination_due": 6120, "vaccination_done": 5987, "newborns": 166, "newborns_visited": 158,
    "gp_child_min": 2, "child_doctor_min": 3,
}

DEPARTMENT_FIGURES = {
    "court": {"minors_convicted": 7},
    "disabled_federation": {"disabled_rehab_due": 143, "disabled_rehab_served": 131},
    "medical_insurance": {"children_insurable": 70210, "children_insured": 68977},
    "police": {"minors_population": 72345, "child_suicide_events": 0, "restraint_observed": 410,
               "restraint_used": 337},
}


def columns(form, figures):
    """[(cell, presence, value)] of a form: what figures have no entry for is not applicable."""
    found = []
    for cell in forms()[form]:
        key = (cell.element, cell.stratum)
        if key not in figures:
            key = cell.element
        if key in figures:
            found.append((cell.number, VALUE, float(figures[key])))
        else:
            found.append((cell.number, NOT_APPLICABLE, 0.0))
    return found
