#include "server/chain/apply_comment.h"

#include <string.h>

#include "server/chain/comment_rules.h"
#include "server/store/comment_store.h"
#include "server/store/ingest_store.h"
#include "text/utf8.h"

enum { TEXT_BYTES_MAX = 2000, SHOWN_BYTES_MAX = 60 };

static void open_check(struct task *task, struct registry *registry, const Zhibao__Comment *message)
{
    const Zhibao__FigureRef *figure = message->figure;
    const struct plan *plan = figure == NULL ? NULL : registry_plan(registry, figure->plan);
    if (message->comment != NULL || message->seen.len != 0)
        task_problem(task, STATUS_E_MALFORMED, "comment", NULL, NULL);
    if (plan == NULL) {
        task_problem(task, STATUS_E_PLAN_UNKNOWN, "figure.plan", NULL, NULL);
        return;
    }
    if (figure->period < 1900 || figure->period > 9999)
        task_problem(task, STATUS_E_PERIOD, "figure.period", NULL, NULL);
    uint64_t reporter = comment_reporter(plan, figure, message->reporter);
    if (reporter == 0)
        task_problem(task, STATUS_E_COMMENT_FIGURE, "figure", NULL, NULL);
    else if (reporter != message->reporter)
        task_problem(task, STATUS_E_COMMENT_FIGURE, "reporter", "这个数不由该单位答复",
                     "this figure is not this unit's to answer for");
    else if (!comment_may_open(task->author.role, task->leaf.unit, figure->place, reporter))
        task_problem(task, STATUS_E_FORBIDDEN, "figure", "该数不在本单位可查看的范围内",
                     "this figure is outside what your unit may see");
}

static void later_check(struct task *task, const Zhibao__Comment *message)
{
    const Zhibao__RecordRef *opened = message->comment;
    if (opened == NULL || opened->id.len != RECORD_ID_BYTES ||
        opened->payload_sha256.len != HASH_BYTES ||
        (message->seen.len != 0 && message->seen.len != RECORD_ID_BYTES))
        task_problem(task, STATUS_E_MALFORMED, "comment", NULL, NULL);
    if (message->figure != NULL || message->reporter != 0 || message->follow_up ||
        message->shown[0] != '\0')
        task_problem(task, STATUS_E_MALFORMED, "figure", NULL, NULL);
}

void validate_comment(struct task *task, struct registry *registry)
{
    const Zhibao__Comment *message = (const Zhibao__Comment *)task->message;
    bool close = message->action == ZHIBAO__COMMENT_ACTION__COMMENT_CLOSE;
    if (message->action == ZHIBAO__COMMENT_ACTION__COMMENT_OPEN)
        open_check(task, registry, message);
    else if (close || message->action == ZHIBAO__COMMENT_ACTION__COMMENT_ANSWER)
        later_check(task, message);
    else
        task_problem(task, STATUS_E_MALFORMED, "action", NULL, NULL);
    if (!close && utf8_all_blank(message->text))
        task_problem(task, STATUS_E_REASON, "text", NULL, NULL);
    if (strlen(message->text) > TEXT_BYTES_MAX)
        task_problem(task, STATUS_E_TEXT, "text", NULL, NULL);
    if (strlen(message->shown) > SHOWN_BYTES_MAX)
        task_problem(task, STATUS_E_TEXT, "shown", NULL, NULL);
}

/* The comment that the record names, if the step may be taken now. */
static enum status comment_find(struct apply *apply, const struct task *task,
                                const Zhibao__Comment *message, struct comment_row *row)
{
    struct record_id id;
    enum comment_state to = COMMENT_NONE;
    memcpy(id.bytes, message->comment->id.data, RECORD_ID_BYTES);
    enum status status = store_comment(apply->db, apply->arena, message->comment->unit, &id, row);
    if (status == STATUS_NOT_FOUND ||
        (status == STATUS_OK &&
         memcmp(row->payload_sha256.bytes, message->comment->payload_sha256.data, HASH_BYTES) != 0))
        return STATUS_E_COMMENT_UNKNOWN;
    if (status != STATUS_OK)
        return status;
    struct comment_actor actor = {.author = task->leaf.unit == row->author,
                                  .reporter = task->leaf.unit == row->reporter};
    status = comment_step(row->state, (enum comment_event)message->action, actor, &to);
    if (status == STATUS_OK && message->seen.len == RECORD_ID_BYTES &&
        memcmp(message->seen.data, row->last.bytes, RECORD_ID_BYTES) != 0)
        return STATUS_E_STALE;
    return status;
}

enum status apply_comment(struct apply *apply, struct task *task)
{
    const Zhibao__Comment *message = (const Zhibao__Comment *)task->message;
    struct comment_row row = {
        .author = task->leaf.unit, .reporter = message->reporter, .id = task->leaf.id};
    enum status status = STATUS_OK;
    if (message->action != ZHIBAO__COMMENT_ACTION__COMMENT_OPEN)
        status = comment_find(apply, task, message, &row);
    if (status != STATUS_OK)
        return status;
    uint64_t other = task->leaf.unit == row.author ? row.reporter : row.author;
    status = store_insert_registry_event(apply->db, apply->arena, apply->chain, apply->batch, task,
                                         other);
    if (status == STATUS_OK)
        status = store_insert_comment_event(apply->db, apply->arena, apply->chain, apply->batch,
                                            task, &row);
    return status;
}
