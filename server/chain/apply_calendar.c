/* CALENDAR and EXTENSION records become rows. */
#include "server/chain/calendar_record.h"
#include "server/ingest/apply.h"
#include "server/store/calendar_store.h"
#include "server/store/ingest_store.h"
#include "server/store/query_calendar.h"

enum status apply_calendar(struct apply *apply, struct task *task)
{
    const Zhibao__Calendar *calendar = (const Zhibao__Calendar *)task->message;
    enum status status =
        store_insert_registry_event(apply->db, apply->arena, apply->chain, apply->batch, task, 0);
    for (size_t i = 0; i < calendar->n_entries && status == STATUS_OK; i++) {
        const Zhibao__CalendarEntry *from = calendar->entries[i];
        struct cutoff_entry entry = {.place = calendar->place,
                                     .form = from->form,
                                     .level = (enum cutoff_level)from->level,
                                     .opens_us = from->opens_us,
                                     .due_us = from->due_us};
        if (!calendar_days_read(from, &entry.days))
            return STATUS_E_CALENDAR_DAYS;
        status = store_calendar_entry(apply, task, calendar, &entry);
    }
    apply->registry_changed = true;
    return status;
}

/* An exception is later than the cut-off that everyone has; a later one replaces it, so that it can
 * be made shorter again. */
static enum status later_check(struct task *task, const Zhibao__Extension *extension,
                               const struct cutoff *cutoff, uint64_t unit)
{
    char name[UNIT_TEXT_BYTES], due[CHINA_TEXT_BYTES];
    if (extension->until_us > cutoff->set_us)
        return STATUS_OK;
    problems_addf(&task->problems, STATUS_E_NOT_LATER, 0, "until_us",
                  "单位%s的截止时间是%s，延期须更晚",
                  "the cut-off of unit %s is %s: an exception has to be later",
                  unit_format(unit, name), china_text(cutoff->set_us, true, due));
    return STATUS_E_NOT_LATER;
}

static enum status unit_extend(struct apply *apply, struct task *task,
                               const Zhibao__Extension *extension, const struct form *form,
                               const struct cutoff_book *book, uint64_t unit)
{
    struct registry_unit found;
    struct cutoff cutoff;
    if (!registry_unit(apply->registry, unit, &found))
        return STATUS_E_UNIT_OUTSIDE;
    if (!cutoff_find(book, form, (enum cutoff_level)extension->level, unit, &cutoff)) {
        task_problem(task, STATUS_E_NOT_LATER, "form", "此表没有截止时间，无须延期",
                     "the form has no cut-off to be extended");
        return STATUS_E_NOT_LATER;
    }
    enum status status = later_check(task, extension, &cutoff, unit);
    if (status == STATUS_OK)
        status = store_extension(apply, task, extension, unit, found.district);
    return status;
}

enum status apply_extension(struct apply *apply, struct task *task)
{
    const Zhibao__Extension *extension = (const Zhibao__Extension *)task->message;
    const struct plan *plan = registry_plan(apply->registry, extension->plan);
    const struct form *form = plan == NULL ? NULL : plan_form(plan, extension->form);
    struct cutoff_book book;
    if (form == NULL)
        return STATUS_E_FORM_UNKNOWN;
    enum status status =
        query_cutoff_book(apply->db, apply->arena, plan, (int)extension->period, &book);
    if (status == STATUS_OK)
        status = store_insert_registry_event(apply->db, apply->arena, apply->chain, apply->batch,
                                             task, extension->units[0]);
    for (size_t i = 0; i < extension->n_units && status == STATUS_OK; i++) {
        bool again = false;
        for (size_t k = 0; k < i && !again; k++)
            again = extension->units[k] == extension->units[i];
        if (!again)
            status = unit_extend(apply, task, extension, form, &book, extension->units[i]);
    }
    return status;
}
