"""Who takes part in the small round of 鹿寨县, and the command lines that they use."""

import time

import plandata
from client import enrolled_client
from harness import Cli, Server
from sheet import filled, parse

YEAR = plandata.PERIOD
VILLAGES = plandata.villages()
SILENT = VILLAGES[-1]         # never reports
RETURNED = VILLAGES[2]        # is returned once
OFFLINE = VILLAGES[3]         # reports while the server is down
LATE_AMENDER = VILLAGES[4]    # amends after its report was accepted
TOWNSHIP = plandata.own_unit(plandata.TOWNSHIP)
DEPARTMENTS = ("court", "police")
STATE_WITHIN_S = 60


class Round:
    def __init__(self, checks, workplace, clock=None):
        """`clock`: where a clock that can be moved stands at first."""
        self.checks = checks
        self.workplace = workplace
        self.server = Server(workplace)
        if clock is not None:
            self.server.with_clock(clock)
        self.server.start()
        self.homes = {}
        self.templates = {}
        self.submitted = {}  # (form, place) -> {cell: value}: the revision that counts
        self.admin = self.home("admin")
        self.ran(self.admin, "enrol", self.server.first_code())
        self.ran(self.admin, "plan", "import", plandata.PLANS / plandata.PLAN)

    def home(self, name):
        self.homes[name] = Cli(self.workplace, name)
        return self.homes[name]

    def ran(self, cli, *arguments, code=0, **options):
        """Runs a command and checks its exit code; returns the finished process."""
        done = cli(*arguments, **options)
        shown = " ".join(str(argument) for argument in arguments[:3] if len(str(argument)) < 60)
        self.checks.check(f"{cli.home.name}: zhibao {shown} exits {code}", done.returncode == code,
                          f"{done.returncode}: {done.stdout[-600:]}{done.stderr[-600:]}")
        return done

    def codes(self, units):
        done = self.ran(self.admin, "admin", "codes", "--unit",
                        ",".join(text_of(unit) for unit in units), "--format", "csv")
        return [row["code"] for row in sorted(parse(done.stdout), key=lambda row: row["unit"])]

    def enrol(self, units):
        """units: name -> unit number. Enrols a home for each."""
        ordered = sorted(units.items(), key=lambda item: text_of(item[1]))
        for (name, _), code in zip(ordered, self.codes([unit for _, unit in ordered])):
            self.ran(self.home(name), "enrol", code)

    def client(self, unit):
        """A second key of a unit, for questions that the command line does not ask."""
        return enrolled_client(self.codes([unit])[0])

    def template(self, name, form):
        if form not in self.templates:
            path = self.workplace.path / f"template-{form}.csv"
            self.ran(self.homes[name], "form", "--template", "csv", "-o", path, lang="zh")
            self.templates[form] = path.read_text(encoding="utf-8")
        return self.templates[form]

    def sheet(self, name, form, place, values):
        """Writes the filled-in file and remembers what it says."""
        path = self.workplace.path / f"{name}.csv"
        path.write_text(filled(self.template(name, form), form, values), encoding="utf-8")
        self.submitted[form, place] = {
            cell: value if presence == plandata.VALUE else None
            for cell, presence, value in plandata.columns(form, values)}
        return path

    def submit(self, name, form, place, values, code=0):
        return self.ran(self.homes[name], "submit", self.sheet(name, form, place, values), "--year",
                        YEAR, "--demo", code=code)

    def track(self, name, *more):
        done = self.ran(self.homes[name], "track", "--year", YEAR, "--format", "csv", *more)
        return parse(done.stdout)

    def states(self, name, *more):
        """revision -> state of this home's own reports."""
        return {int(row["revision"]): row["state"] for row in self.track(name, *more)
                if row["kind"] == "report"}

    def wait_checked(self, name, count):
        """What waits for this reviewer, once all signatures have been looked at."""
        end = time.monotonic() + STATE_WITHIN_S
        while True:
            rows = parse(self.homes[name]("pending", "--format", "csv").stdout)
            settled = all(row["state"] != "stored" for row in rows)
            if (len(rows) >= count and settled) or time.monotonic() > end:
                return rows


def text_of(unit):
    """450223101201000 as people write it: 450223101201, 450223000000:17."""
    place, number = divmod(unit, 1000)
    return f"{place:012}" + (f":{number}" if number else "")


def village_name(place):
    return f"v{place % 1000:03}"
