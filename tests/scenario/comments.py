"""Comments on figures with a real server: who may, who answers, who closes, who sees them, the inbox and
the command line. Played by tasks.py."""

import json

import layout
import plandata
from client import pb
from harness import Cli

VILLAGE, OTHER = plandata.villages()[1:3]
REMOTE = plandata.villages(450223100000)[0]


def reference(unit, payload):
    return pb().RecordRef(unit=unit.number, id=payload.head.id, payload_sha256=layout.digest(
        payload.SerializeToString(deterministic=True)))


def on_cell(client, unit, text="与去年相差过大（演示）", cell=1, follow_up=True, **changes):
    """About a figure that `unit` reported."""
    figure = pb().FigureRef(plan=plandata.PLAN, period=plandata.PERIOD, form="village", cell=cell,
                            place=unit.place)
    fields = {"head": client.unit.head(), "action": pb().COMMENT_OPEN, "figure": figure,
              "reporter": unit.number, "follow_up": follow_up, "shown": "12", "text": text}
    return pb().Comment(**{**fields, **changes})


def on_result(client, place, reporter, indicator="children_home_coverage", **changes):
    figure = pb().FigureRef(plan=plandata.PLAN, period=plandata.PERIOD, indicator=indicator,
                            place=place)
    fields = {"head": client.unit.head(), "action": pb().COMMENT_OPEN, "figure": figure,
              "reporter": reporter, "text": "请看（演示）"}
    return pb().Comment(**{**fields, **changes})


def later(client, comment, action, text="已核对（演示）", **changes):
    return pb().Comment(head=client.unit.head(), action=action, comment=comment, text=text,
                        **changes)


def submit(client, payload):
    return client.submit(client.unit.record(layout.COMMENT, payload))


def listed(client, **question):
    answer = client.ask(pb().KIND_COMMENTS, pb().Comments(**question))
    return client.must("KIND_COMMENT_ITEMS", answer)


class Talk:
    def __init__(self, checks, server, district):
        self.checks, self.server = checks, server
        self.office = district.client(plandata.department("office"))
        self.police = district.client(plandata.department("police"))
        self.township = district.client(plandata.own_unit(plandata.TOWNSHIP))
        self.village = district.client(plandata.own_unit(VILLAGE))
        self.other = district.client(plandata.own_unit(OTHER))

    def close(self):
        for client in (self.office, self.police, self.township, self.village, self.other):
            client.close()

    def refused(self, what, name, client, payload):
        before = self.server.row_counts()
        answer = submit(client, payload)
        self.checks.check(f"comment {what}: {name}, signed", answer.kind == "KIND_REFUSAL"
                          and answer.name == name, str(answer))
        self.checks.equal(f"comment {what}: nothing changed", self.server.row_counts(), before)

    def check_opening(self):
        unit = self.village.unit
        self.refused("on a neighbour's figure", "E_FORBIDDEN", self.other,
                     on_cell(self.other, unit))
        self.refused("by a department on a village's", "E_FORBIDDEN", self.police,
                     on_cell(self.police, unit))
        self.refused("on no item of the form", "E_COMMENT_FIGURE", self.office,
                     on_cell(self.office, unit, cell=9999))
        self.refused("for another to answer", "E_COMMENT_FIGURE", self.office,
                     on_result(self.office, VILLAGE, self.police.unit.number))
        self.refused("on no indicator", "E_COMMENT_FIGURE", self.office,
                     on_result(self.office, VILLAGE, unit.number, indicator="none"))
        self.refused("by no plan", "E_PLAN_UNKNOWN", self.office,
                     on_result(self.office, VILLAGE, unit.number, figure=pb().FigureRef(plan="x")))
        self.refused("without a word", "E_REASON", self.office, on_cell(self.office, unit, " "))
        self.refused("too long", "E_TEXT", self.office, on_cell(self.office, unit, "a" * 2001))

    def check_life(self):
        opened = on_cell(self.office, self.village.unit)
        self.office.must_store(layout.COMMENT, opened)
        named = reference(self.office.unit, opened)
        answer, close = pb().COMMENT_ANSWER, pb().COMMENT_CLOSE
        for who, client in (("its author", self.office), ("its township", self.township)):
            self.refused(f"answered by {who}", "E_FORBIDDEN", client, later(client, named, answer))
        self.refused("closed by its reporter", "E_FORBIDDEN", self.village,
                     later(self.village, named, close))
        wrong = reference(self.office.unit, opened)
        wrong.payload_sha256 = bytes(32)
        self.refused("of another hash", "E_COMMENT_UNKNOWN", self.village,
                     later(self.village, wrong, answer))
        self.village.must_store(layout.COMMENT, later(self.village, named, answer))
        self.refused("closed over an answer that was not seen", "E_STALE", self.office,
                     later(self.office, named, close, seen=opened.head.id))
        self.office.must_store(layout.COMMENT, later(self.office, named, close, ""))
        self.refused("answered when closed", "E_COMMENT_STATE", self.village,
                     later(self.village, named, answer))
        item = listed(self.village).comments[0]
        self.checks.equal("every step of a comment is kept with the figure", (
            [step.action for step in item.steps], item.state, item.figure.cell, item.shown),
            ([1, 2, 3], pb().COMMENT_STATE_CLOSED, 1, "12"))
        self.checks.equal("who may see the figure sees it, nobody else", [
            len(listed(client).comments) for client in (self.office, self.township, self.village,
                                                        self.other, self.police)], [1, 1, 1, 0, 0])
        for who, client, wanted in (("reporter", self.village, [1, 3]), ("author", self.office, [2])):
            items = client.must("KIND_INBOX_ITEMS", client.ask(pb().KIND_INBOX, pb().Inbox())).items
            told = [one for one in items if one.subject_kind == pb().RECORD_COMMENT]
            self.checks.equal(f"the inbox of the comment's {who}",
                              [one.comment_action for one in told], wanted)
            for one in told:
                layout.verify_receipt(one.receipt, client.pinned)

    def check_question(self):
        figure = pb().FigureRef(period=plandata.PERIOD, indicator="children_home_coverage",
                                place=plandata.TOWNSHIP)
        asked = listed(self.office, figure=figure)
        self.checks.equal("who answers for a figure is told", (asked.reporter, asked.plan),
                          (self.township.unit.number, plandata.PLAN))
        figure.place = VILLAGE
        self.checks.equal("to whoever may see it", listed(self.other, figure=figure).reporter, 0)
        note = on_result(self.office, VILLAGE, self.village.unit.number)
        self.office.must_store(layout.COMMENT, note)
        found = listed(self.township, figure=figure).comments
        self.checks.equal("a note asks for no answer, and is found by its figure", [
            (one.state, one.about_zh != "", one.reporter) for one in found],
            [(pb().COMMENT_STATE_NOTED, True, self.village.unit.number)])
        self.checks.equal("one's own alone", len(listed(self.township, mine=True).comments), 0)
        self.checks.equal("what is not closed", len(listed(self.office, unfinished=True).comments), 1)


def command_line(checks, workplace, district):
    homes = {"office": Cli(workplace, "comment-office"), "village": Cli(workplace, "comment-village")}
    homes["office"]("enrol", district.codes(plandata.department("office"))[0])
    homes["village"]("enrol", district.codes(plandata.own_unit(REMOTE))[0])

    def ran(who, *arguments, code=0, **options):
        done = homes[who](*arguments, **options)
        checks.check(f"{who}: zhibao {' '.join(arguments[:2])} exits {code}", done.returncode == code,
                     f"{done.returncode}: {done.stdout[-500:]}{done.stderr[-500:]}")
        return done

    year = str(plandata.PERIOD)
    ran("office", "comment", "add", "--year", year, "--text", "x", code=2)
    ran("office", "comment", "add", "--year", year, "--indicator", "none", "--text", "x", code=1)
    ran("office", "comment", "add", "--year", year, "--form", "village", "--cell", "2", "--unit",
        str(REMOTE), "--shown", "310", "--follow-up", "--text", "请核对户数")
    row = json.loads(ran("village", "comment", "list", "--open", "--format", "json").stdout)[0]
    checks.equal("the comment as the reporter sees it", (row["state"], row["figure"], row["shown"]),
                 ("open", "village#2", "310"))
    inbox = json.loads(ran("village", "inbox", "--format", "json").stdout)
    checks.check("and in the inbox", any(
        item["kind"] == "comment" and item["state"] == "raised" and item["receipt"] == "verified"
        for item in inbox), str(inbox)[:500])
    ran("village", "comment", "close", row["id"][:8], code=1)
    ran("village", "comment", "answer", row["id"][:8], "--text", "核对无误")
    ran("office", "comment", "close", row["id"][:8], "--text", "好")
    shown = ran("village", "comment", "show", row["id"], lang="zh").stdout
    checks.check("every step in Chinese", all(
        word in shown for word in ("提出", "已答复", "已了结", "核对无误")), shown)


def play(checks, workplace, server, district):
    talk = Talk(checks, server, district)
    talk.check_opening()
    talk.check_life()
    talk.check_question()
    command_line(checks, workplace, district)
    talk.close()
