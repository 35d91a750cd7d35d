"""A TCP proxy that delays, stalls, cuts and half-opens connections, by a seed.

What happens to a connection is decided by (seed, name, its number in order of arrival), so that a
run is replayed by its seed as far as connections arrive in the same order. Knows nothing of what it
carries.
"""

import random
import selectors
import socket
import struct
import threading
import time

CHUNK = 65536
RESET = struct.pack("ii", 1, 0)  # SO_LINGER: close sends RST


class Fate:
    """What becomes of one connection, decided when it is made."""

    KINDS = (("none", 57), ("slow", 15), ("cut", 13), ("stall", 11), ("half_open", 4))

    def __init__(self, generator, rates=KINDS):
        kinds, weights = zip(*rates)
        self.kind = generator.choices(kinds, weights)[0]
        self.after = generator.choice((generator.randrange(700), generator.randrange(20000)))
        self.seconds = generator.uniform(0.2, 1.5)
        self.delay_s = generator.uniform(0.002, 0.03) if self.kind == "slow" else 0.0


class TcpProxy(threading.Thread):
    """One thread for all connections. `counts`: fates that came to pass, by kind."""

    def __init__(self, name, seed):
        super().__init__(daemon=True)
        self.label, self.seed = name, seed
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=1024)
        self.endpoint = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        self.target = None
        self.disturbing = False
        self.counts = {}
        self.number = 0
        self.selector = selectors.DefaultSelector()
        self.links = set()
        self.waiting = []          # (when, link, source): to be read again
        self.wish = threading.Event()
        self.stopping = self.cutting = False

    def to(self, endpoint):
        host, port = endpoint.removeprefix("tcp://").rsplit(":", 1)
        self.target = (host, int(port))
        if not self.is_alive():
            self.start()
        return self

    def cut_all(self):
        """Every connection is reset, with whatever was under way; returns when that is done."""
        self.wish.clear()
        self.cutting = True
        self.wish.wait(10)

    def close(self):
        self.stopping = True
        if self.is_alive():
            self.join(10)
        self.listener.close()

    def run(self):
        self.listener.setblocking(False)
        self.selector.register(self.listener, selectors.EVENT_READ, None)
        while not self.stopping:
            if self.cutting:
                self.cutting = False
                for link in list(self.links):
                    link.cut()
                self.wish.set()
            for key, _ in self.selector.select(0.01 if self.waiting else 0.05):
                if key.data is None:
                    self._accept()
                else:
                    key.data.read(key.fileobj)
            self._wake()
        for link in list(self.links):
            link.cut()

    def _accept(self):
        try:
            client, _ = self.listener.accept()
        except OSError:
            return
        try:
            server = socket.create_connection(self.target, 5)
        except OSError:
            client.close()  # the other side is down: whoever connects tries again
            return
        self.number += 1
        generator = random.Random(f"{self.seed}/{self.label}/{self.number}")
        Link(self, client, server, Fate(generator) if self.disturbing else None)

    def _wake(self):
        now, due = time.monotonic(), []
        due = [entry for entry in self.waiting if entry[0] <= now]
        self.waiting = [entry for entry in self.waiting if entry[0] > now]
        for _, link, source in due:
            link.resume(source)

    def note(self, kind):
        self.counts[kind] = self.counts.get(kind, 0) + 1


class Link:
    """One connection through the proxy."""

    def __init__(self, proxy, client, server, fate):
        self.proxy, self.fate, self.passed, self.dead = proxy, fate, 0, False
        self.ends = {client: server, server: client}
        for end in self.ends:
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            proxy.selector.register(end, selectors.EVENT_READ, self)
        proxy.links.add(self)

    def read(self, source):
        if self not in self.proxy.links:
            return  # cut a moment ago
        try:
            data = source.recv(CHUNK)
        except OSError:
            data = b""
        if not data:
            return self.cut(reset=False)
        self.passed += len(data)
        fate = self.fate
        if fate and fate.kind not in ("none", "slow") and self.passed > fate.after:
            return self.strike(source, data)
        if self.send(source, data) and fate and fate.delay_s:
            self.pause(source, fate.delay_s)

    def send(self, source, data):
        target = self.ends[source]
        try:
            target.setblocking(True)
            target.settimeout(10)
            target.sendall(data)
            return True
        except OSError:
            self.cut(reset=False)
            return False

    def strike(self, source, data):
        fate = self.fate
        if not self.dead:
            self.proxy.note(fate.kind)
        if fate.kind == "cut":
            self.cut()
        elif fate.kind == "half_open":
            self.dead = True  # both sides think it lives; nothing goes through any more
        elif self.send(source, data):
            self.fate = None
            self.pause(source, fate.seconds)

    def pause(self, source, seconds):
        self.proxy.selector.unregister(source)
        self.proxy.waiting.append((time.monotonic() + seconds, self, source))

    def resume(self, source):
        if self in self.proxy.links:
            self.proxy.selector.register(source, selectors.EVENT_READ, self)

    def cut(self, reset=True):
        if self not in self.proxy.links:
            return
        self.proxy.links.remove(self)
        for end in self.ends:
            try:
                self.proxy.selector.unregister(end)
            except KeyError:
                pass  # paused
            if reset:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            end.close()
