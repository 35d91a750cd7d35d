/* One attempt to hand a notice to a mail server or a webhook, through libcurl.
 *
 * Used by the notifier's thread alone. An attempt ends after notice_timeout_s, and within a second
 * of `stop`. Mail goes to the configured server only, by the TLS that smtp_tls asks for; webhooks
 * to allowed hosts only, without following redirects. No proxy of the environment is used. */
#ifndef ZHIBAO_SERVER_NOTIFY_DELIVER_H
#define ZHIBAO_SERVER_NOTIFY_DELIVER_H

#include <stdatomic.h>

#include "base/arena.h"
#include "server/options.h"

enum { DELIVER_ERROR_BYTES = 160 };

enum delivery {
    DELIVERED,
    DELIVERY_FAILED,  /* the other side is away, slow or confused: so will others to it be */
    DELIVERY_REFUSED, /* this one notice or address is refused, perhaps only for now */
};

struct deliver;

/* Once per process, before threads are started, and at its end. False when libcurl fails. */
bool deliver_init(void);
void deliver_end(void);

/* NULL without memory. Connections are kept between attempts until deliver_rest. */
struct deliver *deliver_create(const struct options *options, const atomic_bool *stop);
void deliver_destroy(struct deliver **deliver);
void deliver_rest(struct deliver *deliver);

/* `error` says in a line why it did not work, else "". */
enum delivery deliver_mail(struct deliver *deliver, const char *address, const char *mail,
                           char error[DELIVER_ERROR_BYTES]);

/* `headers`: "Name: value" lines, ended by NULL. Anything from 200 to 299 is delivered. */
enum delivery deliver_webhook(struct deliver *deliver, const char *url, const char *body,
                              const char *const *headers, char error[DELIVER_ERROR_BYTES]);

#endif
