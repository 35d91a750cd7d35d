"""A proxy that ends CURVE on both sides, to lose, repeat and reorder whole messages.

Towards units it has the aggregator's own transport key, which they pinned when they enrolled; towards
the aggregator it is each unit with that unit's own key, one connection for each of the unit's. Both are
keys of the test's own. Nothing less would do: CURVE turns a lost, repeated or reordered frame into
a disconnect. Records are signed and receipts are too, so all it can do is what it does here.

What happens to a message is decided by (seed, unit, direction, its number in that direction).
"""

import heapq
import itertools
import random
import threading
import time

import zmq
from zmq.utils import z85

PRUNE_S = 20.0
HEARTBEAT_MS, SILENCE_MS = 500, 2000


class Manners:
    """Per message: lost, or sent so many times, each after a delay (0: at once)."""

    def __init__(self, lose=0.025, repeat=0.08, hold=0.12, most_s=0.6, late=0.01, late_s=5.0):
        self.lose, self.repeat, self.hold, self.most_s = lose, repeat, hold, most_s
        self.late, self.late_s = late, late_s

    def of(self, generator):
        """(delays of the copies, what was done to the message)."""
        done, delays = [], [0.0]
        if generator.random() < self.hold:
            done.append("held")
            delays = [generator.uniform(0.01, self.most_s)]
        if generator.random() < self.repeat:
            done.append("repeated")
            delays += [generator.uniform(0, self.most_s) for _ in range(generator.choice((1, 1, 3)))]
        if generator.random() < self.late:
            done.append("repeated late")
            delays.append(generator.uniform(self.most_s, self.late_s))
        if generator.random() < self.lose:
            done, delays = ["lost"], []
        return delays, done


class Back:
    """A unit's connection to the aggregator, for one of the unit's connections to the proxy."""

    def __init__(self, socket, unit):
        self.socket, self.unit, self.used_s = socket, unit, time.monotonic()


class MessageProxy(threading.Thread):
    """One thread. `counts`: what was done to messages."""

    def __init__(self, server_public, server_secret, target, seed, manners=None):
        super().__init__(daemon=True)
        self.server = (z85.encode(server_public), z85.encode(server_secret))
        self.target, self.seed, self.manners = target, seed, manners or Manners()
        self.units = {}        # public key -> (unit, (public, secret)), z85
        self.disturbing = False
        self.counts = {}
        self.numbers = {}      # (unit, direction) -> messages
        self.order = itertools.count()
        self.held = []         # (when, order, deliver, arguments)
        self.backs = {}        # routing id -> Back
        self.context = zmq.Context()
        self.front = self.context.socket(zmq.ROUTER)
        self.front.linger = 0
        self.front.sndhwm = self.front.rcvhwm = 0
        self.front.curve_server = True
        self.front.zap_domain = b"test"
        self.front.curve_publickey, self.front.curve_secretkey = self.server
        self.zap = self.context.socket(zmq.REP)
        self.zap.bind("inproc://zeromq.zap.01")
        self.endpoint = f"tcp://127.0.0.1:{self.front.bind_to_random_port('tcp://127.0.0.1')}"
        self.poller = zmq.Poller()
        for socket in (self.front, self.zap):
            self.poller.register(socket, zmq.POLLIN)
        self.wish, self.dropping, self.stopping = threading.Event(), False, False

    def know(self, unit, curve):
        """`curve`: the unit's (public, secret) transport key, z85."""
        self.units[z85.decode(curve[0]).hex()] = (unit, tuple(curve))

    def drop_all(self):
        """What is held or under way is lost: returns when nothing of it can arrive any more."""
        self.wish.clear()
        self.dropping = True
        self.wish.wait(10)

    def close(self):
        self.stopping = True
        if self.is_alive():
            self.join(10)
        self.context.destroy(linger=0)

    def run(self):
        while not self.stopping:
            if self.dropping:
                self._drop()
            now = time.monotonic()
            wait_s = min(0.05, max(0.0, self.held[0][0] - now)) if self.held else 0.05
            for socket, _ in self.poller.poll(wait_s * 1000):
                if socket is self.zap:
                    self._admit()
                elif socket is self.front:
                    self._from_unit()
                else:
                    self._from_aggregator(socket)
            while self.held and self.held[0][0] <= time.monotonic():
                _, _, deliver, arguments = heapq.heappop(self.held)
                deliver(*arguments)
            self._prune()

    def _admit(self):
        """ZAP: whose key is known may come in; another tries again, as PROTOCOL.md section 1 says."""
        version, request, _domain, _address, _identity, _mechanism, key = self.zap.recv_multipart()[:7]
        known = key.hex() in self.units
        self.zap.send_multipart([version, request, b"200" if known else b"300", b"",
                                 key.hex().encode() if known else b"", b""])

    def _from_unit(self):
        identity, body = self.front.recv_multipart(copy=False)[:2]
        unit, curve = self.units[body.get("User-Id")]
        routing = identity.bytes
        if routing not in self.backs:
            self.backs[routing] = self._connect(unit, curve)
        self._pass(unit, "up", self._up, (routing, body.bytes))

    def _from_aggregator(self, socket):
        routing = next((r for r, back in self.backs.items() if back.socket is socket), None)
        body = socket.recv()
        if routing is not None:
            self._pass(self.backs[routing].unit, "down", self._down, (routing, body))

    def _connect(self, unit, curve):
        socket = self.context.socket(zmq.DEALER)
        socket.linger = 0
        socket.sndhwm = socket.rcvhwm = 0
        socket.reconnect_ivl = 50
        socket.heartbeat_ivl, socket.heartbeat_timeout = HEARTBEAT_MS, SILENCE_MS
        socket.handshake_ivl = SILENCE_MS
        socket.curve_serverkey = self.server[0]
        socket.curve_publickey, socket.curve_secretkey = curve
        socket.connect(self.target)
        self.poller.register(socket, zmq.POLLIN)
        return Back(socket, unit)

    def _pass(self, unit, direction, deliver, arguments):
        delays, done = [0.0], []
        if self.disturbing:
            number = self.numbers[unit, direction] = self.numbers.get((unit, direction), 0) + 1
            generator = random.Random(f"{self.seed}/{unit}/{direction}/{number}")
            delays, done = self.manners.of(generator)
        for what in done or ["passed"]:
            self.counts[what] = self.counts.get(what, 0) + 1
        for delay in delays:
            if delay == 0.0:
                deliver(*arguments)
            else:
                heapq.heappush(self.held, (time.monotonic() + delay, next(self.order), deliver,
                                           arguments))

    def _up(self, routing, body):
        back = self.backs.get(routing)
        if back is not None:
            back.used_s = time.monotonic()
            back.socket.send(body)

    def _down(self, routing, body):
        if routing in self.backs:
            self.front.send_multipart([routing, body])  # dropped when that connection is gone

    def _forget(self, routing):
        back = self.backs.pop(routing)
        self.poller.unregister(back.socket)
        back.socket.close()

    def _drop(self):
        self.dropping = False
        self.held.clear()
        for routing in list(self.backs):
            self._forget(routing)
        self.wish.set()

    def _prune(self):
        """Connections of programs that have ended."""
        old = time.monotonic() - PRUNE_S
        for routing in [r for r, back in self.backs.items() if back.used_s < old]:
            self._forget(routing)
