/* A pulled result as rows and as JSON. */
#ifndef ZHIBAO_CLI_PULL_ROWS_H
#define ZHIBAO_CLI_PULL_ROWS_H

#include "cli/json.h"
#include "cli/rows.h"

enum { PULLED_PAGES_MAX = 4096, PULLED_FORMS_MAX = 64 };

struct pulled {
    size_t count; /* at least 1 */
    const Zhibao__Pulled *pages[PULLED_PAGES_MAX];
    struct {
        const char *code, *title;
    } forms[PULLED_FORMS_MAX]; /* filled in by pulled_forms_fetch; may be left empty */
    size_t form_count;
};

/* Asks for the names of the forms that the answer tells of, in the user's language. What the server
 * does not tell goes by its code. */
void pulled_forms_fetch(struct context *context, struct pulled *pulled);

/* A form's name, or its code where the name is not known. */
const char *pulled_form(const struct pulled *pulled, const char *code);

/* A row for each indicator and target (one without target: one row). For a table only what people
 * read, rounded; for machines everything, unrounded. NULL without memory. */
struct rows *indicator_rows(const struct context *context, const struct pulled *pulled);

/* A row for each form. */
struct rows *completeness_rows(const struct context *context, const struct pulled *pulled);

/* A row for each gap between parts of an indicator; none without analysis. */
struct rows *gap_rows(const struct context *context, const struct pulled *pulled);

/* Pass rates, realisation and progress, in a sentence. */
void print_pass(const struct context *context, const struct pulled *pulled);

/* What the marks in the table of indicators mean; nothing when there are none. */
void print_legend(const struct context *context, const struct pulled *pulled);

/* Who is missing, by name, for each form. */
void print_missing(const struct context *context, const struct pulled *pulled);

/* An object with the head, "indicators" and "completeness" (or only this). */
/* The same, owned by the caller; NULL without memory. */
json_t *pulled_json(const struct context *context, const struct pulled *pulled);
bool print_pulled_json(const struct context *context, const struct pulled *pulled);

/* The name of a unit or place as the answer gives it; its number otherwise, in `text`. */
const char *pulled_name(const struct pulled *pulled, uint64_t number, char text[UNIT_TEXT_BYTES]);

#endif
