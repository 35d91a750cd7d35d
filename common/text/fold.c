#include "text/fold.h"

#include <stdint.h>
#include <stdlib.h>
#include <utf8proc.h>

/* Whether a character says something. */
static bool is_kept(utf8proc_int32_t code)
{
    switch (utf8proc_category(code)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SC:
    case UTF8PROC_CATEGORY_SO: return true;
    default: return false;
    }
}

enum status text_fold(const char *text, char **out_text, size_t *out_characters)
{
    utf8proc_uint8_t *folded = NULL;
    utf8proc_ssize_t size = utf8proc_map((const utf8proc_uint8_t *)text, 0, &folded,
                                         UTF8PROC_NULLTERM | UTF8PROC_STABLE | UTF8PROC_COMPOSE |
                                             UTF8PROC_COMPAT | UTF8PROC_CASEFOLD | UTF8PROC_IGNORE);
    if (size < 0)
        return size == UTF8PROC_ERROR_NOMEM ? STATUS_NO_MEMORY : STATUS_E_TEXT;
    utf8proc_ssize_t kept = 0;
    size_t characters = 0;
    for (utf8proc_ssize_t at = 0; at < size;) {
        utf8proc_int32_t code = 0;
        utf8proc_ssize_t length = utf8proc_iterate(folded + at, size - at, &code);
        if (length <= 0)
            break;
        if (is_kept(code)) {
            for (utf8proc_ssize_t i = 0; i < length; i++)
                folded[kept + i] = folded[at + i];
            kept += length;
            characters++;
        }
        at += length;
    }
    folded[kept] = '\0';
    *out_text = (char *)folded;
    *out_characters = characters;
    return STATUS_OK;
}
