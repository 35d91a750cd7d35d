/* Read-only tokens for the HTTP API: each belongs to an account and asks as it. Only a token's
 * SHA-256 is kept: it is 32 random bytes, so nothing slower is needed. A table in accounts.db; used
 * by one thread, the desk's. */
#ifndef ZHIBAO_WEB_TOKENS_H
#define ZHIBAO_WEB_TOKENS_H

#include "web/accounts.h"

enum {
    TOKEN_BYTES = 32,
    TOKEN_HASH_BYTES = 32,
    TOKEN_TEXT_BYTES = 4 + 43 + 1, /* "zbt_" and base64url, with its NUL */
    TOKEN_LABEL_BYTES = 101,
    TOKENS_PER_ACCOUNT = 20, /* not counting those that are over */
    TOKEN_DAYS_MAX = 400,
};

struct token {
    int64_t id;
    char label[TOKEN_LABEL_BYTES];
    bool published;                                      /* gives only what may be published */
    int64_t created_us, expires_us, used_us, revoked_us; /* used, revoked: 0 never */
};

/* Whether accounts of this role may have tokens that give exact figures: statistics and office. */
bool token_may_be_exact(const char *role);

/* A new token; its text is told this once. STATUS_LIMIT when the account has too many. */
MUST_CHECK enum status tokens_create(struct accounts *accounts, const char *name,
                                     const struct token *wish, int64_t now_us,
                                     char out_text[TOKEN_TEXT_BYTES], int64_t *out_id);

/* The account's tokens, the newest first, at most `room`. */
MUST_CHECK enum status tokens_list(struct accounts *accounts, const char *name,
                                   struct token *out_tokens, size_t room, size_t *out_count);

/* STATUS_NOT_FOUND for one that is not the account's, or is revoked. */
MUST_CHECK enum status tokens_revoke(struct accounts *accounts, const char *name, int64_t id,
                                     int64_t now_us);

/* The hash under which a token is kept; false for a text that is no token. */
bool token_hash(const char *text, uint8_t out_hash[TOKEN_HASH_BYTES]);

/* The token and its account; notes its use. STATUS_NOT_FOUND for one that is none, revoked,
 * expired, or of an account that an administrator closed. */
MUST_CHECK enum status tokens_find(struct accounts *accounts, const uint8_t hash[TOKEN_HASH_BYTES],
                                   int64_t now_us, struct token *out_token,
                                   struct account *out_account);

#endif
