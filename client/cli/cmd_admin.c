/* admin codes, admin units, admin approve, admin revoke, admin carrier */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "cli/families.h"
#include "cli/names.h"
#include "cli/rows.h"
#include "cli/send.h"
#include "cli/words.h"
#include "enrol.pb-c.h"
#include "lib/files.h"
#include "place.pb-c.h"

enum { CODE_UNITS_MAX = 4096 };

static const struct option codes_options[] = {
    {"unit",    NULL, "UNIT[,UNIT...]", "给这些单位",                                                     "for these units"},
    {"subtree", NULL, "CODE",           "给此地及以下尚无有效密钥的全部单位",
     "for every unit at and below this place that has no active key"                                                            },
    {"hours",   NULL, "N",              "有效小时数（默认由服务器定）",
     "valid for so many hours (default: the server's)"                                                                          },
    {"output",  "o",  "DIR",            "每个单位写一个文件（0600），屏幕上不显示登记码",
     "write one file a unit (0600) and show no code"                                                                            },
    {NULL,      NULL, NULL,             NULL,                                                                  NULL             },
};

static const struct row_column code_columns[] = {
    {"unit",    "单位代码", "unit",    COLUMN_TEXT},
    {"name",    "名称",       "name",    COLUMN_TEXT},
    {"expires", "有效期至", "expires", COLUMN_TEXT},
    {"code",    "登记码",    "code",    COLUMN_TEXT},
};

/* The units of --unit, joined by commas, and of the arguments. */
static bool read_units(struct context *context, Zhibao__EnrolCodes *question)
{
    const char *text = option_text(context, "unit");
    question->units = arena_array(context->arena, CODE_UNITS_MAX, sizeof *question->units);
    char *list = arena_string(context->arena, text == NULL ? "" : text);
    if (question->units == NULL || list == NULL)
        return false;
    char *part = NULL;
    while ((part = strsep(&list, ",")) != NULL) {
        if (part[0] == '\0')
            continue;
        if (question->n_units == CODE_UNITS_MAX) {
            misused(context, "一次最多 %d 个单位", "at most %d units at a time", CODE_UNITS_MAX);
            return false;
        }
        if (!unit_read(context, part, &question->units[question->n_units]))
            return false;
        question->n_units++;
    }
    for (size_t i = 0; i < context->argument_count; i++) {
        if (question->n_units == CODE_UNITS_MAX ||
            !unit_read(context, context->arguments[i], &question->units[question->n_units]))
            return false;
        question->n_units++;
    }
    return true;
}

static bool read_question(struct context *context, Zhibao__EnrolCodes *question)
{
    const char *hours = option_text(context, "hours");
    if (!read_units(context, question) ||
        !option_place(context, "subtree", false, &question->subtree))
        return false;
    if ((question->n_units == 0) == !option_given(context, "subtree")) {
        misused(context, "用 --unit 或 --subtree 指明给谁，二者取一",
                "say for whom: --unit or --subtree");
        return false;
    }
    if (hours != NULL) {
        char *end = NULL;
        unsigned long count = strtoul(hours, &end, 10);
        if (*end != '\0' || count == 0 || count > 24 * 365) {
            misused(context, "有效小时数“%s”不正确", "hours \"%s\" is wrong", hours);
            return false;
        }
        question->valid_hours = (uint32_t)count;
    }
    return true;
}

/* Writes DIR/UNIT.code; the name goes into the table in place of the code. */
static bool write_code(struct context *context, struct rows *rows, const Zhibao__EnrolCode *code,
                       const char **out_name)
{
    const char *directory = option_text(context, "output");
    char unit[UNIT_TEXT_BYTES];
    unit_format(code->unit, unit);
    char *colon = strchr(unit, ':');
    if (colon != NULL)
        *colon = '.';
    size_t length = strlen(directory); /* without the slash that completion adds */
    while (length > 1 && directory[length - 1] == '/')
        length--;
    const char *path = rows_printf(rows, "%.*s/%s.code", (int)length, directory, unit);
    const char *text = rows_printf(rows, "%s\n", code->code);
    enum status status = directory_make(directory, 0700);
    if (status == STATUS_OK)
        status = file_save(path, text, strlen(text), 0600, FILE_REPLACE);
    if (status != STATUS_OK) {
        complain_save(context, status, path);
        return false;
    }
    *out_name = path;
    return true;
}

static bool add_codes(struct context *context, struct rows *rows,
                      const Zhibao__EnrolCodesIssued *issued)
{
    for (size_t i = 0; i < issued->n_codes; i++) {
        const Zhibao__EnrolCode *code = issued->codes[i];
        const char *shown = code->code;
        char unit[UNIT_TEXT_BYTES], expires[TIME_TEXT_BYTES];
        if (option_given(context, "output") && !write_code(context, rows, code, &shown))
            return false;
        const char *const cells[] = {unit_format(code->unit, unit), code->name_zh,
                                     time_text(code->expires_us, expires), shown};
        rows_add(rows, cells);
    }
    return true;
}

static enum exit_code issue_codes(struct context *context, Zhibao__EnrolCodes *question,
                                  struct rows *rows)
{
    ProtobufCMessage *message = NULL;
    enum exit_code code = EXIT_DONE;
    for (;;) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_ENROL_CODES, &question->base, &message, &code))
            return code;
        const Zhibao__EnrolCodesIssued *issued = (const Zhibao__EnrolCodesIssued *)message;
        if (!add_codes(context, rows, issued))
            return EXIT_MISUSED;
        if (!issued->more || issued->n_codes == 0)
            break;
        question->after = issued->codes[issued->n_codes - 1]->unit;
    }
    if (context->format == FORMAT_TABLE && rows_count(rows) == 0)
        say(context, "没有需要登记码的单位", "no unit needs a code");
    else
        rows_print(rows);
    return EXIT_DONE;
}

static enum exit_code run_codes(struct context *context)
{
    Zhibao__EnrolCodes question = ZHIBAO__ENROL_CODES__INIT;
    enum exit_code code = EXIT_MISUSED;
    if (!read_question(context, &question) || !context_connect(context, &code))
        return code;
    struct rows *rows =
        rows_create(context, code_columns, sizeof code_columns / sizeof *code_columns);
    if (rows == NULL)
        return EXIT_MISUSED;
    code = issue_codes(context, &question, rows);
    rows_destroy(&rows);
    return code;
}

static const struct option units_options[] = {
    {"place", NULL, "CODE", "区划代码", "the place's code"},
    {NULL,    NULL, NULL,   NULL,           NULL              },
};

static const char *key_status(const struct context *context, const char *status)
{
    if (context->format != FORMAT_TABLE)
        return status;
    if (strcmp(status, "none") == 0)
        return TR(context, "未登记", "none");
    if (strcmp(status, "pending") == 0)
        return TR(context, "待批准", "pending");
    if (strcmp(status, "active") == 0)
        return TR(context, "有效", "active");
    return strcmp(status, "revoked") == 0 ? TR(context, "已吊销", "revoked") : status;
}

static const char *join_keys(struct rows *rows, const Zhibao__UnitRow *row)
{
    const char *joined = "";
    for (size_t i = 0; i < row->n_keys; i++) {
        char key[ID_TEXT_BYTES];
        joined = rows_printf(rows, "%s%s%s", joined, i == 0 ? "" : " ",
                             id_text(row->keys[i].data, row->keys[i].len, key));
    }
    return joined;
}

static enum exit_code run_units(struct context *context)
{
    static const struct row_column columns[] = {
        {"unit",       "单位代码", "unit",       COLUMN_TEXT},
        {"name",       "名称",       "name",       COLUMN_TEXT},
        {"role",       "角色",       "role",       COLUMN_TEXT},
        {"department", "部门",       "department", COLUMN_TEXT},
        {"key_status", "密钥",       "key",        COLUMN_TEXT},
        {"keys",       "密钥编号", "key ids",    COLUMN_LIST},
    };
    const Zhibao__UnitRow **units = NULL;
    size_t count = 0;
    uint64_t place = 0;
    enum exit_code code = EXIT_MISUSED;
    if (!option_place(context, "place", true, &place) || !context_connect(context, &code) ||
        !units_fetch(context, place, &units, &count, &code))
        return code;
    struct rows *rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (rows == NULL)
        return EXIT_MISUSED;
    bool table = context->format == FORMAT_TABLE;
    for (size_t i = 0; i < count; i++) {
        char unit[UNIT_TEXT_BYTES];
        bool english = context->english && units[i]->name_en[0] != '\0';
        const char *const cells[] = {unit_format(units[i]->unit, unit),
                                     english ? units[i]->name_en : units[i]->name_zh,
                                     table ? role_words(context, units[i]->role) : units[i]->role,
                                     units[i]->department,
                                     key_status(context, units[i]->key_status),
                                     join_keys(rows, units[i])};
        rows_add(rows, cells);
    }
    rows_print(rows);
    rows_destroy(&rows);
    return EXIT_DONE;
}

/* The key id that begins with the given digits among the unit's keys. */
static bool find_key(struct context *context, uint64_t unit, const char *prefix,
                     struct key_id *out_key, enum exit_code *out_code)
{
    const Zhibao__UnitRow **units = NULL;
    size_t count = 0, found = 0;
    if (hex_decode(prefix, out_key->bytes, sizeof out_key->bytes) == STATUS_OK)
        return true;
    if (!units_fetch(context, unit_place(unit), &units, &count, out_code))
        return false;
    for (size_t i = 0; i < count; i++)
        for (size_t k = 0; units[i]->unit == unit && k < units[i]->n_keys; k++) {
            char text[ID_TEXT_BYTES];
            id_text(units[i]->keys[k].data, units[i]->keys[k].len, text);
            if (units[i]->keys[k].len != KEY_ID_BYTES ||
                strncasecmp(text, prefix, strlen(prefix)) != 0)
                continue;
            memcpy(out_key->bytes, units[i]->keys[k].data, KEY_ID_BYTES);
            found++;
        }
    if (found == 1)
        return true;
    *out_code = misused(context, "密钥编号“%s”在该单位对应 %zu 个密钥（zhibao admin units 查看）",
                        "key id \"%s\" is that of %zu keys of the unit (see zhibao admin units)",
                        prefix, found);
    return false;
}

static enum exit_code change_key(struct context *context, Zhibao__KeyAction action,
                                 const char *reason)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__KeyChange change = ZHIBAO__KEY_CHANGE__INIT;
    struct key_id key = {{0}};
    enum exit_code code = EXIT_MISUSED;
    char stream[80];
    if (!unit_read(context, context->arguments[0], &change.subject) ||
        !context_connect(context, &code) ||
        !find_key(context, change.subject, context->arguments[1], &key, &code))
        return code;
    change.head = &head;
    change.action = action;
    change.key = (ProtobufCBinaryData){sizeof key.bytes, key.bytes};
    change.reason = (char *)reason;
    snprintf(stream, sizeof stream, "key/%llu", (unsigned long long)change.subject);
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_KEY,
                                 .payload = &change.base,
                                 .head = &head,
                                 .stream = stream,
                                 .form = ""};
    return put_and_send(context, &draft);
}

static enum exit_code run_approve(struct context *context)
{
    return change_key(context, ZHIBAO__KEY_ACTION__KEY_APPROVE, "");
}

static const struct option revoke_options[] = {
    {"reason", NULL, "TEXT", "吊销的理由（必填）", "why (required)"},
    {NULL,     NULL, NULL,   NULL,                          NULL            },
};

static enum exit_code run_revoke(struct context *context)
{
    const char *reason = option_prose(context, "reason", true);
    return reason == NULL ? EXIT_MISUSED
                          : change_key(context, ZHIBAO__KEY_ACTION__KEY_REVOKE, reason);
}

static const struct option carrier_options[] = {
    {"subtree",  NULL, "CODE", "代送此地及以下单位的材料", "for the units at and below this place"},
    {"withdraw", NULL, NULL,   "收回授权",                         "take it back"                         },
    {"reason",   NULL, "TEXT", "理由（必填）",                   "why (required)"                       },
    {NULL,       NULL, NULL,   NULL,                                   NULL                                   },
};

/* Who may bring the records of others: a signed grant, or its end. */
static enum exit_code run_carrier(struct context *context)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__CarrierGrant grant = ZHIBAO__CARRIER_GRANT__INIT;
    enum exit_code code = EXIT_MISUSED;
    char stream[80];
    const char *reason = option_prose(context, "reason", true);
    if (reason == NULL || !unit_read(context, context->arguments[0], &grant.unit) ||
        !option_place(context, "subtree", true, &grant.subtree) || !context_connect(context, &code))
        return code;
    grant.head = &head;
    grant.withdrawn = option_given(context, "withdraw");
    grant.reason = (char *)reason;
    snprintf(stream, sizeof stream, "carrier/%llu", (unsigned long long)grant.unit);
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_CARRIER,
                                 .payload = &grant.base,
                                 .head = &head,
                                 .stream = stream,
                                 .form = ""};
    return put_and_send(context, &draft);
}

const struct command commands_admin[] = {
    {"admin codes",   "--unit UNIT,... | --subtree CODE [--hours N] [-o DIR]",
     "发一次性登记码（管理员）\n登记码即凭证，请当面或以可靠方式交给填报人；用过一次或过期即作废。",
     "issue one-time enrolment codes (administrators)\nA code is a credential: hand it over "
     "safely. "
     "It is good for one use, until it expires.",                                                                                                                                                                        codes_options,   0, CODE_UNITS_MAX, true,  run_codes  },
    {"admin units",   "--place CODE",                                          "列出单位及其密钥状态（管理员）",
     "list units and the state of their keys (administrators)",                                                                                                                                                          units_options,   0, 0,              true,
     run_units                                                                                                                                                                                                                                                                 },
    {"admin approve", "UNIT KEYID",                                            "批准一个待批准的密钥（管理员）",
     "approve a pending key (administrators)",                                                                                                                                                                           NULL,            2, 2,              false, run_approve},
    {"admin revoke",  "UNIT KEYID --reason TEXT",                              "吊销一个密钥（管理员）",
     "revoke a key (administrators)",                                                                                                                                                                                    revoke_options,  2, 2,              false, run_revoke },
    {"admin carrier", "UNIT --subtree CODE --reason TEXT [--withdraw]",
     "授权一个单位代送他处的材料，或收回（管理员）",                                                                        "let a unit carry the records of a place, or end it (administrators)", carrier_options, 1, 1,
     false,                                                                                                                                                                                                                                                         run_carrier},
    {NULL,            NULL,                                                    NULL,                                                              NULL,                                                                  NULL,            0, 0,              false, NULL       },
};
