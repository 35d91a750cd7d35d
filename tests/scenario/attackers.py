#!/usr/bin/python3
"""Attackers, one after another: each is refused as PROTOCOL.md says while another client is served
and zhibaod's memory stays under its limit.

    attackers.py BUILD_DIRECTORY

What the other client's questions took meanwhile is printed; with ZHIBAO_ATTACKERS=whole each attack
lasts longer and the figures count. The reports are 演示数据."""

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path
from urllib.parse import urlparse

import zmq
from zmq.utils import z85

import bad_messages
import harness
import layout
import plandata
from bystander import Bystander, percentile
from client import Client, Silence, Unit, curve_socket, handshake, pb
from harness import report
from stage import Stage

WHOLE = os.environ.get("ZHIBAO_ATTACKERS") == "whole"
ATTACK_S = 20 if WHOLE else 3
P99_S = 0.05
P99_RATIO = 10  # where the machine itself is slow: times what the same took before
MEMORY_LIMIT_KB = 1024 * 1024
FRAMES = 100000
HALF_OPEN = 400
WRONG_KEYS_A_SECOND = 1000
HANDSHAKE_MS = 2000
SLOW_READER_MS = 2000
KEY_RATE = 500
BATCH_VILLAGES, BATCH_YEARS = 5, 5
REVOKED_WITHIN_S = 1.0
MONTH = timedelta(days=30)
WAIT_S = 60
SMALL_SOCKET = 64 * 1024


class Attacks:
    """The stage with its bystander; `during` tells what became of one attack."""

    def __init__(self, checks, workplace):
        self.checks = checks
        self.metrics_port = harness.free_port()
        self.start = datetime.now(timezone.utc)
        self.stage = Stage(checks, workplace, clock=self.start, handshake_ms=HANDSHAKE_MS,
                           slow_reader_ms=SLOW_READER_MS, key_rate_per_second=KEY_RATE,
                           metrics_port=self.metrics_port)
        self.server, self.district = self.stage.server, self.stage.district
        unit = plandata.own_unit(plandata.villages()[2])
        self.bystander = Bystander(workplace.build, self.district.client(unit), plandata.PERIOD)
        workplace.stoppers.append(self.bystander.stop)
        time.sleep(ATTACK_S)  # what is measured is how long this takes when nobody attacks
        self.calm_s = percentile(self.bystander.took()[0], 0.99)
        print(f"calm p99 {self.calm_s * 1000:.1f} ms", flush=True)

    def during(self, what, attack):
        """Runs the attack; returns what it returns."""
        self.bystander.took()
        begin = time.monotonic()
        result = attack()
        lasted_s = time.monotonic() - begin
        took, trouble = self.bystander.took()
        while not took and not trouble:  # over within one question
            took, trouble = self.bystander.took()
        p99_s, memory_kb = percentile(took, 0.99), self.memory_kb()
        print(f"{what}: {lasted_s:.1f} s, another client {len(took)} questions, p50"
              f" {percentile(took, 0.5) * 1000:.1f} ms, p99 {p99_s * 1000:.1f} ms; zhibaod at most"
              f" {memory_kb // 1024} MiB", flush=True)
        self.checks.check(f"{what}: another client is served all the while", not trouble,
                          trouble[:2])
        self.checks.check(f"{what}: memory stays under its limit", memory_kb < MEMORY_LIMIT_KB,
                          memory_kb)
        if WHOLE:
            self.checks.check(f"{what}: another client's p99 under {P99_S * 1000:.0f} ms",
                              p99_s < max(P99_S, P99_RATIO * self.calm_s), p99_s)
        return result

    def memory_kb(self):
        """The most that zhibaod ever had."""
        status = Path(f"/proc/{self.server.process.pid}/status").read_text()
        return int(re.search(r"^VmHWM:\s+(\d+) kB", status, re.M).group(1))

    def metric(self, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics",
                                    timeout=WAIT_S) as page:
            return float(re.search(rf"^{name} (\S+)$", page.read().decode(), re.M).group(1))

    def refused(self, what, ask, *names):
        """One attack that is a single message."""
        return self.during(what, lambda: self.stage.refused(what, names, ask))


def again(seconds, attack):
    """The attack over and over; the answers' names."""
    end, names = time.monotonic() + seconds, set()
    while time.monotonic() < end:
        names.add(attack().name)
    return names


def revoked_key(attacks):
    unit = plandata.own_unit(plandata.villages()[4])
    live = attacks.district.client(unit)
    live.must_store(layout.REPORT, report(live.unit))
    attacks.district.change_key(pb().KEY_REVOKE, unit, live.unit.key)
    begin = time.monotonic()
    while live.ping().kind == "KIND_PONG" and time.monotonic() - begin < WAIT_S:
        pass
    took = time.monotonic() - begin
    attacks.checks.check(f"revoked key: refused on its live connection after {took:.3f} s",
                         took < REVOKED_WITHIN_S)
    names = attacks.during("revoked key", lambda: again(
        ATTACK_S, lambda: live.submit(live.unit.record(layout.REPORT, report(live.unit)))))
    attacks.checks.check("revoked key: every message refused", names <= {
        "E_KEY_REVOKED", "E_BUSY"} and "E_KEY_REVOKED" in names, names)
    attacks.checks.equal("revoked key: ZAP says 400 to a new connection",
                         handshake(live.endpoint, live.server_curve, live.unit), 400)
    live.close()


def squatted_id(attacks):
    """Whoever names itself as another does not get the other's answers, nor keep it from them."""
    village = attacks.stage.village
    stolen = str(attacks.stage.other_unit).encode()
    squatters, own = [], 0
    for name in (stolen, stolen, b"A" * 255):
        taker = curve_socket(village.context, village.server_curve, village.unit)
        taker.routing_id = name
        taker.connect(village.endpoint)
        taker.send(village.envelope(pb().KIND_PING).SerializeToString())
        squatters.append(taker)

    def listen():
        nonlocal own
        end, foreign = time.monotonic() + ATTACK_S, []
        while time.monotonic() < end:
            for taker in squatters:
                if taker.poll(20):
                    envelope = pb().Envelope.FromString(taker.recv())
                    own += envelope.kind == pb().KIND_PONG
                    if envelope.kind != pb().KIND_PONG:
                        foreign.append(pb().Kind.Name(envelope.kind))
        return foreign

    foreign = attacks.during("squatted routing id", listen)
    attacks.checks.check(f"squatted routing id: {own} of {len(squatters)} got their own answer and"
                         " nobody another's", not foreign and own <= 1, foreign)
    attacks.stage.unharmed("squatted routing id", attacks.server.row_counts())
    for taker in squatters:
        taker.close()


def foreign_place(attacks):
    stage = attacks.stage
    unit, other = stage.village.unit, stage.other_unit
    attacks.refused("foreign place code", lambda c: c.submit(
        unit.record(layout.REPORT, report(unit, place=other // 1000))), "E_PLACE_FOREIGN")
    attacks.refused("another unit's name", lambda c: c.submit(unit.record(layout.REPORT, report(
        unit, place=other // 1000, head=pb().Head(id=os.urandom(16), unit=other)))), "E_FORBIDDEN")
    attacks.refused("question about another place", lambda c: c.ask(
        pb().KIND_PULL, pb().Pull(plan=plandata.PLAN, place=plandata.DISTRICT,
                                  period=plandata.PERIOD)), "E_FORBIDDEN")


def replay(attacks):
    """The same bytes after 30 days: the same receipt, no second row; from others: refused."""
    stage = attacks.stage
    unit = stage.village.unit
    payload = report(unit, period=plandata.PERIOD - 2)
    record = unit.record(layout.REPORT, payload)
    first = stage.village.must("KIND_RECEIPT", stage.village.submit(record)).receipt
    before = stage.server.row_counts()
    attacks.server.move(attacks.start + MONTH)
    time_us = int((attacks.start + MONTH).timestamp() * 1e6)
    end = time.monotonic() + WAIT_S
    clock_us = 0
    while clock_us < time_us and time.monotonic() < end:
        time.sleep(0.01)  # below the key's rate
        clock_us = stage.village.must("KIND_PONG", stage.village.ping()).time_us
    answers = attacks.during("replay after 30 days", lambda: {
        stage.village.must("KIND_RECEIPT", stage.village.submit(record)).receipt
        for _ in range(50)})
    attacks.checks.check("replay after 30 days: the byte-identical receipt", answers == {first})
    stage.unharmed("replay after 30 days", before)
    stranger = attacks.district.client(plandata.own_unit(plandata.villages()[5]))
    before = stage.server.row_counts()  # enrolment stored something
    answer = stranger.submit(record)
    attacks.checks.check("replay over another village's connection: refused, or the same receipt",
                         answer.name == "E_FORBIDDEN" or answer.kind == "KIND_RECEIPT"
                         and answer.body.receipt == first, str(answer))
    payload.note = "演示：另一内容"
    stage.refused("the same id with other content after 30 days", "E_ID_CONFLICT",
                  lambda c: c.submit(unit.record(layout.REPORT, payload)))
    attacks.checks.equal("replay: no row more", stage.server.row_counts(), before)
    stranger.close()


def many_frames(attacks):
    for size in (1, 1024):
        attacks.refused(f"{FRAMES} frames of {size} bytes", lambda c, s=size: c.ask_bytes(
            *[bytes(s)] * FRAMES), "E_FRAMES")


def bombs(attacks):
    names = ("E_MALFORMED", "E_TOO_LARGE", "E_ID", "E_UNIT_UNKNOWN")
    bodies = [body for _, body in bad_messages.bombs()]

    def throw():
        end, found = time.monotonic() + ATTACK_S, set()
        while time.monotonic() < end:
            found |= {attacks.stage.village.ask(pb().KIND_SUBMIT, body).name for body in bodies}
        return found

    before = attacks.server.row_counts()
    found = attacks.during("submessage bombs", throw)
    attacks.checks.check(f"submessage bombs: {', '.join(sorted(found))}", found <= {*names, "E_BUSY"},
                         found)
    attacks.stage.unharmed("submessage bombs", before)


def half_open(attacks):
    """Connections that say nothing, or begin a handshake and stop, are ended in time."""
    address = urlparse(attacks.server.endpoint)
    greeting = b"\xff" + bytes(8) + b"\x7f\x03\x01CURVE" + bytes(15) + bytes(32)

    def hold():
        links = []
        for number in range(HALF_OPEN):
            links.append(socket.create_connection((address.hostname, address.port)))
            if number % 2:
                links[-1].send(greeting)
        end, open_still = time.monotonic() + WAIT_S, links
        while open_still and time.monotonic() < end:
            open_still = [link for link in open_still if not ended(link)]
            time.sleep(0.02)
        return len(open_still)

    left = attacks.during(f"{HALF_OPEN} half-open connections", hold)
    attacks.checks.equal(f"{HALF_OPEN} half-open connections: all are ended", left, 0)
    newcomer = attacks.stage.another()
    attacks.checks.equal("and a new client is let in", newcomer.ping().kind, "KIND_PONG")
    newcomer.close()


def ended(link):
    """Whether the other side has ended the connection; reads what it says meanwhile."""
    link.setblocking(False)
    try:
        while link.recv(4096):
            pass
    except BlockingIOError:
        return False
    except ConnectionError:
        pass
    link.close()
    return True


def wrong_keys(attacks):
    """Unknown keys in numbers: nobody is let in, and nobody else is kept out."""
    failed = attacks.metric("zhibao_handshakes_failed_total")

    def knock():
        done = subprocess.run(
            [sys.executable, "-B", str(Path(__file__).with_name("wrong_keys.py")),
             attacks.server.endpoint, z85.encode(attacks.stage.village.server_curve).decode(),
             str(WRONG_KEYS_A_SECOND), str(ATTACK_S)], check=True, capture_output=True, text=True,
            timeout=10 * WAIT_S)
        newcomer = attacks.stage.another()
        kind = newcomer.ping().kind
        newcomer.close()
        return [float(word) for word in done.stdout.split()] + [kind]

    before = attacks.server.row_counts()
    opened, took, kind = attacks.during("wrong keys", knock)
    print(f"wrong keys: {opened / took:.0f} a second", flush=True)
    attacks.checks.equal("wrong keys: a new client is let in", kind, "KIND_PONG")
    attacks.checks.check("wrong keys: they are turned away in the handshake", attacks.metric(
        "zhibao_handshakes_failed_total") - failed > opened / 2)
    attacks.stage.unharmed("wrong keys", before)


def too_fast(attacks):
    """One key that sends more than its rate is told to come later; the others are served."""
    village = attacks.stage.village
    ping = village.envelope(pb().KIND_PING).SerializeToString()
    count = 3 * KEY_RATE
    over = attacks.metric("zhibao_over_rate_total")

    def flood():
        names = []
        for _ in range(count // 100):
            for _ in range(100):
                village.send(ping)
            names += [village.receive().name for _ in range(100)]
        return names

    names = attacks.during("one key far too fast", flood)
    attacks.checks.check(f"one key far too fast: {names.count('KIND_PONG')} of {count} are served,"
                         f" {names.count('E_BUSY')} told to try later",
                         names.count("E_BUSY") > 0 and names.count("KIND_PONG") >= KEY_RATE and
                         set(names) == {"KIND_PONG", "E_BUSY"}, set(names))
    attacks.checks.check("one key far too fast: and counted",
                         attacks.metric("zhibao_over_rate_total") > over)


def slow_reader(attacks):
    """Who asks and never reads is cut off, and what waited for it is given back."""
    office = attacks.district.client(plandata.department("office"))
    question = pb().Pull(plan=plandata.PLAN, place=plandata.DISTRICT, period=plandata.PERIOD)
    asked = office.envelope(pb().KIND_PULL, question).SerializeToString()
    size = len(office.must("KIND_PULLED", office.ask(pb().KIND_PULL, question)).SerializeToString())
    print(f"slow reader: leaves answers of {size // 1024} KiB unread", flush=True)
    deaf = curve_socket(zmq.Context.instance(), office.server_curve, office.unit)
    deaf.rcvhwm, deaf.rcvbuf = 1, SMALL_SOCKET
    deaf.connect(office.endpoint)
    deaf.send(asked)
    deaf.poll(WAIT_S * 1000)  # from now on nothing is read
    connected = attacks.metric("zhibao_connected")

    def ask_on():
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            for _ in range(20):
                deaf.send(asked)
            time.sleep(0.1)  # for them to be answered
            if attacks.metric("zhibao_connected") < connected:
                return True
        return False

    attacks.checks.check("slow reader: is cut off", attacks.during("slow reader", ask_on))
    deaf.close()
    office.close()


def poisoned_batch(attacks):
    """Many records at once, one of which the writer has to refuse: the others are stored."""
    clients = [attacks.district.client(plandata.own_unit(place))
               for place in plandata.villages()[6:6 + BATCH_VILLAGES]]
    payloads = {client: [report(client.unit, period=plandata.PERIOD - back)
                         for back in range(BATCH_YEARS)] for client in clients}
    first = payloads[clients[0]][0]
    poison = report(clients[0].unit, period=first.period, head=first.head, note="演示：另一内容")
    payloads[clients[0]].insert(BATCH_YEARS // 2, poison)  # of the two with one id one is stored
    wanted = ["E_ID_CONFLICT"] + ["KIND_RECEIPT"] * (BATCH_VILLAGES * BATCH_YEARS)

    def send():
        for client, its in payloads.items():
            for payload in its:
                record = client.unit.record(layout.REPORT, payload)
                client.send(client.envelope(pb().KIND_SUBMIT, pb().Submit(
                    record=record)).SerializeToString())
        return [client.receive().name for client, its in payloads.items() for _ in its]

    names = sorted(attacks.during("poisoned batch", send))
    attacks.checks.check(f"poisoned batch: {len(wanted) - 1} stored and one refused",
                         names == wanted, {name: names.count(name) for name in names})
    units = ", ".join(str(client.unit.number) for client in clients)
    stored = attacks.server.sql(f"select count(*) from zhibao.report where unit in ({units})")
    attacks.checks.equal("poisoned batch: as many rows", int(stored[0][0]), len(wanted) - 1)
    for client in clients:
        client.close()


def scenario(checks, workplace):
    attacks = Attacks(checks, workplace)
    only = os.environ.get("ZHIBAO_ATTACK")
    for attack in (revoked_key, squatted_id, foreign_place, many_frames, bombs, half_open,
                   wrong_keys, poisoned_batch, too_fast, slow_reader, replay):
        if only in (None, attack.__name__):
            attack(attacks)
    attacks.stage.close()


if __name__ == "__main__":
    harness.run(scenario)
