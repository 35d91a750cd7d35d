/* register form, register key, register open, register list */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/china_time.h"
#include "cli/case_find.h"
#include "cli/case_words.h"
#include "cli/families.h"
#include "cli/rows.h"
#include "cli/send.h"
#include "cli/words.h"
#include "lib/case_register.h"
#include "lib/files.h"

enum { DIFFICULTIES_MAX = 10 };

static enum exit_code run_form(struct context *context)
{
    puts(TR(
        context,
        "# 困境儿童台账，一人一档。每行“栏目 = 内容”。填好后：zhibao register open 文件 --next "
        "下次走访日期\n"
        "# 困境类别，可写几个，以逗号隔开：orphan 孤儿、unraised 事实无人抚养、left-behind 留守、\n"
        "#   hardship 困难家庭、disabled 残疾、ill 重病、absent 失学辍学、harmed 遭受侵害、strayed "
        "流浪、other 其他",
        "# The register: one file a child. One \"field = content\" a line. Then: zhibao register "
        "open FILE --next DATE\n"
        "# difficulties, joined by commas: orphan unraised left-behind hardship disabled ill "
        "absent harmed strayed other"));
    puts("difficulties = ");
    puts(TR(
        context, "# 姓名；性别 m 或 f；出生日期；身份证号（只用来在本机查重，不以原样离开密封）",
        "# name; sex m or f; date of birth; identity number (hashed here to find duplicates, and "
        "sealed)"));
    puts("name = \nsex = \nbirth = \nidentity = ");
    puts(
        TR(context, "# 居住地的区划代码；监护人；情况", "# the place's code; guardian; situation"));
    puts("place = \nguardian = \ntext = ");
    return EXIT_DONE;
}

static uint64_t own_district(const struct context *context)
{
    return place_ancestor(unit_place(zhibao_identity(context->zhibao)->unit), PLACE_DISTRICT);
}

static enum exit_code run_key(struct context *context)
{
    enum exit_code code = EXIT_MISUSED;
    if (!context_connect(context, &code))
        return code;
    enum status status =
        zhibao_register_key_put(context->zhibao, context->arena, own_district(context));
    return status == STATUS_OK ? send_all(context) : failed(context, status);
}

struct sheet {
    Zhibao__CaseRegistered content;
    Zhibao__CaseDifficulty difficulties[DIFFICULTIES_MAX];
};

static bool difficulties_read(struct context *context, struct sheet *sheet, char *list)
{
    for (char *part = strsep(&list, ", "); part != NULL; part = strsep(&list, ", ")) {
        int value = part[0] == '\0' ? 0 : case_word_value(case_difficulties, part);
        if (part[0] == '\0')
            continue;
        if (value == 0 || sheet->content.n_difficulties == DIFFICULTIES_MAX) {
            misused(context, "困境类别“%s”不正确（zhibao register form 看写法）",
                    "difficulty \"%s\" is wrong (see zhibao register form)", part);
            return false;
        }
        sheet->difficulties[sheet->content.n_difficulties++] = (Zhibao__CaseDifficulty)value;
    }
    return true;
}

static bool field_read(struct context *context, struct sheet *sheet, const char *field, char *value)
{
    Zhibao__CaseRegistered *content = &sheet->content;
    const struct {
        const char *field;
        char **text;
    } texts[] = {
        {"name",     &content->name    },
        {"sex",      &content->sex     },
        {"birth",    &content->birth   },
        {"identity", &content->identity},
        {"guardian", &content->guardian},
        {"text",     &content->text    }
    };
    if (strcmp(field, "difficulties") == 0)
        return difficulties_read(context, sheet, value);
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(texts[i].field, field) == 0) {
            *texts[i].text = value;
            return true;
        }
    char *end = value;
    content->place = strcmp(field, "place") == 0 ? strtoull(value, &end, 10) : 0;
    if (strcmp(field, "place") == 0 && (value[0] == '\0' || (*end == '\0' && strlen(value) == 12)))
        return true;
    misused(context, "栏目 %s 的“%s”不正确（zhibao register form 看各栏写法）",
            "field %s: \"%s\" is wrong (see zhibao register form)", field, value);
    return false;
}

static bool sheet_read(struct context *context, struct sheet *sheet)
{
    char *cursor = case_text_read(context, context->arguments[0]), *field = NULL, *value = NULL;
    zhibao__case_registered__init(&sheet->content);
    sheet->content.difficulties = sheet->difficulties;
    if (cursor == NULL)
        return false;
    while (setting_next(&cursor, &field, &value))
        if (!field_read(context, sheet, field, value))
            return false;
    if (sheet->content.name[0] == '\0' || sheet->content.n_difficulties == 0) {
        misused(context, "须写明 name 和 difficulties", "name and difficulties are required");
        return false;
    }
    return true;
}

static const struct option open_options[] = {
    {"next", NULL, "DATE", "下次走访日期（必填，北京时间）",
     "when the next visit is due (required)"                                    },
    {NULL,   NULL, NULL,   NULL,                                            NULL},
};

static enum exit_code run_open(struct context *context)
{
    static struct sheet sheet;
    struct case_secret key;
    struct record_id id;
    int64_t next_us = 0;
    enum exit_code code = EXIT_MISUSED;
    const char *next = option_text(context, "next");
    char hex[ID_TEXT_BYTES];
    if (next == NULL || !china_parse(next, true, &next_us))
        return misused(context, "用 --next 写明下次走访日期，如2026-12-31",
                       "give the next visit's date with --next, as 2026-12-31");
    if (!sheet_read(context, &sheet) || !context_connect(context, &code))
        return code;
    uint64_t district = own_district(context);
    enum status status = sheet.content.identity[0] == '\0'
                             ? STATUS_OK
                             : zhibao_register_key(context->zhibao, context->arena, district, &key);
    if (status == STATUS_OK)
        status = zhibao_register_put(context->zhibao, context->arena, district, &key,
                                     &sheet.content, next_us, &id);
    sodium_memzero(&key, sizeof key);
    if (status != STATUS_OK)
        return failed(context, status);
    code = send_all(context);
    if (code == EXIT_DONE)
        say(context, "台账编号：%.8s", "number in the register: %.8s",
            id_text(id.bytes, RECORD_ID_BYTES, hex));
    return code;
}

static const struct option list_options[] = {
    {"open",    NULL, NULL, "只看未离开台账的", "only those who have not left"},
    {"overdue", NULL, NULL, "只看走访逾期的",    "only visits that are overdue"},
    {NULL,      NULL, NULL, NULL,                       NULL                          },
};

static const struct row_column columns[] = {
    {"id",      "台账编号", "number",  COLUMN_TEXT},
    {"state",   "状态",       "state",   COLUMN_TEXT},
    {"role",    "本单位",    "yours",   COLUMN_TEXT},
    {"opened",  "建档",       "opened",  COLUMN_TEXT},
    {"visit",   "下次走访", "visit",   COLUMN_TEXT},
    {"overdue", "逾期",       "overdue", COLUMN_FLAG},
    {"last",    "最近",       "last",    COLUMN_TEXT},
};

static void add_file(struct context *context, const Zhibao__CaseItem *item, void *with)
{
    struct rows *rows = with;
    char id[ID_TEXT_BYTES], opened[TIME_TEXT_BYTES], due[TIME_TEXT_BYTES], last[TIME_TEXT_BYTES];
    if (item->register_key.len > 0) /* the key, and no child */
        return;
    const char *const cells[] = {
        rows_printf(rows, context->format == FORMAT_TABLE ? "%.8s" : "%s",
                    id_text(item->case_id.data, item->case_id.len, id)),
        case_word_text(context, case_states, (int)item->state),
        case_word_text(context, case_roles, (int)item->role),
        time_text(item->received_us, opened),
        time_text(item->n_due == 0 ? 0 : item->due[0]->due_us, due),
        item->n_due > 0 && item->due[0]->overdue ? "1" : "",
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
    question.register_ = true;
    question.unfinished = option_given(context, "open");
    question.overdue = option_given(context, "overdue");
    struct rows *rows = rows_create(context, columns, sizeof columns / sizeof *columns);
    if (rows == NULL)
        return EXIT_MISUSED;
    if (cases_each(context, &question, add_file, rows, &code)) {
        code = EXIT_DONE;
        rows_print(rows);
    }
    rows_destroy(&rows);
    return code;
}

const struct command commands_register[] = {
    {"register form", "",                     "显示台账用的空白表",                                                                         "show a blank sheet of the register",                            NULL,         0, 0,
     false,                                                                                                                                                                                                                                      run_form},
    {"register key",  "",                     "制作本区县台账的查重密钥（受理单位，一次），密封给受理单位和各乡镇",
     "make the district's key for finding duplicates (the intake, once), sealed to intake and "
     "townships",                                                                                                                                                                                                     NULL,         0, 0, false, run_key },
    {"register open", "FILE --next DATE",
     "为一个困境儿童建档（一人一档）\n内容在本机密封；身份证号只以本区县密钥算出的摘要查重。",
     "open a child's file in the register\nIt is sealed here; duplicates are found by a hash of "
     "the identity number under the district's key.",                                                                                                                                                                 open_options, 1, 1, false, run_open},
    {"register list", "[--open] [--overdue]",
     "列出由本人办理的台账档案（不显示内容；用 case show 查阅）",                                                             "list the files that you handle (not what they say: case show)", list_options, 0, 0, true,
     run_list                                                                                                                                                                                                                                            },
    {NULL,            NULL,                   NULL,                                                                                                  NULL,                                                            NULL,         0, 0, false, NULL    },
};
