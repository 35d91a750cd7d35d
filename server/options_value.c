/* One option's value: from text into its field of struct options, or what is wrong with it. */
#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "server/options_table.h"

enum { PORT_MAX = 65535 };

/* The port behind the last colon of tcp://host:port, 0 when it is not one. */
int endpoint_port(const char *endpoint)
{
    const char *colon = strrchr(endpoint, ':');
    char *end = NULL;
    if (strncmp(endpoint, "tcp://", 6) != 0 || colon == NULL || colon < endpoint + 7 ||
        !isdigit((unsigned char)colon[1]))
        return 0;
    long port = strtol(colon + 1, &end, 10);
    return *end == '\0' && port >= 1 && port <= PORT_MAX ? (int)port : 0;
}

static struct wrong check_characters(const char *value, const char *forbidden)
{
    for (const char *at = value; *at != '\0'; at++) {
        if ((unsigned char)*at < ' ' || *at == 0x7f)
            return (struct wrong){"不得含有控制字符", "must not hold control characters"};
        if (strchr(forbidden, *at) != NULL)
            return (struct wrong){"不得含有引号、反斜杠、$ 或 `",
                                  "must not hold quotes, backslashes, $ or `"};
    }
    return (struct wrong){NULL, NULL};
}

static struct wrong set_text(const struct option *option, const char *value, void *field)
{
    struct wrong wrong = check_characters(value, option->type == TYPE_PATH ? "'\"\\$`" : "");
    if (wrong.en != NULL)
        return wrong;
    if (strlen(value) >= option->size)
        return (struct wrong){"太长", "is too long"};
    if (option->type == TYPE_ENDPOINT && value[0] != '\0' &&
        (endpoint_port(value) == 0 || strpbrk(value, " \t") != NULL))
        return (struct wrong){"必须写作 tcp://主机:端口", "must be tcp://HOST:PORT"};
    if (option->type == TYPE_ENDPOINT && value[0] == '\0' && option->preset[0] != '\0')
        return (struct wrong){"必须写作 tcp://主机:端口", "must be tcp://HOST:PORT"};
    memset(field, 0, option->size);
    memcpy(field, value, strlen(value));
    return (struct wrong){NULL, NULL};
}

static struct wrong set_integer(const struct option *option, const char *value, int *field)
{
    static char zh[80], en[80]; /* main thread only */
    char *end = NULL;
    errno = 0;
    long long number = strtoll(value, &end, 10);
    bool digits = isdigit((unsigned char)value[0]) && *end == '\0' && errno == 0;
    if (!digits || number < option->least || number > option->most) {
        snprintf(zh, sizeof zh, "必须是 %lld 至 %lld，不能是 %.20s", option->least, option->most,
                 value);
        snprintf(en, sizeof en, "must be %lld to %lld, not %.20s", option->least, option->most,
                 value);
        return (struct wrong){zh, en};
    }
    *field = (int)number;
    return (struct wrong){NULL, NULL};
}

/* The index of `value` in words, or -1. */
int word_index(const char *const *words, size_t count, const char *value)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i], value) == 0)
            return (int)i;
    return -1;
}

static struct wrong set_bool(const char *value, bool *field)
{
    static const char *const words[] = {"no", "yes", "off", "on", "false", "true", "0", "1"};
    int index = word_index(words, sizeof words / sizeof *words, value);
    if (index < 0)
        return (struct wrong){"只能是 yes 或 no", "must be yes or no"};
    *field = index % 2 == 1;
    return (struct wrong){NULL, NULL};
}

static struct wrong set_level(const char *value, enum log_level *field)
{
    static const char *const words[] = {"debug", "info", "warning", "error"};
    int index = word_index(words, sizeof words / sizeof *words, value);
    if (index < 0)
        return (struct wrong){"只能是 debug、info、warning 或 error",
                              "must be debug, info, warning or error"};
    *field = (enum log_level)index;
    return (struct wrong){NULL, NULL};
}

struct wrong option_set(const struct option *option, const char *value, struct options *options)
{
    void *field = (char *)options + option->offset;
    struct wrong wrong = {NULL, NULL};
    if (option->check != NULL)
        wrong = option->check(value);
    if (wrong.en != NULL)
        return wrong;
    switch (option->type) {
    case TYPE_TEXT:
    case TYPE_PATH:
    case TYPE_ENDPOINT: return set_text(option, value, field);
    case TYPE_INTEGER: return set_integer(option, value, field);
    case TYPE_BOOL: return set_bool(value, field);
    case TYPE_LEVEL: return set_level(value, field);
    }
    return (struct wrong){"类型不明", "is of no known type"};
}
