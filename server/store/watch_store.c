#include "server/store/watch_store.h"

static const char state_sql[] =
    "select coalesce(b.number, 0), coalesce(b.time_us, 0),"
    " coalesce(b.number, 0) - coalesce((select min(s.number) from zhibao.signature_check s"
    "  where s.chain = 1), 0),"
    " pg_catalog.pg_database_size(pg_catalog.current_database()),"
    " (select count(*) from zhibao.notice_message where state = 'waiting'),"
    " (select count(*) from zhibao.notice_message where state = 'given_up'),"
    " coalesce((select min(made_us) from zhibao.notice_message where state = 'waiting'), 0),"
    " (select count(*) from zhibao.unit_seen s where s.seen_us < $1::bigint and exists (select"
    "  from zhibao.unit_key k where k.unit = s.unit and k.status = 'active')),"
    " coalesce((select s.unit from zhibao.unit_seen s where s.seen_us < $1::bigint and exists"
    "  (select from zhibao.unit_key k where k.unit = s.unit and k.status = 'active')"
    "  order by s.seen_us, s.unit limit 1), 0),"
    " (extract(epoch from pg_catalog.clock_timestamp()) * 1000000)::bigint"
    " from (select 1) one left join lateral (select number, time_us from zhibao.batch"
    "  where chain = 1 order by number desc limit 1) b on true";

enum status watch_read(struct db *db, struct arena *arena, int64_t silent_us,
                       struct watch_state *out_state)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, silent_us);
    enum status status = db_run(db, state_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    *out_state = (struct watch_state){
        .batch = db_int(result, 0, 0),
        .batch_us = db_int(result, 0, 1),
        .unchecked = db_int(result, 0, 2),
        .database_bytes = db_int(result, 0, 3),
        .notices_waiting = db_int(result, 0, 4),
        .notices_given_up = db_int(result, 0, 5),
        .notices_oldest_us = db_int(result, 0, 6),
        .silent = db_int(result, 0, 7),
        .silent_unit = db_int(result, 0, 8),
        .now_us = db_int(result, 0, 9),
    };
    PQclear(result);
    return STATUS_OK;
}

/* leaf below 0: no record's; the id follows from what the key says, as in notices_feed. */
static const char tell_sql[] =
    "insert into zhibao.notice_message (unit, channel, chain, batch, leaf, id, event,"
    "  about_unit, actor, plan, form, period, level, due_us, until_us, days, made_us, state,"
    "  tries, next_us, done_us, error)"
    " select k.unit, w.channel, c.chain, b.number, $2::int, substr(sha256(convert_to(concat_ws('/',"
    "   encode(c.chain_id, 'hex'), b.number, $2::int, k.unit, w.channel), 'UTF8')), 1, 16),"
    "  'alarm', 0, 0, '', $1, 0, 0, 0, 0, 0, $3::bigint, 'waiting', 0, $3::bigint, 0, ''"
    " from zhibao.contact k join zhibao.unit u on u.unit = k.unit and u.role = 'admin'"
    " cross join lateral (values ('email', k.email), ('webhook', k.webhook)) w (channel, address)"
    " join zhibao.chain c on c.chain = 1"
    " cross join lateral (select coalesce(max(number), 0) as number from zhibao.batch"
    "  where chain = 1) b"
    " where w.address <> '' on conflict do nothing";

enum status watch_tell(struct db *db, struct arena *arena, const char *alarm, int number,
                       int64_t now_us)
{
    struct db_params params;
    db_params_init(&params, arena);
    db_add_text(&params, alarm);
    db_add_int(&params, -1 - number);
    db_add_int(&params, now_us);
    return db_exec(db, tell_sql, &params);
}
