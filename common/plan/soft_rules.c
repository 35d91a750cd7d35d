#include "plan/soft_rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plan/stratum.h"

enum { ELEMENT_BYTES = 128, CELLS_PER_SIDE = 256 };

/* How closely `left` names an element: 2 by its code, 1 by its type, 0 not at all. */
static int closeness(const struct element *element, const char *left)
{
    if (strcmp(left, "@count") == 0)
        return element->type == ELEMENT_COUNT;
    if (strcmp(left, "@amount") == 0)
        return element->type == ELEMENT_AMOUNT;
    return strcmp(left, element->code) == 0 ? 2 : 0;
}

bool soft_left_valid(const struct plan *plan, const char *left)
{
    return strcmp(left, "@count") == 0 || strcmp(left, "@amount") == 0 ||
           plan_element(plan, left) != PLAN_NONE;
}

/* One threshold: a number with a sign of what it is before or behind it. */
static bool take_threshold(const char *token, struct soft_rule *rule)
{
    char *end = NULL;
    bool standard = token[0] == 'z';
    double number = strtod(token + standard, &end);
    if (end == token + standard || !isfinite(number) || number < 0)
        return false;
    if (standard)
        rule->z = number;
    else if (strcmp(end, "%") == 0)
        rule->percent = number;
    else if (strcmp(end, "mad") == 0)
        rule->mads = number;
    else if (strcmp(end, "y") == 0)
        rule->years = (unsigned)number;
    else
        rule->least = number;
    return standard || end[0] == '\0' || strcmp(end, "%") == 0 || strcmp(end, "mad") == 0 ||
           (strcmp(end, "y") == 0 && number >= 3 && number <= 20);
}

bool soft_thresholds_read(const struct check *check, struct soft_rule *rule)
{
    const char *at = check->right_text;
    if (check->op == CHECK_VILLAGES)
        at += strcspn(at, " ");
    for (at += strspn(at, " "); *at != '\0'; at += strspn(at, " ")) {
        char token[32];
        size_t length = strcspn(at, " ");
        if (length >= sizeof token)
            return false;
        memcpy(token, at, length);
        token[length] = '\0';
        if (!take_threshold(token, rule))
            return false;
        at += length;
    }
    return check->op == CHECK_VILLAGES || (check->op == CHECK_CHANGE && rule->percent > 0) ||
           (check->op == CHECK_OUTLIER && rule->mads > 0 && rule->years > 0);
}

size_t soft_village_element(const struct plan *plan, const struct check *check)
{
    char code[ELEMENT_BYTES];
    size_t length = strcspn(check->right_text, " ");
    if (length >= sizeof code)
        return PLAN_NONE;
    memcpy(code, check->right_text, length);
    code[length] = '\0';
    return plan_element(plan, code);
}

static struct quantity cells_of(const struct form *form, size_t element, struct arena *arena,
                                bool *out_failed)
{
    struct quantity_term terms[CELLS_PER_SIDE];
    size_t count = 0;
    struct cell_choice choice = form_choose(form, element, "");
    for (size_t i = 0; choice.pattern != NULL && i < form->cell_count; i++)
        if (cell_chosen(&choice, &form->cells[i]) && count < CELLS_PER_SIDE)
            terms[count++] = (struct quantity_term){(uint16_t)i, 1};
    struct quantity quantity = {count, arena_copy(arena, terms, count * sizeof *terms)};
    if (quantity.terms == NULL)
        *out_failed = true;
    return quantity;
}

/* The form's cells whose closest row of this operator is `check`. */
static bool cells_choose(const struct plan *plan, const struct form *form,
                         const struct check *const *checks, size_t count, const struct check *check,
                         struct arena *arena, struct soft_rule *rule)
{
    uint16_t *cells = arena_array(arena, form->cell_count, sizeof *cells);
    if (cells == NULL)
        return false;
    for (size_t i = 0; i < form->cell_count; i++) {
        const struct element *element = &plan->elements[form->cells[i].element];
        const struct check *closest = NULL;
        int best = 0;
        for (size_t k = 0; k < count; k++) {
            int here = checks[k]->op == check->op ? closeness(element, checks[k]->left_text) : 0;
            if (here > best) {
                best = here;
                closest = checks[k];
            }
        }
        if (closest == check)
            cells[rule->count++] = (uint16_t)i;
    }
    rule->cells = cells;
    return true;
}

/* False without memory; a rule that does not fit the form stays without cells. */
static bool rule_fill(const struct plan *plan, const struct form *form,
                      const struct check *const *checks, size_t count, struct arena *arena,
                      struct soft_rule *rule)
{
    const struct check *check = rule->check;
    bool failed = false;
    if (!soft_thresholds_read(check, rule))
        return true;
    if (check->op != CHECK_VILLAGES)
        return cells_choose(plan, form, checks, count, check, arena, rule);
    size_t element = plan_element(plan, check->left_text);
    if (element != PLAN_NONE)
        rule->own = cells_of(form, element, arena, &failed);
    rule->village_form = plan_village_form(plan);
    element = soft_village_element(plan, check);
    if (rule->village_form != NULL && rule->village_form != form && element != PLAN_NONE)
        rule->villages = cells_of(rule->village_form, element, arena, &failed);
    else
        rule->village_form = NULL;
    return !failed;
}

const struct soft_rule *soft_rules_create(const struct plan *plan, const struct form *form,
                                          const struct check *const *checks, size_t count,
                                          struct arena *arena, bool *out_failed)
{
    const struct soft_rule *first = NULL;
    const struct soft_rule **last = &first;
    for (size_t i = 0; i < count; i++) {
        if (checks[i]->op != CHECK_CHANGE && checks[i]->op != CHECK_OUTLIER &&
            checks[i]->op != CHECK_VILLAGES)
            continue;
        struct soft_rule *rule = arena_alloc(arena, sizeof *rule);
        if (rule == NULL) {
            *out_failed = true;
            return first;
        }
        rule->check = checks[i];
        if (!rule_fill(plan, form, checks, count, arena, rule)) {
            *out_failed = true;
            return first;
        }
        if (rule->count == 0 && rule->own.count == 0)
            continue;
        *last = rule;
        last = &rule->next;
    }
    return first;
}
