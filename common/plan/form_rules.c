#include "plan/form_rules.h"

#include <string.h>

#include "plan/soft_rules.h"
#include "plan/stratum.h"

enum { FILTER_BYTES = 256, CELLS_PER_QUANTITY = 256 };

struct builder {
    const struct plan *plan;
    const struct form *form;
    struct arena *arena;
    const struct rule **last; /* where the next rule is linked */
    bool failed;
};

/* All villages of a report lie in one area, so that a village form cannot and need not split by
 * it: there the tag "area" is the reporter's, not the cell's. */
static const char *implicit_key(const struct form *form)
{
    return strcmp(form->reporter, "village") == 0 ? "area" : NULL;
}

static bool gather_term(const struct form *form, const struct term *term, const char *stratum,
                        struct quantity_term *terms, size_t *count)
{
    char filter[FILTER_BYTES];
    if (!stratum_join(term->stratum, stratum, implicit_key(form), filter, sizeof filter))
        return false;
    struct cell_choice choice = form_choose(form, term->element, filter);
    if (choice.pattern == NULL)
        return false;
    for (size_t i = 0; i < form->cell_count; i++) {
        if (!cell_chosen(&choice, &form->cells[i]))
            continue;
        if (*count == CELLS_PER_QUANTITY)
            return false;
        terms[(*count)++] = (struct quantity_term){(uint16_t)i, (int8_t)term->sign};
    }
    return true;
}

static struct quantity save(struct builder *builder, const struct quantity_term *terms,
                            size_t count)
{
    struct quantity_term *saved = arena_copy(builder->arena, terms, count * sizeof *terms);
    if (saved == NULL)
        builder->failed = true;
    return (struct quantity){saved == NULL ? 0 : count, saved};
}

/* The expression's cells in this form; count 0 unless the form has all of its elements. */
static struct quantity find(struct builder *builder, const struct expression *expression,
                            const char *stratum)
{
    struct quantity_term terms[CELLS_PER_QUANTITY];
    size_t count = 0;
    for (size_t i = 0; i < expression->count; i++)
        if (!gather_term(builder->form, &expression->terms[i], stratum, terms, &count))
            return (struct quantity){0};
    return save(builder, terms, count);
}

static void add(struct builder *builder, const struct rule *rule)
{
    struct rule *saved = arena_copy(builder->arena, rule, sizeof *rule);
    if (saved == NULL) {
        builder->failed = true;
        return;
    }
    *builder->last = saved;
    builder->last = &saved->next;
}

/* Numerator and denominator of one indicator in one stratum. */
static void add_bound(struct builder *builder, const struct indicator *indicator,
                      const char *stratum)
{
    struct rule rule = {
        .kind = RULE_BOUND,
        .left = find(builder, &indicator->numerator, stratum),
        .right = find(builder, &indicator->denominator, stratum),
        .limit = indicator->upper / indicator->factor,
        .indicator = indicator,
    };
    if (rule.left.count == 0 || rule.right.count == 0)
        return;
    if (indicator->has_upper)
        add(builder, &rule);
    rule.kind = RULE_PAIR;
    if (indicator->kind != INDICATOR_MEAN && stratum[0] == '\0')
        add(builder, &rule);
}

/* Every ratio and mean of the form, and each of its strata that has a cell of its own: the first
 * term's cells tell which those are. */
static void add_bounds(struct builder *builder)
{
    const struct form *form = builder->form;
    for (size_t i = 0; i < builder->plan->indicator_count; i++) {
        const struct indicator *indicator = &builder->plan->indicators[i];
        if (indicator->denominator.count == 0 || indicator->kind == INDICATOR_SHARE_OF_UNITS)
            continue;
        add_bound(builder, indicator, "");
        for (size_t k = 0; k < form->cell_count; k++)
            if (form->cells[k].element == indicator->numerator.terms[0].element &&
                form->cells[k].stratum[0] != '\0' && indicator->strata[0] != '\0')
                add_bound(builder, indicator, form->cells[k].stratum);
    }
}

/* Whether the parts of this element add up: counts do, yes/no does not, nor do figures that are a
 * minimum over institutions or one department's own reckoning. */
static bool adds_up(const struct plan *plan, size_t element)
{
    if (plan->elements[element].type != ELEMENT_COUNT)
        return false;
    for (size_t i = 0; i < plan->indicator_count; i++) {
        const struct indicator *indicator = &plan->indicators[i];
        bool single = indicator->kind == INDICATOR_MEASURE ||
                      (indicator->kind == INDICATOR_EACH_UNIT && indicator->denominator.count == 0);
        for (size_t k = 0; single && k < indicator->numerator.count; k++)
            if (indicator->numerator.terms[k].element == element)
                return false;
    }
    return true;
}

/* Strata whose values exclude each other; of these, sex and area together are everyone. */
static bool splits(const char *tags, bool *out_everyone)
{
    size_t length = 0;
    *out_everyone = strcmp(tags, "sex=m") == 0 || strcmp(tags, "sex=f") == 0 ||
                    strcmp(tags, "area=urban") == 0 || strcmp(tags, "area=rural") == 0;
    const char *keys[] = {"sex", "area", "age", "stage"};
    for (const char *at = tags; *at != '\0'; at += *at == ';') {
        bool known = false;
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            known = known || stratum_value(at, keys[i], &length) == at + strlen(keys[i]) + 1;
        if (!known)
            return false;
        at += strcspn(at, ";");
    }
    return true;
}

static void add_total(struct builder *builder, size_t total, size_t first_part)
{
    const struct cell *cells = builder->form->cells;
    const char *pattern = cells[first_part].stratum;
    struct quantity_term parts[CELLS_PER_QUANTITY], whole = {(uint16_t)total, 1};
    size_t count = 0;
    bool everyone = false;
    bool disjoint = splits(pattern, &everyone);
    struct rule rule = {.kind = RULE_PARTS, .right = save(builder, &whole, 1)};
    for (size_t i = 0; i < builder->form->cell_count && count < CELLS_PER_QUANTITY; i++) {
        if (cells[i].element != cells[total].element ||
            !stratum_same_keys(pattern, cells[i].stratum))
            continue;
        parts[count] = (struct quantity_term){(uint16_t)i, 1};
        if (!disjoint) { /* groups may overlap: each alone is within the total */
            rule.left = save(builder, &parts[count], 1);
            add(builder, &rule);
        }
        count++;
    }
    if (!disjoint)
        return;
    rule.left = save(builder, parts, count);
    if (everyone && count == 2)
        rule.kind = RULE_PARTS_EQUAL;
    add(builder, &rule);
}

/* For each total and each set of keys beside it, once: at the first cell with those keys. */
static void add_totals(struct builder *builder)
{
    const struct form *form = builder->form;
    const struct cell *cells = form->cells;
    for (size_t total = 0; total < form->cell_count; total++) {
        if (cells[total].stratum[0] != '\0' || !adds_up(builder->plan, cells[total].element))
            continue;
        for (size_t i = 0; i < form->cell_count; i++) {
            if (cells[i].element != cells[total].element || cells[i].stratum[0] == '\0')
                continue;
            bool first = true;
            for (size_t k = 0; k < i; k++)
                if (cells[k].element == cells[i].element &&
                    stratum_same_keys(cells[k].stratum, cells[i].stratum))
                    first = false;
            if (first)
                add_total(builder, total, i);
        }
    }
}

static void add_checks(struct builder *builder)
{
    for (size_t i = 0; i < builder->plan->check_count; i++) {
        const struct check *check = &builder->plan->checks[i];
        if (check->op >= CHECK_CHANGE || strcmp(check->level, builder->form->reporter) != 0)
            continue;
        struct rule rule = {
            .kind = RULE_CHECK,
            .left = find(builder, &check->left, ""),
            .right = find(builder, &check->right, ""),
            .check = check,
        };
        if (rule.left.count > 0 && rule.right.count > 0)
            add(builder, &rule);
    }
}

static bool has_row(const struct check *const *checks, size_t count, const char *element)
{
    for (size_t i = 0; i < count; i++)
        if (checks[i]->op == CHECK_VILLAGES && strcmp(checks[i]->left_text, element) == 0)
            return true;
    return false;
}

/* What a township reports and its villages report too is compared without a row of its own. */
static size_t add_shared(struct builder *builder, const struct check **checks, size_t count)
{
    const struct plan *plan = builder->plan;
    const struct form *villages = plan_village_form(plan);
    if (strcmp(builder->form->reporter, "township") != 0 || villages == NULL)
        return count;
    for (size_t i = 0; i < plan->element_count; i++) {
        const char *code = plan->elements[i].code;
        if (form_choose(builder->form, i, "").pattern == NULL ||
            form_choose(villages, i, "").pattern == NULL || has_row(checks, count, code))
            continue;
        struct check *check = arena_alloc(builder->arena, sizeof *check);
        if (check == NULL) {
            builder->failed = true;
            return count;
        }
        check->code = arena_printf(builder->arena, "villages-%s", code);
        check->level = builder->form->reporter;
        check->op = CHECK_VILLAGES;
        check->op_text = "villages";
        check->left_text = check->right_text = code;
        check->soft = true;
        check->text_zh = "与各村合计不一致，请说明";
        check->text_en = "differs from the sum of the villages: explain";
        builder->failed = builder->failed || check->code == NULL;
        checks[count++] = check;
    }
    return count;
}

/* "a is never above b" where the form has both ratios; NULL when it has not. */
static struct soft_rule *order_make(struct builder *builder, const struct indicator *lower,
                                    const struct indicator *upper)
{
    struct soft_rule rule = {0};
    if (lower->kind != INDICATOR_RATIO || upper->kind != INDICATOR_RATIO ||
        lower->factor != upper->factor)
        return NULL;
    rule.numerators[0] = find(builder, &lower->numerator, "");
    rule.denominators[0] = find(builder, &lower->denominator, "");
    rule.numerators[1] = find(builder, &upper->numerator, "");
    rule.denominators[1] = find(builder, &upper->denominator, "");
    for (int i = 0; i < 2; i++)
        if (rule.numerators[i].count == 0 || rule.denominators[i].count == 0)
            return NULL;
    struct check *check = arena_alloc(builder->arena, sizeof *check);
    if (check == NULL) {
        builder->failed = true;
        return NULL;
    }
    check->code = arena_printf(builder->arena, "order-%s", lower->code);
    check->level = builder->form->reporter;
    check->op = CHECK_ORDER;
    check->op_text = "order";
    check->left_text = lower->code;
    check->right_text = upper->code;
    check->soft = true;
    check->text_zh =
        arena_printf(builder->arena, "“%s”不应高于“%s”，请说明", lower->name_zh, upper->name_zh);
    check->text_en = arena_printf(builder->arena, "%s should not be above %s: explain",
                                  lower->name_en, upper->name_en);
    builder->failed =
        builder->failed || check->code == NULL || check->text_zh == NULL || check->text_en == NULL;
    rule.check = check;
    struct soft_rule *saved = arena_copy(builder->arena, &rule, sizeof rule);
    builder->failed = builder->failed || saved == NULL;
    return saved;
}

static void add_orders(struct builder *builder, const struct soft_rule **last)
{
    const struct plan *plan = builder->plan;
    for (size_t i = 0; i < plan->indicator_count && !builder->failed; i++) {
        const char *cursor = plan->indicators[i].related;
        struct relation relation;
        while (plan_related_next(plan, &cursor, &relation)) {
            if (!relation.at_most || relation.indicator == PLAN_NONE)
                continue;
            struct soft_rule *rule =
                order_make(builder, &plan->indicators[i], &plan->indicators[relation.indicator]);
            if (rule == NULL)
                continue;
            *last = rule;
            last = &rule->next;
        }
    }
}

static void add_soft(struct builder *builder, struct form_rules *rules)
{
    const struct plan *plan = builder->plan;
    const struct check **checks = arena_array(
        builder->arena, plan->check_count + plan->element_count, sizeof(struct check *));
    size_t count = 0;
    if (checks == NULL) {
        builder->failed = true;
        return;
    }
    for (size_t i = 0; i < plan->check_count; i++) {
        const struct check *check = &plan->checks[i];
        if (check->op >= CHECK_CHANGE &&
            (strcmp(check->level, "*") == 0 || strcmp(check->level, builder->form->reporter) == 0))
            checks[count++] = check;
    }
    count = add_shared(builder, checks, count);
    rules->soft =
        soft_rules_create(plan, builder->form, checks, count, builder->arena, &builder->failed);
    const struct soft_rule **last = &rules->soft;
    while (*last != NULL)
        last = (const struct soft_rule **)&(*last)->next; /* const only towards the readers */
    add_orders(builder, last);
}

const struct form_rules *form_rules_create(const struct plan *plan, const struct form *form,
                                           struct arena *arena)
{
    struct form_rules *rules = arena_alloc(arena, sizeof *rules);
    if (rules == NULL)
        return NULL;
    if (form_is_consolidation(form)) /* each unit's figures were checked where it reported */
        return rules;
    struct builder builder = {.plan = plan, .form = form, .arena = arena, .last = &rules->first};
    add_bounds(&builder);
    add_totals(&builder);
    add_checks(&builder);
    add_soft(&builder, rules);
    return builder.failed ? NULL : rules;
}
