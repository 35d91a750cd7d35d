"""An overdue task of a county's office reaches the city's office on another server by itself, and so does
what is done to it afterwards: once, whatever is killed in between. Played by uplink.py."""

import csv
import io
import time
from datetime import datetime, timedelta, timezone

import layout
from client import enrolled_client, pb
from harness import Cli

DAY = timedelta(days=1)
WITHIN_S = 60


def enrol(root, unit):
    answer = root.ask(pb().KIND_ENROL_CODES, pb().EnrolCodes(units=[unit]))
    return enrolled_client(root.must("KIND_ENROL_CODES_ISSUED", answer).codes[0].code)


def until(what, wanted):
    end = time.monotonic() + WITHIN_S
    found = what()
    while found != wanted and time.monotonic() < end:
        time.sleep(0.05)
        found = what()
    return found


class Escalation:
    def __init__(self, checks, city, county, place):
        self.checks, self.city, self.county = checks, city, county
        self.office = enrol(county.root, county.place * 1000 + 2)
        self.above = enrol(city.root, place * 1000 + 2)
        self.village = county.people[county.villages[0] * 1000]
        self.task = None

    def close(self):
        self.office.close()
        self.above.close()

    def open(self, due):
        self.task = pb().Task(
            head=self.office.unit.head(), action=pb().TASK_OPEN, title="补报（演示）", text="请于期限内补报",
            addressee=self.village.unit.number, due_us=round(due.timestamp()) * 1000000)
        self.office.must_store(layout.TASK, self.task)

    def later(self, client, action, text):
        payload = pb().Task(head=client.unit.head(), action=action, text=text, task=pb().RecordRef(
            unit=self.office.unit.number, id=self.task.head.id, payload_sha256=layout.digest(
                self.task.SerializeToString(deterministic=True))))
        client.must_store(layout.TASK, payload)

    def seen(self):
        """What the city's office has of it in its list of tasks."""
        items = self.above.must("KIND_TASK_ITEMS", self.above.ask(pb().KIND_TASKS, pb().Tasks())).tasks
        return [item for item in items if item.task.id == self.task.head.id]

    def steps(self):
        return [(step.action, step.text) for item in self.seen() for step in item.steps]

    def records(self):
        """How often each step is in the city's database, by its TaskAction."""
        return [(int(action), int(count)) for action, count in self.city.server.sql(
            "select action, count(*) from zhibao.task_escalation where task_id ="
            f" '\\x{self.task.head.id.hex()}' group by action order by min(batch)")]

    def told(self):
        """What the inbox of the city's office says of tasks; every receipt verifies."""
        items = self.above.must("KIND_INBOX_ITEMS", self.above.ask(
            pb().KIND_INBOX, pb().Inbox(limit=1000))).items
        found = [item for item in items if item.subject == self.task.head.id]
        for item in found:
            layout.verify_receipt(item.receipt, self.above.pinned)
        return [(item.notice, item.task_action, item.reason) for item in found]

    def own(self):
        """The same task as the county's office sees it."""
        items = self.office.must("KIND_TASK_ITEMS", self.office.ask(
            pb().KIND_TASKS, pb().Tasks(overdue=True))).tasks
        return [(item.escalated_to, item.escalated_away, item.told_above_us > 0) for item in items
                if item.task.id == self.task.head.id]


def check_escalates(play, now):
    """Cut off, long overdue, put into the outbox, killed; then killed again as the city has it."""
    checks, county, city = play.checks, play.county, play.city
    away = (play.above.unit.number, True)
    play.open(now + DAY)
    county.proxy.cut()
    county.server.move(now + 9 * DAY)
    city.server.move(now + 9 * DAY)
    checks.equal("overdue for a week, it is the city's; the county's office sees that it waits",
                 until(play.own, [(*away, False)]), [(*away, False)])
    waits = "select action, state from zhibao.uplink_task"
    checks.equal("it waits in the outbox", until(lambda: county.server.sql(waits), [["5", "0"]]),
                 [["5", "0"]])
    county.kill()
    play.office.reconnect()
    county.proxy.cut(False)
    checks.equal("the city has it", until(play.records, [(5, 1)]), [(5, 1)])
    county.kill()  # before the receipt has come, or after
    play.office.reconnect()
    checks.equal("and the county knows", until(play.own, [(*away, True)]), [(*away, True)])
    county.server.sql("delete from zhibao.uplink_task")  # as if killed before it was noted
    checks.equal("the outbox knows what was told", until(
        lambda: county.server.sql(waits), [["5", "1"]]), [["5", "1"]])
    checks.equal("the city has it once", play.records(), [(5, 1)])


def check_seen(play, workplace):
    """The city's office has it in its list, its inbox and with the command."""
    checks, county = play.checks, play.county
    item = play.seen()[0]
    layout.verify_receipt(pb().TaskEscalation.FromString(stored(play)).receipt, play.office.pinned)
    checks.equal("whose it is, of which office, from which server", (
        item.title, item.task.unit, item.addressee, item.told_by, item.state, item.overdue,
        item.escalated_to), (
            play.task.title, play.office.unit.number, play.village.unit.number, county.unit,
            pb().TASK_STATE_OPEN, True, play.above.unit.number))
    checks.check("with names, which the city's plan does not have", item.addressee_name and
                 item.office_name, item)
    checks.equal("its inbox has it", play.told(), [(pb().NOTICE_TASK_OVERDUE, 0, play.task.title)])
    home = Cli(workplace, "city-office")
    answer = play.city.root.ask(pb().KIND_ENROL_CODES, pb().EnrolCodes(units=[play.above.unit.number]))
    home("enrol", play.city.root.must("KIND_ENROL_CODES_ISSUED", answer).codes[0].code)
    rows = list(csv.DictReader(io.StringIO(home("task", "list", "--overdue", "--format", "csv").stdout)))
    checks.equal("zhibao task list has it", [(row["title"], row["state"], row["last"]) for row in rows],
                 [(play.task.title, "overdue", "escalated")])
    shown = home("task", "show", play.task.head.id.hex(), lang="zh").stdout
    checks.check("and zhibao task show, in Chinese", "逾期提级" in shown and play.task.text in shown, shown)


def stored(play):
    [[payload]] = play.city.server.sql("select encode(payload, 'hex') from zhibao.registry_event"
                                       " where kind = 16 order by batch limit 1")
    return bytes.fromhex(payload)


def check_followed(play):
    """What is done to it in the county is told; what the city may not believe is refused."""
    checks = play.checks
    play.later(play.village, pb().TASK_ANSWER, "已补报（演示）")
    play.later(play.office, pb().TASK_CLOSE, "同意办结")
    wanted = [(pb().TASK_ESCALATE, play.task.text), (pb().TASK_ANSWER, "已补报（演示）"),
              (pb().TASK_CLOSE, "同意办结")]
    checks.equal("answered and closed in the county, the city is told", until(play.steps, wanted), wanted)
    checks.equal("it is closed there too", [(item.state, item.overdue) for item in play.seen()],
                 [(pb().TASK_STATE_CLOSED, False)])
    checks.equal("each step once", play.records(), [(5, 1), (2, 1), (3, 1)])
    checks.equal("the inbox tells them", play.told()[1:], [
        (0, pb().TASK_ANSWER, "已补报（演示）"), (0, pb().TASK_CLOSE, "同意办结")])


def check_refused(play, other):
    """From another county, of a task that never escalated, of a changed one, or twice."""
    checks, city = play.checks, play.city
    own, foreign = (enrol(city.root, county.unit) for county in (play.county, other))

    def refused(what, name, client, **changes):
        payload = pb().TaskEscalation.FromString(stored(play))
        payload.head.CopyFrom(client.unit.head())
        payload.step.id = payload.head.id
        for field, value in changes.items():
            if field == "sha256":
                payload.task.payload_sha256 = value
            elif field == "task":
                payload.task.id = value
            elif field == "step":
                payload.step.id = value
            else:
                setattr(payload, field, value)
        before = city.server.row_counts()
        answer = client.submit(client.unit.record(layout.TASK_ESCALATION, payload))
        checks.check(f"{what}: {name}, signed, nothing changed", answer.kind == "KIND_REFUSAL" and
                     answer.name == name and city.server.row_counts() == before, str(answer))

    refused("another county's task", "E_FORBIDDEN", foreign)
    refused("an answer to what never escalated", "E_TASK_UNKNOWN", own, action=pb().TASK_ANSWER,
            task=bytes(16))
    refused("the task with another hash", "E_TASK_UNKNOWN", own, sha256=bytes(32))
    refused("under an id that is not its step's", "E_ID", own, step=bytes(16))
    refused("an opening, which is told by no one", "E_MALFORMED", own, action=pb().TASK_OPEN)
    refused("for a unit of another county", "E_UNIT_UNKNOWN", own, addressee=other.unit)
    for client in (own, foreign):
        client.close()


def play(checks, workplace, city, county, other, place):
    run = Escalation(checks, city, county, place)
    check_escalates(run, datetime.now(timezone.utc))
    check_seen(run, workplace)
    check_followed(run)
    check_refused(run, other)
    run.close()
    for server in (city.server, county.server):
        done = server.audit()
        checks.equal("an audit finds all of it as it was signed", done.returncode, 0)
