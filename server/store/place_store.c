#include "server/store/place_store.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "server/store/query_array.h"

enum { DATE_BYTES = 16 };

static size_t places_read(const PGresult *result, int row, int column, uint64_t *out_places)
{
    struct array_reader reader;
    size_t count = 0;
    array_open(&reader, result, row, column);
    while (reader.count > 0 && count < PLACES_IN_CHANGE_MAX)
        out_places[count++] = (uint64_t)array_next_int(&reader);
    return reader.bad ? 0 : count;
}

static bool change_read(const PGresult *result, int row, struct place_change *out_change)
{
    uint64_t begins[PLACES_IN_CHANGE_MAX];
    struct place_change *change = out_change;
    memset(change, 0, sizeof *change);
    change->kind = (enum place_change_kind)db_int(result, row, 0);
    change->date = (int)db_int(result, row, 1);
    change->from_count = places_read(result, row, 2, change->from);
    change->to_count = places_read(result, row, 3, change->to);
    size_t flags = places_read(result, row, 4, begins);
    for (size_t i = 0; i < flags; i++)
        change->begins[i] = begins[i] != 0;
    return change->from_count > 0 && change->to_count > 0 && flags == change->to_count;
}

enum status place_store_history(struct db *db, struct place_history **out_history)
{
    PGresult *result = NULL;
    enum status status = db_run(db,
                                "select c.change, to_char(c.valid_from, 'YYYYMMDD')::bigint,"
                                " c.places, c.successors, c.begins from zhibao.place_change c"
                                " order by c.valid_from, c.changed",
                                NULL, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct place_change *changes = calloc(count + 1, sizeof *changes);
    if (changes == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        if (!change_read(result, (int)i, &changes[i]))
            status = STATUS_MISMATCH;
    if (status == STATUS_OK)
        status = place_history_create(changes, count, out_history);
    free(changes);
    PQclear(result);
    return status;
}

static void add_places(struct db_params *params, struct arena *arena, const uint64_t *places,
                       size_t count)
{
    int64_t *numbers = arena_array(arena, count, sizeof *numbers);
    if (numbers == NULL) {
        params->failed = true;
        return;
    }
    for (size_t i = 0; i < count; i++)
        numbers[i] = (int64_t)places[i];
    db_add_ints(params, numbers, count);
}

enum status place_store_spans(struct db *db, struct arena *arena, const struct place_change *change,
                              struct place_span **out_spans, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    add_places(&params, arena, change->from, change->from_count);
    add_places(&params, arena, change->to, change->to_count);
    enum status status =
        db_run(db,
               "select p.place, to_char(min(p.valid_from), 'YYYYMMDD')::bigint,"
               " case when bool_or(p.valid_to is null) then 0"
               "  else to_char(max(p.valid_to), 'YYYYMMDD')::bigint end"
               " from zhibao.place p where p.place = any ($1::bigint[] || $2::bigint[])"
               " group by p.place",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct place_span *spans = arena_array(arena, count, sizeof *spans);
    for (size_t i = 0; i < count && spans != NULL; i++)
        spans[i] = (struct place_span){.place = (uint64_t)db_int(result, (int)i, 0),
                                       .from = (int)db_int(result, (int)i, 1),
                                       .to = (int)db_int(result, (int)i, 2)};
    PQclear(result);
    if (spans == NULL)
        return STATUS_NO_MEMORY;
    *out_spans = spans;
    *out_count = count;
    return STATUS_OK;
}

static char *date_text(int date, char text[DATE_BYTES])
{
    unsigned day = (unsigned)date;
    snprintf(text, DATE_BYTES, "%04u-%02u-%02u", day / 10000 % 10000, day / 100 % 100, day % 100);
    return text;
}

enum status place_store_below(struct db *db, struct arena *arena, uint64_t place, int date,
                              int64_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    uint64_t first = 0, last = 0;
    char day[DATE_BYTES];
    place_range(place, &first, &last);
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)first);
    db_add_int(&params, (int64_t)last);
    db_add_int(&params, (int64_t)place);
    db_add_text(&params, date_text(date, day));
    enum status status =
        db_run(db,
               "select count(*) from zhibao.place p where p.place between $1::bigint and $2::bigint"
               " and p.place <> $3::bigint and p.valid_from < $4::date"
               " and (p.valid_to is null or p.valid_to > $4::date)",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_count = db_int(result, 0, 0);
    PQclear(result);
    return STATUS_OK;
}

static enum status change_insert(struct db *db, struct arena *arena, const struct task *task,
                                 const struct place_change *change, const char *name_zh,
                                 const char *reason)
{
    struct db_params params;
    char day[DATE_BYTES];
    uint64_t begins[PLACES_IN_CHANGE_MAX];
    for (size_t i = 0; i < change->to_count; i++)
        begins[i] = change->begins[i];
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)task->district);
    db_add_int(&params, (int64_t)task->leaf.unit);
    db_add_bytes(&params, task->leaf.id.bytes, RECORD_ID_BYTES);
    db_add_int(&params, change->kind);
    db_add_text(&params, date_text(change->date, day));
    add_places(&params, arena, change->from, change->from_count);
    add_places(&params, arena, change->to, change->to_count);
    add_places(&params, arena, begins, change->to_count);
    db_add_text(&params, name_zh);
    db_add_text(&params, reason);
    return db_exec(db,
                   "insert into zhibao.place_change (district, unit, id, change, valid_from,"
                   " places, successors, begins, name_zh, reason) values ($1::bigint, $2::bigint,"
                   " $3, $4::smallint, $5::date, $6::bigint[], $7::bigint[], $8::bigint[]::int[],"
                   " $9, $10)",
                   &params);
}

/* Places that end, and renamed ones whose row with the old name ends. */
static enum status rows_end(struct db *db, struct arena *arena, const struct place_change *change)
{
    struct db_params params;
    char day[DATE_BYTES];
    db_params_init(&params, arena);
    add_places(&params, arena, change->from, change->from_count);
    add_places(&params, arena, change->to, change->to_count);
    db_add_text(&params, date_text(change->date, day));
    db_add_bool(&params, change->kind == CHANGE_RENAME);
    return db_exec(db,
                   "update zhibao.place p set valid_to = $3::date"
                   " where p.place = any ($1::bigint[]) and p.valid_from < $3::date"
                   " and (p.valid_to is null or p.valid_to > $3::date)"
                   " and ($4::boolean or not p.place = any ($2::bigint[]))",
                   &params);
}

/* A renamed place that keeps its code gets a row with the new name; one with another code has its
 * row already and gets the name. The unit's name follows: lists show it from now on. */
static enum status rows_rename(struct db *db, struct arena *arena,
                               const struct place_change *change, const char *name_zh)
{
    struct db_params params;
    char day[DATE_BYTES];
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)change->to[0]);
    db_add_text(&params, date_text(change->date, day));
    db_add_text(&params, name_zh);
    db_add_int(&params, (int64_t)change->from[0]);
    enum status status =
        db_exec(db,
                "insert into zhibao.place (place, valid_from, level, parent, name_zh)"
                " select $1::bigint, $2::date, p.level, p.parent,"
                "  coalesce(nullif($3, ''), p.name_zh)"
                " from zhibao.place p where p.place = $4::bigint and p.valid_to = $2::date"
                " and $1::bigint = $4::bigint"
                " on conflict (place, valid_from) do nothing",
                &params);
    if (status != STATUS_OK || name_zh[0] == '\0')
        return status;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)change->to[0]);
    db_add_text(&params, name_zh);
    status = db_exec(db,
                     "update zhibao.place p set name_zh = $2 where p.place = $1::bigint"
                     " and p.valid_to is null",
                     &params);
    return status == STATUS_OK ? place_store_names(db) : status;
}

enum status place_store_names(struct db *db)
{
    return db_exec(db,
                   "update zhibao.unit u set name_zh = p.name_zh, name_en = p.name_zh,"
                   " changed = nextval('zhibao.registry_change')"
                   " from zhibao.place p where p.place = u.place and p.valid_to is null"
                   " and u.role in ('village', 'township') and u.name_zh <> p.name_zh"
                   " and exists (select from zhibao.place_change c where c.change = 3"
                   "  and p.place = any (c.successors) and c.name_zh <> '')",
                   NULL);
}

enum status place_store_change(struct db *db, struct arena *arena, const struct task *task,
                               const struct place_change *change, const char *name_zh,
                               const char *reason)
{
    enum status status = change_insert(db, arena, task, change, name_zh, reason);
    if (status == STATUS_OK)
        status = rows_end(db, arena, change);
    if (status == STATUS_OK && change->kind == CHANGE_RENAME)
        status = rows_rename(db, arena, change, name_zh);
    return status;
}
