/* From a row of the queue to what is sent. The notifier's thread. */
#ifndef ZHIBAO_SERVER_NOTIFY_MESSAGE_H
#define ZHIBAO_SERVER_NOTIFY_MESSAGE_H

#include "server/options.h"
#include "server/store/notify_store.h"
#include "server/trust/registry.h"
#include "server/trust/server_keys.h"

/* A whole e-mail (RFC 5322, CRLF): subject and text in the contact's language, Message-ID from the
 * row's id, so that a repeated one is recognised. In the arena; NULL without memory. */
char *message_mail(struct arena *arena, const struct notice_row *row, struct registry *registry,
                   const struct options *options, int64_t now_us);

/* The body of a webhook, a JSON object in UTF-8 with both languages. malloc'ed, the caller frees;
 * NULL without memory. */
char *message_json(struct arena *arena, const struct notice_row *row, struct registry *registry,
                   const struct options *options);

/* What a webhook's signature is over, PROTOCOL.md section 23: time in decimal seconds, ".", body.
 */
struct signature message_sign(struct arena *arena, const struct server_keys *keys, int64_t seconds,
                              const char *body);

#endif
