/* The commands of zhibaod beside run. Each returns the exit code: 0, 1 with the reason logged, or 2
 * for wrong input. Main thread. */
#ifndef ZHIBAO_SERVER_COMMANDS_H
#define ZHIBAO_SERVER_COMMANDS_H

#include "server/options.h"

/* Brings the schema up to date. */
int command_migrate(struct options *options);

/* Prints, on a line of its own, a one-time code with which the first administrator of
 * options->place enrols (unit PLACE:3, made unless it exists), and on stderr whose it is and which
 * endpoints it leads to. A place that no plan has, imported or of options->plan, is refused unless
 * options->force. Works beside a running zhibaod. */
int command_first_code(struct options *options);

/* Compares every stored byte with what was signed and receipted, and prints what differs: exit code
 * 1 also when anything does. Works beside a running zhibaod. */
int command_audit(struct options *options);

#endif
