/* From a job's bytes to a judged task: decode, authorise, validate. Runs on worker threads and
 * reads only the registry; one bad record never reaches its neighbours' transaction. */
#ifndef ZHIBAO_SERVER_INGEST_SUBMIT_H
#define ZHIBAO_SERVER_INGEST_SUBMIT_H

#include "server/ingest/task.h"

/* Takes `job`. A task for the writer, or NULL with *out_reply when the answer is known already
 * (nothing that could be refused by name was decoded). A task that breaks a rule carries
 * `refusal`; the writer still looks for an earlier receipt before it refuses. */
struct task *submit_prepare(struct job *job, struct registry *registry, struct reply **out_reply);

#endif
