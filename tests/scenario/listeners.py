"""A mail server and a webhook receiver on loopback, whose manners the test decides."""

import base64
import email
import email.policy
import json
import socket
import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Mailbox:
    """SMTP (RFC 5321) with STARTTLS and AUTH PLAIN. Keeps each mail as an EmailMessage."""

    def __init__(self, certificate=None):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.certificate = certificate  # (certificate file, key file): offers STARTTLS
        self.mails, self.logins, self.recipients = [], [], []
        self.tls = 0               # mails that came through TLS
        self.refusal = ""          # what RCPT is answered with, such as "550 no such user"
        self.on_mail = None        # called once, after a mail came and before it is answered
        self.going_on = threading.Event()
        self.going_on.set()
        self.held = threading.Event()  # a client waits for its answer
        threading.Thread(target=self._accept, daemon=True).start()

    def hold(self):
        """From now on no mail is answered until release()."""
        self.held.clear()
        self.going_on.clear()

    def release(self):
        self.going_on.set()

    def close(self):
        self.release()
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            self._talk(connection)
        except (OSError, ValueError):
            pass  # the client went away
        finally:
            connection.close()

    def _talk(self, connection):
        file, secure = connection.makefile("rwb"), False

        def say(*lines):
            for line in lines:
                file.write(line.encode() + b"\r\n")
            file.flush()

        say("220 test")
        while line := file.readline():
            verb, _, rest = line.decode().strip().partition(" ")
            verb = verb.upper()
            if verb == "EHLO":
                starttls = ["250-STARTTLS"] if self.certificate and not secure else []
                say("250-test", *starttls, "250-AUTH PLAIN", "250 8BITMIME")
            elif verb == "STARTTLS" and self.certificate:
                say("220 go on")
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(*self.certificate)
                connection = context.wrap_socket(connection, server_side=True)
                file, secure = connection.makefile("rwb"), True
            elif verb == "AUTH":
                self._login(rest, file, say)
            elif verb == "RCPT" and self.refusal:
                say(self.refusal)
            elif verb == "RCPT":
                self.recipients.append(rest)
                say("250 ok")
            elif verb == "DATA":
                say("354 go on")
                self._take(file, say, secure)
            elif verb == "QUIT":
                return say("221 bye")
            else:
                say("250 ok")

    def _login(self, rest, file, say):
        method, _, first = rest.partition(" ")
        if not first:
            say("334 ")
            first = file.readline().decode().strip()
        self.logins.append((method, base64.b64decode(first).decode().split("\0")[1:]))
        say("235 ok")

    def _take(self, file, say, secure):
        lines = []
        while (line := file.readline()) and line != b".\r\n":
            lines.append(line[1:] if line.startswith(b".") else line)
        if not line:
            return
        mail = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        mail.raw = b"".join(lines)
        self.mails.append(mail)
        self.tls += secure
        action, self.on_mail = self.on_mail, None
        if action:
            action()
        if not self.going_on.is_set():
            self.held.set()
            self.going_on.wait()
        say("250 ok")


class Hook:
    """An HTTP server that keeps each POST as (headers, body, JSON)."""

    def __init__(self):
        self.posts, self.status = [], 204
        hook = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.posts.append((dict(self.headers), body, json.loads(body)))
                self.send_response(hook.status)
                self.send_header("Location", "http://127.0.0.1:1/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
