#include "plan/quote.h"

#include <math.h>
#include <string.h>

#include "text/utf8.h"

enum { NUMBER_DIGITS_MAX = 15 };

void quote_read(const char *text, struct quote *out_quote)
{
    size_t size = strlen(text);
    uint32_t code = 0;
    out_quote->length = 0;
    for (size_t at = 0; at < size && out_quote->length < QUOTE_MAX;) {
        size_t length = utf8_next(text + at, size - at, &code);
        if (length == 0)
            return;
        at += length;
        bool digit = code >= 0xFF10 && code <= 0xFF19;
        bool point = code == 0xFF0E;
        out_quote->code[out_quote->length++] = digit || point ? utf8_half_width(code) : code;
    }
}

bool quote_is_digit(uint32_t code)
{
    return code >= '0' && code <= '9';
}

bool quote_is_han(uint32_t code)
{
    return (code >= 0x3400 && code <= 0x9FFF) || (code >= 0xF900 && code <= 0xFAFF) ||
           (code >= 0x20000 && code <= 0x3FFFF);
}

bool quote_is_latin(uint32_t code)
{
    return (code >= 'a' && code <= 'z') || (code >= 'A' && code <= 'Z');
}

static uint32_t neighbour(const struct quote *quote, size_t at, int step)
{
    for (; at < quote->length; at += (size_t)step)
        if (!utf8_is_blank(quote->code[at]))
            return quote->code[at];
    return 0; /* stepping down from 0 wraps past the length */
}

bool quote_number_next(const struct quote *quote, size_t *at, struct quote_number *out_number)
{
    size_t i = *at;
    while (i < quote->length && !quote_is_digit(quote->code[i]))
        i++;
    if (i == quote->length)
        return false;
    struct quote_number number = {.first = i};
    int decimals = -1;
    for (; i < quote->length && i - number.first < NUMBER_DIGITS_MAX; i++) {
        if (quote_is_digit(quote->code[i])) {
            number.value = number.value * 10 + (double)(quote->code[i] - '0');
            decimals += decimals >= 0;
        } else if (quote->code[i] == '.' && decimals < 0 && i + 1 < quote->length &&
                   quote_is_digit(quote->code[i + 1])) {
            decimals = 0;
        } else {
            break;
        }
    }
    if (decimals > 0)
        number.value /= pow(10, decimals);
    number.end = i;
    number.before = neighbour(quote, number.first - 1, -1);
    number.after = neighbour(quote, number.end, 1);
    *at = i;
    *out_number = number;
    return true;
}

bool quote_number_is_age_or_year(const struct quote *quote, const struct quote_number *number)
{
    size_t at = number->end;
    while (at < quote->length && utf8_is_blank(quote->code[at]))
        at++;
    if (at >= quote->length)
        return false;
    if (quote->code[at] == 0x5468) /* 周 of 周岁 */
        at++;
    return at < quote->length && (quote->code[at] == 0x5C81 /* 岁 */ ||
                                  (quote->code[at] == 0x5E74 /* 年 */ && number->value > 1900));
}
