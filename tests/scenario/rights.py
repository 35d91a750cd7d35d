"""Who may do what, cell by cell: every role tries every action of proto/RIGHTS.md on a real server.

An empty cell is refused for the role, whatever else is wrong with what was sent; a marked one never
is. What a mark bounds is tried as well: its own, what lies below, and what lies elsewhere.
"""

import re

import harness
import layout
import plandata
from client import PROTO, pb
from harness import District, Server

ROLES = {
    "village": plandata.own_unit(plandata.villages()[0]),
    "township": plandata.own_unit(plandata.TOWNSHIP),
    "department": plandata.department("health"),
    "statistics": plandata.department("statistics"),
    "office": plandata.department("office"),
    "administrator": plandata.department("admin"),
    "auditor": plandata.department("auditor"),
}
OTHER = plandata.own_unit(plandata.villages()[1])  # of the same township
ELSEWHERE = 220300000000
DOOR = "the role of "  # how both refusals of the table begin
SECTIONS = {"看 · What is seen": "see", "问 · Questions": "ask", "做 · Records": "record"}
# the action's field of a payload, by record
FIELDS = {"REVIEW": ("verdict", "VERDICT"), "KEY": ("action", "KEY"), "TASK": ("action", "TASK"),
          "COMMENT": ("action", "COMMENT")}
PAYLOADS = {"KEY": "KeyChange", "PLAN": "PlanImport", "CARRIER": "CarrierGrant",
            "CASE_DIRECTORY": "CaseDirectoryRecord"}
# without sealed content these never come to what their author may
SEALED = {"CASE_REPORT", "CASE_PIECE"}
# what is asked of a place that the asker sees or not
PLACED = ("PULL", "FIGURES", "WARNINGS", "QUALITY", "AREAS", "EVALUATE", "RECONCILE", "AFFECTED",
          "LIST_KEYS", "EVENTS")


def table():
    """[(section, action, {role: mark})]"""
    rows, section = [], None
    for line in (PROTO / "RIGHTS.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = SECTIONS[line[3:]]
        elif section and re.match(r"\| [A-Z]", line):
            name, _, *marks = [cell.strip() for cell in line.strip("|").split("|")]
            rows.append((section, name, dict(zip(ROLES, [mark.split(" ")[-1] for mark in marks]))))
    return rows


def questions():
    """kind without KIND_ -> the message that asks it"""
    found = re.findall(r"KIND_(\w+) = \d+;\s*// (\w+) ->", (PROTO / "envelope.proto").read_text())
    return {kind: message for kind, message in found}


def fill(message, **fields):
    """Those of the fields that the message has."""
    for name, value in fields.items():
        if name in message.DESCRIPTOR.fields_by_name:
            setattr(message, name, value)
    return message


class Trial:
    def __init__(self, checks, district):
        self.checks = checks
        self.clients = {role: district.client(unit) for role, unit in ROLES.items()}
        self.messages = questions()

    def ask(self, role, kind, **fields):
        client = self.clients[role]
        message = fill(getattr(pb(), self.messages[kind])(), period=plandata.PERIOD, **fields)
        return client.ask(getattr(pb(), f"KIND_{kind}"), message)

    def record(self, role, action):
        """A record whose only merit is its author's role."""
        client, (kind, _, step) = self.clients[role], action.partition(" ")
        name = PAYLOADS.get(kind, "".join(word.title() for word in kind.split("_")))
        payload = fill(getattr(pb(), name)(head=client.unit.head()), period=plandata.PERIOD,
                       plan=plandata.PLAN, place=client.unit.place, subtree=client.unit.place,
                       unlock=step == "UNLOCK")
        for field in ("subject", "unit"):  # of a key, a grant, an address: its own
            if kind in ("KEY", "CARRIER", "CONTACT"):
                fill(payload, **{field: client.unit.number})
        if kind in FIELDS:
            field, prefix = FIELDS[kind]
            setattr(payload, field, getattr(pb(), f"{prefix}_{step}"))
        number = getattr(pb(), f"RECORD_{kind}")
        return client.submit(client.unit.record(number, payload))

    def is_door(self, answer):
        return answer.name == "E_FORBIDDEN" and answer.problems[0].en.startswith(DOOR)

    def check_cells(self):
        cells, wrong = 0, []
        for section, action, marks in table():
            for role, mark in marks.items():
                if section == "see" or action in SEALED:
                    continue
                answer = (self.ask(role, action) if section == "ask"
                          else self.record(role, action))
                cells += 1
                if self.is_door(answer) != (mark == ""):
                    wrong.append(f"{action} by {role} is {mark or 'empty'}: {answer}")
        self.checks.check(f"{cells} cells are what the page says", not wrong and cells > 450,
                          "\n".join(wrong))

    def places(self, role):
        """[(place, how it lies)]"""
        own = ROLES[role] // 1000
        below = {"village": OTHER // 1000, "township": OTHER // 1000}.get(role, plandata.TOWNSHIP)
        return (own, "own"), (below, "beside" if role == "village" else "below"), (ELSEWHERE, "else")

    def check_sights(self):
        """RESULTS and what is asked of a place, REPORTS of a unit: each bound from both sides."""
        sights = {action: marks for section, action, marks in table() if section == "see"}
        marks = {action: marks for _, action, marks in table()}
        within = {"own": ("own",), "below": ("own", "below"), "": (), "published": ()}
        for kind in PLACED:
            wrong = []
            for role in ROLES:
                for place, lies in self.places(role):
                    mark = marks[kind][role]
                    allowed = lies in within[mark]
                    answer = self.ask(role, kind, place=place)
                    if (answer.name != "E_FORBIDDEN") != allowed:
                        wrong.append(f"{role} ({mark}) of a place {lies}: {answer}")
            self.checks.check(f"{kind} reaches as far as it may", not wrong, "\n".join(wrong))
        wrong = []
        for role, mark in sights["REPORTS"].items():
            for unit, lies in ((ROLES[role], "own"), (OTHER, "below"), (ELSEWHERE * 1000 + 1, "else")):
                if role in ("village", "department") and lies == "below":
                    lies = "else"
                units = self.ask(role, "LIST_UNITS", place=unit // 1000).body
                seen = unit in [row.unit for row in getattr(units, "units", [])]
                if seen != (lies in within[mark]):
                    wrong.append(f"{role} ({mark}) of a unit {lies}: {units}"[:300])
        self.checks.check("units are listed to who sees their reports", not wrong, "\n".join(wrong))

    def check_auditor(self, server):
        """What it tried above left nothing; what the administrator sees it sees."""
        stored = server.sql(f"select count(*) from zhibao.registry_event where unit = "
                            f"{ROLES['auditor']} and kind <> {layout.KEY}")
        self.checks.equal("the auditor's attempts left nothing", stored, [["0"]])
        for kind in ("EVENTS", "LIST_KEYS"):
            answers = [self.ask(role, kind) for role in ("administrator", "auditor")]
            self.checks.equal(f"{kind}: the auditor sees what the administrator sees",
                              answers[0].body, answers[1].body)

    def check_rows(self, server):
        """Beneath the checks: what a question without any of them would be given."""
        village = self.clients["village"]
        village.must_store(layout.REPORT, harness.report(village.unit, period=2024))
        tables = [name for name, in server.sql(
            "select relname from pg_class where relnamespace = 'zhibao'::regnamespace"
            " and (relrowsecurity or relname in ('report_state', 'observation'))")]

        def seen(scope):
            """table -> rows of the district, seen by a session that was told `scope`"""
            return {name: int(server.sql(
                f"set role zhibao_query; {scope} select count(*) from zhibao.{name}"
                f" where district = {plandata.DISTRICT}"
                + (" and kind not between 30 and 52" if name == "registry_event" else ""))[-1][0])
                for name in tables}

        def told(first, last, others=""):
            return (f"set zhibao.district_first = '{first}'; set zhibao.district_last = '{last}';"
                    f" set zhibao.districts = '{{{others}}}';")
        own, city = plandata.DISTRICT, plandata.DISTRICT // 10**8 * 10**8
        whole = seen(told(0, 999999999999))
        self.checks.check("there is something to be seen", whole["report"] == 1
                          and whole["registry_event"] > 3 and len(tables) >= 12, whole)
        nothing = dict.fromkeys(tables, 0)
        for what, scope, expected in (
                ("its own district", told(own, own, "0"), whole),
                ("the city around it", told(city, city + 99999999), whole),
                ("a district named besides", told(ELSEWHERE, ELSEWHERE, f"0,{own}"), whole),
                ("another district", told(ELSEWHERE, ELSEWHERE, "0"), nothing),
                ("the next one", told(own + 10**6, own + 10**6), nothing),
                ("nothing said", "", nothing)):
            self.checks.equal(f"rows seen: {what}", seen(scope), expected)
        answer = village.ask(pb().KIND_TRACK, pb().Track())
        self.checks.equal("the village itself sees its report", len(answer.body.reports), 1)

    def close(self):
        for client in self.clients.values():
            client.close()


def scenario(checks, workplace):
    server = Server(workplace, enrol_approval="no").start()
    trial = Trial(checks, District(server))
    trial.check_cells()
    trial.check_sights()
    trial.check_auditor(server)
    trial.check_rows(server)
    trial.close()


if __name__ == "__main__":
    harness.run(scenario)
