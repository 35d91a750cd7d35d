"""Tasks (督办) with a real server: their life, wrong actors, a race, overdue and escalation; and comments
on figures."""

import json
import time
from datetime import datetime, timedelta, timezone

import comments
import harness
import layout
import plandata
from client import pb
from harness import Cli, District, Server

DAY_US = 24 * 3600 * 1_000_000


def reference(unit, payload):
    return pb().RecordRef(unit=unit.number, id=payload.head.id, payload_sha256=layout.digest(
        payload.SerializeToString(deterministic=True)))


class Life:
    def __init__(self, checks, server, district):
        self.checks, self.server, self.district = checks, server, district
        department = plandata.department
        self.office = district.client(department("office"))
        self.health = district.client(department("health"))
        self.police = district.client(department("police"))
        self.village = district.client(plandata.own_unit(plandata.villages()[0]))
        self.township = district.client(plandata.own_unit(plandata.TOWNSHIP))

    def close(self):
        for client in (self.office, self.health, self.police, self.village, self.township):
            client.close()

    def opening(self, whom, **changes):
        fields = {"head": self.office.unit.head(), "action": pb().TASK_OPEN,
                  "addressee": whom.unit.number, "title": "尽快报送（演示）",
                  "due_us": time.time_ns() // 1000 + DAY_US}
        return pb().Task(**{**fields, **changes})

    @staticmethod
    def later(client, task, action, text="已办（演示）", **changes):
        return pb().Task(head=client.unit.head(), action=action, task=task, text=text, **changes)

    @staticmethod
    def submit(client, payload):
        return client.submit(client.unit.record(layout.TASK, payload))

    def refused(self, what, name, client, payload):
        before = self.server.row_counts()
        answer = self.submit(client, payload)
        self.checks.check(f"{what}: {name}, signed", answer.kind == "KIND_REFUSAL"
                          and answer.name == name, str(answer))
        self.checks.equal(f"{what}: nothing changed", self.server.row_counts(), before)

    @staticmethod
    def listed(client, **question):
        answer = client.ask(pb().KIND_TASKS, pb().Tasks(**question))
        return client.must("KIND_TASK_ITEMS", answer).tasks

    def check_opening(self):
        now = time.time_ns() // 1000
        opening, refused = self.opening, self.refused
        refused("opened by a department", "E_FORBIDDEN", self.health,
                opening(self.police, head=self.health.unit.head()))
        refused("for itself", "E_UNIT_UNKNOWN", self.office, opening(self.office))
        refused("for nobody", "E_UNIT_UNKNOWN", self.office,
                opening(self.health, addressee=110101001001000))
        refused("due in the past", "E_TASK_DUE", self.office,
                opening(self.health, due_us=now - DAY_US))  # the server's clock is set to the second
        refused("due in eleven years", "E_TASK_DUE", self.office,
                opening(self.health, due_us=now + 11 * 366 * DAY_US))
        refused("without a title", "E_TEXT", self.office, opening(self.health, title=" "))
        refused("about a duty that there is not", "E_DUTY_UNKNOWN", self.office,
                opening(self.health, plan=plandata.PLAN, duty="LZ-duty-99"))

    def check_life(self):
        """Opened, answered, reopened, answered, closed; at every step only by whom it is up to."""
        task = self.opening(self.health, plan=plandata.PLAN, duty="LZ-duty-02", period=2025)
        self.office.must_store(layout.TASK, task)
        named = reference(self.office.unit, task)
        answer, close, reopen = pb().TASK_ANSWER, pb().TASK_CLOSE, pb().TASK_REOPEN
        for who, client in (("office", self.office), ("another", self.police)):
            self.refused(f"answered by {who}", "E_FORBIDDEN", client,
                         self.later(client, named, answer))
        for who, client in (("its addressee", self.health), ("another", self.police)):
            self.refused(f"closed by {who}", "E_FORBIDDEN", client,
                         self.later(client, named, close))
        self.refused("reopened while open", "E_TASK_STATE", self.office,
                     self.later(self.office, named, reopen))
        self.refused("answered without a word", "E_REASON", self.health,
                     self.later(self.health, named, answer, text=""))
        wrong = reference(self.office.unit, task)
        wrong.payload_sha256 = bytes(32)
        self.refused("with another hash", "E_TASK_UNKNOWN", self.health,
                     self.later(self.health, wrong, answer))
        self.health.must_store(layout.TASK, self.later(self.health, named, answer))
        self.refused("closed over an answer that was not seen", "E_STALE", self.office,
                     self.later(self.office, named, close, seen=task.head.id))
        self.office.must_store(layout.TASK, self.later(
            self.office, named, reopen, "材料不全", due_us=task.due_us + DAY_US))
        self.health.must_store(layout.TASK, self.later(self.health, named, answer, "已补"))
        self.office.must_store(layout.TASK, self.later(self.office, named, close, ""))
        self.refused("answered when closed", "E_TASK_STATE", self.health,
                     self.later(self.health, named, answer))
        found = self.listed(self.health)[0]
        self.checks.equal("every step is told", [(step.action, step.text) for step in found.steps], [
            (pb().TASK_OPEN, ""), (answer, "已办（演示）"), (reopen, "材料不全"), (answer, "已补"),
            (close, "")])
        self.checks.equal("and where it stands", (found.state, found.due_us, found.overdue),
                          (pb().TASK_STATE_CLOSED, task.due_us + DAY_US, False))
        self.checks.equal("another department sees nothing", len(self.listed(self.police)), 0)
        for name, client, wanted in (("addressee", self.health, [1, 4, 3]),
                                     ("office", self.office, [2, 2])):
            items = client.must("KIND_INBOX_ITEMS", client.ask(pb().KIND_INBOX, pb().Inbox())).items
            told = [item for item in items if item.subject_kind == pb().RECORD_TASK]
            self.checks.equal(f"the inbox of the {name}", [item.task_action for item in told], wanted)
            for item in told:
                layout.verify_receipt(item.receipt, client.pinned)

    def check_overdue(self):
        """Past its time a village's task is its township's to see to; answered, it is not."""
        task = self.opening(self.village, due_us=time.time_ns() // 1000 + 1_500_000)
        self.office.must_store(layout.TASK, task)
        self.checks.equal("not yet the township's", len(self.listed(self.township)), 0)
        end = time.monotonic() + 60
        while not self.listed(self.office, overdue=True) and time.monotonic() < end:
            self.office.ping()
        found = self.listed(self.township)
        self.checks.equal("overdue, it escalates to the township", [
            (item.title, item.overdue, item.escalated_to, item.escalated_away) for item in found],
            [(task.title, True, self.township.unit.number, False)])
        self.checks.equal("the database says so too", self.server.sql(
            "select addressee from zhibao.task_overdue"), [[str(self.village.unit.number)]])
        self.village.must_store(layout.TASK, self.later(
            self.village, reference(self.office.unit, task), pb().TASK_ANSWER))
        self.checks.equal("answered, it does not", len(self.listed(self.township)), 0)
        self.checks.equal("and is not overdue", len(self.listed(self.office, overdue=True)), 0)

    def told(self, client):
        """What a unit's inbox says of overdue tasks; every receipt verifies."""
        found = [item for item in client.must("KIND_INBOX_ITEMS", client.ask(
            pb().KIND_INBOX, pb().Inbox(limit=1000))).items
            if item.notice == pb().NOTICE_TASK_OVERDUE]
        for item in found:
            layout.verify_receipt(item.receipt, client.pinned)
        return [(item.subject, item.reason) for item in found]

    def until(self, what, client, wanted):
        end = time.monotonic() + 60
        while self.told(client) != wanted and time.monotonic() < end:
            time.sleep(0.1)
        self.checks.equal(what, self.told(client), wanted)

    def check_escalation(self, now):
        """What is overdue is told by a signed notice, once at each step."""
        task = self.opening(self.village, due_us=round((now + timedelta(days=2)).timestamp())
                            * 1000000, title="补报（演示）")
        self.office.must_store(layout.TASK, task)
        before = [self.told(client) for client in (self.village, self.office, self.township)]
        self.server.move(now + timedelta(days=3))
        news = [(task.head.id, task.title)]
        for who, client, had in zip(("its addressee", "the office", "the township"), (
                self.village, self.office, self.township), before):
            self.until(f"overdue, {who} is told", client, had + news)
        above = self.server.sql("select stage, told_unit from zhibao.task_notice where office = "
                                f"{self.office.unit.number} order by batch desc limit 1")
        self.checks.equal("it escalates to the township", above,
                          [["1", str(self.township.unit.number)]])
        self.server.move(now + timedelta(days=10))
        self.until("a week later the addressee is told again", self.village, before[0] + 2 * news)
        self.checks.equal("the township is not", self.told(self.township), before[2] + news)
        self.checks.equal("now it is the committee office above's", self.server.sql(
            "select stage, told_unit, count(*) over () from zhibao.task_notice where office = "
            f"{self.office.unit.number} and due_us = {task.due_us} order by stage desc limit 1"),
            [["2", "450200000000002", "2"]])
        items = self.office.must("KIND_TASK_ITEMS", self.office.ask(
            pb().KIND_TASKS, pb().Tasks(overdue=True))).tasks
        self.checks.equal("which is on another server: its own office has to tell it", [
            (item.escalated_to, item.escalated_away) for item in items
            if item.task.id == task.head.id], [(450200000000002, True)])
        self.server.move(now + timedelta(days=11))


def command_line(checks, workplace, district):
    """The same with the command line."""
    homes = {}
    for name in ("office", "education"):
        homes[name] = Cli(workplace, name)
        homes[name]("enrol", district.codes(plandata.department(name))[0])

    def ran(who, *arguments, code=0, **options):
        done = homes[who](*arguments, **options)
        checks.check(f"{who}: zhibao {' '.join(arguments[:2])} exits {code}", done.returncode == code,
                     f"{done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}")
        return done

    unit = f"450223000000:{plandata.department_numbers()['education']}"
    ran("office", "task", "open", "--unit", unit, "--due", "2030-06-30", "--title", "补报2025年实施情况",
        "--plan", plandata.PLAN, "--duty", "LZ-duty-02", "--year", "2025")
    ran("office", "task", "open", "--unit", unit, "--due", "soon", "--title", "x", code=2)
    row = json.loads(ran("education", "task", "list", "--open", "--format", "json").stdout)[0]
    checks.equal("the task as its addressee sees it",
                 (row["title"], row["state"], row["duty"], row["due"]),
                 ("补报2025年实施情况", "open", "LZ-duty-02", "2030-07-01 00:00"))
    inbox = json.loads(ran("education", "inbox", "--format", "json").stdout)
    checks.check("and in the inbox", any(
        item["kind"] == "task" and item["state"] == "opened" and item["receipt"] == "verified"
        for item in inbox), str(inbox)[:500])
    ran("education", "task", "answer", row["id"][:8], "--text", "已报送")
    ran("education", "task", "close", row["id"][:8], code=1)
    ran("office", "task", "reopen", row["id"][:8], code=2)
    ran("office", "task", "close", row["id"][:8], "--text", "同意办结")
    shown = ran("education", "task", "show", row["id"], lang="zh").stdout
    checks.check("every step in Chinese", all(
        word in shown for word in ("交办", "已答复", "已办结", "同意办结")), shown)


def scenario(checks, workplace):
    server = Server(workplace)
    now = datetime.now(timezone.utc)  # making the server takes time that its clock must not lag behind
    server.with_clock(now).start()
    district = District(server)
    life = Life(checks, server, district)
    life.check_opening()
    life.check_life()
    life.check_overdue()
    command_line(checks, workplace, district)
    comments.play(checks, workplace, server, district)
    life.check_escalation(now)
    life.close()
    district.root.close()
    checks.equal("zhibaod stops cleanly", server.stop(), 0)


if __name__ == "__main__":
    harness.run(scenario)
