/* A CSV text assessed, for the tests of common/assess. */
#ifndef ZHIBAO_TESTS_ASSESS_FIXTURE_H
#define ZHIBAO_TESTS_ASSESS_FIXTURE_H

#include "assess/assess_csv.h"
#include "assess/assess_run.h"

enum { ASSESSED_MAX = 512 };

struct assessed {
    enum status status;
    struct problems problems;
    struct assess_file *file; /* NULL unless status is STATUS_OK */
    size_t count;
    struct assessment items[ASSESSED_MAX];
    struct assess_series series[ASSESSED_MAX]; /* of the items */
};

extern const char *const assess_header; /* all columns of the format and a line break */

/* Reads `rows` (below assess_header) and judges them; free with assessed_clear. */
struct assessed *assessed_make(const char *rows, int year);
struct assessed *assessed_make_file(const char *text, int year); /* header included */
void assessed_clear(struct assessed **assessed);

/* Whether a problem was found at "test.csv:LINE:COLUMN". */
bool assessed_complains(const struct assessed *assessed, const char *line_and_column);

#endif
