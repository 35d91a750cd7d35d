#include "cli/past.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.pb-c.h"
#include "cli/words.h"

enum { SUMS_MAX = 64 };

static struct observations columns_of(const Zhibao__Observations *from)
{
    if (from == NULL || from->n_presence != from->n_cell || from->n_value != from->n_cell)
        return (struct observations){0};
    return (struct observations){from->n_cell, from->cell, from->presence, from->value};
}

/* Words of last year that may not be said again. */
static void said_set(struct context *context, struct past *past, size_t count,
                     Zhibao__Explanation *const *explanations)
{
    struct explanation_key *keys = arena_array(context->arena, count, sizeof *keys);
    for (size_t i = 0; keys != NULL && i < count; i++)
        if (explanation_judge(past->boilerplate, explanations[i]->text, &keys[i]) ==
            STATUS_NO_MEMORY)
            return;
    past->history.said = keys;
    past->history.said_count = keys == NULL ? 0 : count;
}

static void phrases_set(struct context *context, const Zhibao__Previous *previous,
                        struct past *past)
{
    size_t size = 1;
    struct boilerplate *list = NULL;
    for (size_t i = 0; i < previous->n_boilerplate; i++)
        size += strlen(previous->boilerplate[i]) + 1;
    char *text = arena_alloc(context->arena, size), *end = text;
    for (size_t i = 0; text != NULL && i < previous->n_boilerplate; i++) {
        end = stpcpy(end, previous->boilerplate[i]);
        *end++ = '\n';
    }
    if (text == NULL || previous->n_boilerplate == 0 || boilerplate_read(text, &list) != STATUS_OK)
        return;
    boilerplate_destroy(&past->boilerplate);
    past->boilerplate = list;
}

static void server_set(struct context *context, const Zhibao__Previous *previous, struct past *past)
{
    struct filled_history *history = &past->history;
    struct village_sum *sums = arena_array(context->arena, previous->n_sums, sizeof *sums);
    phrases_set(context, previous, past);
    for (size_t i = 0; i < previous->n_years && i < SOFT_YEARS_MAX; i++) {
        const Zhibao__PreviousYear *year = previous->years[i];
        past->years[history->year_count++] =
            (struct soft_year){(int)year->period, columns_of(year->observations)};
        if ((int)year->period == history->period - 1)
            said_set(context, past, year->n_explanations, year->explanations);
    }
    for (size_t i = 0; sums != NULL && i < previous->n_sums && i < SUMS_MAX; i++)
        sums[history->sum_count++] =
            (struct village_sum){previous->sums[i]->cell, previous->sums[i]->sum,
                                 previous->sums[i]->reports, previous->sums[i]->missing};
    history->sums = sums;
}

struct own_report {
    struct context *context;
    const Zhibao__Report *report;
};

static enum status own_take(const struct zhibao_item *item, void *pointer)
{
    struct own_report *own = pointer;
    ProtobufCMessage *message = NULL;
    enum status status = message_read(&zhibao__record__descriptor, own->context->arena,
                                      item->record, item->record_size, &message);
    const Zhibao__Record *record = (const Zhibao__Record *)message;
    if (status == STATUS_OK)
        status = message_read(&zhibao__report__descriptor, own->context->arena,
                              record->payload.data, record->payload.len, &message);
    if (status == STATUS_OK)
        own->report = (const Zhibao__Report *)message;
    return STATUS_OK;
}

/* This home's own reports of the years before. */
static void outbox_set(struct context *context, uint64_t unit, const char *form, struct past *past)
{
    struct filled_history *history = &past->history;
    for (int back = 1; back <= SOFT_YEARS_MAX; back++) {
        struct own_report own = {.context = context};
        int year = history->period - back;
        if (zhibao_newest_report(context->zhibao, unit, form, (uint32_t)year, own_take, &own) !=
                STATUS_OK ||
            own.report == NULL)
            continue;
        past->years[history->year_count++] =
            (struct soft_year){year, columns_of(own.report->observations)};
        if (back == 1)
            said_set(context, past, own.report->n_explanations, own.report->explanations);
    }
}

void past_find(struct context *context, uint64_t unit, const char *form, uint32_t year,
               struct past *out_past)
{
    Zhibao__GetPrevious question = ZHIBAO__GET_PREVIOUS__INIT;
    ProtobufCMessage *message = NULL;
    memset(out_past, 0, sizeof *out_past);
    out_past->history.period = (int)year;
    out_past->history.unit = unit != 0 ? unit : zhibao_identity(context->zhibao)->unit;
    out_past->history.years = out_past->years;
    question.form = (char *)(uintptr_t)form;
    question.period = year;
    question.unit = unit;
    if (boilerplate_create(&out_past->boilerplate) != STATUS_OK)
        return;
    enum status status = context->unreachable
                             ? STATUS_UNREACHABLE
                             : zhibao_request(context->zhibao, ZHIBAO__KIND__KIND_GET_PREVIOUS,
                                              &question.base, context->arena, &message);
    if (status == STATUS_OK) {
        server_set(context, (const Zhibao__Previous *)message, out_past);
    } else {
        context->unreachable = status == STATUS_UNREACHABLE || status == STATUS_TIMEOUT;
        outbox_set(context, unit, form, out_past);
    }
    out_past->history.boilerplate = out_past->boilerplate;
}

void past_clear(struct past *past)
{
    boilerplate_destroy(&past->boilerplate);
}

void explained_print(const struct context *context, Zhibao__Explained *const *explained,
                     size_t count, FILE *out)
{
    for (size_t i = 0; i < count; i++) {
        const Zhibao__Explained *one = explained[i];
        fprintf(out,
                TR(context, "  说明 %s 第%u项 %s：%.10g，%s\n",
                   "  explained by %s, cell %u %s: %.10g, %s\n"),
                one->unit_name, one->cell, TR(context, one->name_zh, one->name_en), one->value,
                one->text);
    }
}

const char *explained_cell(struct rows *rows, Zhibao__Explained *const *explained, size_t count)
{
    struct rows_text text;
    FILE *out = count == 0 ? NULL : rows_text_begin(&text);
    if (count == 0)
        return "";
    for (size_t i = 0; out != NULL && i < count; i++) {
        char unit[UNIT_TEXT_BYTES];
        fprintf(out, "%s%s#%u %s", i == 0 ? "" : " | ", unit_format(explained[i]->unit, unit),
                explained[i]->cell, explained[i]->text);
    }
    return rows_text_end(rows, &text);
}
