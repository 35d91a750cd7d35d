#include "demo/model.h"

#include <string.h>

#include "plan/sheet.h"
#include "plan/stratum.h"

static const char *const columns[] = {
    "element",    "stratum",    "area",   "kind",  "of",   "at_most",        "needs",
    "level_2020", "level_2025", "spread", "noise", "weak", "not_applicable", "not_collected",
};
enum {
    ELEMENT,
    STRATUM,
    AREA,
    KIND,
    OF,
    AT_MOST,
    NEEDS,
    LEVEL_2020,
    LEVEL_2025,
    SPREAD,
    NOISE,
    WEAK,
    NOT_APPLICABLE,
    NOT_COLLECTED,
    COLUMNS
};

enum { MODEL_ROWS_MAX = 4096, LEVEL_DIGITS_MAX = 9 };

bool decimal_read(const char *text, int64_t *out_millionths)
{
    int64_t value = 0, unit = RULE_SCALE;
    size_t whole = strspn(text, "0123456789");
    if (whole == 0 || whole > LEVEL_DIGITS_MAX)
        return false;
    for (; whole > 0; whole--)
        value = value * 10 + (*text++ - '0');
    value *= RULE_SCALE;
    if (*text == '.')
        for (text++; *text >= '0' && *text <= '9' && unit > 1; text++) {
            unit /= 10;
            value += (*text - '0') * unit;
        }
    if (*text != '\0')
        return false;
    *out_millionths = value;
    return true;
}

static int64_t read_level(const struct sheet *sheet, size_t row, size_t column)
{
    int64_t level = 0;
    const char *text = sheet_cell(sheet, row, column);
    if (text[0] != '\0' && !decimal_read(text, &level))
        sheet_problem(sheet, row, column, "小数不超过六位的数", "a number of up to six decimals");
    return level;
}

/* Percent in the file, per mille in the rule. */
static int64_t read_per_mille(const struct sheet *sheet, size_t row, size_t column)
{
    return read_level(sheet, row, column) / (RULE_SCALE / 10);
}

/* An element that an earlier row makes: rules cannot go round in circles. */
static size_t read_earlier(const struct sheet *sheet, const struct plan *plan,
                           const struct demo_rule *rules, size_t row, size_t column)
{
    const char *code = sheet_cell(sheet, row, column);
    size_t element = plan_element(plan, code);
    for (size_t i = 0; i < row; i++)
        if (code[0] != '\0' && rules[i].element == element)
            return element;
    if (code[0] != '\0')
        sheet_problem(sheet, row, column, "前面行中的数据元", "an element of a row above");
    return PLAN_NONE;
}

/* "0-17" or "9-15f". */
static bool read_ages(const char *text, struct demo_rule *rule)
{
    int age[2] = {0, 0};
    for (int i = 0; i < 2; i++) {
        size_t digits = strspn(text, "0123456789");
        if (digits == 0 || digits > 2)
            return false;
        for (; digits > 0; digits--)
            age[i] = age[i] * 10 + (*text++ - '0');
        if (i == 0 && *text++ != '-')
            return false;
    }
    rule->base = BASE_AGED;
    rule->first_age = age[0];
    rule->last_age = age[1];
    rule->sex = *text == 'm' ? SEX_MALE : *text == 'f' ? SEX_FEMALE : SEXES;
    return age[0] <= age[1] && age[1] < CHILD_AGES && text[rule->sex == SEXES ? 0 : 1] == '\0';
}

static void read_base(const struct sheet *sheet, const struct plan *plan,
                      const struct demo_rule *rules, size_t row, struct demo_rule *rule)
{
    const char *text = sheet_cell(sheet, row, OF);
    bool known = true;
    if (text[0] == '\0') {
        rule->base = BASE_NONE;
    } else if (text[0] != '@') {
        rule->base = BASE_ELEMENT;
        rule->of = read_earlier(sheet, plan, rules, row, OF);
    } else if (strcmp(text, "@people") == 0) {
        rule->base = BASE_ALL;
    } else if (strcmp(text, "@rural_people") == 0) {
        rule->base = BASE_RURAL;
    } else if (strcmp(text, "@births") == 0) {
        rule->base = BASE_BIRTHS;
    } else {
        known = read_ages(text + 1, rule);
    }
    if (!known || (rule->kind <= RULE_MEAN && rule->base == BASE_NONE))
        sheet_problem(sheet, row, OF, "数据元或@人群", "an element or a @group of people");
}

static void read_rule(const struct sheet *sheet, const struct plan *plan, struct demo_rule *rules,
                      size_t row)
{
    static const char *const areas[] = {"", "urban", "rural", NULL};
    static const char *const kinds[] = {"share",  "multiple", "mean",   "amount", "yesno",
                                        "centre", "people",   "births", "deaths", NULL};
    struct demo_rule *rule = &rules[row];
    *rule = (struct demo_rule){
        .element = plan_element(plan, sheet_slug(sheet, row, ELEMENT)),
        .stratum = sheet_stratum(sheet, row, STRATUM),
        .area = (enum rule_area)sheet_choice(sheet, row, AREA, areas),
        .kind = (enum rule_kind)sheet_choice(sheet, row, KIND, kinds),
        .at_most = read_earlier(sheet, plan, rules, row, AT_MOST),
        .needs = read_earlier(sheet, plan, rules, row, NEEDS),
        .level_2020 = read_level(sheet, row, LEVEL_2020),
        .level_2025 = read_level(sheet, row, LEVEL_2025),
        .spread = read_per_mille(sheet, row, SPREAD),
        .noise = read_per_mille(sheet, row, NOISE),
        .weak = read_level(sheet, row, WEAK),
        .not_applicable = read_per_mille(sheet, row, NOT_APPLICABLE),
        .not_collected = read_per_mille(sheet, row, NOT_COLLECTED),
    };
    read_base(sheet, plan, rules, row, rule);
    if (rule->element == PLAN_NONE)
        sheet_problem(sheet, row, ELEMENT, "elements.csv中的数据元", "an element of elements.csv");
}

/* An expression of one plain element; PLAN_NONE for any other. */
static size_t only_element(const struct expression *expression)
{
    if (expression->count != 1 || expression->terms[0].sign < 0 ||
        expression->terms[0].stratum[0] != '\0')
        return PLAN_NONE;
    return expression->terms[0].element;
}

/* The level in 2025 when 2020 was `fact`: what was missing, or what there was, changes in the
 * rule's own proportion. */
static int64_t continued(const struct demo_rule *rule, int64_t fact)
{
    int64_t all = (int64_t)100 * RULE_SCALE;
    if (rule->kind == RULE_SHARE && rule->level_2020 > all / 2) {
        int64_t missing = all - rule->level_2020;
        return missing == 0 ? fact : all - (all - fact) * (all - rule->level_2025) / missing;
    }
    int64_t scale = rule->level_2020 / 10000;
    return scale == 0 ? fact : fact * (rule->level_2025 / scale) / 10000;
}

static void start_at(struct demo_rule *rule, int64_t level)
{
    rule->level_2025 = continued(rule, level);
    rule->level_2020 = level;
    rule->anchored = true;
}

/* Nothing when indicator and rule are not of the same nature. */
static void start_from(struct demo_rule *rule, const struct indicator *indicator, int64_t value)
{
    int64_t all = (int64_t)100 * RULE_SCALE;
    size_t denominator = only_element(&indicator->denominator);
    if (rule->kind == RULE_YESNO && value > 0) {
        rule->level_2020 = rule->level_2025 = all;
    } else if (rule->kind == RULE_SHARE || rule->kind == RULE_DEATHS) {
        value = value * 100 / (int64_t)indicator->factor;
        if (denominator == PLAN_NONE || value > all)
            return;
        start_at(rule, value);
        rule->base = BASE_ELEMENT;
        rule->of = denominator;
    } else if ((rule->kind == RULE_MEAN && denominator != PLAN_NONE) ||
               (rule->kind == RULE_AMOUNT && indicator->denominator.count == 0)) {
        start_at(rule, value);
    }
}

/* A figure that the plan prints for 2020 is where its rule starts. */
static void use_facts(const struct plan *plan, struct demo_model *model)
{
    for (size_t i = 0; i < plan->fact_count; i++) {
        const struct fact *fact = &plan->facts[i];
        const struct indicator *indicator = &plan->indicators[fact->indicator];
        size_t element = only_element(&indicator->numerator);
        int64_t value = 0;
        if (fact->year != 2020 || element == PLAN_NONE || !decimal_read(fact->value_text, &value))
            continue;
        for (size_t k = 0; k < model->count; k++)
            if (model->rules[k].element == element &&
                strcmp(model->rules[k].stratum, fact->stratum) == 0)
                start_from(&model->rules[k], indicator, value);
    }
}

enum status demo_model_load(const struct plan *plan, const uint8_t *bytes, size_t size,
                            struct arena *arena, struct problems *problems,
                            struct demo_model *out_model)
{
    bool failed = false;
    size_t before = problems->count + problems->dropped;
    struct plan_file file = {"model.csv", bytes, size};
    struct sheet sheet = {.problems = problems, .arena = arena, .failed = &failed};
    struct demo_model model = {0};
    if (sheet_open(&sheet, &file, 1, file.name, columns, COLUMNS) &&
        sheet_rows(&sheet) <= MODEL_ROWS_MAX) {
        model.count = sheet_rows(&sheet);
        model.rules = sheet_array(&sheet, model.count, sizeof *model.rules);
        for (size_t row = 0; model.rules != NULL && row < model.count; row++)
            read_rule(&sheet, plan, model.rules, row);
    }
    sheet_close(&sheet);
    if (failed)
        return STATUS_NO_MEMORY;
    if (model.rules == NULL || problems->count + problems->dropped > before)
        return STATUS_E_PLAN_INVALID;
    use_facts(plan, &model);
    *out_model = model;
    return STATUS_OK;
}

const struct demo_rule *demo_model_rule(const struct demo_model *model, size_t element,
                                        const char *stratum, enum rule_area area)
{
    const struct demo_rule *best = NULL;
    int best_score = 0;
    for (size_t i = 0; i < model->count; i++) {
        const struct demo_rule *rule = &model->rules[i];
        if (rule->element != element || (rule->area != RULE_ANYWHERE && rule->area != area) ||
            (rule->stratum[0] != '\0' && !stratum_equal(rule->stratum, stratum)))
            continue;
        int score = 1 + (rule->stratum[0] != '\0' ? 2 : 0) + (rule->area != RULE_ANYWHERE);
        if (score > best_score) {
            best = rule;
            best_score = score;
        }
    }
    return best;
}
