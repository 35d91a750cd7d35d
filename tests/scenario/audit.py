"""`zhibaod audit`: a history with every kind of event is in order; each alteration of what was
stored is found and its table named; a restored old day is found by the receipts that units hold."""

import os
import random
import time

import comments
import harness
import layout
import plandata
from client import pb
from harness import District, Server
from round import confirmation_of, review_of

VILLAGES = plandata.villages()[:4]
TOWNSHIP = plandata.own_unit(plandata.TOWNSHIP)
WITHIN_S = 60
AUDITED = ("batch", "report", "report_event", "registry_event", "unit_key", "confirmation_item",
           "comment_event")
ALL = "ZHIBAO_AUDIT_ALL" in os.environ  # every column; else as many as this, drawn anew each time
SAMPLE = 12
# What nobody signed: over whose connection a record came, and the order of incremental reloads.
NOT_SIGNED = {("report", "carrier"), ("report_event", "carrier"), ("registry_event", "carrier"),
              ("unit_key", "changed")}
ALTERED = {
    "bigint": "{0} + 1", "integer": "{0} + 1", "smallint": "({0} + 1)::smallint",
    "text": "{0} || 'x'", "boolean": "not {0}",
    "bytea": "set_byte({0}, octet_length({0}) / 2, 255 - get_byte({0}, octet_length({0}) / 2))",
    "ARRAY": "{0}[2:]",
}


class History:
    """Reports accepted, returned, forged and confirmed; a key revoked, a period locked."""

    def __init__(self, checks, server):
        self.checks, self.server = checks, server
        self.district = District(server)
        self.receipts = []
        self.villages = [self.district.client(plandata.own_unit(place)) for place in VILLAGES]
        self.township = self.district.client(TOWNSHIP)
        self.statistics = self.district.client(plandata.department("statistics"))

    def store(self, client, kind, payload):
        """Waits where a signature has to be checked first."""
        record = client.unit.record(kind, payload)
        end = time.monotonic() + WITHIN_S
        answer = client.submit(record)
        while answer.name == "E_NOT_CHECKED" and time.monotonic() < end:
            time.sleep(answer.body.retry_after_ms / 1000)
            answer = client.submit(record)
        self.receipts.append(client.must("KIND_RECEIPT", answer).receipt)

    def make(self):
        reports = []
        for village in self.villages:
            reports.append(harness.report(village.unit))
            self.store(village, layout.REPORT, reports[-1])
        forged = harness.report(self.villages[3].unit, period=2024)
        record = self.villages[3].unit.record(layout.REPORT, forged)
        record.signature = bytes(64)
        self.receipts.append(self.villages[3].must("KIND_RECEIPT",
                                                   self.villages[3].submit(record)).receipt)
        for report in reports[:2]:
            self.store(self.township, layout.REVIEW,
                       review_of(self.township, report, pb().VERDICT_ACCEPT))
        self.store(self.township, layout.REVIEW,
                   review_of(self.township, reports[2], pb().VERDICT_RETURN, "户数多写了一个零"))
        total = self.township.must("KIND_TOTAL_REPLY", self.township.ask(
            pb().KIND_TOTAL, pb().GetTotal(form="village", period=plandata.PERIOD)))
        self.store(self.township, layout.CONFIRMATION, confirmation_of(self.township, total))
        self.district.change_key(pb().KEY_REVOKE, self.villages[2].unit.number,
                                 self.villages[2].unit.key, reason="手机遗失")
        self.store(self.statistics, layout.LOCK, pb().Lock(
            head=self.statistics.unit.head(), plan=plandata.PLAN, place=plandata.DISTRICT,
            period=plandata.PERIOD))
        self.comment()
        end = time.monotonic() + WITHIN_S
        while self.server.sql("select count(*) from zhibao.report_event"
                              " where event = 'bad_signature'") != [["1"]]:
            if time.monotonic() > end:
                raise RuntimeError("the forged report was not found out")
            time.sleep(0.05)

    def comment(self):
        """One on a village's figure, answered."""
        village = self.villages[0]
        opened = comments.on_cell(self.township, village.unit, "多了两户？")
        self.store(self.township, layout.COMMENT, opened)
        self.store(village, layout.COMMENT, comments.later(
            village, comments.reference(self.township.unit, opened), pb().COMMENT_ANSWER, "已核对"))


def columns(server):
    return [(table, column, kind) for table, column, kind in server.sql(
        "select table_name, column_name, data_type from information_schema.columns"
        f" where table_schema = 'zhibao' and table_name in ({', '.join(map(repr, AUDITED))})"
        " order by 1, 2") if (table, column) not in NOT_SIGNED]


def change(server, statement):
    """False when the database itself refuses it."""
    try:
        server.sql(f"set session_replication_role = replica; {statement}")
        return True
    except RuntimeError:
        return False


def check_alterations(checks, server, generator):
    """One column of one row after the other."""
    found, refused, missed = 0, 0, []
    chosen = columns(server)
    if not ALL:
        chosen = generator.sample(chosen, SAMPLE)
    for table, column, kind in chosen:
        rows = [ctid for ctid, in server.sql(
            f"select ctid from zhibao.{table} where {column} is not null order by ctid")]
        if not rows or kind not in ALTERED:
            missed += [] if not rows else [f"{table}.{column}: {kind}"]
            continue
        server.sql(f"create table public.kept as select * from zhibao.{table}")
        if change(server, f"update zhibao.{table} set {column} ="
                  f" {ALTERED[kind].format(column)} where ctid = '{generator.choice(rows)}'"):
            done = server.audit()
            if done.returncode == 1 and table in done.stdout:
                found += 1
            else:
                missed.append(f"{table}.{column}: exit {done.returncode} {done.stdout}")
            change(server, f"delete from zhibao.{table};"
                   f" insert into zhibao.{table} select * from public.kept")
        else:
            refused += 1
        server.sql("drop table public.kept")
    print(f"alterations found {found}, refused by the database {refused}", flush=True)
    checks.equal("every altered column is found", missed, [])
    checks.check("most of the drawn columns could be altered", found > len(chosen) / 2, found)


def check_rows(checks, server, generator):
    """Rows removed and exchanged."""
    for table in AUDITED:
        row = generator.choice(server.sql(f"select ctid from zhibao.{table} order by ctid"))[0]
        server.sql(f"create table public.kept as select * from zhibao.{table}")
        if not change(server, f"delete from zhibao.{table} where ctid = '{row}'"):
            raise RuntimeError(f"could not remove a row of {table}")
        done = server.audit()
        checks.check(f"{table}: a row removed is found", done.returncode == 1 and
                     ("missing" in done.stdout or table in done.stdout), done.stdout)
        change(server, f"delete from zhibao.{table};"
               f" insert into zhibao.{table} select * from public.kept; drop table public.kept")
    swap = ("update zhibao.report r set batch = o.batch, leaf = o.leaf from (select a.id as own,"
            " b.batch, b.leaf from zhibao.report a, zhibao.report b where (a.batch, a.leaf) <>"
            " (b.batch, b.leaf) and a.id in (select id from zhibao.report order by batch, leaf"
            " limit 2) and b.id in (select id from zhibao.report order by batch, leaf limit 2)) o"
            " where r.id = o.own")
    change(server, swap)
    done = server.audit()
    checks.check("two reports exchanged are found",
                 done.returncode == 1 and done.stdout.count("altered") >= 2, done.stdout)
    change(server, swap)
    checks.equal("put right, nothing is found", server.audit().returncode, 0)


def name_directories(checks, workplace, server, directory):
    """A relative, a mistyped and an empty directory; a receipt with one bit changed."""
    done = server.audit("--receipts", directory.relative_to(workplace.path))
    checks.check("a relative directory is read", done.returncode == 0, done.stdout + done.stderr)
    done = server.audit("--receipts", "mistyped")
    checks.check("a directory that is not there is named", done.returncode == 1 and
                 "mistyped" in done.stdout, done.stdout)
    other = workplace.path / "altered"
    other.mkdir()
    other.chmod(0o755)
    done = server.audit("--receipts", other)
    checks.check("a directory without receipts is no clean bill", done.returncode == 1 and
                 "no *.zbr" in done.stdout and "nothing was" not in done.stdout, done.stdout)
    receipt = bytearray((directory / "0.zbr").read_bytes())
    receipt[-1] ^= 1
    (other / "0.zbr").write_bytes(receipt)
    done = server.audit("--receipts", other)
    checks.check("a changed bit: another server's receipt, or altered", done.returncode == 1 and
                 "another server's receipt, or altered" in done.stdout, done.stdout)
    change(server, "update zhibao.batch set signature = set_byte(signature, 3,"
           " 255 - get_byte(signature, 3)) where number = 1")
    done = server.audit()
    checks.check("a batch is named once", "batch 1: its signature" in done.stdout and
                 "batch batch" not in done.stdout, done.stdout)
    change(server, "update zhibao.batch set signature = set_byte(signature, 3,"
           " 255 - get_byte(signature, 3)) where number = 1")
    server.sql("create table public.kept as select * from zhibao.registry_event")
    change(server, "delete from zhibao.registry_event where batch = 1 and leaf = 0")
    done = server.audit()
    checks.check("people count from 1", "batch 1 number 1" in done.stdout and
                 "number 0" not in done.stdout, done.stdout)
    change(server, "delete from zhibao.registry_event; insert into zhibao.registry_event"
           " select * from public.kept; drop table public.kept")


def check_witnesses(checks, workplace, server, history):
    """An old day of the database is in order in itself; only the receipts tell."""
    directory = workplace.path / "receipts"
    directory.mkdir()
    directory.chmod(0o755)
    for number, receipt in enumerate(history.receipts):
        (directory / f"{number}.zbr").write_bytes(receipt)
    done = server.audit("--receipts", directory)
    checks.check("all receipts are of this history",
                 done.returncode == 0 and f"{len(history.receipts)} receipts" in done.stdout,
                 done.stdout)
    name_directories(checks, workplace, server, directory)
    last = server.sql("select max(number) from zhibao.batch")[0][0]
    for table in ("report", "report_event", "registry_event", "batch"):
        column = "number" if table == "batch" else "batch"
        change(server, f"delete from zhibao.{table} where {column} = {last}")
    alone, done = server.audit(), server.audit("--receipts", directory)
    checks.check("without its last batch the rest is in order by itself",
                 "backup" not in alone.stdout and "batch's tree" not in alone.stdout, alone.stdout)
    checks.check("a receipt of the lost batch reveals it",
                 done.returncode == 1 and "old backup was restored" in done.stdout, done.stdout)


def scenario(checks, workplace):
    seed = int(os.environ.get("ZHIBAO_FAULT_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"seed {seed}", flush=True)
    server = Server(workplace).start()
    history = History(checks, server)
    history.make()
    done = server.audit()
    checks.check("the audit finds nothing", done.returncode == 0 and "nothing was altered" in
                 done.stdout, done.stdout + done.stderr)
    done = server.audit(lang="zh")
    checks.check("and says so in Chinese", "没有发现改动" in done.stdout, done.stdout)
    generator = random.Random(seed)
    check_alterations(checks, server, generator)
    check_rows(checks, server, generator)
    check_witnesses(checks, workplace, server, history)
    for client in (*history.villages, history.township, history.statistics,
                   history.district.root):
        client.close()


if __name__ == "__main__":
    harness.run(scenario)
