/* The inbox as this home has it: pages of the server's answers, kept for ever in the outbox's
 * database. A page and the cursor behind it are stored in one transaction, so a home that is killed
 * at any moment, or was off for a month, has each item once and in order. */
#ifndef ZHIBAO_LIB_INBOX_H
#define ZHIBAO_LIB_INBOX_H

#include "lib/zhibao.h"

/* Asks for everything behind the last stored page and stores it page by page, `limit` items each.
 * What was stored before a failure stays. */
MUST_CHECK enum status zhibao_inbox_fetch(struct zhibao *zhibao, uint32_t limit,
                                          struct arena *arena);

/* Page number 0, 1, 2 ... in `arena`; STATUS_NOT_FOUND behind the last. */
MUST_CHECK enum status zhibao_inbox_page(struct zhibao *zhibao, size_t number, struct arena *arena,
                                         Zhibao__InboxItems **out_page);

/* How many pages the person has seen, and that there are now so many. */
MUST_CHECK enum status zhibao_inbox_shown(struct zhibao *zhibao, struct arena *arena,
                                          size_t *out_pages);
MUST_CHECK enum status zhibao_inbox_show(struct zhibao *zhibao, size_t pages);

#endif
