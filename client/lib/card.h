/* A card: the proof that certain keys are a unit's. It is the unit's own enrolment record and the
 * server's receipt of it, so that it verifies offline against pinned server keys and nothing else.
 * That a key was revoked since is for the server to say. Used by client/lib only. */
#ifndef ZHIBAO_LIB_CARD_H
#define ZHIBAO_LIB_CARD_H

#include "lib/handle.h"

struct card {
    uint64_t unit;
    struct key_id key;
    struct sign_public sign_public;
    uint8_t encrypt_public[32];
    const uint8_t *bytes; /* PROTOCOL.md section 13.2; where they came from */
    size_t size;
};

/* This home's own card, in the arena. STATUS_NOT_FOUND before enrolment. */
MUST_CHECK enum status card_own(struct zhibao *zhibao, struct arena *arena, struct card *out_card);

/* The bytes of a card from a record and its receipt; NULL without memory. */
uint8_t *card_write(struct arena *arena, const uint8_t *record, size_t record_size,
                    const uint8_t *receipt, size_t receipt_size, size_t *out_size);

/* Reads and verifies. STATUS_E_STICK_KEY when anything about it does not. */
MUST_CHECK enum status card_read(const struct pins *pins, const uint8_t *bytes, size_t size,
                                 struct arena *arena, struct card *out_card);

#endif
