"""The schema distributed by district: skipped, saying so, where PostgreSQL has no Citus extension.

One node holds all shards, as a coordinator that is its own worker: what Citus refuses it refuses
there too. zhibaod is told nothing of it.
"""

import glob
import subprocess
import sys

import harness
import layout
import own_database
import plandata
from harness import ROOT, District, Server
from round import review_of
from client import pb


class Distributed(own_database.Postgres):
    def start(self):
        self._run("pg_ctl", "-D", self.data, "-w", "-l", self.data / "log", "-o",
                  f"-p {self.port} -k '' -c listen_addresses=127.0.0.1"
                  " -c shared_preload_libraries=citus", "start")

    def distribute(self):
        done = subprocess.run(
            [harness.PSQL, "-X", "-q", "-f", str(ROOT / "sql" / "citus.sql"),
             f"host=127.0.0.1 port={self.port} user=postgres password=演示管理员"
             f" dbname={own_database.DATABASE}"],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        return done.returncode, done.stderr


def scenario(checks, workplace):
    postgres = Distributed(workplace)
    postgres.start()
    postgres.prepare()
    postgres.sql("create extension citus",
                 f"select citus_set_coordinator_host('127.0.0.1', {postgres.port})")
    server = Server(workplace, database=postgres.conninfo(workplace.path / "passwords"))
    checks.equal("zhibaod migrate: exit 0", own_database.migrate(server).returncode, 0)
    code, said = postgres.distribute()
    checks.check("sql/citus.sql distributes the schema", code == 0, said)
    checks.equal("a second time it has nothing to do", postgres.distribute(), (0, ""))
    server.start()
    district = District(server)
    township = district.client(plandata.own_unit(plandata.TOWNSHIP))
    for place in plandata.villages()[:3]:
        village = district.client(plandata.own_unit(place))
        report = harness.report(village.unit)
        village.must_store(layout.REPORT, report)
        township.must_store(layout.REVIEW, review_of(township, report, pb().VERDICT_ACCEPT))
        village.close()
    answer = township.must("KIND_TOTAL_REPLY", township.ask(
        pb().KIND_TOTAL, pb().GetTotal(form="village", period=plandata.PERIOD)))
    checks.equal("the township's total counts the three", len(answer.reports), 3)
    office = district.client(plandata.department("office"))
    answer = office.ask(pb().KIND_PULL, pb().Pull(place=plandata.DISTRICT, period=plandata.PERIOD))
    checks.equal("the office pulls", answer.kind, "KIND_PULLED")
    for client in (township, office, district.root):
        client.close()


if __name__ == "__main__":
    if not glob.glob("/usr/share/postgresql/*/extension/citus.control"):
        print("skipped: the schema was NOT distributed: PostgreSQL has no extension citus here")
        sys.exit(77)
    harness.run(scenario)
