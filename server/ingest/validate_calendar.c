/* What a worker can say of CALENDAR and EXTENSION records without the database. */
#include <stdio.h>
#include <string.h>

#include "calendar.pb-c.h"
#include "server/chain/calendar_record.h"
#include "server/ingest/validate.h"
#include "text/utf8.h"

enum { ENTRIES_MAX = 200, UNITS_MAX = 5000, TEXT_BYTES_MAX = 2000 };

static bool blank(const char *text)
{
    return utf8_all_blank(text);
}

/* Who may, for what plan and period; NULL when there is no such plan. */
static const struct plan *scope_check(struct task *task, struct registry *registry,
                                      const char *code, uint64_t place, uint32_t period)
{
    const struct plan *plan = registry_plan(registry, code);
    if (place != unit_place(task->author.id))
        task_problem(task, STATUS_E_FORBIDDEN, "place", "只有本地统计部门可以设定时间",
                     "only the place's own statistics department sets its times");
    if (plan == NULL)
        task_problem(task, STATUS_E_PLAN_UNKNOWN, "plan", NULL, NULL);
    else if (!place_contains(plan->place, place))
        task_problem(task, STATUS_E_PLACE_FOREIGN, "place", NULL, NULL);
    else if ((int)period < plan->first_year || (int)period > plan->last_year)
        task_problem(task, STATUS_E_PERIOD, "period", NULL, NULL);
    else if (registry_locked(registry, code, task->district, (int)period))
        task_problem(task, STATUS_E_PERIOD_LOCKED, "period", NULL, NULL);
    return plan;
}

/* The form, and whether it has such a level. */
static const struct form *form_find(struct task *task, const struct plan *plan, const char *code,
                                    Zhibao__CutoffLevel level, const char *field)
{
    const struct form *form = plan_form(plan, code);
    bool village = form != NULL && strcmp(form->reporter, "village") == 0;
    if (form == NULL)
        problems_addf(&task->problems, STATUS_E_FORM_UNKNOWN, 0, field, "没有报表“%.60s”",
                      "there is no form %.60s", code);
    else if (level != ZHIBAO__CUTOFF_LEVEL__CUTOFF_UNIT &&
             !(level == ZHIBAO__CUTOFF_LEVEL__CUTOFF_TOTAL && village))
        problems_addf(&task->problems, STATUS_E_CALENDAR_ENTRY, 0, field,
                      "报表“%s”没有这一级：只有村表有乡镇汇总",
                      "form %s has no such level: only village forms have a township total", code);
    else
        return form;
    if (task->refusal == STATUS_OK)
        task->refusal = task->problems.items[task->problems.count - 1].code;
    return NULL;
}

static void entry_problem(struct task *task, enum status status, const char *form, const char *zh,
                          const char *en)
{
    char zh_text[PROBLEM_TEXT_BYTES], en_text[PROBLEM_TEXT_BYTES];
    snprintf(zh_text, sizeof zh_text, "报表“%.60s”：%s", form, zh == NULL ? status_zh(status) : zh);
    snprintf(en_text, sizeof en_text, "form %.60s: %s", form, en == NULL ? status_en(status) : en);
    problems_add(&task->problems, status, 0, "entries", zh_text, en_text);
    if (task->refusal == STATUS_OK)
        task->refusal = status;
}

static void entry_check(struct task *task, const struct plan *plan,
                        const Zhibao__Calendar *calendar, size_t index)
{
    const Zhibao__CalendarEntry *entry = calendar->entries[index];
    struct cutoff_days days;
    int64_t first_us = 0, last_us = 0;
    if (form_find(task, plan, entry->form, entry->level, "entries") == NULL)
        return;
    if (entry->due_us <= entry->opens_us)
        entry_problem(task, STATUS_E_CALENDAR_ORDER, entry->form, NULL, NULL);
    if (!calendar_days_read(entry, &days))
        entry_problem(task, STATUS_E_CALENDAR_DAYS, entry->form,
                      "提醒至多8次，提醒和上报都在60天以内",
                      "at most 8 reminders, all days at most 60");
    if (!china_moment((int)calendar->period, 1, 1, 0, 0, &first_us) ||
        !china_moment((int)calendar->period + CALENDAR_YEARS_MAX, 1, 1, 0, 0, &last_us) ||
        entry->opens_us < first_us || entry->due_us > last_us)
        entry_problem(task, STATUS_E_CALENDAR_ORDER, entry->form, "时间须在报告期开始后五年之内",
                      "times lie within five years from the period's first day");
    for (size_t i = 0; i < index; i++)
        if (calendar->entries[i]->level == entry->level &&
            strcmp(calendar->entries[i]->form, entry->form) == 0)
            entry_problem(task, STATUS_E_CALENDAR_ENTRY, entry->form, NULL, NULL);
}

void validate_calendar(struct task *task, struct registry *registry)
{
    const Zhibao__Calendar *calendar = (const Zhibao__Calendar *)task->message;
    const struct plan *plan =
        scope_check(task, registry, calendar->plan, calendar->place, calendar->period);
    if (strlen(calendar->note) > TEXT_BYTES_MAX)
        task_problem(task, STATUS_E_TEXT, "note", NULL, NULL);
    if (calendar->n_entries == 0 || calendar->n_entries > ENTRIES_MAX) {
        task_problem(task, STATUS_E_CALENDAR_ENTRY, "entries", NULL, NULL);
        return;
    }
    for (size_t i = 0; plan != NULL && i < calendar->n_entries; i++)
        entry_check(task, plan, calendar, i);
}

static void units_check(struct task *task, struct registry *registry, const struct plan *plan,
                        const struct form *form, const Zhibao__Extension *extension)
{
    for (size_t i = 0; i < extension->n_units; i++) {
        struct registry_unit found;
        char text[UNIT_TEXT_BYTES];
        uint64_t id = extension->units[i];
        const struct unit *unit = plan_unit(plan, id);
        bool total = extension->level == ZHIBAO__CUTOFF_LEVEL__CUTOFF_TOTAL;
        if (unit != NULL && place_contains(extension->place, unit_place(id)) &&
            registry_unit(registry, id, &found) &&
            (total ? unit->role == ROLE_TOWNSHIP : plan_unit_owes(plan, unit, form)))
            continue;
        problems_addf(&task->problems, STATUS_E_UNIT_OUTSIDE, 0, "units",
                      "单位%s不在本地范围内，或不填报此表",
                      "unit %s is outside the subtree or does not report this form",
                      unit_format(id, text));
        if (task->refusal == STATUS_OK)
            task->refusal = STATUS_E_UNIT_OUTSIDE;
    }
}

void validate_extension(struct task *task, struct registry *registry)
{
    const Zhibao__Extension *extension = (const Zhibao__Extension *)task->message;
    const struct plan *plan =
        scope_check(task, registry, extension->plan, extension->place, extension->period);
    if (blank(extension->reason))
        task_problem(task, STATUS_E_REASON, "reason", NULL, NULL);
    if (strlen(extension->reason) > TEXT_BYTES_MAX)
        task_problem(task, STATUS_E_TEXT, "reason", NULL, NULL);
    if (extension->n_units == 0 || extension->n_units > UNITS_MAX)
        task_problem(task, STATUS_E_UNIT_OUTSIDE, "units", "须写明至少一个单位",
                     "name at least one unit");
    if (plan == NULL)
        return;
    const struct form *form = form_find(task, plan, extension->form, extension->level, "form");
    if (form != NULL && task->refusal == STATUS_OK)
        units_check(task, registry, plan, form, extension);
}
