"""`zhibaod audit`: a history with every kind of event is in order; each alteration of what was
stored is found and its table named; a restored old day is found by the receipts that units hold."""

import os
import random

import harness
import mutations
from audit_history import History
from harness import Server
from witnesses import Witnesses

ALL = "ZHIBAO_AUDIT_ALL" in os.environ  # a thousand mutations; else as many as this
SAMPLE, WHOLE = 6, 1000
SEEN = ("report", "report_event", "registry_event", "unit_key", "indicator", "target", "task_event",
        "document", "document_chunk", "calendar_entry", "extension", "contact", "carrier",
        "place_change", "explanation", "comment_event", "case_report", "case_event", "case_read", "confirmation_item")


def change(server, statement):
    """False when the database itself refuses it."""
    try:
        server.sql(f"set session_replication_role = replica; {statement}")
        return True
    except RuntimeError:
        return False


def check_mutations(checks, server, generator, count):
    """Each found and named; drawn over all tables that have rows."""
    found, refused, missed = 0, 0, []
    while found < count and len(missed) < 5:
        for drawn in mutations.rounds(server, generator, count - found):
            done = [one for one in drawn if mutations.apply(server, one)]
            refused += len(drawn) - len(done)
            unseen = mutations.missed(server, done) if done else []
            mutations.undo(server, done)
            found += len(done) - len(unseen)
            missed += unseen
            if ALL:
                print(f"{found} found, {refused} refused by the database", flush=True)
    checks.equal(f"{found} mutations are named; none is missed", missed, [])


def check_tables(checks, server):
    """The history has something in every table that is worth a mutation."""
    names = {table.name for table in mutations.tables(server)}
    checks.equal("tables without a row", sorted(set(SEEN) - names), [])


def check_exchange(checks, server):
    """Two reports exchanged."""
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


def check_directories(checks, workplace, server, directory):
    """A mistyped and an empty directory; a receipt with one bit changed; how things are named."""
    done = server.audit("--receipts", "mistyped")
    checks.check("a directory that is not there is named", done.returncode == 1 and
                 "mistyped" in done.stdout, done.stdout)
    other = workplace.path / "altered"
    other.mkdir()
    other.chmod(0o755)
    done = server.audit("--receipts", other)
    checks.check("a directory without receipts is no clean bill", done.returncode == 1 and
                 "no *.zbr or *.zbw" in done.stdout and "nothing was" not in done.stdout, done.stdout)
    receipt = bytearray((directory / "0.zbr").read_bytes())
    receipt[-1] ^= 1
    (other / "0.zbr").write_bytes(receipt)
    change(server, "create table public.kept as select * from zhibao.batch where number = 1;"
           " update zhibao.batch set signature = set_byte(signature, 3,"
           " 255 - get_byte(signature, 3)) where number = 1")
    change(server, "create table public.gone as select * from zhibao.registry_event;"
           " delete from zhibao.registry_event where batch = 1 and leaf = 0")
    done = server.audit("--receipts", other)
    checks.check("a changed bit: another server's receipt, or altered", done.returncode == 1 and
                 "another server's receipt, or altered" in done.stdout, done.stdout)
    checks.check("a batch is named once", "batch 1: its signature" in done.stdout and
                 "batch batch" not in done.stdout, done.stdout)
    checks.check("people count from 1", "batch 1 number 1" in done.stdout and
                 "number 0" not in done.stdout, done.stdout)
    change(server, "update zhibao.batch b set signature = k.signature from public.kept k"
           " where b.number = 1; drop table public.kept; delete from zhibao.registry_event;"
           " insert into zhibao.registry_event select * from public.gone; drop table public.gone")


def check_tail(checks, server, directory):
    """Without its last batches the history is in order in itself; only receipts tell."""
    last = int(server.sql("select max(number) from zhibao.batch")[0][0])
    for table in ("report", "report_event", "registry_event", "batch"):
        column = "number" if table == "batch" else "batch"
        change(server, f"delete from zhibao.{table} where {column} = {last}")
    done = server.audit("--receipts", directory)
    lines = done.stdout.splitlines()
    checks.equal("without its last batch the rest of the chain is in order", [
        line for line in lines if line.startswith("batch") or "batch's tree" in line], [])
    checks.check("a receipt of the lost batch reveals it",
                 done.returncode == 1 and "old backup was restored" in done.stdout, done.stdout)


def write_receipts(workplace, history):
    directory = workplace.path / "receipts"
    directory.mkdir()
    directory.chmod(0o755)
    for number, receipt in enumerate(history.receipts):
        (directory / f"{number}.zbr").write_bytes(receipt)
    return directory


def scenario(checks, workplace):
    seed = int(os.environ.get("ZHIBAO_FAULT_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"seed {seed}", flush=True)
    server = Server(workplace).start()
    history = History(checks, server)
    history.make()
    seen = Witnesses(checks, workplace, server, history.district)
    seen.check_calm()
    directory = write_receipts(workplace, history)
    check_tables(checks, server)
    check_mutations(checks, server, random.Random(seed), WHOLE if ALL else SAMPLE)
    check_exchange(checks, server)
    check_directories(checks, workplace, server, directory)
    done = server.audit("--receipts", directory.relative_to(workplace.path))
    checks.check("put right, nothing is found, and all receipts are of this history",
                 done.returncode == 0 and "nothing was altered" in done.stdout and
                 f"{len(history.receipts)} receipts" in done.stdout, done.stdout + done.stderr)
    seen.check_fork(directory)
    check_tail(checks, server, directory)
    seen.check_tail()
    server.altered = True
    history.close()


if __name__ == "__main__":
    harness.run(scenario)
