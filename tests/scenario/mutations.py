"""Mutations of a stored history: one column of one row, or the row itself, drawn uniformly over
tables, rows and columns. Each is done, and has to be named by an audit, and undone."""

import collections

RECORDS = ("report", "report_event", "registry_event")  # what all the rest is made from
REMOVED = "(the row)"
TOGETHER = 25
# Values that a table's own checks allow, where another than the old one has to be chosen.
OTHERS = {
    ("unit_key", "status"): "case {0} when 'active' then 'pending' else 'active' end",
    ("unit_key", "office"): "case {0} when '' then 'filler' else '' end",
    ("unit", "role"): "case {0} when 'village' then 'township' else 'village' end",
    ("report_event", "event"): "case {0} when 'accepted' then 'returned' else 'accepted' end",
    ("document_upload", "stage"): "'complete'",
    ("contact", "language"): "case {0} when 'zh' then 'en' else 'zh' end",
    ("calendar_entry", "level"): "3 - {0}", ("extension", "level"): "3 - {0}",
    ("cutoff_default", "level"): "3 - {0}",
    ("place_change", "begins"): "(select array_agg(1 - b) from unnest({0}) b)",
    ("place_change", "change"): "({0} % 3 + 1)::smallint",
    ("task_event", "action"): "({0} % 4 + 1)::smallint",
    ("case_read", "purpose"): "({0} % 5 + 1)::smallint",
    ("case_event", "action"): "({0} % 15 + 1)::smallint",
    ("case_event", "actor"): "({0} % 6 + 1)::smallint",
    ("case_event", "state"): "({0} % 8 + 1)::smallint",
    ("case_recipient", "role"): "({0} % 5 + 1)::smallint",
    ("batch", "leaves"): "set_byte({0}, 3, 255 - get_byte({0}, 3))",
}
ALTERED = {
    "bigint": "{0} + 1", "integer": "{0} + 1", "smallint": "({0} + 1)::smallint",
    "text": "{0} || 'x'", "boolean": "not {0}", "double precision": "{0} + 1",
    "date": "({0} + 1)",
    "bytea": "case when octet_length({0}) = 0 then '\\x00'::bytea else set_byte({0},"
             " octet_length({0}) / 2, 255 - get_byte({0}, octet_length({0}) / 2)) end",
    "ARRAY": "array_append({0}, {0}[1])",
}
GIVEN = {"text": "'x'", "bytea": "'\\x00112233445566778899aabbccddeeff'::bytea",
         "date": "date '2020-01-01'", "boolean": "true"}  # where nothing stood

Table = collections.namedtuple("Table", "name columns key")
Mutation = collections.namedtuple("Mutation", "table column statement names")


def unsigned(server):
    """Tables and table.column that the audit says are not compared; what it judges in another way
    or in part is."""
    done = server.audit("--unsigned")
    if done.returncode != 0:
        raise RuntimeError(done.stdout + done.stderr)
    names = {line.split(":")[0] for line in done.stdout.splitlines()}
    return {name for name in names if "(" not in name}


def tables(server):
    """Every table with rows, with the columns that are compared."""
    left_out, columns, keys = unsigned(server), {}, {}
    for table, column, kind, key in server.sql(
            "select c.table_name, c.column_name, c.data_type, exists (select from pg_index i"
            " join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)"
            " where i.indisprimary and a.attname = c.column_name"
            " and i.indrelid = format('zhibao.%I', c.table_name)::regclass)"
            " from information_schema.columns c join information_schema.tables t"
            " using (table_schema, table_name) where t.table_schema = 'zhibao'"
            " and t.table_type = 'BASE TABLE' order by c.table_name, c.ordinal_position"):
        if table in left_out:
            continue
        if key == "t":
            keys.setdefault(table, []).append(column)
        if f"{table}.{column}" not in left_out:
            columns.setdefault(table, []).append((column, kind))
    counts = server.sql(" union all ".join(
        f"select '{name}', count(*) from zhibao.{name}" for name in columns))
    return [Table(name, columns[name], keys[name]) for name, count in sorted(counts)
            if count != "0"]


def how_named(server, table, row):
    """What an audit may call the row: by its key; a record also by its place in the chain or its
    id; a batch by its number or as the one before the next."""
    key = " || ' ' || ".join(f"'{column}=' || {column}::text" for column in table.key)
    more = {"batch": "number::text, ''", "document_chunk": "encode(sha256, 'hex'), ''"}.get(
        table.name, "batch || ' ' || leaf + 1, encode(id, 'hex')" if table.name in RECORDS
        else "'', ''")
    found, place, identity = server.sql(
        f"select {key}, {more} from zhibao.{table.name} where ctid = '{row}'")[0]
    names = [f"{table.name} {found}"]
    if table.name in RECORDS:
        batch, number = place.split()
        names += [f"id {identity}", f"batch {batch} number {number}"]
    elif table.name == "batch":
        names += [f"batch {place}", f"batch {int(place) + 1}:"]
    elif table.name == "document_chunk":
        names = [f"sha256={place}"]
    return names


def draw(server, table, generator):
    """One mutation of a row of the table; columns and the row itself are equally likely."""
    row = generator.choice(server.sql(f"select ctid from zhibao.{table.name} order by ctid"))[0]
    column, kind = generator.choice([*table.columns, (REMOVED, "")])
    name = f"zhibao.{table.name}"
    if column == REMOVED:
        statement = f"delete from {name} where ctid = '{row}'"
    else:
        other = OTHERS.get((table.name, column), ALTERED[kind]).format(column)
        given = GIVEN.get(kind, "1")
        statement = (f"update {name} set {column} = case when {column} is null then {given}"
                     f" else {other} end where ctid = '{row}'")
    return Mutation(table, column, statement, how_named(server, table, row))


def apply(server, mutation):
    """False when the database itself refuses it, its triggers and foreign keys apart."""
    name = mutation.table.name
    try:
        server.sql(f"begin; set local session_replication_role = replica;"
                   f" create table if not exists public.kept_{name} as"
                   f" select * from zhibao.{name}; {mutation.statement}; commit")
        return True
    except RuntimeError:
        return False


def undo(server, done):
    for name in {mutation.table.name for mutation in done}:
        server.sql(f"begin; set local session_replication_role = replica; delete from zhibao.{name};"
                   f" insert into zhibao.{name} overriding system value"
                   f" select * from public.kept_{name}; drop table public.kept_{name}; commit")


def missed(server, done):
    """Of mutations that have been done those that an audit does not name."""
    audit = server.audit()
    lines = audit.stdout.splitlines()
    return [f"{one.table.name}.{one.column} {one.names[0]}: exit {audit.returncode}"
            for one in done if audit.returncode != 1
            or not any(name in line for name in one.names for line in lines)]


def rounds(server, generator, count):
    """Draws `count` mutations, tables uniformly; yields them in sets that one audit can judge:
    of a record or batch, which all the rest is made from, one alone; of others many, each of
    another row."""
    every, waiting = tables(server), {}
    for _ in range(count):
        mutation = draw(server, generator.choice(every), generator)
        if mutation.table.name in (*RECORDS, "batch"):
            yield [mutation]
        else:
            waiting.setdefault(mutation.names[0], mutation)
        if len(waiting) == TOGETHER:
            yield list(waiting.values())
            waiting.clear()
    if waiting:
        yield list(waiting.values())
