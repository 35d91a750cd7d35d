"""zhibao-web as a browser would use it: HTTPS over its own certificate, JSON, and records signed here."""

import base64
import http.client
import json
import os
import queue
import shutil
import signal
import ssl
import subprocess
import threading
import time

import layout
from client import Unit, pb
from harness import STOP_S

READY_S = 60
INDEX = b"<!doctype html><title>zhibao</title>"


class Portal:
    """One zhibao-web on a free port, with a page of its own unless `pages` names a directory."""

    def __init__(self, workplace, name="portal", pages=None, **options):
        self.workplace = workplace
        self.data = workplace.path / name
        self.log = workplace.path / f"{name}.log"
        workplace.logs.append(self.log)
        if pages is None:
            pages = workplace.path / f"{name}-pages"
            pages.mkdir()
            (pages / "index.html").write_bytes(INDEX)
            (pages / "app-1.js").write_bytes(b"1;")
        self.options = {"data": self.data, "pages": pages, "address": "127.0.0.1", "port": 0,
                        "timeout_ms": 10000, **options}
        self.environment = {}
        self.process = None
        self.port = 0
        workplace.stoppers.append(self.stop)

    def _arguments(self, *command):
        arguments = [str(self.workplace.build / "bin" / "zhibao-web"), *command]
        for name, value in self.options.items():
            arguments += [f"--{name}", str(value)]
        return arguments

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                self._arguments(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
                env={**self.workplace.environment(), **self.environment}, cwd=self.workplace.path)
        lines = queue.Queue()
        threading.Thread(target=lambda: lines.put(self.process.stdout.readline().decode()),
                         daemon=True).start()
        line = lines.get(timeout=READY_S)
        if not line.startswith("zhibao-web ready address="):
            raise RuntimeError(f"zhibao-web did not become ready: {line}{self.log.read_text()}")
        self.port = int(line.strip().rsplit(":", 1)[1])
        return self

    @property
    def address(self):
        return f"https://127.0.0.1:{self.port}"

    def run(self, *command, **options):
        """A command of zhibao-web's; returns the finished process."""
        arguments = self._arguments(*command)
        for name, value in options.items():
            arguments += [f"--{name}", str(value)]
        return subprocess.run(arguments, stdin=subprocess.DEVNULL, capture_output=True, text=True,
                              timeout=READY_S, check=False, env=self.workplace.environment(),
                              cwd=self.workplace.path)

    def stop(self):
        if self.process is None or self.process.poll() is not None:
            return None
        self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise RuntimeError("zhibao-web did not stop") from None

    def tls(self):
        """Trusts this portal's certificate and no other."""
        return ssl.create_default_context(cafile=str(self.data / "certificate.pem"))


class Browser:
    """Cookies, the token, and keys that never leave it."""

    def __init__(self, portal):
        self.portal = portal
        self.cookie = self.set_cookie = ""
        self.token = "none"
        self.session = None
        self.unit = None
        self.secret = os.urandom(32).hex()

    def request(self, method, path, body=None, headers=None):
        """(status, headers, bytes)"""
        link = http.client.HTTPSConnection("127.0.0.1", self.portal.port, timeout=60,
                                           context=self.portal.tls())
        sent = {"X-Zhibao-Token": self.token}
        if self.cookie:
            sent["Cookie"] = self.cookie
        sent.update(headers or {})
        try:
            link.request(method, path, body, sent)
            answer = link.getresponse()
            content = answer.read()
        finally:
            link.close()
        self.set_cookie = answer.headers.get("Set-Cookie", "")
        if self.set_cookie:
            self.cookie = self.set_cookie.split(";")[0]
        return answer.status, answer.headers, content

    def post(self, path, body, **headers):
        """(status, JSON)"""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        status, _, answer = self.request("POST", path, content, headers)
        return status, json.loads(answer)

    def get(self, path):
        status, _, answer = self.request("GET", path)
        return status, json.loads(answer)

    def ask(self, kind, /, **fields):
        return self.post(f"/api/ask/{kind}", fields)

    def _open(self, answer):
        self.session = answer.get("session")
        if self.session:
            self.token = self.session["token"]

    def enrol(self, code, name):
        """As the page does it: the keys are made here, the transport key is lent."""
        parsed = layout.parse_enrol_code(code)
        status, lent = self.post("/api/enrol/key", {"code": code})
        if status != 200:
            return status, lent
        self.unit = Unit(parsed.unit)
        head = self.unit.head()
        change = pb().KeyChange(
            head=head, action=pb().KEY_ENROL, subject=parsed.unit, key=self.unit.key, algorithm=1,
            sign_public=self.unit.sign_public,
            transport_public=base64.b64decode(lent["transport_public"]),
            encrypt_public=bytes(self.unit.encrypt.public_key),
            code_hash=layout.digest(parsed.secret))
        record = self.unit.record(layout.KEY, change)
        status, answer = self.post("/api/enrol", {
            "code": code, "name": name, "secret": self.secret,
            "salt": base64.b64encode(os.urandom(16)).decode(),
            "bundle": base64.b64encode(b"ciphertext of the browser's").decode(),
            "record": base64.b64encode(record.SerializeToString()).decode()})
        self._open(answer)
        return status, answer

    def login(self, name, secret=None):
        status, answer = self.post("/api/login", {"name": name, "secret": secret or self.secret})
        self._open(answer)
        return status, answer

    def submit(self, kind, payload):
        record = self.unit.record(kind, payload)
        return self.post("/api/submit", record.SerializeToString())
