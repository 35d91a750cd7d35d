#include "server/store/query_oversight.h"

#include "server/store/key_store.h"

enum { HEARD_US = 600 * 1000000, BATCHES_LOOKED_AT = 100000 };
#define DAY_US 86400000000LL

/* The day's records are looked for among the latest batches only, so that it costs the same in the
 * tenth year as in the first. */
static const char health_sql[] =
    "select (select count(*) from zhibao.unit where unit between $1::bigint and $2::bigint),"
    " (select count(distinct unit) from zhibao.unit_key where status = 'active'"
    "  and unit between $1::bigint and $2::bigint),"
    " (select count(*) from zhibao.unit_seen where seen_us > $3::bigint"
    "  and unit between $1::bigint and $2::bigint),"
    " coalesce(b.number, 0), coalesce(b.time_us, 0),"
    " (select coalesce(sum(d.leaf_count), 0)::bigint from zhibao.batch d where d.chain = 1"
    "  and d.number > b.number - $5::bigint and d.time_us > $4::bigint),"
    " coalesce(b.number, 0) - coalesce((select min(s.number) from zhibao.signature_check s"
    "  where s.chain = 1), 0),"
    " pg_catalog.pg_database_size(pg_catalog.current_database()),"
    " (select count(*) from zhibao.notice_message where state = 'waiting'),"
    " (select count(*) from zhibao.notice_message where state = 'given_up'),"
    " (select count(*) from zhibao.document_upload where stage = 'open'),"
    " coalesce(o.from_us, 0), coalesce(o.to_us, 0)"
    " from (select 1) one"
    " left join lateral (select number, time_us from zhibao.batch where chain = 1"
    "  order by number desc limit 1) b on true"
    " left join lateral (select from_us, to_us from zhibao.outage where chain = 1"
    "  order by from_us desc limit 1) o on true";

enum status query_health(struct db *db, struct arena *arena, uint64_t first, uint64_t last,
                         Zhibao__HealthReply *reply)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)first);
    db_add_int(&params, (int64_t)last);
    db_add_int(&params, reply->now_us - HEARD_US);
    db_add_int(&params, reply->now_us - DAY_US);
    db_add_int(&params, BATCHES_LOOKED_AT);
    enum status status = db_run(db, health_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    reply->units = (uint32_t)db_int(result, 0, 0);
    reply->units_enrolled = (uint32_t)db_int(result, 0, 1);
    reply->units_heard = (uint32_t)db_int(result, 0, 2);
    reply->batch = (uint64_t)db_int(result, 0, 3);
    reply->batch_us = db_int(result, 0, 4);
    reply->records_day = (uint64_t)db_int(result, 0, 5);
    reply->unchecked = (uint64_t)db_int(result, 0, 6);
    reply->database_bytes = (uint64_t)db_int(result, 0, 7);
    reply->notices_waiting = (uint32_t)db_int(result, 0, 8);
    reply->notices_failed = (uint32_t)db_int(result, 0, 9);
    reply->uploads = (uint32_t)db_int(result, 0, 10);
    reply->outage_from_us = db_int(result, 0, 11);
    reply->outage_to_us = db_int(result, 0, 12);
    PQclear(result);
    return STATUS_OK;
}

static const char keys_sql[] =
    "select k.key_id, k.unit, u.name_zh, u.role, k.status, k.holder, k.office,"
    " coalesce(e.received_us, 0), coalesce(s.seen_us, 0), k.ends_us"
    " from (select o.key_id, o.unit, o.holder, o.office, o.brought_by, o.ends_us,"
    "  case when " KEY_HOLDS(
        "o") " then o.status else 'revoked' end as status"
             "  from zhibao.unit_key o) k join zhibao.unit u using (unit)"
             " left join lateral (select min(received_us) as received_us from "
             "zhibao.registry_event e"
             "  where e.district = u.district and e.unit = k.unit and e.kind = 5"
             "  and (e.id = k.brought_by or (k.brought_by is null and e.key_id = k.key_id)))"
             "  e on true"
             " left join zhibao.unit_seen s on s.unit = k.unit"
             " where k.unit between $1::bigint and $2::bigint and ($3 = '' or k.status = $3)"
             " order by k.unit, k.status, k.key_id offset $4::bigint limit $5::bigint";

static enum status key_read(const PGresult *result, int row, struct arena *arena, void *out)
{
    Zhibao__KeyRow *key = arena_alloc(arena, sizeof *key);
    if (key == NULL)
        return STATUS_NO_MEMORY;
    zhibao__key_row__init(key);
    const uint8_t *id = db_bytes(result, row, 0, &key->key.len);
    key->key.data = arena_copy(arena, id, key->key.len);
    key->unit = (uint64_t)db_int(result, row, 1);
    key->unit_name = arena_string(arena, db_text(result, row, 2));
    key->role = arena_string(arena, db_text(result, row, 3));
    key->status = arena_string(arena, db_text(result, row, 4));
    key->holder = arena_string(arena, db_text(result, row, 5));
    key->office = arena_string(arena, db_text(result, row, 6));
    key->enrolled_us = db_int(result, row, 7);
    key->seen_us = db_int(result, row, 8);
    key->ends_us = db_int(result, row, 9);
    if (!(key->key.data && key->unit_name && key->role && key->status && key->holder &&
          key->office))
        return STATUS_NO_MEMORY;
    *(Zhibao__KeyRow **)out = key;
    return STATUS_OK;
}

enum status query_keys(struct db *db, struct arena *arena, uint64_t first, uint64_t last,
                       const char *wanted, int64_t skip, size_t limit, Zhibao__KeyRow ***out_rows,
                       size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    void *rows = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)first);
    db_add_int(&params, (int64_t)last);
    db_add_text(&params, wanted);
    db_add_int(&params, skip);
    db_add_int(&params, (int64_t)limit);
    enum status status = db_run(db, keys_sql, &params, &result);
    if (status == STATUS_OK)
        status = db_rows(result, arena, sizeof(Zhibao__KeyRow *), key_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_rows = rows;
    return status;
}
