#!/usr/bin/python3
"""Works out where a year stands, from two things alone: a dump of the database's append-only tables and
the clients' log.

    year_check.py --dump DIR --log FILE --plan DIR --period YEAR

Written from proto/PROTOCOL.md sections 4.4, 8, 15 and 16; shares no source with the server, the client or
the scenario. Prints one JSON object: states, totals, timeliness, and violations (empty when the log
and the dump agree). The dump is one file a table with a JSON object a line; the log has a JSON object a
line for each record that a client sent and the answer it got.
"""

import argparse
import csv
import hashlib
import json
from collections import defaultdict
from datetime import datetime, timedelta, timezone
from pathlib import Path

CHINA = timezone(timedelta(hours=8))
REPORT, REVIEW, CONFIRMATION, LOCK = 1, 2, 3, 4
VALUE, NOT_APPLICABLE, NOT_COLLECTED, NOT_REPORTED = 1, 2, 3, 4
VERDICTS = ("accepted", "returned", "withdrawn", "objected")
STATISTICS = 1  # number of the statistics department within its place


def read(directory, name):
    path = Path(directory) / f"{name}.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line]


def order(row):
    return row["chain"], row["batch"], row["leaf"]


class World:
    def __init__(self, dump, plan, period):
        self.period = period
        self.reports = [row for row in read(dump, "report") if row["period"] == period]
        self.events = sorted(read(dump, "report_event"), key=order)
        self.items = read(dump, "confirmation_item")
        self.entries = sorted(read(dump, "calendar_entry"), key=order)
        self.extensions = sorted(read(dump, "extension"), key=order)
        self.notices = read(dump, "cutoff_notice")
        self.checked = {row["chain"]: row["number"] for row in read(dump, "signature_check")}
        self.places = read(dump, "place")
        self.units = read(dump, "unit")
        self.cells = defaultdict(list)
        for row in rows(plan / "cells.csv"):
            self.cells[row["form"]].append(int(row["cell"]))
        self.forms = {row["form"]: row for row in rows(plan / "forms.csv")}
        self.said = defaultdict(list)
        for event in self.events:
            if event["subject_id"] is not None:
                self.said[event["subject_kind"], event["subject_unit"],
                          event["subject_id"]].append(event)
        self.locked = False
        for event in self.events:
            if event["event"] in ("locked", "unlocked") and event["period"] == period:
                self.locked = event["event"] == "locked"
        self.confirmations = [event for event in self.events if event["kind"] == CONFIRMATION
                              and event["period"] == period]
        self.named = defaultdict(set)
        for item in self.items:
            self.named[item["confirmation_unit"], item["confirmation_id"]].add(
                (item["unit"], item["id"]))

    # --- reports -------------------------------------------------------------------------------

    def about(self, kind, record):
        return self.said[kind, record["unit"], record["id"]]

    def has(self, kind, record, event):
        return any(said["event"] == event for said in self.about(kind, record))

    def verdict(self, kind, record):
        """The last thing said by who reviews it or whose it is."""
        found = [said for said in self.about(kind, record) if said["event"] in VERDICTS]
        return found[-1] if found else None

    def verdict_word(self, kind, record):
        found = self.verdict(kind, record)
        return found["event"] if found else ""

    def void(self, kind, record):
        return self.has(kind, record, "bad_signature") or \
            self.verdict_word(kind, record) == "withdrawn"

    def series(self, report):
        return [other for other in self.reports if other["unit"] == report["unit"]
                and other["form"] == report["form"] and not self.void(REPORT, other)]

    def counts(self, report):
        """The highest accepted revision."""
        accepted = [other for other in self.series(report)
                    if self.verdict_word(REPORT, other) == "accepted"]
        return bool(accepted) and max(accepted, key=lambda r: r["revision"]) is report

    def total_series(self, confirmation):
        return [other for other in self.confirmations if other["unit"] == confirmation["unit"]
                and other["form"] == confirmation["form"] and not self.void(CONFIRMATION, other)]

    def current_total(self, confirmation):
        """What it names is confirmed: the newest that was not returned."""
        standing = [other for other in self.total_series(confirmation)
                    if self.verdict_word(CONFIRMATION, other) != "returned"]
        return bool(standing) and max(standing, key=lambda c: c["revision"]) is confirmation

    def counted_total(self, confirmation):
        """What it names is final: the newest that statistics accepted."""
        accepted = [other for other in self.total_series(confirmation)
                    if self.verdict_word(CONFIRMATION, other) == "accepted"]
        return bool(accepted) and max(accepted, key=lambda c: c["revision"]) is confirmation

    def naming(self, report):
        return [c for c in self.confirmations
                if (report["unit"], report["id"]) in self.named[c["unit"], c["id"]]]

    def final(self, report):
        if self.verdict_word(REPORT, report) != "accepted":
            return False
        if report["form"] == "village":
            return any(self.counted_total(c) for c in self.naming(report))
        return self.verdict(REPORT, report)["unit"] % 1000 == STATISTICS

    def report_state(self, report):
        word = self.verdict_word(REPORT, report)
        if self.has(REPORT, report, "bad_signature"):
            return "bad_signature"
        if word == "withdrawn":
            return "withdrawn"
        if any(other["revision"] > report["revision"] for other in self.series(report)):
            return "superseded"
        if word == "accepted":
            if self.locked:
                return "locked"
            if self.final(report):
                return "final"
            confirmed = any(self.current_total(c) for c in self.naming(report))
            return "confirmed" if confirmed else "accepted"
        if word in ("returned", "objected"):
            return word
        return "checked" if self.checked.get(report["chain"], 0) >= report["batch"] else "stored"

    def total_state(self, confirmation):
        word = self.verdict_word(CONFIRMATION, confirmation)
        if self.has(CONFIRMATION, confirmation, "bad_signature"):
            return "bad_signature"
        if word == "withdrawn":
            return "withdrawn"
        if any(other["revision"] > confirmation["revision"]
               for other in self.total_series(confirmation)):
            return "superseded"
        if word == "accepted" and self.locked:
            return "locked"
        if self.has(CONFIRMATION, confirmation, "reopened"):
            return "reopened"
        return {"accepted": "final", "returned": "returned"}.get(word, "confirmed")

    # --- who owes what -------------------------------------------------------------------------

    def in_force(self, place):
        day = f"{self.period}-12-31"
        return any(row["place"] == place and row["valid_from"] <= day
                   and (row["valid_to"] is None or row["valid_to"] > day) for row in self.places)

    def owers(self, form):
        reporter = self.forms[form]["reporter"]
        for unit in self.units:
            role = unit["role"] if reporter in ("village", "township") else unit["department"]
            if role == reporter and self.in_force(unit["place"]):
                yield unit["unit"]

    def cutoff(self, form, level, unit):
        """The cut-off in force, in microseconds; None: there is none."""
        place = unit // 1000
        around = [place, place - place % 1000, place - place % 10**6, place - place % 10**8,
                  place - place % 10**10]
        due = None
        for candidate in around:
            for entry in self.entries:
                if entry["form"] == form and entry["level"] == level \
                        and entry["period"] == self.period and entry["place"] == candidate:
                    due = entry["due_us"]
            if due is not None:
                break
        if due is None:
            text = self.forms[form]["due" if level == 1 else "due_township"]
            if not text:
                return None
            due = moment(self.period + 1, text)
        later = [x["until_us"] for x in self.extensions
                 if x["about_unit"] == unit and x["form"] == form and x["level"] == level
                 and x["period"] == self.period]
        if later:
            due = max(due, later[-1])
        moved = {n["due_us"]: n["until_us"] for n in self.notices
                 if n["notice"] == "cutoff_moved" and n["form"] == form and n["level"] == level
                 and n["period"] == self.period}
        while moved.get(due, 0) > due:
            due = moved[due]
        return due

    def timeliness(self):
        """form:level:place -> counts, for the district and every township."""
        found = defaultdict(lambda: dict.fromkeys(
            ("expected", "received", "on_time", "late", "accepted", "final"), 0))
        for form in self.forms:
            for unit in self.owers(form):
                mine = [r for r in self.reports if r["unit"] == unit and r["form"] == form]
                self.count(found, form, 1, unit, mine, REPORT)
        for form, row in self.forms.items():
            if row["reporter"] != "village":
                continue
            for unit in [u["unit"] for u in self.units if u["role"] == "township"
                         and self.in_force(u["place"])]:
                mine = [c for c in self.confirmations if c["unit"] == unit and c["form"] == form]
                self.count(found, form, 2, unit, mine, CONFIRMATION)
        return dict(found)

    def count(self, found, form, level, unit, mine, kind):
        good = [r for r in mine if not self.void(kind, r)]
        first = min((r["received_us"] for r in good), default=None)
        due = self.cutoff(form, level, unit)
        place = unit // 1000
        if kind == REPORT:
            counted = [r for r in mine if self.counts(r)]
            final = any(self.final(r) for r in counted)
        else:
            counted = [c for c in mine if self.counted_total(c)]
            final = bool(counted)
        on_time = first is not None and (due is None or first <= due)
        for around in {place - place % 1000, place - place % 10**6}:
            row = found[f"{form}:{level}:{around}"]
            row["expected"] += 1
            row["received"] += first is not None
            row["on_time"] += on_time
            row["late"] += first is not None and not on_time
            row["accepted"] += bool(counted)
            row["final"] += final

    # --- totals --------------------------------------------------------------------------------

    def totals(self, form="village"):
        """township -> its total from the reports that count, and who is missing."""
        found = {}
        for township in [u for u in self.units if u["role"] == "township"
                         and self.in_force(u["place"])]:
            below = [unit for unit in self.owers(form)
                     if unit // 1000 - unit // 1000 % 1000 == township["place"]]
            counted = sorted((r for r in self.reports if r["form"] == form and self.counts(r)
                              and r["unit"] in below), key=lambda r: r["unit"])
            missing = [unit for unit in sorted(below)
                       if unit not in {r["unit"] for r in counted}]
            cells = {}
            for cell in sorted(self.cells[form]):
                values, nothing = [], [NOT_REPORTED] * len(missing)
                for report in counted:
                    at = report["cell"].index(cell) if cell in report["cell"] else None
                    presence = NOT_REPORTED if at is None else report["presence"][at]
                    if presence == VALUE:
                        values.append(report["value"][at])
                    else:
                        nothing.append(presence)
                cells[cell] = [VALUE, sum(values), len(values)] if values else \
                    [most_frequent(nothing), 0.0, 0]
            found[township["unit"]] = {
                "reports": [[r["unit"], r["revision"]] for r in counted], "missing": missing,
                "cells": cells}
        return found


def most_frequent(kinds):
    """Of several equally frequent kinds of nothing any is right: the scenario compares values."""
    return max(sorted(set(kinds)), key=kinds.count) if kinds else NOT_REPORTED


def rows(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def moment(year, text):
    """"02-15 24:00" of a year, in China, as microseconds."""
    date, _, clock = text.partition(" ")
    month, day = map(int, date.split("-"))
    hour, minute = map(int, (clock or "24:00").split(":"))
    start = datetime(year, month, day, tzinfo=CHINA) + timedelta(hours=hour, minutes=minute)
    return round(start.timestamp()) * 1000000


def log_violations(log, dump):
    """What the clients were told against what is stored."""
    stored = {}
    for table in ("report", "report_event", "registry_event"):
        for row in read(dump, table):
            kind = REPORT if table == "report" else row["kind"]
            stored[kind, row["unit"], row["id"].removeprefix("\\x")] = row
    found, receipted, explanations = [], set(), 0
    for line in log:
        key = line["kind"], line["unit"], line["id"]
        row = stored.get(key)
        if line["answer"] == "RECEIPT":
            receipted.add(key)
            if row is None:
                found.append(f"receipted and not stored: {key}")
            elif row["payload_sha256"].removeprefix("\\x") != line["payload_sha256"]:
                found.append(f"stored with another content: {key}")
            elif hashlib.sha256(bytes.fromhex(row["payload"].removeprefix("\\x"))).hexdigest() != \
                    line["payload_sha256"]:
                found.append(f"stored bytes that do not have their hash: {key}")
            explanations += line.get("explanations", 0)
        elif line["answer"] == "REFUSAL" and row is not None and key not in receipted:
            found.append(f"refused and yet stored: {key}")
    for key, row in stored.items():
        if key[1] != 0 and key not in receipted and row["kind" if "kind" in row else "unit"] != 5:
            found.append(f"stored and never receipted: {key}")
    return found


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--dump", required=True)
    parser.add_argument("--log", required=True)
    parser.add_argument("--plan", required=True, type=Path)
    parser.add_argument("--period", required=True, type=int)
    arguments = parser.parse_args()
    world = World(arguments.dump, arguments.plan, arguments.period)
    log = [json.loads(line) for line in Path(arguments.log).read_text(
        encoding="utf-8").splitlines()]
    states = {f"{r['unit']}:{r['form']}:{r['revision']}": world.report_state(r)
              for r in world.reports}
    states |= {f"{c['unit']}:total:{c['revision']}": world.total_state(c)
               for c in world.confirmations}
    print(json.dumps({"states": states, "totals": world.totals(),
                      "timeliness": world.timeliness(), "locked": world.locked,
                      "violations": log_violations(log, arguments.dump)}))


if __name__ == "__main__":
    main()
