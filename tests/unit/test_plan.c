#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan/stratum.h"
#include "plan/unit_text.h"
#include "plan_fixture.h"

Test(plan, every_folder_loads)
{
    static const char *const names[] = {"luzhai", "siping", "huaiyin",
                                        "xinhua", "jinlin", "national"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct plan *plan = fixture_plan(names[i]);
        cr_expect_str_eq(plan->code, names[i]);
        cr_expect_gt(plan->indicator_count, 200);
        plan_destroy(&plan);
        cr_expect_null(plan);
    }
}

Test(plan, rows_are_resolved)
{
    struct plan *plan = fixture_plan("luzhai");
    size_t imr = plan_indicator(plan, "imr");
    cr_assert_neq(imr, PLAN_NONE);
    const struct indicator *indicator = &plan->indicators[imr];
    cr_expect_eq(indicator->kind, INDICATOR_RATIO);
    cr_expect_eq(indicator->polarity, POLARITY_LOWER);
    cr_expect_eq(indicator->factor, 1000);
    cr_expect(indicator->has_upper && indicator->upper == 1000);
    cr_expect_eq(indicator->numerator.terms[0].element, plan_element(plan, "infant_deaths"));
    cr_expect(indicator->owner_proposed);
    const struct target *target = NULL;
    for (size_t i = 0; i < plan->target_count; i++)
        if (strcmp(plan->targets[i].code, "LZ-health-G3-2") == 0)
            target = &plan->targets[i];
    cr_assert_not_null(target);
    cr_expect_eq(target->indicator, imr);
    cr_expect_eq(target->op, TARGET_AT_MOST);
    cr_expect_eq(target->value, 5.0);
    cr_expect_str_eq(target->value_text, "5.0", "as the plan prints it");
    cr_expect(target->has_year && target->year == 2030);
    cr_expect_eq(target->year_basis, YEAR_IMPLIED);
    cr_expect_eq(target->scope, SCOPE_LOCAL);
    cr_expect(target->has_base_value && target->base_value == 2.41);
    cr_expect_not(target->has_tolerance);
    cr_expect_str_eq(plan->facts[0].value_text, "8.50");
    plan_destroy(&plan);
}

/* What deploy/plans/README.md promises to people with spreadsheets. */
Test(plan, files_saved_by_a_spreadsheet_load)
{
    static const char header[] = "target,indicator,stratum,";
    struct plan *plan = NULL;
    struct problems problems;
    problems_init(&problems);
    cr_assert_eq(fixture_edit("luzhai", "targets.csv", header,
                              "\xef\xbb\xbf"
                              "target,indicator,stratum,",
                              &problems, &plan),
                 STATUS_OK, "%s", problems.count > 0 ? problems.items[0].en : "");
    cr_expect_gt(plan->target_count, 50);
    plan_destroy(&plan);
    cr_assert_eq(
        fixture_load("luzhai", "facts.csv",
                     "\xef\xbb\xbfindicator,stratum,year,value,quote,section,source,source_row\r\n",
                     &problems, &plan),
        STATUS_OK, "%s", problems.count > 0 ? problems.items[0].en : "");
    plan_destroy(&plan);
    problems_clear(&problems);
}

/* Targets count alike unless the plan's file has a column that says otherwise. */
Test(plan, weights_may_be_declared)
{
    struct plan *plan = fixture_plan("luzhai");
    struct problems problems;
    for (size_t i = 0; i < plan->target_count; i++)
        cr_expect_eq(plan->targets[i].weight, 1);
    plan_destroy(&plan);
    problems_init(&problems);
#define FIRST_TARGET                                                                         \
    "LZ-health-G2-1,health_literacy,,increase,,2030,implied,local,,,,二(一)主要目标2," \
    "提高儿童及其照护人健康素养,11,"
    cr_assert_eq(fixture_edit("luzhai", "targets.csv", "note\n" FIRST_TARGET,
                              "note,weight\n" FIRST_TARGET ",2.5", &problems, &plan),
                 STATUS_OK, "%s", problems.count > 0 ? problems.items[0].en : "");
    cr_expect_eq(plan->targets[0].weight, 2.5);
    cr_expect_eq(plan->targets[1].weight, 1, "a blank counts as ever");
    plan_destroy(&plan);
    cr_expect_neq(fixture_edit("luzhai", "targets.csv", "note\n" FIRST_TARGET,
                               "note,weight\n" FIRST_TARGET ",-1", &problems, &plan),
                  STATUS_OK);
    cr_expect(fixture_has_problem(&problems, "targets.csv:2:weight"));
    problems_clear(&problems);
}

Test(plan, filters_and_signs_of_expressions)
{
    struct plan *plan = fixture_plan("luzhai");
    const struct indicator *water = &plan->indicators[plan_indicator(plan, "rural_tap_water")];
    cr_expect_str_eq(water->numerator.terms[0].stratum, "area=rural");
    const struct indicator *both =
        &plan->indicators[plan_indicator(plan, "injury_deaths_disabilities")];
    cr_assert_eq(both->numerator.count, 2);
    cr_expect_eq(both->numerator.terms[1].sign, 1);
    plan_destroy(&plan);

    struct problems problems;
    problems_init(&problems);
    cr_assert_eq(fixture_edit("luzhai", "catalogue/checks.csv", "overweight+obese",
                              "bmi_measured - overweight{sex=f;area=rural}", &problems, &plan),
                 STATUS_OK);
    const struct check *found = NULL;
    for (size_t i = 0; i < plan->check_count; i++)
        if (strcmp(plan->checks[i].code, "health-11") == 0)
            found = &plan->checks[i];
    cr_assert_not_null(found);
    cr_assert_eq(found->left.count, 2);
    cr_expect_eq(found->left.terms[1].sign, -1);
    cr_expect_str_eq(found->left.terms[1].stratum, "sex=f;area=rural");
    plan_destroy(&plan);
    problems_clear(&problems);
}

Test(plan, places_and_units)
{
    struct plan *plan = fixture_plan("luzhai");
    const struct place *place = plan_place(plan, 450223100000);
    cr_assert_not_null(place);
    cr_expect_str_eq(place->name_zh, "鹿寨镇");
    cr_expect_null(plan_place(plan, 450223999999));
    for (size_t i = 1; i < plan->place_count; i++)
        cr_expect_lt(plan->places[i - 1].code, plan->places[i].code);
    for (size_t i = 1; i < plan->unit_count; i++)
        cr_expect_lt(plan->units[i - 1].id, plan->units[i].id);

    const struct unit *township = plan_unit(plan, unit_make(450223100000, UNIT_OWN));
    cr_assert_not_null(township);
    cr_expect_eq(township->role, ROLE_TOWNSHIP);
    cr_expect_eq(township->department, PLAN_NONE);
    cr_expect_eq(township->district, 450223000000);
    cr_expect_str_eq(township->name_zh, "鹿寨镇");
    const struct unit *health = plan_unit(plan, unit_make(450223000000, 10));
    cr_assert_not_null(health);
    cr_expect_eq(health->role, ROLE_DEPARTMENT);
    cr_expect_str_eq(plan->departments[health->department].code, "health");
    const struct unit *statistics = plan_unit(plan, unit_make(450223000000, UNIT_STATISTICS));
    cr_assert_not_null(statistics);
    cr_expect_eq(statistics->role, ROLE_STATISTICS);
    cr_expect_null(plan_unit(plan, unit_make(450223000000, UNIT_OWN)), "a district has none");
    plan_destroy(&plan);
}

Test(plan, above_districts_a_unit_is_at_home_in_its_own_place)
{
    struct plan *plan = fixture_plan("siping");
    const struct unit *city = plan_unit(plan, unit_make(220300000000, UNIT_STATISTICS));
    const struct unit *district = plan_unit(plan, unit_make(220302000000, 10));
    cr_assert(city != NULL && district != NULL);
    cr_expect_eq(city->district, 220300000000);
    cr_expect_eq(district->district, 220302000000);
    plan_destroy(&plan);
}

Test(plan, who_owes_which_form)
{
    struct plan *plan = fixture_plan("luzhai");
    const struct form *village = plan_form(plan, "village");
    const struct form *township = plan_form(plan, "township");
    const struct form *health = plan_form(plan, "health");
    cr_assert(village != NULL && township != NULL && health != NULL);
    cr_expect_null(plan_form(plan, "none"));
    const struct unit *bureau = plan_unit(plan, unit_make(450223000000, 10));
    const struct unit *town = plan_unit(plan, unit_make(450223100000, UNIT_OWN));
    cr_expect(plan_unit_owes(plan, bureau, health));
    cr_expect_not(plan_unit_owes(plan, bureau, village));
    cr_expect(plan_unit_owes(plan, town, township));
    cr_expect_not(plan_unit_owes(plan, town, village));
    for (size_t i = 0; i < plan->unit_count; i++)
        if (plan->units[i].role == ROLE_VILLAGE)
            cr_expect(plan_unit_owes(plan, &plan->units[i], village));
    const struct cell *cell = form_cell(health, 17);
    cr_assert_not_null(cell);
    cr_expect_str_eq(plan->elements[cell->element].code, "children_u18");
    cr_expect_null(form_cell(health, 0));
    cr_expect_null(form_cell(health, 999));
    plan_destroy(&plan);
}

Test(plan, related_indicators)
{
    struct plan *plan = fixture_plan("luzhai");
    const char *cursor = "<=imr ~u5mr  <=nothing ?x";
    struct relation relation;
    cr_assert(plan_related_next(plan, &cursor, &relation));
    cr_expect(relation.at_most && relation.indicator == plan_indicator(plan, "imr"));
    cr_assert(plan_related_next(plan, &cursor, &relation));
    cr_expect(!relation.at_most && relation.indicator == plan_indicator(plan, "u5mr"));
    cr_assert(plan_related_next(plan, &cursor, &relation));
    cr_expect_eq(relation.indicator, PLAN_NONE);
    cr_assert(plan_related_next(plan, &cursor, &relation));
    cr_expect_eq(relation.indicator, PLAN_NONE);
    cr_expect_not(plan_related_next(plan, &cursor, &relation));
    plan_destroy(&plan);
}

/* One wrong cell each: file, what is replaced, by what, and the field that must be named. */
static const struct mistake {
    const char *file, *from, *to, *field;
} mistakes[] = {
    {"targets.csv",               "LZ-health-G3-2,imr,,<=,5.0",                   "LZ-health-G3-2,imr,,<=,5,0",
     "targets.csv:4:year"                                                                                                                                    },
    {"targets.csv",               "<=,5.0,2030",                                  "<=,five,2030",                      "targets.csv:4:value"                 },
    {"targets.csv",               "<=,5.0,2030",                                  "=<,5.0,2030",                       "targets.csv:4:operator"              },
    {"targets.csv",               "<=,5.0,2030",                                  "<=,,2030",                          "targets.csv:4:value"                 },
    {"targets.csv",               "<=,5.0,2030",                                  "<=,5.0,230",                        "targets.csv:4:year"                  },
    {"targets.csv",               "<=,5.0,2030",                                  "<=,5.0,",                           "targets.csv:4:year"                  },
    {"targets.csv",               "2030,implied",                                 "2030,guessed",                      "targets.csv:2:year_basis"            },
    {"targets.csv",               "implied,local",                                "implied,village",                   "targets.csv:2:scope"                 },
    {"targets.csv",               "LZ-health-G3-1,nmr",                           "LZ-health-G2-1,nmr",                "targets.csv:3:target"                },
    {"targets.csv",               "LZ-health-G3-1,nmr",                           "LZ-health-G3-1,nmrr",               "targets.csv:3:indicator"             },
    {"targets.csv",               "G3-1,nmr,,",                                   "G3-1,nmr,sex,",                     "targets.csv:3:stratum"               },
    {"targets.csv",               "G3-1,nmr,,",                                   "G3-1,nmr,stage=primary,",           "targets.csv:3:stratum"               },
    {"targets.csv",               "target,indicator,stratum",                     "target,indicatr,stratum",
     "targets.csv:1:indicator"                                                                                                                               },
    {"facts.csv",                 "imr,,2020,2.41",                               "imr,,2020,",                        "facts.csv:3:value"                   },
    {"facts.csv",                 "imr,,2020,2.41",                               "imr,,20,2.41",                      "facts.csv:3:year"                    },
    {"facts.csv",                 "imr,,2020,2.41",                               ",,2020,2.41",                       "facts.csv:3:indicator"               },
    {"cells.csv",                 "village,2,",                                   "village,1,",                        "cells.csv:3:cell"                    },
    {"cells.csv",                 "village,2,children_resident,sex=f;age=0-2",
     "village,2,children_resident,sex=m;age=0-2",                                                                      "cells.csv:3:stratum"                 },
    {"cells.csv",                 "village,11,left_behind_children",              "village,11,left_children",
     "cells.csv:12:element"                                                                                                                                  },
    {"cells.csv",                 "village,11,",                                  "hamlet,11,",                        "cells.csv:12:form"                   },
    {"cells.csv",                 "left_behind_children,,1",                      "left_behind_children,,maybe",
     "cells.csv:12:required"                                                                                                                                 },
    {"forms.csv",                 "village,1,village",                            "village,1,hamlet",                  "forms.csv:2:reporter"                },
    {"forms.csv",                 "village,1,village",                            "village,0,village",                 "forms.csv:2:version"                 },
    {"duties.csv",                "LZ-duty-02,",                                  "LZ-duty-01,",                       "duties.csv:3:duty"                   },
    {"plan.csv",                  "450223000000",                                 "45022300000",                       "plan.csv:2:place"                    },
    {"plan.csv",                  "2021,2030",                                    "2031,2030",                         "plan.csv:2:last_year"                },
    {"plan.csv",                  "final",                                        "done",                              "plan.csv:2:status"                   },
    {"places.csv",                "450223100000,鹿寨镇,township",              "450223100000,鹿寨镇,village",
     "places.csv:5:level"                                                                                                                                    },
    {"places.csv",                "450223100000,鹿寨镇,township,450223000000",
     "450223100000,鹿寨镇,township,450224000000",                                                                   "places.csv:5:parent"                 },
    {"places.csv",                "450223000000,2021,",                           "450223000000,last year,",           "places.csv:5:valid_from"             },
    {"places.csv",                "450223000000,鹿寨县",                       "450222000000,鹿寨县",            "places.csv"                          },
    {"units.csv",                 "450223000000,health,department",               "450223000000,health,office",
     "units.csv:5:kind"                                                                                                                                      },
    {"units.csv",                 "450223000000,health,department",               "450223000000,education,department",
     "units.csv:6:department"                                                                                                                                },
    {"units.csv",                 "450223000000,health",                          "450224000000,health",               "units.csv:5:place"                   },
    {"units.csv",                 "450223000000,health",                          "450223000000,helth",                "units.csv:5:department"              },
    {"catalogue/departments.csv", "office,2,",                                    "office,1,",                         "catalogue/departments.csv:3:number"  },
    {"catalogue/elements.csv",    "person,count,0,0,",                            "person,number,0,0,",
     "catalogue/elements.csv:2:type"                                                                                                                         },
    {"catalogue/elements.csv",    "person,count,0,0,",                            "person,count,2,0,",
     "catalogue/elements.csv:2:decimals"                                                                                                                     },
    {"catalogue/elements.csv",    "yesno,yesno,0,0,1",                            "yesno,yesno,0,2,1",
     "catalogue/elements.csv:9:max"                                                                                                                          },
    {"catalogue/indicators.csv",  "neonatal_deaths,live_births,1000",             "neonatal_deaths,,1000",
     "catalogue/indicators.csv:2:denominator"                                                                                                                },
    {"catalogue/indicators.csv",  "neonatal_deaths,live_births,1000",
     "neonatal_deaths+,live_births,1000",                                                                              "catalogue/indicators.csv:2:numerator"},
    {"catalogue/indicators.csv",  "neonatal_deaths,live_births,1000",
     "neonatal_deaths{sex},live_births,1000",                                                                          "catalogue/indicators.csv:2:numerator"},
    {"catalogue/indicators.csv",  "neonatal_deaths,live_births,1000",
     "neonatal_deaths,live_births,0",                                                                                  "catalogue/indicators.csv:2:factor"   },
    {"catalogue/indicators.csv",  "<=imr",                                        "<=irm",                             "catalogue/indicators.csv:2:related"  },
    {"catalogue/indicators.csv",  "sex area,health,proposed",                     "sex area,healthy,proposed",
     "catalogue/indicators.csv:2:owner"                                                                                                                      },
    {"catalogue/checks.csv",      "children_resident,hard",                       "children_resident,firm",
     "catalogue/checks.csv:2:severity"                                                                                                                       },
};

Test(plan, every_mistake_is_named_by_file_line_and_column)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof *mistakes; i++) {
        const struct mistake *mistake = &mistakes[i];
        struct plan *plan = NULL;
        struct problems problems;
        problems_init(&problems);
        enum status status =
            fixture_edit("luzhai", mistake->file, mistake->from, mistake->to, &problems, &plan);
        cr_expect_eq(status, STATUS_E_PLAN_INVALID, "%s -> %s: %s", mistake->from, mistake->to,
                     status_name(status));
        cr_expect(fixture_has_problem(&problems, mistake->field), "%s -> %s: no problem in %s",
                  mistake->from, mistake->to, mistake->field);
        for (size_t k = 0; k < problems.count; k++)
            cr_expect(problems.items[k].zh[0] != '\0' && problems.items[k].en[0] != '\0');
        plan_destroy(&plan);
        problems_clear(&problems);
    }
}

Test(plan, all_problems_are_collected_before_failing)
{
    struct plan *plan = NULL;
    struct problems problems;
    problems_init(&problems);
    cr_assert_eq(fixture_load("luzhai", "facts.csv",
                              "\xEF\xBB\xBFquote,indicator,extra,stratum,year,value,section,"
                              "source,source_row\r\n"
                              "\r\n"
                              "q,imr,,,2020,１２．５,s,t,1\r\n"
                              "q,imr,,,2020,12％,s,t,1\r\n"
                              "q,no,,,99,1.5,s,t,x\r\n",
                              &problems, &plan),
                 STATUS_E_PLAN_INVALID);
    cr_expect_eq(problems.count, 4);
    cr_expect(fixture_has_problem(&problems, "facts.csv:4:value"));
    cr_expect(fixture_has_problem(&problems, "facts.csv:5:indicator"));
    cr_expect(fixture_has_problem(&problems, "facts.csv:5:year"));
    cr_expect(fixture_has_problem(&problems, "facts.csv:5:source_row"));
    cr_expect_null(plan);
    problems_clear(&problems);
}

Test(plan, sentences_say_what_was_found_and_expected)
{
    struct plan *plan = NULL;
    struct problems problems;
    problems_init(&problems);
    cr_assert_eq(
        fixture_edit("luzhai", "targets.csv", "<=,5.0,2030", "<=,五,2030", &problems, &plan),
        STATUS_E_PLAN_INVALID);
    cr_assert_eq(problems.count, 1);
    cr_expect_str_eq(problems.items[0].zh, "“五”不对，应为数值");
    cr_expect_str_eq(problems.items[0].en, "found \"五\", expected a number");
    problems_clear(&problems);
}

Test(plan, files_that_are_missing_or_no_tables)
{
    struct plan *plan = NULL;
    struct problems problems;
    problems_init(&problems);
    cr_expect_eq(plan_load(NULL, 0, &problems, &plan), STATUS_E_PLAN_INVALID);
    size_t count = 0;
    while (plan_file_names[count] != NULL)
        cr_expect(fixture_has_problem(&problems, plan_file_names[count++]));
    cr_expect_eq(count, 12);
    problems_clear(&problems);
    cr_expect_eq(fixture_load("luzhai", "targets.csv", "\xFF\xFF", &problems, &plan),
                 STATUS_E_PLAN_INVALID);
    cr_expect(fixture_has_problem(&problems, "targets.csv:1"));
    cr_expect_eq(problems.items[0].code, STATUS_E_ENCODING);
    problems_clear(&problems);
    cr_expect_eq(fixture_load("luzhai", "targets.csv", "target,x\na,\"b\nc", &problems, &plan),
                 STATUS_E_PLAN_INVALID);
    cr_expect(fixture_has_problem(&problems, "targets.csv:2"));
    problems_clear(&problems);
    cr_expect_null(plan);
}

Test(plan_dir, says_which_files_cannot_be_read)
{
    struct plan_files *files = NULL;
    struct problems problems;
    problems_init(&problems);
    cr_expect_eq(plan_dir_read("/nonexistent", &problems, &files), STATUS_IO);
    cr_expect_eq(problems.count, 12);
    cr_expect(fixture_has_problem(&problems, "targets.csv"));
    cr_expect_null(files);
    problems_clear(&problems);
}

Test(plan_dir, refuses_a_large_file)
{
    char dir[] = "/tmp/zhibao-plan-XXXXXX", path[64];
    struct plan_files *files = NULL;
    struct problems problems;
    problems_init(&problems);
    cr_assert_not_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/targets.csv", dir);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    cr_assert_eq(fseek(file, PLAN_FILE_BYTES_MAX, SEEK_SET), 0);
    fputc('x', file);
    fclose(file);
    cr_expect_eq(plan_dir_read(dir, &problems, &files), STATUS_IO, "the others are missing");
    bool limit = false;
    for (size_t i = 0; i < problems.count; i++)
        limit = limit || (problems.items[i].code == STATUS_LIMIT &&
                          strcmp(problems.items[i].field, "targets.csv") == 0);
    cr_expect(limit);
    problems_clear(&problems);
    remove(path);
    remove(dir);
}

Test(stratum, tags_are_a_set)
{
    cr_expect(stratum_matches("", "sex=f"));
    cr_expect(stratum_matches("sex=f", "age=0-2;sex=f"));
    cr_expect(stratum_matches("area=rural;sex=f", "sex=f;area=rural"));
    cr_expect_not(stratum_matches("sex=f", ""));
    cr_expect_not(stratum_matches("sex=f", "sex=female"));
    cr_expect_not(stratum_matches("sex=f", "isex=f"));
    cr_expect_not(stratum_matches("area=rural;area=urban", "area=rural"));
    cr_expect(stratum_equal("a=1;b=2", "b=2;a=1"));
    cr_expect_not(stratum_equal("a=1;b=2", "a=1"));
    cr_expect(stratum_same_keys("a=1;b=2", "b=3;a=4"));
    cr_expect_not(stratum_same_keys("a=1", "ab=1"));
    cr_expect(stratum_valid("") && stratum_valid("sex=f") && stratum_valid("age=0-2;sex=f"));
    cr_expect_not(stratum_valid("sex") || stratum_valid("sex=") || stratum_valid("=f") ||
                  stratum_valid("sex=f;") || stratum_valid("sex=f,age=1"));
    char out[32];
    cr_expect(stratum_join("sex=f;area=rural", "age=0-2", "area", out, sizeof out));
    cr_expect_str_eq(out, "sex=f;age=0-2");
    cr_expect_not(stratum_join("sex=f;area=rural", "age=0-2", NULL, out, 12));
}

Test(stratum, a_total_comes_from_its_own_cell_else_from_one_partition)
{
    const struct cell cells[] = {
        {1, 0, "sex=m",   true},
        {2, 0, "sex=f",   true},
        {3, 0, "age=0-2", true},
        {4, 0, "age=3-5", true},
        {5, 1, "",        true},
        {6, 1, "sex=f",   true},
    };
    const struct form form = {.cell_count = 6, .cells = cells};
    static const struct {
        size_t element;
        const char *filter;
        unsigned chosen; /* bits of cells */
    } cases[] = {
        {0, "",           0x3 },
        {0, "sex=f",      0x2 },
        {0, "age=3-5",    0x8 },
        {1, "",           0x10},
        {1, "sex=f",      0x20},
        {1, "sex=m",      0   },
        {2, "",           0   },
        {0, "area=rural", 0   }
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct cell_choice choice = form_choose(&form, cases[i].element, cases[i].filter);
        unsigned chosen = 0;
        for (size_t k = 0; k < form.cell_count; k++)
            chosen |= cell_chosen(&choice, &cells[k]) ? 1U << k : 0;
        cr_expect_eq(chosen, cases[i].chosen, "element %zu %s: %x", cases[i].element,
                     cases[i].filter, chosen);
    }
}

/* Versions of definitions are optional; what is wrong in them is named. */
Test(plan, definitions_have_validity)
{
    struct problems problems;
    struct plan *plan = fixture_plan("luzhai");
    cr_assert_geq(plan->definition_count, 1U);
    cr_expect_eq(plan->definitions[0].indicator, plan_indicator(plan, "vaccination_rate"));
    cr_expect_eq(plan->definitions[0].from_year, 2021);
    cr_expect_str_eq(plan->definitions[0].aspect, "definition");
    plan_destroy(&plan);
    problems_init(&problems);
    cr_expect_eq(fixture_load("luzhai", "catalogue/definitions.csv",
                              "indicator,from_year,aspect,text_zh,text_en\n"
                              "imr,2026,denominator,b,b\nimr,2024,source,a,a\n"
                              "nothing,2024,source,a,a\nimr,soon,mood,,a\n",
                              &problems, &plan),
                 STATUS_E_PLAN_INVALID);
    cr_expect(fixture_has_problem(&problems, "catalogue/definitions.csv:4:indicator"));
    cr_expect(fixture_has_problem(&problems, "catalogue/definitions.csv:5:from_year"));
    cr_expect(fixture_has_problem(&problems, "catalogue/definitions.csv:5:aspect"));
    cr_expect(fixture_has_problem(&problems, "catalogue/definitions.csv:5:text_zh"));
    problems_clear(&problems);
}

Test(plan, every_unit_of_measure_has_words_in_both_languages)
{
    struct plan *plan = fixture_plan("luzhai");
    for (size_t i = 0; i < plan->indicator_count; i++) {
        const char *unit = plan->indicators[i].unit;
        cr_expect_str_neq(unit_zh(unit), unit, "%s", unit);
        cr_expect_str_neq(unit_en(unit), unit, "%s", unit);
    }
    plan_destroy(&plan);
}

/* Where a city's plan names townships, these report and not the districts for them. */
Test(plan, the_form_of_districts_is_idle_where_townships_report)
{
    struct plan *siping = fixture_plan("siping"), *luzhai = fixture_plan("luzhai");
    const struct form *form = plan_form(siping, "district");
    cr_assert_not_null(form);
    cr_expect(form->idle);
    cr_expect_not(plan_consolidates(siping));
    cr_expect_not(plan_form(siping, "village")->idle);
    const struct unit *statistics = plan_unit(siping, UINT64_C(220302000000001));
    cr_assert_not_null(statistics);
    cr_expect_not(plan_unit_owes(siping, statistics, form));
    for (size_t i = 0; i < luzhai->form_count; i++)
        cr_expect_not(luzhai->forms[i].idle, "%s", luzhai->forms[i].code);
    /* every cell of the other forms is in it */
    for (size_t i = 0; i < siping->form_count; i++)
        for (size_t k = 0; k < siping->forms[i].cell_count; k++) {
            const struct cell *cell = &siping->forms[i].cells[k];
            bool found = false;
            for (size_t j = 0; j < form->cell_count; j++)
                found = found || (form->cells[j].element == cell->element &&
                                  strcmp(form->cells[j].stratum, cell->stratum) == 0);
            cr_expect(found, "%s %u", siping->forms[i].code, cell->number);
        }
    plan_destroy(&siping);
    plan_destroy(&luzhai);
}
