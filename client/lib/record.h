/* Making signed records. Used by client/lib only. */
#ifndef ZHIBAO_LIB_RECORD_H
#define ZHIBAO_LIB_RECORD_H

#include "lib/home.h"

/* A signed record in an arena. */
struct signed_record {
    struct record_id id;
    uint64_t unit;
    struct hash payload_sha256;
    uint8_t *bytes; /* the Record, serialised */
    size_t size;
};

/* Fills the draft's head (fresh id, `unit`, now), serialises its payload and signs it.
 * STATUS_LIMIT when it is larger than the wire allows, STATUS_INVALID for a kind without domain. */
MUST_CHECK enum status record_sign(const struct home_keys *keys, uint64_t unit,
                                   const struct zhibao_draft *draft, struct arena *arena,
                                   struct signed_record *out_record);

/* The same payload signed with `keys` instead of `old`, in the arena. A record under another key
 * gives size 0 in *out_record, of which only bytes and size are filled in. */
MUST_CHECK enum status record_resign(const struct home_keys *keys, const struct key_id *old,
                                     const uint8_t *bytes, size_t size, struct arena *arena,
                                     struct signed_record *out_record);

#endif
