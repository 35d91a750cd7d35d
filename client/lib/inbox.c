#include "lib/inbox.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/handle.h"
#include "lib/outbox.h"
#include "wire/codec.h"

enum { NAME_BYTES = 40, NUMBER_BYTES = 24, PAGES_MAX = 1000000 };

static const char PAGES_NOTE[] = "inbox-pages";
static const char SHOWN_NOTE[] = "inbox-shown";
static const char CURSOR_NOTE[] = "inbox-cursor"; /* of homes that kept no pages */

static enum status number_get(struct zhibao *zhibao, const char *name, struct arena *arena,
                              size_t *out_number)
{
    const char *text = "";
    enum status status = zhibao_note_get(zhibao, name, arena, &text);
    if (status == STATUS_OK)
        *out_number = (size_t)strtoull(text, NULL, 10);
    return status;
}

static enum status number_set(struct zhibao *zhibao, const char *name, size_t number)
{
    char text[NUMBER_BYTES];
    snprintf(text, sizeof text, "%zu", number);
    return zhibao_note_set(zhibao, name, text);
}

static char *page_name(size_t number, char name[NAME_BYTES])
{
    snprintf(name, NAME_BYTES, "inbox/%09zu", number);
    return name;
}

enum status zhibao_inbox_page(struct zhibao *zhibao, size_t number, struct arena *arena,
                              Zhibao__InboxItems **out_page)
{
    char name[NAME_BYTES];
    uint8_t *bytes = NULL;
    size_t size = 0;
    int64_t set_us = 0;
    ProtobufCMessage *message = NULL;
    cause_clear(zhibao);
    enum status status =
        outbox_note_get(zhibao->outbox, page_name(number, name), &bytes, &size, &set_us);
    if (status == STATUS_NOT_FOUND)
        return status;
    if (status != STATUS_OK)
        return cause_outbox(zhibao, status);
    const uint8_t *kept = arena_copy(arena, bytes, size);
    free(bytes);
    if (kept == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    status = message_read(&zhibao__inbox_items__descriptor, arena, kept, size, &message);
    if (status != STATUS_OK)
        return cause_plain(zhibao, status);
    *out_page = (Zhibao__InboxItems *)message;
    return STATUS_OK;
}

/* The page and the count that makes it the last, together. */
static enum status page_store(struct zhibao *zhibao, size_t number, const Zhibao__InboxItems *page,
                              struct arena *arena)
{
    char name[NAME_BYTES];
    size_t size = 0;
    const uint8_t *bytes = message_write(arena, &page->base, &size);
    if (bytes == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    enum status status = cause_outbox(zhibao, outbox_begin(zhibao->outbox));
    if (status != STATUS_OK)
        return status;
    status =
        cause_outbox(zhibao, outbox_note_set(zhibao->outbox, page_name(number, name), bytes, size));
    if (status == STATUS_OK)
        status = number_set(zhibao, PAGES_NOTE, number + 1);
    if (status == STATUS_OK)
        status = cause_outbox(zhibao, outbox_commit(zhibao->outbox));
    if (status != STATUS_OK)
        outbox_rollback(zhibao->outbox);
    return status;
}

static enum status cursor_find(struct zhibao *zhibao, size_t pages, struct arena *arena,
                               const char **out_cursor)
{
    Zhibao__InboxItems *last = NULL;
    if (pages == 0)
        return zhibao_note_get(zhibao, CURSOR_NOTE, arena, out_cursor);
    enum status status = zhibao_inbox_page(zhibao, pages - 1, arena, &last);
    if (status == STATUS_OK)
        *out_cursor = last->next;
    return status;
}

enum status zhibao_inbox_fetch(struct zhibao *zhibao, uint32_t limit, struct arena *arena)
{
    const char *cursor = "";
    size_t pages = 0;
    bool more = true;
    enum status status = number_get(zhibao, PAGES_NOTE, arena, &pages);
    if (status == STATUS_OK)
        status = cursor_find(zhibao, pages, arena, &cursor);
    while (status == STATUS_OK && more && pages < PAGES_MAX) {
        Zhibao__Inbox question = ZHIBAO__INBOX__INIT;
        ProtobufCMessage *message = NULL;
        question.after = (char *)(uintptr_t)cursor;
        question.limit = limit;
        status = zhibao_request(zhibao, ZHIBAO__KIND__KIND_INBOX, &question.base, arena, &message);
        if (status != STATUS_OK)
            break;
        const Zhibao__InboxItems *page = (const Zhibao__InboxItems *)message;
        more = page->more && page->n_items > 0;
        cursor = page->next;
        if (page->n_items > 0)
            status = page_store(zhibao, pages++, page, arena);
    }
    return status;
}

enum status zhibao_inbox_shown(struct zhibao *zhibao, struct arena *arena, size_t *out_pages)
{
    return number_get(zhibao, SHOWN_NOTE, arena, out_pages);
}

enum status zhibao_inbox_show(struct zhibao *zhibao, size_t pages)
{
    return number_set(zhibao, SHOWN_NOTE, pages);
}
