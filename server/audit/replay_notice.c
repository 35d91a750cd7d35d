/* Notices of the aggregator's own as events: from what each says, and from the rows of what it
 * names, to what the writer stored with it. */
#include <string.h>

#include "server/audit/replay.h"
#include "server/clock/clock_notice.h"
#include "server/store/calendar_store.h"
#include "server/store/found_store.h"

static bool id_take(const ProtobufCBinaryData *from, struct record_id *out_id)
{
    if (from->len != RECORD_ID_BYTES)
        return false;
    memcpy(out_id->bytes, from->data, RECORD_ID_BYTES);
    return true;
}

/* The report that a review acted on, or the amendment itself. */
struct acted {
    uint64_t district, unit;
    int form_id, period, revision;
    bool amended, accepted;
};

static enum status acted_find(struct apply *apply, const Zhibao__Notice *notice,
                              struct acted *out_acted)
{
    struct db_params params;
    PGresult *rows = NULL;
    bool amended = notice->cause_kind == ZHIBAO__RECORD_KIND__RECORD_REPORT;
    if (notice->cause == NULL)
        return STATUS_E_MALFORMED;
    db_params_init(&params, apply->arena);
    db_add_int(&params, (int64_t)notice->cause->unit);
    db_add_bytes(&params, notice->cause->id.data, notice->cause->id.len);
    enum status status = db_run(
        apply->db,
        amended ? "select district, unit, form_id, period, revision, false from zhibao.report"
                  " where unit = $1::bigint and id = $2"
                : "select r.district, r.unit, r.form_id, r.period, r.revision,"
                  " e.event = 'accepted' from zhibao.report_event e join zhibao.report r"
                  " on r.unit = e.subject_unit and r.id = e.subject_id"
                  " where e.unit = $1::bigint and e.kind = 2 and e.id = $2",
        &params, &rows);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(rows) != 1)
        status = STATUS_E_SUBJECT_UNKNOWN;
    else
        *out_acted = (struct acted){.district = (uint64_t)db_int(rows, 0, 0),
                                    .unit = (uint64_t)db_int(rows, 0, 1),
                                    .form_id = (int)db_int(rows, 0, 2),
                                    .period = (int)db_int(rows, 0, 3),
                                    .revision = (int)db_int(rows, 0, 4),
                                    .amended = amended,
                                    .accepted = db_bool(rows, 0, 5)};
    PQclear(rows);
    return status;
}

static enum status bad_signature_apply(struct apply *apply, struct task *task,
                                       const Zhibao__Notice *notice)
{
    struct registry_unit unit;
    struct bad_signature bad = {.unit = notice->subject->unit};
    if (!id_take(&notice->subject->id, &bad.id) || !registry_unit(apply->registry, bad.unit, &unit))
        return STATUS_E_SUBJECT_UNKNOWN;
    task->district = bad.district = unit.district;
    return apply_bad_signature(apply, task, &bad);
}

static enum status reopened_apply(struct apply *apply, struct task *task,
                                  const Zhibao__Notice *notice)
{
    struct registry_unit unit;
    struct acted acted = {0};
    struct reopened_total total = {.unit = notice->subject->unit};
    if (!id_take(&notice->subject->id, &total.id) ||
        !registry_unit(apply->registry, total.unit, &unit))
        return STATUS_E_SUBJECT_UNKNOWN;
    enum status status = acted_find(apply, notice, &acted);
    if (status != STATUS_OK)
        return status;
    struct village_change change = {.unit = acted.unit,
                                    .form_id = acted.form_id,
                                    .period = acted.period,
                                    .change = acted.amended    ? CHANGE_AMENDED
                                              : acted.accepted ? CHANGE_ACCEPTED
                                                               : CHANGE_LOST};
    task->district = unit.district;
    return apply_reopened(apply, task, &total, &change);
}

static enum status corrected_apply(struct apply *apply, struct task *task,
                                   const Zhibao__Notice *notice)
{
    struct acted acted = {0};
    struct correction correction = {.unit = notice->subject->unit};
    enum status status = id_take(&notice->subject->id, &correction.id)
                             ? acted_find(apply, notice, &acted)
                             : STATUS_E_SUBJECT_UNKNOWN;
    if (status != STATUS_OK)
        return status;
    task->district = acted.district;
    correction.form_id = acted.form_id;
    correction.period = acted.period;
    correction.revision = acted.revision;
    correction.lost = !acted.accepted;
    return apply_corrected(apply, task, &correction);
}

/* The enrolment that it is about made a key that waits for an approval. */
static enum status key_pending_apply(struct apply *apply, struct task *task,
                                     const Zhibao__Notice *notice)
{
    struct registry_unit unit;
    struct record_id id;
    struct db_params params;
    if (!id_take(&notice->subject->id, &id) ||
        !registry_unit(apply->registry, notice->subject->unit, &unit))
        return STATUS_E_SUBJECT_UNKNOWN;
    task->district = unit.district;
    apply->registry_changed = true;
    db_params_init(&params, apply->arena);
    db_add_int(&params, (int64_t)unit.id);
    db_add_bytes(&params, id.bytes, sizeof id.bytes);
    enum status status =
        db_exec(apply->db,
                "update zhibao.unit_key k set status = 'pending',"
                " changed = nextval('zhibao.registry_change') from zhibao.registry_event e"
                " where e.unit = $1::bigint and e.kind = 5 and e.id = $2 and k.key_id = e.key_id"
                " and k.status = 'active'",
                &params);
    return status == STATUS_OK ? apply_key_pending(apply, task, unit.id, &id) : status;
}

static enum status cutoff_apply(struct apply *apply, struct task *task,
                                const Zhibao__Notice *notice)
{
    const Zhibao__CutoffNotice *said = notice->cutoff;
    struct registry_form form;
    struct cutoff_notice found = {
        .kind = (enum cutoff_notice_kind)((int)notice->notice -
                                          (int)ZHIBAO__NOTICE_KIND__NOTICE_REMINDER),
        .plan = said->plan,
        .form = said->form,
        .district = said->place,
        .period = (int)said->period,
        .level = (enum cutoff_level)said->level,
        .unit = said->unit,
        .told = said->told,
        .due_us = said->due_us,
        .days = said->days,
        .until_us = said->until_us,
        .outage = {said->outage_from_us, said->outage_to_us}
    };
    struct clock_work work = {.mark_us = apply->now_us, .outage = found.outage};
    bool fresh = false;
    if (found.kind < CUTOFF_REMINDER || found.kind > CUTOFF_MOVED)
        return STATUS_E_MALFORMED;
    if (!registry_form(apply->registry, said->plan, said->form, &form))
        return STATUS_E_FORM_UNKNOWN;
    found.form_id = form.id;
    task->district = found.district;
    enum status status = apply_cutoff_notice(apply, task, &found, &fresh);
    if (status == STATUS_OK && found.outage.to_us != 0) /* signed with it */
        status = store_clock_marks(apply, &work);
    return status != STATUS_OK || fresh ? status : STATUS_E_SUBJECT_STATE;
}

static enum status overdue_apply(struct apply *apply, struct task *task,
                                 const Zhibao__Notice *notice)
{
    const Zhibao__TaskNotice *said = notice->task;
    struct registry_unit office;
    struct task_notice found = {.addressee = said->addressee,
                                .told = said->told,
                                .due_us = said->due_us,
                                .stage = (int)said->stage};
    bool fresh = false;
    if (said->task == NULL || !id_take(&said->task->id, &found.task) ||
        !registry_unit(apply->registry, said->task->unit, &office))
        return STATUS_E_TASK_UNKNOWN;
    found.office = office.id;
    task->district = found.district = office.district;
    enum status status = apply_task_notice(apply, task, &found, &fresh);
    return status != STATUS_OK || fresh ? status : STATUS_E_SUBJECT_STATE;
}

static enum status uplink_apply(struct apply *apply, struct task *task,
                                const Zhibao__Notice *notice)
{
    const Zhibao__UplinkNotice *said = notice->uplink;
    struct uplink_notice found = {.unit = said->unit,
                                  .plan = said->plan,
                                  .form = said->form,
                                  .actor_name = said->actor_name,
                                  .reason = said->reason,
                                  .period = (int)said->period,
                                  .revision = (int)said->revision,
                                  .state = (int)said->state,
                                  .actor = said->actor,
                                  .time_us = said->time_us,
                                  .receipt = said->receipt.data,
                                  .receipt_size = said->receipt.len};
    bool fresh = false;
    if (!id_take(&said->report, &found.report) || !id_take(&said->step, &found.step))
        return STATUS_E_MALFORMED;
    task->district = found.district = place_ancestor(unit_place(said->unit), PLACE_DISTRICT);
    enum status status = store_uplink_step(apply->db, apply->arena, &found);
    if (status == STATUS_OK)
        status = apply_uplink_notice(apply, task, &found, &fresh);
    return status != STATUS_OK || fresh ? status : STATUS_E_SUBJECT_STATE;
}

static enum status case_due_apply(struct apply *apply, struct task *task,
                                  const Zhibao__Notice *notice)
{
    const Zhibao__CaseNotice *said = notice->case_due;
    struct case_notice found = {.district = said->district,
                                .action = (int)said->action,
                                .due_us = said->due_us,
                                .level = (int)said->level};
    bool fresh = false;
    if (!id_take(&said->case_id, &found.case_id))
        return STATUS_E_MALFORMED;
    task->district = said->district;
    enum status status = apply_case_notice(apply, task, &found, &fresh);
    return status != STATUS_OK || fresh ? status : STATUS_E_SUBJECT_STATE;
}

static enum status case_flood_apply(struct apply *apply, struct task *task,
                                    const Zhibao__Notice *notice)
{
    bool fresh = false;
    task->district = notice->case_due->district;
    enum status status = apply_case_flood(apply, task, task->district, &fresh);
    return status != STATUS_OK || fresh ? status : STATUS_E_SUBJECT_STATE;
}

enum status replay_notice(struct apply *apply, struct task *task)
{
    const Zhibao__Notice *notice = (const Zhibao__Notice *)task->message;
    bool named = notice->subject != NULL;
    switch (notice->notice) {
    case ZHIBAO__NOTICE_KIND__NOTICE_BAD_SIGNATURE:
        return named ? bad_signature_apply(apply, task, notice) : STATUS_E_MALFORMED;
    case ZHIBAO__NOTICE_KIND__NOTICE_REOPENED:
        return named ? reopened_apply(apply, task, notice) : STATUS_E_MALFORMED;
    case ZHIBAO__NOTICE_KIND__NOTICE_CORRECTED:
        return named ? corrected_apply(apply, task, notice) : STATUS_E_MALFORMED;
    case ZHIBAO__NOTICE_KIND__NOTICE_KEY_PENDING:
        return named ? key_pending_apply(apply, task, notice) : STATUS_E_MALFORMED;
    case ZHIBAO__NOTICE_KIND__NOTICE_REMINDER:
    case ZHIBAO__NOTICE_KIND__NOTICE_OVERDUE:
    case ZHIBAO__NOTICE_KIND__NOTICE_CUTOFF_MOVED:
        return notice->cutoff != NULL ? cutoff_apply(apply, task, notice) : STATUS_E_MALFORMED;
    case ZHIBAO__NOTICE_KIND__NOTICE_TASK_OVERDUE:
        return notice->task != NULL ? overdue_apply(apply, task, notice) : STATUS_E_MALFORMED;
    case ZHIBAO__NOTICE_KIND__NOTICE_UPLINK:
        return notice->uplink != NULL ? uplink_apply(apply, task, notice) : STATUS_E_MALFORMED;
    case ZHIBAO__NOTICE_KIND__NOTICE_CASE_DUE:
        return notice->case_due != NULL ? case_due_apply(apply, task, notice) : STATUS_E_MALFORMED;
    case ZHIBAO__NOTICE_KIND__NOTICE_CASE_FLOOD:
        return notice->case_due != NULL ? case_flood_apply(apply, task, notice)
                                        : STATUS_E_MALFORMED;
    default: return STATUS_E_MALFORMED;
    }
}
