/* The lines below a form's figures: who filled it in, who looked at it, who answers for it. */
#include <stdio.h>
#include <string.h>

#include "lib/filled_parts.h"
#include "text/csv.h"
#include "text/utf8.h"

enum { NAME_BYTES_MAX = 200 };

enum line { LINE_FILLER, LINE_REVIEWER, LINE_PRINCIPAL, LINE_DATE, LINES };

static const struct {
    const char *text;
    enum line line;
} labels[] = {
    {"填表人",       LINE_FILLER   },
    {"填报人",       LINE_FILLER   },
    {"Filled in by",    LINE_FILLER   },
    {"审核人",       LINE_REVIEWER },
    {"Reviewed by",     LINE_REVIEWER },
    {"单位负责人", LINE_PRINCIPAL},
    {"负责人",       LINE_PRINCIPAL},
    {"Principal",       LINE_PRINCIPAL},
    {"填报日期",    LINE_DATE     },
    {"报出日期",    LINE_DATE     },
    {"Date",            LINE_DATE     },
};

/* Which line's label a text begins with, and what follows it; LINES for none. A label is followed
 * by nothing or by a colon. */
static enum line label_of(const char *text, const char **out_rest)
{
    for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
        size_t length = strlen(labels[i].text);
        if (strncmp(text, labels[i].text, length) != 0)
            continue;
        const char *rest = text + length;
        if (strncmp(rest, "：", strlen("：")) == 0)
            *out_rest = rest + strlen("：");
        else if (*rest == ':')
            *out_rest = rest + 1;
        else if (*rest == '\0')
            *out_rest = rest;
        else
            continue;
        return labels[i].line;
    }
    return LINES;
}

static void keep(struct filler *filler, enum line line, size_t row, const char *text)
{
    struct filled_people *people = &filler->filled->people;
    const char **names[LINES] = {&people->filler, &people->reviewer, &people->principal, NULL};
    while (*text == ' ')
        text++;
    if (names[line] == NULL || utf8_all_blank(text) || strcmp(text, "?") == 0)
        return;
    const char *copy = arena_string(filler->filled->arena, text);
    if (strlen(text) > NAME_BYTES_MAX)
        filler_problem(filler, STATUS_E_TEXT, 0, table_line(filler->source.table, row), COLUMN_CELL,
                       "姓名过长", "the name is too long");
    else if (copy != NULL)
        *names[line] = copy;
}

bool filler_people(struct filler *filler, size_t row)
{
    const struct table *table = filler->source.table;
    size_t columns = table_columns(table, row), first = 0;
    const char *rest = NULL;
    while (first < columns && table_cell(table, row, first)[0] == '\0')
        first++;
    if (label_of(table_cell(table, row, first), &rest) == LINES)
        return false;
    enum line open = LINES; /* whose name is looked for */
    for (size_t i = first; i < columns; i++) {
        const char *text = table_cell(table, row, i);
        enum line line = label_of(text, &rest);
        if (line != LINES) {
            open = utf8_all_blank(rest) ? line : LINES;
            keep(filler, line, row, rest);
        } else if (text[0] != '\0' && open != LINES) {
            keep(filler, open, row, text);
            open = LINES;
        }
    }
    return true;
}
