"""The read-only HTTP API over the round's results: tokens, limits, pages and streams."""

import base64
import hashlib
import io
import json
import zipfile

import plandata
import sdmx
from portal import Browser, Portal
from round_exports import exported
from round_stage import VILLAGES, YEAR, village_name

PHRASE = "演示口令 2025"
BURST = 30


def account(stage, portal, name):
    """A home of the command line as a browser that is logged in."""
    phrase = stage.workplace.path / "phrase"
    phrase.write_text(PHRASE + "\n")
    done = portal.run("import", home=stage.homes[name].home, name=name, passphrase_file=phrase)
    stage.checks.equal(f"{name} has an account", done.returncode, 0)
    browser = Browser(portal)
    salt = base64.b64decode(browser.post("/api/salt", {"name": name})[1]["salt"])
    both = hashlib.scrypt(PHRASE.encode(), salt=salt, n=1 << 15, r=8, p=1, dklen=64,
                          maxmem=64 << 20)
    stage.checks.equal(f"{name} logs in", browser.login(name, both[32:].hex())[0], 200)
    return browser


class Program:
    """Whoever has a token and nothing else."""

    def __init__(self, portal, token):
        self.browser = Browser(portal)
        self.headers = {"Authorization": f"Bearer {token}"} if token else {}
        self.last = {}

    def get(self, path, method="GET", **arguments):
        query = "&".join(f"{name}={value}" for name, value in arguments.items())
        status, self.last, content = self.browser.request(
            method, f"/api/v1/{path}?{query}", None, self.headers)
        return status, content

    def json(self, path, **arguments):
        status, content = self.get(path, **arguments)
        return status, json.loads(content)

    def pages(self, path, name, **arguments):
        rows, cursor = [], ""
        while True:
            status, page = self.json(path, cursor=cursor, **arguments)
            assert status == 200, page
            rows += page[name]
            cursor = page["next"]
            if not cursor:
                return rows


def problem(answer):
    return answer.get("error", {}).get("problem", {}).get("name")


def check_tokens(stage, portal, office, village):
    checks = stage.checks
    checks.equal("without a session nobody makes tokens",
                 Browser(portal).post("/api/tokens/create", {"label": "x", "days": 1})[0], 401)
    status, exact = office.post("/api/tokens/create",
                                {"label": "统计年鉴", "days": 30, "published": False})
    checks.equal("the office makes a token for exact figures", status, 200)
    status, public = office.post("/api/tokens/create", {"label": "网站", "days": 30})
    checks.equal("and one for what may be published", status, 200)
    status, refused = village.post("/api/tokens/create",
                                   {"label": "x", "days": 30, "published": False})
    checks.equal("a village makes none for exact figures", (status, problem(refused)),
                 (403, "EXACT"))
    own = village.post("/api/tokens/create", {"label": "村", "days": 30})[1]
    for bad in ({"days": 30}, {"label": "x"}, {"label": "x", "days": 4000},
                {"label": "x" * 200, "days": 3}):
        checks.equal(f"a token without {bad}", office.post("/api/tokens/create", bad)[0], 400)
    listed = office.get("/api/tokens")[1]
    checks.equal("the office sees its tokens, not their text",
                 ([token["published"] for token in listed["tokens"]],
                  exact["token"] in json.dumps(listed)), ([True, False], False))
    kept = b"".join(path.read_bytes() for path in portal.data.glob("accounts.db*"))
    checks.check("the portal keeps no token's text, nor what it encodes",
                 exact["token"].encode() not in kept and base64.urlsafe_b64decode(
                     exact["token"][4:] + "=") not in kept)
    checks.equal("nobody revokes another's",
                 village.post("/api/tokens/revoke", {"id": exact["id"]})[0], 404)
    return exact, public, own


def check_data(stage, portal, exact, public):
    checks = stage.checks
    where = {"place": plandata.DISTRICT, "year": YEAR}
    program, reader = Program(portal, exact["token"]), Program(portal, public["token"])
    cli = ("--place", plandata.DISTRICT, "--year", YEAR)
    for name, asker, more, arguments in (
            ("exact", program, (), {}), ("with parts", program, ("--strata",), {"strata": 1}),
            ("public", reader, ("--public",), {}), ("asked for as public", program, ("--public",),
                                                    {"public": 1})):
        status, content = asker.get("data", format="sdmx-csv", **where, **arguments)
        checks.equal(f"the data, {name}: the command line's bytes", (status, content.decode()),
                     (200, exported(stage, *cli, *more, "--format", "sdmx-csv")))
    checks.check("sent in chunks, of its type",
                 program.last["Transfer-Encoding"] == "chunked"
                 and program.last["Content-Type"].startswith("application/vnd.sdmx.data+csv"),
                 str(program.last))
    status, content = program.get("data", what="reports", format="sdmx-csv", **where)
    checks.equal("reports, for who may", (status, content.decode()),
                 (200, exported(stage, *cli, "--reports", "--format", "sdmx-csv")))
    status, refused = reader.json("data", what="reports", **where)
    checks.equal("and not for publication", (status, problem(refused)), (403, "EXACT"))
    status, content = program.get("data", format="sdmx-csv", place=plandata.TOWNSHIP, year=YEAR,
                                  depth=1)
    checks.equal("a township with its villages, page after page", (status, content.decode()),
                 (200, exported(stage, "--place", plandata.TOWNSHIP, "--year", YEAR, "--depth", 1,
                                "--format", "sdmx-csv")))
    status, content = program.get("data", format="xlsx", **where)
    checks.equal("an .xlsx is whole", zipfile.ZipFile(io.BytesIO(content)).testzip(), None)
    whole = program.json("data", **where)[1]["rows"]
    checks.equal("page by page the same rows", program.pages("results", "rows", **where), whole)
    structure = program.json("structure", **where)[1]
    problems = sdmx.schema_problems(structure, "sdmx-json-structure-2.0.0.json")
    checks.check("the structure is valid", not problems, problems)
    indicators = program.pages("indicators", "indicators", **where)
    checks.check("indicators with UNICEF's codes", any(
        "CME_MRY0" in row["codes"].split() for row in indicators), indicators[:2])
    places = {int(row["place"]) for row in program.pages("places", "places",
                                                         place=plandata.TOWNSHIP)}
    checks.check("places", set(VILLAGES) <= places, places)


def check_sessions(stage, portal, office, village):
    """The same for who is logged in, with how far it is."""
    checks = stage.checks
    where = f"place={plandata.DISTRICT}&year={YEAR}&format=sdmx-csv"
    status, content = office.request("GET", f"/api/export?{where}&watch=abc1")[::2]
    checks.equal("an export in a session: the command line's bytes", (status, content.decode()),
                 (200, exported(stage, "--place", plandata.DISTRICT, "--year", YEAR, "--format",
                                "sdmx-csv")))
    told = office.get("/api/progress/abc1")[1]
    checks.check("its progress is told, to its own unit", told["known"] and told["ended"] and
                 told["done"] == told["all"] > 0, told)
    checks.equal("and to nobody else", village.get("/api/progress/abc1")[1]["known"], False)
    checks.equal("a name that is none", problem(office.get(f"/api/export?{where}&watch=a.b")[1]),
                 "ARGUMENT")
    checks.equal("nothing without a session",
                 Browser(portal).request("GET", f"/api/export?{where}")[0], 401)
    checks.equal("what units reported is not a village's to export of a district", problem(
        village.get(f"/api/export?{where}&what=reports")[1]), "EXACT")


def check_refusals(stage, portal, office, exact, own):
    checks = stage.checks
    where = {"place": plandata.DISTRICT, "year": YEAR}
    village, stranger = Program(portal, own["token"]), Program(portal, "")
    status, refused = village.json("data", **where)
    checks.equal("a village's token gets no other place's figures", (status, problem(refused)),
                 (422, "E_FORBIDDEN"))
    status, answer = village.json("data", year=YEAR)
    checks.check("its own place's it gets, as published", status == 200 and answer["rows"] and {
        row["place"] for row in answer["rows"]} == {str(VILLAGES[1])}, str(answer)[:300])
    for token in ("", "zbt_", "zbt_" + "A" * 43, exact["token"] + "A"):
        program = Program(portal, token)
        status, answer = program.json("data", **where)
        checks.equal(f"token {token[:8]!r}: refused", (
            status, problem(answer), program.last["WWW-Authenticate"]), (401, "TOKEN", "Bearer"))
    stranger.headers = {"Cookie": office.cookie}
    checks.equal("a session is no token", stranger.get("data", **where)[0], 401)
    program = Program(portal, exact["token"])
    for name, arguments in (("year", {}), ("year", {"year": "last"}), ("place", {"year": 2025,
                            "place": "x"}), ("format", {"year": 2025, "format": "xls"}),
                            ("depth", {"year": 2025, "depth": 7}),
                            ("public", {"year": 2025, "public": "yes"})):
        status, answer = program.json("data", **arguments)
        checks.equal(f"a wrong {name} is named", (status, answer["error"]["problem"]["field"]),
                     (400, name))
    checks.equal("what is not there", program.get("secrets")[0], 404)
    checks.equal("nothing can be changed", program.get("data", method="POST", **where)[0], 404)
    checks.equal("a year outside the plan", problem(program.json("data", year=1999)[1]),
                 "E_PERIOD")


def check_limits(stage, portal, office):
    checks = stage.checks
    made = office.post("/api/tokens/create", {"label": "busy", "days": 1})[1]
    program = Program(portal, made["token"])
    answers = [program.get("nothing")[0] for _ in range(2 * BURST)]
    checks.check("a token that asks too much is told to wait", answers[:BURST] == [404] * BURST
                 and 429 in answers and int(program.last.get("Retry-After", 0) or 0) >= 0, answers)
    checks.equal("revoked", office.post("/api/tokens/revoke", {"id": made["id"]})[0], 200)
    checks.equal("once", office.post("/api/tokens/revoke", {"id": made["id"]})[0], 404)
    listed = office.get("/api/tokens")[1]["tokens"][0]
    checks.check("and listed as revoked", listed["label"] == "busy" and listed["revoked_us"] != "0",
                 listed)


def check_description(stage, portal):
    checks, browser = stage.checks, Browser(portal)
    status, headers, content = browser.request("GET", "/api/openapi.json")
    described = json.loads(content)
    checks.equal("the API describes itself", (status, described["openapi"]), (200, "3.0.3"))
    status, headers, page = browser.request("GET", "/api/docs")
    page = page.decode()
    checks.check("for people too: every path, no script, our own origin only",
                 status == 200 and all(f"<code>{path}</code>" in page for path in
                                       described["paths"])
                 and "<script" not in page and "style=" not in page and "http://" not in page
                 and "default-src 'none'" in headers["Content-Security-Policy"], page[:300])
    checks.equal("its style", browser.request("GET", "/api/docs.css")[0], 200)
    known = set(described["components"]["parameters"]) | {"format", "date"}
    used = {parameter.get("name") or parameter["$ref"].rsplit("/", 1)[1]
            for path in described["paths"].values() for parameter in path["get"]["parameters"]}
    checks.equal("every parameter is described", used - known, set())


def check(stage):
    portal = Portal(stage.workplace, name="api").start()
    office = account(stage, portal, "office")
    village = account(stage, portal, village_name(VILLAGES[1]))
    exact, public, own = check_tokens(stage, portal, office, village)
    check_data(stage, portal, exact, public)
    check_sessions(stage, portal, office, village)
    check_refusals(stage, portal, office, exact, own)
    check_limits(stage, portal, office)
    check_description(stage, portal)
    gone = Program(portal, exact["token"])
    stage.checks.equal("a token is revoked", office.post("/api/tokens/revoke",
                                                         {"id": exact["id"]})[0], 200)
    stage.checks.equal("and good for nothing at once", gone.get("data", year=YEAR)[0], 401)
    stage.checks.equal("zhibao-web stops cleanly", portal.stop(), 0)
