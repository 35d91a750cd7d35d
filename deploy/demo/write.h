/* The generator's files: filled forms, the list of units and the list of returned reports. */
#ifndef ZHIBAO_DEMO_WRITE_H
#define ZHIBAO_DEMO_WRITE_H

#include "demo/figures.h"

struct demo_output {
    const struct plan *plan;
    const struct demo_model *model;
    uint64_t seed;
    int first_year, last_year;
    const char *directory;
};

/* Writes everything below output->directory, which is made when missing; files of the same name
 * are replaced. STATUS_OK, STATUS_IO with errno set, STATUS_NO_MEMORY, or STATUS_MISMATCH when a
 * form would not pass its own checks (noted in `problems`). */
MUST_CHECK enum status demo_write(const struct demo_output *output, struct problems *problems);

/* One filled form. */
struct demo_report {
    const struct plan *plan;
    const struct unit *unit;
    const struct form *form;
    uint64_t seed;
    int first_year, year; /* years from the first on have been reported */
    bool slip;            /* the slip of round.h instead of the right figure */
};

/* As CSV, malloc'ed (the caller frees), every figure under suspicion explained. STATUS_OK,
 * STATUS_NO_MEMORY or STATUS_MISMATCH as above. */
MUST_CHECK enum status demo_form_text(struct demo *demo, const struct demo_report *report,
                                      struct problems *problems, char **out_text, size_t *out_size);

#endif
