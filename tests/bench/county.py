"""鹿寨县 with several years of accepted, confirmed village and township reports, filled in through the
protocol: what a pull is measured on. 演示数据.
"""

import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "scenario"))
import harness  # noqa: E402
import layout  # noqa: E402
import plandata  # noqa: E402
from client import pb  # noqa: E402
from larger import pull_ms  # noqa: E402

CHECKED_S = 60


def places(level):
    return [int(row["place"]) for row in plandata.rows(plandata.PLANS / plandata.PLAN / "places.csv")
            if row["level"] == level and int(row["place"]) // 10**6 == plandata.DISTRICT // 10**6]


class County:
    def __init__(self, workplace):
        self.server = harness.Server(workplace, name="county", rollups="yes").start()
        self.district = harness.District(self.server)
        units = [plandata.own_unit(place) for place in places("village") + places("township")]
        self.clients = dict(zip(units, map(self.district.client, units)))
        self.statistics = self.district.client(plandata.department("statistics"))
        self.office = self.district.client(plandata.department("office"))

    def review(self, client, kind, payload):
        client.must_store(layout.REVIEW, pb().Review(
            head=client.unit.head(), subject_kind=kind, verdict=pb().VERDICT_ACCEPT,
            subject=pb().RecordRef(unit=payload.head.unit, id=payload.head.id,
                                   payload_sha256=layout.digest(payload.SerializeToString(
                                       deterministic=True)))))

    def fill(self, year):
        """One year: villages, townships, totals, all accepted."""
        reports = [self.submit(place, "village", plandata.village_figures(place, year), year)
                   for place in places("village")]
        forms = [self.submit(place, "township", plandata.TOWNSHIP_FIGURES, year)
                 for place in places("township")]
        self.wait_checked()
        for payload in reports:
            township = payload.place - payload.place % 1000
            self.review(self.clients[plandata.own_unit(township)], layout.REPORT, payload)
        for payload in forms:
            self.review(self.statistics, layout.REPORT, payload)
        for place in places("township"):
            self.confirm(self.clients[plandata.own_unit(place)], year)

    def submit(self, place, form, figures, year):
        client = self.clients[plandata.own_unit(place)]
        payload = harness.report(client.unit, form, figures, period=year)
        client.must_store(layout.REPORT, payload)
        return payload

    def confirm(self, township, year):
        total = township.must("KIND_TOTAL_REPLY", township.ask(
            pb().KIND_TOTAL, pb().GetTotal(form="village", period=year)))
        payload = pb().Confirmation(
            head=township.unit.head(), plan=total.plan, form=total.form,
            form_version=total.form_version, period=total.period, revision=total.next_revision,
            reports=total.reports, totals=total.totals, reporters=total.reporters,
            missing=total.missing, demonstration=total.demonstration)
        township.must_store(layout.CONFIRMATION, payload)
        self.review(self.statistics, layout.CONFIRMATION, payload)

    def wait_checked(self):
        """Until every signature has been looked at."""
        end = time.monotonic() + CHECKED_S
        while self.server.sql("select coalesce(max(r.batch), 0) <= (select number from"
                              " zhibao.signature_check) from zhibao.report r") != [["t"]]:
            if time.monotonic() > end:
                raise RuntimeError("the signatures were not checked in time")

    def pull_ms(self, year):
        return pull_ms(self.office, plandata.DISTRICT, year)
