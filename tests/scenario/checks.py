"""One line a check, and the closing count."""

import sys


class Checks:
    def __init__(self):
        self.passed = 0
        self.failed = 0

    def check(self, name, ok, detail=""):
        if ok:
            self.passed += 1
        else:
            self.failed += 1
        tail = f" ({detail})" if detail != "" and not ok else ""
        print(f"{'ok  ' if ok else 'FAIL'} {name}{tail}", flush=True)
        return bool(ok)

    def equal(self, name, actual, expected):
        return self.check(name, actual == expected, f"{actual!r} instead of {expected!r}")

    def near(self, name, actual, expected, slack=1e-9):
        ok = actual is not None and abs(actual - expected) <= slack * max(1.0, abs(expected))
        return self.check(name, ok, f"{actual!r} instead of {expected!r}")

    def finish(self):
        print(f"{self.passed} passed, {self.failed} failed", flush=True)
        sys.exit(0 if self.failed == 0 and self.passed > 0 else 1)
