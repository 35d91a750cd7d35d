#!/usr/bin/python3
"""Load for a time given, with faults: zhibaod and PostgreSQL are killed, zhibaod is stopped for a while,
offices ask all the time. At the end nothing receipted is lost or stored twice, every outbox drains,
and memory, open files and disk have grown no more than what was stored explains.

    soak.py BUILD_DIRECTORY

ZHIBAO_SOAK_S seconds (600); ZHIBAO_FAULT_SEED repeats a run."""

import os
import signal
import sys
import threading
import time
from functools import partial
from pathlib import Path

import faults
import harness
import judge
import kills
from kill_postgres import wait_for_postmaster

import plandata
from client import pb

SECONDS = float(os.environ.get("ZHIBAO_SOAK_S", "600"))
CALM_S = (2.0, 12.0)  # between faults
STOPPED_S = (0.5, 3.0)
FILES_MORE, MEMORY_MORE_KB = 40, 128 * 1024  # the query threads' arenas
DISK_A_REPORT = 24 * 1024  # rows, indexes, and WAL that is not yet recycled
WAL_KB = 2 * 1024 * 1024  # max_wal_size


class Asker(threading.Thread):
    """An office that pulls all the while, whatever happens to the server."""

    def __init__(self, fixture):
        super().__init__(daemon=True)
        self.fixture, self.stopping = fixture, threading.Event()
        self.client = fixture.district.client(plandata.department("office"))
        self.answered, self.trouble = 0, set()

    def run(self):
        while not self.stopping.wait(0.2):
            try:
                answer = self.client.ask(pb().KIND_PULL, pb().Pull(
                    place=plandata.DISTRICT, period=plandata.PERIOD), timeout_s=10)
            except Exception:  # pylint: disable=broad-except  # killed meanwhile: it asks again
                continue
            self.answered += answer.kind == "KIND_PULLED"
            if answer.kind == "KIND_ERROR" and answer.name == "E_INTERNAL":
                self.trouble.add(str(answer))


def usage(server):
    process = Path(f"/proc/{server.process.pid}")
    return len(list((process / "fd").iterdir())), server.memory_kb()


def disk_kb(directory):
    total = 0
    for folder, _, names in os.walk(directory):
        for name in names:
            try:
                total += os.lstat(os.path.join(folder, name)).st_blocks // 2
            except FileNotFoundError:
                continue
    return total


def stop_a_while(server, generator):
    server.process.send_signal(signal.SIGSTOP)
    time.sleep(generator.uniform(*STOPPED_S))
    server.process.send_signal(signal.SIGCONT)


def faults_until(end, fixture, killer, generator):
    """How many of each; what zhibaod used shortly after every start."""
    done, used = {"server": 0, "postgres": 0, "stop": 0}, []
    while time.monotonic() < end:
        time.sleep(min(generator.uniform(*CALM_S), max(0.0, end - time.monotonic())))
        used.append(usage(fixture.server))
        what = generator.choice(list(done))
        done[what] += 1
        if what == "stop":
            stop_a_while(fixture.server, generator)
            continue
        killer.wait_for_moment(0.3)
        if what == "server":
            killer.kill(fixture.server.kill, fixture.server.start)
        else:
            former = wait_for_postmaster(fixture)
            killer.kill(partial(os.kill, former, signal.SIGKILL),
                        partial(wait_for_postmaster, fixture, former))
    return done, used


def scenario(checks, workplace):
    generator = faults.seeded()
    fixture = faults.Fixture(workplace, easy=True)
    before_kb = disk_kb(fixture.server.data)
    asker = Asker(fixture)
    asker.start()
    load = fixture.load().start()
    killer = kills.Killer(load, generator, fixture.pace)
    done, used = faults_until(time.monotonic() + SECONDS, fixture, killer, generator)
    code = load.finish()
    asker.stopping.set()
    asker.join(20)
    fixture.phase("soak")
    print(f"faults {done}, pulls answered {asker.answered}", flush=True)
    judge.drained(checks, load, code)
    files, memory_kb = usage(fixture.server)
    stored = int(fixture.server.sql("select count(*) from zhibao.report")[0][0])
    grown_kb = disk_kb(fixture.server.data) - before_kb
    print(f"stored {stored}, disk {grown_kb // 1024} MB more, files {files}, memory"
          f" {memory_kb // 1024} MB", file=sys.stdout, flush=True)
    checks.check("pulls were answered", asker.answered > 0)
    checks.check("no answer was an internal error", not asker.trouble, asker.trouble)
    checks.check("no more files are open than at any time before",
                 files <= max(number for number, _ in used) + FILES_MORE, files)
    checks.check("memory has stayed where it was",
                 memory_kb <= max(kb for _, kb in used) + MEMORY_MORE_KB, memory_kb)
    checks.check("the disk holds what was stored",
                 grown_kb <= WAL_KB + stored * DISK_A_REPORT // 1024, grown_kb)
    dump = fixture.dump()
    judge.store(checks, fixture, dump)
    fixture.phase("histories and database")
    fixture.server.stop()
    judge.receipts(checks, fixture)
    fixture.phase("receipts")


if __name__ == "__main__":
    harness.run(scenario)
