#include "cli/pull_rows.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "cli/pull_parts.h"

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

bool pulled_is_printed(const Zhibao__IndicatorResult *result)
{
    return result->presence == ZHIBAO__PRESENCE__PRESENCE_VALUE && result->reporting == 0;
}

struct rows *indicator_rows(const struct context *context, const struct pulled *pulled)
{
    bool table = context->format == FORMAT_TABLE;
    struct rows *rows = table ? pull_table_create(context) : pull_machine_create(context);
    for (size_t page = 0; rows != NULL && page < pulled->count; page++)
        for (size_t i = 0; i < pulled->pages[page]->n_indicators; i++) {
            const Zhibao__IndicatorResult *result = pulled->pages[page]->indicators[i];
            size_t lines = result->n_targets == 0 ? 1 : result->n_targets;
            for (size_t k = 0; k < lines; k++) {
                const Zhibao__TargetResult *target =
                    k < result->n_targets ? result->targets[k] : NULL;
                if (table)
                    pull_table_add(context, rows, pulled, result, target, k == 0);
                else
                    pull_machine_add(rows, result, target);
            }
        }
    return rows;
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

void pulled_forms_fetch(struct context *context, struct pulled *pulled)
{
    const Zhibao__Pulled *first = pulled->pages[0];
    Zhibao__GetForm question = ZHIBAO__GET_FORM__INIT;
    question.plan = first->plan;
    for (size_t i = 0; i < first->n_completeness && pulled->form_count < PULLED_FORMS_MAX; i++) {
        ProtobufCMessage *message = NULL;
        question.form = first->completeness[i]->form;
        if (zhibao_request(context->zhibao, ZHIBAO__KIND__KIND_GET_FORM, &question.base,
                           context->arena, &message) != STATUS_OK)
            continue;
        const Zhibao__Form *answer = (const Zhibao__Form *)message;
        if (answer->n_forms != 1)
            continue;
        pulled->forms[pulled->form_count].code = question.form;
        pulled->forms[pulled->form_count++].title =
            TR(context, answer->forms[0]->title_zh, answer->forms[0]->title_en);
    }
}

const char *pulled_form(const struct pulled *pulled, const char *code)
{
    for (size_t i = 0; i < pulled->form_count; i++)
        if (strcmp(pulled->forms[i].code, code) == 0 && pulled->forms[i].title[0] != '\0')
            return pulled->forms[i].title;
    return code;
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
                table ? pulled_form(pulled, form->form) : form->form,
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
    printf(TR(context, "%s %s（%zu）：", "%s %s (%zu): "), title, pulled_form(pulled, form), count);
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
