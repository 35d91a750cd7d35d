/* What the server would say about a period, before it is asked to store anything. */
#ifndef ZHIBAO_CLI_PERIOD_FIND_H
#define ZHIBAO_CLI_PERIOD_FIND_H

#include "cli/command.h"
#include "plan/period_rule.h"

/* By the server's own calendar and clock when it can be asked, else by the form's copy and this
 * machine's clock. */
void period_find(struct context *context, const Zhibao__FormSheet *sheet, uint32_t year,
                 struct period_rule *rule, int64_t *out_now_us);

#endif
