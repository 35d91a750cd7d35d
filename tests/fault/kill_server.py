#!/usr/bin/python3
"""Kills zhibaod with SIGKILL at 50 random moments under load. Nothing receipted is lost or stored
twice, every outbox drains, every receipt verifies offline.

    kill_server.py BUILD_DIRECTORY

ZHIBAO_FAULT_KILLS and ZHIBAO_FAULT_SEED change the number and repeat a run."""

import faults
import harness
import judge
import kills

KILLS = 50
LANDED_SHARE = 0.4  # 20 of 50
SPREAD_S = 0.3
RESTART_MOST_S = 5.0


def scenario(checks, workplace):
    generator = faults.seeded()
    fixture = faults.Fixture(workplace)
    number, sanitized = fixture.pace.kills(KILLS), fixture.pace.sanitized
    load = fixture.load().start()
    killer = kills.Killer(load, generator, fixture.pace)
    for _ in range(number):
        killer.wait_for_moment(SPREAD_S)
        killer.kill(fixture.server.kill, fixture.server.start)
    fixture.phase("kills")
    code = load.finish()
    fixture.phase("drain")
    judge.drained(checks, load, code)
    dump = fixture.dump()
    histories = kills.Histories(fixture.histories)
    recoveries = kills.judge(checks, killer, histories, dump, round(number * LANDED_SHARE))
    checks.check(f"the first receipt comes within {RESTART_MOST_S} s of a kill",
                 sanitized or max(recoveries) < RESTART_MOST_S, max(recoveries))
    judge.store(checks, fixture, dump)
    fixture.phase("histories and database")
    fixture.server.stop()
    judge.receipts(checks, fixture)
    fixture.phase("receipts")


if __name__ == "__main__":
    harness.run(scenario)
