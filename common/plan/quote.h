/* Reading the verbatim quotes of a plan: their characters and the numbers in them. Used by
 * check_quotes.c. Pure; any thread. */
#ifndef ZHIBAO_PLAN_QUOTE_H
#define ZHIBAO_PLAN_QUOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QUOTE_MAX = 1024 };

/* A quote as code points, full-width ASCII made half-width except for signs that matter (％（）).
 */
struct quote {
    size_t length; /* at most QUOTE_MAX: the rest of a longer quote is not read */
    uint32_t code[QUOTE_MAX];
};
void quote_read(const char *text, struct quote *out_quote);

/* A number in a quote. */
struct quote_number {
    double value;
    size_t first, end; /* of its digits; end is one past */
    uint32_t before;   /* nearest characters that are not blank; 0: none */
    uint32_t after;
};

/* The next number at or behind *at; false when there is none. Moves *at behind it. */
bool quote_number_next(const struct quote *quote, size_t *at, struct quote_number *out_number);

/* What follows the digits makes it an age or a year, and no figure of an indicator. */
bool quote_number_is_age_or_year(const struct quote *quote, const struct quote_number *number);

bool quote_is_digit(uint32_t code);
bool quote_is_han(uint32_t code);
bool quote_is_latin(uint32_t code);

#endif
