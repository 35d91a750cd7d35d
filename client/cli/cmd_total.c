/* total, confirm */
#include <stdio.h>
#include <string.h>

#include "cli/families.h"
#include "cli/form_open.h"
#include "cli/names.h"
#include "cli/past.h"
#include "cli/rows.h"
#include "cli/send.h"
#include "cli/words.h"
#include "plan/unit_words.h"

static const struct option total_options[] = {
    {"form", NULL, "FORM", "报表代码",                                           "the form's code"},
    {"year", NULL, "YEAR", "报告期（年份）",                                  "the year"       },
    {"unit", NULL, "UNIT", "乡镇（街道）的单位代码（默认本单位）",
     "the township (default: this unit)"                                                              },
    {NULL,   NULL, NULL,   NULL,                                                     NULL             },
};

static const struct option confirm_options[] = {
    {"form", NULL, "FORM", "报表代码",          "the form's code"},
    {"year", NULL, "YEAR", "报告期（年份）", "the year"       },
    {NULL,   NULL, NULL,   NULL,                    NULL             },
};

static const Zhibao__Total *fetch_total(struct context *context, enum exit_code *out_code)
{
    Zhibao__GetTotal question = ZHIBAO__GET_TOTAL__INIT;
    ProtobufCMessage *message = NULL;
    const char *form = option_text(context, "form"), *unit = option_text(context, "unit");
    *out_code = EXIT_MISUSED;
    if (form == NULL) {
        misused(context, "缺少 --form 报表代码", "--form FORM is missing");
        return NULL;
    }
    if (!option_year(context, true, &question.period) ||
        (unit != NULL && !unit_read(context, unit, &question.unit)) ||
        !context_connect(context, out_code))
        return NULL;
    question.form = (char *)form;
    if (!context_ask(context, ZHIBAO__KIND__KIND_TOTAL, &question.base, &message, out_code))
        return NULL;
    const Zhibao__Total *total = (const Zhibao__Total *)message;
    const Zhibao__Observations *totals = total->totals;
    if (totals != NULL &&
        (totals->n_presence != totals->n_cell || totals->n_value != totals->n_cell ||
         total->n_reporters != totals->n_cell)) {
        complain(context, "服务器的汇总各列长度不一致",
                 "the server's total has columns of different length");
        *out_code = EXIT_REFUSED;
        return NULL;
    }
    return total;
}

/* What the villages say of the cell. */
static const char *cell_explained(const struct context *context, struct rows *rows,
                                  const Zhibao__Total *total, uint32_t cell)
{
    Zhibao__Explained **of_cell =
        arena_array(context->arena, total->n_explained, sizeof(Zhibao__Explained *));
    size_t count = 0;
    for (size_t i = 0; of_cell != NULL && i < total->n_explained; i++)
        if (total->explained[i]->cell == cell)
            of_cell[count++] = total->explained[i];
    return explained_cell(rows, of_cell, count);
}

static void add_cell(const struct context *context, struct rows *rows,
                     const struct blank_form *blank, const Zhibao__Total *total, size_t index)
{
    const Zhibao__Observations *totals = total->totals;
    const Zhibao__FormCell *cell =
        blank == NULL ? NULL : blank_form_cell(blank, totals->cell[index]);
    char value[64], stratum[128];
    bool given = totals->presence[index] == ZHIBAO__PRESENCE__PRESENCE_VALUE;
    bool table = context->format == FORMAT_TABLE;
    const char *const cells[] = {
        rows_printf(rows, "%u", totals->cell[index]),
        cell == NULL ? "" : TR(context, cell->name_zh, cell->name_en),
        cell == NULL ? ""
        : table      ? stratum_words(cell->stratum, context->english, stratum, sizeof stratum)
                     : cell->stratum,
        cell == NULL ? ""
        : table      ? unit_word(cell->unit, context->english)
                     : cell->unit,
        given   ? number_text(totals->value[index], cell == NULL ? 0 : cell->decimals, value)
        : table ? presence_text(context, (int)totals->presence[index])
                : "",
        rows_printf(rows, "%u", total->reporters[index]),
        demonstration_mark(context, total->demonstration),
        table ? "" : cell_explained(context, rows, total, totals->cell[index]),
    };
    rows_add(rows, cells);
}

static void print_total(struct context *context, const Zhibao__Total *total)
{
    static const struct row_column columns[] = {
        {"cell",          "项号",       "cell",       COLUMN_NUMBER},
        {"name",          "名称",       "name",       COLUMN_TEXT  },
        {"stratum",       "分组",       "stratum",    COLUMN_TEXT  },
        {"unit",          "计量单位", "unit",       COLUMN_TEXT  },
        {"value",         "合计",       "total",      COLUMN_NUMBER},
        {"reporters",     "有数单位", "units",      COLUMN_NUMBER},
        {"demonstration", "数据性质", "provenance", COLUMN_FLAG  },
        {"explanations",  "",             "",           COLUMN_TEXT  },
    };
    enum exit_code ignored = EXIT_DONE;
    struct blank_form *blank = form_open(context, total->form, FORM_FRESH_S, &ignored);
    struct rows *rows = rows_create(
        context, columns, sizeof columns / sizeof *columns - (context->format == FORMAT_TABLE));
    for (size_t i = 0; rows != NULL && total->totals != NULL && i < total->totals->n_cell; i++)
        add_cell(context, rows, blank, total, i);
    if (rows != NULL)
        rows_print(rows);
    rows_destroy(&rows);
    blank_form_destroy(&blank);
}

static void print_units(const struct names *names, const char *title, const uint64_t *units,
                        size_t count, const struct context *context, FILE *out)
{
    char text[UNIT_TEXT_BYTES];
    if (count == 0)
        return;
    fprintf(out, "%s", title);
    for (size_t i = 0; i < count; i++) {
        const char *name = names_find(names, units[i]);
        fprintf(out, "%s%s", i == 0 ? "" : TR(context, "、", ", "),
                name == NULL ? unit_format(units[i], text) : name);
    }
    fputc('\n', out);
}

static void print_summary(struct context *context, const Zhibao__Total *total, FILE *out)
{
    if (total->demonstration)
        fprintf(out, "%s\n",
                TR(context, "【演示数据】汇总中有虚构的数字",
                   "[DEMONSTRATION] the total has made-up figures in it"));
    fprintf(out,
            TR(context, "%s %u年 汇总：已通过 %zu 份，尚缺 %zu 个单位，下一版次 %u\n",
               "%s %u: total of %zu accepted reports, %zu units missing, next revision %u\n"),
            total->form, total->period, (size_t)total->n_reports, (size_t)total->n_missing,
            total->next_revision);
    if (total->confirmed_revision > 0)
        fprintf(out, TR(context, "第 %u 版确认：%s\n", "confirmation %u: %s\n"),
                total->confirmed_revision, state_text(context, (int)total->confirmed_state));
    explained_print(context, total->explained, total->n_explained, out);
    if (total->n_missing + total->n_late + total->n_entered == 0)
        return;
    struct names *names = names_fetch(context, unit_place(zhibao_identity(context->zhibao)->unit));
    print_units(names, TR(context, "尚缺：", "missing: "), total->missing, total->n_missing,
                context, out);
    print_units(names, TR(context, "迟报：", "late: "), total->late, total->n_late, context, out);
    print_units(names, TR(context, "乡镇代填：", "entered by the township: "), total->entered,
                total->n_entered, context, out);
}

static enum exit_code run_total(struct context *context)
{
    enum exit_code code = EXIT_DONE;
    const Zhibao__Total *total = fetch_total(context, &code);
    if (total == NULL)
        return code;
    print_total(context, total);
    print_summary(context, total, context->format == FORMAT_TABLE ? stdout : stderr);
    return EXIT_DONE;
}

/* A confirmation that is about to be made, and whether this home has made the same before. */
struct repeated {
    struct arena *arena;
    const Zhibao__Confirmation *made;
    uint32_t revision; /* of the one that stands */
    bool same;
};

/* The message's bytes without its head and revision, which differ each time. */
static const uint8_t *content(struct arena *arena, const Zhibao__Confirmation *confirmation,
                              size_t *out_size)
{
    Zhibao__Confirmation copy = *confirmation;
    copy.head = NULL;
    copy.revision = 0;
    return message_write(arena, &copy.base, out_size);
}

static enum status compare(const struct zhibao_item *item, void *pointer)
{
    struct repeated *repeated = pointer;
    ProtobufCMessage *message = NULL;
    size_t made_size = 0, stored_size = 0;
    if (item->kind != ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION ||
        item->revision != repeated->revision || item->period != repeated->made->period ||
        strcmp(item->form, repeated->made->form) != 0)
        return STATUS_OK;
    enum status status = message_read(&zhibao__record__descriptor, repeated->arena, item->record,
                                      item->record_size, &message);
    const Zhibao__Record *record = (const Zhibao__Record *)message;
    if (status == STATUS_OK)
        status = message_read(&zhibao__confirmation__descriptor, repeated->arena,
                              record->payload.data, record->payload.len, &message);
    if (status != STATUS_OK)
        return status;
    const uint8_t *made = content(repeated->arena, repeated->made, &made_size);
    const uint8_t *stored =
        content(repeated->arena, (const Zhibao__Confirmation *)message, &stored_size);
    repeated->same =
        repeated->same || (made != NULL && stored != NULL && made_size == stored_size &&
                           memcmp(made, stored, made_size) == 0);
    return STATUS_OK;
}

/* Whether exactly this is confirmed and stands: a command that is repeated, because it was
 * interrupted after its record was stored, confirms nothing twice. */
static bool stands(struct context *context, const Zhibao__Total *total,
                   const Zhibao__Confirmation *confirmation)
{
    struct repeated repeated = {
        .arena = context->arena, .made = confirmation, .revision = total->confirmed_revision};
    bool standing = total->confirmed_state == ZHIBAO__STATE__STATE_CONFIRMED ||
                    total->confirmed_state == ZHIBAO__STATE__STATE_FINAL;
    return total->confirmed_revision > 0 && standing &&
           zhibao_list(context->zhibao, ZHIBAO_RECEIPTED, compare, &repeated) == STATUS_OK &&
           repeated.same;
}

static enum exit_code run_confirm(struct context *context)
{
    enum exit_code code = EXIT_DONE;
    const Zhibao__Total *total = fetch_total(context, &code);
    if (total == NULL)
        return code;
    print_total(context, total);
    print_summary(context, total, stdout);
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__Confirmation confirmation = ZHIBAO__CONFIRMATION__INIT;
    char stream[200];
    confirmation.head = &head;
    confirmation.plan = total->plan;
    confirmation.form = total->form;
    confirmation.form_version = total->form_version;
    confirmation.period = total->period;
    confirmation.revision = total->next_revision;
    confirmation.n_reports = total->n_reports;
    confirmation.reports = total->reports;
    confirmation.totals = total->totals;
    confirmation.n_reporters = total->n_reporters;
    confirmation.reporters = total->reporters;
    confirmation.demonstration = total->demonstration;
    confirmation.n_missing = total->n_missing;
    confirmation.missing = total->missing;
    if (stands(context, total, &confirmation)) {
        say(context, "第 %u 版确认仍然有效，清单与汇总都没有变化，不再重复确认",
            "confirmation %u stands, the list and the total are the same: not confirmed again",
            total->confirmed_revision);
        return EXIT_DONE;
    }
    snprintf(stream, sizeof stream, "confirm/%.80s/%u", total->form, total->period);
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION,
                                 .payload = &confirmation.base,
                                 .head = &head,
                                 .stream = stream,
                                 .form = total->form,
                                 .period = total->period,
                                 .revision = total->next_revision};
    return put_and_send(context, &draft);
}

const struct command commands_total[] = {
    {"total",   "--form FORM --year YEAR [--unit UNIT]", "显示乡镇（街道）汇总数，以及还缺哪些单位",
     "show a township's total, and who is missing",                                                                            total_options,   0, 0, true,  run_total  },
    {"confirm", "--form FORM --year YEAR",
     "确认本乡镇（街道）的汇总\n签名的是各村报告的逐份清单与汇总数；清单已变的，服务器会拒绝，重新"
     "运行即可。",                                                                                                  "confirm this township's total\nSigns the exact list of reports and the total. When the list "
     "has changed meanwhile, run it again.",                                                            confirm_options, 0, 0, false, run_confirm},
    {NULL,      NULL,                                    NULL,                                                           NULL, NULL,            0, 0, false, NULL       },
};
