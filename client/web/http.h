/* The HTTPS side: libmicrohttpd's threads, limits, headers and the way from a request to its route.
 */
#ifndef ZHIBAO_WEB_HTTP_H
#define ZHIBAO_WEB_HTTP_H

#include "web/exchange.h"

struct http;

/* Listens; key and certificate are PEM texts. STATUS_IO. *out_port is the port listened on. */
MUST_CHECK enum status http_start(struct gateway *gateway, const char *key, const char *certificate,
                                  struct http **out_http, uint16_t *out_port);

/* Takes no more requests. Before pool and desk are ended. */
void http_quiesce(struct http *http);

/* After pool and desk have answered all that slept. */
void http_stop(struct http **http);

/* The routes of api.c, ended by one without a path. */
extern const struct route routes[];

#endif
