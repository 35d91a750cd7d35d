#include "assess/assess_group.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double slip_slack = 1.2;       /* how near a slipped figure comes to the others */
static const double slip_distance = 4;      /* how far off it must be as it stands */
static const double rounding_slack = 0.005; /* of a rate, when compared with its counts */

/* The one kind or polarity of a series; ROW_NOT_GIVEN after a complaint. */
static int agree(const struct assess_group *group, enum row_column column)
{
    int found = ROW_NOT_GIVEN;
    for (size_t i = 0; i < group->count; i++) {
        const struct assess_row *row = &group->rows[i];
        int here = column == ROW_KIND ? row->kind : row->polarity;
        if (here == ROW_NOT_GIVEN || here == found)
            continue;
        if (found == ROW_NOT_GIVEN) {
            found = here;
            continue;
        }
        const char *const *words = column == ROW_KIND ? assess_kind_names : assess_polarity_names;
        row_complain(group->source, row->line, column, STATUS_CONFLICT,
                     "同一序列前面的行写的是%s，这里是%s（单位混用？）",
                     "earlier rows of the series say %s, this one %s (mixed units?)", words[found],
                     words[here]);
        return ROW_NOT_GIVEN;
    }
    if (found == ROW_NOT_GIVEN)
        row_complain(group->source, group->rows[0].line, column, STATUS_E_REQUIRED, "序列没有%s",
                     "the series has no %s", row_column_names[column]);
    return found;
}

/* Fills a blank value from its counts and compares both where both are given. */
static bool settle_value(const struct assess_group *group, struct assess_row *row,
                         enum assess_kind kind)
{
    struct assess_point *point = &row->point;
    bool rate = kind != ASSESS_COUNT && kind != ASSESS_MEASURE;
    if (assess_has_counts(point) && !rate && row->value_text[0] == '\0') {
        row_complain(
            group->source, row->line, ROW_VALUE, STATUS_E_REQUIRED, "%s不由分子分母相除，须填数值",
            "a %s does not follow from its counts: a value is needed", assess_kind_names[kind]);
        return false;
    }
    if (!assess_has_counts(point) || !rate)
        return true;
    double worked_out = assess_factor(kind) * point->numerator / point->denominator;
    if (isnan(point->value)) {
        point->value = worked_out;
        return true;
    }
    double away = point->value / worked_out;
    for (int power = -3; power <= 3; power++)
        if (power != 0 && fabs(away / pow(10, power) - 1) < 0.02) {
            row_complain(group->source, row->line, ROW_VALUE, STATUS_E_RANGE,
                         "%.6g与分子分母算出的%.6g差10的整次幂（单位混用？）",
                         "%.6g is a power of ten off %.6g, which its counts give (mixed units?)",
                         point->value, worked_out);
            return false;
        }
    const char *point_at = strchr(row->value_text, '.');
    double digit = point_at == NULL ? 1 : pow(10, -(double)strlen(point_at + 1));
    if (fabs(point->value - worked_out) > fmax(0.501 * digit, rounding_slack * worked_out))
        row_complain(group->remarks, row->line, ROW_VALUE, STATUS_E_CHECK,
                     "%.6g与分子分母算出的%.6g不符，仍按前者评估",
                     "%.6g is not what its counts give, %.6g; assessed as it is", point->value,
                     worked_out);
    return true;
}

static bool check_bounds(const struct assess_group *group, const struct assess_row *row,
                         enum assess_kind kind)
{
    double lower = assess_lower(kind), upper = assess_upper(kind);
    bool counts = assess_has_counts(&row->point);
    if (row->point.value < lower || row->point.value > upper) {
        if (kind == ASSESS_PERCENT && row->point.value > upper)
            row_complain(group->source, row->line, ROW_VALUE, STATUS_E_RANGE,
                         "%.10g超过100（可以超过100的毛率，kind用gross_percent）",
                         "%.10g is above 100 (the kind of rates that may pass it is gross_percent)",
                         row->point.value);
        else if (isfinite(upper))
            row_complain(group->source, row->line, ROW_VALUE, STATUS_E_RANGE, "%.10g不在%g—%g之间",
                         "%.10g is not between %g and %g", row->point.value, lower, upper);
        else
            row_complain(group->source, row->line, ROW_VALUE, STATUS_E_RANGE, "%.10g不能为负",
                         "%.10g cannot be negative", row->point.value);
        return false;
    }
    if (counts && isfinite(upper) && row->point.numerator > row->point.denominator) {
        row_complain(group->source, row->line, ROW_NUMERATOR, STATUS_E_NUMERATOR_ABOVE_DENOMINATOR,
                     "分子%.10g大于分母%.10g", "numerator %.10g above denominator %.10g",
                     row->point.numerator, row->point.denominator);
        return false;
    }
    return true;
}

static int by_year(const void *left, const void *right)
{
    const struct assess_row *const *a = left, *const *b = right;
    if ((*a)->year != (*b)->year)
        return (*a)->year < (*b)->year ? -1 : 1;
    return (*a)->order < (*b)->order ? -1 : (*a)->order > (*b)->order;
}

/* A figure that times 10, 100 or 1000, or divided by them, lies among all the others while it is
 * far from them as it stands. */
static bool is_slip(const struct assess_row *const *rows, size_t count, size_t at)
{
    double least = INFINITY, most = 0, value = rows[at]->point.value;
    for (size_t i = 0; i < count; i++) {
        if (i == at)
            continue;
        least = fmin(least, rows[i]->point.value);
        most = fmax(most, rows[i]->point.value);
    }
    if (count < 4 || !(least > 0) || most >= 2 * least || !(value > 0))
        return false;
    if (value <= slip_distance * most && value >= least / slip_distance)
        return false;
    for (int power = -3; power <= 3; power++) {
        double shifted = value * pow(10, power);
        if (power != 0 && shifted >= least / slip_slack && shifted <= most * slip_slack)
            return true;
    }
    return false;
}

static void remark_gap(const struct assess_group *group, const struct assess_row *row, int first,
                       int last)
{
    if (first == last)
        row_complain(group->remarks, row->line, ROW_YEAR, STATUS_E_CHECK, "缺%d年的数据，仍评估",
                     "no figure for %d; assessed all the same", first);
    else
        row_complain(group->remarks, row->line, ROW_YEAR, STATUS_E_CHECK,
                     "缺%d年至%d年的数据，仍评估",
                     "no figures from %d to %d; assessed all the same", first, last);
}

/* Duplicate years, unit slips, and remarks on gaps and order. `rows` have figures, by year. */
static bool check_years(const struct assess_group *group, const struct assess_row *const *rows,
                        size_t count, enum assess_kind kind)
{
    bool good = true, ordered = true, whole = true;
    for (size_t i = 0; i < count; i++) {
        const struct assess_row *row = rows[i], *before = i > 0 ? rows[i - 1] : NULL;
        if (before != NULL && before->year == row->year) {
            row_complain(group->source, row->line, ROW_YEAR, STATUS_CONFLICT,
                         "%d年重复（第%zu行已有）", "%d is there already (line %zu)", row->year,
                         before->line);
            good = false;
        }
        if (kind != ASSESS_COUNT && kind != ASSESS_MEASURE && is_slip(rows, count, i)) {
            row_complain(group->source, row->line, ROW_VALUE, STATUS_E_RANGE,
                         "%.6g与其他年份差10的整次幂（单位混用？）",
                         "%.6g is a power of ten off the other years (mixed units?)",
                         row->point.value);
            good = false;
        }
        if (ordered && before != NULL && row->order < before->order) {
            row_complain(group->remarks, row->line, ROW_YEAR, STATUS_E_CHECK,
                         "各行未按年份排列，已排序", "rows are not in order of years; sorted");
            ordered = false;
        }
        if (whole && before != NULL && row->year > before->year + 1) {
            remark_gap(group, row, before->year + 1, row->year - 1);
            whole = false;
        }
    }
    return good;
}

static bool same_target(const struct assess_target *a, const struct assess_target *b)
{
    bool value = a->value == b->value || (isnan(a->value) && isnan(b->value));
    bool base = a->base_value == b->base_value || (isnan(a->base_value) && isnan(b->base_value));
    return a->op == b->op && value && base && a->year == b->year && a->base_year == b->base_year;
}

/* A bound that no figure of the kind can come to, a fall by more than all there was, or by less
 * than nothing. */
static bool is_out_of_reach(enum assess_kind kind, const struct assess_target *target)
{
    double least = assess_lower(kind), most = assess_upper(kind);
    if (target->op == TARGET_FALL_PERCENT || target->op == TARGET_FALL_POINTS)
        least = 0;
    if (target->op == TARGET_FALL_PERCENT)
        most = 100;
    return isfinite(target->value) && (target->value < least || target->value > most);
}

/* The distinct targets. False when one is due before the first figure and none is left. */
static bool take_targets(struct assess_group *group, struct assess_series *series)
{
    bool dropped = false;
    for (size_t i = 0; i < group->count; i++) {
        const struct assess_row *row = &group->rows[i];
        bool known = !row->has_target;
        for (size_t j = 0; j < series->target_count && !known; j++)
            known = same_target(&group->targets[j], &row->target);
        if (known)
            continue;
        if (row->target.year != 0 && series->count > 0 &&
            row->target.year < series->points[0].year) {
            row_complain(group->source, row->line, ROW_TARGET_YEAR, STATUS_E_RANGE,
                         "目标年%d早于最早的数据（%d年）",
                         "target year %d lies before the first figure (%d)", row->target.year,
                         series->points[0].year);
            dropped = true;
            continue;
        }
        if (is_out_of_reach(series->kind, &row->target))
            row_complain(
                group->remarks, row->line, ROW_TARGET_VALUE, STATUS_E_RANGE,
                "目标值%.10g在这种指标可能的范围之外，仍按它评估",
                "target %.10g lies beyond what such a figure can be; assessed all the same",
                row->target.value);
        if (series->target_count == 0)
            group->first_target = row->target.value_text;
        group->targets[series->target_count++] = row->target;
    }
    series->targets = group->targets;
    return !dropped || series->target_count > 0;
}

/* The years in which another definition than before is named; blank is as before. */
static void take_breaks(struct assess_group *group, const struct assess_row *const *rows,
                        size_t count, struct assess_series *series)
{
    const char *definition = "";
    for (size_t i = 0; i < count; i++) {
        const char *here = rows[i]->definition;
        if (here[0] == '\0' || strcmp(here, definition) == 0)
            continue;
        if (definition[0] != '\0')
            group->breaks[series->break_count++] = rows[i]->year;
        definition = here;
    }
    series->breaks = group->breaks;
}

/* Points in ascending years. */
static bool take_points(struct assess_group *group, struct assess_series *series)
{
    const struct assess_row **rows = calloc(group->count, sizeof *rows);
    size_t count = 0;
    bool good = rows != NULL;
    for (size_t i = 0; good && i < group->count; i++) {
        struct assess_row *row = &group->rows[i];
        good = settle_value(group, row, series->kind);
        if (!good || !isfinite(row->point.value))
            continue;
        good = check_bounds(group, row, series->kind);
        rows[count++] = row;
    }
    if (good) {
        qsort(rows, count, sizeof *rows, by_year);
        good = check_years(group, rows, count, series->kind);
    }
    for (size_t i = 0; good && i < count; i++)
        group->points[i] = rows[i]->point;
    if (good)
        take_breaks(group, rows, count, series);
    series->points = group->points;
    series->count = good ? count : 0;
    free(rows);
    return good;
}

bool assess_group_make(struct assess_group *group, struct assess_series *out_series)
{
    struct assess_series series = {
        .name = group->rows[0].series, .stratum = group->rows[0].stratum, .panel = ""};
    bool flawed = false;
    group->first_target = "";
    for (size_t i = 0; i < group->count; i++)
        flawed = flawed || group->rows[i].flawed;
    if (flawed)
        return false;
    int kind = agree(group, ROW_KIND);
    if (kind == ROW_NOT_GIVEN)
        return false;
    int polarity = agree(group, ROW_POLARITY);
    if (polarity == ROW_NOT_GIVEN)
        return false;
    series.kind = (enum assess_kind)kind;
    series.polarity = (enum polarity)polarity;
    if (!take_points(group, &series) || !take_targets(group, &series))
        return false;
    *out_series = series;
    return true;
}
