"""Cases (强制报告) with a real server: sealed reports, who sees them, clocks, and what leaks."""

import datetime
import os
import time

from nacl.signing import SigningKey

import case_tools
import harness
import layout
import plandata
from backup import make_key
from case_commands import IDENTITY, check_commands
from case_hostile import check_handler
from case_leaks import check_leaks, keeps_cores
from case_outsiders import check_outsiders
from case_published import check_published, plan_files
from case_tools import (CONTENT, HANDLER, LEAD, MEMBER, OFFERED, SUPERVISOR, Case, DoesNotOpen,
                        Holder)
from client import Client, Unit, pb
from harness import District, Server

# 演示数据: invented, and planted so that they can be looked for.
PLANTED = "覃小禾（演示）ZK9"  # in every one of them, so that one search finds all
CHILD = f"{PLANTED}，女，九岁"
EVENT = f"邻居听见哭喊后上门查看，{PLANTED}手臂有伤"
REPORTER = f"报告人{PLANTED}之邻"
REPLY = f"{PLANTED}已安排临时照料，感谢报告"
STEP = f"入户核实{PLANTED}，评估为高风险"


def content(**more):
    return pb().CaseContent(**{
        "matter": pb().CASE_VIOLENCE, "channel": pb().CASE_FROM_VILLAGE,
        "place": plandata.villages()[0], "child": CHILD, "text": EVENT, **more})


class Stage:
    def __init__(self, checks, workplace):
        self.checks = checks
        self.now = datetime.datetime.now(datetime.timezone.utc)
        recipient, self.backup_secret = make_key(workplace, "backup.secret")
        self.server = Server(workplace, backup_recipient=recipient).with_clock(self.now)
        self.server.environment.update(keeps_cores(workplace))
        self.server.start()
        self.district = District(self.server, files=plan_files)
        department, client = plandata.department, self.district.client
        self.village = client(plandata.own_unit(plandata.villages()[0]))
        self.statistics = client(department("statistics"))
        self.office = client(department("office"))
        duty = pb()
        self.intake = Holder(client(department("civil_affairs")), duty.CASE_DUTY_INTAKE)
        self.colleague = Holder(client(department("civil_affairs")), duty.CASE_DUTY_INTAKE)
        self.township = Holder(client(plandata.own_unit(plandata.TOWNSHIP)),
                               duty.CASE_DUTY_TOWNSHIP)
        self.police = Holder(client(department("police")), duty.CASE_DUTY_POLICE)
        self.supervisor = Holder(self.office, duty.CASE_DUTY_SUPERVISOR)
        self.above = Holder(client(department("court")), duty.CASE_DUTY_ABOVE)
        self.health = Holder(client(department("health")), duty.CASE_DUTY_DEPARTMENT)
        self.education = Holder(client(department("education")), duty.CASE_DUTY_DEPARTMENT)
        self.holders = [self.intake, self.colleague, self.township, self.police, self.supervisor,
                        self.above, self.health, self.education]
        self.committee = SigningKey.generate()

    def close(self):
        for client in {id(h.client): h.client for h in self.holders}.values():
            client.close()
        for client in (self.village, self.statistics, self.district.root):
            client.close()

    def later(self, hours):
        """The server's clock goes on; returns when a message is stamped with it."""
        self.now += datetime.timedelta(hours=hours)
        self.server.move(self.now)
        end = time.monotonic() + 60
        while time.monotonic() < end:
            answer = self.village.must("KIND_PONG", self.village.ask(pb().KIND_PING, pb().Ping()))
            if abs(answer.time_us / 1e6 - self.now.timestamp()) < 60:
                return
        raise RuntimeError("the clock did not move")

    def at_once(self, urgent=False):
        found = [(self.intake, LEAD, 0), (self.colleague, LEAD, 0), (self.township, HANDLER, 0)]
        if urgent:
            found.append((self.police, HANDLER, 0))
        return found + [(self.supervisor, SUPERVISOR, 1), (self.above, SUPERVISOR, 2)]

    def case(self, recipients=None, urgency=None, **more):
        return Case(plandata.DISTRICT, recipients or self.at_once(), content(**more),
                    pb().CaseReporter(unit=self.village.unit.number, name=REPORTER), urgency)

    def told(self, event, count):
        """Units that are told of an event, once there are so many."""
        end = time.monotonic() + 60
        while True:
            rows = self.server.sql("select distinct concerns from zhibao.notice_event"
                                   f" where event = '{event}' order by 1")
            if len(rows) >= count or time.monotonic() > end:
                return [int(row[0]) for row in rows]
            self.village.ping()

    def report(self, case, client=None):
        answer = (client or self.village).submit(case.record())
        self.checks.check("a report has its receipt", answer.kind == "KIND_RECEIPT", str(answer))
        layout.verify_receipt(answer.body.receipt, self.village.pinned)

    def step(self, case, holder, action, recipients=None, expect="KIND_RECEIPT", **more):
        event = case.step(holder, action, recipients or self.at_once(), **more)
        answer = holder.client.submit(holder.unit.record(layout.CASE_EVENT, event))
        name = pb().CaseAction.Name(action)
        if answer.kind != "KIND_RECEIPT":
            del case.keys[event.head.id]
        self.checks.check(f"{name}: {expect}", answer.name == expect, str(answer))
        return event.head.id

    @staticmethod
    def listed(holder, **more):
        answer = holder.client.ask(pb().KIND_LIST_CASES, pb().ListCases(**more))
        return {item.case_id: item
                for item in holder.client.must("KIND_CASE_ITEMS", answer).cases}

    def read(self, holder, case):
        """Says that it reads, then gets the file; the answer."""
        reading = pb().CaseRead(head=holder.unit.head(), district=case.district, case_id=case.id,
                                purpose=pb().CASE_FOR_HANDLING)
        answer = holder.client.submit(holder.unit.record(layout.CASE_READ, reading))
        return answer if answer.kind != "KIND_RECEIPT" else self.fetch(holder, case)

    @staticmethod
    def fetch(holder, case):
        return holder.client.ask(pb().KIND_GET_CASE,
                                 pb().GetCase(district=case.district, case_id=case.id))

    @staticmethod
    def opened(holder, case, answer):
        """(the report's content or None, {step id: its text}) of what the holder can open."""
        found, texts, granted = None, {}, {}
        for row in answer.body.records:
            if row.record.kind == pb().RECORD_CASE_EVENT:
                for grant in pb().CaseEvent.FromString(row.record.payload).grants:
                    granted.setdefault(grant.record, []).append(grant.wrap)
        for row in answer.body.records:
            report = row.record.kind == pb().RECORD_CASE_REPORT
            body = (pb().CaseReport if report else pb().CaseEvent).FromString(row.record.payload)
            wraps = [*body.content.wraps, *granted.get(body.head.id, [])]
            try:
                plain = case_tools.open_sealed(body.content, case_tools.unwrap(holder, wraps),
                                               case.district, case.id, body.head.id, CONTENT)
            except DoesNotOpen:
                continue
            if report:
                found = pb().CaseContent.FromString(plain)
            else:
                texts[body.head.id] = pb().CaseStep.FromString(plain).text
        return found, texts


def check_directory(stage):
    """Published by the office, newer each time; the committee's signature is kept as it is."""
    checks = stage.checks

    def publish(client, serial, **more):
        record = case_tools.directory(stage.committee, plandata.DISTRICT, serial, stage.holders,
                                      stage.now.year, **more)
        record.head.CopyFrom(client.unit.head())
        return record, client.submit(client.unit.record(layout.CASE_DIRECTORY, record))

    _, answer = publish(stage.village, 1)
    checks.equal("a village publishes no directory", answer.name, "E_FORBIDDEN")
    record, answer = publish(stage.office, 5)
    checks.equal("the office does", answer.kind, "KIND_RECEIPT")
    _, answer = publish(stage.office, 5)
    checks.equal("none that is no newer", answer.name, "E_CASE_DIRECTORY")
    found = stage.village.ask(pb().KIND_GET_CASE_DIRECTORY, pb().GetCaseDirectory()).body
    got = pb().CaseDirectoryRecord.FromString(found.record.payload)
    checks.equal("everyone gets it as the committee signed it", (got.directory, got.signature),
                 (record.directory, record.signature))
    layout.require_signature(b"zhibao/casedirectory-signed/v1", got.directory, got.signature,
                             bytes(stage.committee.verify_key))


def check_reception(stage):
    """Township and district at once; others see nothing, with all they hold."""
    checks, case = stage.checks, stage.case()
    stage.report(case)
    first = stage.village.submit(case.record())
    again = stage.village.submit(case.record())
    checks.equal("the same report has the same receipt", first.body.receipt, again.body.receipt)
    stage.server.kill()
    stage.server.start()
    again = stage.village.submit(case.record())
    checks.equal("also of a server that was killed", first.body.receipt, again.body.receipt)
    checks.equal("the case is there once", stage.server.sql(
        "select count(*) from zhibao.case_report"), [["1"]])
    for name, holder in (("lead", stage.intake), ("township", stage.township)):
        checks.equal(f"{name}: not without saying why", stage.fetch(holder, case).name,
                     "E_CASE_PURPOSE")
        found, _ = stage.opened(holder, case, stage.read(holder, case))
        checks.equal(f"{name}: reads it", (found.child, found.text), (CHILD, EVENT))
    hidden = case.payload.reporter
    plain = case_tools.open_sealed(hidden, case_tools.unwrap(stage.intake, hidden.wraps),
                                   case.district, case.id, case.id, case_tools.REPORTER)
    checks.equal("the lead learns who reported", pb().CaseReporter.FromString(plain).name, REPORTER)
    for name, holder in (("police", stage.police), ("health", stage.health),
                         ("supervisor", stage.supervisor), ("above", stage.above),
                         ("statistics", Holder(stage.statistics, 0)),
                         ("village", Holder(stage.village, 0)),
                         ("administrator", Holder(stage.district.root, 0))):
        checks.equal(f"{name}: no such case", (stage.listed(holder), stage.read(holder, case).name,
                                               stage.fetch(holder, case).name),
                     ({}, "E_CASE_UNKNOWN", "E_CASE_UNKNOWN"))
        for unit in (case.payload.head.unit, 0):
            answer = holder.client.ask(pb().KIND_GET_RECORD, pb().GetRecord(
                kind=pb().RECORD_CASE_REPORT, unit=unit, id=case.id))
            checks.check(f"{name}: nor its record", answer.kind == "KIND_ERROR", str(answer))
        if holder not in (stage.supervisor, stage.above):
            try:
                case_tools.unwrap(holder, case.payload.content.wraps)
                checks.check(f"{name}: cannot decrypt", False, "it can")
            except DoesNotOpen:
                checks.check(f"{name}: cannot decrypt", True)
    return case


def check_life(stage, case):
    """To closing, with two departments, a hostile township, one transfer; told to the reporter."""
    checks, act = stage.checks, pb()
    lead, town = stage.intake, stage.township
    stage.step(case, town, act.CASE_ACKNOWLEDGE)
    stage.step(case, town, act.CASE_CLOSE, expect="E_FORBIDDEN")
    without = [one for one in stage.at_once() if one[0] not in (stage.intake, stage.colleague)]
    stage.step(case, town, act.CASE_ASSESS, without, expect="E_CASE_RECIPIENT")
    stage.step(case, town, act.CASE_ASSESS, [*stage.at_once(), (stage.health, MEMBER, 0)],
               expect="E_CASE_RECIPIENT")
    checks.equal("the township ends no clock", [
        (due.action, due.overdue) for due in stage.listed(lead)[case.id].due],
        [(act.CASE_ACKNOWLEDGE, False), (act.CASE_ASSESS, False)])
    stage.step(case, lead, act.CASE_ASSESS, expect="E_CASE_STATE")
    stage.later(25)
    checks.equal("a deadline missed: the supervisor sees it",
                 (stage.listed(stage.supervisor)[case.id].level,
                  case.id in stage.listed(stage.above)), (1, False))
    found, _ = stage.opened(stage.supervisor, case, stage.read(stage.supervisor, case))
    checks.equal("and can read it", found.child, CHILD)
    checks.equal("the aggregator says so, to the lead and the supervisor", stage.told(
        "case_overdue", 2), [stage.supervisor.unit.number, stage.intake.unit.number])
    stage.step(case, lead, act.CASE_ACKNOWLEDGE)
    stage.step(case, lead, act.CASE_ASSESS, text=STEP, risk=act.CASE_RISK_HIGH)
    stage.step(case, lead, act.CASE_ADD, [*stage.at_once(), (stage.health, MEMBER, 0)],
               text="health looks at the injury", grants=[(stage.health, MEMBER, [case.id])])
    seen, texts = stage.opened(stage.health, case, stage.read(stage.health, case))
    checks.equal("a department opens what it was granted and nothing before",
                 (seen.child, list(texts.values())), (CHILD, ["health looks at the injury"]))


def check_course(stage, case):
    checks, act = stage.checks, pb()
    lead = stage.intake
    with_health = [*stage.at_once(), (stage.health, MEMBER, 0)]
    added = stage.step(case, lead, act.CASE_ADD, [*with_health, (stage.education, MEMBER, 0)],
                       grants=[(stage.education, MEMBER, [case.id])])
    both = [*with_health, (stage.education, MEMBER, 0)]
    stage.step(case, stage.health, act.CASE_ASSIST, both, text="treated")
    stage.step(case, lead, act.CASE_ACT, both, seen=added, expect="E_STALE")
    stage.step(case, lead, act.CASE_ACT, both, text="safe")
    stage.step(case, stage.education, act.CASE_LEAVE, with_health,
               leaver=stage.education.unit.number)
    checks.equal("who has left sees it no more", stage.read(stage.education, case).name,
                 "E_CASE_UNKNOWN")
    stage.step(case, lead, act.CASE_OUTCOME, with_health,
               reply=case_tools.seal_reply(REPLY, case.payload.reply_public))
    records = list(case.keys)
    stage.step(case, lead, act.CASE_OFFER, [*with_health, (stage.police, OFFERED, 0)],
               grants=[(stage.police, OFFERED, records)])
    offered = [*with_health, (stage.police, OFFERED, 0)]
    stage.step(case, stage.police, act.CASE_CLOSE, offered, expect="E_FORBIDDEN")
    stage.step(case, stage.police, act.CASE_ACCEPT, offered)
    _, texts = stage.opened(stage.police, case, stage.read(stage.police, case))
    checks.check("the new lead has the whole case", STEP in texts.values(), str(texts))
    after = [(stage.police, LEAD, 0), (stage.intake, HANDLER, 0), (stage.colleague, HANDLER, 0),
             *with_health[2:]]
    stage.step(case, stage.intake, act.CASE_CLOSE, after, expect="E_FORBIDDEN")
    stage.step(case, stage.police, act.CASE_REVIEW, after)
    stage.step(case, stage.police, act.CASE_CLOSE, after)
    stage.step(case, stage.police, act.CASE_OUTCOME, after,
               reply=case_tools.seal_reply(REPLY, case.payload.reply_public))
    answer = stage.statistics.ask(pb().KIND_ASK_CASE_STATE,
                                  pb().AskCaseState(lookup=case.code.lookup)).body
    checks.equal("the code tells where it stands", (answer.state, len(answer.due)),
                 (act.CASE_STATE_CLOSED, 0))
    checks.equal("and what was told", [case.code.open_reply(step.reply) for step in answer.steps
                                       if step.action == act.CASE_OUTCOME], [REPLY, REPLY])
    stranger = Client(stage.server.enrol_endpoint, stage.statistics.server_curve, Unit(0))
    answer = stranger.ask(pb().KIND_ASK_CASE_STATE, pb().AskCaseState(lookup=case.code.lookup))
    checks.equal("on the enrolment endpoint too, without an account", answer.body.state,
                 act.CASE_STATE_CLOSED)
    checks.equal("which answers nothing else", [stranger.ask(kind, body).name for kind, body in (
        (pb().KIND_LIST_CASES, pb().ListCases()), (pb().KIND_GET_CASE_DIRECTORY, b""))],
        ["E_KIND", "E_KIND"])
    stranger.close()
    wrong = stage.statistics.ask(pb().KIND_ASK_CASE_STATE, pb().AskCaseState(lookup=os.urandom(16)))
    checks.equal("another code tells nothing", wrong.name, "E_CASE_UNKNOWN")
    reads = stage.office.ask(pb().KIND_LIST_CASE_READS, pb().ListCaseReads(case_id=case.id)).body
    checks.equal("the supervisor sees who read it", [
        row.unit for row in reads.rows], [holder.unit.number for holder in (
            stage.intake, stage.township, stage.supervisor, stage.health, stage.police)])
    reads = stage.health.client.ask(pb().KIND_LIST_CASE_READS, pb().ListCaseReads()).body
    checks.equal("others do not", len(reads.rows), 0)


def check_emergency(stage):
    """The police have it at once, an hour is all there is, and nobody named sees it."""
    checks, act = stage.checks, pb()
    recipients = [one for one in stage.at_once(urgent=True) if one[0] is not stage.township]
    case = stage.case(recipients, urgency=act.CASE_EMERGENCY)
    stage.report(case)
    checks.check("police at once", case.id in stage.listed(stage.police))
    checks.equal("told so, the township is not", stage.told("case_emergency", 2),
                 [stage.intake.unit.number, stage.police.unit.number])
    checks.check("the township, named in it, does not see it",
                 case.id not in stage.listed(stage.township))
    stage.later(1.1)
    checks.check("an hour later the supervisor", case.id in stage.listed(stage.supervisor))
    checks.check("and not yet the level above", case.id not in stage.listed(stage.above))
    stage.later(1)
    checks.check("two hours later the level above", case.id in stage.listed(stage.above))
    stage.step(case, stage.above, act.CASE_ACKNOWLEDGE, recipients)
    checks.equal("which answers", stage.listed(stage.above)[case.id].state,
                 act.CASE_STATE_ACKNOWLEDGED)
    one = stage.case([(stage.intake, LEAD, 0), (stage.supervisor, SUPERVISOR, 1)])
    stage.report(one)
    checks.check("a person left out sees nothing, a colleague does",
                 one.id not in stage.listed(stage.colleague) and one.id in stage.listed(stage.intake))
    turned = stage.case()
    stage.report(turned)
    stage.step(turned, stage.township, act.CASE_SUPPLEMENT, urgency=act.CASE_EMERGENCY)
    checks.equal("what becomes an emergency is told like one, to all who handle it",
                 stage.told("case_emergency", 3), [stage.intake.unit.number,
                                                   stage.police.unit.number,
                                                   stage.township.unit.number])


def check_revoked(stage):
    """A handler whose key is revoked sees nothing more and keeps nobody from going on."""
    checks, case = stage.checks, stage.case()
    stage.report(case)
    key = stage.colleague.unit
    answer = stage.district.change_key(pb().KEY_REVOKE, key.number, key.key)
    checks.equal("a colleague's key is revoked", answer.kind, "KIND_RECEIPT")
    checks.equal("it reads nothing more", stage.fetch(stage.colleague, case).name, "E_KEY_REVOKED")
    rest = [one for one in stage.at_once() if one[0] is not stage.colleague]
    stage.step(case, stage.intake, pb().CASE_ACKNOWLEDGE, rest)
    anew = Holder(stage.district.client(plandata.department("civil_affairs")),
                  pb().CASE_DUTY_INTAKE)
    stage.step(case, stage.township, pb().CASE_REWRAP, rest, grants=[
        (stage.police, HANDLER, [case.id])], expect="E_CASE_RECIPIENT")
    stage.step(case, stage.township, pb().CASE_REWRAP, [*rest, (anew, LEAD, 0)],
               grants=[(anew, LEAD, list(case.keys))])
    found, _ = stage.opened(anew, case, stage.read(anew, case))
    checks.equal("another handler wraps for its new key, which opens all", found.child, CHILD)
    stage.step(case, anew, pb().CASE_ASSESS, [*rest, (anew, LEAD, 0)])
    anew.client.close()


def check_bad(stage):
    """Refused, with nothing stored."""
    checks = stage.checks

    def refused(what, name, change=None, case=None, client=None):
        case = case or stage.case()
        if change is not None:
            change(case.payload)
        before = stage.server.row_counts()
        answer = (client or stage.village).submit(case.record())
        checks.check(f"{what}: {name}", answer.name == name, str(answer))
        checks.equal(f"{what}: nothing changed", stage.server.row_counts(), before)

    def shorter(payload):
        payload.content.ciphertext = payload.content.ciphertext[:-1]

    def foreign(payload):
        payload.head.unit = 450224000000 * 1000 + case_tools.MAILBOX

    def twice(payload):
        payload.content.wraps.append(payload.content.wraps[0])

    def key(payload):
        payload.sign_public = bytes(32)

    refused("a size that tells something", "E_CASE_SEALED", shorter)
    refused("another district's mailbox", "E_FORBIDDEN", foreign)
    refused("a recipient twice", "E_CASE_SEALED", twice)
    refused("another key than it brings", "E_SIGNATURE", key)
    nobody = Holder(type("Nobody", (), {"unit": type(stage.village.unit)(1)})(), 2)
    refused("nobody who could handle it", "E_CASE_RECIPIENT", case=stage.case([(nobody, LEAD, 0)]))
    case = stage.case([(nobody, LEAD, 0), (stage.supervisor, SUPERVISOR, 1)])
    stage.report(case)
    checks.equal("a lead without a good key: the next level leads at once",
                 stage.listed(stage.supervisor)[case.id].role, LEAD)


def check_flood(stage):
    """A key that floods its district is put off, in the log too; an emergency passes, and everybody
    else is served."""
    checks, flooder = stage.checks, stage.statistics
    one = [(stage.intake, LEAD, 0), (stage.colleague, LEAD, 0)]
    answers = [flooder.submit(stage.case(one).record()) for _ in range(22)]
    checks.equal("twenty at once, no more", [answer.kind for answer in answers].count(
        "KIND_RECEIPT"), 20)
    checks.equal("the rest later", ({answer.name for answer in answers[20:]},
                                    answers[20].body.retry), ({"E_CASE_FLOOD"}, True))
    checks.check("and the log says so, not who", "E_CASE_FLOOD" in stage.server.log_tail(),
                 stage.server.log_tail())
    stage.report(stage.case(one, urgency=pb().CASE_EMERGENCY), flooder)
    stage.report(stage.case(one))
    before = stage.server.sql("select count(*) from zhibao.case_report")
    flood = stage.told("case_flood", 3)  # the police leads the case that it took over
    checks.equal("the office and who leads are told, once; not whose they are", (flood, [
        row[0] for row in stage.server.sql("select count(*) from zhibao.report_event where"
                                           " event = 'case_flood' and plan is null")]),
        ([stage.office.unit.number, stage.intake.unit.number,
          stage.police.unit.number], ["1"]))
    inbox = stage.office.must("KIND_INBOX_ITEMS", stage.office.ask(pb().KIND_INBOX, pb().Inbox()))
    checks.equal("in the inbox too", [item.notice for item in inbox.items].count(
        pb().NOTICE_CASE_FLOOD), 1)
    kept = stage.case(one)
    flooder.submit(kept.record())
    checks.equal("nothing of what was put off is stored", stage.server.sql(
        "select count(*) from zhibao.case_report"), before)
    stage.later(0.2)
    stage.report(kept, flooder)


def check_clock_back(stage):
    """A clock that is set back by a day loses nothing, lowers nothing and closes nothing."""
    checks, act, case = stage.checks, pb(), stage.case()
    stage.report(case)
    stage.later(25)
    checks.check("a day later the supervisor", case.id in stage.listed(stage.supervisor))
    stage.later(-24)
    late = stage.case()
    stage.report(late)
    stage.step(case, stage.intake, act.CASE_ACKNOWLEDGE)
    listed = stage.listed(stage.intake)
    checks.equal("with the clock set back both are there, in their states", (
        listed[case.id].state, listed[late.id].state),
        (act.CASE_STATE_ACKNOWLEDGED, act.CASE_STATE_REPORTED))
    stage.later(24 + 24)
    checks.check("and forward again what waits is told", late.id in stage.listed(stage.supervisor))
    stage.step(late, stage.supervisor, act.CASE_ACKNOWLEDGE)


def scenario(checks, workplace):
    stage = Stage(checks, workplace)
    check_directory(stage)
    case = check_reception(stage)
    check_life(stage, case)
    check_course(stage, case)
    check_emergency(stage)
    check_bad(stage)
    check_flood(stage)
    check_clock_back(stage)
    check_handler(stage)
    check_revoked(stage)
    commands = check_commands(checks, workplace, stage.district, stage.village,
                              (CHILD, EVENT, REPORTER, STEP, REPLY))
    check_published(stage)
    check_outsiders(stage)
    check_leaks(stage, (PLANTED, IDENTITY), [home.home for home in commands.homes.values()],
                stage.backup_secret)
    done = stage.server.audit()
    checks.check("the audit finds nothing", done.returncode == 0, done.stdout + done.stderr)
    stage.close()
    checks.equal("zhibaod stops cleanly", stage.server.stop(), 0)


if __name__ == "__main__":
    harness.run(scenario)
