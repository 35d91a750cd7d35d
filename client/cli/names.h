/* Names of units, to print them where an answer has only numbers. */
#ifndef ZHIBAO_CLI_NAMES_H
#define ZHIBAO_CLI_NAMES_H

#include "cli/command.h"

struct names;

/* The units at and below `place`, in the context's arena. NULL when the server does not tell: the
 * numbers will do, so nothing is said. */
struct names *names_fetch(struct context *context, uint64_t place);

/* The unit's name in the user's language; NULL when it is not known. `names` may be NULL. */
const char *names_find(const struct names *names, uint64_t unit);

/* All pages of units below `place`, in the arena. False after a complaint. */
bool units_fetch(struct context *context, uint64_t place, const Zhibao__UnitRow ***out_rows,
                 size_t *out_count, enum exit_code *out_code);

#endif
