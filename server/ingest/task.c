#include "server/ingest/task.h"

#include <stdio.h>
#include <stdlib.h>

struct task *task_create(enum task_type type, struct job *job, size_t arena_ceiling)
{
    struct task *task = calloc(1, sizeof *task);
    if (task == NULL)
        return NULL;
    task->arena = arena_create(arena_ceiling);
    if (task->arena == NULL) {
        free(task);
        return NULL;
    }
    task->type = type;
    task->job = job;
    problems_init(&task->problems);
    return task;
}

void task_destroy(struct task **task)
{
    if (task == NULL || *task == NULL)
        return;
    problems_clear(&(*task)->problems);
    reply_destroy(&(*task)->answer);
    job_destroy(&(*task)->job);
    free((*task)->bad);
    arena_destroy(&(*task)->arena);
    free(*task);
    *task = NULL;
}

void task_refuse(struct task *task, enum status status)
{
    task->refusal = status;
    task->outcome = status_retry(status) ? TASK_FAILED : TASK_REFUSED;
}

void task_problem(struct task *task, enum status status, const char *field, const char *zh,
                  const char *en)
{
    problems_add(&task->problems, status, 0, field, zh, en);
    if (task->refusal == STATUS_OK)
        task->refusal = status;
}

void explanation_problem(struct task *task, enum status status, size_t index, const char *zh,
                         const char *en)
{
    char field[PROBLEM_FIELD_BYTES], text_zh[PROBLEM_TEXT_BYTES], text_en[PROBLEM_TEXT_BYTES];
    uint32_t cell = task->report->explanations[index]->cell;
    snprintf(field, sizeof field, "explanations[%zu]", index);
    snprintf(text_zh, sizeof text_zh, "第%u项%s", cell, zh);
    snprintf(text_en, sizeof text_en, "cell %u: %s", cell, en);
    problems_add(&task->problems, status, cell, field, text_zh, text_en);
    if (task->refusal == STATUS_OK)
        task->refusal = status;
}
