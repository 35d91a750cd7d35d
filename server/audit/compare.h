/* Every row and column of the stored tables against what the signed records make: replay.h. */
#ifndef ZHIBAO_SERVER_AUDIT_COMPARE_H
#define ZHIBAO_SERVER_AUDIT_COMPARE_H

#include "server/audit/audit.h"

/* `made` is the connection to the tables that the records made, in no transaction. A row that was
 * altered, removed or added is a finding with its key and its columns. STATUS_OK whatever is found;
 * STATUS_DATABASE, STATUS_NO_MEMORY. */
MUST_CHECK enum status audit_compare(struct audit *audit, struct db *made);

/* The contents of documents, chunk by chunk, against the hashes that were signed. */
MUST_CHECK enum status audit_contents(struct audit *audit);

#endif
