#!/usr/bin/python3
"""Kills PostgreSQL's postmaster with SIGKILL 10 times under load. zhibaod stays, starts it again by
itself, and nothing receipted is lost or stored twice.

    kill_postgres.py BUILD_DIRECTORY

ZHIBAO_FAULT_KILLS and ZHIBAO_FAULT_SEED change the number and repeat a run."""

import os
import signal
import time
from functools import partial

import faults
import harness
import judge
import kills

KILLS = 10
SPREAD_S = 0.5
RECOVER_MOST_S = 15.0
BACK_S = 60


def wait_for_postmaster(fixture, former=None):
    """The process id of a PostgreSQL that is not `former`."""
    end = time.monotonic() + BACK_S
    while fixture.postmaster() in (None, former):
        if time.monotonic() > end:
            raise RuntimeError(f"PostgreSQL was not started again:\n{fixture.server.log_tail()}")
        time.sleep(0.01)
    return fixture.postmaster()


def scenario(checks, workplace):
    generator = faults.seeded()
    fixture = faults.Fixture(workplace, easy=True)
    number, sanitized = fixture.pace.kills(KILLS), fixture.pace.sanitized
    process = fixture.server.process
    load = fixture.load().start()
    killer = kills.Killer(load, generator, fixture.pace)
    for _ in range(number):
        killer.wait_for_moment(SPREAD_S)
        former = wait_for_postmaster(fixture)
        killer.kill(partial(os.kill, former, signal.SIGKILL),
                    partial(wait_for_postmaster, fixture, former))
    fixture.phase("kills")
    code = load.finish()
    fixture.phase("drain")
    checks.check("zhibaod never went down",
                 fixture.server.process is process and fixture.server.is_running())
    judge.drained(checks, load, code)
    dump = fixture.dump()
    histories = kills.Histories(fixture.histories)
    recoveries = kills.judge(checks, killer, histories, dump, number)
    checks.check(f"the first receipt comes within {RECOVER_MOST_S} s of a kill",
                 sanitized or max(recoveries) < RECOVER_MOST_S, max(recoveries))
    judge.store(checks, fixture, dump)
    fixture.phase("histories and database")
    fixture.server.stop()
    judge.receipts(checks, fixture)
    fixture.phase("receipts")


if __name__ == "__main__":
    harness.run(scenario)
