"""What an administrator looks after, through the portal: health, keys, audit search, plan checks, accounts."""

import base64

import layout
import plandata
from client import pb
from portal import Browser

ADMIN = plandata.DISTRICT * 1000 + 3
OVERSIGHT = (("KIND_HEALTH", {}), ("KIND_LIST_KEYS", {}), ("KIND_EVENTS", {}))


def name_of(answer):
    return answer["error"]["problem"]["name"]


def check_forbidden(checks, village, township):
    for kind, fields in OVERSIGHT:
        for who, browser in (("village", village), ("township", township)):
            checks.equal(f"{kind} is not for a {who}", name_of(browser.ask(kind, **fields)[1]),
                         "E_FORBIDDEN")
    checks.equal("nor may a village have plans checked", name_of(village.ask("KIND_CHECK_PLAN")[1]),
                 "E_FORBIDDEN")
    for method, path in (("GET", "/api/accounts"), ("POST", "/api/account")):
        status, _, _ = village.request(method, path, b"{}" if method == "POST" else None)
        checks.equal(f"{path} is not for a village", status, 403)


def check_health(checks, admin):
    health = admin.ask("KIND_HEALTH")[1]["body"]
    checks.check("health: a batch, a database, a disk", int(health["batch"]) > 0
                 and int(health["database_bytes"]) > 0
                 and 0 < int(health["disk_free_bytes"]) <= int(health["disk_bytes"]), str(health))
    checks.check("health: units and who is enrolled", 2 < health["units_enrolled"] < health["units"],
                 str(health))
    checks.check("health: this very question is in hand, others were answered",
                 health["in_hand"] >= 1 and int(health["answered"]) > 5, str(health))


def check_keys(checks, admin, district):
    spare = district.client(plandata.department("water"))
    keys = admin.ask("KIND_LIST_KEYS", place="0", status="active")[1]["body"]["keys"]
    found = [row for row in keys if row["unit"] == str(spare.unit.number)]
    checks.equal("a key is listed with its unit", [base64.b64decode(row["key"]) for row in found],
                 [spare.unit.key])
    checks.check("and when it was enrolled", int(found[0]["enrolled_us"]) > 0)
    checks.equal("a status that is none is said to be none",
                 name_of(admin.ask("KIND_LIST_KEYS", status="lost")[1]), "E_MALFORMED")
    change = pb().KeyChange(head=admin.unit.head(), action=pb().KEY_REVOKE,
                            subject=spare.unit.number, key=spare.unit.key, reason="演示：遗失")
    checks.equal("the administrator revokes it in the browser",
                 admin.submit(layout.KEY, change)[1].get("kind"), "KIND_RECEIPT")
    revoked = admin.ask("KIND_LIST_KEYS", status="revoked")[1]["body"]["keys"]
    checks.equal("then it is listed as revoked", [row["unit"] for row in revoked],
                 [str(spare.unit.number)])
    spare.close()
    return change


def check_events(checks, admin, change):
    events = admin.ask("KIND_EVENTS", kind="RECORD_KEY")[1]["body"]["events"]
    newest = events[0]
    checks.equal("the audit's newest key record is that revocation",
                 (newest["event"], newest["reason"], base64.b64decode(newest["id"])),
                 ("revoke", "演示：遗失", change.head.id))
    order = [(int(row["batch"]), row["leaf"]) for row in events]
    checks.equal("newest first, each once", order, sorted(set(order), reverse=True))
    by_id = admin.ask("KIND_EVENTS", id_prefix=change.head.id.hex()[:8])[1]["body"]["events"]
    checks.equal("found by the first digits of its id", [row["id"] for row in by_id], [newest["id"]])
    about = admin.ask("KIND_EVENTS", unit=newest["subject_unit"])[1]["body"]["events"]
    checks.equal("and by its subject: enrolled, revoked", [row["event"] for row in about],
                 ["revoke", "enrol"])
    at = int(newest["received_us"])
    within = admin.ask("KIND_EVENTS", from_us=str(at), to_us=str(at + 1))[1]["body"]["events"]
    checks.check("and by its time", newest["id"] in [row["id"] for row in within])
    checks.equal("an id of letters that are no digits is refused",
                 name_of(admin.ask("KIND_EVENTS", id_prefix="xyzz")[1]), "E_ID")
    checks.equal("another place's audit is refused",
                 name_of(admin.ask("KIND_EVENTS", place="220300000000")[1]), "E_FORBIDDEN")


def check_plan(checks, admin):
    now = admin.ask("KIND_CHECK_PLAN", with_files=True)[1]["body"]
    files = {file["name"]: base64.b64decode(file["content"]) for file in now["files"]}
    checks.equal("the files in force are those imported", files, dict(plandata.plan_files()))
    checks.check("with what to mind in them", len(now["findings"]) > 20 and not now["problems"])

    def changed(before, after):
        content = files["targets.csv"].replace(before, after, 1)
        return admin.ask("KIND_CHECK_PLAN", files=[
            {"name": "targets.csv", "content": base64.b64encode(content).decode()}])[1]["body"]
    wrong = changed(b",nmr,,<=,3.0,", b",nmr,,<=,three,")
    checks.check("an error is named by file, row and column", not wrong["findings"] and any(
        problem["field"].startswith("targets.csv:") for problem in wrong["problems"]), str(wrong))
    looser = changed(b",nmr,,<=,3.0,", b",nmr,,<=,300.0,")
    known = [row["zh"] for row in now["findings"]]
    checks.check("a target looser than its base is found beforehand", not looser["problems"]
                 and any(row["zh"] not in known for row in looser["findings"]))
    again = admin.ask("KIND_CHECK_PLAN")[1]["body"]
    checks.equal("checking changed nothing", [row["zh"] for row in again["findings"]], known)


def check_accounts(checks, admin, village):
    accounts = admin.get("/api/accounts")[1]["accounts"]
    mine = next(row for row in accounts if row["unit"] == str(village.unit.number))
    name = mine["name"]
    checks.equal("an account is listed with its unit", (mine["role"], mine["closed"]),
                 ("village", False))
    checks.equal("one's own is not closed",
                 name_of(admin.post("/api/account", {"name": "admin", "do": "close"})[1]), "OWN")
    checks.equal("a deed that is none is refused",
                 admin.post("/api/account", {"name": name, "do": "burn"})[0], 400)
    checks.equal("closed", admin.post("/api/account", {"name": name, "do": "close"})[0], 200)
    checks.equal("its session is over", village.ask("KIND_PING")[0], 401)
    village.cookie, village.token = "", "none"
    checks.equal("and it logs in no more", (lambda answer: (answer[0], name_of(answer[1])))(
        village.login(name)), (403, "CLOSED"))
    checks.equal("opened again", admin.post("/api/account", {"name": name, "do": "open"})[0], 200)
    checks.equal("it logs in", village.login(name)[0], 200)
    checks.equal("an account that is none", admin.post(
        "/api/account", {"name": "nobody", "do": "remove"})[0], 404)


def check_oversight(checks, portal, district, village, township):
    admin = Browser(portal)
    checks.equal("an administrator enrols in the browser",
                 admin.enrol(district.codes(ADMIN)[0], "admin")[0], 200)
    check_forbidden(checks, village, township)
    check_health(checks, admin)
    check_events(checks, admin, check_keys(checks, admin, district))
    check_plan(checks, admin)
    check_accounts(checks, admin, village)
