"""Figures under suspicion: each kind of soft check refused without an explanation, with the whole
list; accepted with one; every kind of boilerplate refused; explanations seen all the way up.

The figures are 演示数据.
"""

import harness
import layout
import plandata
from client import pb
from harness import observations, report
from stage import Stage

BOYS, GIRLS, DIFFICULT, ON_FILE, TOWNSHIP_CHILDREN = 1, 2, 13, 16, 14
LISTED = "本乡惯例如此填写"  # in this server's own list of phrases
MOVED = "新建安置小区交付，12户迁入，孩子随父母落户"
FILED = "年底新认定1人，档案材料正在补办"
STAYED = "安置小区二期又交付6户，迁入人数与上年相近"


def sheet(unit, year, form="village", **cells):
    """The unit's usual figures of the year; cN=value changes cell N."""
    figures = plandata.village_figures(unit.place, year) if form == "village" \
        else plandata.TOWNSHIP_FIGURES
    columns = {cell: (cell, presence, value)
               for cell, presence, value in plandata.columns(form, figures)}
    for name, value in cells.items():
        columns[int(name[1:])] = (int(name[1:]), plandata.VALUE, float(value))
    return observations(sorted(columns.values()))


def usual(unit, cell, year):
    return next(value for number, _, value in plandata.columns(
        "village", plandata.village_figures(unit.place, year)) if number == cell)


def explained(**cells):
    return [pb().Explanation(cell=int(name[1:]), text=text) for name, text in cells.items()]


def submit(unit, year, form="village", explanations=(), revision=1, **cells):
    """A question that submits the unit's report of the year."""
    def ask(client):
        payload = report(unit, form=form, period=year, revision=revision,
                         observations=sheet(unit, year, form, **cells),
                         explanations=explanations)
        return client.submit(client.unit.record(layout.REPORT, payload))
    return ask


def stored(stage, what, client, ask):
    answer = ask(client)
    stage.checks.equal(f"{what}: stored", answer.kind, "KIND_RECEIPT")


def codes(answer):
    return sorted((problem.cell, problem.name) for problem in answer.problems) if answer else None


def check_change(stage):
    """2023 is usual; 2024 brings five times as many boys and a child without a file."""
    unit, client = stage.village.unit, stage.village
    jump = {"c1": usual(unit, BOYS, 2024) * 5}
    short = {"c16": usual(unit, ON_FILE, 2024) - 1}
    stored(stage, "a first year", client, submit(unit, 2023))
    answer = stage.refused("a year-on-year change", "E_EXPLAIN_CHANGE", submit(unit, 2024, **jump),
                           cell=BOYS, field="explanations", kinds=("KIND_REFUSAL",))
    stage.checks.check("the sentence says this year and last",
                       f"{jump['c1']:g}" in answer.problems[0].zh
                       and f"{usual(unit, BOYS, 2023):g}" in answer.problems[0].en,
                       answer.problems[0].zh)
    stage.refused("a relation to another figure", "E_EXPLAIN_RELATION",
                  submit(unit, 2024, **short), cell=ON_FILE, kinds=("KIND_REFUSAL",))
    answer = stage.refused("both at once", "E_EXPLAIN_RELATION",
                           submit(unit, 2024, **jump, **short), kinds=("KIND_REFUSAL",))
    stage.checks.equal("the whole list, one problem a cell", codes(answer),
                       [(BOYS, "E_EXPLAIN_CHANGE"), (ON_FILE, "E_EXPLAIN_RELATION")])
    answer = stage.refused("one of two explained", "E_EXPLAIN_CHANGE", submit(
        unit, 2024, explanations=explained(c16=FILED), **jump, **short), kinds=("KIND_REFUSAL",))
    stage.checks.equal("only the other is asked about", codes(answer),
                       [(BOYS, "E_EXPLAIN_CHANGE")])
    check_boilerplate(stage, unit, jump, short)
    stored(stage, "explained", client, submit(
        unit, 2024, explanations=explained(c1=MOVED, c16=FILED), **jump, **short))
    check_next_year(stage, unit, jump)


def check_boilerplate(stage, unit, jump, short):
    def said(text, **more):
        return submit(unit, 2024, explanations=explained(c1=text, **more), **jump, **short)

    for text in ("核实无误", "情况属实", "已核实", "同上", "无", " 核实无误。", "核实无误，情况属实，数据准确",
                 "ＯＫ", "哈哈哈哈哈哈哈哈哈", "Checked and correct.", LISTED):
        answer = stage.refused(f"“{text}”", "E_EXPLANATION_BOILERPLATE", said(text, c16=FILED),
                               cell=BOYS, kinds=("KIND_REFUSAL",))
        stage.checks.equal(f"“{text}”: nothing else is wrong", len(answer.problems), 1)
    for text in ("？", "搬来了一些户", "　搬　来　了　一　些　户　！！"):
        stage.refused(f"“{text}”", "E_EXPLANATION_SHORT", said(text, c16=FILED), cell=BOYS,
                      kinds=("KIND_REFUSAL",))
    stage.refused("repeated from another cell", "E_EXPLANATION_REPEATED",
                  said(MOVED, c16=f" {MOVED}。"), cell=ON_FILE, kinds=("KIND_REFUSAL",))
    answer = stage.refused("boilerplate, and a cell without any", (
        "E_EXPLANATION_BOILERPLATE", "E_EXPLAIN_RELATION"), said("核实无误"), kinds=("KIND_REFUSAL",))
    stage.checks.equal("both are told", codes(answer), [
        (BOYS, "E_EXPLANATION_BOILERPLATE"), (ON_FILE, "E_EXPLAIN_RELATION")])
    stage.refused("a cell explained twice", "E_CELL_ORDER", submit(
        unit, 2024, explanations=explained(c1=MOVED) + explained(c1=FILED), **jump), cell=BOYS,
        kinds=("KIND_REFUSAL",))


def check_next_year(stage, unit, jump):
    """Last year's words are not this year's; an amendment may say again what it said."""
    near = {"c1": jump["c1"] + 1}
    stage.refused("repeated from last year", "E_EXPLANATION_REPEATED", submit(
        unit, 2025, explanations=explained(c1=MOVED), **near), cell=BOYS, kinds=("KIND_REFUSAL",))
    stored(stage, "nothing to explain next year", stage.village, submit(unit, 2025, **near))
    stored(stage, "an amendment with the words of its first revision", stage.village, submit(
        unit, 2024, revision=2, explanations=explained(c1=MOVED), **jump))


def check_outlier(stage):
    """Three usual years, one explained jump, and a year that stays up there."""
    client = stage.district.client(stage.other_unit)
    unit = client.unit
    level = usual(unit, GIRLS, 2024)
    up = level + 5 * level ** 0.5 + 12
    for year in (2021, 2022, 2023):
        stored(stage, f"{year}", client, submit(unit, year))
    stored(stage, "2024 jumps, explained", client,
           submit(unit, 2024, explanations=explained(c2=MOVED), c2=round(up)))
    stage.refused("near last year and far from the years before", "E_EXPLAIN_OUTLIER",
                  submit(unit, 2025, c2=round(up) + 1), cell=GIRLS, kinds=("KIND_REFUSAL",),
                  client=client)
    stored(stage, "an outlier explained", client,
           submit(unit, 2025, explanations=explained(c2=STAYED), c2=round(up) + 1))
    client.close()


def scenario(checks, workplace):
    phrases = workplace.path / "phrases.txt"
    own = (harness.ROOT / "deploy/checks/boilerplate.txt").read_text(encoding="utf-8")
    phrases.write_text(f"{own}\n# 本地 ours\n{LISTED}\n", encoding="utf-8")
    phrases.chmod(0o644)
    stage = Stage(checks, workplace, boilerplate=phrases)
    check_change(stage)
    check_outlier(stage)
    stage.close()


if __name__ == "__main__":
    harness.run(scenario)
