"""Makes what tests/scenario/upgrade.py upgrades: a backup of a small history, and its receipts, by a
released version, with that version's own tests. Once for each release, from a checkout of it:

    make.py CHECKOUT BUILD_DIRECTORY ZHIBAOD_THAT_BACKS_UP DIRECTORY"""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(sys.argv[1]) / "tests" / "scenario"))

import harness  # noqa: E402
from harness import Server  # noqa: E402

harness.load_protocol(sys.argv[2])

from audit import History  # noqa: E402
from checks import Checks  # noqa: E402


def main():
    build, backs_up, target = sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
    workplace = harness.Workplace(build)
    server = Server(workplace).start()
    history = History(Checks(), server)
    history.make()
    server.stop()
    (target / "receipts").mkdir(parents=True)
    for number, receipt in enumerate(history.receipts):
        (target / "receipts" / f"{number:02}.zbr").write_bytes(receipt)
    done = subprocess.run([backs_up, "backup-key", "--secret", target / "secret"],
                          capture_output=True, text=True, check=True)
    public = done.stdout.split(" = ")[1].strip()
    out = workplace.path / "out"
    out.mkdir()
    out.chmod(0o777)
    subprocess.run([backs_up, "backup", "--logical", "--data", server.data, "--backup_recipient",
                    public, "--to", out / "history.zbk"], check=True)
    (target / "history.zbk").write_bytes((out / "history.zbk").read_bytes())
    workplace.close()


main()
