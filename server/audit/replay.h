/* The signed records once more, from the first to the last, applied by the same functions that the
 * writer applied them with, to an empty database: what then stands in its tables is what the stored
 * tables must say. Only what the records themselves do not tell (when somebody connected, how a
 * notice was delivered) is not made: see covered.h. Main thread. */
#ifndef ZHIBAO_SERVER_AUDIT_REPLAY_H
#define ZHIBAO_SERVER_AUDIT_REPLAY_H

#include "server/audit/record.h"
#include "server/ingest/apply.h"

struct replay;

/* Makes the empty database. `audit` and `options` must outlive it. Failures as scratch_open's. */
MUST_CHECK enum status replay_open(struct audit *audit, const struct options *options,
                                   struct replay **out_replay);
void replay_close(struct replay **replay);

/* The records that follow are of this batch. STATUS_DATABASE. */
MUST_CHECK enum status replay_batch(struct replay *replay, int64_t number, int64_t time_us);

/* Applies the record; one that cannot follow those before it is a finding. `message` is its
 * content, `task` what the columns say of it (leaf, index, payload, signature, carrier). */
MUST_CHECK enum status replay_record(struct replay *replay, const struct audit_place *place,
                                     struct task *task, const ProtobufCMessage *message);

/* After the last record: everything is there to be read through the connection. */
MUST_CHECK enum status replay_end(struct replay *replay, struct db **out_db);

/* A notice of the aggregator's own: its event, and what else it makes. replay_notice.c */
enum status replay_notice(struct apply *apply, struct task *task);

#endif
