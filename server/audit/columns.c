/* The columns that answers are made from, against the content that was signed. */
#include <string.h>

#include "base/unit_id.h"
#include "server/audit/record.h"
#include "server/chain/rules.h"
#include "server/store/query_array.h"

enum report_column { FORM = AT_REST, PERIOD, REVISION, DEMONSTRATION, ENTERED_BY, CELL };
enum event_column {
    EVENT = AT_REST,
    SUBJECT_KIND,
    SUBJECT_UNIT,
    SUBJECT_ID,
    EVENT_PLAN,
    EVENT_FORM,
    EVENT_AREA,
    EVENT_PERIOD,
    EVENT_REVISION,
    EVENT_REASON,
};

static int64_t number_at(const struct stream *stream, int column)
{
    return db_int(stream->rows, stream->row, column);
}

static bool text_is(const struct stream *stream, int column, const char *text)
{
    return strcmp(db_text(stream->rows, stream->row, column), text) == 0;
}

static bool form_is(struct audit *audit, int64_t number, const char *plan, const char *form)
{
    struct registry_form found;
    return registry_form_by_id(audit->registry, (int32_t)number, &found) && found.form != NULL &&
           strcmp(found.plan->code, plan) == 0 && strcmp(found.form->code, form) == 0;
}

/* Compared bit by bit: -0 is not 0. */
static uint64_t bits_of(double value)
{
    uint64_t bits = 0;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

static bool figures_are(struct audit *audit, const struct stream *stream,
                        const Zhibao__Observations *signed_)
{
    struct observations stored;
    size_t count = signed_ == NULL ? 0 : signed_->n_cell;
    if (observations_read(stream->rows, stream->row, CELL, audit->arena, &stored) != STATUS_OK ||
        stored.count != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (stored.cell[i] != signed_->cell[i] || stored.presence[i] != signed_->presence[i] ||
            bits_of(stored.value[i]) != bits_of(signed_->value[i]))
            return false;
    return true;
}

void audit_report_columns(struct audit *audit, const struct stream *stream,
                          const struct audit_place *place, const ProtobufCMessage *message)
{
    const Zhibao__Report *report = (const Zhibao__Report *)message;
    bool demonstration = report->provenance == ZHIBAO__PROVENANCE__PROVENANCE_DEMONSTRATION;
    if (!form_is(audit, number_at(stream, FORM), report->plan, report->form))
        audit_find(audit, place, "form_id 与签名的报表不符",
                   "form_id is not the form that was signed");
    if (number_at(stream, PERIOD) != report->period)
        audit_find(audit, place, "period 与签名的年份不符",
                   "period is not the year that was signed");
    if (number_at(stream, REVISION) != report->revision)
        audit_find(audit, place, "revision 与签名的版次不符", "revision is not what was signed");
    if (db_bool(stream->rows, stream->row, DEMONSTRATION) != demonstration)
        audit_find(audit, place, "demonstration 与签名的来源不符",
                   "demonstration is not what was signed");
    if ((uint64_t)number_at(stream, ENTERED_BY) != report->entered_by)
        audit_find(audit, place, "entered_by 与签名的代填单位不符",
                   "entered_by is not what was signed");
    if (!figures_are(audit, stream, report->observations))
        audit_find(audit, place, "数字（cell、presence、value）与签名的不符",
                   "its figures (cell, presence, value) are not those that were signed");
}

/* The stored word of an event, given by what was signed. */
static bool word_is(const struct stream *stream, const Zhibao__Review *review)
{
    switch (review->verdict) {
    case ZHIBAO__VERDICT__VERDICT_ACCEPT: return text_is(stream, EVENT, "accepted");
    case ZHIBAO__VERDICT__VERDICT_RETURN: return text_is(stream, EVENT, "returned");
    case ZHIBAO__VERDICT__VERDICT_WITHDRAW: return text_is(stream, EVENT, "withdrawn");
    case ZHIBAO__VERDICT__VERDICT_OBJECT: return text_is(stream, EVENT, "objected");
    case ZHIBAO__VERDICT__VERDICT_SIGN: /* the key's office says which */
        return text_is(stream, EVENT, "reviewed") || text_is(stream, EVENT, "signed");
    default: return false;
    }
}

static bool subject_is(const struct stream *stream, int kind, const Zhibao__RecordRef *subject)
{
    size_t size = 0;
    const uint8_t *id = db_bytes(stream->rows, stream->row, SUBJECT_ID, &size);
    return number_at(stream, SUBJECT_KIND) == kind && subject != NULL &&
           (uint64_t)number_at(stream, SUBJECT_UNIT) == subject->unit && size == subject->id.len &&
           memcmp(id, subject->id.data, size) == 0;
}

/* Nothing stands in columns that the event has no use for. */
static bool empty(const struct stream *stream, int column)
{
    return PQgetisnull(stream->rows, stream->row, column);
}

/* Of what form and year the subject is, as its own row says; an amended total's form may be another
 * version of the same form. */
static enum status subject_fits(struct audit *audit, const struct stream *stream, int kind,
                                const Zhibao__RecordRef *subject, bool *out_same)
{
    struct db_params params;
    struct registry_unit unit;
    struct registry_form form;
    PGresult *rows = NULL;
    const char *sql =
        kind == ZHIBAO__RECORD_KIND__RECORD_REPORT
            ? "select form_id, period from zhibao.report where district = $1::bigint"
              " and unit = $2::bigint and id = $3"
        : kind == ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION
            ? "select form_id, period from zhibao.report_event where district = $1::bigint"
              " and unit = $2::bigint and kind = 3::smallint and id = $3"
            : "select null::int, period from zhibao.document where district = $1::bigint"
              " and unit = $2::bigint and id = $3";
    *out_same = registry_unit(audit->registry, subject->unit, &unit);
    db_params_init(&params, audit->arena);
    db_add_int(&params, *out_same ? (int64_t)unit.district : 0);
    db_add_int(&params, (int64_t)subject->unit);
    db_add_bytes(&params, subject->id.data, subject->id.len);
    enum status status = db_run(audit->db, sql, &params, &rows);
    if (status != STATUS_OK)
        return status;
    bool found = *out_same && PQntuples(rows) == 1;
    int32_t number = found ? (int32_t)db_int(rows, 0, 0) : 0;
    *out_same = found && db_int(rows, 0, 1) == number_at(stream, EVENT_PERIOD) &&
                (number == 0 ? empty(stream, EVENT_FORM)
                             : registry_form_by_id(audit->registry, number, &form) &&
                                   form_is(audit, number_at(stream, EVENT_FORM), form.plan->code,
                                           form.form->code));
    PQclear(rows);
    return STATUS_OK;
}

static enum status review_is(struct audit *audit, const struct stream *stream,
                             const Zhibao__Review *review, bool *out_same)
{
    *out_same = word_is(stream, review) &&
                subject_is(stream, (int)review->subject_kind, review->subject) &&
                text_is(stream, EVENT_REASON, review->reason) && empty(stream, EVENT_PLAN) &&
                empty(stream, EVENT_AREA) && empty(stream, EVENT_REVISION);
    return *out_same
               ? subject_fits(audit, stream, (int)review->subject_kind, review->subject, out_same)
               : STATUS_OK;
}

static bool no_subject(const struct stream *stream)
{
    return empty(stream, SUBJECT_KIND) && empty(stream, SUBJECT_UNIT) && empty(stream, SUBJECT_ID);
}

static bool lock_is(const struct stream *stream, const Zhibao__Lock *lock)
{
    return text_is(stream, EVENT, lock->unlock ? "unlocked" : "locked") &&
           text_is(stream, EVENT_PLAN, lock->plan) &&
           (uint64_t)number_at(stream, EVENT_AREA) == lock->place &&
           number_at(stream, EVENT_PERIOD) == lock->period &&
           text_is(stream, EVENT_REASON, lock->reason) && no_subject(stream) &&
           empty(stream, EVENT_FORM) && empty(stream, EVENT_REVISION);
}

static bool confirmation_is(struct audit *audit, const struct stream *stream,
                            const struct audit_place *place,
                            const Zhibao__Confirmation *confirmation)
{
    return text_is(stream, EVENT, "confirmed") && text_is(stream, EVENT_PLAN, confirmation->plan) &&
           (uint64_t)number_at(stream, EVENT_AREA) == unit_place(place->unit) &&
           number_at(stream, EVENT_PERIOD) == confirmation->period &&
           number_at(stream, EVENT_REVISION) == confirmation->revision && no_subject(stream) &&
           text_is(stream, EVENT_REASON, "") &&
           form_is(audit, number_at(stream, EVENT_FORM), confirmation->plan, confirmation->form);
}

/* The reports that zhibao.confirmation_item names, against those that were signed. */
static enum status items_are(struct audit *audit, const struct stream *stream,
                             const struct audit_place *place,
                             const Zhibao__Confirmation *confirmation, bool *out_same)
{
    struct db_params params;
    PGresult *rows = NULL;
    db_params_init(&params, audit->arena);
    db_add_int(&params, number_at(stream, AT_DISTRICT));
    db_add_int(&params, (int64_t)place->unit);
    db_add_bytes(&params, place->id, RECORD_ID_BYTES);
    enum status status = db_run(audit->db,
                                "select unit, id from zhibao.confirmation_item"
                                " where district = $1::bigint and confirmation_unit = $2::bigint"
                                " and confirmation_id = $3 order by unit",
                                &params, &rows);
    if (status != STATUS_OK)
        return status;
    *out_same = (size_t)PQntuples(rows) == confirmation->n_reports;
    for (int row = 0; *out_same && row < PQntuples(rows); row++) {
        size_t size = 0;
        const uint8_t *id = db_bytes(rows, row, 1, &size);
        const Zhibao__RecordRef *named = confirmation->reports[row];
        *out_same = (uint64_t)db_int(rows, row, 0) == named->unit && size == named->id.len &&
                    memcmp(id, named->id.data, size) == 0;
    }
    PQclear(rows);
    return STATUS_OK;
}

/* The event that a notice is stored as; "" for one that this program does not know. */
static const char *notice_word(Zhibao__NoticeKind kind)
{
    switch (kind) {
    case ZHIBAO__NOTICE_KIND__NOTICE_BAD_SIGNATURE: return "bad_signature";
    case ZHIBAO__NOTICE_KIND__NOTICE_REOPENED: return "reopened";
    case ZHIBAO__NOTICE_KIND__NOTICE_CORRECTED: return "corrected";
    case ZHIBAO__NOTICE_KIND__NOTICE_REMINDER: return "reminder";
    case ZHIBAO__NOTICE_KIND__NOTICE_OVERDUE: return "overdue";
    case ZHIBAO__NOTICE_KIND__NOTICE_CUTOFF_MOVED: return "cutoff_moved";
    case ZHIBAO__NOTICE_KIND__NOTICE_TASK_OVERDUE: return "task_overdue";
    case ZHIBAO__NOTICE_KIND__NOTICE_UPLINK: return "uplink";
    case ZHIBAO__NOTICE_KIND__NOTICE_CASE_DUE: return "case_due";
    default: return "";
    }
}

/* Of a task past its time, or what the level above did. */
static bool found_is(const struct stream *stream, const Zhibao__Notice *notice)
{
    const Zhibao__UplinkNotice *uplink = notice->uplink;
    uint64_t unit = uplink == NULL ? notice->task->addressee : uplink->unit;
    return text_is(stream, EVENT, notice_word(notice->notice)) &&
           (uint64_t)number_at(stream, SUBJECT_UNIT) == unit &&
           (uplink == NULL || (text_is(stream, EVENT_PLAN, uplink->plan) &&
                               number_at(stream, EVENT_PERIOD) == uplink->period));
}

/* The aggregator's own notices: what they are about, and that a bad signature is. */
static enum status notice_take(struct audit *audit, const struct stream *stream,
                               const Zhibao__Notice *notice, bool *out_same)
{
    const Zhibao__CutoffNotice *cutoff = notice->cutoff;
    if (notice->case_due != NULL) {
        *out_same = text_is(stream, EVENT, notice_word(notice->notice)) &&
                    (uint64_t)number_at(stream, EVENT_AREA) == notice->case_due->district;
        return STATUS_OK;
    }
    if (notice->task != NULL || notice->uplink != NULL) {
        *out_same = found_is(stream, notice);
        return STATUS_OK;
    }
    if (cutoff != NULL) {
        uint64_t area = cutoff->unit == 0 ? cutoff->place : unit_place(cutoff->unit);
        *out_same = text_is(stream, EVENT, notice_word(notice->notice)) &&
                    text_is(stream, EVENT_PLAN, cutoff->plan) &&
                    form_is(audit, number_at(stream, EVENT_FORM), cutoff->plan, cutoff->form) &&
                    (uint64_t)number_at(stream, EVENT_AREA) == area &&
                    number_at(stream, EVENT_PERIOD) == cutoff->period &&
                    (uint64_t)number_at(stream, SUBJECT_UNIT) == cutoff->unit;
        return STATUS_OK;
    }
    bool bad = notice->notice == ZHIBAO__NOTICE_KIND__NOTICE_BAD_SIGNATURE;
    *out_same = text_is(stream, EVENT, notice_word(notice->notice)) &&
                subject_is(stream, (int)notice->subject_kind, notice->subject);
    if (!bad && *out_same)
        return subject_fits(audit, stream, (int)notice->subject_kind, notice->subject, out_same);
    if (!*out_same || notice->subject->id.len != RECORD_ID_BYTES)
        return STATUS_OK;
    struct void_key key = {.unit = notice->subject->unit};
    memcpy(key.id.bytes, notice->subject->id.data, sizeof key.id.bytes);
    enum status status = lookup_reserve(&audit->voids, 1);
    if (status == STATUS_OK)
        ((struct audited_void *)lookup_put(&audit->voids, &key))->told = true;
    return status;
}

enum status audit_event_columns(struct audit *audit, const struct stream *stream,
                                const struct audit_place *place, const ProtobufCMessage *message)
{
    enum status status = STATUS_OK;
    bool same = false, items = true;
    switch (number_at(stream, AT_KIND)) {
    case ZHIBAO__RECORD_KIND__RECORD_REVIEW:
        status = review_is(audit, stream, (const Zhibao__Review *)message, &same);
        break;
    case ZHIBAO__RECORD_KIND__RECORD_LOCK:
        same = lock_is(stream, (const Zhibao__Lock *)message);
        break;
    case ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION:
        same = confirmation_is(audit, stream, place, (const Zhibao__Confirmation *)message);
        status = items_are(audit, stream, place, (const Zhibao__Confirmation *)message, &items);
        break;
    case ZHIBAO__RECORD_KIND__RECORD_NOTICE:
        status = notice_take(audit, stream, (const Zhibao__Notice *)message, &same);
        break;
    default: break;
    }
    if (status == STATUS_OK && !same)
        audit_find(audit, place, "事件的各栏与签名的内容不符",
                   "its columns are not what the signed content says");
    if (status == STATUS_OK && !items)
        audit_find(audit, place, "confirmation_item 与签名的清单不符",
                   "confirmation_item is not the list that was signed");
    return status;
}
