"""A history with every kind of record that fits into a few seconds, for the audit to look at."""

import datetime
import time

from nacl.signing import SigningKey

import case_tools
import comments
import documents
import harness
import layout
import plandata
from case_tools import HANDLER, LEAD, Case, Holder
from client import pb
from harness import District
from round import confirmation_of, review_of

VILLAGES = plandata.villages()[:4]
TOWNSHIP = plandata.own_unit(plandata.TOWNSHIP)
WITHIN_S = 60
DAY_US = 24 * 3600 * 1_000_000


class History:
    """Reports accepted, returned, amended, forged and confirmed; a key revoked, a period locked,
    opened and locked again; calendar, exception, task, documents, addresses, places, a case."""

    def __init__(self, checks, server):
        self.checks, self.server = checks, server
        self.district = District(server)
        self.receipts = []
        self.villages = [self.district.client(plandata.own_unit(place)) for place in VILLAGES]
        self.township = self.district.client(TOWNSHIP)
        department = plandata.department
        self.statistics = self.district.client(department("statistics"))
        self.office = self.district.client(department("office"))
        self.civil = self.district.client(department("civil_affairs"))

    def close(self):
        for client in (*self.villages, self.township, self.statistics, self.office, self.civil,
                       self.district.root):
            client.close()

    def send(self, client, record):
        """Waits where a signature has to be checked first."""
        end = time.monotonic() + WITHIN_S
        answer = client.submit(record)
        while answer.name == "E_NOT_CHECKED" and time.monotonic() < end:
            time.sleep(answer.body.retry_after_ms / 1000)
            answer = client.submit(record)
        self.receipts.append(client.must("KIND_RECEIPT", answer).receipt)

    def store(self, client, kind, payload):
        self.send(client, client.unit.record(kind, payload))

    def make(self):
        self.reports()
        self.calendar()
        self.year()
        self.papers()
        self.registry()
        self.case()
        self.comment()
        end = time.monotonic() + WITHIN_S
        while self.server.sql("select count(*) from zhibao.report_event"
                              " where event = 'bad_signature'") != [["1"]]:
            if time.monotonic() > end:
                raise RuntimeError("the forged report was not found out")
            time.sleep(0.05)

    def reports(self):
        """Two accepted and confirmed, one returned, one forged, one with an explanation."""
        reports = [harness.report(village.unit) for village in self.villages]
        for village, report in zip(self.villages, reports):
            self.store(village, layout.REPORT, report)
        forged = harness.report(self.villages[3].unit, period=2024)
        record = self.villages[3].unit.record(layout.REPORT, forged)
        record.signature = bytes(64)
        self.send(self.villages[3], record)
        self.store(self.villages[1], layout.REPORT, harness.report(
            self.villages[1].unit, period=2024, explanations=[pb().Explanation(
                cell=1, text="道路改线后两个自然屯并入，人数随之变化")]))
        for report in reports[:2]:
            self.store(self.township, layout.REVIEW,
                       review_of(self.township, report, pb().VERDICT_ACCEPT))
        self.store(self.township, layout.REVIEW,
                   review_of(self.township, reports[2], pb().VERDICT_RETURN, "户数多写了一个零"))
        total = self.township.must("KIND_TOTAL_REPLY", self.township.ask(
            pb().KIND_TOTAL, pb().GetTotal(form="village", period=plandata.PERIOD)))
        self.store(self.township, layout.CONFIRMATION, confirmation_of(self.township, total))
        self.store(self.township, layout.REVIEW,  # puts the total out of date
                   review_of(self.township, reports[3], pb().VERDICT_ACCEPT))
        self.late = reports[1]

    def lock(self, **unlock):
        self.store(self.statistics, layout.LOCK, pb().Lock(
            head=self.statistics.unit.head(), plan=plandata.PLAN, place=plandata.DISTRICT,
            period=plandata.PERIOD, **unlock))

    def year(self):
        """Locked, opened for a correction, locked again."""
        self.lock()
        self.lock(unlock=True, reason="更正")
        self.store(self.township, layout.REVIEW, review_of(
            self.township, self.late, pb().VERDICT_RETURN, "锁定后更正（演示）"))
        self.lock()

    def calendar(self):
        now = time.time_ns() // 1000
        this_year = datetime.date.today().year
        entry = pb().CalendarEntry(form="village", level=pb().CUTOFF_UNIT, opens_us=now - DAY_US,
                                   due_us=now + 30 * DAY_US)
        self.store(self.statistics, layout.CALENDAR, pb().Calendar(
            head=self.statistics.unit.head(), plan=plandata.PLAN, place=plandata.DISTRICT,
            period=this_year, entries=[entry]))
        self.store(self.statistics, layout.EXTENSION, pb().Extension(
            head=self.statistics.unit.head(), plan=plandata.PLAN, place=plandata.DISTRICT,
            period=this_year, form="village", level=pb().CUTOFF_UNIT,
            units=[self.villages[0].unit.number], until_us=now + 40 * DAY_US, reason="道路中断"))

    def papers(self):
        """A task and its answer, a document, an address."""
        now = time.time_ns() // 1000
        task = pb().Task(head=self.office.unit.head(), action=pb().TASK_OPEN,
                         addressee=TOWNSHIP, title="补报（演示）", due_us=now + 9 * DAY_US)
        self.store(self.office, layout.TASK, task)
        self.store(self.township, layout.TASK, pb().Task(
            head=self.township.unit.head(), action=pb().TASK_ANSWER, text="已办（演示）",
            task=documents.reference(self.office.unit, task)))
        paper = documents.Paper(documents.CHUNK + 1000)
        documents.put_all(self.civil, paper)
        self.store(self.civil, layout.DOCUMENT, documents.document(
            self.civil.unit, paper, duty=documents.YEARLY))
        self.store(self.township, layout.CONTACT, pb().Contact(
            head=self.township.unit.head(), unit=TOWNSHIP, email="a@example.cn", language="zh"))

    def registry(self):
        """A key revoked, a right to carry, two villages merged."""
        root = self.district.root
        self.district.change_key(pb().KEY_REVOKE, self.villages[2].unit.number,
                                 self.villages[2].unit.key, reason="手机遗失")
        self.store(root, layout.CARRIER, pb().CarrierGrant(
            head=root.unit.head(), unit=self.civil.unit.number, subtree=plandata.TOWNSHIP,
            reason="下乡"))
        merged = plandata.villages()[-2:]
        self.store(root, layout.PLACE_CHANGE, pb().PlaceChange(
            head=root.unit.head(), change=pb().PLACE_MERGE, valid_from="2026-01-01",
            **{"from": merged}, to=merged[1:], reason="演示：撤并"))

    def comment(self):
        """One on a village's figure, answered."""
        village = self.villages[0]
        opened = comments.on_cell(self.township, village.unit, "多了两户？")
        self.store(self.township, layout.COMMENT, opened)
        self.store(village, layout.COMMENT, comments.later(
            village, comments.reference(self.township.unit, opened), pb().COMMENT_ANSWER, "已核对"))

    def case(self):
        """Reported, read and acknowledged; sealed."""
        intake = Holder(self.civil, pb().CASE_DUTY_INTAKE)
        township = Holder(self.township, pb().CASE_DUTY_TOWNSHIP)
        record = case_tools.directory(SigningKey.generate(), plandata.DISTRICT, 1,
                                      [intake, township], datetime.date.today().year)
        record.head.CopyFrom(self.office.unit.head())
        self.store(self.office, layout.CASE_DIRECTORY, record)
        whom = [(intake, LEAD, 0), (township, HANDLER, 0)]
        case = Case(plandata.DISTRICT, whom, pb().CaseContent(
            matter=pb().CASE_VIOLENCE, channel=pb().CASE_FROM_VILLAGE, place=VILLAGES[0],
            child="（演示）", text="（演示）"), pb().CaseReporter(name="（演示）"))
        self.send(self.villages[0], case.record())
        self.store(self.civil, layout.CASE_READ, pb().CaseRead(
            head=self.civil.unit.head(), district=case.district, case_id=case.id,
            purpose=pb().CASE_FOR_HANDLING))
        self.store(self.civil, layout.CASE_EVENT, case.step(intake, pb().CASE_ACKNOWLEDGE, whom))
