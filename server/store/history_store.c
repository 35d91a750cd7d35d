#include "server/store/history_store.h"

#include <string.h>

#include "server/store/query_array.h"

/* A report's form in all of its versions (cell numbers are never used again), looked up once a
 * batch. */
#define VERSIONS                                                                   \
    "with version as materialized (select f.form_id as asked,"                     \
    " array_agg(v.form_id) as ids from zhibao.form f join zhibao.form v"           \
    " on v.plan = f.plan and v.form = f.form where f.form_id = any ($4::bigint[])" \
    " group by f.form_id) "

static const char periods_sql[] =
    "select exists (select from zhibao.report r where r.district = k.d"
    " and r.period = k.p::smallint)"
    " from unnest($1::bigint[], $2::bigint[]) with ordinality as k (d, p, n) order by k.n";

/* One look into the index a version, from the newest revision on: however many revisions there
 * are, one row is read. */
static const char years_sql[] =
    VERSIONS "select distinct on (k.n) k.n, r.cell, r.presence, r.value"
             " from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])"
             " with ordinality as k (d, p, u, f, n) join version v on v.asked = k.f"
             " cross join lateral unnest(v.ids) as one (form_id)"
             " cross join lateral (select r.revision, r.cell, r.presence, r.value"
             " from zhibao.report r where r.district = k.d and r.period = k.p::smallint"
             " and r.form_id = one.form_id and r.unit = k.u"
             " and not exists (select from zhibao.report_event b"
             " where b.event in ('bad_signature', 'withdrawn')"
             " and b.subject_unit = r.unit and b.subject_id = r.id)"
             " order by r.district desc, r.period desc, r.form_id desc, r.unit desc,"
             " r.revision desc limit 1) r order by k.n, r.revision desc";

static const char explanations_sql[] =
    VERSIONS "select k.n, e.text_key"
             " from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[])"
             " with ordinality as k (d, p, u, f, n) join version v on v.asked = k.f"
             " join zhibao.explanation e on e.district = k.d and e.period = k.p::smallint"
             " and e.unit = k.u and e.form_id = any (v.ids) order by k.n";

static const char insert_sql[] =
    "insert into zhibao.explanation"
    " (district, unit, id, cell, form_id, period, revision, text, text_key)"
    " select d, u, i, c::int, f::int, p::smallint, v::smallint, t, k"
    " from unnest($1::bigint[], $2::bigint[], $3::bytea[], $4::bigint[], $5::bigint[],"
    " $6::bigint[], $7::bigint[], $8::text[], $9::bytea[]) as e (d, u, i, c, f, p, v, t, k)";

/* The parts of the keys as arrays; `whole`: with unit and form. */
static enum status add_keys(struct db_params *params, struct arena *arena,
                            const struct history_key *keys, size_t count, bool whole)
{
    int64_t *columns[4];
    for (size_t i = 0; i < 4; i++) {
        columns[i] = arena_array(arena, count, sizeof **columns);
        if (columns[i] == NULL)
            return STATUS_NO_MEMORY;
    }
    for (size_t i = 0; i < count; i++) {
        columns[0][i] = (int64_t)keys[i].district;
        columns[1][i] = keys[i].period;
        columns[2][i] = (int64_t)keys[i].unit;
        columns[3][i] = keys[i].form_id;
    }
    db_params_init(params, arena);
    for (size_t i = 0; i < (whole ? 4U : 2U); i++)
        db_add_ints(params, columns[i], count);
    return STATUS_OK;
}

enum status store_periods_known(struct db *db, struct arena *arena, const struct history_key *keys,
                                size_t count, bool *out_stored)
{
    struct db_params params;
    PGresult *result = NULL;
    enum status status = add_keys(&params, arena, keys, count, false);
    if (status == STATUS_OK)
        status = db_run(db, periods_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    for (int row = 0; row < PQntuples(result) && (size_t)row < count; row++)
        out_stored[row] = db_bool(result, row, 0);
    PQclear(result);
    return STATUS_OK;
}

enum status store_earlier_years(struct db *db, struct arena *arena, const struct history_key *keys,
                                size_t count, bool *out_found,
                                struct observations *out_observations)
{
    struct db_params params;
    PGresult *result = NULL;
    enum status status = add_keys(&params, arena, keys, count, true);
    if (status == STATUS_OK)
        status = db_run(db, years_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    for (int row = 0; row < PQntuples(result) && status == STATUS_OK; row++) {
        size_t key = (size_t)db_int(result, row, 0) - 1;
        if (key >= count) {
            status = STATUS_MISMATCH;
            break;
        }
        status = observations_read(result, row, 1, arena, &out_observations[key]);
        out_found[key] = status == STATUS_OK;
    }
    PQclear(result);
    return status;
}

enum status store_earlier_explanations(struct db *db, struct arena *arena,
                                       const struct history_key *keys, size_t count,
                                       struct earlier_explanation **out_rows, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    enum status status = add_keys(&params, arena, keys, count, true);
    if (status == STATUS_OK)
        status = db_run(db, explanations_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t rows = (size_t)PQntuples(result);
    struct earlier_explanation *found = arena_array(arena, rows, sizeof *found);
    if (found == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < rows && status == STATUS_OK; i++) {
        size_t size = 0;
        const uint8_t *words = db_bytes(result, (int)i, 1, &size);
        found[i].key = (size_t)db_int(result, (int)i, 0) - 1;
        if (words == NULL || size != sizeof found[i].words.bytes)
            status = STATUS_MISMATCH;
        else
            memcpy(found[i].words.bytes, words, size);
    }
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_rows = found;
    *out_count = rows;
    return STATUS_OK;
}

/* The columns of zhibao.explanation, one entry an explanation. */
struct columns {
    size_t count;
    int64_t *numbers[6]; /* district, unit, cell, form, period, revision */
    struct db_bytes *ids, *keys;
    const char **texts;
};

static bool columns_make(struct arena *arena, size_t room, struct columns *columns)
{
    bool made = true;
    for (size_t i = 0; i < 6; i++) {
        columns->numbers[i] = arena_array(arena, room, sizeof **columns->numbers);
        made = made && columns->numbers[i] != NULL;
    }
    columns->ids = arena_array(arena, room, sizeof *columns->ids);
    columns->keys = arena_array(arena, room, sizeof *columns->keys);
    columns->texts = arena_array(arena, room, sizeof *columns->texts);
    return made && columns->ids != NULL && columns->keys != NULL && columns->texts != NULL;
}

static void columns_add(struct columns *columns, const struct task *task)
{
    const Zhibao__Report *report = task->report;
    for (size_t i = 0; i < report->n_explanations; i++) {
        const int64_t numbers[6] = {
            (int64_t)task->district, (int64_t)task->leaf.unit, report->explanations[i]->cell,
            task->form.id,           report->period,           report->revision};
        size_t at = columns->count++;
        for (size_t k = 0; k < 6; k++)
            columns->numbers[k][at] = numbers[k];
        columns->ids[at] = (struct db_bytes){task->leaf.id.bytes, RECORD_ID_BYTES};
        columns->keys[at] =
            (struct db_bytes){task->explanation_keys[i].bytes, EXPLANATION_KEY_BYTES};
        columns->texts[at] = report->explanations[i]->text;
    }
}

enum status store_insert_explanations(struct db *db, struct arena *arena, struct task **tasks,
                                      size_t count)
{
    struct db_params params;
    struct columns columns = {0};
    size_t room = 0;
    for (size_t i = 0; i < count; i++)
        room += tasks[i]->report->n_explanations;
    if (room == 0)
        return STATUS_OK;
    if (!columns_make(arena, room, &columns))
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        columns_add(&columns, tasks[i]);
    db_params_init(&params, arena);
    db_add_ints(&params, columns.numbers[0], room);
    db_add_ints(&params, columns.numbers[1], room);
    db_add_bytes_array(&params, columns.ids, room);
    for (size_t k = 2; k < 6; k++)
        db_add_ints(&params, columns.numbers[k], room);
    db_add_texts(&params, columns.texts, room);
    db_add_bytes_array(&params, columns.keys, room);
    return db_exec(db, insert_sql, &params);
}
