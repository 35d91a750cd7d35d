/* Rows of one series put together and checked against each other. Used by assess_csv.c only. One
 * thread. */
#ifndef ZHIBAO_ASSESS_ASSESS_GROUP_H
#define ZHIBAO_ASSESS_ASSESS_GROUP_H

#include "assess/assess_row.h"

/* The rows of one series and stratum, in the order of the file, and what comes of them. */
struct assess_group {
    const struct row_source *source;  /* complaints, after which the series is left out */
    const struct row_source *remarks; /* the same source for what leaves it in */
    struct assess_row *rows;
    size_t count;
    struct assess_point *points; /* room for `count` */
    struct assess_target *targets;
    const char *first_target; /* value text of the first target, "" without */
    int *breaks;              /* room for `count` */
};

/* Fills out_series but for `panel`; false when the series is to be left out (said why). A series
 * without any figure is left in with count 0. */
bool assess_group_make(struct assess_group *group, struct assess_series *out_series);

#endif
