"""The yearbook as the portal makes it: the command line's bytes, while it goes on answering; nothing made with
receipts that do not verify; stopped when asked; no key left behind."""

import base64
import os
import time

import harness
import plandata
from portal import Browser, Portal
from round_api import account, problem
from round_stage import VILLAGES, YEAR, village_name

MADE_S = 240
FOREIGN = base64.b64encode(bytes(range(32))).decode()


def pins(stage):
    lines = (stage.homes["office"].home / "pins.conf").read_text().splitlines()
    return [base64.b64encode(bytes.fromhex(line.split()[-1])).decode() for line in lines
            if line.startswith("key = ")]


def until_made(browser):
    """The state at the end, and all that was said on the way."""
    said, end = [], time.monotonic() + MADE_S
    while time.monotonic() < end:
        state = browser.get("/api/yearbook")[1]
        if state["text"] not in said:
            said.append(state["text"])
        if state["stage"] not in ("waiting", "working"):
            return state, said
        time.sleep(0.05)  # the page looks again in the same way
    raise RuntimeError(f"no yearbook within {MADE_S} s: {said}")


def check_made(stage, office, first):
    """`first`: format -> the command line's file."""
    checks = stage.checks
    for kind, made in first.items():
        wish = {"year": YEAR, "format": kind, "english": False, "pins": pins(stage)}
        checks.equal(f"the office begins a yearbook ({kind})",
                     office.post("/api/yearbook", wish)[0], 200)
        status, refused = office.post("/api/yearbook", wish)
        checks.check("one at a time", (status, problem(refused)) == (409, "BOOK")
                     or office.get("/api/yearbook")[1]["stage"] == "done", refused)
        state, said = until_made(office)
        checks.check(f"it is made ({kind}), and said how far it is",
                     state["stage"] == "done" and len(said) >= 2, (state, said))
        wanted = {f"yearbook-{plandata.DISTRICT}-{YEAR}{ending}": path.read_bytes()
                  for ending, path in ((f".{kind}", made),
                                       ("-figures.csv", made.with_name("first-figures.csv")),
                                       ("-reports.csv", made.with_name("first-reports.csv")))}
        got = {one["name"]: office.request("GET", f"/api/yearbook/{one['name']}")[2]
               for one in state["files"]}
        checks.equal(f"the command line's bytes ({kind})",
                     [got.get(name) == content for name, content in wanted.items()], [True] * 3)
        checks.equal("of the size that was told", [one["size"] for one in state["files"]],
                     [len(content) for content in wanted.values()])


def check_refused(stage, portal, office, village):
    checks, wish = stage.checks, {"year": YEAR, "format": "html", "pins": pins(stage)}
    checks.equal("a village has none made", problem(village.post("/api/yearbook", wish)[1]), "EXACT")
    checks.equal("and sees nothing of the office's", (
        village.get("/api/yearbook")[1]["stage"],
        village.request("GET", f"/api/yearbook/yearbook-{plandata.DISTRICT}-{YEAR}.html")[0]),
                 ("none", 404))
    checks.equal("nor anybody without a session",
                 Browser(portal).request("GET", "/api/yearbook")[0], 401)
    for bad in ({"format": "odt"}, {"year": 5}, {"pins": []}, {"pins": ["AAAA"]}, {"pins": [7]}):
        checks.equal(f"refused: {bad}", office.post("/api/yearbook", {**wish, **bad})[0], 400)
    checks.equal("no other file", office.request("GET", "/api/yearbook/..%2Fhome%2Flock")[0], 404)
    office.post("/api/yearbook", {**wish, "pins": [FOREIGN], "english": True})
    state = until_made(office)[0]
    checks.check("receipts that do not verify against the page's keys: nothing is made",
                 state["stage"] == "failed" and "does not verify" in state["text"]
                 and not state["files"], state)


def check_stopped(stage, portal, office):
    checks = stage.checks
    office.post("/api/yearbook", {"year": YEAR, "format": "html", "pins": pins(stage)})
    office.post("/api/yearbook/stop", {})
    state = until_made(office)[0]
    checks.check("it is stopped when asked", state["stage"] == "stopped" and not state["files"],
                 state)
    left = [str(path) for path in (portal.data / "yearbooks").rglob("*") if "key" in path.name]
    checks.equal("no key is left behind", left, [])


def check(stage, first):
    """`first`: format -> a file of the command line, whose annexes lie beside it."""
    portal = Portal(stage.workplace, name="books").start()
    office = account(stage, portal, "office")
    village = account(stage, portal, village_name(VILLAGES[1]))
    stage.checks.equal("before any was made", office.get("/api/yearbook")[1]["stage"], "none")
    if not os.environ.get("ZHIBAO_YEARBOOK_OFFICE") or harness.is_sanitized(stage.workplace.build):
        first = {"html": first["html"]}
    check_made(stage, office, first)
    check_refused(stage, portal, office, village)
    check_stopped(stage, portal, office)
    office.post("/api/yearbook", {"year": YEAR, "format": "html", "pins": pins(stage)})
    stage.checks.equal("zhibao-web stops cleanly while one is made", portal.stop(), 0)
    stage.checks.equal("and leaves nothing of it", (portal.data / "yearbooks").exists(), False)
