/* Receipts that come along with answers: checked against the pins and kept as files. */
#ifndef ZHIBAO_CLI_KEPT_RECEIPT_H
#define ZHIBAO_CLI_KEPT_RECEIPT_H

#include "cli/command.h"

enum kept { KEPT_NONE, KEPT_GOOD, KEPT_BAD };

/* Verifies a receipt and, with `save`, writes it into the home beside our own, where `zhibao
 * verify` finds it. KEPT_NONE when there is none; a file that cannot be written is only complained
 * about. */
enum kept kept_receipt(struct context *context, const uint8_t *bytes, size_t size, bool save);

/* "核验通过" or "verified" for people, "verified", "bad" or "" for machines. */
const char *kept_text(const struct context *context, enum kept kept);

#endif
