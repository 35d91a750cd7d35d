/* Long answers made shorter for slow lines: gzip (RFC 1952), the quickest level. Any thread. */
#ifndef ZHIBAO_WEB_SQUEEZE_H
#define ZHIBAO_WEB_SQUEEZE_H

#include <stddef.h>
#include <stdint.h>

enum { SQUEEZE_LEAST_BYTES = 4096 }; /* what is shorter fits into a packet or two as it is */

/* The gzip file of `size` bytes, malloc'ed: the caller frees. NULL when it would not be smaller, or
 * without memory. */
uint8_t *squeeze(const void *bytes, size_t size, size_t *out_size);

#endif
