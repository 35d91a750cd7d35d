#include "cli/form_open.h"

#include "base/bytes.h"
#include "cli/words.h"

static const char *choose(struct context *context, const char *const *names, size_t count,
                          enum exit_code *out_code)
{
    if (count == 1)
        return names[0];
    *out_code = EXIT_MISUSED;
    if (count == 0) {
        complain(context, "本单位没有要填的报表", "this unit fills in no form");
        return NULL;
    }
    complain(context, "本单位有 %zu 张报表，请用 --form 指明一张：",
             "this unit fills in %zu forms: choose one with --form:", count);
    for (size_t i = 0; i < count; i++)
        complain(context, "  %s", "  %s", names[i]);
    return NULL;
}

const char *form_code(struct context *context, const char *given, enum exit_code *out_code)
{
    const char *names[FORMS_MAX];
    size_t count = 0;
    if (given != NULL)
        return given;
    enum status status =
        zhibao_form_names(context->zhibao, FORM_FRESH_S, context->arena, names, FORMS_MAX, &count);
    if (status == STATUS_OK)
        return choose(context, names, count, out_code);
    context->unreachable = status == STATUS_UNREACHABLE || status == STATUS_TIMEOUT;
    *out_code = failed(context, status);
    return NULL;
}

struct blank_form *form_open(struct context *context, const char *code, uint32_t max_age_s,
                             enum exit_code *out_code)
{
    Zhibao__FormSheet *sheet = NULL;
    struct blank_form *blank = NULL;
    int64_t fetched_us = 0;
    enum status status =
        zhibao_form(context->zhibao, "", code, max_age_s, context->arena, &sheet, &fetched_us);
    if (status != STATUS_OK) {
        context->unreachable = status == STATUS_UNREACHABLE || status == STATUS_TIMEOUT;
        *out_code = failed(context, status);
        if (*out_code == EXIT_UNREACHABLE)
            complain(context, "本机没有报表“%s”的副本，须联网取得一次",
                     "there is no copy of form \"%s\" here: it has to be fetched once", code);
        return NULL;
    }
    enum status asked = zhibao_cause(context->zhibao)->status;
    context->unreachable = asked == STATUS_UNREACHABLE || asked == STATUS_TIMEOUT;
    /* An old copy is only used when the server could not be asked. */
    if (clock_now_us() - fetched_us > (int64_t)max_age_s * 1000000 + 60000000) {
        char text[TIME_TEXT_BYTES];
        complain(context, "连接不上服务器，使用 %s 取得的报表副本",
                 "the server is not reachable: using the copy of the form made at %s",
                 time_text(fetched_us, text));
    }
    status = blank_form_create(sheet, &blank);
    if (status == STATUS_OK)
        return blank;
    complain(context, "报表“%s”无法使用：%s", "form \"%s\" cannot be used: %s", code,
             TR(context, status_zh(status), status_en(status)));
    *out_code = exit_code_of(status);
    return NULL;
}
