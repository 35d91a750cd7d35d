/* Addresses of units and the queue of notices to them. CONTACT records are written by the writer,
 * inside its transaction; the queue by the notifier alone, a statement at a time. */
#ifndef ZHIBAO_SERVER_STORE_NOTIFY_STORE_H
#define ZHIBAO_SERVER_STORE_NOTIFY_STORE_H

#include "notify.pb-c.h"
#include "server/ingest/apply.h"
#include "server/store/db.h"

/* The unit's addresses from now on. */
MUST_CHECK enum status store_contact(struct apply *apply, const struct task *task,
                                     const Zhibao__Contact *contact);

enum notice_channel { CHANNEL_EMAIL, CHANNEL_WEBHOOK };

/* One notice to one unit by one channel, in the queue. Texts in the arena. */
struct notice_row {
    uint64_t unit;
    enum notice_channel channel;
    int64_t chain, batch, leaf;
    struct record_id id;
    char *event;
    uint64_t about_unit, actor;
    char *plan, *form;
    int period, level, days, tries;
    int64_t due_us, until_us, made_us;
    char *address, *language; /* as they are now; address "": there is none any more */
};

/* Puts into the queue what has happened since the last call, for those who have an address;
 * nothing older than `since_us`. The first call of all only marks where to begin. *out_more: there
 * is more to be looked at. */
MUST_CHECK enum status notices_feed(struct db *db, struct arena *arena, int64_t since_us,
                                    int64_t now_us, bool *out_more);

/* At most `limit` that wait and whose time has come, the longest due first and of
 * those the ones tried least: one that always fails keeps nobody waiting. */
MUST_CHECK enum status notices_due(struct db *db, struct arena *arena, int64_t now_us, bool email,
                                   bool webhook, size_t limit, struct notice_row **out_rows,
                                   size_t *out_count);

/* What became of an attempt: sent; or why not, and when next, 0 for never. */
MUST_CHECK enum status notice_sent(struct db *db, struct arena *arena, const struct notice_row *row,
                                   int64_t now_us);
MUST_CHECK enum status notice_failed(struct db *db, struct arena *arena,
                                     const struct notice_row *row, const char *error,
                                     int64_t now_us, int64_t next_us);

/* Those that wait for the same channel, and of a webhook for the same unit, wait till then too. */
MUST_CHECK enum status notices_postpone(struct db *db, struct arena *arena,
                                        const struct notice_row *row, int64_t next_us);

/* For NOTICES: addresses and notices of units from `first` to `last`; notices newest first, before
 * `before` (made_us, unit, batch, leaf, channel; first of 0: from the newest). In the arena. */
struct notice_filter {
    uint64_t first, last;
    bool failed;
    int64_t before[5];
};
MUST_CHECK enum status query_contacts(struct db *db, struct arena *arena, uint64_t first,
                                      uint64_t last, Zhibao__ContactRow ***out_rows,
                                      size_t *out_count);
struct notice_told {
    Zhibao__NoticeRow row;
    int64_t key[5];
};
MUST_CHECK enum status query_notices(struct db *db, struct arena *arena,
                                     const struct notice_filter *filter, size_t limit,
                                     struct notice_told **out_rows, size_t *out_count);

#endif
