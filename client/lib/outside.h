/* A question from outside: without a home, an account or a file, as a reporter asks with the code
 * that was given for a case (proto/CASES.md section 7). It goes to the enrolment endpoint, where
 * any CURVE key may ask; a fresh one is made for each question. Any thread. */
#ifndef ZHIBAO_LIB_OUTSIDE_H
#define ZHIBAO_LIB_OUTSIDE_H

#include "lib/zhibao.h"

/* Where to ask: the enrolment endpoint and the server's CURVE key, by which alone it is known. */
struct zhibao_outside {
    char endpoint[ZHIBAO_TEXT_BYTES];
    uint8_t server_public[32];
};

/* That of the server where the home is enrolled. STATUS_NOT_FOUND: the home was enrolled by a
 * version that did not write it down. */
MUST_CHECK enum status zhibao_outside_of(const struct zhibao *zhibao,
                                         struct zhibao_outside *out_outside);

/* STATUS_UNREACHABLE or STATUS_TIMEOUT when nobody with that key answers within `timeout_ms`, else
 * the server's own answer; `answer_type` is what `kind` is answered with. The answer lives in the
 * arena. */
MUST_CHECK enum status zhibao_ask_outside(const struct zhibao_outside *outside, uint32_t timeout_ms,
                                          Zhibao__Kind kind, const ProtobufCMessage *body,
                                          Zhibao__Kind answer_kind,
                                          const ProtobufCMessageDescriptor *answer_type,
                                          struct arena *arena, ProtobufCMessage **out_answer);

#endif
