#include <string.h>

#include "plan/reader.h"
#include "plan/stratum.h"

enum { TERMS_MAX = 32, ELEMENT_TEXT_MAX = 128 };

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " ");
}

/* The tags in the braces at *text, copied to the arena; NULL when they are malformed. */
static const char *take_filter(struct reader *reader, const char **text)
{
    const char *open = *text + 1;
    const char *close = strchr(open, '}');
    char tags[ELEMENT_TEXT_MAX];
    if (close == NULL || (size_t)(close - open) >= sizeof tags)
        return NULL;
    memcpy(tags, open, (size_t)(close - open));
    tags[close - open] = '\0';
    if (!stratum_valid(tags))
        return NULL;
    *text = close + 1;
    const char *saved = arena_string(reader->plan->memory, tags);
    if (saved == NULL)
        reader->failed = true;
    return saved == NULL ? "" : saved;
}

/* Reads "element" or "element{tag=value}" at *text; false when it is none or not known. */
static bool take_term(struct reader *reader, const char **text, struct term *out_term)
{
    char code[ELEMENT_TEXT_MAX];
    size_t length = strspn(*text, "abcdefghijklmnopqrstuvwxyz0123456789_");
    if (length == 0 || length >= sizeof code)
        return false;
    memcpy(code, *text, length);
    code[length] = '\0';
    *text += length;
    out_term->element = plan_element(reader->plan, code);
    out_term->stratum = "";
    if (**text == '{')
        out_term->stratum = take_filter(reader, text);
    *text = skip_blanks(*text);
    return out_term->element != PLAN_NONE && out_term->stratum != NULL;
}

static size_t parse(struct reader *reader, const char *text, struct term terms[TERMS_MAX])
{
    size_t count = 0;
    text = skip_blanks(text);
    for (bool first = true; first || *text != '\0'; first = false) {
        terms[count].sign = *text == '-' ? -1 : 1;
        if (*text == '-' || (*text == '+' && !first))
            text = skip_blanks(text + 1);
        else if (!first)
            return 0;
        if (!take_term(reader, &text, &terms[count]))
            return 0;
        if (++count == TERMS_MAX)
            return *text == '\0' ? count : 0;
    }
    return count;
}

struct expression read_expression(struct reader *reader, const struct sheet *sheet, size_t row,
                                  size_t column, bool optional)
{
    struct expression none = {0};
    struct term terms[TERMS_MAX];
    const char *text = sheet_cell(sheet, row, column);
    if (text[0] == '\0' && optional)
        return none;
    size_t count = parse(reader, text, terms);
    if (count == 0) {
        sheet_problem(sheet, row, column, "elements.csv中的数据元，以+或-相连，可带{键=值}",
                      "elements of elements.csv joined by + or -, each with {key=value} or not");
        return none;
    }
    struct term *saved = arena_copy(reader->plan->memory, terms, count * sizeof *terms);
    if (saved == NULL) {
        reader->failed = true;
        return none;
    }
    return (struct expression){count, saved};
}
