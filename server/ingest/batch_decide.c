/* What of a batch may be stored: copies, duplicates, refusals, locks, revisions, suspicion. */
#include <stdlib.h>
#include <string.h>

#include "server/ingest/batch_run.h"
#include "server/store/history_store.h"

static int compare_record(const struct task *left, const struct task *right)
{
    if (left->leaf.kind != right->leaf.kind)
        return left->leaf.kind < right->leaf.kind ? -1 : 1;
    if (left->leaf.unit != right->leaf.unit)
        return left->leaf.unit < right->leaf.unit ? -1 : 1;
    return memcmp(left->leaf.id.bytes, right->leaf.id.bytes, RECORD_ID_BYTES);
}

/* By record, then by arrival, so that the first of equal ones leads. */
static int by_record(const void *left, const void *right)
{
    const struct task *const *a = left;
    const struct task *const *b = right;
    int order = compare_record(*a, *b);
    return order != 0 ? order : ((*a)->index < (*b)->index ? -1 : 1);
}

static int compare_series(const struct task *left, const struct task *right)
{
    if (left->form.id != right->form.id)
        return left->form.id < right->form.id ? -1 : 1;
    if (left->report->period != right->report->period)
        return left->report->period < right->report->period ? -1 : 1;
    if (left->leaf.unit != right->leaf.unit)
        return left->leaf.unit < right->leaf.unit ? -1 : 1;
    return 0;
}

static int by_series(const void *left, const void *right)
{
    const struct task *const *a = left;
    const struct task *const *b = right;
    int order = compare_series(*a, *b);
    return order != 0 ? order : ((*a)->index < (*b)->index ? -1 : 1);
}

static bool is_record(const struct task *task)
{
    return task->type == TASK_RECORD || task->type == TASK_ENROL;
}

static bool is_report(const struct task *task)
{
    return task->type == TASK_RECORD && task->leaf.kind == ZHIBAO__RECORD_KIND__RECORD_REPORT;
}

void run_refuse(struct task *task, enum status status)
{
    if (task->problems.count == 0)
        task_problem(task, status, "", NULL, NULL);
    task_refuse(task, status);
}

enum status run_twins_find(struct run *run)
{
    struct task **sorted = arena_array(run->batch->arena, run->count, sizeof *sorted);
    size_t count = 0;
    if (sorted == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < run->count; i++) {
        run->tasks[i]->index = (uint32_t)i;
        run->tasks[i]->same = NULL;
        if (is_record(run->tasks[i]))
            sorted[count++] = run->tasks[i];
    }
    qsort(sorted, count, sizeof(struct task *), by_record);
    for (size_t i = 1; i < count; i++) {
        struct task *first = sorted[i - 1]->same != NULL ? sorted[i - 1]->same : sorted[i - 1];
        if (compare_record(first, sorted[i]) == 0)
            sorted[i]->same = first;
    }
    return STATUS_OK;
}

/* The unit that enrols may have been made a moment ago, by another process. */
static void enrol_author_find(struct batch *batch, struct task *task)
{
    if (!registry_unit(batch->registry, task->leaf.unit, &task->author) &&
        (registry_refresh(batch->registry, batch->db, NULL) != STATUS_OK ||
         !registry_unit(batch->registry, task->leaf.unit, &task->author))) {
        if (task->refusal == STATUS_OK)
            task_problem(task, STATUS_E_ENROL_CODE, "enrol.unit", NULL, NULL);
        return;
    }
    task->district = task->author.district;
    task->carrier = task->leaf.unit;
}

/* Collects reports that still have to be decided and looks for earlier receipts of all records. */
static enum status duplicates_find(struct run *run)
{
    struct batch *batch = run->batch;
    enum status status = STATUS_OK;
    run->report_count = 0;
    for (size_t i = 0; i < run->count && status == STATUS_OK; i++) {
        struct task *task = run->tasks[i];
        task->outcome = TASK_WAITING;
        if (task->type == TASK_ENROL)
            enrol_author_find(batch, task);
        if (!is_record(task) || task->same != NULL || task->author.id == 0)
            continue; /* nothing of an unknown unit can have been stored */
        if (is_report(task))
            run->reports[run->report_count++] = task;
        else
            status = store_find_event(batch->db, batch->arena, task);
    }
    if (status == STATUS_OK && run->report_count > 0)
        status = store_find_reports(batch->db, batch->arena, run->reports, run->report_count);
    return status;
}

/* A refusal that the writer completes: what is asked about last year's figures goes with it. */
static bool is_suspect(const struct task *task)
{
    return is_report(task) && soft_code(task->refusal);
}

/* Keeps in run->reports only those that may still be stored. */
static void reports_keep(struct run *run)
{
    size_t kept = 0;
    for (size_t i = 0; i < run->report_count; i++)
        if (run->reports[i]->outcome == TASK_WAITING)
            run->reports[kept++] = run->reports[i];
    run->report_count = kept;
}

static void refusals_apply(struct run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        struct task *task = run->tasks[i];
        if (task->outcome == TASK_WAITING && task->same == NULL && task->refusal != STATUS_OK &&
            !is_suspect(task))
            task_refuse(task, task->refusal);
    }
    reports_keep(run);
}

/* A worker looked at the locks some time ago; since then a lock may have got its receipt. The
 * registry is as new as the last batch (writer.c), so nothing is stored after a lock. */
static void locks_check(struct run *run)
{
    for (size_t i = 0; i < run->report_count; i++) {
        struct task *task = run->reports[i];
        if (!registry_locked(run->batch->registry, task->form.plan->code, task->district,
                             (int)task->report->period))
            continue;
        task->problems.count = 0; /* of figures under suspicion */
        task_problem(task, STATUS_E_PERIOD_LOCKED, "period", NULL, NULL);
        task_refuse(task, STATUS_E_PERIOD_LOCKED);
    }
    reports_keep(run);
}

static void revision_refuse(struct task *task, int expected)
{
    task->problems.count = 0; /* nothing else matters about it */
    problems_addf(&task->problems, STATUS_E_REVISION, 0, "revision", "应为第%d版，收到的是第%u版",
                  "revision %d is expected, not %u", expected, task->report->revision);
    task_refuse(task, STATUS_E_REVISION);
}

/* A report's revision is one more than the latest of its unit, form and period, and its figures
 * under suspicion are explained. In order of form, period and unit, so that a year that came
 * with the same batch is history to the next. */
static enum status reports_judge(struct run *run)
{
    struct batch *batch = run->batch;
    if (run->report_count == 0)
        return STATUS_OK;
    enum status status =
        store_known_revisions(batch->db, batch->arena, run->reports, run->report_count);
    if (status == STATUS_OK)
        status = suspicion_load(batch->periods, batch->db, batch->arena, run->reports,
                                run->report_count);
    if (status != STATUS_OK)
        return status;
    qsort(run->reports, run->report_count, sizeof(struct task *), by_series);
    int known = 0;
    for (size_t i = 0; i < run->report_count; i++) {
        struct task *task = run->reports[i];
        if (i == 0 || compare_series(run->reports[i - 1], task) != 0)
            known = task->known_revision;
        if ((int)task->report->revision != known + 1) {
            revision_refuse(task, known + 1);
            continue;
        }
        status = suspicion_judge(batch->db, batch->registry, batch->arena, run->reports, i);
        if (status != STATUS_OK)
            return status;
        if (task->problems.count > 0)
            task_refuse(task, task->problems.items[0].code);
        else
            known++;
    }
    reports_keep(run);
    return STATUS_OK;
}

enum status run_decide(struct run *run)
{
    enum status status = duplicates_find(run);
    if (status != STATUS_OK)
        return status;
    refusals_apply(run);
    locks_check(run);
    return reports_judge(run);
}

void run_twins_share(struct run *run)
{
    for (size_t i = 0; i < run->count; i++) {
        struct task *task = run->tasks[i];
        const struct task *first = task->same;
        if (first == NULL)
            continue;
        bool equal = memcmp(&first->leaf.payload_sha256, &task->leaf.payload_sha256,
                            sizeof task->leaf.payload_sha256) == 0;
        bool kept = first->outcome == TASK_STORED || first->outcome == TASK_DUPLICATE;
        if (kept && equal) {
            task->outcome = TASK_DUPLICATE;
            task->receipt = first->receipt;
            task->receipt_size = first->receipt_size;
        } else if (kept) {
            run_refuse(task, STATUS_E_ID_CONFLICT);
        } else {
            run_refuse(task,
                       STATUS_E_BUSY); /* the first was refused; this one is asked again alone */
        }
    }
}
