/* The file of `zhibao assess`, and the verdict on every series of it. */
#include <stdlib.h>
#include <string.h>

#include "assess/assess_csv.h"
#include "assess/assess_run.h"
#include "assess/sentence.h"
#include "fuzz.h"
#include "plan/problems.h"

/* An interval is in order, a probability is one, and there is something to say. */
static void verdict(const struct assessment *a, void *taker)
{
    char zh[SENTENCE_BYTES], en[SENTENCE_BYTES];
    (void)taker;
    sentence_make(a, zh, en);
    HOLDS(zh[0] != '\0' && en[0] != '\0');
    HOLDS(!(a->p_reach < 0 || a->p_reach > 1)); /* NaN: not known */
    if (a->has_forecast)
        HOLDS(a->forecast.low95 <= a->forecast.low80 && a->forecast.low80 <= a->forecast.value &&
              a->forecast.value <= a->forecast.high80 && a->forecast.high80 <= a->forecast.high95);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct assess_file *file = NULL;
    struct problems problems;
    size_t count = 0;
    if (size > 64 * 1024)
        return 0;
    problems_init(&problems);
    if (assess_csv_read(bytes, size, "fuzz.csv", &problems, &file) == STATUS_OK) {
        const struct assess_series *series = assess_file_series(file, &count);
        HOLDS(count > 0);
        HOLDS(assess_run(series, count, 0, false, verdict, NULL) == STATUS_OK);
        assess_file_destroy(&file);
    } else {
        HOLDS(problems.count > 0);
    }
    problems_clear(&problems);
    return 0;
}
