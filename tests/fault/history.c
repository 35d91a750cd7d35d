#include "history.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"

enum { BUFFER_BYTES = 64 * 1024, LINE_BYTES = 256, REFUSAL_CODE_OFFSET = 70 };

struct history {
    int file;
    size_t used;
    char buffer[BUFFER_BYTES];
};

int64_t history_now_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

struct history *history_open(const char *path)
{
    struct history *history = calloc(1, sizeof *history);
    if (history == NULL)
        return NULL;
    history->file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (history->file < 0) {
        free(history);
        return NULL;
    }
    return history;
}

void history_close(struct history **history)
{
    if (*history == NULL)
        return;
    history_flush(*history);
    close((*history)->file);
    free(*history);
    *history = NULL;
}

void history_flush(struct history *history)
{
    for (size_t done = 0; done < history->used;) {
        ssize_t written = write(history->file, history->buffer + done, history->used - done);
        if (written < 0) {
            perror("could not write a history");
            abort(); /* without it nothing can be said about the run */
        }
        done += (size_t)written;
    }
    history->used = 0;
}

static void add_line(struct history *history, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void add_line(struct history *history, const char *format, ...)
{
    if (BUFFER_BYTES - history->used < LINE_BYTES)
        history_flush(history);
    char *line = history->buffer + history->used;
    int time = snprintf(line, LINE_BYTES, "%" PRId64 " ", history_now_us());
    va_list arguments;
    va_start(arguments, format);
    int text = vsnprintf(line + time, (size_t)(LINE_BYTES - time), format, arguments);
    va_end(arguments);
    history->used += (size_t)(time + text);
}

static void add_report(struct history *history, const char *event, const struct record_id *id,
                       const struct hash *payload, uint64_t unit, uint32_t period,
                       uint32_t revision)
{
    char id_text[2 * RECORD_ID_BYTES + 1], hash_text[2 * HASH_BYTES + 1];
    add_line(history, "%s %s %s %" PRIu64 " %u %u\n", event,
             hex_encode(id->bytes, sizeof id->bytes, id_text),
             hex_encode(payload->bytes, sizeof payload->bytes, hash_text), unit, period, revision);
}

void history_put(struct history *history, const struct record_id *id, const struct hash *payload,
                 uint64_t unit, uint32_t period, uint32_t revision)
{
    add_report(history, "PUT", id, payload, unit, period, revision);
}

void history_sent(struct history *history, const struct record_id *id)
{
    char id_text[2 * RECORD_ID_BYTES + 1];
    add_line(history, "SENT %s\n", hex_encode(id->bytes, sizeof id->bytes, id_text));
}

void history_item(struct history *history, const struct zhibao_item *item)
{
    char id_text[2 * RECORD_ID_BYTES + 1], hash_text[2 * HASH_BYTES + 1];
    hex_encode(item->id.bytes, sizeof item->id.bytes, id_text);
    switch (item->state) {
    case ZHIBAO_WAITING:
        add_report(history, "HELD", &item->id, &item->payload_sha256, item->unit, item->period,
                   item->revision);
        break;
    case ZHIBAO_REFUSED: {
        const uint8_t *code = item->refusal + REFUSAL_CODE_OFFSET;
        add_line(history, "REFUSED %s %u\n", id_text, (unsigned)(code[0] << 8 | code[1]));
        break;
    }
    case ZHIBAO_RECEIPTED: {
        struct hash receipt = hash_bytes(item->receipt, item->receipt_size);
        add_line(history, "RECEIPT %s %s\n", id_text,
                 hex_encode(receipt.bytes, sizeof receipt.bytes, hash_text));
        break;
    }
    }
}
