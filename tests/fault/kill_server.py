#!/usr/bin/python3
"""Kills zhibaod with SIGKILL at 50 random moments under load. Nothing receipted is lost or stored
twice, every outbox drains, every receipt verifies offline.

    kill_server.py BUILD_DIRECTORY

ZHIBAO_FAULT_KILLS and ZHIBAO_FAULT_SEED change the number and repeat a run."""

import faults
import harness

KILLS = 50
LANDED_SHARE = 0.4  # 20 of 50
SPREAD_S = 0.5


def scenario(checks, workplace):
    generator = faults.seeded()
    fixture = faults.Fixture(workplace)
    number, sanitized = fixture.pace.kills(KILLS), fixture.pace.sanitized
    faults.phase("start and enrolment")
    load = fixture.load().start()
    killer = faults.Killer(load, generator, fixture.pace)
    for _ in range(number):
        killer.wait_for_moment(SPREAD_S)
        killer.kill(fixture.server.kill, fixture.server.start)
    faults.phase("kills")
    code = load.finish()
    faults.phase("drain")
    faults.judge_drained(checks, load, code)
    dump = fixture.dump()
    histories = faults.Histories(fixture.histories)
    recoveries = faults.judge_kills(checks, killer, histories, dump,
                                    round(number * LANDED_SHARE))
    checks.check(f"the first receipt comes within {faults.RESTART_MOST_S} s of a kill",
                 sanitized or max(recoveries) < faults.RESTART_MOST_S, max(recoveries))
    faults.judge_store(checks, fixture, dump)
    faults.phase("histories and database")
    fixture.server.stop()
    faults.judge_receipts(checks, fixture)
    faults.phase("receipts")


if __name__ == "__main__":
    harness.run(scenario)
