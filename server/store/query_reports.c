#include "server/store/query_reports.h"

#include <string.h>

#include "base/unit_id.h"
#include "server/store/query_array.h"

enum { ROW_ARENA_BYTES = 1024 * 1024, UNIT_NUMBERS = 1000 };

/* Reviews carry the period of what they review, and reviewers are of its home district. In the
 * order of the chain: the last review of a report is the one in force. */
static const char verdicts_sql[] =
    "select e.subject_unit, e.subject_id, e.event = 'accepted', e.event = 'withdrawn',"
    " e.unit % 1000 = 1, e.chain, e.batch, e.leaf from zhibao.report_event e"
    " where e.district = any ($1::bigint[]) and e.period = any ($2::bigint[])"
    " and e.event in ('accepted', 'returned', 'withdrawn', 'objected') and e.subject_kind = 1"
    " and e.subject_unit between $3::bigint and $4::bigint and e.batch < $5::bigint"
    " union all"
    " select b.subject_unit, b.subject_id, false, true, false, b.chain, b.batch, b.leaf"
    " from zhibao.report_event b where b.event = 'bad_signature' and b.subject_kind = 1"
    " and b.subject_unit between $3::bigint and $4::bigint and b.batch < $5::bigint"
    " order by 1, 2, 6, 7, 8";

static const char reports_sql[] =
    "select r.unit, r.period, r.form_id, r.revision, r.demonstration, r.id, r.payload_sha256,"
    " r.cell, r.presence, r.value, r.entered_by is not null"
    " from zhibao.report r"
    " where r.district = any ($1::bigint[]) and r.period = any ($2::bigint[])"
    " and r.unit between $3::bigint and $4::bigint and r.batch < $5::bigint"
    " and r.form_id = any ($6::bigint[])"
    " order by r.unit, r.period, r.revision desc, r.form_id desc limit $7::bigint";

/* What reviews and the check of its signature say of one report. */
struct verdict {
    uint64_t unit;
    struct record_id id;
    bool accepted, by_statistics;
    bool bad; /* or withdrawn: neither is ever undone */
};

struct reading {
    struct arena *scratch;          /* of one row */
    const struct verdict *verdicts; /* ascending by unit and id */
    size_t verdict_count;
    report_visitor visit;
    void *context;
};

int64_t scope_before(const struct report_scope *scope)
{
    return scope->before == 0 ? INT64_MAX : scope->before;
}

struct unit_span unit_span_of(uint64_t place)
{
    struct unit_span span;
    uint64_t first = 0;
    uint64_t last = 0;
    place_range(place, &first, &last);
    span.first_unit = (int64_t)unit_make(first, UNIT_OWN);
    span.last_unit = (int64_t)unit_make(last, UNIT_NUMBERS - 1);
    if (place_level(place) > PLACE_DISTRICT)
        first = last = place_ancestor(place, PLACE_DISTRICT);
    span.first_district = (int64_t)first;
    span.last_district = (int64_t)last;
    return span;
}

struct unit_span unit_span_of_scope(const struct report_scope *scope)
{
    struct unit_span span = unit_span_of(scope->place);
    if (scope->alone) {
        span.first_unit = (int64_t)unit_make(scope->place, UNIT_OWN);
        span.last_unit = (int64_t)unit_make(scope->place, UNIT_NUMBERS - 1);
    }
    return span;
}

static bool is_of(const struct verdict *verdict, uint64_t unit, const struct record_id *id)
{
    return verdict->unit == unit && memcmp(verdict->id.bytes, id->bytes, RECORD_ID_BYTES) == 0;
}

/* Folds a report's events, oldest first, into one verdict. */
static enum status verdicts_read(const PGresult *result, struct verdict *verdicts,
                                 size_t *out_count)
{
    size_t count = 0;
    for (int row = 0; row < PQntuples(result); row++) {
        struct record_id id;
        uint64_t unit = (uint64_t)db_int(result, row, 0);
        if (!db_fixed(result, row, 1, id.bytes, RECORD_ID_BYTES))
            return STATUS_MISMATCH;
        if (count == 0 || !is_of(&verdicts[count - 1], unit, &id))
            verdicts[count++] = (struct verdict){.unit = unit, .id = id};
        struct verdict *verdict = &verdicts[count - 1];
        if (db_bool(result, row, 3)) {
            verdict->bad = true;
        } else {
            verdict->accepted = db_bool(result, row, 2);
            verdict->by_statistics = db_bool(result, row, 4);
        }
    }
    *out_count = count;
    return STATUS_OK;
}

static void add_scope(struct db_params *params, struct arena *arena, const struct unit_span *span,
                      const struct report_scope *scope)
{
    db_params_init(params, arena);
    db_add_ints(params, scope->districts, scope->district_count);
    db_add_ints(params, scope->periods, scope->period_count);
    db_add_int(params, span->first_unit);
    db_add_int(params, span->last_unit);
    db_add_int(params, scope_before(scope));
}

static enum status verdicts_load(struct db *db, struct arena *arena, const struct unit_span *span,
                                 const struct report_scope *scope, struct reading *reading)
{
    struct db_params params;
    PGresult *result = NULL;
    add_scope(&params, arena, span, scope);
    enum status status = db_run(db, verdicts_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    struct verdict *verdicts = arena_array(arena, (size_t)PQntuples(result), sizeof *verdicts);
    status = verdicts == NULL ? STATUS_NO_MEMORY
                              : verdicts_read(result, verdicts, &reading->verdict_count);
    reading->verdicts = verdicts;
    PQclear(result);
    return status;
}

static const struct verdict *verdict_find(const struct reading *reading,
                                          const struct report_row *row)
{
    size_t first = 0;
    size_t end = reading->verdict_count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        const struct verdict *verdict = &reading->verdicts[middle];
        int order = memcmp(verdict->id.bytes, row->id.bytes, RECORD_ID_BYTES);
        if (verdict->unit == row->unit && order == 0)
            return verdict;
        if (verdict->unit < row->unit || (verdict->unit == row->unit && order < 0))
            first = middle + 1;
        else
            end = middle;
    }
    return NULL;
}

static enum status row_read(const struct reading *reading, const PGresult *result, int row,
                            struct report_row *out_row)
{
    struct report_row read = {
        .unit = (uint64_t)db_int(result, row, 0),
        .period = (int)db_int(result, row, 1),
        .form_id = (int32_t)db_int(result, row, 2),
        .revision = (int)db_int(result, row, 3),
        .demonstration = db_bool(result, row, 4),
        .entered = db_bool(result, row, 10),
    };
    enum status status = STATUS_OK;
    if (!db_fixed(result, row, 5, read.id.bytes, RECORD_ID_BYTES) ||
        !db_fixed(result, row, 6, read.payload_sha256.bytes, HASH_BYTES))
        return STATUS_MISMATCH;
    const struct verdict *verdict = verdict_find(reading, &read);
    if (verdict != NULL) {
        read.accepted = verdict->accepted;
        read.by_statistics = verdict->by_statistics;
        read.bad_signature = verdict->bad;
    }
    if (read.accepted && !read.bad_signature)
        status = observations_read(result, row, 7, reading->scratch, &read.observations);
    if (status == STATUS_OK)
        *out_row = read;
    return status;
}

/* Visits the first `count` rows of a chunk. */
static enum status rows_visit(const struct reading *reading, const PGresult *result, int count)
{
    enum status status = STATUS_OK;
    for (int row = 0; row < count && status == STATUS_OK; row++) {
        struct report_row read;
        arena_reset(reading->scratch);
        status = row_read(reading, result, row, &read);
        if (status == STATUS_OK)
            status = reading->visit(reading->context, &read);
    }
    return status;
}

/* How many rows of a full chunk to take: all but those of its last unit, which may go on. */
static int whole_units(const PGresult *result, int count)
{
    int kept = count;
    while (kept > 0 && db_int(result, kept - 1, 0) == db_int(result, count - 1, 0))
        kept--;
    return kept;
}

/* One chunk of rows from span->first_unit on, which is moved behind it. */
static enum status chunk_read(struct db *db, struct arena *arena, const struct reading *reading,
                              const struct report_scope *scope, struct unit_span *span,
                              bool *out_more)
{
    struct db_params params;
    PGresult *result = NULL;
    add_scope(&params, arena, span, scope);
    db_add_ints(&params, scope->forms, scope->form_count);
    db_add_int(&params, REPORTS_CHUNK);
    enum status status = db_run(db, reports_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    int count = PQntuples(result);
    bool more = count == REPORTS_CHUNK;
    if (more)
        count = whole_units(result, count);
    if (more && count == 0)
        status = STATUS_LIMIT; /* one unit with a whole chunk of revisions */
    else
        status = rows_visit(reading, result, count);
    if (more && status == STATUS_OK)
        span->first_unit = db_int(result, count - 1, 0) + 1;
    PQclear(result);
    *out_more = more;
    return status;
}

enum status query_reports(struct db *db, struct arena *arena, const struct report_scope *scope,
                          report_visitor visit, void *context)
{
    struct unit_span span = unit_span_of_scope(scope);
    struct reading reading = {
        .scratch = arena_create(ROW_ARENA_BYTES), .visit = visit, .context = context};
    enum status status = reading.scratch == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    if (status == STATUS_OK)
        status = verdicts_load(db, arena, &span, scope, &reading);
    for (bool more = true; more && status == STATUS_OK;)
        status = chunk_read(db, arena, &reading, scope, &span, &more);
    arena_destroy(&reading.scratch);
    return status;
}
