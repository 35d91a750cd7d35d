"""`zhibao plan check` as people and programs see it: severities, the closing line, one language."""

import csv
import io
import json
import re
import shutil

import harness
from harness import ROOT, Cli

SUMMARY = {
    "en": r"(.+): (\d+) targets; 0 errors in the files, (\d+) findings \(nos\. 1-(\d+)\): "
          r"(\d+) high, (\d+) medium, (\d+) low",
    "zh": r"(.+)：(\d+)个目标；表中错误0处，须留意(\d+)处（编号1—(\d+)）：高(\d+)，中(\d+)，低(\d+)",
}
CHINESE = re.compile("[\u3000-\u9fff\uff00-\uffef]")


def check_summary(checks, cli):
    plan = ROOT / "deploy" / "plans" / "luzhai"
    done = cli("plan", "check", plan, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout)))
    counts = [sum(row["severity"] == word for row in rows) for word in ("high", "medium", "low")]
    checks.check("every finding has a number and a severity",
                 [row["number"] for row in rows] == [str(i + 1) for i in range(len(rows))]
                 and sum(counts) == len(rows) and min(counts) > 0, counts)
    checks.check("beside data the closing line is on stderr",
                 re.search(SUMMARY["en"], done.stderr) is not None, done.stderr)
    for lang, pattern in SUMMARY.items():
        done = cli("plan", "check", plan, lang=lang)
        match = re.fullmatch(pattern, done.stdout.splitlines()[-1])
        checks.check(f"{lang}: the last line counts them, and exit code 0", done.returncode == 0
                     and match is not None and [int(n) for n in match.groups()[2:]]
                     == [len(rows), len(rows), *counts], done.stdout.splitlines()[-1])
    done = cli("plan", "check", plan, "--format", "json")
    checks.check("JSON is data alone", len(json.loads(done.stdout)) == len(rows), done.stdout[:80])


def check_language(checks, cli):
    for plan in ("luzhai", "siping", "huaiyin", "jinlin", "xinhua", "national"):
        done = cli("plan", "check", ROOT / "deploy" / "plans" / plan)
        mixed = [line for line in done.stdout.splitlines()
                 if CHINESE.search(line.split(': "', 1)[0])]
        checks.equal(f"{plan}: English but for quoted plan text", mixed, [])


def check_errors(checks, cli, place):
    plans = place / "plans"
    shutil.copytree(ROOT / "deploy" / "plans", plans)
    (plans / "luzhai" / "duties.csv").unlink()
    for lang, words in (("en", ("cannot be read: No such file", "errors in the files: 1")),
                        ("zh", ("没有这个文件", "表中有1处错误"))):
        done = cli("plan", "check", plans / "luzhai", lang=lang)
        checks.check(f"{lang}: an error is named and counted, exit code 2", done.returncode == 2
                     and done.stdout == "" and all(word in done.stderr for word in words)
                     and words[1] in done.stderr.splitlines()[-1], done.stderr)


def scenario(checks, workplace):
    cli = Cli(workplace, "nobody")
    check_summary(checks, cli)
    check_language(checks, cli)
    check_errors(checks, cli, workplace.path)


if __name__ == "__main__":
    harness.run(scenario)
