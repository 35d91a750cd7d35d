#include "server/notify/mime.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

enum {
    WORD_BYTES = 42, /* 56 characters of base64: 68 with =?UTF-8?B? and ?=, 77 with "Subject: " */
    LINE_BYTES = 57, /* 76 characters of base64 */
    CHINA_S = 8 * 3600,
};

/* The longest prefix of at most `most` bytes that ends with a whole character. */
static size_t whole_prefix(const char *text, size_t left, size_t most)
{
    if (left <= most)
        return left;
    while (most > 1 && ((unsigned char)text[most] & 0xc0) == 0x80)
        most--;
    return most;
}

/* Appends `before`, the base64 of the bytes, and `after`; the new end. */
static char *append_base64(char *out, const char *before, const char *bytes, size_t size,
                           const char *after)
{
    size_t room = sodium_base64_ENCODED_LEN(size, sodium_base64_VARIANT_ORIGINAL);
    out = stpcpy(out, before);
    sodium_bin2base64(out, room, (const unsigned char *)bytes, size,
                      sodium_base64_VARIANT_ORIGINAL);
    return stpcpy(out + strlen(out), after);
}

char *mime_header(struct arena *arena, const char *text)
{
    size_t left = strlen(text);
    char *made = arena_alloc(arena, (left / (WORD_BYTES - 3) + 1) * 80 + 1), *out = made;
    if (made == NULL)
        return NULL;
    while (left > 0) {
        size_t size = whole_prefix(text, left, WORD_BYTES);
        out = append_base64(out, out == made ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?", text, size, "?=");
        text += size;
        left -= size;
    }
    return made;
}

char *mime_base64(struct arena *arena, const char *text)
{
    size_t left = strlen(text);
    char *made = arena_alloc(arena, (left / LINE_BYTES + 1) * 80 + 1), *out = made;
    if (made == NULL)
        return NULL;
    while (left > 0) {
        size_t size = left < LINE_BYTES ? left : LINE_BYTES;
        out = append_base64(out, "", text, size, "\r\n");
        text += size;
        left -= size;
    }
    return made;
}

char *mime_date(struct arena *arena, int64_t time_us)
{
    static const char *const days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    time_t seconds = (time_t)(time_us / 1000000) + CHINA_S;
    struct tm parts;
    if (gmtime_r(&seconds, &parts) == NULL)
        return NULL;
    return arena_printf(arena, "%s, %02d %s %d %02d:%02d:%02d +0800", days[parts.tm_wday],
                        parts.tm_mday, months[parts.tm_mon], parts.tm_year + 1900, parts.tm_hour,
                        parts.tm_min, parts.tm_sec);
}
