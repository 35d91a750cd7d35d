"""A village without a network: its outbox goes to the township on a memory stick, the receipts come
back the same way; every step is killed at random, repeated, and given the wrong file.
"""

import random
import subprocess
import time

import harness
import plandata
from round_stage import TOWNSHIP, VILLAGES, YEAR, Round, village_name
from sheet import parse

VILLAGE, NEIGHBOUR = VILLAGES[0], VILLAGES[1]
NOWHERE = "tcp://127.0.0.1:1"
KILLS = 8


def killed(cli, *arguments, seed=1):
    """Runs the command again and again, killing it a little later each time, then lets it end."""
    chance = random.Random(seed)
    command = [str(cli.workplace.build / "bin" / "zhibao"), "--home", str(cli.home), "--lang", "en",
               *[str(argument) for argument in arguments]]
    for attempt in range(KILLS):
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL, env=cli.workplace.environment(),
                                   cwd=cli.workplace.path)
        try:
            process.wait(0.002 + chance.random() * 0.006 * attempt)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    return cli(*arguments)


def boxes(stage, name):
    found = parse(stage.homes[name]("outbox", "--format", "csv").stdout)
    return len([row for row in found if row["box"] == "waiting"])


def stored(stage, place):
    return stage.server.sql(
        "select period, revision, carrier from zhibao.report where unit = "
        f"{plandata.own_unit(place)} order by period, revision")


def fill(stage, name, place, years):
    """Reports of several years, made while nobody can be reached."""
    cli = stage.homes[name]
    for year in years:
        path = stage.sheet(name, "village", place, plandata.village_figures(place, year))
        stage.ran(cli, "--server", NOWHERE, "submit", path, "--year", year, "--demo", code=3)


def refused(stage, cli, what, path, name, *command):
    """The wrong file is refused with its code, and the outbox stays as it was."""
    before = parse(cli("outbox", "--format", "csv").stdout)
    done = stage.ran(cli, *command, path, code=1)
    stage.checks.check(f"{what}: {name}", name in done.stderr, done.stderr)
    stage.checks.equal(f"{what}: nothing changed",
                       parse(cli("outbox", "--format", "csv").stdout), before)


def check_wrong_files(stage, stick, town, other):
    data = stick.read_bytes()
    bad = stage.workplace.path / "bad.zbm"
    cases = (("cut short", data[:-100], "E_STICK_TRUNCATED"),
             ("one bit changed", data[:500] + bytes([data[500] ^ 1]) + data[501:],
              "E_STICK_DAMAGED"),
             ("no stick at all", b"PK\x03\x04" + data[4:], "E_STICK_DAMAGED"))
    for what, content, name in cases:
        bad.write_bytes(content)
        refused(stage, town, what, bad, name, "outbox", "import")
    refused(stage, other, "for another carrier", stick, "E_STICK_ADDRESS", "outbox", "import")
    refused(stage, town, "an outbox is no receipts", stick, "E_STICK_DAMAGED", "receipts", "import")


def check_document(stage, stick):
    """A scan of the stamped page travels with the report it belongs to, and its receipt comes back."""
    name, cli = village_name(VILLAGE), stage.homes[village_name(VILLAGE)]
    town, scan = stage.homes["town"], stage.workplace.path / "scan.png"
    scan.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 1500)  # two chunks
    report = parse(cli("outbox", "--format", "csv").stdout)[-1]["id"]
    stage.ran(cli, "--server", NOWHERE, "document", "attach", scan, "--report", report, "--demo",
              code=3)
    done = killed(cli, "--server", NOWHERE, "outbox", "export", stick, seed=5)
    stage.checks.check("the document is exported with what waits", "3 records" in done.stdout,
                       done.stdout)
    data, bad = stick.read_bytes(), stage.workplace.path / "bad.zbm"
    bad.write_bytes(data[:200000] + bytes([data[200000] ^ 1]) + data[200001:])
    refused(stage, town, "one bit of the document changed", bad, "E_STICK_DAMAGED", "outbox",
            "import")


def check_document_stored(stage):
    rows = stage.server.sql("select d.file_name, d.size, u.unit / 1000, e.carrier from"
                            " zhibao.document d join zhibao.document_upload u on u.unit = d.unit"
                            " and u.sha256 = d.sha256 join zhibao.registry_event e"
                            " on e.kind = 12 and e.unit = d.unit and e.id = d.id")
    stage.checks.equal("the document is stored once, carried by the township", rows,
                       [["scan.png", str(8 + 256 * 1500), str(VILLAGE), str(TOWNSHIP)]])


def check_granted(stage):
    """A carrier that the registry grants: the neighbouring village's computer."""
    name, cli = village_name(VILLAGE), stage.homes[village_name(VILLAGE)]
    other = stage.homes[village_name(NEIGHBOUR)]
    stick, back = stage.workplace.path / "granted.zbm", stage.workplace.path / "granted.back"
    card = stage.workplace.path / "neighbour.card"
    stage.ran(other, "outbox", "card", card)
    fill(stage, name, VILLAGE, (2023,))
    stage.ran(cli, "--server", NOWHERE, "outbox", "export", stick, "--card", card)
    refused(stage, other, "a carrier without a grant", stick, "E_FORBIDDEN", "outbox", "import")
    grant = ("admin", "carrier", f"{NEIGHBOUR:012}", "--subtree", VILLAGE)
    stage.ran(stage.admin, *grant, code=2)
    done = stage.ran(stage.homes["town"], *grant, "--reason", "无网络，由邻村代送", code=1)
    stage.checks.check("a township grants nothing", "E_FORBIDDEN" in done.stdout + done.stderr, done)
    done = stage.ran(stage.admin, *grant, "--reason", "没有授权", "--withdraw", code=1)
    stage.checks.check("what was not granted is not taken back", "E_SUBJECT_STATE" in done.stdout + done.stderr,
                       done)
    stage.ran(stage.admin, *grant, "--reason", "无网络，由邻村代送")
    done = stage.ran(stage.admin, *grant, "--reason", "再授一次", code=1)
    stage.checks.check("nor granted twice", "E_SUBJECT_STATE" in done.stdout + done.stderr,
                       done)
    stage.ran(other, "outbox", "import", stick)
    stage.ran(other, "outbox", "send")
    stage.ran(other, "receipts", "export-for", f"{VILLAGE:012}", back)
    stage.ran(cli, "--server", NOWHERE, "receipts", "import", back)
    stage.checks.equal("carried by the neighbour", stored(stage, VILLAGE)[0],
                       ["2023", "1", str(plandata.own_unit(NEIGHBOUR))])
    stage.checks.equal("and settled", boxes(stage, name), 0)
    stage.ran(stage.admin, *grant, "--reason", "已通网络", "--withdraw")
    refused(stage, other, "a grant that was taken back", stick, "E_FORBIDDEN", "outbox", "import")


def scenario(checks, workplace):
    begin = time.monotonic()
    stage = Round(checks, workplace)
    name = village_name(VILLAGE)
    stage.enrol({name: plandata.own_unit(VILLAGE), "town": TOWNSHIP,
                 village_name(NEIGHBOUR): plandata.own_unit(NEIGHBOUR)})
    village, town = stage.homes[name], stage.homes["town"]
    other = stage.homes[village_name(NEIGHBOUR)]
    stick, back = workplace.path / "stick.zbm", workplace.path / "back.zbm"
    stage.template(name, "village")
    stage.ran(village, "form", "show")
    stage.ran(village, "outbox", "export", stick, code=2)  # nothing waits; but now it knows whom
    fill(stage, name, VILLAGE, (2024, YEAR))
    done = killed(village, "--server", NOWHERE, "outbox", "export", stick)
    checks.check("exported without a network", done.returncode == 0, done.stderr)
    checks.equal("and still waiting", boxes(stage, name), 2)
    check_document(stage, stick)
    check_wrong_files(stage, stick, town, other)
    done = killed(town, "outbox", "import", stick, seed=2)
    checks.check("imported", done.returncode == 0 and "3 records" in done.stdout, done.stdout)
    done = stage.ran(town, "outbox", "import", stick)
    checks.check("twice is harmless", "0 of them new" in done.stdout, done.stdout)
    checks.equal("the carrier's outbox holds them", boxes(stage, "town"), 3)
    killed(town, "outbox", "send", seed=3)
    carrier = str(TOWNSHIP)
    checks.equal("each is stored once, carried by the township", stored(stage, VILLAGE),
                 [["2024", "1", carrier], [str(YEAR), "1", carrier]])
    checks.equal("the carrier has nothing left", boxes(stage, "town"), 0)
    check_document_stored(stage)
    stage.ran(town, "receipts", "export-for", f"{VILLAGE:012}", back)
    refused(stage, other, "receipts for another", back, "E_STICK_ADDRESS", "receipts", "import")
    done = killed(village, "--server", NOWHERE, "receipts", "import", back, seed=4)
    checks.check("receipts imported", done.returncode == 0, done.stderr)
    checks.equal("nothing waits any more", boxes(stage, name), 0)
    stage.ran(village, "receipts", "export", workplace.path / "proofs")
    proofs = sorted((workplace.path / "proofs").glob("*-report-*.zbr"))
    checks.equal("a receipt for each report", len(proofs), 2)
    proofs += sorted((workplace.path / "proofs").glob("*-document-*.zbr"))
    checks.equal("and for the document", len(proofs), 3)
    stage.ran(village, "verify", *proofs)
    checks.equal("its copy is gone from the village's home", [], list(
        (village.home / "documents").glob("*")))
    checks.equal("the village sends nothing twice", stage.ran(village, "outbox", "send").returncode,
                 0)
    check_granted(stage)
    print(f"took {time.monotonic() - begin:.1f} s", flush=True)


if __name__ == "__main__":
    harness.run(scenario)
