/* pending, accept, return */
#include <stdio.h>
#include <string.h>

#include "cli/families.h"
#include "cli/find_record.h"
#include "cli/id_search.h"
#include "cli/past.h"
#include "cli/review.h"
#include "cli/rows.h"
#include "cli/send.h"
#include "cli/words.h"

enum { PENDING_MAX = 200000 };

static const struct option pending_options[] = {
    {"form", NULL, "FORM", "只看这张报表",    "only this form"},
    {"year", NULL, "YEAR", "只看这一报告期", "only this year"},
    {NULL,   NULL, NULL,   NULL,                    NULL            },
};

static const struct option accept_options[] = {
    {"all",  NULL, NULL,   "通过全部待审材料", "accept everything that waits"},
    {"form", NULL, "FORM", "只限这张报表",       "only this form"              },
    {"year", NULL, "YEAR", "只限这一报告期",    "only this year"              },
    {NULL,   NULL, NULL,   NULL,                       NULL                          },
};

static const struct option return_options[] = {
    {"reason", NULL, "TEXT", "退回的理由（必填）", "why (required)"},
    {NULL,     NULL, NULL,   NULL,                          NULL            },
};

struct pending {
    const Zhibao__PendingItem **items; /* in the context's arena */
    size_t count, room;
};

static bool add_page(struct context *context, struct pending *pending,
                     const Zhibao__PendingItems *page)
{
    if (pending->count + page->n_items > PENDING_MAX)
        return false;
    if (pending->count + page->n_items > pending->room) {
        size_t room = 2 * (pending->count + page->n_items);
        const Zhibao__PendingItem **items =
            arena_array(context->arena, room, sizeof(Zhibao__PendingItem *));
        if (items == NULL)
            return false;
        if (pending->count > 0)
            memcpy(items, pending->items, pending->count * sizeof(Zhibao__PendingItem *));
        pending->items = items;
        pending->room = room;
    }
    for (size_t i = 0; i < page->n_items; i++)
        if (page->items[i]->record != NULL && page->items[i]->record->id.len == RECORD_ID_BYTES)
            pending->items[pending->count++] = page->items[i];
    return true;
}

/* Everything that waits for this unit's review, within --form and --year. */
static bool fetch_pending(struct context *context, struct pending *pending,
                          enum exit_code *out_code)
{
    Zhibao__Pending question = ZHIBAO__PENDING__INIT;
    ProtobufCMessage *message = NULL;
    *out_code = EXIT_MISUSED;
    if (!option_year(context, false, &question.period))
        return false;
    if (option_given(context, "form"))
        question.form = (char *)option_text(context, "form");
    for (;;) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_PENDING, &question.base, &message, out_code))
            return false;
        const Zhibao__PendingItems *page = (const Zhibao__PendingItems *)message;
        if (!add_page(context, pending, page)) {
            complain(context, "待审材料过多，请用 --form 或 --year 分批",
                     "too many records wait: take them in parts with --form or --year");
            return false;
        }
        if (page->next[0] == '\0' || page->n_items == 0)
            return true;
        question.cursor = page->next;
    }
}

static void add_pending(const struct context *context, struct rows *rows,
                        const Zhibao__PendingItem *item)
{
    char id[ID_TEXT_BYTES], unit[UNIT_TEXT_BYTES], received[TIME_TEXT_BYTES];
    char enterer[UNIT_TEXT_BYTES];
    bool table = context->format == FORMAT_TABLE;
    const char *const cells[] = {
        id_text(item->record->id.data, item->record->id.len, id),
        unit_format(item->record->unit, unit),
        item->unit_name,
        table ? kind_text(context, (int)item->kind) : record_kind_name((uint8_t)item->kind),
        item->form,
        rows_printf(rows, "%u", item->period),
        rows_printf(rows, "%u", item->revision),
        table ? state_text(context, (int)item->state) : state_slug((int)item->state),
        time_text(item->received_us, received),
        item->entered_by == 0 ? "" : unit_format(item->entered_by, enterer),
        demonstration_mark(context, item->demonstration),
        table        ? (item->late ? TR(context, "迟报", "late") : "")
        : item->late ? "1"
                     : "",
        table ? "" : explained_cell(rows, item->explained, item->n_explained),
    };
    rows_add(rows, cells);
}

static enum exit_code run_pending(struct context *context)
{
    static const struct row_column columns[] = {
        {"id",            "编号",       "id",         COLUMN_TEXT  },
        {"unit",          "单位代码", "unit",       COLUMN_TEXT  },
        {"unit_name",     "单位",       "name",       COLUMN_TEXT  },
        {"kind",          "种类",       "kind",       COLUMN_TEXT  },
        {"form",          "报表",       "form",       COLUMN_TEXT  },
        {"period",        "报告期",    "year",       COLUMN_NUMBER},
        {"revision",      "版本",       "rev.",       COLUMN_NUMBER},
        {"state",         "状态",       "state",      COLUMN_TEXT  },
        {"received",      "收讫时间", "received",   COLUMN_TEXT  },
        {"entered_by",    "代填单位", "entered by", COLUMN_TEXT  },
        {"demonstration", "数据性质", "provenance", COLUMN_FLAG  },
        {"late",          "迟报",       "late",       COLUMN_FLAG  },
        {"explanations",  "",             "",           COLUMN_TEXT  },
    };
    struct pending pending = {0};
    enum exit_code code = EXIT_DONE;
    if (!context_connect(context, &code) || !fetch_pending(context, &pending, &code))
        return code;
    struct rows *rows = rows_create(
        context, columns, sizeof columns / sizeof *columns - (context->format == FORMAT_TABLE));
    if (rows == NULL)
        return EXIT_MISUSED;
    for (size_t i = 0; i < pending.count; i++)
        add_pending(context, rows, pending.items[i]);
    if (context->format == FORMAT_TABLE && pending.count == 0)
        say(context, "没有待审材料", "nothing waits for review");
    else
        rows_print(rows);
    rows_destroy(&rows);
    for (size_t i = 0; context->format == FORMAT_TABLE && i < pending.count; i++)
        explained_print(context, pending.items[i]->explained, pending.items[i]->n_explained,
                        stdout);
    return EXIT_DONE;
}

/* A record that waits no longer, for a return: from what was accepted. NULL after a complaint. */
static const Zhibao__PendingItem *find_tracked(struct context *context, const char *prefix)
{
    enum exit_code code = EXIT_DONE;
    struct review_subject subject;
    Zhibao__PendingItem *item = arena_alloc(context->arena, sizeof *item);
    const Zhibao__TrackedReport *report =
        item == NULL ? NULL : record_find(context, prefix, 0, true, &code);
    if (report == NULL || !record_subject(context, report, &subject))
        return NULL;
    zhibao__pending_item__init(item);
    item->record = subject.record;
    item->kind = subject.kind;
    item->form = report->form;
    item->period = report->period;
    item->revision = report->revision;
    item->state = report->state;
    return item;
}

/* The pending item whose id begins with `prefix`; NULL after a complaint. */
static const Zhibao__PendingItem *find(struct context *context, const struct pending *pending,
                                       const char *prefix, bool also_tracked)
{
    const Zhibao__PendingItem *found = NULL;
    char id[ID_TEXT_BYTES];
    enum exit_code code = EXIT_DONE;
    if (!id_prefix_good(context, prefix, &code))
        return NULL;
    for (size_t i = 0; i < pending->count; i++) {
        id_text(pending->items[i]->record->id.data, RECORD_ID_BYTES, id);
        if (strncasecmp(id, prefix, strlen(prefix)) != 0)
            continue;
        if (found != NULL) {
            misused(context, "编号“%s”对应不止一件，请多写几位",
                    "id \"%s\" is that of several records: give more digits", prefix);
            return NULL;
        }
        found = pending->items[i];
    }
    if (found == NULL && also_tracked)
        return find_tracked(context, prefix);
    if (found == NULL)
        complain(context, "待审材料中没有编号以“%s”开头的（zhibao pending 查看）",
                 "no pending record's id begins with \"%s\" (see zhibao pending)", prefix);
    return found;
}

enum status review_put(struct context *context, const struct review_subject *subject,
                       Zhibao__Verdict verdict, const char *reason)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__Review review = ZHIBAO__REVIEW__INIT;
    char id[ID_TEXT_BYTES], stream[80];
    review.head = &head;
    review.subject_kind = subject->kind;
    review.subject = subject->record;
    review.verdict = verdict;
    review.reason = (char *)reason;
    snprintf(stream, sizeof stream, "review/%s",
             id_text(subject->record->id.data, subject->record->id.len, id));
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_REVIEW,
                                 .payload = &review.base,
                                 .head = &head,
                                 .stream = stream,
                                 .form = subject->form,
                                 .period = subject->period,
                                 .revision = subject->revision};
    return zhibao_put(context->zhibao, &draft, NULL);
}

/* The items named on the command line, or all; all are found before any is reviewed. */
static bool choose(struct context *context, const struct pending *pending,
                   Zhibao__Verdict chosen_for, struct pending *chosen, enum exit_code *out_code)
{
    bool all = option_given(context, "all");
    size_t room = all ? pending->count : context->argument_count;
    chosen->items = arena_array(context->arena, room, sizeof(Zhibao__PendingItem *));
    chosen->count = 0;
    *out_code = EXIT_MISUSED;
    for (size_t i = 0; all && chosen->items != NULL && i < room; i++)
        if (pending->items[i]->state != ZHIBAO__STATE__STATE_REOPENED) /* waits for its township */
            chosen->items[chosen->count++] = pending->items[i];
    for (size_t i = 0; chosen->items != NULL && i < context->argument_count; i++) {
        const Zhibao__PendingItem *item = find(context, pending, context->arguments[i],
                                               chosen_for == ZHIBAO__VERDICT__VERDICT_RETURN);
        if (item == NULL)
            return false;
        chosen->items[chosen->count++] = item;
    }
    return chosen->items != NULL;
}

/* Copies of the forms, so that what is printed has their names; without them it has their codes. */
static void keep_forms(struct context *context, const struct pending *chosen)
{
    enum { LONG_S = 30 * 24 * 3600 };
    for (size_t i = 0; i < chosen->count; i++) {
        Zhibao__FormSheet *sheet = NULL;
        int64_t fetched_us = 0;
        const char *form = chosen->items[i]->form;
        bool seen = form[0] == '\0';
        for (size_t k = 0; k < i && !seen; k++)
            seen = strcmp(chosen->items[k]->form, form) == 0;
        if (!seen && zhibao_form(context->zhibao, "", form, LONG_S, context->arena, &sheet,
                                 &fetched_us) != STATUS_OK)
            return;
    }
}

static enum exit_code review(struct context *context, Zhibao__Verdict verdict, const char *reason)
{
    struct pending pending = {0}, chosen = {0};
    enum exit_code code = EXIT_DONE;
    if (!context_connect(context, &code) || !fetch_pending(context, &pending, &code) ||
        !choose(context, &pending, verdict, &chosen, &code))
        return code;
    if (chosen.count == 0) {
        say(context, "没有待审材料", "nothing waits for review");
        return EXIT_DONE;
    }
    keep_forms(context, &chosen);
    for (size_t i = 0; i < chosen.count; i++) {
        const Zhibao__PendingItem *item = chosen.items[i];
        struct review_subject subject = {.kind = item->kind,
                                         .record = item->record,
                                         .form = item->form,
                                         .period = item->period,
                                         .revision = item->revision};
        enum status status = review_put(context, &subject, verdict, reason);
        if (status != STATUS_OK)
            return failed(context, status);
    }
    return send_all(context);
}

static enum exit_code run_accept(struct context *context)
{
    if (option_given(context, "all") == (context->argument_count > 0))
        return misused(context, "写出要通过的编号，或用 --all", "give ids, or --all");
    return review(context, ZHIBAO__VERDICT__VERDICT_ACCEPT, "");
}

static enum exit_code run_return(struct context *context)
{
    const char *reason = option_prose(context, "reason", true);
    return reason == NULL ? EXIT_MISUSED : review(context, ZHIBAO__VERDICT__VERDICT_RETURN, reason);
}

const struct command commands_review[] = {
    {"pending", "[--form FORM] [--year YEAR]",               "列出等待本单位审核的材料",
     "list what waits for this unit's review",                                                                                           pending_options, 0, 0,             true,  run_pending},
    {"accept",  "ID... | --all [--form FORM] [--year YEAR]",
     "通过待审材料\n编号可只写前几位。签名的是列表中那一版的内容摘要，内容变了即不生效。",
     "accept records that wait for review\nThe first digits of an id will do. What is signed is "
     "the listed revision's hash.",                                                                                                      accept_options,  0, ARGUMENTS_MAX, false, run_accept },
    {"return",  "ID --reason TEXT",
     "退回材料，写明理由\n编号可只写前几位；已通过的材料，规则允许时也可退回。",
     "return a record, saying why\nThe first digits of an id will do; a record that was accepted "
     "can be returned too where the rules allow it.",                                                                                    return_options,  1, ARGUMENTS_MAX, false, run_return },
    {NULL,      NULL,                                        NULL,                                                                 NULL, NULL,            0, 0,             false, NULL       },
};
