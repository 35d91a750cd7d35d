/* Receipts as witnesses: what units hold in their hands, against what the database says today. */
#ifndef ZHIBAO_SERVER_AUDIT_WITNESS_H
#define ZHIBAO_SERVER_AUDIT_WITNESS_H

#include "server/audit/audit.h"

/* Every *.zbr of `directory` must be of this history: only such witnesses reveal a database that
 * was put back to an earlier day or written anew by someone who has the signing key. STATUS_IO when
 * the directory cannot be read, STATUS_NOT_FOUND when it has no *.zbr and no *.zbw (a name mistyped
 * would pass for a clean bill); both are said in audit->out. */
MUST_CHECK enum status audit_receipts(struct audit *audit, const char *directory);

#endif
