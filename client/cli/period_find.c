#include "cli/period_find.h"

#include <string.h>

#include "base/bytes.h"
#include "base/china_time.h"
#include "calendar.pb-c.h"

void period_find(struct context *context, const Zhibao__FormSheet *sheet, uint32_t year,
                 struct period_rule *rule, int64_t *out_now_us)
{
    Zhibao__GetCalendar question = ZHIBAO__GET_CALENDAR__INIT;
    ProtobufCMessage *message = NULL;
    *rule = (struct period_rule){(int)sheet->first_year, (int)sheet->last_year, false, INT64_MIN};
    *out_now_us = clock_now_us();
    if (sheet->due[0] != '\0')
        (void)china_parse_in_year(sheet->opens[0] == '\0' ? "01-01" : sheet->opens, (int)year + 1,
                                  false, &rule->opens_us);
    question.period = year;
    question.form = sheet->form;
    question.plan = sheet->plan;
    if (context->unreachable ||
        zhibao_request(context->zhibao, ZHIBAO__KIND__KIND_GET_CALENDAR, &question.base,
                       context->arena, &message) != STATUS_OK)
        return;
    const Zhibao__CalendarReply *reply = (const Zhibao__CalendarReply *)message;
    rule->locked = reply->locked;
    rule->opens_us = INT64_MIN;
    *out_now_us = reply->now_us;
    for (size_t i = 0; i < reply->n_rows; i++)
        if (reply->rows[i]->level == ZHIBAO__CUTOFF_LEVEL__CUTOFF_UNIT &&
            strcmp(reply->rows[i]->form, sheet->form) == 0)
            rule->opens_us = reply->rows[i]->opens_us;
}
