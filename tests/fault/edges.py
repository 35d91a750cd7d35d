#!/usr/bin/python3
"""Faults with a known place: a second zhibaod on one directory, SIGTERM under load, homes killed
around the outbox, one record sent many times at once, one id with two contents.

    edges.py BUILD_DIRECTORY"""

import subprocess
import time
from concurrent.futures import ThreadPoolExecutor

import faults
import harness
import judge
import kills
import plandata

VILLAGES = 40
STORM_VILLAGES = 4
LOAD_SHARE = 0.7  # of the pace of 120 villages
ROUNDS = 5
COPIES = 10
CONNECTIONS = 5
SECOND_S = 30
TERMINATIONS = 3
HOME_KILLS = 5
E_ID_CONFLICT = 141


def second_start(checks, fixture):
    """The directory belongs to the one that runs."""
    first = fixture.server
    options = dict(first.options, listen=f"tcp://127.0.0.1:{harness.free_port()}",
                   listen_enrol=f"tcp://127.0.0.1:{harness.free_port()}")
    arguments = [str(fixture.workplace.build / "bin" / "zhibaod")]
    for name, value in options.items():
        arguments += [f"--{name}", str(value)]
    postmaster = fixture.postmaster()
    begin = time.monotonic()
    try:
        done = subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=SECOND_S, check=False,
                              env=fixture.workplace.environment())
        print(f"second zhibaod: exit {done.returncode} after {time.monotonic() - begin:.1f} s:"
              f" {done.stderr.strip()[-200:]}", flush=True)
        checks.check("a second zhibaod on the directory refuses to start", done.returncode > 0,
                     done.returncode)
    except subprocess.TimeoutExpired:
        checks.check("a second zhibaod on the directory refuses to start", False, "it runs")
    checks.check("the first one is not disturbed", first.is_running() and
                 fixture.postmaster() == postmaster and
                 fixture.district.root.ping(10).kind == "KIND_PONG")


def terminations(checks, fixture, generator):
    """SIGTERM with reports under way: what is stored is answered before the process ends."""
    load = fixture.load(share=LOAD_SHARE).start()
    moments, codes, slowest = [], [], 0.0
    for _ in range(TERMINATIONS):
        base = load.counters()
        load.wait_for(lambda c: c["receipted"] > base["receipted"] + 100, "resume")
        time.sleep(generator.uniform(0, 0.5))
        begin, killed_us = time.monotonic(), faults.now_us()
        codes.append(fixture.server.stop())
        slowest = max(slowest, time.monotonic() - begin)
        # the outboxes' fsync and the history come a moment after the answer
        moments.append((killed_us, faults.now_us() + 1000000, time.time_ns() // 1000, 0))
        time.sleep(1.2)
        fixture.server.start()
    code = load.finish()
    checks.equal("SIGTERM under load: zhibaod exits 0", codes, [0] * TERMINATIONS)
    judge.drained(checks, load, code)
    histories = kills.Histories(fixture.histories)
    under_way = histories.in_flight([(0, killed) for killed, _, _, _ in moments])
    unanswered = kills.stored_unanswered(histories, fixture.dump(), moments)
    print(f"SIGTERM under load: exit codes {codes}, slowest {slowest:.2f} s, in flight {under_way},"
          f" stored and not answered {unanswered}", flush=True)
    checks.equal("SIGTERM under load: what is stored is answered", sum(unanswered), 0)


def home_kills(checks, fixture, generator):
    """Homes killed between the outbox's fsync, the send and the receipt."""
    load = None
    for _ in range(HOME_KILLS):
        load = fixture.load(share=LOAD_SHARE).start()
        load.wait_for(lambda c: c["receipted"] > 100, "report")
        time.sleep(generator.uniform(0, 0.3))
        load.kill()
    load = fixture.load(share=LOAD_SHARE).start()
    load.wait_for(lambda c: c["receipted"] > 100, "report")
    code = load.finish()
    counters = load.counters()
    checks.check("homes killed under load drain when they come back",
                 code == 0 and counters["waiting"] == 0 and counters["refused"] == 0,
                 f"exit {code}, {counters}")


class Storm:
    """One run of zhibao-storm."""

    def __init__(self, fixture, home, revision, variants, copies):
        done = subprocess.run(
            [str(fixture.workplace.build / "bin" / "zhibao-storm"), "--home", str(home),
             "--period", str(plandata.PERIOD), "--revision", str(revision), "--connections",
             str(CONNECTIONS), "--copies", str(copies), "--variants", str(variants)],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
            env=fixture.workplace.environment())
        self.code, self.trouble = done.returncode, done.stderr
        self.revision = revision
        self.record, self.payloads, self.answers = "", {}, {}
        for line in done.stdout.splitlines():
            field = line.split()
            if field[0] == "RECORD":
                self.record = field[2]
                self.payloads[int(field[1])] = field[3]
            else:
                self.answers.setdefault(int(field[1]), []).append(tuple(field[3:]))

    def receipts(self, variant):
        return [answer[1] for answer in self.answers.get(variant, []) if answer[0] == "RECEIPT"]

    def errors(self):
        """How often a copy was told to try later."""
        return sum(answer[0] == "ERROR" for found in self.answers.values() for answer in found)

    def conflicts(self, variant):
        return [answer for answer in self.answers.get(variant, [])
                if answer == ("REFUSAL", str(E_ID_CONFLICT))]

    def write(self, history, unit, variant):
        """For check.py: what was put and what it got."""
        now = faults.now_us()
        history.write(f"{now} PUT {self.record} {self.payloads[variant]} {unit}"
                      f" {plandata.PERIOD} {self.revision}\n{now} RECEIPT {self.record}"
                      f" {self.receipts(variant)[0]}\n")


def stored(fixture, record):
    """Payload hashes of the rows with this id."""
    return [row[0] for row in fixture.server.sql(
        "select encode(payload_sha256, 'hex') from zhibao.report"
        f" where id = decode('{record}', 'hex')")]


def storm_village(fixture, place):
    """All rounds of one village: identical storms, good conflicts, told to try later, troubles."""
    unit = plandata.own_unit(place)
    cli = harness.Cli(fixture.workplace, f"storm-{place}")
    done = cli("enrol", fixture.district_codes[unit])
    if done.returncode != 0:
        return 0, 0, 0, [done.stderr]
    identical, conflicts, later, troubles = 0, 0, 0, []
    with open(fixture.histories / f"storm-{place}.log", "w", encoding="ascii") as history:
        for turn in range(ROUNDS):
            storm = Storm(fixture, cli.home, 2 * turn + 1, 1, COPIES)
            receipts = storm.receipts(0)
            if storm.code == 0 and len(receipts) == COPIES and len(set(receipts)) == 1 and \
                    stored(fixture, storm.record) == [storm.payloads[0]]:
                identical += 1
                storm.write(history, unit, 0)
            else:
                troubles.append(f"copies: {storm.code} {storm.trouble} {storm.answers}")
            later += storm.errors()
            storm = Storm(fixture, cli.home, 2 * turn + 2, 2, COPIES)
            later += storm.errors()
            winner = 0 if storm.receipts(0) else 1
            receipts = storm.receipts(winner)
            if storm.code == 0 and len(receipts) == COPIES and len(set(receipts)) == 1 and \
                    len(storm.conflicts(1 - winner)) == COPIES and \
                    stored(fixture, storm.record) == [storm.payloads[winner]]:
                conflicts += 1
                storm.write(history, unit, winner)
            else:
                troubles.append(f"conflict: {storm.code} {storm.trouble} {storm.answers}")
    return identical, conflicts, later, troubles


def storms(checks, fixture):
    places = faults.all_villages()[VILLAGES:VILLAGES + STORM_VILLAGES]
    units = [plandata.own_unit(place) for place in places]
    fixture.district_codes = dict(zip(units, fixture.district.codes(*units)))
    with ThreadPoolExecutor(STORM_VILLAGES) as pool:
        results = list(pool.map(lambda place: storm_village(fixture, place), places))
    wanted = STORM_VILLAGES * ROUNDS
    troubles = [trouble for result in results for trouble in result[3]]
    identical, conflicts, later = (sum(result[i] for result in results) for i in range(3))
    print(f"storms: {COPIES} copies over {CONNECTIONS} connections, one row and {COPIES} identical"
          f" receipts: {identical} of {wanted}")
    print(f"storms: one id with two contents, {COPIES} copies each, one stored and the other"
          f" refused: {conflicts} of {wanted}")
    print(f"storms: copies told to try later {later}", flush=True)
    checks.check("copies sent at once make one row and identical receipts", identical == wanted,
                 troubles[:2])
    checks.check("one id with two contents: one is stored, the other is a conflict",
                 conflicts == wanted, troubles[:2])


def scenario(checks, workplace):
    generator = faults.seeded()
    fixture = faults.Fixture(workplace, VILLAGES)
    second_start(checks, fixture)
    storms(checks, fixture)
    fixture.phase("storms")
    home_kills(checks, fixture, generator)
    fixture.phase("homes killed")
    terminations(checks, fixture, generator)
    fixture.phase("SIGTERM")
    judge.store(checks, fixture, fixture.dump())
    fixture.server.stop()
    judge.receipts(checks, fixture)


if __name__ == "__main__":
    harness.run(scenario)
