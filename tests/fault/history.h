/* What one home did, as an append-only text file that the checker reads.
 *
 * One line an event, first the CLOCK_MONOTONIC time in microseconds:
 *   PUT id payload-sha256 unit period revision   durable in the outbox
 *   HELD (the same)                              found waiting when a killed home came back
 *   SENT id                                      handed to the connection, once for each attempt
 *   RECEIPT id sha256-of-the-receipt             verified and durable; again after a restart
 *   REFUSED id code                              signed refusal; again after a restart
 * Lines are kept in memory and written whole: a SIGKILL loses the latest and tears none. Owned by
 * one thread. */
#ifndef ZHIBAO_FAULT_HISTORY_H
#define ZHIBAO_FAULT_HISTORY_H

#include <stdint.h>

#include "lib/zhibao.h"

struct history;

/* Opens for appending. NULL when that fails. */
struct history *history_open(const char *path);
void history_close(struct history **history);

void history_put(struct history *history, const struct record_id *id, const struct hash *payload,
                 uint64_t unit, uint32_t period, uint32_t revision);
void history_sent(struct history *history, const struct record_id *id);

/* HELD, RECEIPT or REFUSED, as the item's state is. */
void history_item(struct history *history, const struct zhibao_item *item);

/* Writes what is in memory; ends the process when the disk does not take it. */
void history_flush(struct history *history);

int64_t history_now_us(void);

#endif
