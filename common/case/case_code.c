/* The reporter's code as people write it: Crockford's base 32 with a check character. */
#include <string.h>

#include "case/case_seal.h"

static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

enum { DIGITS = 26, CHARACTERS = DIGITS + 1, GROUP = 4, BITS = 5 };

/* The sum of the digits, each by its place: one wrong digit always shows, two that changed places
 * nearly always. */
static unsigned check_of(const uint8_t values[DIGITS])
{
    unsigned sum = 0;
    for (unsigned i = 0; i < DIGITS; i++)
        sum = (sum + (2 * i + 1) * values[i]) % 32;
    return sum;
}

char *case_code_text(const struct case_code *code, char text[CASE_CODE_TEXT_BYTES])
{
    uint8_t values[CHARACTERS] = {0};
    size_t used = 0;
    for (unsigned bit = 0; bit < CASE_CODE_BYTES * 8; bit++)
        if (code->bytes[bit / 8] & 0x80U >> bit % 8)
            values[bit / BITS] |= (uint8_t)(0x10U >> bit % BITS);
    values[DIGITS] = (uint8_t)check_of(values);
    for (size_t i = 0; i < CHARACTERS; i++) {
        if (i > 0 && i % GROUP == 0)
            text[used++] = '-';
        text[used++] = digits[values[i]];
    }
    text[used] = '\0';
    return text;
}

/* 32 for what is no digit. */
static unsigned value_of(char letter)
{
    if (letter >= 'a' && letter <= 'z')
        letter = (char)(letter - 'a' + 'A');
    if (letter == 'O')
        letter = '0';
    if (letter == 'I' || letter == 'L')
        letter = '1';
    const char *found = letter == '\0' ? NULL : strchr(digits, letter);
    return found == NULL ? 32 : (unsigned)(found - digits);
}

enum status case_code_parse(const char *text, struct case_code *out_code)
{
    uint8_t values[CHARACTERS] = {0};
    struct case_code code = {{0}};
    size_t count = 0;
    for (; *text != '\0'; text++) {
        if (*text == '-' || *text == ' ')
            continue;
        unsigned value = value_of(*text);
        if (value == 32 || count == CHARACTERS)
            return STATUS_INVALID;
        values[count++] = (uint8_t)value;
    }
    /* 26 digits hold two bits more than the code has */
    if (count != CHARACTERS || values[DIGITS] != check_of(values) || (values[DIGITS - 1] & 3) != 0)
        return STATUS_INVALID;
    for (unsigned bit = 0; bit < CASE_CODE_BYTES * 8; bit++)
        if (values[bit / BITS] & 0x10U >> bit % BITS)
            code.bytes[bit / 8] |= (uint8_t)(0x80U >> bit % 8);
    *out_code = code;
    return STATUS_OK;
}
