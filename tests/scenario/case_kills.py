"""The server killed with SIGKILL at every statement that a case's life makes it run, before and after
what it stores is stored: no case is lost, none is there twice, and the access log is exact."""

import signal

import case_tools
import harness
import layout
import plandata
from case_tools import HANDLER, LEAD, MEMBER, Case, Holder
from client import pb
from harness import District, Server

REGISTRY = "insert into zhibao.registry_event"
# What each record has stored besides, and what each question asks the database.
REPORT = (REGISTRY, "insert into zhibao.case_report", "insert into zhibao.case_event",
          "insert into zhibao.case_recipient", "insert into zhibao.case_wrap",
          "insert into zhibao.batch", "commit", "after commit")
STEP = (REGISTRY, "insert into zhibao.case_event", "commit", "after commit")
GRANT = ("insert into zhibao.case_recipient", "insert into zhibao.case_wrap", "after commit")
READ = (REGISTRY, "insert into zhibao.case_read", "commit", "after commit")
PIECE = ("insert into zhibao.case_piece", "after commit")
QUESTIONS = ("from zhibao.case_read", "join zhibao.case_wrap")


class Stage:
    def __init__(self, checks, workplace):
        self.checks, self.kills = checks, 0
        self.shim = str(workplace.build / "tests" / "scenario" / "kill_query.so")
        self.server = Server(workplace).start()
        self.district = District(self.server)
        department, client = plandata.department, self.district.client
        self.village = client(plandata.own_unit(plandata.villages()[0]))
        self.intake = Holder(client(department("civil_affairs")), pb().CASE_DUTY_INTAKE)
        self.township = Holder(client(plandata.own_unit(plandata.TOWNSHIP)),
                               pb().CASE_DUTY_TOWNSHIP)
        self.health = Holder(client(department("health")), pb().CASE_DUTY_DEPARTMENT)
        self.office = client(department("office"))
        self.handlers = [(self.intake, LEAD, 0), (self.township, HANDLER, 0)]

    def close(self):
        for client in (self.village, self.office, self.district.root, self.intake.client,
                       self.township.client, self.health.client):
            client.close()

    def armed(self, point):
        """The environment that kills at a point."""
        after = point.startswith("after ")
        query = point.removeprefix("after ")
        found = {"LD_PRELOAD": self.shim, "KILL_QUERY": query}
        if query in ("commit", "insert into zhibao.batch"):  # the clock's own have no case in them
            found["KILL_ARM"] = REGISTRY
        return found | ({"KILL_AFTER": "yes"} if after else {})

    def through(self, what, points, client, kind, body):
        """Asks at a server that is killed at each of the points in turn; the answer at last."""
        question = client.envelope(kind, body)
        for point in points:
            self.server.kill()
            self.server.environment = self.armed(point)
            self.server.start()
            client.reconnect()
            client.send(question.SerializeToString())
            died = self.server.process.wait(harness.STOP_S)
            self.checks.equal(f"{what}: killed at {point}", died, -signal.SIGKILL)
            self.kills += 1
        self.server.environment = {}
        self.server.start()
        client.reconnect()
        return client.ask(kind, body)

    def store(self, what, points, client, record):
        """The record, and once more: the same receipt."""
        submit = pb().Submit(record=record)
        answer = self.through(what, points, client, pb().KIND_SUBMIT, submit)
        self.checks.equal(f"{what}: has its receipt", answer.name, "KIND_RECEIPT")
        layout.verify_receipt(answer.body.receipt, self.village.pinned)
        again = client.submit(record)
        self.checks.equal(f"{what}: and keeps it", again.body.receipt, answer.body.receipt)


def live(stage):
    """A case from its report to its closing."""
    act = pb()
    case = Case(plandata.DISTRICT, stage.handlers, pb().CaseContent(
        matter=act.CASE_INJURY, channel=act.CASE_FROM_VILLAGE, text="演示"), pb().CaseReporter())
    stage.store("report", REPORT, stage.village, case.record())
    attachment = pb().CaseAttachment(name="照片.jpg")
    stage.store("piece", PIECE, stage.village, case.piece_record(
        case.piece(attachment, b"\xff\xd8\xff photo")))

    def read(holder, points):
        reading = pb().CaseRead(head=holder.unit.head(), district=case.district, case_id=case.id,
                                purpose=act.CASE_FOR_HANDLING)
        stage.store("read", points, holder.client, holder.unit.record(layout.CASE_READ, reading))

    def step(holder, action, points, recipients=None, **more):
        event = case.step(holder, action, recipients or stage.handlers, **more)
        stage.store(act.CaseAction.Name(action), points, holder.client,
                    holder.unit.record(layout.CASE_EVENT, event))

    read(stage.intake, READ)
    answer = stage.through("GET_CASE", QUESTIONS, stage.intake.client, act.KIND_GET_CASE,
                           pb().GetCase(district=case.district, case_id=case.id))
    stage.checks.equal("the file is asked for again, and there once", len(
        answer.body.records), 1)
    step(stage.intake, act.CASE_ACKNOWLEDGE, STEP)
    step(stage.intake, act.CASE_ASSESS, STEP[-1:], risk=act.CASE_RISK_HIGH)
    step(stage.intake, act.CASE_ADD, GRANT, [*stage.handlers, (stage.health, MEMBER, 0)],
         grants=[(stage.health, MEMBER, [case.id])])
    read(stage.health, READ[-1:])
    members = [*stage.handlers, (stage.health, MEMBER, 0)]
    step(stage.intake, act.CASE_ACT, ("commit",), members)
    step(stage.intake, act.CASE_OUTCOME, ("after commit",), members,
         reply=case_tools.seal_reply("演示", case.payload.reply_public))
    step(stage.intake, act.CASE_CLOSE, ("commit", "after commit"), members)
    answer = stage.through("ASK_CASE_STATE", ("lookup_sha256 =",), stage.village,
                           act.KIND_ASK_CASE_STATE, pb().AskCaseState(lookup=case.code.lookup))
    stage.checks.equal("the reporter's code tells the end", answer.body.state,
                       act.CASE_STATE_CLOSED)
    return case


def check_exact(stage, case):
    checks, sql, act = stage.checks, stage.server.sql, pb()
    number = f"case_id = '\\x{case.id.hex()}'"
    checks.check("killed often", stage.kills >= 25, str(stage.kills))
    checks.equal("one case", sql("select count(*) from zhibao.case_report"), [["1"]])
    checks.equal("each step once, in order", [int(row[0]) for row in sql(
        f"select action from zhibao.case_event where {number} order by chain, batch, leaf")],
        [act.CASE_REPORT, act.CASE_ACKNOWLEDGE, act.CASE_ASSESS, act.CASE_ADD, act.CASE_ACT,
         act.CASE_OUTCOME, act.CASE_CLOSE])
    checks.equal("each reading once", [int(row[0]) for row in sql(
        f"select unit from zhibao.case_read where {number} order by chain, batch, leaf")],
        [stage.intake.unit.number, stage.health.unit.number])
    checks.equal("the piece once", sql(f"select count(*) from zhibao.case_piece where {number}"),
                 [["1"]])
    checks.equal("wrapped for whom it is", sql(
        f"select count(*) from zhibao.case_wrap where {number}"), [[str(2 + 1 + 2 * 2 + 4 * 3)]])
    checks.equal("every record once in the chain", sql(
        "select count(*), count(distinct id) from zhibao.registry_event where kind in (30, 32, 33,"
        " 46)"), [["10", "10"]])
    done = stage.server.audit()
    checks.check("the audit of all of it finds nothing", done.returncode == 0,
                 done.stdout + done.stderr)


def scenario(checks, workplace):
    stage = Stage(checks, workplace)
    check_exact(stage, live(stage))
    stage.close()
    checks.equal("zhibaod stops cleanly", stage.server.stop(), 0)


if __name__ == "__main__":
    harness.run(scenario)
