/* One question and its answer over the session that has begun. Used by client/lib only. */
#ifndef ZHIBAO_LIB_REQUEST_H
#define ZHIBAO_LIB_REQUEST_H

#include "lib/zhibao.h"

enum { ANSWER_LEAST_MS = 3000 };

/* How long a connected server may stay silent before its connection is taken for dead. */
int64_t answer_time_ms(uint32_t timeout_ms);

/* As zhibao_request, but over whatever link the session holds. */
MUST_CHECK enum status request_run(struct zhibao *zhibao, Zhibao__Kind kind,
                                   const ProtobufCMessage *body, struct arena *arena,
                                   ProtobufCMessage **out_answer);

#endif
