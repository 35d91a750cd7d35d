/* Who is logged in: a bounded table in memory, so that a restart of the gateway logs everybody out.
 *
 * A session is named by 32 random bytes in a cookie, of which only the SHA-256 is kept. It ends
 * after SESSION_IDLE_MS without use and SESSION_WHOLE_MS in any case. Any thread. */
#ifndef ZHIBAO_WEB_SESSIONS_H
#define ZHIBAO_WEB_SESSIONS_H

#include "web/accounts.h"

enum {
    SESSIONS_MAX = 4096,
    SESSION_IDLE_MS = 60 * 60 * 1000,
    SESSION_WHOLE_MS = 12 * 60 * 60 * 1000,
    SESSION_TOKEN_BYTES = 2 * 32 + 1, /* hex with its NUL */
};

struct sessions;

/* What a request needs to know of its session. */
struct session {
    char csrf[SESSION_TOKEN_BYTES];
    char name[ACCOUNT_NAME_BYTES];
    uint64_t unit;
    char unit_name[256], role[64];
    struct pool_peer peer;
    uint8_t salt[ACCOUNT_SALT_BYTES];
    uint8_t bundle[ACCOUNT_BUNDLE_MAX];
    size_t bundle_size;
};

struct sessions *sessions_create(void);
void sessions_destroy(struct sessions **sessions);

/* Opens a session for the account; when all places are taken, the one unused longest ends. */
void sessions_begin(struct sessions *sessions, const struct account *account, int64_t now_ms,
                    char out_token[SESSION_TOKEN_BYTES], struct session *out_session);

/* STATUS_NOT_FOUND for a token that is none or has ended. */
MUST_CHECK enum status sessions_find(struct sessions *sessions, const char *token, int64_t now_ms,
                                     struct session *out_session);

void sessions_end(struct sessions *sessions, const char *token);

/* Every session of the account. */
void sessions_end_all(struct sessions *sessions, const char *name);

/* How many are open: of the account, or of all with NULL. */
size_t sessions_count(struct sessions *sessions, const char *name);

#endif
