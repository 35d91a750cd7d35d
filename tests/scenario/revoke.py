"""Keys: pending ones wait, approved ones work, revoked ones are refused at once.

One-time codes are good once, for a while, and at a limited rate.
"""

import os
import signal
import threading
import time

import harness
import layout
import plandata
import renewal
from client import Client, Silence, Unit, enrol, handshake, pb
from harness import Cli, District, Server
from sheet import filled, parse

VILLAGES = plandata.villages()
REVOKED_WITHIN_S = 1.0
ENDED_WITHIN_S, ENDED_AT_ALL_S = 30, 200  # far above what it takes, far below an administrator's patience
RATE = 3


def check_codes(checks, server, district):
    """Wrong, used and expired codes; the same enrolment again."""
    unit = plandata.own_unit(VILLAGES[0])
    good, late = district.codes(unit, unit)[0], district.codes(unit)[0]
    code = layout.parse_enrol_code(good)

    def refused(what, text):
        before = server.row_counts()
        answer, _, _ = enrol(text)
        problem = answer.problems[0] if answer.problems else None
        checks.check(f"{what}: E_ENROL_CODE", answer.kind == "KIND_ERROR"
                     and answer.name == "E_ENROL_CODE" and not answer.body.retry
                     and problem.zh and problem.en, str(answer))
        checks.equal(f"{what}: nothing stored", server.row_counts(), before)

    def altered(**changes):
        return layout.format_enrol_code(
            layout.EnrolCode(**{**code.__dict__, **changes}))

    refused("code with another secret", altered(secret=bytes(16)))
    refused("code with another id", altered(code_id=bytes(8)))
    refused("code for another unit", altered(unit=plandata.own_unit(VILLAGES[1])))
    refused("code for no unit", altered(unit=999999999999999))
    server.sql("update zhibao.enrol_code set expires_us = 1 where code_id = "
               f"'\\x{layout.parse_enrol_code(late).code_id.hex()}'")
    refused("expired code", late)

    holder = Unit(unit)
    client = Client(code.endpoint, code.curve, holder, [code.sign])
    question = holder.enrolment(code)
    first = client.ask(pb().KIND_ENROL, question)
    checks.equal("good code: enrolled", first.kind, "KIND_ENROLLED")
    again = client.ask(pb().KIND_ENROL, question)
    checks.check("the same enrolment again: the same receipt", again.kind == first.kind
                 and again.body.receipt == first.body.receipt, str(again))
    client.close()
    refused("used code", good)
    return holder


def check_rate(checks, server, district):
    """Enrolment attempts are limited, and who is over the limit is told to come back."""
    code = layout.parse_enrol_code(district.codes(plandata.own_unit(VILLAGES[3]))[0])
    wrong = layout.format_enrol_code(
        layout.EnrolCode(**{**code.__dict__, "secret": bytes(16)}))
    answers = [enrol(wrong)[0] for _ in range(3 * RATE)]
    names = [answer.name for answer in answers]
    checks.check(f"{len(names)} attempts, {RATE} a minute allowed: E_ENROL_RATE",
                 set(names) == {"E_ENROL_CODE", "E_ENROL_RATE"}
                 and names.count("E_ENROL_CODE") <= 2 * RATE, names)
    limited = next(answer for answer in answers if answer.name == "E_ENROL_RATE")
    checks.check("with retry, and not at once",
                 limited.body.retry and limited.body.retry_after_ms > 0, limited.body)


def check_first_administrator(checks, server):
    """Nobody could approve the first administrator, so `zhibaod first-code` needs no approval."""
    answer, _, _ = enrol(server.first_code(str(plandata.DISTRICT)))
    checks.check("the first administrator's key is good at once", answer.kind == "KIND_ENROLLED"
                 and not answer.body.pending, str(answer))


def check_place_of_first_code(checks, server):
    """A mistyped place gets no administrator; the code's endpoint is said."""
    before = server.row_counts()
    for place in ("450299000000", "450223100000", "450223100201"):
        done = server.ask_first_code(place)
        checks.check(f"first-code for {place}, which no plan has or no administrator belongs to",
                     done.returncode == 2 and done.stdout == "" and "place" in done.stderr,
                     f"{done.returncode} {done.stdout}{done.stderr}")
    siping = harness.ROOT / "deploy" / "plans" / "siping"
    done = server.ask_first_code("220399000000", "--plan", siping)
    checks.check("nor for one that is not in the plan named with --plan", done.returncode == 2
                 and "--plan" in done.stderr, f"{done.returncode} {done.stderr}")
    checks.equal("nothing is stored", server.row_counts(), before)
    done = server.ask_first_code("220300000000", "--plan", siping)
    checks.check("a place of that plan gets its code, with name and endpoint said",
                 done.returncode == 0 and "四平市" in done.stderr
                 and f"endpoint in the code: {server.enrol_endpoint}\n" in done.stderr
                 and layout.parse_enrol_code(done.stdout.strip()).endpoint
                 == server.enrol_endpoint, f"{done.returncode} {done.stdout}{done.stderr}")
    checks.equal("any place with --force",
                 server.ask_first_code("450299000000", "--force").returncode, 0)


def check_pending(checks, district, server):
    """With enrol_approval a new key waits for the administrator."""
    unit = plandata.own_unit(VILLAGES[1])
    answer, holder, code = enrol(district.codes(unit)[0])
    checks.check("enrolment says that the key is pending", answer.kind == "KIND_ENROLLED"
                 and answer.body.pending, str(answer))
    layout.verify_receipt(answer.body.receipt, [code.sign])
    taken = handshake(server.endpoint, code.curve, holder)
    checks.check(f"a pending key is turned away for now, or told to wait: {taken}",
                 taken in ("dropped", "welcome"), taken)
    waiting = Client(server.endpoint, code.curve, holder, [code.sign])
    waiting.socket.reconnect_ivl = 100
    try:
        pong = waiting.ping(timeout_s=1)
        checks.check("a pending key is not served", pong.name == "E_KEY_PENDING", str(pong))
    except Silence:
        checks.check("a pending key is not served", True)
    stolen = district.change_key(pb().KEY_APPROVE, unit, bytes(16))
    checks.equal("approval of an unknown key", stolen.name, "E_KEY_UNKNOWN")
    approved = district.change_key(pb().KEY_APPROVE, unit, holder.key)
    checks.equal("approval is stored", approved.kind, "KIND_RECEIPT")
    begin = time.monotonic()
    served = waiting.ping(timeout_s=30)
    checks.check("the same socket is served soon after", served.kind == "KIND_PONG",
                 f"{served} after {time.monotonic() - begin:.1f} s")
    return waiting


def check_revoked(checks, district, server, client):
    """Refused on the live connection within a second, and on a new one."""
    unit = client.unit
    report = harness.report(unit)
    client.must_store(layout.REPORT, report)
    checks.equal("the key works", client.ping().kind, "KIND_PONG")
    no_reason = district.change_key(pb().KEY_REVOKE, unit.number, unit.key, reason="")
    checks.equal("revocation without a reason", no_reason.name, "E_REASON")
    no_reason = district.change_key(pb().KEY_REVOKE, unit.number, unit.key,
                                    reason="\u3000\u00a0\u2003")
    checks.equal("revocation with blanks of other kinds for a reason", no_reason.name, "E_REASON")
    seen, stop = [], threading.Event()

    def ping_on():
        live = Client(server.endpoint, client.server_curve, unit, client.pinned)
        try:
            while not stop.is_set():
                answer = live.ping(timeout_s=5)
                seen.append((time.monotonic(), answer.name))
                stop.wait(0.005)
        except Silence:
            seen.append((time.monotonic(), "silence"))
        finally:
            live.close()

    thread = threading.Thread(target=ping_on)
    thread.start()
    while not seen:
        time.sleep(0.005)
    begin = time.monotonic()
    revoked = district.change_key(pb().KEY_REVOKE, unit.number, unit.key, reason="手机遗失")
    checks.equal("revocation is stored", revoked.kind, "KIND_RECEIPT")
    while (not seen or seen[-1][1] == "KIND_PONG") and time.monotonic() < begin + 10:
        time.sleep(0.002)
    first = next((at for at, name in seen if name != "KIND_PONG"), None)
    checks.check(f"the live connection is refused within {REVOKED_WITHIN_S:g} s",
                 first is not None and first - begin < REVOKED_WITHIN_S and seen[-1][1] in
                 ("E_KEY_REVOKED", "silence"), f"{seen[-1]} after {first and first - begin}")
    time.sleep(0.1)
    stop.set()
    thread.join()
    late = [name for at, name in seen if first and at > first and name == "KIND_PONG"]
    checks.equal("and stays refused", late, [])
    before = server.row_counts()
    answer = client.submit(unit.record(layout.REPORT, harness.report(unit, period=2024)))
    checks.equal("a report over it", answer.name, "E_KEY_REVOKED")
    checks.equal("is not stored", server.row_counts(), before)
    wanted = f"request_kind=KIND_SUBMIT unit={unit.place} key={unit.key.hex()}"
    end = time.monotonic() + 10
    while wanted not in server.log.read_text() and time.monotonic() < end:
        client.submit(unit.record(layout.REPORT, harness.report(unit, period=2024)))
    checks.check("the log, which has so many lines a second for that, names unit, key and kind of "
                 "request of what was refused", wanted in server.log.read_text(),
                 server.log_tail(5))
    checks.equal("a new connection's handshake is answered with 400",
                 handshake(server.endpoint, client.server_curve, unit), 400)
    carrier = district.client(plandata.own_unit(plandata.TOWNSHIP))
    approve(district, carrier.unit)
    carried = harness.report(unit, period=2024)
    answer = carrier.submit(unit.record(layout.REPORT, carried))
    checks.check("a report signed by the revoked key, carried by its township, is refused",
                 answer.name == "E_KEY_REVOKED", str(answer))
    checks.equal("nor is that stored", server.row_counts()["report"], before["report"])
    carrier.close()
    back = district.change_key(pb().KEY_APPROVE, unit.number, unit.key)
    checks.check("a revoked key is not approved again", back.error is not None, str(back))


def approve(district, unit):
    answer = district.change_key(pb().KEY_APPROVE, unit.number, unit.key)
    district.root.must("KIND_RECEIPT", answer)


def check_cli(checks, workplace, district, server):
    """The command line lives through waiting and revocation, and loses nothing."""
    unit = plandata.own_unit(VILLAGES[2])
    cli = Cli(workplace, "village")
    done = cli("enrol", district.codes(unit)[0])
    checks.check("CLI: enrol exits 0 and says that approval is pending",
                 done.returncode == 0 and ("approv" in done.stdout or "pending" in done.stdout),
                 done.stdout + done.stderr)
    me = parse(cli("whoami", "--format", "csv").stdout)[0]
    checks.equal("CLI: whoami knows", me["pending"], "1")
    done = cli("form", "show")
    checks.equal("CLI: while pending nothing is served: exit 3", done.returncode, 3)
    checks.check("CLI: and it says why", "approv" in done.stderr or "pending" in done.stderr,
                 done.stderr)
    renewal.approve(district, cli)
    path = workplace.path / "template.csv"
    done = cli("form", "--template", "csv", "-o", path, lang="zh")
    checks.equal("CLI: after approval it is served", (done.returncode, done.stderr[:7]),
                 (0, "zhibao:"))
    sheet = workplace.path / "filled.csv"
    template = path.read_text(encoding="utf-8")
    figures = plandata.village_figures(VILLAGES[2])
    sheet.write_text(filled(template, "village", figures), encoding="utf-8")
    done = cli("submit", sheet, "--year", 2025, "--demo")
    checks.equal("CLI: submit exits 0", (done.returncode, done.stderr), (0, ""))
    done = cli("submit", sheet, "--year", 2023, "--demo", "--server", "tcp://127.0.0.1:9")
    checks.equal("CLI: nobody there: exit 3", done.returncode, 3)
    early = cli.copy("early")  # as if its answer were lost
    checks.equal("CLI: and sent by and by", cli("outbox", "send").returncode, 0)
    revoked = district.change_key(pb().KEY_REVOKE, unit, bytes.fromhex(me["key"]))
    checks.equal("CLI's key is revoked", revoked.kind, "KIND_RECEIPT")
    before = server.row_counts()
    done = cli("submit", sheet, "--year", 2024, "--demo")
    checks.check("CLI: submit with a revoked key exits 1 and says so, twice",
                 done.returncode == 1 and "revoked" in done.stderr,
                 f"{done.returncode} {done.stderr}")
    done = cli("outbox", "send", lang="zh")
    checks.check("CLI: and again on the next try", done.returncode == 1 and "吊销" in done.stderr,
                 f"{done.returncode} {done.stderr}")
    checks.equal("nothing of it is stored", server.row_counts(), before)
    boxes = [(row["box"], row["period"]) for row in parse(cli("outbox", "--format", "csv").stdout)]
    checks.equal("CLI: the report still waits in the outbox", boxes, [("waiting", "2024")])
    receipts = list((cli.home / "receipts").glob("*.zbr"))
    checks.check("CLI: earlier receipts still verify",
                 receipts and cli("verify", *receipts).returncode == 0, receipts)
    renewal.check(checks, workplace, district, server, cli, early)
    checks.equal("CLI: a wrong code exits 1 or 2", Cli(workplace, "other")(
        "enrol", "ZB1-" + "A" * 150).returncode, 2)


def check_stopped_while_starting(checks, server):
    """SIGTERM at any moment of the start leaves no PostgreSQL behind."""
    left = []
    for delay_ms in range(20, 420, 40):
        server.launch()
        time.sleep(delay_ms / 1000)  # the moment itself is what is tried
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(60)
        if server.postmaster_runs():
            left.append(delay_ms)
            server.stop()
    checks.equal("delays in ms after which PostgreSQL was left running", left, [])


def check_stopped_without_database(checks, server):
    """SIGTERM when PostgreSQL was killed just before, or is while zhibaod waits for its end: it ends all
    the same, with no PostgreSQL left and long before anybody's patience does."""
    for what, during in (("before", False), ("during", True)):
        server.start()
        postmaster = int((server.data / "pg" / "postmaster.pid").read_text().split()[0])
        os.kill(postmaster, signal.SIGSTOP if during else signal.SIGKILL)
        begin = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        if during:  # held still, it cannot have ended before zhibaod waits for it
            time.sleep(1.5)
            os.kill(postmaster, signal.SIGKILL)
        code = server.process.wait(ENDED_AT_ALL_S)
        took = time.monotonic() - begin
        checks.check(f"PostgreSQL killed {what} the stop: zhibaod ends within seconds",
                     code == 0 and took < ENDED_WITHIN_S, f"exit {code} after {took:.1f} s")
        checks.check(f"PostgreSQL killed {what} the stop: none is left", not server.postmaster_runs())


def scenario(checks, workplace):
    server = Server(workplace, enrol_approval="no").start()
    district = District(server)
    check_codes(checks, server, district)
    checks.equal("zhibaod stops cleanly", server.stop(), 0)
    server.options["enrol_rate_per_minute"] = RATE
    server.start()
    district.root.reconnect()
    check_rate(checks, server, district)
    server.stop()
    server.options |= {"enrol_approval": "yes", "enrol_rate_per_minute": 10000}
    server.start()
    district.root.reconnect()
    check_first_administrator(checks, server)
    check_place_of_first_code(checks, server)
    client = check_pending(checks, district, server)
    check_revoked(checks, district, server, client)
    check_cli(checks, workplace, district, server)
    client.close()
    district.root.close()
    checks.equal("zhibaod stops cleanly at the end", server.stop(), 0)
    check_stopped_while_starting(checks, server)
    check_stopped_without_database(checks, server)


if __name__ == "__main__":
    harness.run(scenario)
