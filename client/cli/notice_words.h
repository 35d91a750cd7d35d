/* The aggregator's notices in the words of the user. Pure. */
#ifndef ZHIBAO_CLI_NOTICE_WORDS_H
#define ZHIBAO_CLI_NOTICE_WORDS_H

#include "cli/rows.h"

/* 催报 ... of enum NoticeKind, and its name in English lower case for machines. */
const char *notice_text(const struct context *context, int notice);
const char *notice_slug(int notice);

/* "截止2026-02-15 24:00，还有3天未报" ...; "" for a notice without a cut-off. `reason`: of an
 * exception. Lives as long as the rows. */
const char *cutoff_sentence(const struct context *context, struct rows *rows, int notice,
                            const Zhibao__CutoffNotice *cutoff, const char *reason);

#endif
