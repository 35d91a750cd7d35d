#include "server/ingest/batch.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/log.h"
#include "server/clock/clock_notice.h"
#include "server/clock/now.h"
#include "server/ingest/record_type.h"
#include "server/store/calendar_store.h"
#include "server/store/history_store.h"
#include "wire/codec.h"

/* One transaction's bookkeeping. */
struct run {
    struct batch *batch;
    struct task **tasks; /* all, in order of arrival */
    size_t count;
    struct task **reports; /* those that are reports */
    size_t report_count;
    struct hash *leaves; /* room for two a task and for bad signatures */
    size_t leaf_count;
    int64_t number; /* of this batch */
    int64_t now_us;
};

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

static void refuse(struct task *task, enum status status)
{
    if (task->problems.count == 0)
        task_problem(task, status, "", NULL, NULL);
    task_refuse(task, status);
}

/* Two copies of one record in one batch: the second shares the first's fate or is a conflict. */
static enum status twins_find(struct run *run)
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

static void leaf_add(struct run *run, struct task *task)
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

/* What the aggregator itself finds, to be signed by its key. */
struct finding {
    Zhibao__NoticeKind notice;
    int subject_kind;
    uint64_t district, unit;            /* of the subject */
    const struct record_id *id;         /* NULL: it is about a cut-off, no record */
    const struct hash *payload_sha256;  /* NULL: not said */
    const struct task *cause;           /* NULL: none */
    const Zhibao__CutoffNotice *cutoff; /* NULL: none */
};

static Zhibao__RecordRef reference_to(uint64_t unit, const struct record_id *id,
                                      const struct hash *payload_sha256)
{
    Zhibao__RecordRef reference = ZHIBAO__RECORD_REF__INIT;
    reference.unit = unit;
    reference.id = (ProtobufCBinaryData){RECORD_ID_BYTES, (uint8_t *)(uintptr_t)id->bytes};
    if (payload_sha256 != NULL)
        reference.payload_sha256 =
            (ProtobufCBinaryData){HASH_BYTES, (uint8_t *)(uintptr_t)payload_sha256->bytes};
    return reference;
}

static uint8_t *notice_write(struct run *run, const struct finding *finding,
                             const struct record_id *id, size_t *out_size)
{
    Zhibao__Notice notice = ZHIBAO__NOTICE__INIT;
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__RecordRef subject = ZHIBAO__RECORD_REF__INIT;
    Zhibao__RecordRef cause = ZHIBAO__RECORD_REF__INIT;
    head.id = (ProtobufCBinaryData){sizeof id->bytes, (uint8_t *)(uintptr_t)id->bytes};
    head.signed_at_us = run->now_us;
    notice.head = &head;
    notice.notice = finding->notice;
    notice.subject_kind = (Zhibao__RecordKind)finding->subject_kind;
    notice.cutoff = (Zhibao__CutoffNotice *)(uintptr_t)finding->cutoff;
    if (finding->id != NULL) {
        subject = reference_to(finding->unit, finding->id, finding->payload_sha256);
        notice.subject = &subject;
    }
    if (finding->cause != NULL) {
        const struct leaf *leaf = &finding->cause->leaf;
        cause = reference_to(leaf->unit, &leaf->id, &leaf->payload_sha256);
        notice.cause_kind = (Zhibao__RecordKind)leaf->kind;
        notice.cause = &cause;
    }
    return message_write(run->batch->arena, &notice.base, out_size);
}

/* A task standing for the aggregator's own notice; NULL without memory. */
static struct task *notice_create(struct run *run, const struct finding *finding)
{
    struct batch *batch = run->batch;
    struct task *task = arena_alloc(batch->arena, sizeof *task);
    struct record_id *id = arena_alloc(batch->arena, sizeof *id);
    struct signature *signature = arena_alloc(batch->arena, sizeof *signature);
    if (task == NULL || id == NULL || signature == NULL)
        return NULL;
    random_bytes(id->bytes, sizeof id->bytes);
    task->payload = notice_write(run, finding, id, &task->payload_size);
    if (task->payload == NULL)
        return NULL;
    *signature =
        sign_bytes(&batch->keys->sign_secret, record_domain(ZHIBAO__RECORD_KIND__RECORD_NOTICE),
                   task->payload, task->payload_size);
    task->signature = signature->bytes;
    task->signature_size = sizeof signature->bytes;
    task->district = finding->district;
    task->leaf.kind = ZHIBAO__RECORD_KIND__RECORD_NOTICE;
    task->leaf.id = *id;
    task->leaf.received_us = run->now_us;
    task->leaf.algorithm = SIGN_ED25519;
    task->leaf.key = batch->keys->sign_id;
    task->leaf.payload_sha256 = hash_bytes(task->payload, task->payload_size);
    task->leaf.signature_sha256 = hash_bytes(signature->bytes, sizeof signature->bytes);
    task->index = (uint32_t)run->leaf_count;
    return task;
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
        struct task *notice = notice_create(run, &finding);
        if (notice == NULL)
            return STATUS_NO_MEMORY;
        status = apply_reopened(apply, notice, &totals[i], &changes[totals[i].cause]);
        if (status == STATUS_OK)
            leaf_add(run, notice);
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
    struct task *notice = notice_create(run, &finding);
    if (notice == NULL)
        return STATUS_NO_MEMORY;
    enum status status = apply_corrected(apply, notice, correction);
    if (status == STATUS_OK)
        leaf_add(run, notice);
    return status;
}

/* The event, and the notices of what it puts out of date. */
static enum status event_apply(struct run *run, struct apply *apply, struct task *task)
{
    apply->changed = apply->corrected = false;
    task->index = (uint32_t)run->leaf_count;
    enum status status = apply_one(apply, task);
    if (status != STATUS_OK || task->type == TASK_CODES)
        return status;
    leaf_add(run, task);
    if (apply->changed)
        status = totals_reopen(run, apply, &apply->change, &task, 1);
    return status == STATUS_OK && apply->corrected ? correction_tell(run, apply, task) : status;
}

/* Applies one event behind a savepoint: what it breaks is undone and costs its neighbours
 * nothing. STATUS_OK also when the event itself was refused. */
static enum status event_store(struct run *run, struct apply *apply, struct task *task)
{
    size_t leaves = run->leaf_count;
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
    reply_put_back(task->job, &task->answer);
    refuse(task, (int)status >= 100 ? status : STATUS_E_INTERNAL);
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
        struct task *notice = notice_create(run, &finding);
        if (notice == NULL)
            return STATUS_NO_MEMORY;
        status = apply_bad_signature(apply, notice, bad);
        if (status == STATUS_OK)
            leaf_add(run, notice);
    }
    if (status == STATUS_OK)
        status = store_signatures_checked(apply->db, apply->arena, apply->chain,
                                          task->checked_batch, run->now_us);
    task->outcome = TASK_ANSWERED;
    return status;
}

/* The clock's marks, and those of its notices that were not made before. */
static enum status clock_store(struct run *run, struct apply *apply, struct task *task)
{
    const struct clock_work *work = task->clock;
    enum status status = store_clock_marks(apply, work);
    for (size_t i = 0; i < work->notice_count && status == STATUS_OK; i++) {
        Zhibao__CutoffNotice cutoff = ZHIBAO__CUTOFF_NOTICE__INIT;
        bool fresh = false;
        clock_notice_fill(&work->notices[i], &cutoff);
        struct finding finding = {.notice = clock_notice_kind(work->notices[i].kind),
                                  .district = work->notices[i].district,
                                  .cutoff = &cutoff};
        struct task *notice = notice_create(run, &finding);
        if (notice == NULL)
            return STATUS_NO_MEMORY;
        status = apply_cutoff_notice(apply, notice, &work->notices[i], &fresh);
        if (status == STATUS_OK && fresh)
            leaf_add(run, notice);
    }
    task->outcome = TASK_ANSWERED;
    return status;
}

static enum status reports_store(struct run *run)
{
    struct batch *batch = run->batch;
    for (size_t i = 0; i < run->report_count; i++)
        leaf_add(run, run->reports[i]);
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

static enum status events_store(struct run *run)
{
    struct batch *batch = run->batch;
    struct apply apply = {.db = batch->db,
                          .arena = batch->arena,
                          .registry = batch->registry,
                          .options = batch->options,
                          .keys = batch->keys,
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
    batch->registry_changed = batch->registry_changed || apply.registry_changed;
    return status;
}

/* Seals the leaves into a signed header linked to the last one, and stores it. */
static enum status seal(struct run *run, struct batch_header *out_header,
                        struct signature *out_signature)
{
    struct batch *batch = run->batch;
    struct batch_header *header = out_header;
    memset(header, 0, sizeof *header);
    memcpy(header->chain, batch->head.chain_id, sizeof header->chain);
    header->number = (uint64_t)run->number;
    header->time_us = run->now_us;
    header->leaf_count = (uint32_t)run->leaf_count;
    header->root = merkle_root(run->leaves, run->leaf_count);
    header->previous = batch->head.header_sha256;
    *out_signature = batch_header_sign(header, &batch->keys->sign_secret);
    return store_insert_batch(batch->db, batch->arena, batch->head.chain, header, run->leaves,
                              &batch->keys->sign_id, out_signature);
}

/* After COMMIT: every stored task gets its receipt's bytes. */
static enum status receipts_make(struct run *run, const struct batch_header *header,
                                 const struct signature *signature)
{
    struct merkle_path *paths = arena_array(run->batch->arena, run->leaf_count, sizeof *paths);
    struct hash root;
    if (paths == NULL)
        return STATUS_NO_MEMORY;
    enum status status = merkle_paths(run->leaves, run->leaf_count, &root, paths);
    for (size_t i = 0; i < run->count && status == STATUS_OK; i++) {
        struct task *task = run->tasks[i];
        if (task->outcome != TASK_STORED)
            continue;
        struct receipt receipt = {.leaf = task->leaf,
                                  .index = task->index,
                                  .path = paths[task->index],
                                  .header = *header,
                                  .algorithm = SIGN_ED25519,
                                  .key = run->batch->keys->sign_id,
                                  .signature = *signature};
        uint8_t bytes[RECEIPT_MAX_BYTES];
        task->receipt_size = receipt_encode(&receipt, bytes);
        task->receipt = arena_copy(task->arena, bytes, task->receipt_size);
        if (task->receipt == NULL)
            status = STATUS_NO_MEMORY;
    }
    return status;
}

static void twins_share(struct run *run)
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
            refuse(task, STATUS_E_ID_CONFLICT);
        } else {
            refuse(task, STATUS_E_BUSY); /* the first was refused; this one is asked again alone */
        }
    }
}

static enum status run_transaction(struct run *run, struct batch_header *out_header,
                                   struct signature *out_signature)
{
    enum status status = duplicates_find(run);
    if (status != STATUS_OK)
        return status;
    refusals_apply(run);
    locks_check(run);
    status = reports_judge(run);
    if (status == STATUS_OK)
        status = reports_store(run);
    if (status == STATUS_OK)
        status = events_store(run);
    if (status == STATUS_OK && run->leaf_count > 0)
        status = seal(run, out_header, out_signature);
    return status;
}

static enum status run_prepare(struct run *run)
{
    size_t leaves = 3 * run->count; /* a record may reopen a total, and correct a locked period */
    for (size_t i = 0; i < run->count; i++)
        leaves += run->tasks[i]->bad_count +
                  (run->tasks[i]->clock == NULL ? 0 : run->tasks[i]->clock->notice_count);
    run->reports = arena_array(run->batch->arena, run->count, sizeof(struct task *));
    run->leaves = arena_array(run->batch->arena, leaves, sizeof *run->leaves);
    run->number = run->batch->head.number + 1;
    run->now_us = server_now_us();
    return run->reports == NULL || run->leaves == NULL ? STATUS_NO_MEMORY : twins_find(run);
}

enum status batch_store(struct batch *batch, struct task **tasks, size_t count)
{
    struct run run = {.batch = batch, .tasks = tasks, .count = count};
    struct batch_header header;
    struct signature signature;
    arena_reset(batch->arena);
    enum status status = run_prepare(&run);
    if (status == STATUS_OK)
        status = store_begin(batch->db);
    if (status != STATUS_OK)
        return status;
    status = run_transaction(&run, &header, &signature);
    if (status != STATUS_OK) {
        store_rollback(batch->db);
        return status;
    }
    status = store_commit(batch->db);
    if (status != STATUS_OK)
        return status;
    if (run.leaf_count > 0) {
        batch->head.number = run.number;
        batch->head.header_sha256 = batch_header_hash(&header);
        period_memory_note(batch->periods, run.reports, run.report_count);
        status = receipts_make(&run, &header, &signature);
    }
    twins_share(&run);
    return status;
}

static void tasks_clear(struct task **tasks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        tasks[i]->outcome = TASK_WAITING;
        tasks[i]->receipt = NULL;
        tasks[i]->refusal = tasks[i]->judged;
        if (tasks[i]->problems.count > tasks[i]->judged_problems)
            tasks[i]->problems.count = tasks[i]->judged_problems;
        reply_put_back(tasks[i]->job, &tasks[i]->answer);
    }
}

enum status batch_store_bisecting(struct batch *batch, struct task **tasks, size_t count)
{
    enum status status = batch_store(batch, tasks, count);
    if (status == STATUS_OK || !db_usable(batch->db))
        return status;
    tasks_clear(tasks, count);
    if (count == 1) {
        log_error("could not store a record: %s unit=%llu kind=%u", status_en(status),
                  (unsigned long long)tasks[0]->leaf.unit, tasks[0]->leaf.kind);
        refuse(tasks[0], STATUS_E_INTERNAL);
        return STATUS_OK;
    }
    size_t half = count / 2;
    status = batch_store_bisecting(batch, tasks, half);
    if (status == STATUS_OK &&
        batch->registry_changed) /* what one half locked counts for the other */
        status = registry_refresh(batch->registry, batch->db, NULL);
    if (status != STATUS_OK)
        return status;
    return batch_store_bisecting(batch, tasks + half, count - half);
}
