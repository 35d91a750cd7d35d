"""Notices by e-mail and webhook: a real mail server and a real receiver on loopback, under a moved
clock. What is told to whom, signatures, a listener that stalls, refusals, back-off, giving up, TLS, and
a zhibaod killed between sending and noting.
"""

import subprocess
import time
from datetime import datetime, timedelta, timezone

import comments
import harness
import layout
import plandata
from client import pb
from harness import Cli, District, Server
from listeners import Hook, Mailbox
from sheet import parse

CHINA = timezone(timedelta(hours=8))
YEAR = 2025
VILLAGES = plandata.villages()
VILLAGE = plandata.own_unit(VILLAGES[0])
TOWNSHIP = plandata.own_unit(plandata.TOWNSHIP)
STATISTICS = plandata.department("statistics")
OFFICE = plandata.department("office")
DUE = datetime(2026, 2, 16, 0, 0, tzinfo=CHINA)  # forms.csv: 02-15 24:00
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
WITHIN_S = 40
ADDRESS = "cun-1@luzhai.example"
FIGURE, REASON, TITLE = 987654, "演示：第5项应为123456", "演示：补报学前教育数据"


class Stage:
    def __init__(self, checks, workplace):
        self.checks, self.workplace = checks, workplace
        self.mailbox, self.hook = Mailbox(), Hook()
        workplace.stoppers += [self.mailbox.close, self.hook.close]
        self.url = f"http://127.0.0.1:{self.hook.port}/in?from=zhibao"
        password = workplace.path / "password"
        password.write_text("演示口令 7\n")
        password.chmod(0o644)
        self.server = Server(
            workplace, smtp_url=f"smtp://127.0.0.1:{self.mailbox.port}", smtp_tls="no",
            smtp_from="zhibao@luzhai.example", smtp_user="notifier", smtp_password_file=password,
            webhook_hosts=f"hooks.example.cn, http://127.0.0.1:{self.hook.port}",
            notice_link="https://portal.example/", notice_retry_s=1, notice_timeout_s=60,
        ).with_clock(DUE - 10 * DAY).start()
        self.district = District(self.server)
        units = [STATISTICS, OFFICE, TOWNSHIP, *map(plandata.own_unit, VILLAGES[:3])]
        self.clients = {unit: self.district.client(unit) for unit in units}

    def move(self, moment):
        """Returns once the server goes by the new time and the clock thread has looked."""
        self.server.move(moment)
        self.wait("the aggregator has looked", lambda: int(self.server.sql(
            "select seen_us from zhibao.service_mark")[0][0]) >= moment.timestamp() * 1e6, True)

    def wait(self, what, ready, quiet=False):
        end = time.monotonic() + WITHIN_S
        while not ready():
            if time.monotonic() > end:
                if quiet:
                    raise RuntimeError(f"{what}: not within {WITHIN_S} s")
                return self.checks.check(what, False, f"not within {WITHIN_S} s")
            time.sleep(0.02)
        return quiet or self.checks.check(what, True)

    def submit(self, kind, unit, payload):
        client = self.district.root if unit == 0 else self.clients[unit]
        record = client.unit.record(kind, payload)
        answer = client.submit(record)
        while answer.kind == "KIND_ERROR" and answer.error.retry:
            time.sleep(answer.error.retry_after_ms / 1000)  # as it asks
            answer = client.submit(record)
        return answer

    def contact(self, author, unit, **addresses):
        head = (self.district.root if author == 0 else self.clients[author]).unit.head()
        return self.submit(layout.CONTACT, author, pb().Contact(
            head=head, unit=unit, **{"language": "zh", **addresses}))

    def report(self, unit, revision=1):
        payload = harness.report(self.clients[unit].unit, period=YEAR, revision=revision)
        return payload, self.submit(layout.REPORT, unit, payload)

    def must(self, kind, unit, payload):
        answer = self.submit(kind, unit, payload)
        if answer.kind != "KIND_RECEIPT":
            raise RuntimeError(str(answer))

    def reviewed(self, unit, revision, verdict, reason=""):
        """A report that its township has reviewed."""
        payload, answer = self.report(unit, revision)
        if answer.kind != "KIND_RECEIPT":
            raise RuntimeError(str(answer))
        self.must(layout.REVIEW, TOWNSHIP, pb().Review(
            head=self.clients[TOWNSHIP].unit.head(), subject_kind=layout.REPORT, verdict=verdict,
            reason=reason, subject=pb().RecordRef(
                unit=unit, id=payload.head.id, payload_sha256=layout.digest(
                    payload.SerializeToString(deterministic=True)))))

    def give_back(self, unit, revision):
        self.reviewed(unit, revision, pb().VERDICT_RETURN, REASON)

    def lock(self, **unlock):
        self.must(layout.LOCK, STATISTICS, pb().Lock(
            head=self.clients[STATISTICS].unit.head(), plan=plandata.PLAN,
            place=plandata.DISTRICT, period=YEAR, **unlock))

    def open_task(self):
        self.must(layout.TASK, OFFICE, pb().Task(
            head=self.clients[OFFICE].unit.head(), action=pb().TASK_OPEN, addressee=TOWNSHIP,
            due_us=round((DUE + 19 * DAY).timestamp()) * 1000000, title=TITLE, text="演示：内情"))

    def queue(self, columns, where="true"):
        return self.server.sql(f"select {columns} from zhibao.notice_message where {where}"
                               " order by batch, leaf, unit")


def text_of(mail):
    return mail.get_content()


def check_addresses(stage, village):
    """Who may set them, and which are taken."""
    checks = stage.checks
    done = village("contact", "set", "--email", ADDRESS, lang="zh")
    checks.check("a village sets its own address", done.returncode == 0, done.stdout + done.stderr)
    rows = parse(village("contact", "show", "--format", "csv").stdout)
    checks.equal("and sees it", [(row["email"], row["language"]) for row in rows],
                 [(ADDRESS, "zh")])
    checks.equal("an administrator sets a township's", stage.contact(
        0, TOWNSHIP, webhook=stage.url).kind, "KIND_RECEIPT")
    other = plandata.own_unit(VILLAGES[1])
    before = stage.server.row_counts()
    for what, name, answer in (
            ("a township for its village", "E_FORBIDDEN",
             stage.contact(TOWNSHIP, other, email=ADDRESS)),
            ("two addresses", "E_CONTACT", stage.contact(other, other, email="a@b.cn,c@d.cn")),
            ("a header in an address", "E_CONTACT",
             stage.contact(other, other, email="a@b.cn\r\nBcc: c@d.cn")),
            ("a language there is none of", "E_CONTACT",
             stage.contact(other, other, email="a@b.cn", language="fr")),
            ("a host that is not listed", "E_CONTACT",
             stage.contact(other, other, webhook="https://169.254.169.254/latest")),
            ("a listed host in the clear", "E_CONTACT",
             stage.contact(other, other, webhook="http://hooks.example.cn/")),
            ("a unit there is none of", "E_UNIT_UNKNOWN", stage.contact(0, 999, email="a@b.cn"))):
        checks.equal(f"{what}: {name}", (answer.kind, answer.name), ("KIND_REFUSAL", name))
        checks.check(f"{what}: in both languages", all(p.zh and p.en for p in answer.problems))
    checks.equal("nothing changed", stage.server.row_counts(), before)


def check_mail(stage):
    checks, mailbox = stage.checks, stage.mailbox
    stage.move(DUE - 3 * DAY)
    stage.wait("a reminder comes by e-mail", lambda: len(mailbox.mails) == 1)
    mail = mailbox.mails[0]
    checks.equal("to the one who has an address", (mail["To"], mailbox.recipients[0].split()[0]),
                 (ADDRESS, f"TO:<{ADDRESS}>"))
    checks.check("its subject says what and by when", mail["Subject"].startswith("【直报】催报：")
                 and "2026-02-15 24:00" in mail["Subject"], mail["Subject"])
    text = text_of(mail)
    checks.check("its text names the unit, the days left and how to see it", all(
        part in text for part in (str(VILLAGES[0]), "3天", "zhibao duties",
                                  "https://portal.example/")), text)
    [[identity]] = stage.queue("encode(id, 'hex')")
    checks.equal("its Message-ID is the notice's", mail["Message-ID"],
                 f"<{identity}@luzhai.example>")
    checks.check("its lines are short and ASCII", all(
        len(line) <= 78 and line.isascii() for line in mail.raw.split(b"\r\n")), mail.raw)
    checks.equal("the mail server was logged in to with the file's password",
                 mailbox.logins[0], ("PLAIN", ["notifier", "演示口令 7"]))
    stage.wait("what was sent is noted",
               lambda: stage.queue("state, tries") == [["sent", "1"]])


def check_webhook(stage):
    """The next level hears of each village that is overdue; every post is signed."""
    checks, hook = stage.checks, stage.hook
    stage.move(DUE + MINUTE)
    missing = {str(place) for place in VILLAGES}
    stage.wait("each overdue village is posted to its township",
               lambda: {post["about"] for _, _, post in hook.posts
                        if post["event"] == "overdue"} == missing)
    for headers, body, post in hook.posts:
        layout.require_signature(
            b"zhibao/webhook/v1", headers["X-Zhibao-Timestamp"].encode() + b"." + body,
            bytes.fromhex(headers["X-Zhibao-Signature"].removeprefix("ed25519=")),
            stage.clients[TOWNSHIP].pinned[0])
        if headers["X-Zhibao-Id"] != post["id"] or headers["X-Zhibao-Key"] != layout.key_id(
                stage.clients[TOWNSHIP].pinned[0]).hex():
            checks.check("headers say the same as the body", False, headers)
    checks.equal("each has an id of its own", len({post["id"] for _, _, post in hook.posts}),
                 len(hook.posts))
    post = hook.posts[0][2]
    checks.equal("who, what and by when", (post["unit"], post["form"], post["period"], post["due"],
                                           post["total"]),
                 (str(plandata.TOWNSHIP), "village", YEAR, "2026-02-16T00:00:00+08:00", False))
    checks.check("in both languages", "至今未报" in post["text_zh"]
                 and "has not been reported" in post["text_en"], post)
    stage.wait("and to the village by e-mail",
               lambda: any("逾期" in mail["Subject"] for mail in stage.mailbox.mails))


def check_confidential(stage):
    """Returns and tasks are told without what people wrote and without figures."""
    checks, mailbox, hook = stage.checks, stage.mailbox, stage.hook
    stage.give_back(VILLAGE, 1)
    stage.wait("a return comes by e-mail",
               lambda: any("被退回" in mail["Subject"] for mail in mailbox.mails))
    stage.open_task()
    stage.wait("and posted to its addressee",
               lambda: any(post["event"] == "task_opened" for _, _, post in hook.posts))
    told = [text_of(mail) + mail["Subject"] for mail in mailbox.mails] + \
        [body.decode() for _, body, _ in hook.posts]
    checks.check("no reason, title, text or figure in any of them", not any(
        part in text for text in told for part in (REASON, TITLE, "内情", "123456")), told)


def check_corrected(stage):
    """What is corrected after locking is told to the committee office."""
    unit = plandata.own_unit(VILLAGES[2])
    stage.checks.equal("the office wants to be told", stage.contact(
        OFFICE, OFFICE, webhook=stage.url).kind, "KIND_RECEIPT")
    stage.reviewed(unit, 1, pb().VERDICT_ACCEPT)
    stage.lock()
    stage.lock(unlock=True, reason="演示：更正")
    stage.reviewed(unit, 2, pb().VERDICT_ACCEPT)
    stage.wait("a correction after locking is posted to it", lambda: [
        (post["about"], post["form"], post["period"]) for _, _, post in stage.hook.posts
        if post["event"] == "corrected"] == [(str(VILLAGES[2]), "village", YEAR)])


def check_comment(stage):
    """A comment that asks for an answer is told to whose figure it is, the answer to who asked."""
    checks, mailbox, hook = stage.checks, stage.mailbox, stage.hook
    office, reporter = stage.clients[OFFICE], stage.clients[VILLAGE]
    raised = comments.on_cell(office, reporter.unit, text=REASON)
    checks.equal("the office raises one", comments.submit(office, raised).kind, "KIND_RECEIPT")
    stage.wait("it is told by e-mail to the unit that reported the figure", lambda: any(
        mail["Subject"].startswith("【直报】请核对并答复：") and mail["To"] == ADDRESS
        for mail in mailbox.mails))
    answer = comments.later(reporter, comments.reference(office.unit, raised), pb().COMMENT_ANSWER,
                            text=REASON)
    checks.equal("which answers", comments.submit(reporter, answer).kind, "KIND_RECEIPT")
    stage.wait("and that to the office", lambda: [
        (post["about"], post["form"], "a figure of" in post["text_en"]) for _, _, post in hook.posts
        if post["event"] == "comment_answered"] == [(str(VILLAGES[0]), "village", True)])
    told = [text_of(mail) + mail["Subject"] for mail in mailbox.mails] + \
        [body.decode() for _, body, _ in hook.posts]
    checks.check("what it says is in none of them", not any(REASON in text for text in told), told)


def check_stall(stage):
    """While a mail server holds its answer back, records get their receipts as ever."""
    checks, mailbox = stage.checks, stage.mailbox
    other = plandata.own_unit(VILLAGES[1])

    def receipts(first, count):
        slowest = 0.0
        for revision in range(first, first + count):
            began = time.monotonic()
            if stage.report(other, revision)[1].kind != "KIND_RECEIPT":
                raise RuntimeError("no receipt")
            slowest = max(slowest, time.monotonic() - began)
        return slowest

    before = receipts(1, 40)
    mailbox.hold()
    stage.give_back(VILLAGE, 2)
    checks.check("the mail server holds its answer back", mailbox.held.wait(WITHIN_S))
    during = receipts(41, 40)
    print(f"slowest of 40 receipts: {before * 1000:.0f} ms before, {during * 1000:.0f} ms while the"
          " mail server stalls", flush=True)
    checks.check("records get their receipts meanwhile", during < max(5 * before, 1.0),
                 (before, during))
    checks.equal("the notice is still under way", stage.queue(
        "state, tries", "state <> 'sent' and channel = 'email'"), [["waiting", "0"]])
    mailbox.release()
    stage.wait("and is noted when the answer comes",
               lambda: not stage.queue("state", "state <> 'sent'"))


def check_kill(stage):
    """Killed when the mail server has the mail and zhibaod has not heard so."""
    checks, mailbox = stage.checks, stage.mailbox
    count = len(mailbox.mails)
    mailbox.on_mail = stage.server.kill
    stage.give_back(VILLAGE, 3)
    stage.wait("zhibaod is killed between sending and noting",
               lambda: not stage.server.is_running())
    checks.equal("the mail was taken", len(mailbox.mails), count + 1)
    checks.equal("and not noted", stage.queue("state, tries", "state <> 'sent'"),
                 [["waiting", "0"]])
    stage.server.start()
    stage.wait("it is sent again", lambda: len(mailbox.mails) == count + 2)
    checks.equal("with the same Message-ID", mailbox.mails[-1]["Message-ID"],
                 mailbox.mails[-2]["Message-ID"])
    stage.wait("and noted", lambda: not stage.queue("state", "state <> 'sent'"))


def check_failures(stage, village, admin):
    """Refused, tried again with back-off, delivered; then refused for good and given up."""
    checks, mailbox, hook = stage.checks, stage.mailbox, stage.hook
    count = len(mailbox.mails)
    mailbox.refusal = "451 4.7.1 later"
    stage.give_back(VILLAGE, 4)
    stage.wait("a refused notice is tried again", lambda: stage.queue(
        "tries", "state = 'waiting' and tries >= 2"))
    rows = parse(village("notices", "--failed", "--format", "csv").stdout)
    checks.check("its unit sees why", len(rows) == 1 and rows[0]["state"] == "waiting"
                 and "451" in rows[0]["error"], rows)
    mailbox.refusal = ""
    stage.wait("and delivered in the end", lambda: len(mailbox.mails) == count + 1)
    hook.status = 302
    stage.open_task()
    stage.wait("a redirect is a failure and not followed", lambda: stage.queue(
        "tries", "channel = 'webhook' and state = 'waiting' and error like '%302%'"))
    hook.status = 204
    stage.wait("and tried again", lambda: not stage.queue("tries", "state <> 'sent'"))
    mailbox.refusal = "550 5.1.1 no such user"
    stage.give_back(VILLAGE, 5)
    stage.wait("an address that nobody has is refused", lambda: stage.queue(
        "tries", "state = 'waiting' and error like '%550%'"))
    stage.move(DUE + 10 * DAY)
    stage.wait("what cannot be delivered for a week is given up", lambda: [["given_up"]] ==
               stage.queue("state", f"unit = {VILLAGE} and state <> 'sent'"))
    rows = parse(admin("notices", "--place", plandata.DISTRICT, "--failed", "--format",
                       "csv").stdout)
    checks.check("which the administrator sees", any(
        row["state"] == "given_up" and "550" in row["error"] for row in rows), rows)
    shown = admin("contact", "show", "--place", plandata.DISTRICT, "--format", "csv")
    checks.equal("with the addresses of all", {(row["email"], row["webhook"])
                                               for row in parse(shown.stdout)},
                 {(ADDRESS, ""), ("", stage.url)})
    checks.equal("which nobody else does", village("notices", "--place", plandata.DISTRICT)
                 .returncode, 1)


def check_task_overdue(stage):
    """A task past its time is told to its addressee and to the office that opened it."""
    stage.move(DUE + 20 * DAY)
    stage.wait("an overdue task is posted to its addressee and to the office", lambda: {
        post["unit"] for _, _, post in stage.hook.posts if post["event"] == "task_overdue"} == {
            str(plandata.TOWNSHIP), f"{plandata.DISTRICT}:2"})
    stage.checks.check("without its title", not any(
        TITLE in body.decode() for _, body, _ in stage.hook.posts))


def check_tls(stage):
    """By default no mail goes in the clear; with STARTTLS the server's certificate is checked."""
    checks, server = stage.checks, stage.server
    checks.equal("zhibaod stops at once", server.stop(), 0)
    files = [stage.workplace.path / name for name in ("smtp.crt", "smtp.key")]
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                    "-out", files[0], "-keyout", files[1]], check=True, capture_output=True)
    files[0].chmod(0o644)
    stage.mailbox.refusal = ""
    count = len(stage.mailbox.mails)
    server.options["smtp_tls"] = "yes"
    server.start()
    stage.give_back(VILLAGE, 6)
    stage.wait("a server without TLS gets nothing", lambda: stage.queue(
        "error", f"unit = {VILLAGE} and state = 'waiting' and tries > 0"))
    stage.mailbox.certificate = files
    stage.wait("one whose certificate nobody signed gets nothing", lambda: stage.queue(
        "error", "state = 'waiting' and error like '%ertificate%'"))
    checks.equal("nothing came in the clear", len(stage.mailbox.mails), count)
    server.stop()
    server.options["smtp_ca"] = files[0]
    server.start()
    stage.wait("one whose certificate is known gets it", lambda: stage.mailbox.tls == 1)


def scenario(checks, workplace):
    stage = Stage(checks, workplace)
    village, admin = Cli(workplace, "village"), Cli(workplace, "admin")
    for cli, code in ((village, stage.district.codes(VILLAGE)[0]),
                      (admin, stage.server.first_code())):
        done = cli("enrol", code)
        checks.check("enrolled", done.returncode == 0, done.stdout + done.stderr)
    check_addresses(stage, village)
    check_mail(stage)
    check_webhook(stage)
    check_confidential(stage)
    check_corrected(stage)
    check_comment(stage)
    check_stall(stage)
    check_kill(stage)
    check_failures(stage, village, admin)
    check_task_overdue(stage)
    check_tls(stage)
    audited = stage.server.audit()
    checks.check("the audit finds nothing to object to", audited.returncode == 0,
                 audited.stdout[-2000:] + audited.stderr)
    checks.equal("zhibaod stops cleanly", stage.server.stop(), 0)


if __name__ == "__main__":
    harness.run(scenario)
