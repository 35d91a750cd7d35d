/* lock, unlock */
#include <inttypes.h>
#include <stdio.h>

#include "calendar.pb-c.h"
#include "cli/families.h"
#include "cli/send.h"

static const struct option lock_options[] = {
    {"place", NULL, "CODE", "区划代码",                               "the place's code"                   },
    {"year",  NULL, "YEAR", "报告期（年份）",                      "the year"                           },
    {"plan",  NULL, "PLAN", "规划代码（默认该地现行规划）", "the plan (default: the place's own)"},
    {NULL,    NULL, NULL,   NULL,                                         NULL                                 },
};

static const struct option unlock_options[] = {
    {"place",  NULL, "CODE", "区划代码",                               "the place's code"                   },
    {"year",   NULL, "YEAR", "报告期（年份）",                      "the year"                           },
    {"plan",   NULL, "PLAN", "规划代码（默认该地现行规划）", "the plan (default: the place's own)"},
    {"reason", NULL, "TEXT", "解锁的理由（必填）",                "why (required)"                     },
    {NULL,     NULL, NULL,   NULL,                                         NULL                                 },
};

/* The plan that was named, or the place's own as the server has it. NULL after a complaint. */
static const char *find_plan(struct context *context, uint64_t place, uint32_t year,
                             enum exit_code *out_code)
{
    Zhibao__Pull question = ZHIBAO__PULL__INIT;
    ProtobufCMessage *message = NULL;
    if (option_given(context, "plan"))
        return option_text(context, "plan");
    question.place = place;
    question.period = year;
    if (!context_ask(context, ZHIBAO__KIND__KIND_PULL, &question.base, &message, out_code))
        return NULL;
    return ((const Zhibao__Pulled *)message)->plan;
}

/* Who can report no more: the lock stands already, so that a failure here only complains. */
static void tell_missing(struct context *context, const Zhibao__Lock *lock)
{
    Zhibao__GetCompleteness question = ZHIBAO__GET_COMPLETENESS__INIT;
    ProtobufCMessage *message = NULL;
    enum exit_code code = EXIT_DONE;
    uint64_t owing = 0, missing = 0; /* the unit counted last */
    size_t owing_count = 0, missing_count = 0;
    question.place = lock->place;
    question.period = lock->period;
    question.plan = lock->plan;
    do {
        if (!context_ask(context, ZHIBAO__KIND__KIND_GET_COMPLETENESS, &question.base, &message,
                         &code))
            return;
        const Zhibao__CompletenessReply *reply = (const Zhibao__CompletenessReply *)message;
        for (size_t i = 0; i < reply->n_units; i++) {
            const Zhibao__CompletenessUnit *unit = reply->units[i];
            if (unit->level != ZHIBAO__CUTOFF_LEVEL__CUTOFF_UNIT)
                continue;
            owing_count += owing != unit->unit;
            missing_count += unit->first_us == 0 && missing != unit->unit;
            owing = unit->unit;
            missing = unit->first_us == 0 ? unit->unit : missing;
        }
        question.cursor = reply->next;
    } while (question.cursor[0] != '\0');
    if (context->english)
        printf("%u: %zu of %zu units have not reported all that they owe\n", lock->period,
               missing_count, owing_count);
    else
        printf("%u年：%zu个单位中有%zu个尚未报齐\n", lock->period, owing_count, missing_count);
}

static enum exit_code set_lock(struct context *context, bool unlock, const char *reason)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__Lock lock = ZHIBAO__LOCK__INIT;
    enum exit_code code = EXIT_MISUSED;
    char stream[120];
    if (!option_place(context, "place", true, &lock.place) ||
        !option_year(context, true, &lock.period) || !context_connect(context, &code))
        return code;
    const char *plan = find_plan(context, lock.place, lock.period, &code);
    if (plan == NULL)
        return code;
    lock.head = &head;
    lock.plan = (char *)plan;
    lock.unlock = unlock;
    lock.reason = (char *)reason;
    snprintf(stream, sizeof stream, "lock/%" PRIu64 "/%u", lock.place, lock.period);
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_LOCK,
                                 .payload = &lock.base,
                                 .head = &head,
                                 .stream = stream,
                                 .form = "",
                                 .period = lock.period};
    enum status status = zhibao_put(context->zhibao, &draft, NULL);
    if (status != STATUS_OK)
        return failed(context, status);
    code = send_all(context);
    if (code == EXIT_DONE && !unlock)
        tell_missing(context, &lock);
    return code;
}

static enum exit_code run_lock(struct context *context)
{
    return set_lock(context, false, "");
}

static enum exit_code run_unlock(struct context *context)
{
    const char *reason = option_prose(context, "reason", true);
    return reason == NULL ? EXIT_MISUSED : set_lock(context, true, reason);
}

const struct command commands_lock[] = {
    {"lock",   "--place CODE --year YEAR",               "锁定一个报告期：此后不再接受报送",
     "close a year of a place: no report is accepted afterwards",                                                  lock_options,   0, 0, false,
     run_lock                                                                                                                                             },
    {"unlock", "--place CODE --year YEAR --reason TEXT", "解锁一个报告期，写明理由",
     "reopen a year of a place, saying why",                                                                       unlock_options, 0, 0, false, run_unlock},
    {NULL,     NULL,                                     NULL,                                               NULL, NULL,           0, 0, false, NULL      },
};
