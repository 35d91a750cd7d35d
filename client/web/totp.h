/* One-time passwords by time: RFC 6238 with HMAC-SHA-1, 6 digits, steps of 30 s, as every
 * authenticator has it. Pure. */
#ifndef ZHIBAO_WEB_TOTP_H
#define ZHIBAO_WEB_TOTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    TOTP_SECRET_BYTES = 20,
    TOTP_STEP_S = 30,
    TOTP_TEXT_BYTES = 33, /* of a secret in base32, with its NUL */
};

/* The password of a step (seconds since 1970 / TOTP_STEP_S): 0 to 999999. STATUS_IO when the hash
 * fails. RFC 4226 section 5.3. */
MUST_CHECK enum status totp_password(const uint8_t secret[TOTP_SECRET_BYTES], uint64_t step,
                                     uint32_t *out_password);

/* Whether `code` (6 digits) is the password of the step at `now_s` or of one beside it, and of a
 * step after `last_step`, so that none is good twice. *out_step is that step. */
bool totp_is_good(const uint8_t secret[TOTP_SECRET_BYTES], const char *code, int64_t now_s,
                  uint64_t last_step, uint64_t *out_step);

/* `size` bytes in base32 (RFC 4648, upper case, no padding), with a NUL: 8 characters for 5 bytes.
 */
void base32_encode(const uint8_t *bytes, size_t size, char *out);

#endif
