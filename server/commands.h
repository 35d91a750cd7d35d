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

/* Makes the pair of keys of all backups: the secret one into the file options->secret, the public
 * one is printed. Needs no data directory. */
int command_backup_key(struct options *options);

/* Database and keys into one file, encrypted to options->backup_recipient. Works beside a running
 * zhibaod; the schema stays as it is. */
int command_backup(struct options *options);

/* The file options->from into an empty data directory, then an audit of what is there; with
 * options->check only reads it to its end. */
int command_restore(struct options *options);

/* Puts the server's key files under a passphrase, or takes it away. */
int command_key_lock(struct options *options);

/* Writes the server's keys as shares (options->shares, "3of5") into the directory options->to. */
int command_key_split(struct options *options);

/* Puts the keys together from the shares in options->from, into a data directory without keys. */
int command_key_join(struct options *options);

#endif
