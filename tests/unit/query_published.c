#include "query_published.h"

#include <criterion/criterion.h>
#include <string.h>

#include "analysis.pb-c.h"
#include "assess/small.h"
#include "assess/suppress_solve.h"
#include "plan/form_check.h"
#include "test_query_world.h"

/* Small numbers that differ from village to village. */
void published_fill(uint64_t unit, int period, const struct plan *plan, const struct cell *cell,
                    uint32_t *out_presence, double *out_value)
{
    const struct element *element = &plan->elements[cell->element];
    uint64_t mixed = (unit / 1000 * 2654435761U + cell->number * 40503U + (uint64_t)period) >> 4;
    *out_presence = PRESENCE_VALUE;
    *out_value = (double)(mixed % 7);
    if (element->type == ELEMENT_YESNO)
        *out_value = 1;
    else if (strcmp(element->code, "children_resident") == 0)
        *out_value = 40;
    else if (strstr(element->code, "_children") != NULL)
        *out_value = 40;
    else if (strcmp(element->code, "left_behind_on_file") == 0) /* one small one in a township */
        *out_value = unit / 1000 % 1000 == 1 ? 2 : (double)(10 + mixed % 9);
    else if (strcmp(element->code, "children_home_users") == 0)
        *out_value = mixed % 11 == 0 ? (double)(1 + mixed % 3) : 0; /* few in a whole township */
}

enum { PUBLIC_PLACES = 64 };

/* What is looked at, and who asks. */
static const struct plan *plan;
static int year;
static uint64_t asker;

/* One place as it is and as it is published. */
struct shown {
    uint64_t place, parent;
    uint64_t counts[2];
    bool known, hidden;
};

static void show(uint64_t place, const char *indicator, struct shown *shown)
{
    Zhibao__Pull asked = ZHIBAO__PULL__INIT;
    enum status status = STATUS_OK;
    asked.place = place;
    asked.period = (uint32_t)year;
    asked.indicator = (char *)(uintptr_t)indicator;
    for (int published = 0; published < 2; published++) {
        asked.published = published == 1;
        const Zhibao__Pulled *pulled =
            (const Zhibao__Pulled *)world_ask(asker, ZHIBAO__KIND__KIND_PULL, &asked.base, &status);
        cr_assert_not_null(pulled, "%s", status_name(status));
        cr_assert_eq(pulled->n_indicators, 1U);
        const Zhibao__IndicatorResult *row = pulled->indicators[0];
        if (published == 0) {
            shown->known = row->presence == ZHIBAO__PRESENCE__PRESENCE_VALUE;
            shown->counts[0] = (uint64_t)row->numerator;
            shown->counts[1] = (uint64_t)(row->denominator - row->numerator);
            continue;
        }
        shown->hidden = row->suppressed;
        cr_expect(!row->suppressed || (row->value == 0 && row->numerator == 0));
    }
}

/* The county, its townships and the villages of two of them. */
static size_t public_places(struct shown shown[PUBLIC_PLACES])
{
    size_t count = 0, townships = 0;
    shown[count++] = (struct shown){.place = plan->place};
    for (size_t i = 0; i < plan->place_count; i++)
        if (plan->places[i].parent == plan->place)
            shown[count++] = (struct shown){plan->places[i].code, plan->place, {0}, false, false};
    townships = count;
    for (size_t i = 0; i < plan->place_count; i++)
        if (plan->places[i].parent == shown[1].place ||
            plan->places[i].parent == shown[townships - 1].place)
            shown[count++] =
                (struct shown){plan->places[i].code, plan->places[i].parent, {0}, false, false};
    cr_assert_leq(count, (size_t)PUBLIC_PLACES);
    return count;
}

enum { AREAS = 9 };

/* The smoothed rates rest on nothing but what is shown, and what that leaves of the whole: two that
 * are hidden would else be told by what their spread does to the rest. */
static void check_smoothed(const Zhibao__AreaRows *published)
{
    Zhibao__Areas exact = ZHIBAO__AREAS__INIT;
    enum status status = STATUS_OK;
    double shown[AREAS], events[AREAS + 1] = {0}, bases[AREAS + 1] = {0}, smoothed[AREAS + 1];
    bool hidden[AREAS];
    size_t known = 0, at = 0;
    for (size_t i = 0; i < AREAS; i++) {
        hidden[i] = published->areas[i]->suppressed;
        shown[i] = published->areas[i]->smoothed;
        known += !hidden[i];
    }
    exact.place = plan->place;
    exact.period = (uint32_t)year;
    exact.indicator = published->indicator;
    const Zhibao__AreaRows *rows =
        (const Zhibao__AreaRows *)world_ask(asker, ZHIBAO__KIND__KIND_AREAS, &exact.base, &status);
    cr_assert_not_null(rows, "areas: %s", status_name(status));
    for (size_t i = 0; i < AREAS; i++) {
        size_t to = hidden[i] ? known : at++;
        events[to] += rows->areas[i]->numerator;
        bases[to] += rows->areas[i]->denominator;
    }
    small_empirical_bayes(events, bases, known + (known < AREAS), smoothed);
    at = 0;
    for (size_t i = 0; i < AREAS; i++)
        if (!hidden[i]) {
            cr_expect_float_eq(shown[i], 100 * smoothed[at], 1e-9);
            at++;
        }
}

/* Three years pooled are not published where one of them is not: less the others they would tell.
 */
static void check_pooled(const char *indicator, const struct shown *shown, size_t count)
{
    Zhibao__Areas areas = ZHIBAO__AREAS__INIT;
    enum status status = STATUS_OK;
    size_t met = 0, hidden = 0;
    areas.place = plan->place;
    areas.period = (uint32_t)year;
    areas.indicator = (char *)(uintptr_t)indicator;
    areas.published = true;
    const Zhibao__AreaRows *rows =
        (const Zhibao__AreaRows *)world_ask(asker, ZHIBAO__KIND__KIND_AREAS, &areas.base, &status);
    cr_assert_not_null(rows, "areas: %s", status_name(status));
    for (size_t i = 0; i < rows->n_areas; i++)
        for (size_t k = 0; k < count; k++)
            if (shown[k].place == rows->areas[i]->place) {
                met++;
                hidden += shown[k].hidden;
                cr_expect(rows->areas[i]->suppressed || !shown[k].hidden, "%s of %llu", indicator,
                          (unsigned long long)shown[k].place);
            }
    cr_expect_eq(met, (size_t)AREAS);
    cr_expect(hidden > 1 || strcmp(indicator, "children_home_use") != 0, "%zu hidden", hidden);
    check_smoothed(rows);
}

/* Everything published of every level, put together: no total gives a small number away. */
void check_nothing_told(const struct plan *of_plan, int of_year, uint64_t by)
{
    static const char *const indicators[] = {"left_behind_file_rate", "children_home_use"};
    struct shown shown[PUBLIC_PLACES];
    plan = of_plan;
    year = of_year;
    asker = by;
    for (size_t which = 0; which < sizeof indicators / sizeof *indicators; which++) {
        struct suppress_cell cells[PUBLIC_PLACES] = {0};
        struct suppress_sum sums[PUBLIC_PLACES] = {0};
        size_t parts[PUBLIC_PLACES], used = 0, hidden = 0, small = 0, told = 0;
        size_t count = public_places(shown);
        struct suppress_system system = {cells, count, sums, 0, parts};
        for (size_t i = 0; i < count; i++) {
            show(shown[i].place, indicators[which], &shown[i]);
            memcpy(cells[i].counts, shown[i].counts, sizeof cells[i].counts);
            cells[i].hidden = shown[i].hidden;
            hidden += shown[i].hidden;
            small += shown[i].known && suppress_is_small(shown[i].counts);
            cr_expect(shown[i].hidden || !shown[i].known || !suppress_is_small(shown[i].counts),
                      "%llu is printed", (unsigned long long)shown[i].place);
        }
        for (size_t i = 0; i < count; i++) {
            struct suppress_sum sum = {.total = i, .first = used};
            uint64_t added = 0;
            for (size_t k = 0; k < count; k++)
                if (shown[k].parent == shown[i].place && shown[k].known) {
                    parts[used++] = k;
                    sum.count++;
                    added += shown[k].counts[0];
                }
            if (sum.count == 0)
                continue;
            cr_expect_eq(added, shown[i].counts[0], "%s is the sum of what is below",
                         indicators[which]);
            sums[system.sum_count++] = sum;
        }
        cr_assert_eq(system.sum_count, 3U);
        cr_assert(suppress_solve(&system, NULL, 0, &told));
        cr_expect_eq(told, SIZE_MAX, "%s of %llu can be worked out", indicators[which],
                     told == SIZE_MAX ? 0ULL : (unsigned long long)shown[told].place);
        cr_expect_gt(small, 0U, "%s has no small number", indicators[which]);
        cr_expect_lt(hidden, count, "something is published of %s", indicators[which]);
        check_pooled(indicators[which], shown, count);
    }
}
