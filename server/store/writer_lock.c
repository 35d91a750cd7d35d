#include "server/store/writer_lock.h"

#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/log.h"

enum { TRY_MS = 20, START_PATIENCE_MS = 10 * 1000 };

enum status writer_lock(struct db *db, int patience_ms, bool (*give_up)(void *context),
                        void *context)
{
    const struct timespec pause = {.tv_nsec = TRY_MS * 1000000L};
    int64_t until = clock_monotonic_ms() + patience_ms;
    for (;;) {
        PGresult *result = NULL;
        /* class 0x7a62 ("zb"), chain 1 */
        enum status status =
            db_run(db, "select pg_catalog.pg_try_advisory_lock(31330, 1)", NULL, &result);
        if (status != STATUS_OK)
            return status;
        bool taken = db_bool(result, 0, 0);
        PQclear(result);
        if (taken)
            return STATUS_OK;
        if (clock_monotonic_ms() >= until || (give_up != NULL && give_up(context)))
            return STATUS_CONFLICT;
        nanosleep(&pause, NULL);
    }
}

/* The key of the latest batch; STATUS_NOT_FOUND without one. */
static enum status signer_read(struct db *db, struct key_id *out_key)
{
    PGresult *result = NULL;
    enum status status = db_run(db,
                                "select key_id from zhibao.batch where chain = 1::smallint"
                                " order by number desc limit 1",
                                NULL, &result);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 0)
        status = STATUS_NOT_FOUND;
    else if (PQgetlength(result, 0, 0) != KEY_ID_BYTES)
        status = STATUS_MISMATCH;
    else
        memcpy(out_key->bytes, PQgetvalue(result, 0, 0), KEY_ID_BYTES);
    PQclear(result);
    return status;
}

enum status writer_check(const char *conninfo, const struct key_id *own,
                         bool (*give_up)(void *context), void *context)
{
    struct db *db = NULL;
    struct key_id signer;
    enum status status = db_open(conninfo, DB_INGEST, &db);
    if (status == STATUS_OK)
        status = writer_lock(db, START_PATIENCE_MS, give_up, context);
    if (status == STATUS_CONFLICT && give_up != NULL && give_up(context))
        status = STATUS_CANCELLED;
    if (status == STATUS_CONFLICT)
        log_error(
            "could not start: another zhibaod writes to this database; stop it first, or give "
            "this one a database of its own");
    if (status == STATUS_OK) {
        status = signer_read(db, &signer);
        if (status == STATUS_NOT_FOUND)
            status = STATUS_OK;
        else if (status == STATUS_OK && memcmp(&signer, own, sizeof signer) != 0)
            status = STATUS_MISMATCH;
        if (status == STATUS_MISMATCH)
            log_error("could not start: this database's receipts were signed with another key than "
                      "that of this data directory; put back the keys folder that belongs to it");
    }
    db_close(&db);
    return status;
}
