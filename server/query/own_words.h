/* Reasons that the aggregator itself gives, in the reader's language. They are stored in both at
 * once, as audits compare them byte for byte; what people wrote is never touched. */
#ifndef ZHIBAO_SERVER_QUERY_OWN_WORDS_H
#define ZHIBAO_SERVER_QUERY_OWN_WORDS_H

#include "server/query/query.h"

/* Puts the words in Chinese in the place of *reason, as it is stored with an event of
 * zhibao.report_event, and those in English into *reason_en, where they are the aggregator's own.
 * False without memory. */
bool own_words_fill(const struct query *query, const char *event, char **reason, char **reason_en);

#endif
