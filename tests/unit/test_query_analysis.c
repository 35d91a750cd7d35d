/* Luzhai's own series over six years: what the pull says of them, and what warns. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis.pb-c.h"
#include "plan/form_check.h"
#include "plan/stratum.h"
#include "query_published.h"
#include "query_six_years.h"

/* The first page; of one indicator, its only one. */
static const Zhibao__Pulled *pull_one(uint64_t place, int period, bool analysis,
                                      const char *indicator)
{
    Zhibao__Pull asked = ZHIBAO__PULL__INIT;
    enum status status = STATUS_OK;
    asked.place = place;
    asked.period = (uint32_t)period;
    asked.analysis = analysis;
    asked.indicator = (char *)(uintptr_t)indicator;
    const ProtobufCMessage *answer =
        world_ask(OFFICE, ZHIBAO__KIND__KIND_PULL, &asked.base, &status);
    cr_assert_not_null(answer, "pull: %s", status_name(status));
    return (const Zhibao__Pulled *)answer;
}

static const Zhibao__Pulled *pull(uint64_t place, int period, bool analysis)
{
    return pull_one(place, period, analysis, "");
}

static const Zhibao__WarningList *warnings(uint64_t place, int period)
{
    Zhibao__Warnings asked = ZHIBAO__WARNINGS__INIT;
    enum status status = STATUS_OK;
    asked.place = place;
    asked.period = (uint32_t)period;
    const ProtobufCMessage *answer =
        world_ask(OFFICE, ZHIBAO__KIND__KIND_WARNINGS, &asked.base, &status);
    cr_assert_not_null(answer, "warnings: %s", status_name(status));
    return (const Zhibao__WarningList *)answer;
}

static const Zhibao__IndicatorResult *row_of(const Zhibao__Pulled *pulled, const char *indicator,
                                             const char *stratum)
{
    for (size_t i = 0; i < pulled->n_indicators; i++)
        if (strcmp(pulled->indicators[i]->indicator, indicator) == 0 &&
            stratum_equal(pulled->indicators[i]->stratum, stratum))
            return pulled->indicators[i];
    return NULL;
}

static const Zhibao__TargetResult *first_target(const Zhibao__Pulled *pulled, const char *indicator)
{
    const Zhibao__IndicatorResult *row = row_of(pulled, indicator, "");
    cr_assert(row != NULL && row->n_targets > 0, "%s", indicator);
    return row->targets[0];
}

static const Zhibao__Warning *warning_of(const Zhibao__WarningList *list, const char *indicator,
                                         const char *kind)
{
    for (size_t i = 0; i < list->n_warnings; i++)
        if (strcmp(list->warnings[i]->indicator, indicator) == 0 &&
            strcmp(list->warnings[i]->kind, kind) == 0)
            return list->warnings[i];
    return NULL;
}

static void check_pull(void)
{
    const Zhibao__Pulled *pulled = pull(DISTRICT, LAST, false);
    const Zhibao__TargetResult *target = first_target(pulled, "imr");
    cr_expect_eq(target->attainment, ZHIBAO__ATTAINMENT__ATTAINMENT_MET_UNCERTAIN,
                 "12 of 3,000 is 4.00, up to 6.99 by chance");
    cr_expect(target->has_interval);
    cr_expect_float_eq(target->low95, 4.0 * 0.5723, 0.01, "Wilson: %g", target->low95);
    cr_expect_null(target->outlook);
    cr_expect(target->looser, "5.0 wanted where it was 2.41");
    cr_expect_eq(first_target(pulled, "stunting_u5")->attainment,
                 ZHIBAO__ATTAINMENT__ATTAINMENT_NOT_MET);
    cr_expect_float_eq(first_target(pulled, "stunting_u5")->realisation, 5 / 8.98, 1e-9);
    cr_expect_eq(first_target(pulled, "u7_management_rate")->attainment,
                 ZHIBAO__ATTAINMENT__ATTAINMENT_MET, "92%% of 20,000 is certain");

    const Zhibao__PassRate *pass = pulled->pass;
    cr_assert_not_null(pass);
    uint32_t judged = pass->met + pass->not_met;
    uint32_t all = judged + pass->no_data + pass->not_judgeable;
    cr_expect_gt(pass->no_data, 0U);
    cr_expect_float_eq(pass->of_judgeable, (double)pass->met / judged, 1e-12);
    cr_expect_float_eq(pass->of_all, (double)pass->met / all, 1e-12);
    cr_expect_geq(pass->met_uncertain, 1U);
    cr_expect(pass->has_realisation && pass->realisation > 0 && pass->realisation <= 1);

    const Zhibao__IndicatorResult *covered = row_of(pulled, "left_behind_file_rate", "");
    cr_assert_not_null(covered);
    cr_expect_eq(covered->reporting, 118U);
    cr_expect_eq(covered->expected, 120U);
    cr_expect(covered->has_coverage);
    cr_expect_eq(covered->coverage_unknown, 0U, "the silent two reported a year before");
    cr_expect_lt(covered->coverage, 1);
    cr_expect_gt(covered->coverage, 118.0 / 120, "the silent villages are small: %g",
                 covered->coverage);
}

static void check_analysis(void)
{
    const Zhibao__Pulled *pulled = pull(DISTRICT, LAST, true);
    const Zhibao__Outlook *outlook = first_target(pulled, "anaemia_u5")->outlook;
    cr_assert_not_null(outlook);
    cr_expect_str_eq(outlook->class_, "likely", "%s", outlook->note_en);
    cr_expect_eq(outlook->figures, (uint32_t)YEARS);
    cr_expect_eq(outlook->forecast_year, 2030U);
    cr_expect_float_eq(outlook->recent_pace, -0.8, 1e-9);
    cr_expect_float_eq(outlook->required_pace, -0.25, 1e-9);
    cr_expect(outlook->low80 < outlook->forecast && outlook->forecast < outlook->high80);
    outlook = first_target(pulled, "stunting_u5")->outlook;
    cr_expect_str_eq(outlook->class_, "very_unlikely", "%s", outlook->note_en);
    cr_expect_gt(strlen(outlook->note_zh), 20U);

    /* the figures that the plan prints begin the series */
    outlook = first_target(pulled, "imr")->outlook;
    cr_expect_eq(outlook->first_year, 2010U);

    const Zhibao__IndicatorResult *deaths = row_of(pulled, "imr", "");
    cr_assert_eq(deaths->n_gaps, 2U, "urban and rural, boys and girls");
    cr_expect_eq(deaths->gaps[1]->ahead, 0);
    cr_expect_float_eq(deaths->gaps[1]->p, 1, 1e-9);

    pulled = pull_one(DISTRICT, LAST, true, "left_behind_file_rate");
    const Zhibao__IndicatorResult *whole = row_of(pulled, "left_behind_file_rate", "");
    const Zhibao__IndicatorResult *rural = row_of(pulled, "left_behind_file_rate", "area=rural");
    cr_assert(whole != NULL && rural != NULL, "parts that reports tell apart have rows");
    outlook = whole->n_targets > 0 ? whole->targets[0]->outlook : whole->outlook;
    cr_assert_not_null(outlook);
    cr_expect(strstr(outlook->note_en, "from 118 of the 120 units") != NULL &&
                  strstr(outlook->note_zh, "只来自应报120个单位中的118个") != NULL,
              "%s", outlook->note_en);
    cr_expect_float_eq(rural->value, 75, 1e-9);
    cr_assert_eq(whole->n_gaps, 1U);
    cr_expect_str_eq(whole->gaps[0]->first, "area=urban");
    cr_expect_float_eq(whole->gaps[0]->difference, 25, 1e-9);
    cr_expect_eq(whole->gaps[0]->ahead, 1);
    cr_expect(whole->gaps[0]->has_p && whole->gaps[0]->p < 0.01);
}

/* More short-sighted pupils the older they are. */
static void fill_education(uint64_t unit, int period, const struct plan *plan,
                           const struct cell *cell, uint32_t *out_presence, double *out_value)
{
    (void)unit, (void)period;
    bool myopic = strcmp(plan->elements[cell->element].code, "myopic") == 0;
    *out_presence = PRESENCE_VALUE;
    *out_value = !myopic                                    ? 100
                 : strstr(cell->stratum, "primary") != NULL ? 20
                 : strstr(cell->stratum, "junior") != NULL  ? 50
                                                            : 80;
}

/* Of more than two parts the gap is between the highest and the lowest. */
static void check_stages(void)
{
    const struct world_wanted wanted = {EDUCATION, "education", FIRST, 1, false, fill_education};
    size_t record = 0;
    world_reports(&wanted, 1, &record);
    world_check(SIZE_MAX);
    world_review(STATISTICS, record, true, "");
    const Zhibao__IndicatorResult *whole =
        row_of(pull_one(DISTRICT, FIRST, true, "myopia_rate"), "myopia_rate", "");
    cr_assert_not_null(whole);
    cr_assert_eq(whole->n_gaps, 1U);
    cr_expect_str_eq(whole->gaps[0]->first, "stage=senior");
    cr_expect_str_eq(whole->gaps[0]->second, "stage=primary");
    cr_expect_float_eq(whole->gaps[0]->difference, 60, 1e-9);
    cr_expect_eq(whole->gaps[0]->ahead, -1, "fewer are better");
}

static void check_warnings(void)
{
    const Zhibao__WarningList *list = warnings(DISTRICT, LAST);
    const Zhibao__Warning *warning = warning_of(list, "stunting_u5", "very_unlikely");
    cr_assert_not_null(warning);
    cr_expect_str_eq(warning->level, "red");
    cr_expect_str_eq(warning->target, "LZ-health-G8-2");
    cr_expect_eq(warning->since, 2024U, "the first year with four figures: %u", warning->since);
    cr_expect(strstr(warning->zh, "5岁以下儿童生长迟缓率") == warning->zh, "%s", warning->zh);
    cr_expect(strstr(warning->en, "8.98%") != NULL && strstr(warning->en, "since 2024") != NULL &&
                  strstr(warning->en, "probability") != NULL,
              "%s", warning->en);
    warning = warning_of(list, "eye_care_0_6", "fluctuation");
    cr_assert_not_null(warning);
    cr_expect_str_eq(warning->outlook->fluctuation, "adverse");
    cr_expect_eq(warning->since, (uint32_t)LAST);
    warning = warning_of(list, "u3_management_rate", "worsening");
    cr_assert_not_null(warning, "92%%, a point less every year, 90 wanted");
    warning = warning_of(list, "caries_12", "missing");
    cr_assert_not_null(warning);
    cr_expect_eq(warning->since, 2025U);
    cr_expect_null(warning_of(list, "anaemia_u5", "unlikely"));
    cr_expect_null(warning_of(list, "anaemia_u5", "very_unlikely"));
    cr_expect_null(warning_of(list, "u7_management_rate", "worsening"));
    cr_expect_eq(list->withheld, 0U);
    for (size_t i = 1; i < list->n_warnings; i++)
        cr_expect(strcmp(list->warnings[i - 1]->level, list->warnings[i]->level) == 0 ||
                      strcmp(list->warnings[i]->level, "red") != 0,
                  "reds come first");

    /* with what was known two years before */
    list = warnings(DISTRICT, LAST - 2);
    cr_expect_null(warning_of(list, "caries_12", "missing"));
    cr_expect_null(warning_of(list, "eye_care_0_6", "fluctuation"));
    cr_expect_not_null(warning_of(list, "stunting_u5", "very_unlikely"));

    /* mortality of one township alarms nobody, and nothing is foretold of it */
    const Zhibao__Pulled *pulled = pull(TOWNSHIP, LAST, true);
    const Zhibao__IndicatorResult *deaths = row_of(pulled, "village_injury_deaths", "");
    cr_assert(deaths != NULL && deaths->presence == ZHIBAO__PRESENCE__PRESENCE_VALUE);
    cr_expect_null(deaths->outlook);
    cr_expect_not_null(row_of(pulled, "village_injuries", "")->outlook, "injuries are");
    list = warnings(TOWNSHIP, LAST);
    cr_expect_gt(list->withheld, 0U);
    for (size_t i = 0; i < list->n_warnings; i++)
        cr_expect(strstr(list->warnings[i]->indicator, "death") == NULL &&
                      strstr(list->warnings[i]->indicator, "mr") == NULL,
                  "%s", list->warnings[i]->indicator);
}

static const Zhibao__Evaluation *evaluate(int period, const char *kind, int64_t as_of_us)
{
    Zhibao__Evaluate asked = ZHIBAO__EVALUATE__INIT;
    enum status status = STATUS_OK;
    asked.place = DISTRICT;
    asked.period = (uint32_t)period;
    asked.kind = (char *)(uintptr_t)kind;
    asked.as_of_us = as_of_us;
    const ProtobufCMessage *answer =
        world_ask(OFFICE, ZHIBAO__KIND__KIND_EVALUATE, &asked.base, &status);
    cr_assert_not_null(answer, "evaluate: %s", status_name(status));
    return (const Zhibao__Evaluation *)answer;
}

struct answer {
    size_t size;
    uint8_t *bytes;
};

static struct answer packed(const Zhibao__Evaluation *evaluation)
{
    struct answer answer = {.size = protobuf_c_message_get_packed_size(&evaluation->base)};
    answer.bytes = malloc(answer.size);
    protobuf_c_message_pack(&evaluation->base, answer.bytes);
    return answer;
}

static double value_of(const Zhibao__Evaluation *evaluation, const char *indicator)
{
    const Zhibao__IndicatorResult *row = row_of(evaluation->result, indicator, "");
    cr_assert_not_null(row);
    return row->value;
}

static void fill_amended(uint64_t unit, int period, const struct plan *plan,
                         const struct cell *cell, uint32_t *out_presence, double *out_value)
{
    fill_health(unit, period, plan, cell, out_presence, out_value);
    if (strcmp(plan->elements[cell->element].code, "stunted_u5") == 0)
        *out_value = 400;
}

/* The same question as of the same time is the same answer for ever, whatever comes later. */
static void check_evaluations(void)
{
    static const char *const kinds[] = {"annual", "midterm", "final"};
    int64_t then = world_number("select max(time_us) from zhibao.batch");
    struct answer before[3];
    for (size_t i = 0; i < 3; i++)
        before[i] = packed(evaluate(LAST, kinds[i], then));
    const Zhibao__Evaluation *evaluation = evaluate(LAST, "midterm", then);
    cr_expect_eq(evaluation->inputs, (uint64_t)(YEARS + 120 + 118));
    cr_expect_eq(evaluation->n_input_unit, evaluation->inputs);
    cr_expect_eq(evaluation->input_id.len, evaluation->inputs * 16);
    cr_expect_eq(evaluation->input_sha256.len, evaluation->inputs * 32);
    cr_expect_eq(evaluation->inputs_sha256.len, 32U);
    cr_expect_eq(evaluation->plan_sha256.len, 32U);
    cr_expect_str_eq(evaluation->next, "");
    cr_expect_not_null(first_target(evaluation->result, "stunting_u5")->outlook);
    evaluation = evaluate(LAST, "annual", then);
    cr_expect_null(first_target(evaluation->result, "stunting_u5")->outlook);
    cr_expect_lt(evaluation->inputs, (uint64_t)(YEARS + 120 + 118), "only the years it needs");

    const struct world_wanted wanted = {HEALTH, "health", LAST, 2, false, fill_amended};
    size_t record = 0;
    world_reports(&wanted, 1, &record);
    world_check(SIZE_MAX);
    world_review(STATISTICS, record, true, "");
    world_lock(STATISTICS, "luzhai", DISTRICT, LAST, false);
    world_import("luzhai", DISTRICT * 1000 + UNIT_ADMIN, NULL);
    for (size_t i = 0; i < 3; i++) {
        struct answer after = packed(evaluate(LAST, kinds[i], then));
        cr_expect_eq(after.size, before[i].size, "%s", kinds[i]);
        cr_expect_arr_eq(after.bytes, before[i].bytes, before[i].size, "%s", kinds[i]);
        free(after.bytes);
        free(before[i].bytes);
    }
    evaluation = evaluate(LAST, "annual", then);
    cr_expect_float_eq(value_of(evaluation, "stunting_u5"), 8.98, 1e-9);
    cr_expect_not(evaluation->result->locked);
    evaluation = evaluate(LAST, "annual", 0);
    cr_expect_float_eq(value_of(evaluation, "stunting_u5"), 4, 1e-9);
    cr_expect(evaluation->result->locked);
    size_t amended = 0;
    for (size_t i = 0; i < evaluation->n_input_unit; i++)
        amended += evaluation->input_unit[i] == HEALTH && evaluation->input_revision[i] == 2 &&
                   evaluation->input_period[i] == LAST;
    cr_expect_eq(amended, 1U);

    Zhibao__Evaluate asked = ZHIBAO__EVALUATE__INIT;
    enum status status = STATUS_OK;
    asked.place = DISTRICT;
    asked.period = LAST;
    asked.kind = (char *)(uintptr_t) "annual";
    asked.as_of_us = 1;
    cr_expect_null(world_ask(OFFICE, ZHIBAO__KIND__KIND_EVALUATE, &asked.base, &status));
    cr_expect_eq(status, STATUS_E_PLAN_UNKNOWN);
    asked.as_of_us = 0;
    asked.kind = (char *)(uintptr_t) "weekly";
    cr_expect_null(world_ask(OFFICE, ZHIBAO__KIND__KIND_EVALUATE, &asked.base, &status));
    cr_expect_eq(status, STATUS_E_MALFORMED);
}

static const Zhibao__QualityRow *quality_of(uint64_t unit, int period)
{
    Zhibao__Quality asked = ZHIBAO__QUALITY__INIT;
    enum status status = STATUS_OK;
    asked.place = DISTRICT;
    asked.period = (uint32_t)period;
    const Zhibao__QualityScores *answer = (const Zhibao__QualityScores *)world_ask(
        OFFICE, ZHIBAO__KIND__KIND_QUALITY, &asked.base, &status);
    cr_assert_not_null(answer, "quality: %s", status_name(status));
    for (size_t i = 0; i < answer->n_rows; i++)
        if (answer->rows[i]->unit == unit)
            return answer->rows[i];
    cr_assert_fail("no row of %llu", (unsigned long long)unit);
    return NULL;
}

static size_t found(const Zhibao__QualityRow *row, const char *part, const char *text)
{
    size_t count = 0;
    for (size_t i = 0; i < row->n_findings; i++)
        count +=
            strcmp(row->findings[i]->part, part) == 0 && strstr(row->findings[i]->en, text) != NULL;
    return count;
}

static void check_quality(void)
{
    const Zhibao__QualityRow *row = quality_of(HEALTH, LAST);
    cr_expect(row->has_score && row->score > 0 && row->score < 1);
    cr_expect_eq(row->n_parts, 10U);
    cr_expect_gt(found(row, "completeness", "no figure"), 0U,
                 "caries of twelve-year-olds not collected");
    cr_expect_gt(found(row, "outliers", "12000"), 0U);
    cr_expect_gt(found(row, "repeated", "750"), 0U, "the same births every year");
    cr_expect_gt(found(row, "restated", "changed after acceptance"), 0U);
    row = quality_of(HEALTH, FIRST);
    cr_expect_eq(found(row, "timeliness", "came after 2022-03-15"), 1U, "stored years later");
    cr_expect_eq(row->parts[2]->looked_at, 0U, "the first year has nothing before it");
    row = quality_of(unit_make(UINT64_C(450223100001), UNIT_OWN), LAST);
    cr_expect_eq(row->parts[0]->flagged, 1U, "a silent village");
}

/* What may be published gives no small number away. */
static void check_published(void)
{
    Zhibao__Pull asked = ZHIBAO__PULL__INIT;
    enum status status = STATUS_OK;
    asked.place = DISTRICT;
    asked.period = LAST;
    asked.published = true;
    const Zhibao__Pulled *pulled =
        (const Zhibao__Pulled *)world_ask(OFFICE, ZHIBAO__KIND__KIND_PULL, &asked.base, &status);
    cr_assert_not_null(pulled);
    const Zhibao__IndicatorResult *row = row_of(pulled, "nmr", "");
    cr_expect(row->suppressed && row->numerator == 0 && row->value == 0, "four deaths");
    cr_expect(strstr(row->targets[0]->why_en, "left out") != NULL);
    cr_expect_not(row_of(pulled, "imr", "")->suppressed, "twelve");
    cr_expect_not(row_of(pull(DISTRICT, LAST, false), "nmr", "")->suppressed, "the office's own");

    /* neither does this year's sentence tell last year's figure, which may have been left out */
    asked.indicator = (char *)(uintptr_t) "injury_cases";
    row = row_of(
        (const Zhibao__Pulled *)world_ask(OFFICE, ZHIBAO__KIND__KIND_PULL, &asked.base, &status),
        "injury_cases", "cause=fall");
    cr_assert(row != NULL && row->n_targets > 0);
    cr_expect(!row->targets[0]->has_bound && strstr(row->targets[0]->why_en, "100") == NULL, "%s",
              row->targets[0]->why_en);
    row = row_of(pull_one(DISTRICT, LAST, false, "injury_cases"), "injury_cases", "cause=fall");
    cr_expect(row->targets[0]->has_bound && strstr(row->targets[0]->why_en, "100") != NULL, "%s",
              row->targets[0]->why_en);
}

/* Townships beside each other, smoothed to their mean; of what is published no small number. */
static void check_areas(void)
{
    Zhibao__Areas areas = ZHIBAO__AREAS__INIT;
    enum status status = STATUS_OK;
    areas.place = DISTRICT;
    areas.period = LAST;
    areas.indicator = (char *)(uintptr_t) "left_behind_file_rate";
    const Zhibao__AreaRows *whole =
        (const Zhibao__AreaRows *)world_ask(OFFICE, ZHIBAO__KIND__KIND_AREAS, &areas.base, &status);
    cr_assert_not_null(whole, "areas: %s", status_name(status));
    cr_assert_eq(whole->n_areas, 9U);
    double least = INFINITY, most = 0, least_raw = INFINITY, most_raw = 0;
    bool small[9];
    for (size_t i = 0; i < 9; i++) {
        const Zhibao__Area *area = whole->areas[i];
        cr_assert(area->has_value && area->has_rate && area->has_smoothed);
        cr_expect_eq(area->years, 2U);
        cr_expect(area->low95 <= area->rate && area->rate <= area->high95);
        least = fmin(least, area->smoothed), most = fmax(most, area->smoothed);
        least_raw = fmin(least_raw, area->rate), most_raw = fmax(most_raw, area->rate);
        double without = area->denominator - area->numerator;
        small[i] = (area->numerator > 0 && area->numerator < 5) || (without > 0 && without < 5);
        cr_expect(i == 0 || whole->areas[i - 1]->place < area->place, "in order of codes");
    }
    cr_expect(least >= least_raw && most <= most_raw, "smoothing draws to the mean");
    cr_assert_not_null(whole->gap);
    cr_expect_float_eq(whole->gap->difference, most_raw - least_raw, 1e-9);
    cr_expect(whole->gap->p >= 0 && whole->gap->p <= 1 &&
              whole->gap->highest != whole->gap->lowest);
    areas.published = true;
    whole =
        (const Zhibao__AreaRows *)world_ask(OFFICE, ZHIBAO__KIND__KIND_AREAS, &areas.base, &status);
    size_t hidden = 0;
    for (size_t i = 0; i < 9; i++) {
        hidden += whole->areas[i]->suppressed ? 1 : 0;
        cr_expect(whole->areas[i]->suppressed || !small[i]);
        cr_expect(!whole->areas[i]->suppressed || whole->areas[i]->numerator == 0);
    }
    cr_expect_neq(hidden, 1U, "one alone is the total less the others");
}

/* A plan may state weights; one target of nine then moves the realisation as nine do. */
static void check_weights(void)
{
#define STUNTING                                                                    \
    "LZ-health-G8-2,stunting_u5,,<=,5,2030,implied,local,,,,二(一)主要目标8," \
    "5岁以下儿童贫血率和生长迟缓率分别控制在10%和5%以下,19,"
    static const char *const weighed[][3] = {
        {"targets.csv", "source_row,note\n", "source_row,note,weight\n"},
        {"targets.csv", STUNTING,            STUNTING ",9"             },
        {NULL,          NULL,                NULL                      },
    };
    const Zhibao__Pulled *pulled = pull(DISTRICT, LAST, false);
    double before = pulled->pass->realisation,
           own = first_target(pulled, "stunting_u5")->realisation;
    uint32_t count = pulled->pass->realisation_of;
    cr_expect_not(pulled->pass->weighted);
    cr_expect_eq(first_target(pulled, "stunting_u5")->weight, 1);
    world_import("luzhai", DISTRICT * 1000 + UNIT_ADMIN, weighed);
    pulled = pull(DISTRICT, LAST, false);
    cr_expect(pulled->pass->weighted);
    cr_expect_eq(first_target(pulled, "stunting_u5")->weight, 9);
    cr_expect_eq(pulled->pass->realisation_of, count);
    cr_expect_float_eq(pulled->pass->realisation, (before * count + 8 * own) / (count + 8), 1e-9);
}

/* Two villages report, the others never did: nobody knows what share of the children that is. */
static void check_cover_unknown(void)
{
    const struct plan *plan = luzhai();
    size_t records[SILENT], count = 0;
    struct world_wanted wanted[SILENT];
    for (size_t i = 0; i < plan->unit_count && count < SILENT; i++)
        if (plan_unit_owes(plan, &plan->units[i], plan_form(plan, "village")))
            wanted[count++] =
                (struct world_wanted){plan->units[i].id, "village", FIRST, 1, false, fill_village};
    world_reports(wanted, count, records);
    world_check(SIZE_MAX);
    for (size_t i = 0; i < count; i++)
        world_review(
            unit_make(place_ancestor(unit_place(wanted[i].unit), PLACE_TOWNSHIP), UNIT_OWN),
            records[i], true, "");
    const Zhibao__IndicatorResult *row =
        row_of(pull(DISTRICT, FIRST, false), "left_behind_file_rate", "");
    cr_assert_not_null(row);
    cr_expect_eq(row->reporting, 2U);
    cr_expect_eq(row->expected, 120U);
    cr_expect_eq(row->coverage_unknown, 118U);
    cr_expect_not(row->has_coverage, "told as %g", row->coverage);
    cr_expect_eq(row->coverage, 0);
}

Test(query_analysis, what_six_years_say)
{
    cr_assert_leq(luzhai()->first_year, (int)FIRST);
    for (int year = FIRST; year <= LAST; year++)
        health_year(year);
    villages_year(LAST - 1, false, fill_village);
    villages_year(LAST, true, fill_village);
    check_pull();
    check_analysis();
    check_warnings();
    check_published();
    check_areas();
    check_evaluations();
    check_quality();
    villages_year(PUBLIC_YEAR, false, published_fill);
    check_nothing_told(luzhai(), PUBLIC_YEAR, OFFICE);
    check_cover_unknown();
    check_weights();
    check_stages();
}
