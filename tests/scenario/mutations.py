"""Mutations of a stored history: one column of one row, drawn uniformly over tables, rows and
columns, or a row removed, each of which an audit must find and name."""

ROWS = ("batch", "report", "report_event", "registry_event")  # records: named by unit, id or batch
# Values that a table's checks allow, where adding to the old one would not be one of them.
OTHERS = {
    ("unit_key", "status"): "case {0} when 'active' then 'pending' else 'active' end",
    ("unit", "role"): "case {0} when 'village' then 'township' else 'village' end",
    ("report_event", "event"): "case {0} when 'accepted' then 'returned' else 'accepted' end",
    ("document_upload", "stage"): "'complete'",
    ("contact", "language"): "case {0} when 'zh' then 'en' else 'zh' end",
}
HASHED = "set_byte({0}, octet_length({0}) / 2, 255 - get_byte({0}, octet_length({0}) / 2))"
ALTERED = {
    "bigint": "{0} + 1", "integer": "{0} + 1", "smallint": "({0} + 1)::smallint",
    "text": "{0} || 'x'", "boolean": "not {0}", "double precision": "{0} + 1", "date": "{0} + 1",
    "bytea": f"case when octet_length({{0}}) > 0 then {HASHED} else '\\x00'::bytea end",
    "ARRAY": "{0}[2:]", "timestamp with time zone": "{0} + interval '1 s'",
}
EMPTY = {"text": "'x'", "bytea": "'\\x00'::bytea", "ARRAY": "'{{1}}'", "date": "'2020-01-01'",
         "boolean": "true"}


class Table:
    def __init__(self, name):
        self.name = name
        self.columns = []  # (name, type)
        self.key = []


def tables(server, unsigned):
    """Every table of the schema with the columns that an audit compares; `unsigned` names those
    it does not, as the audit itself lists them."""
    found = {}
    for table, column, kind, key in server.sql(
            "select c.table_name, c.column_name, c.data_type, exists (select from pg_index i"
            " join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)"
            " where i.indisprimary and a.attname = c.column_name"
            " and i.indrelid = format('zhibao.%I', c.table_name)::regclass)"
            " from information_schema.columns c join information_schema.tables t"
            " using (table_schema, table_name) where t.table_schema = 'zhibao'"
            " and t.table_type = 'BASE TABLE' order by 1, c.ordinal_position"):
        if table in unsigned:
            continue
        entry = found.setdefault(table, Table(table))
        if key == "t":
            entry.key.append(column)
        if f"{table}.{column}" not in unsigned:
            entry.columns.append((column, kind))
    counts = server.sql(" union all ".join(
        f"select '{name}', count(*) from zhibao.{name}" for name in found))
    return [found[name] for name, count in counts if count != "0"]


def unsigned_of(server):
    """What `zhibaod audit --unsigned` lists: tables and table.column. What it compares in part, and
    what it finds in another way than by comparing, is covered."""
    done = server.audit("--unsigned")
    if done.returncode != 0:
        raise RuntimeError(done.stdout + done.stderr)
    lines = [line.split(":")[0] for line in done.stdout.splitlines() if ": " in line]
    return {line.strip() for line in lines if "(" not in line}


class Mutation:
    """One change, done and undone; `finds` says whether an audit's words name it."""

    def __init__(self, server, table, generator):
        self.server, self.table = server, table
        self.row = generator.choice(server.sql(
            f"select ctid from zhibao.{table.name} order by ctid"))[0]
        self.column, self.kind = generator.choice(table.columns)
        self.removes = generator.random() < 0.1
        self.was = self.identity()

    def identity(self):
        """The row's key as the audit writes it, and for a record its place in the chain."""
        key = "||' '||".join(f"'{name}='||coalesce({name}::text, '')" for name in self.table.key)
        place = {"batch": "number::text", "document_chunk": "encode(sha256, 'hex')"}.get(
            self.table.name, "batch||'/'||leaf||'/'||encode(id, 'hex')"
            if self.table.name in ROWS else "''")
        rows = self.server.sql(f"select {key}, {place} from zhibao.{self.table.name}"
                               f" where ctid = '{self.row}'")
        return [text.replace("\\x", "") for text in rows[0]] if rows else ["", ""]

    def statement(self):
        name = f"zhibao.{self.table.name}"
        if self.removes:
            return f"delete from {name} where ctid = '{self.row}'"
        other = OTHERS.get((self.table.name, self.column), ALTERED[self.kind])
        empty = EMPTY.get(self.kind, "1")
        overriding = other.format(self.column)
        return (f"update {name} set {self.column} = case when {self.column} is null then {empty}"
                f" else {overriding} end where ctid = '{self.row}'")

    def __str__(self):
        what = "removed" if self.removes else self.column
        return f"{self.table.name} ({self.was[0]}): {what}"
