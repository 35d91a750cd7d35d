"""The made-up district that benchmarks report into: a plan with one form of 60 figures, villages by
the thousand, keys put straight into the registry. 演示数据 throughout.
"""

import csv
import io
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "scenario"))
import harness  # noqa: E402
import layout  # noqa: E402
import plandata  # noqa: E402
from client import enrolled_client, pb  # noqa: E402

PLAN, FORM = "bench", "village"
DISTRICT = 990101000000
CELLS = 60
FIRST_PERIOD, PERIODS = 2021, 5


def table(header, rows):
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(header.split(","))
    writer.writerows(rows)
    return text.getvalue().encode()


def townships(count):
    return [DISTRICT + (100 + i) * 1000 for i in range(count)]


def counted_elements():
    """The elements that the form asks for: the catalogue's first counts."""
    return [row["element"] for row in plandata.catalogue("elements")
            if row["type"] == "count"][:CELLS]


def district_places(township_count, villages_each):
    places = [(990000000000, "演示省", "province", "", 2021, ""),
              (990100000000, "演示市", "city", 990000000000, 2021, ""),
              (DISTRICT, "演示县", "district", 990100000000, 2021, "")]
    for township in townships(township_count):
        places.append((township, f"演示乡{township // 1000 % 1000}", "township", DISTRICT, 2021, ""))
        places += [(township + 1 + i, f"演示村{i}", "village", township, 2021, "")
                   for i in range(villages_each)]
    return places


def plan_files(plan, place, places):
    """A plan of that place with the one form, and of the catalogue what every plan needs."""
    header = {name: (plandata.PLANS / plandata.PLAN / f"{name}.csv").read_text(
        encoding="utf-8").splitlines()[0].lstrip("\ufeff")
        for name in ("plan", "places", "units", "forms", "cells", "targets", "duties", "facts")}
    def filled(name, **values):
        return [values.get(column, "") for column in header[name].split(",")]
    yield "plan.csv", table(header["plan"], [filled(
        "plan", plan=plan, place=place, name_zh="规划（演示数据）", name_en="Benchmark plan",
        first_year=FIRST_PERIOD, last_year=2030, status="draft", source="演示数据")])
    yield "places.csv", table(header["places"], places)
    yield "units.csv", table(header["units"], [
        (place, code, code, f"演示{code}", f"Benchmark {code}")
        for code in ("statistics", "office")])
    yield "forms.csv", table(header["forms"], [filled(
        "forms", form=FORM, version=1, reporter="village", title_zh="演示报表", title_en="Benchmark form",
        opens="01-01", due="12-31 24:00", valid_until="2031-06-30")])
    yield "cells.csv", table(header["cells"], [
        filled("cells", form=FORM, cell=number, element=element)
        for number, element in enumerate(counted_elements(), 1)])
    for name in ("targets", "duties", "facts"):
        yield f"{name}.csv", table(header[name], [])


def whole_catalogue():
    for path in sorted((plandata.PLANS / "catalogue").glob("*.csv")):
        if path.name != "checks.csv":
            yield f"catalogue/{path.name}", path.read_bytes()
    checks = (plandata.PLANS / "catalogue" / "checks.csv").read_bytes()
    yield "catalogue/checks.csv", checks.splitlines(keepends=True)[0]


def least_catalogue():
    """What the form is made of alone: of thousands of plans each has a copy."""
    wanted = set(counted_elements())
    for path in sorted((plandata.PLANS / "catalogue").glob("*.csv")):
        lines = path.read_bytes().splitlines(keepends=True)
        if path.name == "elements.csv":
            lines = lines[:1] + [line for line in lines[1:]
                                 if line.split(b",", 1)[0].decode() in wanted]
        elif path.name != "departments.csv":
            lines = lines[:1]
        yield f"catalogue/{path.name}", b"".join(lines)


class World:
    """A running aggregator with the bench plan, and the file that zhibao-bench reads."""

    def __init__(self, workplace, township_count=90, villages_each=100, **options):
        self.workplace = workplace
        self.server = harness.Server(workplace, **{"rollups": "yes", "key_answer_mb": 8192,
                                                     **options})
        self.server.start()
        self.root = enrolled_client(self.server.first_code())
        payload = pb().PlanImport(head=self.root.unit.head(), plan=PLAN)
        # one township more than reports flow from: its villages are for bench.village_home
        for name, content in [*plan_files(PLAN, DISTRICT, district_places(
                township_count + 1, villages_each)), *whole_catalogue()]:
            payload.files.add(name=name, content=content)
        self.root.must_store(layout.PLAN, payload, timeout_s=600)
        self.spare = iter(range(townships(township_count + 1)[-1] + 1, 10**12))
        self.path = workplace.path / "world"
        self._write(township_count, villages_each)
        self._keys()
        self.sent = 0  # reports prepared so far: the next run begins at the next multiple

    def _write(self, township_count, villages_each):
        code = layout.parse_enrol_code(self.code(DISTRICT * 1000 + 2))
        lines = [f"endpoint {self.server.endpoint}",
                 f"server_transport {code.curve.hex()}",
                 f"server_sign {code.sign.hex()}", f"plan {PLAN}", f"form {FORM}",
                 "form_version 1", f"cells {CELLS}", f"first_period {FIRST_PERIOD}",
                 f"periods {PERIODS}"]
        for township in townships(township_count):
            lines.append(f"carrier {township * 1000}")
            lines += [f"village {(township + 1 + i) * 1000}" for i in range(villages_each)]
        self.path.write_text("\n".join(lines) + "\n")
        self.series = township_count * villages_each * PERIODS

    def code(self, unit):
        answer = self.root.ask(pb().KIND_ENROL_CODES, pb().EnrolCodes(units=[unit]))
        return self.root.must("KIND_ENROL_CODES_ISSUED", answer).codes[0].code

    def bench(self, command, *arguments):
        """zhibao-bench COMMAND, not yet awaited."""
        return subprocess.Popen(
            [str(self.workplace.build / "bin" / "zhibao-bench"), command,
             *[str(argument) for argument in arguments]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def _keys(self):
        rows = self.bench("keys", "--world", self.path).communicate()[0]
        self.psql("copy zhibao.unit_key (key_id, unit, algorithm, sign_public,"
                  " transport_public, encrypt_public, status) from stdin", rows)

    def psql(self, statement, stdin=None):
        """What psql prints, asked of the private cluster as its superuser."""
        done = subprocess.run(
            [harness.PSQL, "-X", "-q", "-At", "-v", "ON_ERROR_STOP=1", "-h",
             str(self.server.data / "run"), "-d", "zhibao", "-U", "postgres", "-c", statement],
            input=stdin, stdin=None if stdin is not None else subprocess.DEVNULL,
            capture_output=True, text=True, check=False, user=self.workplace.user, cwd="/")
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr.strip()}")
        return done.stdout.strip()

    def next_first(self, count):
        """The number of the first of `count` new reports."""
        first = self.sent
        self.sent += -(-count // self.series) * self.series
        return first
