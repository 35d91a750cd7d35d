"""What goes wrong on the desk itself: the wrong file, the wrong directory, nowhere to write to.

Called by bad_csv.py with its desk.
"""

import errno
import os
import shutil
import subprocess
import zipfile

from harness import CLI_S, Cli, is_sanitized
from sheet import parse


def run_as(desk, words, user=None, redirect="", before=""):
    """The command line through a shell, so that its streams can be closed; where anyone reaches it."""
    program = desk.workplace.path / "zhibao"
    if not program.exists():
        shutil.copy2(desk.workplace.build / "bin" / "zhibao", program)
    return subprocess.run(
        ["sh", "-c", f'{before} exec "$@" {redirect}', "sh", str(program),
         *[str(word) for word in words]], capture_output=True, text=True, timeout=CLI_S,
        check=False, env=desk.workplace.environment(), cwd=desk.workplace.path, user=user)


def check_files(desk):
    """Other programs' files are named, with what to do."""
    workbook = desk.workplace.path / "filled.xlsx"
    with zipfile.ZipFile(workbook, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    pdf = desk.workplace.path / "filled.pdf"
    pdf.write_bytes(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n")
    old = desk.workplace.path / "filled.xls"
    old.write_bytes(bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504))
    for path, zh, en, code in (
            (workbook, "没有可见的工作表", "no visible sheet", "E_SHEET"),
            (old, "另存为", "Save As", "E_ENCODING"),
            (pdf, "这是PDF", "this is a PDF", "E_ENCODING")):
        for lang, words in (("zh", zh), ("en", en)):
            done = desk.cli("check", path, "--year", 2025, lang=lang)
            desk.checks.check(f"{path.name} for CSV ({lang}): exit 2, and what to do",
                              done.returncode == 2 and words in done.stderr
                              and code in done.stderr, done.stderr)
    done = desk.cli("assess", workbook)
    desk.checks.check("assess says it too", done.returncode == 2 and "Save As" in done.stderr,
                      done.stderr)


def check_no_file(desk):
    """A directory, a pipe that nobody writes to; verify without anything to verify."""
    empty, pipe = desk.workplace.path / "empty", desk.workplace.path / "pipe"
    empty.mkdir()
    os.mkfifo(pipe)
    for command in ("check", "submit"):
        for path, lang, words in ((empty, "zh", "是目录"), (empty, "en", "is a directory"),
                                  (pipe, "zh", "不是普通文件"), (pipe, "en", "not a regular file")):
            done = desk.cli(command, path, "--year", 2025, lang=lang)
            desk.checks.check(f"{command} {path.name} ({lang}): {words}", done.returncode == 2
                              and words in done.stderr, f"{done.returncode} {done.stderr}")
    done = desk.cli("check", "-", "--year", 2025, stdin=desk.text())
    desk.checks.equal("check - reads the standard input", (done.returncode, done.stderr), (0, ""))
    for path, words in ((empty, "no .zbr in"), (empty / "none.zbr", "0 of 1")):
        done = desk.cli("verify", path)
        said = done.stdout + done.stderr
        desk.checks.check(f"verify {path.name}: {words}, exit 2", done.returncode == 2
                          and words in said and "receipts verified: 0 of" in said,
                          f"{done.returncode} {said}")


def check_strata(desk):
    """A message names a stratum as the template does."""
    for lang, words in (("zh", "男 0-2岁"), ("en", "male aged 0-2")):
        done = desk.cli("check", desk.file(desk.text({1: "-5"}).encode()), "--year", 2025,
                        lang=lang)
        desk.checks.check(f"the stratum in words ({lang})", words in done.stderr
                          and "sex=" not in done.stderr, done.stderr)


def check_homes(desk):
    """Only an enrolment makes a home, and one that cannot be read is not called damaged."""
    missing = Cli(desk.workplace, "mistyped")
    for words in (("outbox",), ("submit", "x.csv", "--year", "2025"), ("inbox",), ("receipts",)):
        done = missing(*words)
        desk.checks.check(f"{words[0]} with a mistyped --home: exit 2, nothing made",
                          done.returncode == 2 and "enrol" in done.stderr
                          and not missing.home.exists(), f"{done.returncode} {done.stderr}")
    other = desk.workplace.path / "homes" / "photos"
    other.mkdir()
    done = Cli(desk.workplace, "photos")("outbox")
    desk.checks.check("a directory of something else stays as it is",
                      done.returncode == 2 and not list(other.iterdir()), done.stderr)
    other.rmdir()
    if os.geteuid() != 0:
        desk.cli.home.chmod(0)
    for words in (("outbox",), ("whoami",)):
        done = run_as(desk, ["--lang", "en", "--home", desk.cli.home, *words],
                      user="nobody" if os.geteuid() == 0 else None)
        desk.checks.check(f"{words[0]} of a home that is somebody else's: permission denied",
                          done.returncode == 2 and "permission denied" in done.stderr
                          and "damaged" not in done.stderr, f"{done.returncode} {done.stderr}")
    desk.cli.home.chmod(0o700)


def check_disk(desk):
    """A disk that takes nothing is named as what it is, and costs nothing."""
    shim = desk.workplace.build / "tests" / "scenario" / "kill_at.so"
    if is_sanitized(desk.workplace.build):
        print("skipped: a full disk needs a build without sanitizers", flush=True)
        return
    path = desk.file(desk.text({26: "1260"}).encode())
    for error, words in ((errno.ENOSPC, "no space left"), (errno.EROFS, "read-only")):
        done = desk.cli("submit", path, "--year", 2025, "--demo", LD_PRELOAD=str(shim),
                        DISK_ERROR=str(error))
        desk.checks.check(f"submit: {words}", done.returncode == 2 and words in done.stderr
                          and "damaged" not in done.stderr, f"{done.returncode} {done.stderr}")
    waiting = [row for row in parse(desk.cli("outbox", "--format", "csv").stdout)
               if row["box"] == "waiting"]
    desk.checks.equal("nothing of it is in the outbox", waiting, [])
    done = desk.cli("submit", path, "--year", 2025, "--demo")
    desk.checks.equal("with room again it goes", (done.returncode, done.stderr), (0, ""))


def check_streams(desk):
    """Output that arrives nowhere is an error; files of the home are not written into instead."""
    for words in (("form", "show"), ("outbox",), ("receipts",), ("help",)):
        done = run_as(desk, ["--lang", "en", "--home", desk.cli.home, *words], redirect=">&-")
        desk.checks.check(f"{words[0]} with stdout closed: not exit 0, and says so",
                          done.returncode == 2 and "could not write" in done.stderr,
                          f"{done.returncode} {done.stderr}")
    done = run_as(desk, ["--lang", "en", "help"], redirect=">listed",
                  before="ulimit -f 0; trap '' XFSZ;")
    desk.checks.check("a file that takes nothing for stdout: not exit 0, and says so",
                      done.returncode == 2 and "could not write" in done.stderr, done.stderr)
    done = desk.cli("whoami")
    desk.checks.equal("the home is as good as before", done.returncode, 0)


def check_refused_box(desk):
    """What was refused can be put aside, and shows when a later report has taken its place."""
    def boxes(*options):
        return [(row["box"], row["id"]) for row in
                parse(desk.cli("outbox", "list", *options, "--format", "csv").stdout)]

    path = desk.file(desk.text({26: "1250"}).encode())  # other figures than any before
    done = desk.cli("submit", path, "--year", 2025, "--demo", "--revision", 9)
    desk.checks.check("a revision out of order is refused", done.returncode == 1
                      and "E_REVISION" in done.stdout + done.stderr, done.stderr)
    before = boxes()
    late = before[-1][1]
    desk.checks.equal("it is the last of the refused box", before[-1][0], "refused")
    desk.checks.equal("the right one is stored",
                      desk.cli("submit", path, "--year", 2025, "--demo").returncode, 0)
    desk.checks.equal("then the refused one shows as superseded, and no other changes",
                      boxes(), [*before[:-1], ("superseded", late)])
    done = desk.cli("outbox", "discard", late[:12], before[0][1])
    desk.checks.equal("both are discarded", (done.returncode, done.stderr), (0, ""))
    desk.checks.equal("the list shrinks", boxes(), before[1:-1])
    desk.checks.equal("--all still has them", [box for box in boxes("--all")
                                               if box[1] in (late, before[0][1])],
                      [("discarded", before[0][1]), ("discarded", late)])
    kept = sorted(file.name[-36:-4] for file in (desk.cli.home / "refusals").glob("*.zbx"))
    desk.checks.equal("the signed refusals are kept as files", kept,
                      sorted((late, before[0][1])))
    done = desk.cli("outbox", "show", late)
    desk.checks.check("and its reason can still be read", "E_REVISION" in done.stdout, done.stdout)
    stored = parse(desk.cli("receipts", "--format", "csv").stdout)[-1]["id"]
    for what, number in (("what has a receipt", stored), ("what is not there", "0123456789")):
        done = desk.cli("outbox", "discard", number)
        desk.checks.equal(f"{what} is not discarded", done.returncode, 2)


def check_form(desk):
    done = desk.cli("form")
    desk.checks.check("form alone shows the form", done.returncode == 0
                      and "households_tap_water" in done.stdout, done.stderr)
    rows = parse(desk.cli("form", "village", "--format", "csv").stdout)
    desk.checks.check("also as rows", any(row["element"] == "households" for row in rows), rows[:2])
    done = desk.cli("form", "--template", "csv", "--format", "json")
    desk.checks.equal("a blank sheet is no JSON: exit 2", done.returncode, 2)


def check_reasons(desk):
    for blank in ("", " ", "\u3000", "\u00a0\u2003\u200b"):
        done = desk.cli("withdraw", "0000", "--reason", blank)
        desk.checks.check(f"reason {ascii(blank)}: exit 2 and asked for",
                          done.returncode == 2 and "--reason is required" in done.stderr,
                          done.stderr)


def check(desk):
    check_form(desk)
    check_refused_box(desk)
    check_reasons(desk)
    check_files(desk)
    check_no_file(desk)
    check_strata(desk)
    check_homes(desk)
    check_disk(desk)
    check_streams(desk)
