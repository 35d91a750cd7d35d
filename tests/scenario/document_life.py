"""Documents with the command line: a long upload broken off by SIGKILL of either side and gone on with,
attachments, reviews and downloads. Contents are 演示数据."""

import json
import os
import signal
import subprocess

import plandata
from documents import CHUNK, DOCX, PDF, PNG, Paper, YEARLY
from relay import Relay

LARGE = 24 * 1024 * 1024 + 12345
WAIT_S = 60


def rows(done):
    return json.loads(done.stdout or "[]")


class DocumentLife:
    def __init__(self, checks, workplace, server, homes):
        self.checks, self.workplace, self.server = checks, workplace, server
        self.homes = homes  # name -> Cli: author, other, office, statistics

    def ran(self, who, *arguments, code=0, **options):
        done = self.homes[who](*arguments, **options)
        shown = " ".join(str(argument) for argument in arguments[:3] if len(str(argument)) < 60)
        self.checks.check(f"{who}: zhibao {shown} exits {code}", done.returncode == code,
                          f"{done.returncode}: {done.stdout[-600:]}{done.stderr[-600:]}")
        return done

    def file(self, name, paper):
        path = self.workplace.path / name
        path.write_bytes(paper.bytes)
        return path

    def begin(self, who, relay, *arguments):
        """Starts a command that will not end by itself."""
        cli = self.homes[who]
        return subprocess.Popen(
            [str(self.workplace.build / "bin" / "zhibao"), "--home", str(cli.home), "--lang", "en",
             "--server", relay.endpoint, "--timeout", "15", *map(str, arguments)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env=self.workplace.environment(), cwd=self.workplace.path)

    def chunks(self, paper):
        return int(self.server.sql("select count(*) from zhibao.document_chunk where sha256 = "
                                   f"'\\x{paper.sha256.hex()}'")[0][0])

    def check_broken_upload(self):
        """24 MB: the client is killed, then the server; nothing is sent twice, nothing is lost."""
        paper, relay = Paper(LARGE, DOCX), Relay(self.server.endpoint)
        path = self.file("年度报告.docx", paper)
        try:
            relay.hold_after(6 * 1024 * 1024)
            sending = self.begin("author", relay, "document", "send", path, "--duty", YEARLY,
                                 "--year", plandata.PERIOD, "--demo")
            self.checks.check("the upload is under way", relay.wait_held(WAIT_S))
            sending.send_signal(signal.SIGKILL)
            sending.communicate()
            path.unlink()  # the home has its own copy
            there = self.chunks(paper)
            self.checks.check("a killed client leaves a part of it", 4 <= there < paper.count, there)
            before = relay.sent
            relay.hold_after(6 * 1024 * 1024)
            sending = self.begin("author", relay, "outbox", "send")
            self.checks.check("it goes on", relay.wait_held(WAIT_S))
            self.server.kill()
            self.server.start()
            relay.release()
            out, err = sending.communicate(timeout=WAIT_S)
            self.checks.check("through a killed server to its receipt", sending.returncode == 0,
                              f"{sending.returncode}: {out[-600:]}{err[-600:]}")
            self.checks.check("progress is shown", "transfer" in err and "(100%)" in err, err[-600:])
            resent = relay.sent - before - (LARGE - there * CHUNK)
            self.checks.check("what was there is not sent again", resent < 8 * CHUNK, resent)
        finally:
            relay.close()
        self.checks.equal("all chunks are there", self.chunks(paper), paper.count)
        copies = list((self.homes["author"].home / "documents").iterdir())
        self.checks.equal("the home's copy is gone", copies, [])
        return paper

    def check_review(self, paper):
        listed = rows(self.ran("office", "document", "list", "--pending", "--format", "json"))
        self.checks.equal("it waits for the office", [
            (row["file_name"], row["size"], row["sha256"], row["duty"], row["period"])
            for row in listed], [("年度报告.docx", LARGE, paper.sha256.hex(), YEARLY,
                                  plandata.PERIOD)])
        number = listed[0]["id"]
        path = self.workplace.path / "取回.docx"
        part = path.with_name(f"{path.name}.{number}.part")
        part.write_bytes(paper.bytes[:5 * CHUNK + 99])  # as an interrupted download leaves it
        link = path.with_suffix(".link")
        link.symlink_to(path)
        self.ran("office", "document", "fetch", number[:8], "-o", link, code=2)
        self.checks.check("a link is neither followed nor replaced",
                          link.is_symlink() and not path.exists())
        link.unlink()
        self.ran("office", "document", "fetch", number[:8], "-o", path)
        self.checks.check("fetched, byte for byte", path.read_bytes() == paper.bytes)
        self.checks.check("nothing is left beside it", not part.exists())
        part.write_bytes(bytes(CHUNK) + paper.bytes[CHUNK:2 * CHUNK])  # not what it should be
        path.unlink()
        self.ran("office", "document", "fetch", number[:8], "-o", path, code=1)
        self.checks.check("a wrong part is found out", not path.exists() and not part.exists())
        self.ran("other", "document", "fetch", number, code=1)
        self.ran("office", "document", "return", number[:8], code=2)
        self.ran("office", "document", "return", number[:8], "--reason", "请补充附表")
        inbox = rows(self.ran("author", "inbox", "--format", "json"))
        self.checks.check("the author is told why", any(
            row["kind"] == "document" and row["state"] == "returned" and row["id"] == number
            and row["reason"] == "请补充附表" and row["receipt"] == "verified" for row in inbox),
            str(inbox)[:600])
        better = Paper(3000)
        self.ran("author", "document", "send", self.file("年度报告2.pdf", better), "--duty", YEARLY,
                 "--year", plandata.PERIOD, "--demo", lang="zh")
        waiting = rows(self.ran("office", "document", "list", "--pending", "--format", "json"))
        self.ran("office", "document", "accept", waiting[0]["id"])
        states = {row["file_name"]: row["state"] for row in rows(
            self.ran("author", "document", "list", "--format", "json"))}
        self.checks.equal("where both stand", states,
                          {"年度报告.docx": "superseded", "年度报告2.pdf": "accepted"})

    def check_bad_files(self):
        """What is not sent at all, and what is refused for good."""
        for what, paper, words in (
                ("a program", Paper(3000, b"MZ"), "E_DOCUMENT_TYPE"),
                ("a file over 50 MB", Paper(50 * 1024 * 1024 + 1), "E_DOCUMENT_SIZE"),
                ("no content", Paper(5, PDF[:5]), None)):
            path = self.file("坏文件.pdf", paper)
            if words is None:
                path.write_bytes(b"")
                words = "E_DOCUMENT_SIZE"
            done = self.ran("author", "document", "send", path, "--duty", YEARLY, "--year",
                            plandata.PERIOD, code=2)
            self.checks.check(f"{what}: {words}", words in done.stderr, done.stderr)
        path = self.file("照片.png", Paper(3000, PNG))
        done = self.ran("author", "document", "send", path, "--duty", YEARLY, "--year",
                        plandata.PERIOD, code=1)
        self.checks.check("an image for a duty: refused, with a signature",
                          "E_DOCUMENT_TYPE" in done.stdout + done.stderr, done.stdout + done.stderr)
        self.ran("author", "document", "send", path, "--duty", "LZ-duty-99", "--year", 2025, code=2)
        self.ran("author", "document", "send", path, "--duty", YEARLY, code=2)
        self.ran("author", "document", "send", self.workplace.path / "none.pdf", "--duty", YEARLY,
                 "--year", 2025, code=2)
        waiting = rows(self.ran("author", "outbox", "--format", "json"))
        self.checks.equal("nothing waits", [row for row in waiting if row["box"] != "refused"], [])

    def check_offline(self):
        """Without a server a document waits, its content with it, and goes later."""
        paper = Paper(700_000)
        path = self.file("离线.pdf", paper)
        self.server.stop()
        self.ran("other", "document", "send", path, "--duty", YEARLY, "--year", plandata.PERIOD,
                 "--plan", plandata.PLAN, code=3)
        path.unlink()
        self.server.start()
        self.ran("other", "outbox", "send")
        self.checks.equal("it is there", self.chunks(paper), paper.count)

    def check_attachment(self, report_id):
        """A scan of the stamped page, attached to the author's own report."""
        paper = Paper(400_000, PNG)
        self.ran("author", "document", "attach", self.file("盖章页.png", paper), "--report",
                 report_id[:8], "--demo")
        found = rows(self.ran("statistics", "document", "list", "--subtree", "--report", report_id,
                              "--format", "json"))
        self.checks.equal("statistics sees it with the report",
                          [(row["file_name"], row["report"], row["media_type"]) for row in found],
                          [("盖章页.png", report_id, "image/png")])
        self.ran("author", "document", "attach", self.file("盖章页.png", paper), "--report", "ffff",
                 code=2)
        os.unlink(self.workplace.path / "盖章页.png")
