/* document list, and finding one document by the beginning of its id */
#include "cli/document_list.h"

#include <string.h>

#include "base/bytes.h"
#include "cli/id_search.h"
#include "cli/rows.h"
#include "cli/words.h"

enum { PAGES_MAX = 100000 };

const struct option document_list_options[] = {
    {"pending", NULL, NULL,   "等待本单位审核的", "what waits for this unit's review"},
    {"unit",    NULL, "UNIT", "只看这个单位",       "only this unit"                   },
    {"subtree", NULL, NULL,   "连同下级单位",       "also the units below"             },
    {"duty",    NULL, "DUTY", "只看这项任务",       "only this duty"                   },
    {"year",    NULL, "YEAR", "只看这一报告期",    "only this year"                   },
    {"report",  NULL, "ID",   "这份报表的附件",    "attachments of this report"       },
    {NULL,      NULL, NULL,   NULL,                       NULL                               },
};

static const struct row_column columns[] = {
    {"id",            "编号",       "id",       COLUMN_TEXT  },
    {"unit",          "单位代码", "unit",     COLUMN_TEXT  },
    {"unit_name",     "单位",       "name",     COLUMN_TEXT  },
    {"duty",          "任务",       "duty",     COLUMN_TEXT  },
    {"period",        "报告期",    "year",     COLUMN_NUMBER},
    {"report",        "所附报表", "report",   COLUMN_TEXT  },
    {"file_name",     "文件名",    "file",     COLUMN_TEXT  },
    {"media_type",    "类型",       "type",     COLUMN_TEXT  },
    {"size",          "字节",       "bytes",    COLUMN_NUMBER},
    {"state",         "状态",       "state",    COLUMN_TEXT  },
    {"received",      "收讫时间", "received", COLUMN_TEXT  },
    {"receiver_name", "受理单位", "receiver", COLUMN_TEXT  },
    {"reason",        "理由",       "reason",   COLUMN_TEXT  },
    {"sha256",        "内容摘要", "sha256",   COLUMN_TEXT  },
};

static void add_document(const struct context *context, struct rows *rows,
                         const Zhibao__DocumentRow *row)
{
    char id[ID_TEXT_BYTES], report[ID_TEXT_BYTES], unit[UNIT_TEXT_BYTES], time[TIME_TEXT_BYTES],
        hash[2 * HASH_BYTES + 1] = "";
    bool table = context->format == FORMAT_TABLE;
    if (row->content_sha256.len == HASH_BYTES)
        hex_encode(row->content_sha256.data, HASH_BYTES, hash);
    const char *const cells[] = {
        rows_printf(rows, table ? "%.8s" : "%s",
                    id_text(row->record->id.data, row->record->id.len, id)),
        unit_format(row->record->unit, unit),
        row->unit_name,
        row->duty,
        row->period == 0 ? "" : rows_printf(rows, "%u", row->period),
        rows_printf(rows, table ? "%.8s" : "%s",
                    id_text(row->report.data, row->report.len, report)),
        row->file_name,
        table && strlen(row->media_type) > 20 ? "DOCX" : row->media_type,
        rows_printf(rows, "%llu", (unsigned long long)row->size),
        table ? state_text(context, (int)row->state) : state_slug((int)row->state),
        time_text(row->received_us, time),
        row->receiver_name,
        row->reason,
        rows_printf(rows, table ? "%.8s" : "%s", hash),
    };
    rows_add(rows, cells);
}

typedef void visit_document(struct context *context, const Zhibao__DocumentRow *row, void *with);

/* Every document that the question finds. */
static bool each_document(struct context *context, Zhibao__ListDocuments *question,
                          visit_document *visit, void *with, enum exit_code *out_code)
{
    ProtobufCMessage *message = NULL;
    for (size_t page = 0; page < PAGES_MAX; page++) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_LIST_DOCUMENTS, &question->base, &message,
                         out_code))
            return false;
        const Zhibao__Documents *documents = (const Zhibao__Documents *)message;
        for (size_t i = 0; i < documents->n_documents; i++)
            if (documents->documents[i]->record != NULL)
                visit(context, documents->documents[i], with);
        if (documents->next[0] == '\0')
            break;
        question->cursor = documents->next;
    }
    return true;
}

static void list_one(struct context *context, const Zhibao__DocumentRow *row, void *with)
{
    add_document(context, with, row);
}

static bool read_list(struct context *context, Zhibao__ListDocuments *question,
                      struct record_id *report)
{
    question->pending = option_given(context, "pending");
    question->subtree = option_given(context, "subtree");
    if (option_given(context, "duty"))
        question->duty = (char *)option_text(context, "duty");
    if (!option_year(context, false, &question->period) ||
        (option_given(context, "unit") &&
         !unit_read(context, option_text(context, "unit"), &question->unit)))
        return false;
    if (!option_given(context, "report"))
        return true;
    question->report = (ProtobufCBinaryData){RECORD_ID_BYTES, report->bytes};
    return id_read(context, option_text(context, "report"), report);
}

enum exit_code document_list_run(struct context *context)
{
    Zhibao__ListDocuments question = ZHIBAO__LIST_DOCUMENTS__INIT;
    struct record_id report;
    enum exit_code code = EXIT_MISUSED;
    if (!read_list(context, &question, &report) || !context_connect(context, &code))
        return code;
    struct rows *rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (rows == NULL)
        return EXIT_MISUSED;
    if (each_document(context, &question, list_one, rows, &code)) {
        code = EXIT_DONE;
        if (context->format == FORMAT_TABLE && rows_count(rows) == 0)
            say(context, "没有符合条件的文件", "no document matches");
        else
            rows_print(rows);
    }
    rows_destroy(&rows);
    return code;
}

static void match(struct context *context, const Zhibao__DocumentRow *row, void *search)
{
    (void)context;
    if (row->record->payload_sha256.len == HASH_BYTES && row->content_sha256.len == HASH_BYTES)
        id_search_offer(search, &row->record->id, row);
}

const Zhibao__DocumentRow *document_find(struct context *context, Zhibao__ListDocuments *question,
                                         enum exit_code *out_code)
{
    struct id_search search;
    if (!id_search_begin(context, &search, out_code) ||
        !each_document(context, question, match, &search, out_code))
        return NULL;
    return id_search_end(context, &search, "文件", "documents", "zhibao document list", out_code);
}
