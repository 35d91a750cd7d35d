"""What an administrator sees of a running server: /metrics and /health on loopback, what systemd is
told, alarms in the log, in the metrics and by mail."""

import re
import signal
import socket
import subprocess
import time
import urllib.error
import urllib.request
from datetime import datetime, timezone

import harness
import layout
import plandata
from client import pb
from harness import District, Server
from listeners import Mailbox

WITHIN_S = 40
LINE = re.compile(r'^([a-z_]+)(\{[a-z]+="[^"\\]*"\})? (-?[0-9.e+-]+|\+Inf|inf)$')


class Systemd:
    """The socket of NOTIFY_SOCKET, and what came over it."""

    def __init__(self, workplace):
        self.path = workplace.path / "notify"
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(self.path))
        self.path.chmod(0o777)
        self.told = []
        workplace.stoppers.append(self.socket.close)

    def wait(self, word):
        """Until a message begins with `word`; False when none comes."""
        self.socket.settimeout(WITHIN_S)
        while not any(text.startswith(word) for text in self.told):
            try:
                self.told.append(self.socket.recv(4096).decode())
            except TimeoutError:
                return False
        return True


def get(port, path):
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def metrics(port):
    """name or name{label} -> value, and the lines that are not of the format."""
    values, strange, described = {}, [], set()
    for line in get(port, "/metrics")[1].splitlines():
        match = LINE.match(line)
        if match:
            values[match[1] + (match[2] or "")] = float(match[3])
            base = re.sub(r"_(bucket|sum|count)$", "", match[1])
            if not {match[1], base} & described:
                strange.append(line)
        elif line.startswith("# TYPE "):
            described.add(line.split()[2])
        elif not line.startswith("# HELP "):
            strange.append(line)
    return values, strange


def wait_metric(port, name, good):
    end = time.monotonic() + WITHIN_S
    while not good(metrics(port)[0].get(name)):
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def make_certificate(path, days):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=portal.example", "-days",
                    str(days), "-keyout", str(path) + ".key", "-out", str(path)],
                   check=True, capture_output=True)
    path.chmod(0o644)


def check_metrics(checks, server, district, port):
    village = district.client(plandata.own_unit(plandata.villages()[0]))
    record = village.unit.record(layout.REPORT, harness.report(village.unit))
    village.must("KIND_RECEIPT", village.submit(record))
    bad = harness.report(village.unit, period=1950)
    refused = village.submit(village.unit.record(layout.REPORT, bad))
    values, strange = metrics(port)
    checks.equal("every line is of Prometheus' form and described", strange, [])
    wanted = ("queue", "batch_records_count", "commit_seconds_count", "connected",
              "outbox_age_seconds", "disk_free_bytes", "answered_total", "database_up")
    checks.equal("what was asked for is there",
                 [name for name in wanted if f"zhibao_{name}" not in values], [])
    checks.check("records and commits are counted", values["zhibao_records_total"] >= 3 and
                 values["zhibao_commit_seconds_count"] >= 2, values)
    checks.check("connections are counted", values["zhibao_connected"] >= 2 and
                 values["zhibao_handshakes_total"] >= 2, values["zhibao_connected"])
    checks.equal(f"a refusal is counted by its code ({refused.name})",
                 values.get(f'zhibao_refused_total{{code="{refused.name}"}}'), 1)
    village.close()
    checks.check("one connection less", wait_metric(
        port, "zhibao_connected", lambda now: now == values["zhibao_connected"] - 1))
    code, text = get(port, "/health")
    checks.check("healthy", code == 200 and "database ok" in text and "loop ok" in text, text)
    checks.equal("nothing else is served", get(port, "/etc/passwd")[0], 404)
    with open(f"/proc/{server.process.pid}/net/tcp", encoding="ascii") as table:
        local = [line.split()[1] for line in table if line.split()[1].endswith(f":{port:04X}")]
    checks.check("on 127.0.0.1 only", local and all(at.startswith("0100007F:") for at in local),
                 local)


def check_alarms(checks, server, port, mailbox):
    """Disk, certificate and silence are there from the start of this server."""
    names = ("disk_nearly_full", "certificate_ending", "unit_silent", "clock_wrong", "backup_old")
    for name in names:
        checks.check(f"{name}: raised", wait_metric(port, f'zhibao_alarm{{name="{name}"}}',
                                                    lambda value: value == 1))
    text = server.log.read_text(encoding="utf-8")
    checks.equal("each is logged once", [name for name in names if len(re.findall(
        rf" warning alarm: .* alarm={name} ", text)) != 1], [])
    end = time.monotonic() + WITHIN_S
    while time.monotonic() < end and not {f"{name}" for name in names} <= told(mailbox):
        time.sleep(0.1)
    checks.equal("each is mailed to the administrator", sorted(told(mailbox)), sorted(names))
    code, health = get(port, "/health")
    checks.check("alarms do not make it unwell", code == 200 and "alarm clock_wrong" in health,
                 health)


def told(mailbox):
    return {match[1] for mail in mailbox.mails
            for match in [re.search(r"（([a-z_]+)）", mail["Subject"])] if match}


def scenario(checks, workplace):
    port, mailbox, systemd = harness.free_port(), Mailbox(), Systemd(workplace)
    workplace.stoppers.append(mailbox.close)
    certificate = workplace.path / "portal.pem"
    make_certificate(certificate, 10)
    start = datetime(2026, 2, 1, 12, 0, tzinfo=timezone.utc)
    server = Server(
        workplace, metrics_port=port, smtp_url=f"smtp://127.0.0.1:{mailbox.port}", smtp_tls="no",
        smtp_from="zhibao@luzhai.example", notice_retry_s=1).with_clock(start)
    server.environment.update(NOTIFY_SOCKET=str(systemd.path), WATCHDOG_USEC="2000000")
    server.start()
    checks.check("systemd is told that it is ready", systemd.wait("READY=1"), systemd.told)
    checks.check("and that it is alive", systemd.wait("WATCHDOG=1"), systemd.told)
    district = District(server)
    root = district.root
    root.must_store(layout.CONTACT, pb().Contact(
        head=root.unit.head(), unit=root.unit.number, email="it@luzhai.example", language="zh"))
    check_metrics(checks, server, district, port)
    quiet = [name for name in metrics(port)[0] if name.startswith("zhibao_alarm") and
             metrics(port)[0][name] == 1 and "clock" not in name]
    checks.equal("no alarm while all is well", quiet, [])
    root.close()
    server.process.send_signal(signal.SIGTERM)
    server.process.wait(harness.STOP_S)
    server.stop()
    checks.check("and that it stops", systemd.wait("STOPPING=1"), systemd.told)
    (server.data / "backup.last").write_text("1700000000000000\n")
    server.options.update(disk_free_mb=100000000, certificates=certificate, silent_days=1,
                          backup_days=1)
    server.start()
    server.sql("insert into zhibao.unit_seen values (3, 1) on conflict (unit) do update"
               " set seen_us = excluded.seen_us")
    # the latest batch's time lies ahead
    server.sql("update zhibao.batch set time_us = time_us + 86400000000 * 9"
               " where number = (select max(number) from zhibao.batch)")
    check_alarms(checks, server, port, mailbox)


if __name__ == "__main__":
    harness.run(scenario)
