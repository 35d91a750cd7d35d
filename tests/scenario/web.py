"""The portal's gateway against a real zhibaod: accounts, sessions, questions, records, bad input."""

import base64
import gzip
import hashlib
import hmac
import io
import json
import re
import socket
import struct
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor

import harness
import layout
import plandata
from client import pb
from harness import District, Server
from oversight import check_oversight
from portal import INDEX, Browser, Portal

VILLAGE, OTHER = plandata.villages()[:2]
HEAD_S = 2
TOWNSHIP = plandata.own_unit(plandata.TOWNSHIP)


def fault(answer):
    return answer.get("error", {}).get("problem", {})


def check_pages(checks, portal):
    browser = Browser(portal)
    status, headers, content = browser.request("GET", "/")
    checks.equal("the page is served", (status, content), (200, INDEX))
    policy = headers["Content-Security-Policy"]
    checks.check("the policy allows our own origin and nothing inline",
                 "default-src 'none'" in policy and "unsafe" not in policy and "*" not in policy,
                 policy)
    for name, value in (("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "DENY"),
                        ("Referrer-Policy", "no-referrer")):
        checks.equal(name, headers[name], value)
    checks.equal("what changes its name lasts",
                 "immutable" in browser.request("GET", "/app-1.js")[1]["Cache-Control"], True)
    for path in ("/../accounts.db", "/%2e%2e/accounts.db", "/accounts.db", "/none.js"):
        checks.equal(f"{path} is not there", browser.request("GET", path)[0], 404)


def check_enrolment(checks, portal, district):
    village, township = Browser(portal), Browser(portal)
    code, own = district.codes(plandata.own_unit(VILLAGE), TOWNSHIP)
    status, answer = village.enrol(code, "lizhu")
    checks.equal("a village enrols in the browser", status, 200)
    checks.equal("its session says who it is", (village.session["unit"], village.session["role"]),
                 (str(plandata.own_unit(VILLAGE)), "village"))
    flags = {part.strip() for part in village.set_cookie.split(";")[1:]}
    checks.check("the cookie is for this site, over TLS, hidden from scripts",
                 {"Secure", "HttpOnly", "SameSite=Strict", "Path=/"} <= flags, village.set_cookie)
    checks.equal("a code is good once", Browser(portal).enrol(code, "second")[0], 422)
    checks.equal("a name belongs to one", fault(Browser(portal).enrol(own, "LiZhu")[1])["name"],
                 "NAME_TAKEN")
    checks.equal("and the code is not lost by it", township.enrol(own, "pingshan")[0], 200)
    checks.equal("a damaged code is said to be one", fault(Browser(portal).post(
        "/api/enrol/key", {"code": code[:-9]})[1])["name"], "E_ENROL_CODE")
    return village, township


def foreign_code(code):
    parsed = layout.parse_enrol_code(code)
    return layout.format_enrol_code(type(parsed)(**{**vars(parsed), "curve": b"\7" * 32}))


def check_questions(checks, village, township, district):
    status, form = village.ask("KIND_GET_FORM")
    checks.equal("a village gets its form", [sheet["form"] for sheet in form["body"]["forms"]],
                 ["village"])
    status, units = village.ask("KIND_LIST_UNITS", place=str(plandata.TOWNSHIP))
    checks.equal("and sees nobody else's units", [row["unit"] for row in units["body"]["units"]],
                 [str(village.unit.number)])
    status, refused = village.ask("KIND_PULL", place="450223000000", period=2025)
    checks.equal("nor another place's figures", (status, fault(refused)["name"]),
                 (422, "E_FORBIDDEN"))
    checks.equal("nor gives codes", fault(village.ask("KIND_ENROL_CODES")[1])["name"],
                 "E_FORBIDDEN")
    status, units = township.ask("KIND_LIST_UNITS", place=str(plandata.TOWNSHIP))
    checks.check("a township sees its villages", len(units["body"]["units"]) > 3, str(units)[:300])
    for kind, fields, field in (("KIND_PULL", {"place": 1}, "place"),
                                ("KIND_TRACK", {"nonsense": True}, "nonsense"),
                                ("KIND_TRACK", {"id": "%%"}, "id")):
        status, answer = village.ask(kind, **fields)
        checks.equal(f"{kind} with a wrong {field} names it", (status, fault(answer)["field"]),
                     (400, field))
    for kind in ("KIND_ENROL", "KIND_SUBMIT", "KIND_PONG", "KIND_NONSENSE", ""):
        checks.equal(f"{kind or 'nothing'} cannot be asked", village.ask(kind)[0], 404)


def check_records(checks, village, township, district):
    report = harness.report(village.unit)
    status, answer = village.submit(layout.REPORT, report)
    checks.equal("a report signed in the browser is stored", (status, answer.get("kind")),
                 (200, "KIND_RECEIPT"))
    receipt = base64.b64decode(answer["body"]["receipt"])
    leaf = layout.verify_receipt(receipt, district.root.pinned)
    checks.check("its receipt verifies against the code's key", leaf is not None)
    checks.equal("sent again, the same receipt",
                 village.submit(layout.REPORT, report)[1]["body"]["receipt"],
                 answer["body"]["receipt"])
    status, answer = village.submit(layout.REPORT, harness.report(village.unit, period=1999,
                                                                  revision=1))
    checks.equal("a report that breaks a rule is refused, signed", answer.get("kind"),
                 "KIND_REFUSAL")
    status, answer = village.submit(layout.REPORT, harness.report(township.unit, form="township"))
    checks.check("nobody carries for another", answer.get("kind") != "KIND_RECEIPT", str(answer))
    checks.equal("what is no record is said to be none",
                 village.post("/api/submit", b"\xff\xff\xff")[0], 400)
    status, tracked = village.ask("KIND_TRACK", period=plandata.PERIOD)
    checks.equal("the report can be tracked", len(tracked["body"]["reports"]), 1)


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
LINK = f'<Relationship Id="r9" Type="{OFFICE}/externalLink" Target="externalLinks/e.xml"/>'
FORMULA = ('<row r="1"><c r="A1" t="inlineStr"><is><t>项号</t></is></c><c r="B1" t="inlineStr"><is>'
           '<t>数值</t></is></c></row><row r="2"><c r="A2"><v>1</v></c><c r="B2"><f>[1]表!A1</f>'
           '{}</c></row>').encode()


def packed(rows, relation=""):
    """A workbook of one sheet; with a relation its formula has the value that the other file had."""
    file = io.BytesIO()
    value = b"<v>5</v>" if relation else b""
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("_rels/.rels", f'<Relationships xmlns="urn:r"><Relationship Id="a" Type="{OFFICE}'
                         '/officeDocument" Target="xl/workbook.xml"/></Relationships>')
        archive.writestr("xl/workbook.xml", f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
                         '<sheet name="表" sheetId="1" r:id="s"/></sheets></workbook>')
        archive.writestr("xl/_rels/workbook.xml.rels", f'<Relationships xmlns="urn:r"><Relationship Id="s" '
                         f'Type="{OFFICE}/worksheet" Target="sheet.xml"/>{relation}</Relationships>')
        archive.writestr("xl/sheet.xml", f'<worksheet xmlns="{MAIN}"><sheetData>'.encode()
                         + rows.replace(b"{}", value) + b"</sheetData></worksheet>")
    return file.getvalue()


def check_sheets(checks, village):
    """The form as a workbook to download, and filled-in ones to take figures from."""
    year, unit = plandata.PERIOD, village.unit.number // 1000
    status, blank = village.post("/api/sheet/blank", {"form": "village", "period": year})
    book = base64.b64decode(blank.get("bytes", ""))
    checks.equal("a village downloads its form", (status, blank.get("name"), book[:4]),
                 (200, f"village-{year}.xlsx", b"PK\3\4"))
    for form, period, want in (("none", year, 422), ("village", 1066, 400), ("", year, 400)):
        status, answer = village.post("/api/sheet/blank", {"form": form, "period": period})
        checks.equal(f"form “{form}” of {period}: {want}", (status, "error" in answer), (want, True))

    def take(body, form="village"):
        return village.post(f"/api/sheet/import/{form}/{year}", body)

    status, taken = take(book)
    checks.equal("the blank form holds no figure and no fault",
                 (status, taken.get("figures"), taken.get("problems")), (200, [], []))
    text = f"zhibao form=village year={year} unit={unit}\n项号,数值,说明\n1,１２,\n2,约30,\n3,不适用,没有这样的儿童\n"
    status, taken = take((text + "填表人：韦一,,\n").encode())
    checks.equal("what can be read is taken", (status, taken["figures"], taken["explanations"],
                                               taken["filler"]), (200, [
        {"cell": 1, "presence": 1, "value": 12.0}, {"cell": 3, "presence": 2, "value": 0.0}],
        [{"cell": 3, "text": "没有这样的儿童"}], "韦一"))
    checks.equal("what cannot is said", [(row["name"], row["cell"]) for row in taken["problems"]],
                 [("E_NOT_NUMBER", 2)])
    for what, body, name in (
            ("another year's", text.replace(f"year={year}", "year=2022").encode(), "E_SHEET_OTHER"),
            ("another village's", text.replace(str(unit), str(unit + 1)).encode(), "E_SHEET_OTHER"),
            ("cut short", book[:-500], "E_SHEET"), ("empty", b"", "E_EMPTY"),
            ("old", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504), "E_ENCODING")):
        status, answer = take(body)
        checks.check(f"a sheet that is {what} is not taken: {name}", status in (400, 422)
                     and fault(answer)["name"] == name, str(answer)[:300])
    for what, body, zh in (
            ("a renamed .xls", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(504), "xls"),
            ("a bomb", packed(b" " * (40 << 20)), "过大"),
            ("with a formula that was never calculated", packed(FORMULA), "公式"),
            ("with figures of another file", packed(FORMULA, LINK), "别的文件")):
        status, answer = take(body)
        checks.check(f"a workbook that is {what} is told so, in words", status in (200, 422)
                     and zh in json.dumps(answer, ensure_ascii=False), str(answer)[:400])
    checks.equal("60 MB are refused at once", village.request(
        "POST", f"/api/sheet/import/village/{year}", None,
        {"Content-Length": str(60 * 1024 * 1024)})[0], 413)


def check_squeezed(checks, village):
    """A long answer goes compressed to whom asks for it, and is the same."""
    long = json.dumps({"form": "village"}).encode()
    plain = village.request("POST", "/api/ask/KIND_GET_FORM", long)[2]
    _, headers, squeezed = village.request("POST", "/api/ask/KIND_GET_FORM", long,
                                           {"Accept-Encoding": "gzip, deflate"})
    checks.check("a form goes compressed, a third of its size at most",
                 headers["Content-Encoding"] == "gzip" and 3 * len(squeezed) < len(plain),
                 f"{len(squeezed)} of {len(plain)}")
    checks.check("and says the same", gzip.decompress(squeezed) == plain)
    _, headers, _ = village.request("GET", "/api/session", None, {"Accept-Encoding": "gzip"})
    checks.equal("what has a token in it does not", headers["Content-Encoding"], None)


def check_sessions(checks, portal, village):
    token = village.token
    village.token = "none"
    checks.equal("a question without the page's token is refused", village.ask("KIND_PING")[0], 403)
    village.token = "0" * 64
    checks.equal("and with another", village.ask("KIND_PING")[0], 403)
    village.token = token
    checks.equal("with it, answered", village.ask("KIND_PING")[0], 200)
    checks.equal("an account is nobody's without a session", Browser(portal).ask("KIND_PING")[0], 401)
    checks.equal("the session is found again", village.get("/api/session")[1]["session"]["name"],
                 "lizhu")
    again = Browser(portal)
    checks.equal("a wrong passphrase", again.login("lizhu", "00" * 32)[0], 401)
    checks.equal("a wrong name looks the same", again.login("nobody", "00" * 32)[1],
                 again.login("lizhu", "00" * 32)[1])
    salts = [again.post("/api/salt", {"name": name})[1]["salt"] for name in ("nobody", "nobody")]
    checks.check("also in its salt", salts[0] == salts[1] and len(salts[0]) == 24, str(salts))
    checks.equal("the right one", again.login("lizhu", village.secret)[0], 200)
    checks.equal("gives the bundle back", base64.b64decode(again.session["bundle"]),
                 b"ciphertext of the browser's")
    checks.equal("logging out", again.post("/api/logout", {})[0], 200)
    again.cookie, again.token = again.cookie or "x=y", again.token
    checks.equal("ends the session", again.ask("KIND_PING")[0], 401)
    again.token = "none"
    for _ in range(5):
        again.login("pingshan", "00" * 32)
    status, answer = again.login("pingshan", "00" * 32)
    checks.equal("after five failures the account rests", (status, fault(answer)["name"]),
                 (429, "LOCKED"))
    checks.check("and the answer says how long", re.search(r"\d+ s", fault(answer)["en"]) is not None,
                 str(answer))


def check_bad_input(checks, portal, village):
    checks.equal("60 MB are refused at once", village.request(
        "POST", "/api/submit", None, {"Content-Length": str(60 * 1024 * 1024)})[0], 413)
    checks.equal("no JSON", fault(village.post("/api/ask/KIND_PING", b"{")[1])["name"], "JSON")
    checks.equal("a list is no object", village.post("/api/ask/KIND_PING", b"[]")[0], 400)
    checks.equal("twice the same name", village.post("/api/ask/KIND_TRACK",
                                                     b'{"form":"a","form":"b"}')[0], 400)
    deep = b'{"a":' * 5000 + b"1" + b"}" * 5000
    checks.equal("nesting without end", village.post("/api/ask/KIND_TRACK", deep)[0], 400)
    checks.equal("script as an account's name is only text", fault(Browser(portal).post(
        "/api/enrol/key", {"code": "<script>alert(1)</script>"})[1])["name"], "E_ENROL_CODE")


def check_case_codes(checks, portal):
    """Where a case stands is asked without a session, and not for ever."""

    def ask(lookup):
        status, answer = Browser(portal).post("/api/case/state", {"lookup": lookup})
        return status, answer["error"]["problem"]["name"]

    unknown = base64.b64encode(bytes(16)).decode()
    checks.equal("a code that is nobody's tells nothing", ask(unknown), (422, "E_CASE_UNKNOWN"))
    checks.equal("what is no code is not carried", ask(unknown[:-4]), (400, "FIELD"))
    with ThreadPoolExecutor(16) as asking:  # 30 at once and 2 a second are let through
        answers = list(asking.map(ask, [unknown] * 80))
    checks.check("whoever goes on asking is told to wait", (429, "RATE") in answers, str(answers))


def check_slow_clients(checks, portal, village):
    """Two hundred clients that say half a request and no more cost the others nothing."""
    tls = portal.tls()
    slow = []
    for _ in range(200):
        link = tls.wrap_socket(socket.create_connection(("127.0.0.1", portal.port)),
                               server_hostname="127.0.0.1")
        link.sendall(b"POST /api/login HTTP/1.1\r\nHost: x\r\nContent-Length: 900\r\n\r\n{")
        slow.append(link)
    begin = time.monotonic()
    checks.equal("with 200 slow clients a question is answered", village.ask("KIND_PING")[0], 200)
    checks.check("without delay", time.monotonic() - begin < 3)
    for link in slow:
        link.close()


def check_dawdlers(checks, portal, village):
    """Who sends a byte now and then is ended, though the line is never quiet."""
    link = portal.tls().wrap_socket(socket.create_connection(("127.0.0.1", portal.port)),
                                    server_hostname="127.0.0.1")
    link.settimeout(0.2)
    begin = time.monotonic()
    ended = False
    for byte in b"GET /api/site HTTP/1.1\r\nHost: x\r\nX-Slow: " + b"a" * 200:
        try:
            link.sendall(bytes([byte]))
            ended = link.recv(1) == b""
        except TimeoutError:
            continue
        except OSError:
            ended = True
        if ended:
            break
    checks.check("a head that comes by bytes is not waited for", ended and
                 time.monotonic() - begin < 3 * HEAD_S, f"{time.monotonic() - begin:.1f} s")
    link.close()
    checks.equal("and others are served", village.ask("KIND_PING")[0], 200)


def check_upload(checks, portal):
    """60 MB that are really on their way: refused before they are here."""
    link = portal.tls().wrap_socket(socket.create_connection(("127.0.0.1", portal.port)),
                                    server_hostname="127.0.0.1")
    link.sendall(b"POST /api/submit HTTP/1.1\r\nHost: x\r\nContent-Length: 62914560\r\n\r\n")
    sent = 0
    try:
        while sent < 60 << 20:
            sent += link.send(bytes(65536))
    except OSError:
        pass
    answer = b""
    try:
        answer = link.recv(65536)
    except OSError:
        pass
    link.close()
    checks.check("the upload is not taken whole, or answered in plain words",
                 sent < 60 << 20 or b"E_TOO_LARGE" in answer, f"{sent} bytes {answer[:200]}")


def password(secret, step):
    """RFC 6238 with the standard library, not with the gateway's own code."""
    digest = hmac.new(base64.b32decode(secret), struct.pack(">Q", step), hashlib.sha1).digest()
    at = digest[19] & 15
    return f"{(struct.unpack('>I', digest[at:at + 4])[0] & 0x7fffffff) % 1000000:06d}"


def check_second_factor(checks, portal, village, district):
    office = Browser(portal)
    office.enrol(district.codes(plandata.DISTRICT * 1000 + 2)[0], "office")
    checks.equal("a village has no second factor", fault(village.get("/api/factor")[1])["name"],
                 "FACTOR_ROLE")
    checks.equal("the office's is off", office.get("/api/factor")[1], {"on": False, "codes_left": 0})
    checks.equal("it is not begun without the passphrase", fault(office.post(
        "/api/factor/begin", {"secret": "00" * 32})[1])["name"], "LOGIN")
    status, begun = office.post("/api/factor/begin", {"secret": office.secret})
    checks.check("with it, an authenticator can take it over", status == 200 and
                 begun["uri"].startswith("otpauth://totp/Zhibao:") and begun["secret"] in begun["uri"])
    step = int(time.time()) // 30
    status, answer = office.post("/api/factor/confirm", {"code": password(begun["secret"], step)})
    checks.equal("confirmed, it has ten recovery codes", len(set(answer.get("codes", []))), 10)
    again = Browser(portal)
    again.secret = office.secret
    checks.equal("the passphrase alone no longer does", fault(again.login("office")[1])["name"],
                 "CODE_NEEDED")
    def login(code):
        return again.post("/api/login", {"name": "office", "secret": office.secret, "code": code})
    checks.equal("nor with a code that was used", fault(login(password(begun["secret"], step))[1])["name"],
                 "CODE")
    checks.equal("the next one does", login(password(begun["secret"], step + 1))[0], 200)
    checks.equal("so does a recovery code", login(answer["codes"][0].upper())[0], 200)
    checks.equal("once", fault(login(answer["codes"][0])[1])["name"], "CODE")
    stored = b"".join(path.read_bytes() for path in portal.data.glob("accounts.db*"))
    checks.check("the accounts' file has neither the secret nor the codes",
                 base64.b32decode(begun["secret"]) not in stored and
                 begun["secret"].encode() not in stored and answer["codes"][1].encode() not in stored)
    checks.equal("whoever runs the gateway can take it away",
                 portal.run("factor-off", name="office").returncode, 0)
    checks.equal("once", portal.run("factor-off", name="office").returncode, 1)
    checks.equal("then the passphrase does", again.login("office")[0], 200)


def check_outage(checks, portal, village, server):
    checks.equal("zhibaod stops cleanly", server.stop(), 0)
    begin = time.monotonic()
    status, answer = village.ask("KIND_PING")
    checks.check("without the aggregator it is said, and that it may be tried again",
                 status in (502, 504) and answer["error"]["retry"], f"{status} {answer}")
    checks.equal("pages go on", Browser(portal).request("GET", "/")[0], 200)
    server.start()
    answers = []
    harness_end = time.monotonic() + 60
    while time.monotonic() < harness_end and 200 not in answers:
        answers.append(village.ask("KIND_PING")[0])
    checks.check("and it goes on by itself", 200 in answers, str(answers))


def check_import(checks, workplace, portal, district):
    """A home of the command line becomes an account."""
    cli = harness.Cli(workplace, "other")
    code = workplace.path / "other.code"
    code.write_text(district.codes(plandata.own_unit(OTHER))[0])
    checks.equal("the command line enrols", cli("enrol", "--code-file", code).returncode, 0)
    phrase = workplace.path / "phrase"
    phrase.write_text("演示口令 2025\n")
    done = portal.run("import", home=cli.home, name="other", passphrase_file=phrase)
    checks.equal("its home is imported", done.returncode, 0)
    checks.equal("once", portal.run("import", home=cli.home, name="other",
                                    passphrase_file=phrase).returncode, 1)
    phrase.write_text("short\n")
    checks.equal("with a passphrase worth the name", portal.run(
        "import", home=cli.home, name="third", passphrase_file=phrase).returncode, 2)
    import hashlib
    import json
    from nacl.secret import SecretBox
    browser = Browser(portal)
    salt = base64.b64decode(browser.post("/api/salt", {"name": "other"})[1]["salt"])
    both = hashlib.scrypt("演示口令 2025".encode(), salt=salt, n=1 << 15, r=8, p=1, dklen=64,
                          maxmem=64 << 20)
    checks.equal("and logs in", browser.login("other", both[32:].hex())[0], 200)
    bundle = json.loads(SecretBox(both[:32]).decrypt(base64.b64decode(browser.session["bundle"])))
    checks.equal("the bundle opens under the passphrase", bundle["unit"],
                 str(plandata.own_unit(OTHER)))
    checks.equal("its connection works", browser.ask("KIND_PING")[1]["body"]["unit"],
                 str(plandata.own_unit(OTHER)))


def scenario(checks, workplace):
    server = Server(workplace).start()
    district = District(server)
    portal = Portal(workplace, timeout_ms=4000, head_ms=HEAD_S * 1000).start()
    check_pages(checks, portal)
    village, township = check_enrolment(checks, portal, district)
    checks.equal("a code of another aggregator is not asked anywhere", Browser(portal).enrol(
        foreign_code(district.codes(plandata.own_unit(OTHER))[0]), "foreign")[0], 403)
    check_questions(checks, village, township, district)
    check_records(checks, village, township, district)
    check_sheets(checks, village)
    check_squeezed(checks, village)
    check_oversight(checks, portal, district, village, township)
    check_sessions(checks, portal, village)
    check_bad_input(checks, portal, village)
    check_case_codes(checks, portal)
    check_slow_clients(checks, portal, village)
    check_dawdlers(checks, portal, village)
    check_upload(checks, portal)
    check_second_factor(checks, portal, village, district)
    check_import(checks, workplace, portal, district)
    check_outage(checks, portal, village, server)
    district.root.close()
    checks.equal("zhibao-web stops cleanly", portal.stop(), 0)
    mode = (portal.data / "accounts.db").stat().st_mode & 0o777
    checks.equal("the accounts are nobody else's to read", mode, 0o600)


if __name__ == "__main__":
    harness.run(scenario)
