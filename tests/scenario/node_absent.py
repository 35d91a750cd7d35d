"""tests/node without its packages: skipped, saying so, and never passed.

A made-up npm stands in for the registry that cannot be reached and for one that brings nothing.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

from checks import Checks

NPMS = {
    "npm cannot reach its registry": "echo npm ERR! network ENOTFOUND >&2; exit 1",
    "npm brings nothing and says that all is well": "exit 0",
}


def run(build, npm):
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "npm"
        program.write_text(f"#!/bin/sh\n{npm}\n")
        program.chmod(0o755)
        node = Path(__file__).with_name("node.py")
        return subprocess.run(
            [sys.executable, "-B", node, Path(build) / "tests" / "node-absent"],
            env=dict(os.environ, PATH=f"{folder}:{os.environ['PATH']}"),
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120, check=False)


def main():
    checks = Checks()
    for what, npm in NPMS.items():
        done = run(sys.argv[1], npm)
        checks.check(f"{what}: skipped aloud", done.returncode == 77
                     and done.stdout.startswith("skipped: the client in Node was NOT tested: "),
                     f"{done.returncode} {done.stdout}{done.stderr}")
    checks.finish()


if __name__ == "__main__":
    main()
