/* The report of a case, the directory, and who says that he reads one. */
#include <string.h>

#include "base/unit_id.h"
#include "case/case_directory.h"
#include "server/cases/case_limits.h"
#include "server/cases/case_record.h"
#include "server/store/case_store.h"
#include "server/store/ingest_store.h"
#include "server/trust/registry.h"

static struct case_place place_of(const struct apply *apply)
{
    return (struct case_place){apply->chain, apply->batch};
}

static enum status record_insert(struct apply *apply, const struct task *task)
{
    return store_insert_registry_event(apply->db, apply->arena, apply->chain, apply->batch, task,
                                       0);
}

static struct case_member member_of(const Zhibao__CaseWrap *wrap)
{
    struct case_member member = {.unit = wrap->unit, .role = wrap->role, .level = wrap->level};
    memcpy(member.holder.bytes, wrap->holder.data, sizeof member.holder.bytes);
    return member;
}

static bool is_active(struct registry *registry, const struct case_member *member)
{
    struct registry_key key;
    return registry_key_by_id(registry, &member->holder, &key) && key.unit == member->unit &&
           key.status == KEY_ACTIVE;
}

/* Those with a good key. Where nobody of them leads, the lowest level does, at once: a case waits
 * for nobody whose key was taken back. */
size_t case_members_choose(struct apply *apply, const Zhibao__CaseSealed *content,
                           struct case_member members[CASE_RECIPIENTS_MAX])
{
    size_t count = 0;
    bool lead = false;
    unsigned lowest = CASE_LEVELS_MAX + 1;
    for (size_t i = 0; i < content->n_wraps; i++) {
        struct case_member member = member_of(content->wraps[i]);
        if (!is_active(apply->registry, &member))
            continue;
        lead = lead || member.role == ZHIBAO__CASE_ROLE__CASE_LEAD;
        if (member.level > 0 && member.level < lowest)
            lowest = member.level;
        members[count++] = member;
    }
    for (size_t i = 0; i < count && !lead; i++)
        if (members[i].level == lowest) {
            members[i].role = ZHIBAO__CASE_ROLE__CASE_LEAD;
            members[i].level = 0;
        }
    return count;
}

enum status case_members_insert(struct apply *apply, const struct task *task,
                                const struct case_row *row, const struct case_member *members,
                                size_t count)
{
    struct case_wrap_row *wraps = arena_array(apply->arena, count, sizeof *wraps);
    enum status status = wraps == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        wraps[i] = (struct case_wrap_row){row->id, members[i].holder, members[i].level};
        status = store_insert_case_member(apply->db, apply->arena, place_of(apply), task, row,
                                          &members[i], true);
    }
    return status == STATUS_OK ? store_insert_case_wraps(apply->db, apply->arena, row, wraps, count)
                               : status;
}

/* Who brings it is known only while it comes, not to an audit that looks at it later. */
static enum status limits_ask(struct apply *apply, const struct task *task, bool emergency)
{
    const struct job *job = task->job;
    if (apply->case_limits == NULL || job == NULL)
        return STATUS_OK;
    return case_limits_take(apply->case_limits, &job->key.id, job->key.unit, task->district,
                            emergency, task->leaf.received_us);
}

enum status apply_case_report(struct apply *apply, struct task *task)
{
    const Zhibao__CaseReport *report = (const Zhibao__CaseReport *)task->message;
    struct case_member members[CASE_RECIPIENTS_MAX];
    struct case_row row = {.district = task->district, .id = task->leaf.id};
    struct case_step_row step = {.unit = task->leaf.unit,
                                 .id = task->leaf.id,
                                 .action = CASE_ACTION_REPORT,
                                 .actor = CASE_ACTOR_REPORTER,
                                 .emergency =
                                     report->urgency == ZHIBAO__CASE_URGENCY__CASE_EMERGENCY,
                                 .state = CASE_STATE_REPORTED,
                                 .received_us = task->leaf.received_us,
                                 .reply = (const uint8_t *)""};
    enum status allowed = limits_ask(apply, task, step.emergency);
    if (allowed != STATUS_OK)
        return allowed;
    size_t count = case_members_choose(apply, report->content, members);
    if (count == 0) /* the last good key was revoked since a worker looked */
        return STATUS_E_CASE_RECIPIENT;
    enum status status = store_case_clocks(apply->db, apply->arena, row.district, &row.clocks);
    if (status == STATUS_OK)
        status = record_insert(apply, task);
    if (status == STATUS_OK)
        status = store_insert_case(apply->db, apply->arena, place_of(apply), task, &row.clocks,
                                   &(struct case_kind_row){.lookup = report->lookup_sha256});
    struct case_course course = {0};
    case_course_step(&course, &row.clocks, step.action, step.actor, step.emergency,
                     step.received_us, step.state);
    step.next_us = case_course_next(&course, &row.clocks);
    if (status == STATUS_OK)
        status =
            store_insert_case_step(apply->db, apply->arena, place_of(apply), task, &row, &step);
    return status == STATUS_OK ? case_members_insert(apply, task, &row, members, count) : status;
}

enum status apply_case_directory(struct apply *apply, struct task *task)
{
    const Zhibao__CaseDirectoryRecord *record = (const Zhibao__CaseDirectoryRecord *)task->message;
    Zhibao__CaseDirectory *directory = NULL;
    enum status status =
        case_directory_read(task->arena, record->directory.data, record->directory.len, &directory);
    if (status != STATUS_OK)
        return status;
    struct case_clocks clocks = case_clocks_of(directory);
    status = store_insert_case_directory(apply->db, apply->arena, place_of(apply), task, directory,
                                         &clocks);
    if (status == STATUS_CONFLICT)
        return STATUS_E_CASE_DIRECTORY;
    return status == STATUS_OK ? record_insert(apply, task) : status;
}

enum status apply_case_read(struct apply *apply, struct task *task)
{
    const Zhibao__CaseRead *reading = (const Zhibao__CaseRead *)task->message;
    struct case_row row;
    struct record_id id;
    enum case_actor actor = CASE_ACTOR_OTHER;
    memcpy(id.bytes, reading->case_id.data, RECORD_ID_BYTES);
    enum status status = store_case(apply->db, apply->arena, reading->district, &id, &row);
    if (status == STATUS_OK)
        actor = case_actor_of(&row, task->leaf.unit, &task->leaf.key, task->leaf.received_us);
    if (status == STATUS_NOT_FOUND || (status == STATUS_OK && actor == CASE_ACTOR_OTHER))
        return STATUS_E_CASE_UNKNOWN;
    if (status == STATUS_OK)
        status = record_insert(apply, task);
    return status == STATUS_OK
               ? store_insert_case_read(apply->db, apply->arena, place_of(apply), task, reading)
               : status;
}
