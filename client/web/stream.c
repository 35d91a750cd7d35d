#include "web/stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/china_time.h"
#include "base/log.h"
#include "export.pb-c.h"
#include "export/xlsx.h"
#include "place.pb-c.h"
#include "web/guard.h"
#include "web/progress.h"

enum {
    PAGE_ARENA_BYTES = 32 * 1024 * 1024,
    BUFFER_MAX = 64 * 1024 * 1024, /* one page's rows, or a whole .xlsx */
    BLOCK_BYTES = 32 * 1024,
    ID_BYTES = 80,
};

struct stream {
    struct gateway *gateway;
    struct MHD_Connection *connection;
    struct pool_peer peer;
    uint8_t key[RATE_KEY_BYTES];
    uint64_t unit;
    char watch[PROGRESS_NAME_BYTES];
    struct course *course;
    struct export_writer *writer;
    struct sink sink;
    struct arena *arena; /* of one page */
    uint8_t *bytes;      /* written, not yet read */
    size_t size, room, read;
    Zhibao__Kind asked;
    bool begun, ended, failed;
    /* what the pool's thread leaves before it wakes the connection */
    bool answered;
    enum status status;
    Zhibao__Kind kind;
    uint8_t *answer;
    size_t answer_size;
};

static enum status take_bytes(void *context, const void *bytes, size_t size)
{
    struct stream *stream = context;
    if (stream->read == stream->size)
        stream->read = stream->size = 0;
    if (stream->size + size > stream->room) {
        size_t room = stream->room == 0 ? BLOCK_BYTES : stream->room;
        while (room < stream->size + size)
            room *= 2;
        uint8_t *grown = room > BUFFER_MAX ? NULL : realloc(stream->bytes, room);
        if (grown == NULL)
            return STATUS_NO_MEMORY;
        stream->bytes = grown;
        stream->room = room;
    }
    memcpy(stream->bytes + stream->size, bytes, size);
    stream->size += size;
    return STATUS_OK;
}

static struct export_writer *begin_writer(struct stream *stream, const struct course_wish *wish,
                                          enum export_format format)
{
    char id[ID_BYTES], prepared[ID_BYTES];
    int64_t now_us = clock_now_us();
    time_t seconds = (time_t)((now_us + 8 * CHINA_HOUR_US) / 1000000);
    struct tm parts;
    gmtime_r(&seconds, &parts);
    strftime(prepared, sizeof prepared, "%Y-%m-%dT%H:%M:%S+08:00", &parts);
    snprintf(id, sizeof id, "zhibao-%012llu-%u-%lld", (unsigned long long)wish->place,
             wish->last_year, (long long)now_us);
    struct export_head head = {.id = id, .prepared = prepared, .what = wish->what};
    stream->sink = (struct sink){.write = take_bytes, .context = stream};
    return format == EXPORT_XLSX ? xlsx_begin(&head, &stream->sink)
                                 : export_begin(format, &head, &stream->sink);
}

struct stream *stream_create(struct gateway *gateway, struct MHD_Connection *connection,
                             uint64_t unit, const struct pool_peer *peer,
                             const uint8_t key[RATE_KEY_BYTES], const struct course_wish *wish,
                             enum export_format format, const char *watch)
{
    struct stream *stream = calloc(1, sizeof *stream);
    if (stream == NULL) {
        rate_release(gateway->rate, key);
        return NULL;
    }
    stream->gateway = gateway;
    stream->connection = connection;
    stream->peer = *peer;
    memcpy(stream->key, key, sizeof stream->key);
    stream->unit = unit;
    snprintf(stream->watch, sizeof stream->watch, "%s", watch);
    stream->arena = arena_create(PAGE_ARENA_BYTES);
    stream->course = course_create(wish);
    stream->writer = begin_writer(stream, wish, format);
    if (stream->arena == NULL || stream->course == NULL || stream->writer == NULL)
        stream_destroy(&stream);
    return stream;
}

/* How far it is, for who asks. */
static void note(const struct stream *stream, bool ended)
{
    uint64_t done = 0, all = 0;
    if (stream->course != NULL)
        course_progress(stream->course, &done, &all);
    progress_note(stream->gateway->progress, stream->unit, stream->watch, done, all, ended);
}

void stream_destroy(struct stream **stream)
{
    if (stream == NULL || *stream == NULL)
        return;
    rate_release((*stream)->gateway->rate, (*stream)->key);
    note(*stream, true);
    export_drop(&(*stream)->writer);
    course_destroy(&(*stream)->course);
    arena_destroy(&(*stream)->arena);
    free((*stream)->bytes);
    free((*stream)->answer);
    free(*stream);
    *stream = NULL;
}

bool stream_ask(struct stream *stream, Zhibao__Kind *out_kind, uint8_t **out_body, size_t *out_size)
{
    ProtobufCMessage *body = NULL;
    arena_reset(stream->arena);
    if (!course_ask(stream->course, stream->arena, &stream->asked, &body))
        return false;
    *out_kind = stream->asked;
    *out_body = body == NULL ? NULL : message_write(stream->arena, body, out_size);
    return true;
}

/* What a question of this kind is answered with; NULL for one that a course does not ask. */
static const ProtobufCMessageDescriptor *answer_of(Zhibao__Kind asked, Zhibao__Kind *out_kind)
{
    switch (asked) {
    case ZHIBAO__KIND__KIND_PLACES:
        *out_kind = ZHIBAO__KIND__KIND_PLACES_REPLY;
        return &zhibao__places_reply__descriptor;
    case ZHIBAO__KIND__KIND_PULL:
        *out_kind = ZHIBAO__KIND__KIND_PULLED;
        return &zhibao__pulled__descriptor;
    case ZHIBAO__KIND__KIND_FIGURES:
        *out_kind = ZHIBAO__KIND__KIND_FIGURE_ROWS;
        return &zhibao__figure_rows__descriptor;
    default: return NULL;
    }
}

enum status stream_take(struct stream *stream, Zhibao__Kind kind, const uint8_t *bytes, size_t size)
{
    Zhibao__Kind wanted = ZHIBAO__KIND__KIND_UNSPECIFIED;
    ProtobufCMessage *answer = NULL;
    const ProtobufCMessageDescriptor *type = answer_of(stream->asked, &wanted);
    if (type == NULL || kind != wanted)
        return STATUS_E_INTERNAL;
    arena_reset(stream->arena);
    enum status status = message_read(type, stream->arena, bytes, size, &answer);
    if (status == STATUS_OK)
        status = course_take(stream->course, answer, stream->writer);
    note(stream, false);
    stream->begun = stream->begun || wanted != ZHIBAO__KIND__KIND_PLACES_REPLY;
    return status == STATUS_OK ? stream->sink.status : status;
}

bool stream_has_rows(const struct stream *stream)
{
    return stream->begun;
}

size_t stream_size(const struct stream *stream)
{
    return stream->size - stream->read;
}

/* In the pool's thread, or at once when nothing can be asked. */
static void on_answer(void *context, const struct pool_answer *answer)
{
    struct stream *stream = context;
    free(stream->answer);
    stream->answer = NULL;
    stream->answer_size = 0;
    stream->status = answer->status;
    stream->kind = answer->kind;
    if (answer->status == STATUS_OK && answer->body_size > 0) {
        stream->answer = malloc(answer->body_size);
        if (stream->answer == NULL) {
            stream->status = STATUS_NO_MEMORY;
        } else {
            memcpy(stream->answer, answer->body, answer->body_size);
            stream->answer_size = answer->body_size;
        }
    }
    stream->answered = true;
    MHD_resume_connection(stream->connection);
}

/* Asks for more, or ends. The connection sleeps when it asks. */
static void go_on(struct stream *stream)
{
    Zhibao__Kind kind = ZHIBAO__KIND__KIND_UNSPECIFIED;
    uint8_t *body = NULL;
    size_t size = 0;
    if (!stream_ask(stream, &kind, &body, &size)) {
        stream->ended = true;
        stream->failed = export_end(&stream->writer) != STATUS_OK;
        guard_allow(stream->gateway->guard, stream->connection, guard_time_ms(stream_size(stream)));
        return;
    }
    if (body == NULL) {
        stream->failed = true;
        return;
    }
    guard_allow(stream->gateway->guard, stream->connection, 0); /* it waits for us */
    MHD_suspend_connection(stream->connection);
    pool_ask(stream->gateway->pool, &stream->peer, kind, body, size, on_answer, stream);
}

static void digest(struct stream *stream)
{
    enum status status = stream->status;
    stream->answered = false;
    if (status == STATUS_OK)
        status = stream_take(stream, stream->kind, stream->answer, stream->answer_size);
    stream->failed = status != STATUS_OK;
    guard_allow(stream->gateway->guard, stream->connection, guard_time_ms(stream_size(stream)));
    if (stream->failed)
        log_warning("could not go on with an export: %s", status_en(status));
}

/* What is broken off ends without its last chunk, which tells the reader. */
static ssize_t read_some(void *context, uint64_t position, char *out, size_t room)
{
    struct stream *stream = context;
    (void)position;
    for (;;) {
        size_t left = stream->size - stream->read;
        if (left > 0 && !stream->failed) {
            size_t taken = left < room ? left : room;
            memcpy(out, stream->bytes + stream->read, taken);
            stream->read += taken;
            return (ssize_t)taken;
        }
        if (stream->failed)
            return MHD_CONTENT_READER_END_WITH_ERROR;
        if (stream->ended)
            return MHD_CONTENT_READER_END_OF_STREAM;
        if (stream->answered) {
            digest(stream);
            continue;
        }
        go_on(stream);
        if (!stream->ended && !stream->failed)
            return 0; /* asleep until the answer is there */
    }
}

static void free_stream(void *context)
{
    struct stream *stream = context;
    stream_destroy(&stream);
}

struct MHD_Response *stream_response(struct stream **stream)
{
    struct MHD_Response *response = MHD_create_response_from_callback(
        MHD_SIZE_UNKNOWN, BLOCK_BYTES, read_some, *stream, free_stream);
    if (response == NULL)
        stream_destroy(stream);
    *stream = NULL;
    return response;
}
