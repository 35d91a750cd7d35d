#include "lib/stick_carriers.h"

#include <stdlib.h>
#include <string.h>

#include "lib/request.h"
#include "place.pb-c.h"

static const char NOTE_CARRIERS[] = "carriers"; /* the last answer to CARRIERS */

static enum status ask(struct zhibao *zhibao, struct arena *arena,
                       Zhibao__CarriersReply **out_reply)
{
    Zhibao__Carriers carriers = ZHIBAO__CARRIERS__INIT;
    ProtobufCMessage *message = NULL;
    size_t size = 0;
    enum status status =
        zhibao_request(zhibao, ZHIBAO__KIND__KIND_CARRIERS, &carriers.base, arena, &message);
    if (status != STATUS_OK)
        return status;
    uint8_t *bytes = message_write(arena, message, &size);
    status = bytes == NULL ? STATUS_NO_MEMORY
                           : outbox_note_set(zhibao->outbox, NOTE_CARRIERS, bytes, size);
    if (status != STATUS_OK)
        return cause_outbox(zhibao, status);
    *out_reply = (Zhibao__CarriersReply *)message;
    return STATUS_OK;
}

/* What the server said when it was last asked. */
static enum status recall(struct zhibao *zhibao, struct arena *arena,
                          Zhibao__CarriersReply **out_reply)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    int64_t set_us = 0;
    ProtobufCMessage *message = NULL;
    enum status status = outbox_note_get(zhibao->outbox, NOTE_CARRIERS, &bytes, &size, &set_us);
    if (status != STATUS_OK)
        return status;
    status = message_read(&zhibao__carriers_reply__descriptor, arena, bytes, size, &message);
    free(bytes);
    if (status != STATUS_OK)
        return STATUS_NOT_FOUND;
    *out_reply = (Zhibao__CarriersReply *)message;
    return STATUS_OK;
}

static enum status look_up(struct zhibao *zhibao, struct arena *arena,
                           Zhibao__CarriersReply **out_reply)
{
    enum status asked = ask(zhibao, arena, out_reply);
    if (asked == STATUS_OK || recall(zhibao, arena, out_reply) == STATUS_OK)
        return STATUS_OK;
    return asked;
}

enum status carriers_card(struct zhibao *zhibao, uint64_t carrier, struct arena *arena,
                          struct card *out_card)
{
    Zhibao__CarriersReply *reply = NULL;
    enum status status = look_up(zhibao, arena, &reply);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < reply->n_carriers; i++) {
        const Zhibao__Carrier *known = reply->carriers[i];
        size_t record_size = 0, size = 0;
        if ((carrier != 0 && known->unit != carrier) || known->record == NULL)
            continue;
        uint8_t *record = message_write(arena, &known->record->base, &record_size);
        uint8_t *bytes = record == NULL
                             ? NULL
                             : card_write(arena, record, record_size, known->receipt.data,
                                          known->receipt.len, &size);
        if (bytes == NULL)
            return cause_plain(zhibao, STATUS_NO_MEMORY);
        status = card_read(home_pins(zhibao->home), bytes, size, arena, out_card);
        return status == STATUS_OK ? status : cause_plain(zhibao, status);
    }
    return cause_set(
        zhibao, STATUS_NOT_FOUND,
        "不知道由谁代报：承办单位尚未登记或未获授权；可用 --card 给出其名片文件",
        "no such carrier is known: it is not enrolled, or may not carry for this unit; "
        "or give its card with --card");
}

static bool grants(const Zhibao__CarriersReply *reply, uint64_t author)
{
    for (size_t i = 0; i < reply->n_subtrees; i++)
        if (place_contains(reply->subtrees[i], unit_place(author)))
            return true;
    return false;
}

enum status carriers_allow(struct zhibao *zhibao, uint64_t author, struct arena *arena)
{
    uint64_t own = home_identity(zhibao->home)->unit;
    Zhibao__CarriersReply *reply = NULL;
    char text[UNIT_TEXT_BYTES];
    if (author == own ||
        (unit_number(own) == UNIT_OWN && place_level(unit_place(own)) == PLACE_TOWNSHIP &&
         place_contains(unit_place(own), unit_place(author))))
        return STATUS_OK;
    enum status status = look_up(zhibao, arena, &reply);
    if (status != STATUS_OK)
        return status;
    if (grants(reply, author))
        return STATUS_OK;
    return cause_set(zhibao, STATUS_E_FORBIDDEN, "本单位无权为 %s 代报，未作任何改动",
                     "this unit may not carry for %s: nothing was changed",
                     unit_format(author, text));
}
