/* A pulled result as one JSON object. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/json.h"
#include "cli/pull_rows.h"

static bool set_list(json_t *object, const char *name, struct rows *rows)
{
    json_t *array = NULL;
    return rows != NULL && rows_json(rows, &array) && json_object_set_new(object, name, array) == 0;
}

static bool set_pass(json_t *object, const Zhibao__PassRate *pass)
{
    if (pass == NULL)
        return true;
    json_t *rates = json_pack("{s:i, s:i, s:i, s:i, s:i}", "met", (int)pass->met, "met_uncertain",
                              (int)pass->met_uncertain, "not_met", (int)pass->not_met, "no_data",
                              (int)pass->no_data, "not_judgeable", (int)pass->not_judgeable);
    bool set = rates != NULL;
    if (set && pass->has_rates)
        set = json_object_set_new(rates, "of_judgeable", json_real(pass->of_judgeable)) == 0 &&
              json_object_set_new(rates, "of_all", json_real(pass->of_all)) == 0;
    if (set && pass->has_realisation)
        set = json_object_set_new(rates, "realisation", json_real(pass->realisation)) == 0 &&
              json_object_set_new(rates, "weighted", json_boolean(pass->weighted)) == 0;
    if (set && pass->has_progress)
        set = json_object_set_new(rates, "progress", json_real(pass->progress)) == 0;
    if (!set) {
        json_decref(rates);
        return false;
    }
    return json_object_set_new(object, "pass", rates) == 0;
}

json_t *pulled_json(const struct context *context, const struct pulled *pulled)
{
    const Zhibao__Pulled *page = pulled->pages[0];
    json_t *object = json_pack(
        "{s:s, s:i, s:s, s:s, s:s, s:b, s:b}", "place_name", page->place_name, "period",
        (int)page->period, "plan", page->plan, "plan_name_zh", page->plan_name_zh, "plan_name_en",
        page->plan_name_en, "locked", (int)page->locked, "demonstration", (int)page->demonstration);
    char place[UNIT_TEXT_BYTES];
    snprintf(place, sizeof place, "%012" PRIu64, page->place);
    struct rows *values = indicator_rows(context, pulled);
    struct rows *forms = completeness_rows(context, pulled);
    struct rows *gaps = gap_rows(context, pulled);
    bool complete = object != NULL && json_object_set_new(object, "place", json_string(place)) == 0;
    if (complete && !option_given(context, "completeness"))
        complete = set_list(object, "indicators", values) && set_list(object, "gaps", gaps) &&
                   set_pass(object, page->pass);
    complete = complete && set_list(object, "completeness", forms);
    rows_destroy(&values);
    rows_destroy(&forms);
    rows_destroy(&gaps);
    if (complete)
        return object;
    json_decref(object);
    return NULL;
}

bool print_pulled_json(const struct context *context, const struct pulled *pulled)
{
    json_t *object = pulled_json(context, pulled);
    bool printed = object != NULL && json_print(object);
    json_decref(object);
    return printed;
}
