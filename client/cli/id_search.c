#include "cli/id_search.h"

#include <string.h>
#include <strings.h>

#include "cli/words.h"

bool id_prefix_good(const struct context *context, const char *prefix, enum exit_code *out_code)
{
    if (strlen(prefix) >= ID_PREFIX_LEAST)
        return true;
    *out_code = misused(context, "编号“%s”过短：至少写出前4位",
                        "id \"%s\" is too short: give 4 digits at least", prefix);
    return false;
}

bool id_search_begin(const struct context *context, struct id_search *search,
                     enum exit_code *out_code)
{
    *search = (struct id_search){.prefix = context->arguments[0]};
    return id_prefix_good(context, search->prefix, out_code);
}

void id_search_offer(struct id_search *search, const ProtobufCBinaryData *id, const void *item)
{
    char text[ID_TEXT_BYTES];
    id_text(id->data, id->len, text);
    if (strncasecmp(text, search->prefix, strlen(search->prefix)) != 0)
        return;
    search->found = item;
    search->count++;
}

const void *id_search_end(const struct context *context, const struct id_search *search,
                          const char *what_zh, const char *what_en, const char *command,
                          enum exit_code *out_code)
{
    if (search->count == 1)
        return search->found;
    const char *what = TR(context, what_zh, what_en);
    if (search->count == 0)
        complain(context, "没有编号以“%s”开头的%s（%s 查看）",
                 "\"%s\" begins no id of the %s (see %s)", search->prefix, what, command);
    else
        complain(context, "编号以“%s”开头的%s不止一件，请多写几位（%s 查看）",
                 "\"%s\" begins the ids of several %s: give more digits (see %s)", search->prefix,
                 what, command);
    *out_code = search->count == 0 ? EXIT_REFUSED : EXIT_MISUSED;
    return NULL;
}
