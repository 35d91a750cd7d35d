"""What may be published of a year's cases: no count below five, nor one that others give away."""

import csv

import harness
import layout
import plandata
from client import pb

PERIOD = plandata.PERIOD
INDICATOR = "cases_known"
LEAST = 5
STRATA = ("", "sex=m", "sex=f", "age=0-2", "age=3-5", "age=6-11")


def plan_files():
    """The plan with the form of cases, and an indicator and a target made of its counts."""
    more = {"catalogue/indicators.csv": f"{INDICATOR},强制报告个案数（已知性别和年龄）,Mandatory reports "
            "(sex and age known),law,count,count,cases_reported,,1,lower,0,,0,sex age,"
            "civil_affairs,proposed,,,演示",
            "targets.csv": "\n".join(
                f"LZ-cases-{at},{INDICATOR},{stratum},decrease,,2030,implied,local,,,,演示,演示,1,演示"
                for at, stratum in enumerate(STRATA))}
    for name, content in plandata.with_case_figures():
        if name in more:
            content = content.rstrip() + f"\n{more[name]}\n".encode()
        yield name, content


def figure_of(row):
    """Three boys, two of them under six, and twenty girls."""
    stratum = dict(part.split("=") for part in row["stratum"].split(";") if part)
    if row["element"] == "cases_reported":
        boys = {"0-2": 1, "3-5": 1, "6-11": 1}
        girls = {"0-2": 6, "3-5": 1, "6-11": 13}
        return (boys if stratum["sex"] == "m" else girls).get(stratum["age"], 0)
    return 23 if row["element"] in ("cases_total", "cases_of_violence", "cases_from_village") else 0


def check_published(stage):
    checks, unit = stage.checks, stage.intake.unit
    with open(plandata.PLANS / "cases" / "cells.csv", encoding="utf-8") as file:
        cells = [(int(row["cell"]), figure_of(row)) for row in csv.DictReader(file)]
    report = harness.report(unit, form="cases", period=PERIOD, revision=2, observations=harness.observations(
        [(cell, pb().PRESENCE_VALUE, value) for cell, value in cells]))
    answer = stage.intake.client.submit(unit.record(layout.REPORT, report))
    checks.equal("the year's counts are reported like any form, anew", answer.name, "KIND_RECEIPT")
    stage.statistics.must_store(layout.REVIEW, pb().Review(
        head=stage.statistics.unit.head(), subject_kind=layout.REPORT, verdict=pb().VERDICT_ACCEPT,
        subject=pb().RecordRef(unit=unit.number, id=report.head.id, payload_sha256=layout.digest(
            report.SerializeToString(deterministic=True)))))

    def pulled(**more):
        answer = stage.office.ask(pb().KIND_PULL, pb().Pull(
            place=plandata.DISTRICT, period=PERIOD, indicator=INDICATOR, analysis=True, **more))
        rows = stage.office.must("KIND_PULLED", answer).indicators
        return {row.stratum: row for row in rows}

    exact, shown = pulled(), pulled(published=True)
    checks.equal("the office sees them all", [exact[name].value if name in exact else None
                                              for name in STRATA], [23, 3, 20, 7, 2, 14])
    small = [name for name, row in exact.items() if 0 < row.value < LEAST]
    checks.check("there are small ones", len(small) >= 2, str(small))
    checks.equal("none of them is published", [name for name in small
                                               if not shown[name].suppressed], [])
    checks.equal("what is left out is left out, not shown as 0 with its parts", [
        name for name, row in shown.items() if row.suppressed and (row.value or row.numerator)], [])
    checks.check("nor the other sex, or else the whole: it would give the boys away",
                 shown["sex=f"].suppressed or shown[""].suppressed, str(shown.keys()))
    hidden = [name for name in STRATA if name.startswith("age=") and shown[name].suppressed]
    checks.check("nor all other ages", len(hidden) > 1 or shown[""].suppressed, str(hidden))
    checks.check("something is published", not all(row.suppressed for row in shown.values()))
