/* show: what a report or a total says, before anybody accepts it */
#include <string.h>

#include "cli/families.h"
#include "cli/find_record.h"
#include "cli/form_open.h"
#include "cli/json.h"
#include "cli/words.h"
#include "lib/verify.h"
#include "plan/unit_words.h"

/* The figures of a report or confirmation, whichever it is. */
struct figures {
    const Zhibao__Report *report; /* NULL for a total */
    const Zhibao__Confirmation *total;
    const Zhibao__Observations *observations; /* NULL: none */
    bool demonstration;
};

struct showing {
    struct context *context;
    const Zhibao__TrackedReport *tracked;
    const struct blank_form *blank; /* NULL: the form could not be had */
    struct figures now, before;     /* before: all NULL when not known */
};

static bool read_figures(struct context *context, const Zhibao__Record *record,
                         struct figures *out_figures)
{
    bool total = record->kind == ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION;
    ProtobufCMessage *message = NULL;
    struct figures figures = {0};
    if (message_read(total ? &zhibao__confirmation__descriptor : &zhibao__report__descriptor,
                     context->arena, record->payload.data, record->payload.len,
                     &message) != STATUS_OK)
        return false;
    if (total) {
        figures.total = (const Zhibao__Confirmation *)message;
        figures.observations = figures.total->totals;
        figures.demonstration = figures.total->demonstration;
    } else {
        figures.report = (const Zhibao__Report *)message;
        figures.observations = figures.report->observations;
        figures.demonstration =
            figures.report->provenance == ZHIBAO__PROVENANCE__PROVENANCE_DEMONSTRATION;
    }
    const Zhibao__Observations *seen = figures.observations;
    if (seen != NULL && (seen->n_presence != seen->n_cell || seen->n_value != seen->n_cell))
        return false;
    *out_figures = figures;
    return true;
}

static Zhibao__GetRecord question_of(const Zhibao__TrackedReport *tracked)
{
    Zhibao__GetRecord question = ZHIBAO__GET_RECORD__INIT;
    question.kind = tracked->kind;
    question.unit = tracked->unit;
    question.id = tracked->id;
    return question;
}

/* The record of `tracked`; its receipt has to be of it and verify against the pins. */
static bool fetch(struct showing *showing, enum exit_code *out_code)
{
    struct context *context = showing->context;
    Zhibao__GetRecord question = question_of(showing->tracked);
    ProtobufCMessage *message = NULL;
    struct receipt receipt;
    if (!context_ask(context, ZHIBAO__KIND__KIND_GET_RECORD, &question.base, &message, out_code))
        return false;
    const Zhibao__RecordReply *reply = (const Zhibao__RecordReply *)message;
    *out_code = EXIT_REFUSED;
    if (reply->record == NULL || !read_figures(context, reply->record, &showing->now)) {
        complain(context, "服务器的答复不完整", "the server's answer is not complete");
        return false;
    }
    struct hash hash = hash_bytes(reply->record->payload.data, reply->record->payload.len);
    if (verify_receipt(zhibao_pins(context->zhibao), reply->receipt.data, reply->receipt.len,
                       &receipt) == STATUS_OK &&
        verify_record(&receipt, reply->record) == STATUS_OK &&
        memcmp(hash.bytes, showing->tracked->payload_sha256.data, HASH_BYTES) == 0)
        return true;
    complain(context, "材料或回执核验不通过，不可采信",
             "the record or its receipt does not verify: do not trust it");
    return false;
}

static bool stands(int state)
{
    switch (state) {
    case ZHIBAO__STATE__STATE_RETURNED:
    case ZHIBAO__STATE__STATE_SUPERSEDED:
    case ZHIBAO__STATE__STATE_BAD_SIGNATURE:
    case ZHIBAO__STATE__STATE_WITHDRAWN:
    case ZHIBAO__STATE__STATE_OBJECTED: return false;
    default: return true;
    }
}

/* What the same unit said a year before, if it did; nothing is said when it cannot be had. */
static void fetch_before(struct showing *showing)
{
    struct context *context = showing->context;
    const Zhibao__TrackedReport *now = showing->tracked, *best = NULL;
    Zhibao__Track track = ZHIBAO__TRACK__INIT;
    ProtobufCMessage *message = NULL;
    track.unit = now->unit;
    track.form = now->form;
    track.period = now->period - 1;
    if (zhibao_request(context->zhibao, ZHIBAO__KIND__KIND_TRACK, &track.base, context->arena,
                       &message) != STATUS_OK)
        return;
    const Zhibao__Tracked *found = (const Zhibao__Tracked *)message;
    for (size_t i = 0; i < found->n_reports; i++)
        if (found->reports[i]->kind == now->kind && stands((int)found->reports[i]->state) &&
            (best == NULL || found->reports[i]->revision > best->revision))
            best = found->reports[i];
    if (best == NULL)
        return;
    Zhibao__GetRecord question = question_of(best);
    if (zhibao_request(context->zhibao, ZHIBAO__KIND__KIND_GET_RECORD, &question.base,
                       context->arena, &message) != STATUS_OK)
        return;
    const Zhibao__RecordReply *reply = (const Zhibao__RecordReply *)message;
    if (reply->record == NULL || !read_figures(context, reply->record, &showing->before))
        showing->before = (struct figures){0};
}

/* --- what is printed --- */

static const struct row_column figure_columns[] = {
    {"cell",        "项号",       "cell",        COLUMN_NUMBER},
    {"name",        "名称",       "name",        COLUMN_TEXT  },
    {"stratum",     "分组",       "stratum",     COLUMN_TEXT  },
    {"unit",        "计量单位", "unit",        COLUMN_TEXT  },
    {"value",       "数值",       "value",       COLUMN_NUMBER},
    {"last_year",   "上年",       "last year",   COLUMN_NUMBER},
    {"explanation", "说明",       "explanation", COLUMN_TEXT  },
    {"presence",    "有无数值", "presence",    COLUMN_TEXT  },
    {"provenance",  "数据性质", "provenance",  COLUMN_TEXT  },
};
enum { TABLE_COLUMNS = 7, ALL_COLUMNS = sizeof figure_columns / sizeof *figure_columns };

static const char *explanation_of(const Zhibao__Report *report, uint32_t cell)
{
    for (size_t i = 0; report != NULL && i < report->n_explanations; i++)
        if (report->explanations[i]->cell == cell)
            return report->explanations[i]->text;
    return "";
}

/* The figure of a cell as text; in tables also why there is none. "" when the cell is not there. */
static const char *figure_text(const struct showing *showing, struct rows *rows,
                               const Zhibao__Observations *observations, uint32_t number,
                               uint32_t decimals)
{
    const struct context *context = showing->context;
    for (size_t i = 0; observations != NULL && i < observations->n_cell; i++) {
        char value[64];
        if (observations->cell[i] != number)
            continue;
        if (observations->presence[i] == ZHIBAO__PRESENCE__PRESENCE_VALUE)
            return rows_printf(rows, "%s", number_text(observations->value[i], decimals, value));
        return context->format == FORMAT_TABLE
                   ? presence_text(context, (int)observations->presence[i])
                   : "";
    }
    return "";
}

static void add_figure(const struct showing *showing, struct rows *rows, size_t index)
{
    const struct context *context = showing->context;
    const Zhibao__Observations *seen = showing->now.observations;
    uint32_t number = seen->cell[index];
    const Zhibao__FormCell *cell =
        showing->blank == NULL ? NULL : blank_form_cell(showing->blank, number);
    uint32_t decimals = cell == NULL ? 2 : cell->decimals;
    bool table = context->format == FORMAT_TABLE;
    char stratum[200] = "";
    const char *const cells[ALL_COLUMNS] = {
        rows_printf(rows, "%u", number),
        cell == NULL ? "" : TR(context, cell->name_zh, cell->name_en),
        cell == NULL ? ""
        : table      ? stratum_words(cell->stratum, context->english, stratum, sizeof stratum)
                     : cell->stratum,
        cell == NULL ? ""
        : table      ? unit_word(cell->unit, context->english)
                     : cell->unit,
        figure_text(showing, rows, seen, number, decimals),
        figure_text(showing, rows, showing->before.observations, number, decimals),
        explanation_of(showing->now.report, number),
        presence_slug((int)seen->presence[index]),
        showing->now.demonstration ? "demonstration" : "real",
    };
    rows_add(rows, cells);
}

static void print_people(const struct showing *showing)
{
    const struct context *context = showing->context;
    const Zhibao__Report *report = showing->now.report;
    char enterer[UNIT_TEXT_BYTES];
    if (report == NULL) {
        say(context, "汇总 %zu 份报告，尚缺 %zu 个单位",
            "the total of %zu reports; %zu units missing", showing->now.total->n_reports,
            showing->now.total->n_missing);
        return;
    }
    if (report->entered_by != 0)
        say(context, "由 %s 代填", "entered on its behalf by %s",
            unit_format(report->entered_by, enterer));
    say(context, "填表人：%s　负责人：%s", "filled in by: %s; answered for by: %s",
        report->filler[0] == '\0' ? TR(context, "（未写）", "(not given)") : report->filler,
        report->principal[0] == '\0' ? TR(context, "（未写）", "(not given)") : report->principal);
    if (report->note[0] != '\0')
        say(context, "备注：%s", "note: %s", report->note);
}

static void print_head(const struct showing *showing)
{
    const struct context *context = showing->context;
    const Zhibao__TrackedReport *tracked = showing->tracked;
    char id[ID_TEXT_BYTES], unit[UNIT_TEXT_BYTES];
    if (showing->now.demonstration)
        say(context, "【演示数据】以下数字是虚构的",
            "[DEMONSTRATION] the figures below are made up");
    say(context, "%s（%s）%s %s %u年 第%u版：%s", "%s (%s) %s %s %u revision %u: %s",
        tracked->unit_name, unit_format(tracked->unit, unit),
        kind_text(context, (int)tracked->kind), tracked->form, tracked->period, tracked->revision,
        state_text(context, (int)tracked->state));
    say(context, "编号：%s", "id: %s", id_text(tracked->id.data, tracked->id.len, id));
    print_people(showing);
    if (showing->before.observations != NULL && showing->before.demonstration)
        say(context, "上年数为演示数据", "last year's figures are a demonstration");
}

static bool print_json(const struct showing *showing, const struct rows *rows)
{
    const Zhibao__TrackedReport *tracked = showing->tracked;
    const Zhibao__Report *report = showing->now.report;
    char id[ID_TEXT_BYTES], unit[UNIT_TEXT_BYTES];
    json_t *figures = NULL;
    if (!rows_json(rows, &figures))
        return false;
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:i, s:s, s:b, s:s, s:s, s:s, s:o}", "id",
        id_text(tracked->id.data, tracked->id.len, id), "unit", unit_format(tracked->unit, unit),
        "unit_name", tracked->unit_name, "kind", record_kind_name((uint8_t)tracked->kind), "plan",
        tracked->plan, "form", tracked->form, "period", (int)tracked->period, "revision",
        (int)tracked->revision, "state", state_slug((int)tracked->state), "demonstration",
        showing->now.demonstration, "filler", report == NULL ? "" : report->filler, "principal",
        report == NULL ? "" : report->principal, "note", report == NULL ? "" : report->note,
        "figures", figures);
    bool printed = object != NULL && json_print(object);
    json_decref(object);
    return printed;
}

static bool print_all(const struct showing *showing)
{
    const struct context *context = showing->context;
    bool table = context->format == FORMAT_TABLE, printed = false;
    const Zhibao__Observations *seen = showing->now.observations;
    struct rows *rows = rows_create(context, figure_columns, table ? TABLE_COLUMNS : ALL_COLUMNS);
    for (size_t i = 0; rows != NULL && seen != NULL && i < seen->n_cell; i++)
        add_figure(showing, rows, i);
    if (table)
        print_head(showing);
    if (rows != NULL)
        printed = context->format == FORMAT_JSON ? print_json(showing, rows) : rows_print(rows);
    rows_destroy(&rows);
    return printed;
}

static enum exit_code run_show(struct context *context)
{
    struct showing showing = {.context = context};
    enum exit_code code = EXIT_DONE;
    if (!context_connect(context, &code))
        return code;
    showing.tracked = record_find(context, context->arguments[0], 0, true, &code);
    if (showing.tracked == NULL || !fetch(&showing, &code))
        return code;
    fetch_before(&showing);
    struct blank_form *blank = form_open(context, showing.tracked->form, FORM_FRESH_S, &code);
    showing.blank = blank;
    if (blank != NULL && showing.now.report != NULL &&
        blank_form_sheet(blank)->version != showing.now.report->form_version)
        complain(context, "填报时用的是报表第%u版，名称取自现行的第%u版",
                 "filled in on version %u of the form; names are those of version %u, now current",
                 showing.now.report->form_version, blank_form_sheet(blank)->version);
    bool printed = print_all(&showing);
    blank_form_destroy(&blank);
    return printed ? EXIT_DONE : EXIT_MISUSED;
}

const struct command commands_show[] = {
    {"show", "ID",
     "显示一份报告或汇总的全部数字、说明、填表人和上年数，审核之前先看\n"
     "编号可只写前几位（zhibao pending 或 zhibao track 列出）。原文和回执都经核验。",
     "show all figures of a report or total, explanations, who filled it in, and last year's\n"
     "The first digits of an id will do (zhibao pending and zhibao track list them). The signed\n"
     "record and its receipt are verified first.",                                                                  NULL, 1, 1, true,  run_show},
    {NULL,   NULL, NULL,                                                                                      NULL, NULL, 0, 0, false, NULL    },
};
