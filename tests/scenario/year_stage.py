"""鹿寨县 for a year: every unit with a key, a log of what each client sent and was told, dumps, and the
separate checker's view (year_check.py) beside the aggregator's answers.
"""

import json
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import harness
import layout
import plandata
from client import pb

CHINA = timezone(timedelta(hours=8))
YEAR = 2025
WITHIN_S = 60
CHECKER = Path(__file__).with_name("year_check.py")
TABLES = {
    "report": "select r.*, f.form from zhibao.report r join zhibao.form f using (form_id)",
    "report_event": "select e.*, f.form from zhibao.report_event e"
                    " left join zhibao.form f using (form_id)",
    "registry_event": "select * from zhibao.registry_event where kind <> 6",
    **{name: f"select * from zhibao.{name}" for name in (
        "confirmation_item", "calendar_entry", "extension", "cutoff_notice", "signature_check",
        "place", "unit")},
}
STATES = {"BAD_SIGNATURE": "bad_signature"}


def places(level):
    return [int(row["place"]) for row in plandata.rows(plandata.PLANS / plandata.PLAN / "places.csv")
            if row["level"] == level and int(row["place"]) // 10**6 == plandata.DISTRICT // 10**6]


def township_of(place):
    return plandata.own_unit(place - place % 1000)


def us(moment):
    return round(moment.timestamp()) * 1000000


class Year:
    def __init__(self, checks, workplace, begin, villages=None, name="server"):
        self.checks = checks
        self.workplace = workplace
        self.directory = workplace.path / f"{name}-year"
        self.directory.mkdir()
        self.log = self.directory / "clients.jsonl"
        self.start(name, begin)
        self.villages = villages or places("village")
        self.townships = [plandata.own_unit(place) for place in places("township")]
        self.statistics = plandata.department("statistics")
        self.office = plandata.department("office")
        self.departments = {code: plandata.department(code) for code in plandata.DEPARTMENT_FIGURES}
        units = [plandata.own_unit(place) for place in self.villages] + self.townships + \
            [self.statistics, self.office, *self.departments.values()]
        self.clients = self.enrol(units)
        self.admin = self.district.root.unit.number
        self.clients[self.admin] = self.district.root
        self.payloads = {}   # (unit, form) -> the newest report's payload
        self.totals = {}     # township -> the newest confirmation's payload
        self.step = 0

    def start(self, name, begin):
        self.server = harness.Server(self.workplace, name).with_clock(begin).start()
        self.district = harness.District(self.server)

    def enrol(self, units):
        return {unit: self.district.client(unit) for unit in units}

    def each(self, items, action):
        for item in items:
            action(item)

    def calm_down(self):
        """Before the end: for years in which something disturbs."""

    # --- the clock -----------------------------------------------------------------------------

    def move(self, moment):
        """Returns once the server goes by the new time and the clock thread has looked."""
        self.server.move(moment)
        self.wait("the clock is moved", lambda: self.now() >= moment)
        self.wait("the aggregator has looked", lambda: int(self.server.sql(
            "select seen_us from zhibao.service_mark")[0][0]) >= us(moment))

    def now(self):
        pong = self.clients[self.office].ping().body
        return datetime.fromtimestamp(pong.time_us / 1e6, CHINA)

    def wait(self, what, ready):
        end = time.monotonic() + WITHIN_S
        while not ready():
            if time.monotonic() > end:
                raise RuntimeError(f"{what}: not within {WITHIN_S} s")
            time.sleep(0.02)

    def wait_checked(self):
        """Until every signature has been looked at."""
        self.wait("signatures are checked", lambda: self.server.sql(
            "select coalesce(max(r.batch), 0) <= coalesce((select number from"
            " zhibao.signature_check), 0) from zhibao.report r") == [["t"]])

    # --- what units send -----------------------------------------------------------------------

    def send(self, kind, unit, payload):
        """Submits and writes into the log what was sent and answered."""
        client = self.clients[unit]
        record = client.unit.record(kind, payload)
        answer = client.submit(record)
        while answer.kind == "KIND_ERROR" and answer.error.retry:
            time.sleep(answer.error.retry_after_ms / 1000)  # as it asks
            answer = client.submit(record)
        line = {"kind": kind, "unit": unit, "id": payload.head.id.hex(),
                "payload_sha256": layout.digest(record.payload).hex(),
                "answer": answer.kind.removeprefix("KIND_"), "name": answer.name}
        if answer.kind == "KIND_RECEIPT":
            layout.verify_receipt(answer.body.receipt, client.pinned)
        with open(self.log, "a", encoding="utf-8") as log:
            log.write(json.dumps(line) + "\n")
        return answer

    def must(self, kind, unit, payload):
        answer = self.send(kind, unit, payload)
        if answer.kind != "KIND_RECEIPT":
            raise RuntimeError(f"unit {unit}: {answer}")
        return payload

    def report(self, unit, form, figures, **changes):
        payload = harness.report(self.clients[unit].unit, form, figures,
                                 **{"period": YEAR, **changes})
        self.must(layout.REPORT, unit, payload)
        self.payloads[unit, form] = payload
        return payload

    def village(self, place, revision=1, **figures):
        return self.report(plandata.own_unit(place), "village",
                           plandata.village_figures(place) | figures, revision=revision)

    def review_of(self, unit, kind, payload, verdict, reason=""):
        return pb().Review(
            head=self.clients[unit].unit.head(), subject_kind=kind, verdict=verdict, reason=reason,
            subject=pb().RecordRef(unit=payload.head.unit, id=payload.head.id,
                                   payload_sha256=layout.digest(
                                       payload.SerializeToString(deterministic=True))))

    def accept(self, unit, payload, kind=layout.REPORT):
        self.must(layout.REVIEW, unit,
                  self.review_of(unit, kind, payload, pb().VERDICT_ACCEPT))

    def give_back(self, unit, payload, reason, kind=layout.REPORT):
        self.must(layout.REVIEW, unit,
                  self.review_of(unit, kind, payload, pb().VERDICT_RETURN, reason))

    def total(self, township):
        client = self.clients[township]
        return client.must("KIND_TOTAL_REPLY", client.ask(
            pb().KIND_TOTAL, pb().GetTotal(form="village", period=YEAR)))

    def confirm(self, township):
        total = self.total(township)
        payload = pb().Confirmation(head=self.clients[township].unit.head())
        for field in ("plan", "form", "form_version", "period", "demonstration"):
            setattr(payload, field, getattr(total, field))
        payload.revision = total.next_revision
        payload.reports.extend(total.reports)
        payload.totals.CopyFrom(total.totals)
        payload.reporters.extend(total.reporters)
        payload.missing.extend(total.missing)
        self.totals[township] = self.must(layout.CONFIRMATION, township, payload)
        return payload

    def refused(self, what, name, kind, unit, payload):
        answer = self.send(kind, unit, payload)
        self.checks.equal(f"{what}: {name}", (answer.kind, answer.name), ("KIND_REFUSAL", name))

    # --- two views -----------------------------------------------------------------------------

    def dump(self):
        """A directory with a file a table, of one moment."""
        directory = self.directory / f"dump-{self.step}"
        directory.mkdir()
        tables = {name: [] for name in TABLES}
        for name, line in self.server.sql(" union all ".join(
                f"select '{name}', row_to_json(t)::text from ({query}) t"
                for name, query in TABLES.items())):
            tables[name].append(line)
        for name, lines in tables.items():
            (directory / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        return directory

    def clients_log(self):
        """Everything that clients were told: a file."""
        return self.log

    def checker(self):
        done = subprocess.run(
            [sys.executable, "-B", str(CHECKER), "--dump", str(self.dump()), "--log",
             str(self.clients_log()), "--plan", str(plandata.PLANS / plandata.PLAN), "--period", str(YEAR)],
            capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"year_check.py: {done.stderr}")
        return json.loads(done.stdout)

    def ask(self, unit, kind, answer, **question):
        client = self.clients[unit]
        return client.must(answer, client.ask(kind, question["of"]))

    def states(self):
        """unit:form:revision -> state, as TRACK tells the statistics department."""
        found, cursor = {}, ""
        while True:
            page = self.ask(self.statistics, pb().KIND_TRACK, "KIND_TRACKED",
                            of=pb().Track(subtree=True, period=YEAR, cursor=cursor))
            for report in page.reports:
                word = "total" if report.kind == layout.CONFIRMATION else report.form
                state = pb().State.Name(report.state).removeprefix("STATE_").lower()
                found[f"{report.unit}:{word}:{report.revision}"] = state
            cursor = page.next
            if not cursor:
                return found

    def timeliness(self):
        """form:level:place -> counts, of the district and its townships, as the office is told."""
        reply = self.ask(self.office, pb().KIND_GET_COMPLETENESS, "KIND_COMPLETENESS",
                         of=pb().GetCompleteness(place=plandata.DISTRICT, period=YEAR))
        return {f"{row.form}:{row.level}:{row.place}": {name: getattr(row, name) for name in (
            "expected", "received", "on_time", "late", "accepted", "final")} for row in reply.rows}

    def compare(self, what):
        """The aggregator's answers are the checker's, and nothing was lost or made up."""
        self.wait_checked()
        self.step += 1
        expected = self.checker()
        self.checks.equal(f"{what}: clients' log and database agree", expected["violations"], [])
        self.same(f"{what}: states", self.states(), expected["states"])
        self.same(f"{what}: completeness and timeliness", self.timeliness(), expected["timeliness"])
        found, wanted = {}, {}
        for township in self.townships:
            found |= flat(township, self.total(township))
            wanted |= flat_checked(township, expected["totals"][str(township)])
        self.same(f"{what}: totals", found, wanted)
        return expected

    def same(self, what, found, wanted):
        """Two dictionaries; what differs is named."""
        differing = {key: (found.get(key), wanted.get(key)) for key in sorted({*found, *wanted})
                     if found.get(key) != wanted.get(key)}
        self.checks.check(f"{what} ({len(wanted)})", not differing,
                          f"{len(differing)} differ, (aggregator, checker): "
                          f"{dict(list(differing.items())[:8])}")


def flat(township, total):
    reporters = dict(zip(total.totals.cell, total.reporters))
    found = {f"{township}:{cell}": [value, reporters[cell]] for cell, presence, value in zip(
        total.totals.cell, total.totals.presence, total.totals.value)
        if presence == plandata.VALUE}
    found[f"{township}:reports"] = [ref.unit for ref in total.reports]
    found[f"{township}:missing"] = list(total.missing)
    return found


def flat_checked(township, total):
    found = {f"{township}:{cell}": [value, count]
             for cell, (presence, value, count) in total["cells"].items()
             if presence == plandata.VALUE}
    found[f"{township}:reports"] = [unit for unit, _ in total["reports"]]
    found[f"{township}:missing"] = total["missing"]
    return found
