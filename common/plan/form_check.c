#include "plan/form_check.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "plan/form_rules.h"
#include "plan/unit_words.h"
#include "text/utf8.h"

/* Whole numbers stay exact in a double, with room for sums over a country. */
#define VALUE_MAX 1e12

/* Sums of decimal fractions are compared with this much slack, relative to the larger side. */
#define SLACK 1e-9

enum { LABEL_BYTES = FORM_LABEL_BYTES, NAME_SHOWN = 90, SENTENCE_SHOWN = 160 };

struct checker {
    const struct form *form;
    const struct plan *plan;
    struct problems *problems;
    enum status first; /* code of the first problem */
    bool soft;
    size_t next;                      /* index of the cell expected next */
    uint8_t presence[FORM_CELLS_MAX]; /* by index of cell; 0: not in the report */
    bool missed[FORM_CELLS_MAX];      /* E_REQUIRED was noted */
    double value[FORM_CELLS_MAX];
};

bool observation_value(const struct observations *observations, uint32_t cell, double *out_value)
{
    size_t first = 0, end = observations->count;
    while (first < end) {
        size_t middle = first + (end - first) / 2;
        if (observations->cell[middle] < cell)
            first = middle + 1;
        else
            end = middle;
    }
    if (first == observations->count || observations->cell[first] != cell ||
        observations->presence[first] != PRESENCE_VALUE)
        return false;
    *out_value = observations->value[first];
    return true;
}

static void found(struct checker *checker, enum status code)
{
    if (checker->first == STATUS_OK)
        checker->first = code;
}

/* The precision that prints at most `limit` bytes of `text` and no part of a character. */
static int shown(const char *text, size_t limit)
{
    return (int)utf8_cut_words(text, limit);
}

/* With its stratum, in the words of the template. */
void form_label(const struct plan *plan, const struct form *form, size_t index,
                char zh[FORM_LABEL_BYTES], char en[FORM_LABEL_BYTES])
{
    enum { NAME_ZH = 60, NAME_EN = 50, STRATUM = 25 };
    char stratum_zh[STRATUM], stratum_en[STRATUM];
    const struct cell *cell = &form->cells[index];
    const struct element *element = &plan->elements[cell->element];
    const char *blank = cell->stratum[0] == '\0' ? "" : " ";
    int length_zh = shown(element->name_zh, NAME_ZH), length_en = shown(element->name_en, NAME_EN);
    stratum_words(cell->stratum, false, stratum_zh, sizeof stratum_zh);
    stratum_words(cell->stratum, true, stratum_en, sizeof stratum_en);
    snprintf(zh, FORM_LABEL_BYTES, "第%u项“%.*s%s%s%s”", cell->number, length_zh, element->name_zh,
             element->name_zh[length_zh] == '\0' ? "" : "…", blank, stratum_zh);
    snprintf(en, FORM_LABEL_BYTES, "cell %u (%.*s%s%s%s)", cell->number, length_en,
             element->name_en, element->name_en[length_en] == '\0' ? "" : "...", blank, stratum_en);
}

static void label(const struct checker *checker, size_t index, char zh[LABEL_BYTES],
                  char en[LABEL_BYTES])
{
    form_label(checker->plan, checker->form, index, zh, en);
}

/* Notes a problem of observation `at` in cell `index`. */
static void cell_problem(struct checker *checker, enum status code, size_t at, size_t index,
                         double value, const char *limit_zh, const char *limit_en)
{
    char zh[LABEL_BYTES], en[LABEL_BYTES], field[PROBLEM_FIELD_BYTES];
    char text_zh[PROBLEM_TEXT_BYTES + LABEL_BYTES], text_en[sizeof text_zh];
    label(checker, index, zh, en);
    snprintf(field, sizeof field, "observations.value[%zu]", at);
    snprintf(text_zh, sizeof text_zh, "%s填报%.10g，%s", zh, value, limit_zh);
    snprintf(text_en, sizeof text_en, "%s is %.10g, %s", en, value, limit_en);
    found(checker, code);
    problems_add(checker->problems, code, checker->form->cells[index].number, field, text_zh,
                 text_en);
}

static void check_range(struct checker *checker, size_t at, size_t index, double value)
{
    const struct element *element = &checker->plan->elements[checker->form->cells[index].element];
    /* what a district sums up over its units is not bounded by what one unit may have */
    bool bounded = element->has_max && !form_is_consolidation(checker->form);
    char zh[64], en[64];
    if (value < 0 && !(element->has_min && element->min < 0)) {
        cell_problem(checker, STATUS_E_NEGATIVE, at, index, value, "不能为负数",
                     "a negative number");
    } else if (element->has_min && value < element->min) {
        snprintf(zh, sizeof zh, "不应小于%.10g", element->min);
        snprintf(en, sizeof en, "below %.10g", element->min);
        cell_problem(checker, STATUS_E_RANGE, at, index, value, zh, en);
    } else if ((bounded && value > element->max) || fabs(value) > VALUE_MAX) {
        double most = bounded ? element->max : VALUE_MAX;
        snprintf(zh, sizeof zh, "不应大于%.10g", most);
        snprintf(en, sizeof en, "above %.10g", most);
        cell_problem(checker, STATUS_E_RANGE, at, index, value, zh, en);
    }
}

/* Fractions are compared with slack: 0.29 * 100 is not 29 in binary. */
static bool has_more_decimals(double value, unsigned decimals)
{
    static const double scales[] = {1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};
    if (value == floor(value))
        return false;
    if (decimals == 0)
        return true;
    assert(decimals < sizeof scales / sizeof *scales); /* elements.csv allows 9 */
    double scaled = value * scales[decimals];
    return fabs(scaled - round(scaled)) > SLACK * fmax(1, fabs(scaled));
}

static void check_value(struct checker *checker, size_t at, size_t index, double value)
{
    const struct element *element = &checker->plan->elements[checker->form->cells[index].element];
    if (!isfinite(value)) {
        cell_problem(checker, STATUS_E_NOT_FINITE, at, index, value, "不是有限的数值",
                     "not a finite number");
        return;
    }
    if (element->type == ELEMENT_YESNO && !form_is_consolidation(checker->form)) {
        if (value != 0 && value != 1)
            cell_problem(checker, STATUS_E_YESNO, at, index, value, "只能填是(1)或否(0)",
                         "where only 1 (yes) and 0 (no) are possible");
        return;
    }
    if (has_more_decimals(value, element->decimals)) {
        char zh[64], en[64];
        snprintf(zh, sizeof zh, "最多%u位小数", element->decimals);
        snprintf(en, sizeof en, "with more than %u decimals", element->decimals);
        cell_problem(checker, STATUS_E_DECIMALS, at, index, value, zh, en);
    }
    check_range(checker, at, index, value);
}

/* Notes a problem of an entry itself, in the code's own words. */
static void entry_problem(struct checker *checker, enum status code, uint32_t cell,
                          const char *column, size_t at)
{
    char field[PROBLEM_FIELD_BYTES];
    snprintf(field, sizeof field, "observations.%s[%zu]", column, at);
    found(checker, code);
    problems_add(checker->problems, code, cell, field, NULL, NULL);
}

/* Entries and cells both ascend, so that the next entry's cell is the next cell but for gaps. */
static const struct cell *find_cell(struct checker *checker, uint32_t number)
{
    const struct form *form = checker->form;
    const struct cell *cell = NULL;
    if (checker->next < form->cell_count && form->cells[checker->next].number == number)
        cell = &form->cells[checker->next];
    else
        cell = form_cell(form, number);
    if (cell != NULL)
        checker->next = (size_t)(cell - form->cells) + 1;
    return cell;
}

/* Takes one entry into the checker's columns by cell; the first of repeated ones stays. */
static void take_entry(struct checker *checker, const struct observations *observations, size_t at)
{
    uint32_t number = observations->cell[at];
    uint32_t presence = observations->presence[at];
    double value = observations->value[at];
    const struct cell *cell = find_cell(checker, number);
    if (at > 0 && number <= observations->cell[at - 1])
        entry_problem(checker, STATUS_E_CELL_ORDER, number, "cell", at);
    if (cell == NULL) {
        entry_problem(checker, STATUS_E_CELL_UNKNOWN, number, "cell", at);
        return;
    }
    size_t index = (size_t)(cell - checker->form->cells);
    if (checker->presence[index] != 0)
        return;
    if (presence < PRESENCE_VALUE || presence > PRESENCE_NOT_REPORTED ||
        (presence != PRESENCE_VALUE && !(value == 0))) {
        entry_problem(checker, STATUS_E_PRESENCE, number, "presence", at);
        return;
    }
    checker->presence[index] = (uint8_t)presence;
    checker->value[index] = value;
    if (presence == PRESENCE_VALUE)
        check_value(checker, at, index, value);
}

static bool is_silent(const struct checker *checker, size_t index)
{
    return checker->presence[index] == 0 || checker->presence[index] == PRESENCE_NOT_REPORTED;
}

/* Notes once that a cell is missing: required, or the other side of `indicator` (not NULL). */
static void miss(struct checker *checker, size_t index, const struct indicator *indicator)
{
    char label_zh[LABEL_BYTES], label_en[LABEL_BYTES];
    char zh[PROBLEM_TEXT_BYTES + LABEL_BYTES], en[sizeof zh];
    if (checker->missed[index])
        return;
    checker->missed[index] = true;
    label(checker, index, label_zh, label_en);
    if (indicator == NULL) {
        snprintf(zh, sizeof zh, "%s未填，须填数值或注明“不适用”“未采集”", label_zh);
        snprintf(en, sizeof en,
                 "%s is missing: give a figure, or say not applicable or not collected", label_en);
    } else {
        snprintf(zh, sizeof zh, "%s未填，“%.*s”的分子和分母须同时填报", label_zh,
                 shown(indicator->name_zh, NAME_SHOWN), indicator->name_zh);
        snprintf(en, sizeof en, "%s is missing: %.*s needs numerator and denominator together",
                 label_en, shown(indicator->name_en, NAME_SHOWN), indicator->name_en);
    }
    found(checker, STATUS_E_REQUIRED);
    problems_add(checker->problems, STATUS_E_REQUIRED, checker->form->cells[index].number,
                 "observations", zh, en);
}

static void check_required(struct checker *checker)
{
    for (size_t i = 0; i < checker->form->cell_count; i++)
        if (checker->form->cells[i].required && is_silent(checker, i))
            miss(checker, i, NULL);
}

/* The sum; false unless every cell has a usable value. */
static bool sum(const struct checker *checker, const struct quantity *quantity, double *out_sum)
{
    double total = 0;
    for (size_t i = 0; i < quantity->count; i++) {
        size_t cell = quantity->terms[i].cell;
        if (checker->presence[cell] != PRESENCE_VALUE || !isfinite(checker->value[cell]))
            return false;
        total += quantity->terms[i].sign * checker->value[cell];
    }
    *out_sum = total;
    return true;
}

/* Where one side of a ratio has a value, the other may not be passed over in silence: sums over
 * units could not be paired afterwards. An explicit "not applicable" or "not collected" may. */
static void check_pair(struct checker *checker, const struct quantity *given,
                       const struct quantity *other, const struct indicator *indicator)
{
    bool any = false;
    for (size_t i = 0; i < given->count; i++)
        any = any || checker->presence[given->terms[i].cell] == PRESENCE_VALUE;
    for (size_t i = 0; any && i < other->count; i++)
        if (is_silent(checker, other->terms[i].cell))
            miss(checker, other->terms[i].cell, indicator);
}

static void relation_problem(struct checker *checker, const struct rule *rule, enum status code,
                             const char *zh, const char *en)
{
    found(checker, code);
    problems_add(checker->problems, code, checker->form->cells[rule->left.terms[0].cell].number,
                 "observations", zh, en);
}

static bool exceeds(double left, double right)
{
    return left - right > SLACK * fmax(fabs(left), fabs(right));
}

static bool check_holds(enum check_operator op, double left, double right)
{
    switch (op) {
    case CHECK_AT_MOST: return !exceeds(left, right);
    case CHECK_AT_LEAST: return !exceeds(right, left);
    case CHECK_EQUAL: return !exceeds(left, right) && !exceeds(right, left);
    case CHECK_BELOW: return exceeds(right, left);
    case CHECK_CHANGE:
    case CHECK_OUTLIER:
    case CHECK_VILLAGES:
    case CHECK_ORDER: break; /* no rows of this kind get here: soft_check.c */
    }
    return false;
}

static void bound_problem(struct checker *checker, const struct rule *rule, double left,
                          double right)
{
    char zh[PROBLEM_TEXT_BYTES], en[PROBLEM_TEXT_BYTES];
    const struct indicator *indicator = rule->indicator;
    int name_zh = shown(indicator->name_zh, NAME_SHOWN);
    int name_en = shown(indicator->name_en, NAME_SHOWN);
    if (rule->limit == 1) {
        snprintf(zh, sizeof zh, "“%.*s”的分子为%.10g，大于分母%.10g", name_zh, indicator->name_zh,
                 left, right);
        snprintf(en, sizeof en, "%.*s: numerator %.10g above denominator %.10g", name_en,
                 indicator->name_en, left, right);
        relation_problem(checker, rule, STATUS_E_NUMERATOR_ABOVE_DENOMINATOR, zh, en);
        return;
    }
    snprintf(zh, sizeof zh, "“%.*s”的分子为%.10g，分母为%.10g，结果超过上限%.10g", name_zh,
             indicator->name_zh, left, right, indicator->upper);
    snprintf(en, sizeof en, "%.*s: numerator %.10g over denominator %.10g passes the limit %.10g",
             name_en, indicator->name_en, left, right, indicator->upper);
    relation_problem(checker, rule, STATUS_E_RANGE, zh, en);
}

static void parts_problem(struct checker *checker, const struct rule *rule, double left,
                          double right)
{
    char zh[PROBLEM_TEXT_BYTES + LABEL_BYTES], en[sizeof zh];
    char label_zh[LABEL_BYTES], label_en[LABEL_BYTES];
    bool equal = rule->kind == RULE_PARTS_EQUAL;
    label(checker, rule->right.terms[0].cell, label_zh, label_en);
    snprintf(zh, sizeof zh, "分组之和为%.10g，%s%s的%.10g", left, equal ? "不等于" : "大于",
             label_zh, right);
    snprintf(en, sizeof en, "the parts make %.10g, %s %s with %.10g", left,
             equal ? "not equal to" : "above", label_en, right);
    relation_problem(checker, rule, STATUS_E_CHECK, zh, en);
}

static void row_problem(struct checker *checker, const struct rule *rule, double left, double right)
{
    char zh[PROBLEM_TEXT_BYTES], en[PROBLEM_TEXT_BYTES], label_zh[24] = "", label_en[24] = "";
    const struct check *check = rule->check;
    if (check->soft) { /* it asks for an explanation of this cell */
        uint32_t cell = checker->form->cells[rule->left.terms[0].cell].number;
        snprintf(label_zh, sizeof label_zh, "第%u项：", cell);
        snprintf(label_en, sizeof label_en, "cell %u: ", cell);
    }
    snprintf(zh, sizeof zh, "%s%.*s（%.10g %s %.10g 不成立）", label_zh,
             shown(check->text_zh, SENTENCE_SHOWN), check->text_zh, left, check->op_text, right);
    snprintf(en, sizeof en, "%s%.*s (%.10g %s %.10g is false)", label_en,
             shown(check->text_en, SENTENCE_SHOWN), check->text_en, left, check->op_text, right);
    relation_problem(checker, rule, check->soft ? STATUS_E_EXPLAIN_RELATION : STATUS_E_CHECK, zh,
                     en);
}

static void compare(struct checker *checker, const struct rule *rule, double left, double right)
{
    switch (rule->kind) {
    case RULE_PAIR: return;
    case RULE_BOUND:
        if (exceeds(left, right * rule->limit))
            bound_problem(checker, rule, left, right);
        return;
    case RULE_PARTS:
        if (exceeds(left, right))
            parts_problem(checker, rule, left, right);
        return;
    case RULE_PARTS_EQUAL:
        if (!check_holds(CHECK_EQUAL, left, right))
            parts_problem(checker, rule, left, right);
        return;
    case RULE_CHECK:
        if (rule->check->soft == checker->soft && !check_holds(rule->check->op, left, right))
            row_problem(checker, rule, left, right);
        return;
    }
}

static void apply(struct checker *checker, const struct rule *rule)
{
    double left = 0, right = 0;
    if (rule->kind == RULE_PAIR) {
        check_pair(checker, &rule->left, &rule->right, rule->indicator);
        check_pair(checker, &rule->right, &rule->left, rule->indicator);
        return;
    }
    if (sum(checker, &rule->left, &left) && sum(checker, &rule->right, &right))
        compare(checker, rule, left, right);
}

static void prepare(struct checker *checker, const struct plan *plan, const struct form *form,
                    struct problems *problems)
{
    assert(form->rules != NULL && form->cell_count <= FORM_CELLS_MAX);
    checker->form = form;
    checker->plan = plan;
    checker->problems = problems;
    checker->first = STATUS_OK;
    checker->soft = false;
    checker->next = 0;
    memset(checker->presence, 0, form->cell_count * sizeof *checker->presence);
    memset(checker->missed, 0, form->cell_count * sizeof *checker->missed);
}

enum status form_check(const struct plan *plan, const struct form *form,
                       const struct observations *observations, struct problems *problems)
{
    struct checker checker;
    prepare(&checker, plan, form, problems);
    for (size_t at = 0; at < observations->count; at++)
        take_entry(&checker, observations, at);
    check_required(&checker);
    for (const struct rule *rule = form->rules->first; rule != NULL; rule = rule->next)
        apply(&checker, rule);
    return checker.first;
}

enum status form_check_relations(const struct plan *plan, const struct form *form,
                                 const struct observations *observations, struct problems *problems)
{
    struct checker checker;
    prepare(&checker, plan, form, problems);
    checker.soft = true;
    for (size_t i = 0; i < form->cell_count; i++)
        if (observation_value(observations, form->cells[i].number, &checker.value[i]))
            checker.presence[i] = PRESENCE_VALUE;
    for (const struct rule *rule = form->rules->first; rule != NULL; rule = rule->next)
        if (rule->kind == RULE_CHECK)
            apply(&checker, rule);
    return checker.first;
}
