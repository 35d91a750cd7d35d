#include <langinfo.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "text/csv.h"
#include "text/utf8.h"

enum { NUMBER_TEXT_MAX = 400 }; /* characters; a double has at most 309 digits before its point */

/* Copies `text` as half-width ASCII without surrounding blanks; false for anything that no number
 * holds. */
static bool to_ascii(const char *text, char out[NUMBER_TEXT_MAX + 1])
{
    size_t size = strlen(text), count = 0, end = 0;
    uint32_t code = 0;
    for (size_t at = 0; at < size;) {
        size_t length = utf8_next(text + at, size - at, &code);
        if (length == 0)
            return false;
        at += length;
        bool blank = utf8_is_blank(code);
        if (blank && count == 0)
            continue;
        code = blank ? ' ' : utf8_half_width(code);
        if (code >= 0x7F || count == NUMBER_TEXT_MAX)
            return false;
        out[count++] = (char)code;
        if (!blank)
            end = count;
    }
    out[end] = '\0';
    return end > 0;
}

static bool is_digit(char character)
{
    return character >= '0' && character <= '9';
}

static size_t digits(const char *text)
{
    size_t count = 0;
    while (is_digit(text[count]))
        count++;
    return count;
}

/* Moves the integer part "1,234,567" from *text to *out without its separators. A leading group
 * that is empty, begins with 0 or is longer than three digits makes a comma ambiguous: 0,123 is a
 * decimal fraction where the comma is the decimal sign. */
static bool take_integer(const char **text, char **out)
{
    const char *at = *text;
    size_t first = digits(at);
    memcpy(*out, at, first);
    *out += first;
    at += first;
    if (*at == ',' && (first == 0 || first > 3 || (*text)[0] == '0'))
        return false;
    while (*at == ',') {
        if (digits(at + 1) != 3)
            return false;
        memcpy(*out, at + 1, 3);
        *out += 3;
        at += 4;
    }
    *text = at;
    return true;
}

/* Rewrites "1,234.5%" as strtod reads it in any locale. */
static bool normalise(const char *text, int percent, char *out)
{
    const char *start = text;
    if (*text == '+' || *text == '-')
        *out++ = *text++;
    char *integer = out;
    if (!take_integer(&text, &out))
        return false;
    bool any = out > integer;
    if (*text == '.') {
        size_t fraction = digits(text + 1);
        if (fraction == 0)
            return false;
        const char *radix = nl_langinfo(RADIXCHAR);
        *out++ = radix[0] != '\0' ? radix[0] : '.';
        memcpy(out, text + 1, fraction);
        out += fraction;
        text += fraction + 1;
        any = true;
    }
    if (percent != 0 && any && *text == '%')
        text++;
    *out = '\0';
    return any && *text == '\0' && text > start;
}

enum status number_parse(const char *text, int percent, double *out_value)
{
    char ascii[NUMBER_TEXT_MAX + 1];
    char plain[NUMBER_TEXT_MAX + 1];
    if (!to_ascii(text, ascii) || !normalise(ascii, percent, plain))
        return STATUS_E_NOT_NUMBER;
    double value = strtod(plain, NULL);
    if (!isfinite(value))
        return STATUS_E_NOT_FINITE;
    *out_value = value == 0 ? 0 : value; /* "-0" is no other figure than 0 */
    return STATUS_OK;
}
