"""Figures under suspicion: each kind of soft check refused without an explanation, with the whole
list; accepted with one; every kind of boilerplate refused; explanations seen all the way up.

The figures are 演示数据.
"""

import harness
import layout
import plandata
from client import pb
from harness import observations, report
from sheet import filled, parse
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
    return jump


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


def accept(stage, client, author, period, revision=1):
    """The reviewer accepts a report that is stored."""
    row = stage.server.sql(
        f"select encode(id, 'hex'), encode(payload_sha256, 'hex') from zhibao.report"
        f" where unit = {author} and period = {period} and revision = {revision}")[0]
    client.must_store(layout.REVIEW, pb().Review(
        head=client.unit.head(), subject_kind=pb().RECORD_REPORT, verdict=pb().VERDICT_ACCEPT,
        subject=pb().RecordRef(unit=author, id=bytes.fromhex(row[0]),
                               payload_sha256=bytes.fromhex(row[1]))))


def ask(client, kind, message, answer):
    return client.must(answer, client.ask(kind, message))


def wait_checked(stage, client, count):
    """What waits for this reviewer once its signatures have been looked at."""
    while True:
        items = ask(client, pb().KIND_PENDING, pb().Pending(period=2024),
                    "KIND_PENDING_ITEMS").items
        if len(items) >= count and all(item.state != pb().STATE_STORED for item in items):
            return items


def words(explained):
    return sorted((one.unit, one.cell, one.text) for one in explained)


def check_upward(stage, township, jump):
    """Every level sees the explanation beside the figure; the amendment that was silent about a
    cell has lost nothing."""
    checks, unit = stage.checks, stage.village.unit
    items = wait_checked(stage, township, 2)
    mine = next(item for item in items if item.record.unit == unit.number)
    said = [(unit.number, BOYS, MOVED), (unit.number, ON_FILE, FILED)]
    checks.equal("the township sees each explanation", words(mine.explained), said)
    checks.equal("with the figure", [one.value for one in mine.explained if one.cell == BOYS],
                 [jump["c1"]])
    checks.equal("and the revision that said so", [one.revision for one in mine.explained], [2, 1])
    for author, revision in ((unit.number, 2), (stage.other_unit, 1)):
        accept(stage, township, author, 2024, revision)
    tracked = ask(stage.village, pb().KIND_TRACK, pb().Track(period=2024), "KIND_TRACKED").reports
    checks.equal("and the village's own track", [words(report.explained) for report in tracked
                                                 if report.revision == 2], [said])
    said.append((stage.other_unit, GIRLS, MOVED))
    total = ask(township, pb().KIND_TOTAL, pb().GetTotal(form="village", period=2024),
                "KIND_TOTAL_REPLY")
    checks.equal("so does its total", words(total.explained), sorted(said))
    check_villages(stage, township, total)
    township.must_store(layout.CONFIRMATION, pb().Confirmation(
        head=township.unit.head(), plan=total.plan, form=total.form, period=total.period,
        form_version=total.form_version, revision=total.next_revision, reports=total.reports,
        totals=total.totals, reporters=total.reporters, missing=total.missing,
        demonstration=total.demonstration))
    items = wait_checked(stage, stage.statistics, 2)
    confirmed = next(item for item in items if item.kind == pb().RECORD_CONFIRMATION)
    checks.equal("statistics sees what the total's villages explain", words(confirmed.explained),
                 sorted(said))
    office = stage.district.client(plandata.department("office"))
    pulled = ask(office, pb().KIND_PULL, pb().Pull(
        place=plandata.DISTRICT, period=2024, indicator="difficult_file_rate"), "KIND_PULLED")
    found = [words(row.explained) for row in pulled.indicators if row.explained_count]
    checks.check("the office finds it beside the indicator",
                 any((unit.number, ON_FILE, FILED) in row for row in found), found)
    office.close()


def check_villages(stage, township, total):
    """The township's own count against what its accepted villages make."""
    unit = township.unit
    # what the villages make: the sum of the cells of children_resident
    makes = sum(value for cell, value in zip(total.totals.cell, total.totals.value)
                if 1 <= cell <= 10)
    off = {"c14": makes + 3}
    answer = stage.refused("a township that differs from its villages", "E_EXPLAIN_VILLAGES",
                           submit(unit, 2024, "township", **off), cell=TOWNSHIP_CHILDREN,
                           kinds=("KIND_REFUSAL",), client=township)
    stage.checks.check("the sentence says both", f"{makes:g}" in answer.problems[0].zh
                       and f"{makes + 3:g}" in answer.problems[0].zh, answer.problems[0].zh)
    previous = ask(township, pb().KIND_GET_PREVIOUS, pb().GetPrevious(form="township", period=2024),
                   "KIND_PREVIOUS")
    stage.checks.equal("GET_PREVIOUS tells the sum", [
        (one.cell, one.sum, one.reports) for one in previous.sums], [(TOWNSHIP_CHILDREN, makes, 2)])
    stored(stage, "explained", township, submit(
        unit, 2024, "township", explanations=explained(c14="另有3名儿童在乡镇中心校寄宿，户口未迁"), **off))


def check_previous(stage, jump):
    """What a unit can ask about its own earlier years, and nobody else's."""
    unit = stage.village.unit
    previous = ask(stage.village, pb().KIND_GET_PREVIOUS,
                   pb().GetPrevious(form="village", period=2025), "KIND_PREVIOUS")
    stage.checks.equal("the years before, the newest first",
                       [(year.period, year.revision) for year in previous.years],
                       [(2024, 2), (2023, 1)])
    stage.checks.equal("last year's figure", previous.years[0].observations.value[0], jump["c1"])
    stage.checks.equal("last year's words", sorted(
        (one.cell, one.text) for one in previous.years[0].explanations),
        [(BOYS, MOVED), (ON_FILE, FILED)])
    stage.checks.check("the server's own phrases", LISTED in previous.boilerplate)
    answer = stage.village.ask(pb().KIND_GET_PREVIOUS, pb().GetPrevious(
        form="village", period=2025, unit=stage.other_unit))
    stage.checks.equal("not of another village", answer.name, "E_FORBIDDEN")


def check_command_line(stage, workplace):
    """zhibao check and submit show what is asked, take the reason from the sheet."""
    cli = harness.Cli(workplace, "desk")
    place = plandata.villages()[2]
    code = stage.district.codes(plandata.own_unit(place))[0]
    stage.checks.equal("enrolled", cli("enrol", code).returncode, 0)
    template = cli("form", "--template", "csv", lang="zh").stdout
    path = workplace.path / "desk.csv"

    def write(changes=None, reasons=None):
        text = filled(template, "village", plandata.village_figures(place, 2024), changes)
        lines = text.splitlines()
        for cell, reason in (reasons or {}).items():
            lines[cell] += reason  # the last column
        path.write_text("\r\n".join(lines) + "\r\n", encoding="utf-8")

    write()
    stage.checks.equal("a first year by hand", cli(
        "submit", path, "--year", 2023, "--demo").returncode, 0)
    write({GIRLS: "400"})
    done = cli("check", path, "--year", 2024, lang="zh")
    stage.checks.check("check asks about the change", done.returncode == 2
                       and "E_EXPLAIN_CHANGE" in done.stderr and "上年" in done.stderr
                       and "400" in done.stderr, done.stdout + done.stderr)
    rows = parse(cli("check", path, "--year", 2024, "--format", "csv").stdout)
    stage.checks.equal("as rows", [(row["cell"], row["code"]) for row in rows],
                       [(str(GIRLS), "E_EXPLAIN_CHANGE")])
    write({GIRLS: "400"}, {GIRLS: LISTED})
    done = cli("submit", path, "--year", 2024, "--demo")
    stage.checks.check("submit refuses what the server's list holds", done.returncode == 2
                       and "E_EXPLANATION_BOILERPLATE" in done.stderr, done.stderr)
    write({GIRLS: "400"}, {GIRLS: MOVED})
    done = cli("submit", path, "--year", 2024, "--demo")
    stage.checks.equal("submit takes the reason from the sheet", done.returncode, 0)


def scenario(checks, workplace):
    phrases = workplace.path / "phrases.txt"
    own = (harness.ROOT / "deploy/checks/boilerplate.txt").read_text(encoding="utf-8")
    phrases.write_text(f"{own}\n# 本地 ours\n{LISTED}\n", encoding="utf-8")
    phrases.chmod(0o644)
    stage = Stage(checks, workplace, boilerplate=phrases)
    jump = check_change(stage)
    check_outlier(stage)
    check_previous(stage, jump)
    check_command_line(stage, workplace)
    township = stage.district.client(plandata.own_unit(plandata.TOWNSHIP))
    check_upward(stage, township, jump)
    township.close()
    stage.close()


if __name__ == "__main__":
    harness.run(scenario)
