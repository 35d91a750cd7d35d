"""A client of the real protocol whose every byte the test decides.

Needs the modules that protoc makes of proto/*.proto on sys.path (harness.load_protocol).
"""

import importlib
import itertools
import os
import re
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import zmq
from nacl.public import PrivateKey
from nacl.signing import SigningKey
from zmq.utils import z85
from zmq.utils.monitor import recv_monitor_message

import layout

ANSWER_S = 30
CHECKED_S = 60  # for a signature to be checked
_request = itertools.count(1)


PROTO = Path(__file__).resolve().parents[2] / "proto"


@lru_cache
def pb():
    """The generated modules, as one namespace."""
    modules = [importlib.import_module(f"{path.stem}_pb2") for path in sorted(PROTO.glob("*.proto"))]

    class Namespace:
        def __getattr__(self, name):
            for module in modules:
                if hasattr(module, name):
                    return getattr(module, name)
            raise AttributeError(name)

    return Namespace()


def kinds():
    """(questions, {answer: name of its body}), as the comments beside Kind in envelope.proto say."""
    questions, answers = [], {}
    for line in (PROTO / "envelope.proto").read_text(encoding="utf-8").splitlines():
        found = re.match(r"\s*(KIND_\w+) = \d+;\s*// (\w+)( ->)?", line)
        if found and found.group(3):
            questions.append(found.group(1))
        elif found:
            answers[found.group(1)] = found.group(2)
    return questions, answers


QUESTIONS, ANSWERS = kinds()


@dataclass
class Unit:
    """A unit with its three key pairs."""

    number: int
    signing: SigningKey = field(default_factory=SigningKey.generate)
    encrypt: PrivateKey = field(default_factory=PrivateKey.generate)
    curve: tuple = field(default_factory=zmq.curve_keypair)

    @property
    def sign_public(self):
        return bytes(self.signing.verify_key)

    @property
    def key(self):
        return layout.key_id(self.sign_public)

    @property
    def place(self):
        return self.number // 1000

    def head(self, record_id=None):
        return pb().Head(id=record_id or os.urandom(16), unit=self.number,
                         signed_at_us=time.time_ns() // 1000)

    def record(self, kind, payload):
        """`payload`: a message, or bytes that need not be one."""
        if not isinstance(payload, bytes):
            payload = payload.SerializeToString(deterministic=True)
        signature = layout.sign(layout.DOMAIN.get(kind, b"zhibao/none/v1"), payload, self.signing)
        return pb().Record(kind=kind, payload=payload, key=self.key, algorithm=layout.ED25519,
                           signature=signature)

    def enrolment(self, code, record_id=None):
        change = pb().KeyChange(
            head=self.head(record_id), action=pb().KEY_ENROL, subject=self.number, key=self.key,
            algorithm=layout.ED25519, sign_public=self.sign_public,
            transport_public=z85.decode(self.curve[0]),
            encrypt_public=bytes(self.encrypt.public_key), code_hash=layout.digest(code.secret))
        return pb().Enrol(unit=self.number, code_id=code.code_id, secret=code.secret,
                          record=self.record(layout.KEY, change))


@dataclass
class Answer:
    kind: str
    body: object
    request: int
    frames: int = 1

    @property
    def error(self):
        """The Error of an ERROR or a REFUSAL, else None."""
        if self.kind == "KIND_ERROR":
            return self.body
        if self.kind == "KIND_REFUSAL":
            return pb().Error.FromString(self.body.error)
        return None

    @property
    def problems(self):
        error = self.error
        return [] if error is None else [error.problem, *error.more]

    @property
    def name(self):
        """The error's name, or the kind of a good answer."""
        return self.problems[0].name if self.problems else self.kind

    def __str__(self):
        found = "; ".join(f"{p.name} field={p.field} cell={p.cell} {p.en}" for p in self.problems)
        return f"{self.kind} {found}".strip()


class Silence(Exception):
    """No answer in time."""


def curve_socket(context, server_curve, unit):
    """A DEALER over CURVE, not connected yet."""
    socket = context.socket(zmq.DEALER)
    socket.linger = 0
    socket.sndhwm = socket.rcvhwm = 0
    socket.reconnect_ivl = 50
    socket.curve_serverkey = z85.encode(server_curve)
    socket.curve_publickey, socket.curve_secretkey = unit.curve
    return socket


class Client:
    """A DEALER over CURVE. Belongs to the thread that made it."""

    def __init__(self, endpoint, server_curve, unit, pinned=()):
        self.endpoint, self.server_curve, self.unit, self.pinned = (
            endpoint, server_curve, unit, list(pinned))
        self.context = zmq.Context.instance()
        self.socket = None
        self.reconnect()

    def reconnect(self):
        self.close()
        self.socket = curve_socket(self.context, self.server_curve, self.unit)
        self.socket.connect(self.endpoint)

    def close(self):
        if self.socket is not None:
            self.socket.close()
            self.socket = None

    def send(self, *frames):
        self.socket.send_multipart(frames)

    def receive(self, timeout_s=ANSWER_S):
        if not self.socket.poll(int(timeout_s * 1000)):
            raise Silence(f"no answer within {timeout_s} s")
        frames = self.socket.recv_multipart()
        envelope = pb().Envelope.FromString(frames[0])
        kind = pb().Kind.Name(envelope.kind)
        body = getattr(pb(), ANSWERS[kind]).FromString(envelope.body)
        if kind == "KIND_REFUSAL":
            layout.verify_refusal(body.refusal, body.error, self.pinned)
        return Answer(kind, body, envelope.request, len(frames))

    def envelope(self, kind, body=b"", version=1, request=None):
        if not isinstance(body, bytes):
            body = body.SerializeToString(deterministic=True)
        if request is None:
            request = next(_request)
        return pb().Envelope(version=version, request=request, kind=kind,
                             timeout_ms=ANSWER_S * 1000, body=body)

    def ask(self, kind, body=b"", timeout_s=ANSWER_S, **changes):
        """Asks and returns the answer to exactly this question."""
        question = self.envelope(kind, body, **changes)
        self.send(question.SerializeToString())
        return self.answer_to(question.request, timeout_s)

    def answer_to(self, request, timeout_s=ANSWER_S):
        end = time.monotonic() + timeout_s
        while True:
            answer = self.receive(max(0.001, end - time.monotonic()))
            if answer.request == request:
                return answer

    def ask_bytes(self, *frames):
        """Sends frames as they are and returns the next answer, whatever it belongs to."""
        self.send(*frames)
        return self.receive()

    def ping(self, timeout_s=ANSWER_S):
        return self.ask(pb().KIND_PING, timeout_s=timeout_s)

    def submit(self, record, timeout_s=ANSWER_S):
        return self.ask(pb().KIND_SUBMIT, pb().Submit(record=record), timeout_s)

    def submit_checked(self, record, timeout_s=ANSWER_S):
        """Submits what refers to another record, again while that one's signature is unchecked."""
        answer, end = self.submit(record, timeout_s), time.monotonic() + CHECKED_S
        while answer.name == "E_NOT_CHECKED" and time.monotonic() < end:
            time.sleep(answer.body.retry_after_ms / 1000)
            answer = self.submit(record, timeout_s)
        return answer

    def must(self, expected, answer):
        if answer.kind != expected:
            raise RuntimeError(f"{expected} expected, not {answer}")
        return answer.body

    def must_store(self, kind, payload, timeout_s=ANSWER_S):
        """Submits, insists on a good receipt that covers it, and returns the receipt's bytes."""
        record = self.unit.record(kind, payload)
        receipt = self.must("KIND_RECEIPT", self.submit_checked(record, timeout_s)).receipt
        leaf = layout.verify_receipt(receipt, self.pinned).leaf
        if leaf.payload_sha256 != layout.digest(record.payload) or leaf.unit != self.unit.number:
            raise RuntimeError("the receipt covers another record")
        return receipt


def enrol(code_text, unit=None):
    """Enrols with a code; returns (Enrolled or Error answer, Unit, EnrolCode)."""
    code = layout.parse_enrol_code(code_text)
    unit = unit or Unit(code.unit)
    client = Client(code.endpoint, code.curve, unit, [code.sign])
    try:
        return client.ask(pb().KIND_ENROL, unit.enrolment(code)), unit, code
    finally:
        client.close()


def enrolled_client(code_text):
    """Enrols and connects to the main endpoint. Raises when the code is refused."""
    answer, unit, code = enrol(code_text)
    if answer.kind != "KIND_ENROLLED":
        raise RuntimeError(str(answer))
    layout.verify_receipt(answer.body.receipt, [code.sign])
    return Client(answer.body.endpoint, code.curve, unit, [code.sign])


def handshake(endpoint, server_curve, unit, timeout_s=30):
    """How the aggregator takes a new connection: "welcome", "dropped" without a word (ZAP 300: try
    again), the number of the ZAP error that it states, or None."""
    socket = curve_socket(zmq.Context.instance(), server_curve, unit)
    monitor = socket.get_monitor_socket()
    socket.connect(endpoint)  # watched from the start: a refusal may come at once, and only once
    told = {zmq.EVENT_HANDSHAKE_SUCCEEDED: "welcome", zmq.EVENT_DISCONNECTED: "dropped"}
    try:
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            if not monitor.poll(100):
                continue
            event = recv_monitor_message(monitor)
            if event["event"] == zmq.EVENT_HANDSHAKE_FAILED_AUTH:
                return event["value"]
            if event["event"] in told:
                return told[event["event"]]
        return None
    finally:
        socket.disable_monitor()
        socket.close()
