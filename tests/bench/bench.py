"""./deploy/bench: what zhibaod and its PostgreSQL do at most, beside what PostgreSQL alone does.

Every line is `name value unit`; with several runs the value is the median. See README.md here for
how to read them.
"""

import argparse
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "bench"), str(ROOT / "tests" / "scenario")]
import harness  # noqa: E402
import strain  # noqa: E402

TICK = os.sysconf("SC_CLK_TCK")
INGEST_REPORTS, WINDOW = 90_000, 4000
LOAD_S, PROFILE_S = 15, 60
SETTINGS = ("fsync", "synchronous_commit", "full_page_writes", "wal_level", "shared_buffers",
            "max_wal_size", "data_checksums", "server_version")


def cpu_s(pid):
    """User and system time of a process and of the children it has waited for."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except FileNotFoundError:
        return 0.0
    return sum(int(field) for field in fields[11:15]) / TICK


def children(pid):
    try:
        listed = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except FileNotFoundError:
        return []
    return [int(child) for child in listed]


class Usage:
    """CPU seconds of zhibaod and of all of PostgreSQL since it was made."""

    def __init__(self, server):
        self.server = server.process.pid
        self.postmaster = int((server.data / "pg" / "postmaster.pid").read_text().split()[0])
        self.begin = self._now()

    def _now(self):
        backends = {pid: cpu_s(pid) for pid in [self.postmaster, *children(self.postmaster)]}
        return cpu_s(self.server), backends

    def taken(self):
        """(zhibaod, PostgreSQL)"""
        server, backends = self._now()
        before = self.begin[1]
        return server - self.begin[0], sum(
            used - before.get(pid, 0.0) for pid, used in backends.items())


def said(process, timeout=900):
    """The `name value` lines of a zhibao-bench, as a dictionary of numbers."""
    text, _ = process.communicate("\n", timeout=timeout)
    if process.returncode != 0:
        raise RuntimeError(f"zhibao-bench exits {process.returncode}: {text}")
    return {name: float(value) for name, value in
            (line.split() for line in text.splitlines() if len(line.split()) == 2)}


class Bench:
    """One world, the figures measured so far."""

    def __init__(self, workplace, runs, fraction=1.0, thorough=False):
        self.workplace, self.runs, self.fraction = workplace, runs, fraction
        self.thorough = thorough
        self.made = None
        self.figures = {}
        self.last_rows = 0

    @property
    def world(self):
        if self.made is None:
            import bench_world
            progress("a district of 9,000 villages")
            self.made = bench_world.World(self.workplace)
            print_settings(self.made)
        return self.made

    def tell(self, name, values, unit):
        values = values if isinstance(values, list) else [values]
        median = statistics.median(values)
        self.figures[name] = {"value": median, "unit": unit, "runs": values}
        spread = "" if len(values) == 1 else "  # " + " ".join(f"{value:.4g}" for value in values)
        print(f"{name} {median:.4g} {unit}{spread}", flush=True)

    def ingest_once(self, count=INGEST_REPORTS, rate=0):
        """(what zhibao-bench says, CPU of the server, CPU of PostgreSQL)"""
        first = self.world.next_first(count)
        process = self.world.bench("ingest", "--world", self.world.path, "--count", count,
                                   "--first", first, "--window", WINDOW, "--rate", rate)
        if process.stdout.readline().split() != ["prepared", "1"]:
            raise RuntimeError("zhibao-bench could not prepare its reports")
        usage = Usage(self.world.server)
        process.stdin.write("\n")
        process.stdin.flush()
        lines = {}
        while "p99_ms" not in lines:
            line = process.stdout.readline()
            if not line:
                raise RuntimeError("zhibao-bench ended early")
            name, value = line.split()
            lines[name] = float(value)
        server, postgres = usage.taken()
        lines |= said(process)
        self.last_rows = count
        return lines, server, postgres


    def load_begin(self, seconds):
        """Half of what it takes, for so long: a process that ends by itself, to be `said`."""
        full = self.figures.get("ingest.reports_per_s", {}).get("value")
        if full is None:
            lines, _, _ = self.ingest_once()
            full = lines["receipted"] / lines["seconds"]
        count = int(full * 0.5 * seconds)
        load = self.world.bench("ingest", "--world", self.world.path, "--count", count, "--first",
                                self.world.next_first(count), "--window", WINDOW, "--rate",
                                full * 0.5)
        load.stdout.readline()
        load.stdin.write("\n")
        load.stdin.flush()
        return load


def progress(what):
    print(f"# {what} …", flush=True)


def print_settings(world):
    for name in SETTINGS:
        print(f"# postgresql {name} = {world.psql(f'show {name}')}")
    print(f"# data on {filesystem(world.server.data)}", flush=True)


def filesystem(path):
    kind = subprocess.run(["stat", "-f", "-c", "%T", str(path)], capture_output=True, text=True,
                          check=True).stdout.strip()
    if kind in ("tmpfs", "ramfs"):
        raise RuntimeError(f"{path} is in memory: a benchmark there would say nothing")
    return kind


def run_ingest(bench):
    """Durable, encrypted, receipted reports a second, and the limit of the same run."""
    rates, costs, server_costs, ratios, limits, verified = [], [], [], [], [], 0
    for _ in range(bench.runs):
        progress(f"{INGEST_REPORTS} reports, signed beforehand")
        lines, server, postgres = bench.ingest_once()
        rates.append(lines["receipted"] / lines["seconds"])
        costs.append((server + postgres) * 1e6 / lines["receipted"])
        server_costs.append(server * 1e6 / lines["receipted"])
        limits.append(copy_limit(bench))
        ratios.append(rates[-1] / limits[-1])
        if lines["samples_verified"] != lines["samples"]:
            raise RuntimeError(f"receipts that do not verify: {lines}")
        verified += int(lines["samples_verified"])
    bench.tell("ingest.reports_per_s", rates, "reports/s")
    bench.tell("copy-limit.rows_per_s", limits, "rows/s")
    bench.tell("ingest.ratio_to_copy", ratios, "x")
    bench.tell("ingest.cpu_us_per_report", costs, "us")
    bench.tell("ingest.cpu_us_per_report_zhibaod", server_costs, "us")
    bench.tell("ingest.receipts_verified", verified, "receipts")


def copy_limit(bench):
    """Rows a second of one COPY of the very rows that were just written, into a table like it."""
    world = bench.world
    file = world.server.data / "rows.bin"
    order = "order by chain desc, batch desc, leaf desc"
    world.psql(f"copy (select * from zhibao.report {order} limit {bench.last_rows})"
               f" to '{file}' (format binary)")
    world.psql("create table if not exists public.report_copy (like zhibao.report including all)")
    world.psql("alter table public.report_copy set (toast_tuple_target = 8160)")
    world.psql("truncate public.report_copy")
    world.psql("checkpoint")
    begin = time.monotonic()
    world.psql(f"copy public.report_copy from '{file}' (format binary)")
    took = time.monotonic() - begin
    file.unlink()
    return bench.last_rows / took


def run_copy_limit(bench):
    """PostgreSQL alone: COPY of the same rows, and one INSERT a transaction."""
    if not bench.last_rows:
        bench.ingest_once()
    bench.tell("copy-limit.rows_per_s", [copy_limit(bench) for _ in range(bench.runs)], "rows/s")
    bench.world.psql("create table if not exists public.report_one as select * from zhibao.report"
                     " limit 1")
    columns = bench.world.psql("select string_agg(case column_name when 'id' then"
                               " 'decode(md5(random()::text || clock_timestamp()::text), ''hex'')'"
                               " else quote_ident(column_name) end, ', ' order by"
                               " ordinal_position) from information_schema.columns where"
                               " table_name = 'report_one'")
    bench.world.psql("create table if not exists public.report_single (like zhibao.report"
                     " including storage)")
    script = bench.workplace.path / "single.sql"
    script.write_text(f"insert into public.report_single select {columns}"
                      " from public.report_one;\n")
    values = []
    for _ in range(bench.runs):
        done = subprocess.run(
            ["pgbench", "-n", "-M", "prepared", "-c", "32", "-j", "2", "-T", "5", "-f", str(script),
             "-h", str(bench.world.server.data / "run"), "-U", "postgres", "zhibao"],
            capture_output=True, text=True, check=False, cwd="/", user=bench.workplace.user)
        if done.returncode != 0:
            raise RuntimeError(f"pgbench: {done.stderr.strip()[-500:]}")
        values.append(float(re.search(r"^tps = ([0-9.]+)", done.stdout, re.M).group(1)))
    bench.tell("copy-limit.single_inserts_per_s", values, "transactions/s")


def village_home(bench):
    """The home of a village that has sent nothing yet, enrolled through the protocol."""
    place = next(bench.world.spare)
    cli = harness.Cli(bench.workplace, f"latency-{place}")
    done = cli("enrol", bench.world.code(place * 1000))
    if done.returncode != 0:
        raise RuntimeError(f"enrol exits {done.returncode}: {done.stderr}")
    return cli.home


def run_latency(bench):
    """A lone report through libzhibao: fsynced outbox, send, receipt, settled."""
    idle = [said(bench.world.bench("latency", "--home", village_home(bench), "--count", 1000))
            for _ in range(bench.runs)]
    for name in ("p50", "p99"):
        bench.tell(f"latency.idle_{name}_ms", [run[f"{name}_ms"] for run in idle], "ms")
        bench.tell(f"latency.idle_wire_{name}_ms", [run[f"wire_{name}_ms"] for run in idle], "ms")
    for name, value in idle[-1].items():
        if name.startswith("bucket"):
            print(f"#   {name} {value:.0f}")
    half = []
    for _ in range(bench.runs):
        home = village_home(bench)
        load = bench.load_begin(LOAD_S)
        half.append(said(bench.world.bench("latency", "--home", home, "--count", 200)))
        if load.poll() is not None:
            raise RuntimeError("the load ended before the measurement did")
        said(load)
    for name in ("p50", "p99"):
        bench.tell(f"latency.half_load_{name}_ms", [run[f"{name}_ms"] for run in half], "ms")


def run_storm(bench):
    """9,000 clients with their own keys connect at once, submit, get a receipt and leave."""
    runs = []
    for _ in range(bench.runs):
        progress("9,000 clients at once")
        first = bench.world.next_first(9000)
        runs.append(said(bench.world.bench("storm", "--world", bench.world.path, "--count", 9000,
                                           "--first", first, "--processes", 3)))
    bench.tell("storm.seconds", [run["seconds"] for run in runs], "s")
    bench.tell("storm.receipts", [run["receipted"] for run in runs], "receipts")


def run_memory(bench):
    """Resident memory of zhibaod for each idle connection."""
    values = []
    for _ in range(bench.runs):
        clients = 4000
        before = bench.world.server.memory_kb()
        process = bench.world.bench("hold", "--world", bench.world.path, "--count", clients,
                                    "--processes", 2)
        for _ in range(2):
            if process.stdout.readline().strip() != "up":
                raise RuntimeError("the connections did not come up")
        values.append((bench.world.server.memory_kb() - before) / clients)
        said(process)
    bench.tell("memory.kb_per_connection", values[0], "kB")
    bench.tell("memory.kb_per_connection_again", values[1:] or [0.0], "kB")
    if bench.thorough:
        strain.run_million(bench)


def run_verify(bench):
    """Client signatures checked a second by one core."""
    command = [str(bench.workplace.build / "bin" / "zhibao-bench"), "verify", "--count", "30000"]
    values = [float(subprocess.run(command, capture_output=True, text=True, check=True)
                    .stdout.split()[1]) for _ in range(bench.runs)]
    bench.tell("verify.signatures_per_s", values, "signatures/s")


def percentile(values, p):
    return sorted(values)[min(len(values) - 1, int(p / 100 * len(values)))]


def run_pull(bench):
    """The office's pull: a district of villages, a province of villages, the country of counties."""
    from county import County
    progress("鹿寨县, five years")
    county = County(bench.workplace)
    for year in range(2021, 2026):
        county.fill(year)
    cold = county.pull_ms(2025)
    runs = [[county.pull_ms(2025) for _ in range(300)] for _ in range(bench.runs)]
    bench.tell("pull.district_cold_ms", cold, "ms")
    bench.tell("pull.district_p50_ms", [percentile(run, 50) for run in runs], "ms")
    bench.tell("pull.district_p99_ms", [percentile(run, 99) for run in runs], "ms")
    county.server.stop()
    for name in ("province", "country"):
        pull_larger(bench, name)


def pull_larger(bench, name):
    """Cold, as it is, after changes all over the place, and while reports come in."""
    from larger import Larger
    progress(f"{name}, five years")
    larger = Larger(bench.world, ROOT / "build-bench", name)
    bench.tell(f"pull.{name}_reports", larger.reports(), "reports")
    bench.tell(f"pull.{name}_cold_ms", larger.pull_ms(), "ms")
    bench.tell(f"pull.{name}_ms", [percentile([larger.pull_ms() for _ in range(30)], 99)
                                   for _ in range(bench.runs)], "ms")
    for changes in (1, 100):
        values = []
        for _ in range(bench.runs):
            larger.change(changes)
            values.append(larger.pull_ms())
        bench.tell(f"pull.{name}_after_{changes}_changes_ms", values, "ms")
    values = []
    for _ in range(bench.runs):
        load, took = bench.load_begin(LOAD_S), []
        while load.poll() is None:
            took.append(larger.pull_ms())
        said(load)
        values.append(percentile(took, 99))
    bench.tell(f"pull.{name}_while_ingesting_ms", values, "ms")


def run_nation(bench):
    """The whole country: each of 620,573 real villages' own signed report, over 2,978 connections."""
    from nation import NationWorld
    progress(f"the country's villages (fraction {bench.fraction:g})")
    world = NationWorld(bench.workplace, ROOT / "build-bench", bench.fraction, progress)
    print_settings(world)
    count = world.villages
    process = world.bench("ingest", "--world", world.path, "--count", count, "--first", 0,
                          "--window", WINDOW)
    progress(f"{count} reports of {len(world.counties)} counties, signed beforehand")
    if process.stdout.readline().split() != ["prepared", "1"]:
        raise RuntimeError("zhibao-bench could not prepare its reports")
    usage = Usage(world.server)
    process.stdin.write("\n")
    process.stdin.flush()
    lines = {}
    while "p99_ms" not in lines:
        name, value = process.stdout.readline().split()
        lines[name] = float(value)
    server, postgres = usage.taken()
    checked = world.checked_s()
    lines |= said(process)
    stored = int(world.psql("select count(*) from zhibao.report"))
    if stored != count or lines["samples_verified"] != lines["samples"]:
        raise RuntimeError(f"{stored} of {count} reports are stored: {lines}")
    bench.tell("nation.reports", count, "reports")
    bench.tell("nation.counties", len(world.counties), "connections")
    bench.tell("nation.seconds", lines["seconds"], "s")
    bench.tell("nation.reports_per_s", count / lines["seconds"], "reports/s")
    bench.tell("nation.signatures_checked_seconds", lines["seconds"] + checked, "s")
    bench.tell("nation.receipts_verified", lines["samples_verified"], "receipts")
    bench.tell("nation.cpu_us_per_report", (server + postgres) * 1e6 / count, "us")
    bench.tell("nation.p99_ms", lines["p99_ms"], "ms")
    bench.tell("nation.server_mb", world.server.memory_kb() / 1024, "MB")
    bench.tell("nation.told_later", lines["told_later"], "answers")
    world.server.stop()


def run_portal(bench):
    """200 users entering at once: page data over HTTPS, each with a connection and a session."""
    from portal_users import Users
    users = Users(bench.workplace, 200)
    runs = []
    for _ in range(bench.runs):
        logins = users.log_in()
        progress("200 users enter")
        runs.append(users.enter(bench.workplace) | logins)
    for name in ("p50_ms", "p95_ms", "p99_ms", "instant_p95_ms", "submit_p95_ms", "login_p95_ms"):
        bench.tell(f"portal.{name}", [run[name] for run in runs if name in run], "ms")
    bench.tell("portal.requests_per_s", [run["per_s"] for run in runs], "requests/s")
    for name in ("portal", "zhibaod", "postgres"):
        bench.tell(f"portal.{name}_us_per_request", [run[f"{name}_us"] for run in runs], "us")
    users.close()


def run_profile(bench):
    """Where the microseconds of a report go, by step, and a flame graph; wants perf."""
    import profiler
    if not profiler.usable():
        raise RuntimeError("perf is not installed (Debian: linux-perf)")
    bench.ingest_once()  # pages, plans and tables are there
    out = bench.workplace.path / "perf.data"
    first = bench.world.next_first(INGEST_REPORTS)
    process = bench.world.bench("ingest", "--world", bench.world.path, "--count", INGEST_REPORTS,
                                "--first", first, "--window", WINDOW)
    process.stdout.readline()
    usage = Usage(bench.world.server)
    recorder = profiler.record([usage.server, *children(usage.postmaster)], PROFILE_S, out)
    process.stdin.write("\n")
    process.stdin.flush()
    lines = {}
    while "p99_ms" not in lines:
        name, value = process.stdout.readline().split()
        lines[name] = float(value)
    taken = sum(usage.taken())
    recorder.send_signal(signal.SIGINT)
    recorder.wait()
    said(process)
    samples = list(profiler.stacks(out))
    found = profiler.steps(samples)
    total = sum(found.values())
    if total == 0:
        raise RuntimeError("perf may not look at other processes here")
    each = taken * 1e6 / lines["receipted"]
    for step, _ in (*profiler.STEPS, ("other", "")):
        bench.tell(f"profile.{step}_us", each * found[step] / total, "us")
    bench.tell("profile.total_us", each, "us")
    picture = ROOT / "build-bench" / "bench" / "flame.svg"
    picture.parent.mkdir(parents=True, exist_ok=True)
    profiler.flame_graph(samples, picture, f"{each:.0f} us a report")
    print(f"# {total} samples; flame graph: {picture}")


def run_overload(bench):
    """Ten times what the writer is capped to, for 60 s: latency, refusals, what is lost, recovery."""
    strain.run_overload(bench, said)


def run_bigpull(bench):
    """1 GB of a province's figures while reports come in: memory, and what it costs the reports."""
    strain.run_bigpull(bench, said)


def run_growth(bench):
    """Ingest as the tables grow, and a year's pull as years are added."""
    strain.run_growth(bench, said)


BENCHES = {"ingest": run_ingest, "copy-limit": run_copy_limit, "latency": run_latency,
           "storm": run_storm, "nation": run_nation, "memory": run_memory, "pull": run_pull, "portal": run_portal,
           "verify": run_verify, "overload": run_overload, "bigpull": run_bigpull,
           "growth": run_growth, "profile": run_profile}


def machine():
    model = re.search(r"model name\s*:\s*(.*)", Path("/proc/cpuinfo").read_text())
    memory = int(re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text()).group(1))
    git = subprocess.run(["git", "-C", str(ROOT), "describe", "--always", "--dirty"],
                         capture_output=True, text=True, check=False).stdout.strip()
    return {"cpu": model.group(1) if model else "?", "cores": os.cpu_count(),
            "memory_gib": round(memory / 1048576, 1), "commit": git or "?",
            "load_before": os.getloadavg()[0], "time": time.strftime("%Y-%m-%dT%H:%M:%S%z")}


def compare(first, second):
    """What got slower or faster by more than 5%, worst first."""
    files = [json.loads(Path(path).read_text(encoding="utf-8")) for path in (first, second)]
    rows = []
    for name, old in files[0]["figures"].items():
        new = files[1]["figures"].get(name)
        if new and old["value"] and new["value"]:
            ratio = new["value"] / old["value"]
            more_is_better = old["unit"].endswith("/s") or old["unit"] in ("x", "receipts")
            rows.append((ratio if more_is_better else 1 / ratio, name, old, new))
    for speed, name, old, new in sorted(rows, key=lambda row: row[0]):
        word = "slower" if speed < 0.95 else "faster" if speed > 1.05 else "same"
        print(f"{name} {old['value']:.4g} -> {new['value']:.4g} {old['unit']} ({word}, x{speed:.2f})")
    return any(row[0] < 0.95 for row in rows)


def measure(build, names, runs, out, fraction, thorough):
    harness.load_protocol(build)
    workplace = harness.Workplace(build)
    about = machine()
    for name, value in about.items():
        print(f"# {name} {value}", flush=True)
    bench = Bench(workplace, runs, fraction, thorough)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # servers and files are cleared away
    try:
        for name in names:
            BENCHES[name](bench)
    finally:
        workplace.close()
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps({"machine": about, "figures": bench.figures}, indent=1,
                              ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"# written to {out}")


def main():
    parser = argparse.ArgumentParser(prog="./deploy/bench", description=__doc__)
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--runs", type=int, default=3, help="how often each is measured (3)")
    parser.add_argument("--fraction", type=float, default=1.0,
                        help="of nation's and growth's counties, for a smaller machine (1)")
    parser.add_argument("--thorough", action="store_true",
                        help="memory: over a million connections (half an hour)")
    parser.add_argument("--out", type=Path, help="the JSON file to write")
    parser.add_argument("names", nargs="*", help="list, all, compare A.json B.json, or: "
                        + ", ".join(BENCHES))
    arguments = parser.parse_args()
    names = arguments.names or ["list"]
    if names == ["list"]:
        for name, function in BENCHES.items():
            print(f"{name:12} {function.__doc__}")
        return 0
    if names[0] == "compare" and len(names) == 3:
        return 1 if compare(*names[1:]) else 0
    if names == ["all"]:
        names = list(BENCHES)
    unknown = [name for name in names if name not in BENCHES]
    if unknown:
        parser.error(f"no such benchmark: {' '.join(unknown)} (./deploy/bench list)")
    out = arguments.out or Path(arguments.build) / "bench" / f"{'-'.join(names)[:60]}.json"
    measure(arguments.build, names, arguments.runs, out, arguments.fraction,
            arguments.thorough)
    return 0


if __name__ == "__main__":
    sys.exit(main())
