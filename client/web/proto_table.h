/* What the .proto files hold, as tables made from them at build time (proto_table.cmake). */
#ifndef ZHIBAO_WEB_PROTO_TABLE_H
#define ZHIBAO_WEB_PROTO_TABLE_H

#include "envelope.pb-c.h"

/* One question of the protocol and its answer. */
struct proto_exchange {
    const char *name; /* "KIND_GET_FORM" */
    Zhibao__Kind ask, answer;
    const ProtobufCMessageDescriptor *ask_type, *answer_type;
};

/* Both end with a NULL (a NULL name). */
extern const ProtobufCMessageDescriptor *const proto_messages[];
extern const struct proto_exchange proto_exchanges[];

#endif
