/* The rows of a pulled result one by one: for people (pull_table.c) and for machines
 * (pull_machine.c). Used by pull_rows.c. */
#ifndef ZHIBAO_CLI_PULL_PARTS_H
#define ZHIBAO_CLI_PULL_PARTS_H

#include "cli/pull_rows.h"

/* A figure that the plan's text gives (a baseline), while nobody reported one. */
bool pulled_is_printed(const Zhibao__IndicatorResult *result);

/* Rows of what people read, rounded; NULL without memory. `first`: the first row of an indicator,
 * which alone has its name and value. `target` may be NULL. */
struct rows *pull_table_create(const struct context *context);
void pull_table_add(const struct context *context, struct rows *rows, const struct pulled *pulled,
                    const Zhibao__IndicatorResult *result, const Zhibao__TargetResult *target,
                    bool first);

/* Rows of everything, unrounded. */
struct rows *pull_machine_create(const struct context *context);
void pull_machine_add(struct rows *rows, const Zhibao__IndicatorResult *result,
                      const Zhibao__TargetResult *target);

#endif
