"""Three people of one village sign a report in order; one of them hands over to a successor."""

import shutil

import harness
import plandata
from harness import Server
from round_stage import Round, TOWNSHIP, VILLAGES
from sheet import parse

VILLAGE = plandata.own_unit(VILLAGES[0])
PEOPLE = {"filler": "甲填表", "reviewer": "乙审核", "principal": "丙负责"}


class Signing(Round):
    """The plan of 鹿寨县, whose village form asks for signatures."""

    def __init__(self, checks, workplace):
        self.checks, self.workplace = checks, workplace
        self.homes, self.templates, self.submitted = {}, {}, {}
        self.server = Server(workplace).start()
        plans = workplace.path / "plans"
        shutil.copytree(plandata.PLANS, plans)
        forms = plans / plandata.PLAN / "forms.csv"
        lines = forms.read_text(encoding="utf-8").splitlines()
        asked = [line + (",sign_off" if number == 0 else
                         ",filler;reviewer;principal" if line.startswith("village,") else ",")
                 for number, line in enumerate(lines)]
        forms.write_text("\n".join(asked) + "\n", encoding="utf-8")
        self.admin = self.home("admin")
        self.ran(self.admin, "enrol", self.server.first_code())
        self.ran(self.admin, "plan", "import", plans / plandata.PLAN)

    def enrol_person(self, name, holder, office):
        self.ran(self.home(name), "enrol", self.codes([VILLAGE])[0], "--holder", holder,
                 "--office", office)

    def refused(self, name, error, *arguments):
        done = self.ran(self.homes[name], *arguments, code=1)
        self.checks.check(f"{name}: {arguments[0]} is refused: {error}",
                          error in done.stdout + done.stderr, done.stdout + done.stderr)

    def newest(self, name="filler"):
        rows = [row for row in self.track(name) if row["kind"] == "report"]
        last = max(int(row["revision"]) for row in rows)
        return next(row for row in rows if int(row["revision"]) == last)

    def pends(self, state):
        rows = parse(self.ran(self.homes["township"], "pending", "--format", "csv").stdout)
        self.checks.equal(f"pending says so: {state}", [row["state"] for row in rows], [state])

    def is_state(self, what, state):
        self.checks.equal(f"{what}: the report is {state}", self.newest()["state"], state)


def check_order(signing):
    signing.submit("filler", "village", VILLAGES[0], plandata.village_figures(VILLAGES[0]))
    signing.wait_checked("township", 1)
    record = signing.newest()["id"][:8]
    signing.refused("township", "E_SIGN_OFF", "accept", "--all")
    signing.refused("filler", "E_FORBIDDEN", "sign", record)
    signing.refused("principal", "E_SUBJECT_STATE", "sign", record)
    signing.ran(signing.homes["reviewer"], "sign", record)
    signing.is_state("after the reviewer", "reviewed")
    signing.pends("reviewed")
    signing.refused("reviewer", "E_SUBJECT_STATE", "sign", record)
    signing.refused("township", "E_SIGN_OFF", "accept", "--all")
    signing.ran(signing.homes["principal"], "sign", record)
    signing.is_state("after the principal", "signed")
    signing.pends("signed")
    signing.ran(signing.homes["township"], "accept", "--all")
    signing.is_state("after the township", "accepted")
    steps = [(row["step"], row["holder"]) for row in signing.track("filler")]
    signing.checks.equal("track names who signed, in order",
                         [step for step in steps if step[0] != "checked"],
                         [("stored", PEOPLE["filler"]), ("reviewed", PEOPLE["reviewer"]),
                          ("signed", PEOPLE["principal"]), ("accepted", "")])
    signing.checks.check("with three different keys", len(
        {row["key"] for row in signing.track("filler")
         if row["step"] in ("stored", "reviewed", "signed")}) == 3, steps)


def key_of(signing, name):
    return parse(signing.ran(signing.homes[name], "whoami", "--format", "csv").stdout)[0]["key"]


def check_handover(signing):
    """The successor signs and sees the history; the former key does neither."""
    signing.enrol_person("successor", "丁接任", "")
    signing.refused("filler", "E_KEY_UNKNOWN", "handover", "0" * 32, "--reason", "nobody")
    signing.ran(signing.homes["reviewer"], "handover", key_of(signing, "successor"), "--reason",
                "岗位调整")
    done = signing.ran(signing.homes["reviewer"], "track", code=1)
    signing.checks.check("the former key is revoked", "revoked" in done.stderr, done.stderr)
    signing.checks.equal("the successor reads the history", len(signing.track("successor")),
                         len(signing.track("filler")))
    figures = plandata.village_figures(VILLAGES[0]) | {"village_child_injuries": 1}
    signing.submit("filler", "village", VILLAGES[0], figures)
    signing.wait_checked("township", 1)
    record = signing.newest()["id"][:8]
    signing.ran(signing.homes["successor"], "sign", record)
    signing.ran(signing.homes["principal"], "sign", record)
    signing.ran(signing.homes["township"], "accept", "--all")
    signing.is_state("signed by the successor", "accepted")
    receipts = sorted((signing.homes["filler"].home / "receipts").glob("*.zbr"))
    signing.checks.check("old and new signatures verify", receipts and signing.homes["filler"](
        "verify", *receipts).returncode == 0, len(receipts))


def scenario(checks, workplace):
    signing = Signing(checks, workplace)
    signing.enrol({"township": TOWNSHIP})
    for office, holder in PEOPLE.items():
        signing.enrol_person(office, holder, office)
    done = signing.ran(signing.home("nobody"), "enrol", signing.codes([VILLAGE])[0], "--office",
                       "king", code=1)
    checks.check("an unknown office is refused", "E_TEXT" in done.stderr, done.stderr)
    check_order(signing)
    check_handover(signing)
    done = signing.server.audit()
    checks.check("a handover, signed with the key that it ends, is in order", done.returncode == 0,
                 done.stdout + done.stderr)
    checks.equal("zhibaod stops cleanly", signing.server.stop(), 0)


if __name__ == "__main__":
    harness.run(scenario)
