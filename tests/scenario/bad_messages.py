"""Bad messages: what is no envelope, too much of one, or in the wrong place (second half)."""

import random
import socket
import time
from urllib.parse import urlparse

import zmq

import layout
import plandata
from client import QUESTIONS, Client, Silence, Unit, handshake, pb
from harness import is_sanitized, report

YEAR = plandata.PERIOD - 1
LIMIT = 1024 * 1024
MANY_FRAMES = 8000
MANY_QUESTIONS = 3000
WAITING_ANSWERS = 900  # under HIGH_WATER of server/loop/router.c: what is beyond is dropped
OTHERS_WAIT_S = 5  # with the sanitizers, on a busy machine
DRAINED_S = 60
MEMORY_MARGIN_KB = 192 * 1024
MEMORY_MARGIN_SANITIZED_KB = 640 * 1024
MEMORY_GROWTH_KB = 16 * 1024
MEMORY_GROWTH_SANITIZED_KB = 128 * 1024


def submit_envelope(stage, **changes):
    unit = stage.village.unit
    record = unit.record(layout.REPORT, report(unit, period=YEAR, **changes))
    return stage.village.envelope(pb().KIND_SUBMIT, pb().Submit(record=record)).SerializeToString()


def check_versions_and_kinds(stage):
    for version in (0, 2, 2**32 - 1):
        stage.refused(f"version {version}", "E_VERSION",
                      lambda c, v=version: c.ask(pb().KIND_PING, version=v))
    known = dict(pb().Kind.items())
    kinds = {name[5:]: number for name, number in known.items()
             if name not in QUESTIONS} | {"999": 999, "largest": 2**31 - 1}
    before = stage.server.row_counts()
    answers = {name: stage.village.ask(kind) for name, kind in kinds.items()}
    wrong = [f"{name}: {answer}" for name, answer in answers.items() if answer.name != "E_KIND"]
    stage.checks.check(f"each of {len(kinds)} kinds that are no question: E_KIND", not wrong,
                       "; ".join(wrong))
    negative = stage.village.envelope(-1).SerializeToString()
    answer = stage.village.ask_bytes(negative)
    stage.checks.check(f"kind -1: {answer.name}", answer.name in ("E_KIND", "E_MALFORMED"))
    stage.unharmed("kinds that are no question", before)
    everything = {name: number for name, number in known.items()
                  if name not in ("KIND_ENROL", "KIND_ASK_CASE_STATE")}
    stranger = enrolment_client(stage)
    answers = {name: stranger.ask(kind) for name, kind in everything.items()}
    wrong = [f"{name}: {answer}" for name, answer in answers.items() if answer.name != "E_KIND"]
    stage.checks.check(f"each of {len(everything)} kinds but ENROL and ASK_CASE_STATE at the"
                       " enrolment endpoint: E_KIND", not wrong, "; ".join(wrong))
    stage.unharmed("other kinds at the enrolment endpoint", before, stranger)
    stranger.close()


def enrolment_client(stage):
    return Client(stage.server.enrol_endpoint, stage.village.server_curve,
                  Unit(stage.village.unit.number), stage.village.pinned)


def check_truncated(stage):
    whole = submit_envelope(stage)
    before = stage.server.row_counts()
    found = []
    for length in range(len(whole)):
        answer = stage.village.ask_bytes(whole[:length])
        if answer.kind != "KIND_ERROR" or not answer.problems[0].zh or not answer.problems[0].en:
            found.append(f"{length}: {answer}")
    stage.checks.check(f"message cut at each of {len(whole)} lengths gets an ERROR", not found,
                       "; ".join(found[:5]))
    stage.unharmed("message cut at every length", before)
    stranger = enrolment_client(stage)
    code = layout.parse_enrol_code(stage.district.codes(stage.other_unit)[0])
    before = stage.server.row_counts()
    enrolment = stranger.unit.enrolment(code)
    whole = stranger.envelope(pb().KIND_ENROL, enrolment).SerializeToString()
    answers = [stranger.ask_bytes(whole[:length]) for length in range(len(whole))]
    found = [str(answer) for answer in answers if answer.kind != "KIND_ERROR"]
    stage.checks.check(f"enrolment cut at each of {len(whole)} lengths gets an ERROR", not found,
                       "; ".join(found[:5]))
    stage.unharmed("enrolment cut at every length", before, stranger)
    stranger.close()


def pad(stage, size):
    """An envelope of exactly `size` bytes whose body is nothing."""
    envelope = stage.village.envelope(pb().KIND_SUBMIT, b"")
    envelope.body = bytes(size - len(envelope.SerializeToString()) - 5)
    while len(envelope.SerializeToString()) < size:
        envelope.body += b"\0"
    return envelope


def check_oversized(stage):
    def send(size):
        envelope = pad(stage, size)
        return lambda client: client.ask_bytes(envelope.SerializeToString())

    stage.refused("garbage of exactly the largest size", ("E_MALFORMED", "E_TOO_LARGE"),
                  send(LIMIT))
    stage.refused("message one byte too large", "E_TOO_LARGE", send(LIMIT + 1))
    for size in (4 * LIMIT, 64 * LIMIT):
        before = stage.server.row_counts()
        client = stage.another()
        client.ping()
        client.send(pad(stage, size).SerializeToString())
        # The connection may be cut; the socket comes back by itself and works.
        end = time.monotonic() + 60
        served = ""
        while not served and time.monotonic() < end:
            try:
                served = client.ping(timeout_s=2).kind
            except Silence:
                pass
        stage.checks.equal(f"after a message of {size // LIMIT} MiB the same socket works",
                           served, "KIND_PONG")
        stage.unharmed(f"message of {size // LIMIT} MiB", before)
        client.close()


def check_frames(stage):
    ping = stage.village.envelope(pb().KIND_PING).SerializeToString()
    submit = submit_envelope(stage)
    cases = [
        ("empty delimiter before the message", [b"", ping]),
        ("message and an empty frame", [submit, b""]),
        ("message twice in two frames", [submit, submit]),
        ("ten frames", [submit] * 10),
        (f"{MANY_FRAMES} frames of 1 byte", [b"x"] * MANY_FRAMES),
        (f"{MANY_FRAMES} frames of 4 KiB", [bytes(4096)] * MANY_FRAMES),
    ]
    for what, frames in cases:
        stage.refused(what, "E_FRAMES", lambda c, f=frames: c.ask_bytes(*f))
    stranger = enrolment_client(stage)
    stage.refused("two frames at the enrolment endpoint", "E_FRAMES",
                  lambda c: c.ask_bytes(ping, ping), client=stranger)
    stranger.close()
    envelopes = pb().Envelope
    answer = stage.village.ask_bytes(submit)
    stage.checks.check("the same message in one frame is taken", answer.kind == "KIND_RECEIPT"
                       and envelopes.FromString(submit).request == answer.request, str(answer))


def varint(number):
    out = b""
    while number > 0x7F:
        out, number = out + bytes([number & 0x7F | 0x80]), number >> 7
    return out + bytes([number])


def nested(depth):
    data = b""
    for _ in range(depth):
        data = b"\x0a" + varint(len(data)) + data
    return data


def bombs():
    """(what, body) of SUBMIT messages that are cheap to send and dear to decode."""
    many_cells = pb().Report(observations=pb().Observations(cell=[1] * 60000))
    empty_files = pb().PlanImport(plan="x").SerializeToString() + b"\x1a\x00" * 400000
    return [
        ("nesting of 1,000", nested(1000)),
        ("nesting of 60,000", nested(60000)),
        ("1 million empty fields", b"\x0a\x00" * 500000),
        ("group tags", b"\x0b" * 5000),
        ("varints without end", b"\x08" + b"\xff" * 5000),
        ("a length beyond the message", b"\x0a\xff\xff\xff\xff\x0f" + b"x" * 100),
        ("a length of 2^64 - 1", b"\x0a" + b"\xff" * 9 + b"\x01" + b"x" * 100),
        ("unknown fields only", b"".join(varint(n << 3) + b"\x01" for n in range(2000, 30000))),
        ("record of 400,000 empty files", pb().Submit(record=pb().Record(
            kind=layout.PLAN, payload=empty_files, key=b"k" * 16, algorithm=1,
            signature=b"s" * 64)).SerializeToString()),
        ("record of 60,000 cells", pb().Submit(record=pb().Record(
            kind=layout.REPORT, payload=many_cells.SerializeToString(), key=b"k" * 16, algorithm=1,
            signature=b"s" * 64)).SerializeToString()),
    ]


def check_garbage(stage):
    for what, body in bombs():
        stage.refused(what, ("E_MALFORMED", "E_TOO_LARGE", "E_ID", "E_UNIT_UNKNOWN"),
                      lambda c, b=body: c.ask(pb().KIND_SUBMIT, b))
    draw = random.Random(20210901)
    before = stage.server.row_counts()
    found = []
    for _ in range(300):
        answer = stage.village.ask_bytes(draw.randbytes(draw.choice((1, 2, 7, 64, 1000, 60000))))
        if answer.kind != "KIND_ERROR":
            found.append(str(answer))
    stage.checks.check("300 messages of random bytes get an ERROR each", not found, found[:3])
    # Without provenance no change of single bytes makes it acceptable.
    whole = submit_envelope(stage, provenance=0)
    found = []
    for _ in range(300):
        altered = bytearray(whole)
        for _ in range(draw.randint(1, 8)):
            altered[draw.randrange(len(altered))] = draw.randrange(256)
        answer = stage.village.ask_bytes(bytes(altered))
        if answer.error is None and answer.kind != "KIND_PONG":
            found.append(altered.hex())
    stage.checks.check("300 spoilt copies of a message get an error each", not found, found[:1])
    stage.unharmed("random bytes", before)
    for kind in ("GET_FORM", "TRACK", "INBOX", "PENDING", "TOTAL", "PULL", "LIST_UNITS",
                 "GET_RECEIPT", "GET_RECORD", "ENROL_CODES"):
        stage.refused(f"garbage as {kind}", ("E_MALFORMED", "E_FORBIDDEN"), lambda c, k=kind: c.ask(
            pb().Kind.Value(f"KIND_{k}"), b"\xff" * 100), kinds=("KIND_ERROR",))


def check_strangers(stage):
    """Who is no client at all: nothing gets through, and nobody else notices."""
    before = stage.server.row_counts()
    status = handshake(stage.village.endpoint, stage.village.server_curve,
                       Unit(stage.village.unit.number))
    stage.checks.equal("unknown key: turned away in the handshake", status, "dropped")

    plain = zmq.Context.instance().socket(zmq.DEALER)
    plain.linger = 0
    plain.connect(stage.village.endpoint)
    plain.send(stage.village.envelope(pb().KIND_PING).SerializeToString())
    stage.checks.check("without CURVE: no answer", not plain.poll(500))
    plain.close()

    wrong = Client(stage.village.endpoint, bytes(32), stage.village.unit)
    wrong.send(stage.village.envelope(pb().KIND_PING).SerializeToString())
    stage.checks.check("with another server's key: no answer", not wrong.socket.poll(500))
    wrong.close()

    address = urlparse(stage.village.endpoint)
    draw = random.Random(20210902)
    raw = []
    for number in range(60):
        link = socket.create_connection((address.hostname, address.port))
        link.setblocking(False)
        greeting = b"\xff" + bytes(8) + b"\x7f\x03\x01CURVE" + bytes(15) + bytes(32)
        link.send((b"", b"GET / HTTP/1.1\r\n\r\n", draw.randbytes(2000),
                   greeting + draw.randbytes(500), greeting + b"\x04\xff")[number % 5])
        raw.append(link)
    stage.unharmed("60 raw TCP connections of garbage", before)
    for link in raw:
        link.close()


def check_many_questions(stage):
    """One client that asks thousands of questions at once delays nobody else's one."""
    question = stage.village.envelope(pb().KIND_TRACK,
                                      pb().Track(period=YEAR)).SerializeToString()
    for _ in range(MANY_QUESTIONS):
        stage.village.socket.send(question)
    begin = time.monotonic()
    answer = stage.statistics.ask(pb().KIND_TRACK, pb().Track(period=YEAR))
    took = time.monotonic() - begin
    stage.checks.check(f"another client's question is answered meanwhile, in {took:.2f} s",
                       answer.kind == "KIND_TRACKED" and took < OTHERS_WAIT_S, str(answer))
    stage.village.reconnect()
    end = time.monotonic() + DRAINED_S  # what was asked before is thrown away, in its turn
    while stage.village.ask(pb().KIND_TRACK, pb().Track(period=YEAR)).kind == "KIND_ERROR" and \
            time.monotonic() < end:
        time.sleep(0.05)
    # as many as may wait for one peer, which does not read meanwhile
    for _ in range(WAITING_ANSWERS):
        stage.village.socket.send(question)
    kinds = [stage.village.receive().kind for _ in range(WAITING_ANSWERS)]
    stage.checks.check(f"each of {WAITING_ANSWERS} is answered, {kinds.count('KIND_ERROR')} of them"
                       " with \"try later\"", 0 < kinds.count("KIND_ERROR") < WAITING_ANSWERS)
    stage.unharmed("thousands of questions", stage.server.row_counts())


def check_memory(stage, workplace, before_kb):
    """What big messages take is given back or used again."""
    def big_messages():
        for frames in ([bytes(4096)] * MANY_FRAMES, [pad(stage, LIMIT - 4096).SerializeToString()]):
            stage.village.ask_bytes(*frames)
        for _, body in bombs():
            stage.village.ask(pb().KIND_SUBMIT, body)
        return stage.server.memory_kb()

    sanitized = is_sanitized(workplace.build)
    margin = MEMORY_MARGIN_SANITIZED_KB if sanitized else MEMORY_MARGIN_KB
    growth = MEMORY_GROWTH_SANITIZED_KB if sanitized else MEMORY_GROWTH_KB
    seen = [big_messages() for _ in range(6)]
    stage.checks.check(f"memory stays bounded: {before_kb} kB before, {seen[-1]} kB after",
                       seen[-1] < before_kb + margin, f"more than {margin} kB more")
    stage.checks.check(f"and does not grow from one big message to the next: {seen}",
                       seen[-1] - seen[1] < growth, f"more than {growth} kB")
