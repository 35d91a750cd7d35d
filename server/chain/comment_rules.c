#include "server/chain/comment_rules.h"

#include <string.h>

enum status comment_step(enum comment_state from, enum comment_event event,
                         struct comment_actor actor, enum comment_state *out_to)
{
    bool its = event == COMMENT_EVENT_ANSWER ? actor.reporter : actor.author;
    if (event < COMMENT_EVENT_OPEN || event > COMMENT_EVENT_CLOSE || !its)
        return STATUS_E_FORBIDDEN;
    if (event == COMMENT_EVENT_OPEN || from == COMMENT_NONE || from == COMMENT_CLOSED)
        return STATUS_E_COMMENT_STATE;
    *out_to = event == COMMENT_EVENT_ANSWER ? COMMENT_ANSWERED : COMMENT_CLOSED;
    return STATUS_OK;
}

enum comment_state comment_opened(bool follow_up)
{
    return follow_up ? COMMENT_FLAGGED : COMMENT_NOTED;
}

static uint64_t cell_reporter(const struct plan *plan, const Zhibao__FigureRef *figure,
                              uint64_t reporter)
{
    const struct form *form = plan_form(plan, figure->form);
    const struct unit *unit = plan_unit(plan, reporter);
    bool whole = form != NULL && unit != NULL && figure->indicator[0] == '\0' &&
                 figure->stratum[0] == '\0' && figure->place == unit_place(reporter) &&
                 form_cell(form, figure->cell) != NULL && plan_unit_owes(plan, unit, form);
    return whole ? reporter : 0;
}

static uint64_t result_reporter(const struct plan *plan, const Zhibao__FigureRef *figure)
{
    size_t index = plan_indicator(plan, figure->indicator);
    const struct place *place = plan_place(plan, figure->place);
    if (index == PLAN_NONE || place == NULL || figure->form[0] != '\0' || figure->cell != 0)
        return 0;
    if (place->level >= PLACE_TOWNSHIP)
        return unit_make(place->code, UNIT_OWN);
    for (size_t i = 0; i < plan->department_count; i++) {
        uint64_t unit = unit_make(place->code, plan->departments[i].number);
        if (strcmp(plan->departments[i].code, plan->indicators[index].owner) == 0 &&
            plan_unit(plan, unit) != NULL)
            return unit;
    }
    return unit_make(place->code, UNIT_STATISTICS);
}

uint64_t comment_reporter(const struct plan *plan, const Zhibao__FigureRef *figure,
                          uint64_t reporter)
{
    return figure->indicator[0] == '\0' ? cell_reporter(plan, figure, reporter)
                                        : result_reporter(plan, figure);
}

bool comment_may_open(enum unit_role role, uint64_t unit, uint64_t place, uint64_t reporter)
{
    switch (role) {
    case ROLE_VILLAGE:
    case ROLE_DEPARTMENT: return unit == reporter;
    case ROLE_TOWNSHIP:
    case ROLE_STATISTICS:
    case ROLE_OFFICE:
    case ROLE_ADMIN: return place_contains(unit_place(unit), place);
    case ROLE_AUDITOR: return false; /* changes nothing */
    }
    return false;
}
