#include "lib/form_rule.h"

#include <stdlib.h>
#include <string.h>

#include "plan/soft_rules.h"
#include "plan/stratum.h"
#include "text/csv.h"

enum { TERM_TEXT_MAX = 256, QUANTITY_CELLS_MAX = 256, SUM_TEXT_MAX = 8192 };

struct rule_reader {
    const struct plan *plan;
    const struct form *form;
    struct arena *arena;
    struct quantity_term terms[QUANTITY_CELLS_MAX];
    size_t count;
};

static const char *skip_blanks(const char *text)
{
    return text + strspn(text, " ");
}

static bool add_term(struct rule_reader *reader, size_t cell, int sign)
{
    if (reader->count == QUANTITY_CELLS_MAX)
        return false;
    reader->terms[reader->count++] = (struct quantity_term){(uint16_t)cell, (int8_t)sign};
    return true;
}

/* "#12": a cell by its number. */
static bool take_cell(struct rule_reader *reader, const char **text, int sign)
{
    char *end = NULL;
    unsigned long number = strtoul(*text + 1, &end, 10);
    const struct cell *cell =
        number == 0 || number > UINT32_MAX ? NULL : form_cell(reader->form, (uint32_t)number);
    *text = end;
    return cell != NULL && add_term(reader, (size_t)(cell - reader->form->cells), sign);
}

/* "element" or "element{tag=value}": the cells that make it up in this form. */
static bool take_element(struct rule_reader *reader, const char **text, int sign)
{
    char code[TERM_TEXT_MAX], filter[TERM_TEXT_MAX] = "";
    size_t length = strspn(*text, "abcdefghijklmnopqrstuvwxyz0123456789_"), element = 0;
    if (length == 0 || length >= sizeof code)
        return false;
    memcpy(code, *text, length);
    code[length] = '\0';
    *text += length;
    if (**text == '{') {
        size_t size = strcspn(*text + 1, "}");
        if (size >= sizeof filter || (*text)[size + 1] != '}')
            return false;
        memcpy(filter, *text + 1, size);
        filter[size] = '\0';
        *text += size + 2;
    }
    while (element < reader->plan->element_count &&
           strcmp(reader->plan->elements[element].code, code) != 0)
        element++;
    /* A village lies in one area, so its form has no such cells (common/plan/form_rules.c). */
    if (strcmp(reader->form->reporter, "village") == 0) {
        char kept[TERM_TEXT_MAX];
        if (!stratum_join(filter, "", "area", kept, sizeof kept))
            return false;
        memcpy(filter, kept, sizeof filter);
    }
    struct cell_choice choice = form_choose(reader->form, element, filter);
    bool any = false;
    for (size_t i = 0; choice.pattern != NULL && i < reader->form->cell_count; i++)
        if (cell_chosen(&choice, &reader->form->cells[i])) {
            if (!add_term(reader, i, sign))
                return false;
            any = true;
        }
    return any;
}

/* A sum of terms; count 0 when it cannot be read or the form lacks a part. *rest: what follows. */
static struct quantity read_quantity(struct rule_reader *reader, const char *text,
                                     const char **rest)
{
    struct quantity none = {0};
    reader->count = 0;
    text = skip_blanks(text);
    for (bool first = true; first || *text == '+' || *text == '-'; first = false) {
        int sign = *text == '-' ? -1 : 1;
        if (*text == '+' || *text == '-')
            text = skip_blanks(text + 1);
        if (!(*text == '#' ? take_cell(reader, &text, sign) : take_element(reader, &text, sign)))
            return none;
        text = skip_blanks(text);
    }
    *rest = text;
    struct quantity_term *saved =
        arena_copy(reader->arena, reader->terms, reader->count * sizeof *reader->terms);
    return saved == NULL ? none : (struct quantity){reader->count, saved};
}

static bool read_operator(const char *text, enum check_operator *out_operator)
{
    static const struct {
        const char *text;
        enum check_operator op;
    } operators[] = {
        {"<=", CHECK_AT_MOST },
        {">=", CHECK_AT_LEAST},
        {"=",  CHECK_EQUAL   },
        {"<",  CHECK_BELOW   }
    };
    for (size_t i = 0; i < sizeof operators / sizeof *operators; i++)
        if (strcmp(text, operators[i].text) == 0) {
            *out_operator = operators[i].op;
            return true;
        }
    return false;
}

static bool begins(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* The indicator's name out of a sentence about it: what stands between `open` and `close`, or the
 * whole sentence. NULL without memory. */
static const char *name_in(struct rule_reader *reader, const char *sentence, const char *open,
                           const char *close)
{
    const char *end = begins(sentence, open) ? strstr(sentence, close) : NULL;
    if (end == NULL)
        return sentence;
    const char *start = sentence + strlen(open);
    return arena_printf(reader->arena, "%.*s", (int)(end - start), start);
}

/* What a bound or a pair says of its indicator is its names and, in messages, its limit. */
static bool set_indicator(struct rule_reader *reader, const Zhibao__FormCheck *from,
                          struct rule *rule)
{
    struct indicator *indicator = arena_alloc(reader->arena, sizeof *indicator);
    if (indicator == NULL)
        return false;
    bool pair = rule->kind == RULE_PAIR;
    indicator->code = indicator->domain = indicator->unit = indicator->strata = "";
    indicator->name_zh = name_in(reader, from->zh, "“", "”");
    indicator->name_en =
        name_in(reader, from->en, "", pair ? " needs numerator" : ": the numerator");
    indicator->upper = rule->limit;
    indicator->factor = 1;
    indicator->has_upper = true;
    rule->indicator = indicator;
    return indicator->name_zh != NULL && indicator->name_en != NULL;
}

static struct check *check_of(struct rule_reader *reader, const Zhibao__FormCheck *from,
                              enum check_operator op)
{
    struct check *check = arena_alloc(reader->arena, sizeof *check);
    if (check == NULL)
        return NULL;
    check->code = from->name;
    check->level = reader->form->reporter;
    check->op = op;
    check->left_text = from->left;
    check->op_text = from->op;
    check->right_text = from->right;
    check->soft = from->soft;
    check->text_zh = from->zh;
    check->text_en = from->en;
    return check;
}

static bool set_check(struct rule_reader *reader, const Zhibao__FormCheck *from,
                      enum check_operator op, struct rule *rule)
{
    rule->check = check_of(reader, from, op);
    return rule->check != NULL;
}

static bool same_quantity(const struct quantity *left, const struct quantity *right)
{
    if (left->count != right->count)
        return false;
    for (size_t i = 0; i < left->count; i++)
        if (left->terms[i].cell != right->terms[i].cell ||
            left->terms[i].sign != right->terms[i].sign)
            return false;
    return true;
}

/* Whether an earlier rule says the same: one indicator's bound may come once for each stratum. */
static bool is_repeated(const struct rule *first, const struct rule *rule)
{
    for (; first != NULL; first = first->next)
        if (first->kind == rule->kind && rule->kind != RULE_CHECK &&
            same_quantity(&first->left, &rule->left) && same_quantity(&first->right, &rule->right))
            return true;
    return false;
}

/* Both sides; "0.5*(a+b)" on the right is a sum with a limit. */
static bool read_sides(struct rule_reader *reader, const Zhibao__FormCheck *from, struct rule *rule)
{
    char sum[SUM_TEXT_MAX];
    const char *rest = "", *right = from->right, *open = strstr(right, "*(");
    size_t length = strlen(right);
    rule->limit = 1;
    if (open != NULL && length < sizeof sum && right[length - 1] == ')') {
        char *end = NULL;
        rule->limit = strtod(right, &end);
        if (end != open || !(rule->limit > 0))
            return false;
        memcpy(sum, open + 2, strlen(open + 2) + 1);
        sum[strlen(sum) - 1] = '\0';
        right = sum;
    }
    rule->left = read_quantity(reader, from->left, &rest);
    if (rule->left.count == 0 || *rest != '\0')
        return false;
    rule->right = read_quantity(reader, right, &rest);
    return rule->right.count > 0 && *rest == '\0';
}

/* False when the check is left to the server. */
static bool read_check(struct rule_reader *reader, const Zhibao__FormCheck *from, struct rule *rule)
{
    enum check_operator op = CHECK_EQUAL;
    if (!read_sides(reader, from, rule))
        return false;
    if (strcmp(from->op, "pair") == 0) {
        rule->kind = RULE_PAIR;
        return rule->limit == 1 && set_indicator(reader, from, rule);
    }
    if (!read_operator(from->op, &op))
        return false;
    if (begins(from->name, "bound-")) {
        rule->kind = RULE_BOUND;
        return op == CHECK_AT_MOST && set_indicator(reader, from, rule);
    }
    if (rule->limit != 1)
        return false;
    if (begins(from->name, "parts-")) {
        rule->kind = op == CHECK_EQUAL ? RULE_PARTS_EQUAL : RULE_PARTS;
        return op == CHECK_EQUAL || op == CHECK_AT_MOST;
    }
    rule->kind = RULE_CHECK;
    return set_check(reader, from, op, rule);
}

/* "a+b / c" */
static bool read_ratio(struct rule_reader *reader, const char *text, struct quantity *out_numerator,
                       struct quantity *out_denominator)
{
    const char *rest = "";
    *out_numerator = read_quantity(reader, text, &rest);
    if (out_numerator->count == 0 || rest[0] != '/')
        return false;
    *out_denominator = read_quantity(reader, rest + 1, &rest);
    return out_denominator->count > 0 && rest[0] == '\0';
}

/* One ratio never above another; false when it is left to the server. */
static bool read_order(struct rule_reader *reader, const Zhibao__FormCheck *from,
                       struct soft_rule *rule)
{
    rule->check = check_of(reader, from, CHECK_ORDER);
    return rule->check != NULL &&
           read_ratio(reader, from->left, &rule->numerators[0], &rule->denominators[0]) &&
           read_ratio(reader, from->right, &rule->numerators[1], &rule->denominators[1]);
}

/* The operators of soft_rules.h; false for all others. */
static bool read_soft_operator(const char *text, enum check_operator *out_operator)
{
    static const char *const names[] = {"change", "outlier", "villages", "order"};
    for (int i = 0; i < 4; i++)
        if (strcmp(text, names[i]) == 0) {
            *out_operator = (enum check_operator)(CHECK_CHANGE + i);
            return true;
        }
    return false;
}

static enum status soft_read(struct rule_reader *reader, const Zhibao__FormSheet *sheet,
                             struct form_rules *rules, size_t *count)
{
    bool failed = false;
    size_t row_count = 0;
    const struct soft_rule *orders = NULL;
    const struct check **rows = arena_array(reader->arena, sheet->n_checks, sizeof(struct check *));
    for (size_t i = 0; rows != NULL && i < sheet->n_checks; i++) {
        enum check_operator op = CHECK_CHANGE;
        if (!read_soft_operator(sheet->checks[i]->op, &op))
            continue;
        if (op != CHECK_ORDER) {
            rows[row_count] = check_of(reader, sheet->checks[i], op);
            failed = failed || rows[row_count++] == NULL;
            continue;
        }
        struct soft_rule *rule = arena_alloc(reader->arena, sizeof *rule);
        if (rule == NULL)
            return STATUS_NO_MEMORY;
        if (!read_order(reader, sheet->checks[i], rule))
            continue;
        rule->next = orders;
        orders = rule;
    }
    if (rows == NULL || failed)
        return STATUS_NO_MEMORY;
    rules->soft =
        soft_rules_create(reader->plan, reader->form, rows, row_count, reader->arena, &failed);
    const struct soft_rule **last = &rules->soft;
    for (; *last != NULL; last = (const struct soft_rule **)&(*last)->next)
        (*count)++; /* the list is const only towards its readers */
    *last = orders;
    for (; orders != NULL; orders = orders->next)
        (*count)++;
    return failed ? STATUS_NO_MEMORY : STATUS_OK;
}

enum status form_rules_read(const Zhibao__FormSheet *sheet, const struct plan *plan,
                            struct arena *arena, struct form *form, size_t *out_count)
{
    struct rule_reader *reader = arena_alloc(arena, sizeof *reader);
    struct form_rules *rules = arena_alloc(arena, sizeof *rules);
    if (reader == NULL || rules == NULL)
        return STATUS_NO_MEMORY;
    reader->plan = plan;
    reader->form = form;
    reader->arena = arena;
    const struct rule **last = &rules->first;
    size_t count = 0;
    for (size_t i = 0; i < sheet->n_checks; i++) {
        struct rule *rule = arena_alloc(arena, sizeof *rule);
        if (rule == NULL)
            return STATUS_NO_MEMORY;
        if (!read_check(reader, sheet->checks[i], rule) || is_repeated(rules->first, rule))
            continue;
        *last = rule;
        last = &rule->next;
        count++;
    }
    if (soft_read(reader, sheet, rules, &count) != STATUS_OK)
        return STATUS_NO_MEMORY;
    form->rules = rules;
    *out_count = count;
    return arena_exhausted(arena) || arena_refused(arena) ? STATUS_NO_MEMORY : STATUS_OK;
}
