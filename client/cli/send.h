/* Sending what waits in the outbox and saying what became of it. */
#ifndef ZHIBAO_CLI_SEND_H
#define ZHIBAO_CLI_SEND_H

#include <stdio.h>

#include "cli/command.h"

/* Sends everything that waits; each record that is settled is told on stdout, and its receipt
 * written to HOME/receipts/. What is left is told on stderr, with the reason. EXIT_REFUSED when a
 * record was refused or an answer does not verify, EXIT_UNREACHABLE when something is left that may
 * go later. */
enum exit_code send_all(struct context *context);

/* send_all before another command, told on stderr and only when something waits. */
void send_waiting(struct context *context);

/* Puts one record into the outbox and sends all that waits. */
enum exit_code put_and_send(struct context *context, const struct zhibao_draft *draft);

/* Says on stdout what became of one record and writes its receipt to HOME/receipts/. */
enum status settled_tell(struct context *context, const struct zhibao_item *item);

/* Writes a receipt to `directory` (made when missing) as NAME.zbr; *out_path says where. */
MUST_CHECK enum status receipt_save(const char *directory, uint64_t unit, uint8_t kind,
                                    const struct record_id *id, const uint8_t *receipt, size_t size,
                                    char out_path[1200]);

/* HOME/receipts. */
void receipt_directory(const struct context *context, char out_path[1200]);

/* "报告 village 2025年 第1版 1f2e3d4c". Returns text. */
enum { ITEM_TEXT_BYTES = 256 };
char *item_text(const struct context *context, const struct zhibao_item *item,
                char text[ITEM_TEXT_BYTES]);

/* The first problem of a serialised Error in the user's language; "" when it has none. */
const char *error_text(struct context *context, const uint8_t *error, size_t size);

/* All of them, one a line on `out`, indented. */
void error_print(struct context *context, const uint8_t *error, size_t size, FILE *out);

#endif
