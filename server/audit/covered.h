/* What the audit does not compare, and why: the one list. Every other column of every table of the
 * schema, those of later versions included, must be what the signed records make it. */
#ifndef ZHIBAO_SERVER_AUDIT_COVERED_H
#define ZHIBAO_SERVER_AUDIT_COVERED_H

#include <stdbool.h>
#include <stddef.h>

struct covered_rule {
    const char *table;
    const char *column; /* NULL: all of them */
    const char *only;   /* with NULL above: a condition on the rows that are compared all the same,
                           a constant of SQL; NULL: none is */
    bool otherwise;     /* it is judged in another way */
    const char *zh, *en;
};

/* The rule for a table, or for one of its columns; NULL: it is compared. */
const struct covered_rule *covered_rule(const char *table, const char *column);

/* All of them, in order of tables. */
const struct covered_rule *covered_rules(size_t *out_count);

#endif
