#include "lib/outbox.h"

#include <string.h>

#include "base/bytes.h"
#include "lib/outbox_sqlite.h"

/* STATUS_OK when the record that is already there has the same bytes. */
static enum status compare(struct outbox *outbox, const struct zhibao_item *item)
{
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_SAME);
    if (statement == NULL)
        return outbox_failed(outbox, "could not compare");
    sqlite3_bind_int(statement, 1, item->kind);
    sqlite3_bind_int64(statement, 2, (int64_t)item->unit);
    outbox_bind(statement, 3, item->id.bytes, sizeof item->id.bytes);
    outbox_bind(statement, 4, item->record, item->record_size);
    enum status status = STATUS_CONFLICT;
    if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_int(statement, 0) == 1)
        status = STATUS_OK;
    sqlite3_reset(statement);
    return status;
}

/* STATUS_LIMIT when the outbox is full. Counts only when it could be: the count is never too low,
 * because only this handle adds. */
static enum status make_room(struct outbox *outbox)
{
    if (!outbox->counted || outbox->waiting >= OUTBOX_WAITING_MAX) {
        enum status status = outbox_count(outbox, ZHIBAO_WAITING, &outbox->waiting);
        if (status != STATUS_OK)
            return status;
        outbox->counted = true;
    }
    return outbox->waiting >= OUTBOX_WAITING_MAX ? STATUS_LIMIT : STATUS_OK;
}

enum status outbox_put(struct outbox *outbox, const struct zhibao_item *item, const char *stream)
{
    enum status status = make_room(outbox);
    if (status != STATUS_OK)
        return status;
    if (strlen(stream) > OUTBOX_STREAM_MAX)
        return STATUS_LIMIT;
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_PUT);
    if (statement == NULL)
        return outbox_failed(outbox, "could not store");
    sqlite3_bind_int(statement, 1, item->kind);
    sqlite3_bind_int64(statement, 2, (int64_t)item->unit);
    outbox_bind(statement, 3, item->id.bytes, sizeof item->id.bytes);
    outbox_bind(statement, 4, item->payload_sha256.bytes, sizeof item->payload_sha256.bytes);
    sqlite3_bind_text(statement, 5, stream, -1, SQLITE_STATIC);
    sqlite3_bind_text(statement, 6, item->form == NULL ? "" : item->form, -1, SQLITE_STATIC);
    sqlite3_bind_int64(statement, 7, item->period);
    sqlite3_bind_int64(statement, 8, item->revision);
    sqlite3_bind_int64(statement, 9, item->created_us);
    outbox_bind(statement, 10, item->record, item->record_size);
    status = outbox_run(outbox, statement);
    if (status == STATUS_OK && sqlite3_changes(outbox->database) == 0)
        return compare(outbox, item);
    if (status == STATUS_OK)
        outbox->waiting++;
    return status;
}

/* Runs an update of one record by its sequence. */
static enum status update(struct outbox *outbox, sqlite3_stmt *statement, int64_t sequence)
{
    if (statement == NULL)
        return outbox_failed(outbox, "could not store");
    sqlite3_bind_int64(statement, 1, sequence);
    enum status status = outbox_run(outbox, statement);
    return status == STATUS_OK && sqlite3_changes(outbox->database) == 0 ? STATUS_NOT_FOUND
                                                                         : status;
}

enum status outbox_receipted(struct outbox *outbox, int64_t sequence, const uint8_t *receipt,
                             size_t size)
{
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_RECEIPTED);
    if (statement != NULL) {
        outbox_bind(statement, 2, receipt, size);
        sqlite3_bind_int64(statement, 3, clock_now_us());
    }
    return update(outbox, statement, sequence);
}

enum status outbox_refused(struct outbox *outbox, int64_t sequence, const uint8_t *refusal,
                           size_t refusal_size, const uint8_t *error, size_t error_size)
{
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_REFUSED);
    if (statement != NULL) {
        outbox_bind(statement, 2, refusal, refusal_size);
        outbox_bind(statement, 3, error, error_size);
        sqlite3_bind_int64(statement, 4, clock_now_us());
    }
    return update(outbox, statement, sequence);
}

enum status outbox_discard(struct outbox *outbox, int64_t sequence)
{
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_DISCARD);
    if (statement != NULL)
        sqlite3_bind_int64(statement, 2, clock_now_us());
    return update(outbox, statement, sequence);
}

enum status outbox_tried(struct outbox *outbox, int64_t sequence)
{
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_TRIED);
    if (statement != NULL)
        sqlite3_bind_int64(statement, 2, clock_now_us());
    return update(outbox, statement, sequence);
}

enum status outbox_troubled(struct outbox *outbox, int64_t sequence, const uint8_t *error,
                            size_t error_size)
{
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_TROUBLED);
    if (statement != NULL)
        outbox_bind(statement, 2, error, error_size);
    return update(outbox, statement, sequence);
}

enum status outbox_hold(struct outbox *outbox, int64_t sequence, int64_t until_ms)
{
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_HOLD);
    if (statement != NULL)
        sqlite3_bind_int64(statement, 2, until_ms);
    return update(outbox, statement, sequence);
}

enum status outbox_replace(struct outbox *outbox, int64_t sequence, const uint8_t *record,
                           size_t size)
{
    enum status status = update(outbox, outbox_prepare(outbox, QUERY_KEEP_FORMER), sequence);
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_REPLACE);
    if (statement != NULL)
        outbox_bind(statement, 2, record, size);
    return status == STATUS_OK ? update(outbox, statement, sequence) : status;
}

enum status outbox_unhold(struct outbox *outbox, int64_t sequence)
{
    sqlite3_stmt *statement = outbox_prepare(outbox, QUERY_UNHOLD);
    if (statement != NULL)
        sqlite3_bind_int64(statement, 1, sequence);
    return outbox_run(outbox, statement);
}

enum status outbox_release(struct outbox *outbox)
{
    return outbox_run(outbox, outbox_prepare(outbox, QUERY_RELEASE));
}
