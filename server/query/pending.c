/* PENDING: what waits for the asker's review, oldest first. */
#include "query.pb-c.h"
#include "server/chain/rules.h"
#include "server/query/explained.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/store/query_late.h"
#include "server/store/query_pending.h"
#include "server/store/query_reports.h"

enum { PENDING_PAGE = 500, PENDING_KEYS = 3, EXPLAINED_LISTED = 60 };

/* The page's explanations; ascending by `subject`, the row's index. */
struct said {
    struct explained_row *rows;
    size_t count;
};

static enum status said_load(const struct query *query, const struct pending_row *rows,
                             size_t count, struct said *out_said)
{
    struct explained_subject *subjects = arena_array(query->arena, count, sizeof *subjects);
    if (subjects == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        struct registry_unit unit = {0};
        if (registry_unit(query->registry, rows[i].unit, &unit))
            subjects[i] =
                (struct explained_subject){rows[i].kind, unit.district, rows[i].unit, rows[i].id};
    }
    return query_explained(query->db, query->arena, subjects, count, &out_said->rows,
                           &out_said->count);
}

static enum status said_fill(const struct query *query, const struct pending_row *row,
                             const struct said *said, size_t subject, Zhibao__PendingItem *item)
{
    const struct plan *plan = registry_plan(query->registry, row->plan);
    item->explained = arena_array(query->arena, said->count, sizeof(Zhibao__Explained *));
    if (item->explained == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < said->count; i++) {
        if (said->rows[i].subject != subject || item->explained_count++ >= EXPLAINED_LISTED)
            continue; /* an answer has a limit */
        Zhibao__Explained *explained = explained_make(query, plan, &said->rows[i]);
        if (explained == NULL)
            return STATUS_NO_MEMORY;
        item->explained[item->n_explained++] = explained;
    }
    return STATUS_OK;
}

static enum status late_load(const struct query *query, const struct pending_row *rows,
                             size_t count, bool **out_late)
{
    struct late_subject *subjects = arena_array(query->arena, count, sizeof *subjects);
    bool *late = arena_array(query->arena, count, sizeof *late);
    if (subjects == NULL || late == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        struct registry_unit unit;
        if (registry_unit(query->registry, rows[i].unit, &unit))
            subjects[i] = (struct late_subject){.district = unit.district,
                                                .unit = rows[i].unit,
                                                .plan = rows[i].plan,
                                                .form = rows[i].form,
                                                .period = rows[i].period,
                                                .kind = rows[i].kind};
        else
            subjects[i] = (struct late_subject){.plan = "", .form = ""};
    }
    *out_late = late;
    return query_late(query->db, query->arena, subjects, count, late);
}

static Zhibao__PendingItem *item_make(const struct query *query, const struct pending_row *row)
{
    Zhibao__PendingItem *item =
        (Zhibao__PendingItem *)reply_new(query->arena, &zhibao__pending_item__descriptor);
    Zhibao__RecordRef *record =
        (Zhibao__RecordRef *)reply_new(query->arena, &zhibao__record_ref__descriptor);
    if (item == NULL || record == NULL)
        return NULL;
    bool total = row->kind == ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION;
    item->record = record;
    item->kind = (Zhibao__RecordKind)row->kind;
    item->unit_name = query_unit_name(query, row->unit);
    item->plan = row->plan;
    item->form = row->form;
    item->period = (uint32_t)row->period;
    item->revision = (uint32_t)row->revision;
    item->received_us = row->received_us;
    item->entered_by = row->entered_by;
    item->demonstration = row->demonstration;
    item->state = row->reopened     ? ZHIBAO__STATE__STATE_REOPENED
                  : total           ? ZHIBAO__STATE__STATE_CONFIRMED
                  : !row->checked   ? ZHIBAO__STATE__STATE_STORED
                  : row->signed_off ? ZHIBAO__STATE__STATE_SIGNED
                  : row->reviewed   ? ZHIBAO__STATE__STATE_REVIEWED
                                    : ZHIBAO__STATE__STATE_CHECKED;
    record->unit = row->unit;
    if (item->unit_name == NULL ||
        !reply_bytes(query->arena, row->id.bytes, RECORD_ID_BYTES, &record->id) ||
        !reply_bytes(query->arena, row->payload_sha256.bytes, HASH_BYTES, &record->payload_sha256))
        return NULL;
    return item;
}

/* False when the asker reviews nothing. */
static bool scope_make(const struct query *query, const Zhibao__Pending *asked,
                       struct pending_scope *out_scope)
{
    struct pending_scope scope = {
        .district = query->asker.district, .form = asked->form, .period = asked->period};
    bool township = query->asker.role == ROLE_TOWNSHIP;
    struct unit_span span = unit_span_of(unit_place(query->asker.id));
    if (!township && query->asker.role != ROLE_STATISTICS)
        return false;
    scope.village_forms = township;
    /* a city also reviews what its districts report up, and nothing else of theirs */
    scope.first_district = (uint64_t)span.first_district;
    scope.last_district = (uint64_t)span.last_district;
    scope.first_unit = (uint64_t)span.first_unit;
    scope.last_unit = (uint64_t)span.last_unit;
    *out_scope = scope;
    return true;
}

static enum status page_fill(const struct query *query, const struct pending_row *rows,
                             size_t count, Zhibao__PendingItems *reply)
{
    struct reply_budget budget = REPLY_BUDGET;
    struct said said = {0};
    bool *late = NULL;
    enum status status = said_load(query, rows, count < PENDING_PAGE ? count : PENDING_PAGE, &said);
    if (status == STATUS_OK)
        status = late_load(query, rows, count < PENDING_PAGE ? count : PENDING_PAGE, &late);
    if (status != STATUS_OK)
        return status;
    reply->items = arena_array(query->arena, count, sizeof(Zhibao__PendingItem *));
    if (reply->items == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && i < PENDING_PAGE; i++) {
        Zhibao__PendingItem *item = item_make(query, &rows[i]);
        if (item == NULL || said_fill(query, &rows[i], &said, i, item) != STATUS_OK)
            return STATUS_NO_MEMORY;
        item->late = late[i];
        if (!reply_fits(&budget, &item->base))
            break;
        reply->items[reply->n_items++] = item;
    }
    if (reply->n_items == count)
        return STATUS_OK;
    const struct chain_position *last = &rows[reply->n_items - 1].position;
    int64_t next[PENDING_KEYS] = {last->chain, last->batch, last->leaf};
    reply->next = cursor_write(query->arena, next, PENDING_KEYS);
    return reply->next == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

enum status query_run_pending(struct query *query, const ProtobufCMessage *request,
                              ProtobufCMessage **out_reply)
{
    const Zhibao__Pending *asked = (const Zhibao__Pending *)request;
    struct pending_row *rows = NULL;
    size_t count = 0;
    struct pending_scope scope;
    int64_t keys[PENDING_KEYS];
    Zhibao__PendingItems *reply =
        (Zhibao__PendingItems *)reply_new(query->arena, &zhibao__pending_items__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status = query_cursor(query, "cursor", asked->cursor, keys, PENDING_KEYS);
    if (status == STATUS_OK && scope_make(query, asked, &scope)) {
        struct chain_position after = {keys[0], keys[1], keys[2]};
        status =
            query_pending(query->db, query->arena, &scope, &after, PENDING_PAGE + 1, &rows, &count);
        if (status == STATUS_OK)
            status = page_fill(query, rows, count, reply);
    }
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
