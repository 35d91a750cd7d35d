/* outbox list, send, show, discard; receipts, receipts export */
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "cli/families.h"
#include "cli/rows.h"
#include "cli/send.h"
#include "cli/words.h"
#include "lib/files.h"

struct listing {
    struct context *context;
    struct rows *rows;
    const char *directory; /* receipts export */
    size_t count;
    bool failed;
};

static const char *box_text(const struct context *context, const struct zhibao_item *item)
{
    bool table = context->format == FORMAT_TABLE;
    switch (item->state) {
    case ZHIBAO_WAITING: return table ? TR(context, "待报送", "waiting") : "waiting";
    case ZHIBAO_REFUSED:
        if (item->discarded_us != 0)
            return table ? TR(context, "被拒绝，已了结", "refused, discarded") : "discarded";
        if (item->superseded)
            return table ? TR(context, "被拒绝，已有新版", "refused, superseded") : "superseded";
        return table ? TR(context, "被拒绝", "refused") : "refused";
    case ZHIBAO_RECEIPTED: return table ? TR(context, "已收讫", "receipted") : "receipted";
    }
    return "";
}

static const char *kind_word(const struct context *context, uint8_t kind)
{
    const char *name = record_kind_name(kind);
    return context->format == FORMAT_TABLE ? kind_text(context, kind) : name == NULL ? "" : name;
}

static const char *number_or_empty(struct rows *rows, uint32_t number)
{
    return number == 0 ? "" : rows_printf(rows, "%u", number);
}

static enum status add_item(const struct zhibao_item *item, void *pointer)
{
    struct listing *listing = pointer;
    struct context *context = listing->context;
    char id[ID_TEXT_BYTES], created[TIME_TEXT_BYTES];
    if (item->discarded_us != 0 && !option_given(context, "all"))
        return STATUS_OK;
    const char *const cells[] = {
        box_text(context, item),
        kind_word(context, item->kind),
        item->form,
        number_or_empty(listing->rows, item->period),
        number_or_empty(listing->rows, item->revision),
        id_text(item->id.bytes, sizeof item->id.bytes, id),
        time_text(item->created_us, created),
        rows_printf(listing->rows, "%u", item->attempts),
        error_text(context, item->error, item->error_size),
    };
    rows_add(listing->rows, cells);
    return STATUS_OK;
}

static enum exit_code list_boxes(struct context *context)
{
    static const struct row_column columns[] = {
        {"box",      "状态",       "box",    COLUMN_TEXT  },
        {"kind",     "种类",       "kind",   COLUMN_TEXT  },
        {"form",     "报表",       "form",   COLUMN_TEXT  },
        {"period",   "报告期",    "year",   COLUMN_NUMBER},
        {"revision", "版本",       "rev.",   COLUMN_NUMBER},
        {"id",       "编号",       "id",     COLUMN_TEXT  },
        {"created",  "生成时间", "made",   COLUMN_TEXT  },
        {"attempts", "已试",       "tries",  COLUMN_NUMBER},
        {"reason",   "原因",       "reason", COLUMN_TEXT  },
    };
    struct listing listing = {.context = context};
    listing.rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (listing.rows == NULL)
        return EXIT_MISUSED;
    enum exit_code code = EXIT_DONE;
    enum status status = zhibao_list(context->zhibao, ZHIBAO_WAITING, add_item, &listing);
    if (status == STATUS_OK)
        status = zhibao_list(context->zhibao, ZHIBAO_REFUSED, add_item, &listing);
    if (status != STATUS_OK)
        code = failed(context, status);
    else if (context->format == FORMAT_TABLE && rows_count(listing.rows) == 0)
        say(context, "发件箱是空的", "the outbox is empty");
    else
        rows_print(listing.rows);
    rows_destroy(&listing.rows);
    return code;
}

static enum exit_code run_list(struct context *context)
{
    enum exit_code code = EXIT_DONE;
    return context_open(context, &code) ? list_boxes(context) : code;
}

/* Refused records stay in their box: nothing to send does not mean that nothing is to do. */
static void nothing_waits(struct context *context)
{
    size_t refused = 0;
    if (zhibao_count(context->zhibao, ZHIBAO_REFUSED, &refused) == STATUS_OK && refused > 0)
        say(context, "没有待发的材料；有 %zu 份被拒绝，见 zhibao outbox list",
            "nothing waits to be sent; %zu were refused, see: zhibao outbox list", refused);
    else
        say(context, "发件箱是空的", "the outbox is empty");
}

static enum exit_code run_send(struct context *context)
{
    enum exit_code code = EXIT_DONE;
    size_t waiting = 0;
    if (!context_open_enrolled(context, &code))
        return code;
    if (zhibao_count(context->zhibao, ZHIBAO_WAITING, &waiting) == STATUS_OK && waiting == 0) {
        nothing_waits(context);
        return EXIT_DONE;
    }
    return send_all(context);
}

static void print_time(const struct context *context, const char *zh, const char *en,
                       int64_t time_us)
{
    char text[TIME_TEXT_BYTES];
    if (time_us > 0)
        printf("%s%s\n", TR(context, zh, en), time_text(time_us, text));
}

static enum status show_item(const struct zhibao_item *item, void *pointer)
{
    struct listing *listing = pointer;
    struct context *context = listing->context;
    char text[ITEM_TEXT_BYTES], id[ID_TEXT_BYTES], unit[UNIT_TEXT_BYTES];
    char hash[2 * HASH_BYTES + 1];
    if (listing->count++ > 0)
        putchar('\n');
    say(context, "%s", "%s", item_text(context, item, text));
    say(context, "编号：%s", "id: %s", id_text(item->id.bytes, sizeof item->id.bytes, id));
    say(context, "单位：%s", "unit: %s", unit_format(item->unit, unit));
    say(context, "状态：%s", "box: %s", box_text(context, item));
    print_time(context, "生成：", "made: ", item->created_us);
    print_time(context, "上次发送：", "last sent: ", item->tried_us);
    print_time(context, "办结：", "settled: ", item->settled_us);
    say(context, "内容摘要（SHA-256）：%s", "payload SHA-256: %s",
        hex_encode(item->payload_sha256.bytes, sizeof item->payload_sha256.bytes, hash));
    if (item->error_size > 0) {
        say(context, "原因：", "reason:");
        error_print(context, item->error, item->error_size, stdout);
    }
    struct receipt receipt;
    if (item->receipt_size > 0 &&
        receipt_decode(item->receipt, item->receipt_size, &receipt) == STATUS_OK) {
        print_time(context, "服务器收讫：", "received by the server: ", receipt.leaf.received_us);
        say(context, "批次：%llu", "batch: %llu", (unsigned long long)receipt.header.number);
    }
    return STATUS_OK;
}

static bool id_prefix_good(const char *prefix)
{
    return strspn(prefix, "0123456789abcdefABCDEF") == strlen(prefix) && strlen(prefix) >= 4;
}

static enum exit_code bad_prefix(const struct context *context, const char *prefix)
{
    return misused(context, "编号“%s”不正确：至少写出前4位",
                   "id \"%s\" is wrong: give 4 digits at least", prefix);
}

static enum exit_code run_show(struct context *context)
{
    enum exit_code code = EXIT_DONE;
    struct listing listing = {.context = context};
    const char *prefix = context->arguments[0];
    if (!id_prefix_good(prefix))
        return bad_prefix(context, prefix);
    if (!context_open(context, &code))
        return code;
    enum status status = zhibao_find(context->zhibao, prefix, show_item, &listing);
    if (status == STATUS_NOT_FOUND) {
        complain(context, "没有编号以“%s”开头的材料", "no record's id begins with \"%s\"", prefix);
        return EXIT_MISUSED;
    }
    return status == STATUS_OK ? EXIT_DONE : failed(context, status);
}

/* The one record that is meant, as far as a discard needs it. */
struct meant {
    struct context *context;
    size_t count;
    int64_t sequence;
    enum zhibao_state state;
    bool saved;
    char text[ITEM_TEXT_BYTES], path[1200];
};

/* Writes the signed refusal beside the outbox, as the aggregator gave it. */
static bool save_refusal(struct meant *meant, const struct zhibao_item *item)
{
    struct context *context = meant->context;
    Zhibao__RefusalReply reply = ZHIBAO__REFUSAL_REPLY__INIT;
    char directory[1100], name[RECORD_FILE_BYTES];
    size_t size = 0;
    reply.refusal = (ProtobufCBinaryData){item->refusal_size, (uint8_t *)(uintptr_t)item->refusal};
    reply.error = (ProtobufCBinaryData){item->error_size, (uint8_t *)(uintptr_t)item->error};
    uint8_t *bytes = message_write(context->arena, &reply.base, &size);
    snprintf(directory, sizeof directory, "%s/refusals", context->home);
    snprintf(meant->path, sizeof meant->path, "%.1000s/%s.zbx", directory,
             record_file_name(item->unit, item->kind, &item->id, name));
    return bytes != NULL && directory_make(directory, 0700) == STATUS_OK &&
           file_write(meant->path, bytes, size, 0644) == STATUS_OK;
}

static enum status find_meant(const struct zhibao_item *item, void *pointer)
{
    struct meant *meant = pointer;
    meant->count++;
    meant->sequence = item->sequence;
    meant->state = item->state;
    item_text(meant->context, item, meant->text);
    if (item->state == ZHIBAO_REFUSED)
        meant->saved = save_refusal(meant, item);
    return STATUS_OK;
}

static enum exit_code discard_one(struct context *context, const char *prefix)
{
    struct meant meant = {.context = context};
    if (!id_prefix_good(prefix))
        return bad_prefix(context, prefix);
    enum status status = zhibao_find(context->zhibao, prefix, find_meant, &meant);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return failed(context, status);
    if (meant.count != 1) {
        complain(context, "编号以“%s”开头的材料有 %zu 件，须恰好一件",
                 "%2$zu records' ids begin with \"%1$s\": it has to be one", prefix, meant.count);
        return EXIT_MISUSED;
    }
    if (meant.state != ZHIBAO_REFUSED) {
        complain(context, "%s 没有被拒绝：只有被拒绝的材料可以了结",
                 "%s was not refused: only what was refused can be discarded", meant.text);
        return EXIT_MISUSED;
    }
    if (!meant.saved) {
        complain(context, "拒绝书写不进 %s，未作改动",
                 "cannot write the refusal to %s: nothing was done", meant.path);
        return EXIT_MISUSED;
    }
    status = zhibao_discard(context->zhibao, meant.sequence);
    if (status != STATUS_OK)
        return failed(context, status);
    say(context, "已了结：%s\n  拒绝书：%s", "discarded: %s\n  refusal: %s", meant.text,
        meant.path);
    return EXIT_DONE;
}

static enum exit_code run_discard(struct context *context)
{
    enum exit_code code = EXIT_DONE;
    if (!context_open(context, &code))
        return code;
    for (size_t i = 0; i < context->argument_count && code == EXIT_DONE; i++)
        code = discard_one(context, context->arguments[i]);
    return code;
}

static enum status add_receipt(const struct zhibao_item *item, void *pointer)
{
    struct listing *listing = pointer;
    struct context *context = listing->context;
    char id[ID_TEXT_BYTES], unit[UNIT_TEXT_BYTES], received[TIME_TEXT_BYTES];
    struct receipt receipt;
    if (receipt_decode(item->receipt, item->receipt_size, &receipt) != STATUS_OK) {
        listing->failed = true;
        return STATUS_OK;
    }
    const char *const cells[] = {
        kind_word(context, item->kind),
        unit_format(item->unit, unit),
        item->form,
        number_or_empty(listing->rows, item->period),
        number_or_empty(listing->rows, item->revision),
        id_text(item->id.bytes, sizeof item->id.bytes, id),
        time_text(receipt.leaf.received_us, received),
        rows_printf(listing->rows, "%llu", (unsigned long long)receipt.header.number),
    };
    rows_add(listing->rows, cells);
    return STATUS_OK;
}

static enum exit_code run_receipts(struct context *context)
{
    static const struct row_column columns[] = {
        {"kind",     "种类",       "kind",     COLUMN_TEXT  },
        {"unit",     "单位",       "unit",     COLUMN_TEXT  },
        {"form",     "报表",       "form",     COLUMN_TEXT  },
        {"period",   "报告期",    "year",     COLUMN_NUMBER},
        {"revision", "版本",       "rev.",     COLUMN_NUMBER},
        {"id",       "编号",       "id",       COLUMN_TEXT  },
        {"received", "收讫时间", "received", COLUMN_TEXT  },
        {"batch",    "批次",       "batch",    COLUMN_NUMBER},
    };
    struct listing listing = {.context = context};
    enum exit_code code = EXIT_DONE;
    if (!context_open(context, &code))
        return code;
    listing.rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (listing.rows == NULL)
        return EXIT_MISUSED;
    enum status status = zhibao_list(context->zhibao, ZHIBAO_RECEIPTED, add_receipt, &listing);
    if (status != STATUS_OK)
        code = failed(context, status);
    else if (context->format == FORMAT_TABLE && rows_count(listing.rows) == 0)
        say(context, "还没有回执", "there is no receipt yet");
    else
        rows_print(listing.rows);
    rows_destroy(&listing.rows);
    return code;
}

static enum status export_receipt(const struct zhibao_item *item, void *pointer)
{
    struct listing *listing = pointer;
    char path[1200];
    enum status status = receipt_save(listing->directory, item->unit, item->kind, &item->id,
                                      item->receipt, item->receipt_size, path);
    if (status == STATUS_OK)
        listing->count++;
    return status;
}

static enum exit_code run_export(struct context *context)
{
    struct listing listing = {.context = context, .directory = context->arguments[0]};
    enum exit_code code = EXIT_DONE;
    if (!context_open(context, &code))
        return code;
    enum status status = zhibao_list(context->zhibao, ZHIBAO_RECEIPTED, export_receipt, &listing);
    if (file_failed(status) || status == STATUS_NOT_FOUND || status == STATUS_LIMIT) {
        complain(context, "目录 %s 写不进：%s", "cannot write to %s: %s", listing.directory,
                 TR(context, status_zh(status), status_en(status)));
        return EXIT_MISUSED;
    }
    if (status != STATUS_OK)
        return failed(context, status);
    say(context, "已写出 %zu 份回执到 %s", "wrote %zu receipts to %s", listing.count,
        listing.directory);
    return EXIT_DONE;
}

static const struct option list_options[] = {
    {"all", NULL, NULL, "也列出已了结的", "also what was discarded"},
    {NULL,  NULL, NULL, NULL,                    NULL                     },
};

const struct command commands_outbox[] = {
    {"outbox",          "[list]",
     "列出待报送和被拒绝的材料\n待报送的材料只有凭核验通过的回执才会离开发件箱，被拒绝的写明原因。",
     "list what waits to be sent and what was refused\nOnly a receipt that verifies takes a record "
     "out of the outbox; refused ones say why.",                                                                                                                                   list_options, 0, 0,             true,  run_list    },
    {"outbox list",     "",       "同 outbox",                                                                                                   "the same as outbox",            list_options, 0, 0,             true,  run_list    },
    {"outbox send",     "",       "报送发件箱中的全部材料",                                                                            "send everything in the outbox", NULL,         0, 0,
     false,                                                                                                                                                                                                               run_send    },
    {"outbox show",     "ID",     "显示一件材料的详情（编号可只写前几位）",
     "show one record (the first digits of its id will do)",                                                                                                                       NULL,         1, 1,             false, run_show    },
    {"outbox discard",  "ID...",
     "了结被拒绝的材料：不再列出\n只在本机，不通知任何人；拒绝书写入目录的 refusals，材料和原因 "
     "zhibao "
     "outbox show 仍可查。",                                                                                                                  "put what was refused aside: it is listed no more\nIn this home only, and nobody is told; the "
     "signed refusal goes to the home's refusals/,\nand zhibao outbox show still shows record and "
     "reason.",                                                                                                                                    NULL,         1, ARGUMENTS_MAX, false, run_discard },
    {"receipts",        "",       "列出已得到的回执",                                                                                     "list the receipts",             NULL,         0, 0,             true,  run_receipts},
    {"receipts export", "DIR",    "把全部回执写成文件（单位-种类-编号.zbr）",
     "write all receipts to files (UNIT-KIND-ID.zbr)",                                                                                                                             NULL,         1, 1,             false, run_export  },
    {NULL,              NULL,     NULL,                                                                                                           NULL,                            NULL,         0, 0,             false, NULL        },
};
