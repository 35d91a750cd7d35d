"""Keys that change: a unit's own, with an overlap, killed at every step."""

import base64
import datetime
import re
import shutil
import sqlite3
import struct
import time

import nacl.pwhash
import nacl.secret

import harness
import layout
import plandata
from harness import Server
from round_stage import Round, STATE_WITHIN_S, TOWNSHIP, VILLAGES
from sheet import filled, parse

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


def opened(path, passphrase):
    """A locked file opened by another library, from PROTOCOL.md alone."""
    file = path.read_bytes()
    magic, passes, memory, salt, nonce, size = struct.unpack(">4sII16s24sI", file[:56])
    if magic != b"ZBE1" or len(file) != 56 + size + 16:
        raise ValueError(path)
    key = nacl.pwhash.argon2id.kdf(32, passphrase.encode(), salt, opslimit=passes,
                                   memlimit=memory * 1024)
    return nacl.secret.SecretBox(key).decrypt(file[56:], nonce).decode()


def check_locked_home(stage):
    """A home whose key files are encrypted: the passphrase by every way, none, wrong, cut short."""
    checks, cli, right = stage.checks, stage.homes["village"], "口令 of nine"
    before = (cli.home / "keys" / "signing.key").read_text(encoding="utf-8")
    done = cli("key", "encrypt", ZHIBAO_PASSPHRASE="short")
    checks.check("a short passphrase is refused", done.returncode != 0 and "8 bytes" in done.stderr,
                 done.stderr)
    stage.ran(cli, "key", "encrypt", ZHIBAO_PASSPHRASE=right)
    keys = sorted(cli.home.glob("keys/**/*.key"))
    checks.check(f"all {len(keys)} key files are encrypted, the retired ones too", len(keys) >= 6 and
                 all(path.read_bytes()[:4] == b"ZBE1" for path in keys), keys)
    checks.equal("another library opens them", opened(cli.home / "keys" / "signing.key", right),
                 before)
    done = cli("track")
    checks.check("without the passphrase nothing opens", done.returncode != 0
                 and "passphrase" in done.stderr, done.stderr)
    done = cli("track", ZHIBAO_PASSPHRASE="another one")
    checks.check("a wrong one is said to be wrong", done.returncode != 0
                 and "wrong passphrase" in done.stderr, done.stderr)
    file = stage.workplace.path / "passphrase"
    file.write_text(right + "\n", encoding="utf-8")
    stage.ran(cli, "track", ZHIBAO_PASSPHRASE_FILE=str(file))
    (stage.workplace.path / "zhibao-passphrase").write_text(right, encoding="utf-8")
    stage.ran(cli, "track", CREDENTIALS_DIRECTORY=str(stage.workplace.path))
    done = stage.ran(cli, "key", "rotate", ZHIBAO_PASSPHRASE_FD="0", stdin=right + "\n")
    checks.check("new keys are encrypted as the old ones were", all(
        path.read_bytes()[:4] == b"ZBE1" for path in cli.home.glob("keys/**/*.key")), done.stdout)
    cut = cli.copy("cut")
    signing = cut.home / "keys" / "signing.key"
    signing.write_bytes(signing.read_bytes()[:100])
    done = cut("track", ZHIBAO_PASSPHRASE=right)
    checks.check("a file that is cut short is said to be", done.returncode != 0
                 and "cut short" in done.stderr, done.stderr)
    stage.ran(cli, "key", "decrypt", ZHIBAO_PASSPHRASE=right)
    stage.ran(cli, "track")


def check_locked_server(stage):
    """The server's key files likewise."""
    checks, server, right = stage.checks, stage.server, "server passphrase"
    plain = dict(server.environment)
    checks.equal("zhibaod stops", server.stop(), 0)
    server.environment = {**plain, "ZHIBAO_PASSPHRASE": right}
    done = server.command("key-encrypt")
    checks.check("zhibaod key-encrypt", done.returncode == 0 and all(
        path.read_bytes()[:4] == b"ZBE1" for path in (server.data / "keys").glob("*.key")),
        done.stdout + done.stderr)
    for wrong, said in (({}, "there is no passphrase"),
                        ({"ZHIBAO_PASSPHRASE": "another one"}, "wrong passphrase")):
        server.environment = {**plain, **wrong}
        done = server.command("run")
        checks.check(f"zhibaod does not start: {said}", done.returncode == 1
                     and said in done.stderr, done.stderr)
    server.environment = {**plain, "ZHIBAO_PASSPHRASE": right}
    server.start()
    stage.ran(stage.homes["village"], "track")
    checks.equal("zhibaod stops", server.stop(), 0)
    checks.equal("zhibaod key-decrypt", server.command("key-decrypt").returncode, 0)
    server.environment = plain
    server.start()


def times(left, right):
    """GF(2^8) with x^8 + x^4 + x^3 + x + 1."""
    product = 0
    while right:
        product ^= left if right & 1 else 0
        left = (left << 1) ^ (0x11b if left & 0x80 else 0)
        right >>= 1
    return product


def joined(files):
    """The secret of shares, from PROTOCOL.md alone."""
    points = []
    for file in files:
        text = file.read_text(encoding="ascii").strip().removeprefix("ZBS1-")
        share = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        points.append((share[11], share[28:92]))
    secret = bytearray(64)
    for x, y in points:
        weight = 1
        for other, _ in points:
            if other != x:
                inverse = next(a for a in range(256) if times(a, other ^ x) == 1)
                weight = times(weight, times(other, inverse))
        secret = bytearray(old ^ times(byte, weight) for old, byte in zip(secret, y))
    return bytes(secret)


def check_shares(stage):
    """The ceremony: the keys in five shares; the keys folder is lost, and three bring it back."""
    checks, server, village = stage.checks, stage.server, stage.homes["village"]
    safe, met = stage.workplace.directory("safe"), stage.workplace.directory("met")
    done = server.command("key-split", "--shares", "5of3", "--to", str(safe))
    checks.check("more needed than there are: exit 2", done.returncode == 2 and "3of5" in
                 done.stderr, done.stderr)
    done = server.command("key-split", "--shares", "3of5", "--to", str(safe))
    shares = sorted(safe.glob("share-*.txt"))
    checks.check("five shares", done.returncode == 0 and len(shares) == 5, done.stderr)
    keys = server.data / "keys"
    secret = (keys / "transport.key").read_text().strip() + (keys / "sign.key").read_text()[:64]
    checks.equal("another program joins three of them", joined(shares[1:4]).hex(), secret)
    checks.equal("two of them give something else", joined(shares[1:3]).hex() == secret, False)
    checks.equal("zhibaod stops", server.stop(), 0)
    lost = {path.name: path.read_bytes() for path in keys.iterdir()}
    shutil.rmtree(keys)
    for share in shares[:2]:
        shutil.copy(share, met)
    done = server.command("key-join", "--from", str(met))
    checks.check("two are too few", done.returncode == 1 and "too few" in done.stderr
                 and not keys.exists(), done.stderr)
    third = met / "third.txt"
    third.write_text(shares[4].read_text()[:100])
    done = server.command("key-join", "--from", str(met))
    checks.check("a share that is cut short is named", done.returncode == 2
                 and "third.txt" in done.stderr and not keys.exists(), done.stderr)
    third.write_text(shares[4].read_text())
    done = server.command("key-join", "--from", str(met))
    checks.check("three bring the keys back, byte for byte", done.returncode == 0
                 and {path.name: path.read_bytes() for path in keys.iterdir()} == lost,
                 done.stdout + done.stderr)
    done = server.command("key-join", "--from", str(met))
    checks.check("and never over keys that are there", done.returncode == 1, done.stderr)
    server.start()
    stage.submit("village", "village", VILLAGES[0], plandata.village_figures(VILLAGES[0]))
    receipts = sorted((village.home / "receipts").glob("*.zbr"))
    checks.check("clients go on, and all receipts verify",
                 village("verify", *receipts).returncode == 0, len(receipts))


def check_sm2(checks, workplace):
    """A deployment whose receipts are signed by SM2 with SM3, from the first start."""
    server = Server(workplace, "sm2", sign_algorithm="sm2").start()
    admin, village = harness.Cli(workplace, "sm2 admin"), harness.Cli(workplace, "sm2 village")
    checks.check("its enrolment code, receipt and pin say so", admin(
        "enrol", server.first_code()).returncode == 0 and " sm2 " in (
            admin.home / "pins.conf").read_text(), admin("whoami").stdout)
    checks.equal("a plan is stored", admin("plan", "import", plandata.PLANS / plandata.PLAN)
                 .returncode, 0)
    codes = parse(admin("admin", "codes", "--unit", f"{VILLAGES[0]:012}", "--format", "csv").stdout)
    checks.equal("a village enrols", village("enrol", codes[0]["code"]).returncode, 0)
    template = village("form", "--template", "csv", lang="zh").stdout
    sheet = workplace.path / "sm2.csv"
    sheet.write_text(filled(template, "village", plandata.village_figures(VILLAGES[0])),
                     encoding="utf-8")
    done = village("submit", sheet, "--year", plandata.PERIOD, "--demo")
    checks.equal("and reports", done.returncode, 0)
    receipts = sorted((village.home / "receipts").glob("*.zbr"))
    done = village("verify", *receipts)
    checks.check("its receipts verify, and verify says by what", receipts and done.returncode == 0
                 and "SM2 (with SM3)" in done.stdout, done.stdout + done.stderr)
    altered = workplace.path / "altered.zbr"
    altered.write_bytes(receipts[0].read_bytes()[:-1] + bytes([receipts[0].read_bytes()[-1] ^ 1]))
    done = village("verify", altered)
    checks.check("an altered one does not", done.returncode == 1 and "not valid" in done.stdout,
                 done.stdout)
    checks.equal("every batch has the algorithm", server.sql(
        "select distinct algorithm from zhibao.batch"), [["2"]])
    done = server.audit()
    checks.check("the audit finds nothing", done.returncode == 0, done.stdout + done.stderr)
    checks.equal("it stops", server.stop(), 0)
    server.options["sign_algorithm"] = "ed25519"
    done = server.command("run")
    checks.check("another algorithm later is refused, with the reason", done.returncode == 1
                 and "before the first start" in done.stderr, done.stderr)


def scenario(checks, workplace):
    stage = Keys(checks, workplace)
    check_rotation(stage)
    check_kills(stage)
    check_locked_home(stage)
    check_locked_server(stage)
    check_shares(stage)
    done = stage.server.audit()
    checks.check("the audit finds the signatures of all keys in order", done.returncode == 0,
                 done.stdout + done.stderr)
    checks.equal("zhibaod stops cleanly", stage.server.stop(), 0)
    check_sm2(checks, workplace)


if __name__ == "__main__":
    harness.run(scenario)
