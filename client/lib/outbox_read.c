#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "lib/outbox.h"
#include "lib/outbox_sqlite.h"

/* Reads one whole number. */
static enum status read_number(struct outbox *outbox, sqlite3_stmt *statement, int64_t otherwise,
                               int64_t *out_number)
{
    if (statement == NULL || sqlite3_step(statement) != SQLITE_ROW)
        return outbox_failed(outbox, "could not read");
    *out_number = sqlite3_column_type(statement, 0) == SQLITE_NULL
                      ? otherwise
                      : sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return STATUS_OK;
}

enum status outbox_held_until(struct outbox *outbox, int64_t *out_until_ms)
{
    return read_number(outbox, outbox_prepare(outbox, QUERY_HELD_UNTIL), INT64_MAX, out_until_ms);
}

/* The query of a state among the three that begin with the one for waiting. */
static enum query for_state(enum query waiting, enum zhibao_state state)
{
    return (enum query)((int)waiting + (int)state - (int)ZHIBAO_WAITING);
}

enum status outbox_count(struct outbox *outbox, enum zhibao_state state, size_t *out_count)
{
    int64_t count = 0;
    enum status status = read_number(
        outbox, outbox_prepare(outbox, for_state(QUERY_COUNT_WAITING, state)), 0, &count);
    if (status == STATUS_OK)
        *out_count = (size_t)count;
    return status;
}

static const uint8_t *read_blob(sqlite3_stmt *statement, int column, size_t *out_size)
{
    const void *bytes = sqlite3_column_blob(statement, column);
    *out_size = bytes == NULL ? 0 : (size_t)sqlite3_column_bytes(statement, column);
    return bytes;
}

/* Reads ITEM_COLUMNS; the item borrows the statement's memory. */
static enum status read_item(struct outbox *outbox, sqlite3_stmt *statement,
                             struct zhibao_item *out_item)
{
    size_t id_size = 0, hash_size = 0;
    struct zhibao_item item = {
        .sequence = sqlite3_column_int64(statement, 0),
        .kind = (uint8_t)sqlite3_column_int(statement, 1),
        .unit = (uint64_t)sqlite3_column_int64(statement, 2),
        .state = (enum zhibao_state)sqlite3_column_int(statement, 5),
        .form = (const char *)sqlite3_column_text(statement, 6),
        .period = (uint32_t)sqlite3_column_int64(statement, 7),
        .revision = (uint32_t)sqlite3_column_int64(statement, 8),
        .created_us = sqlite3_column_int64(statement, 9),
        .tried_us = sqlite3_column_int64(statement, 10),
        .settled_us = sqlite3_column_int64(statement, 11),
        .attempts = (uint32_t)sqlite3_column_int64(statement, 12),
    };
    const uint8_t *id = read_blob(statement, 3, &id_size);
    const uint8_t *hash = read_blob(statement, 4, &hash_size);
    item.record = read_blob(statement, 13, &item.record_size);
    item.receipt = read_blob(statement, 14, &item.receipt_size);
    item.refusal = read_blob(statement, 15, &item.refusal_size);
    item.error = read_blob(statement, 16, &item.error_size);
    item.stream = (const char *)sqlite3_column_text(statement, 17);
    item.discarded_us = sqlite3_column_int64(statement, 18);
    item.superseded = sqlite3_column_int(statement, 19) != 0;
    if (id_size != sizeof item.id.bytes || hash_size != sizeof item.payload_sha256.bytes ||
        item.form == NULL || item.stream == NULL || item.record == NULL) {
        snprintf(outbox->trouble, sizeof outbox->trouble, "damaged record %" PRId64, item.sequence);
        return STATUS_DATABASE;
    }
    memcpy(item.id.bytes, id, id_size);
    memcpy(item.payload_sha256.bytes, hash, hash_size);
    *out_item = item;
    return STATUS_OK;
}

/* Visits every row of a statement. *out_count: how many. */
static enum status visit_rows(struct outbox *outbox, sqlite3_stmt *statement, zhibao_visit *visit,
                              void *context, size_t *out_count)
{
    enum status status = STATUS_OK;
    size_t count = 0;
    int result = SQLITE_DONE;
    while (status == STATUS_OK && (result = sqlite3_step(statement)) == SQLITE_ROW) {
        struct zhibao_item item;
        status = read_item(outbox, statement, &item);
        if (status == STATUS_OK)
            status = visit(&item, context);
        count++;
    }
    if (status == STATUS_OK && result != SQLITE_DONE)
        status = outbox_failed(outbox, "could not read");
    sqlite3_reset(statement);
    *out_count = count;
    return status;
}

enum status outbox_next(struct outbox *outbox, int64_t sequence, int64_t now_ms,
                        zhibao_visit *visit, void *context)
{
    size_t count = 0;
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_NEXT);
    if (statement == NULL)
        return outbox_failed(outbox, "could not read");
    sqlite3_bind_int64(statement, 1, sequence);
    sqlite3_bind_int64(statement, 2, now_ms);
    enum status status = visit_rows(outbox, statement, visit, context, &count);
    return status == STATUS_OK && count == 0 ? STATUS_NOT_FOUND : status;
}

enum status outbox_item(struct outbox *outbox, int64_t sequence, zhibao_visit *visit, void *context)
{
    size_t count = 0;
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_ITEM);
    if (statement == NULL)
        return outbox_failed(outbox, "could not read");
    sqlite3_bind_int64(statement, 1, sequence);
    enum status status = visit_rows(outbox, statement, visit, context, &count);
    return status == STATUS_OK && count == 0 ? STATUS_NOT_FOUND : status;
}

enum status outbox_list(struct outbox *outbox, enum zhibao_state state, zhibao_visit *visit,
                        void *context)
{
    size_t count = 0;
    sqlite3_stmt *statement = outbox_prepare(outbox, for_state(QUERY_LIST_WAITING, state));
    if (statement == NULL)
        return outbox_failed(outbox, "could not read");
    return visit_rows(outbox, statement, visit, context, &count);
}

enum status outbox_waiting(struct outbox *outbox, uint8_t kind, zhibao_visit *visit, void *context)
{
    size_t count = 0;
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_WAITING_KIND);
    if (statement == NULL)
        return outbox_failed(outbox, "could not read");
    sqlite3_bind_int(statement, 1, kind);
    return visit_rows(outbox, statement, visit, context, &count);
}

enum status outbox_waiting_after(struct outbox *outbox, int64_t sequence, zhibao_visit *visit,
                                 void *context)
{
    size_t count = 0;
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_WAITING_AFTER);
    if (statement == NULL)
        return outbox_failed(outbox, "could not read");
    sqlite3_bind_int64(statement, 1, sequence);
    enum status status = visit_rows(outbox, statement, visit, context, &count);
    return status == STATUS_OK && count == 0 ? STATUS_NOT_FOUND : status;
}

enum status outbox_former(struct outbox *outbox, int64_t sequence, outbox_version *visit,
                          void *context)
{
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_FORMER);
    if (statement == NULL)
        return outbox_failed(outbox, "could not read");
    sqlite3_bind_int64(statement, 1, sequence);
    enum status status = STATUS_OK;
    int result = SQLITE_DONE;
    while (status == STATUS_OK && (result = sqlite3_step(statement)) == SQLITE_ROW) {
        size_t size = 0;
        const uint8_t *record = read_blob(statement, 0, &size);
        status = visit(record, size, context);
    }
    if (status == STATUS_OK && result != SQLITE_DONE)
        status = outbox_failed(outbox, "could not read");
    sqlite3_reset(statement);
    return status;
}

enum status outbox_find(struct outbox *outbox, const char *id_prefix, zhibao_visit *visit,
                        void *context)
{
    size_t count = 0;
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_FIND);
    if (statement == NULL)
        return outbox_failed(outbox, "could not read");
    sqlite3_bind_text(statement, 1, id_prefix, -1, SQLITE_STATIC);
    enum status status = visit_rows(outbox, statement, visit, context, &count);
    return status == STATUS_OK && count == 0 ? STATUS_NOT_FOUND : status;
}

enum status outbox_by_id(struct outbox *outbox, uint8_t kind, uint64_t unit,
                         const struct record_id *id, zhibao_visit *visit, void *context)
{
    size_t count = 0;
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_BY_ID);
    if (statement == NULL)
        return outbox_failed(outbox, "could not read");
    sqlite3_bind_int(statement, 1, kind);
    sqlite3_bind_int64(statement, 2, (int64_t)unit);
    outbox_bind(statement, 3, id->bytes, sizeof id->bytes);
    enum status status = visit_rows(outbox, statement, visit, context, &count);
    return status == STATUS_OK && count == 0 ? STATUS_NOT_FOUND : status;
}

enum status outbox_newest_report(struct outbox *outbox, uint64_t unit, const char *form,
                                 uint32_t period, zhibao_visit *visit, void *context)
{
    size_t count = 0;
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_NEWEST);
    if (statement == NULL)
        return outbox_failed(outbox, "could not read");
    sqlite3_bind_text(statement, 1, form, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 2, period);
    sqlite3_bind_int64(statement, 3, (int64_t)unit);
    enum status status = visit_rows(outbox, statement, visit, context, &count);
    return status == STATUS_OK && count == 0 ? STATUS_NOT_FOUND : status;
}

enum status outbox_note_get(struct outbox *outbox, const char *name, uint8_t **out_bytes,
                            size_t *out_size, int64_t *out_set_us)
{
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_NOTE_GET);
    if (statement == NULL)
        return outbox_failed(outbox, "could not read");
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    int result = sqlite3_step(statement);
    enum status status = result == SQLITE_ROW    ? STATUS_OK
                         : result == SQLITE_DONE ? STATUS_NOT_FOUND
                                                 : outbox_failed(outbox, "could not read");
    if (status == STATUS_OK) {
        size_t size = 0;
        const uint8_t *blob = read_blob(statement, 0, &size);
        uint8_t *bytes = malloc(size + 1);
        if (bytes == NULL) {
            status = STATUS_NO_MEMORY;
        } else {
            if (size > 0)
                memcpy(bytes, blob, size);
            bytes[size] = '\0';
            *out_bytes = bytes;
            *out_size = size;
            *out_set_us = sqlite3_column_int64(statement, 1);
        }
    }
    sqlite3_reset(statement);
    return status;
}

enum status outbox_note_set(struct outbox *outbox, const char *name, const uint8_t *bytes,
                            size_t size)
{
    if (size > OUTBOX_NOTE_MAX)
        return STATUS_LIMIT;
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_NOTE_SET);
    if (statement == NULL)
        return outbox_failed(outbox, "could not store");
    sqlite3_bind_text(statement, 1, name, -1, SQLITE_STATIC);
    outbox_bind(statement, 2, bytes, size);
    sqlite3_bind_int64(statement, 3, clock_now_us());
    return outbox_run(outbox, statement);
}
