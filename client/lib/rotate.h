/* New keys in place of those in force, by the home's own word (PROTOCOL.md section 27).
 *
 * The new keys and the record that brings them, signed with the old key, lie in keys/next; the
 * record then goes through the outbox as any other. Its receipt decides the rotation: from then on
 * it is a renewal (renewal.h) and is carried to its end like one. Killed anywhere in between, the
 * home has a key that the server takes: the old one until the overlap is over, which is long; and
 * should a home that was left alone be refused with it, the new one (rotation_rescue).
 *
 * Used by client/lib only; the handle's thread. */
#ifndef ZHIBAO_LIB_ROTATE_H
#define ZHIBAO_LIB_ROTATE_H

#include "lib/handle.h"

/* Puts the new keys in force once the rotation's record has its receipt; nothing when there is no
 * rotation, or it has none yet. *out_done (may be NULL): they are in force. */
MUST_CHECK enum status rotation_settle(struct zhibao *zhibao, bool *out_done);

/* The server refused the home's key. When a rotation is under way, which it may have stored long
 * ago, asks with the new key. True when the new keys are in force: it is worth trying again. */
bool rotation_rescue(struct zhibao *zhibao);

#endif
