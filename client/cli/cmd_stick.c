/* outbox card, outbox export, outbox import, receipts export-for, receipts import */
#include "cli/families.h"
#include "cli/send.h"
#include "cli/words.h"
#include "lib/stick.h"

static const struct option export_options[] = {
    {"carrier", NULL, "UNIT", "代报单位（默认为所属乡镇）",
     "who is to send it (default: the township)"                                },
    {"card",    NULL, "FILE", "代报单位的名片文件，无须联网",
     "the carrier's card, from zhibao outbox card: needs no network"            },
    {NULL,      NULL, NULL,   NULL,                                         NULL},
};

static enum exit_code run_card(struct context *context)
{
    enum exit_code code = EXIT_DONE;
    if (!context_open_enrolled(context, &code))
        return code;
    enum status status = zhibao_card_save(context->zhibao, context->arguments[0]);
    if (status != STATUS_OK)
        return failed(context, status);
    say(context, "已写出本单位的名片 %s：别的单位凭它把发件箱封给本单位",
        "wrote this unit's card to %s: with it others seal their outbox to this unit",
        context->arguments[0]);
    return EXIT_DONE;
}

static enum exit_code run_export(struct context *context)
{
    enum exit_code code = EXIT_DONE;
    struct stick_exported exported;
    uint64_t carrier = 0;
    char text[UNIT_TEXT_BYTES];
    const char *wanted = option_text(context, "carrier"), *card = option_text(context, "card");
    if (wanted != NULL && card != NULL)
        return misused(context, "--carrier 和 --card 二者取一",
                       "give --carrier or --card, not both");
    if (wanted != NULL && !unit_read(context, wanted, &carrier))
        return EXIT_MISUSED;
    if (!context_open_enrolled(context, &code))
        return code;
    const char *path = context->arguments[0];
    enum status status = zhibao_stick_export(context->zhibao, path, card, carrier, &exported);
    if (status != STATUS_OK)
        return failed(context, status);
    say(context,
        "已把 %zu 件材料封存签名，写入 %s，只有 %s 能打开\n"
        "材料仍在本机发件箱，直到核验通过的回执带回来",
        "sealed and signed %zu records into %s, which only %s can open\n"
        "they stay in this outbox until receipts that verify come back",
        exported.count, path, unit_format(exported.carrier, text));
    if (exported.files > 1)
        say(context, "一个文件装不下，共%zu个：%s 至 %s.%zu，都要带去导入",
            "one file cannot hold it: there are %zu, %s to %s.%zu; take and import them all",
            exported.files, path, path, exported.files);
    return EXIT_DONE;
}

static enum exit_code run_import(struct context *context)
{
    enum exit_code code = EXIT_DONE;
    struct stick_imported imported;
    char text[UNIT_TEXT_BYTES];
    if (!context_open_enrolled(context, &code))
        return code;
    enum status status = zhibao_stick_import(context->zhibao, context->arguments[0], &imported);
    if (status != STATUS_OK)
        return failed(context, status);
    say(context,
        "%s 的发件箱：共 %zu 件，新收入 %zu 件；用 zhibao outbox send 报送，"
        "再用 zhibao receipts export-for %s 带回回执",
        "the outbox of %s: %zu records, %zu of them new; send them with zhibao outbox send, then "
        "take the receipts back with zhibao receipts export-for %s",
        unit_format(imported.from, text), imported.total, imported.fresh, text);
    return EXIT_DONE;
}

static enum exit_code run_export_for(struct context *context)
{
    enum exit_code code = EXIT_DONE;
    uint64_t unit = 0;
    size_t count = 0;
    char text[UNIT_TEXT_BYTES];
    if (!unit_read(context, context->arguments[0], &unit))
        return EXIT_MISUSED;
    if (!context_open_enrolled(context, &code))
        return code;
    enum status status =
        zhibao_receipts_export(context->zhibao, unit, context->arguments[1], &count);
    if (status != STATUS_OK)
        return failed(context, status);
    say(context, "%s 的 %zu 份答复（回执或拒绝）已写入 %s",
        "%s: wrote %zu answers (receipts or refusals) to %s", unit_format(unit, text), count,
        context->arguments[1]);
    return EXIT_DONE;
}

static enum status tell(const struct zhibao_item *item, void *pointer)
{
    return settled_tell(pointer, item);
}

static enum exit_code run_receipts_import(struct context *context)
{
    enum exit_code code = EXIT_DONE;
    struct stick_imported imported;
    char text[UNIT_TEXT_BYTES];
    if (!context_open_enrolled(context, &code))
        return code;
    enum status status =
        zhibao_receipts_import(context->zhibao, context->arguments[0], tell, context, &imported);
    if (status != STATUS_OK)
        return failed(context, status);
    say(context, "%s 带回 %zu 份答复，其中 %zu 份是新的",
        "%s brought %zu answers back, %zu of them new", unit_format(imported.from, text),
        imported.total, imported.fresh);
    return EXIT_DONE;
}

const struct command commands_stick[] = {
    {"outbox card",         "FILE",
     "写出本单位的名片，供别的单位封存发件箱用\n名片是本单位的登记材料和回执，凭固定的服务器密钥即"
     "可离线核验。",                                                                                                                                       "write this unit's card, for others to seal their outbox to\nIt is the unit's enrolment and "
     "its receipt: it verifies offline against the pinned server key.",                                                                      NULL,           1, 1, false, run_card           },
    {"outbox export",       "FILE [--carrier UNIT | --card FILE]",
     "把待报送的材料写到存储盘文件，由乡镇（或获授权的单位）代为报送\n"
     "文件（连同待报的PDF、DOCX、扫描件）封给代报单位，由本单位签名。\n"
     "材料留在发件箱，直到核验通过的回执带回。一个文件装不下的，续写到FILE.2、FILE.3。",
     "write what waits to a file on a memory stick, for the township (or who may carry) to send\n"
     "The file (with PDF, DOCX and scans that wait) is sealed to the carrier and signed. Records\n"
     "stay here until verified receipts come back. What one file cannot hold goes on in FILE.2 ...",                                                                   export_options, 1, 1, false, run_export         },
    {"outbox import",       "FILE",
     "收入别的单位存储盘上的发件箱，由本机代为报送（同一文件收几次都不会重复）",
     "take in another unit's outbox from a stick, to be sent from here (twice is harmless)",                                                                           NULL,
     1,                                                                                                                                                                                   1, false, run_import         },
    {"receipts export-for", "UNIT FILE",                           "把代报所得的回执写到存储盘文件，带回给该单位",
     "write the receipts of a unit's records to a stick file, to take back",                                                                                           NULL,           2, 2, false,
     run_export_for                                                                                                                                                                                                    },
    {"receipts import",     "FILE",                                "导入代报单位带回的回执；逐份核验，核验通过的材料才离开发件箱",
     "take in the receipts a carrier brought back; only those that verify settle a record",                                                                            NULL,           1,
     1,                                                                                                                                                                                      false, run_receipts_import},
    {NULL,                  NULL,                                  NULL,                                                                                         NULL, NULL,           0, 0, false, NULL               },
};
