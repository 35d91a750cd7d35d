/* enrol, whoami */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "cli/families.h"
#include "cli/rows.h"
#include "cli/words.h"
#include "lib/files.h"

enum { CODE_FILE_MAX = 16 * 1024 };

static const struct option enrol_options[] = {
    {"code-file", NULL, "FILE",   "从文件读取登记码（- 为标准输入）",
     "read the code from a file (- for stdin)"                                                                                                             },
    {"holder",    NULL, "NAME",   "本机使用人的姓名",                                                   "the name of the person whose home this is"},
    {"office",    NULL, "OFFICE", "签字职责：filler 填表人、reviewer 审核人、principal 负责人",
     "what the person signs as: filler, reviewer or principal"                                                                                             },
    {"again",     NULL, NULL,     "本机已登记、密钥仍有效，也换用新密钥",
     "replace the keys of this home even though they are good"                                                                                             },
    {NULL,        NULL, NULL,     NULL,                                                                         NULL                                       },
};

/* The code's text in the arena; NULL after a complaint. */
static const char *read_code(struct context *context)
{
    const char *path = option_text(context, "code-file");
    uint8_t *bytes = NULL;
    size_t size = 0;
    if ((path == NULL) == (context->argument_count == 0)) {
        misused(context, "给出登记码，或用 --code-file 指明文件，二者取一",
                "give the code, or --code-file, but not both");
        return NULL;
    }
    if (path == NULL)
        return context->arguments[0];
    enum status status =
        file_read(strcmp(path, "-") == 0 ? "/dev/stdin" : path, CODE_FILE_MAX, &bytes, &size);
    if (status != STATUS_OK) {
        complain(context, "文件 %s 读不出：%s", "cannot read %s: %s", path,
                 TR(context, status_zh(status), status_en(status)));
        return NULL;
    }
    const char *text = arena_string(context->arena, (const char *)bytes);
    free(bytes);
    return text;
}

static void print_identity(const struct context *context, const struct zhibao_identity *identity)
{
    char unit[UNIT_TEXT_BYTES], key[ID_TEXT_BYTES];
    say(context, "单位：%s（%s，%s）", "unit: %s (%s, %s)", identity->name_zh,
        unit_format(identity->unit, unit), role_words(context, identity->role));
    say(context, "签名密钥编号：%s", "signing key: %s",
        id_text(identity->key.bytes, sizeof identity->key.bytes, key));
    say(context, "服务器：%s", "server: %s", identity->endpoint);
    say(context, "目录：%s", "home: %s", context->home);
    if (identity->pending)
        say(context, "状态：待管理员批准，批准前不能报送",
            "status: awaits the administrator's approval; nothing can be sent before");
}

static enum exit_code run_enrol(struct context *context)
{
    enum exit_code code = EXIT_DONE;
    const char *text = read_code(context);
    const char *holder = option_prose(context, "holder", false);
    const char *office = option_given(context, "office") ? option_text(context, "office") : "";
    if (text == NULL || holder == NULL || !context_open(context, &code))
        return text == NULL || holder == NULL ? EXIT_MISUSED : code;
    struct zhibao_enrolment wish = {text, holder, office, option_given(context, "again")};
    struct zhibao_enrolled enrolled;
    enum status status = zhibao_enrol_as(context->zhibao, &wish, &enrolled);
    if (status != STATUS_OK) {
        code = failed(context, status);
        if (code == EXIT_UNREACHABLE)
            complain(context, "用同一登记码再次运行即可继续，不会重复登记",
                     "run it again with the same code: nothing is enrolled twice");
        return status == STATUS_CONFLICT ? EXIT_MISUSED : code;
    }
    say(context, "登记成功", "enrolled");
    if (enrolled.renewed)
        say(context,
            "已换用新密钥，旧密钥存于 %s/keys/retired-…，原有回执照样可以核验；发件箱中 %zu "
            "件材料已改用新密钥签名，运行 zhibao outbox send 报送",
            "new keys are in use; the old ones are kept in %s/keys/retired-..., and old receipts "
            "verify as before; %zu records in the outbox were signed anew: zhibao outbox send "
            "sends them",
            context->home, enrolled.resigned);
    print_identity(context, zhibao_identity(context->zhibao));
    return EXIT_DONE;
}

static enum exit_code print_rows(const struct context *context,
                                 const struct zhibao_identity *identity)
{
    static const struct row_column columns[] = {
        {"unit",    "单位代码", "unit",    COLUMN_TEXT},
        {"name",    "名称",       "name",    COLUMN_TEXT},
        {"role",    "角色",       "role",    COLUMN_TEXT},
        {"key",     "密钥编号", "key",     COLUMN_TEXT},
        {"server",  "服务器",    "server",  COLUMN_TEXT},
        {"pending", "待批准",    "pending", COLUMN_FLAG},
        {"home",    "目录",       "home",    COLUMN_TEXT},
    };
    char unit[UNIT_TEXT_BYTES], key[ID_TEXT_BYTES];
    struct rows *rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (rows == NULL)
        return EXIT_MISUSED;
    const char *const cells[] = {unit_format(identity->unit, unit),
                                 identity->name_zh,
                                 identity->role,
                                 id_text(identity->key.bytes, sizeof identity->key.bytes, key),
                                 identity->endpoint,
                                 identity->pending ? "1" : "0",
                                 context->home};
    rows_add(rows, cells);
    bool printed = rows_print(rows);
    rows_destroy(&rows);
    return printed ? EXIT_DONE : EXIT_MISUSED;
}

static enum exit_code run_whoami(struct context *context)
{
    struct zhibao_identity identity;
    enum status status = zhibao_identity_read(context->home, &identity);
    if (status == STATUS_NOT_FOUND)
        complain(context, "目录 %s 尚未登记，请先运行：zhibao enrol 登记码",
                 "home %s is not enrolled: run first: zhibao enrol CODE", context->home);
    else if (file_failed(status))
        complain(context, "目录 %s 无法读取：%s", "cannot read home %s: %s", context->home,
                 TR(context, status_zh(status), status_en(status)));
    else if (status != STATUS_OK && status != STATUS_INVALID)
        complain(context, "目录 %s：%s", "home %s: %s", context->home,
                 TR(context, status_zh(status), status_en(status)));
    else if (status != STATUS_OK)
        complain(context, "目录 %s 的文件已损坏", "the files of home %s are damaged",
                 context->home);
    if (status != STATUS_OK)
        return EXIT_MISUSED;
    if (context->format != FORMAT_TABLE)
        return print_rows(context, &identity);
    print_identity(context, &identity);
    return EXIT_DONE;
}

const struct command commands_identity[] = {
    {"enrol",  "CODE | --code-file FILE [--again]",
     "用管理员给的登记码登记本机\n"
     "生成本机的三对密钥（传输、签名、加密），存入目录后再联系服务器；中断后用同一登记码再次运行即"
     "可。\n密钥被吊销后用新的登记码在原目录再次登记：待报送的材料改用新密钥签名，回执和发件箱都保"
     "留。",                                                                        "enrol this home with the code from the administrator\n"
     "Makes three pairs of keys (transport, signing, encryption), stores them, then contacts the\n"
     "server. After an interruption run it again with the same code.\n"
     "When the key was revoked, enrol the same home with a new code: what waits is signed anew "
     "with\n"
     "the new key, and receipts and outbox stay.",                                                              enrol_options, 0, 1, false, run_enrol},
    {"whoami", "",                                  "显示本机属于哪个单位", "show which unit this home belongs to", NULL,          0, 0, true,
     run_whoami                                                                                                                                                    },
    {NULL,     NULL,                                NULL,                             NULL,                                   NULL,          0, 0, false, NULL     },
};
