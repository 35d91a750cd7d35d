"""Keys that change: a unit's own, with an overlap, killed at every step."""

import datetime
import re
import sqlite3
import time

import harness
import layout
import plandata
from harness import Server
from round_stage import Round, STATE_WITHIN_S, TOWNSHIP, VILLAGES
from sheet import parse

OVERLAP = 3  # days
VILLAGE = plandata.own_unit(VILLAGES[0])


class Keys(Round):
    """The plan of 鹿寨县 on a server whose clock can be moved."""

    def __init__(self, checks, workplace):
        self.checks, self.workplace = checks, workplace
        self.homes, self.templates, self.submitted = {}, {}, {}
        self.now = datetime.datetime.now(datetime.timezone.utc)
        self.server = Server(workplace).with_clock(self.now).start()
        self.admin = self.home("admin")
        self.ran(self.admin, "enrol", self.server.first_code())
        self.ran(self.admin, "plan", "import", plandata.PLANS / plandata.PLAN)
        self.enrol({"township": TOWNSHIP, "village": VILLAGE})
        self.witness = self.client(TOWNSHIP)

    def later(self, **span):
        """The server's clock goes on; returns when it goes by the new time."""
        self.now += datetime.timedelta(**span)
        self.server.move(self.now)
        self.wait("the clock is moved", lambda: self.witness.ping().body.time_us / 1e6
                  >= self.now.timestamp())

    def wait(self, what, ready):
        end = time.monotonic() + STATE_WITHIN_S
        while not (good := ready()) and time.monotonic() < end:
            time.sleep(0.05)
        self.checks.check(what, good)

    def keys(self, unit=VILLAGE):
        """key id -> (status, end), as the database has them."""
        return {key: (status, int(ends)) for key, status, ends in self.server.sql(
            "select encode(key_id, 'hex'), status, ends_us from zhibao.unit_key"
            f" where unit = {unit}")}


def me(cli):
    return parse(cli("whoami", "--format", "csv").stdout)[0]["key"]


def key_in(cli, directory):
    """The id of the signing key of keys/DIRECTORY."""
    text = (cli.home / "keys" / directory / "signing.key").read_text(encoding="ascii")
    public = re.search(r"^public = (\w+)$", text, re.M).group(1)
    return layout.key_id(bytes.fromhex(public)).hex()


def is_lost(stage, cli):
    """Whether the server has stored a rotation that the home has no answer to."""
    if not (cli.home / "keys" / "next" / "enrol.record").exists():
        return False
    with sqlite3.connect(f"file:{cli.home}/outbox.db?mode=ro", uri=True) as outbox:
        waits = outbox.execute("select count(*) from record where state = 1").fetchone()[0]
    return waits == 1 and key_in(cli, "next") in stage.keys()


def check_rotation(stage):
    """Both keys are good for the overlap; then the new one alone. Old receipts verify."""
    checks, village = stage.checks, stage.homes["village"]
    figures = plandata.village_figures(VILLAGES[0])
    stage.submit("village", "village", VILLAGES[0], figures)
    before = me(village)
    left = village.copy("left behind")
    stage.ran(village, "key", "rotate", "--overlap", "91", code=2)
    done = stage.ran(village, "key", "rotate", "--overlap", OVERLAP)
    after = me(village)
    checks.check("a new key is in use, and the old one kept", after != before and after in
                 done.stdout and (village.home / "keys" / f"retired-{before}").is_dir(), done.stdout)
    known = stage.keys()
    checks.check("the server has both, the old one with its end", known[after] == ("active", 0)
                 and known[before][0] == "active" and known[before][1] > 0, known)
    stage.submit("village", "village", VILLAGES[0], figures | {"village_child_injuries": 1})
    stage.ran(left, "track")
    done = stage.ran(left, "key", "rotate", code=1)
    checks.check("who has only the old key changes no key", "E_KEY_ENDING" in done.stdout
                 + done.stderr, done.stdout + done.stderr)
    stage.later(days=OVERLAP, seconds=-60)
    stage.ran(left, "track")
    stage.later(minutes=2)
    done = stage.ran(left, "track", code=1)
    checks.check("after the overlap the old key is refused", "revoked" in done.stderr, done.stderr)
    stage.submit("village", "village", VILLAGES[0], figures | {"village_child_injuries": 2})
    receipts = sorted((village.home / "receipts").glob("*.zbr"))
    checks.check("receipts of before and after verify", len(receipts) >= 3 and village(
        "verify", *receipts).returncode == 0, len(receipts))


def check_kills(stage):
    """SIGKILL before every change of a name or fsync of the rotation: the home has a key that works
    at once, and long after the overlap."""
    checks = stage.checks
    shim = stage.workplace.build / "tests" / "scenario" / "kill_at.so"
    if harness.is_sanitized(stage.workplace.build):
        print("skipped: SIGKILL at each step needs a build without sanitizers", flush=True)
        return
    home, faults, step, rescued = stage.homes["village"], [], 0, 0
    while step < 200:
        step += 1
        killed = home("key", "rotate", "--overlap", OVERLAP, LD_PRELOAD=str(shim),
                      KILL_AT=str(step))
        if killed.returncode == 0:
            break
        if rescued < 1 and is_lost(stage, home):
            rescued += 1  # and it is left alone for long
            stage.later(days=OVERLAP, minutes=1)
        works = home("track")
        again = home("key", "rotate", "--overlap", OVERLAP)
        if (killed.returncode, works.returncode, again.returncode) != (-9, 0, 0):
            faults.append((step, works.stderr, again.stderr))
    checks.equal(f"killed before each of {step - 1} steps: there is always a key that works",
                 faults, [])
    checks.check("and a home that lost the answer is let in with the new key after the old one's end",
                 20 < step < 200 and rescued == 1, f"{step} {rescued}")
    stage.submit("village", "village", VILLAGES[0], plandata.village_figures(VILLAGES[0]))


def scenario(checks, workplace):
    stage = Keys(checks, workplace)
    check_rotation(stage)
    check_kills(stage)
    done = stage.server.audit()
    checks.check("the audit finds the signatures of all keys in order", done.returncode == 0,
                 done.stdout + done.stderr)
    checks.equal("zhibaod stops cleanly", stage.server.stop(), 0)


if __name__ == "__main__":
    harness.run(scenario)
