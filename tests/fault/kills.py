"""Kills at random moments, and what the histories say of them."""

import bisect
import sys
import time
from pathlib import Path

from faults import now_us


class Histories:
    """The histories as times, in microseconds of CLOCK_MONOTONIC."""

    def __init__(self, directory):
        self.puts, self.receipts = [], []
        self.sends, self.receipt_of = {}, {}
        for path in sorted(Path(directory).glob("*.log")):
            with open(path, encoding="ascii") as lines:
                for line in lines:
                    self._read(line.split(maxsplit=3))
        self.puts.sort()
        self.receipts.sort()

    def _read(self, field):
        at, event, record = int(field[0]), field[1], field[2]
        if event == "PUT":
            self.puts.append(at)
        elif event == "SENT":
            self.sends.setdefault(record, []).append(at)
        elif event in ("RECEIPT", "REFUSED") and record not in self.receipt_of:
            self.receipt_of[record] = at
            # answered is the latest send before it
            sends = self.sends.get(record, [0])
            self.receipts.append((at, sends[bisect.bisect(sends, at) - 1]))

    def rate_before(self, at_us, window_us):
        """Reports offered a second in the window before a moment."""
        count = bisect.bisect(self.puts, at_us) - bisect.bisect(self.puts, at_us - window_us)
        return count * 1e6 / window_us

    def in_flight(self, moments):
        """For each (since, at): reports sent after `since` and before `at` whose receipt came
        later."""
        counts = [0] * len(moments)
        for record, sends in self.sends.items():
            settled = self.receipt_of.get(record, sys.maxsize)
            for index, (since, at) in enumerate(moments):
                if settled <= at or sends[0] >= at:
                    continue
                last = bisect.bisect_left(sends, at)
                if last > 0 and sends[last - 1] > since:
                    counts[index] += 1
        return counts

    def first_receipt_after(self, at_us):
        """When the first report that was sent after a moment had its receipt; None."""
        for index in range(bisect.bisect(self.receipts, (at_us, 0)), len(self.receipts)):
            if self.receipts[index][1] >= at_us:
                return self.receipts[index][0]
        return None


class Killer:
    """Kills at random moments while the load runs: with as many reports in flight, and offered in
    the seconds before, as the pace says."""

    # The live figures are a little old when they are used; the histories tell exactly afterwards.
    MARGIN = 1.08

    def __init__(self, load, generator, pace):
        self.load, self.generator, self.pace = load, generator, pace
        self.moments = []  # (since, killed, wall clock, back): microseconds
        self.since_us = now_us()
        self.base = load.counters()
        self.offered = []  # (microseconds, counter) of the window

    def wait_for_moment(self, spread_s):
        """Resumed (a report sent since the last kill has its receipt), then a random time, then
        enough under way."""
        self.load.wait_for(lambda c: self._note(c) and c["left"] > self.base["left"], "resume")
        end = time.monotonic() + self.generator.uniform(0, spread_s)
        self.load.wait_for(lambda c: self._note(c) and time.monotonic() >= end, "go on")
        self.load.wait_for(lambda c: self._note(c) and self._enough(c),
                           "offer enough with enough in flight")

    def _note(self, counters):
        now = now_us()
        self.offered.append((now, counters["offered"]))
        while self.offered[0][0] < now - self.pace.window_s * 1000000:
            self.offered.pop(0)
        return True

    def _enough(self, counters):
        in_flight = (counters["entered"] - self.base["entered"] -
                     (counters["left"] - self.base["left"]))
        # nobody notes between a kill and the restart: what is known to be of the window counts
        offered = counters["offered"] - self.offered[0][1]
        return (in_flight >= self.MARGIN * self.pace.in_flight_least and
                offered >= self.MARGIN * self.pace.offered_least * self.pace.window_s)

    def kill(self, action, restart):
        wall_us = time.time_ns() // 1000
        killed_us = now_us()
        action()
        self.load.next_epoch()
        self.base = self.load.counters()
        restart()
        self.moments.append((self.since_us, killed_us, wall_us, now_us()))
        self.since_us = killed_us


def judge(checks, killer, histories, dump, least):
    """The counts that a run of kills is made for."""
    moments = killer.moments
    in_flight = histories.in_flight([(since, at) for since, at, _, _ in moments])
    pace = killer.pace
    rates = [histories.rate_before(at, pace.window_s * 1000000) for _, at, _, _ in moments]
    recoveries = []
    for _, at, _, _ in moments:
        first = histories.first_receipt_after(at)
        recoveries.append(float("inf") if first is None else (first - at) / 1e6)
    landed = sum(1 for count in in_flight if count > 0)
    committed = stored_unanswered(histories, dump, moments)
    print(f"kills {len(moments)}")
    print(f"kills between a send and its receipt {landed}")
    print(f"kills between COMMIT and the receipt's arrival {sum(1 for n in committed if n)}"
          f" ({sum(committed)} reports, each answered with the stored receipt)")
    print(f"in flight at a kill: least {min(in_flight)}, median {median(in_flight)}")
    print(f"offered in the {pace.window_s} s before a kill: least {min(rates):.0f}/s, median"
          f" {median(rates):.0f}/s")
    print(f"kill to first receipt: median {median(recoveries):.2f} s, most"
          f" {max(recoveries):.2f} s", flush=True)
    checks.check(f"at least {least} kills land between a send and its receipt", landed >= least,
                 landed)
    checks.check(f"every kill lands with {pace.in_flight_least} reports in flight",
                 min(in_flight) >= pace.in_flight_least, min(in_flight))
    checks.check(f"every kill lands with {pace.offered_least} reports/s offered",
                 min(rates) >= pace.offered_least, f"{min(rates):.0f}")
    return recoveries


def stored_unanswered(histories, dump, moments):
    """For each kill: reports that were stored before it and had their receipt after it."""
    counts = [0] * len(moments)
    walls = [wall for _, _, wall, _ in moments]
    with open(dump / "record.tsv", encoding="ascii") as lines:
        for line in lines:
            field = line.split("\t", 7)
            settled = histories.receipt_of.get(field[5])
            if settled is None:
                continue
            # the first kill after the server received it
            index = bisect.bisect(walls, int(field[6]))
            if index < len(moments) and settled > moments[index][1]:
                counts[index] += 1
    return counts


def median(values):
    ordered = sorted(values)
    return ordered[len(ordered) // 2] if ordered else 0
