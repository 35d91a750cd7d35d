#include "lib/form_mark.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char WORD[] = "zhibao ";

/* A whole number of digits only; 0 for anything else. */
static uint32_t number_of(const char *text)
{
    size_t length = strlen(text);
    return length > 0 && length <= 9 && strspn(text, "0123456789") == length
               ? (uint32_t)strtoul(text, NULL, 10)
               : 0;
}

static void take(struct form_mark *mark, const char *name, const char *value)
{
    if (strcmp(name, "plan") == 0)
        snprintf(mark->plan, sizeof mark->plan, "%s", value);
    else if (strcmp(name, "form") == 0)
        snprintf(mark->form, sizeof mark->form, "%s", value);
    else if (strcmp(name, "version") == 0)
        mark->version = number_of(value);
    else if (strcmp(name, "year") == 0)
        mark->year = number_of(value);
    else if (strcmp(name, "unit") == 0 && unit_parse(value, &mark->unit) != STATUS_OK)
        mark->unit = 0;
}

bool form_mark_read(const char *text, struct form_mark *out_mark)
{
    char copy[MARK_TEXT_BYTES], *rest = copy, *part = NULL;
    struct form_mark mark = {0};
    if (strncmp(text, WORD, strlen(WORD)) != 0 || strlen(text) >= sizeof copy)
        return false;
    snprintf(copy, sizeof copy, "%s", text + strlen(WORD));
    while ((part = strsep(&rest, " ")) != NULL) {
        char *value = strchr(part, '=');
        if (value == NULL)
            continue;
        *value = '\0';
        take(&mark, part, value + 1);
    }
    if (mark.form[0] == '\0')
        return false;
    *out_mark = mark;
    return true;
}

char *form_mark_write(const struct form_mark *mark, char text[MARK_TEXT_BYTES])
{
    char unit[UNIT_TEXT_BYTES] = "", year[24] = "", whose[UNIT_TEXT_BYTES + 8] = "";
    if (mark->year != 0)
        snprintf(year, sizeof year, " year=%u", mark->year);
    if (mark->unit != 0)
        snprintf(whose, sizeof whose, " unit=%s", unit_format(mark->unit, unit));
    snprintf(text, MARK_TEXT_BYTES, "%splan=%s form=%s version=%u%s%s", WORD, mark->plan,
             mark->form, mark->version, year, whose);
    return text;
}
