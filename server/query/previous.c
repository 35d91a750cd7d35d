/* GET_PREVIOUS: what a unit reported in the years before, for its checks and for showing last
 * year's figure beside this year's. */
#include "plan/soft_check.h"
#include "server/query/explained.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/query/total.h"

enum { SUMS_MAX = 64 };

static enum status year_fill(struct query *query, const struct previous_row *row,
                             const struct explained_row *said, size_t said_count, size_t subject,
                             Zhibao__PreviousYear *year)
{
    Zhibao__Observations *columns =
        (Zhibao__Observations *)reply_new(query->arena, &zhibao__observations__descriptor);
    year->explanations = arena_array(query->arena, said_count, sizeof(Zhibao__Explanation *));
    if (columns == NULL || year->explanations == NULL)
        return STATUS_NO_MEMORY;
    columns->n_cell = columns->n_presence = columns->n_value = row->observations.count;
    columns->cell = (uint32_t *)(uintptr_t)row->observations.cell;
    columns->presence = (uint32_t *)(uintptr_t)row->observations.presence;
    columns->value = (double *)(uintptr_t)row->observations.value;
    year->period = (uint32_t)row->period;
    year->revision = (uint32_t)row->revision;
    year->accepted = row->accepted;
    year->observations = columns;
    for (size_t i = 0; i < said_count; i++) {
        if (said[i].subject != subject)
            continue;
        Zhibao__Explanation *explanation =
            (Zhibao__Explanation *)reply_new(query->arena, &zhibao__explanation__descriptor);
        if (explanation == NULL)
            return STATUS_NO_MEMORY;
        explanation->cell = said[i].cell;
        explanation->text = said[i].text;
        year->explanations[year->n_explanations++] = explanation;
    }
    return STATUS_OK;
}

static enum status years_fill(struct query *query, const struct registry_unit *unit,
                              const struct registry_form *form, int period, Zhibao__Previous *reply)
{
    struct previous_row *rows = NULL;
    struct explained_row *said = NULL;
    size_t count = 0, said_count = 0;
    enum status status = query_previous(query->db, query->arena, unit->district, unit->id, form->id,
                                        period, SOFT_YEARS_MAX, &rows, &count);
    if (status != STATUS_OK)
        return status;
    struct explained_subject *subjects = arena_array(query->arena, count, sizeof *subjects);
    reply->years = arena_array(query->arena, count, sizeof(Zhibao__PreviousYear *));
    if (subjects == NULL || reply->years == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        subjects[i] = (struct explained_subject){1, unit->district, unit->id, rows[i].id};
    status = query_explained(query->db, query->arena, subjects, count, &said, &said_count);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        Zhibao__PreviousYear *year =
            (Zhibao__PreviousYear *)reply_new(query->arena, &zhibao__previous_year__descriptor);
        status =
            year == NULL ? STATUS_NO_MEMORY : year_fill(query, &rows[i], said, said_count, i, year);
        reply->years[reply->n_years++] = year;
    }
    return status;
}

static enum status sums_fill(struct query *query, const struct registry_unit *unit,
                             const struct registry_form *form, int period, Zhibao__Previous *reply)
{
    struct registry_form villages;
    struct township_total total;
    struct village_sum sums[SUMS_MAX];
    const struct form *village = plan_village_form(form->plan);
    if (unit->role != ROLE_TOWNSHIP || village == NULL || !soft_needs_villages(form->form) ||
        !registry_form(query->registry, form->plan->code, village->code, &villages))
        return STATUS_OK;
    enum status status = total_compute(query->db, query->registry, query->arena, unit->id,
                                       &villages, period, &total);
    if (status != STATUS_OK)
        return (int)status >= 100 ? STATUS_OK : status;
    struct observations totals = {total.cell_count, total.cell, total.presence, total.value};
    size_t count = total.report_count == 0
                       ? 0
                       : soft_village_sums(form->form, &totals, (uint32_t)total.report_count,
                                           (uint32_t)total.missing_count, sums, SUMS_MAX);
    reply->sums = arena_array(query->arena, count, sizeof(Zhibao__VillageSum *));
    for (size_t i = 0; reply->sums != NULL && i < count; i++) {
        Zhibao__VillageSum *sum =
            (Zhibao__VillageSum *)reply_new(query->arena, &zhibao__village_sum__descriptor);
        if (sum == NULL)
            return STATUS_NO_MEMORY;
        sum->cell = sums[i].cell;
        sum->sum = sums[i].sum;
        sum->reports = sums[i].reports;
        sum->missing = sums[i].missing;
        reply->sums[reply->n_sums++] = sum;
    }
    return reply->sums == NULL ? STATUS_NO_MEMORY : STATUS_OK;
}

static enum status phrases_fill(struct query *query, Zhibao__Previous *reply)
{
    const struct boilerplate *list = registry_boilerplate(query->registry);
    size_t count = boilerplate_count(list);
    reply->boilerplate = arena_array(query->arena, count, sizeof(char *));
    if (reply->boilerplate == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count; i++)
        reply->boilerplate[reply->n_boilerplate++] = reply_text(boilerplate_phrase(list, i));
    return STATUS_OK;
}

enum status query_run_previous(struct query *query, const ProtobufCMessage *request,
                               ProtobufCMessage **out_reply)
{
    const Zhibao__GetPrevious *asked = (const Zhibao__GetPrevious *)request;
    uint64_t subject = asked->unit != 0 ? asked->unit : query->asker.id;
    struct registry_unit unit;
    struct registry_form form;
    if (!query_may_see(query, subject) || !registry_unit(query->registry, subject, &unit))
        return query_refuse(query, STATUS_E_FORBIDDEN, "unit", "该单位不在本单位可查看的范围内",
                            "this unit is outside what your unit may see");
    if (!registry_form(query->registry, asked->plan[0] != '\0' ? asked->plan : unit.plan,
                       asked->form, &form))
        return query_refuse(query, STATUS_E_FORM_UNKNOWN, "form", NULL, NULL);
    if (asked->period > INT16_MAX)
        return query_refuse(query, STATUS_E_PERIOD, "period", NULL, NULL);
    Zhibao__Previous *reply =
        (Zhibao__Previous *)reply_new(query->arena, &zhibao__previous__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    reply->plan = reply_text(form.plan->code);
    reply->form = reply_text(form.form->code);
    enum status status = years_fill(query, &unit, &form, (int)asked->period, reply);
    if (status == STATUS_OK)
        status = sums_fill(query, &unit, &form, (int)asked->period, reply);
    if (status == STATUS_OK)
        status = phrases_fill(query, reply);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
