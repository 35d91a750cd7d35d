/* A township confirms its total: the exact list of accepted reports and the exact sums. */
#include <math.h>
#include <string.h>

#include "server/ingest/apply.h"
#include "server/query/total.h"
#include "server/store/ingest_store.h"

static bool same_reports(const Zhibao__Confirmation *confirmation,
                         const struct township_total *total)
{
    if (confirmation->n_reports != total->report_count)
        return false;
    for (size_t i = 0; i < total->report_count; i++) {
        const Zhibao__RecordRef *named = confirmation->reports[i];
        const struct total_report *current = &total->reports[i];
        if (named->unit != current->unit ||
            memcmp(named->id.data, current->id.bytes, RECORD_ID_BYTES) != 0 ||
            memcmp(named->payload_sha256.data, current->payload_sha256.bytes, HASH_BYTES) != 0)
            return false;
    }
    return true;
}

static bool same_missing(const Zhibao__Confirmation *confirmation,
                         const struct township_total *total)
{
    if (confirmation->n_missing != total->missing_count)
        return false;
    for (size_t i = 0; i < total->missing_count; i++)
        if (confirmation->missing[i] != total->missing[i])
            return false;
    return true;
}

/* Sums of counts are exact; sums of decimal amounts may differ in the last bits by their order. */
static bool near(double left, double right)
{
    return fabs(left - right) <= 1e-9 * fmax(1, fmax(fabs(left), fabs(right)));
}

static bool same_totals(const Zhibao__Confirmation *confirmation,
                        const struct township_total *total)
{
    const Zhibao__Observations *named = confirmation->totals;
    size_t count = named == NULL ? 0 : named->n_cell;
    if (count != total->cell_count || confirmation->n_reporters != count ||
        (named != NULL && (named->n_value != count || named->n_presence != count)))
        return false;
    for (size_t i = 0; i < count; i++)
        if (named->cell[i] != total->cell[i] || named->presence[i] != total->presence[i] ||
            !near(named->value[i], total->value[i]) ||
            confirmation->reporters[i] != total->reporters[i])
            return false;
    return true;
}

enum status apply_confirmation(struct apply *apply, struct task *task)
{
    const Zhibao__Confirmation *confirmation = (const Zhibao__Confirmation *)task->message;
    struct township_total total;
    bool locked = false;
    enum status status = store_locked(apply->db, apply->arena, confirmation->plan, task->district,
                                      (int)confirmation->period, &locked);
    if (status == STATUS_OK && locked)
        status = STATUS_E_PERIOD_LOCKED; /* since the worker looked */
    if (status != STATUS_OK)
        return status;
    status = total_compute(apply->db, apply->registry, apply->arena, task->leaf.unit, &task->form,
                           (int)confirmation->period, &total);
    if (status != STATUS_OK)
        return status;
    if (!same_reports(confirmation, &total) || !same_missing(confirmation, &total))
        return STATUS_E_STALE;
    if ((int)confirmation->revision != total.next_revision)
        return STATUS_E_REVISION;
    if (!same_totals(confirmation, &total) || confirmation->demonstration != total.demonstration)
        return STATUS_E_TOTAL;
    struct event_row row = {.event = "confirmed",
                            .plan = confirmation->plan,
                            .form_id = task->form.id,
                            .place = unit_place(task->leaf.unit),
                            .period = (int)confirmation->period,
                            .revision = (int)confirmation->revision};
    status = store_insert_event(apply->db, apply->arena, apply->chain, apply->batch, task, &row);
    if (status == STATUS_OK && confirmation->n_reports > 0)
        status = store_insert_items(apply->db, apply->arena, task, confirmation);
    return status;
}
