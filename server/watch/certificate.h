/* When certificates end. Pure but for reading files; any thread. */
#ifndef ZHIBAO_SERVER_WATCH_CERTIFICATE_H
#define ZHIBAO_SERVER_WATCH_CERTIFICATE_H

#include <stdint.h>

#include "base/status.h"

/* The first certificate of a PEM file ends then, in microseconds since 1970. STATUS_IO when it
 * cannot be read, STATUS_INVALID when there is none in it. */
MUST_CHECK enum status certificate_end(const char *path, int64_t *out_end_us);

#endif
