#!/usr/bin/env python3
"""`zhibao assess` as people run it: columns, formats, languages, exit codes, speed.

usage: assess_cli.py BUILD_DIR [--slow]      --slow: a sanitized build, of which no speed is asked
"""
import csv
import io
import json
import os
import resource
import subprocess
import sys
import tempfile

HEADER = ("series,kind,polarity,year,value,numerator,denominator,target_op,target_value,target_year,"
          "base_year,base_value,stratum\n")
COLUMNS = ("series,stratum,target_op,target_value,target_year,latest_year,latest_value,status,"
           "required_pace,recent_pace,forecast,low80,high80,low95,high95,p_reach,class,fluctuation,"
           "note_zh,note_en").split(",")
SERIES, FIGURES, SECONDS = 30000, 10, 3.0
ZHIBAO = os.path.join(sys.argv[1], "bin", "zhibao")
GOOD = "".join(f"good,percent,higher,{2015 + i},{80 + i},,,{'>=,90,2025' if i == 0 else ',,'},,,\n"
               for i in range(6))


def run(text, *options):
    with tempfile.NamedTemporaryFile("wb", suffix=".csv", delete=False) as file:
        file.write(text if isinstance(text, bytes) else text.encode())
    try:
        return subprocess.run([ZHIBAO, "assess", file.name, *options], capture_output=True)
    finally:
        os.unlink(file.name)


def check(kept, what):
    print("ok  " if kept else "FAIL", what)
    if not kept:
        sys.exit(1)


def formats():
    done = run(HEADER + GOOD, "--format", "csv")
    rows = list(csv.DictReader(io.StringIO(done.stdout.decode())))
    check(done.returncode == 0 and list(rows[0]) == COLUMNS, "the columns of csv, in their order")
    check(rows[0]["status"] == "not_met" and rows[0]["required_pace"] == "1", "status and pace")
    check(0 <= float(rows[0]["p_reach"]) <= 1 and rows[0]["note_zh"] and rows[0]["note_en"],
          "probability and both sentences")
    done = run(HEADER + GOOD, "--format", "json")
    check(json.loads(done.stdout)[0]["latest_value"] == 85, "json with numbers")
    zh, en = (run(HEADER + GOOD, "--lang", lang).stdout.decode() for lang in ("zh", "en"))
    check("达标" in zh and "达标" not in en and "not_met" in en, "a table in either language")
    done = run(HEADER + GOOD, "--year", "2018", "--format", "csv")
    check(next(csv.DictReader(io.StringIO(done.stdout.decode())))["latest_year"] == "2018", "--year")


def help_text():
    for lang in ("zh", "en"):
        text = subprocess.run([ZHIBAO, "assess", "--help", "--lang", lang],
                              capture_output=True).stdout.decode()
        words = HEADER.strip().split(",") + [
            "gross_percent", "per_10000", "maintain<=", "decrease_by_points_per_year", "near"]
        check(all(word in text for word in words), f"--help names every column and word ({lang})")


def exit_codes():
    bad = "bad,percent,higher,2020,x,,,>=,95,2025,,,\n"
    done = run(HEADER + GOOD + bad, "--format", "csv", "--lang", "en")
    check(done.returncode == 0 and b":8:value" in done.stderr and b"good" in done.stdout
          and b"bad" not in done.stdout, "one bad series: named, the other assessed, exit 0")
    for text in (HEADER + bad, HEADER, "", b"\x00\x01\x02", "a,b\n1,2\n"):
        done = run(text)
        check(done.returncode == 2 and done.stderr and not done.stdout, "nothing to assess: exit 2")
    done = subprocess.run([ZHIBAO, "assess", "/nonexistent.csv"], capture_output=True)
    check(done.returncode == 2, "no such file: exit 2")


def backtest():
    rows = "".join(f"U5MR,A{a},{2000 + t},{50 - t + (a * 7 + t * 13) % 5}\n"
                   for a in range(60) for t in range(20))
    done = run("indicator,area,year,value\n" + rows, "--backtest", "--format", "csv")
    found = {(row["indicator"], row["errors"], row["window"], row["horizon"]): row
             for row in csv.DictReader(io.StringIO(done.stdout.decode()))}
    check(done.returncode == 0 and ("all", "panel", "5", "3") in found, "--backtest of a panel file")
    check(0.5 < float(found["all", "alone", "all", "all"]["cover80"]) <= 1, "its coverage")
    check(run(HEADER + GOOD[:200], "--backtest").returncode == 2, "too short a series: exit 2")


def speed():
    lines = [HEADER]
    for s in range(SERIES):
        value = 70 + s % 17
        for t in range(FIGURES):
            value = min(99, value + ((s * 31 + t * 17) % 23 - 8) / 10)
            lines.append(f"s{s},percent,higher,{2011 + t},{value:.1f},,,"
                         f"{f'>=,{85 + s % 10},2025' if t == 0 else ',,'},,,\n")
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    done = run("".join(lines), "--format", "csv")
    used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
    print(f"assess_30000_series {used:.2f} s of processor time")
    check(done.returncode == 0 and done.stdout.count(b"\n") == SERIES + 1, "30,000 series")
    if "--slow" not in sys.argv:
        check(used < SECONDS, f"under {SECONDS} s")


formats()
help_text()
exit_codes()
backtest()
speed()
