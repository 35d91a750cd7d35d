#include <math.h>
#include <stdio.h>
#include <string.h>

#include "assess/sentence.h"
#include "plan/form_rules.h"
#include "server/analysis/quality.h"

enum { EARLIER_BYTES = 256 };

/* One form of one unit while it is judged. */
struct judging {
    const struct quality_book *book;
    const struct form *form;
    size_t form_index;
    const struct quality_sheet *sheet;
    struct quality quality;
    size_t findings[QUALITY_PARTS];
    Zhibao__QualityRow *row;
};

static enum status finding_add(struct judging *judging, enum quality_part part, uint32_t cell,
                               int period, const char *zh, const char *en)
{
    struct arena *arena = judging->book->pull->query->arena;
    Zhibao__QualityRow *row = judging->row;
    if (judging->findings[part]++ >= QUALITY_FINDINGS_OF_PART)
        return STATUS_OK; /* the counts are whole */
    Zhibao__QualityFinding *finding =
        (Zhibao__QualityFinding *)reply_new(arena, &zhibao__quality_finding__descriptor);
    if (finding == NULL || zh == NULL || en == NULL)
        return STATUS_NO_MEMORY;
    finding->part = reply_text(quality_part_names[part]);
    finding->form = reply_text(judging->form->code);
    finding->cell = cell;
    finding->period = (uint32_t)period;
    finding->zh = (char *)(uintptr_t)zh;
    finding->en = (char *)(uintptr_t)en;
    row->findings[row->n_findings++] = finding;
    return STATUS_OK;
}

/* Whether the report came after the cut-off in force for its unit: what the calendar sets, its own
 * extension and what an outage moved included. A form without a cut-off is never late. */
static enum status judge_time(struct judging *judging)
{
    struct arena *arena = judging->book->pull->query->arena;
    char due[CHINA_TEXT_BYTES], came[CHINA_TEXT_BYTES];
    struct cutoff cutoff;
    if (!cutoff_find(&judging->book->cutoffs, judging->form, LEVEL_UNIT, judging->row->unit,
                     &cutoff))
        return STATUS_OK;
    bool late = cutoff_late(&cutoff, judging->sheet->first_received_us);
    quality_note(&judging->quality, QUALITY_TIMELY, late);
    if (!late)
        return STATUS_OK;
    china_text(cutoff.due_us, true, due);
    china_text(judging->sheet->first_received_us, false, came);
    return finding_add(
        judging, QUALITY_TIMELY, 0, judging->book->pull->period,
        arena_printf(arena, "晚于%s%s，%s才到", cutoff.excepted ? "延期后的" : "", due, came),
        arena_printf(arena, "came after %s%s, at %s", due, cutoff.excepted ? " (extended)" : "",
                     came));
}

static enum status judge_report(struct judging *judging)
{
    struct arena *arena = judging->book->pull->query->arena;
    const struct quality_sheet *sheet = judging->sheet;
    int period = judging->book->pull->period;
    enum status status = STATUS_OK;
    quality_note(&judging->quality, QUALITY_COMPLETE, !sheet->received);
    if (!sheet->received)
        return finding_add(judging, QUALITY_COMPLETE, 0, period,
                           arena_printf(arena, "未报送%s", judging->form->title_zh),
                           arena_printf(arena, "%s: not reported", judging->form->title_en));
    status = judge_time(judging);
    for (int year = 0; year < QUALITY_YEARS && status == STATUS_OK; year++) {
        if (sheet->figures[year] == NULL)
            continue;
        bool bare = sheet->restated[year] && !sheet->reasoned[year];
        quality_note(&judging->quality, QUALITY_RESTATED, bare);
        if (bare)
            status = finding_add(
                judging, QUALITY_RESTATED, 0, period - year,
                arena_printf(arena, "%d年的数通过后又改，没有说明原因", period - year),
                arena_printf(arena, "figures of %d changed after acceptance, no reason given",
                             period - year));
    }
    return status;
}

static const struct element *element_of(const struct judging *judging, size_t cell)
{
    return &judging->book->pull->plan->elements[judging->form->cells[cell].element];
}

static enum status figure_finding(struct judging *judging, enum quality_part part, size_t cell,
                                  const double *earlier, size_t count, double now)
{
    static const char *const zh[] = {"缺数",
                                     "",
                                     "与往年相差过大",
                                     "变化与同类单位相差过大",
                                     "与前三年平均相差三分之一以上",
                                     "",
                                     "",
                                     "与往年差10的整次幂（单位？）",
                                     "连续三年相同",
                                     ""};
    static const char *const en[] = {"no figure",
                                     "",
                                     "far from earlier years",
                                     "changed unlike its peers",
                                     "a third or more off the mean of three years",
                                     "",
                                     "",
                                     "a power of ten off earlier years (unit?)",
                                     "the same three years running",
                                     ""};
    struct arena *arena = judging->book->pull->query->arena;
    const struct element *element = element_of(judging, cell);
    const struct cell *place = &judging->form->cells[cell];
    char list[EARLIER_BYTES] = "", figure[SENTENCE_FIGURE_BYTES], value[SENTENCE_FIGURE_BYTES];
    size_t used = 0;
    for (size_t i = 0; i < count && used + SENTENCE_FIGURE_BYTES < sizeof list; i++)
        used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i == 0 ? "" : ", ",
                                 sentence_figure(earlier[i], figure));
    if (isnan(now))
        value[0] = '\0';
    else
        sentence_figure(now, value);
    return finding_add(
        judging, part, place->number, judging->book->pull->period,
        arena_printf(arena, "%s%s%s：%s %s（往年 %s）", element->name_zh,
                     place->stratum[0] == '\0' ? "" : " ", place->stratum, zh[part], value, list),
        arena_printf(arena, "%s%s%s: %s: %s (earlier %s)", element->name_en,
                     place->stratum[0] == '\0' ? "" : " ", place->stratum, en[part], value, list));
}

static enum status note_answer(struct judging *judging, enum quality_part part, size_t cell,
                               enum quality_answer answer, const double *earlier, size_t count,
                               double now)
{
    if (answer == QUALITY_NOT_TOLD)
        return STATUS_OK;
    quality_note(&judging->quality, part, answer == QUALITY_FLAGGED);
    return answer == QUALITY_FLAGGED ? figure_finding(judging, part, cell, earlier, count, now)
                                     : STATUS_OK;
}

static double change_of(const struct quality_sheet *sheet, size_t cell)
{
    if (sheet == NULL || sheet->figures[0] == NULL || sheet->figures[1] == NULL)
        return NAN;
    return log1p(sheet->figures[0][cell]) - log1p(sheet->figures[1][cell]);
}

/* How the cell changed in every unit that owes the form. */
static enum status judge_peers(struct judging *judging, size_t cell, const double *earlier,
                               size_t count, double now)
{
    enum { PEERS_MOST = 4096 };
    const struct plan *plan = judging->book->pull->plan;
    double peers[PEERS_MOST];
    size_t known = 0;
    double own = change_of(judging->sheet, cell);
    if (!isfinite(own) || fabs(now - earlier[count - 1]) < 10)
        return STATUS_OK;
    for (size_t i = 0; i < plan->unit_count && known < PEERS_MOST; i++) {
        const struct quality_sheet *sheet =
            judging->book->sheets[i * plan->form_count + judging->form_index];
        if (sheet != NULL)
            peers[known++] = change_of(sheet, cell);
    }
    return note_answer(judging, QUALITY_PEERS, cell, quality_among_peers(peers, known, own),
                       earlier, count, now);
}

static enum status judge_cell(struct judging *judging, size_t cell)
{
    const struct quality_sheet *sheet = judging->sheet;
    double earlier[QUALITY_YEARS], now = sheet->figures[0][cell];
    size_t count = 0;
    if (judging->form->cells[cell].required) {
        bool missing = sheet->presence[cell] == PRESENCE_NOT_COLLECTED ||
                       sheet->presence[cell] == PRESENCE_NOT_REPORTED;
        quality_note(&judging->quality, QUALITY_COMPLETE, missing);
        if (missing)
            return figure_finding(judging, QUALITY_COMPLETE, cell, NULL, 0, NAN);
    }
    if (isnan(now) || element_of(judging, cell)->type == ELEMENT_YESNO)
        return STATUS_OK;
    for (int year = QUALITY_YEARS - 1; year >= 1; year--)
        if (sheet->figures[year] != NULL && isfinite(sheet->figures[year][cell]))
            earlier[count++] = sheet->figures[year][cell];
    bool lately = sheet->figures[1] != NULL && isfinite(sheet->figures[1][cell]);
    bool both = lately && sheet->figures[2] != NULL && isfinite(sheet->figures[2][cell]);
    enum quality_answer slip = quality_slip(earlier, count, now);
    enum status status = note_answer(judging, QUALITY_SLIP, cell, slip, earlier, count, now);
    if (status == STATUS_OK && slip != QUALITY_FLAGGED) /* which explains the others */
        status = note_answer(judging, QUALITY_OUTLIER, cell, quality_outlier(earlier, count, now),
                             earlier, count, now);
    if (status == STATUS_OK && slip != QUALITY_FLAGGED)
        status = note_answer(judging, QUALITY_CONSISTENT, cell,
                             quality_consistent(earlier, count, now), earlier, count, now);
    if (status == STATUS_OK && both)
        status = note_answer(judging, QUALITY_REPEATED, cell, quality_repeated(earlier, count, now),
                             earlier, count, now);
    if (status == STATUS_OK && lately && slip != QUALITY_FLAGGED)
        status = judge_peers(judging, cell, earlier, count, now);
    return status;
}

static bool quantity_value(const struct quantity *quantity, const double *figures, double *out)
{
    double sum = 0;
    for (size_t i = 0; i < quantity->count; i++) {
        if (isnan(figures[quantity->terms[i].cell]))
            return false;
        sum += quantity->terms[i].sign * figures[quantity->terms[i].cell];
    }
    *out = sum;
    return quantity->count > 0;
}

/* Whether a relation of the form holds between two sums. */
static bool holds(const struct rule *rule, double left, double right)
{
    double slack = 1e-9 * fmax(1, fabs(right));
    switch (rule->kind) {
    case RULE_BOUND: return left <= right * rule->limit + slack;
    case RULE_PARTS: return left <= right + slack;
    case RULE_PARTS_EQUAL: return quality_sum_agrees(&left, 1, right);
    case RULE_CHECK:
        switch (rule->check->op) {
        case CHECK_AT_MOST: return left <= right + slack;
        case CHECK_AT_LEAST: return left >= right - slack;
        case CHECK_EQUAL: return fabs(left - right) <= slack;
        case CHECK_BELOW: return left < right;
        default: return true; /* of other reports, not of this form's cells */
        }
    case RULE_PAIR: break;
    }
    return true;
}

static enum status judge_rules(struct judging *judging)
{
    struct arena *arena = judging->book->pull->query->arena;
    enum status status = STATUS_OK;
    for (const struct rule *rule = judging->form->rules->first; rule != NULL && status == STATUS_OK;
         rule = rule->next) {
        double left = 0, right = 0;
        bool parts = rule->kind == RULE_PARTS || rule->kind == RULE_PARTS_EQUAL;
        if (rule->kind == RULE_PAIR ||
            !quantity_value(&rule->left, judging->sheet->figures[0], &left) ||
            !quantity_value(&rule->right, judging->sheet->figures[0], &right))
            continue;
        bool kept = holds(rule, left, right);
        enum quality_part part = parts ? QUALITY_SUMS : QUALITY_RELATED;
        quality_note(&judging->quality, part, !kept);
        if (kept)
            continue;
        const char *zh = rule->check != NULL       ? rule->check->text_zh
                         : rule->indicator != NULL ? rule->indicator->name_zh
                                                   : "各部分与合计不符";
        const char *en = rule->check != NULL       ? rule->check->text_en
                         : rule->indicator != NULL ? rule->indicator->name_en
                                                   : "the parts are not their whole";
        status = finding_add(judging, part, judging->form->cells[rule->left.terms[0].cell].number,
                             judging->book->pull->period,
                             arena_printf(arena, "%s（%.10g、%.10g）", zh, left, right),
                             arena_printf(arena, "%s (%.10g, %.10g)", en, left, right));
    }
    return status;
}

static enum status judge_form(struct judging *judging)
{
    enum status status = judge_report(judging);
    if (status != STATUS_OK || judging->sheet->figures[0] == NULL)
        return status;
    for (size_t cell = 0; cell < judging->form->cell_count && status == STATUS_OK; cell++)
        status = judge_cell(judging, cell);
    return status == STATUS_OK ? judge_rules(judging) : status;
}

static enum status parts_fill(const struct judging *judging, Zhibao__QualityRow *row)
{
    struct arena *arena = judging->book->pull->query->arena;
    double score = quality_score(&judging->quality);
    row->has_score = isfinite(score);
    row->score = row->has_score ? score : 0;
    row->parts = arena_array(arena, QUALITY_PARTS, sizeof(Zhibao__QualityPart *));
    if (row->parts == NULL)
        return STATUS_NO_MEMORY;
    for (int i = 0; i < QUALITY_PARTS; i++) {
        Zhibao__QualityPart *part =
            (Zhibao__QualityPart *)reply_new(arena, &zhibao__quality_part__descriptor);
        if (part == NULL)
            return STATUS_NO_MEMORY;
        part->part = reply_text(quality_part_names[i]);
        part->looked_at = (uint32_t)judging->quality.parts[i].looked_at;
        part->flagged = (uint32_t)judging->quality.parts[i].flagged;
        row->parts[row->n_parts++] = part;
    }
    return STATUS_OK;
}

enum status quality_judge(const struct quality_book *book, size_t unit,
                          Zhibao__QualityRow **out_row)
{
    struct arena *arena = book->pull->query->arena;
    const struct plan *plan = book->pull->plan;
    struct judging judging = {.book = book};
    enum status status = STATUS_OK;
    Zhibao__QualityRow *row =
        (Zhibao__QualityRow *)reply_new(arena, &zhibao__quality_row__descriptor);
    if (row == NULL)
        return STATUS_NO_MEMORY;
    judging.row = row;
    row->unit = plan->units[unit].id;
    row->name = reply_text(plan->units[unit].name_zh);
    row->findings = arena_array(arena, QUALITY_FINDINGS, sizeof(Zhibao__QualityFinding *));
    if (row->findings == NULL)
        return STATUS_NO_MEMORY;
    for (size_t form = 0; form < plan->form_count && status == STATUS_OK; form++) {
        judging.sheet = book->sheets[unit * plan->form_count + form];
        if (judging.sheet == NULL)
            continue;
        judging.form = &plan->forms[form];
        judging.form_index = form;
        row->demonstration = row->demonstration || judging.sheet->demonstration;
        status = judge_form(&judging);
    }
    if (status == STATUS_OK)
        status = parts_fill(&judging, row);
    if (status == STATUS_OK)
        *out_row = row;
    return status;
}
