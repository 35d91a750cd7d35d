#include "server/clock/found_notice.h"

#include "server/store/found_store.h"
#include "server/store/ingest_store.h"

static ProtobufCBinaryData bytes_of(const uint8_t *bytes, size_t size)
{
    return (ProtobufCBinaryData){size, (uint8_t *)(uintptr_t)bytes};
}

static char *text_of(const char *text)
{
    return (char *)(uintptr_t)text;
}

void task_notice_fill(const struct task_notice *notice, Zhibao__RecordRef *task,
                      Zhibao__TaskNotice *out_message)
{
    task->unit = notice->office;
    task->id = bytes_of(notice->task.bytes, RECORD_ID_BYTES);
    task->payload_sha256 = bytes_of(notice->payload_sha256.bytes, HASH_BYTES);
    out_message->task = task;
    out_message->addressee = notice->addressee;
    out_message->due_us = notice->due_us;
    out_message->stage = (uint32_t)notice->stage;
    out_message->told = notice->told;
}

void uplink_notice_fill(const struct uplink_notice *notice, Zhibao__UplinkNotice *out_message)
{
    out_message->plan = text_of(notice->plan);
    out_message->form = text_of(notice->form);
    out_message->period = (uint32_t)notice->period;
    out_message->revision = (uint32_t)notice->revision;
    out_message->unit = notice->unit;
    out_message->report = bytes_of(notice->report.bytes, RECORD_ID_BYTES);
    out_message->step = bytes_of(notice->step.bytes, RECORD_ID_BYTES);
    out_message->state = (uint32_t)notice->state;
    out_message->actor = notice->actor;
    out_message->actor_name = text_of(notice->actor_name);
    out_message->reason = text_of(notice->reason);
    out_message->time_us = notice->time_us;
    out_message->receipt = bytes_of(notice->receipt, notice->receipt_size);
}

enum status apply_task_notice(struct apply *apply, const struct task *task,
                              const struct task_notice *notice, bool *out_new)
{
    struct event_row row = {.event = "task_overdue",
                            .subject_unit = notice->addressee,
                            .place = unit_place(notice->addressee)};
    enum status status = store_task_notice(apply, task, notice, out_new);
    if (status != STATUS_OK || !*out_new)
        return status;
    return store_insert_event(apply->db, apply->arena, apply->chain, apply->batch, task, &row);
}

enum status apply_uplink_notice(struct apply *apply, const struct task *task,
                                const struct uplink_notice *notice, bool *out_new)
{
    struct event_row row = {.event = "uplink",
                            .subject_unit = notice->unit,
                            .plan = notice->plan,
                            .place = notice->district,
                            .period = notice->period};
    enum status status = store_uplink_notice(apply, task, notice, out_new);
    if (status != STATUS_OK || !*out_new)
        return status;
    return store_insert_event(apply->db, apply->arena, apply->chain, apply->batch, task, &row);
}
