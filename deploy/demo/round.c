#include "demo/round.h"

#include "demo/draw.h"
#include "plan/stratum.h"

enum { MISSING_PER_MILLE = 22 };

bool round_is_missing(uint64_t seed, uint64_t village, int year)
{
    struct draw_name name = {"missing", "", "", village, year};
    return draw_below(seed, &name, 1000) < MISSING_PER_MILLE;
}

/* Counts the township's villages that report; gives out the one at `wanted`, if there is one. */
static int64_t reporting(const struct plan *plan, uint64_t seed, uint64_t township, int year,
                         int64_t wanted, uint64_t *out_village)
{
    int64_t count = 0;
    for (size_t i = 0; i < plan->place_count; i++) {
        const struct place *place = &plan->places[i];
        if (place->level != PLACE_VILLAGE || !place_contains(township, place->code) ||
            round_is_missing(seed, place->code, year))
            continue;
        if (count++ == wanted)
            *out_village = place->code;
    }
    return count;
}

uint64_t round_returned(const struct plan *plan, uint64_t seed, uint64_t township, int year)
{
    uint64_t village = 0;
    struct draw_name name = {"returned", "", "", township, year};
    int64_t count = reporting(plan, seed, township, year, -1, &village);
    if (count > 0)
        reporting(plan, seed, township, year, draw_below(seed, &name, count), &village);
    return village;
}

/* A zero too many among the boys aged 6 to 11: no check refuses it, a reader sees it. */
bool round_slip(const struct plan *plan, const struct form *form, const struct figure *figures,
                size_t *out_index, int64_t *out_wrong)
{
    size_t element = plan_element(plan, "children_resident");
    for (size_t i = 0; i < form->cell_count; i++) {
        if (form->cells[i].element != element ||
            !stratum_equal(form->cells[i].stratum, "sex=m;age=6-11"))
            continue;
        *out_index = i;
        *out_wrong = figures[i].value > 0 ? figures[i].value * 10 : 10;
        return true;
    }
    return false;
}
