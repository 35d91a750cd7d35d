#include "server/store/chain_store.h"

#include <string.h>

#include "record.pb-c.h"

static const char report_sql[] =
    "select r.payload_sha256, r.state, r.reporter = 'village', r.form_id, r.period, r.revision,"
    " r.locked, coalesce(r.entered_by, 0), (select coalesce(max(n.revision), 0)"
    "  from zhibao.report_current n where n.district = r.district and n.unit = r.unit"
    "  and n.period = r.period and n.plan = r.plan and n.form = r.form)::bigint, r.signed, r.key_id"
    " from zhibao.report_state r"
    " where r.district = $1::bigint and r.unit = $2::bigint and r.id = $3";

static const char confirmation_sql[] =
    "select c.payload_sha256, c.state, true, c.form_id, c.period, c.revision, c.locked, 0::bigint,"
    " (select coalesce(max(n.revision), 0) from zhibao.confirmation_state n"
    "  where n.district = c.district and n.unit = c.unit and n.period = c.period"
    "  and n.plan = c.plan and n.form = c.form and n.state <> 'withdrawn')::bigint, false, c.key_id"
    " from zhibao.confirmation_state c"
    " where c.district = $1::bigint and c.unit = $2::bigint and c.id = $3";

enum status store_subject(struct db *db, struct arena *arena, struct chain_subject *subject)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)subject->district);
    db_add_int(&params, (int64_t)subject->unit);
    db_add_bytes(&params, subject->id.bytes, RECORD_ID_BYTES);
    bool report = subject->kind == ZHIBAO__RECORD_KIND__RECORD_REPORT;
    enum status status = db_run(db, report ? report_sql : confirmation_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t size = 0;
    if (PQntuples(result) != 1) {
        status = STATUS_NOT_FOUND;
    } else if (!record_state_parse(db_text(result, 0, 1), &subject->state)) {
        status = STATUS_DATABASE;
    } else {
        const uint8_t *hash = db_bytes(result, 0, 0, &size);
        memcpy(subject->payload_sha256.bytes, hash, HASH_BYTES);
        subject->village_form = db_bool(result, 0, 2);
        subject->form_id = (int)db_int(result, 0, 3);
        subject->period = (int)db_int(result, 0, 4);
        subject->revision = (int)db_int(result, 0, 5);
        subject->locked = db_bool(result, 0, 6);
        subject->entered_by = (uint64_t)db_int(result, 0, 7);
        subject->newest = (int)db_int(result, 0, 8);
        subject->signed_off = db_bool(result, 0, 9);
        const uint8_t *key = db_bytes(result, 0, 10, &size);
        if (size == KEY_ID_BYTES)
            memcpy(subject->key.bytes, key, KEY_ID_BYTES);
    }
    PQclear(result);
    return status;
}

enum status store_key_office(struct db *db, struct arena *arena, const struct key_id *key,
                             const char **out_office)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_bytes(&params, key->bytes, KEY_ID_BYTES);
    enum status status =
        db_run(db, "select k.office from zhibao.unit_key k where k.key_id = $1", &params, &result);
    if (status != STATUS_OK)
        return status;
    const char *office = PQntuples(result) == 1 ? arena_string(arena, db_text(result, 0, 0)) : NULL;
    if (office == NULL)
        status = PQntuples(result) == 1 ? STATUS_NO_MEMORY : STATUS_NOT_FOUND;
    else
        *out_office = office;
    PQclear(result);
    return status;
}

enum status store_locked(struct db *db, struct arena *arena, const char *plan, uint64_t district,
                         int period, bool *out_locked)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_text(&params, plan);
    db_add_int(&params, (int64_t)district);
    db_add_int(&params, period);
    enum status status = db_run(db,
                                "select exists (select from zhibao.period_lock l"
                                " where l.plan = $1::text and l.period = $3::bigint and l.locked"
                                " and l.place = any (zhibao.place_ancestors($2::bigint)))",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_locked = db_bool(result, 0, 0);
    PQclear(result);
    return STATUS_OK;
}

static enum status lock_row_read(const PGresult *result, int row, struct arena *arena, void *out)
{
    (void)arena;
    *(struct lock_row *)out =
        (struct lock_row){(uint64_t)db_int(result, row, 0), (int)db_int(result, row, 1)};
    return STATUS_OK;
}

enum status store_locks(struct db *db, struct arena *arena, const char *plan,
                        struct lock_row **out_rows, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    void *rows = NULL;
    db_params_init(&params, arena);
    db_add_text(&params, plan);
    enum status status = db_run(db,
                                "select l.place, l.period from zhibao.period_lock l"
                                " where l.locked and ($1::text = '' or l.plan = $1::text)"
                                " order by l.period, l.place",
                                &params, &result);
    if (status == STATUS_OK)
        status = db_rows(result, arena, sizeof(struct lock_row), lock_row_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_rows = rows;
    return status;
}

enum status store_once_locked(struct db *db, struct arena *arena,
                              const struct chain_subject *subject, bool *out_once)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, subject->form_id);
    db_add_int(&params, (int64_t)subject->district);
    db_add_int(&params, subject->period);
    enum status status = db_run(db,
                                "select exists (select from zhibao.report_event l"
                                " join zhibao.form f on f.plan = l.plan"
                                " where f.form_id = $1::bigint and l.period = $3::bigint"
                                " and l.event = 'locked'"
                                " and l.district = any (zhibao.place_ancestors($2::bigint))"
                                " and l.place = any (zhibao.place_ancestors($2::bigint)))",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_once = db_bool(result, 0, 0);
    PQclear(result);
    return STATUS_OK;
}

/* k: the changes (m is enum change); c: the newest confirmation of the total that each belongs to
 */
static const char reopens_sql[] =
    "with k as (select * from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[],"
    "  $5::bytea[], $6::bigint[]) with ordinality as k (d, u, f, p, i, m, n))"
    " select distinct on (c.unit, c.id) k.n, c.district, c.unit, c.id, c.payload_sha256"
    " from k join zhibao.form kf on kf.form_id = k.f"
    " cross join lateral ("
    "  select c.district, c.unit, c.id, c.payload_sha256"
    "  from zhibao.report_event c join zhibao.form cf on cf.form_id = c.form_id"
    "  where c.district = k.d and c.unit = (k.u / 1000 - k.u / 1000 % 1000) * 1000 and c.kind = 3"
    "  and c.period = k.p and cf.plan = kf.plan and cf.form = kf.form"
    "  and not exists (select from zhibao.void v where v.subject_unit = c.unit"
    "   and v.subject_id = c.id and v.subject_kind = 3)"
    "  order by c.revision desc limit 1) c"
    " cross join lateral ("
    "  select coalesce(bool_or(i.id = k.i), false) as this, count(*) > 0 as any"
    "  from zhibao.confirmation_item i where i.district = c.district"
    "  and i.confirmation_unit = c.unit and i.confirmation_id = c.id and i.unit = k.u) named"
    " where not exists (select from zhibao.report_event o where o.subject_unit = c.unit"
    "  and o.subject_id = c.id and o.subject_kind = 3 and o.event = 'reopened')"
    " and case k.m when 0 then named.any when 1 then not named.this else named.this end"
    " order by c.unit, c.id, k.n";

static enum status add_changes(struct db_params *params, struct arena *arena,
                               const struct village_change *changes, size_t count)
{
    enum { COLUMNS = 5 };
    int64_t *columns[COLUMNS];
    struct db_bytes *ids = arena_array(arena, count, sizeof *ids);
    if (ids == NULL)
        return STATUS_NO_MEMORY;
    for (size_t c = 0; c < COLUMNS; c++)
        if ((columns[c] = arena_array(arena, count, sizeof **columns)) == NULL)
            return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        columns[0][i] = (int64_t)changes[i].district;
        columns[1][i] = (int64_t)changes[i].unit;
        columns[2][i] = changes[i].form_id;
        columns[3][i] = changes[i].period;
        columns[4][i] = changes[i].change;
        ids[i] = (struct db_bytes){changes[i].id.bytes, RECORD_ID_BYTES};
    }
    db_params_init(params, arena);
    for (size_t c = 0; c < 4; c++)
        db_add_ints(params, columns[c], count);
    db_add_bytes_array(params, ids, count);
    db_add_ints(params, columns[4], count);
    return STATUS_OK;
}

enum status store_reopens(struct db *db, struct arena *arena, const struct village_change *changes,
                          size_t count, struct reopened_total **out_totals, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    enum status status = add_changes(&params, arena, changes, count);
    if (status == STATUS_OK)
        status = db_run(db, reopens_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t found = (size_t)PQntuples(result);
    struct reopened_total *totals = arena_array(arena, found, sizeof *totals);
    if (totals == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < found && status == STATUS_OK; i++) {
        size_t id_size = 0, hash_size = 0;
        const uint8_t *id = db_bytes(result, (int)i, 3, &id_size);
        const uint8_t *hash = db_bytes(result, (int)i, 4, &hash_size);
        totals[i].cause = (size_t)db_int(result, (int)i, 0) - 1;
        totals[i].district = (uint64_t)db_int(result, (int)i, 1);
        totals[i].unit = (uint64_t)db_int(result, (int)i, 2);
        if (id_size != RECORD_ID_BYTES || hash_size != HASH_BYTES) {
            status = STATUS_MISMATCH;
            break;
        }
        memcpy(totals[i].id.bytes, id, RECORD_ID_BYTES);
        memcpy(totals[i].payload_sha256.bytes, hash, HASH_BYTES);
    }
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_totals = totals;
    *out_count = found;
    return STATUS_OK;
}
