"""No word of what was sealed lies anywhere: tables, files, logs, a backup, memory, core files, homes."""

import base64
import os
import re
import resource
import signal
import subprocess
from pathlib import Path
from types import SimpleNamespace

from nacl.bindings import (crypto_secretstream_xchacha20poly1305_init_pull,
                           crypto_secretstream_xchacha20poly1305_pull,
                           crypto_secretstream_xchacha20poly1305_state)
from nacl.public import PrivateKey, SealedBox

import layout
import plandata
from case_tools import HANDLER, LEAD, Holder
from client import pb
from harness import CLI_S, is_sanitized
from portal import Browser, Portal

AREA_MOST = 1 << 30  # of memory; larger ones are a sanitizer's shadow
BLOCK = 1 << 16
ZEROS = bytes(BLOCK)
CONTROL = "鹿寨县民政局"  # what is there is found
MAGIC, KEY, SEALED, HEADER = len(b"ZBBACKUP1\n"), 32, 80, 24  # of a backup: server/backup/vault.h


def forms_of(text):
    """Every shape in which a text may lie about."""
    plain = text.encode()
    for data in (plain, text.encode("utf-16-le"), text.encode("utf-16-be")):
        yield data
        for shift in range(3):
            written = base64.b64encode(bytes(shift) + data)[4 if shift else 0:-4]
            yield written
            yield written.translate(bytes.maketrans(b"+/", b"-_"))
    yield plain.hex().encode()
    yield plain.hex().upper().encode()


class Search:
    def __init__(self, texts):
        self.needles = list(dict.fromkeys(form for text in texts for form in forms_of(text)))
        self.found, self.control_in, self.looked = set(), set(), 0

    def look(self, where, data):
        self.looked += len(data)
        if CONTROL.encode() in data:
            self.control_in.add(where.split()[0])
        for needle in self.needles:
            if needle in data:
                self.found.add(f"{where}: {needle[:20]!r}")

    def look_below(self, where, folder):
        for path in Path(folder).rglob("*"):
            if path.is_file() and not path.is_symlink():
                self.look(f"{where} {path.relative_to(folder)}", path.read_bytes())


def pieces_of(file, size):
    """What is not zero, in pieces; a word across two blocks is in one piece."""
    piece = []
    while size > 0 and (block := file.read(min(BLOCK, size))):
        size -= len(block)
        if block != ZEROS[:len(block)]:
            piece.append(block)
        elif piece:
            yield b"".join(piece)
            piece = []
    if piece:
        yield b"".join(piece)


def memory_of(pid, seen):
    """What a process has written to its memory, piece by piece; what is shared, once."""
    with open(f"/proc/{pid}/maps", encoding="utf-8") as maps:
        areas = [line.split() for line in maps]
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        for addresses, permissions, offset, device, inode, *_ in areas:
            first, last = (int(part, 16) for part in addresses.split("-"))
            shared = (device, inode, offset) if permissions[3] == "s" else None
            if not permissions.startswith("rw") or shared in seen or last - first > AREA_MOST:
                continue
            if shared:
                seen.add(shared)
            try:
                memory.seek(first)
                yield from pieces_of(memory, last - first)
            except OSError:
                continue


def command_line(pid):
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def processes_of(data):
    return [int(pid) for pid in os.listdir("/proc")
            if pid.isdigit() and str(data).encode() in command_line(pid)]


def pass_through_portal(stage):
    """A case goes in and out through a zhibao-web, which is returned."""
    checks, portal = stage.checks, Portal(stage.server.workplace, "case-portal")
    portal.environment = keeps_cores(stage.server.workplace)
    portal.start()
    places = (plandata.own_unit(plandata.villages()[2]), plandata.own_unit(plandata.TOWNSHIP))
    village, township = (Browser(portal) for _ in places)
    for browser, code, name in zip((village, township), stage.district.codes(*places),
                                   ("village", "township")):
        checks.equal(f"{name} enrols in the portal", browser.enrol(code, name)[0], 200)
    holder = Holder(SimpleNamespace(unit=township.unit), pb().CASE_DUTY_TOWNSHIP)
    case = stage.case([(stage.intake, LEAD, 0), (holder, HANDLER, 0)])
    status, answer = village.post("/api/submit", case.record().SerializeToString())
    checks.equal("a village reports through the portal", (status, answer.get("kind")),
                 (200, "KIND_RECEIPT"))
    township.submit(layout.CASE_READ, pb().CaseRead(
        head=township.unit.head(), district=case.district, case_id=case.id,
        purpose=pb().CASE_FOR_HANDLING))
    status, answer = township.ask("KIND_GET_CASE", district=str(case.district),
                                  case_id=base64.b64encode(case.id).decode())
    checks.check("a township gets it there, sealed", status == 200 and len(
        answer["body"]["records"]) == 1, str(answer)[:300])
    return portal


def dump_of(server):
    """The whole database, as pg_dump has it."""
    done = subprocess.run(["pg_dump", "-h", str(server.data / "run"), "-U", "postgres", "zhibao"],
                          capture_output=True, check=True, user=server.workplace.user, cwd="/",
                          timeout=CLI_S)
    return done.stdout


def backup_opened(path, secret):
    """What a backup's frames hold, decrypted: manifest, keys, and the cluster with its WAL as tar."""
    content = path.read_bytes()
    text = secret.read_text().split()[-1].removeprefix("ZBKS-")
    key = PrivateKey(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))[:KEY])
    at = MAGIC + KEY
    stream = SealedBox(key).decrypt(content[at:at + SEALED])
    at += SEALED
    state = crypto_secretstream_xchacha20poly1305_state()
    crypto_secretstream_xchacha20poly1305_init_pull(state, content[at:at + HEADER], stream)
    associated, at = content[:at + HEADER], at + HEADER
    frames = []
    while at < len(content):
        size = int.from_bytes(content[at:at + 4], "big")
        plain, _ = crypto_secretstream_xchacha20poly1305_pull(
            state, content[at + 4:at + 4 + size], associated)
        associated, at = None, at + 4 + size
        frames.append(plain)
    return b"".join(frame[1:] for frame in frames if frame[:1] == b"D"), frames


def look_in_backup(stage, search, secret):
    """`zhibaod backup`, as it lies there and as whoever holds its key has it."""
    path = stage.server.data / "case.zbk"
    done = subprocess.run(stage.server._arguments("backup", "--to", path), capture_output=True,
                          text=True, timeout=CLI_S, check=False,
                          env={**stage.server.workplace.environment(),
                               **stage.server.environment})
    stage.checks.equal("a backup is made", done.returncode, 0)
    search.look("sealed-backup", path.read_bytes())
    cluster, frames = backup_opened(path, secret)
    search.look("backup", cluster)
    search.look("backup-frames", b"\0".join(frames))
    stage.checks.check("it is the cluster and its WAL, in clear for its key",
                       b"PG_VERSION" in cluster and b"pg_wal/" in cluster, str(len(cluster)))


def look_in_tables(stage, search):
    server = stage.server
    tables = [row[0] for row in server.sql(
        "select table_name from information_schema.tables where table_schema = 'zhibao'"
        " and table_type = 'BASE TABLE'")]
    for table in tables:
        rows = server.sql(f"select t::text from zhibao.{table} t")
        search.look(f"table {table}", "\n".join("\t".join(row) for row in rows).encode())
    payloads = server.sql("select encode(payload, 'hex') from zhibao.registry_event")
    search.look("payloads", b"\n".join(bytes.fromhex(row[0]) for row in payloads))
    search.look("dump", dump_of(server))
    village = str(stage.village.unit.number)
    named = server.sql("select kind, unit, carrier from zhibao.registry_event where kind between 30"
                       f" and 48 and ({village} in (unit, carrier, subject_unit))")
    stage.checks.equal("no record of a case names the reporter's unit", named, [])


def look_in_memory(stage, search, portal):
    checks, seen = stage.checks, set()
    children = processes_of(stage.server.data)
    checks.check("the server, its database and the portal are looked at", stage.server.process.pid
                 in children and len(children) >= 2 and portal.process.pid
                 in processes_of(portal.data), str(children))
    for pid in [*children, portal.process.pid]:
        for piece in memory_of(pid, seen):
            search.look(f"memory of {pid}", piece)


def keeps_cores(workplace):
    """The environment in which a program cannot switch off its core files; {} where the kernel or
    sanitizers write none."""
    named = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    most = resource.getrlimit(resource.RLIMIT_CORE)[1]
    if named.startswith(("|", "/")) or most != resource.RLIM_INFINITY or is_sanitized(
            workplace.build):
        print("skipped: core files by force", flush=True)
        return {}
    return {"KEEP_CORES": "yes",
            "LD_PRELOAD": str(workplace.build / "tests" / "scenario" / "kill_at.so")}


def core_of(process):
    """Aborts a process; the core file that the kernel wrote of it, or None."""
    folder = Path(f"/proc/{process.pid}/cwd").resolve()
    process.send_signal(signal.SIGABRT)
    process.wait(CLI_S)
    return next(folder.glob("core*"), None)


def check_cores(stage, search, portal):
    """A core file that is forced out of either program has nothing to tell; and as they are they
    leave none when they crash."""
    checks = stage.checks
    for what, program in (("zhibaod", stage.server), ("zhibao-web", portal)):
        if program.environment.pop("KEEP_CORES", None):
            core = core_of(program.process)
            checks.check(f"{what}: a core file is forced out", core is not None)
            with open(core, "rb") as file:
                for piece in pieces_of(file, core.stat().st_size):
                    search.look(f"core of {what}", piece)
            core.unlink()
            program.start()
        limits = Path(f"/proc/{program.process.pid}/limits").read_text()
        checks.check(f"{what} has switched them off", re.search(
            r"^Max core file size +0 +0 ", limits, re.M), limits)
        checks.equal(f"{what}: none is written when it crashes", core_of(
            program.process), None)
        program.start()


def check_leaks(stage, texts, homes, secret):
    """No planted text in tables, files, log or memory, nor at rest in a home."""
    checks, server, search = stage.checks, stage.server, Search(texts)
    portal = pass_through_portal(stage)
    look_in_tables(stage, search)
    look_in_memory(stage, search, portal)
    forced = "KEEP_CORES" in server.environment
    check_cores(stage, search, portal)
    look_in_backup(stage, search, secret)
    server.sql("checkpoint")
    search.look_below("data", server.data)
    search.look_below("portal", portal.data)
    for log in server.workplace.logs:
        search.look(f"log {log.name}", log.read_bytes())
    for home in homes:
        search.look_below("home", home)
    checks.check("there was something to look at", search.looked > 30_000_000, str(search.looked))
    checks.equal("no planted text anywhere", sorted(search.found), [])
    checks.check("the search finds what is there", {
        "table", "dump", "memory", "backup", "data"} | ({"core"} if forced else set())
        <= search.control_in,
        str(search.control_in))
