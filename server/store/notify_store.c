#include "server/store/notify_store.h"

#include <string.h>

enum { FEED_BATCHES = 500, CONTACTS_MAX = 5000 };

static const char *const channels[] = {"email", "webhook"};

enum status store_contact(struct apply *apply, const struct task *task,
                          const Zhibao__Contact *contact)
{
    struct db_params params;
    db_params_init(&params, apply->arena);
    db_add_int(&params, (int64_t)contact->unit);
    db_add_text(&params, contact->email);
    db_add_text(&params, contact->webhook);
    db_add_text(&params, contact->language);
    db_add_int(&params, (int64_t)task->leaf.unit);
    db_add_int(&params, task->leaf.received_us);
    db_add_int(&params, apply->chain);
    db_add_int(&params, apply->batch);
    db_add_int(&params, task->index);
    return db_exec(apply->db,
                   "insert into zhibao.contact (unit, email, webhook, language, set_by,"
                   " received_us, chain, batch, leaf) values ($1::bigint, $2, $3, $4, $5::bigint,"
                   " $6::bigint, $7::smallint, $8::bigint, $9::int) on conflict (unit) do update"
                   " set email = excluded.email, webhook = excluded.webhook,"
                   " language = excluded.language, set_by = excluded.set_by,"
                   " received_us = excluded.received_us, chain = excluded.chain,"
                   " batch = excluded.batch, leaf = excluded.leaf",
                   &params);
}

/* How far each chain has been looked at; -1: never. Its newest batch. */
static const char heads_sql[] =
    "select c.chain, coalesce(k.batch, -1), coalesce((select max(b.number) from zhibao.batch b"
    "  where b.chain = c.chain), 0)"
    " from zhibao.chain c left join zhibao.notice_cursor k using (chain) order by c.chain";

/* One statement, so that an event is neither passed over nor looked at twice. Batches are committed
 * one after another, so nothing appears behind the cursor. A notice's id follows from its place.
 * The bounds are parameters so that they reach the indexes below the view.
 *
 *   $1 nothing older, $2 now, $3 the chain, $4 behind this batch, $5 to this one */
static const char feed_sql[] =
    "with moved as (insert into zhibao.notice_cursor (chain, batch)"
    "  values ($3::smallint, $5::bigint)"
    "  on conflict (chain) do update set batch = excluded.batch)"
    " insert into zhibao.notice_message (unit, channel, chain, batch, leaf, id, event,"
    "  about_unit, actor, plan, form, period, level, due_us, until_us, days, made_us, state,"
    "  tries, next_us, done_us, error)"
    " select e.concerns, w.channel, e.chain, e.batch, e.leaf,"
    "  substr(sha256(convert_to(concat_ws('/', (select encode(c.chain_id, 'hex')"
    "    from zhibao.chain c where c.chain = $3::smallint), e.batch, e.leaf, e.concerns,"
    "   w.channel), 'UTF8')), 1, 16),"
    "  e.event, e.about_unit, e.actor, e.plan, e.form, e.period, e.level, e.due_us, e.until_us,"
    "  e.days, e.received_us, 'waiting', 0, $2::bigint, 0, ''"
    " from zhibao.notice_event e join zhibao.contact k on k.unit = e.concerns"
    " cross join lateral (values ('email', k.email), ('webhook', k.webhook)) w (channel, address)"
    " where e.chain = $3::smallint and e.batch > $4::bigint and e.batch <= $5::bigint"
    " and w.address <> '' and e.received_us >= $1::bigint"
    " on conflict do nothing";

/* One chain, some batches. The first call of all only marks where to begin. */
static enum status chain_feed(struct db *db, struct arena *arena, int64_t since_us, int64_t now_us,
                              int64_t chain, int64_t seen, int64_t newest, bool *out_more)
{
    struct db_params params;
    if (newest == seen)
        return STATUS_OK;
    int64_t upto = seen < 0 || newest - seen < FEED_BATCHES ? newest : seen + FEED_BATCHES;
    db_params_init(&params, arena);
    db_add_int(&params, since_us);
    db_add_int(&params, now_us);
    db_add_int(&params, chain);
    db_add_int(&params, seen < 0 ? newest : seen);
    db_add_int(&params, upto);
    *out_more = *out_more || upto < newest;
    return db_exec(db, feed_sql, &params);
}

enum status notices_feed(struct db *db, struct arena *arena, int64_t since_us, int64_t now_us,
                         bool *out_more)
{
    PGresult *result = NULL;
    enum status status = db_run(db, heads_sql, NULL, &result);
    bool more = false;
    if (status != STATUS_OK)
        return status;
    for (int i = 0; i < PQntuples(result) && status == STATUS_OK; i++)
        status = chain_feed(db, arena, since_us, now_us, db_int(result, i, 0), db_int(result, i, 1),
                            db_int(result, i, 2), &more);
    PQclear(result);
    if (status == STATUS_OK)
        *out_more = more;
    return status;
}

static enum status row_read(const PGresult *result, int i, struct arena *arena, void *out_row)
{
    struct notice_row row = {
        .unit = (uint64_t)db_int(result, i, 0),
        .channel = strcmp(db_text(result, i, 1), channels[CHANNEL_EMAIL]) == 0 ? CHANNEL_EMAIL
                                                                               : CHANNEL_WEBHOOK,
        .chain = db_int(result, i, 2),
        .batch = db_int(result, i, 3),
        .leaf = db_int(result, i, 4),
        .event = arena_string(arena, db_text(result, i, 6)),
        .about_unit = (uint64_t)db_int(result, i, 7),
        .actor = (uint64_t)db_int(result, i, 8),
        .plan = arena_string(arena, db_text(result, i, 9)),
        .form = arena_string(arena, db_text(result, i, 10)),
        .period = (int)db_int(result, i, 11),
        .level = (int)db_int(result, i, 12),
        .due_us = db_int(result, i, 13),
        .until_us = db_int(result, i, 14),
        .days = (int)db_int(result, i, 15),
        .made_us = db_int(result, i, 16),
        .tries = (int)db_int(result, i, 17),
        .address = arena_string(arena, db_text(result, i, 18)),
        .language = arena_string(arena, db_text(result, i, 19)),
    };
    if (row.event == NULL || row.plan == NULL || row.form == NULL || row.address == NULL ||
        row.language == NULL)
        return STATUS_NO_MEMORY;
    enum status status =
        db_fixed(result, i, 5, row.id.bytes, RECORD_ID_BYTES) ? STATUS_OK : STATUS_MISMATCH;
    if (status == STATUS_OK)
        *(struct notice_row *)out_row = row;
    return status;
}

enum status notices_due(struct db *db, struct arena *arena, int64_t now_us, bool email,
                        bool webhook, size_t limit, struct notice_row **out_rows, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, now_us);
    db_add_bool(&params, email);
    db_add_bool(&params, webhook);
    db_add_int(&params, (int64_t)limit);
    enum status status = db_run(
        db,
        "select m.unit, m.channel, m.chain, m.batch, m.leaf, m.id, m.event, m.about_unit, m.actor,"
        " m.plan, m.form, m.period, m.level, m.due_us, m.until_us, m.days, m.made_us, m.tries,"
        " coalesce(case m.channel when 'email' then k.email else k.webhook end, ''),"
        " coalesce(k.language, 'zh')"
        " from zhibao.notice_message m left join zhibao.contact k using (unit)"
        " where m.state = 'waiting' and m.next_us <= $1::bigint"
        " and case m.channel when 'email' then $2::boolean else $3::boolean end"
        " order by m.next_us, m.tries, m.chain, m.batch, m.leaf, m.unit limit $4::bigint",
        &params, &result);
    if (status != STATUS_OK)
        return status;
    void *rows = NULL;
    status = db_rows(result, arena, sizeof(struct notice_row), row_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_rows = rows;
    return status;
}

/* The row's key as the first five parameters. */
static void key_add(struct db_params *params, struct arena *arena, const struct notice_row *row)
{
    db_params_init(params, arena);
    db_add_int(params, (int64_t)row->unit);
    db_add_text(params, channels[row->channel]);
    db_add_int(params, row->chain);
    db_add_int(params, row->batch);
    db_add_int(params, row->leaf);
}

#define KEY                                                              \
    " where unit = $1::bigint and channel = $2 and chain = $3::smallint" \
    " and batch = $4::bigint and leaf = $5::int"

enum status notice_sent(struct db *db, struct arena *arena, const struct notice_row *row,
                        int64_t now_us)
{
    struct db_params params;
    key_add(&params, arena, row);
    db_add_int(&params, now_us);
    return db_exec(db,
                   "update zhibao.notice_message set state = 'sent', tries = tries + 1,"
                   " done_us = $6::bigint, error = ''" KEY,
                   &params);
}

enum status notice_failed(struct db *db, struct arena *arena, const struct notice_row *row,
                          const char *error, int64_t now_us, int64_t next_us)
{
    struct db_params params;
    key_add(&params, arena, row);
    db_add_int(&params, now_us);
    db_add_int(&params, next_us);
    db_add_text(&params, error);
    return db_exec(db,
                   "update zhibao.notice_message set tries = tries + 1, error = $8,"
                   " state = case when $7::bigint = 0 then 'given_up' else 'waiting' end,"
                   " done_us = case when $7::bigint = 0 then $6::bigint else 0 end,"
                   " next_us = $7::bigint" KEY,
                   &params);
}

enum status notices_postpone(struct db *db, struct arena *arena, const struct notice_row *row,
                             int64_t next_us)
{
    struct db_params params;
    db_params_init(&params, arena);
    db_add_text(&params, channels[row->channel]);
    db_add_int(&params, row->channel == CHANNEL_EMAIL ? 0 : (int64_t)row->unit);
    db_add_int(&params, next_us);
    return db_exec(db,
                   "update zhibao.notice_message set next_us = $3::bigint where state = 'waiting'"
                   " and channel = $1 and ($2::bigint = 0 or unit = $2::bigint)"
                   " and next_us < $3::bigint",
                   &params);
}

static enum status contact_read(const PGresult *result, int i, struct arena *arena, void *out)
{
    Zhibao__ContactRow *row = arena_alloc(arena, sizeof *row);
    if (row == NULL)
        return STATUS_NO_MEMORY;
    zhibao__contact_row__init(row);
    row->unit = (uint64_t)db_int(result, i, 0);
    row->unit_name = arena_string(arena, db_text(result, i, 1));
    row->email = arena_string(arena, db_text(result, i, 2));
    row->webhook = arena_string(arena, db_text(result, i, 3));
    row->language = arena_string(arena, db_text(result, i, 4));
    row->set_by = (uint64_t)db_int(result, i, 5);
    row->time_us = db_int(result, i, 6);
    if (!(row->unit_name && row->email && row->webhook && row->language))
        return STATUS_NO_MEMORY;
    *(Zhibao__ContactRow **)out = row;
    return STATUS_OK;
}

enum status query_contacts(struct db *db, struct arena *arena, uint64_t first, uint64_t last,
                           Zhibao__ContactRow ***out_rows, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)first);
    db_add_int(&params, (int64_t)last);
    db_add_int(&params, CONTACTS_MAX);
    enum status status =
        db_run(db,
               "select k.unit, u.name_zh, k.email, k.webhook, k.language, k.set_by, k.received_us"
               " from zhibao.contact k join zhibao.unit u using (unit)"
               " where k.unit between $1::bigint and $2::bigint and k.email || k.webhook <> ''"
               " order by k.unit limit $3::bigint",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    void *rows = NULL;
    status = db_rows(result, arena, sizeof(Zhibao__ContactRow *), contact_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_rows = rows;
    return status;
}

static bool told_read(const PGresult *result, int i, struct arena *arena, struct notice_told *told)
{
    Zhibao__NoticeRow *row = &told->row;
    struct record_id id;
    zhibao__notice_row__init(row);
    if (!db_fixed(result, i, 0, id.bytes, RECORD_ID_BYTES))
        return false;
    row->id.len = RECORD_ID_BYTES;
    row->id.data = arena_copy(arena, id.bytes, RECORD_ID_BYTES);
    row->unit = (uint64_t)db_int(result, i, 1);
    row->unit_name = arena_string(arena, db_text(result, i, 2));
    row->channel = arena_string(arena, db_text(result, i, 3));
    row->event = arena_string(arena, db_text(result, i, 4));
    row->made_us = db_int(result, i, 5);
    row->state = arena_string(arena, db_text(result, i, 6));
    row->tries = (uint32_t)db_int(result, i, 7);
    row->next_us = db_int(result, i, 8);
    row->done_us = db_int(result, i, 9);
    row->error = arena_string(arena, db_text(result, i, 10));
    int64_t key[5] = {
        row->made_us, (int64_t)row->unit, db_int(result, i, 11), db_int(result, i, 12),
        strcmp(row->channel == NULL ? "" : row->channel, channels[CHANNEL_WEBHOOK]) == 0};
    memcpy(told->key, key, sizeof key);
    return row->id.data && row->unit_name && row->channel && row->event && row->state && row->error;
}

enum status query_notices(struct db *db, struct arena *arena, const struct notice_filter *filter,
                          size_t limit, struct notice_told **out_rows, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)filter->first);
    db_add_int(&params, (int64_t)filter->last);
    db_add_bool(&params, filter->failed);
    for (size_t i = 0; i < 5; i++)
        db_add_int(&params, filter->before[i]);
    db_add_int(&params, (int64_t)limit);
    enum status status = db_run(
        db,
        "select m.id, m.unit, u.name_zh, m.channel, m.event, m.made_us, m.state, m.tries,"
        " m.next_us, m.done_us, m.error, m.batch, m.leaf"
        " from zhibao.notice_message m join zhibao.unit u using (unit)"
        " where m.unit between $1::bigint and $2::bigint"
        " and (not $3::boolean or m.state = 'given_up' or m.state = 'waiting' and m.tries > 0)"
        " and ($4::bigint = 0 or (m.made_us, m.unit, m.batch, m.leaf,"
        "  (m.channel = 'webhook')::int) < ($4::bigint, $5::bigint, $6::bigint, $7::bigint,"
        "  $8::bigint))"
        " order by m.made_us desc, m.unit desc, m.batch desc, m.leaf desc,"
        " (m.channel = 'webhook')::int desc limit $9::bigint",
        &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct notice_told *rows = arena_array(arena, count, sizeof *rows);
    for (size_t i = 0; rows != NULL && i < count && status == STATUS_OK; i++)
        if (!told_read(result, (int)i, arena, &rows[i]))
            status = STATUS_NO_MEMORY;
    PQclear(result);
    if (rows == NULL || status != STATUS_OK)
        return STATUS_NO_MEMORY;
    *out_rows = rows;
    *out_count = count;
    return STATUS_OK;
}
