#include "server/audit/stream.h"

#include <string.h>

#define STREAM(table, kind)                                                                    \
    "declare audit_" table " no scroll cursor for select chain, batch, leaf, " kind            \
    ", district, unit, id, received_us, key_id, algorithm, payload_sha256, payload, signature" \
    ", carrier from zhibao." table " order by batch, leaf, unit, id"

static const struct stream kinds[STREAM_COUNT] = {
    {.table = RECORD_TABLE_REGISTRY,
     .name = "registry_event",
     .declare = STREAM("registry_event", "kind"),
     .fetch = "fetch 100 from audit_registry_event"},
    {.table = RECORD_TABLE_REPORT,
     .name = "report",
     .declare = STREAM("report",         "1::smallint"),
     .fetch = "fetch 500 from audit_report"        },
    {.table = RECORD_TABLE_EVENT,
     .name = "report_event",
     .declare = STREAM("report_event",   "kind"),
     .fetch = "fetch 500 from audit_report_event"  },
};

static enum status fetch(struct stream *stream)
{
    PQclear(stream->rows);
    stream->rows = NULL;
    stream->row = 0;
    return db_run(stream->db, stream->fetch, NULL, &stream->rows);
}

enum status streams_open(struct db *db, struct stream out_streams[STREAM_COUNT])
{
    enum status status = STATUS_OK;
    memcpy(out_streams, kinds, sizeof kinds);
    for (size_t i = 0; i < STREAM_COUNT && status == STATUS_OK; i++) {
        out_streams[i].db = db;
        status = db_exec(db, out_streams[i].declare, NULL);
        if (status == STATUS_OK)
            status = fetch(&out_streams[i]);
    }
    return status;
}

void streams_close(struct stream streams[STREAM_COUNT])
{
    for (size_t i = 0; i < STREAM_COUNT; i++) {
        PQclear(streams[i].rows);
        streams[i].rows = NULL;
    }
}

bool stream_ended(const struct stream *stream)
{
    return stream->rows == NULL || PQntuples(stream->rows) == 0;
}

enum status stream_next(struct stream *stream)
{
    if (++stream->row < PQntuples(stream->rows))
        return STATUS_OK;
    return fetch(stream);
}

struct stream *streams_first(struct stream streams[STREAM_COUNT], int64_t batch)
{
    struct stream *first = NULL;
    int64_t leaf = 0;
    for (size_t i = 0; i < STREAM_COUNT; i++) {
        struct stream *stream = &streams[i];
        if (stream_ended(stream) || db_int(stream->rows, stream->row, AT_BATCH) != batch)
            continue;
        int64_t own = db_int(stream->rows, stream->row, AT_LEAF);
        if (first == NULL || own < leaf) {
            first = stream;
            leaf = own;
        }
    }
    return first;
}
