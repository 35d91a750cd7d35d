#include "server/clock/clock_notice.h"

#include "base/log.h"
#include "server/store/calendar_store.h"
#include "server/store/ingest_store.h"

const char *cutoff_notice_word(enum cutoff_notice_kind kind)
{
    switch (kind) {
    case CUTOFF_REMINDER: return "reminder";
    case CUTOFF_OVERDUE: return "overdue";
    case CUTOFF_MOVED: return "cutoff_moved";
    }
    return "";
}

Zhibao__NoticeKind clock_notice_kind(enum cutoff_notice_kind kind)
{
    return (Zhibao__NoticeKind)(ZHIBAO__NOTICE_KIND__NOTICE_REMINDER + (int)kind);
}

void clock_notice_fill(const struct cutoff_notice *notice, Zhibao__CutoffNotice *out_cutoff)
{
    out_cutoff->plan = (char *)(uintptr_t)notice->plan;
    out_cutoff->place = notice->district;
    out_cutoff->period = (uint32_t)notice->period;
    out_cutoff->form = (char *)(uintptr_t)notice->form;
    out_cutoff->level = (Zhibao__CutoffLevel)notice->level;
    out_cutoff->unit = notice->unit;
    out_cutoff->due_us = notice->due_us;
    out_cutoff->days = notice->days;
    out_cutoff->told = notice->told;
    out_cutoff->until_us = notice->until_us;
    out_cutoff->outage_from_us = notice->outage.from_us;
    out_cutoff->outage_to_us = notice->outage.to_us;
}

enum status apply_cutoff_notice(struct apply *apply, const struct task *task,
                                const struct cutoff_notice *notice, bool *out_new)
{
    struct event_row row = {.event = cutoff_notice_word(notice->kind),
                            .subject_unit = notice->unit,
                            .plan = notice->plan,
                            .form_id = notice->form_id,
                            .place =
                                notice->unit == 0 ? notice->district : unit_place(notice->unit),
                            .period = notice->period};
    bool fresh = false;
    enum status status = store_cutoff_notice(apply, task, notice, &fresh);
    if (status == STATUS_OK && fresh)
        status =
            store_insert_event(apply->db, apply->arena, apply->chain, apply->batch, task, &row);
    if (status != STATUS_OK)
        return status;
    if (fresh && notice->kind == CUTOFF_MOVED)
        log_warning("an outage moved a cut-off plan=%s period=%d form=%s", notice->plan,
                    notice->period, notice->form);
    *out_new = fresh;
    return STATUS_OK;
}
