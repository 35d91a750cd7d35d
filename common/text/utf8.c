#include "text/utf8.h"

#include <errno.h>
#include <iconv.h>
#include <stdlib.h>
#include <string.h>

size_t utf8_next(const char *bytes, size_t size, uint32_t *out_code)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000}; /* shorter forms only */
    if (size == 0)
        return 0;
    unsigned char lead = (unsigned char)bytes[0];
    size_t length = lead < 0x80   ? 1
                    : lead < 0xC2 ? 0
                    : lead < 0xE0 ? 2
                    : lead < 0xF0 ? 3
                    : lead < 0xF5 ? 4
                                  : 0;
    if (length == 0 || length > size)
        return 0;
    uint32_t code = length == 1 ? lead : lead & (0x7FU >> length);
    for (size_t i = 1; i < length; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        if ((byte & 0xC0) != 0x80)
            return 0;
        code = (code << 6) | (byte & 0x3F);
    }
    if (code < least[length] || code > 0x10FFFF || (code >= 0xD800 && code <= 0xDFFF))
        return 0;
    *out_code = code;
    return length;
}

size_t utf8_cut(const char *text, size_t limit)
{
    size_t length = strnlen(text, limit + 1);
    if (length <= limit)
        return length;
    length = limit;
    while (length > 0 && ((unsigned char)text[length] & 0xC0) == 0x80)
        length--;
    return length;
}

static bool is_word(char byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') ||
           (byte >= '0' && byte <= '9');
}

size_t utf8_cut_words(const char *text, size_t limit)
{
    enum { WORD_MAX = 24 };
    size_t length = utf8_cut(text, limit), end = length;
    if (text[length] == '\0' || length == 0 || !is_word(text[length]))
        return length;
    while (end > 0 && length - end <= WORD_MAX && is_word(text[end - 1]))
        end--;
    if (end == 0 || length - end > WORD_MAX)
        return length;
    while (end > 1 && text[end - 1] == ' ')
        end--;
    return end;
}

bool utf8_all_blank(const char *text)
{
    size_t size = strlen(text), length;
    uint32_t code = 0;
    for (size_t at = 0; at < size; at += length) {
        length = utf8_next(text + at, size - at, &code);
        if (length == 0 || !utf8_is_blank(code))
            return false;
    }
    return true;
}

/* Unicode's White_Space, and what has no width at all. */
bool utf8_is_blank(uint32_t code)
{
    return code == ' ' || (code >= '\t' && code <= '\r') || code == 0x85 || code == 0xA0 ||
           code == 0xAD || code == 0x1680 || code == 0x180E || (code >= 0x2000 && code <= 0x200F) ||
           code == 0x2028 || code == 0x2029 || code == 0x202F || code == 0x205F ||
           (code >= 0x2060 && code <= 0x2064) || code == 0x3000 || code == 0x3164 || code == 0xFEFF;
}

uint32_t utf8_half_width(uint32_t code)
{
    if (code >= 0xFF01 && code <= 0xFF5E)
        return code - 0xFF01 + 0x21;
    if (code == 0x3002)
        return '.';
    if (code == 0x2212)
        return '-';
    return code;
}

static bool is_utf8(const char *text, size_t size)
{
    uint32_t code = 0;
    for (size_t at = 0; at < size;) {
        size_t length = utf8_next(text + at, size - at, &code);
        if (length == 0)
            return false;
        at += length;
    }
    return true;
}

/* No encoding tried here grows by more than half again on its way to UTF-8 except GB18030's and
 * UTF-16's two-byte units, which become three. */
static enum status convert(const char *charset, const uint8_t *bytes, size_t size, char **out_text,
                           size_t *out_size)
{
    enum status status = STATUS_E_ENCODING;
    size_t room = size + size / 2 + 4;
    char *text = malloc(room + 1);
    iconv_t converter = iconv_open("UTF-8", charset);
    if (text == NULL) {
        status = STATUS_NO_MEMORY;
        goto cleanup;
    }
    if (converter == (iconv_t)-1)
        goto cleanup;
    char *in = (char *)bytes; /* iconv's type; it only reads */
    char *out = text;
    size_t in_left = size, out_left = room;
    if (iconv(converter, &in, &in_left, &out, &out_left) == (size_t)-1 || in_left > 0)
        goto cleanup;
    *out = '\0';
    *out_text = text;
    *out_size = (size_t)(out - text);
    text = NULL;
    status = STATUS_OK;
cleanup:
    if (converter != (iconv_t)-1)
        iconv_close(converter);
    free(text);
    return status;
}

static enum status copy(const uint8_t *bytes, size_t size, char **out_text, size_t *out_size)
{
    char *text = malloc(size + 1);
    if (text == NULL)
        return STATUS_NO_MEMORY;
    memcpy(text, bytes, size);
    text[size] = '\0';
    *out_text = text;
    *out_size = size;
    return STATUS_OK;
}

enum status text_decode(const uint8_t *bytes, size_t size, char **out_text, size_t *out_size)
{
    enum status status = STATUS_OK;
    char *text = NULL;
    size_t length = 0;
    bool utf8_mark = size >= 3 && memcmp(bytes, "\xEF\xBB\xBF", 3) == 0;
    const uint8_t *at = utf8_mark ? bytes + 3 : bytes;
    size_t left = utf8_mark ? size - 3 : size;
    if (size >= 2 && (memcmp(bytes, "\xFF\xFE", 2) == 0 || memcmp(bytes, "\xFE\xFF", 2) == 0))
        status = convert("UTF-16", bytes, size, &text, &length);
    else if (is_utf8((const char *)at, left))
        status = copy(at, left, &text, &length);
    else if (utf8_mark)
        status = STATUS_E_ENCODING;
    else
        status = convert("GB18030", bytes, size, &text, &length);
    if (status != STATUS_OK)
        return status;
    if (memchr(text, '\0', length) != NULL) {
        free(text);
        return STATUS_E_ENCODING;
    }
    *out_text = text;
    *out_size = length;
    return STATUS_OK;
}
