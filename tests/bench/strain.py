"""What a server does under strain: far more than it takes, a pull that does not end, years of reports,
connections by the million."""

import sys
import threading
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "scenario"))
import harness  # noqa: E402
from client import pb  # noqa: E402

OVER_S, TIMES, PROBES, QUEUE_S = 60, 10, 20, 2
BIG_BYTES = 1 << 30
HELD, CONNECTS = 4000, 1_000_000


def home_of(bench, world, number):
    """The home of a village of a world that has sent nothing yet."""
    place = next(world.spare)
    cli = harness.Cli(bench.workplace, f"strain-{number}-{place}")
    done = cli("enrol", world.code(place * 1000))
    if done.returncode != 0:
        raise RuntimeError(f"enrol exits {done.returncode}: {done.stderr}")
    return cli.home


def flood(world, said, *arguments):
    process = world.bench("ingest", "--world", world.path, *arguments)
    process.stdout.readline()
    process.stdin.write("\n")
    process.stdin.flush()
    return said(process)


def lone_ms(world, said, homes):
    """A lone report through libzhibao: the median of five, of a village that was silent so far."""
    return said(world.bench("latency", "--home", homes.pop(), "--count", 5))["p50_ms"]


def run_overload(bench, said):
    """Ten times what the writer is capped to, for 60 s: bounded latency, "try later", nothing lost."""
    import bench_world
    world = bench_world.World(bench.workplace, 180, 100, name="overload", batch_max=1)
    homes = [home_of(bench, world, number) for number in range(PROBES)]
    normal = lone_ms(world, said, homes)
    cap = flood(world, said, "--count", 5000, "--first", 0, "--window", 100)
    rate = cap["receipted"] / cap["seconds"]
    # as the runbook says: no more in hand than is written in a few seconds
    world.server.stop()
    world.server.options["queue_max"] = max(100, int(rate * QUEUE_S))
    world.server.start()
    print(f"# the writer is capped to {rate:.0f} reports/s (one a COMMIT), a lone report takes"
          f" {normal:.2f} ms", flush=True)
    count = min(85_000, int(rate * OVER_S * 1.5) + 5000)
    over = flood(world, said, "--count", count, "--first", 5000, "--window", 200_000, "--rate",
                 rate * TIMES, "--over", OVER_S)
    begin = time.monotonic()
    while homes and lone_ms(world, said, homes) > 3 * normal:
        pass
    took = time.monotonic() - begin + over["late_s"]
    lone = int(world.psql("select count(*) from zhibao.report r join zhibao.unit u using (unit)"
                          f" where u.place >= {next(world.spare) // 1000 * 1000}"))
    stored = int(world.psql("select count(*) from zhibao.report")) - lone
    bench.tell("overload.capped_reports_per_s", rate, "reports/s")
    bench.tell("overload.offered_per_s", over["sent"] / OVER_S, "reports/s")
    bench.tell("overload.accepted_per_s", over["receipted"] / OVER_S, "reports/s")
    bench.tell("overload.accepted_p99_ms", over["p99_ms"], "ms")
    bench.tell("overload.told_later", over["told_later"], "answers")
    bench.tell("overload.receipted_not_stored", cap["receipted"] + over["receipted"] - stored,
               "reports")
    bench.tell("overload.back_to_normal_s", took, "s")
    world.server.stop()


class Reader(threading.Thread):
    """Reads the figures of a province again and again until there are BIG_BYTES of them."""

    def __init__(self, larger, server, period):
        super().__init__(daemon=True)
        self.larger, self.server, self.period = larger, server, period
        self.bytes, self.most_kb, self.seconds, self.trouble = 0, 0, 0.0, None

    def run(self):
        begin, cursor, client = time.monotonic(), "", self.larger.office
        while self.bytes < BIG_BYTES and self.trouble is None:
            question = client.envelope(pb().KIND_FIGURES, pb().Figures(
                place=self.larger.place, period=self.period, cursor=cursor))
            client.send(question.SerializeToString())
            if not client.socket.poll(60000):
                self.trouble = "no answer"
                break
            frame = client.socket.recv()
            envelope = pb().Envelope.FromString(frame)
            if envelope.kind != pb().KIND_FIGURE_ROWS:
                self.trouble = f"{envelope.kind} {envelope.body[:200]}"
                break
            cursor = pb().FigureRows.FromString(envelope.body).next
            self.bytes += len(frame)
            self.most_kb = max(self.most_kb, self.server.memory_kb())
        self.seconds = time.monotonic() - begin


def run_bigpull(bench, said):
    """1 GB of a province's figures while reports come in: the server's memory, and what it costs them."""
    from larger import LAST, Larger
    larger = Larger(bench.world, ROOT / "build-bench", "province")
    def rate():
        lines, _, _ = bench.ingest_once()
        return lines["receipted"] / lines["seconds"]
    rate()  # pages, plans and tables are there
    alone = [rate() for _ in range(bench.runs)]
    before_kb = bench.world.server.memory_kb()
    reader = Reader(larger, bench.world.server, LAST)
    reader.start()
    beside = []
    while reader.is_alive():
        beside.append(rate())
    if reader.trouble is not None:
        raise RuntimeError(f"the figures end early: {reader.trouble}")
    bench.tell("bigpull.mb", reader.bytes / 1e6, "MB")
    bench.tell("bigpull.seconds", reader.seconds, "s")
    bench.tell("bigpull.server_mb_more", (reader.most_kb - before_kb) / 1024, "MB")
    bench.tell("bigpull.ingest_alone_per_s", alone, "reports/s")
    bench.tell("bigpull.ingest_beside_per_s", beside[:-1] or beside, "reports/s")


def run_growth(bench, said):
    """Ingest as the tables grow, and a year's pull as years are added."""
    from larger import LAST, Larger
    rates = []
    for _ in range(5):
        lines, _, _ = bench.ingest_once()
        rates.append(lines["receipted"] / lines["seconds"])
    bench.tell("growth.ingest_first_per_s", rates[0], "reports/s")
    bench.tell("growth.ingest_last_per_s", rates[-1], "reports/s")
    bench.tell("growth.disk_bytes_per_report", float(bench.world.psql(
        "select sum(pg_total_relation_size(c.oid)) / (select count(*) from zhibao.report) from"
        " pg_class c where c.relnamespace = 'zhibao'::regnamespace and c.relkind = 'r'"
        " and c.relname in ('report', 'batch')")), "bytes")
    larger = Larger(bench.world, ROOT / "build-bench", "province", years=(LAST, LAST))
    def pulls():
        bench.world.server.stop()
        bench.world.server.start()
        larger.pull_ms()
        return sorted(larger.pull_ms() for _ in range(20))[10]
    one = pulls()
    for year in [*range(LAST - 4, LAST), *range(LAST + 1, LAST + 6)]:
        larger.fill(year, year)
    ten = pulls()
    bench.tell("growth.pull_1_year_ms", one, "ms")
    bench.tell("growth.pull_10_years_ms", ten, "ms")
    bench.tell("growth.pull_ratio", ten / one, "x_more")


def run_million(bench):
    """Resident memory after each of 250 times 4,000 connections, the first left out."""
    server, grown = bench.world.server, []
    for turn in range(CONNECTS // HELD):
        process = bench.world.bench("hold", "--world", bench.world.path, "--count", HELD,
                                    "--processes", 2)
        for _ in range(2):
            if process.stdout.readline().strip() != "up":
                raise RuntimeError("the connections did not come up")
        process.communicate()
        grown.append(server.memory_kb())
        if turn % 10 == 0:
            print(f"#   {(turn + 1) * HELD} connects: {grown[-1] // 1024} MB", flush=True)
    bench.tell("memory.mb_after_first_tenth", grown[len(grown) // 10] / 1024, "MB")
    bench.tell("memory.mb_after_million", grown[-1] / 1024, "MB")
