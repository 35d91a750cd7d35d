#include "server/store/comment_store.h"

#include <string.h>

enum { EVENTS_MAX = 500 };

#define COMMENT_COLUMNS                                                                           \
    "t.chain, t.batch, t.leaf, t.author, t.reporter, t.id, t.last_id, e.payload_sha256, t.state," \
    " t.plan, t.period, t.form, t.cell, t.indicator, t.stratum, t.place, t.follow_up, t.shown"    \
    " from zhibao.comment_state t join zhibao.registry_event e on e.district = t.district"        \
    " and e.unit = t.author and e.kind = 20 and e.id = t.id"

static enum comment_state state_of(const char *state)
{
    static const char *const states[] = {"", "noted", "open", "answered", "closed"};
    for (size_t i = 1; i < sizeof states / sizeof *states; i++)
        if (strcmp(states[i], state) == 0)
            return (enum comment_state)i;
    return COMMENT_NONE;
}

static enum status figure_read(const PGresult *result, int row, struct arena *arena,
                               Zhibao__FigureRef *out_figure)
{
    zhibao__figure_ref__init(out_figure);
    out_figure->plan = arena_string(arena, db_text(result, row, 9));
    out_figure->period = (uint32_t)db_int(result, row, 10);
    out_figure->form = arena_string(arena, db_text(result, row, 11));
    out_figure->cell = (uint32_t)db_int(result, row, 12);
    out_figure->indicator = arena_string(arena, db_text(result, row, 13));
    out_figure->stratum = arena_string(arena, db_text(result, row, 14));
    out_figure->place = (uint64_t)db_int(result, row, 15);
    return out_figure->plan == NULL || out_figure->form == NULL || out_figure->indicator == NULL ||
                   out_figure->stratum == NULL
               ? STATUS_NO_MEMORY
               : STATUS_OK;
}

static enum status comment_read(const PGresult *result, int row, struct arena *arena, void *out_row)
{
    struct comment_row read = {
        .chain = db_int(result, row, 0),
        .batch = db_int(result, row, 1),
        .leaf = db_int(result, row, 2),
        .author = (uint64_t)db_int(result, row, 3),
        .reporter = (uint64_t)db_int(result, row, 4),
        .state = state_of(db_text(result, row, 8)),
        .follow_up = db_bool(result, row, 16),
        .shown = arena_string(arena, db_text(result, row, 17)),
    };
    enum status status = figure_read(result, row, arena, &read.figure);
    if (status != STATUS_OK || read.shown == NULL)
        return STATUS_NO_MEMORY;
    if (!db_fixed(result, row, 5, read.id.bytes, RECORD_ID_BYTES) ||
        !db_fixed(result, row, 6, read.last.bytes, RECORD_ID_BYTES) ||
        !db_fixed(result, row, 7, read.payload_sha256.bytes, HASH_BYTES))
        return STATUS_MISMATCH;
    *(struct comment_row *)out_row = read;
    return STATUS_OK;
}

enum status store_comment(struct db *db, struct arena *arena, uint64_t author,
                          const struct record_id *id, struct comment_row *out_row)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)author);
    db_add_bytes(&params, id->bytes, RECORD_ID_BYTES);
    enum status status =
        db_run(db, "select " COMMENT_COLUMNS " where t.author = $1::bigint and t.id = $2", &params,
               &result);
    if (status != STATUS_OK)
        return status;
    status = PQntuples(result) == 1 ? comment_read(result, 0, arena, out_row) : STATUS_NOT_FOUND;
    PQclear(result);
    return status;
}

enum status store_insert_comment_event(struct db *db, struct arena *arena, int16_t chain,
                                       int64_t batch, const struct task *task,
                                       const struct comment_row *row)
{
    const Zhibao__Comment *message = (const Zhibao__Comment *)task->message;
    const Zhibao__FigureRef none = ZHIBAO__FIGURE_REF__INIT;
    const Zhibao__FigureRef *figure = message->figure == NULL ? &none : message->figure;
    struct db_params params;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)task->district);
    db_add_int(&params, (int64_t)task->leaf.unit);
    db_add_bytes(&params, task->leaf.id.bytes, RECORD_ID_BYTES);
    db_add_int(&params, message->action);
    db_add_int(&params, (int64_t)row->author);
    db_add_bytes(&params, row->id.bytes, RECORD_ID_BYTES);
    db_add_int(&params, (int64_t)row->reporter);
    const char *const texts[] = {figure->plan,    figure->form,   figure->indicator,
                                 figure->stratum, message->shown, message->text};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        db_add_text(&params, texts[i]);
    db_add_int(&params, figure->period);
    db_add_int(&params, figure->cell);
    db_add_int(&params, (int64_t)figure->place);
    db_add_bool(&params, message->follow_up);
    db_add_int(&params, task->leaf.received_us);
    db_add_int(&params, chain);
    db_add_int(&params, batch);
    db_add_int(&params, task->index);
    return db_exec(db,
                   "insert into zhibao.comment_event (district, unit, id, action, author,"
                   " comment_id, reporter, plan, form, indicator, stratum, shown, text, period,"
                   " cell, place, follow_up, received_us, chain, batch, leaf) values ($1::bigint,"
                   " $2::bigint, $3, $4::smallint, $5::bigint, $6, $7::bigint, $8, $9, $10, $11,"
                   " $12, $13, $14::smallint, $15::int, $16::bigint, $17::boolean, $18::bigint,"
                   " $19::smallint, $20::bigint, $21::int)",
                   &params);
}

static const char comments_sql[] =
    "select " COMMENT_COLUMNS " where (t.author = $1::bigint or t.reporter = $1::bigint"
    "  or not $2::boolean and t.place between $3::bigint and $4::bigint)"
    " and (not $5::boolean or t.state <> 'closed')"
    " and ($6::bigint = 0 or t.reporter = $6::bigint)"
    " and ($7::bytea is null or t.id = $7::bytea)"
    " and (t.chain, t.batch, t.leaf) > ($8::bigint, $9::bigint, $10::bigint)"
    " and ($11 = '' or t.plan = $11) and ($12::int = 0 or t.period = $12::int)"
    " and ($13 = '' or t.form = $13) and ($14::int = 0 or t.cell = $14::int)"
    " and ($15 = '' or t.indicator = $15) and ($16 = '' or t.stratum = $16)"
    " and ($17::bigint = 0 or t.place = $17::bigint)"
    " order by t.chain, t.batch, t.leaf limit $18::bigint";

enum status query_comments(struct db *db, struct arena *arena, const struct comment_filter *filter,
                           size_t limit, struct comment_row **out_rows, size_t *out_count)
{
    const Zhibao__FigureRef none = ZHIBAO__FIGURE_REF__INIT;
    const Zhibao__FigureRef *figure = filter->figure == NULL ? &none : filter->figure;
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)filter->unit);
    db_add_bool(&params, filter->mine);
    db_add_int(&params, (int64_t)filter->first);
    db_add_int(&params, (int64_t)filter->last);
    db_add_bool(&params, filter->unfinished);
    db_add_int(&params, (int64_t)filter->reporter);
    if (filter->id == NULL)
        db_add_null(&params);
    else
        db_add_bytes(&params, filter->id->bytes, RECORD_ID_BYTES);
    for (int i = 0; i < 3; i++)
        db_add_int(&params, filter->after[i]);
    db_add_text(&params, figure->plan);
    db_add_int(&params, figure->period);
    db_add_text(&params, figure->form);
    db_add_int(&params, figure->cell);
    db_add_text(&params, figure->indicator);
    db_add_text(&params, figure->stratum);
    db_add_int(&params, (int64_t)figure->place);
    db_add_int(&params, (int64_t)limit);
    enum status status = db_run(db, comments_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    void *rows = NULL;
    status = db_rows(result, arena, sizeof(struct comment_row), comment_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_rows = rows;
    return status;
}

static enum status event_read(const PGresult *result, int row, struct arena *arena, void *out_row)
{
    struct comment_event_row read = {.action = (int)db_int(result, row, 0),
                                     .unit = (uint64_t)db_int(result, row, 1),
                                     .time_us = db_int(result, row, 3),
                                     .text = arena_string(arena, db_text(result, row, 4))};
    if (read.text == NULL)
        return STATUS_NO_MEMORY;
    if (!db_fixed(result, row, 2, read.id.bytes, RECORD_ID_BYTES))
        return STATUS_MISMATCH;
    *(struct comment_event_row *)out_row = read;
    return STATUS_OK;
}

enum status query_comment_events(struct db *db, struct arena *arena, uint64_t author,
                                 const struct record_id *id, struct comment_event_row **out_rows,
                                 size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    void *rows = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)author);
    db_add_bytes(&params, id->bytes, RECORD_ID_BYTES);
    db_add_int(&params, EVENTS_MAX);
    enum status status =
        db_run(db,
               "select t.action, t.unit, t.id, t.received_us, t.text from zhibao.comment_event t"
               " where t.author = $1::bigint and t.comment_id = $2"
               " order by t.chain, t.batch, t.leaf limit $3::bigint",
               &params, &result);
    if (status == STATUS_OK)
        status =
            db_rows(result, arena, sizeof(struct comment_event_row), event_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_rows = rows;
    return status;
}
