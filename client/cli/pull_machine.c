/* A pulled result for machines. */
#include <inttypes.h>
#include <stdio.h>

#include "cli/past.h"
#include "cli/pull_parts.h"
#include "cli/words.h"

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
    {"weight",          "", "", COLUMN_NUMBER},
};

struct rows *pull_machine_create(const struct context *context)
{
    return rows_create(context, machine_columns, sizeof machine_columns / sizeof *machine_columns);
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

static const char *year_number(struct rows *rows, uint32_t year)
{
    return year == 0 ? "" : rows_printf(rows, "%u", year);
}

void pull_machine_add(struct rows *rows, const Zhibao__IndicatorResult *result,
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
        pulled_is_printed(result) ? "1" : "0",
        explained_cell(rows, result->explained, result->n_explained),
        rows_printf(rows, "%u", judged->units_missing),
        raw_number(rows, target != NULL, judged->weight),
    };
    rows_add(rows, cells);
}
