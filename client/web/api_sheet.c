/* Forms as spreadsheets: a blank one to download, a filled-in one to take figures from.
 *
 * The form and last year's figures are asked for as the account, so that nobody gets another's; the
 * file is written and read by the desk, so that no HTTP thread is held up. Nothing is stored. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checks.pb-c.h"
#include "lib/filled_form.h"
#include "query.pb-c.h"
#include "web/api.h"
#include "web/json_message.h"

enum { CODE_BYTES = 64 };

/* What one request is about, from step to step. */
struct sheet_work {
    char form[CODE_BYTES];
    uint32_t year;
    bool english;
    const Zhibao__FormSheet *sheet;
    struct blank_form *blank; /* of the desk's step only */
    struct observations last; /* the year before */
    bool has_last;
    const uint8_t *bytes; /* of the blank form; in the arena */
    size_t size;
    bool taken; /* the filled-in form could be read */
};

static void ask(struct exchange *exchange, Zhibao__Kind kind, const ProtobufCMessage *message,
                exchange_step next)
{
    size_t size = 0;
    uint8_t *bytes = message_write(exchange->arena, message, &size);
    if (bytes == NULL)
        exchange_fail_status(exchange, STATUS_NO_MEMORY);
    else
        exchange_ask(exchange, &exchange->session.peer, kind, bytes, size, next);
}

/* The form of the aggregator's answer; false after answering. */
static bool take_form(struct exchange *exchange)
{
    struct sheet_work *work = exchange->state;
    ProtobufCMessage *message = NULL;
    if (exchange->status != STATUS_OK || exchange->kind != ZHIBAO__KIND__KIND_FORM ||
        message_read(&zhibao__form__descriptor, exchange->arena, exchange->answer,
                     exchange->answer_size, &message) != STATUS_OK) {
        reply_error(exchange);
        return false;
    }
    const Zhibao__Form *forms = (const Zhibao__Form *)message;
    for (size_t i = 0; i < forms->n_forms; i++)
        if (strcmp(forms->forms[i]->form, work->form) == 0)
            work->sheet = forms->forms[i];
    if (work->sheet == NULL)
        exchange_fail(exchange, MHD_HTTP_NOT_FOUND, "E_FORM_UNKNOWN", "本单位没有这张报表",
                      "this unit has no such form", "form");
    return work->sheet != NULL;
}

static struct sheet_work *begin(struct exchange *exchange, const char *form, long long year,
                                bool english, exchange_step next)
{
    Zhibao__GetForm question = ZHIBAO__GET_FORM__INIT;
    struct sheet_work *work = arena_alloc(exchange->arena, sizeof *work);
    if (work == NULL || year < 1990 || year > 2100 || strlen(form) >= CODE_BYTES) {
        exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "FIELD", "报表或年份不正确",
                      "the form or year is wrong", "period");
        return NULL;
    }
    snprintf(work->form, sizeof work->form, "%s", form);
    work->year = (uint32_t)year;
    work->english = english;
    exchange->state = work;
    question.form = work->form;
    ask(exchange, ZHIBAO__KIND__KIND_GET_FORM, &question.base, next);
    return work;
}

/* --- a blank one --- */

static void blank_write(struct exchange *exchange)
{
    struct sheet_work *work = exchange->state;
    exchange->status = blank_form_create(work->sheet, &work->blank);
    if (exchange->status != STATUS_OK)
        return;
    struct form_page page = {
        work->blank,
        {work->year, exchange->session.unit, exchange->session.unit_name,
                 work->has_last ? &work->last : NULL}
    };
    uint8_t *bytes = NULL;
    exchange->status = filled_form_workbook(&page, 1, work->english, &bytes, &work->size);
    if (exchange->status == STATUS_OK)
        work->bytes = arena_copy(exchange->arena, bytes, work->size);
    if (exchange->status == STATUS_OK && work->bytes == NULL)
        exchange->status = STATUS_NO_MEMORY;
    free(bytes);
    blank_form_destroy(&work->blank);
}

static void blank_answer(struct exchange *exchange)
{
    struct sheet_work *work = exchange->state;
    char name[CODE_BYTES + 32];
    snprintf(name, sizeof name, "%s-%u.xlsx", work->form, work->year);
    if (exchange->status != STATUS_OK)
        exchange_fail_status(exchange, exchange->status);
    else
        exchange_reply(
            exchange, MHD_HTTP_OK,
            json_pack("{s:s, s:o}", "name", name, "bytes", json_base64(work->bytes, work->size)));
}

static void blank_last(struct exchange *exchange)
{
    struct sheet_work *work = exchange->state;
    ProtobufCMessage *message = NULL;
    if (exchange->status == STATUS_OK && exchange->kind == ZHIBAO__KIND__KIND_PREVIOUS &&
        message_read(&zhibao__previous__descriptor, exchange->arena, exchange->answer,
                     exchange->answer_size, &message) == STATUS_OK) {
        const Zhibao__Previous *previous = (const Zhibao__Previous *)message;
        for (size_t i = 0; i < previous->n_years; i++) {
            const Zhibao__Observations *from = previous->years[i]->observations;
            if (previous->years[i]->period + 1 != work->year || from == NULL ||
                from->n_presence != from->n_cell || from->n_value != from->n_cell)
                continue;
            work->last =
                (struct observations){from->n_cell, from->cell, from->presence, from->value};
            work->has_last = true;
        }
    }
    exchange_work(exchange, ERRAND_SHEET, blank_write, blank_answer);
}

static void blank_form_known(struct exchange *exchange)
{
    struct sheet_work *work = exchange->state;
    Zhibao__GetPrevious question = ZHIBAO__GET_PREVIOUS__INIT;
    if (!take_form(exchange))
        return;
    question.form = work->form;
    question.period = work->year;
    ask(exchange, ZHIBAO__KIND__KIND_GET_PREVIOUS, &question.base, blank_last);
}

void api_sheet_blank(struct exchange *exchange)
{
    const char *form = exchange_text(exchange, "form", CODE_BYTES - 1);
    if (form != NULL)
        begin(exchange, form, json_integer_value(json_object_get(exchange->json, "period")),
              json_is_true(json_object_get(exchange->json, "english")), blank_form_known);
}

/* --- a filled-in one --- */

static json_t *problem_json(const struct problem *problem)
{
    return json_pack("{s:i, s:s, s:s, s:s, s:s, s:i}", "code", (int)problem->code, "name",
                     status_name(problem->code), "zh", problem->zh, "en", problem->en, "field",
                     filled_form_place(problem).column, "cell", (int)problem->cell);
}

static json_t *figures_json(const struct filled_form *filled)
{
    const struct observations *from = filled_form_observations(filled);
    json_t *list = json_array();
    for (size_t i = 0; i < from->count; i++)
        json_array_append_new(list,
                              json_pack("{s:i, s:i, s:f}", "cell", (int)from->cell[i], "presence",
                                        (int)from->presence[i], "value", from->value[i]));
    return list;
}

static json_t *explanations_json(const struct filled_form *filled)
{
    size_t count = 0;
    const struct filled_explanation *from = filled_form_explanations(filled, &count);
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++)
        json_array_append_new(
            list, json_pack("{s:i, s:s}", "cell", (int)from[i].cell, "text", from[i].text));
    return list;
}

/* What was read, with what could not be; or, when it is no such form at all, an error. */
static json_t *import_json(const struct filled_form *filled, const struct problems *problems)
{
    json_t *list = json_array();
    for (size_t i = filled == NULL ? 1 : 0; i < problems->count; i++)
        json_array_append_new(list, problem_json(&problems->items[i]));
    if (filled == NULL)
        return json_pack("{s:{s:o, s:b, s:i, s:o}}", "error", "problem",
                         problem_json(&problems->items[0]), "retry", 0, "retry_after_ms", 0, "more",
                         list);
    const struct filled_people *people = filled_form_people(filled);
    return json_pack("{s:o, s:o, s:s, s:s, s:s, s:o}", "figures", figures_json(filled),
                     "explanations", explanations_json(filled), "filler", people->filler,
                     "reviewer", people->reviewer, "principal", people->principal, "problems",
                     list);
}

static void import_read(struct exchange *exchange)
{
    struct sheet_work *work = exchange->state;
    struct filled_form *filled = NULL;
    struct problems problems;
    const struct filled_history history = {.period = (int)work->year,
                                           .unit = exchange->session.unit};
    exchange->status = blank_form_create(work->sheet, &work->blank);
    if (exchange->status != STATUS_OK)
        return;
    problems_init(&problems);
    enum status status = filled_form_import(work->blank, exchange->body, exchange->body_size,
                                            &history, &problems, &filled);
    if (status == STATUS_OK || problems.count > 0)
        exchange->json = import_json(filled, &problems); /* freed with the exchange */
    else
        exchange->status = status;
    work->taken = filled != NULL;
    filled_form_destroy(&filled);
    problems_clear(&problems);
    blank_form_destroy(&work->blank);
}

static void import_answer(struct exchange *exchange)
{
    struct sheet_work *work = exchange->state;
    if (exchange->status != STATUS_OK)
        exchange_fail_status(exchange, exchange->status);
    else
        exchange_reply(exchange, work->taken ? MHD_HTTP_OK : MHD_HTTP_UNPROCESSABLE_CONTENT,
                       json_incref(exchange->json));
}

static void import_form_known(struct exchange *exchange)
{
    if (take_form(exchange))
        exchange_work(exchange, ERRAND_SHEET, import_read, import_answer);
}

/* The path ends in FORM/YEAR; the body is the file. */
void api_sheet_import(struct exchange *exchange)
{
    char form[CODE_BYTES] = "";
    const char *slash = strchr(exchange->rest, '/');
    if (slash != NULL && (size_t)(slash - exchange->rest) < sizeof form)
        memcpy(form, exchange->rest, (size_t)(slash - exchange->rest));
    if (form[0] == '\0' || exchange->body_size == 0)
        exchange_fail(exchange, MHD_HTTP_BAD_REQUEST, "E_EMPTY", "文件没有内容",
                      "the file is empty", "");
    else
        begin(exchange, form, strtoll(slash + 1, NULL, 10), false, import_form_known);
}
