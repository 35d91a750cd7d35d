"""The year of tests/scenario/year.py with everything going wrong on the way; its end is the same.

Villages and townships work with the command line, which is killed in mid-command and then repeated, as
a person would; zhibaod is killed at random; every connection goes through two TCP proxies that delay,
stall, cut and half-open it, and between them a proxy that loses, repeats and reorders whole messages
(tcp_proxy.py, message_proxy.py). The checker of the undisturbed year judges the steps, and what it finds
at the end is compared with an undisturbed year of the same units.

Which message, connection and command meets what follows from the seed (ZHIBAO_FAULT_SEED); how the
operating system interleaves them does not. Two things are kept apart on purpose: the clock is not moved
while zhibaod is down (that would be an outage, which moves cut-offs), and after a refusal what is under
way is lost (a copy that comes when the rules have changed is rightly taken: PROTOCOL.md section 5.5).

By default a slice: 11 villages have a part instead of 120, with all nine townships and departments, and
the checker looks twice. ZHIBAO_FAULT_YEAR=whole plays all and has it look at every step.
"""

import json
import os
import random
import sqlite3
import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import faults

import harness
import layout
import plandata
import sheet
import year as script
import zmq.utils.z85 as z85
from client import Client, Silence, Unit, enrol, pb
from message_proxy import Manners, MessageProxy
from nacl.public import PrivateKey
from nacl.signing import SigningKey
from tcp_proxy import TcpProxy
from year_stage import YEAR, Year, places

WHOLE = os.environ.get("ZHIBAO_FAULT_YEAR") == "whole"
PATIENCE_S = 0.7        # before a question is asked again
ATTEMPTS_S = 180        # until it is given up
CLI_PATIENCE_S = 6 if WHOLE else 4
COMMANDS_AT_ONCE = 4 if WHOLE else 8
KILL_COMMAND = 0.3      # of commands, at a random moment of the first so many seconds
KILL_WITHIN_S = 0.12    # five times that where sanitizers make it slow
KILL_SERVER_S = (1.5, 6.0) if WHOLE else (4.0, 11.0)
SEED = 20260215         # of the slice; the whole year draws one and prints it
RECEIPTED, REFUSED = 3, 2  # client/lib/outbox_schema.h


class Patient(Client):
    """Asks again when nothing comes, and anew over another connection."""

    def ask(self, kind, body=b"", timeout_s=ATTEMPTS_S, **changes):
        end, tries = time.monotonic() + timeout_s, 0
        while True:
            try:
                answer = super().ask(kind, body, PATIENCE_S, **changes)
            except Silence:
                tries += 1
                if time.monotonic() > end:
                    raise
                if tries % 2 == 0:
                    self.reconnect()
                continue
            if answer.kind != "KIND_ERROR" or not answer.error.retry or time.monotonic() > end:
                return answer
            time.sleep(answer.error.retry_after_ms / 1000)  # as it asks


class Killer(threading.Thread):
    """Kills zhibaod at random moments and starts it again. `calm`: held while it may not."""

    def __init__(self, server, seed):
        super().__init__(daemon=True)
        self.server, self.generator = server, random.Random(f"{seed}/kills")
        self.calm, self.stopping = threading.Lock(), threading.Event()
        self.kills, self.trouble = 0, None

    def run(self):
        try:
            while not self.stopping.wait(self.generator.uniform(*KILL_SERVER_S)):
                with self.calm:
                    self.server.kill()
                    self.kills += 1
                    self.server.start()
        except Exception as error:  # told by stop
            self.trouble = error

    def stop(self):
        self.stopping.set()
        if self.is_alive():
            self.join()
        if self.trouble:
            raise self.trouble


def key_file(home, name):
    lines = dict(line.split(" = ") for line in
                 (home / "keys" / f"{name}.key").read_text().splitlines() if " = " in line)
    return bytes.fromhex(lines["public"]), bytes.fromhex(lines["secret"])


class ComparedNow(Year):
    """Compared at the end and, unless all are wanted, at few steps: scenario_year does so at each."""

    def compare(self, what):
        return super().compare(what) if WHOLE or what in self.STEPS else None


class CalmYear(ComparedNow):
    STEPS = ("locked again",)


class FaultyYear(ComparedNow):
    STEPS = ("amended after confirmation", "locked again")

    def __init__(self, checks, workplace, seed, villages):
        self.seed, self.homes, self.lock = seed, {}, threading.Lock()
        self.counts = {"commands": 0, "commands killed": 0, "commands repeated": 0}
        self.numbers = {}  # unit -> commands so far
        self.kill_within_s = KILL_WITHIN_S * (5 if harness.is_sanitized(workplace.build) else 1)
        super().__init__(checks, workplace, script.OPENS - 3 * script.DAY, villages, "faulty")
        self.killer = Killer(self.server, seed)
        workplace.stoppers.append(self.calm_down)
        self.template = self.directory / "template.csv"
        self.command(plandata.own_unit(self.villages[0]), "form", "--template", "csv", "-o",
                     self.template)
        self.disturb()

    # --- between units and the aggregator ------------------------------------------------------

    def start(self, name, begin):
        self.outer, self.inner = TcpProxy("outer", self.seed), TcpProxy("inner", self.seed)
        self.server = harness.Server(self.workplace, name, public_endpoint=self.outer.endpoint,
                                     heartbeat_ms=1000).with_clock(begin).start()
        secret = bytes.fromhex((self.server.data / "keys" / "transport.key").read_text().strip())
        public = bytes(PrivateKey(secret).public_key)
        self.inner.to(self.server.options["listen"])
        self.messages = MessageProxy(public, secret, self.inner.endpoint, self.seed,
                                     Manners() if WHOLE else Manners(lose=0.015))
        self.messages.start()
        self.outer.to(self.messages.endpoint)
        self.district = harness.District(self.server, self.connect)

    def connect(self, code):
        """enrolled_client through the proxies."""
        answer, unit, code = enrol(code)
        if answer.kind != "KIND_ENROLLED":
            raise RuntimeError(str(answer))
        self.messages.know(unit.number, unit.curve)
        return Patient(answer.body.endpoint, code.curve, unit, [code.sign])

    def enrol(self, units):
        """Villages and townships get homes, and a Python client with the same keys for questions
        that the command line does not ask."""
        with_home = [unit for unit in units if unit % 1000 == 0]
        codes = dict(zip(with_home, self.district.codes(*with_home)))

        def enrolled(unit):
            cli = harness.Cli(self.workplace, f"year/{unit}")
            cli.home.parent.mkdir(exist_ok=True, parents=True)
            done = cli("enrol", codes[unit])
            if done.returncode != 0:
                raise RuntimeError(f"enrol exits {done.returncode}: {done.stderr}")
            return cli

        (self.workplace.path / "homes").mkdir(exist_ok=True)
        with ThreadPoolExecutor(COMMANDS_AT_ONCE) as pool:
            self.homes = dict(zip(with_home, pool.map(enrolled, with_home)))
        return {unit: self.client_of(unit) if unit in self.homes else self.district.client(unit)
                for unit in units}

    def client_of(self, unit):
        home, root = self.homes[unit].home, self.district.root
        _, seed = key_file(home, "signing")
        public, secret = key_file(home, "transport")
        curve = (z85.encode(public), z85.encode(secret))
        self.messages.know(unit, curve)
        return Patient(root.endpoint, root.server_curve,
                       Unit(unit, SigningKey(seed[:32]), curve=curve), root.pinned)

    def disturb(self):
        for proxy in (self.outer, self.inner):
            proxy.disturbing = True
            proxy.cut_all()
        self.messages.disturbing = True
        self.killer.start()

    def calm_down(self):
        """Nothing goes wrong any more, and the proxies stop."""
        self.killer.stop()
        for proxy in (self.outer, self.messages, self.inner):
            proxy.close()

    def lose_all(self):
        """Whatever is under way does not arrive any more."""
        self.messages.drop_all()
        for proxy in (self.outer, self.inner):
            proxy.cut_all()
        self.clients[self.office].ping()  # and what had arrived has been read

    def move(self, moment):
        with self.killer.calm:
            super().move(moment)

    def compare(self, what):
        with self.killer.calm:
            return super().compare(what)

    def refused(self, what, name, kind, unit, payload):
        super().refused(what, name, kind, unit, payload)
        self.lose_all()

    # --- the command line ----------------------------------------------------------------------

    def each(self, items, action):
        with ThreadPoolExecutor(COMMANDS_AT_ONCE) as pool:
            list(pool.map(action, items))

    def count(self, what):
        with self.lock:
            self.counts[what] += 1

    def command(self, unit, *arguments, done=None):
        """Runs a command until it is done: again after it was killed, or could not reach anybody.
        `done`: whether it had been done before it was repeated, when it says it cannot be."""
        number = self.numbers[unit] = self.numbers.get(unit, 0) + 1
        generator = random.Random(f"{self.seed}/{unit}/command/{number}")
        self.count("commands")
        end = time.monotonic() + ATTEMPTS_S
        while True:
            process = self.launch(unit, arguments)
            if self.killer_runs() and generator.random() < KILL_COMMAND:
                try:
                    process.communicate(timeout=generator.uniform(0, self.kill_within_s))
                except subprocess.TimeoutExpired:
                    process.kill()
                    self.count("commands killed")
            out, err = process.communicate()
            if process.returncode == 0 or (process.returncode > 0 and done and done()):
                return
            if process.returncode in (1, 2) or time.monotonic() > end:
                raise RuntimeError(f"{unit}: zhibao {arguments} exits {process.returncode}: "
                                   f"{out[-600:]}{err[-600:]}")
            self.count("commands repeated")

    def killer_runs(self):
        return self.messages.disturbing

    def launch(self, unit, arguments):
        return subprocess.Popen(
            [str(self.workplace.build / "bin" / "zhibao"), "--home", str(self.homes[unit].home),
             "--lang", "zh", "--timeout", str(CLI_PATIENCE_S), *map(str, arguments)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            errors="replace",  # one that is killed may leave half a character
            env=self.workplace.environment(), cwd=self.workplace.path)

    def outbox(self, unit):
        """(kind, state, id, payload hash, payload) of all records of a home, in their order."""
        with sqlite3.connect(f"file:{self.homes[unit].home}/outbox.db?mode=ro", uri=True,
                             timeout=30) as database:
            rows = database.execute("select kind, state, id, payload_sha256, record from record"
                                    " order by sequence").fetchall()
        database.close()
        return [(kind, state, identity, digest, pb().Record.FromString(record).payload)
                for kind, state, identity, digest, record in rows]

    def newest(self, unit, kind, message):
        found = [message.FromString(payload) for found, state, _, _, payload in self.outbox(unit)
                 if found == kind and state == RECEIPTED]
        return found[-1]

    def village(self, place, revision=1, **figures):
        unit = plandata.own_unit(place)
        path = self.directory / f"{place}-{revision}.csv"
        path.write_text(sheet.filled(self.template.read_text(encoding="utf-8"), "village",
                                     plandata.village_figures(place) | figures), encoding="utf-8")
        self.command(unit, "submit", path, "--year", YEAR, "--form", "village", "--demo")
        payload = self.newest(unit, layout.REPORT, pb().Report)
        if payload.revision != revision:
            raise RuntimeError(f"{unit} reports revision {payload.revision}, not {revision}")
        self.payloads[unit, "village"] = payload
        return payload

    def reviewed(self, unit, payload):
        return any(kind == layout.REVIEW and state == RECEIPTED and
                   pb().Review.FromString(review).subject.id == payload.head.id
                   for kind, state, _, _, review in self.outbox(unit))

    def accept(self, unit, payload, kind=layout.REPORT):
        if unit not in self.homes:
            return super().accept(unit, payload, kind)
        return self.command(unit, "accept", payload.head.id.hex(), "--year", YEAR,
                            done=lambda: self.reviewed(unit, payload))

    def give_back(self, unit, payload, reason, kind=layout.REPORT):
        if unit not in self.homes:
            return super().give_back(unit, payload, reason, kind)
        return self.command(unit, "return", payload.head.id.hex(), "--reason", reason,
                            done=lambda: self.reviewed(unit, payload))

    def confirm(self, township):
        self.command(township, "confirm", "--form", "village", "--year", YEAR)
        self.totals[township] = self.newest(township, layout.CONFIRMATION, pb().Confirmation)
        return self.totals[township]

    def clients_log(self):
        """What the Python clients were told, and what the homes hold."""
        merged = self.directory / "all-clients.jsonl"
        lines = self.log.read_text(encoding="utf-8").splitlines()
        for unit in self.homes:
            for kind, state, identity, digest, _ in self.outbox(unit):
                if state in (RECEIPTED, REFUSED):
                    lines.append(json.dumps({
                        "kind": kind, "unit": unit, "id": identity.hex(),
                        "payload_sha256": digest.hex(),
                        "answer": "RECEIPT" if state == RECEIPTED else "REFUSAL", "name": ""}))
        merged.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return merged


def tell(checks, year):
    """What went wrong on the way; each kind at least once, or the year has shown nothing."""
    tcp = {kind: year.outer.counts.get(kind, 0) + year.inner.counts.get(kind, 0)
           for kind in ("cut", "stall", "half_open")}
    messages = {kind: year.messages.counts.get(kind, 0)
                for kind in ("passed", "lost", "repeated", "repeated late", "held")}
    print(f"zhibaod killed {year.killer.kills} times; {year.counts}; connections {tcp}; messages"
          f" {messages}", flush=True)
    checks.check("zhibaod was killed", year.killer.kills > 0)
    for what, count in {**year.counts, **tcp, **messages}.items():
        checks.check(f"there were some: {what}", count > 0, count)


def scenario(checks, workplace):
    usual = random.SystemRandom().randrange(1 << 32) if WHOLE else SEED
    seed = int(os.environ.get("ZHIBAO_FAULT_SEED", usual))
    print(f"seed {seed}", flush=True)
    villages = places("village")
    part = villages if WHOLE else script.Cast.slice(villages)
    cast = script.Cast(villages, part)
    began = time.monotonic()
    calm = CalmYear(checks, workplace, script.OPENS - 3 * script.DAY, part, "calm")
    expected = script.play(calm, cast)
    for client in calm.clients.values():
        client.close()
    print(f"undisturbed: {time.monotonic() - began:.1f} s", flush=True)
    began = time.monotonic()
    year = FaultyYear(checks, workplace, seed, part)
    print(f"enrolled: {time.monotonic() - began:.1f} s", flush=True)
    found = script.play(year, cast)
    print(f"disturbed: {time.monotonic() - began:.1f} s", flush=True)
    tell(checks, year)
    for view in ("states", "timeliness", "totals"):
        year.same(f"the end of both years: {view}", found[view], expected[view])
    checks.equal("the end of both years: locked", found["locked"], expected["locked"])


if __name__ == "__main__":
    harness.run(scenario)
