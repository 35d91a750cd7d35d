/* GET_FORM: what a unit has to fill in, and what its figures will be checked against. */
#include <string.h>

#include "base/china_time.h"
#include "plan/soft_rules.h"
#include "query.pb-c.h"
#include "server/clock/now.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"

static const char *type_text(enum element_type type)
{
    switch (type) {
    case ELEMENT_COUNT: return "count";
    case ELEMENT_AMOUNT: return "amount";
    case ELEMENT_YESNO: return "yesno";
    }
    return "";
}

static char *bound_text(struct arena *arena, bool has, double bound)
{
    return has ? arena_printf(arena, "%.15g", bound) : arena_string(arena, "");
}

static Zhibao__FormCell *cell_make(struct arena *arena, const struct plan *plan,
                                   const struct cell *from)
{
    const struct element *element = &plan->elements[from->element];
    Zhibao__FormCell *cell = reply_cell(arena, plan, from);
    if (cell == NULL)
        return NULL;
    cell->type = reply_text(type_text(element->type));
    cell->required = from->required;
    cell->min = bound_text(arena, element->has_min, element->min);
    cell->max = bound_text(arena, element->has_max, element->max);
    return cell->min == NULL || cell->max == NULL ? NULL : cell;
}

/* One more term of a sum, as checks.csv writes it: "a+b{area=rural}-c". */
static const char *term_append(struct arena *arena, const char *text, int sign, const char *element,
                               const char *stratum)
{
    bool tagged = stratum[0] != '\0';
    if (text == NULL)
        return NULL;
    return arena_printf(arena, "%s%s%s%s%s%s", text,
                        sign < 0          ? "-"
                        : text[0] == '\0' ? ""
                                          : "+",
                        element, tagged ? "{" : "", stratum, tagged ? "}" : "");
}

static const char *expression_text(struct arena *arena, const struct plan *plan,
                                   const struct expression *expression)
{
    const char *text = "";
    for (size_t i = 0; i < expression->count; i++)
        text = term_append(arena, text, expression->terms[i].sign,
                           plan->elements[expression->terms[i].element].code,
                           expression->terms[i].stratum);
    return text;
}

static const char *quantity_text(struct arena *arena, const struct plan *plan,
                                 const struct form *form, const struct quantity *quantity)
{
    const char *text = "";
    for (size_t i = 0; i < quantity->count; i++) {
        const struct cell *cell = &form->cells[quantity->terms[i].cell];
        text = term_append(arena, text, quantity->terms[i].sign, plan->elements[cell->element].code,
                           cell->stratum);
    }
    return text;
}

static void bound_fill(struct arena *arena, const struct plan *plan, const struct rule *rule,
                       Zhibao__FormCheck *check)
{
    const struct indicator *indicator = rule->indicator;
    bool pair = rule->kind == RULE_PAIR;
    const char *right = expression_text(arena, plan, &indicator->denominator);
    check->name = arena_printf(arena, "%s-%s", pair ? "pair" : "bound", indicator->code);
    check->left = reply_text(expression_text(arena, plan, &indicator->numerator));
    check->op = reply_text(pair ? "pair" : "<=");
    if (!pair && rule->limit != 1 && right != NULL)
        right = arena_printf(arena, "%.15g*(%s)", rule->limit, right);
    check->right = reply_text(right);
    check->zh = arena_printf(arena, pair ? "“%s”的分子和分母须同时填报" : "“%s”的分子不应大于分母",
                             indicator->name_zh);
    check->en = arena_printf(arena,
                             pair ? "%s needs numerator and denominator together"
                                  : "%s: the numerator cannot exceed the denominator",
                             indicator->name_en);
}

static void parts_fill(struct arena *arena, const struct plan *plan, const struct form *form,
                       const struct rule *rule, Zhibao__FormCheck *check)
{
    bool equal = rule->kind == RULE_PARTS_EQUAL;
    const struct cell *cell = &form->cells[rule->right.terms[0].cell];
    check->name = arena_printf(arena, "parts-%u", cell->number);
    check->left = reply_text(quantity_text(arena, plan, form, &rule->left));
    check->op = reply_text(equal ? "=" : "<=");
    check->right = reply_text(quantity_text(arena, plan, form, &rule->right));
    check->zh = arena_printf(arena, "“%s”各分组之和%s合计", plan->elements[cell->element].name_zh,
                             equal ? "应等于" : "不应大于");
    check->en =
        arena_printf(arena, "%s: the parts %s the total", plan->elements[cell->element].name_en,
                     equal ? "must make up" : "cannot exceed");
}

static void row_fill(const struct check *from, Zhibao__FormCheck *check)
{
    check->name = reply_text(from->code);
    check->left = reply_text(from->left_text);
    check->op = reply_text(from->op_text);
    check->right = reply_text(from->right_text);
    check->soft = from->soft;
    check->zh = reply_text(from->text_zh);
    check->en = reply_text(from->text_en);
}

static Zhibao__FormCheck *check_make(struct arena *arena, const struct plan *plan,
                                     const struct form *form, const struct rule *rule)
{
    Zhibao__FormCheck *check =
        (Zhibao__FormCheck *)reply_new(arena, &zhibao__form_check__descriptor);
    if (check == NULL)
        return NULL;
    switch (rule->kind) {
    case RULE_CHECK: row_fill(rule->check, check); break;
    case RULE_BOUND:
    case RULE_PAIR: bound_fill(arena, plan, rule, check); break;
    case RULE_PARTS:
    case RULE_PARTS_EQUAL: parts_fill(arena, plan, form, rule, check); break;
    }
    bool whole = check->name != NULL && check->left != NULL && check->right != NULL &&
                 check->zh != NULL && check->en != NULL;
    return whole ? check : NULL;
}

/* "a+b / c" of an indicator: how both sides of an order are written. */
static const char *ratio_text(struct arena *arena, const struct plan *plan, const struct form *form,
                              const struct quantity *numerator, const struct quantity *denominator)
{
    const char *above = quantity_text(arena, plan, form, numerator);
    const char *below = quantity_text(arena, plan, form, denominator);
    return above == NULL || below == NULL ? NULL : arena_printf(arena, "%s / %s", above, below);
}

static Zhibao__FormCheck *soft_make(struct arena *arena, const struct plan *plan,
                                    const struct form *form, const struct soft_rule *rule)
{
    Zhibao__FormCheck *check =
        (Zhibao__FormCheck *)reply_new(arena, &zhibao__form_check__descriptor);
    if (check == NULL)
        return NULL;
    row_fill(rule->check, check);
    if (rule->check->op == CHECK_ORDER) {
        check->left =
            reply_text(ratio_text(arena, plan, form, &rule->numerators[0], &rule->denominators[0]));
        check->right =
            reply_text(ratio_text(arena, plan, form, &rule->numerators[1], &rule->denominators[1]));
    }
    return check->left == NULL || check->right == NULL ? NULL : check;
}

static enum status checks_fill(struct arena *arena, const struct plan *plan,
                               const struct form *form, Zhibao__FormSheet *sheet)
{
    size_t count = 0;
    for (const struct rule *rule = form->rules->first; rule != NULL; rule = rule->next)
        count++;
    for (const struct soft_rule *rule = form->rules->soft; rule != NULL; rule = rule->next)
        count++;
    sheet->checks = arena_array(arena, count, sizeof(Zhibao__FormCheck *));
    if (sheet->checks == NULL)
        return STATUS_NO_MEMORY;
    for (const struct rule *rule = form->rules->first; rule != NULL; rule = rule->next) {
        Zhibao__FormCheck *check = check_make(arena, plan, form, rule);
        if (check == NULL)
            return STATUS_NO_MEMORY;
        sheet->checks[sheet->n_checks++] = check;
    }
    for (const struct soft_rule *rule = form->rules->soft; rule != NULL; rule = rule->next) {
        Zhibao__FormCheck *check = soft_make(arena, plan, form, rule);
        if (check == NULL)
            return STATUS_NO_MEMORY;
        sheet->checks[sheet->n_checks++] = check;
    }
    return STATUS_OK;
}

static enum status sheet_make(struct arena *arena, const struct plan *plan, const struct form *form,
                              Zhibao__FormSheet **out_sheet)
{
    Zhibao__FormSheet *sheet =
        (Zhibao__FormSheet *)reply_new(arena, &zhibao__form_sheet__descriptor);
    if (sheet == NULL)
        return STATUS_NO_MEMORY;
    sheet->plan = reply_text(plan->code);
    sheet->form = reply_text(form->code);
    sheet->version = form->version;
    sheet->reporter = reply_text(form->reporter);
    sheet->title_zh = reply_text(form->title_zh);
    sheet->title_en = reply_text(form->title_en);
    sheet->number = reply_text(form->number);
    sheet->authority = reply_text(form->authority_zh);
    sheet->opens = reply_text(form->opens);
    sheet->due = reply_text(form->due);
    sheet->valid_until = reply_text(form->valid_until);
    sheet->first_year = (uint32_t)plan->first_year;
    sheet->last_year = (uint32_t)plan->last_year;
    sheet->cells = arena_array(arena, form->cell_count, sizeof(Zhibao__FormCell *));
    if (sheet->cells == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < form->cell_count; i++) {
        Zhibao__FormCell *cell = cell_make(arena, plan, &form->cells[i]);
        if (cell == NULL)
            return STATUS_NO_MEMORY;
        sheet->cells[sheet->n_cells++] = cell;
    }
    *out_sheet = sheet;
    return checks_fill(arena, plan, form, sheet);
}

/* A named form, or with "" those that the asker's own unit fills in. */
static bool is_asked(const struct plan *plan, const struct form *form, const char *code,
                     const struct unit *asker)
{
    if (code[0] != '\0')
        return strcmp(form->code, code) == 0;
    return asker != NULL && plan_unit_owes(plan, asker, form);
}

enum status query_run_form(struct query *query, const ProtobufCMessage *request,
                           ProtobufCMessage **out_reply)
{
    const Zhibao__GetForm *asked = (const Zhibao__GetForm *)request;
    const char *code = asked->plan[0] != '\0' ? asked->plan : query->asker.plan;
    const struct plan *plan = registry_plan(query->registry, code);
    if (plan == NULL)
        return query_refuse(query, STATUS_E_PLAN_UNKNOWN, "plan", NULL, NULL);
    if (asked->plan[0] == '\0') /* the year that is reported now: a successor's forms can wait */
        plan = registry_plan(
            query->registry,
            registry_plan_of_year(query->registry, plan, china_year(server_now_us()) - 1)->code);
    const struct unit *asker = plan_unit(plan, query->asker.id);
    Zhibao__Form *reply = (Zhibao__Form *)reply_new(query->arena, &zhibao__form__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    reply->forms = arena_array(query->arena, plan->form_count, sizeof(Zhibao__FormSheet *));
    if (reply->forms == NULL)
        return STATUS_NO_MEMORY;
    enum status status = STATUS_OK;
    for (size_t i = 0; i < plan->form_count && status == STATUS_OK; i++)
        if (is_asked(plan, &plan->forms[i], asked->form, asker))
            status =
                sheet_make(query->arena, plan, &plan->forms[i], &reply->forms[reply->n_forms++]);
    if (status == STATUS_OK && reply->n_forms == 0 && asked->form[0] != '\0')
        status = query_refuse(query, STATUS_E_FORM_UNKNOWN, "form", NULL, NULL);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
