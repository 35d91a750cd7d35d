/* case list, case show, case reads */
#include <stdio.h>
#include <string.h>

#include "cli/case_find.h"
#include "cli/case_words.h"
#include "cli/families.h"
#include "cli/id_search.h"
#include "cli/rows.h"
#include "cli/send.h"
#include "cli/words.h"
#include "lib/case_attach.h"

enum { PAGES_MAX = 100000 };

bool cases_each(struct context *context, Zhibao__ListCases *question, visit_case *visit, void *with,
                enum exit_code *out_code)
{
    ProtobufCMessage *message = NULL;
    for (size_t page = 0; page < PAGES_MAX; page++) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_LIST_CASES, &question->base, &message,
                         out_code))
            return false;
        const Zhibao__CaseItems *items = (const Zhibao__CaseItems *)message;
        for (size_t i = 0; i < items->n_cases; i++)
            if (items->cases[i]->case_id.len == RECORD_ID_BYTES)
                visit(context, items->cases[i], with);
        if (items->next[0] == '\0')
            break;
        question->cursor = items->next;
    }
    return true;
}

static void match(struct context *context, const Zhibao__CaseItem *item, void *search)
{
    (void)context;
    id_search_offer(search, &item->case_id, item);
}

const Zhibao__CaseItem *case_find(struct context *context, enum exit_code *out_code)
{
    Zhibao__ListCases question = ZHIBAO__LIST_CASES__INIT;
    struct id_search search;
    if (!id_search_begin(context, &search, out_code) ||
        !cases_each(context, &question, match, &search, out_code))
        return NULL;
    question = (Zhibao__ListCases)ZHIBAO__LIST_CASES__INIT;
    question.register_ = true; /* files of the register are handled by the same commands */
    if (search.count == 0 && !cases_each(context, &question, match, &search, out_code))
        return NULL;
    return id_search_end(context, &search, "由本人办理的个案", "cases that you handle",
                         "zhibao case list", out_code);
}

static const struct option list_options[] = {
    {"open",    NULL, NULL, "只看未结案的", "only what is not closed"},
    {"overdue", NULL, NULL, "只看逾期的",    "only what is overdue"   },
    {NULL,      NULL, NULL, NULL,                 NULL                     },
};

static const struct row_column columns[] = {
    {"id",       "编号",       "id",       COLUMN_TEXT  },
    {"urgency",  "紧急程度", "urgency",  COLUMN_TEXT  },
    {"state",    "状态",       "state",    COLUMN_TEXT  },
    {"role",     "本单位",    "yours",    COLUMN_TEXT  },
    {"received", "收到",       "received", COLUMN_TEXT  },
    {"next",     "应办",       "next",     COLUMN_TEXT  },
    {"due",      "期限",       "due",      COLUMN_TEXT  },
    {"overdue",  "逾期",       "overdue",  COLUMN_FLAG  },
    {"level",    "提级",       "level",    COLUMN_NUMBER},
    {"last",     "最近",       "last",     COLUMN_TEXT  },
};

/* The clock that runs out first; NULL when none runs. */
static const Zhibao__CaseDue *first_due(const Zhibao__CaseItem *item)
{
    const Zhibao__CaseDue *first = NULL;
    for (size_t i = 0; i < item->n_due; i++)
        if (first == NULL || item->due[i]->due_us < first->due_us)
            first = item->due[i];
    return first;
}

static void add_case(struct context *context, const Zhibao__CaseItem *item, void *with)
{
    struct rows *rows = with;
    char id[ID_TEXT_BYTES], received[TIME_TEXT_BYTES], due_text[TIME_TEXT_BYTES],
        last[TIME_TEXT_BYTES];
    bool table = context->format == FORMAT_TABLE;
    bool emergency = item->urgency == ZHIBAO__CASE_URGENCY__CASE_EMERGENCY;
    const Zhibao__CaseDue *due = first_due(item);
    const char *const cells[] = {
        rows_printf(rows, table ? "%.8s" : "%s",
                    id_text(item->case_id.data, item->case_id.len, id)),
        !table      ? emergency ? "emergency" : "ordinary"
        : emergency ? TR(context, "紧急", "emergency")
                    : TR(context, "一般", "ordinary"),
        case_word_text(context, case_states, (int)item->state),
        case_word_text(context, case_roles, (int)item->role),
        time_text(item->received_us, received),
        due == NULL ? "" : case_word_text(context, case_actions, (int)due->action),
        time_text(due == NULL ? 0 : due->due_us, due_text),
        due != NULL && due->overdue ? "1" : "",
        rows_printf(rows, "%u", item->level),
        time_text(item->last_us, last),
    };
    rows_add(rows, cells);
}

static enum exit_code run_list(struct context *context)
{
    Zhibao__ListCases question = ZHIBAO__LIST_CASES__INIT;
    enum exit_code code = EXIT_MISUSED;
    if (!context_connect(context, &code))
        return code;
    question.unfinished = option_given(context, "open");
    question.overdue = option_given(context, "overdue");
    struct rows *rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (rows == NULL)
        return EXIT_MISUSED;
    if (cases_each(context, &question, add_case, rows, &code)) {
        code = EXIT_DONE;
        if (context->format == FORMAT_TABLE && rows_count(rows) == 0)
            say(context, "没有由本人办理的个案", "no cases that you handle");
        else
            rows_print(rows);
    }
    rows_destroy(&rows);
    return code;
}

static const struct option show_options[] = {
    {"purpose", NULL, "WORD",
     "查阅目的（必填）：handling 办理、supervision 督查、transfer 移送、figures 统计、complaint "
     "申诉核查",                "what for (required): handling, supervision, transfer, figures, complaint"},
    {NULL,      NULL, NULL,   NULL, NULL                                                                      },
};

static void line(const char *name, const char *text)
{
    if (text[0] != '\0')
        printf("  %s%s\n", name, text);
}

static void content_print(struct context *context, const struct case_entry *entry)
{
    const Zhibao__CaseContent *content = entry->content;
    printf("  %s / %s\n", case_word_text(context, case_matters, (int)content->matter),
           case_word_text(context, case_channels, (int)content->channel));
    if (content->place != 0)
        say(context, "  地点：%012llu", "  place: %012llu", (unsigned long long)content->place);
    line(TR(context, "发现：", "found: "), content->found);
    line(TR(context, "儿童：", "child: "), content->child);
    line(TR(context, "性别：", "sex: "), content->sex);
    if (content->age != 0)
        say(context, "  年龄：%u", "  age: %u", content->age - 1);
    line(TR(context, "情况：", "what happened: "), content->text);
    line(TR(context, "涉及（未送达）：", "named (not told): "), content->named);
    line(TR(context, "报告人：", "reporter: "), content->reporter);
    if (entry->reporter != NULL) {
        char unit[UNIT_TEXT_BYTES];
        say(context, "  报告单位：%s　%s %s", "  reported by: %s %s %s",
            unit_format(entry->reporter->unit, unit), entry->reporter->name,
            entry->reporter->phone);
    }
}

/* A child's file in the register. */
static void registered_print(struct context *context, const Zhibao__CaseRegistered *file)
{
    for (size_t i = 0; i < file->n_difficulties; i++)
        line("", case_word_text(context, case_difficulties, (int)file->difficulties[i]));
    line(TR(context, "姓名：", "name: "), file->name);
    line(TR(context, "性别：", "sex: "), file->sex);
    line(TR(context, "出生：", "born: "), file->birth);
    line(TR(context, "身份证号：", "identity number: "), file->identity);
    if (file->place != 0)
        say(context, "  居住地：%012llu", "  place: %012llu", (unsigned long long)file->place);
    line(TR(context, "监护人：", "guardian: "), file->guardian);
    line(TR(context, "情况：", "situation: "), file->text);
}

static void attachments_print(struct context *context, const struct case_entry *entry)
{
    Zhibao__CaseAttachment **attachments = NULL;
    size_t count = case_entry_attachments(entry, &attachments);
    for (size_t i = 0; i < count; i++)
        say(context, "  附件：%s（%s，%llu 字节）", "  attachment: %s (%s, %llu bytes)",
            attachments[i]->name, attachments[i]->type, (unsigned long long)attachments[i]->size);
}

static void entry_print(struct context *context, const struct case_entry *entry)
{
    char when[TIME_TEXT_BYTES], unit[UNIT_TEXT_BYTES];
    if (entry->unit == 0) {
        say(context, "%s  一条记录的签名与名录不符，没有打开",
            "%s  a record whose signature is none of the directory's: not opened",
            time_text(entry->received_us, when));
        return;
    }
    printf("%s  %s  %s%s\n", time_text(entry->received_us, when),
           case_word_text(context, case_actions, (int)entry->action),
           entry->report ? "" : unit_format(entry->unit, unit),
           entry->emergency ? TR(context, "  紧急", "  emergency") : "");
    if (entry->due_us != 0)
        say(context, "  期限：%s", "  due: %s", time_text(entry->due_us, when));
    if (!entry->opened)
        say(context, "  （没有可打开它的密钥）", "  (no key here opens it)");
    else if (entry->report)
        content_print(context, entry);
    else {
        if (entry->step->risk != 0)
            say(context, "  风险：%s", "  risk: %s",
                case_word_text(context, case_risks, (int)entry->step->risk));
        line("", entry->step->text);
        char linked[ID_TEXT_BYTES];
        if (entry->step->linked_case.len == RECORD_ID_BYTES)
            line(TR(context, "同一事件：", "the same event as "),
                 id_text(entry->step->linked_case.data, RECORD_ID_BYTES, linked));
        if (entry->step->registered != NULL)
            registered_print(context, entry->step->registered);
    }
    attachments_print(context, entry);
}

static enum exit_code run_show(struct context *context)
{
    struct case_reading reading;
    struct record_id id;
    enum exit_code code = EXIT_MISUSED;
    const char *word = option_text(context, "purpose");
    int purpose = word == NULL ? 0 : case_word_value(case_purposes, word);
    if (purpose == 0)
        return misused(
            context,
            "用 --purpose 写明查阅目的：handling、supervision、transfer、figures、complaint",
            "say what for with --purpose: handling, supervision, transfer, figures, "
            "complaint");
    const Zhibao__CaseItem *item =
        context_connect(context, &code) ? case_find(context, &code) : NULL;
    if (item == NULL)
        return code;
    memcpy(id.bytes, item->case_id.data, RECORD_ID_BYTES);
    enum status status = zhibao_case_read(context->zhibao, context->arena, item->district, &id,
                                          (Zhibao__CasePurpose)purpose, &reading);
    if (status != STATUS_OK)
        return failed(context, status);
    say(context, "状态：%s", "state: %s",
        case_word_text(context, case_states, (int)reading.item->state));
    for (size_t i = 0; i < reading.entry_count; i++)
        entry_print(context, &reading.entries[i]);
    return EXIT_DONE;
}

static enum exit_code run_reads(struct context *context)
{
    static const struct row_column read_columns[] = {
        {"time",    "时间",       "time",    COLUMN_TEXT},
        {"case",    "个案",       "case",    COLUMN_TEXT},
        {"unit",    "单位代码", "unit",    COLUMN_TEXT},
        {"holder",  "密钥编号", "key",     COLUMN_TEXT},
        {"purpose", "目的",       "purpose", COLUMN_TEXT},
    };
    Zhibao__ListCaseReads question = ZHIBAO__LIST_CASE_READS__INIT;
    ProtobufCMessage *message = NULL;
    enum exit_code code = EXIT_MISUSED;
    if (!context_connect(context, &code))
        return code;
    struct rows *rows = rows_create(context, read_columns, 5);
    if (rows == NULL)
        return EXIT_MISUSED;
    code = EXIT_DONE;
    for (size_t page = 0; page < PAGES_MAX; page++) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_LIST_CASE_READS, &question.base, &message,
                         &code))
            break;
        const Zhibao__CaseReadRows *found = (const Zhibao__CaseReadRows *)message;
        for (size_t i = 0; i < found->n_rows; i++) {
            const Zhibao__CaseReadRow *row = found->rows[i];
            char time[TIME_TEXT_BYTES], id[ID_TEXT_BYTES], key[ID_TEXT_BYTES],
                unit[UNIT_TEXT_BYTES];
            const char *const cells[] = {
                time_text(row->time_us, time), id_text(row->case_id.data, row->case_id.len, id),
                unit_format(row->unit, unit), id_text(row->holder.data, row->holder.len, key),
                case_word_text(context, case_purposes, (int)row->purpose)};
            rows_add(rows, cells);
        }
        if (found->next[0] == '\0')
            break;
        question.cursor = found->next;
    }
    if (code == EXIT_DONE && !rows_print(rows))
        code = EXIT_MISUSED;
    rows_destroy(&rows);
    return code;
}

const struct command commands_case[] = {
    {"case list",  "[--open] [--overdue]", "列出由本人办理的个案（不显示内容）",
     "list the cases that you handle (not what they say)",                                                               list_options, 0, 0, true,  run_list },
    {"case show",  "ID --purpose WORD",    "打开一件个案\n查阅先登记目的，由督查单位可查。",
     "open a case\nThe reading and its purpose are recorded first, for the supervisor to see.",                          show_options, 1, 1, false, run_show },
    {"case reads", "",                     "谁在何时为何查阅过（牵头与督查单位）",
     "who read which case when and for what (lead and supervisor)",                                                      NULL,         0, 0, true,  run_reads},
    {NULL,         NULL,                   NULL,                                                                   NULL, NULL,         0, 0, false, NULL     },
};
