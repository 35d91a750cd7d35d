/* LIST_KEYS and EVENTS: keys with their holders, and what was stored, for administrators. */
#include <string.h>

#include "base/bytes.h"
#include "oversight.pb-c.h"
#include "server/query/access.h"
#include "server/query/handlers.h"
#include "server/query/own_words.h"
#include "server/query/reply.h"
#include "server/store/query_oversight.h"
#include "server/store/query_reports.h"

enum { KEYS_PAGE = 500, EVENTS_PAGE = 200, PREFIX_LEAST = 4, PREFIX_MOST = 2 * RECORD_ID_BYTES };

static bool status_known(const char *status)
{
    static const char *const known[] = {"", "pending", "active", "revoked"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i], status) == 0)
            return true;
    return false;
}

enum status query_run_list_keys(struct query *query, const ProtobufCMessage *request,
                                ProtobufCMessage **out_reply)
{
    const Zhibao__ListKeys *asked = (const Zhibao__ListKeys *)request;
    Zhibao__KeyRow **rows = NULL;
    size_t count = 0;
    int64_t skip = 0;
    uint64_t place = asked->place;
    enum status status = query_own_place(query, &place);
    if (status == STATUS_OK && !status_known(asked->status))
        status =
            query_refuse(query, STATUS_E_MALFORMED, "status", "应为 pending、active、revoked 或空",
                         "pending, active, revoked or nothing");
    if (status == STATUS_OK)
        status = query_cursor(query, "cursor", asked->cursor, &skip, 1);
    if (status != STATUS_OK)
        return status;
    struct unit_span span = unit_span_of(place);
    Zhibao__KeyRows *reply =
        (Zhibao__KeyRows *)reply_new(query->arena, &zhibao__key_rows__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    status =
        query_keys(query->db, query->arena, (uint64_t)span.first_unit, (uint64_t)span.last_unit,
                   asked->status, skip, KEYS_PAGE + 1, &rows, &count);
    if (status != STATUS_OK)
        return status;
    reply->keys = rows;
    reply->n_keys = count > KEYS_PAGE ? KEYS_PAGE : count;
    skip += (int64_t)reply->n_keys;
    if (count > KEYS_PAGE && (reply->next = cursor_write(query->arena, &skip, 1)) == NULL)
        return STATUS_NO_MEMORY;
    *out_reply = &reply->base;
    return STATUS_OK;
}

/* The first and last id that begin with these hex digits. */
static bool prefix_read(const char *prefix, uint8_t first[RECORD_ID_BYTES],
                        uint8_t last[RECORD_ID_BYTES])
{
    char low[PREFIX_MOST + 1], high[PREFIX_MOST + 1];
    size_t length = strlen(prefix);
    if (length < PREFIX_LEAST || length > PREFIX_MOST)
        return false;
    memset(low, '0', PREFIX_MOST);
    memset(high, 'f', PREFIX_MOST);
    low[PREFIX_MOST] = high[PREFIX_MOST] = '\0';
    memcpy(low, prefix, length);
    memcpy(high, prefix, length);
    return hex_decode(low, first, RECORD_ID_BYTES) == STATUS_OK &&
           hex_decode(high, last, RECORD_ID_BYTES) == STATUS_OK;
}

static enum status filter_make(struct query *query, const Zhibao__Events *asked,
                               uint8_t ids[2][RECORD_ID_BYTES], struct event_filter *out_filter)
{
    int64_t position[2] = {0, 0};
    uint64_t place = asked->place;
    enum status status = query_own_place(query, &place);
    if (status == STATUS_OK)
        status = query_cursor(query, "cursor", asked->cursor, position, 2);
    if (status != STATUS_OK)
        return status;
    struct unit_span span = unit_span_of(place);
    struct event_filter filter = {
        .first_unit = span.first_unit,
        .last_unit = span.last_unit,
        .first_district = span.first_district,
        .last_district = span.last_district,
        .unit = asked->unit,
        .kind = (int)asked->kind,
        .from_us = asked->from_us,
        .to_us = asked->to_us,
        .batch = position[0],
        .leaf = position[1],
    };
    if (asked->id_prefix[0] != '\0') {
        if (!prefix_read(asked->id_prefix, ids[0], ids[1]))
            return query_refuse(query, STATUS_E_ID, "id_prefix",
                                "应为编号开头的4至32位十六进制数字",
                                "the first 4 to 32 hex digits of an id");
        filter.first_id = ids[0];
        filter.last_id = ids[1];
    }
    *out_filter = filter;
    return STATUS_OK;
}

enum status query_run_events(struct query *query, const ProtobufCMessage *request,
                             ProtobufCMessage **out_reply)
{
    uint8_t ids[2][RECORD_ID_BYTES];
    struct event_filter filter;
    struct reply_budget budget = REPLY_BUDGET;
    Zhibao__EventRow **rows = NULL;
    size_t count = 0;
    Zhibao__EventRows *reply =
        (Zhibao__EventRows *)reply_new(query->arena, &zhibao__event_rows__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status = filter_make(query, (const Zhibao__Events *)request, ids, &filter);
    if (status == STATUS_OK)
        status = query_events(query->db, query->arena, &filter, EVENTS_PAGE + 1, &rows, &count);
    if (status != STATUS_OK)
        return status;
    reply->events = rows;
    for (size_t i = 0; i < count && i < EVENTS_PAGE; i++)
        if (!own_words_fill(query, rows[i]->event, &rows[i]->reason, &rows[i]->reason_en))
            return STATUS_NO_MEMORY;
    while (reply->n_events < count && reply->n_events < EVENTS_PAGE &&
           reply_fits(&budget, &rows[reply->n_events]->base))
        reply->n_events++;
    if (reply->n_events < count) {
        const Zhibao__EventRow *last = rows[reply->n_events - 1];
        int64_t position[2] = {(int64_t)last->batch, last->leaf};
        reply->next = cursor_write(query->arena, position, 2);
        if (reply->next == NULL)
            return STATUS_NO_MEMORY;
    }
    *out_reply = &reply->base;
    return STATUS_OK;
}
