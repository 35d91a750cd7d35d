/* Where exported bytes go, and the small pieces that every format is made of.
 *
 * A sink never fails loudly: what goes wrong is kept in `status`, later writes do nothing, and the
 * caller looks once at the end. One thread at a time. Pure apart from what `write` does. */
#ifndef ZHIBAO_EXPORT_SINK_H
#define ZHIBAO_EXPORT_SINK_H

#include <stdbool.h>
#include <stddef.h>

#include "base/status.h"

/* Takes all of the bytes, or says why not. */
typedef enum status (*sink_write)(void *context, const void *bytes, size_t size);

struct sink {
    sink_write write;
    void *context;
    enum status status; /* of the first write that failed */
    size_t written;     /* bytes taken so far */
};

void sink_bytes(struct sink *sink, const void *bytes, size_t size);
void sink_text(struct sink *sink, const char *text);
void sink_printf(struct sink *sink, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A field of RFC 4180, quoted where it must be; `before` (may be "") is set before the text. */
void sink_csv(struct sink *sink, const char *before, const char *text);

/* A JSON string with its quotes. `text` is UTF-8. */
void sink_json(struct sink *sink, const char *text);

/* Text of an XML element or attribute in double quotes. Characters that XML 1.0 cannot hold become
 * U+FFFD. */
void sink_xml(struct sink *sink, const char *text);

/* The shortest of 15 to 17 digits that reads back as the very same double, without a locale's
 * comma; `value` is finite. Returns text. */
enum { SINK_NUMBER_BYTES = 32 };
char *sink_number_text(double value, char text[SINK_NUMBER_BYTES]);

#endif
