"""四平市 and its five districts and counties: six servers. The city has the plan as the folder has it,
down to the districts, with their form `district`. Each county reports its consolidation to the city, is cut off from it for a while and killed; at the end the city's figures are the sum of the five.
"""

import csv
import io
import os
import random
import shutil
import socket
import threading
import time
from datetime import datetime, timezone

import escalations
import harness
import layout
import plandata
from client import enrolled_client, pb
from harness import Cli, Server
from listeners import Hook

plandata.PLAN = "siping"
CITY, YEAR = 220300000000, 2025
FORMS = ("village", "township", "civil_affairs")
COUNTIES = (220302000000, 220303000000, 220322000000, 220323000000, 220382000000)
WITHIN_S = 60
REASON = "与去年相差过大，请核对"
LATE = 0  # number of the county that has a task overdue: its clock and the city's move
TOLD = 2  # number of the county that is told by webhook
SAID = "演示：本村新建易地搬迁安置点一处，住户随之迁入"
FOLDER = plandata.PLANS / plandata.PLAN


def text(name, keep):
    """A file of the plan with the rows that `keep` wants, as CSV."""
    with open(FOLDER / name, encoding="utf-8", newline="") as file:
        found = csv.DictReader(file)
        out = io.StringIO()
        writer = csv.DictWriter(out, found.fieldnames, lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in found if keep(row))
    return out.getvalue().encode()


def city_cells():
    """[(cell, element, stratum)] of the form that districts fill in."""
    return [(cell.number, cell.element, cell.stratum) for cell in plandata.forms()["district"]]


def plan_files(places, units, forms, cells):
    files = {"plan.csv": text("plan.csv", lambda row: True),
             "places.csv": text("places.csv", lambda row: int(row["place"]) in places),
             "units.csv": text("units.csv", units),
             "targets.csv": text("targets.csv", lambda row: True),
             "facts.csv": text("facts.csv", lambda row: True),
             "duties.csv": text("duties.csv", lambda row: False),
             "forms.csv": forms, "cells.csv": cells}
    shared = {f"catalogue/{path.name}": path.read_bytes()
              for path in (plandata.PLANS / "catalogue").glob("*.csv")}
    return files | shared


def county_places(county):
    """A township of the county and its first two villages in the countryside."""
    rows = plandata.rows(FOLDER / "places.csv")
    for row in rows:
        if row["level"] != "township" or int(row["parent"]) != county:
            continue
        villages = [int(v["place"]) for v in rows if v["parent"] == row["place"]
                    and plandata.area(int(v["place"])) == "rural"]
        if len(villages) >= 2:
            return int(row["place"]), villages[:2]
    raise LookupError(county)


def import_plan(root, files):
    payload = pb().PlanImport(head=root.unit.head(), plan=plandata.PLAN)
    for name, content in sorted(files.items()):
        payload.files.add(name=name, content=content)
    root.must_store(layout.PLAN, payload)


def enrol(root, unit):
    answer = root.ask(pb().KIND_ENROL_CODES, pb().EnrolCodes(units=[unit]))
    return enrolled_client(root.must("KIND_ENROL_CODES_ISSUED", answer).codes[0].code)


class Proxy(threading.Thread):
    """Carries bytes to the city until it is cut; then it refuses and drops what it had."""

    def __init__(self, target):
        super().__init__(daemon=True)
        host, port = target.removeprefix("tcp://").split(":")
        self.target = (host, int(port))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        self.is_cut = False
        self.open = []
        self.start()

    def run(self):
        while True:
            near, _ = self.listener.accept()
            try:
                far = None if self.is_cut else socket.create_connection(self.target)
            except OSError:
                far = None
            if far is None:
                near.close()
                continue
            self.open += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self.carry, args=(source, sink), daemon=True).start()

    @staticmethod
    def carry(source, sink):
        try:
            while data := source.recv(65536):
                sink.sendall(data)
        except OSError:
            pass
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def cut(self, is_cut=True):
        self.is_cut = is_cut
        while is_cut and self.open:
            try:
                self.open.pop().shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


class County:
    def __init__(self, workplace, city, place, **options):
        self.place = place
        self.name = str(place)[:6]
        self.unit = place * 1000 + 1
        self.township, self.villages = county_places(place)
        self.proxy = Proxy(city.server.endpoint)
        self.figures, self.others = {}, {}
        home = Cli(workplace, f"uplink-{self.name}")
        answer = city.root.ask(pb().KIND_ENROL_CODES, pb().EnrolCodes(units=[self.unit]))
        code = city.root.must("KIND_ENROL_CODES_ISSUED", answer).codes[0].code
        done = home("enrol", code)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        if workplace.user:
            os.chmod(home.home.parent, 0o755)
            for path in (home.home, *home.home.rglob("*")):
                shutil.chown(path, workplace.user)
        self.server = Server(workplace, self.name, uplink_home=home.home, uplink_interval_s=1,
                             uplink_server=self.proxy.endpoint, workers=1, query_threads=1,
                             **options)
        self.clock = None

    def begin(self):
        if self.clock is not None:
            self.server.with_clock(self.clock)
        self.server.start()
        places = {220000000000, CITY, self.place, self.township, *self.villages}
        self.root = enrolled_client(self.server.first_code())
        import_plan(self.root, plan_files(
            places, lambda row: int(row["place"]) == self.place,
            text("forms.csv", lambda row: row["form"] in FORMS),
            text("cells.csv", lambda row: row["form"] in FORMS)))
        self.people = {unit: enrol(self.root, unit) for unit in (
            self.unit, self.township * 1000, *(place * 1000 for place in self.villages))}

    def report_others(self, hotline):
        """The township's own form, and the civil affairs bureau's, to the county's statistics."""
        done = {"township": {**plandata.TOWNSHIP_FIGURES, "child_activity_centre": 1,
                             "vaccination_done": 5000 + self.place // 1000000 % 100}}
        unit = self.place * 1000 + plandata.department_numbers()["civil_affairs"]
        self.people[unit] = enrol(self.root, unit)
        done["civil_affairs"] = {"county_protection_staff": 1, "protection_hotline": hotline,
                                 "child_service_orgs": 4, "orphan_standard": 1500}
        statistics, kinds = self.people[self.unit], []
        for form, author in (("township", self.township * 1000), ("civil_affairs", unit)):
            client = self.people[author]
            payload = harness.report(client.unit, form, done[form])
            client.must_store(layout.REPORT, payload)
            kinds.append(self.accept(statistics, payload))
            self.others[form] = plandata.columns(form, done[form])
        return kinds

    def report(self, number, factor, revision=1, said=""):
        """A village reports, with `said` of its first figure, and its township accepts."""
        place = self.villages[number]
        figures = {key: value * factor if key != "child_director" and value not in (0, 1) else value
                   for key, value in plandata.village_figures(place).items()}
        figures |= {"children_home_hours": 20} if "children_home_hours" in figures else {}
        village, township = self.people[place * 1000], self.people[self.township * 1000]
        payload = harness.report(village.unit, figures=figures, revision=revision)
        if said:
            payload.explanations.add(cell=payload.observations.cell[0], text=said)
        village.must_store(layout.REPORT, payload)
        self.figures[place] = plandata.columns("village", figures)
        return self.accept(township, payload)

    @staticmethod
    def accept(who, payload):
        data = payload.SerializeToString(deterministic=True)
        record = who.unit.record(layout.REVIEW, pb().Review(
            head=who.unit.head(), subject_kind=layout.REPORT, verdict=pb().VERDICT_ACCEPT,
            subject=pb().RecordRef(unit=payload.head.unit, id=payload.head.id,
                                   payload_sha256=layout.digest(data))))
        return who.submit_checked(record).kind

    def sums(self):
        """What the city should have of this county: cell -> sum; of yes/no questions, how many yes."""
        found = {}
        reports = [("village", plandata.area(place), figures)
                   for place, figures in self.figures.items()]
        reports += [(form, "", figures) for form, figures in self.others.items()]
        for cell, element, stratum in city_cells():
            for form, area, figures in reports:
                asked = "" if stratum.startswith("area=") else stratum
                numbers = {number for number, asks in (
                    (own.number, (own.element, own.stratum)) for own in plandata.forms()[form])
                    if asks == (element, asked)}
                if stratum.startswith("area=") and stratum != f"area={area}":
                    continue
                for at, presence, value in figures:
                    if at in numbers and presence == plandata.VALUE:
                        found[cell] = found.get(cell, 0) + value
        return found

    def told(self):
        people = self.people[self.unit]
        answer = people.ask(pb().KIND_UPLINK, pb().Uplink())
        return people.must("KIND_UPLINK_REPLY", answer).rows

    def kill(self):
        self.server.kill()
        self.server.start()
        for client in (self.root, *self.people.values()):
            client.reconnect()


class City:
    def __init__(self, workplace):
        self.server = Server(workplace, "city", workers=1)
        self.server.with_clock(datetime.now(timezone.utc)).start()
        self.root = enrolled_client(self.server.first_code())
        admin = Cli(workplace, "city-admin")
        for arguments in (("enrol", self.server.first_code()),
                          ("plan", "import", FOLDER, "--districts")):
            done = admin(*arguments)
            if done.returncode != 0:
                raise RuntimeError(done.stderr)
        self.statistics = enrol(self.root, CITY * 1000 + 1)

    def newest(self):
        """county -> (revision, cell -> value) of the newest report there is."""
        rows = self.server.sql(
            "select distinct on (r.unit) r.unit / 1000, r.revision, o.c, o.v from zhibao.report r,"
            " lateral (select string_agg(c::text, ',' order by c) as c,"
            " string_agg(v::text, ',' order by c) as v from unnest(r.cell, r.presence, r.value)"
            " as u (c, p, v) where p = 1) o order by r.unit, r.revision desc")
        return {int(place): (int(revision), dict(zip(map(int, cells.split(",")),
                                                     map(float, values.split(",")))))
                for place, revision, cells, values in rows}

    def review(self, verdict, places, reason=""):
        waiting = self.statistics.must("KIND_PENDING_ITEMS", self.statistics.ask(
            pb().KIND_PENDING, pb().Pending())).items
        done = []
        for item in waiting:
            if item.record.unit // 1000 not in places:
                continue
            record = self.statistics.unit.record(layout.REVIEW, pb().Review(
                head=self.statistics.unit.head(), subject_kind=item.kind, subject=item.record,
                verdict=verdict, reason=reason))
            done.append((item.record.unit // 1000, self.statistics.submit_checked(record).kind))
        return sorted(done)


def until(what, wanted):
    """Asks until it is so; the last answer."""
    end = time.monotonic() + WITHIN_S
    found = what()
    while found != wanted and time.monotonic() < end:
        time.sleep(0.2)
        found = what()
    return found


def at_once(work, things):
    threads = [threading.Thread(target=work, args=(thing,)) for thing in things]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def check_city(checks, city, counties, what):
    """Everything in the city's database is what the counties' villages reported."""
    wanted = {county.place: county.sums() for county in counties}
    found = until(lambda: {place: cells for place, (_, cells) in city.newest().items()}, wanted)
    checks.equal(f"{what}: the city has the sums of every county", found, wanted)


def check_kinds(checks, city, counties):
    """Indicators that are no ratio of sums: shares of units, existence, and the worst township."""
    def pulled(indicator, stratum=""):
        answer = city.statistics.must("KIND_PULLED", city.statistics.ask(
            pb().KIND_PULL, pb().Pull(place=CITY, period=YEAR, indicator=indicator)))
        return next(row for row in answer.indicators if row.stratum == stratum)

    villages = [(place, {cell.element: value for cell, (_, presence, value) in zip(
        plandata.forms()["village"], figures) if presence == plandata.VALUE})
        for county in counties for place, figures in county.figures.items()]
    schools = [figures["parent_school"] for _, figures in villages]
    row = pulled("parent_school_coverage", "area=rural")
    checks.equal("a share of units is the yes over all who answered, village by village",
                 (row.numerator, row.denominator), (sum(schools), len(schools)))
    row = pulled("child_director_coverage")
    checks.equal("one of which all say yes", (row.value, row.denominator), (100, len(villages)))
    checks.check("there is a hotline where one county has it",
                 pulled("protection_hotline").value == 1)
    rates = {county.township: 100 * dict(
        (cell.element, value) for cell, (_, presence, value) in zip(
            plandata.forms()["township"], county.others["township"]))["vaccination_done"]
        / plandata.TOWNSHIP_FIGURES["vaccination_due"] for county in counties}
    worst = min(rates, key=rates.get)
    row = pulled("vaccination_rate")
    checks.near("of each township, the worst of all five counties", row.value, rates[worst])
    target = next(target for target in row.targets if target.value == "95")
    checks.equal("none reaches the target, and each township is named",
                 (target.attainment, list(target.failing)), (pb().ATTAINMENT_NOT_MET, sorted(rates)))


def check_explained(checks, city, county):
    """What a village said of its figure is with the district's figure at the city."""
    checks.equal("a figure that its village explains", county.report(
        0, 5, revision=5, said=SAID), "KIND_RECEIPT")
    place = county.villages[0]
    first = plandata.forms()["village"][0]
    value = next(value for cell, _, value in county.figures[place] if cell == first.number)
    cells = [cell for cell, element, stratum in city_cells()
             if element == first.element and stratum in (first.stratum, "area=rural")]
    checks.check("the city's form has the figure explained", cells)

    def waiting():
        items = city.statistics.must("KIND_PENDING_ITEMS", city.statistics.ask(
            pb().KIND_PENDING, pb().Pending())).items
        return [item for item in items if item.record.unit == county.unit]

    def said(explained):
        return {(row.unit, row.cell): row.text for row in explained}

    until(lambda: [len(item.explained) for item in waiting()], [len(cells)])
    found = said(waiting()[0].explained)
    name = next(row["name_zh"] for row in plandata.rows(FOLDER / "places.csv")
                if int(row["place"]) == place)
    checks.equal("what waits at the city carries it: who, the figure, why", found, {
        (county.unit, cell): f"{name}（{value:.15g}）：{SAID}" for cell in cells})
    checks.equal("it is accepted there", city.review(pb().VERDICT_ACCEPT, [county.place]),
                 [(county.place, "KIND_RECEIPT")])
    for place in (county.place, CITY):
        rows = city.statistics.must("KIND_PULLED", city.statistics.ask(
            pb().KIND_PULL, pb().Pull(place=place, period=YEAR))).indicators
        texts = {text for row in rows for text in said(row.explained).values()}
        checks.equal(f"and a pull of {place} tells it", texts, set(found.values()))
    checks.equal("a later figure that is not explained", county.report(0, 6, revision=6),
                 "KIND_RECEIPT")
    checks.equal("leaves what was said in place, as in the county", until(
        lambda: [sorted(said(item.explained)) for item in waiting()], [sorted(found)]),
        [sorted(found)])
    checks.equal("with the figure of now", {text.split("）")[0] for text in said(
        waiting()[0].explained).values()}, {f"{name}（{6 * value / 5:.15g}"})
    checks.equal("and is accepted", city.review(pb().VERDICT_ACCEPT, [county.place]),
                 [(county.place, "KIND_RECEIPT")])


def check_told(checks, hook):
    """By webhook too: what the city returned, and what it refused."""
    def told():
        return [(event["event"], event["period"]) for _, _, event in hook.posts]

    wanted = [("uplink_returned", YEAR), ("uplink_refused", YEAR)]
    checks.equal("the county is told by webhook of the return and the refusal",
                 until(told, wanted), wanted)


def check_refused(checks, city, county):
    """The city has locked the year: what it refuses is told in the county, and tried again."""
    def lock(unlock):
        city.statistics.must_store(layout.LOCK, pb().Lock(
            head=city.statistics.unit.head(), plan=plandata.PLAN, place=CITY, period=YEAR,
            unlock=unlock, reason="演示" if unlock else ""))

    def told():
        people = county.people[county.unit]
        found = people.must("KIND_INBOX_ITEMS", people.ask(pb().KIND_INBOX, pb().Inbox(limit=1000)))
        return [(item.state, item.reason.split(" ")[0]) for item in found.items
                if item.notice == pb().NOTICE_UPLINK and item.state in (0, pb().STATE_LOCKED)]

    lock(False)
    checks.equal("an amendment after the city's lock", county.report(0, 5, revision=3),
                 "KIND_RECEIPT")
    wanted = {(pb().STATE_LOCKED, ""), (0, "E_PERIOD_LOCKED")}
    checks.equal("the county is told of the lock and of the refusal", until(
        lambda: set(told()), wanted), wanted)
    lock(True)
    checks.equal("unlocked, another change", county.report(0, 6, revision=4), "KIND_RECEIPT")
    until(lambda: city.newest()[county.place][1], county.sums())
    checks.equal("it goes as the revision that follows", city.newest()[county.place][1],
                 county.sums())
    checks.equal("and is accepted", city.review(pb().VERDICT_ACCEPT, [county.place]),
                 [(county.place, "KIND_RECEIPT")])
    checks.equal("the refusal was told once", sum(state == 0 for state, _ in told()), 1)


def check_inbox(checks, workplace, county, city):
    """What the city did is in the county's inboxes, with the city's receipt in the notice."""
    people = county.people[county.unit]

    def items():
        found = people.must("KIND_INBOX_ITEMS", people.ask(pb().KIND_INBOX, pb().Inbox(limit=1000)))
        return [item for item in found.items if item.notice == pb().NOTICE_UPLINK]

    wanted = [(pb().STATE_FINAL, ""), (pb().STATE_RETURNED, REASON)]
    checks.equal("the county's statistics have it in their inbox", until(
        lambda: [(item.state, item.reason) for item in items()], wanted), wanted)
    last = items()[-1]
    layout.verify_receipt(last.receipt, people.pinned)
    [[payload]] = county.server.sql(
        "select encode(e.payload, 'hex') from zhibao.uplink_notice n join zhibao.report_event e"
        " on e.district = n.district and e.id = n.id and e.kind = 8 where n.state = 4")
    told = pb().Notice.FromString(bytes.fromhex(payload)).uplink
    checks.equal("which report of which year, by whom", (
        told.form, told.period, told.revision, told.actor), (
            last.form, last.period, last.revision, CITY * 1000 + 1))
    layout.verify_receipt(told.receipt, city.statistics.pinned)
    office = Cli(workplace, f"office-{county.name}")
    answer = county.root.ask(pb().KIND_ENROL_CODES, pb().EnrolCodes(units=[county.unit + 1]))
    office("enrol", county.root.must("KIND_ENROL_CODES_ISSUED", answer).codes[0].code)
    rows = list(csv.DictReader(io.StringIO(office("inbox", "--format", "csv").stdout)))
    checks.equal("and the office sees it with the command", [
        (row["state"], row["form"], row["period"], row["reason"], row["receipt"]) for row in rows
        if row["state"].startswith("uplink")][-1:],
        [("uplink_returned", "district", str(YEAR), REASON, "verified")])


def scenario(checks, workplace):
    begin, chance = time.monotonic(), random.Random(4)
    city = City(workplace)
    hook = Hook()
    workplace.stoppers.append(hook.close)
    address = f"http://127.0.0.1:{hook.port}"
    counties = [County(workplace, city, place, **(
        {"webhook_hosts": address, "notice_retry_s": 1} if number == TOLD else {}))
                for number, place in enumerate(COUNTIES)]
    counties[LATE].clock = datetime.now(timezone.utc)
    at_once(County.begin, counties)
    checks.equal("six servers run", [county.server.is_running() for county in counties] +
                 [city.server.is_running()], [True] * 6)
    for county in counties:
        checks.equal(f"{county.name}: a village is accepted", county.report(0, 1), "KIND_RECEIPT")
    for number, county in enumerate(counties):
        checks.equal(f"{county.name}: its township and a department", county.report_others(
            number == 3), ["KIND_RECEIPT"] * 2)
    check_city(checks, city, counties, "at first")
    checks.equal("the city's statistics accept", city.review(pb().VERDICT_ACCEPT, COUNTIES),
                 [(place, "KIND_RECEIPT") for place in COUNTIES])
    checks.equal("a county knows", until(lambda: [
        (row.period, row.state) for row in counties[0].told()], [(YEAR, pb().STATE_FINAL)]),
                 [(YEAR, pb().STATE_FINAL)])

    heard = {place: revision for place, (revision, _) in city.newest().items()}
    for county in counties:
        county.proxy.cut()
        checks.equal(f"{county.name}: cut off, another village", county.report(1, 2),
                     "KIND_RECEIPT")
        time.sleep(chance.random())  # the moment of the kill is what is random here
        county.kill()
        checks.equal(f"{county.name}: and an amendment", county.report(0, 3, revision=2),
                     "KIND_RECEIPT")
    city.server.kill()
    city.server.start()
    for client in (city.root, city.statistics):
        client.reconnect()
    checks.equal("the city has heard nothing meanwhile", {
        place: revision for place, (revision, _) in city.newest().items()}, heard)
    for county in counties:
        county.proxy.cut(False)
        time.sleep(chance.random() / 2)
        county.kill()
    check_city(checks, city, counties, "after cuts and kills")

    returned = counties[TOLD]
    people = returned.people[returned.unit]
    people.must_store(layout.CONTACT, pb().Contact(
        head=people.unit.head(), unit=returned.unit, webhook=f"{address}/in", language="zh"))
    checks.equal("the city returns one", city.review(
        pb().VERDICT_RETURN, [returned.place], REASON), [(returned.place, "KIND_RECEIPT")])
    checks.equal("the county's statistics see why", until(lambda: [
        (row.state, row.reason) for row in returned.told()], [(pb().STATE_RETURNED, REASON)]),
                 [(pb().STATE_RETURNED, REASON)])
    check_inbox(checks, workplace, returned, city)
    checks.equal("it is answered by an amended one", returned.report(1, 4, revision=2),
                 "KIND_RECEIPT")
    check_city(checks, city, counties, "after the return")
    checks.equal("all are accepted", city.review(pb().VERDICT_ACCEPT, COUNTIES),
                 [(place, "KIND_RECEIPT") for place in COUNTIES])
    check_refused(checks, city, returned)
    check_told(checks, hook)
    check_explained(checks, city, returned)
    escalations.play(checks, workplace, city, counties[LATE], returned, CITY)
    rows = city.server.sql("select unit, count(*), count(distinct revision), max(revision)"
                           " from zhibao.report group by unit")
    checks.check("no revision is doubled or missing",
                 all(count == distinct == most for _, count, distinct, most in rows), rows)
    pulled = city.statistics.must("KIND_PULLED", city.statistics.ask(
        pb().KIND_PULL, pb().Pull(place=CITY, period=YEAR, indicator="rural_tap_water")))
    row = pulled.indicators[0]
    cells = {(element, stratum): cell for cell, element, stratum in city_cells()}
    wanted = [sum(county.sums()[cells[element, "area=rural"]] for county in counties)
              for element in ("households_tap_water", "households")]
    checks.equal("a ratio at the city is the sum over the sum",
                 ([row.numerator, row.denominator], row.reporting, row.expected), (wanted, 5, 5))
    checks.near("and its value", row.value, 100 * wanted[0] / wanted[1])
    check_kinds(checks, city, counties)
    print(f"took {time.monotonic() - begin:.1f} s", flush=True)


if __name__ == "__main__":
    harness.run(scenario)
