/* Problems as the Error message of the protocol. Pure; the caller's thread. */
#ifndef ZHIBAO_SERVER_LOOP_PROBLEM_MESSAGE_H
#define ZHIBAO_SERVER_LOOP_PROBLEM_MESSAGE_H

#include "envelope.pb-c.h"
#include "plan/problems.h"

struct error_message;

/* `status` is the answer's code; the first problem (if any) gives sentence and field, the others
 * follow in Error.more. Copies nothing: `problems` must outlive it. NULL without memory. */
struct error_message *error_message_create(enum status status, const struct problems *problems);
Zhibao__Error *error_message_get(struct error_message *message);
void error_message_destroy(struct error_message **message);

#endif
