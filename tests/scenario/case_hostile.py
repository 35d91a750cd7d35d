"""A township that drops, holds back, edits and refuses: on the line, with a memory stick, and as a
handler. The district sees the case all the same, and its clocks run on."""

import re

import layout
import plandata
from case_tools import HANDLER, LEAD, MEMBER
from client import pb
from relay import Relay

MOST = 300  # records of a handler in a case
NOWHERE = "tcp://127.0.0.1:1"


class Hostile(Relay):
    """The township's machine, through which a village's line goes. It holds none of the keys."""

    def __init__(self, endpoint):
        self.manner = None
        super().__init__(endpoint)

    def _copy(self, source, target, count=None):
        class Edited:
            """What the village sends, as the township passes it on."""

            @staticmethod
            def sendall(data):
                if self.manner == "drops":
                    return
                if self.manner == "edits" and len(data) > 300:  # past the handshake
                    data = data[:-9] + bytes([data[-9] ^ 1]) + data[-8:]
                target.sendall(data)

            shutdown = target.shutdown

        super()._copy(source, Edited if count else target, count)


def check_line(checks, commands, server, sheet, phone):
    """What a township on the line can do is keep a receipt away, and the reporter sees that."""
    ran, relay = commands.ran, Hostile(server.endpoint)

    def stored():
        return server.sql("select count(*) from zhibao.case_report where kind = 0")[0][0]

    before = stored()
    for manner in ("drops", "edits", "holds back"):
        relay.manner = manner
        if manner == "holds back":
            relay.hold_after(600)
        done = ran("village", "--server", relay.endpoint, "--timeout", "1", "case", "report", "-",
                   "--wait", "0", code=3, stdin=sheet)
        checks.check(f"a line that {manner}: no receipt, so the duty phone", phone in done.stderr,
                     done.stderr)
        checks.equal(f"a line that {manner}: nothing was stored", stored(), before)
    relay.close()
    ran("village", "outbox", "send")
    checks.equal("on another line all of it arrives, once", int(stored()), int(before) + 3)


def check_stick(checks, commands, sheet, words):
    """A report on a memory stick, through the township that it is about to be seen by anyway."""
    ran, folder = commands.ran, commands.folder
    card, stick, back = (folder / name for name in ("township.card", "stick.zbm", "back.zbm"))
    ran("township", "outbox", "card", card)

    def report():
        done = ran("village", "--server", NOWHERE, "--timeout", "1", "case", "report", "-", "--wait",
                   "0", code=3, stdin=sheet)
        stick.unlink(missing_ok=True)
        ran("village", "outbox", "export", stick, "--card", card)
        return re.search(r"case: (\S+)", done.stdout).group(1), re.search(
            r"code: (\S+)", done.stdout).group(1)

    case, code = report()
    content = stick.read_bytes()
    checks.check("the stick says nothing", not any(word.encode() in content for word in words))
    (folder / "edited.zbm").write_bytes(content[:-40] + bytes([content[-40] ^ 1]) + content[-39:])
    ran("township", "outbox", "import", folder / "edited.zbm", code=1)
    ran("township", "outbox", "import", stick)
    checks.check("it is kept: nobody has it yet", case not in str(commands.cases("intake")))
    ran("statistics", "case", "state", "--code", "-", code=1, stdin=code)
    ran("village", "outbox", "send")  # a township that keeps it: by the village's own line
    checks.check("the district has it at once", case in str(commands.cases("intake")))
    done = ran("township", "outbox", "send")
    checks.equal("the township's copy, late, makes no second", str(
        commands.cases("intake")).count(case), 1)
    case, code = report()
    ran("township", "outbox", "import", stick)
    ran("township", "outbox", "import", stick)
    ran("township", "outbox", "send")
    checks.check("one that carries it: the district has it", case in str(commands.cases("intake")))
    back.unlink(missing_ok=True)
    ran("township", "receipts", "export-for", plandata.villages()[1], back)
    done = ran("village", "receipts", "import", back)
    checks.check("and the receipt comes back the same way", "waiting" not in ran(
        "village", "outbox", "--format", "csv").stdout, done.stdout)
    told = ran("statistics", "case", "state", "--code", "-", stdin=code)
    checks.check("the clock runs from then", "reported" in told.stdout, told.stdout)


def check_crowd(stage, case):
    """Nor does it crowd out the lead's words by saying so much that nobody reads to their end."""
    client, unit = stage.township.client, stage.township.unit
    leads = [(stage.intake, LEAD, 0), (stage.colleague, LEAD, 0)]
    events = [case.step(stage.township, pb().CASE_SUPPLEMENT, leads) for _ in range(MOST + 1)]
    for event in events:
        record = unit.record(layout.CASE_EVENT, event)
        client.send(client.envelope(pb().KIND_SUBMIT, pb().Submit(
            record=record)).SerializeToString())
    names = [client.receive(120).name for _ in events]
    stored = stage.server.sql(f"select count(*) from zhibao.case_event where unit = {unit.number}"
                              f" and case_id = '\\x{case.id.hex()}'")
    stage.checks.equal("a handler's records in a case are bounded", (
        stored, set(names)), ([[str(MOST)]], {"KIND_RECEIPT", "E_FORBIDDEN"}))


def check_handler(stage):
    """Everything that a township can say as a handler: the lead's state and clocks stay."""
    checks, act, case = stage.checks, pb(), stage.case()

    def edited(change):
        record = case.record()
        report = act.CaseReport.FromString(record.payload)
        change(report)
        record.payload = report.SerializeToString(deterministic=True)
        return stage.village.submit(record).name

    def without_lead(report):
        kept = [wrap for wrap in report.content.wraps if wrap.role != LEAD]
        del report.content.wraps[:]
        report.content.wraps.extend(kept)

    def ordinary(report):
        report.urgency = act.CASE_EMERGENCY

    def other_text(report):
        report.content.ciphertext = bytes(len(report.content.ciphertext))

    checks.equal("a report that somebody edits on its way is none", [
        edited(change) for change in (without_lead, ordinary, other_text)], ["E_SIGNATURE"] * 3)
    stage.report(case)
    before = stage.listed(stage.intake)[case.id]
    said = {}
    for action in range(act.CASE_ACKNOWLEDGE, act.CASE_REWRAP + 1):
        grants = {act.CASE_ADD: [(stage.health, MEMBER, [case.id])],
                  act.CASE_OFFER: [(stage.police, HANDLER, [case.id])],
                  act.CASE_REWRAP: [(stage.health, LEAD, [case.id])]}.get(action, [])
        more = {"leaver": stage.intake.unit.number} if action == act.CASE_LEAVE else {}
        event = case.step(stage.township, action, stage.at_once(), grants=grants, **more)
        answer = stage.township.client.submit(stage.township.unit.record(layout.CASE_EVENT, event))
        if answer.kind != "KIND_RECEIPT":
            del case.keys[event.head.id]
        said[act.CaseAction.Name(action)] = answer.name
    after = stage.listed(stage.intake)[case.id]
    checks.equal("whatever a township says, state and clocks are as they were",
                 (after.state, [(due.action, due.due_us) for due in after.due]),
                 (before.state, [(due.action, due.due_us) for due in before.due]))
    checks.check("most of it is refused", sum(name != "KIND_RECEIPT" for name in said.values()) > 9,
                 str(said))
    check_crowd(stage, case)
    stage.later(25)
    checks.check("a day later the supervisor sees it", case.id in stage.listed(stage.supervisor))
