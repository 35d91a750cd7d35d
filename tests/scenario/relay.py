"""A TCP relay between a client and the aggregator that counts what the client sends, and can hold it
back at a chosen byte."""

import socket
import threading


class Relay:
    def __init__(self, endpoint):
        host, port = endpoint.removeprefix("tcp://").rsplit(":", 1)
        self.target = (host, int(port))
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"tcp://127.0.0.1:{self.listener.getsockname()[1]}"
        self.lock = threading.Condition()
        self.sent = 0           # bytes from clients
        self.limit = None       # hold back what comes after so many
        self.closed = False
        threading.Thread(target=self._accept, daemon=True).start()

    def hold_after(self, more):
        """From now on lets `more` bytes through."""
        with self.lock:
            self.limit = self.sent + more

    def wait_held(self, timeout_s):
        """Whether the limit was reached in time."""
        with self.lock:
            return self.lock.wait_for(lambda: self.sent >= self.limit, timeout_s)

    def release(self):
        with self.lock:
            self.limit = None
            self.lock.notify_all()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
                server = socket.create_connection(self.target)
            except OSError:
                if self.closed:
                    return
                client.close()  # the aggregator is down: the client tries again
                continue
            threading.Thread(target=self._up, args=(client, server), daemon=True).start()
            threading.Thread(target=self._copy, args=(server, client), daemon=True).start()

    def _up(self, client, server):
        def count(size):
            with self.lock:
                self.sent += size
                self.lock.notify_all()
                self.lock.wait_for(lambda: self.limit is None or self.sent < self.limit
                                   or self.closed)
        self._copy(client, server, count)

    @staticmethod
    def _copy(source, target, count=None):
        try:
            while data := source.recv(65536):
                if count:
                    count(len(data))
                target.sendall(data)
        except OSError:
            pass
        for end in (source, target):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def close(self):
        self.closed = True
        self.release()
        self.listener.close()
