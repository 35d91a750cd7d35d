"""Cases with the command line: keys and directory offline, a report from stdin, to the answer."""

import csv
import datetime
import json
import os
import re
import subprocess
from types import SimpleNamespace

import case_tools
import layout
import plandata
from case_hostile import check_line, check_stick
from case_neighbour import check_neighbour
from client import pb
from harness import Cli

PHONE = "0772-7654321（演示）"


class Commands:
    """Homes of the people who take part; every text goes in through stdin or files."""

    ROLES = {"village": None, "statistics": None, "intake": "intake", "township": "township",
             "office": "supervisor", "education": "department"}

    def __init__(self, checks, workplace, district):
        self.checks, self.folder = checks, workplace.path / "offline"
        self.folder.mkdir()
        units = {"village": plandata.own_unit(plandata.villages()[1]),
                 "township": plandata.own_unit(plandata.TOWNSHIP),
                 "intake": plandata.department("civil_affairs")}
        self.homes, self.roles = {}, dict(self.ROLES)
        self.enrol_code = lambda: district.codes(units["intake"])[0]
        for name in self.ROLES:
            self.homes[name] = Cli(workplace, f"case-{name}")
            unit = units.get(name) or plandata.department(name)
            self.ran(name, "enrol", district.codes(unit)[0])

    def ran(self, who, *arguments, code=0, **options):
        done = self.homes[who](*arguments, **options)
        self.checks.check(f"{who}: zhibao {' '.join(map(str, arguments[:2]))} exits {code}",
                          done.returncode == code,
                          f"{done.returncode}: {done.stdout[-400:]}{done.stderr[-600:]}")
        return done

    def committee(self, name):
        """A committee's key: (file, its public half)."""
        file = self.folder / f"{name}.key"
        done = self.ran("office", "admin", "case-key", file)
        return file, done.stdout.split()[-1]

    def directory(self, key, serial):
        file = self.folder / f"directory-{serial}"
        requests = [f"{duty}={self.folder}/{name}.request"
                    for name, duty in self.roles.items() if duty]
        self.ran("office", "admin", "case-directory", "--key", key, "--place", plandata.DISTRICT,
                 "--serial", serial, "--keep", 1, "--phone", PHONE, "-o", file, *requests)
        return file

    def prepare(self):
        self.key, public = self.committee("committee")
        self.public = public
        for name, duty in self.ROLES.items():
            self.ran(name, "case", "trust", public)
            if duty:
                self.ran(name, "case", "key", self.folder / f"{name}.request")
        self.ran("village", "case", "report", "-", code=1, stdin="matter = other\nchannel = self\n"
                 "text = x\n")  # the directory of the scenario before is another committee's
        self.ran("office", "case", "publish", self.directory(self.key, 6))

    def cases(self, who, *options):
        return json.loads(self.ran(who, "case", "list", "--format", "json", *options).stdout)


def check_commands(checks, workplace, district, client, planted):
    """From the paper with the committee's key to what the reporter reads with the code."""
    child, event, reporter, step, reply = planted
    commands = Commands(checks, workplace, district)
    ran = commands.ran
    commands.prepare()
    sheet = (f"matter = injury\nchannel = village\nplace = {plandata.villages()[1]}\n"
             f"child = {child}\nsex = f\nage = 9\ntext = {event}\ntext = 第二行\n"
             f"name = {reporter}\nunnamed = yes\n")
    ran("village", "case", "report", "-", code=2, stdin="text = x\n")
    ran("village", "case", "report", "-", code=2, stdin=sheet + "colour = red\n")
    photo, paper = check_files(commands, sheet, event)
    done = ran("village", "case", "report", "-", photo, paper, stdin=sheet)
    code = re.search(r"code: (\S+)", done.stdout).group(1)
    case = commands.cases("intake")[0]
    checks.equal("the lead's list", (case["state"], case["role"], case["next"], case["overdue"]),
                 ("reported", "lead", "acknowledge", False))
    number = case["id"][:8]
    ran("intake", "case", "show", number, code=2)
    shown = ran("intake", "case", "show", number, "--purpose", "handling").stdout
    checks.check("the lead reads all of it, the reporter too", all(
        text in shown for text in (child, event, "第二行", reporter)), shown)
    shown = ran("township", "case", "show", number, "--purpose", "handling").stdout
    checks.check("the township reads it and not who reported",
                 event in shown and reporter not in shown, shown)
    check_saved(commands, number, photo, paper)
    checks.equal("others have no case", (commands.cases("office"), commands.cases("statistics"),
                                         commands.cases("education")), ([], [], []))
    ran("statistics", "case", "show", number, "--purpose", "handling", code=1)
    ran("township", "case", "close", number, code=1)
    ran("intake", "case", "acknowledge", number)
    ran("intake", "case", "assess", number, code=2)
    ran("intake", "case", "assess", number, "--risk", "high", "--text-file", "-", stdin=step)
    education = f"450223000000:{plandata.department_numbers()['education']}"
    ran("intake", "case", "assign", number, "--unit", education, code=2)
    ran("intake", "case", "assign", number, "--unit", education, "--due", "2030-01-01",
        "--text-file", "-", stdin="看护（演示）")
    shown = ran("education", "case", "show", number, "--purpose", "handling").stdout
    checks.check("a department reads its part, not what was before it",
                 event in shown and "看护" in shown and step not in shown, shown)
    ran("education", "case", "assist", number, photo, "--text-file", "-", stdin="done")
    folder = commands.folder / "education"
    ran("education", "case", "save", number, "--purpose", "handling", "-o", folder)
    checks.equal("a department saves the files of what it was given, and its own", sorted(
        path.name for path in folder.iterdir()), ["01-伤情.png", "02-诊断.pdf", "03-伤情.png"])
    ran("intake", "case", "outcome", number, code=2)
    ran("intake", "case", "outcome", number, "--text-file", "-", stdin=reply)
    ran("intake", "case", "close", number)
    ran("intake", "case", "close", number, code=1)
    told = ran("statistics", "case", "state", "--code", "-", stdin=code.lower() + "\n").stdout
    checks.check("the code tells the answer on any machine", reply in told and "closed" in told,
                 told)
    ran("statistics", "case", "state", "--code", code[:-1] + ("0" if code[-1] != "0" else "1"),
        code=2)
    check_outside(commands, done.stdout, code, reply)
    reads = json.loads(ran("office", "case", "reads", "--format", "json").stdout)
    checks.check("the supervisor sees the readings", {
        "450223000000:12", "450223104000", education} <= {row["unit"] for row in reads
                                                         if row["case"] == case["id"]}, str(reads))
    check_register(commands, child, step)
    check_figures(commands, sheet)
    check_forged(commands, client, reporter)
    check_kept(commands, client, event)
    check_line(checks, commands, district.server, sheet, PHONE)
    check_stick(checks, commands, sheet, planted)
    check_neighbour(commands, district, sheet, event)
    check_distrust(commands, sheet)
    return commands


def check_figures(commands, sheet):
    """Drawn up by who can open the cases, reported as an ordinary form; one case moves it by one."""
    checks, ran, year = commands.checks, commands.ran, datetime.date.today().year

    def drawn(name):
        file = commands.folder / name
        done = ran("intake", "case", "figures", "--year", year, "-o", file)
        rows = csv.DictReader(file.read_text().splitlines())
        return file, {(row["element"], row["stratum"]): int(row["value"]) for row in rows}, done

    _, before, done = drawn("before.csv")
    checks.check("response times come with them", "acknowledged: 1, in time 100%, median 0.0" in
                 done.stdout and "nine in ten" in done.stdout, done.stdout)
    ran("village", "case", "report", "-", stdin=sheet.replace("village", "school"))
    file, after, _ = drawn("after.csv")
    checks.equal("one more case moves each count by exactly one", {
        key: after[key] - before[key] for key in after if after[key] != before[key]}, {
            ("cases_total", ""): 1, ("cases_reported", "sex=f;age=6-11"): 1,
            ("cases_of_injury", ""): 1, ("cases_from_school", ""): 1})
    ran("intake", "submit", file, "--form", "cases", "--year", year, "--demo", code=1)  # not over
    checked = ran("intake", "check", file, "--form", "cases", "--year", year - 1)
    checks.check("and it is a form like all others", "31" in checked.stdout, checked.stdout)
    ran("intake", "submit", file, "--form", "cases", "--year", year - 1, "--demo")
    ran("township", "case", "figures", "--year", year)
    newest, *others = commands.cases("intake")
    ran("intake", "case", "supplement", newest["id"][:8], "--link", "12ab", code=2)
    ran("intake", "case", "supplement", newest["id"][:8], "--link", others[0]["id"])
    _, linked, done = drawn("linked.csv")
    checks.equal("the same event from two is linked, and counted once", linked, before)
    shown = ran("intake", "case", "show", newest["id"][:8], "--purpose", "handling").stdout
    checks.check("and says so", f"the same event as {others[0]['id']}" in shown, shown)


def check_register(commands, child, reason):
    """One file a child, found again by a hash that the aggregator cannot make; visits; leaving."""
    checks, ran = commands.checks, commands.ran
    village = plandata.villages()[1]
    sheet = (f"difficulties = left-behind,unraised\nname = {child}\nsex = f\nidentity = {IDENTITY}\n"
             f"place = {village}\n")

    def files(who, *more):
        return json.loads(ran(who, "register", "list", "--format", "json", *more).stdout)

    opening = ("register", "open", "-", "--next", "2030-01-01")
    ran("township", *opening, code=2, stdin=sheet)  # no key yet
    ran("statistics", "register", "key", code=2)
    ran("intake", "register", "key")
    done = ran("township", "register", "key", code=1)
    checks.check("one key a district", "E_REGISTER_KEY" in done.stdout, done.stdout + done.stderr)
    ran("township", *opening[:3], code=2, stdin=sheet)
    ran("township", *opening, code=2, stdin=sheet.replace(IDENTITY, IDENTITY[:-1]))
    done = ran("township", *opening, stdin=sheet)
    number = re.search(r"register: (\w+)", done.stdout).group(1)
    spaced = f"{IDENTITY[:6]} {IDENTITY[6:14]}-{IDENTITY[14:]}"
    done = ran("intake", *opening, code=1, stdin=sheet.replace(IDENTITY, spaced))
    checks.check("the same child is found again, by its number in the register",
                 number in done.stdout + done.stderr, done.stdout + done.stderr)
    checks.equal("township and intake have it, others do not", [
        [one["id"][:8] for one in files(who)] for who in ("township", "intake", "education",
                                                          "office", "village")],
        [[number], [number], [], [], []])
    checks.check("and it is no case", number not in str(commands.cases("township")))
    education = f"450223000000:{plandata.department_numbers()['education']}"
    ran("township", "case", "add-handler", number, "--unit", education)
    shown = ran("education", "case", "show", number, "--purpose", "handling").stdout
    checks.check("a department that was asked in reads it", all(
        text in shown for text in (child, IDENTITY, "left behind", "raised by nobody")), shown)
    ran("education", "register", "visit", number, "--next", "2031-05-06", "--text-file", "-",
        stdin="walked there")
    checks.check("a visit sets the next", files("township")[0]["visit"].startswith("2031-05-07 00:00"),
                 str(files("township")))
    ran("education", "register", "leave", number, "--text-file", "-", code=1, stdin=reason)
    ran("township", "register", "leave", number, code=2)
    ran("township", "register", "leave", number, "--text-file", "-", stdin=reason)
    checks.equal("left, with a reason", (files("township", "--open"), files("intake")[0]["state"]),
                 ([], "left"))
    ran("township", "case", "close", number, code=1)
    ran("township", "register", "return", number)
    checks.equal("and back", files("intake")[0]["state"], "registered")


def identity_number(first):
    """A number of 18 digits with its check digit (GB 11643)."""
    total = sum(int(digit) * 2 ** (17 - at) for at, digit in enumerate(first))
    return first + "10X98765432"[total % 11]


IDENTITY = identity_number("45022320170230917")  # nobody's: there is no such day


def check_rewrap(commands):
    """A colleague of the intake, listed anew, is let into a case by one who has it."""
    ran = commands.ran
    number = commands.cases("intake")[-1]["id"][:8]  # the newest is beyond opening
    commands.homes["colleague"] = Cli(commands.homes["intake"].workplace, "case-colleague")
    ran("colleague", "enrol", commands.enrol_code())
    ran("colleague", "case", "trust", commands.public)
    ran("colleague", "case", "key", commands.folder / "colleague.request")
    commands.roles["colleague"] = "intake"
    ran("office", "case", "publish", commands.directory(commands.key, 8))
    commands.checks.equal("not there yet", commands.cases("colleague"), [])
    unit = f"450223000000:{plandata.department_numbers()['civil_affairs']}"
    ran("intake", "case", "rewrap", number, code=2)
    ran("intake", "case", "rewrap", number, "--unit", unit)
    ran("colleague", "case", "show", number, "--purpose", "handling")
    commands.checks.equal("then it leads as the others do", [
        (one["id"][:8], one["role"]) for one in commands.cases("colleague")], [(number, "lead")])
    check_named(commands, unit, number)


def check_named(commands, unit, number):
    """A colleague and a department that the report names are let in by no later step either, unless
    the lead says that it means them."""
    ran = commands.ran
    education = f"450223000000:{plandata.department_numbers()['education']}"
    colleague = holder_of(commands.folder / "colleague.request").unit.key.hex()
    ran("village", "case", "report", "-", stdin="matter = other\nchannel = self\ntext = x\n"
        f"named = {colleague}, {education}\n")
    named = commands.cases("intake")[0]["id"][:8]
    done = ran("intake", "case", "rewrap", named, "--unit", unit, code=2)
    commands.checks.check("and says why", "the report names" in done.stderr, done.stderr)
    ran("intake", "case", "add-handler", named, "--unit", education, code=2)
    commands.checks.equal("who is named learns nothing", (
        [one["id"][:8] for one in commands.cases("colleague")],
        named in str(commands.cases("education"))), ([number], False))
    ran("intake", "case", "add-handler", named, "--unit", education, "--although-named")
    commands.checks.check("unless it is meant", named in str(commands.cases("education")))


def check_outside(commands, printed, code, reply):
    """With what the report printed, in an empty folder that stays empty."""
    where = re.search(r"--server (\S+) --server-key (\S+)", printed).groups()
    empty = commands.folder / "nobody"
    empty.mkdir()

    def asked(*arguments, **options):
        workplace = commands.homes["village"].workplace
        return subprocess.run([workplace.build / "bin" / "zhibao", "--lang", "en", "--timeout",
                               "20", "case", "state", "--code", "-", *arguments], cwd=empty,
                              env={**workplace.environment(), "HOME": str(empty)}, check=False,
                              capture_output=True, text=True, timeout=60, **options)

    arguments = ("--server", where[0], "--server-key", where[1])
    done = asked(*arguments, input=code)
    commands.checks.check("the code tells the answer without an account or a home",
                          done.returncode == 0 and reply in done.stdout, done.stdout + done.stderr)
    commands.checks.equal("and leaves nothing behind", list(empty.iterdir()), [])
    done = asked(*arguments, input="0000-0000-0000-0000-0000-0000-000")
    commands.checks.check("another code tells nothing", done.returncode == 1 and
                          "no case of this code" in done.stderr, done.stderr)
    done = asked("--server", where[0], "--server-key", where[1][:-1], input=code)
    commands.checks.equal("half a key is no key", done.returncode, 2)


def check_files(commands, sheet, event):
    """A photo of two pieces and a paper, with planted words; files that are not what they say."""
    ran, folder = commands.ran, commands.folder
    photo, paper = folder / "伤情.png", folder / "诊断.pdf"
    photo.write_bytes(b"\x89PNG\r\n\x1a\n" + event.encode() * 4000)
    paper.write_bytes(b"%PDF-1.4\n" + event.encode())
    (folder / "假.jpg").write_bytes(paper.read_bytes())
    (folder / "表.docx").write_bytes(b"PK\x03\x04")
    done = ran("village", "case", "report", "-", folder / "假.jpg", code=1, stdin=sheet)
    commands.checks.check("an attachment of another type than it says is refused",
                          "not of the type" in done.stderr, done.stderr)
    ran("village", "case", "report", "-", folder / "表.docx", code=2, stdin=sheet)
    ran("village", "case", "report", "-", *[paper] * 9, code=2, stdin=sheet)
    commands.checks.equal("nothing was reported", commands.cases("intake"), [])
    return photo, paper


def check_saved(commands, number, photo, paper):
    checks, ran, folder = commands.checks, commands.ran, commands.folder / "saved"
    ran("intake", "case", "save", number, "-o", folder, code=2)
    ran("intake", "case", "save", number, "--purpose", "handling", "-o", folder)
    saved = {path.name: path.read_bytes() for path in folder.iterdir()}
    checks.check("attachments arrive as they were sent", saved == {
        "01-伤情.png": photo.read_bytes(), "02-诊断.pdf": paper.read_bytes()}, str(saved.keys()))
    shown = ran("township", "case", "show", number, "--purpose", "handling").stdout
    checks.check("the township sees them named", "诊断.pdf (application/pdf" in shown, shown)


def holder_of(file):
    """Whoever made this request for a key, as somebody to wrap for."""
    key = pb().CaseKey.FromString(pb().CaseKeyRequest.FromString(file.read_bytes()).key)
    holder = SimpleNamespace(unit=SimpleNamespace(number=key.unit, key=layout.key_id(
        key.sign_public)), public=key.encrypt_public)
    holder.wrap = lambda *more: case_tools.Holder.wrap(holder, *more)
    return holder


def check_kept(commands, client, event):
    """A past year's key: kept as long as the directory says, then destroyed and recorded; nothing
    opens what was sealed to it. The audit at the end finds the chain whole."""
    checks, ran, year = commands.checks, commands.ran, datetime.date.today().year - 1
    request = commands.folder / "last-year.request"
    ran("intake", "case", "key", request, "--year", year)
    case = case_tools.Case(plandata.DISTRICT, [(holder_of(request), case_tools.LEAD, 0)],
                           pb().CaseContent(matter=pb().CASE_OTHER, text=event,
                                            channel=pb().CASE_FROM_SELF), pb().CaseReporter())
    checks.equal("a case sealed to it", client.submit(case.record()).kind, "KIND_RECEIPT")
    show = ("case", "show", case.id.hex()[:8], "--purpose", "handling")
    checks.check("opens", event in ran("intake", *show).stdout)
    ran("intake", "case", "destroy-key", "--year", year, code=2)
    ran("intake", "case", "destroy-key", "--year", year + 1, "--early", code=2)
    done = ran("intake", "case", "destroy-key")
    checks.check("nothing is due", "no key's time is over" in done.stdout, done.stdout)
    ran("intake", "case", "destroy-key", "--year", year, "--early")
    shown = ran("intake", *show).stdout
    checks.check("it opens no more", event not in shown and "no key here opens it" in shown, shown)
    rows = json.loads(ran("office", "case", "destroyed-keys", "--format", "json").stdout)
    checks.equal("and everybody sees who did it", [(row["unit"], row["year"]) for row in rows],
                 [("450223000000:12", year)])
    ran("intake", "case", "destroy-key", "--year", year, code=2)


def check_forged(commands, client, reporter):
    """A photo that is none, from a client that does not look: the reader's names it."""
    lead = holder_of(commands.folder / "intake.request")
    data = b"%PDF-1.4 no photo"
    attachment = pb().CaseAttachment(name="照片.jpg", type="image/jpeg", size=len(data),
                                     sha256=layout.digest(data), pieces=[b"p" * 16])
    case = case_tools.Case(plandata.DISTRICT, [(lead, case_tools.LEAD, 0)], pb().CaseContent(
        matter=pb().CASE_OTHER, channel=pb().CASE_FROM_SELF, text="演示",
        attachments=[attachment]), pb().CaseReporter(name=reporter))
    commands.checks.equal("a report", client.submit(case.record()).kind, "KIND_RECEIPT")
    head = pb().Head(unit=case.payload.head.unit, id=b"p" * 16)
    piece = case.piece(attachment, data, head)
    stranger = case_tools.Case(plandata.DISTRICT, [(lead, case_tools.LEAD, 0)], pb().CaseContent(),
                               pb().CaseReporter())
    commands.checks.equal("its pieces come from its reporter alone", client.submit(
        stranger.piece_record(piece)).name, "E_CASE_UNKNOWN")
    commands.checks.equal("which they do", client.submit(case.piece_record(piece)).kind,
                          "KIND_RECEIPT")
    again = case.piece(attachment, data, pb().Head(unit=case.payload.head.unit))
    again.head.id = os.urandom(16)
    again.record = os.urandom(16)
    commands.checks.equal("for a record that is there", client.submit(
        case.piece_record(again)).name, "E_CASE_UNKNOWN")
    done = commands.ran("intake", "case", "save", case.id.hex()[:8], "--purpose", "handling", "-o",
                        commands.folder / "forged", code=1)
    commands.checks.check("an attachment of another type than it says is named and not saved",
                          "照片.jpg" in done.stderr and not list(
                              (commands.folder / "forged").iterdir()), done.stderr)


def check_distrust(commands, sheet):
    """A directory that the committee did not sign is of no use to whoever brings it."""
    checks, ran = commands.checks, commands.ran
    other, _ = commands.committee("other")
    ran("office", "case", "publish", commands.directory(other, 7))
    done = ran("village", "case", "report", "-", code=1, stdin=sheet)
    checks.check("no report is sealed to keys the committee did not sign",
                 "not to be trusted" in done.stderr, done.stderr)
    checks.check("and the phone of the last that it did is shown", PHONE in done.stderr, done.stderr)
    check_rewrap(commands)
    done = ran("village", "--server", "tcp://127.0.0.1:1", "--timeout", "1", "case", "report", "-",
               "--wait", "1", code=3, stdin=sheet.replace("violence", "injury"))
    checks.check("it waits for the receipt and says so", "waiting for the receipt" in done.stderr,
                 done.stderr)
    checks.check("without a line it is kept, and the duty phone shown", PHONE in done.stderr,
                 done.stderr)
    check_interrupted(commands, sheet)
    before = len(commands.cases("intake"))
    ran("village", "outbox", "send")
    checks.equal("and goes out later, once", len(commands.cases("intake")), before + 2)


def check_interrupted(commands, sheet):
    """Killed while it waits for a receipt: what was said is in no file (check_leaks looks later
    too), and the report is kept."""
    home = commands.homes["village"]
    command = [home.workplace.build / "bin" / "zhibao", "--home", home.home, "--lang", "en",
               "--server", "tcp://127.0.0.1:1", "--timeout", "1", "case", "report", "-"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE, text=True,
                          env=home.workplace.environment()) as running:
        running.stdin.write(sheet)
        running.stdin.close()
        waiting = any("waiting for the receipt" in line for line in running.stderr)
        running.kill()
    commands.checks.check("it waits five minutes unless it is told otherwise", waiting)
    words = sheet.split("child = ")[1].split("\n")[0].encode()
    found = [str(path) for path in home.home.rglob("*") if path.is_file()
             and words in path.read_bytes()]
    commands.checks.equal("a report that was broken off leaves nothing readable", found, [])
