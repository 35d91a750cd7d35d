"""Runs the Node client of tests/node, which was written from the protocol's page alone.

Skipped (exit code 77) without node and npm, or when npm cannot get the client's two packages.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import harness
import plandata
from harness import ROOT, District, Server

SKIPPED = 77
SOURCE = ROOT / "tests" / "node"
INSTALL_S = 300
RUN_S = 300


def skip(why):
    """Exit code 77 is ctest's "skipped"; ./deploy/test prints the line."""
    print(f"skipped: the client in Node was NOT tested: {why}", flush=True)
    sys.exit(SKIPPED)


def missing(place):
    """What keeps the packages from being loaded, "" when they can be: a mark alone proves nothing."""
    done = subprocess.run(["node", "-e", "require('zeromq'); require('protobufjs')"], cwd=place,
                          stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=RUN_S,
                          check=False)
    said = [line for line in done.stderr.splitlines() if "rror" in line]
    return "" if done.returncode == 0 else (said or [f"node exits {done.returncode}"])[0]


def install(build):
    """The client and its packages in the build directory; installed once."""
    place = Path(build).resolve() / "tests" / "node"
    place.mkdir(parents=True, exist_ok=True)
    for path in [*SOURCE.glob("*.js"), SOURCE / "package.json", SOURCE / ".npmrc"]:
        shutil.copy2(path, place / path.name)
    mark = place / "installed.json"
    wanted = (SOURCE / "package.json").read_text()
    if mark.exists() and mark.read_text() == wanted and missing(place) == "":
        return place
    mark.unlink(missing_ok=True)
    try:
        done = subprocess.run(
            ["npm", "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"],
            cwd=place, stdin=subprocess.DEVNULL, capture_output=True, text=True,
            timeout=INSTALL_S, check=False)
    except subprocess.TimeoutExpired:
        skip(f"npm install takes longer than {INSTALL_S} s")
    if done.returncode != 0:
        skip(f"npm install exits {done.returncode}: {' '.join(done.stderr.split())[-300:]}")
    reason = missing(place)
    if reason:
        skip(f"the packages do not load though npm install exits 0: {reason}")
    mark.write_text(wanted)
    return place


def run_client(checks, place, what, *arguments):
    done = subprocess.run(["node", "main.js", *[str(argument) for argument in arguments]],
                          cwd=place, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                          timeout=RUN_S, check=False)
    for line in done.stdout.splitlines():
        if line.startswith(("ok   ", "FAIL ")):
            checks.check(f"node: {line[5:]}", line.startswith("ok"))
    checks.check(f"node {what} exits 0", done.returncode == 0, done.stderr[-1000:])


def scenario(checks, workplace, place):
    run_client(checks, place, "vectors", "vectors", ROOT / "tests" / "vectors" / "v1.txt")
    server = Server(workplace).start()
    district = District(server)
    villages = plandata.villages()
    code = district.codes(plandata.own_unit(villages[0]))[0]
    run_client(checks, place, "live", "live", ROOT / "proto", code,
               plandata.own_unit(villages[1]), plandata.PERIOD)
    district.root.close()
    checks.equal("zhibaod stops cleanly", server.stop(), 0)


if __name__ == "__main__":
    if shutil.which("node") is None or shutil.which("npm") is None:
        skip("node and npm are needed")
    client = install(sys.argv[1])
    harness.run(lambda checks, workplace: scenario(checks, workplace, client))
