/* A child's file in the register, or the file that holds the district's key for finding duplicates:
 * opened by whoever leads it from then on. */
#include <string.h>

#include "base/bytes.h"
#include "server/cases/case_record.h"
#include "server/store/case_store.h"
#include "server/store/ingest_store.h"

enum { SHOWN_BYTES = 4 }; /* of an id: as the lists show it */

/* Who opens it leads it: nobody makes a file for others alone. */
static bool author_leads(const struct task *task, const Zhibao__CaseEvent *event)
{
    for (size_t i = 0; i < event->content->n_wraps; i++) {
        const Zhibao__CaseWrap *wrap = event->content->wraps[i];
        if (wrap->unit == task->leaf.unit && wrap->role == ZHIBAO__CASE_ROLE__CASE_LEAD &&
            memcmp(wrap->holder.data, task->leaf.key.bytes, KEY_ID_BYTES) == 0)
            return true;
    }
    return false;
}

static enum status duplicate_refuse(struct task *task, const struct record_id *id)
{
    char hex[2 * SHOWN_BYTES + 1];
    hex_encode(id->bytes, SHOWN_BYTES, hex);
    problems_addf(&task->problems, STATUS_E_REGISTER_DUPLICATE, 0, "identity",
                  "台账中已有这个孩子的档案：%s", "the register has this child's file already: %s",
                  hex);
    return STATUS_E_REGISTER_DUPLICATE;
}

/* One key a district, and one file a child that has not left. */
static enum status register_check(struct apply *apply, struct task *task,
                                  const Zhibao__CaseEvent *event)
{
    struct hash key;
    struct record_id found;
    struct case_row row;
    enum status status = store_case(apply->db, apply->arena, event->district, &task->leaf.id, &row);
    if (status != STATUS_NOT_FOUND)
        return status == STATUS_OK ? STATUS_E_ID_CONFLICT : status;
    if (!author_leads(task, event))
        return STATUS_E_CASE_RECIPIENT;
    if (event->register_key.len == 0)
        return STATUS_OK;
    status = store_register_key(apply->db, apply->arena, event->district, &key);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    bool there = status == STATUS_OK;
    if (event->key_file)
        return there ? STATUS_E_REGISTER_KEY : STATUS_OK;
    if (!there || memcmp(key.bytes, event->register_key.data, HASH_BYTES) != 0)
        return STATUS_E_REGISTER_KEY;
    status =
        store_register_find(apply->db, apply->arena, event->district, &event->identity, &found);
    if (status == STATUS_OK)
        return duplicate_refuse(task, &found);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status apply_case_register(struct apply *apply, struct task *task)
{
    const Zhibao__CaseEvent *event = (const Zhibao__CaseEvent *)task->message;
    struct case_place place = {apply->chain, apply->batch};
    struct case_member members[CASE_RECIPIENTS_MAX];
    struct case_row row = {.district = event->district, .id = task->leaf.id};
    struct case_step_row step = {.unit = task->leaf.unit,
                                 .id = task->leaf.id,
                                 .action = CASE_ACTION_REGISTER,
                                 .actor = CASE_ACTOR_LEAD,
                                 .state = CASE_STATE_REGISTERED,
                                 .received_us = task->leaf.received_us,
                                 .due_us = event->due_us,
                                 .reply = (const uint8_t *)""};
    const struct case_kind_row kind = {.kind = event->key_file ? CASE_KIND_KEY : CASE_KIND_FILE,
                                       .identity = event->identity,
                                       .register_key = event->register_key};
    enum status status = register_check(apply, task, event);
    if (status == STATUS_OK)
        status = store_case_clocks(apply->db, apply->arena, row.district, &row.clocks);
    if (status == STATUS_OK)
        status = store_insert_registry_event(apply->db, apply->arena, apply->chain, apply->batch,
                                             task, 0);
    if (status == STATUS_OK)
        status = store_insert_case(apply->db, apply->arena, place, task, &row.clocks, &kind);
    struct case_course course = {0};
    case_course_step(&course, &row.clocks, step.action, step.actor, false, step.received_us,
                     step.state);
    if (step.due_us != 0)
        case_course_visit(&course, step.due_us);
    step.next_us = case_course_next(&course, &row.clocks);
    if (status == STATUS_OK)
        status = store_insert_case_step(apply->db, apply->arena, place, task, &row, &step);
    size_t count = status == STATUS_OK ? case_members_choose(apply, event->content, members) : 0;
    return status == STATUS_OK ? case_members_insert(apply, task, &row, members, count) : status;
}
