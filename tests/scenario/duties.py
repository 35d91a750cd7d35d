"""Duties, documents and tasks, with a real server: see documents.py and what follows there."""

import harness
import plandata
from documents import Documents
from harness import District, Server


def scenario(checks, workplace):
    server = Server(workplace).start()
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


if __name__ == "__main__":
    harness.run(scenario)
