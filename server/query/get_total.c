/* GET_TOTAL: a township's total as it stands now, ready to be signed as a Confirmation. */
#include "query.pb-c.h"
#include "server/query/explained.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/query/total.h"
#include "server/store/query_confirmed.h"
#include "server/store/query_late.h"

static enum status reports_fill(struct arena *arena, const struct township_total *total,
                                Zhibao__Total *reply)
{
    reply->reports = arena_array(arena, total->report_count, sizeof(Zhibao__RecordRef *));
    reply->entered = arena_array(arena, total->report_count, sizeof *reply->entered);
    if (reply->reports == NULL || reply->entered == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < total->report_count; i++) {
        Zhibao__RecordRef *report =
            (Zhibao__RecordRef *)reply_new(arena, &zhibao__record_ref__descriptor);
        if (report == NULL ||
            !reply_bytes(arena, total->reports[i].id.bytes, RECORD_ID_BYTES, &report->id) ||
            !reply_bytes(arena, total->reports[i].payload_sha256.bytes, HASH_BYTES,
                         &report->payload_sha256))
            return STATUS_NO_MEMORY;
        report->unit = total->reports[i].unit;
        reply->reports[reply->n_reports++] = report;
        if (total->reports[i].entered)
            reply->entered[reply->n_entered++] = report->unit;
    }
    return STATUS_OK;
}

static enum status reply_fill(struct arena *arena, const struct registry_form *form, int period,
                              const struct township_total *total, Zhibao__Total *reply)
{
    Zhibao__Observations *totals =
        (Zhibao__Observations *)reply_new(arena, &zhibao__observations__descriptor);
    if (totals == NULL)
        return STATUS_NO_MEMORY;
    totals->cell = total->cell;
    totals->presence = total->presence;
    totals->value = total->value;
    totals->n_cell = total->cell_count;
    totals->n_presence = total->cell_count;
    totals->n_value = total->cell_count;
    reply->plan = reply_text(form->plan->code);
    reply->form = reply_text(form->form->code);
    reply->form_version = form->form->version;
    reply->period = (uint32_t)period;
    reply->next_revision = (uint32_t)total->next_revision;
    reply->totals = totals;
    reply->demonstration = total->demonstration;
    reply->reporters = total->reporters;
    reply->n_reporters = total->cell_count;
    reply->missing = total->missing;
    reply->n_missing = total->missing_count;
    return reports_fill(arena, total, reply);
}

enum { EXPLAINED_LISTED = 500 };

/* What the reports behind the total explain. */
static enum status explained_fill(const struct query *query, const struct registry_form *form,
                                  uint64_t district, const struct township_total *total,
                                  Zhibao__Total *reply)
{
    struct explained_row *rows = NULL;
    size_t count = 0;
    struct explained_subject *subjects =
        arena_array(query->arena, total->report_count, sizeof *subjects);
    if (subjects == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < total->report_count; i++)
        subjects[i] =
            (struct explained_subject){1, district, total->reports[i].unit, total->reports[i].id};
    enum status status =
        query_explained(query->db, query->arena, subjects, total->report_count, &rows, &count);
    if (status != STATUS_OK)
        return status;
    reply->explained = arena_array(query->arena, count, sizeof(Zhibao__Explained *));
    reply->explained_count = (uint32_t)count;
    for (size_t i = 0; reply->explained != NULL && i < count && i < EXPLAINED_LISTED; i++) {
        reply->explained[reply->n_explained] = explained_make(query, form->plan, &rows[i]);
        if (reply->explained[reply->n_explained++] == NULL)
            return STATUS_NO_MEMORY;
    }
    return reply->explained == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

/* Whose reports, of those behind the total, came late. */
static enum status late_fill(const struct query *query, const struct registry_form *form,
                             uint64_t district, int period, Zhibao__Total *reply)
{
    const size_t count = reply->n_reports;
    struct late_subject *subjects = arena_array(query->arena, count, sizeof *subjects);
    bool *late = arena_array(query->arena, count, sizeof *late);
    reply->late = arena_array(query->arena, count, sizeof *reply->late);
    if (subjects == NULL || late == NULL || reply->late == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        subjects[i] = (struct late_subject){.district = district,
                                            .unit = reply->reports[i]->unit,
                                            .plan = form->plan->code,
                                            .form = form->form->code,
                                            .period = period,
                                            .kind = ZHIBAO__RECORD_KIND__RECORD_REPORT};
    enum status status = query_late(query->db, query->arena, subjects, count, late);
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        if (late[i])
            reply->late[reply->n_late++] = reply->reports[i]->unit;
    return status;
}

/* "" means the only form that villages report. */
static bool form_find(struct query *query, const char *plan, const char *code,
                      struct registry_form *out_form)
{
    return registry_form(query->registry, plan, code[0] != '\0' ? code : "village", out_form);
}

static enum status refuse(struct query *query, enum status status)
{
    switch (status) {
    case STATUS_E_UNIT_UNKNOWN:
        return query_refuse(query, status, "unit", "该单位不是乡镇（街道）",
                            "the unit is not a township");
    case STATUS_E_FORM_UNKNOWN:
        return query_refuse(query, status, "form", "村（社区）不填报此报表，没有乡镇汇总",
                            "villages do not report this form: it has no township total");
    case STATUS_E_PERIOD: return query_refuse(query, status, "period", NULL, NULL);
    default: return status;
    }
}

enum status query_run_total(struct query *query, const ProtobufCMessage *request,
                            ProtobufCMessage **out_reply)
{
    const Zhibao__GetTotal *asked = (const Zhibao__GetTotal *)request;
    uint64_t subject = asked->unit != 0 ? asked->unit : query->asker.id;
    struct registry_unit unit;
    struct registry_form form;
    struct township_total total;
    int state = 0;
    if (!query_may_see(query, subject) || !registry_unit(query->registry, subject, &unit))
        return query_refuse(query, STATUS_E_FORBIDDEN, "unit", "该单位不在本单位可查看的范围内",
                            "this unit is outside what your unit may see");
    const struct plan *plan = registry_plan(query->registry, unit.plan);
    if (plan != NULL && asked->period <= INT16_MAX)
        plan = registry_plan_of_year(query->registry, plan, (int)asked->period);
    if (plan == NULL || !form_find(query, plan->code, asked->form, &form))
        return query_refuse(query, STATUS_E_FORM_UNKNOWN, "form", NULL, NULL);
    Zhibao__Total *reply = (Zhibao__Total *)reply_new(query->arena, &zhibao__total__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status = total_compute(query->db, query->registry, query->arena, subject, &form,
                                       (int)asked->period, &total);
    if (status == STATUS_OK)
        status = query_confirmed_state(query->db, query->arena, unit.district, subject,
                                       form.plan->code, form.form->code, (int)asked->period,
                                       &reply->confirmed_revision, &state);
    if (status != STATUS_OK)
        return refuse(query, status);
    reply->confirmed_state = (Zhibao__State)state;
    status = reply_fill(query->arena, &form, (int)asked->period, &total, reply);
    if (status == STATUS_OK)
        status = explained_fill(query, &form, unit.district, &total, reply);
    if (status == STATUS_OK)
        status = late_fill(query, &form, unit.district, (int)asked->period, reply);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
