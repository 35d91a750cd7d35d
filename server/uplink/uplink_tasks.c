#include "server/uplink/uplink_tasks.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/log.h"
#include "duty.pb-c.h"
#include "server/clock/now.h"
#include "server/query/query.h"
#include "server/store/escalation_store.h"
#include "server/store/query_record.h"
#include "server/store/query_reports.h"

enum { ROUND_STEPS = 50, STREAM_BYTES = 64 };

/* What the outbox has under an id. */
struct found {
    enum zhibao_state state; /* 0: nothing */
    int64_t settled_us;
};

static enum status found_note(const struct zhibao_item *item, void *context)
{
    struct found *found = context;
    if (item->kind == ZHIBAO__RECORD_KIND__RECORD_TASK_ESCALATION)
        *found = (struct found){item->state, item->settled_us};
    return STATUS_OK;
}

static enum status outbox_find(const struct uplink_tasks *tasks, const struct record_id *id,
                               struct found *out_found)
{
    char text[2 * RECORD_ID_BYTES + 1];
    *out_found = (struct found){0};
    enum status status = zhibao_find(tasks->zhibao, hex_encode(id->bytes, RECORD_ID_BYTES, text),
                                     found_note, out_found);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

/* A unit's name in Chinese; "" for one that is gone. NULL without memory. */
static char *name_of(const struct uplink_tasks *tasks, uint64_t unit)
{
    struct registry_unit found;
    return arena_string(tasks->arena,
                        registry_unit(tasks->registry, unit, &found) ? found.name_zh : "");
}

/* The step's record as it is stored here, with its receipt. */
static enum status proof_find(const struct uplink_tasks *tasks, const struct escalation_step *step,
                              Zhibao__RecordRef *reference, ProtobufCBinaryData *out_receipt)
{
    struct stored_record *stored = arena_alloc(tasks->arena, sizeof *stored);
    struct receipt_bytes receipt;
    if (stored == NULL)
        return STATUS_NO_MEMORY;
    enum status status = query_record(tasks->db, tasks->arena, step->district, step->district,
                                      step->unit, step->kind, &step->id, stored);
    if (status == STATUS_OK)
        status = receipts_of_rows(tasks->db, tasks->arena, &stored->row, 1, &receipt);
    if (status != STATUS_OK)
        return status;
    reference->unit = step->unit;
    reference->id = (ProtobufCBinaryData){RECORD_ID_BYTES, stored->row.leaf.id.bytes};
    reference->payload_sha256 =
        (ProtobufCBinaryData){HASH_BYTES, stored->row.leaf.payload_sha256.bytes};
    *out_receipt = (ProtobufCBinaryData){receipt.size, receipt.bytes};
    return STATUS_OK;
}

static void message_fill(const struct escalation_step *step, Zhibao__TaskEscalation *message)
{
    message->action = (Zhibao__TaskAction)step->action;
    message->addressee = step->addressee;
    message->due_us = step->due_us;
    message->title = (char *)(uintptr_t)step->title;
    message->text = (char *)(uintptr_t)step->text;
    message->plan = (char *)(uintptr_t)step->plan;
    message->duty = (char *)(uintptr_t)step->duty;
    message->indicator = (char *)(uintptr_t)step->indicator;
    message->period = (uint32_t)step->period;
    message->time_us = step->time_us;
}

static enum status step_put(const struct uplink_tasks *tasks, struct escalation_step *step)
{
    Zhibao__TaskEscalation message = ZHIBAO__TASK_ESCALATION__INIT;
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__RecordRef task = ZHIBAO__RECORD_REF__INIT, done = ZHIBAO__RECORD_REF__INIT;
    char stream[STREAM_BYTES], id[2 * RECORD_ID_BYTES + 1];
    enum status status = proof_find(tasks, step, &done, &message.receipt);
    if (status != STATUS_OK)
        return status;
    task.unit = step->office;
    task.id = (ProtobufCBinaryData){RECORD_ID_BYTES, step->task.bytes};
    task.payload_sha256 = (ProtobufCBinaryData){HASH_BYTES, step->task_sha256.bytes};
    message_fill(step, &message);
    message.head = &head;
    message.task = &task;
    message.step = &done;
    message.office_name = name_of(tasks, step->office);
    message.addressee_name = name_of(tasks, step->addressee);
    if (message.office_name == NULL || message.addressee_name == NULL)
        return STATUS_NO_MEMORY;
    snprintf(stream, sizeof stream, "task/%s",
             hex_encode(step->task.bytes, RECORD_ID_BYTES, id)); /* its steps in their order */
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_TASK_ESCALATION,
                                 .payload = &message.base,
                                 .head = &head,
                                 .stream = stream,
                                 .form = "",
                                 .id = &step->id};
    status = zhibao_put(tasks->zhibao, &draft, NULL);
    if (status == STATUS_OK)
        log_info("uplink: put a task's step task=%.8s action=%d", id, step->action);
    return status;
}

enum status uplink_tasks_put(const struct uplink_tasks *tasks)
{
    struct unit_span span = unit_span_of(unit_place(zhibao_identity(tasks->zhibao)->unit));
    struct escalation_step *steps = NULL;
    size_t count = 0;
    enum status status = escalation_untold(tasks->db, tasks->arena, (uint64_t)span.first_unit,
                                           (uint64_t)span.last_unit, ROUND_STEPS, &steps, &count);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct found found;
        status = outbox_find(tasks, &steps[i].id, &found);
        if (status == STATUS_OK && found.state == 0)
            status = step_put(tasks, &steps[i]);
        if (status == STATUS_OK)
            status = escalation_put(tasks->db, tasks->arena, &steps[i], server_now_us());
    }
    return status;
}

enum status uplink_tasks_settle(const struct uplink_tasks *tasks)
{
    struct record_id *ids = NULL;
    size_t count = 0;
    enum status status = escalation_waiting(tasks->db, tasks->arena, ROUND_STEPS, &ids, &count);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct found found;
        status = outbox_find(tasks, &ids[i], &found);
        if (status != STATUS_OK ||
            (found.state != ZHIBAO_RECEIPTED && found.state != ZHIBAO_REFUSED))
            continue;
        if (found.state == ZHIBAO_REFUSED)
            log_warning("uplink: the level above refused a task's step");
        status = escalation_settle(tasks->db, tasks->arena, &ids[i],
                                   found.state == ZHIBAO_RECEIPTED, server_now_us());
    }
    return status;
}
