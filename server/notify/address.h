/* Which addresses notices may go to. Pure; any thread. */
#ifndef ZHIBAO_SERVER_NOTIFY_ADDRESS_H
#define ZHIBAO_SERVER_NOTIFY_ADDRESS_H

#include <stdbool.h>

enum { EMAIL_BYTES_MAX = 254, WEBHOOK_BYTES_MAX = 500 };

/* One plain address in ASCII, local@domain (RFC 5321 dot-atoms, a domain of letters, digits and
 * hyphens): nothing that could end a header line or add a recipient. */
bool address_email_good(const char *email);

/* Whether a webhook may go to `url`: its scheme, host and port are those of an entry of `hosts`, a
 * list separated by commas and blanks of "host", "host:port" (both https) or "http://host:port" for
 * what may go in the clear. No user in the URL, printable ASCII only. An empty list allows none:
 * the aggregator calls no address that its administrator did not choose. */
bool address_webhook_allowed(const char *url, const char *hosts);

#endif
