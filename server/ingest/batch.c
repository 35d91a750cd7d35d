#include "server/ingest/batch.h"

#include <string.h>
#include <time.h>

#include "base/log.h"
#include "server/cases/case_limits.h"
#include "server/clock/clock_work.h"
#include "server/clock/now.h"
#include "server/ingest/batch_run.h"

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
                              &batch->keys->sign_public, out_signature);
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
                                  .algorithm = run->batch->keys->sign_public.algorithm,
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

static enum status run_transaction(struct run *run, struct batch_header *out_header,
                                   struct signature *out_signature)
{
    enum status status = run_decide(run);
    if (status == STATUS_OK)
        status = run_reports_store(run);
    if (status == STATUS_OK)
        status = run_events_store(run);
    if (status == STATUS_OK && run->leaf_count > 0)
        status = seal(run, out_header, out_signature);
    return status;
}

static size_t clock_notices(const struct clock_work *work)
{
    return work == NULL ? 0
                        : work->notice_count + work->found.task_count + work->found.uplink_count +
                              work->found.case_count;
}

static enum status run_prepare(struct run *run)
{
    size_t leaves = 3 * run->count; /* a record may reopen a total, and correct a locked period */
    for (size_t i = 0; i < run->count; i++)
        leaves += run->tasks[i]->bad_count + clock_notices(run->tasks[i]->clock);
    run->reports = arena_array(run->batch->arena, run->count, sizeof(struct task *));
    run->leaves = arena_array(run->batch->arena, leaves, sizeof *run->leaves);
    run->number = run->batch->head.number + 1;
    run->now_us = server_now_us();
    return run->reports == NULL || run->leaves == NULL ? STATUS_NO_MEMORY : run_twins_find(run);
}

static int64_t steady_us(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* How large it was and how long it took, once it is stored. */
static void note(const struct run *run, int64_t began_us, int64_t commit_us)
{
    struct vitals *vitals = run->batch->vitals;
    int64_t now_us = steady_us();
    if (vitals == NULL || run->leaf_count == 0)
        return;
    atomic_fetch_add(&vitals->records, run->leaf_count);
    histogram_note(&vitals->in_one, vitals_sizes, run->leaf_count);
    histogram_note(&vitals->batch, vitals_times_us, (uint64_t)(now_us - began_us));
    histogram_note(&vitals->commit, vitals_times_us, (uint64_t)(now_us - commit_us));
}

enum status batch_store(struct batch *batch, struct task **tasks, size_t count)
{
    struct run run = {.batch = batch, .tasks = tasks, .count = count};
    struct batch_header header;
    struct signature signature;
    int64_t began_us = steady_us();
    arena_reset(batch->arena);
    enum status status = run_prepare(&run);
    if (status == STATUS_OK)
        status = store_begin(batch->db);
    if (status != STATUS_OK)
        return status;
    status = run_transaction(&run, &header, &signature);
    if (status != STATUS_OK)
        store_rollback(batch->db);
    int64_t commit_us = steady_us();
    if (status == STATUS_OK)
        status = store_commit(batch->db);
    if (status != STATUS_OK) {
        case_limits_roll_back(batch->case_limits);
        return status;
    }
    case_limits_settle(batch->case_limits);
    note(&run, began_us, commit_us);
    if (run.leaf_count > 0) {
        batch->head.number = run.number;
        batch->head.header_sha256 = batch_header_hash(&header);
        period_memory_note(batch->periods, run.reports, run.report_count);
        status = receipts_make(&run, &header, &signature);
    }
    run_twins_share(&run);
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
        run_refuse(tasks[0], STATUS_E_INTERNAL);
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
