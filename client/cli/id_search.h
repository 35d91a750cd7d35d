/* One of many, named by the first digits of its id as the first argument. */
#ifndef ZHIBAO_CLI_ID_SEARCH_H
#define ZHIBAO_CLI_ID_SEARCH_H

#include "cli/command.h"

enum { ID_PREFIX_LEAST = 4 }; /* digits: fewer would hit by chance */

/* Whether a prefix is long enough; else *out_code after a complaint. */
bool id_prefix_good(const struct context *context, const char *prefix, enum exit_code *out_code);

struct id_search {
    const char *prefix;
    const void *found; /* the last that fits */
    size_t count;
};

/* For the first argument. False after a complaint, with *out_code set. */
bool id_search_begin(const struct context *context, struct id_search *search,
                     enum exit_code *out_code);

/* Notes `item` where its id begins with the prefix. */
void id_search_offer(struct id_search *search, const ProtobufCBinaryData *id, const void *item);

/* The one that fits. NULL after a complaint, with *out_code set: none, or several of `what_zh`,
 * `what_en` (in the plural), which `command` lists. */
const void *id_search_end(const struct context *context, const struct id_search *search,
                          const char *what_zh, const char *what_en, const char *command,
                          enum exit_code *out_code);

#endif
