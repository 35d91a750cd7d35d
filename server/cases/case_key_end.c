/* A holder destroyed its key of a past year: kept as the log of it. */
#include "base/china_time.h"
#include "server/cases/case_record.h"
#include "server/store/ingest_store.h"

enum { YEAR_FIRST = 2020 };

void validate_case_key_end(struct task *task, struct registry *registry)
{
    const Zhibao__CaseKeyEnd *end = (const Zhibao__CaseKeyEnd *)task->message;
    (void)registry;
    if (end->key.len != KEY_ID_BYTES)
        task_problem(task, STATUS_E_MALFORMED, "key", NULL, NULL);
    if (end->year < YEAR_FIRST || (int)end->year >= china_year(task->leaf.received_us))
        task_problem(task, STATUS_E_PERIOD, "year", "今年的密钥还在使用",
                     "this year's key is still in use");
}

enum status apply_case_key_end(struct apply *apply, struct task *task)
{
    enum status status =
        store_insert_registry_event(apply->db, apply->arena, apply->chain, apply->batch, task, 0);
    return status == STATUS_OK
               ? store_insert_case_key_end(apply->db, apply->arena,
                                           (struct case_place){apply->chain, apply->batch}, task,
                                           (const Zhibao__CaseKeyEnd *)task->message)
               : status;
}
