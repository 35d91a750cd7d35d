"""What ./deploy/quickstart refuses to do, and what it leaves behind when it is broken off: nothing.

The round itself is not run here: the guards are asked before anything is installed or built.
"""

import fcntl
import os
import re
import signal
import shutil
import socket
import subprocess
from pathlib import Path

import harness
from harness import ROOT, free_port

QUICKSTART_S = 120

STARTED = """
set -euo pipefail
BIN=$1 RUN=$2 LOGS=$2/logs PORT=$3 PORT_ENROL=$4
mkdir -p "$LOGS"
for part in say process server portal; do . "$5/deploy/lib/$part.sh"; done
one_at_a_time "$LOGS/quickstart.pid"
stop_with_us
server_start
echo up
while :; do sleep 0.1; done
"""


# What runs afterwards, with a client's commands: all of it traced.
TRACED = """
set -euo pipefail
BIN=$1 RUN=$2 LOGS=$2/logs PORT=$3 PORT_ENROL=$4 PORT_WEB=$5
mkdir -p "$LOGS" "$RUN/portal"
for part in say process round server portal; do . "$6/deploy/lib/$part.sh"; done
stop_with_us
server_start
portal_start
code=$("$BIN/zhibaod" first-code --data "$RUN/data" --place 450223000000 --force 2>/dev/null \
    --listen "tcp://127.0.0.1:$PORT" --listen-enrol "tcp://127.0.0.1:$PORT_ENROL")
"$BIN/zhibao" --home "$RUN/admin" enrol "$code" >/dev/null
"$BIN/zhibao" --home "$RUN/admin" plan import "$6/deploy/plans/luzhai" >/dev/null
"$BIN/zhibao" --home "$RUN/admin" admin units --place 450223000000 >/dev/null
portal_stop
server_stop
echo went through
"""
ADDRESS = re.compile(r'sin6?_port=htons\((\d+)\).*?(?:inet_addr\("|inet_pton\(AF_INET6, ")([^"]+)"')


def quickstart(run, *arguments, **ports):
    environment = dict(os.environ, ZHIBAO_RUN=str(run), LC_ALL="en_US.UTF-8")
    for name, port in ports.items():
        environment[name] = str(port)
    return subprocess.run([str(ROOT / "deploy" / "quickstart"), *arguments], env=environment,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=QUICKSTART_S, check=False)


def with_taken(run, name, port):
    """Asked again should another test have taken one of the other ports meanwhile."""
    for _ in range(3):
        ports = {"ZHIBAO_PORT": free_port(), "ZHIBAO_PORT_ENROL": free_port(),
                 "ZHIBAO_PORT_WEB": free_port(), name: port}
        done = quickstart(run, **ports)
        if f"port {port} " in done.stderr:
            break
    return done


def check_ports(checks, run):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for name in ("ZHIBAO_PORT", "ZHIBAO_PORT_ENROL", "ZHIBAO_PORT_WEB"):
            done = with_taken(run, name, port)
            checks.check(f"a taken {name} is refused with port, process and what to do, at once",
                         done.returncode == 1 and done.stdout == ""
                         and f"port {port} is taken by process {os.getpid()} (" in done.stderr
                         and f"{name}=PORT" in done.stderr, done.stdout + done.stderr)
    for wrong in ("0", "70000", "75x"):
        done = quickstart(run, ZHIBAO_PORT=wrong)
        checks.check(f"port {wrong} is refused", done.returncode == 1 and "65535" in done.stderr,
                     done.stdout + done.stderr)
    checks.equal("nothing was made but logs", sorted(path.name for path in run.iterdir()), ["logs"])


def check_stop(checks, run):
    done = quickstart(run, "--stop")
    checks.equal("--stop with nothing running says so", (done.returncode, done.stdout),
                 (0, "nothing is running\n"))
    other = subprocess.Popen(["sleep", "600"])
    for name in ("zhibaod.pid", "portal.pid"):
        (run / name).write_text(f"{other.pid}\n")
    done = quickstart(run, "--stop")
    checks.equal("--stop with another's process in the pid files says the same",
                 (done.returncode, done.stdout), (0, "nothing is running\n"))
    checks.check("and leaves that process alone", other.poll() is None)
    other.kill()
    other.wait()


def check_second(checks, run):
    with open(run / "logs" / "quickstart.pid", "a", encoding="ascii") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        for arguments in ((), ("--stop",)):
            done = quickstart(run, *arguments)
            checks.check(f"quickstart {' '.join(arguments)} while another runs is refused",
                         done.returncode == 1 and "another quickstart is running" in done.stderr,
                         done.stdout + done.stderr)


def is_running(pid):
    """A process that has ended and waits to be reaped by init is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


def check_broken_off(checks, workplace, run):
    """Each signal while zhibaod runs: it and its PostgreSQL are stopped."""
    for number in (signal.SIGHUP, signal.SIGINT, signal.SIGTERM):
        arguments = [workplace.build / "bin", run, free_port(), free_port(), ROOT]
        script = subprocess.Popen(
            ["bash", "-c", STARTED, "quickstart", *[str(argument) for argument in arguments]],
            env=workplace.environment(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            # a job of a shell's background is born deaf to it, and bash cannot change that
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL))
        ready = script.stdout.readline() == "up\n"
        pids = [int((run / "zhibaod.pid").read_text()),
                int((run / "data" / "pg" / "postmaster.pid").read_text().split()[0])] if ready else []
        script.send_signal(number)
        _, trouble = script.communicate(timeout=QUICKSTART_S)
        name = signal.Signals(number).name
        checks.check(f"{name}: had started", ready, trouble)
        checks.equal(f"{name}: ends with 128 and the signal's number", script.returncode,
                     128 + number)
        checks.equal(f"{name}: leaves no server behind",
                     [pid for pid in pids if is_running(pid)], [])


def check_goes_nowhere(checks, workplace):
    """Server, database, portal and client connect to each other on this machine and to nobody else,
    no name server either: every connect and bind of all of them is traced."""
    if shutil.which("strace") is None or harness.is_sanitized(workplace.build):
        print("skipped: connections are not traced (no strace, or sanitizers)", flush=True)
        return
    run, trace = workplace.path / "traced", workplace.path / "trace"
    run.mkdir()
    ports = [free_port() for _ in range(3)]
    arguments = [workplace.build / "bin", run, *ports, ROOT]
    done = subprocess.run(
        ["strace", "-f", "--seccomp-bpf", "-qq", "-e", "trace=connect,bind", "-o", str(trace),
         "bash", "-c", TRACED, "quickstart", *[str(argument) for argument in arguments]],
        env=workplace.environment(), stdin=subprocess.DEVNULL, capture_output=True, text=True,
        timeout=2 * QUICKSTART_S, check=False)
    checks.equal("traced: server, portal and client do their work",
                 (done.returncode, done.stdout), (0, "went through\n")) or print(done.stderr)
    seen = {"connect": set(), "bind": set()}
    for line in trace.read_text(errors="replace").splitlines():
        call = re.search(r"\b(connect|bind)\(", line)
        found = ADDRESS.search(line)
        if call and found:
            seen[call[1]].add((found[2].removeprefix("::ffff:"), int(found[1])))
    checks.check("traced: it was seen that the client connects",
                 ("127.0.0.1", ports[0]) in seen["connect"], seen)
    others = {name: [where for where in found if where[0] not in ("127.0.0.1", "::1")]
              for name, found in seen.items()}
    checks.equal("traced: nobody connects to, or listens for, another machine", others,
                 {"connect": [], "bind": []})
    listening = {port for _, port in seen["bind"] if port}
    checks.equal("traced: only the ports that were asked for are listened on", listening,
                 set(ports))


def scenario(checks, workplace):
    run = workplace.path / "run"
    run.mkdir()
    check_ports(checks, run)
    check_stop(checks, run)
    check_second(checks, run)
    check_broken_off(checks, workplace, run)
    check_goes_nowhere(checks, workplace)


if __name__ == "__main__":
    harness.run(scenario)
