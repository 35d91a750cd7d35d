/* A PostgreSQL of the audit's own, under DATA/audit, gone when the audit ends: what the signed
 * records make is made there anew, away from the database that is being judged. Main thread. */
#ifndef ZHIBAO_SERVER_AUDIT_SCRATCH_H
#define ZHIBAO_SERVER_AUDIT_SCRATCH_H

#include "server/options.h"
#include "server/store/cluster.h"

struct scratch;

/* Makes an empty database with this binary's schema. STATUS_CONFLICT when another audit of the same
 * data directory runs; STATUS_NOT_FOUND, STATUS_IO, STATUS_DATABASE, STATUS_NO_MEMORY; logged. The
 * data directory has been entered (see site.h). */
MUST_CHECK enum status scratch_open(const struct options *options, struct scratch **out_scratch);

/* How to connect to it. */
const char *scratch_conninfo(const struct scratch *scratch);

/* Stops it and removes its files. */
void scratch_close(struct scratch **scratch);

#endif
