/* Who may connect: ZeroMQ's authentication handler (RFC 27/ZAP), on a thread of its own.
 *
 * Domain "zhibao": an active key is let in with its key id as User-Id (32 hex digits); a pending or
 * unknown one is told to try again later (300), a revoked one is refused for good (400). Domain
 * "enrol": any key, User-Id is the transport key itself (64 hex digits). CURVE only. Being let in
 * grants nothing: every message is checked against the registry again. */
#ifndef ZHIBAO_SERVER_TRUST_ZAP_H
#define ZHIBAO_SERVER_TRUST_ZAP_H

#include "server/trust/registry.h"

#define ZAP_DOMAIN_MAIN  "zhibao"
#define ZAP_DOMAIN_ENROL "enrol"

struct zap;

/* Before any CURVE socket binds; the handler answers when this returns. `registry` is borrowed
 * until zap_stop. STATUS_IO, logged, when another handler is bound in this context;
 * STATUS_NO_MEMORY. */
MUST_CHECK enum status zap_start(void *zmq_context, struct registry *registry,
                                 struct zap **out_zap);

/* From the thread that started it, before the context is terminated. */
void zap_stop(struct zap **zap);

#endif
