/* case form, case report */
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "cli/case_words.h"
#include "cli/families.h"
#include "cli/send.h"
#include "cli/words.h"
#include "lib/case_attach.h"
#include "lib/files.h"
#include "lib/outside.h"

enum {
    NAMED_MAX = 64,
    WAIT_S = 300, /* five minutes */
    WAIT_MOST_S = 3600,
    RETRY_MS = 15000,
};

/* --- the sheet that a report is written on --- */

struct sheet {
    Zhibao__CaseContent content;
    const char *name, *phone;
    bool emergency, unnamed;
    uint64_t units[NAMED_MAX];
    struct key_id holders[NAMED_MAX];
    struct case_named named;
};

static enum exit_code run_form(struct context *context)
{
    puts(TR(
        context,
        "# 强制报告个案。每行“栏目 = 内容”，text 可写多行。填好后：zhibao case report 文件（- "
        "为标准输入）\n"
        "# 事项：violence 遭受暴力、neglect 疏忽照料、no-guardian 无人监护、bullying 校园欺凌、\n"
        "#   sexual-abuse 疑似性侵害、injury 意外伤害、missing 失踪、dropping-out 失学辍学、other "
        "其他",
        "# A case. One \"field = content\" a line; text may come several times. Then: zhibao case "
        "report FILE (- for stdin)\n"
        "# matter: violence neglect no-guardian bullying sexual-abuse injury missing "
        "dropping-out other"));
    puts("matter = ");
    puts(
        TR(context,
           "# 渠道：village school kindergarten childcare hospital police civil-affairs hotline "
           "patrol self",
           "# channel: village school kindergarten childcare hospital police civil-affairs hotline "
           "patrol self"));
    puts("channel = ");
    puts(TR(context, "# 紧急的写 yes：公安同时收到，一小时内须受理",
            "# yes: an emergency; the police receive it too, an hour is all there is"));
    puts("emergency = ");
    puts(TR(context, "# 发生地的区划代码，不知道就空着",
            "# where it happened: the place's code, empty if not known"));
    puts("place = ");
    puts(TR(context, "# 何时发现；孩子的姓名、住址等；性别 m 或 f；周岁",
            "# when it was found; the child's name and address; sex m or f; age in years"));
    puts("found = \nchild = \nsex = \nage = ");
    puts(TR(context, "# 发生了什么", "# what happened"));
    puts("text = ");
    puts(TR(context, "# 涉及的单位（代码）或个人（签名密钥编号），以逗号隔开：他们收不到本报告",
            "# units (codes) and persons (ids of signing keys) named in it, joined by commas: they "
            "do not receive it"));
    puts("named = ");
    puts(TR(context, "# 报告人：只有牵头单位知道；unnamed = no 则其他办理单位也知道",
            "# the reporter: the lead alone learns who; with unnamed = no all who handle it do"));
    puts("name = \nphone = \nunnamed = ");
    return EXIT_DONE;
}

/* Units and holders joined by commas. */
static bool read_named(struct context *context, struct sheet *sheet, char *list)
{
    for (char *part = strsep(&list, ", "); part != NULL; part = strsep(&list, ", ")) {
        struct case_named *named = &sheet->named;
        if (part[0] == '\0')
            continue;
        if (named->unit_count == NAMED_MAX || named->holder_count == NAMED_MAX) {
            misused(context, "named 至多 %d 个", "named takes at most %d", NAMED_MAX);
            return false;
        }
        if (strlen(part) == 2 * KEY_ID_BYTES &&
            hex_decode(part, sheet->holders[named->holder_count].bytes, KEY_ID_BYTES) == STATUS_OK)
            named->holder_count++;
        else if (unit_parse(part, &sheet->units[named->unit_count]) == STATUS_OK)
            named->unit_count++;
        else {
            misused(context, "named 中的“%s”不是单位代码，也不是密钥编号",
                    "\"%s\" in named is neither a unit nor the id of a key", part);
            return false;
        }
    }
    return true;
}

static bool wrong(struct context *context, const char *field, const char *value)
{
    misused(context, "栏目 %s 的“%s”不正确（zhibao case form 看各栏写法）",
            "field %s: \"%s\" is wrong (see zhibao case form)", field, value);
    return false;
}

static bool read_word(struct context *context, const char *field, const char *value,
                      const struct case_word *words, int *out_value)
{
    *out_value = case_word_value(words, value);
    return *out_value != 0 || value[0] == '\0' ? true : wrong(context, field, value);
}

static bool read_flag(struct context *context, const char *field, const char *value, bool *out_flag)
{
    *out_flag = strcmp(value, "yes") == 0;
    return *out_flag || value[0] == '\0' || strcmp(value, "no") == 0 ||
           wrong(context, field, value);
}

static bool read_numbers(struct context *context, struct sheet *sheet, const char *field,
                         const char *value)
{
    uint32_t age = 0;
    if (value[0] == '\0')
        return true;
    if (strcmp(field, "age") == 0) {
        if (!whole_number(value, 0, 17, &age))
            return wrong(context, field, value);
        sheet->content.age = age + 1;
        return true;
    }
    char *end = NULL;
    sheet->content.place = strtoull(value, &end, 10);
    return *end == '\0' && sheet->content.place <= PLACE_MAX && strlen(value) == 12
               ? true
               : wrong(context, field, value);
}

/* The texts of the sheet by the names of their fields; NULL for another field. */
static char **text_of(struct sheet *sheet, const char *field)
{
    const struct {
        const char *field;
        char **text;
    } texts[] = {
        {"found", &sheet->content.found },
        {"child", &sheet->content.child },
        {"sex",   &sheet->content.sex   },
        {"text",  &sheet->content.text  },
        {"name",  (char **)&sheet->name },
        {"phone", (char **)&sheet->phone}
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(texts[i].field, field) == 0)
            return texts[i].text;
    return NULL;
}

static bool read_field(struct context *context, struct sheet *sheet, const char *field, char *value)
{
    int word = 0;
    char **text = text_of(sheet, field);
    if (text != NULL) {
        bool more = strcmp(field, "text") == 0 && (*text)[0] != '\0';
        *text = more ? arena_printf(context->arena, "%s\n%s", *text, value) : value;
        return *text != NULL;
    }
    if (strcmp(field, "matter") == 0 && read_word(context, field, value, case_matters, &word)) {
        sheet->content.matter = (Zhibao__CaseMatter)word;
        return true;
    }
    if (strcmp(field, "channel") == 0 && read_word(context, field, value, case_channels, &word)) {
        sheet->content.channel = (Zhibao__CaseChannel)word;
        return true;
    }
    if (strcmp(field, "emergency") == 0)
        return read_flag(context, field, value, &sheet->emergency);
    if (strcmp(field, "unnamed") == 0)
        return value[0] == '\0' || read_flag(context, field, value, &sheet->unnamed);
    if (strcmp(field, "age") == 0 || strcmp(field, "place") == 0)
        return read_numbers(context, sheet, field, value);
    if (strcmp(field, "named") == 0) {
        sheet->content.named = arena_string(context->arena, value);
        return sheet->content.named != NULL && read_named(context, sheet, value);
    }
    return wrong(context, field, value);
}

static bool sheet_read(struct context *context, struct sheet *sheet)
{
    char *cursor = case_text_read(context, context->arguments[0]), *field = NULL, *value = NULL;
    zhibao__case_content__init(&sheet->content);
    sheet->name = sheet->phone = "";
    sheet->unnamed = true;
    sheet->named.units = sheet->units;
    sheet->named.holders = sheet->holders;
    if (cursor == NULL)
        return false;
    while (setting_next(&cursor, &field, &value))
        if (!read_field(context, sheet, field, value))
            return false;
    if (sheet->content.matter == 0 || sheet->content.channel == 0 ||
        sheet->content.text[0] == '\0') {
        misused(context, "须写明 matter、channel 和 text", "matter, channel and text are required");
        return false;
    }
    if (!sheet->unnamed)
        sheet->content.reporter = (char *)(uintptr_t)sheet->name;
    return true;
}

/* --- sending it --- */

/* Nothing goes out by itself: not sealed at all, or refused. */
static void unreported_show(struct context *context)
{
    const char *phone = zhibao_case_phone(context->zhibao, context->arena);
    complain(context, "报告没有送达，没有人知道此事！请立即拨打值班电话 %s",
             "not reported: nobody knows of it! Call the duty phone %s now", phone);
}

/* Until there is a receipt nobody has been told: the reporter calls. */
static void phone_show(const struct context *context, const Zhibao__CaseDirectory *directory)
{
    complain(context,
             "还没有回执：没有人知道此事！请立即拨打值班电话 "
             "%s。报告已密封保存在本机，下一条联网命令会送出",
             "no receipt: nobody knows of it! Call the duty phone %s now. The report is kept here, "
             "sealed, and goes out with the next command that connects",
             directory->duty_phone);
}

static void code_show(const struct context *context, const struct case_code *code,
                      const struct record_id *id)
{
    char text[CASE_CODE_TEXT_BYTES], hex[ID_TEXT_BYTES];
    char key[2 * sizeof((struct zhibao_outside){{0}, {0}}.server_public) + 1];
    struct zhibao_outside outside;
    say(context, "个案编号：%s", "case: %s", id_text(id->bytes, RECORD_ID_BYTES, hex));
    say(context, "查询码：%s", "code: %s", case_code_text(code, text));
    say(context,
        "请抄下查询码：凭它可查询进展（zhibao case state），此处不再显示，也没有别处保存。",
        "write the code down: it tells how the case goes on (zhibao case state). It is shown only "
        "now and kept nowhere.");
    if (zhibao_outside_of(context->zhibao, &outside) == STATUS_OK)
        say(context, "没有登记的机器上：zhibao case state --code - --server %s --server-key %s",
            "on a machine that is not enrolled: zhibao case state --code - --server %s "
            "--server-key %s",
            outside.endpoint, hex_encode(outside.server_public, sizeof outside.server_public, key));
}

static enum status receipt_look(const struct zhibao_item *item, void *receipted)
{
    *(bool *)receipted = item->state == ZHIBAO_RECEIPTED;
    return STATUS_OK;
}

/* Whether this report has its receipt, whatever became of others in the outbox. */
static bool is_receipted(const struct context *context, const struct record_id *id)
{
    char hex[ID_TEXT_BYTES];
    bool receipted = false;
    return zhibao_find(context->zhibao, id_text(id->bytes, RECORD_ID_BYTES, hex), receipt_look,
                       &receipted) == STATUS_OK &&
           receipted;
}

/* Tries again until there is a receipt; every so often says how long it has been. Whoever waits may
 * stop it at any moment: what is kept here is sealed. */
static enum exit_code receipt_wait(struct context *context, uint32_t wait_s)
{
    int64_t begin_ms = clock_monotonic_ms(), end_ms = begin_ms + (int64_t)wait_s * 1000;
    enum exit_code code = EXIT_UNREACHABLE;
    while (code == EXIT_UNREACHABLE && clock_monotonic_ms() < end_ms) {
        int64_t left_ms = end_ms - clock_monotonic_ms();
        int64_t pause_ms = left_ms < RETRY_MS ? left_ms : RETRY_MS;
        complain(
            context, "等待回执：已等 %d 秒，还等 %d 秒（可按 Ctrl-C 离开，报告不会丢失）",
            "waiting for the receipt: %d s so far, %d s to go (Ctrl-C leaves; nothing is lost)",
            (int)((clock_monotonic_ms() - begin_ms) / 1000), (int)(left_ms / 1000));
        nanosleep(&(struct timespec){pause_ms / 1000, pause_ms % 1000 * 1000000}, NULL);
        code = send_all(context);
    }
    return code;
}

static const struct option report_options[] = {
    {"wait", NULL, "SECONDS", "没有回执时等多久，再给出值班电话（默认300）",
     "how long to wait for a receipt before the duty phone is shown (default: 300)"                  },
    {NULL,   NULL, NULL,      NULL,                                                              NULL},
};

static enum exit_code run_report(struct context *context)
{
    static struct sheet sheet;
    Zhibao__CaseDirectory *directory = NULL;
    struct case_target *targets = NULL;
    struct case_attached attached = {.count = 0};
    struct case_code code_made;
    struct record_id id;
    size_t count = 0;
    enum exit_code code = EXIT_MISUSED;
    uint32_t wait_s = WAIT_S;
    if (option_given(context, "wait") &&
        !whole_number(option_text(context, "wait"), 0, WAIT_MOST_S, &wait_s))
        return misused(context, "--wait 为0至%d的秒数", "--wait takes seconds from 0 to %d",
                       WAIT_MOST_S);
    if (!sheet_read(context, &sheet) || !context_open_enrolled(context, &code))
        return code;
    struct zhibao *zhibao = context->zhibao;
    uint64_t district = place_ancestor(unit_place(zhibao_identity(zhibao)->unit), PLACE_DISTRICT);
    enum status status = zhibao_case_attach_load(zhibao, context->arena, context->arguments + 1,
                                                 context->argument_count - 1, &attached);
    sheet.content.attachments = attached.list;
    sheet.content.n_attachments = attached.count;
    if (status == STATUS_OK)
        status = zhibao_case_directory(zhibao, district, context->arena, &directory);
    if (status == STATUS_OK)
        status = zhibao_case_targets(zhibao, context->arena, directory, sheet.content.place,
                                     sheet.emergency, &sheet.named, &targets, &count);
    if (status == STATUS_OK) {
        struct case_report_draft draft = {.directory = directory,
                                          .targets = targets,
                                          .target_count = count,
                                          .emergency = sheet.emergency,
                                          .content = &sheet.content,
                                          .name = sheet.name,
                                          .phone = sheet.phone,
                                          .attached = &attached};
        status = zhibao_case_report_put(zhibao, context->arena, &draft, &code_made, &id);
    }
    zhibao_case_attach_free(&attached);
    if (status != STATUS_OK) {
        code = failed(context, status);
        unreported_show(context);
        return code;
    }
    code_show(context, &code_made, &id);
    if (sheet.emergency)
        complain(context, "紧急情况：请同时拨打值班电话 %s，不要等回执",
                 "an emergency: call the duty phone %s as well, do not wait for the receipt",
                 directory->duty_phone);
    sodium_memzero(&code_made, sizeof code_made);
    code = send_all(context);
    if (code == EXIT_UNREACHABLE && sheet.emergency)
        phone_show(context, directory);
    if (code == EXIT_UNREACHABLE)
        code = receipt_wait(context, wait_s);
    if (code == EXIT_UNREACHABLE)
        phone_show(context, directory);
    else if (code != EXIT_DONE && !is_receipted(context, &id))
        unreported_show(context);
    return code;
}

const struct command commands_case_report[] = {
    {"case form",   "",                     "显示报告个案用的空白表", "show a blank sheet for a case", NULL,           0, 0,                        false,
     run_form                                                                                                                                                                   },
    {"case report", "FILE [ATTACHMENT...]",
     "报告个案（强制报告；FILE 为 - "
     "时从标准输入读）\n内容在本机密封，只有办理单位能打开；同时送达乡镇和区县。附件为照片（JPEG、P"
     "NG）"
     "或PDF，每个至多4 MB。",                                             "report a case (FILE of - reads stdin)\nIt is sealed here: only who handles it can open it. "
     "Township and district receive it at once. Attachments are photos (JPEG, PNG) or PDF, at most "
     "4 MB each.",                                                            report_options, 1, 1 + CASE_ATTACHMENTS_MAX, false, run_report},
    {NULL,          NULL,                   NULL,                                NULL,                            NULL,           0, 0,                        false, NULL      },
};
