/* zhibaod backup-key, backup and restore.
 *
 * A private cluster is copied as it lies on the disk with the WAL that was written meanwhile
 * (pg_basebackup -X fetch); a database of one's own, or either with --logical, is dumped as of one
 * moment (pg_dump), which any PostgreSQL of the same or a newer major version takes back. The
 * server's keys go with it. Main thread. */
#ifndef ZHIBAO_SERVER_BACKUP_BACKUP_H
#define ZHIBAO_SERVER_BACKUP_BACKUP_H

#include <limits.h>

#include "server/backup/vault.h"
#include "server/options.h"
#include "server/store/backup_store.h"

enum { BACKUP_KIND_BYTES = 16, BACKUP_KEY_FILES_MAX = 256, BACKUP_TIME_BYTES = 24 };

#define BACKUP_PHYSICAL "physical"
#define BACKUP_LOGICAL  "logical"

/* A data directory into which a restore did not come to its end: nothing starts there. */
#define BACKUP_UNFINISHED "restore.unfinished"

struct backup_manifest {
    char kind[BACKUP_KIND_BYTES];
    char time[BACKUP_TIME_BYTES]; /* UTC, when it began */
    struct backup_state state;    /* then: the backup has at least this */
};

/* As it stands in the first frame, and back. STATUS_LIMIT; STATUS_INVALID. */
enum { BACKUP_MANIFEST_BYTES = 512 };
MUST_CHECK enum status backup_manifest_write(const struct backup_manifest *manifest,
                                             char out[BACKUP_MANIFEST_BYTES]);
MUST_CHECK enum status backup_manifest_read(const uint8_t *bytes, size_t size,
                                            struct backup_manifest *out_manifest);

/* One sentence for whoever runs the command, on standard error. Returns 1. */
int backup_say(const struct options *options, const char *zh, const char *en);

/* "DIR/NAME" of an absolute path whose directory exists. False when it does not, or too long. */
bool backup_absolute(const char *path, char out[PATH_MAX]);

#endif
