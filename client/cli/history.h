/* Judging figures of earlier years: what the server would make of each, before anything is sent.
 *
 * Figures of one unit and year are one report, which is sent whole or not at all; a year of which
 * the server has a report is never replaced. One thread. */
#ifndef ZHIBAO_CLI_HISTORY_H
#define ZHIBAO_CLI_HISTORY_H

#include "cli/report.h"
#include "lib/history_file.h"

enum history_verdict {
    HISTORY_NEW,      /* would be reported */
    HISTORY_SAME,     /* was reported so */
    HISTORY_CONFLICT, /* was reported otherwise */
    HISTORY_REFUSED,  /* cannot be reported, or its year cannot */
    HISTORY_VERDICTS
};

/* One line of the answer: a row of the file, or what a year lacks. */
struct history_line {
    const struct history_row *row; /* NULL: of no row */
    const char *path;
    uint64_t unit;
    uint32_t year, cell; /* cell 0: not known */
    enum history_verdict verdict;
    enum status code;
    const char *zh, *en; /* why, "" for none */
    const char *known;   /* what was reported; "" */
};

/* One report to be: a unit's year. */
struct history_year {
    struct report_file file; /* its `filled` is NULL unless all of it is new */
    size_t counts[HISTORY_VERDICTS];
};

struct history_judged {
    struct history_line *lines; /* one a row, in the order of the file */
    size_t line_count;
    struct history_line *extra; /* what whole years lack */
    size_t extra_count, extra_room;
    struct history_year *years; /* ascending by unit and year */
    size_t year_count;
};

/* Judges every row, in the context's arena. False after a complaint, with *out_code set: no memory,
 * or the server cannot be asked. history_judged_clear frees what is filled in. */
bool history_judge(struct context *context, const struct blank_form *blank,
                   const struct history *history, const char *path,
                   struct history_judged *out_judged, enum exit_code *out_code);
void history_judged_clear(struct history_judged *judged);

#endif
