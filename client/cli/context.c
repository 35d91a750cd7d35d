#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "cli/command.h"
#include "cli/send.h"
#include "text/utf8.h"

/* Prints one line, without memory of its own: what was found out is said when memory is short too.
 */
__attribute__((format(printf, 3, 0))) static void print_line(FILE *out, const char *prefix,
                                                             const char *format, va_list arguments)
{
    flockfile(out);
    fputs(prefix, out);
    if (vfprintf(out, format, arguments) < 0)
        fputs("?", out);
    fputc('\n', out);
    funlockfile(out);
}

void say(const struct context *context, const char *zh_format, const char *en_format, ...)
{
    va_list arguments;
    va_start(arguments, en_format);
    print_line(stdout, "", TR(context, zh_format, en_format), arguments);
    va_end(arguments);
}

void complain(const struct context *context, const char *zh_format, const char *en_format, ...)
{
    va_list arguments;
    va_start(arguments, en_format);
    print_line(stderr, "zhibao: ", TR(context, zh_format, en_format), arguments);
    va_end(arguments);
}

void complain_save(const struct context *context, enum status status, const char *path)
{
    if (status == STATUS_CONFLICT)
        complain(context, "%s 是目录、链接或别的特殊文件，没有改动；请另写一个文件名",
                 "%s is a directory, a link or another special file and was left alone; give "
                 "another name",
                 path);
    else
        complain(context, "文件 %s 写不出：%s", "cannot write %s: %s", path,
                 TR(context, status_zh(status), status_en(status)));
}

enum exit_code misused(const struct context *context, const char *zh_format, const char *en_format,
                       ...)
{
    va_list arguments;
    va_start(arguments, en_format);
    print_line(stderr, "zhibao: ", TR(context, zh_format, en_format), arguments);
    va_end(arguments);
    if (context->command != NULL)
        complain(context, "用法：zhibao %s %s（zhibao %s --help 看说明）",
                 "usage: zhibao %s %s (zhibao %s --help explains)", context->command->name,
                 context->command->usage, context->command->name);
    return EXIT_MISUSED;
}

enum exit_code exit_code_of(enum status status)
{
    switch (status) {
    case STATUS_OK: return EXIT_DONE;
    case STATUS_TIMEOUT:
    case STATUS_UNREACHABLE:
    case STATUS_CANCELLED: return EXIT_UNREACHABLE;
    case STATUS_MISMATCH: return EXIT_REFUSED;
    default: break;
    }
    if (status < STATUS_E_VERSION)
        return EXIT_MISUSED;
    return status_retry(status) ? EXIT_UNREACHABLE : EXIT_REFUSED;
}

static void print_problem(const struct context *context, const Zhibao__Problem *problem)
{
    if (problem->field[0] != '\0')
        complain(context, "  %s [%s] %s", "  %s [%s] %s", TR(context, problem->zh, problem->en),
                 problem->name, problem->field);
    else
        complain(context, "  %s [%s]", "  %s [%s]", TR(context, problem->zh, problem->en),
                 problem->name);
}

enum exit_code failed(struct context *context, enum status status)
{
    const struct zhibao_cause *cause = zhibao_cause(context->zhibao);
    const char *zh = cause->status == status ? cause->zh : status_zh(status);
    const char *en = cause->status == status ? cause->en : status_en(status);
    if (status >= STATUS_E_VERSION)
        complain(context, "%s [%s]", "%s [%s]", TR(context, zh, en), status_name(status));
    else
        complain(context, "%s", "%s", TR(context, zh, en));
    if (cause->error != NULL)
        for (size_t i = 0; i < cause->error->n_more; i++)
            print_problem(context, cause->error->more[i]);
    return exit_code_of(status);
}

bool context_open(struct context *context, enum exit_code *out_code)
{
    struct zhibao_options options = {
        .home = context->home,
        .server = context->server,
        .timeout_ms = context->timeout_ms,
        .patient = context->timeout_given,
        .must_exist = strcmp(context->command->name, "enrol") != 0,
    };
    struct zhibao_cause cause;
    if (context->zhibao != NULL)
        return true;
    enum status status = zhibao_open(&options, &context->zhibao, &cause);
    if (status == STATUS_OK)
        return true;
    complain(context, "%s", "%s", TR(context, cause.zh, cause.en));
    *out_code = exit_code_of(status);
    return false;
}

bool context_open_enrolled(struct context *context, enum exit_code *out_code)
{
    if (!context_open(context, out_code))
        return false;
    if (zhibao_identity(context->zhibao) != NULL)
        return true;
    complain(context, "目录 %s 尚未登记，请先运行：zhibao enrol 登记码",
             "home %s is not enrolled: run first: zhibao enrol CODE", context->home);
    *out_code = EXIT_MISUSED;
    return false;
}

bool context_connect(struct context *context, enum exit_code *out_code)
{
    if (!context_open_enrolled(context, out_code))
        return false;
    send_waiting(context);
    return true;
}

bool context_ask(struct context *context, Zhibao__Kind kind, const ProtobufCMessage *body,
                 ProtobufCMessage **out_answer, enum exit_code *out_code)
{
    enum status status = STATUS_UNREACHABLE;
    if (!context->unreachable) /* nobody listened a moment ago: do not make the user wait again */
        status = zhibao_request(context->zhibao, kind, body, context->arena, out_answer);
    if (status == STATUS_OK)
        return true;
    context->unreachable = status == STATUS_UNREACHABLE || status == STATUS_TIMEOUT;
    *out_code = failed(context, status);
    return false;
}

const char *option_text(const struct context *context, const char *name)
{
    for (size_t i = 0; i < context->value_count; i++)
        if (strcmp(context->values[i].name, name) == 0)
            return context->values[i].text;
    return NULL;
}

bool option_given(const struct context *context, const char *name)
{
    return option_text(context, name) != NULL;
}

const char *option_prose(const struct context *context, const char *name, bool required)
{
    const char *text = option_text(context, name);
    if (text == NULL)
        text = "";
    if (required && utf8_all_blank(text)) {
        misused(context, "必须用 --%s 写明", "--%s is required", name);
        return NULL;
    }
    if (!utf8_valid((const uint8_t *)text, strlen(text))) {
        misused(context, "--%s 的文字不是UTF-8编码", "the text of --%s is not UTF-8", name);
        return NULL;
    }
    return text;
}

bool whole_number(const char *text, uint32_t least, uint32_t most, uint32_t *out_number)
{
    if (text[0] == '\0' || strlen(text) > 9 || strspn(text, "0123456789") != strlen(text))
        return false;
    unsigned long number = strtoul(text, NULL, 10);
    if (number < least || number > most)
        return false;
    *out_number = (uint32_t)number;
    return true;
}

bool option_year(const struct context *context, bool required, uint32_t *out_year)
{
    const char *text = option_text(context, "year");
    if (text == NULL && !required)
        return true;
    if (text == NULL) {
        misused(context, "缺少 --year 年份", "--year YEAR is missing");
        return false;
    }
    if (!whole_number(text, 1990, 2100, out_year)) {
        misused(context, "年份“%s”不正确，应为四位数字，如2025",
                "year \"%s\" is wrong: expected four digits such as 2025", text);
        return false;
    }
    return true;
}

bool option_place(const struct context *context, const char *name, bool required,
                  uint64_t *out_place)
{
    const char *text = option_text(context, name);
    uint64_t unit = 0;
    if (text == NULL && !required)
        return true;
    if (text == NULL) {
        misused(context, "缺少 --%s 区划代码", "--%s CODE is missing", name);
        return false;
    }
    if (unit_parse(text, &unit) != STATUS_OK || unit_number(unit) != 0) {
        misused(context, "区划代码“%s”不正确，应为12位数字，如450223000000",
                "place \"%s\" is wrong: expected 12 digits such as 450223000000", text);
        return false;
    }
    *out_place = unit_place(unit);
    return true;
}

bool unit_read(const struct context *context, const char *text, uint64_t *out_unit)
{
    if (unit_parse(text, out_unit) == STATUS_OK)
        return true;
    misused(context, "单位代码“%s”不正确，应形如450223101201或450223000000:17",
            "unit \"%s\" is wrong: expected 450223101201 or 450223000000:17", text);
    return false;
}

bool id_read(const struct context *context, const char *text, struct record_id *out_id)
{
    if (hex_decode(text, out_id->bytes, sizeof out_id->bytes) == STATUS_OK)
        return true;
    misused(context, "编号“%s”不正确，应为32位十六进制数字",
            "id \"%s\" is wrong: expected 32 hex digits", text);
    return false;
}
