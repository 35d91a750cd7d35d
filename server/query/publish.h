/* The parts of a publication: figures that tell of each other, and what may not be printed of them.
 * Used by pull_publish.c and publish_*.c only; one request, in its arena. */
#ifndef ZHIBAO_SERVER_QUERY_PUBLISH_H
#define ZHIBAO_SERVER_QUERY_PUBLISH_H

#include "assess/suppress.h"
#include "server/query/pull.h"

/* One indicator in one stratum, as public answers print it. */
struct figure {
    size_t indicator;
    const char *stratum;
    bool hidden; /* at the place that was settled last */
};

/* What readers know: figures parts[0..count) and a remainder, possibly of none, make up `whole`. */
struct bond {
    size_t whole, count;
    size_t *parts;
    bool counted_alike; /* one within the other: only where both have the same denominator */
    bool same;          /* no remainder: two names of one count */
};

/* Figures that are bound to each other, and to no others. */
struct family {
    size_t figure_count, bond_count;
    struct figure *figures;
    struct bond *bonds;
};

/* publish_family.c: whether the indicator counts children or cases; institutions are no secret. */
bool publish_is_sensitive(const struct plan *plan, const struct indicator *indicator);

/* publish_family.c: the families of all indicators that count children or cases, or only that of
 * `pull->only`. */
MUST_CHECK enum status publish_families(const struct pull *pull, struct family **out_families,
                                        size_t *out_count);

/* A place and the places just below it, gathered: members[0] is the place itself. Of the plan's own
 * place there is first a group of it alone. */
struct publish_group {
    size_t count;
    struct pull *members;
    bool alone;     /* members[0] is settled here, and was not before */
    size_t kept;    /* the member on the way to the place asked for */
    size_t watched; /* with `hidden`: an indicator */
    bool *hidden; /* may be NULL; set to whether the member's figure of it, as a whole, is hidden */
};

/* publish_group.c: decides what of a family is hidden in the group, and keeps that of group->kept
 * in the figures. Of members[0] they hold what was decided before, unless it is alone. */
MUST_CHECK enum status publish_settle(const struct publish_group *group, struct family *family);

/* pull_publish.c: of the places just below pull->place, in the order of the plan, whether the
 * figure of pull->only for pull->period is hidden where it is published. */
MUST_CHECK enum status publish_below(const struct pull *pull, bool *out_hidden);

#endif
