/* TRACK: where reports and confirmations stand, hop by hop, with the receipts that prove it. */
#include <string.h>

#include "base/bytes.h"
#include "query.pb-c.h"
#include "server/query/access.h"
#include "server/query/explained.h"
#include "server/query/handlers.h"
#include "server/query/own_words.h"
#include "server/query/reply.h"
#include "server/store/query_late.h"
#include "server/store/query_reports.h"
#include "server/store/query_track.h"

enum { TRACK_PAGE = 100, TRACK_KEYS = 5, EXPLAINED_LISTED = 60 };

struct tracking {
    struct query *query;
    struct tracked_subject *subjects;
    size_t subject_count;
    struct track_step *steps;
    size_t step_count;
    struct receipt_bytes *receipts; /* of the subjects, then of the steps */
    bool *late;                     /* parallel to subjects */
    struct explained_row *said;     /* ascending by subject */
    size_t said_count;
    bool counted_only; /* explanations: of a whole subtree only how many */
};

static Zhibao__State step_state(const struct tracked_subject *subject,
                                const struct track_step *step)
{
    bool total = subject->record.leaf.kind == ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION;
    bool by_township = subject->village_form && !total && step->total_unit == 0;
    return event_state(step->event, by_township);
}

/* `record` NULL: no record proves this step. */
static Zhibao__Step *step_make(const struct query *query, Zhibao__State state, int64_t time_us,
                               uint64_t actor, const char *reason, const struct receipt_row *record,
                               const struct receipt_bytes *receipt)
{
    Zhibao__Step *step = (Zhibao__Step *)reply_new(query->arena, &zhibao__step__descriptor);
    if (step == NULL)
        return NULL;
    step->state = state;
    step->time_us = time_us;
    step->actor = actor;
    step->actor_name = query_unit_name(query, actor);
    step->reason = reply_text(reason);
    if (step->actor_name == NULL)
        return NULL;
    if (record == NULL || record->leaf.kind == 0)
        return step;
    step->kind = (Zhibao__RecordKind)record->leaf.kind;
    step->receipt = (ProtobufCBinaryData){.len = receipt->size, .data = receipt->bytes};
    step->batch = (uint64_t)record->batch;
    step->leaf = record->index;
    bool made = reply_bytes(query->arena, record->leaf.id.bytes, RECORD_ID_BYTES, &step->record) &&
                reply_bytes(query->arena, record->leaf.key.bytes, KEY_ID_BYTES, &step->key);
    return made ? step : NULL;
}

static bool step_add(Zhibao__TrackedReport *report, Zhibao__Step *step)
{
    if (step == NULL)
        return false;
    report->steps[report->n_steps++] = step;
    return true;
}

/* The record's own arrival; for a report also that its signature was checked, which is the
 * aggregator's word alone: the check leaves no record. */
static bool first_steps(const struct tracking *tracking, size_t index,
                        Zhibao__TrackedReport *report)
{
    const struct query *query = tracking->query;
    const struct tracked_subject *subject = &tracking->subjects[index];
    const struct leaf *leaf = &subject->record.leaf;
    bool total = leaf->kind == ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION;
    Zhibao__State state = total ? ZHIBAO__STATE__STATE_CONFIRMED : ZHIBAO__STATE__STATE_STORED;
    uint64_t actor = subject->entered_by != 0 ? subject->entered_by : leaf->unit;
    Zhibao__Step *arrival = step_make(query, state, leaf->received_us, actor, "", &subject->record,
                                      &tracking->receipts[index]);
    if (!step_add(report, arrival))
        return false;
    arrival->holder = subject->holder;
    if (total || !subject->checked || subject->state == STATE_BAD_SIGNATURE)
        return true;
    return step_add(report, step_make(query, ZHIBAO__STATE__STATE_CHECKED, subject->checked_us, 0,
                                      "", NULL, NULL));
}

/* Step number `index` of all. */
static Zhibao__Step *happened_make(const struct tracking *tracking,
                                   const struct tracked_subject *subject, size_t index)
{
    const struct track_step *happened = &tracking->steps[index];
    Zhibao__Step *step = step_make(
        tracking->query, step_state(subject, happened), happened->time_us, happened->actor,
        happened->reason, &happened->record, &tracking->receipts[tracking->subject_count + index]);
    if (step == NULL ||
        !own_words_fill(tracking->query, happened->event, &step->reason, &step->reason_en))
        return NULL;
    step->holder = happened->holder;
    if (happened->total_unit == 0)
        return step;
    step->total_unit = happened->total_unit;
    return reply_bytes(tracking->query->arena, happened->total.bytes, RECORD_ID_BYTES, &step->total)
               ? step
               : NULL;
}

/* What the report, or those that the total names, explain. */
static bool explained_add(const struct tracking *tracking, size_t index,
                          Zhibao__TrackedReport *report)
{
    const struct query *query = tracking->query;
    const struct plan *plan = registry_plan(query->registry, report->plan);
    size_t first = 0;
    while (first < tracking->said_count && tracking->said[first].subject < index)
        first++;
    size_t end = first;
    while (end < tracking->said_count && tracking->said[end].subject == index)
        end++;
    report->explained_count = (uint32_t)(end - first);
    if (tracking->counted_only)
        return true;
    report->explained = arena_array(query->arena, end - first, sizeof(Zhibao__Explained *));
    if (report->explained == NULL)
        return false;
    for (size_t i = first; i < end && report->n_explained < EXPLAINED_LISTED; i++) {
        Zhibao__Explained *explained = explained_make(query, plan, &tracking->said[i]);
        if (explained == NULL)
            return false;
        report->explained[report->n_explained++] = explained;
    }
    return true;
}

static Zhibao__TrackedReport *report_make(const struct tracking *tracking, size_t index,
                                          size_t first, size_t end)
{
    const struct query *query = tracking->query;
    const struct tracked_subject *subject = &tracking->subjects[index];
    const struct leaf *leaf = &subject->record.leaf;
    Zhibao__TrackedReport *report =
        (Zhibao__TrackedReport *)reply_new(query->arena, &zhibao__tracked_report__descriptor);
    if (report == NULL)
        return NULL;
    report->unit = leaf->unit;
    report->unit_name = query_unit_name(query, leaf->unit);
    report->kind = (Zhibao__RecordKind)leaf->kind;
    report->plan = subject->plan;
    report->form = subject->form;
    report->period = (uint32_t)subject->period;
    report->revision = (uint32_t)subject->revision;
    report->state = (Zhibao__State)subject->state;
    report->entered_by = subject->entered_by;
    report->demonstration = subject->demonstration;
    report->late = tracking->late[index];
    report->steps = arena_array(query->arena, end - first + 2, sizeof(Zhibao__Step *));
    if (report->unit_name == NULL || report->steps == NULL ||
        !reply_bytes(query->arena, leaf->id.bytes, RECORD_ID_BYTES, &report->id) ||
        !reply_bytes(query->arena, leaf->payload_sha256.bytes, HASH_BYTES,
                     &report->payload_sha256) ||
        !first_steps(tracking, index, report) || !explained_add(tracking, index, report))
        return NULL;
    for (size_t i = first; i < end; i++)
        if (!step_add(report, happened_make(tracking, subject, i)))
            return NULL;
    return report;
}

static enum status receipts_fetch(struct tracking *tracking)
{
    struct arena *arena = tracking->query->arena;
    size_t count = tracking->subject_count + tracking->step_count;
    struct receipt_row *rows = arena_array(arena, count, sizeof *rows);
    tracking->receipts = arena_array(arena, count, sizeof *tracking->receipts);
    if (rows == NULL || tracking->receipts == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < tracking->subject_count; i++)
        rows[i] = tracking->subjects[i].record;
    for (size_t i = 0; i < tracking->step_count; i++)
        rows[tracking->subject_count + i] = tracking->steps[i].record;
    return receipts_of_rows(tracking->query->db, arena, rows, count, tracking->receipts);
}

/* Explanations lie by home district; subjects of one stand together. */
static enum status said_fetch(struct tracking *tracking)
{
    struct arena *arena = tracking->query->arena;
    const size_t count = tracking->subject_count;
    struct explained_subject *subjects = arena_array(arena, count, sizeof *subjects);
    if (subjects == NULL)
        return STATUS_NO_MEMORY;
    for (size_t first = 0, end = 0; first < count; first = end) {
        struct explained_row *rows = NULL, *joined = NULL;
        size_t found = 0;
        for (end = first;
             end < count && tracking->subjects[end].district == tracking->subjects[first].district;
             end++) {
            const struct leaf *leaf = &tracking->subjects[end].record.leaf;
            subjects[end] = (struct explained_subject){leaf->kind, tracking->subjects[end].district,
                                                       leaf->unit, leaf->id};
        }
        enum status status = query_explained(tracking->query->db, arena, subjects + first,
                                             end - first, &rows, &found);
        if (status != STATUS_OK)
            return status;
        joined = arena_array(arena, tracking->said_count + found, sizeof *joined);
        if (joined == NULL)
            return STATUS_NO_MEMORY;
        for (size_t i = 0; i < tracking->said_count; i++)
            joined[i] = tracking->said[i];
        for (size_t i = 0; i < found; i++) {
            joined[tracking->said_count + i] = rows[i];
            joined[tracking->said_count + i].subject += first;
        }
        tracking->said = joined;
        tracking->said_count += found;
    }
    return STATUS_OK;
}

static enum status late_fetch(struct tracking *tracking)
{
    struct arena *arena = tracking->query->arena;
    const size_t count = tracking->subject_count;
    struct late_subject *subjects = arena_array(arena, count, sizeof *subjects);
    tracking->late = arena_array(arena, count, sizeof *tracking->late);
    if (subjects == NULL || tracking->late == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++) {
        const struct tracked_subject *subject = &tracking->subjects[i];
        subjects[i] = (struct late_subject){.district = subject->district,
                                            .unit = subject->record.leaf.unit,
                                            .plan = subject->plan,
                                            .form = subject->form,
                                            .period = subject->period,
                                            .kind = subject->record.leaf.kind};
    }
    return query_late(tracking->query->db, arena, subjects, count, tracking->late);
}

enum { PREFIX_LEAST = 4, NIBBLES = 2 * RECORD_ID_BYTES };

/* The ids that begin with these hex digits, from first to last. */
static enum status prefix_read(struct query *query, const char *prefix, struct record_id ids[2])
{
    char first[NIBBLES + 1], last[NIBBLES + 1];
    size_t length = strlen(prefix);
    if (length < PREFIX_LEAST || length > NIBBLES)
        return query_refuse(query, STATUS_E_ID, "id_prefix", "编号的开头须有4至32位十六进制数字",
                            "the beginning of an id has 4 to 32 hex digits");
    memset(first, '0', NIBBLES);
    memset(last, 'f', NIBBLES);
    first[NIBBLES] = last[NIBBLES] = '\0';
    memcpy(first, prefix, length);
    memcpy(last, prefix, length);
    if (hex_decode(first, ids[0].bytes, RECORD_ID_BYTES) != STATUS_OK ||
        hex_decode(last, ids[1].bytes, RECORD_ID_BYTES) != STATUS_OK)
        return query_refuse(query, STATUS_E_ID, "id_prefix", "编号只有十六进制数字",
                            "an id has hex digits only");
    return STATUS_OK;
}

/* `ids`: where the filter's ids are kept. */
static enum status ids_read(struct query *query, const Zhibao__Track *asked,
                            struct record_id ids[2], struct track_filter *filter)
{
    enum status status = STATUS_OK;
    if (asked->id.len > 0) {
        status = query_id(query, "id", &asked->id, &ids[0]);
        ids[1] = ids[0];
    } else if (asked->id_prefix[0] != '\0') {
        status = prefix_read(query, asked->id_prefix, ids);
    } else {
        return STATUS_OK;
    }
    filter->first_id = &ids[0];
    filter->last_id = &ids[1];
    return status;
}

/* Turns the asker's words into a filter; `*out_none` when it may see nothing of what it asks. */
static enum status filter_make(struct query *query, const Zhibao__Track *asked,
                               struct record_id ids[2], struct track_filter *out_filter,
                               bool *out_none)
{
    struct registry_unit unit;
    uint64_t subject = asked->unit != 0 ? asked->unit : query->asker.id;
    struct track_filter filter = {
        .first_unit = subject, .last_unit = subject, .form = asked->form, .period = asked->period};
    enum status status = ids_read(query, asked, ids, &filter);
    if (status != STATUS_OK)
        return status;
    *out_none = !query_may_see(query, subject) || !registry_unit(query->registry, subject, &unit);
    if (*out_none)
        return STATUS_OK;
    struct unit_span span = unit_span_of(unit_place(subject));
    if (asked->subtree && query_may_see_place(query, unit_place(subject))) {
        filter.first_unit = (uint64_t)span.first_unit;
        filter.last_unit = (uint64_t)span.last_unit;
    }
    if (span.first_district == span.last_district || filter.first_unit == filter.last_unit)
        filter.district = unit.district;
    *out_filter = filter;
    return STATUS_OK;
}

static enum status page_fill(const struct tracking *tracking, Zhibao__Tracked *reply)
{
    struct arena *arena = tracking->query->arena;
    struct reply_budget budget = REPLY_BUDGET;
    size_t first = 0;
    reply->reports = arena_array(arena, tracking->subject_count, sizeof(Zhibao__TrackedReport *));
    if (reply->reports == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < tracking->subject_count && i < TRACK_PAGE; i++) {
        size_t end = first;
        while (end < tracking->step_count && tracking->steps[end].subject == i)
            end++;
        Zhibao__TrackedReport *report = report_make(tracking, i, first, end);
        if (report == NULL)
            return STATUS_NO_MEMORY;
        if (!reply_fits(&budget, &report->base))
            break;
        reply->reports[reply->n_reports++] = report;
        first = end;
    }
    if (reply->n_reports == tracking->subject_count)
        return STATUS_OK;
    const struct tracked_subject *last = &tracking->subjects[reply->n_reports - 1];
    int64_t next[TRACK_KEYS] = {(int64_t)last->record.leaf.unit, last->period, last->form_id,
                                last->revision, last->record.leaf.kind};
    reply->next = cursor_write(arena, next, TRACK_KEYS);
    return reply->next == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

enum status query_run_track(struct query *query, const ProtobufCMessage *request,
                            ProtobufCMessage **out_reply)
{
    const Zhibao__Track *asked = (const Zhibao__Track *)request;
    struct tracking tracking = {.query = query};
    struct track_filter filter;
    struct record_id ids[2];
    int64_t keys[TRACK_KEYS];
    bool none = false;
    Zhibao__Tracked *reply =
        (Zhibao__Tracked *)reply_new(query->arena, &zhibao__tracked__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status = query_cursor(query, "cursor", asked->cursor, keys, TRACK_KEYS);
    if (status == STATUS_OK)
        status = filter_make(query, asked, ids, &filter, &none);
    tracking.counted_only = asked->subtree && asked->id.len == 0 && asked->id_prefix[0] == '\0';
    if (status == STATUS_OK && !none) {
        struct track_position after = {keys[0], keys[1], keys[2], keys[3], keys[4]};
        status = query_track_subjects(query->db, query->arena, &filter, &after, TRACK_PAGE + 1,
                                      &tracking.subjects, &tracking.subject_count);
        if (status == STATUS_OK && tracking.subject_count > 0)
            status =
                query_track_steps(query->db, query->arena, tracking.subjects,
                                  tracking.subject_count, &tracking.steps, &tracking.step_count);
        if (status == STATUS_OK)
            status = receipts_fetch(&tracking);
        if (status == STATUS_OK)
            status = said_fetch(&tracking);
        if (status == STATUS_OK)
            status = late_fetch(&tracking);
        if (status == STATUS_OK)
            status = page_fill(&tracking, reply);
    }
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
