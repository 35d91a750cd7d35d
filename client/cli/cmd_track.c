/* track, inbox */
#include <stdio.h>
#include <string.h>

#include "cli/families.h"
#include "cli/find_record.h"
#include "cli/kept_receipt.h"
#include "cli/notice_words.h"
#include "cli/past.h"
#include "cli/rows.h"
#include "cli/send.h"
#include "cli/task_words.h"
#include "cli/words.h"
#include "lib/inbox.h"

enum { PAGES_MAX = 100000, INBOX_PAGE = 200 };

static const struct option track_options[] = {
    {"unit",    NULL, "UNIT", "单位代码（默认本单位）",                "unit (default: this home's own)"},
    {"year",    NULL, "YEAR", "只看这一报告期",                            "only this year"                 },
    {"form",    NULL, "FORM", "只看这张报表",                               "only this form"                 },
    {"id",      NULL, "ID",   "只看这件材料（编号可只写前几位）",
     "only this record (first digits will do)"                                                                     },
    {"subtree", NULL, NULL,   "连同下级单位",                               "also the units below"           },
    {NULL,      NULL, NULL,   NULL,                                               NULL                             },
};

static const struct row_column track_columns[] = {
    {"unit",          "单位代码",       "unit",          COLUMN_TEXT  },
    {"unit_name",     "单位",             "name",          COLUMN_TEXT  },
    {"kind",          "种类",             "kind",          COLUMN_TEXT  },
    {"plan",          "规划",             "plan",          COLUMN_TEXT  },
    {"form",          "报表",             "form",          COLUMN_TEXT  },
    {"period",        "报告期",          "year",          COLUMN_NUMBER},
    {"revision",      "版本",             "rev.",          COLUMN_NUMBER},
    {"id",            "编号",             "id",            COLUMN_TEXT  },
    {"state",         "当前状态",       "state",         COLUMN_TEXT  },
    {"step",          "步骤",             "step",          COLUMN_TEXT  },
    {"time",          "时间",             "time",          COLUMN_TEXT  },
    {"actor",         "办理单位代码", "by unit",       COLUMN_TEXT  },
    {"actor_name",    "办理单位",       "by",            COLUMN_TEXT  },
    {"reason",        "理由",             "reason",        COLUMN_TEXT  },
    {"entered_by",    "代填单位",       "entered by",    COLUMN_TEXT  },
    {"total",         "所在汇总",       "through total", COLUMN_TEXT  },
    {"key",           "签名密钥",       "key",           COLUMN_TEXT  },
    {"record",        "凭证编号",       "record",        COLUMN_TEXT  },
    {"batch",         "批",                "batch",         COLUMN_NUMBER},
    {"leaf",          "件",                "leaf",          COLUMN_NUMBER},
    {"receipt",       "回执",             "receipt",       COLUMN_TEXT  },
    {"holder",        "签字人",          "holder",        COLUMN_TEXT  },
    {"demonstration", "数据性质",       "provenance",    COLUMN_FLAG  },
    {"late",          "迟报",             "late",          COLUMN_FLAG  },
    {"explanations",  "说明",             "explanations",  COLUMN_TEXT  },
};

struct tracked {
    struct context *context;
    struct rows *rows;
    size_t bad; /* receipts that do not verify */
    bool any;
    bool keep; /* receipts as files */
};

/* Somebody's words as they are; the aggregator's in the reader's language. */
static const char *reason_text(const struct context *context, const char *reason,
                               const char *reason_en)
{
    return reason_en[0] == '\0' ? reason : TR(context, reason, reason_en);
}

/* "  2026-01-02 08:00:00 上级已通过 鹿寨镇（理由） [密钥 12ab34cd 凭证 9f8e7d6c 第12批第3件
 * 核验通过]" */
static void print_step(struct tracked *tracked, const Zhibao__Step *step)
{
    const struct context *context = tracked->context;
    char time[TIME_TEXT_BYTES], key[ID_TEXT_BYTES], record[ID_TEXT_BYTES];
    const char *reason = reason_text(context, step->reason, step->reason_en);
    printf("  %-19s %s%s%s%s%s%s%s%s%s", time_text(step->time_us, time),
           step->total_unit == 0 ? "" : TR(context, "汇总：", "total: "),
           step_text(context, (int)step->state, (int)step->kind),
           step->actor_name[0] == '\0' ? "" : " ", step->actor_name,
           step->holder[0] == '\0' ? "" : " ", step->holder,
           reason[0] == '\0' ? "" : TR(context, "（", " ("), reason,
           reason[0] == '\0' ? "" : TR(context, "）", ")"));
    if (step->record.len > 0) {
        enum kept kept =
            kept_receipt(tracked->context, step->receipt.data, step->receipt.len, tracked->keep);
        tracked->bad += kept == KEPT_BAD;
        printf(TR(context, " [密钥 %.8s 凭证 %.8s 第%llu批第%u件 %s]",
                  " [key %.8s record %.8s batch %llu number %u %s]"),
               id_text(step->key.data, step->key.len, key),
               id_text(step->record.data, step->record.len, record),
               (unsigned long long)step->batch, step->leaf + 1, kept_text(context, kept));
    }
    printf("\n");
}

/* "鹿寨村 报告 village 2025年 第1版 1f2e3d4c：已收讫", and its steps */
static void print_tracked(struct tracked *tracked, const Zhibao__TrackedReport *report)
{
    const struct context *context = tracked->context;
    char id[ID_TEXT_BYTES], unit[UNIT_TEXT_BYTES];
    printf(TR(context, "%s（%s）%s %s %u年 第%u版 %.8s：%s%s%s%s\n",
              "%s (%s) %s %s %u revision %u %.8s: %s%s%s%s\n"),
           report->unit_name, unit_format(report->unit, unit),
           kind_text(context, (int)report->kind), report->form, report->period, report->revision,
           id_text(report->id.data, report->id.len, id), state_text(context, (int)report->state),
           report->entered_by == 0
               ? ""
               : TR(context, "（乡镇代填）", " (entered by the township on its behalf)"),
           report->late ? TR(context, "（迟报）", " (late)") : "",
           report->demonstration ? TR(context, "【演示数据】", " [demonstration]") : "");
    for (size_t i = 0; i < report->n_steps; i++)
        print_step(tracked, report->steps[i]);
    explained_print(context, report->explained, report->n_explained, stdout);
}

static void add_step(struct tracked *tracked, const Zhibao__TrackedReport *report,
                     const Zhibao__Step *step)
{
    struct rows *rows = tracked->rows;
    char id[ID_TEXT_BYTES], unit[UNIT_TEXT_BYTES], actor[UNIT_TEXT_BYTES], time[TIME_TEXT_BYTES];
    char key[ID_TEXT_BYTES], record[ID_TEXT_BYTES], total[ID_TEXT_BYTES], enterer[UNIT_TEXT_BYTES];
    enum kept kept =
        kept_receipt(tracked->context, step->receipt.data, step->receipt.len, tracked->keep);
    bool proved = step->record.len > 0;
    tracked->bad += kept == KEPT_BAD;
    const char *const cells[] = {
        unit_format(report->unit, unit),
        report->unit_name,
        record_kind_name((uint8_t)report->kind),
        report->plan,
        report->form,
        rows_printf(rows, "%u", report->period),
        rows_printf(rows, "%u", report->revision),
        id_text(report->id.data, report->id.len, id),
        state_slug((int)report->state),
        step_slug((int)step->state, (int)step->kind),
        time_text(step->time_us, time),
        step->actor == 0 ? "" : unit_format(step->actor, actor),
        step->actor_name,
        reason_text(tracked->context, step->reason, step->reason_en),
        report->entered_by == 0 ? "" : unit_format(report->entered_by, enterer),
        id_text(step->total.data, step->total.len, total),
        id_text(step->key.data, step->key.len, key),
        id_text(step->record.data, step->record.len, record),
        proved ? rows_printf(rows, "%llu", (unsigned long long)step->batch) : "",
        proved ? rows_printf(rows, "%u", step->leaf) : "",
        kept_text(tracked->context, kept),
        step->holder,
        report->demonstration ? "1" : "",
        report->late ? "1" : "",
        explained_cell(rows, report->explained, report->n_explained),
    };
    rows_add(rows, cells);
}

static void add_tracked(struct tracked *tracked, const Zhibao__TrackedReport *report)
{
    static const Zhibao__Step nothing = ZHIBAO__STEP__INIT;
    for (size_t i = 0; i < report->n_steps; i++)
        add_step(tracked, report, report->steps[i]);
    if (report->n_steps == 0)
        add_step(tracked, report, &nothing);
}

static bool drafted_demonstration(struct context *context, const struct zhibao_item *item)
{
    ProtobufCMessage *message = NULL;
    bool total = item->kind == ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION;
    if (message_read(&zhibao__record__descriptor, context->arena, item->record, item->record_size,
                     &message) != STATUS_OK)
        return false;
    ProtobufCBinaryData payload = ((const Zhibao__Record *)message)->payload;
    if (message_read(total ? &zhibao__confirmation__descriptor : &zhibao__report__descriptor,
                     context->arena, payload.data, payload.len, &message) != STATUS_OK)
        return false;
    return total ? ((const Zhibao__Confirmation *)message)->demonstration
                 : ((const Zhibao__Report *)message)->provenance ==
                       ZHIBAO__PROVENANCE__PROVENANCE_DEMONSTRATION;
}

/* What waits in this home's outbox has not reached anybody: drafted. */
static enum status add_drafted(const struct zhibao_item *item, void *pointer)
{
    struct tracked *tracked = pointer;
    struct context *context = tracked->context;
    struct rows *rows = tracked->rows;
    char id[ID_TEXT_BYTES], unit[UNIT_TEXT_BYTES], time[TIME_TEXT_BYTES];
    bool ours = item->kind == ZHIBAO__RECORD_KIND__RECORD_REPORT ||
                item->kind == ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION;
    if (!ours)
        return STATUS_OK;
    tracked->any = true;
    id_text(item->id.bytes, sizeof item->id.bytes, id);
    unit_format(item->unit, unit);
    time_text(item->created_us, time);
    if (context->format == FORMAT_TABLE) {
        printf(
            TR(context,
               "（%s）%s %s %u年 第%u版 %.8s：已起草，在本机发件箱，尚未送达%s\n  %-19s 已起草\n",
               "(%s) %s %s %u revision %u %.8s: drafted, in this home's outbox, not sent yet%s\n"
               "  %-19s drafted\n"),
            unit, kind_text(context, item->kind), item->form, item->period, item->revision, id,
            drafted_demonstration(context, item) ? TR(context, "【演示数据】", " [demonstration]")
                                                 : "",
            time);
        return STATUS_OK;
    }
    const char *const cells[] = {
        unit,
        "",
        record_kind_name(item->kind),
        "",
        item->form,
        rows_printf(rows, "%u", item->period),
        rows_printf(rows, "%u", item->revision),
        id,
        "drafted",
        "drafted",
        time,
        unit,
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
        drafted_demonstration(context, item) ? "1" : "",
        "",
        "",
    };
    rows_add(rows, cells);
    return STATUS_OK;
}

static bool read_track(struct context *context, Zhibao__Track *track)
{
    const char *unit = option_text(context, "unit"), *id_given = option_text(context, "id");
    track->form = (char *)(option_given(context, "form") ? option_text(context, "form") : "");
    track->subtree = option_given(context, "subtree");
    if (unit != NULL && !unit_read(context, unit, &track->unit))
        return false;
    if (id_given != NULL) {
        enum exit_code ignored = EXIT_DONE;
        if (!prefix_read(context, id_given, &track->id_prefix, &ignored))
            return false;
        track->subtree = true; /* whose it is need not be said */
    }
    return option_year(context, false, &track->period);
}

static enum exit_code track_pages(struct tracked *tracked, Zhibao__Track *track)
{
    struct context *context = tracked->context;
    enum exit_code code = EXIT_DONE;
    ProtobufCMessage *message = NULL;
    for (size_t page = 0; page < PAGES_MAX; page++) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_TRACK, &track->base, &message, &code))
            return code;
        const Zhibao__Tracked *answer = (const Zhibao__Tracked *)message;
        for (size_t i = 0; i < answer->n_reports; i++) {
            if (context->format == FORMAT_TABLE)
                print_tracked(tracked, answer->reports[i]);
            else
                add_tracked(tracked, answer->reports[i]);
            tracked->any = true;
        }
        if (answer->next[0] == '\0')
            break;
        track->cursor = answer->next;
    }
    return EXIT_DONE;
}

/* What waits here, then what the server has; of which nothing when it cannot be reached. */
static enum exit_code track_all(struct tracked *tracked, Zhibao__Track *track)
{
    struct context *context = tracked->context;
    enum exit_code code = EXIT_DONE;
    bool connected = context_connect(context, &code);
    if (context->zhibao != NULL && track->unit == 0 && track->id_prefix[0] == '\0') {
        enum status status = zhibao_list(context->zhibao, ZHIBAO_WAITING, add_drafted, tracked);
        if (status != STATUS_OK)
            return failed(context, status);
    }
    if (connected)
        code = track_pages(tracked, track);
    if (context->format != FORMAT_TABLE)
        rows_print(tracked->rows);
    else if (!tracked->any && code == EXIT_DONE)
        say(context, "没有符合条件的材料", "no record matches");
    if (code != EXIT_DONE || tracked->bad == 0)
        return code;
    complain(context, "%zu 步的回执核验不通过，不可采信",
             "the receipts of %zu steps do not verify: do not trust them", tracked->bad);
    return EXIT_REFUSED;
}

static enum exit_code run_track(struct context *context)
{
    enum exit_code code = EXIT_MISUSED;
    Zhibao__Track track = ZHIBAO__TRACK__INIT;
    struct tracked tracked = {.context = context};
    if (!read_track(context, &track))
        return code;
    tracked.keep =
        !option_given(context, "subtree"); /* of a whole subtree they would be too many */
    tracked.rows =
        rows_create(context, track_columns, sizeof track_columns / sizeof *track_columns);
    if (tracked.rows == NULL)
        return EXIT_MISUSED;
    code = track_all(&tracked, &track);
    rows_destroy(&tracked.rows);
    return code;
}

static const struct option inbox_options[] = {
    {"page", NULL, "N",  "每次取多少条（默认200）", "items fetched at a time (default 200)"   },
    {"all",  NULL, NULL, "从头列出，不只是新的",    "from the beginning, not only what is new"},
    {NULL,   NULL, NULL, NULL,                                NULL                                      },
};

struct inbox {
    struct context *context;
    struct rows *rows;
    size_t count, bad;
};

static const char *check_receipt(struct inbox *inbox, const Zhibao__InboxItem *item)
{
    enum kept kept = kept_receipt(inbox->context, item->receipt.data, item->receipt.len, true);
    inbox->bad += kept == KEPT_BAD;
    return kept_text(inbox->context, kept);
}

static void add_inbox_item(struct inbox *inbox, const Zhibao__InboxItem *item)
{
    char id[ID_TEXT_BYTES], unit[UNIT_TEXT_BYTES], time[TIME_TEXT_BYTES];
    char enterer[UNIT_TEXT_BYTES], total[ID_TEXT_BYTES];
    struct context *context = inbox->context;
    bool table = context->format == FORMAT_TABLE;
    int notice = (int)item->notice;
    const char *state = table ? step_text(context, (int)item->state, (int)item->subject_kind)
                              : step_slug((int)item->state, (int)item->subject_kind);
    if (notice == ZHIBAO__NOTICE_KIND__NOTICE_UPLINK && item->state == 0)
        state = table ? TR(context, "拒收", "refused") : "refused";
    if (notice == ZHIBAO__NOTICE_KIND__NOTICE_UPLINK) /* what the level above did */
        state = rows_printf(inbox->rows, table ? "%s: %s" : "%s_%s",
                            table ? notice_text(context, notice) : notice_slug(notice), state);
    else if (notice != 0)
        state = table ? notice_text(context, notice) : notice_slug(notice);
    if (item->task_action != 0)
        state = task_action_text(context, item->task_action);
    if (item->comment_action != 0)
        state = comment_action_text(context, item->comment_action);
    const char *const cells[] = {
        time_text(item->time_us, time),
        state,
        unit_format(item->subject_unit, unit),
        table ? kind_text(context, (int)item->subject_kind)
              : record_kind_name((uint8_t)item->subject_kind),
        item->form,
        item->period == 0 ? "" : rows_printf(inbox->rows, "%u", item->period),
        item->revision == 0 ? "" : rows_printf(inbox->rows, "%u", item->revision),
        rows_printf(inbox->rows, table ? "%.8s" : "%s",
                    id_text(item->subject.data, item->subject.len, id)),
        item->actor_name,
        item->cutoff == NULL
            ? reason_text(context, item->reason, item->reason_en)
            : cutoff_sentence(context, inbox->rows, notice, item->cutoff, item->reason),
        check_receipt(inbox, item),
        item->entered_by == 0 ? "" : unit_format(item->entered_by, enterer),
        rows_printf(inbox->rows, table ? "%.8s" : "%s",
                    id_text(item->total.data, item->total.len, total)),
        demonstration_mark(context, item->demonstration),
        table        ? (item->late ? TR(context, "迟报", "late") : "")
        : item->late ? "1"
                     : "",
    };
    rows_add(inbox->rows, cells);
    inbox->count++;
}

/* The pages that this home has, from `first` on; *out_end: how many there are. */
static enum exit_code list_pages(struct inbox *inbox, size_t first, size_t *out_end)
{
    struct context *context = inbox->context;
    Zhibao__InboxItems *page = NULL;
    enum status status = STATUS_OK;
    size_t number = first;
    while ((status = zhibao_inbox_page(context->zhibao, number, context->arena, &page)) ==
           STATUS_OK) {
        for (size_t i = 0; i < page->n_items; i++)
            add_inbox_item(inbox, page->items[i]);
        number++;
    }
    *out_end = number;
    return status == STATUS_NOT_FOUND ? EXIT_DONE : failed(context, status);
}

/* Fetched first, then shown: what is stored cannot be lost, and without a connection what is
 * stored is shown all the same. */
static enum exit_code show_inbox(struct inbox *inbox)
{
    struct context *context = inbox->context;
    uint32_t limit = INBOX_PAGE;
    size_t first = 0, end = 0;
    const char *size = option_text(context, "page");
    if (size != NULL && !whole_number(size, 1, 1000, &limit))
        return misused(context, "--page 须为1至1000", "--page takes 1 to 1000");
    enum status fetched = zhibao_inbox_fetch(context->zhibao, limit, context->arena);
    enum exit_code code = fetched == STATUS_OK ? EXIT_DONE : failed(context, fetched);
    enum status status = STATUS_OK;
    if (!option_given(context, "all"))
        status = zhibao_inbox_shown(context->zhibao, context->arena, &first);
    if (status != STATUS_OK)
        return failed(context, status);
    enum exit_code listed = list_pages(inbox, first, &end);
    if (listed != EXIT_DONE)
        return listed;
    if (context->format == FORMAT_TABLE && inbox->count == 0 && code == EXIT_DONE)
        say(context, "没有新消息", "nothing new");
    else
        rows_print(inbox->rows);
    fflush(stdout);
    status = zhibao_inbox_show(context->zhibao, end);
    if (status != STATUS_OK)
        return failed(context, status);
    if (inbox->bad == 0)
        return code;
    complain(context, "%zu 条消息的回执核验不通过，不可采信",
             "%zu receipts do not verify: do not trust them", inbox->bad);
    return EXIT_REFUSED;
}

static enum exit_code run_inbox(struct context *context)
{
    static const struct row_column columns[] = {
        {"time",          "时间",       "time",          COLUMN_TEXT  },
        {"state",         "状态",       "state",         COLUMN_TEXT  },
        {"unit",          "单位",       "unit",          COLUMN_TEXT  },
        {"kind",          "种类",       "kind",          COLUMN_TEXT  },
        {"form",          "报表",       "form",          COLUMN_TEXT  },
        {"period",        "报告期",    "year",          COLUMN_NUMBER},
        {"revision",      "版本",       "rev.",          COLUMN_NUMBER},
        {"id",            "编号",       "id",            COLUMN_TEXT  },
        {"actor_name",    "办理单位", "by",            COLUMN_TEXT  },
        {"reason",        "理由",       "reason",        COLUMN_TEXT  },
        {"receipt",       "回执",       "receipt",       COLUMN_TEXT  },
        {"entered_by",    "代填单位", "entered by",    COLUMN_TEXT  },
        {"total",         "所在汇总", "through total", COLUMN_TEXT  },
        {"demonstration", "数据性质", "provenance",    COLUMN_FLAG  },
        {"late",          "迟报",       "late",          COLUMN_FLAG  },
    };
    enum exit_code code = EXIT_DONE;
    struct inbox inbox = {.context = context};
    if (!context_connect(context, &code))
        return code;
    inbox.rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (inbox.rows == NULL)
        return EXIT_MISUSED;
    code = show_inbox(&inbox);
    rows_destroy(&inbox.rows);
    return code;
}

const struct command commands_track[] = {
    {"track", "[--unit UNIT] [--year YEAR] [--form FORM] [--subtree]",
     "查看材料走到哪一步，每一步的时间和办理单位",      "show where records stand: every step with its time and who did it", track_options, 0, 0, true,
     run_track                                                                                                                                                                         },
    {"inbox", "[--all] [--page N]",
     "查看与本单位材料有关的消息（每条只显示一次）\n消息逐页存入本机，断电、断网都不丢、不重；随消"
     "息来的回执都按本机固定的密钥核验。",                  "show what became of this unit's records (each item once)\nThe receipts that come along are "
     "verified against the pinned keys and kept in the home.",                         inbox_options, 0, 0, true,  run_inbox},
    {NULL,    NULL,                                                    NULL, NULL,                                                                NULL,          0, 0, false, NULL     },
};
