/* A case as its handlers' list shows it: nothing of what it says. */
#ifndef ZHIBAO_SERVER_QUERY_CASE_ITEM_H
#define ZHIBAO_SERVER_QUERY_CASE_ITEM_H

#include "server/query/query.h"
#include "server/store/case_store.h"

/* STATUS_NOT_FOUND when it is none of the asker's at this moment. */
MUST_CHECK enum status case_item_make(struct query *query, const struct case_row *row,
                                      int64_t now_us, Zhibao__CaseItem **out_item);

/* The case, when the asker handles it and has said just now that it reads it; else a refusal. */
MUST_CHECK enum status case_read_find(struct query *query, uint64_t district,
                                      const ProtobufCBinaryData *case_id, struct case_row *row,
                                      Zhibao__CaseItem **out_item);

/* Clocks that run; in the arena. */
MUST_CHECK enum status case_dues_make(struct arena *arena, const struct case_course *course,
                                      int64_t now_us, Zhibao__CaseDue ***out_dues,
                                      size_t *out_count);

/* The record as it was signed; NULL without memory. */
Zhibao__Record *case_record_make(struct arena *arena, const struct case_stored *stored);

#endif
