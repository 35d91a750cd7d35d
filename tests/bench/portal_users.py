"""Users of a portal before 鹿寨县: enrolled in it, logged in for real, with last year's report stored. 演示数据."""

import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "scenario"))
import harness  # noqa: E402
import layout  # noqa: E402
import plandata  # noqa: E402
from bench import Usage, cpu_s, said  # noqa: E402
from county import places  # noqa: E402
from portal import Browser, Portal  # noqa: E402

SECONDS = 30
PERIOD = plandata.PERIOD


class Users:
    """`count` sessions; units have more than one when there are fewer units."""

    def __init__(self, workplace, count):
        self.server = harness.Server(workplace, name="portal-county").start()
        district = harness.District(self.server)
        self.portal = Portal(workplace, name="portal-bench").start()
        units = [plandata.own_unit(place) for place in places("village") + places("township")]
        self.accounts = []
        for number, code in enumerate(district.codes(*units)):
            browser = Browser(self.portal)
            status, answer = browser.enrol(code, f"user{number}")
            if status != 200:
                raise RuntimeError(f"could not enrol: {answer}")
            form = "township" if browser.unit.place % 1000 == 0 else "village"
            browser.submit(layout.REPORT, self._report(browser, form, PERIOD - 1))
            self.accounts.append((f"user{number}", form, browser))
        self.sessions = [self.accounts[number % len(self.accounts)] for number in range(count)]
        self.open = []
        self.round = 0

    def _report(self, browser, form, period, revision=1):
        figures = (plandata.TOWNSHIP_FIGURES if form == "township"
                   else plandata.village_figures(browser.unit.place, period))
        return harness.report(browser.unit, form, figures, period=period, revision=revision)

    def log_in(self):
        """All at the same moment, as in the morning; how long each waited."""
        def one(session):
            name, form, account = session
            browser = Browser(self.portal)
            begin = time.monotonic()
            status, answer = browser.login(name, account.secret)
            if status != 200:
                raise RuntimeError(f"could not log in: {answer}")
            return (time.monotonic() - begin) * 1000, browser, form, account
        with ThreadPoolExecutor(len(self.sessions)) as pool:
            self.open = list(pool.map(one, self.sessions))
        waits = sorted(row[0] for row in self.open)
        return {"login_p95_ms": waits[len(waits) * 95 // 100]}

    def enter(self, workplace):
        """What zhibao-bench says, with requests a second and what one costs each server in CPU."""
        self.round += 1
        path = workplace.path / f"users-{self.round}"
        lines, reported = [], set()
        for number, (_, browser, form, account) in enumerate(self.open):
            record = "-"
            if account.unit.number not in reported:
                reported.add(account.unit.number)
                payload = self._report(account, form, PERIOD, self.round)
                record = workplace.path / f"record-{self.round}-{number}"
                record.write_bytes(account.unit.record(layout.REPORT, payload).SerializeToString())
            lines.append(f"{browser.cookie} {browser.token} {form} {record}")
        path.write_text("\n".join(lines) + "\n")
        before, usage = cpu_s(self.portal.process.pid), Usage(self.server)
        begin = time.monotonic()
        lines = said(subprocess.Popen(
            [str(workplace.build / "bin" / "zhibao-bench"), "portal", "--address",
             self.portal.address, "--users", str(path), "--count", str(SECONDS),
             "--period", str(PERIOD)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))
        lines["per_s"] = lines["requests"] / (time.monotonic() - begin)
        spent = (cpu_s(self.portal.process.pid) - before, *usage.taken())
        for name, seconds in zip(("portal", "zhibaod", "postgres"), spent):
            lines[f"{name}_us"] = seconds * 1e6 / lines["requests"]
        return lines

    def close(self):
        self.portal.stop()
        self.server.stop()
