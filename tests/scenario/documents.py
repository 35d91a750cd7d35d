"""Documents over the bare protocol: chunks, what is refused, who reviews and who may read.

Their content is 演示数据: invented bytes behind a true beginning.
"""

import hashlib
import os

import layout
import plandata
from client import pb

CHUNK = 256 * 1024
PDF = b"%PDF-1.7\n"
DOCX = b"PK\x03\x04" + bytes(22) + (19).to_bytes(2, "little") + bytes(2) + b"[Content_Types].xml"
PNG = b"\x89PNG\r\n\x1a\n"
TYPES = {
    PDF: "application/pdf",
    DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    PNG: "image/png",
}
YEARLY, ONCE, DATA, WORK, OWN = (
    "LZ-duty-02", "LZ-duty-31", "LZ-duty-19", "LZ-duty-06", "LZ-duty-15")


class Paper:
    """Made-up content of a type and size."""

    def __init__(self, size=1000, begin=PDF):
        self.bytes = begin + os.urandom(size - len(begin))
        self.sha256 = hashlib.sha256(self.bytes).digest()
        self.type = TYPES.get(begin, "application/pdf")
        self.count = -(-size // CHUNK)

    def chunk(self, number, **changes):
        piece = self.bytes[number * CHUNK:(number + 1) * CHUNK]
        fields = {"content_sha256": self.sha256, "size": len(self.bytes), "index": number,
                  "chunk_sha256": hashlib.sha256(piece).digest(), "content": piece}
        return pb().PutChunk(**{**fields, **changes})


def put(client, paper, index, **changes):
    return client.ask(pb().KIND_PUT_CHUNK, paper.chunk(index, **changes))


def put_all(client, paper):
    for index in range(paper.count):
        answer = put(client, paper, index)
    return answer


def document(unit, paper, duty=YEARLY, period=plandata.PERIOD, **changes):
    fields = {"head": unit.head(), "plan": plandata.PLAN if duty else "", "duty": duty,
              "period": period, "file_name": "实施情况.pdf", "media_type": paper.type,
              "size": len(paper.bytes), "content_sha256": paper.sha256,
              "provenance": pb().PROVENANCE_DEMONSTRATION}
    return pb().Document(**{**fields, **changes})


def submit(client, payload):
    return client.submit(client.unit.record(layout.DOCUMENT, payload))


def listed(client, **question):
    answer = client.ask(pb().KIND_LIST_DOCUMENTS, pb().ListDocuments(**question))
    return client.must("KIND_DOCUMENTS", answer).documents


def reference(unit, payload):
    return pb().RecordRef(unit=unit.number, id=payload.head.id, payload_sha256=layout.digest(
        payload.SerializeToString(deterministic=True)))


def fetched(client, unit, payload):
    """The content, chunk by chunk, or the error's name."""
    found, index = b"", 0
    while len(found) < payload.size:
        answer = client.ask(pb().KIND_GET_CHUNK, pb().GetChunk(
            unit=unit.number, document=payload.head.id, index=index))
        if answer.kind != "KIND_CHUNK":
            return answer.name
        piece = answer.body
        if hashlib.sha256(piece.content).digest() != piece.chunk_sha256:
            return "chunk does not match its hash"
        found, index = found + piece.content, index + 1
    return found


class Documents:
    def __init__(self, checks, server, author, other, office, statistics):
        self.checks, self.server = checks, server
        self.author, self.other, self.office, self.statistics = author, other, office, statistics

    def refused(self, what, name, answer, before):
        problem = answer.problems[0] if answer.problems else None
        self.checks.check(f"{what}: {name}", problem is not None and problem.name == name
                          and problem.zh and problem.en, str(answer))
        self.checks.equal(f"{what}: nothing changed", self.server.row_counts(), before)

    def check_chunks(self):
        """Refusals at the chunk, and what a content looks like while it comes."""
        client, paper = self.author, Paper(3 * CHUNK + 77)
        before = self.server.row_counts()
        ask = self.refused
        ask("a chunk that is not what its hash says", "E_DOCUMENT_HASH",
            put(client, paper, 0, chunk_sha256=bytes(32)), before)
        ask("a chunk beyond the end", "E_DOCUMENT_SIZE",
            client.ask(pb().KIND_PUT_CHUNK, paper.chunk(3, index=4)), before)
        ask("a chunk that is too short", "E_DOCUMENT_SIZE",
            put(client, Paper(90), 0, size=CHUNK * 2), before)
        ask("a document over 50 MB", "E_DOCUMENT_SIZE",
            put(client, paper, 0, size=50 * 1024 * 1024 + 1), before)
        ask("a chunk for another unit", "E_FORBIDDEN",
            put(client, paper, 0, unit=self.other.unit.number), before)
        ask("a chunk over 256 KiB", "E_TOO_LARGE",
            put(client, paper, 0, content=bytes(CHUNK + 4096)), before)
        stages = [put(client, paper, index).body.stage for index in (2, 0, 0)]
        self.checks.equal("chunks in any order, and again", stages, [pb().UPLOAD_OPEN] * 3)
        state = client.must("KIND_UPLOAD", client.ask(pb().KIND_GET_UPLOAD, pb().GetUpload(
            content_sha256=paper.sha256)))
        self.checks.equal("what is there is told", (state.stage, state.have, state.media_type),
                          (pb().UPLOAD_OPEN, bytes([0b101]), "application/pdf"))
        answer = submit(client, document(client.unit, paper))
        self.checks.check("a record before its chunks: E_DOCUMENT_CHUNKS, to be asked again",
                          answer.kind == "KIND_ERROR" and answer.name == "E_DOCUMENT_CHUNKS"
                          and answer.body.retry, str(answer))
        for index in (1, 3):
            answer = put(client, paper, index)
        self.checks.equal("all chunks", answer.body.stage, pb().UPLOAD_COMPLETE)

    def check_bad_content(self):
        """Content that is not what it is said to be is refused for good, and may be sent right."""
        client = self.author
        liar = Paper(2 * CHUNK + 5)
        liar.sha256 = hashlib.sha256(b"another").digest()
        self.checks.equal("content with another hash", put_all(client, liar).name,
                          "E_DOCUMENT_HASH")
        chunks = self.server.sql("select count(*) from zhibao.document_chunk where sha256 = "
                                 f"'\\x{liar.sha256.hex()}'")
        self.checks.equal("its chunks are gone", chunks, [["0"]])
        before = self.server.row_counts()
        answer = submit(client, document(client.unit, liar))
        self.checks.equal("its record is refused with a signature", answer.kind, "KIND_REFUSAL")
        self.refused("its record", "E_DOCUMENT_HASH", answer, before)
        program = Paper(3000, b"MZ\x90\x00")
        self.checks.equal("a program", put_all(client, program).name, "E_DOCUMENT_TYPE")
        archive = Paper(3000, b"PK\x03\x04" + bytes(22) + b"\x05\x00\x00\x00a.exe")
        self.checks.equal("a ZIP that is no DOCX", put_all(client, archive).name,
                          "E_DOCUMENT_TYPE")
        before = self.server.row_counts()
        self.refused("the program's record", "E_DOCUMENT_TYPE",
                     submit(client, document(client.unit, program)), before)
        image = Paper(3000, PNG)
        put_all(client, image)
        before = self.server.row_counts()
        self.refused("an image for a duty", "E_DOCUMENT_TYPE",
                     submit(client, document(client.unit, image)), before)
        self.refused("an image that is said to be PDF", "E_DOCUMENT_TYPE",
                     submit(client, document(client.unit, image, media_type="application/pdf")),
                     before)

    def check_duties(self):
        """A document is for a duty of the plan that its author owes and that takes documents."""
        client, paper = self.author, Paper()
        put_all(client, paper)
        before = self.server.row_counts()
        for what, name, changes in (
                ("a duty that there is not", "E_DUTY_UNKNOWN", {"duty": "LZ-duty-99"}),
                ("another unit's duty", "E_DUTY_NOT_OWED", {"duty": OWN, "period": 0}),
                ("a duty of figures", "E_DUTY_NOT_DOCUMENT", {"duty": DATA}),
                ("a year for what is owed once", "E_PERIOD", {"duty": ONCE}),
                ("a year outside the plan", "E_PERIOD", {"period": 2031}),
                ("another plan", "E_PLAN_UNKNOWN", {"plan": "no-such-plan"}),
                ("a file name with a directory", "E_TEXT", {"file_name": "../a.pdf"}),
                ("neither duty nor report", "E_MALFORMED", {"duty": ""}),
                ("a size that is not the content's", "E_DOCUMENT_SIZE", {"size": 999}),
                ("another unit's report", "E_SUBJECT_UNKNOWN", {"duty": "", "report": pb().RecordRef(
                    unit=self.other.unit.number, id=bytes(16), payload_sha256=bytes(32))})):
            self.refused(what, name, submit(client, document(client.unit, paper, **changes)), before)
        answer = submit(self.statistics, document(self.statistics.unit, paper, duty=WORK))
        self.refused("work for which nothing is sent", "E_DUTY_NOT_DOCUMENT", answer, before)

    def check_life(self):
        """Sent, returned with a reason, sent again, accepted; read by whom it concerns."""
        client, office, paper = self.author, self.office, Paper(CHUNK + 900)
        self.checks.equal("content at once whole", put_all(client, paper).body.stage,
                          pb().UPLOAD_COMPLETE)
        first = document(client.unit, paper)
        client.must_store(layout.DOCUMENT, first)
        self.checks.equal("the same content again is there already",
                          put(client, paper, 0).body.stage, pb().UPLOAD_STORED)
        self.checks.equal("content of one unit, stored once", self.server.sql(
            "select count(*) from zhibao.document_chunk where sha256 = "
            f"'\\x{paper.sha256.hex()}'"), [["2"]])
        self.checks.equal("waits for the office",
                          [row.record.id for row in listed(office, pending=True)], [first.head.id])
        for name, reader in (("author", client), ("office", office),
                             ("statistics", self.statistics)):
            self.checks.check(f"{name} reads it", fetched(reader, client.unit, first) ==
                              paper.bytes)
        self.checks.equal("another department does not", fetched(self.other, client.unit, first),
                          "E_SUBJECT_UNKNOWN")
        self.checks.equal("nor sees it listed", len(listed(self.other)), 0)

        def review(who, payload, verdict, reason=""):
            return who.submit(who.unit.record(layout.REVIEW, pb().Review(
                head=who.unit.head(), subject_kind=pb().RECORD_DOCUMENT,
                subject=reference(client.unit, payload), verdict=verdict, reason=reason)))

        accept, send_back = pb().VERDICT_ACCEPT, pb().VERDICT_RETURN
        before = self.server.row_counts()
        self.refused("a review by the author", "E_FORBIDDEN", review(client, first, accept), before)
        self.refused("a review by another department", "E_FORBIDDEN",
                     review(self.other, first, accept), before)
        self.refused("a return without a reason", "E_REASON",
                     review(office, first, send_back), before)
        self.checks.equal("returned", review(office, first, send_back, "缺少附表").kind,
                          "KIND_RECEIPT")
        row = listed(client, id=first.head.id)[0]
        self.checks.equal("its author sees why", (row.state, row.reason),
                          (pb().STATE_RETURNED, "缺少附表"))
        items = client.must("KIND_INBOX_ITEMS", client.ask(pb().KIND_INBOX, pb().Inbox())).items
        self.checks.check("and in the inbox", any(
            item.subject == first.head.id and item.state == pb().STATE_RETURNED
            and item.reason == "缺少附表" for item in items), str(items)[:600])
        second = document(client.unit, paper, file_name="实施情况（修改）.pdf")
        client.must_store(layout.DOCUMENT, second)
        before = self.server.row_counts()
        self.refused("a review of what is superseded", "E_SUBJECT_REVISION",
                     review(office, first, accept), before)
        self.checks.equal("accepted", review(office, second, accept).kind, "KIND_RECEIPT")
        before = self.server.row_counts()
        self.refused("accepted twice", "E_SUBJECT_STATE", review(office, second, accept), before)
        states = {row.record.id: row.state for row in listed(client)}
        self.checks.equal("where both stand", states, {
            first.head.id: pb().STATE_SUPERSEDED, second.head.id: pb().STATE_ACCEPTED})
        receipt = office.ask(pb().KIND_GET_RECEIPT, pb().GetReceipt(
            kind=pb().RECORD_DOCUMENT, unit=client.unit.number, id=second.head.id))
        self.checks.check("its receipt verifies", layout.verify_receipt(
            receipt.body.receipt, office.pinned).leaf.payload_sha256 ==
            reference(client.unit, second).payload_sha256)

    def check_kept(self):
        """What is stored cannot be taken away; what is not is removed after a time."""
        for statement in ("delete from zhibao.document_chunk", "delete from zhibao.document_upload",
                          "update zhibao.document_upload set stage = 'open'"):
            try:
                self.server.sql(statement)
                self.checks.check(f"{statement}: refused", False)
            except RuntimeError as error:
                self.checks.check(f"{statement}: refused", "stored document" in str(error), error)
        left = "select count(*) from zhibao.document_upload where stage <> 'stored'"
        self.checks.check("something is unfinished", self.server.sql(left) != [["0"]])
        self.server.sql("update zhibao.document_upload set touched_us = 1 where stage <> 'stored'")
        self.server.stop()
        self.server.start()
        for client in (self.author, self.other, self.office, self.statistics):
            client.reconnect()
        for _ in range(200):  # the sweep begins with the server
            self.author.ping()
            if self.server.sql(left) == [["0"]]:
                break
        self.checks.equal("and is removed", self.server.sql(left), [["0"]])
        self.checks.equal("with its chunks", self.server.sql(
            "select count(*) from zhibao.document_chunk c where not exists (select from"
            " zhibao.document_upload u where u.unit = c.unit and u.sha256 = c.sha256)"), [["0"]])

    def check_quota(self):
        """A unit's quota, and that a record for which there is no room is refused for good."""
        client, paper = self.other, Paper(2 * 1024 * 1024)
        answer = put(client, paper, 0)
        self.checks.equal("over the unit's quota", answer.name, "E_DOCUMENT_QUOTA")
        before = self.server.row_counts()
        answer = submit(client, document(client.unit, paper))
        self.checks.equal("its record is refused with a signature", answer.kind, "KIND_REFUSAL")
        self.refused("its record", "E_DOCUMENT_QUOTA", answer, before)
