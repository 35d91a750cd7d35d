/* The portal's own certificate, made at the first start when the configuration names none. */
#ifndef ZHIBAO_WEB_CERTIFICATE_H
#define ZHIBAO_WEB_CERTIFICATE_H

#include "base/status.h"

/* Writes a new P-256 key (0600) and a self-signed certificate for `host`, localhost and 127.0.0.1,
 * valid for ten years, as PEM. STATUS_IO, STATUS_NO_MEMORY. Main thread. */
MUST_CHECK enum status certificate_make(const char *key_path, const char *certificate_path,
                                        const char *host);

#endif
