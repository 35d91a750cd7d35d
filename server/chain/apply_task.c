/* Tasks (督办): a committee office opens, the addressee answers, the office closes or reopens. */
#include "server/chain/apply_task.h"

#include <string.h>

#include "duty.pb-c.h"
#include "plan/duty.h"
#include "server/chain/task_rules.h"
#include "server/store/ingest_store.h"
#include "server/store/task_store.h"
#include "text/utf8.h"

enum { TITLE_BYTES_MAX = 200, TEXT_BYTES_MAX = 4000 };

static bool blank(const char *text)
{
    return utf8_all_blank(text);
}

static void due_check(struct task *task, int64_t due_us)
{
    const int64_t farthest_us = INT64_C(10) * 366 * 24 * 3600 * 1000000;
    if (due_us <= task->leaf.received_us || due_us - task->leaf.received_us > farthest_us)
        task_problem(task, STATUS_E_TASK_DUE, "due_us", NULL, NULL);
}

/* What it is about, where it says so, is in the plan. */
static void subject_check(struct task *task, struct registry *registry, const Zhibao__Task *message)
{
    if (message->duty[0] == '\0' && message->indicator[0] == '\0' && message->plan[0] == '\0')
        return;
    const struct plan *plan = registry_plan(registry, message->plan);
    if (plan == NULL) {
        task_problem(task, STATUS_E_PLAN_UNKNOWN, "plan", NULL, NULL);
        return;
    }
    if (message->duty[0] != '\0' && plan_duty(plan, message->duty) == NULL)
        task_problem(task, STATUS_E_DUTY_UNKNOWN, "duty", NULL, NULL);
    if (message->indicator[0] != '\0' && plan_indicator(plan, message->indicator) == PLAN_NONE)
        task_problem(task, STATUS_E_MALFORMED, "indicator", "规划中没有这项指标",
                     "the plan has no such indicator");
    if (message->period > 9999)
        task_problem(task, STATUS_E_PERIOD, "period", NULL, NULL);
}

static void open_check(struct task *task, struct registry *registry, const Zhibao__Task *message)
{
    struct registry_unit addressee;
    if (message->addressee == task->leaf.unit ||
        !registry_unit(registry, message->addressee, &addressee) ||
        !place_contains(unit_place(task->leaf.unit), unit_place(message->addressee)))
        task_problem(task, STATUS_E_UNIT_UNKNOWN, "addressee", "只能交办给本地及以下的其他单位",
                     "a task is for another unit of the office's place or below");
    if (message->task != NULL)
        task_problem(task, STATUS_E_MALFORMED, "task", NULL, NULL);
    if (blank(message->title) || strlen(message->title) > TITLE_BYTES_MAX)
        task_problem(task, STATUS_E_TEXT, "title", "须有1至200字节的标题",
                     "a title of 1 to 200 bytes is needed");
    due_check(task, message->due_us);
    subject_check(task, registry, message);
}

static void later_check(struct task *task, const Zhibao__Task *message)
{
    const Zhibao__RecordRef *opened = message->task;
    if (opened == NULL || opened->id.len != RECORD_ID_BYTES ||
        opened->payload_sha256.len != HASH_BYTES ||
        (message->seen.len != 0 && message->seen.len != RECORD_ID_BYTES))
        task_problem(task, STATUS_E_MALFORMED, "task", NULL, NULL);
    if (message->action != ZHIBAO__TASK_ACTION__TASK_CLOSE && blank(message->text))
        task_problem(task, STATUS_E_REASON, "text", NULL, NULL);
    if (message->due_us != 0 && message->action != ZHIBAO__TASK_ACTION__TASK_REOPEN)
        task_problem(task, STATUS_E_MALFORMED, "due_us", NULL, NULL);
    else if (message->due_us != 0)
        due_check(task, message->due_us);
}

void validate_task(struct task *task, struct registry *registry)
{
    const Zhibao__Task *message = (const Zhibao__Task *)task->message;
    if (message->action == ZHIBAO__TASK_ACTION__TASK_OPEN)
        open_check(task, registry, message);
    else if (message->action > ZHIBAO__TASK_ACTION__TASK_OPEN &&
             message->action <= ZHIBAO__TASK_ACTION__TASK_REOPEN)
        later_check(task, message);
    else
        task_problem(task, STATUS_E_MALFORMED, "action", NULL, NULL);
    if (strlen(message->text) > TEXT_BYTES_MAX)
        task_problem(task, STATUS_E_TEXT, "text", NULL, NULL);
}

/* The task that the record names, if it may be done to it now. */
static enum status task_find(struct apply *apply, const struct task *task,
                             const Zhibao__Task *message, struct task_row *row)
{
    struct record_id id;
    enum task_state to = TASK_STATE_NONE;
    memcpy(id.bytes, message->task->id.data, RECORD_ID_BYTES);
    enum status status = store_task(apply->db, apply->arena, message->task->unit, &id, row);
    if (status == STATUS_NOT_FOUND ||
        (status == STATUS_OK &&
         memcmp(row->payload_sha256.bytes, message->task->payload_sha256.data, HASH_BYTES) != 0))
        return STATUS_E_TASK_UNKNOWN;
    if (status != STATUS_OK)
        return status;
    enum task_actor actor = task->leaf.unit == row->office      ? TASK_ACTOR_OFFICE
                            : task->leaf.unit == row->addressee ? TASK_ACTOR_ADDRESSEE
                                                                : TASK_ACTOR_OTHER;
    status = task_step(row->state, (enum task_event)message->action, actor, &to);
    if (status == STATUS_OK && message->seen.len == RECORD_ID_BYTES &&
        memcmp(message->seen.data, row->last.bytes, RECORD_ID_BYTES) != 0)
        return STATUS_E_STALE;
    return status;
}

enum status apply_task(struct apply *apply, struct task *task)
{
    const Zhibao__Task *message = (const Zhibao__Task *)task->message;
    struct task_row row = {
        .office = task->leaf.unit, .addressee = message->addressee, .id = task->leaf.id};
    enum status status = STATUS_OK;
    if (message->action != ZHIBAO__TASK_ACTION__TASK_OPEN)
        status = task_find(apply, task, message, &row);
    if (status != STATUS_OK)
        return status;
    uint64_t other = task->leaf.unit == row.office ? row.addressee : row.office;
    status = store_insert_registry_event(apply->db, apply->arena, apply->chain, apply->batch, task,
                                         other);
    if (status == STATUS_OK)
        status = store_insert_task_event(apply->db, apply->arena, apply->chain, apply->batch, task,
                                         row.office, &row.id, row.addressee);
    return status;
}
