#include "server/notify/address.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#define HTTPS "https://"
#define HTTP  "http://"

/* Characters of `set` in runs joined by single dots. */
static bool dotted(const char *text, size_t length, const char *set)
{
    bool after_dot = true;
    for (size_t i = 0; i < length; i++) {
        if (text[i] == '.' && after_dot)
            return false;
        after_dot = text[i] == '.';
        if (!after_dot && !isalnum((unsigned char)text[i]) && strchr(set, text[i]) == NULL)
            return false;
    }
    return length > 0 && !after_dot;
}

bool address_email_good(const char *email)
{
    const char *at = strchr(email, '@');
    if (at == NULL || strlen(email) > EMAIL_BYTES_MAX || at - email > 64)
        return false;
    return dotted(email, (size_t)(at - email), "!#$%&'*+/=?^_`{|}~-") &&
           dotted(at + 1, strlen(at + 1), "-");
}

/* The authority behind the scheme; its length. 0: none. */
static size_t authority_of(const char *url, const char *scheme, const char **out_authority)
{
    size_t length = strlen(scheme);
    if (strncasecmp(url, scheme, length) != 0)
        return 0;
    *out_authority = url + length;
    return strcspn(url + length, "/?#");
}

/* "host" and "host:443" are the same for https, "host:80" for http. */
static bool same_authority(const char *left, size_t left_size, const char *right, size_t right_size,
                           const char *usual_port)
{
    size_t port = strlen(usual_port);
    if (left_size > port && strncmp(left + left_size - port, usual_port, port) == 0)
        left_size -= port;
    if (right_size > port && strncmp(right + right_size - port, usual_port, port) == 0)
        right_size -= port;
    return left_size == right_size && strncasecmp(left, right, left_size) == 0;
}

bool address_webhook_allowed(const char *url, const char *hosts)
{
    const char *authority = NULL;
    size_t size = authority_of(url, HTTPS, &authority);
    bool clear = size == 0;
    if (clear)
        size = authority_of(url, HTTP, &authority);
    if (size == 0 || strlen(url) > WEBHOOK_BYTES_MAX || memchr(authority, '@', size) != NULL)
        return false;
    for (const char *at = url; *at != '\0'; at++)
        if (*at <= ' ' || (unsigned char)*at >= 0x7f || *at == '\\')
            return false;
    for (const char *entry = hosts; *entry != '\0';) {
        entry += strspn(entry, ", \t");
        size_t length = strcspn(entry, ", \t");
        bool entry_clear = strncasecmp(entry, HTTP, strlen(HTTP)) == 0;
        size_t skip = entry_clear ? strlen(HTTP) : 0;
        if (length > skip && entry_clear == clear &&
            same_authority(authority, size, entry + skip, length - skip, clear ? ":80" : ":443"))
            return true;
        entry += length;
    }
    return false;
}
