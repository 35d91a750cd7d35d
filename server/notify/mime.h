/* The few forms of MIME that a notice needs. Pure; any thread. */
#ifndef ZHIBAO_SERVER_NOTIFY_MIME_H
#define ZHIBAO_SERVER_NOTIFY_MIME_H

#include <stdint.h>

#include "base/arena.h"

/* UTF-8 as the value of an unstructured header (RFC 2047): base64 words of at most 75 characters,
 * each of whole characters, on lines joined by CRLF and a blank. In the arena; NULL without memory.
 */
char *mime_header(struct arena *arena, const char *text);

/* Base64 in lines of 76 characters that end in CRLF. In the arena; NULL without memory. */
char *mime_base64(struct arena *arena, const char *text);

/* "Sun, 22 Nov 2026 17:00:00 +0800": a moment on China's clock, as RFC 5322 writes it. */
char *mime_date(struct arena *arena, int64_t time_us);

#endif
