/* A duty of this unit by its code, as the server has it. */
#ifndef ZHIBAO_CLI_DUTY_FIND_H
#define ZHIBAO_CLI_DUTY_FIND_H

#include "cli/command.h"
#include "duty.pb-c.h"

/* In the context's arena; NULL after a complaint. `year` must be given for a yearly duty (0: not
 * given) and is ignored for one that is owed once. */
const Zhibao__DutyItem *duty_find(struct context *context, const char *duty, uint32_t year,
                                  enum exit_code *out_code);

#endif
