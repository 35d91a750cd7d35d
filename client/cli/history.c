#include "cli/history.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/past.h"
#include "cli/period_find.h"
#include "cli/words.h"

/* The rows of one report, while they are judged. */
struct judging {
    struct context *context;
    const struct blank_form *blank;
    struct history_judged *judged;
    struct history_year *year;
    struct history_line **lines; /* of this report, in the order of the file */
    size_t count;
    const char *path;
};

/* Its own file of CSV, so that it is read and checked as every other: line i + 2 is lines[i]. */
static char *year_csv(const struct judging *judging, size_t *out_size)
{
    char *text = NULL;
    FILE *out = open_memstream(&text, out_size);
    if (out == NULL)
        return NULL;
    fputs("cell,element,stratum,value,explanation\n", out);
    for (size_t i = 0; i < judging->count; i++) {
        const struct history_row *row = judging->lines[i]->row;
        const char *const cells[] = {row->cell, row->element, row->stratum,
                                     row->fault == STATUS_OK ? row->value : "",
                                     row->fault == STATUS_OK ? row->explanation : ""};
        for (size_t k = 0; k < sizeof cells / sizeof *cells; k++) {
            fputs(k == 0 ? "\"" : ",\"", out);
            for (const char *at = cells[k]; *at != '\0'; at++)
                if (*at == '"')
                    fputs("\"\"", out);
                else
                    fputc(*at == '\n' || *at == '\r' ? ' ' : *at, out);
            fputc('"', out);
        }
        fputc('\n', out);
    }
    bool failed = ferror(out) != 0;
    if (fclose(out) == 0 && !failed)
        return text;
    free(text);
    return NULL;
}

static void refuse(struct history_line *line, enum status code, const char *zh, const char *en)
{
    if (line->verdict == HISTORY_REFUSED)
        return;
    line->verdict = HISTORY_REFUSED;
    line->code = code;
    line->zh = zh;
    line->en = en;
}

/* A fault of the year, or of a figure that the file does not have: a line of its own. */
static void add_line(struct judging *judging, enum status code, uint32_t cell, const char *zh,
                     const char *en)
{
    struct history_judged *judged = judging->judged;
    if (judged->extra_count == judged->extra_room) {
        size_t room = judged->extra_room == 0 ? 64 : judged->extra_room * 2;
        void *grown = reallocarray(judged->extra, room, sizeof *judged->extra);
        if (grown == NULL)
            return;
        judged->extra = grown;
        judged->extra_room = room;
    }
    struct history_line *line = &judged->extra[judged->extra_count++];
    *line = (struct history_line){.path = judging->path,
                                  .unit = judging->lines[0]->unit,
                                  .year = judging->year->file.year,
                                  .cell = cell,
                                  .known = ""};
    line->verdict = HISTORY_NEW;
    refuse(line, code, zh, en);
}

/* What was found wrong, at the rows that it is about. */
static void take_problems(struct judging *judging, const struct problems *problems)
{
    struct arena *arena = judging->context->arena;
    for (size_t i = 0; i < problems->count; i++) {
        const struct problem *problem = &problems->items[i];
        unsigned long line = filled_form_place(problem).line;
        const char *zh = arena_string(arena, problem->zh), *en = arena_string(arena, problem->en);
        if (zh == NULL || en == NULL)
            return;
        if (problem->code == STATUS_E_CELL_ORDER && line >= 2 && line - 2 < judging->count)
            refuse(judging->lines[line - 2], problem->code, "这一年的这一项在文件里出现了两次",
                   "the file has this cell of this year twice");
        else if (line >= 2 && line - 2 < judging->count)
            refuse(judging->lines[line - 2], problem->code, zh, en);
        else
            add_line(judging, problem->code, problem->cell, zh, en);
    }
}

static void set_cells(const struct judging *judging)
{
    const struct form *form = blank_form_form(judging->blank);
    for (size_t i = 0; i < judging->count; i++) {
        const struct history_row *row = judging->lines[i]->row;
        unsigned long number = strtoul(row->cell, NULL, 10);
        if (number > 0 && number <= UINT32_MAX && form_cell(form, (uint32_t)number) != NULL)
            judging->lines[i]->cell = (uint32_t)number;
    }
}

/* What the server has of this unit and year; NULL when it has nothing. */
static const struct observations *known_of(struct judging *judging, struct past *past)
{
    struct history_year *year = judging->year;
    past_find(judging->context, year->file.unit, blank_form_sheet(judging->blank)->form,
              year->file.year + 1, past);
    for (size_t i = 0; i < past->history.year_count; i++)
        if (past->history.years[i].period == (int)year->file.year)
            return &past->history.years[i].observations;
    return NULL;
}

/* An entry of a report: false when it has none. */
static bool entry_of(const struct observations *from, uint32_t cell, uint32_t *out_presence,
                     double *out_value)
{
    for (size_t i = 0; i < from->count; i++)
        if (from->cell[i] == cell) {
            *out_presence = from->presence[i];
            *out_value = from->presence[i] == PRESENCE_VALUE ? from->value[i] : 0;
            return true;
        }
    *out_presence = PRESENCE_NOT_REPORTED;
    *out_value = 0;
    return false;
}

static const char *known_text(const struct judging *judging, uint32_t presence, double value)
{
    char number[64];
    if (presence == PRESENCE_VALUE)
        return arena_string(judging->context->arena, number_text(value, 9, number));
    return presence_text(judging->context, (int)presence);
}

/* A year that was reported: each row against what was. */
static void compare(struct judging *judging, const struct filled_form *filled,
                    const struct observations *known)
{
    for (size_t i = 0; i < judging->count; i++) {
        struct history_line *line = judging->lines[i];
        uint32_t ours = 0, theirs = 0;
        double value = 0, reported = 0;
        if (line->verdict == HISTORY_REFUSED || line->cell == 0)
            continue;
        entry_of(filled_form_observations(filled), line->cell, &ours, &value);
        entry_of(known, line->cell, &theirs, &reported);
        line->known = known_text(judging, theirs, reported);
        line->verdict = ours == theirs && value == reported ? HISTORY_SAME : HISTORY_CONFLICT;
        if (line->verdict == HISTORY_CONFLICT) {
            line->zh = "已报过另一个数，没有改动；确要更正请用 submit --year 报新版本";
            line->en = "another figure was reported and stays; to correct it submit a new revision "
                       "with submit --year";
        }
    }
}

/* The years before, as they will be when those of this file have been sent: newest first. */
static void before_set(struct judging *judging, struct past *past)
{
    struct filled_history *history = &past->history;
    struct soft_year merged[SOFT_YEARS_MAX];
    const struct filled_form *last = NULL;
    size_t count = 0;
    for (int back = 1; back <= SOFT_YEARS_MAX; back++) {
        int period = history->period - back;
        const struct observations *found = NULL;
        for (size_t i = 0; i < history->year_count; i++)
            if (history->years[i].period == period)
                found = &history->years[i].observations;
        for (size_t i = 0; i < judging->judged->year_count; i++) {
            const struct report_file *file = &judging->judged->years[i].file;
            if (file->unit != judging->year->file.unit || (int)file->year != period ||
                file->filled == NULL)
                continue;
            found = filled_form_observations(file->filled);
            last = back == 1 ? file->filled : last;
        }
        if (found != NULL)
            merged[count++] = (struct soft_year){period, *found};
    }
    memcpy(past->years, merged, count * sizeof *merged);
    history->year_count = count;
    size_t said = 0;
    const struct filled_explanation *words =
        last == NULL ? NULL : filled_form_explanations(last, &said);
    struct explanation_key *keys = arena_array(judging->context->arena, said, sizeof *keys);
    if (last == NULL || keys == NULL || past->boilerplate == NULL)
        return;
    for (size_t i = 0; i < said; i++)
        (void)!explanation_judge(past->boilerplate, words[i].text, &keys[i]);
    history->said = keys;
    history->said_count = said;
}

/* Whether the server takes reports of this year at all. */
static void check_period(struct judging *judging, struct problems *problems)
{
    struct period_rule rule;
    int64_t now_us = 0;
    period_find(judging->context, blank_form_sheet(judging->blank), judging->year->file.year, &rule,
                &now_us);
    (void)period_rule_check(&rule, (int)judging->year->file.year, now_us, problems);
}

/* Why the year cannot be reported; STATUS_OK when nothing speaks against it. */
static enum status first_refusal(const struct judging *judging, size_t extra_before)
{
    for (size_t i = 0; i < judging->count; i++)
        if (judging->lines[i]->verdict == HISTORY_REFUSED)
            return judging->lines[i]->code;
    return judging->judged->extra_count > extra_before ? judging->judged->extra[extra_before].code
                                                       : STATUS_OK;
}

static enum status judge_new(struct judging *judging, const char *csv, size_t size)
{
    struct past past;
    struct problems problems;
    size_t extra_before = judging->judged->extra_count;
    problems_init(&problems);
    past_find(judging->context, judging->year->file.unit, blank_form_sheet(judging->blank)->form,
              judging->year->file.year, &past);
    before_set(judging, &past);
    check_period(judging, &problems);
    enum status status = filled_form_read(judging->blank, (const uint8_t *)csv, size, &past.history,
                                          &problems, &judging->year->file.filled);
    take_problems(judging, &problems);
    problems_clear(&problems);
    past_clear(&past);
    if (status == STATUS_NO_MEMORY)
        return status;
    enum status refusal = first_refusal(judging, extra_before);
    if (status == STATUS_OK && refusal == STATUS_OK)
        return STATUS_OK;
    filled_form_destroy(&judging->year->file.filled);
    for (size_t i = 0; i < judging->count; i++)
        refuse(judging->lines[i], refusal != STATUS_OK ? refusal : status,
               "这一年另有错误，整年不报", "the year has other faults and is not reported");
    return STATUS_OK;
}

static enum status judge_known(struct judging *judging, const char *csv, size_t size,
                               const struct observations *known)
{
    struct filled_form *filled = NULL;
    struct problems problems;
    problems_init(&problems);
    enum status status =
        filled_form_import(judging->blank, (const uint8_t *)csv, size, NULL, &problems, &filled);
    take_problems(judging, &problems);
    problems_clear(&problems);
    if (filled != NULL)
        compare(judging, filled, known);
    filled_form_destroy(&filled);
    return status == STATUS_NO_MEMORY ? status : STATUS_OK;
}

static enum status judge_year(struct judging *judging)
{
    struct past past;
    size_t size = 0;
    char *csv = year_csv(judging, &size);
    if (csv == NULL)
        return STATUS_NO_MEMORY;
    set_cells(judging);
    for (size_t i = 0; i < judging->count; i++) {
        const struct history_row *row = judging->lines[i]->row;
        if (row->fault != STATUS_OK)
            refuse(judging->lines[i], row->fault, row->fault_zh, row->fault_en);
    }
    const struct observations *known = known_of(judging, &past);
    enum status status =
        known != NULL ? judge_known(judging, csv, size, known) : judge_new(judging, csv, size);
    past_clear(&past);
    free(csv);
    return judging->context->unreachable ? STATUS_UNREACHABLE : status;
}

static int compare_lines(const void *left, const void *right)
{
    const struct history_line *a = *(struct history_line *const *)left;
    const struct history_line *b = *(struct history_line *const *)right;
    if (a->unit != b->unit)
        return a->unit < b->unit ? -1 : 1;
    if (a->year != b->year)
        return a->year < b->year ? -1 : 1;
    return a < b ? -1 : a > b; /* in the order of the file */
}

/* A line for each row of the file, and pointers to them ordered by unit and year. */
static bool make_lines(struct context *context, const struct history *history, const char *path,
                       struct history_judged *judged, struct history_line ***out_ordered)
{
    uint64_t own = zhibao_identity(context->zhibao)->unit;
    judged->lines = calloc(history->count + 1, sizeof *judged->lines);
    judged->years = arena_array(context->arena, history->count + 1, sizeof *judged->years);
    struct history_line **ordered =
        arena_array(context->arena, history->count + 1, sizeof *ordered);
    if (judged->lines == NULL || judged->years == NULL || ordered == NULL)
        return false;
    for (size_t i = 0; i < history->count; i++) {
        const struct history_row *row = &history->rows[i];
        judged->lines[i] = (struct history_line){.row = row,
                                                 .path = path,
                                                 .unit = row->unit != 0 ? row->unit : own,
                                                 .year = row->year,
                                                 .zh = "",
                                                 .en = "",
                                                 .known = ""};
        ordered[i] = &judged->lines[i];
    }
    judged->line_count = history->count;
    qsort(ordered, history->count, sizeof *ordered, compare_lines);
    *out_ordered = ordered;
    return true;
}

/* Every year in turn; those of one unit ascend, so that each is judged after the years before. */
static enum status judge_years(struct judging *judging, struct history_line **ordered, size_t count)
{
    uint64_t own = zhibao_identity(judging->context->zhibao)->unit;
    for (size_t first = 0, next = 0; first < count; first = next) {
        const struct history_line *line = ordered[first];
        while (next < count && ordered[next]->unit == line->unit &&
               ordered[next]->year == line->year)
            next++;
        struct history_year *year = &judging->judged->years[judging->judged->year_count++];
        judging->year = year;
        judging->lines = ordered + first;
        judging->count = next - first;
        year->file = (struct report_file){
            .path = judging->path, .unit = line->unit == own ? 0 : line->unit, .year = line->year};
        enum status status = STATUS_OK;
        if (line->year != 0)
            status = judge_year(judging);
        else
            for (size_t i = first; i < next; i++)
                refuse(ordered[i], ordered[i]->row->fault, ordered[i]->row->fault_zh,
                       ordered[i]->row->fault_en);
        if (status != STATUS_OK)
            return status;
        for (size_t i = first; i < next; i++)
            year->counts[ordered[i]->verdict]++;
    }
    return STATUS_OK;
}

bool history_judge(struct context *context, const struct blank_form *blank,
                   const struct history *history, const char *path,
                   struct history_judged *out_judged, enum exit_code *out_code)
{
    struct history_judged judged = {0};
    struct history_line **ordered = NULL;
    struct judging judging = {.context = context, .blank = blank, .judged = &judged, .path = path};
    enum status status = make_lines(context, history, path, &judged, &ordered)
                             ? judge_years(&judging, ordered, history->count)
                             : STATUS_NO_MEMORY;
    if (status == STATUS_OK) {
        *out_judged = judged;
        return true;
    }
    history_judged_clear(&judged);
    *out_code = exit_code_of(status);
    if (status == STATUS_UNREACHABLE)
        complain(context, "连接不上服务器：什么已经报过，只有服务器知道；没有导入",
                 "the server is not reachable, and only it knows what was reported: nothing was "
                 "imported");
    else
        complain(context, "%s：%s", "%s: %s", path,
                 TR(context, status_zh(status), status_en(status)));
    return false;
}

void history_judged_clear(struct history_judged *judged)
{
    for (size_t i = 0; i < judged->year_count; i++)
        filled_form_destroy(&judged->years[i].file.filled);
    free(judged->lines);
    free(judged->extra);
    *judged = (struct history_judged){0};
}
