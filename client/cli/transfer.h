/* How far a long transfer is, on stderr: a line that renews itself on a terminal, else a line every
 * tenth. Short transfers show nothing. One thread. */
#ifndef ZHIBAO_CLI_TRANSFER_H
#define ZHIBAO_CLI_TRANSFER_H

#include "cli/command.h"

/* From now on the handle's transfers are shown; the context must be open. */
void transfer_show(struct context *context);

/* Ends the line and stops. */
void transfer_end(struct context *context);

#endif
