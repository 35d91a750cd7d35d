#include "lib/stick_file.h"

#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/files.h"

enum { FIRST_CONTENT_BYTES = 64 * 1024 };

bool stick_content_room(struct stick_content *content, size_t more)
{
    struct writer *writer = &content->writer;
    if (writer->bad || more > STICK_CONTENT_MAX - writer->used) {
        writer->bad = true;
        return false;
    }
    size_t size = writer->size == 0 ? (size_t)FIRST_CONTENT_BYTES : writer->size;
    while (size < writer->used + more)
        size *= 2;
    if (size == writer->size)
        return true;
    uint8_t *bytes = realloc(writer->bytes, size);
    if (bytes == NULL) {
        writer->bad = true;
        return false;
    }
    writer->bytes = bytes;
    writer->size = size;
    return true;
}

void stick_put(struct stick_content *content, const void *bytes, size_t size, size_t width)
{
    if (!stick_content_room(content, width + size))
        return;
    write_number(&content->writer, size, width);
    write_bytes(&content->writer, bytes, size);
}

const uint8_t *stick_take(struct reader *reader, size_t width, size_t *out_size)
{
    size_t size = (size_t)read_number(reader, width);
    if (reader->bad || size > reader->size - reader->used) {
        reader->bad = true;
        size = 0;
    }
    const uint8_t *bytes = reader->bytes + reader->used;
    reader->used += size;
    *out_size = size;
    return bytes;
}

enum status stick_content_begin(struct stick_content *content, const struct card *own)
{
    memset(content, 0, sizeof *content);
    stick_put(content, own->bytes, own->size, 4);
    if (stick_content_room(content, 4)) {
        content->count_at = content->writer.used;
        write_number(&content->writer, 0, 4);
    }
    if (!content->writer.bad)
        return STATUS_OK;
    stick_content_end(content);
    return STATUS_NO_MEMORY;
}

void stick_content_end(struct stick_content *content)
{
    free(content->writer.bytes);
    memset(content, 0, sizeof *content);
}

enum status stick_write(struct zhibao *zhibao, struct stick_content *content, uint8_t what,
                        const struct card *to, const char *path)
{
    if (content->writer.bad)
        return cause_set(zhibao, STATUS_LIMIT, "材料太多，一个存储盘文件放不下",
                         "too much for one stick file");
    struct writer count = {.bytes = content->writer.bytes + content->count_at, .size = 4};
    write_number(&count, content->count, 4);
    struct stick_head head = {.what = what,
                              .to = to->unit,
                              .to_key = to->key,
                              .from = home_identity(zhibao->home)->unit,
                              .size = content->writer.used};
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum status status =
        stick_seal(&head, to->encrypt_public, &home_keys(zhibao->home)->sign_secret,
                   content->writer.bytes, &bytes, &size);
    if (status != STATUS_OK)
        return cause_plain(zhibao, status);
    status = file_save(path, bytes, size, 0600, FILE_REPLACE);
    free(bytes);
    return status == STATUS_OK ? status : cause_save(zhibao, status, path);
}

enum status stick_damaged(struct zhibao *zhibao)
{
    return cause_plain(zhibao, STATUS_E_STICK_DAMAGED);
}

/* Our keys of this id: a file may have been sealed before the home's keys were replaced. */
static enum status keys_for(const struct zhibao *zhibao, const struct key_id *id,
                            struct home_keys *out_keys)
{
    if (memcmp(id->bytes, home_identity(zhibao->home)->key.bytes, KEY_ID_BYTES) != 0)
        return home_retired_keys(zhibao->home, id, out_keys);
    *out_keys = *home_keys(zhibao->home);
    return STATUS_OK;
}

/* The file for us, of the kind that is wanted. */
static enum status check_head(struct zhibao *zhibao, const struct stick_head *head, uint8_t what)
{
    const struct zhibao_identity *identity = home_identity(zhibao->home);
    char text[UNIT_TEXT_BYTES];
    if (head->what != what)
        return head->what == STICK_RECORDS
                   ? cause_set(zhibao, STATUS_E_STICK_DAMAGED,
                               "这是发件箱文件，请用 zhibao outbox import",
                               "this is an outbox: use zhibao outbox import")
                   : cause_set(zhibao, STATUS_E_STICK_DAMAGED,
                               "这是回执文件，请用 zhibao receipts import",
                               "these are receipts: use zhibao receipts import");
    if (head->to != identity->unit)
        return cause_set(zhibao, STATUS_E_STICK_ADDRESS,
                         "这个文件是给 %s 的，不是给本单位的，未作任何改动",
                         "this file is for %s, not for this unit: nothing was changed",
                         unit_format(head->to, text));
    struct home_keys keys;
    enum status status = keys_for(zhibao, &head->to_key, &keys);
    sodium_memzero(&keys, sizeof keys);
    if (status != STATUS_OK)
        return cause_set(zhibao, STATUS_E_STICK_ADDRESS,
                         "这个文件是给本单位另一把密钥（另一台电脑）的，请在那里导入",
                         "this file is for another key (another computer) of this unit: import it "
                         "there");
    return STATUS_OK;
}

static enum status read_content(struct zhibao *zhibao, const uint8_t *bytes, size_t size,
                                struct arena *arena, struct stick_read *read)
{
    struct home_keys keys;
    enum status status = keys_for(zhibao, &read->head.to_key, &keys);
    if (status == STATUS_OK)
        status = stick_open(bytes, size, keys.encrypt_public, keys.encrypt_secret, &read->content);
    sodium_memzero(&keys, sizeof keys);
    if (status != STATUS_OK)
        return cause_plain(zhibao, status);
    read->items = (struct reader){.bytes = read->content, .size = read->head.size};
    size_t card_size = 0;
    const uint8_t *card = stick_take(&read->items, 4, &card_size);
    read->count = (size_t)read_number(&read->items, 4);
    if (read->items.bad || read->count > STICK_RECORDS_MAX)
        return stick_damaged(zhibao);
    status = card_read(home_pins(zhibao->home), card, card_size, arena, &read->author);
    if (status != STATUS_OK)
        return cause_set(zhibao, status, "文件作者的密钥证明核验不通过，不予采信",
                         "the proof of its author's keys does not verify: it is not trusted");
    if (read->author.unit != read->head.from)
        return cause_set(zhibao, STATUS_E_STICK_FOREIGN, "文件所称的作者与密钥证明不符",
                         "the file's author is not the one whose keys it proves");
    status = stick_verify(bytes, size, &read->author.sign_public);
    return status == STATUS_OK ? status : cause_plain(zhibao, status);
}

enum status stick_read(struct zhibao *zhibao, const char *path, uint8_t what, struct arena *arena,
                       struct stick_read *out_read)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct stick_read read;
    memset(&read, 0, sizeof read);
    enum status status = file_read(path, STICK_FILE_MAX, &bytes, &size);
    if (status == STATUS_LIMIT)
        return stick_damaged(zhibao);
    if (status != STATUS_OK)
        return cause_set(zhibao, status, "文件 %s 读不出", "cannot read %s", path);
    status = stick_head_read(bytes, size, &read.head);
    if (status != STATUS_OK)
        status = cause_plain(zhibao, status);
    if (status == STATUS_OK)
        status = check_head(zhibao, &read.head, what);
    if (status == STATUS_OK)
        status = read_content(zhibao, bytes, size, arena, &read);
    free(bytes);
    if (status == STATUS_OK)
        *out_read = read;
    else
        free(read.content);
    return status;
}

static enum status not_enrolled(struct zhibao *zhibao)
{
    return cause_set(zhibao, STATUS_NOT_FOUND, "本机尚未登记，请先运行 zhibao enrol",
                     "this home is not enrolled: run zhibao enrol first");
}

enum status stick_begin(struct zhibao *zhibao, struct arena **out_arena, struct card *out_own)
{
    cause_clear(zhibao);
    if (home_identity(zhibao->home) == NULL)
        return not_enrolled(zhibao);
    struct arena *arena = arena_create(STICK_ARENA_BYTES);
    if (arena == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    enum status status = card_own(zhibao, arena, out_own);
    if (status != STATUS_OK) {
        arena_destroy(&arena);
        return status == STATUS_NOT_FOUND ? not_enrolled(zhibao) : cause_outbox(zhibao, status);
    }
    *out_arena = arena;
    return STATUS_OK;
}

char *stick_card_note(uint64_t unit, char name[NOTE_NAME_BYTES])
{
    snprintf(name, NOTE_NAME_BYTES, "card:%" PRIu64, unit);
    return name;
}
