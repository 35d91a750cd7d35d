/* Which published figures tell of each other: parts of a whole, counts within counts, two names of
 * one count. */
#include <string.h>

#include "plan/stratum.h"
#include "server/query/publish.h"

/* Keys of strata, as plans use them. */
static const char *const keys[] = {"area",    "sex",   "age",        "stage",
                                   "disease", "cause", "institution"};
enum { KEYS = sizeof keys / sizeof *keys };

struct binding {
    const struct pull *pull;
    size_t *family_of; /* by indicator; PLAN_NONE: no secret */
    struct family *family;
    size_t bond_room;
};

bool publish_is_sensitive(const struct plan *plan, const struct indicator *indicator)
{
    for (size_t i = 0; i < indicator->numerator.count; i++) {
        const char *unit = plan->elements[indicator->numerator.terms[i].element].unit;
        if (strcmp(unit, "person") == 0 || strcmp(unit, "case") == 0)
            return true;
    }
    return false;
}

static bool counts_the_same(const struct indicator *left, const struct indicator *right)
{
    if (left->numerator.count != right->numerator.count)
        return false;
    for (size_t i = 0; i < left->numerator.count; i++) {
        const struct term *a = &left->numerator.terms[i], *b = &right->numerator.terms[i];
        if (a->element != b->element || a->sign != b->sign ||
            !stratum_equal(a->stratum, b->stratum))
            return false;
    }
    return true;
}

static bool is_bound(const struct plan *plan, size_t left, size_t right)
{
    return plan_is_within(plan, left, right) || plan_is_within(plan, right, left) ||
           counts_the_same(&plan->indicators[left], &plan->indicators[right]);
}

/* Gives every indicator the number of the first one it is bound to, directly or by others. */
static void join(struct binding *binding)
{
    const struct plan *plan = binding->pull->plan;
    size_t *family_of = binding->family_of, count = plan->indicator_count;
    for (size_t i = 0; i < count; i++)
        family_of[i] = publish_is_sensitive(plan, &plan->indicators[i]) ? i : PLAN_NONE;
    for (size_t i = 0; i < count; i++)
        for (size_t k = i + 1; family_of[i] != PLAN_NONE && k < count; k++) {
            size_t from = family_of[k], to = family_of[i];
            if (from == PLAN_NONE || from == to || !is_bound(plan, i, k))
                continue;
            for (size_t j = 0; j < count; j++)
                if (family_of[j] == from)
                    family_of[j] = to;
        }
}

static bool is_new(const struct family *family, size_t indicator, const char *stratum)
{
    for (size_t i = 0; i < family->figure_count; i++)
        if (family->figures[i].indicator == indicator &&
            stratum_equal(family->figures[i].stratum, stratum))
            return false;
    return true;
}

static void figure_add(struct family *family, size_t indicator, const char *stratum, size_t room)
{
    if (family->figure_count < room && is_new(family, indicator, stratum))
        family->figures[family->figure_count++] =
            (struct figure){.indicator = indicator, .stratum = stratum};
}

/* The indicator as a whole and in each stratum that a target or a printed figure names. */
static enum status figures_list(struct binding *binding, size_t number)
{
    const struct plan *plan = binding->pull->plan;
    struct family *family = binding->family;
    size_t room = plan->target_count + plan->fact_count + plan->indicator_count;
    family->figures = arena_array(binding->pull->query->arena, room, sizeof *family->figures);
    if (family->figures == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < plan->indicator_count; i++) {
        if (binding->family_of[i] != number)
            continue;
        figure_add(family, i, "", room);
        for (size_t k = 0; k < plan->target_count; k++)
            if (plan->targets[k].indicator == i)
                figure_add(family, i, plan->targets[k].stratum, room);
        for (size_t k = 0; k < plan->fact_count; k++)
            if (plan->facts[k].indicator == i)
                figure_add(family, i, plan->facts[k].stratum, room);
    }
    return STATUS_OK;
}

static struct bond *bond_new(struct binding *binding, size_t whole)
{
    struct family *family = binding->family;
    struct bond *bond = &family->bonds[family->bond_count];
    if (family->bond_count == binding->bond_room)
        return NULL;
    *bond = (struct bond){.whole = whole};
    bond->parts =
        arena_array(binding->pull->query->arena, family->figure_count, sizeof *bond->parts);
    return bond->parts == NULL ? NULL : bond;
}

/* The strata of one key beside the whole. */
static enum status bind_parts(struct binding *binding, size_t whole, const char *key)
{
    struct family *family = binding->family;
    struct bond *bond = bond_new(binding, whole);
    size_t length = 0;
    if (bond == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < family->figure_count; i++)
        if (family->figures[i].indicator == family->figures[whole].indicator &&
            strchr(family->figures[i].stratum, ';') == NULL &&
            stratum_value(family->figures[i].stratum, key, &length) != NULL)
            bond->parts[bond->count++] = i;
    family->bond_count += bond->count > 0;
    return STATUS_OK;
}

/* Two figures of one stratum of which one holds the other, or both are one count. */
static enum status bind_pair(struct binding *binding, size_t outer, size_t inner)
{
    const struct plan *plan = binding->pull->plan;
    struct family *family = binding->family;
    size_t left = family->figures[outer].indicator, right = family->figures[inner].indicator;
    if (left == right ||
        !stratum_equal(family->figures[outer].stratum, family->figures[inner].stratum))
        return STATUS_OK;
    bool same = counts_the_same(&plan->indicators[left], &plan->indicators[right]);
    if (same ? outer > inner : !plan_is_within(plan, right, left))
        return STATUS_OK;
    struct bond *bond = bond_new(binding, outer);
    if (bond == NULL)
        return STATUS_NO_MEMORY;
    bond->parts[bond->count++] = inner;
    bond->counted_alike = !same;
    bond->same = same;
    family->bond_count++;
    return STATUS_OK;
}

static enum status bonds_list(struct binding *binding)
{
    struct family *family = binding->family;
    size_t count = family->figure_count;
    enum status status = STATUS_OK;
    binding->bond_room = count * (KEYS + count) + 1;
    family->bonds =
        arena_array(binding->pull->query->arena, binding->bond_room, sizeof *family->bonds);
    if (family->bonds == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        for (size_t k = 0;
             k < KEYS && family->figures[i].stratum[0] == '\0' && count > 1 && status == STATUS_OK;
             k++)
            status = bind_parts(binding, i, keys[k]);
        for (size_t k = 0; k < count && status == STATUS_OK; k++)
            status = bind_pair(binding, i, k);
    }
    return status;
}

enum status publish_families(const struct pull *pull, struct family **out_families,
                             size_t *out_count)
{
    struct arena *arena = pull->query->arena;
    size_t count = pull->plan->indicator_count, made = 0;
    struct binding binding = {.pull = pull};
    struct family *families = arena_array(arena, count + 1, sizeof *families);
    binding.family_of = arena_array(arena, count + 1, sizeof *binding.family_of);
    if (families == NULL || binding.family_of == NULL)
        return STATUS_NO_MEMORY;
    join(&binding);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        bool asked = pull->only == PLAN_NONE || binding.family_of[pull->only] == i;
        if (binding.family_of[i] != i || !asked)
            continue;
        binding.family = &families[made++];
        status = figures_list(&binding, i);
        if (status == STATUS_OK)
            status = bonds_list(&binding);
    }
    *out_families = families;
    *out_count = made;
    return status;
}
