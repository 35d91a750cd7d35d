/* The session lock that makes a connection the only writer of this database's chain, and whose
 * chain it is. */
#ifndef ZHIBAO_SERVER_STORE_WRITER_LOCK_H
#define ZHIBAO_SERVER_STORE_WRITER_LOCK_H

#include <stdatomic.h>

#include "proof/sign.h"
#include "server/store/db.h"

/* Takes the lock, trying for at most `patience_ms` and no longer than until `give_up` says so (may
 * be NULL): a former session whose COMMIT is still going on holds it. STATUS_CONFLICT when another
 * has it still; STATUS_DATABASE. It is held until the connection ends. */
MUST_CHECK enum status writer_lock(struct db *db, int patience_ms, bool (*give_up)(void *context),
                                   void *context);

/* Before the start: that nobody else writes to this database, and that its latest batch was signed
 * with `own`. STATUS_CONFLICT or STATUS_MISMATCH, both logged with what to do; STATUS_CANCELLED
 * when told to give up. */
MUST_CHECK enum status writer_check(const char *conninfo, const struct key_id *own,
                                    bool (*give_up)(void *context), void *context);

#endif
