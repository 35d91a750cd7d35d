#include "server/audit/compare.h"

#include <string.h>

#include "server/audit/covered.h"

enum { COLUMNS_MAX = 60, NAME_BYTES = 64 };

/* One table, as the schema of the empty database has it. Texts in the arena. */
struct table {
    const char *name;
    const char *sql;
    const char *columns[COLUMNS_MAX]; /* those of the primary key first */
    int count, keys;
};

/* One side's rows, in order of the key's text. */
struct side {
    struct db *db;
    PGresult *rows;
    int row;
};

static enum status side_fetch(struct side *side)
{
    PQclear(side->rows);
    side->rows = NULL;
    side->row = 0;
    return db_run(side->db, "fetch 500 from compared", NULL, &side->rows);
}

static enum status side_open(struct side *side, const char *sql)
{
    enum status status = db_exec(side->db, sql, NULL);
    return status == STATUS_OK ? side_fetch(side) : status;
}

static enum status side_close(struct side *side)
{
    PQclear(side->rows);
    side->rows = NULL;
    return db_exec(side->db, "close compared", NULL);
}

static bool side_ended(const struct side *side)
{
    return PQntuples(side->rows) == 0;
}

static enum status side_next(struct side *side)
{
    return ++side->row < PQntuples(side->rows) ? STATUS_OK : side_fetch(side);
}

static int keys_compare(const struct table *table, const struct side *left,
                        const struct side *right)
{
    for (int i = 0; i < table->keys; i++) {
        int order = strcmp(db_text(left->rows, left->row, i), db_text(right->rows, right->row, i));
        if (order != 0)
            return order;
    }
    return 0;
}

static bool field_same(const struct side *left, const struct side *right, int column)
{
    return PQgetisnull(left->rows, left->row, column) ==
               PQgetisnull(right->rows, right->row, column) &&
           strcmp(db_text(left->rows, left->row, column),
                  db_text(right->rows, right->row, column)) == 0;
}

/* "unit_key key_id=00ff": the row by its key. */
static void row_find(struct audit *audit, const struct table *table, const struct side *side,
                     const char *zh, const char *en)
{
    audit->findings++;
    fprintf(audit->out, "%s", table->name);
    for (int i = 0; i < table->keys; i++)
        fprintf(audit->out, " %s=%s", table->columns[i], db_text(side->rows, side->row, i));
    fprintf(audit->out, audit->language == LANGUAGE_ZH ? "：%s\n" : ": %s\n",
            audit->language == LANGUAGE_ZH ? zh : en);
}

static enum status columns_compare(struct audit *audit, const struct table *table,
                                   const struct side *stored, const struct side *made)
{
    const char *names = NULL;
    for (int i = table->keys; i < table->count; i++)
        if (!field_same(stored, made, i)) {
            names = names == NULL ? table->columns[i]
                                  : arena_printf(audit->arena, "%s, %s", names, table->columns[i]);
            if (names == NULL)
                return STATUS_NO_MEMORY;
        }
    if (names == NULL)
        return STATUS_OK;
    const char *zh = arena_printf(audit->arena, "%s 与签名的材料不符", names);
    const char *en = arena_printf(audit->arena, "%s: not what the signed records say", names);
    if (zh == NULL || en == NULL)
        return STATUS_NO_MEMORY;
    row_find(audit, table, stored, zh, en);
    return STATUS_OK;
}

static enum status rows_compare(struct audit *audit, const struct table *table, struct side *stored,
                                struct side *made)
{
    enum status status = STATUS_OK;
    while (status == STATUS_OK && (!side_ended(stored) || !side_ended(made))) {
        int order = side_ended(stored) ? 1
                    : side_ended(made) ? -1
                                       : keys_compare(table, stored, made);
        if (order < 0)
            row_find(audit, table, stored, "没有签名的材料说有这一行", "no signed record makes it");
        else if (order > 0)
            row_find(audit, table, made, "这一行不见了", "is missing");
        else
            status = columns_compare(audit, table, stored, made);
        if (status == STATUS_OK && order <= 0)
            status = side_next(stored);
        if (status == STATUS_OK && order >= 0)
            status = side_next(made);
    }
    return status;
}

static enum status table_compare(struct audit *audit, const struct table *table, struct db *db)
{
    struct side stored = {.db = audit->db}, made = {.db = db};
    enum status status = side_open(&stored, table->sql);
    if (status == STATUS_OK)
        status = side_open(&made, table->sql);
    if (status == STATUS_OK)
        status = rows_compare(audit, table, &stored, &made);
    enum status closed = status == STATUS_OK ? side_close(&stored) : status;
    if (closed == STATUS_OK)
        closed = side_close(&made);
    PQclear(stored.rows);
    PQclear(made.rows);
    return closed;
}

/* Every column as text; of bytes their hash, but for those of a key. */
static const char *column_text(struct arena *arena, const char *name, const char *type, bool key)
{
    if (key)
        return arena_printf(arena, "%s::text collate \"C\"", name);
    return arena_printf(
        arena, strcmp(type, "bytea") == 0 ? "encode(sha256(%s), 'hex')" : "%s::text", name);
}

static enum status table_end(struct audit *audit, struct table *table, const char *fields)
{
    const struct covered_rule *rule = covered_rule(table->name, NULL);
    const char *order = "1";
    for (int i = 1; i < table->keys && order != NULL; i++)
        order = arena_printf(audit->arena, "%s, %d", order, i + 1);
    table->sql = order == NULL
                     ? NULL
                     : arena_printf(audit->arena,
                                    "declare compared no scroll cursor for select %s from"
                                    " zhibao.%s t where %s order by %s",
                                    fields, table->name, rule == NULL ? "true" : rule->only, order);
    return table->sql == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

/* What is compared of the table whose first row (of name, column, type, key) this is; *row is then
 * that of the next one. */
static enum status table_read(struct audit *audit, const PGresult *rows, int *row,
                              struct table *out_table)
{
    const char *fields = NULL;
    memset(out_table, 0, sizeof *out_table);
    out_table->name = arena_string(audit->arena, db_text(rows, *row, 0));
    if (out_table->name == NULL)
        return STATUS_NO_MEMORY;
    for (; *row < PQntuples(rows) && strcmp(db_text(rows, *row, 0), out_table->name) == 0; ++*row) {
        bool key = db_bool(rows, *row, 3);
        const char *name = arena_string(audit->arena, db_text(rows, *row, 1));
        if (name != NULL && !key && covered_rule(out_table->name, name) != NULL)
            continue;
        const char *text =
            name == NULL ? NULL : column_text(audit->arena, name, db_text(rows, *row, 2), key);
        if (text == NULL || out_table->count == COLUMNS_MAX)
            return STATUS_NO_MEMORY;
        fields = fields == NULL ? text : arena_printf(audit->arena, "%s, %s", fields, text);
        if (fields == NULL)
            return STATUS_NO_MEMORY;
        out_table->columns[out_table->count++] = name;
        out_table->keys += key;
    }
    return table_end(audit, out_table, fields);
}

static bool is_compared(const char *name)
{
    const struct covered_rule *rule = covered_rule(name, NULL);
    return rule == NULL || rule->only != NULL;
}

static enum status tables_compare(struct audit *audit, struct db *made, const PGresult *rows)
{
    enum status status = STATUS_OK;
    for (int row = 0; row < PQntuples(rows) && status == STATUS_OK;) {
        struct table table;
        arena_reset(audit->arena);
        status = table_read(audit, rows, &row, &table);
        if (status == STATUS_OK && is_compared(table.name))
            status = table_compare(audit, &table, made);
    }
    return status;
}

enum status audit_compare(struct audit *audit, struct db *made)
{
    PGresult *rows = NULL;
    enum status status = db_exec(made, "begin", NULL);
    if (status == STATUS_OK)
        status = db_run(made,
                        "select c.relname::text, a.attname::text, t.typname::text,"
                        " coalesce(a.attnum = any (i.indkey::smallint[]), false) as is_key"
                        " from pg_class c join pg_attribute a on a.attrelid = c.oid"
                        " join pg_type t on t.oid = a.atttypid"
                        " left join pg_index i on i.indrelid = c.oid and i.indisprimary"
                        " where c.relnamespace = 'zhibao'::regnamespace and c.relkind in ('r', 'p')"
                        " and a.attnum > 0 and not a.attisdropped"
                        " order by c.relname, is_key desc, a.attnum",
                        NULL, &rows);
    if (status == STATUS_OK)
        status = tables_compare(audit, made, rows);
    PQclear(rows);
    return status;
}

static void chunk_find(struct audit *audit, const PGresult *rows, int row, const char *zh,
                       const char *en)
{
    audit->findings++;
    fprintf(audit->out, "document_chunk unit=%s sha256=%s", db_text(rows, row, 0),
            db_text(rows, row, 1));
    fprintf(audit->out, audit->language == LANGUAGE_ZH ? "：%s\n" : ": %s\n",
            audit->language == LANGUAGE_ZH ? zh : en);
}

/* The whole is hashed where it lies: one document is in memory at a time there, none here. */
enum status audit_contents(struct audit *audit)
{
    PGresult *rows = NULL;
    enum status status =
        db_run(audit->db,
               "select d.unit::text, encode(d.sha256, 'hex'),"
               " coalesce(sum(octet_length(c.content)), 0) = max(d.size)"
               "  and sha256(string_agg(c.content, ''::bytea order by c.chunk)) = d.sha256"
               "  and bool_and(c.chunk_sha256 = sha256(c.content))"
               "  and min(c.chunk) = 0 and max(c.chunk) = count(*) - 1"
               " from (select district, unit, sha256, max(size) as size from zhibao.document"
               "  group by 1, 2, 3) d left join zhibao.document_chunk c using (district, unit,"
               " sha256) group by d.district, d.unit, d.sha256 order by 1, 2",
               NULL, &rows);
    for (int row = 0; status == STATUS_OK && row < PQntuples(rows); row++)
        if (!db_bool(rows, row, 2)) /* null: there is none */
            chunk_find(audit, rows, row, "文件内容与签名的摘要不符",
                       "the document's content is not what its signed hash says");
    PQclear(rows);
    rows = NULL;
    if (status == STATUS_OK)
        status = db_run(audit->db,
                        "select distinct c.unit::text, encode(c.sha256, 'hex')"
                        " from zhibao.document_chunk c where not exists (select from"
                        " zhibao.document_upload u where u.district = c.district"
                        " and u.unit = c.unit and u.sha256 = c.sha256) order by 1, 2",
                        NULL, &rows);
    for (int row = 0; status == STATUS_OK && row < PQntuples(rows); row++)
        chunk_find(audit, rows, row, "不属于任何文件", "belongs to no document");
    PQclear(rows);
    return status;
}
