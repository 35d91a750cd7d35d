"""Witnesses: who kept the roots a server signed reveals what the database and its own key cannot.

The one who writes the history anew here has the server's signing key, and leaves no other trace.
"""

import hashlib
import shutil
import subprocess

from nacl.signing import SigningKey

import layout
import plandata
from harness import Cli


class Witnesses:
    def __init__(self, checks, workplace, server, district):
        self.checks, self.workplace, self.server = checks, workplace, server
        unit = plandata.own_unit(plandata.villages()[5])
        self.one = Cli(workplace, "witness")
        self.ran(self.one, "enrol", district.codes(unit)[0])
        self.other = self.one.copy("other")
        self.ran(self.one, "witness")

    def ran(self, cli, *arguments, code=0):
        done = cli(*arguments)
        self.checks.check(f"{' '.join(map(str, arguments[:1]))} exits {code}",
                          done.returncode == code, done.stdout + done.stderr)
        return done.stdout + done.stderr

    @property
    def roots(self):
        return self.one.home / "roots.zbw"

    def check_calm(self):
        """What follows is linked to what was seen; two witnesses saw the same."""
        self.ran(self.one, "contact", "set", "--email", "w@example.cn")
        said = self.ran(self.one, "witness")
        latest = self.server.sql("select max(number) from zhibao.batch")[0][0]
        self.checks.check("all batches so far, and why it matters",
                          f"all {latest} batches" in said and "revealed by witnesses" in said, said)
        self.ran(self.other, "witness", "--compare", self.roots)
        self.check_stamp(latest)

    def check_stamp(self, latest):
        """An RFC 3161 stamp over the anchor, by an authority of our own, verified with openssl."""
        place = self.workplace.directory("stamp")
        line = place / "root.txt"
        self.ran(self.one, "witness", "--anchor", line)
        text = line.read_text()
        header = bytes.fromhex(self.server.sql(
            f"select encode(header, 'hex') from zhibao.batch where number = {latest}")[0][0])
        self.checks.check("the anchor is the newest root", text.startswith(f"zhibao root {latest} ")
                          and f"sha256={hashlib.sha256(header).hexdigest()} " in text, text)
        (place / "tsa.cnf").write_text(
            "[tsa]\ndefault_tsa = t\n[t]\nserial = serial\ndefault_policy = 1.2.3\n"
            "digests = sha256\nsigner_digest = sha256\n[dn]\n[x]\n"
            "extendedKeyUsage = critical,timeStamping\n[req]\ndistinguished_name = dn\n"
            "x509_extensions = x\nprompt = no\n")
        (place / "serial").write_text("01\n")

        def openssl(*arguments):
            return subprocess.run(["openssl", *arguments], cwd=place, capture_output=True,
                                  text=True, check=False)
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out",
                "ca.pem", "-subj", "/CN=TSA (demo)", "-config", "tsa.cnf", "-days", "9")
        openssl("ts", "-query", "-data", "root.txt", "-sha256", "-cert", "-out", "ask.tsq")
        openssl("ts", "-reply", "-config", "tsa.cnf", "-queryfile", "ask.tsq", "-signer", "ca.pem",
                "-inkey", "key.pem", "-out", "stamp.tsr")
        verify = ("ts", "-verify", "-data", "root.txt", "-in", "stamp.tsr", "-CAfile", "ca.pem")
        done = openssl(*verify)
        self.checks.check("the stamp verifies", done.returncode == 0 and "OK" in done.stdout,
                          done.stdout + done.stderr)
        line.write_text(text.replace(f"root {latest} ", f"root {latest}1 "))
        self.checks.check("not over another root", openssl(*verify).returncode != 0)

    def check_fork(self, folder):
        """The last batch signed anew, by the server's own key: the database is in order in itself.
        The witness's roots are put into `folder`, beside receipts."""
        number, header, signature = self.server.sql(
            "select number, encode(header, 'hex'), encode(signature, 'hex') from zhibao.batch"
            " order by number desc limit 1")[0]
        secret = bytes.fromhex((self.server.data / "keys" / "sign.key").read_text().strip())
        forged = bytearray.fromhex(header)
        forged[32] ^= 1  # of the time: some microsecond
        signing = SigningKey(secret[:32])
        self.put(number, bytes(forged), layout.sign(layout.BATCH_DOMAIN, bytes(forged), signing))
        done = self.server.audit()
        self.checks.check("a batch signed anew is in order for who has nothing to compare",
                          f"batch {number}" not in done.stdout, done.stdout)
        shutil.copy(self.roots, folder)
        (folder / "roots.zbw").chmod(0o644)
        done = self.server.audit("--receipts", folder)
        self.checks.check("the audit names it with a witness's roots", done.returncode == 1 and
                          f"roots.zbw batch {number}: the witnessed root is genuine" in done.stdout,
                          done.stdout)
        kept = self.roots.read_bytes()
        said = self.ran(self.one, "witness", code=1)
        self.checks.check("the witness raises the alarm", f"ALARM: batch {number}" in said and
                          "the history forks" in said, said)
        self.checks.check("and keeps both", self.roots.read_bytes() == kept and self.roots.with_name(
            f"roots.zbw.fork-{number}").exists())
        self.check_split(number)
        self.put(number, bytes.fromhex(header), bytes.fromhex(signature))
        self.ran(self.one, "witness")

    def check_split(self, number):
        """Somebody who was shown the other history from the start."""
        shutil.rmtree(self.other.home)
        other = self.one.copy("other")
        (other.home / "roots.zbw").unlink()
        self.ran(other, "witness")
        said = self.ran(other, "witness", "--compare", self.roots, code=1)
        self.checks.check("two witnesses find the split view", f"ALARM: batch {number}" in said and
                          "different histories" in said, said)

    def put(self, number, header, signature):
        time_us = int.from_bytes(header[25:33], "big")
        self.server.sql(
            f"set session_replication_role = replica; update zhibao.batch set time_us = {time_us},"
            f" header = '\\x{header.hex()}', header_sha256 = sha256('\\x{header.hex()}'),"
            f" signature = '\\x{signature.hex()}' where number = {number}")

    def check_tail(self):
        said = self.ran(self.one, "witness", code=1)
        self.checks.check("a cut tail: the witness raises the alarm",
                          "the server has it no longer" in said, said)
