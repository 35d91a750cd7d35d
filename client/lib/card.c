#include "lib/card.h"

#include <string.h>

#include "base/cursor.h"
#include "lib/verify.h"

static const char CARD_MAGIC[4] = {'Z', 'B', 'K', '1'};

uint8_t *card_write(struct arena *arena, const uint8_t *record, size_t record_size,
                    const uint8_t *receipt, size_t receipt_size, size_t *out_size)
{
    size_t size = sizeof CARD_MAGIC + 4 + record_size + 4 + receipt_size;
    struct writer writer = {.bytes = arena_array(arena, size, 1), .size = size};
    if (writer.bytes == NULL)
        return NULL;
    write_bytes(&writer, CARD_MAGIC, sizeof CARD_MAGIC);
    write_number(&writer, record_size, 4);
    write_bytes(&writer, record, record_size);
    write_number(&writer, receipt_size, 4);
    write_bytes(&writer, receipt, receipt_size);
    *out_size = size;
    return writer.bytes;
}

/* A piece of bytes with its length before it. */
static const uint8_t *piece(struct reader *reader, size_t *out_size)
{
    size_t size = (size_t)read_number(reader, 4);
    if (reader->bad || size > reader->size - reader->used) {
        reader->bad = true;
        return NULL;
    }
    const uint8_t *bytes = reader->bytes + reader->used;
    reader->used += size;
    *out_size = size;
    return bytes;
}

/* Whether the record is what brings a unit its keys, an enrolment or a rotation; fills them in. */
static bool read_keys(const Zhibao__Record *record, struct arena *arena, struct card *card)
{
    ProtobufCMessage *message = NULL;
    if (record->kind != ZHIBAO__RECORD_KIND__RECORD_KEY ||
        message_read(&zhibao__key_change__descriptor, arena, record->payload.data,
                     record->payload.len, &message) != STATUS_OK)
        return false;
    const Zhibao__KeyChange *change = (const Zhibao__KeyChange *)message;
    bool enrolled = change->action == ZHIBAO__KEY_ACTION__KEY_ENROL;
    if ((!enrolled && change->action != ZHIBAO__KEY_ACTION__KEY_ROTATE) || change->head == NULL ||
        change->head->unit != change->subject || change->sign_public.len != SIGN_PUBLIC_BYTES ||
        change->encrypt_public.len != sizeof card->encrypt_public ||
        record->key.len != KEY_ID_BYTES)
        return false;
    card->unit = change->subject;
    card->sign_public.algorithm = (uint8_t)(enrolled ? record->algorithm : change->algorithm);
    memcpy(card->sign_public.bytes, change->sign_public.data, SIGN_PUBLIC_BYTES);
    memcpy(card->encrypt_public, change->encrypt_public.data, sizeof card->encrypt_public);
    card->key = sign_key_id(&card->sign_public);
    /* a rotation is signed with the key before: that it was in force, the receipt vouches for */
    return !enrolled || memcmp(card->key.bytes, record->key.data, KEY_ID_BYTES) == 0;
}

enum status card_read(const struct pins *pins, const uint8_t *bytes, size_t size,
                      struct arena *arena, struct card *out_card)
{
    struct reader reader = {.bytes = bytes, .size = size};
    struct card card;
    char magic[sizeof CARD_MAGIC];
    size_t record_size = 0, receipt_size = 0;
    ProtobufCMessage *message = NULL;
    struct receipt receipt;
    memset(&card, 0, sizeof card);
    read_bytes(&reader, magic, sizeof magic);
    const uint8_t *record = piece(&reader, &record_size);
    const uint8_t *proof = piece(&reader, &receipt_size);
    if (reader.bad || reader.used != size || memcmp(magic, CARD_MAGIC, sizeof magic) != 0 ||
        message_read(&zhibao__record__descriptor, arena, record, record_size, &message) !=
            STATUS_OK ||
        !read_keys((const Zhibao__Record *)message, arena, &card) ||
        verify_receipt(pins, proof, receipt_size, &receipt) != STATUS_OK ||
        verify_record(&receipt, (const Zhibao__Record *)message) != STATUS_OK)
        return STATUS_E_STICK_KEY;
    card.bytes = bytes;
    card.size = size;
    *out_card = card;
    return STATUS_OK;
}

struct own {
    struct zhibao *zhibao;
    struct arena *arena;
    struct card *card;
    bool found;
};

/* Ends the listing at this home's enrolment, the first record of its store. */
static enum status find_own(const struct zhibao_item *item, void *context)
{
    struct own *own = context;
    struct card card;
    size_t size = 0;
    const struct zhibao_identity *identity = home_identity(own->zhibao->home);
    if (item->kind != ZHIBAO__RECORD_KIND__RECORD_KEY || item->unit != identity->unit)
        return STATUS_OK;
    const uint8_t *bytes = card_write(own->arena, item->record, item->record_size, item->receipt,
                                      item->receipt_size, &size);
    if (bytes == NULL)
        return STATUS_NO_MEMORY;
    if (card_read(home_pins(own->zhibao->home), bytes, size, own->arena, &card) != STATUS_OK ||
        memcmp(card.key.bytes, identity->key.bytes, KEY_ID_BYTES) != 0)
        return STATUS_OK;
    *own->card = card;
    own->found = true;
    return STATUS_CANCELLED;
}

enum status card_own(struct zhibao *zhibao, struct arena *arena, struct card *out_card)
{
    struct own own = {.zhibao = zhibao, .arena = arena, .card = out_card};
    if (home_identity(zhibao->home) == NULL)
        return STATUS_NOT_FOUND;
    enum status status = outbox_list(zhibao->outbox, ZHIBAO_RECEIPTED, find_own, &own);
    if (own.found)
        return STATUS_OK;
    return status == STATUS_OK ? STATUS_NOT_FOUND : status;
}
