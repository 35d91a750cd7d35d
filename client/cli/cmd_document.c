/* document send, attach, list, fetch, accept, return */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/document_list.h"
#include "cli/duty_find.h"
#include "cli/families.h"
#include "cli/id_search.h"
#include "cli/send.h"
#include "cli/transfer.h"
#include "cli/words.h"

static const struct option send_options[] = {
    {"duty",        NULL, "DUTY", "报送任务的代码（zhibao duties 查看）",
     "the duty's code (see zhibao duties)"                                                                            },
    {"year",        NULL, "YEAR", "报告期（年份），每年一次的任务须写", "the year, for a yearly duty"},
    {"plan",        NULL, "PLAN", "规划代码：写了就不必先问服务器",
     "the plan's code: with it the server need not be asked first"                                                    },
    {"promulgated", NULL, "DATE", "报送新规划：颁布日期，如2022-03-01",
     "filing a new plan: the day it was promulgated, such as 2022-03-01"                                              },
    {"note",        NULL, "TEXT", "备注",                                              "a note"                     },
    {"demo",        NULL, NULL,   "标明为演示数据",                               "mark it as a demonstration" },
    {NULL,          NULL, NULL,   NULL,                                                  NULL                         },
};

static const struct option attach_options[] = {
    {"report", NULL, "ID",   "报表的编号，可只写前几位", "the report's id; its first digits will do"},
    {"note",   NULL, "TEXT", "备注",                               "a note"                                   },
    {"demo",   NULL, NULL,   "标明为演示数据",                "mark it as a demonstration"               },
    {NULL,     NULL, NULL,   NULL,                                   NULL                                       },
};

static const struct option fetch_options[] = {
    {"output", "o",  "FILE", "存为（默认用原文件名）",
     "save as (default: the name it was sent with)"                                                     },
    {"unit",   NULL, "UNIT", "报送单位（默认自动查找）", "who sent it (default: looked for)"},
    {NULL,     NULL, NULL,   NULL,                                   NULL                               },
};

static const struct option return_options[] = {
    {"reason", NULL, "TEXT", "退回的理由（必填）", "why (required)"},
    {NULL,     NULL, NULL,   NULL,                          NULL            },
};

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash == NULL ? path : slash + 1;
}

/* Takes the file's content and puts the record, then sends. The rest of `document` is filled in. */
static enum exit_code put_document(struct context *context, Zhibao__Document *document,
                                   const char *stream)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    struct zhibao_content content;
    const char *path = context->arguments[0], *note = option_prose(context, "note", false);
    if (note == NULL)
        return EXIT_MISUSED;
    enum status status = zhibao_content_take(context->zhibao, path, &content);
    if (status != STATUS_OK) {
        failed(context, status);
        return EXIT_MISUSED;
    }
    /* cppcheck-suppress autoVariables ; nobody reads it after this function */
    document->head = &head;
    document->file_name = (char *)base_name(path);
    document->media_type = (char *)content.media_type;
    document->size = content.size;
    document->content_sha256 = (ProtobufCBinaryData){HASH_BYTES, content.sha256.bytes};
    document->note = (char *)note;
    document->provenance = option_given(context, "demo")
                               ? ZHIBAO__PROVENANCE__PROVENANCE_DEMONSTRATION
                               : ZHIBAO__PROVENANCE__PROVENANCE_REAL;
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_DOCUMENT,
                                 .payload = &document->base,
                                 .head = &head,
                                 .stream = stream,
                                 .form = "",
                                 .period = document->period};
    status = zhibao_put(context->zhibao, &draft, NULL);
    if (status != STATUS_OK)
        return failed(context, status);
    say(context, "%s（%.1f MB）已签名，存入发件箱", "%s (%.1f MB) is signed and in the outbox",
        document->file_name, (double)content.size / 1048576.0);
    return send_all(context);
}

/* 20220301 from 2022-03-01; 0 when it was not given. */
static bool read_promulgated(const struct context *context, uint32_t *out_date)
{
    const char *text = option_text(context, "promulgated");
    unsigned year = 0, month = 0, day = 0;
    int used = 0;
    if (text == NULL)
        return true;
    if (sscanf(text, "%4u-%2u-%2u%n", &year, &month, &day, &used) != 3 || text[used] != '\0' ||
        year < 1990 || month < 1 || month > 12 || day < 1 || day > 31) {
        misused(context, "日期“%s”不正确，应如2022-03-01",
                "date \"%s\" is wrong: expected such as 2022-03-01", text);
        return false;
    }
    *out_date = year * 10000 + month * 100 + day;
    return true;
}

static enum exit_code run_send(struct context *context)
{
    Zhibao__Document document = ZHIBAO__DOCUMENT__INIT;
    enum exit_code code = EXIT_MISUSED;
    uint32_t year = 0;
    char stream[160];
    const char *duty = option_prose(context, "duty", true);
    if (duty == NULL || !option_year(context, false, &year) ||
        !read_promulgated(context, &document.promulgated) || !context_connect(context, &code))
        return code;
    document.duty = (char *)duty;
    if (option_given(context, "plan")) {
        document.plan = (char *)option_text(context, "plan");
        document.period = year;
    } else {
        const Zhibao__DutyItem *item = duty_find(context, duty, year, &code);
        if (item == NULL)
            return code;
        document.plan = item->plan;
        document.period = item->period;
    }
    snprintf(stream, sizeof stream, "document/%.60s/%.60s/%u", document.plan, duty,
             document.period);
    return put_document(context, &document, stream);
}

struct report_found {
    struct context *context;
    Zhibao__RecordRef reference;
    size_t count;
};

static enum status take_report(const struct zhibao_item *item, void *context)
{
    struct report_found *found = context;
    if (item->kind != ZHIBAO__RECORD_KIND__RECORD_REPORT || item->state == ZHIBAO_REFUSED)
        return STATUS_OK;
    found->count++;
    found->reference.unit = item->unit;
    found->reference.id.len = RECORD_ID_BYTES;
    found->reference.id.data = arena_copy(found->context->arena, item->id.bytes, RECORD_ID_BYTES);
    found->reference.payload_sha256.len = HASH_BYTES;
    found->reference.payload_sha256.data =
        arena_copy(found->context->arena, item->payload_sha256.bytes, HASH_BYTES);
    return found->reference.id.data == NULL || found->reference.payload_sha256.data == NULL
               ? STATUS_NO_MEMORY
               : STATUS_OK;
}

static enum exit_code run_attach(struct context *context)
{
    Zhibao__Document document = ZHIBAO__DOCUMENT__INIT;
    struct report_found found = {context, ZHIBAO__RECORD_REF__INIT, 0};
    enum exit_code code = EXIT_MISUSED;
    const char *prefix = option_prose(context, "report", true);
    if (prefix == NULL || !context_connect(context, &code))
        return code;
    enum status status = STATUS_NOT_FOUND;
    if (strlen(prefix) >= ID_PREFIX_LEAST)
        status = zhibao_find(context->zhibao, prefix, take_report, &found);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return failed(context, status);
    if (found.count != 1)
        return misused(context, "发件箱中没有（或不止一份）编号以“%s”开头的报表；至少写前4位",
                       "the outbox holds no (or more than one) report whose id begins with \"%s\"; "
                       "give 4 digits at least",
                       prefix);
    document.report = &found.reference;
    return put_document(context, &document, "");
}

static enum exit_code run_fetch(struct context *context)
{
    Zhibao__ListDocuments question = ZHIBAO__LIST_DOCUMENTS__INIT;
    enum exit_code code = EXIT_MISUSED;
    if (option_given(context, "unit")) {
        if (!unit_read(context, option_text(context, "unit"), &question.unit))
            return EXIT_MISUSED;
    } else {
        question.subtree = true;
    }
    if (!context_connect(context, &code))
        return code;
    const Zhibao__DocumentRow *row = document_find(context, &question, &code);
    if (row == NULL)
        return code;
    struct zhibao_source source = {.unit = row->record->unit, .size = row->size};
    memcpy(source.id.bytes, row->record->id.data, RECORD_ID_BYTES);
    memcpy(source.sha256.bytes, row->content_sha256.data, HASH_BYTES);
    const char *path = option_text(context, "output");
    if (path == NULL)
        path = base_name(row->file_name);
    if (path[0] == '\0')
        path = "document";
    if (!option_given(context, "output") && access(path, F_OK) == 0)
        return misused(context, "已有同名文件 %s：请用 -o 另取名字",
                       "there is a file %s already: give another name with -o", path);
    transfer_show(context);
    enum status status = zhibao_document_fetch(context->zhibao, &source, path);
    transfer_end(context);
    if (status != STATUS_OK)
        return failed(context, status);
    say(context, "已存为 %s，与报送单位签名中的摘要相符",
        "saved as %s; it is what its author signed", path);
    return EXIT_DONE;
}

static enum exit_code review(struct context *context, Zhibao__Verdict verdict, const char *reason)
{
    Zhibao__ListDocuments question = ZHIBAO__LIST_DOCUMENTS__INIT;
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__Review review = ZHIBAO__REVIEW__INIT;
    enum exit_code code = EXIT_DONE;
    char id[ID_TEXT_BYTES], stream[80];
    question.pending = verdict == ZHIBAO__VERDICT__VERDICT_ACCEPT;
    question.subtree = !question.pending;
    if (!context_connect(context, &code))
        return code;
    const Zhibao__DocumentRow *row = document_find(context, &question, &code);
    if (row == NULL)
        return code;
    review.head = &head;
    review.subject_kind = ZHIBAO__RECORD_KIND__RECORD_DOCUMENT;
    review.subject = row->record;
    review.verdict = verdict;
    review.reason = (char *)reason;
    snprintf(stream, sizeof stream, "review/%s",
             id_text(row->record->id.data, row->record->id.len, id));
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_REVIEW,
                                 .payload = &review.base,
                                 .head = &head,
                                 .stream = stream,
                                 .form = "",
                                 .period = row->period};
    return put_and_send(context, &draft);
}

static enum exit_code run_accept(struct context *context)
{
    return review(context, ZHIBAO__VERDICT__VERDICT_ACCEPT, "");
}

static enum exit_code run_return(struct context *context)
{
    const char *reason = option_prose(context, "reason", true);
    return reason == NULL ? EXIT_MISUSED : review(context, ZHIBAO__VERDICT__VERDICT_RETURN, reason);
}

const struct command commands_document[] = {
    {"document send",   "FILE --duty DUTY [--year YEAR]",
     "报送一份文件（PDF、DOCX，50 MB以内）\n"
     "文件先复制到本机目录，断网、断电后由下一次 zhibao outbox send 从断处续传。",
     "hand in a document (PDF, DOCX, up to 50 MB)\n"
     "The file is copied into the home first; after a break the next zhibao outbox send goes on\n"
     "where it stopped.",                                                                                                                         send_options,          1, 1, false, run_send  },
    {"document attach", "FILE --report ID",                                    "给本单位的报表加附件，如盖章页的扫描件",
     "attach a file to a report of this unit, such as a scan of the stamped page",                                                                attach_options,
     1,                                                                                                                                                                     1, false, run_attach},
    {"document list",   "[--pending] [--subtree] [--duty DUTY] [--year YEAR]", "列出文件和审核结果",
     "list documents and what became of them",                                                                                                    document_list_options, 0, 0, true,
     document_list_run                                                                                                                                                                          },
    {"document fetch",  "ID [-o FILE]",                                        "取回一份文件，核对摘要",
     "fetch a document and check its hash",                                                                                                       fetch_options,         1, 1, false, run_fetch },
    {"document accept", "ID",                                                  "通过报给本单位的文件",
     "accept a document that was sent to this unit",                                                                                              NULL,                  1, 1, false, run_accept},
    {"document return", "ID --reason TEXT",                                    "退回报给本单位的文件，写明理由",
     "return a document that was sent to this unit, saying why",                                                                                  return_options,        1, 1, false,
     run_return                                                                                                                                                                                 },
    {NULL,              NULL,                                                  NULL,                                                        NULL, NULL,                  0, 0, false, NULL      },
};
