/* The COPY of a batch's reports, in PostgreSQL's binary format (documented under COPY). */
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"
#include "base/log.h"
#include "server/store/ingest_store.h"

enum {
    OID_INT2 = 21,
    OID_FLOAT8 = 701,
    REPORT_COLUMNS = 21,
    ROW_FIXED_BYTES = 512, /* all but payload, signature and arrays, generously */
    CELL_BYTES = 2 * (4 + 2) + 4 + 8,
    COPY_HEADER_BYTES = 19,
};

static const char copy_sql[] =
    "copy zhibao.report (district, unit, id, form_id, period, revision, demonstration, received_us,"
    " carrier, key_id, algorithm, payload_sha256, payload, signature, chain, batch, leaf, cell,"
    " presence, value, entered_by) from stdin (format binary)";

static void field_number(struct writer *writer, uint64_t number, size_t width)
{
    write_number(writer, width, 4);
    write_number(writer, number, width);
}

static void field_null(struct writer *writer)
{
    write_number(writer, UINT32_MAX, 4);
}

static void field_bytes(struct writer *writer, const void *bytes, size_t size)
{
    write_number(writer, size, 4);
    write_bytes(writer, bytes, size);
}

static void array_begin(struct writer *writer, size_t count, unsigned oid, size_t width)
{
    size_t head = count == 0 ? 12 : 20;
    write_number(writer, head + count * (4 + width), 4);
    write_number(writer, count == 0 ? 0 : 1, 4); /* dimensions */
    write_number(writer, 0, 4);                  /* no nulls */
    write_number(writer, oid, 4);
    if (count > 0) {
        write_number(writer, count, 4);
        write_number(writer, 1, 4); /* lower bound */
    }
}

static void array_small(struct writer *writer, const uint32_t *numbers, size_t count)
{
    array_begin(writer, count, OID_INT2, 2);
    for (size_t i = 0; i < count; i++)
        field_number(writer, numbers[i], 2);
}

static void array_double(struct writer *writer, const double *numbers, size_t count)
{
    array_begin(writer, count, OID_FLOAT8, 8);
    for (size_t i = 0; i < count; i++) {
        uint64_t bits = 0;
        memcpy(&bits, &numbers[i], sizeof bits);
        field_number(writer, bits, 8);
    }
}

static void row_write(struct writer *writer, int16_t chain, int64_t batch, const struct task *task)
{
    const struct leaf *leaf = &task->leaf;
    const Zhibao__Report *report = task->report;
    const Zhibao__Observations *observed = report->observations;
    size_t count = observed == NULL ? 0 : observed->n_cell;
    write_number(writer, REPORT_COLUMNS, 2);
    field_number(writer, task->district, 8);
    field_number(writer, leaf->unit, 8);
    field_bytes(writer, leaf->id.bytes, RECORD_ID_BYTES);
    field_number(writer, (uint32_t)task->form.id, 4);
    field_number(writer, report->period, 2);
    field_number(writer, report->revision, 2);
    field_number(writer, report->provenance == ZHIBAO__PROVENANCE__PROVENANCE_DEMONSTRATION, 1);
    field_number(writer, (uint64_t)leaf->received_us, 8);
    field_number(writer, task->carrier, 8);
    field_bytes(writer, leaf->key.bytes, KEY_ID_BYTES);
    field_number(writer, leaf->algorithm, 2);
    field_bytes(writer, leaf->payload_sha256.bytes, HASH_BYTES);
    field_bytes(writer, task->payload, task->payload_size);
    field_bytes(writer, task->signature, task->signature_size);
    field_number(writer, (uint16_t)chain, 2);
    field_number(writer, (uint64_t)batch, 8);
    field_number(writer, task->index, 4);
    array_small(writer, observed == NULL ? NULL : observed->cell, count);
    array_small(writer, observed == NULL ? NULL : observed->presence, count);
    array_double(writer, observed == NULL ? NULL : observed->value, count);
    if (report->entered_by == 0)
        field_null(writer);
    else
        field_number(writer, report->entered_by, 8);
}

static size_t row_bound(const struct task *task)
{
    const Zhibao__Observations *observed = task->report->observations;
    return ROW_FIXED_BYTES + task->payload_size + task->signature_size +
           (observed == NULL ? 0 : observed->n_cell * CELL_BYTES);
}

/* Ends the COPY and reads its result; `error` not NULL aborts it. */
static enum status copy_end(PGconn *connection, const char *error)
{
    enum status status = PQputCopyEnd(connection, error) == 1 ? STATUS_OK : STATUS_DATABASE;
    PGresult *result = NULL;
    while ((result = PQgetResult(connection)) != NULL) {
        if (PQresultStatus(result) != PGRES_COMMAND_OK) {
            const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
            bool unique = state != NULL && strcmp(state, "23505") == 0;
            log_error("could not store reports: %s", PQresultErrorMessage(result));
            status = unique ? STATUS_CONFLICT : STATUS_DATABASE;
        }
        PQclear(result);
    }
    return status;
}

enum status store_copy_reports(struct db *db, int16_t chain, int64_t batch, struct task **tasks,
                               size_t count)
{
    static const uint8_t header[COPY_HEADER_BYTES] = "PGCOPY\n\377\r\n\0";
    PGconn *connection = db_connection(db);
    size_t bound = COPY_HEADER_BYTES + 2;
    for (size_t i = 0; i < count; i++)
        bound += row_bound(tasks[i]);
    uint8_t *bytes = malloc(bound);
    if (bytes == NULL)
        return STATUS_NO_MEMORY;
    struct writer writer = {.bytes = bytes, .size = bound};
    write_bytes(&writer, header, sizeof header);
    for (size_t i = 0; i < count; i++)
        row_write(&writer, chain, batch, tasks[i]);
    write_number(&writer, UINT16_MAX, 2); /* end of data */
    PGresult *started = PQexec(connection, copy_sql);
    enum status status = PQresultStatus(started) == PGRES_COPY_IN ? STATUS_OK : STATUS_DATABASE;
    if (status != STATUS_OK)
        log_error("could not store reports: %s", PQerrorMessage(connection));
    PQclear(started);
    if (status == STATUS_OK) {
        bool sent =
            !writer.bad && PQputCopyData(connection, (const char *)bytes, (int)writer.used) == 1;
        status = copy_end(connection, sent ? NULL : "could not send");
        if (!sent)
            status = STATUS_DATABASE;
    }
    free(bytes);
    return status;
}
