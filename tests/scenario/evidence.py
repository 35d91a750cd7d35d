"""A figure and every signature behind it in one file, verified by a program that has nothing of ours.

Part of round.py: the year is reported, accepted and locked.
"""

import functools
import importlib.util
import random
import re
import subprocess
import sys

import plandata
from harness import ROOT
from round_stage import YEAR

PROGRAM = ROOT / "deploy" / "verify" / "zhibao-verify.py"
DRAWN = 150


def load():
    spec = importlib.util.spec_from_file_location("zhibao_verify", PROGRAM)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    module.is_signed = functools.lru_cache(None)(module.is_signed)  # the same signatures each time
    return module


def check(stage):
    checks = stage.checks
    stage.enrol({"auditor": plandata.department("auditor")})
    auditor, path = stage.homes["auditor"], stage.workplace.path / "year.zbv"
    asked = ("evidence", "--place", plandata.DISTRICT, "--year", YEAR, "-o", path)
    stage.ran(stage.homes["township"], *asked, code=1)
    checks.check("a township takes nothing away", not path.exists())
    stage.ran(auditor, "witness")
    done = stage.ran(auditor, *asked)
    checks.check("the auditor takes the year away", "signed records" in done.stdout, done.stdout)
    done = subprocess.run([sys.executable, PROGRAM, "--pins", auditor.home / "pins.conf", "--roots",
                           auditor.home / "roots.zbw", path], capture_output=True, text=True,
                          check=False)
    checks.check("the independent verifier accepts it", done.returncode == 0
                 and done.stdout.startswith("verified: "), done.stdout + done.stderr)
    print(done.stdout, flush=True)
    anew = re.search(r"(\d+) of them worked out anew from (\d+) reports", done.stdout)
    checks.check("it works figures out anew from the reports", anew is not None
                 and int(anew.group(1)) >= 10 and int(anew.group(2)) >= 10, done.stdout)
    altered(stage, path.read_bytes(), auditor)


def joined(parts):
    return b"ZBV1" + b"".join(kind.encode() + len(body).to_bytes(4, "big") + body
                              for kind, body in parts)


def flipped(body, at):
    at %= len(body)
    return body[:at] + bytes([body[at] ^ 1]) + body[at + 1:]


def altered(stage, data, auditor):
    checks, module = stage.checks, load()
    pins = module.read_pins([("--pins", auditor.home / "pins.conf")])
    parts = [(kind, body) for kind, body, _ in module.parts(data)]
    module.verify(data, pins)

    def reason(changed, trusted=None, witnessed=()):
        """Why it is refused; "" when it is not."""
        try:
            module.verify(changed, pins if trusted is None else trusted, witnessed)
            return ""
        except (ValueError, KeyError, IndexError, TypeError, AttributeError, module.struct.error):
            return "damaged"
        except module.Bad as bad:
            return str(bad)

    def replaced(index, body):
        return joined(parts[:index] + [(parts[index][0], body)] + parts[index + 1:])

    def records(kind):
        return [index for index, (part, body) in enumerate(parts)
                if part == "R" and module.Stored(body, pins).kind == kind]
    claim = next(index for index, (kind, _) in enumerate(parts) if kind == "C")
    text = parts[claim][1].decode()
    report, review = records(module.REPORT)[0], records(module.REVIEW)[0]
    size = int.from_bytes(parts[report][1][:4], "big")
    roots = next(index for index, (kind, _) in enumerate(parts) if kind == "W")
    report_line = next(line for line in text.splitlines() if line.startswith("report "))
    tried = {
        "a report that is not claimed": (replaced(claim, text.replace(report_line + "\n", "").encode()),
                                         ""),
        "a report's content": (replaced(report, flipped(parts[report][1], size // 2)), ""),
        "a report's signature": (replaced(report, flipped(parts[report][1], 4 + size - 10)),
                                 "not the one that its receipt is for"),
        "a receipt's leaf": (replaced(report, flipped(parts[report][1], 4 + size + 30)), ""),
        "a receipt's root": (replaced(report, flipped(parts[report][1], -150)), ""),
        "a review's content": (replaced(review, flipped(parts[review][1], 20)), ""),
        "a review left out": (joined(parts[:review] + parts[review + 1:]), ""),
        "a report left out": (joined(parts[:report] + parts[report + 1:]), "not in the file"),
        "a report put in twice": (joined(parts[:report] + [parts[report]] + parts[report:]), "twice"),
        "the plan left out": (joined([part for index, part in enumerate(parts)
                                      if index not in records(module.PLAN)]), "plan"),
        "the enrolments left out": (joined([part for index, part in enumerate(parts)
                                            if index not in records(module.KEY)]), "not enrolled"),
        "a root's time": (replaced(roots, flipped(parts[roots][1], module.ROOT + 30)), "chain"),
        "the last root's signature": (replaced(roots, flipped(parts[roots][1], -1)), "signature"),
        "the last root cut off": (replaced(roots, parts[roots][1][:-module.ROOT]), ""),
        "the seal": (joined(parts[:-1] + [("S", flipped(parts[-1][1], -1))]), "seal"),
        "no seal": (joined(parts[:-1]), "parts"),
        "cut short": (data[:-20], "cut short"),
    }
    for what, (changed, why) in tried.items():
        said = reason(changed)
        checks.check(f"refused, altered: {what}", said != "" and why in said, said or "accepted")
    lies = []  # each figure a little more than was reported, and why it is refused
    for line in text.splitlines():
        words = line.split(" ")
        if words[0] == "figure" and words[3] == "1":
            more = " ".join(words[:4] + [repr(float(words[4]) * 1.01 + 0.001)] + words[5:])
            lies.append(reason(replaced(claim, text.replace(line, more).encode())))
    checks.check("a figure other than reported is refused, by what was reported where it can be",
                 all(lies) and sum("was reported" in why for why in lies) >= 10, lies)
    checks.check("refused: nothing pinned", "not pinned" in reason(data, {}))
    seen = [parts[roots][1][i:i + module.ROOT] for i in range(0, len(parts[roots][1]), module.ROOT)]
    seen[3] = flipped(seen[3], 50)
    checks.check("refused: a witness saw another history", "forks" in reason(data, None, seen))
    seed = random.randrange(2**32)
    drawn = random.Random(seed)
    accepted = [at for at in (drawn.randrange(len(data)) for _ in range(DRAWN))
                if not reason(flipped(data, at))]
    checks.equal(f"{DRAWN} bytes drawn (seed {seed}), each altered: those accepted", accepted, [])
