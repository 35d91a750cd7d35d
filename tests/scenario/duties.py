"""Duties and documents, with a real server: see documents.py, document_life.py and duty_list.py."""

import harness
import plandata
from document_life import DocumentLife
from documents import Documents
from duty_list import DutyList
from harness import Cli, District, Server


def homes_of(workplace, district):
    """Command lines of the same units, each with a key of its own."""
    units = {"author": "health", "other": "police", "office": "office", "statistics": "statistics"}
    found = {}
    for name, code in units.items():
        found[name] = Cli(workplace, name)
        done = found[name]("enrol", district.codes(plandata.department(code))[0])
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
    return found


def bare_protocol(checks, workplace):
    server = Server(workplace, "bare").start()
    district = District(server)
    clients = [district.client(plandata.department(code))
               for code in ("health", "police", "office", "statistics")]
    documents = Documents(checks, server, *clients)
    documents.check_chunks()
    documents.check_bad_content()
    documents.check_duties()
    documents.check_life()
    server.options["document_unit_mb"] = 1
    documents.check_kept()
    documents.check_quota()
    for client in (*clients, district.root):
        client.close()
    checks.equal("zhibaod stops cleanly", server.stop(), 0)


def command_line(checks, workplace):
    server = Server(workplace).start()
    district = District(server)
    homes = homes_of(workplace, district)
    duties = DutyList(checks, server, district, homes)
    duties.check_all_plans()
    life = DocumentLife(checks, workplace, server, homes)
    paper = life.check_broken_upload()
    life.check_review(paper)
    life.check_bad_files()
    life.check_offline()
    life.check_attachment(duties.check_states(workplace))
    district.root.close()
    checks.equal("zhibaod stops cleanly", server.stop(), 0)


def scenario(checks, workplace):
    bare_protocol(checks, workplace)
    command_line(checks, workplace)


if __name__ == "__main__":
    harness.run(scenario)
