#include "server/query/calendar_scope.h"

#include "server/query/reply.h"

static const struct plan *plan_find(const struct query *query, const char *code, uint64_t place)
{
    static const unsigned numbers[] = {UNIT_OWN, UNIT_STATISTICS, UNIT_OFFICE, UNIT_ADMIN};
    struct registry_unit unit;
    if (code[0] != '\0')
        return registry_plan(query->registry, code);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        if (registry_unit(query->registry, unit_make(place, numbers[i]), &unit) &&
            registry_plan(query->registry, unit.plan) != NULL)
            return registry_plan(query->registry, unit.plan);
    return registry_plan(query->registry, query->asker.plan);
}

enum status calendar_scope_find(struct query *query, uint64_t place, uint32_t period,
                                const char *plan, const char *form,
                                struct calendar_scope *out_scope)
{
    struct calendar_scope scope = {.place = place == 0 ? unit_place(query->asker.id) : place};
    scope.plan = plan_find(query, plan, scope.place);
    if (scope.plan == NULL)
        return query_refuse(query, STATUS_E_PLAN_UNKNOWN, "plan", NULL, NULL);
    if (plan[0] == '\0' && period <= INT16_MAX)
        scope.plan = registry_plan_of_year(query->registry, scope.plan, (int)period);
    if (!place_contains(scope.plan->place, scope.place))
        return query_refuse(query, STATUS_E_PLACE_FOREIGN, "place", "该行政区划不属于此规划",
                            "the plan does not cover this place");
    if (period > INT16_MAX || (int)period < scope.plan->first_year ||
        (int)period > scope.plan->last_year)
        return query_refuse(query, STATUS_E_PERIOD, "period", NULL, NULL);
    if (form[0] != '\0' && plan_form(scope.plan, form) == NULL)
        return query_refuse(query, STATUS_E_FORM_UNKNOWN, "form", NULL, NULL);
    scope.period = (int)period;
    *out_scope = scope;
    return STATUS_OK;
}
