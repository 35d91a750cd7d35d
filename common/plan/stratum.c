#include "plan/stratum.h"

#include <string.h>

bool stratum_valid(const char *text)
{
    static const char word[] = "abcdefghijklmnopqrstuvwxyz0123456789_-.";
    if (text[0] == '\0')
        return true;
    for (;;) {
        size_t key = strspn(text, word);
        if (key == 0 || text[key] != '=')
            return false;
        text += key + 1;
        size_t value = strspn(text, word);
        if (value == 0)
            return false;
        text += value;
        if (*text == '\0')
            return true;
        if (*text++ != ';')
            return false;
    }
}

/* Steps to the next tag; "" at the end. */
static const char *next_tag(const char *tags)
{
    tags += strcspn(tags, ";");
    return *tags == ';' ? tags + 1 : tags;
}

static bool has_prefix(const char *tags, const char *text, size_t length, char end)
{
    for (; *tags != '\0'; tags = next_tag(tags)) {
        if (strncmp(tags, text, length) != 0)
            continue;
        if (tags[length] == end || (end == ';' && tags[length] == '\0'))
            return true;
    }
    return false;
}

bool stratum_matches(const char *filter, const char *tags)
{
    for (; *filter != '\0'; filter = next_tag(filter))
        if (!has_prefix(tags, filter, strcspn(filter, ";"), ';'))
            return false;
    return true;
}

bool stratum_equal(const char *left, const char *right)
{
    return stratum_matches(left, right) && stratum_matches(right, left);
}

static bool keys_within(const char *left, const char *right)
{
    for (; *left != '\0'; left = next_tag(left))
        if (!has_prefix(right, left, strcspn(left, "="), '='))
            return false;
    return true;
}

bool stratum_same_keys(const char *left, const char *right)
{
    return keys_within(left, right) && keys_within(right, left);
}

const char *stratum_value(const char *tags, const char *key, size_t *out_length)
{
    size_t length = strlen(key);
    for (; *tags != '\0'; tags = next_tag(tags)) {
        if (strncmp(tags, key, length) != 0 || tags[length] != '=')
            continue;
        *out_length = strcspn(tags + length + 1, ";");
        return tags + length + 1;
    }
    return NULL;
}

bool stratum_join(const char *left, const char *right, const char *without, char *out, size_t size)
{
    const char *parts[] = {left, right};
    size_t used = 0;
    size_t skip = without == NULL ? 0 : strlen(without);
    out[0] = '\0';
    for (size_t i = 0; i < 2; i++) {
        for (const char *tag = parts[i]; *tag != '\0'; tag = next_tag(tag)) {
            size_t length = strcspn(tag, ";");
            if (skip > 0 && strncmp(tag, without, skip) == 0 && tag[skip] == '=')
                continue;
            if (used + length + 2 > size)
                return false;
            if (used > 0)
                out[used++] = ';';
            memcpy(out + used, tag, length);
            used += length;
            out[used] = '\0';
        }
    }
    return true;
}

struct cell_choice form_choose(const struct form *form, size_t element, const char *filter)
{
    struct cell_choice choice = {.element = element, .filter = filter};
    for (size_t i = 0; i < form->cell_count; i++) {
        const struct cell *cell = &form->cells[i];
        if (cell->element != element || !stratum_matches(filter, cell->stratum))
            continue;
        choice.exact = stratum_equal(filter, cell->stratum);
        if (choice.exact || choice.pattern == NULL)
            choice.pattern = cell->stratum;
        if (choice.exact)
            break;
    }
    return choice;
}

bool cell_chosen(const struct cell_choice *choice, const struct cell *cell)
{
    if (choice->pattern == NULL || cell->element != choice->element)
        return false;
    if (choice->exact)
        return stratum_equal(choice->filter, cell->stratum);
    return stratum_matches(choice->filter, cell->stratum) &&
           stratum_same_keys(choice->pattern, cell->stratum);
}
