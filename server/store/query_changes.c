#include "server/store/query_changes.h"

#include "base/unit_id.h"

enum { TOWNSHIP_DIGITS = 1000 };

static const char marks_sql[] =
    "select c.chain::bigint, coalesce((select max(b.number) from zhibao.batch b"
    " where b.chain = c.chain), 0)::bigint from zhibao.chain c order by 1";

/* By unit / 1000000: a unit is its place * 1000 + a number, a township's places differ in the last
 * three digits. A confirmation concerns the township that makes it, all else its subject. */
static const char changes_sql[] =
    "select distinct c.township from ("
    " select r.unit / 1000000 as township"
    "  from unnest($1::bigint[], $2::bigint[]) m (chain, batch)"
    "  join zhibao.report r on r.chain = m.chain and r.batch > m.batch"
    "  where r.unit between $4::bigint and $5::bigint"
    " union all"
    " select case when e.event = 'confirmed' then e.unit else e.subject_unit end / 1000000"
    "  from unnest($1::bigint[], $2::bigint[]) m (chain, batch)"
    "  cross join unnest($3::bigint[]) d (district)"
    "  join zhibao.report_event e on e.district = d.district and e.chain = m.chain"
    "   and e.batch > m.batch"
    "  where case when e.event = 'confirmed' then e.unit else e.subject_unit end"
    "   between $4::bigint and $5::bigint"
    " ) c order by 1";

enum status query_marks(struct db *db, struct arena *arena, struct chain_marks *out_marks)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    enum status status = db_run(db, marks_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    struct chain_marks marks = {.count = (size_t)PQntuples(result)};
    if (marks.count > CHAIN_MARKS_MAX)
        status = STATUS_LIMIT;
    for (size_t i = 0; i < marks.count && status == STATUS_OK; i++) {
        marks.chains[i] = db_int(result, (int)i, 0);
        marks.batches[i] = db_int(result, (int)i, 1);
    }
    PQclear(result);
    if (status == STATUS_OK)
        *out_marks = marks;
    return status;
}

static int64_t batch_of(const struct chain_marks *marks, int64_t chain)
{
    for (size_t i = 0; i < marks->count; i++)
        if (marks->chains[i] == chain)
            return marks->batches[i];
    return 0;
}

enum status query_changes(struct db *db, struct arena *arena, const struct report_scope *scope,
                          const struct chain_marks *since, const struct chain_marks *now,
                          uint64_t **out_places, size_t *out_count)
{
    struct unit_span span = unit_span_of(scope->place);
    int64_t chains[CHAIN_MARKS_MAX], batches[CHAIN_MARKS_MAX];
    size_t moved = 0;
    struct db_params params;
    PGresult *result = NULL;
    *out_count = 0;
    for (size_t i = 0; i < now->count; i++) {
        int64_t seen = batch_of(since, now->chains[i]);
        if (now->batches[i] == seen)
            continue;
        chains[moved] = now->chains[i];
        batches[moved++] = seen;
    }
    if (moved == 0)
        return STATUS_OK;
    db_params_init(&params, arena);
    db_add_ints(&params, chains, moved);
    db_add_ints(&params, batches, moved);
    db_add_ints(&params, scope->districts, scope->district_count);
    db_add_int(&params, span.first_unit);
    db_add_int(&params, span.last_unit);
    enum status status = db_run(db, changes_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    uint64_t *places = arena_array(arena, count, sizeof *places);
    for (size_t i = 0; i < count && places != NULL; i++)
        places[i] = (uint64_t)db_int(result, (int)i, 0) * TOWNSHIP_DIGITS;
    PQclear(result);
    if (places == NULL)
        return STATUS_NO_MEMORY;
    *out_places = places;
    *out_count = count;
    return STATUS_OK;
}
