/* A step of a case, by a unit that handles it. */
#include <string.h>

#include "case/case_seal.h"
#include "server/cases/case_record.h"
#include "server/store/case_store.h"
#include "server/store/ingest_store.h"
#include "server/trust/registry.h"

/* Of one unit that neither leads nor supervises: with all recipients well below what a case is read
 * with, so that nobody's words crowd out the lead's. */
enum { STEPS_OF_UNIT_MAX = 300 };

struct step {
    struct apply *apply;
    struct task *task;
    const Zhibao__CaseEvent *event;
    struct case_row row;
    struct case_step_row made;
    struct case_place place;
};

static enum status refuse(struct task *task, enum status status, const char *field, const char *zh,
                          const char *en)
{
    task_problem(task, status, field, zh, en);
    return status;
}

static bool same_key(const struct key_id *key, const ProtobufCBinaryData *bytes)
{
    return bytes->len == KEY_ID_BYTES && memcmp(key->bytes, bytes->data, KEY_ID_BYTES) == 0;
}

static const struct case_member *member_find(const struct case_row *row,
                                             const ProtobufCBinaryData *holder)
{
    for (size_t i = 0; i < row->member_count; i++)
        if (same_key(&row->members[i].holder, holder))
            return &row->members[i];
    return NULL;
}

static bool is_granted(const Zhibao__CaseEvent *event, const Zhibao__CaseWrap *wrap)
{
    for (size_t i = 0; i < event->n_grants; i++)
        if (event->grants[i]->wrap->unit == wrap->unit &&
            event->grants[i]->wrap->role == wrap->role &&
            event->grants[i]->wrap->holder.len == wrap->holder.len &&
            memcmp(event->grants[i]->wrap->holder.data, wrap->holder.data, KEY_ID_BYTES) == 0)
            return true;
    return false;
}

static bool is_wrapped(const Zhibao__CaseEvent *event, const struct case_member *member)
{
    for (size_t i = 0; i < event->content->n_wraps; i++)
        if (same_key(&member->holder, &event->content->wraps[i]->holder))
            return true;
    return false;
}

/* Of whoever leaves nothing more is expected. */
static bool is_leaver(const struct step *step, const struct case_member *member)
{
    return step->event->leaver == member->unit;
}

/* A step goes to who handles the case and to nobody else, and no lead with a good key is left out:
 * nobody in between says something behind its back. */
static enum status wraps_check(const struct step *step)
{
    struct registry_key key;
    for (size_t i = 0; i < step->event->content->n_wraps; i++) {
        const Zhibao__CaseWrap *wrap = step->event->content->wraps[i];
        const struct case_member *member = member_find(&step->row, &wrap->holder);
        bool known = member != NULL && member->unit == wrap->unit && member->level == wrap->level &&
                     !is_leaver(step, member);
        if (!known && !is_granted(step->event, wrap))
            return refuse(step->task, STATUS_E_CASE_RECIPIENT, "content.wraps",
                          "接收人不办理这件个案", "a recipient does not handle this case");
    }
    for (size_t i = 0; i < step->row.member_count; i++) {
        const struct case_member *member = &step->row.members[i];
        if (member->role == ZHIBAO__CASE_ROLE__CASE_LEAD && !is_leaver(step, member) &&
            registry_key_by_id(step->apply->registry, &member->holder, &key) &&
            key.status == KEY_ACTIVE && !is_wrapped(step->event, member))
            return refuse(step->task, STATUS_E_CASE_RECIPIENT, "content.wraps", "缺少牵头单位",
                          "the unit that leads is left out");
    }
    return STATUS_OK;
}

static bool record_known(const struct case_row *row, const ProtobufCBinaryData *id)
{
    for (size_t i = 0; i < row->step_count; i++)
        if (memcmp(row->steps[i].id.bytes, id->data, RECORD_ID_BYTES) == 0)
            return true;
    return false;
}

/* Another key of a unit takes the place that the unit has. */
static bool unit_handles(const struct case_row *row, const Zhibao__CaseWrap *wrap)
{
    for (size_t i = 0; i < row->member_count; i++)
        if (row->members[i].unit == wrap->unit && row->members[i].role == wrap->role &&
            row->members[i].level == wrap->level)
            return true;
    return false;
}

static enum status grants_check(const struct step *step)
{
    for (size_t i = 0; i < step->event->n_grants; i++) {
        const Zhibao__CaseGrant *grant = step->event->grants[i];
        const struct case_member *member = member_find(&step->row, &grant->wrap->holder);
        if (!record_known(&step->row, &grant->record))
            return refuse(step->task, STATUS_E_CASE_UNKNOWN, "grants.record", NULL, NULL);
        if (step->made.action == CASE_ACTION_REWRAP && !unit_handles(&step->row, grant->wrap))
            return refuse(step->task, STATUS_E_CASE_RECIPIENT, "grants.wrap",
                          "该单位不以此身份办理这件个案",
                          "the unit does not handle this case in this role");
        if (member != NULL && member->role != grant->wrap->role)
            return refuse(step->task, STATUS_E_CASE_RECIPIENT, "grants.wrap",
                          "该单位已经在办理这件个案", "this unit handles the case already");
    }
    return STATUS_OK;
}

/* A unit takes itself out, or the lead takes out another; the lead itself does not leave. */
static enum status leaver_check(const struct step *step)
{
    bool found = false;
    if (step->event->leaver == 0)
        return STATUS_OK;
    for (size_t i = 0; i < step->row.member_count; i++) {
        const struct case_member *member = &step->row.members[i];
        if (!is_leaver(step, member))
            continue;
        if (member->role == ZHIBAO__CASE_ROLE__CASE_LEAD ||
            member->role == ZHIBAO__CASE_ROLE__CASE_SUPERVISOR)
            return refuse(step->task, STATUS_E_FORBIDDEN, "leaver",
                          "牵头单位须先移交，督查单位不能退出",
                          "the lead first hands the case over; supervisors do not leave");
        found = true;
    }
    bool others = step->event->leaver != step->task->leaf.unit;
    if (!found || (others && step->made.actor != CASE_ACTOR_LEAD &&
                   step->made.actor != CASE_ACTOR_SUPERVISOR))
        return refuse(step->task, STATUS_E_FORBIDDEN, "leaver", NULL, NULL);
    return STATUS_OK;
}

static bool said_too_much(const struct step *step)
{
    size_t said = 0;
    if (step->made.actor == CASE_ACTOR_LEAD || step->made.actor == CASE_ACTOR_SUPERVISOR)
        return false;
    for (size_t i = 0; i < step->row.step_count; i++)
        said += step->row.steps[i].unit == step->task->leaf.unit;
    return said >= STEPS_OF_UNIT_MAX;
}

static enum status step_check(struct step *step)
{
    const Zhibao__CaseEvent *event = step->event;
    const struct leaf *leaf = &step->task->leaf;
    struct record_id id;
    memcpy(id.bytes, event->case_id.data, RECORD_ID_BYTES);
    enum status status =
        store_case(step->apply->db, step->apply->arena, event->district, &id, &step->row);
    if (status == STATUS_NOT_FOUND)
        return STATUS_E_CASE_UNKNOWN;
    if (status != STATUS_OK)
        return status;
    const struct case_row *row = &step->row;
    struct case_step_row *made = &step->made;
    made->actor = case_actor_of(row, leaf->unit, &leaf->key, leaf->received_us);
    if (made->actor == CASE_ACTOR_OTHER) /* as if there were none */
        return STATUS_E_CASE_UNKNOWN;
    status =
        case_step(row->course.state, (enum case_action)event->action, made->actor, &made->state);
    if (status != STATUS_OK)
        return status;
    if (event->seen.len == RECORD_ID_BYTES &&
        memcmp(event->seen.data, row->steps[row->step_count - 1].id.bytes, RECORD_ID_BYTES) != 0)
        return refuse(step->task, STATUS_E_STALE, "seen", "个案又有了新的进展，请先查看",
                      "something more has been done in this case: look first");
    if (said_too_much(step))
        return refuse(step->task, STATUS_E_FORBIDDEN, "action",
                      "本单位在这件个案中的记录过多，请联系牵头单位",
                      "this unit has said too much in this case: call the unit that leads it");
    status = leaver_check(step);
    if (status == STATUS_OK)
        status = grants_check(step);
    return status == STATUS_OK ? wraps_check(step) : status;
}

static enum status member_put(const struct step *step, struct case_member member, unsigned role,
                              bool present)
{
    member.role = role;
    return store_insert_case_member(step->apply->db, step->apply->arena, step->place, step->task,
                                    &step->row, &member, present);
}

/* Who handles the case from this step on. */
static enum status members_change(const struct step *step)
{
    enum status status = STATUS_OK;
    bool accept = step->made.action == CASE_ACTION_ACCEPT;
    bool decline = step->made.action == CASE_ACTION_DECLINE;
    for (size_t i = 0; i < step->row.member_count && status == STATUS_OK; i++) {
        const struct case_member *member = &step->row.members[i];
        bool offered = member->role == ZHIBAO__CASE_ROLE__CASE_OFFERED;
        if (is_leaver(step, member) || (offered && decline))
            status = member_put(step, *member, member->role, false);
        else if (accept && offered && member->unit == step->task->leaf.unit)
            status = member_put(step, *member, ZHIBAO__CASE_ROLE__CASE_LEAD, true);
        else if (accept && member->role == ZHIBAO__CASE_ROLE__CASE_LEAD)
            status = member_put(step, *member, ZHIBAO__CASE_ROLE__CASE_HANDLER, true);
    }
    return status;
}

/* The newcomers of the grants, each once, and what is wrapped for them. */
static enum status grants_apply(const struct step *step)
{
    const Zhibao__CaseEvent *event = step->event;
    struct case_wrap_row *wraps = arena_array(step->apply->arena, event->n_grants, sizeof *wraps);
    enum status status = wraps == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    for (size_t i = 0; i < event->n_grants && status == STATUS_OK; i++) {
        const Zhibao__CaseWrap *wrap = event->grants[i]->wrap;
        struct case_member member = {.unit = wrap->unit, .level = wrap->level};
        bool known = member_find(&step->row, &wrap->holder) != NULL;
        for (size_t k = 0; k < i && !known; k++)
            known = same_key(&wraps[k].holder, &wrap->holder);
        memcpy(member.holder.bytes, wrap->holder.data, KEY_ID_BYTES);
        memcpy(wraps[i].record.bytes, event->grants[i]->record.data, RECORD_ID_BYTES);
        wraps[i].holder = member.holder;
        wraps[i].level = member.level;
        if (!known)
            status = member_put(step, member, wrap->role, true);
    }
    return status == STATUS_OK ? store_insert_case_wraps(step->apply->db, step->apply->arena,
                                                         &step->row, wraps, event->n_grants)
                               : status;
}

static enum status wraps_apply(const struct step *step)
{
    const Zhibao__CaseSealed *content = step->event->content;
    struct case_wrap_row *wraps = arena_array(step->apply->arena, content->n_wraps, sizeof *wraps);
    if (wraps == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < content->n_wraps; i++) {
        wraps[i].record = step->made.id;
        wraps[i].level = content->wraps[i]->level;
        memcpy(wraps[i].holder.bytes, content->wraps[i]->holder.data, KEY_ID_BYTES);
    }
    return store_insert_case_wraps(step->apply->db, step->apply->arena, &step->row, wraps,
                                   content->n_wraps);
}

/* The step, with the moment at which the next thing is due after it. */
static enum status made_insert(struct step *step)
{
    struct case_course course = step->row.course;
    struct case_step_row *made = &step->made;
    case_course_step(&course, &step->row.clocks, made->action, made->actor, made->emergency,
                     made->received_us, made->state);
    if (made->action == CASE_ACTION_VISIT && step->event->due_us != 0)
        case_course_visit(&course, step->event->due_us);
    made->due_us = step->event->due_us;
    made->next_us = case_course_next(&course, &step->row.clocks);
    return store_insert_case_step(step->apply->db, step->apply->arena, step->place, step->task,
                                  &step->row, made);
}

enum status apply_case_step(struct apply *apply, struct task *task)
{
    const Zhibao__CaseEvent *event = (const Zhibao__CaseEvent *)task->message;
    struct step step = {
        .apply = apply,
        .task = task,
        .event = event,
        .place = {apply->chain,                                                            apply->batch},
        .made = { .unit = task->leaf.unit,
                  .id = task->leaf.id,
                  .action = (enum case_action)event->action,
                  .emergency = event->urgency == ZHIBAO__CASE_URGENCY__CASE_EMERGENCY,
                  .received_us = task->leaf.received_us,
                  .reply = event->reply.len > 0 ? event->reply.data : (const uint8_t *)"",
                  .reply_size = event->reply.len}
    };
    if (step.made.action == CASE_ACTION_REGISTER)
        return apply_case_register(apply, task);
    enum status status = step_check(&step);
    if (status == STATUS_OK)
        status = store_insert_registry_event(apply->db, apply->arena, apply->chain, apply->batch,
                                             task, 0);
    if (status == STATUS_OK)
        status = made_insert(&step);
    if (status == STATUS_OK)
        status = members_change(&step);
    if (status == STATUS_OK)
        status = grants_apply(&step);
    return status == STATUS_OK ? wraps_apply(&step) : status;
}
