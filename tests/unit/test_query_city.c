/* Siping: a city of five counties, 75 townships and 941 villages. Totals are the same at every
 * level and agree with the SQL views. */
#include <criterion/criterion.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "plan/form_check.h"
#include "plan/stratum.h"
#include "test_query_world.h"

#define CITY   UINT64_C(220300000000)
#define OFFICE (CITY * 1000 + UNIT_OFFICE)

enum { LAST_YEAR = 2024, UNITS_MAX = 2000 };

static void fill(uint64_t unit, int period, const struct plan *plan, const struct cell *cell,
                 uint32_t *out_presence, double *out_value)
{
    uint64_t mixed = unit / 1000 * 31 + cell->number * 7 + (uint64_t)period * 13;
    bool yesno = plan->elements[cell->element].type == ELEMENT_YESNO;
    *out_presence = mixed % 41 == 0 ? PRESENCE_NOT_COLLECTED : PRESENCE_VALUE;
    *out_value = *out_presence != PRESENCE_VALUE ? 0 : (double)(mixed % (yesno ? 2 : 89));
}

static const struct plan *siping(void)
{
    const struct plan *plan = registry_plan(world_get()->registry, "siping");
    cr_assert_not_null(plan);
    return plan;
}

/* Reviews `records`, each by the reviewer that `place_level` gives of its author. */
static void review_by_place(const size_t *records, size_t count, enum place_level level,
                            unsigned number)
{
    size_t batch[UNITS_MAX];
    for (size_t i = 0; i < count;) {
        uint64_t place = place_ancestor(unit_place(world_get()->records[records[i]].unit), level);
        size_t taken = 0;
        while (i < count &&
               place_ancestor(unit_place(world_get()->records[records[i]].unit), level) == place)
            batch[taken++] = records[i++];
        world_reviews(unit_make(place, number), batch, taken, true, "", NULL);
    }
}

/* One form of one year: everybody at `place` reports, all but every 29th village are accepted. */
static void year_of_form(const struct form *form, uint64_t place, int year)
{
    const struct plan *plan = siping();
    static struct world_wanted wanted[UNITS_MAX];
    static size_t records[UNITS_MAX];
    size_t count = 0, kept = 0;
    bool village = strcmp(form->reporter, "village") == 0;
    for (size_t i = 0; i < plan->unit_count; i++)
        if (place_contains(place, unit_place(plan->units[i].id)) &&
            plan_unit_owes(plan, &plan->units[i], form))
            wanted[count++] =
                (struct world_wanted){plan->units[i].id, form->code, year, 1, false, fill};
    world_reports(wanted, count, records);
    world_check(SIZE_MAX);
    for (size_t i = 0; i < count; i++)
        if (!village || i % 29 != 0)
            records[kept++] = records[i];
    review_by_place(records, kept, village ? PLACE_TOWNSHIP : PLACE_DISTRICT,
                    village ? UNIT_OWN : UNIT_STATISTICS);
}

static void year(uint64_t place, int period)
{
    const struct plan *plan = siping();
    size_t totals[UNITS_MAX], count = 0;
    for (size_t i = 0; i < plan->form_count; i++)
        year_of_form(&plan->forms[i], place, period);
    for (size_t i = 0; i < plan->unit_count; i++)
        if (plan->units[i].role == ROLE_TOWNSHIP &&
            place_contains(place, unit_place(plan->units[i].id)))
            totals[count++] = world_confirm(plan->units[i].id, "village", period);
    review_by_place(totals, count / 2, PLACE_DISTRICT, UNIT_STATISTICS);
}

static const Zhibao__Pulled *pull(uint64_t asker, uint64_t place, int period, const char *indicator,
                                  const char *cursor)
{
    Zhibao__Pull asked = ZHIBAO__PULL__INIT;
    enum status status = STATUS_OK;
    asked.place = place;
    asked.period = (uint32_t)period;
    asked.indicator = (char *)(uintptr_t)indicator;
    asked.cursor = (char *)(uintptr_t)cursor;
    const ProtobufCMessage *answer =
        world_ask(asker, ZHIBAO__KIND__KIND_PULL, &asked.base, &status);
    cr_assert_not_null(answer, "pull: %s", status_name(status));
    return (const Zhibao__Pulled *)answer;
}

static const Zhibao__IndicatorResult *whole_of(const Zhibao__Pulled *pulled, const char *code)
{
    for (size_t i = 0; i < pulled->n_indicators; i++)
        if (strcmp(pulled->indicators[i]->indicator, code) == 0 &&
            pulled->indicators[i]->stratum[0] == '\0')
            return pulled->indicators[i];
    return NULL; /* on another page */
}

static void completeness_check(const Zhibao__Pulled *pulled)
{
    for (size_t i = 0; i < pulled->n_completeness; i++) {
        const Zhibao__Completeness *row = pulled->completeness[i];
        uint32_t figures[] = {row->received, row->accepted, row->confirmed, row->final};
        int64_t numbers[4];
        char sql[600];
        snprintf(sql, sizeof sql,
                 "select count(distinct s.unit) filter (where not s.bad_signature),"
                 " count(*) filter (where s.counts),"
                 " count(*) filter (where s.counts and s.confirmed),"
                 " count(*) filter (where s.counts and s.final) from zhibao.report_state s"
                 " where s.plan = 'siping' and s.period = %d and s.form = '%s'",
                 LAST_YEAR, row->form);
        world_numbers(sql, numbers, 4);
        for (size_t k = 0; k < 4; k++)
            cr_expect_eq((int64_t)figures[k], numbers[k], "%s, column %zu", row->form, k);
        cr_expect_eq(row->received + row->n_missing, row->expected);
        cr_expect_eq(row->accepted + row->n_not_accepted, row->received);
    }
}

Test(query_city, totals_at_every_level)
{
    const struct plan *plan = siping();
    year(CITY, LAST_YEAR);

    const Zhibao__Pulled *pulled = pull(OFFICE, CITY, LAST_YEAR, "", "");
    cr_expect_str_eq(pulled->next, "");
    completeness_check(pulled);
    cr_expect(pulled->demonstration);
    size_t valued = 0, measures = 0;
    struct {
        char code[64];
        double numerator, denominator;
        uint32_t expected;
    } sums[300];
    size_t count = 0;
    for (size_t i = 0; i < pulled->n_indicators; i++) {
        const Zhibao__IndicatorResult *row = pulled->indicators[i];
        valued += row->presence == ZHIBAO__PRESENCE__PRESENCE_VALUE;
        if (strcmp(row->kind, "measure") == 0 && row->expected > 1) {
            measures++;
            cr_expect_neq(row->presence, ZHIBAO__PRESENCE__PRESENCE_VALUE, "%s of five counties",
                          row->indicator);
        }
        if (strcmp(row->kind, "ratio") != 0 || row->stratum[0] != '\0' || !row->has_fraction)
            continue;
        snprintf(sums[count].code, sizeof sums->code, "%s", row->indicator);
        sums[count].numerator = row->numerator;
        sums[count].denominator = row->denominator;
        sums[count++].expected = row->expected;
    }
    cr_expect_gt(valued, 30U);
    cr_expect_gt(measures, 0U);
    cr_expect_gt(count, 20U);

    /* the counties' fractions make up the city's; so do the townships' where villages report */
    for (size_t k = 0; k < plan->place_count; k++) {
        uint64_t place = plan->places[k].code;
        if (place_level(place) != PLACE_DISTRICT || !place_contains(CITY, place))
            continue;
        char next[32] = "";
        size_t found = 0;
        do {
            pulled = pull(OFFICE, place, LAST_YEAR, "", next);
            for (size_t i = 0; i < count; i++) {
                const Zhibao__IndicatorResult *row = whole_of(pulled, sums[i].code);
                if (row == NULL)
                    continue;
                found++;
                sums[i].numerator -= row->numerator;
                sums[i].denominator -= row->denominator;
                sums[i].expected -= row->expected;
            }
            snprintf(next, sizeof next, "%s", pulled->next);
        } while (next[0] != '\0');
        cr_expect_eq(found, count, "rows of %" PRIu64, place);
    }
    for (size_t i = 0; i < count; i++) {
        cr_expect_eq(sums[i].numerator, 0, "%s", sums[i].code);
        cr_expect_eq(sums[i].denominator, 0, "%s", sums[i].code);
        cr_expect_eq(sums[i].expected, 0U, "%s", sums[i].code);
    }

    /* a cursor goes on where it says; completeness is on the first page */
    pulled = pull(OFFICE, CITY, LAST_YEAR, "", "");
    size_t rows = pulled->n_indicators;
    char last[64];
    snprintf(last, sizeof last, "%s", pulled->indicators[rows - 2]->indicator);
    char cursor[16];
    snprintf(cursor, sizeof cursor, "%zu", rows - 2);
    pulled = pull(OFFICE, CITY, LAST_YEAR, "", cursor);
    cr_assert_eq(pulled->n_indicators, 2U);
    cr_expect_str_eq(pulled->indicators[0]->indicator, last);
    cr_expect_eq(pulled->n_completeness, 0U);

    /* against the view that SQL users see */
    pulled = pull(OFFICE, CITY, LAST_YEAR, "left_behind_children", "");
    cr_assert_eq(pulled->n_indicators, 1U);
    cr_expect_eq((int64_t)pulled->indicators[0]->value,
                 world_number("select sum(o.value)::bigint from zhibao.observation_counted o"
                              " where o.plan = 'siping' and o.period = 2024"
                              " and o.element = 'left_behind_children'"));
}

/* Newborns and those visited: a township's share strays about 90%. */
static void fill_townships(uint64_t unit, int period, const struct plan *plan,
                           const struct cell *cell, uint32_t *out_presence, double *out_value)
{
    const char *code = plan->elements[cell->element].code;
    uint64_t mixed = (unit / 1000 * 2654435761U + (uint64_t)period * 40503U) >> 7;
    *out_presence = PRESENCE_VALUE;
    *out_value = strcmp(code, "newborns") == 0           ? 1000
                 : strcmp(code, "newborns_visited") == 0 ? (double)(880 + mixed % 40)
                                                         : 1;
}

/* The townships of the city, more than 50, five years: each one's interval rests on what the
 * others' errors were. A county has too few beside it. */
Test(query_city, townships_learn_from_one_another)
{
    enum { FIRST = LAST_YEAR + 1, LAST = FIRST + 4 };
    const struct plan *plan = siping();
    static struct world_wanted wanted[UNITS_MAX];
    static size_t records[UNITS_MAX];
    uint64_t townships[2] = {0};
    char taught[64] = "";
    for (int period = FIRST; period <= LAST; period++) {
        size_t count = 0;
        for (size_t i = 0; i < plan->unit_count; i++)
            if (plan_unit_owes(plan, &plan->units[i], plan_form(plan, "township")))
                wanted[count++] = (struct world_wanted){
                    plan->units[i].id, "township", period, 1, false, fill_townships};
        world_reports(wanted, count, records);
        world_check(SIZE_MAX);
        review_by_place(records, count, PLACE_DISTRICT, UNIT_STATISTICS);
        cr_assert_gt(count, 70U);
        snprintf(taught, sizeof taught, "errors as of %zu series", count);
        townships[0] = unit_place(wanted[0].unit);
        townships[1] = unit_place(wanted[count - 1].unit);
    }
    const uint64_t places[] = {townships[0], townships[1],
                               place_ancestor(townships[0], PLACE_DISTRICT)};
    for (size_t i = 0; i < 3; i++) {
        Zhibao__Pull asked = ZHIBAO__PULL__INIT;
        enum status status = STATUS_OK;
        asked.place = places[i];
        asked.period = LAST;
        asked.indicator = (char *)(uintptr_t) "newborn_visit_rate";
        asked.analysis = true;
        const Zhibao__Pulled *pulled = (const Zhibao__Pulled *)world_ask(
            OFFICE, ZHIBAO__KIND__KIND_PULL, &asked.base, &status);
        cr_assert_not_null(pulled, "%s", status_name(status));
        const Zhibao__IndicatorResult *row = whole_of(pulled, asked.indicator);
        cr_assert_not_null(row);
        const Zhibao__Outlook *outlook =
            row->n_targets > 0 ? row->targets[0]->outlook : row->outlook;
        cr_assert_not_null(outlook);
        cr_expect_geq(outlook->figures, (uint32_t)(LAST - FIRST + 1));
        cr_expect_eq(strstr(outlook->note_en, taught) != NULL, i < 2, "%s", outlook->note_en);
        cr_expect(outlook->low95 < outlook->low80 && outlook->low80 < outlook->forecast &&
                  outlook->high80 < outlook->high95);
        asked.indicator = (char *)(uintptr_t) "";
        cr_assert_not_null(world_ask(OFFICE, ZHIBAO__KIND__KIND_PULL, &asked.base, &status));
    }
}
