/* Roll-ups by township: what each township adds to every figure of a plan's year is kept, so that a
 * pull of a district, city, province or the country adds up townships, not villages.
 *
 * They are a memory, not a record. A township's part is used only if nothing has happened to any of
 * its reports since it was made, which the chains themselves tell (store/query_changes.h): a batch
 * becomes visible with everything in it, so there is no moment, and no crash, at which a kept part
 * is out of date and not known to be. What has changed is read and added up again at the next pull.
 * Parts are made and joined by the very steps that consolidate takes (stats/consolidate.h): both
 * ways give the same bits. One per server, shared by its query threads. */
#ifndef ZHIBAO_SERVER_QUERY_ROLLUP_H
#define ZHIBAO_SERVER_QUERY_ROLLUP_H

#include "server/query/pull.h"

struct rollups;

/* With `check` every answer is also made without them and compared. NULL without memory. */
struct rollups *rollups_create(bool check);
bool rollups_check(const struct rollups *rollups);
void rollups_destroy(struct rollups **rollups);

/* In the place of pull_gather for a pull that is `rolling`: brings the townships at and below its
 * place up to date and makes its values from them. */
MUST_CHECK enum status rollup_gather(struct pull *pull);

/* A value; the stratum is one that the plan or its forms name, the period one of the pull's years.
 * STATUS_NOT_FOUND for any other. */
MUST_CHECK enum status rolled_value(const struct rolled *rolled, size_t indicator,
                                    const char *stratum, int period,
                                    struct indicator_value *out_value);

/* Whether a demonstration report gave a figure of the period asked for to the indicator. */
bool rolled_demonstration(const struct rolled *rolled, const struct indicator *indicator);

#endif
