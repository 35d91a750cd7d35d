/* plan_check against tests/plans/expected_findings.csv, which was written from the plans' texts,
 * and each kind on a plan made for it. */
#include "plan/plan_check.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan_fixture.h"
#include "text/csv.h"

static const char *const plan_names[] = {"luzhai", "siping", "huaiyin", "xinhua", "jinlin"};

enum { PLANS = sizeof plan_names / sizeof *plan_names };

static struct findings *findings_of(const char *name)
{
    struct plan *plan = fixture_plan(name);
    struct findings *findings = NULL;
    cr_assert_eq(plan_check(plan, &findings), STATUS_OK);
    plan_destroy(&plan); /* findings outlive their plan */
    return findings;
}

static struct table *expected(void)
{
    FILE *file = fopen(ZHIBAO_SOURCE_DIR "/tests/plans/expected_findings.csv", "rb");
    cr_assert_not_null(file);
    static uint8_t bytes[256 * 1024];
    size_t size = fread(bytes, 1, sizeof bytes, file), line = 0;
    fclose(file);
    struct table *table = NULL;
    cr_assert_eq(table_read(bytes, size, &line, &table), STATUS_OK);
    return table;
}

static bool has_word(const char *list, const char *word, size_t length)
{
    for (; *list != '\0'; list += *list == ' ') {
        size_t size = strcspn(list, " ");
        if (size == length && memcmp(list, word, length) == 0)
            return true;
        list += size;
    }
    return false;
}

/* Whether the findings of one kind together name every code; all codes of "" are named by any. */
static bool are_named(const struct findings *findings, const char *kind, const char *codes)
{
    bool any = false;
    for (size_t i = 0; i < findings->count; i++)
        any = any || strcmp(findings->items[i].kind, kind) == 0;
    for (; any && *codes != '\0'; codes += *codes == ' ') {
        size_t length = strcspn(codes, " ");
        bool named = false;
        for (size_t i = 0; i < findings->count && !named; i++)
            named = strcmp(findings->items[i].kind, kind) == 0 &&
                    (has_word(findings->items[i].subject, codes, length) ||
                     has_word(findings->items[i].targets, codes, length));
        if (!named)
            return false;
        codes += length;
    }
    return any;
}

Test(plan_check, finds_every_expected_trap)
{
    struct table *table = expected();
    size_t plan = table_column(table, "plan"), kind = table_column(table, "kind"),
           codes = table_column(table, "indicator_or_target"),
           bullet = table_column(table, "bullet");
    size_t checked = 0;
    for (size_t i = 0; i < PLANS; i++) {
        struct findings *findings = findings_of(plan_names[i]);
        for (size_t row = 1; row < table_rows(table); row++) {
            const char *wanted = table_cell(table, row, kind);
            if (strcmp(table_cell(table, row, plan), plan_names[i]) != 0 ||
                strcmp(wanted, "not-checkable") == 0)
                continue;
            checked++;
            cr_expect(are_named(findings, wanted, table_cell(table, row, codes)),
                      "%s: %s, %s: %s not all named", table_cell(table, row, bullet), plan_names[i],
                      wanted, table_cell(table, row, codes));
        }
        findings_destroy(&findings);
        cr_expect_null(findings);
    }
    cr_expect_gt(checked, 100);
    table_destroy(&table);
}

Test(plan_check, findings_are_numbered_named_and_said_twice)
{
    for (size_t i = 0; i < PLANS; i++) {
        struct findings *findings = findings_of(plan_names[i]);
        struct findings *again = findings_of(plan_names[i]);
        cr_assert_eq(findings->count, again->count);
        for (size_t k = 0; k < findings->count; k++) {
            const struct finding *finding = &findings->items[k];
            cr_expect_eq(finding->number, k + 1);
            cr_expect(finding->kind[0] != '\0' && finding->subject[0] != '\0');
            cr_expect(finding->zh[0] != '\0' && finding->en[0] != '\0');
            cr_expect_null(strstr(finding->zh, "(null)"));
            cr_expect_null(strstr(finding->en, "(null)"));
            cr_expect_str_eq(finding->zh, again->items[k].zh, "the order is not the same twice");
        }
        findings_destroy(&findings);
        findings_destroy(&again);
    }
}

/* What must not be found: a plan without that trap. */
Test(plan_check, raises_no_false_alarm_where_the_text_is_sound)
{
    static const struct {
        const char *plan, *kind, *code;
    } quiet[] = {
        {"siping",  "target-looser-than-baseline", ""               },
        {"siping",  "verb-contradicts-direction",  ""               },
        {"siping",  "ocr-suspect",                 ""               },
        {"siping",  "unreadable-number",           ""               },
        {"siping",  "impossible-percentage",       ""               },
        {"luzhai",  "ocr-suspect",                 ""               },
        {"luzhai",  "value-is-range",              ""               },
        {"luzhai",  "baseline-order",              ""               },
        {"luzhai",  "single-unit-share",           ""               },
        {"luzhai",  "unit-differs-from-indicator", ""               },
        {"jinlin",  "target-order",                ""               },
        {"jinlin",  "higher-level-target",         ""               },
        {"huaiyin", "base-conflict",               ""               },
        {"xinhua",  "draft-plan",                  ""               },
        {"xinhua",  "target-looser-than-baseline", "preschool_gross"},
    };
    for (size_t i = 0; i < sizeof quiet / sizeof *quiet; i++) {
        struct findings *findings = findings_of(quiet[i].plan);
        cr_expect_not(are_named(findings, quiet[i].kind, quiet[i].code), "%s %s %s", quiet[i].plan,
                      quiet[i].kind, quiet[i].code);
        findings_destroy(&findings);
    }
}

/* Kinds that no real plan shows, and the exact edge of some that do: one edited cell each. */
static const struct {
    const char *plan, *file, *from, *to, *kind, *code;
    bool found;
} edits[] = {
    {"luzhai",  "targets.csv", "nmr,,<=,3.0",                                 "nmr,,<=,5.1",                              "target-order",                "nmr imr",         true },
    {"luzhai",  "targets.csv", "nmr,,<=,3.0",                                 "nmr,,<=,5.0",                              "target-order",                "",                false},
    {"luzhai",  "targets.csv", "imr,,<=,5.0",                                 "imr,,<=,2.41",                             "target-equals-baseline",      "imr",             true },
    {"luzhai",  "targets.csv", "imr,,<=,5.0",                                 "imr,,<=,2.40",                             "target-looser-than-baseline",
     "LZ-health-G3-2",                                                                                                                                                      false},
    {"luzhai",  "targets.csv", "2030,implied,local,,,,二(一)主要目标2",
     ",none,local,,,,二(一)主要目标2",                                                                              "no-year",                     "health_literacy", true },
    {"luzhai",  "targets.csv", ",新生儿、婴儿和5岁以下",            ",3.5岁以下",                            "unreadable-number",           "nmr",
     true                                                                                                                                                                        },
    {"luzhai",  "targets.csv", "caries_12,,<=,25",                            "caries_12,,<=,125",                        "impossible-percentage",
     "caries_12",                                                                                                                                                           true },
    {"huaiyin", "facts.csv",   "science_base,,2020,100",                      "science_base,,2020,50",
     "impossible-percentage",                                                                                                                            "science_base",    true },
    {"luzhai",  "targets.csv", "降至3.0‰、5.0‰",                       "降至3.0%、5.0‰",                      "unit-differs-from-indicator",
     "nmr",                                                                                                                                                                 true },
    {"luzhai",  "targets.csv", "12岁儿童龋患率控制在25%以内",      "12岁儿童龋患率控制在25‰以内",
     "unit-differs-from-indicator",                                                                                                                      "caries_12",       true },
    {"luzhai",  "facts.csv",   "imr,,2020,2.41",                              "imr,,2020,4.41",                           "baseline-order",              "imr u5mr",        true },
};

Test(plan_check, single_edits)
{
    for (size_t i = 0; i < sizeof edits / sizeof *edits; i++) {
        struct plan *plan = NULL;
        struct findings *findings = NULL;
        struct problems problems;
        problems_init(&problems);
        cr_assert_eq(fixture_edit(edits[i].plan, edits[i].file, edits[i].from, edits[i].to,
                                  &problems, &plan),
                     STATUS_OK, "%s: %s", edits[i].to,
                     problems.count > 0 ? problems.items[0].en : "");
        cr_assert_eq(plan_check(plan, &findings), STATUS_OK);
        cr_expect_eq(are_named(findings, edits[i].kind, edits[i].code), edits[i].found, "%s: %s %s",
                     edits[i].to, edits[i].kind, edits[i].code);
        findings_destroy(&findings);
        plan_destroy(&plan);
        problems_clear(&problems);
    }
}

/* How much each kind is to be minded, as deploy/plans/README.md says. */
Test(plan_check, findings_have_a_severity)
{
    static const struct {
        const char *plan, *kind;
        enum finding_severity severity;
    } cases[] = {
        {"luzhai",  "target-looser-than-baseline", SEVERITY_HIGH  },
        {"luzhai",  "baseline-missing",            SEVERITY_MEDIUM},
        {"luzhai",  "implied-year",                SEVERITY_LOW   },
        {"xinhua",  "ocr-suspect",                 SEVERITY_LOW   },
        {"huaiyin", "draft-plan",                  SEVERITY_MEDIUM},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct findings *findings = findings_of(cases[i].plan);
        size_t seen = 0;
        for (size_t k = 0; k < findings->count; k++) {
            const struct finding *finding = &findings->items[k];
            if (strcmp(finding->kind, cases[i].kind) != 0)
                continue;
            seen++;
            cr_expect_eq(finding->severity, cases[i].severity, "%s", finding->kind);
        }
        cr_expect_gt(seen, 0, "%s %s", cases[i].plan, cases[i].kind);
        findings_destroy(&findings);
    }
    cr_expect_str_eq(severity_name(SEVERITY_MEDIUM), "medium");
    cr_expect_str_eq(severity_zh(SEVERITY_LOW), "低");
}

/* Whether a text holds a wide character: Chinese, or its punctuation and forms. */
static bool has_wide(const char *text)
{
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++)
        if (*at >= 0xe3) /* U+3000 and up */
            return true;
    return false;
}

/* Plan text stands at the end of a finding, in quotes; all before it is English. */
Test(plan_check, english_is_english_but_for_the_quote)
{
    for (size_t i = 0; i < PLANS; i++) {
        struct findings *findings = findings_of(plan_names[i]);
        for (size_t k = 0; k < findings->count; k++) {
            char text[2000];
            snprintf(text, sizeof text, "%s", findings->items[k].en);
            char *quote = strstr(text, ": \"");
            if (quote != NULL)
                *quote = '\0';
            cr_expect_not(has_wide(text), "%s: %s", plan_names[i], text);
            cr_expect_null(strstr(text, "decrease_by"), "%s", text);
            cr_expect_null(strstr(text, "maintain"), "%s", text);
            cr_expect_null(strstr(findings->items[k].zh, "maintain"), "%s", findings->items[k].zh);
            cr_expect(has_wide(findings->items[k].kind_zh));
        }
        findings_destroy(&findings);
    }
}

Test(plan_check, a_series_of_facts_is_no_plan_with_traps)
{
    struct findings *findings = findings_of("national");
    cr_expect_not(are_named(findings, "no-baselines", ""));
    findings_destroy(&findings);
}
