"""A client that minds its own business while others attack: a process of its own, so that what is
measured is the server and not the attacker's interpreter. Also run as one:

    bystander.py BUILD_DIRECTORY < what Bystander tells it"""

import json
import math
import subprocess
import sys
import time

EVERY_S = 0.01
WAIT_S = 60


class Bystander:
    """Asks from the start on; `took` gives what there was since the last call."""

    def __init__(self, build, client, period):
        unit = client.unit
        self.process = subprocess.Popen(
            [sys.executable, "-B", __file__, str(build)], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, text=True)
        self._say({"endpoint": client.endpoint, "server": client.server_curve.hex(),
                   "unit": unit.number, "curve": [half.decode() for half in unit.curve],
                   "period": period})
        self.took()

    def _say(self, what):
        self.process.stdin.write(json.dumps(what) + "\n")
        self.process.stdin.flush()

    def took(self):
        """(seconds of each question, whatever was no answer)."""
        self._say("told")
        return json.loads(self.process.stdout.readline())

    def stop(self):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait(WAIT_S)


def percentile(values, share):
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def live():
    """One question after another, each through to the database."""
    from client import Client, Silence, Unit, pb  # its modules are on the path by now
    import selectors
    said = open(0, "rb", buffering=0)  # or a line would wait in a buffer that select does not see
    told = json.loads(said.readline())
    unit = Unit(told["unit"], curve=tuple(half.encode() for half in told["curve"]))
    client = Client(told["endpoint"], bytes.fromhex(told["server"]), unit)
    question = pb().Track(period=told["period"])
    client.ask(pb().KIND_TRACK, question)
    orders = selectors.DefaultSelector()
    orders.register(said, selectors.EVENT_READ)
    took, trouble = [], []
    while True:
        if orders.select(EVERY_S):
            if not said.readline():
                return
            print(json.dumps([took, trouble]), flush=True)
            took, trouble = [], []
        begin = time.monotonic()
        try:
            answer = client.ask(pb().KIND_TRACK, question)
            if answer.kind != "KIND_TRACKED":
                trouble.append(str(answer))
        except Silence as silence:
            trouble.append(str(silence))
            client.reconnect()
        took.append(time.monotonic() - begin)


if __name__ == "__main__":
    from harness import load_protocol
    load_protocol(sys.argv[1])
    live()
