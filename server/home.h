/* The data directory: who owns it, the lock that keeps two zhibaod apart, the pid file. Main
 * thread, before any other is started. */
#ifndef ZHIBAO_SERVER_HOME_H
#define ZHIBAO_SERVER_HOME_H

#include "server/options.h"

struct home;

/* Makes DIR when absent (mode 0700; its parent must exist). Started as root, gives a new or empty
 * DIR to `user` and becomes that user for good; PostgreSQL is never run as root. `data` becomes an
 * absolute path and the working directory. STATUS_NOT_FOUND without such a user, STATUS_INVALID
 * when DIR is someone else's, STATUS_IO; all logged with what to do. */
MUST_CHECK enum status home_enter(char data[OPTION_PATH_BYTES], const char *user);

/* Locks DIR/lock until data_home_close or the end of the process, however it ends. STATUS_CONFLICT,
 * not logged, when another process holds it; STATUS_IO; STATUS_NO_MEMORY. */
MUST_CHECK enum status home_lock(const char *data, struct home **out_home);

/* Writes DIR/zhibaod.pid; data_home_close removes it. STATUS_IO, logged. */
MUST_CHECK enum status home_write_pid(struct home *home);
void data_home_close(struct home **home);

#endif
