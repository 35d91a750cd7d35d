"""The stage on which bad input is given: a district, a village that misbehaves, a neighbour."""

import re

import layout
import plandata
from client import Client, Silence, pb
from harness import District, Neighbour, Server, report

CHINESE = re.compile(r"[\u4e00-\u9fff]")


def names_cell(sentence, number):
    """By its number, by its element's name, or by the name of an indicator made from it."""
    if re.search(rf"(?<!\d){number}(?!\d)", sentence):
        return True
    element = next((cell.element for cell in plandata.forms()["village"]
                    if cell.number == number), None)
    named = [row for row in plandata.catalogue("elements") if row["element"] == element]
    named += [row for row in plandata.catalogue("indicators")
              if element in re.findall(r"\w+", row["numerator"])]
    return any(row[name] in sentence for row in named for name in ("name_zh", "name_en"))


class Stage:
    def __init__(self, checks, workplace, clock=None, **options):
        self.checks = checks
        self.server = Server(workplace, **options)
        if clock is not None:
            self.server.with_clock(clock)
        self.server.start()
        self.district = District(self.server)
        places = plandata.villages()
        self.village = self.district.client(plandata.own_unit(places[0]))
        self.other_unit = plandata.own_unit(places[1])
        self.statistics = self.district.client(plandata.department("statistics"))
        other = self.district.client(self.other_unit)
        self.neighbour = Neighbour(other.endpoint, other.server_curve, other.unit)
        other.close()
        self.neighbour.start()

    def prove_figures_good(self):
        """What the bad reports differ from is accepted."""
        payload = report(self.village.unit)
        answer = self.village.submit(self.village.unit.record(layout.REPORT, payload))
        self.checks.equal("a good report gets a receipt", answer.kind, "KIND_RECEIPT")

    def lock(self, period):
        """The statistics department locks a period of the plan."""
        self.statistics.must_store(layout.LOCK, pb().Lock(
            head=self.statistics.unit.head(), plan=plandata.PLAN, place=plandata.DISTRICT,
            period=period))

    def close(self):
        self.neighbour.stop()
        for client in (self.village, self.statistics, self.district.root):
            client.close()

    def faults(self, answer, names, field, cell, kinds):
        """What is wrong with an answer to bad input, as a list of sentences."""
        if answer.error is None:
            return [f"answered with {answer.kind}"]
        problem, found = answer.problems[0], []
        if problem.name not in names:
            found.append(f"{problem.name} instead of {' or '.join(names)}")
        if answer.kind not in kinds:
            found.append(f"{answer.kind} instead of {' or '.join(kinds)}")
        if not CHINESE.search(problem.zh):
            found.append(f"no sentence in Chinese: {problem.zh!r}")
        if not re.search("[a-z]", problem.en) or CHINESE.search(problem.en):
            found.append(f"no sentence in English: {problem.en!r}")
        if field is not None and not problem.field.startswith(field):
            found.append(f"field {problem.field!r} instead of {field!r}")
        if cell is not None and problem.cell != cell:
            found.append(f"cell {problem.cell} instead of {cell}")
        if cell and not (names_cell(problem.zh, cell) and names_cell(problem.en, cell)):
            found.append(f"sentences do not name cell {cell}: {problem.zh} / {problem.en}")
        return found

    def refused(self, what, names, ask, field=None, cell=None,
                kinds=("KIND_REFUSAL", "KIND_ERROR"), client=None):
        """Asks; checks the error, that nothing was stored, and that nobody was harmed."""
        client = client or self.village
        names = (names,) if isinstance(names, str) else names
        before = self.server.row_counts()
        try:
            answer = ask(client)
        except Silence as silence:
            self.checks.check(f"{what}: answered", False, silence)
            client.reconnect()
            return None
        found = self.faults(answer, names, field, cell, kinds)
        self.checks.check(f"{what}: {answer.name}", not found, "; ".join(found))
        self.unharmed(what, before, client)
        return answer

    def unharmed(self, what, before, client=None):
        """Nothing stored since `before`; this connection and the neighbour's are served."""
        client = client or self.village
        found = []
        after = self.server.row_counts()
        if after != before:
            changed = [name for name in after if after[name] != before.get(name)]
            found.append(f"rows changed in {', '.join(changed)}")
        if not self.server.is_running():
            found.append("zhibaod is gone")
        else:
            served = client.ping()
            if served.kind != "KIND_PONG" and served.name not in ("E_KIND", "E_KEY_PENDING"):
                found.append(f"this connection gets {served}")
            if not self.neighbour.is_well():
                found.append(f"the neighbour is not served: {self.neighbour.trouble or 'slowly'}"
                             f" {self.neighbour.slowest_s:.1f} s")
        self.checks.check(f"{what}: nothing stored, nobody harmed", not found, "; ".join(found))

    def another(self, unit=None):
        """One more connection of the misbehaving village."""
        return Client(self.village.endpoint, self.village.server_curve, unit or self.village.unit,
                      self.village.pinned)
