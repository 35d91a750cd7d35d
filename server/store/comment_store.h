/* Comments on figures in the database: the writer's look-up and insert, and the questions'. */
#ifndef ZHIBAO_SERVER_STORE_COMMENT_STORE_H
#define ZHIBAO_SERVER_STORE_COMMENT_STORE_H

#include "proof/receipt.h"
#include "server/chain/comment_rules.h"
#include "server/ingest/task.h"
#include "server/store/db.h"

struct comment_row {
    int64_t chain, batch, leaf; /* of the OPEN record */
    uint64_t author, reporter;
    struct record_id id, last; /* last: of the latest step's record */
    struct hash payload_sha256;
    enum comment_state state;
    Zhibao__FigureRef figure; /* its texts are in the arena */
    bool follow_up;
    const char *shown;
};

/* By author and id; STATUS_NOT_FOUND. Any connection. */
MUST_CHECK enum status store_comment(struct db *db, struct arena *arena, uint64_t author,
                                     const struct record_id *id, struct comment_row *out_row);

/* One step; `row` says of which comment (author, id, reporter). The writer's transaction. */
MUST_CHECK enum status store_insert_comment_event(struct db *db, struct arena *arena, int16_t chain,
                                                  int64_t batch, const struct task *task,
                                                  const struct comment_row *row);

/* Comments in the order of raising that `unit` raised or answers, and, unless `mine`, those on
 * figures of places from `first` to `last`. */
struct comment_filter {
    uint64_t unit, first, last;
    bool mine, unfinished;
    uint64_t reporter;               /* 0: any */
    const Zhibao__FigureRef *figure; /* NULL: any; else each of its fields that is set */
    const struct record_id *id;      /* NULL: any */
    int64_t after[3];                /* chain, batch, leaf */
};
MUST_CHECK enum status query_comments(struct db *db, struct arena *arena,
                                      const struct comment_filter *filter, size_t limit,
                                      struct comment_row **out_rows, size_t *out_count);

/* A comment's steps, oldest first; at most 500. */
struct comment_event_row {
    int action;
    uint64_t unit;
    struct record_id id;
    int64_t time_us;
    const char *text;
};
MUST_CHECK enum status query_comment_events(struct db *db, struct arena *arena, uint64_t author,
                                            const struct record_id *id,
                                            struct comment_event_row **out_rows, size_t *out_count);

#endif
