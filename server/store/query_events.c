/* What was stored, and the plan in force. */
#include "calendar.pb-c.h"
#include "comment.pb-c.h"
#include "document.pb-c.h"
#include "duty.pb-c.h"
#include "place.pb-c.h"
#include "proof/receipt.h"
#include "server/ingest/record_type.h"
#include "server/store/query_oversight.h"
#include "wire/codec.h"

/* A bytea of any size into the arena. */
static bool take_bytes(const PGresult *result, int row, int column, struct arena *arena,
                       ProtobufCBinaryData *out)
{
    const uint8_t *bytes = db_bytes(result, row, column, &out->len);
    out->data = arena_copy(arena, bytes, out->len);
    return out->data != NULL || out->len == 0;
}

/* clang-format off */
/* Of each table the newest that fit; what is about a unit counts as well as what is by it. Records of
 * cases (kinds 30 to 45) are for those who handle the case, not for administrators (CASES.md). */
#define EVENT_COLUMNS " t.unit, t.id, t.received_us, t.carrier, t.key_id, t.batch, t.leaf"
#define BY_UNIT                                                                     \
    "t.unit between $1::bigint and $2::bigint"                                      \
    " and ($5::bigint = 0 or t.unit = $5::bigint)"
#define BY_OR_ABOUT                                                                 \
    "(t.unit between $1::bigint and $2::bigint"                                     \
    "  or t.subject_unit between $1::bigint and $2::bigint)"                        \
    " and ($5::bigint = 0 or t.unit = $5::bigint or t.subject_unit = $5::bigint)"   \
    " and ($12::bigint = 0 or t.kind = $12::bigint)"
#define NEWEST(which)                                                               \
    " where t.district between $3::bigint and $4::bigint and t.chain = 1 and " which \
    " and ($6::bigint = 0 or t.received_us >= $6::bigint)"                          \
    " and ($7::bigint = 0 or t.received_us < $7::bigint)"                           \
    " and ($8::bytea is null or t.id between $8::bytea and $9::bytea)"              \
    " and ($10::bigint = 0 or (t.batch, t.leaf) < ($10::bigint, $11::bigint))"      \
    " order by t.batch desc, t.leaf desc limit $13::bigint)"

static const char events_sql[] =
    "select e.kind, e.unit, e.id, e.received_us, e.carrier, e.key_id, e.batch, e.leaf,"
    " coalesce(e.subject, 0), e.event, coalesce(e.plan, f.plan, ''), coalesce(f.form, ''),"
    " coalesce(e.period, 0), coalesce(e.revision, 0), e.reason, e.payload,"
    " coalesce(a.name_zh, ''), coalesce(s.name_zh, ''), coalesce(k.holder, '') from ("
    "(select 1::bigint as kind," EVENT_COLUMNS ", null::bigint as subject, 'stored' as event,"
    "  null::text as plan, t.form_id, t.period, t.revision, '' as reason, null::bytea as payload"
    "  from zhibao.report t" NEWEST(BY_UNIT " and $12::bigint in (0, 1)")
    " union all "
    "(select t.kind," EVENT_COLUMNS ", t.subject_unit, t.event, t.plan, t.form_id, t.period,"
    "  t.revision, t.reason, null from zhibao.report_event t" NEWEST("t.kind > 0 and " BY_OR_ABOUT)
    " union all "
    "(select t.kind," EVENT_COLUMNS ", t.subject_unit, 'stored', null, null, null, null, '',"
    "  case when t.kind = 6 then null else t.payload end from zhibao.registry_event t"
    NEWEST("t.kind not between 30 and 45 and " BY_OR_ABOUT)
    ") e"
    " left join zhibao.form f on f.form_id = e.form_id"
    " left join zhibao.unit a on a.unit = e.unit left join zhibao.unit s on s.unit = e.subject"
    " left join zhibao.unit_key k on k.key_id = e.key_id"
    " order by e.batch desc, e.leaf desc limit $13::bigint";
/* clang-format on */

/* What a record about the registry says of itself, in the words of EventRow. */
static void say(Zhibao__EventRow *row, const char *event, char *reason)
{
    row->event = (char *)event;
    row->reason = reason;
}

static void registry_words(struct arena *arena, ProtobufCBinaryData payload, Zhibao__EventRow *row)
{
    static const char *const keys[] = {"stored", "enrol",    "approve",
                                       "revoke", "handover", "rotate"};
    static const char *const tasks[] = {"stored",     "task_open",   "task_answer",
                                        "task_close", "task_reopen", "task_escalate"};
    static const char *const comments[] = {"stored", "comment_open", "comment_answer",
                                           "comment_close"};
    const struct record_type *type = record_type_of((int)row->kind);
    ProtobufCMessage *message = NULL;
    if (type == NULL || payload.len == 0 ||
        message_read(type->payload, arena, payload.data, payload.len, &message) != STATUS_OK)
        return;
    switch (row->kind) {
    case ZHIBAO__RECORD_KIND__RECORD_KEY: {
        const Zhibao__KeyChange *change = (const Zhibao__KeyChange *)message;
        unsigned action = (unsigned)change->action;
        say(row, keys[action < sizeof keys / sizeof *keys ? action : 0], change->reason);
        break;
    }
    case ZHIBAO__RECORD_KIND__RECORD_TASK: {
        const Zhibao__Task *task = (const Zhibao__Task *)message;
        unsigned action = (unsigned)task->action;
        say(row, tasks[action < sizeof tasks / sizeof *tasks ? action : 0],
            task->title[0] != '\0' ? task->title : task->text);
        break;
    }
    case ZHIBAO__RECORD_KIND__RECORD_TASK_ESCALATION: {
        const Zhibao__TaskEscalation *told = (const Zhibao__TaskEscalation *)message;
        unsigned action = (unsigned)told->action;
        say(row, tasks[action < sizeof tasks / sizeof *tasks ? action : 0], told->title);
        break;
    }
    case ZHIBAO__RECORD_KIND__RECORD_COMMENT: {
        const Zhibao__Comment *comment = (const Zhibao__Comment *)message;
        unsigned action = (unsigned)comment->action;
        say(row, comments[action < sizeof comments / sizeof *comments ? action : 0], comment->text);
        break;
    }
    case ZHIBAO__RECORD_KIND__RECORD_EXTENSION:
        say(row, "stored", ((const Zhibao__Extension *)message)->reason);
        break;
    case ZHIBAO__RECORD_KIND__RECORD_CARRIER:
        say(row, "stored", ((const Zhibao__CarrierGrant *)message)->reason);
        break;
    case ZHIBAO__RECORD_KIND__RECORD_PLACE_CHANGE:
        say(row, "stored", ((const Zhibao__PlaceChange *)message)->reason);
        break;
    case ZHIBAO__RECORD_KIND__RECORD_DOCUMENT:
        say(row, "stored", ((const Zhibao__Document *)message)->file_name);
        break;
    default: break;
    }
}

static enum status event_read(const PGresult *result, int row, struct arena *arena, void *out)
{
    Zhibao__EventRow *event = arena_alloc(arena, sizeof *event);
    ProtobufCBinaryData payload = {0, NULL};
    if (event == NULL)
        return STATUS_NO_MEMORY;
    zhibao__event_row__init(event);
    event->kind = (Zhibao__RecordKind)db_int(result, row, 0);
    event->unit = (uint64_t)db_int(result, row, 1);
    event->received_us = db_int(result, row, 3);
    event->carrier = (uint64_t)db_int(result, row, 4);
    event->batch = (uint64_t)db_int(result, row, 6);
    event->leaf = (uint32_t)db_int(result, row, 7);
    event->subject_unit = (uint64_t)db_int(result, row, 8);
    event->event = arena_string(arena, db_text(result, row, 9));
    event->plan = arena_string(arena, db_text(result, row, 10));
    event->form = arena_string(arena, db_text(result, row, 11));
    event->period = (uint32_t)db_int(result, row, 12);
    event->revision = (uint32_t)db_int(result, row, 13);
    event->reason = arena_string(arena, db_text(result, row, 14));
    event->unit_name = arena_string(arena, db_text(result, row, 16));
    event->subject_name = arena_string(arena, db_text(result, row, 17));
    event->holder = arena_string(arena, db_text(result, row, 18));
    if (!(event->event && event->plan && event->form && event->reason && event->unit_name &&
          event->subject_name && event->holder && take_bytes(result, row, 2, arena, &event->id) &&
          take_bytes(result, row, 5, arena, &event->key) &&
          take_bytes(result, row, 15, arena, &payload)))
        return STATUS_NO_MEMORY;
    registry_words(arena, payload, event);
    *(Zhibao__EventRow **)out = event;
    return STATUS_OK;
}

enum status query_events(struct db *db, struct arena *arena, const struct event_filter *filter,
                         size_t limit, Zhibao__EventRow ***out_rows, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    void *rows = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, filter->first_unit);
    db_add_int(&params, filter->last_unit);
    db_add_int(&params, filter->first_district);
    db_add_int(&params, filter->last_district);
    db_add_int(&params, (int64_t)filter->unit);
    db_add_int(&params, filter->from_us);
    db_add_int(&params, filter->to_us);
    if (filter->first_id != NULL) {
        db_add_bytes(&params, filter->first_id, RECORD_ID_BYTES);
        db_add_bytes(&params, filter->last_id, RECORD_ID_BYTES);
    } else {
        db_add_null(&params);
        db_add_null(&params);
    }
    db_add_int(&params, filter->batch);
    db_add_int(&params, filter->leaf);
    db_add_int(&params, filter->kind);
    db_add_int(&params, (int64_t)limit);
    enum status status = db_run(db, events_sql, &params, &result);
    if (status == STATUS_OK)
        status = db_rows(result, arena, sizeof(Zhibao__EventRow *), event_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_rows = rows;
    return status;
}

enum status query_plan_in_force(struct db *db, struct arena *arena, const char *plan,
                                struct plan_in_force *out_plan)
{
    struct db_params params;
    PGresult *result = NULL;
    ProtobufCBinaryData payload, id;
    db_params_init(&params, arena);
    db_add_text(&params, plan);
    enum status status =
        db_run(db,
               "select e.payload, e.unit, e.id, e.received_us from zhibao.plan p"
               " join zhibao.registry_event e on e.district = p.district and e.unit = p.unit"
               "  and e.kind = 6 and e.id = p.id where p.plan = $1",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        status = STATUS_NOT_FOUND;
    else if (!take_bytes(result, 0, 0, arena, &payload) || !take_bytes(result, 0, 2, arena, &id))
        status = STATUS_NO_MEMORY;
    else
        *out_plan =
            (struct plan_in_force){payload.data, payload.len, (uint64_t)db_int(result, 0, 1),
                                   id.data, db_int(result, 0, 3)};
    PQclear(result);
    return status;
}
