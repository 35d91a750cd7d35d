/* verify, record get */
#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "cli/families.h"
#include "cli/find_record.h"
#include "cli/words.h"
#include "lib/files.h"
#include "lib/verify.h"
#include "proof/algorithms.h"

struct tally {
    size_t count, good;
    size_t unread; /* of count */
    bool empty;    /* a folder without any */
};

#define QR_PREFIX "ZBR1:"
enum { RECORD_FILE_MAX = 4 * 1024 * 1024 };

static const struct option verify_options[] = {
    {"pins",   NULL, "FILE", "固定密钥的文件（默认本机目录中的 pins.conf）",
     "file of trusted keys (default: the home's pins.conf)"                                                                       },
    {"record", NULL, "FILE", "再核对回执确为这件材料（zhibao record get 取得）",
     "check as well that the receipt is for this record (from zhibao record get)"                                                 },
    {"qr",     NULL, "TEXT", "核验打印的回执上二维码的文字（ZBR1: 开头）",
     "check the text of a printed receipt's QR code (it begins with ZBR1:)"                                                       },
    {"quiet",  "q",  NULL,   "只显示核验不通过的和总数",                            "show only failures and the count"},
    {NULL,     NULL, NULL,   NULL,                                                              NULL                              },
};

static struct pins *read_pins(struct context *context)
{
    struct pins *pins = NULL;
    const char *path = option_text(context, "pins");
    enum status status =
        path == NULL ? zhibao_pins_read(context->home, &pins) : pins_read(path, &pins);
    if (status == STATUS_OK)
        return pins;
    if (status == STATUS_NOT_FOUND && path == NULL)
        complain(context, "目录 %s 没有固定密钥（pins.conf）；请先登记，或用 --pins 指明",
                 "home %s has no trusted keys (pins.conf): enrol first, or give --pins",
                 context->home);
    else
        complain(context, "固定密钥文件 %s 读不出或已损坏", "cannot read the trusted keys in %s",
                 path == NULL ? context->home : path);
    return NULL;
}

static const Zhibao__Record *read_record(struct context *context)
{
    const char *path = option_text(context, "record");
    uint8_t *bytes = NULL;
    size_t size = 0;
    ProtobufCMessage *message = NULL;
    enum status status = file_read(path, RECORD_FILE_MAX, &bytes, &size);
    if (status == STATUS_OK)
        status = message_read(&zhibao__record__descriptor, context->arena, bytes, size, &message);
    free(bytes);
    if (status == STATUS_OK)
        return (const Zhibao__Record *)message;
    complain(context, "材料文件 %s 读不出：%s", "cannot read the record %s: %s", path,
             TR(context, status_zh(status), status_en(status)));
    return NULL;
}

static void explain_failure(const struct context *context, const char *path, enum status status,
                            const struct receipt *receipt)
{
    char key[ID_TEXT_BYTES];
    switch (status) {
    case STATUS_E_MALFORMED:
        say(context, "✗ %s：不是完整的回执", "✗ %s: not a whole receipt", path);
        break;
    case STATUS_NOT_FOUND:
        say(context, "✗ %s：由未固定的密钥 %s 签名，不予采信",
            "✗ %s: signed with key %s, which is not pinned, and so not trusted", path,
            id_text(receipt->key.bytes, sizeof receipt->key.bytes, key));
        break;
    case STATUS_MISMATCH:
        say(context, "✗ %s：内容与所在批次的根不符，回执或材料被改动过",
            "✗ %s: does not lead to its batch's root: receipt or record was changed", path);
        break;
    case STATUS_E_SIGNATURE:
        say(context, "✗ %s：服务器的签名无效", "✗ %s: the server's signature is not valid", path);
        break;
    default:
        say(context, "✗ %s：%s", "✗ %s: %s", path,
            TR(context, status_zh(status), status_en(status)));
    }
}

static void explain_proof(const struct context *context, const char *path,
                          const struct receipt *receipt, bool with_record)
{
    char unit[UNIT_TEXT_BYTES], id[ID_TEXT_BYTES], received[TIME_TEXT_BYTES], key[ID_TEXT_BYTES];
    say(context,
        "✓ %s：证明单位 %s 的%s（编号 %s）已于 %s 存入第 %" PRIu64
        " 批（第 %u 件，共 %u 件），由服务器密钥 %s 签名",
        "✓ %s: proves that unit %s's %s (id %s) was stored at %s in batch %" PRIu64
        " (number %u of %u), signed with the server's key %s",
        path, unit_format(receipt->leaf.unit, unit), kind_text(context, receipt->leaf.kind),
        id_text(receipt->leaf.id.bytes, sizeof receipt->leaf.id.bytes, id),
        time_text(receipt->leaf.received_us, received), receipt->header.number, receipt->index + 1,
        receipt->header.leaf_count, id_text(receipt->key.bytes, sizeof receipt->key.bytes, key));
    say(context,
        receipt->algorithm == SIGN_SM2
            ? "  签名算法 SM2（杂凑 SM3），批次的哈希树为 SHA-256；核验只用本机固定的公钥"
            : "  签名算法 Ed25519，批次的哈希树为 SHA-256；核验只用本机固定的公钥",
        receipt->algorithm == SIGN_SM2 ? "  signed by SM2 (with SM3), the batch's tree is SHA-256; "
                                         "checked with the pinned key "
                                         "alone"
                                       : "  signed by Ed25519, the batch's tree is SHA-256; "
                                         "checked with the pinned key alone");
    if (with_record)
        say(context, "  所附材料正是回执所指的那一件",
            "  the record given is the one that it is for");
}

/* `name` is what the receipt came from. */
static bool verify_bytes(struct context *context, const struct pins *pins, const char *name,
                         const uint8_t *bytes, size_t size, const Zhibao__Record *record)
{
    struct receipt receipt;
    enum status status = verify_receipt(pins, bytes, size, &receipt);
    if (status != STATUS_OK) {
        explain_failure(context, name, status, &receipt);
        return false;
    }
    if (record != NULL && verify_record(&receipt, record) != STATUS_OK) {
        say(context, "✗ %s：回执本身有效，但不是所附材料的回执",
            "✗ %s: the receipt is valid, but for another record than the one given", name);
        return false;
    }
    if (!option_given(context, "quiet"))
        explain_proof(context, name, &receipt, record != NULL);
    return true;
}

/* PROTOCOL.md section 5.7. Blanks and line ends, which scanners and paste add, are passed over. */
static bool verify_qr(struct context *context, const struct pins *pins, const char *text,
                      const Zhibao__Record *record)
{
    const char *name = TR(context, "二维码", "QR code");
    char stripped[2 * RECEIPT_MAX_BYTES];
    uint8_t bytes[RECEIPT_MAX_BYTES];
    size_t length = 0, size = 0;
    for (; *text != '\0' && length + 1 < sizeof stripped; text++)
        if (strchr(" \t\r\n", *text) == NULL)
            stripped[length++] = *text;
    stripped[length] = '\0';
    if (*text != '\0' || strncmp(stripped, QR_PREFIX, sizeof QR_PREFIX - 1) != 0 ||
        base64url_decode(stripped + sizeof QR_PREFIX - 1, bytes, sizeof bytes, &size) !=
            STATUS_OK) {
        explain_failure(context, name, STATUS_E_MALFORMED, NULL);
        return false;
    }
    return verify_bytes(context, pins, name, bytes, size, record);
}

static bool verify_one(struct context *context, const struct pins *pins, const char *path,
                       const Zhibao__Record *record, struct tally *tally)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum status status = file_read(path, 64 * 1024, &bytes, &size);
    tally->count++;
    if (status != STATUS_OK) {
        tally->unread++;
        say(context, "✗ %s：读不出（%s）", "✗ %s: cannot be read (%s)", path,
            TR(context, status_zh(status), status_en(status)));
        return false;
    }
    bool good = verify_bytes(context, pins, path, bytes, size, record);
    free(bytes);
    return good;
}

static int is_receipt(const struct dirent *entry)
{
    size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".zbr") == 0;
}

/* A receipt, or every *.zbr of a folder. */
static void verify_path(struct context *context, const struct pins *pins, const char *path,
                        const Zhibao__Record *record, struct tally *tally)
{
    struct dirent **entries = NULL;
    struct stat stat_of;
    int count = -1;
    if (stat(path, &stat_of) == 0 && S_ISDIR(stat_of.st_mode))
        count = scandir(path, &entries, is_receipt, alphasort);
    if (count < 0) {
        tally->good += verify_one(context, pins, path, record, tally);
        return;
    }
    if (count == 0) {
        complain(context, "%s 中没有 .zbr（回执文件）", "no .zbr in %s", path);
        tally->empty = true;
    }
    for (int i = 0; i < count; i++) {
        char inside[PATH_BYTES];
        if (path_join(path, entries[i]->d_name, inside) == STATUS_OK) {
            tally->good += verify_one(context, pins, inside, record, tally);
        } else {
            say(context, "✗ %s：路径太长", "✗ %s: its path is too long", entries[i]->d_name);
            tally->count++;
            tally->unread++;
        }
        free(entries[i]);
    }
    free(entries);
}

static enum exit_code run_verify(struct context *context)
{
    const char *qr = option_text(context, "qr");
    if (qr == NULL && context->argument_count == 0)
        return misused(context, "请指明回执文件、目录或 --qr", "name a receipt, a folder or --qr");
    const Zhibao__Record *record = NULL;
    struct tally tally = {0};
    struct pins *pins = read_pins(context);
    if (pins == NULL)
        return EXIT_MISUSED;
    if (option_given(context, "record") && (record = read_record(context)) == NULL) {
        pins_destroy(&pins);
        return EXIT_MISUSED;
    }
    if (qr != NULL) {
        tally.count++;
        tally.good += verify_qr(context, pins, qr, record);
    }
    for (size_t i = 0; i < context->argument_count; i++)
        verify_path(context, pins, context->arguments[i], record, &tally);
    bool misused = tally.unread > 0 || tally.empty;
    if (tally.count > 1 || misused || option_given(context, "quiet"))
        say(context, "回执核验通过：%zu / %zu", "receipts verified: %zu of %zu", tally.good,
            tally.count);
    pins_destroy(&pins);
    if (tally.good + tally.unread < tally.count)
        return EXIT_REFUSED;
    return misused ? EXIT_MISUSED : EXIT_DONE;
}

static const struct option record_options[] = {
    {"output", "o",  "DIR", "写入此目录（默认当前目录）", "write to this directory (default: here)"},
    {NULL,     NULL, NULL,  NULL,                                      NULL                                     },
};

static bool save(struct context *context, const char *name, const char *ending,
                 const ProtobufCBinaryData *bytes)
{
    char path[PATH_BYTES];
    const char *directory = option_given(context, "output") ? option_text(context, "output") : ".";
    int length = snprintf(path, sizeof path, "%s/%s%s", directory, name, ending);
    enum status status = length < 0 || (size_t)length >= sizeof path
                             ? STATUS_LIMIT
                             : file_save(path, bytes->data, bytes->len, 0644, FILE_REPLACE);
    if (status != STATUS_OK) {
        complain_save(context, status, path);
        return false;
    }
    say(context, "已写入 %s", "wrote %s", path);
    return true;
}

static enum exit_code save_reply(struct context *context, const Zhibao__GetRecord *question,
                                 const Zhibao__RecordReply *reply)
{
    struct record_id id;
    struct receipt receipt;
    char name[RECORD_FILE_BYTES];
    size_t size = 0;
    uint8_t *bytes =
        reply->record == NULL ? NULL : message_write(context->arena, &reply->record->base, &size);
    if (bytes == NULL) {
        complain(context, "服务器的答复不完整", "the server's answer is not complete");
        return EXIT_REFUSED;
    }
    memcpy(id.bytes, question->id.data, sizeof id.bytes);
    record_file_name(question->unit, (uint8_t)question->kind, &id, name);
    ProtobufCBinaryData record = {size, bytes};
    if (!save(context, name, ".zbrec", &record) || !save(context, name, ".zbr", &reply->receipt))
        return EXIT_MISUSED;
    if (verify_receipt(zhibao_pins(context->zhibao), reply->receipt.data, reply->receipt.len,
                       &receipt) == STATUS_OK &&
        verify_record(&receipt, reply->record) == STATUS_OK)
        return EXIT_DONE;
    complain(context, "随附的回执核验不通过，不可采信",
             "its receipt does not verify: do not trust it");
    return EXIT_REFUSED;
}

/* A whole id, or the first digits of a report's or total's. */
static bool read_id(struct context *context, const Zhibao__GetRecord *question,
                    struct record_id *out_id, enum exit_code *out_code)
{
    const char *text = context->arguments[2];
    bool tracked = question->kind == ZHIBAO__RECORD_KIND__RECORD_REPORT ||
                   question->kind == ZHIBAO__RECORD_KIND__RECORD_CONFIRMATION;
    *out_code = EXIT_MISUSED;
    if (!tracked || strlen(text) == 2 * RECORD_ID_BYTES)
        return id_read(context, text, out_id);
    const Zhibao__TrackedReport *found =
        record_find(context, text, question->unit, false, out_code);
    if (found != NULL)
        memcpy(out_id->bytes, found->id.data, sizeof out_id->bytes);
    return found != NULL;
}

static enum exit_code run_record(struct context *context)
{
    Zhibao__GetRecord question = ZHIBAO__GET_RECORD__INIT;
    ProtobufCMessage *message = NULL;
    struct record_id id;
    enum exit_code code = EXIT_MISUSED;
    uint8_t kind = record_kind_parse(context->arguments[0]);
    if (kind == 0)
        return misused(context, "没有种类“%s”，有 report、review、confirmation、lock、key、plan",
                       "no such kind: %s; report, review, confirmation, lock, key or plan",
                       context->arguments[0]);
    question.kind = (Zhibao__RecordKind)kind;
    if (!unit_read(context, context->arguments[1], &question.unit) ||
        !context_connect(context, &code) || !read_id(context, &question, &id, &code))
        return code;
    question.id = (ProtobufCBinaryData){sizeof id.bytes, id.bytes};
    if (!context_ask(context, ZHIBAO__KIND__KIND_GET_RECORD, &question.base, &message, &code))
        return code;
    return save_reply(context, &question, (const Zhibao__RecordReply *)message);
}

const struct command commands_verify[] = {
    {"verify",     "RECEIPT|DIR... [--qr TEXT] [--pins FILE] [--record FILE]",
     "核验回执（文件，或目录中的全部 .zbr），不需要服务器\n"
     "只信本机登记时固定的服务器密钥；回执自带或自称的密钥一概不算。有一份不通过，退出码即为1；\n"
     "有文件读不出，或目录中没有回执，为2。",                                                                    "verify receipts (files, or all .zbr of a folder), without a server\n"
     "Trusts the keys pinned at enrolment only, never one that a receipt brings or claims. Exit\n"
     "code 1 when any receipt does not verify, else 2 when one cannot be read or a folder has "
     "none.",                                                             verify_options, 0, ARGUMENTS_MAX, false, run_verify},
    {"record get", "KIND UNIT ID [-o DIR]",                                    "取得一件材料原样的签名字节和回执",
     "fetch a record's signed bytes as received, and its receipt",                                                                       record_options, 3, 3,             false,
     run_record                                                                                                                                                                             },
    {NULL,         NULL,                                                       NULL,                                               NULL, NULL,           0, 0,             false, NULL      },
};
