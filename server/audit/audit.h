/* What an auditor asks of the database: is every stored byte what was signed and receipted?
 *
 * Every batch is recomputed from its records: contents against their hashes, hashes against the
 * tree, the tree against the signed root, the root against the one before; every author's signature
 * against the key that the unit enrolled. Then the records are applied once more to an empty
 * database, and every row and column of the stored tables is compared with what they make there
 * (replay.h, compare.h; the few that nobody signs are listed in covered.h). Reads one snapshot of
 * the judged database and writes nothing to it. Main thread. */
#ifndef ZHIBAO_SERVER_AUDIT_AUDIT_H
#define ZHIBAO_SERVER_AUDIT_AUDIT_H

#include <stdio.h>

#include "proof/receipt.h"
#include "server/options.h"
#include "server/store/db.h"
#include "server/trust/lookup.h"

struct replay;

struct audit {
    struct db *db;
    struct replay *replay;
    struct arena *arena;           /* of one batch */
    struct sign_public server_key; /* whose roots are believed */
    enum language language;
    FILE *out;
    struct lookup keys;  /* struct audited_key, as the records say */
    struct lookup voids; /* struct audited_void */
    uint8_t chain_id[CHAIN_ID_BYTES];
    int64_t checked; /* batches whose signatures zhibaod has checked itself */
    uint64_t batches, records, receipts, findings;
};

/* Where something is. `unit` 0 and `id` NULL where they do not matter; batch 0: of no batch. */
struct audit_place {
    const char *table;
    int64_t batch, leaf;
    uint64_t unit;
    const uint8_t *id; /* RECORD_ID_BYTES */
};

/* One finding, a line of its own. */
void audit_find(struct audit *audit, const struct audit_place *place, const char *zh,
                const char *en);

/* Audits the database of `db`, on which nothing else runs. options->receipts names a directory of
 * receipt files that must all be of this history; "" for none. STATUS_OK whatever it finds
 * (out->findings); STATUS_DATABASE, STATUS_NO_MEMORY, STATUS_IO when it could not come to an end.
 */
MUST_CHECK enum status audit_run(struct audit *audit, const struct options *options);
void audit_close(struct audit *audit);

#endif
