/* What a batch stores: reports, and every other record with the notices of what it puts out of
 * date. */
#include <string.h>

#include "server/cases/case_limits.h"
#include "server/clock/clock_notice.h"
#include "server/ingest/batch_run.h"
#include "server/ingest/record_type.h"
#include "server/store/calendar_store.h"
#include "server/store/history_store.h"

void run_leaf_add(struct run *run, struct task *task)
{
    task->index = (uint32_t)run->leaf_count;
    run->leaves[run->leaf_count++] = leaf_hash(&task->leaf);
    task->outcome = TASK_STORED;
}

static enum status apply_one(struct apply *apply, struct task *task)
{
    if (task->type == TASK_CODES)
        return apply_codes(apply, task);
    if (task->type == TASK_ENROL)
        return apply_enrol(apply, task);
    return record_type_of(task->leaf.kind)->apply(apply, task);
}

/* One notice for each total that these changes, made by `causes`, put out of date. */
static enum status totals_reopen(struct run *run, struct apply *apply,
                                 const struct village_change *changes, struct task *const *causes,
                                 size_t count)
{
    struct reopened_total *totals = NULL;
    size_t reopened = 0;
    enum status status = store_reopens(apply->db, apply->arena, changes, count, &totals, &reopened);
    for (size_t i = 0; i < reopened && status == STATUS_OK; i++) {
        struct finding finding = {.notice = ZHIBAO__NOTICE_KIND__NOTICE_REOPENED,
                                  .subject_kind = ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION,
                                  .district = totals[i].district,
                                  .unit = totals[i].unit,
                                  .id = &totals[i].id,
                                  .payload_sha256 = &totals[i].payload_sha256,
                                  .cause = causes[totals[i].cause]};
        struct task *notice = run_notice_create(run, &finding);
        if (notice == NULL)
            return STATUS_NO_MEMORY;
        status = apply_reopened(apply, notice, &totals[i], &changes[totals[i].cause]);
        if (status == STATUS_OK)
            run_leaf_add(run, notice);
    }
    return status;
}

/* Published figures are others now, by what `cause` did. */
static enum status correction_tell(struct run *run, struct apply *apply, const struct task *cause)
{
    const struct correction *correction = &apply->correction;
    struct finding finding = {.notice = ZHIBAO__NOTICE_KIND__NOTICE_CORRECTED,
                              .subject_kind = ZHIBAO__RECORD_KIND__RECORD_REPORT,
                              .district = correction->district,
                              .unit = correction->unit,
                              .id = &correction->id,
                              .payload_sha256 = &correction->payload_sha256,
                              .cause = cause};
    struct task *notice = run_notice_create(run, &finding);
    if (notice == NULL)
        return STATUS_NO_MEMORY;
    enum status status = apply_corrected(apply, notice, correction);
    if (status == STATUS_OK)
        run_leaf_add(run, notice);
    return status;
}

/* A key that was enrolled counts for nothing before somebody approves it. */
static enum status pending_tell(struct run *run, struct apply *apply, const struct task *enrolment)
{
    const struct leaf *leaf = &enrolment->leaf;
    struct finding finding = {.notice = ZHIBAO__NOTICE_KIND__NOTICE_KEY_PENDING,
                              .subject_kind = ZHIBAO__RECORD_KIND__RECORD_KEY,
                              .district = enrolment->district,
                              .unit = leaf->unit,
                              .id = &leaf->id,
                              .payload_sha256 = &leaf->payload_sha256};
    struct task *notice = run_notice_create(run, &finding);
    if (notice == NULL)
        return STATUS_NO_MEMORY;
    enum status status = apply_key_pending(apply, notice, leaf->unit, &leaf->id);
    if (status == STATUS_OK)
        run_leaf_add(run, notice);
    return status;
}

/* The event, and the notices of what it puts out of date. */
static enum status event_apply(struct run *run, struct apply *apply, struct task *task)
{
    apply->changed = apply->corrected = apply->pending = false;
    task->index = (uint32_t)run->leaf_count;
    enum status status = apply_one(apply, task);
    if (status != STATUS_OK || task->type == TASK_CODES)
        return status;
    run_leaf_add(run, task);
    if (apply->pending)
        status = pending_tell(run, apply, task);
    if (status == STATUS_OK && apply->changed)
        status = totals_reopen(run, apply, &apply->change, &task, 1);
    return status == STATUS_OK && apply->corrected ? correction_tell(run, apply, task) : status;
}

/* Applies one event behind a savepoint: what it breaks is undone and costs its neighbours
 * nothing. STATUS_OK also when the event itself was refused. */
static enum status event_store(struct run *run, struct apply *apply, struct task *task)
{
    size_t leaves = run->leaf_count, taken = case_limits_mark(apply->case_limits);
    enum status undone = store_savepoint(apply->db);
    if (undone != STATUS_OK)
        return undone;
    enum status status = event_apply(run, apply, task);
    if (status == STATUS_OK) {
        if (task->type == TASK_CODES)
            task->outcome = TASK_ANSWERED;
        return store_release(apply->db);
    }
    if (!db_usable(apply->db))
        return status;
    run->leaf_count = leaves;
    case_limits_undo(apply->case_limits, taken);
    reply_put_back(task->job, &task->answer);
    run_refuse(task, (int)status >= 100 ? status : STATUS_E_INTERNAL);
    return store_rollback_to(apply->db);
}

static enum status checked_store(struct run *run, struct apply *apply, struct task *task)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < task->bad_count && status == STATUS_OK; i++) {
        const struct bad_signature *bad = &task->bad[i];
        struct finding finding = {.notice = ZHIBAO__NOTICE_KIND__NOTICE_BAD_SIGNATURE,
                                  .subject_kind = ZHIBAO__RECORD_KIND__RECORD_REPORT,
                                  .district = bad->district,
                                  .unit = bad->unit,
                                  .id = &bad->id};
        struct task *notice = run_notice_create(run, &finding);
        if (notice == NULL)
            return STATUS_NO_MEMORY;
        status = apply_bad_signature(apply, notice, bad);
        if (status == STATUS_OK)
            run_leaf_add(run, notice);
    }
    if (status == STATUS_OK)
        status = store_signatures_checked(apply->db, apply->arena, apply->chain,
                                          task->checked_batch, run->now_us);
    task->outcome = TASK_ANSWERED;
    return status;
}

static enum status cutoff_tell(struct run *run, struct apply *apply,
                               const struct cutoff_notice *found)
{
    Zhibao__CutoffNotice cutoff = ZHIBAO__CUTOFF_NOTICE__INIT;
    bool fresh = false;
    clock_notice_fill(found, &cutoff);
    struct finding finding = {
        .notice = clock_notice_kind(found->kind), .district = found->district, .cutoff = &cutoff};
    struct task *notice = run_notice_create(run, &finding);
    if (notice == NULL)
        return STATUS_NO_MEMORY;
    enum status status = apply_cutoff_notice(apply, notice, found, &fresh);
    if (status == STATUS_OK && fresh)
        run_leaf_add(run, notice);
    return status;
}

static enum status overdue_tell(struct run *run, struct apply *apply,
                                const struct task_notice *found)
{
    Zhibao__TaskNotice message = ZHIBAO__TASK_NOTICE__INIT;
    Zhibao__RecordRef task = ZHIBAO__RECORD_REF__INIT;
    bool fresh = false;
    task_notice_fill(found, &task, &message);
    struct finding finding = {.notice = ZHIBAO__NOTICE_KIND__NOTICE_TASK_OVERDUE,
                              .district = found->district,
                              .task = &message};
    struct task *notice = run_notice_create(run, &finding);
    if (notice == NULL)
        return STATUS_NO_MEMORY;
    enum status status = apply_task_notice(apply, notice, found, &fresh);
    if (status == STATUS_OK && fresh)
        run_leaf_add(run, notice);
    return status;
}

static enum status uplink_tell(struct run *run, struct apply *apply,
                               const struct uplink_notice *found)
{
    Zhibao__UplinkNotice message = ZHIBAO__UPLINK_NOTICE__INIT;
    bool fresh = false;
    uplink_notice_fill(found, &message);
    struct finding finding = {.notice = ZHIBAO__NOTICE_KIND__NOTICE_UPLINK,
                              .district = found->district,
                              .uplink = &message};
    struct task *notice = run_notice_create(run, &finding);
    if (notice == NULL)
        return STATUS_NO_MEMORY;
    enum status status = apply_uplink_notice(apply, notice, found, &fresh);
    if (status == STATUS_OK && fresh)
        run_leaf_add(run, notice);
    return status;
}

static enum status case_tell(struct run *run, struct apply *apply, const struct case_notice *found)
{
    Zhibao__CaseNotice message = ZHIBAO__CASE_NOTICE__INIT;
    bool fresh = false;
    case_notice_fill(found, &message);
    struct finding finding = {.notice = ZHIBAO__NOTICE_KIND__NOTICE_CASE_DUE,
                              .district = found->district,
                              .case_due = &message};
    struct task *notice = run_notice_create(run, &finding);
    if (notice == NULL)
        return STATUS_NO_MEMORY;
    enum status status = apply_case_notice(apply, notice, found, &fresh);
    if (status == STATUS_OK && fresh)
        run_leaf_add(run, notice);
    return status;
}

/* Districts of which reports were put off: the office is told, and who leads its cases. */
static enum status floods_tell(struct run *run, struct apply *apply)
{
    uint64_t district = 0;
    enum status status = STATUS_OK;
    while (status == STATUS_OK && case_limits_found(apply->case_limits, &district)) {
        Zhibao__CaseNotice message = ZHIBAO__CASE_NOTICE__INIT;
        bool fresh = false;
        message.district = district;
        struct finding finding = {.notice = ZHIBAO__NOTICE_KIND__NOTICE_CASE_FLOOD,
                                  .district = district,
                                  .case_due = &message};
        struct task *notice = run_notice_create(run, &finding);
        if (notice == NULL)
            return STATUS_NO_MEMORY;
        status = apply_case_flood(apply, notice, district, &fresh);
        if (status == STATUS_OK && fresh)
            run_leaf_add(run, notice);
    }
    return status;
}

/* The clock's marks, and those of its notices that were not made before. */
static enum status clock_store(struct run *run, struct apply *apply, struct task *task)
{
    const struct clock_work *work = task->clock;
    enum status status = store_clock_marks(apply, work);
    for (size_t i = 0; i < work->notice_count && status == STATUS_OK; i++)
        status = cutoff_tell(run, apply, &work->notices[i]);
    for (size_t i = 0; i < work->found.task_count && status == STATUS_OK; i++)
        status = overdue_tell(run, apply, &work->found.tasks[i]);
    for (size_t i = 0; i < work->found.uplink_count && status == STATUS_OK; i++)
        status = uplink_tell(run, apply, &work->found.uplinks[i]);
    for (size_t i = 0; i < work->found.case_count && status == STATUS_OK; i++)
        status = case_tell(run, apply, &work->found.cases[i]);
    task->outcome = TASK_ANSWERED;
    return status;
}

enum status run_reports_store(struct run *run)
{
    struct batch *batch = run->batch;
    for (size_t i = 0; i < run->report_count; i++)
        run_leaf_add(run, run->reports[i]);
    if (run->report_count == 0)
        return STATUS_OK;
    enum status status = store_copy_reports(batch->db, batch->head.chain, run->number, run->reports,
                                            run->report_count);
    return status != STATUS_OK ? status
                               : store_insert_explanations(batch->db, batch->arena, run->reports,
                                                           run->report_count);
}

/* Amendments of villages reopen the totals that name what they amend. */
static enum status amendments_tell(struct run *run, struct apply *apply)
{
    size_t count = 0;
    struct arena *arena = run->batch->arena;
    struct village_change *changes = arena_array(arena, run->report_count, sizeof *changes);
    struct task **causes = arena_array(arena, run->report_count, sizeof(struct task *));
    if (changes == NULL || causes == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < run->report_count; i++) {
        struct task *task = run->reports[i];
        if (task->report->revision == 1 || strcmp(task->form.form->reporter, "village") != 0)
            continue;
        changes[count] = (struct village_change){.district = task->district,
                                                 .unit = task->leaf.unit,
                                                 .form_id = task->form.id,
                                                 .period = (int)task->report->period,
                                                 .id = task->leaf.id,
                                                 .change = CHANGE_AMENDED};
        causes[count++] = task;
    }
    return count == 0 ? STATUS_OK : totals_reopen(run, apply, changes, causes, count);
}

enum status run_events_store(struct run *run)
{
    struct batch *batch = run->batch;
    struct apply apply = {.db = batch->db,
                          .arena = batch->arena,
                          .registry = batch->registry,
                          .options = batch->options,
                          .keys = batch->keys,
                          .case_limits = batch->case_limits,
                          .chain = batch->head.chain,
                          .batch = run->number,
                          .now_us = run->now_us};
    enum status status = amendments_tell(run, &apply);
    for (size_t i = 0; i < run->count && status == STATUS_OK; i++) {
        struct task *task = run->tasks[i];
        if (task->outcome != TASK_WAITING || task->same != NULL)
            continue;
        if (task->type == TASK_CHECKED)
            status = checked_store(run, &apply, task);
        else if (task->type == TASK_CLOCK)
            status = clock_store(run, &apply, task);
        else
            status = event_store(run, &apply, task);
    }
    if (status == STATUS_OK)
        status = floods_tell(run, &apply);
    batch->registry_changed = batch->registry_changed || apply.registry_changed;
    return status;
}
