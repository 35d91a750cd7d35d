#include "server/query/own_words.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/unit_id.h"
#include "server/query/reply.h"

/* As server/chain/apply_review.c writes them. */
static const struct words {
    const char *stored, *zh, *en; /* after the place that it was about */
} reopened[] = {
    {" 已报新版本 amended",       "已报新版本",    "reported a new revision"},
    {" 新通过 accepted",            "的报告新通过", "was accepted since"     },
    {" 不再计入 no longer counts", "不再计入",       "does not count any more"},
};

enum { REASONS = sizeof reopened / sizeof *reopened };

static bool place_words(const struct query *query, const char *stored, char **out_zh, char **out_en)
{
    char *end = NULL;
    uint64_t place = strtoull(stored, &end, 10);
    for (size_t i = 0; end != stored && i < REASONS; i++) {
        const struct words *words = &reopened[i];
        if (strcmp(end, words->stored) != 0)
            continue;
        const char *name = query_unit_name(query, unit_make(place, UNIT_OWN));
        if (name == NULL)
            return false;
        *out_zh = name[0] == '\0'
                      ? arena_printf(query->arena, "%" PRIu64 "%s", place, words->zh)
                      : arena_printf(query->arena, "%s（%" PRIu64 "）%s", name, place, words->zh);
        *out_en = name[0] == '\0'
                      ? arena_printf(query->arena, "%" PRIu64 " %s", place, words->en)
                      : arena_printf(query->arena, "%s (%" PRIu64 ") %s", name, place, words->en);
        return *out_zh != NULL && *out_en != NULL;
    }
    return true;
}

static bool revision_words(const struct query *query, const char *stored, char **out_zh,
                           char **out_en)
{
    const char *number = stored + strcspn(stored, "0123456789");
    int revision = (int)strtol(number, NULL, 10);
    bool lost = strstr(stored, "no longer counts") != NULL;
    if (strstr(stored, "counts") == NULL)
        return true;
    *out_zh = arena_printf(query->arena, "第%d版%s计入", revision, lost ? "不再" : "");
    *out_en = arena_printf(query->arena, "revision %d %s", revision,
                           lost ? "does not count any more" : "counts now");
    return *out_zh != NULL && *out_en != NULL;
}

/* Both NULL: somebody's words. False without memory. */
static bool own_words(const struct query *query, const char *event, const char *stored,
                      char **out_zh, char **out_en)
{
    *out_zh = *out_en = NULL;
    if (strcmp(event, "reopened") == 0)
        return place_words(query, stored, out_zh, out_en);
    if (strcmp(event, "corrected") == 0)
        return revision_words(query, stored, out_zh, out_en);
    if (strcmp(event, "bad_signature") != 0)
        return true;
    *out_zh = arena_string(query->arena, "签名核验不通过");
    *out_en = arena_string(query->arena, "the signature does not verify");
    return *out_zh != NULL && *out_en != NULL;
}

bool own_words_fill(const struct query *query, const char *event, char **reason, char **reason_en)
{
    char *zh = NULL, *en = NULL;
    if (!own_words(query, event, *reason, &zh, &en))
        return false;
    if (zh == NULL)
        return true;
    *reason = zh;
    *reason_en = en;
    return true;
}
