#include "cli/pull_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/json.h"
#include "cli/past.h"
#include "cli/words.h"
#include "lib/unit_words.h"

static const struct row_column table_columns[] = {
    {"indicator",  "指标",        "indicator",  COLUMN_TEXT  },
    {"name",       "名称",        "name",       COLUMN_TEXT  },
    {"value",      "数值",        "value",      COLUMN_NUMBER},
    {"unit",       "单位",        "unit",       COLUMN_TEXT  },
    {"reporting",  "已报/应报", "units",      COLUMN_NUMBER},
    {"target",     "目标",        "target",     COLUMN_TEXT  },
    {"attainment", "达标情况",  "attainment", COLUMN_TEXT  },
    {"remark",     "备注",        "remark",     COLUMN_TEXT  },
};

static const struct row_column machine_columns[] = {
    {"indicator",       "", "", COLUMN_TEXT  },
    {"name_zh",         "", "", COLUMN_TEXT  },
    {"name_en",         "", "", COLUMN_TEXT  },
    {"domain",          "", "", COLUMN_TEXT  },
    {"kind",            "", "", COLUMN_TEXT  },
    {"unit",            "", "", COLUMN_TEXT  },
    {"stratum",         "", "", COLUMN_TEXT  },
    {"presence",        "", "", COLUMN_TEXT  },
    {"value",           "", "", COLUMN_NUMBER},
    {"numerator",       "", "", COLUMN_NUMBER},
    {"denominator",     "", "", COLUMN_NUMBER},
    {"reporting",       "", "", COLUMN_NUMBER},
    {"expected",        "", "", COLUMN_NUMBER},
    {"not_applicable",  "", "", COLUMN_NUMBER},
    {"not_collected",   "", "", COLUMN_NUMBER},
    {"not_reported",    "", "", COLUMN_NUMBER},
    {"demonstration",   "", "", COLUMN_FLAG  },
    {"worst_place",     "", "", COLUMN_TEXT  },
    {"target",          "", "", COLUMN_TEXT  },
    {"target_op",       "", "", COLUMN_TEXT  },
    {"target_value",    "", "", COLUMN_TEXT  },
    {"target_year",     "", "", COLUMN_TEXT  },
    {"target_scope",    "", "", COLUMN_TEXT  },
    {"decides",         "", "", COLUMN_FLAG  },
    {"attainment",      "", "", COLUMN_TEXT  },
    {"bound",           "", "", COLUMN_NUMBER},
    {"why_zh",          "", "", COLUMN_TEXT  },
    {"why_en",          "", "", COLUMN_TEXT  },
    {"failing",         "", "", COLUMN_LIST  },
    {"low95",           "", "", COLUMN_NUMBER},
    {"high95",          "", "", COLUMN_NUMBER},
    {"realisation",     "", "", COLUMN_NUMBER},
    {"progress",        "", "", COLUMN_NUMBER},
    {"looser",          "", "", COLUMN_FLAG  },
    {"coverage",        "", "", COLUMN_NUMBER},
    {"suppressed",      "", "", COLUMN_FLAG  },
    {"latest_year",     "", "", COLUMN_NUMBER},
    {"required_pace",   "", "", COLUMN_NUMBER},
    {"recent_pace",     "", "", COLUMN_NUMBER},
    {"forecast_year",   "", "", COLUMN_NUMBER},
    {"forecast",        "", "", COLUMN_NUMBER},
    {"forecast_low80",  "", "", COLUMN_NUMBER},
    {"forecast_high80", "", "", COLUMN_NUMBER},
    {"p_reach",         "", "", COLUMN_NUMBER},
    {"class",           "", "", COLUMN_TEXT  },
    {"fluctuation",     "", "", COLUMN_TEXT  },
    {"broken",          "", "", COLUMN_NUMBER},
    {"note_zh",         "", "", COLUMN_TEXT  },
    {"note_en",         "", "", COLUMN_TEXT  },
    {"printed",         "", "", COLUMN_FLAG  },
    {"explanations",    "", "", COLUMN_TEXT  },
    {"units_missing",   "", "", COLUMN_NUMBER},
};

const char *pulled_name(const struct pulled *pulled, uint64_t number, char text[UNIT_TEXT_BYTES])
{
    for (size_t page = 0; page < pulled->count; page++)
        for (size_t i = 0; i < pulled->pages[page]->n_names; i++) {
            const Zhibao__PlaceName *name = pulled->pages[page]->names[i];
            if (name->place == number)
                return name->name;
        }
    if (number > PLACE_MAX)
        return unit_format(number, text);
    snprintf(text, UNIT_TEXT_BYTES, "%012" PRIu64, number);
    return text;
}

static uint32_t empties(const Zhibao__IndicatorResult *result, size_t kind)
{
    return kind < result->n_empty ? result->empty[kind] : 0;
}

static const char *raw_number(struct rows *rows, bool given, double value)
{
    return given ? rows_printf(rows, "%.15g", value) : "";
}

static const char *join_places(struct rows *rows, const Zhibao__TargetResult *target)
{
    struct rows_text text;
    FILE *out = rows_text_begin(&text);
    for (size_t i = 0; out != NULL && target != NULL && i < target->n_failing; i++)
        fprintf(out, "%s%" PRIu64, i == 0 ? "" : " ", target->failing[i]);
    return rows_text_end(rows, &text);
}

/* A figure that the plan's text gives (a baseline), while nobody reported one. */
static bool is_printed(const Zhibao__IndicatorResult *result)
{
    return result->presence == ZHIBAO__PRESENCE__PRESENCE_VALUE && result->reporting == 0;
}

static const char *year_number(struct rows *rows, uint32_t year)
{
    return year == 0 ? "" : rows_printf(rows, "%u", year);
}

static void add_machine_row(struct rows *rows, const Zhibao__IndicatorResult *result,
                            const Zhibao__TargetResult *target)
{
    static const Zhibao__TargetResult no_target = ZHIBAO__TARGET_RESULT__INIT;
    static const Zhibao__Outlook no_outlook = ZHIBAO__OUTLOOK__INIT;
    const Zhibao__TargetResult *judged = target == NULL ? &no_target : target;
    const Zhibao__Outlook *outlook = target == NULL ? result->outlook : target->outlook;
    outlook = outlook == NULL ? &no_outlook : outlook;
    bool foretold = outlook->forecast_year != 0;
    bool valued = result->presence == ZHIBAO__PRESENCE__PRESENCE_VALUE && !result->suppressed;
    const char *const cells[] = {
        result->indicator,
        result->name_zh,
        result->name_en,
        result->domain,
        result->kind,
        result->unit,
        result->stratum,
        presence_slug((int)result->presence),
        raw_number(rows, valued, result->value),
        raw_number(rows, result->has_fraction, result->numerator),
        raw_number(rows, result->has_fraction, result->denominator),
        rows_printf(rows, "%u", result->reporting),
        rows_printf(rows, "%u", result->expected),
        rows_printf(rows, "%u", empties(result, 0)),
        rows_printf(rows, "%u", empties(result, 1)),
        rows_printf(rows, "%u", empties(result, 2)),
        result->demonstration ? "1" : "0",
        result->worst_place == 0 ? "" : rows_printf(rows, "%" PRIu64, result->worst_place),
        target == NULL ? "" : target->target,
        target == NULL ? "" : target->op,
        target == NULL ? "" : target->value,
        target == NULL ? "" : target->year,
        target == NULL ? "" : target->scope,
        target != NULL && target->decides ? "1" : "0",
        target == NULL ? "" : attainment_slug((int)target->attainment),
        target == NULL ? "" : raw_number(rows, target->has_bound, target->bound),
        target == NULL ? "" : target->why_zh,
        target == NULL ? "" : target->why_en,
        join_places(rows, target),
        raw_number(rows, judged->has_interval, judged->low95),
        raw_number(rows, judged->has_interval, judged->high95),
        raw_number(rows, judged->has_realisation, judged->realisation),
        raw_number(rows, judged->has_progress, judged->progress),
        judged->looser ? "1" : "0",
        raw_number(rows, result->has_coverage, result->coverage),
        result->suppressed ? "1" : "0",
        year_number(rows, outlook->latest_year),
        raw_number(rows, outlook->has_required_pace, outlook->required_pace),
        raw_number(rows, outlook->has_recent_pace, outlook->recent_pace),
        year_number(rows, outlook->forecast_year),
        raw_number(rows, foretold, outlook->forecast),
        raw_number(rows, foretold, outlook->low80),
        raw_number(rows, foretold, outlook->high80),
        raw_number(rows, outlook->has_p_reach, outlook->p_reach),
        outlook->class_,
        outlook->fluctuation,
        year_number(rows, outlook->broken),
        outlook->note_zh,
        outlook->note_en,
        is_printed(result) ? "1" : "0",
        explained_cell(rows, result->explained, result->n_explained),
        rows_printf(rows, "%u", judged->units_missing),
    };
    rows_add(rows, cells);
}

/* The operator and value as people write them. */
static const char *demand_text(const struct context *context, struct rows *rows,
                               const Zhibao__TargetResult *target)
{
    static const struct {
        const char *op, *zh, *zh_after, *en, *en_after;
    } words[] = {
        {"<=",                          "≤",             "",             "≤",         ""              },
        {">=",                          "≥",             "",             "≥",         ""              },
        {"<",                           "<",               "",             "<",           ""              },
        {">",                           ">",               "",             ">",           ""              },
        {"=",                           "=",               "",             "=",           ""              },
        {"~",                           "约",             "",             "about ",      ""              },
        {"maintain>=",                  "保持≥",       "",             "stay ≥",    ""              },
        {"maintain<=",                  "保持≤",       "",             "stay ≤",    ""              },
        {"decrease_by_pct",             "比基期下降", "%",            "fall by ",    "%"             },
        {"decrease_by_points_per_year", "年均下降",    "个百分点", "fall by ",    " points a year"},
        {"increase",                    "提高",          "",             "rise",        ""              },
        {"decrease",                    "下降",          "",             "fall",        ""              },
        {"qualitative",                 "定性目标",    "",             "qualitative", ""              },
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(target->op, words[i].op) == 0)
            return rows_printf(rows, "%s%s%s", TR(context, words[i].zh, words[i].en), target->value,
                               TR(context, words[i].zh_after, words[i].en_after));
    return rows_printf(rows, "%s%s", target->op, target->value);
}

static const char *target_text(const struct context *context, struct rows *rows,
                               const Zhibao__TargetResult *target, bool with_code)
{
    return rows_printf(rows, "%s%s%s%s%s%s%s", with_code ? target->target : "",
                       with_code ? " " : "", demand_text(context, rows, target),
                       target->year[0] == '\0' ? "" : TR(context, "（", " ("), target->year,
                       target->year[0] == '\0' ? "" : TR(context, "）", ")"),
                       target->decides ? " *" : "");
}

static const char *value_text(const struct context *context, struct rows *rows,
                              const Zhibao__IndicatorResult *result)
{
    char text[64];
    if (result->suppressed)
        return "*";
    if (result->presence != ZHIBAO__PRESENCE__PRESENCE_VALUE)
        return result->presence == 0 ? "—" : presence_text(context, (int)result->presence);
    if (strcmp(result->unit, "yesno") == 0 || strcmp(result->kind, "existence") == 0)
        return result->value != 0 ? TR(context, "是", "yes") : TR(context, "否", "no");
    return rows_printf(rows, "%s", number_text(result->value, result->decimals, text));
}

/* What a reader has to know beside the figures, its parts joined by blanks. */
static const char *remark_text(const struct context *context, struct rows *rows,
                               const struct pulled *pulled, const Zhibao__IndicatorResult *result,
                               const Zhibao__TargetResult *target, bool first)
{
    char name[UNIT_TEXT_BYTES];
    const char *blank = "";
    struct rows_text text;
    FILE *out = rows_text_begin(&text);
    if (out == NULL)
        return rows_text_end(rows, &text);
    if (first && result->demonstration) {
        fputs(TR(context, "演示数据", "demonstration"), out);
        blank = " ";
    }
    if (first && is_printed(result)) {
        fprintf(out, "%s%s", blank,
                TR(context, "规划所载基数，非报送", "baseline from the plan's text, not reported"));
        blank = " ";
    }
    if (first && result->suppressed) {
        fprintf(out, "%s%s", blank, TR(context, "小数不公布", "small numbers left out"));
        blank = " ";
    }
    if (first && result->has_coverage && result->reporting < result->expected) {
        char share[64];
        number_text(100 * result->coverage, 1, share);
        if (context->english)
            fprintf(out, "%sfrom %u of %u villages, %s%% of children", blank, result->reporting,
                    result->expected, share);
        else
            fprintf(out, "%s来自%u个村中的%u个，占儿童数的%s%%", blank, result->expected,
                    result->reporting, share);
        blank = " ";
    }
    if (first && result->worst_place != 0) {
        fprintf(out, "%s%s%s", blank, TR(context, "最差：", "worst: "),
                pulled_name(pulled, result->worst_place, name));
        blank = " ";
    }
    for (size_t i = 0; target != NULL && i < target->n_failing; i++) {
        fprintf(out, "%s%s", i > 0 ? TR(context, "、", ", ") : blank,
                i > 0 ? "" : TR(context, "未达标：", "failing: "));
        fputs(pulled_name(pulled, target->failing[i], name), out);
        blank = " ";
    }
    bool explained =
        target != NULL && (target->attainment == ZHIBAO__ATTAINMENT__ATTAINMENT_NOT_JUDGEABLE ||
                           target->attainment == ZHIBAO__ATTAINMENT__ATTAINMENT_NO_DATA ||
                           target->attainment == ZHIBAO__ATTAINMENT__ATTAINMENT_MET_UNCERTAIN ||
                           target->units_missing > 0);
    if (explained) {
        fprintf(out, "%s%s", blank, TR(context, target->why_zh, target->why_en));
        blank = " ";
    }
    if (target != NULL && target->looser) {
        fprintf(out, "%s%s", blank, TR(context, "目标比基数还松", "looser than its own baseline"));
        blank = " ";
    }
    const Zhibao__Outlook *outlook = target == NULL ? result->outlook : target->outlook;
    if (outlook != NULL && outlook->note_zh[0] != '\0')
        fprintf(out, "%s%s", blank, TR(context, outlook->note_zh, outlook->note_en));
    return rows_text_end(rows, &text);
}

static void add_table_row(const struct context *context, struct rows *rows,
                          const struct pulled *pulled, const Zhibao__IndicatorResult *result,
                          const Zhibao__TargetResult *target, bool first)
{
    char stratum[128];
    const char *name = TR(context, result->name_zh, result->name_en);
    stratum_words(result->stratum, context->english, stratum, sizeof stratum);
    const char *const cells[] = {
        first ? result->indicator : "",
        !first                       ? ""
        : result->stratum[0] == '\0' ? name
                                     : rows_printf(rows, "%s [%s]", name, stratum),
        first ? value_text(context, rows, result) : "",
        first ? unit_word(result->unit, context->english) : "",
        first ? rows_printf(rows, "%u/%u", result->reporting, result->expected) : "",
        target == NULL ? "" : target_text(context, rows, target, result->indicator[0] == '\0'),
        target == NULL ? "" : attainment_text(context, (int)target->attainment),
        remark_text(context, rows, pulled, result, target, first),
    };
    rows_add(rows, cells);
}

struct rows *indicator_rows(const struct context *context, const struct pulled *pulled)
{
    bool table = context->format == FORMAT_TABLE;
    struct rows *rows =
        table ? rows_create(context, table_columns, sizeof table_columns / sizeof *table_columns)
              : rows_create(context, machine_columns,
                            sizeof machine_columns / sizeof *machine_columns);
    for (size_t page = 0; rows != NULL && page < pulled->count; page++)
        for (size_t i = 0; i < pulled->pages[page]->n_indicators; i++) {
            const Zhibao__IndicatorResult *result = pulled->pages[page]->indicators[i];
            size_t lines = result->n_targets == 0 ? 1 : result->n_targets;
            for (size_t k = 0; k < lines; k++) {
                const Zhibao__TargetResult *target =
                    k < result->n_targets ? result->targets[k] : NULL;
                if (table)
                    add_table_row(context, rows, pulled, result, target, k == 0);
                else
                    add_machine_row(rows, result, target);
            }
        }
    return rows;
}

void print_legend(const struct context *context, const struct pulled *pulled)
{
    bool decides = false, suppressed = false;
    for (size_t page = 0; page < pulled->count; page++)
        for (size_t i = 0; i < pulled->pages[page]->n_indicators; i++) {
            const Zhibao__IndicatorResult *result = pulled->pages[page]->indicators[i];
            suppressed = suppressed || result->suppressed;
            for (size_t k = 0; k < result->n_targets; k++)
                decides = decides || result->targets[k]->decides;
        }
    if (decides)
        say(context, "目标后的 *：同一指标有几个目标时，以它为准",
            "* after a target: of several targets of an indicator, the one that decides");
    if (suppressed)
        say(context, "数值为 *：小于5的数和能推出它的数，不公布",
            "* instead of a value: below 5, or would give such a number away; not published");
}

static const char *join_units(struct rows *rows, const uint64_t *units, size_t count)
{
    char unit[UNIT_TEXT_BYTES];
    struct rows_text text;
    FILE *out = rows_text_begin(&text);
    for (size_t i = 0; out != NULL && i < count; i++)
        fprintf(out, "%s%s", i == 0 ? "" : " ", unit_format(units[i], unit));
    return rows_text_end(rows, &text);
}

struct rows *completeness_rows(const struct context *context, const struct pulled *pulled)
{
    static const struct row_column columns[] = {
        {"form",         "报表",          "form",      COLUMN_TEXT  },
        {"expected",     "应报",          "expected",  COLUMN_NUMBER},
        {"received",     "已报",          "received",  COLUMN_NUMBER},
        {"accepted",     "已通过",       "accepted",  COLUMN_NUMBER},
        {"confirmed",    "已计入汇总", "confirmed", COLUMN_NUMBER},
        {"final",        "统计已通过", "final",     COLUMN_NUMBER},
        {"missing",      "",                "",          COLUMN_LIST  },
        {"not_accepted", "",                "",          COLUMN_LIST  },
        {"entered",      "",                "",          COLUMN_LIST  },
    };
    bool table = context->format == FORMAT_TABLE;
    struct rows *rows = rows_create(context, columns, table ? 6 : 9);
    for (size_t page = 0; rows != NULL && page < pulled->count; page++)
        for (size_t i = 0; i < pulled->pages[page]->n_completeness; i++) {
            const Zhibao__Completeness *form = pulled->pages[page]->completeness[i];
            const char *const cells[] = {
                form->form,
                rows_printf(rows, "%u", form->expected),
                rows_printf(rows, "%u", form->received),
                rows_printf(rows, "%u", form->accepted),
                rows_printf(rows, "%u", form->confirmed),
                rows_printf(rows, "%u", form->final),
                table ? "" : join_units(rows, form->missing, form->n_missing),
                table ? "" : join_units(rows, form->not_accepted, form->n_not_accepted),
                table ? "" : join_units(rows, form->entered, form->n_entered)};
            rows_add(rows, cells);
        }
    return rows;
}

static void print_names(const struct context *context, const struct pulled *pulled,
                        const char *title, const char *form, const uint64_t *units, size_t count)
{
    char text[UNIT_TEXT_BYTES];
    if (count == 0)
        return;
    printf(TR(context, "%s %s（%zu）：", "%s %s (%zu): "), title, form, count);
    for (size_t i = 0; i < count; i++)
        printf("%s%s", i == 0 ? "" : TR(context, "、", ", "), pulled_name(pulled, units[i], text));
    putchar('\n');
}

void print_missing(const struct context *context, const struct pulled *pulled)
{
    for (size_t page = 0; page < pulled->count; page++)
        for (size_t i = 0; i < pulled->pages[page]->n_completeness; i++) {
            const Zhibao__Completeness *form = pulled->pages[page]->completeness[i];
            print_names(context, pulled, TR(context, "未报", "not reported"), form->form,
                        form->missing, form->n_missing);
            print_names(context, pulled, TR(context, "已报未通过", "reported, not accepted"),
                        form->form, form->not_accepted, form->n_not_accepted);
            print_names(context, pulled, TR(context, "乡镇代填", "entered by the township"),
                        form->form, form->entered, form->n_entered);
        }
}

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
        set = json_object_set_new(rates, "realisation", json_real(pass->realisation)) == 0;
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
