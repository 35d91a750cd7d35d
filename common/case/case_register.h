/* The register of children (台账, proto/CASES.md section 9): how a child is found again without
 * anybody in between knowing who it is. Pure; any thread after sign_init. */
#ifndef ZHIBAO_CASE_CASE_REGISTER_H
#define ZHIBAO_CASE_CASE_REGISTER_H

#include "case/case_seal.h"

enum { CASE_IDENTITY_DIGITS = 18, CASE_IDENTITY_BYTES = CASE_IDENTITY_DIGITS + 1 };

/* A resident's identity number (GB 11643-1999) as it is hashed: 18 digits, the last perhaps X,
 * blanks and dashes left out. STATUS_INVALID when its check digit says that it was copied wrongly.
 */
MUST_CHECK enum status case_identity_read(const char *text, char out_number[CASE_IDENTITY_BYTES]);

/* HMAC-SHA256(key, "zhibao/registeridentity/v1" || 0x00 || number), and the key's id,
 * SHA-256("zhibao/registerkeyid/v1" || 0x00 || key). */
struct hash case_identity_hash(const struct case_secret *key,
                               const char number[CASE_IDENTITY_BYTES]);
struct hash case_register_key_id(const struct case_secret *key);

#endif
