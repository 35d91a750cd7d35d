/* calendar roll: what a new year is owed, and last year's times a year later
 *
 * Forms and duties follow from the plan in force for the year, and who owes them from the places
 * there are: nothing has to be made of them. What rolls over by a record are the times that were
 * set. The preview shows all three, beside the year before. */
#include <stdio.h>
#include <string.h>

#include "base/china_time.h"
#include "cli/calendar.h"
#include "cli/families.h"
#include "duty.pb-c.h"

enum { DUTIES_MAX = 1000, PAGES_MAX = 10000 };

static const struct option roll_options[] = {
    CALENDAR_SCOPE_OPTIONS,
    {"preview", NULL, NULL, "只看，不设定", "only show it, set nothing"},
    {NULL,      NULL, NULL, NULL,                 NULL                       },
};

static const struct row_column columns[] = {
    {"what",       "项目",          "what",        COLUMN_TEXT},
    {"form",       "报表、任务", "form, duty",  COLUMN_TEXT},
    {"level",      "级",             "level",       COLUMN_TEXT},
    {"title",      "名称",          "name",        COLUMN_TEXT},
    {"last",       "上年",          "last year",   COLUMN_TEXT},
    {"next",       "新一年",       "new year",    COLUMN_TEXT},
    {"opens",      "开始，现在", "opens, now",  COLUMN_TEXT},
    {"new_opens",  "将改为",       "will be",     COLUMN_TEXT},
    {"due",        "截止，现在", "due, now",    COLUMN_TEXT},
    {"new_due",    "将改为",       "will be",     COLUMN_TEXT},
    {"remind",     "提醒，现在", "remind, now", COLUMN_TEXT},
    {"new_remind", "将改为",       "will be",     COLUMN_TEXT},
    {"change",     "变化",          "change",      COLUMN_TEXT},
};

struct year {
    uint32_t year;
    const Zhibao__CalendarReply *calendar;
    const Zhibao__CompletenessReply *owed; /* its rows: how many units owe each form */
    struct duty_sum {
        const Zhibao__DutyItem *item;
        uint32_t units;
        int64_t due_us; /* the latest */
    } * duties;
    size_t duty_count;
};

struct roll {
    struct context *context;
    struct rows *rows;
    struct year last, next;
    uint64_t place;
};

static const Zhibao__CalendarRow *find_row(const Zhibao__CalendarReply *reply,
                                           const Zhibao__CalendarRow *like)
{
    for (size_t i = 0; i < reply->n_rows; i++)
        if (reply->rows[i]->level == like->level && strcmp(reply->rows[i]->form, like->form) == 0)
            return reply->rows[i];
    return NULL;
}

/* --- what both years are owed --- */

static struct duty_sum *find_duty(const struct year *year, const char *code)
{
    for (size_t i = 0; i < year->duty_count; i++)
        if (strcmp(year->duties[i].item->duty, code) == 0)
            return &year->duties[i];
    return NULL;
}

static bool duty_take(struct year *year, const Zhibao__DutyItem *item)
{
    struct duty_sum *sum = find_duty(year, item->duty);
    if (sum == NULL) {
        if (year->duty_count == DUTIES_MAX)
            return false;
        sum = &year->duties[year->duty_count++];
        *sum = (struct duty_sum){.item = item};
    }
    sum->units++;
    if (item->due_us > sum->due_us)
        sum->due_us = item->due_us;
    return true;
}

static bool duties_fetch(struct roll *roll, struct year *year, enum exit_code *out_code)
{
    Zhibao__Duties question = ZHIBAO__DUTIES__INIT;
    ProtobufCMessage *message = NULL;
    question.place = roll->place;
    question.year = year->year;
    year->duties = arena_array(roll->context->arena, DUTIES_MAX, sizeof *year->duties);
    for (size_t page = 0; year->duties != NULL && page < PAGES_MAX; page++) {
        if (!context_ask(roll->context, ZHIBAO__KIND__KIND_DUTIES, &question.base, &message,
                         out_code))
            return false;
        const Zhibao__DutyItems *items = (const Zhibao__DutyItems *)message;
        for (size_t i = 0; i < items->n_items; i++)
            if (!duty_take(year, items->items[i]))
                return false;
        question.cursor = items->next;
        if (items->next[0] == '\0')
            return true;
    }
    return false;
}

static bool year_fetch(struct roll *roll, struct year *year, enum exit_code *out_code)
{
    Zhibao__GetCompleteness question = ZHIBAO__GET_COMPLETENESS__INIT;
    ProtobufCMessage *message = NULL;
    year->calendar = calendar_fetch(roll->context, roll->place, year->year, "", out_code);
    if (year->calendar == NULL)
        return false;
    roll->place = year->calendar->place;
    question.place = roll->place;
    question.period = year->year;
    question.plan = year->calendar->plan;
    if (!context_ask(roll->context, ZHIBAO__KIND__KIND_GET_COMPLETENESS, &question.base, &message,
                     out_code))
        return false;
    year->owed = (const Zhibao__CompletenessReply *)message;
    return duties_fetch(roll, year, out_code);
}

/* --- what the preview says of them --- */

enum change { SAME, CHANGED, NEW, ENDED };

static const char *change_text(const struct context *context, enum change change)
{
    static const char *const slugs[] = {"same", "changed", "new", "ended"};
    static const char *const zh[] = {"不变", "有变化", "新增", "停用"};
    return context->format == FORMAT_TABLE ? TR(context, zh[change], slugs[change]) : slugs[change];
}

static uint32_t owing(const struct year *year, const Zhibao__CalendarRow *row)
{
    for (size_t i = 0; i < year->owed->n_rows; i++) {
        const Zhibao__CompletenessRow *owed = year->owed->rows[i];
        if (owed->place == year->owed->place && owed->level == row->level &&
            strcmp(owed->form, row->form) == 0)
            return owed->expected;
    }
    return 0;
}

/* "version 1, 77 items, 120 units" */
static const char *form_text(struct roll *roll, const struct year *year,
                             const Zhibao__CalendarRow *row)
{
    return row == NULL
               ? ""
               : rows_printf(roll->rows,
                             TR(roll->context, "第%u版 %u项 %u个单位", "v%u, %u items, %u units"),
                             row->form_version, row->cell_count, owing(year, row));
}

static void add_form(struct roll *roll, const Zhibao__CalendarRow *before,
                     const Zhibao__CalendarRow *after)
{
    const Zhibao__CalendarRow *any = after == NULL ? before : after;
    const struct context *context = roll->context;
    const char *last = form_text(roll, &roll->last, before),
               *next = form_text(roll, &roll->next, after);
    enum change change = before == NULL            ? NEW
                         : after == NULL           ? ENDED
                         : strcmp(last, next) == 0 ? SAME
                                                   : CHANGED;
    const char *const cells[] = {
        context->format == FORMAT_TABLE ? TR(context, "报表", "form") : "form",
        any->form,
        calendar_level(context, any->level),
        TR(context, any->title_zh, any->title_en),
        last,
        next,
        "",
        "",
        "",
        "",
        "",
        "",
        change_text(context, change),
    };
    rows_add(roll->rows, cells);
}

static const char *duty_text(struct roll *roll, const struct duty_sum *sum)
{
    char due[CHINA_TEXT_BYTES];
    if (sum == NULL)
        return "";
    return rows_printf(roll->rows, TR(roll->context, "%u个单位 %s", "%u units %s"), sum->units,
                       sum->due_us == 0 ? "" : china_text(sum->due_us, true, due));
}

/* A duty is due a year later each year: that alone is no change. */
static void add_duty(struct roll *roll, const struct duty_sum *before, const struct duty_sum *after)
{
    const Zhibao__DutyItem *any = after == NULL ? before->item : after->item;
    const struct context *context = roll->context;
    enum change change = before == NULL                  ? NEW
                         : after == NULL                 ? ENDED
                         : before->units == after->units ? SAME
                                                         : CHANGED;
    const char *const cells[] = {
        context->format == FORMAT_TABLE ? TR(context, "任务", "duty") : "duty",
        any->duty,
        "",
        rows_printf(roll->rows, "%s%s%s", any->what, any->form[0] == '\0' ? "" : " ", any->form),
        duty_text(roll, before),
        duty_text(roll, after),
        "",
        "",
        "",
        "",
        "",
        "",
        change_text(context, change),
    };
    rows_add(roll->rows, cells);
}

static void add_owed(struct roll *roll)
{
    const Zhibao__CalendarReply *last = roll->last.calendar, *next = roll->next.calendar;
    for (size_t i = 0; i < next->n_rows; i++)
        add_form(roll, find_row(last, next->rows[i]), next->rows[i]);
    for (size_t i = 0; i < last->n_rows; i++)
        if (find_row(next, last->rows[i]) == NULL)
            add_form(roll, last->rows[i], NULL);
    for (size_t i = 0; i < roll->next.duty_count; i++) {
        const struct duty_sum *sum = &roll->next.duties[i];
        add_duty(roll, find_duty(&roll->last, sum->item->duty), sum);
    }
    for (size_t i = 0; i < roll->last.duty_count; i++)
        if (find_duty(&roll->next, roll->last.duties[i].item->duty) == NULL)
            add_duty(roll, &roll->last.duties[i], NULL);
}

/* --- the times --- */

static bool same_days(const Zhibao__CalendarRow *left, const Zhibao__CalendarRow *right)
{
    return left->escalation_days == right->escalation_days &&
           left->n_reminder_days == right->n_reminder_days &&
           (left->n_reminder_days == 0 ||
            memcmp(left->reminder_days, right->reminder_days,
                   left->n_reminder_days * sizeof *left->reminder_days) == 0);
}

/* Last year's entry a year later, when it is not what this year has already; the form has to be
 * there still. */
static Zhibao__CalendarEntry *rolled(struct context *context, const Zhibao__CalendarReply *now,
                                     const Zhibao__CalendarRow *last)
{
    static uint32_t none[] = {0};
    const Zhibao__CalendarRow *current = find_row(now, last);
    int64_t opens_us = china_shift_years(last->opens_us, 1, false);
    int64_t due_us = china_shift_years(last->set_us, 1, true);
    if (current == NULL ||
        (current->opens_us == opens_us && current->set_us == due_us && same_days(current, last)))
        return NULL;
    Zhibao__CalendarEntry *entry = arena_alloc(context->arena, sizeof *entry);
    if (entry == NULL)
        return NULL;
    zhibao__calendar_entry__init(entry);
    entry->form = last->form;
    entry->level = last->level;
    entry->opens_us = opens_us;
    entry->due_us = due_us;
    entry->reminder_days = last->n_reminder_days == 0 ? none : last->reminder_days;
    entry->n_reminder_days = last->n_reminder_days == 0 ? 1 : last->n_reminder_days;
    entry->escalation_days = last->escalation_days;
    return entry;
}

static void add_times(struct roll *roll, const Zhibao__CalendarRow *before,
                      const Zhibao__CalendarEntry *after)
{
    const struct context *context = roll->context;
    char opens[CHINA_TEXT_BYTES], due[CHINA_TEXT_BYTES], new_opens[CHINA_TEXT_BYTES],
        new_due[CHINA_TEXT_BYTES];
    const char *const cells[] = {
        context->format == FORMAT_TABLE ? TR(context, "截止", "cut-off") : "cutoff",
        after->form,
        calendar_level(context, after->level),
        TR(context, before->title_zh, before->title_en),
        "",
        "",
        china_text(before->opens_us, false, opens),
        china_text(after->opens_us, false, new_opens),
        china_text(before->set_us, true, due),
        china_text(after->due_us, true, new_due),
        calendar_days(roll->rows, before->reminder_days, before->n_reminder_days),
        calendar_days(roll->rows, after->reminder_days, after->n_reminder_days),
        change_text(context, CHANGED),
    };
    rows_add(roll->rows, cells);
}

static bool times_take(struct roll *roll, Zhibao__Calendar *calendar)
{
    const Zhibao__CalendarReply *last = roll->last.calendar, *next = roll->next.calendar;
    calendar->entries = arena_array(roll->context->arena, last->n_rows, sizeof *calendar->entries);
    if (calendar->entries == NULL)
        return false;
    for (size_t i = 0; i < last->n_rows; i++) {
        Zhibao__CalendarEntry *entry = rolled(roll->context, next, last->rows[i]);
        if (entry == NULL)
            continue;
        calendar->entries[calendar->n_entries++] = entry;
        add_times(roll, find_row(next, last->rows[i]), entry);
    }
    return true;
}

static enum exit_code roll_over(struct roll *roll)
{
    struct context *context = roll->context;
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__Calendar calendar = ZHIBAO__CALENDAR__INIT;
    enum exit_code code = EXIT_MISUSED;
    if (!year_fetch(roll, &roll->last, &code))
        return code;
    if (!year_fetch(roll, &roll->next, &code)) {
        complain(context, "%u年没有规划可依：先导入后继规划（zhibao plan import）",
                 "no plan holds %u: import the one that follows first (zhibao plan import)",
                 roll->next.year);
        return code;
    }
    add_owed(roll);
    if (!times_take(roll, &calendar))
        return EXIT_MISUSED;
    rows_print(roll->rows);
    if (calendar.n_entries == 0)
        say(context, "截止与上年相同，没有要改的；报表和任务随规划，不必设定",
            "the cut-offs are last year's: nothing to change; forms and duties follow the plan");
    if (calendar.n_entries == 0 || option_given(context, "preview"))
        return EXIT_DONE;
    calendar.head = &head;
    calendar.plan = roll->next.calendar->plan;
    calendar.place = roll->place;
    calendar.period = roll->next.year;
    return calendar_put(context, ZHIBAO__RECORD_KIND__RECORD_CALENDAR, &calendar.base, &head,
                        calendar.place, calendar.period, "");
}

static enum exit_code run_roll(struct context *context)
{
    struct roll roll = {.context = context};
    enum exit_code code = EXIT_MISUSED;
    if (!option_place(context, "place", false, &roll.place) ||
        !option_year(context, true, &roll.next.year) || !context_connect(context, &code))
        return code;
    roll.last.year = roll.next.year - 1;
    roll.rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (roll.rows == NULL)
        return EXIT_MISUSED;
    code = roll_over(&roll);
    rows_destroy(&roll.rows);
    return code;
}

const struct command commands_roll[] = {
    {"calendar roll", "--year YEAR [--preview]",
     "新的一年：列出报表、任务、截止与上年的不同，把上年的截止和提醒顺移一年\n"
     "报表和任务随规划和区划而定，不必设定；规划已到期的，先导入后继规划。",
     "a new year: shows forms, duties and cut-offs beside last year's, and takes last year's times "
     "over\n"
     "Forms and duties follow from the plan and the places; past a plan's end, import the next "
     "one.",                                                                                                         roll_options, 0, 0, true,  run_roll},
    {NULL,            NULL,                      NULL,                                                         NULL, NULL,         0, 0, false, NULL    },
};
