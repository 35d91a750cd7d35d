/* What the commands about a year's times share. */
#ifndef ZHIBAO_CLI_CALENDAR_H
#define ZHIBAO_CLI_CALENDAR_H

#include "calendar.pb-c.h"
#include "cli/command.h"
#include "cli/rows.h"

#define CALENDAR_SCOPE_OPTIONS                                                                  \
    {"year", NULL, "YEAR", "报告期（年份）", "the year reported on"},                           \
        {"place", NULL, "CODE", "区划代码（默认本单位所在地）",                                 \
         "place (default: this unit's own)"},                                                   \
    {                                                                                           \
        "plan", NULL, "PLAN", "规划代码（默认该地现行规划）", "plan (default: the place's own)" \
    }

/* The year's calendar as the server has it; `form` empty: of all. NULL after a complaint. */
const Zhibao__CalendarReply *calendar_fetch(struct context *context, uint64_t place, uint32_t year,
                                            const char *form, enum exit_code *out_code);

/* Signs and sends a record about the year's times. */
enum exit_code calendar_put(struct context *context, uint8_t kind, ProtobufCMessage *payload,
                            Zhibao__Head *head, uint64_t place, uint32_t year, const char *form);

/* "each unit", "total"; "7,3,1", which lives as long as the rows. */
const char *calendar_level(const struct context *context, Zhibao__CutoffLevel level);
const char *calendar_days(struct rows *rows, const uint32_t *days, size_t count);

#endif
