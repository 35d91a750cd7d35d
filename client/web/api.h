/* The handlers of the routes, one file a topic. Each runs in an HTTP thread (exchange.h). */
#ifndef ZHIBAO_WEB_API_H
#define ZHIBAO_WEB_API_H

#include "web/exchange.h"
#include "web/factor.h"

void api_site(struct exchange *exchange);
void api_session(struct exchange *exchange);
void api_salt(struct exchange *exchange);
void api_login(struct exchange *exchange);
void api_logout(struct exchange *exchange);
void api_enrol_key(struct exchange *exchange);
void api_enrol(struct exchange *exchange);
void api_ask(struct exchange *exchange);
void api_submit(struct exchange *exchange);
void api_case_state(struct exchange *exchange);
void api_accounts(struct exchange *exchange);
void api_account(struct exchange *exchange);
void api_sheet_blank(struct exchange *exchange);
void api_sheet_import(struct exchange *exchange);
void api_factor(struct exchange *exchange);
void api_factor_begin(struct exchange *exchange);
void api_factor_confirm(struct exchange *exchange);
void api_factor_end(struct exchange *exchange);

/* The gateway's key for second factors. */
void factor_key(const struct gateway *gateway, uint8_t out_key[FACTOR_KEY_BYTES]);

/* Answers why passphrase or code will not do. */
void factor_fail(struct exchange *exchange, enum status status, uint32_t wait_s);
void api_book(struct exchange *exchange);
void api_book_begin(struct exchange *exchange);
void api_book_stop(struct exchange *exchange);
void api_book_file(struct exchange *exchange);
void api_export(struct exchange *exchange);
void api_progress(struct exchange *exchange);
void api_v1(struct exchange *exchange);
void api_tokens(struct exchange *exchange);
void api_tokens_create(struct exchange *exchange);
void api_tokens_revoke(struct exchange *exchange);
void api_openapi(struct exchange *exchange);
void api_docs(struct exchange *exchange);
void api_docs_style(struct exchange *exchange);

/* Sends the account's prepared Enrol again and, when it goes through, opens a session. */
void enrol_send(struct exchange *exchange, struct account *account);

/* Opens a session for the account and answers with it. */
void session_open(struct exchange *exchange, const struct account *account);

/* Answers with what the aggregator said in the exchange's answer, decoded as `type`: 200 with
 * {"kind", "body"}, or its error with 422, or 503 when it may be tried again. */
void reply_answer(struct exchange *exchange, Zhibao__Kind kind,
                  const ProtobufCMessageDescriptor *type);

/* Answers with the aggregator's error, or why there is no answer. */
void reply_error(struct exchange *exchange);

#endif
