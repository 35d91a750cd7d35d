#include "plan/soft_check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/soft_rules.h"
#include "text/utf8.h"

#define MAD_SCALE    1.4826 /* of a normal distribution's standard deviation */
#define AMOUNT_SCALE 0.1
#define SLACK        1e-9
#define FIGURE       "%.10g"

enum { TEXT_SHOWN = 120, TEXT_BYTES = PROBLEM_TEXT_BYTES + FORM_LABEL_BYTES };

struct suspect {
    const struct plan *plan;
    const struct form *form;
    const struct soft_input *input;
    struct problems *problems;
    enum status first;
    bool asked[FORM_CELLS_MAX]; /* or explained */
    double own[FORM_CELLS_MAX]; /* NAN: no value */
    double before[SOFT_YEARS_MAX][FORM_CELLS_MAX];
};

bool soft_code(enum status code)
{
    return (int)code >= 200 && (int)code < 210;
}

/* Values by index of cell; entries and cells both ascend. */
static void spread(const struct form *form, const struct observations *from, double *out_values)
{
    size_t at = 0;
    for (size_t i = 0; i < form->cell_count; i++) {
        while (at < from->count && from->cell[at] < form->cells[i].number)
            at++;
        bool given = at < from->count && from->cell[at] == form->cells[i].number &&
                     from->presence[at] == PRESENCE_VALUE;
        out_values[i] = given ? from->value[at] : NAN;
    }
}

static void mark(struct suspect *suspect, uint32_t number)
{
    const struct cell *cell = form_cell(suspect->form, number);
    if (cell != NULL)
        suspect->asked[cell - suspect->form->cells] = true;
}

static void ask(struct suspect *suspect, enum status code, size_t index, const char *zh,
                const char *en)
{
    if (suspect->first == STATUS_OK)
        suspect->first = code;
    suspect->asked[index] = true;
    problems_add(suspect->problems, code, suspect->form->cells[index].number, "explanations", zh,
                 en);
}

static void check_relations(struct suspect *suspect)
{
    struct problems found;
    problems_init(&found);
    if (form_check_relations(suspect->plan, suspect->form, &suspect->input->observations, &found) !=
        STATUS_OK)
        for (size_t i = 0; i < found.count; i++) {
            const struct cell *cell = form_cell(suspect->form, found.items[i].cell);
            size_t index = cell == NULL ? 0 : (size_t)(cell - suspect->form->cells);
            if (!suspect->asked[index])
                ask(suspect, found.items[i].code, index, found.items[i].zh, found.items[i].en);
        }
    problems_clear(&found);
}

/* NAN unless every cell has a value. */
static double sum(const struct suspect *suspect, const struct quantity *quantity)
{
    double total = 0;
    for (size_t i = 0; i < quantity->count; i++)
        total += quantity->terms[i].sign * suspect->own[quantity->terms[i].cell];
    return total;
}

static void check_order(struct suspect *suspect, const struct soft_rule *rule)
{
    char zh[TEXT_BYTES], en[TEXT_BYTES];
    double value[2];
    size_t index = rule->numerators[0].terms[0].cell;
    for (int i = 0; i < 2; i++)
        value[i] = sum(suspect, &rule->numerators[i]) / sum(suspect, &rule->denominators[i]);
    if (suspect->asked[index] || !isfinite(value[0]) || !isfinite(value[1]) ||
        value[0] - value[1] <= SLACK * fmax(value[0], value[1]))
        return;
    snprintf(zh, sizeof zh, "第%u项：%.*s（%.4g > %.4g）", suspect->form->cells[index].number,
             (int)utf8_cut_words(rule->check->text_zh, TEXT_SHOWN), rule->check->text_zh, value[0],
             value[1]);
    snprintf(en, sizeof en, "cell %u: %.*s (%.4g > %.4g)", suspect->form->cells[index].number,
             (int)utf8_cut_words(rule->check->text_en, TEXT_SHOWN), rule->check->text_en, value[0],
             value[1]);
    ask(suspect, STATUS_E_EXPLAIN_RELATION, index, zh, en);
}

/* "比上年的40增加200%": in a text of its own, as what it is a percentage of may be 0. */
static void change_words(double now, double last, char zh[64], char en[64])
{
    double percent = fabs(now - last) / fabs(last) * 100;
    bool more = now > last;
    if (last == 0) {
        snprintf(zh, 64, "上年为0");
        snprintf(en, 64, "after 0 last year");
        return;
    }
    snprintf(zh, 64, "上年" FIGURE "，%s%.1f%%", last, more ? "增加" : "减少", percent);
    snprintf(en, 64, "after " FIGURE " last year, %.1f%% %s", last, percent,
             more ? "more" : "less");
}

static bool has_changed(const struct soft_rule *rule, double now, double last)
{
    double change = fabs(now - last);
    if (!isfinite(change) || change < rule->least || change == 0)
        return false;
    return change > rule->percent / 100 * fabs(last) * (1 + SLACK) &&
           (rule->z == 0 || change >= rule->z * sqrt(fmax(now + last, 0)));
}

static void check_change(struct suspect *suspect, const struct soft_rule *rule)
{
    const struct soft_input *input = suspect->input;
    if (input->year_count == 0 || input->years[0].period != input->period - 1)
        return;
    for (size_t i = 0; i < rule->count; i++) {
        size_t cell = rule->cells[i];
        char zh[TEXT_BYTES], en[TEXT_BYTES], label_zh[FORM_LABEL_BYTES], label_en[FORM_LABEL_BYTES];
        char words_zh[64], words_en[64];
        double now = suspect->own[cell], last = suspect->before[0][cell];
        if (suspect->asked[cell] || !has_changed(rule, now, last))
            continue;
        form_label(suspect->plan, suspect->form, cell, label_zh, label_en);
        change_words(now, last, words_zh, words_en);
        snprintf(zh, sizeof zh, "%s本年" FIGURE "，%s：%.*s", label_zh, now, words_zh,
                 (int)utf8_cut_words(rule->check->text_zh, TEXT_SHOWN), rule->check->text_zh);
        snprintf(en, sizeof en, "%s is " FIGURE " %s: %.*s", label_en, now, words_en,
                 (int)utf8_cut_words(rule->check->text_en, TEXT_SHOWN), rule->check->text_en);
        ask(suspect, STATUS_E_EXPLAIN_CHANGE, cell, zh, en);
    }
}

static int by_size(const void *left, const void *right)
{
    const double a = *(const double *)left;
    const double b = *(const double *)right;
    return (a > b) - (a < b);
}

static double median(double *values, size_t count)
{
    qsort(values, count, sizeof *values, by_size);
    return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* Whether `now` lies far from the years before; gives out their median. */
static bool is_outlier(const struct suspect *suspect, const struct soft_rule *rule, size_t cell,
                       double now, double *out_median, size_t *out_years)
{
    double values[SOFT_YEARS_MAX], deviations[SOFT_YEARS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < suspect->input->year_count; i++)
        if (!isnan(suspect->before[i][cell]))
            values[count++] = suspect->before[i][cell];
    if (isnan(now) || count == 0 || count < rule->years)
        return false;
    double middle = median(values, count);
    for (size_t i = 0; i < count; i++)
        deviations[i] = fabs(values[i] - middle);
    double scale = MAD_SCALE * median(deviations, count);
    const struct element *element = &suspect->plan->elements[suspect->form->cells[cell].element];
    double floor =
        element->type == ELEMENT_COUNT ? sqrt(fmax(middle, 1)) : AMOUNT_SCALE * fabs(middle);
    *out_median = middle;
    *out_years = count;
    double distance = fabs(now - middle);
    return distance > 0 && distance >= rule->least &&
           distance > rule->mads * fmax(scale, floor) * (1 + SLACK);
}

static void check_outliers(struct suspect *suspect, const struct soft_rule *rule)
{
    for (size_t i = 0; i < rule->count; i++) {
        size_t cell = rule->cells[i], years = 0;
        char zh[TEXT_BYTES], en[TEXT_BYTES], label_zh[FORM_LABEL_BYTES], label_en[FORM_LABEL_BYTES];
        double now = suspect->own[cell], middle = 0;
        if (suspect->asked[cell] || !is_outlier(suspect, rule, cell, now, &middle, &years))
            continue;
        form_label(suspect->plan, suspect->form, cell, label_zh, label_en);
        snprintf(zh, sizeof zh, "%s本年" FIGURE "，前%zu年的中位数为" FIGURE "：%.*s", label_zh,
                 now, years, middle, (int)utf8_cut_words(rule->check->text_zh, TEXT_SHOWN),
                 rule->check->text_zh);
        snprintf(en, sizeof en,
                 "%s is " FIGURE ", the median of %zu years before is " FIGURE ": %.*s", label_en,
                 now, years, middle, (int)utf8_cut_words(rule->check->text_en, TEXT_SHOWN),
                 rule->check->text_en);
        ask(suspect, STATUS_E_EXPLAIN_OUTLIER, cell, zh, en);
    }
}

static void check_villages(struct suspect *suspect, const struct soft_rule *rule)
{
    char zh[TEXT_BYTES], en[TEXT_BYTES], label_zh[FORM_LABEL_BYTES], label_en[FORM_LABEL_BYTES];
    size_t cell = rule->own.terms[0].cell;
    const struct village_sum *found = NULL;
    for (size_t i = 0; i < suspect->input->sum_count && found == NULL; i++)
        if (suspect->input->sums[i].cell == suspect->form->cells[cell].number)
            found = &suspect->input->sums[i];
    double now = sum(suspect, &rule->own);
    if (found == NULL || isnan(now) || suspect->asked[cell] ||
        fabs(now - found->sum) <= rule->percent / 100 * fabs(found->sum) + SLACK * fabs(now))
        return;
    form_label(suspect->plan, suspect->form, cell, label_zh, label_en);
    snprintf(zh, sizeof zh, "%s填报" FIGURE "，已通过的%u个村合计" FIGURE "（缺%u个村）：%.*s",
             label_zh, now, found->reports, found->sum, found->missing,
             (int)utf8_cut_words(rule->check->text_zh, TEXT_SHOWN), rule->check->text_zh);
    snprintf(en, sizeof en,
             "%s is " FIGURE ", the %u accepted villages make " FIGURE " (%u missing): %.*s",
             label_en, now, found->reports, found->sum, found->missing,
             (int)utf8_cut_words(rule->check->text_en, TEXT_SHOWN), rule->check->text_en);
    ask(suspect, STATUS_E_EXPLAIN_VILLAGES, cell, zh, en);
}

static void prepare(struct suspect *suspect, int parts)
{
    const struct soft_input *input = suspect->input;
    const struct form *form = suspect->form;
    memset(suspect->asked, 0, form->cell_count * sizeof *suspect->asked);
    spread(form, &input->observations, suspect->own);
    for (size_t i = 0; (parts & SOFT_BY_OTHERS) != 0 && i < input->year_count; i++)
        spread(form, &input->years[i].observations, suspect->before[i]);
    for (size_t i = 0; i < input->explained_count; i++)
        mark(suspect, input->explained[i]);
    for (size_t i = 0; i < suspect->problems->count; i++)
        if (soft_code(suspect->problems->items[i].code))
            mark(suspect, suspect->problems->items[i].cell);
}

enum status soft_check(const struct plan *plan, const struct form *form,
                       const struct soft_input *input, int parts, struct problems *problems)
{
    struct suspect suspect; /* large, and only what is used of it is set */
    suspect.plan = plan;
    suspect.form = form;
    suspect.input = input;
    suspect.problems = problems;
    suspect.first = STATUS_OK;
    prepare(&suspect, parts);
    if ((parts & SOFT_BY_ITSELF) != 0)
        check_relations(&suspect);
    for (const struct soft_rule *rule = form->rules->soft; rule != NULL; rule = rule->next)
        if (rule->check->op == CHECK_ORDER && (parts & SOFT_BY_ITSELF) != 0)
            check_order(&suspect, rule);
    if ((parts & SOFT_BY_OTHERS) == 0)
        return suspect.first;
    for (const struct soft_rule *rule = form->rules->soft; rule != NULL; rule = rule->next)
        if (rule->check->op == CHECK_CHANGE)
            check_change(&suspect, rule);
    for (const struct soft_rule *rule = form->rules->soft; rule != NULL; rule = rule->next)
        if (rule->check->op == CHECK_OUTLIER)
            check_outliers(&suspect, rule);
        else if (rule->check->op == CHECK_VILLAGES)
            check_villages(&suspect, rule);
    return suspect.first;
}

static bool has_rule(const struct form *form, enum check_operator op)
{
    for (const struct soft_rule *rule = form->rules->soft; rule != NULL; rule = rule->next)
        if (rule->check->op == op)
            return true;
    return false;
}

bool soft_needs_years(const struct form *form)
{
    return has_rule(form, CHECK_CHANGE) || has_rule(form, CHECK_OUTLIER);
}

bool soft_needs_villages(const struct form *form)
{
    return has_rule(form, CHECK_VILLAGES);
}

size_t soft_village_sums(const struct form *form, const struct observations *totals,
                         uint32_t reports, uint32_t missing, struct village_sum *out_sums,
                         size_t room)
{
    size_t count = 0;
    for (const struct soft_rule *rule = form->rules->soft; rule != NULL; rule = rule->next) {
        if (rule->check->op != CHECK_VILLAGES || rule->village_form == NULL || count == room)
            continue;
        double total = 0;
        bool any = false;
        for (size_t i = 0; i < rule->villages.count; i++) {
            double value = 0;
            uint32_t cell = rule->village_form->cells[rule->villages.terms[i].cell].number;
            if (observation_value(totals, cell, &value)) {
                total += value;
                any = true;
            }
        }
        if (any)
            out_sums[count++] =
                (struct village_sum){.cell = form->cells[rule->own.terms[0].cell].number,
                                     .sum = total,
                                     .reports = reports,
                                     .missing = missing};
    }
    return count;
}
