#include "server/notify/message.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/china_time.h"
#include "plan/plan.h"
#include "server/notify/mime.h"
#include "server/notify/template.h"
#include "server/watch/alarms.h"

#define WEBHOOK_DOMAIN "zhibao/webhook/v1"

enum { LEVEL_OF_TOTAL = 2, VALUES_MAX = 6 };

/* What the texts need, in one language. */
struct words {
    const struct notice_template *template;
    char *unit, *subject, *body;
};

static char *unit_words(struct arena *arena, struct registry *registry, uint64_t unit, bool english)
{
    struct registry_unit found;
    char code[UNIT_TEXT_BYTES];
    if (unit == 0)
        return arena_string(arena, english ? "the aggregator" : "服务器");
    unit_format(unit, code);
    if (!registry_unit(registry, unit, &found))
        return arena_string(arena, code);
    const char *name = english && found.name_en[0] != '\0' ? found.name_en : found.name_zh;
    return english ? arena_printf(arena, "%s (%s)", name, code)
                   : arena_printf(arena, "%s（%s）", name, code);
}

static const struct form *form_of(struct registry *registry, const struct notice_row *row)
{
    const struct plan *plan = row->form[0] == '\0' ? NULL : registry_plan(registry, row->plan);
    return plan == NULL ? NULL : plan_form(plan, row->form);
}

static char *what_words(struct arena *arena, struct registry *registry,
                        const struct notice_row *row, bool english)
{
    const struct form *form = form_of(registry, row);
    const struct alarm_row *alarm = alarm_find(row->form);
    if (strcmp(row->event, "alarm") == 0 && alarm != NULL)
        return english ? arena_printf(arena, "%s (%s)", alarm->en, alarm->name)
                       : arena_printf(arena, "%s（%s）", alarm->zh, alarm->name);
    bool total = row->level == LEVEL_OF_TOTAL;
    bool figure = strncmp(row->event, "comment_", strlen("comment_")) == 0;
    if (row->form[0] == '\0' && figure)
        return arena_printf(arena, english ? "a result of %d" : "%d年的一个结果", row->period);
    if (row->form[0] == '\0')
        return arena_string(arena, english ? "a document" : "文件");
    const char *title = form == NULL ? row->form : english ? form->title_en : form->title_zh;
    if (title[0] == '\0')
        title = row->form;
    return english ? arena_printf(arena, "%s%s %d%s", figure ? "a figure of " : "", title,
                                  row->period, total ? " (total)" : "")
                   : arena_printf(arena, "%d年“%s”%s", row->period, title,
                                  total    ? "汇总"
                                  : figure ? "中的一个数"
                                           : "");
}

static bool words_make(struct arena *arena, struct registry *registry, const struct notice_row *row,
                       bool english, struct words *out)
{
    char due[CHINA_TEXT_BYTES], until[CHINA_TEXT_BYTES];
    const struct template_value values[VALUES_MAX] = {
        {"about",   unit_words(arena, registry, row->about_unit,          english)},
        {"actor",         unit_words(arena,                   registry,   row->actor, english)},
        {"what", what_words(arena,                 registry,                    row,                            english)},
        {"due",      china_text(row->due_us,              true,   due)},
        {"until",     china_text(row->until_us,    true,          until)                                },
        {"days",     arena_printf(arena,            "%d",           row->days)},
    };
    out->template = notice_template_of(row->event);
    if (out->template == NULL)
        return false;
    out->unit = unit_words(arena, registry, row->unit, english);
    out->subject = template_fill(
        arena, english ? out->template->subject_en : out->template->subject_zh, values, VALUES_MAX);
    out->body = template_fill(arena, english ? out->template->body_en : out->template->body_zh,
                              values, VALUES_MAX);
    return out->unit != NULL && out->subject != NULL && out->body != NULL;
}

/* The text of an e-mail, before it is encoded. */
static char *mail_text(struct arena *arena, const struct words *words, const char *id,
                       const char *link, bool english)
{
    const char *command = words->template->command;
    if (english)
        return arena_printf(arena,
                            "%s\r\n\r\nTo: %s\r\nTo see it: %s%s%s\r\nNumber of this notice: %s (a "
                            "repeated one has the same)\r\n\r\nSent by Zhibao; nobody reads an "
                            "answer. The address is changed with zhibao contact set.\r\n",
                            words->body, words->unit, command, link[0] == '\0' ? "" : ", or ", link,
                            id);
    return arena_printf(
        arena,
        "%s\r\n\r\n致：%s\r\n查看：%s%s%s\r\n通知编号：%s（重复收到的编号相同）"
        "\r\n\r\n本邮件由直报系统发出，请勿回复。更改地址：zhibao contact set。\r\n",
        words->body, words->unit, command, link[0] == '\0' ? "" : "，或 ", link, id);
}

char *message_mail(struct arena *arena, const struct notice_row *row, struct registry *registry,
                   const struct options *options, int64_t now_us)
{
    struct words words;
    char id[2 * RECORD_ID_BYTES + 1];
    bool english = strcmp(row->language, "en") == 0;
    hex_encode(row->id.bytes, RECORD_ID_BYTES, id);
    if (!words_make(arena, registry, row, english, &words))
        return NULL;
    char *text = mail_text(arena, &words, id, options->notice_link, english);
    char *subject = arena_printf(arena, english ? "[Zhibao] %s" : "【直报】%s", words.subject);
    char *name = mime_header(arena, "直报 Zhibao"), *date = mime_date(arena, now_us);
    const char *domain = strchr(options->smtp_from, '@');
    if (text == NULL || subject == NULL || name == NULL || date == NULL || domain == NULL)
        return NULL;
    subject = mime_header(arena, subject);
    text = mime_base64(arena, text);
    if (subject == NULL || text == NULL)
        return NULL;
    return arena_printf(arena,
                        "Date: %s\r\nFrom: %s <%s>\r\nTo: <%s>\r\nSubject: %s\r\n"
                        "Message-ID: <%s%s>\r\nX-Zhibao-Event: %s\r\n"
                        "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
                        "Content-Type: text/plain; charset=UTF-8\r\n"
                        "Content-Transfer-Encoding: base64\r\n\r\n%s",
                        date, name, options->smtp_from, row->address, subject, id, domain,
                        row->event, text);
}

/* "2026-02-10T18:00:00+08:00"; "" for 0. */
static char *iso_text(struct arena *arena, int64_t time_us)
{
    char text[CHINA_TEXT_BYTES];
    if (time_us == 0)
        return arena_string(arena, "");
    china_text(time_us, false, text);
    return arena_printf(arena, "%.10sT%s:00+08:00", text, text + 11);
}

char *message_json(struct arena *arena, const struct notice_row *row, struct registry *registry,
                   const struct options *options)
{
    struct words zh, en;
    char id[2 * RECORD_ID_BYTES + 1], unit[UNIT_TEXT_BYTES], about[UNIT_TEXT_BYTES] = "",
                                                             actor[UNIT_TEXT_BYTES] = "";
    char *due = iso_text(arena, row->due_us), *until = iso_text(arena, row->until_us);
    char *made = iso_text(arena, row->made_us);
    if (!words_make(arena, registry, row, false, &zh) ||
        !words_make(arena, registry, row, true, &en) || due == NULL || until == NULL ||
        made == NULL)
        return NULL;
    hex_encode(row->id.bytes, RECORD_ID_BYTES, id);
    if (row->about_unit != 0)
        unit_format(row->about_unit, about);
    if (row->actor != 0)
        unit_format(row->actor, actor);
    json_t *object = json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:i, s:b, s:s, s:s, s:i, s:s, s:s, s:s, s:s, s:s, s:s,"
        " s:s}",
        "id", id, "event", row->event, "unit", unit_format(row->unit, unit), "about", about,
        "actor", actor, "plan", row->plan, "form", row->form, "period", row->period, "total",
        row->level == LEVEL_OF_TOTAL, "due", due, "until", until, "days", row->days, "made", made,
        "subject_zh", zh.subject, "text_zh", zh.body, "subject_en", en.subject, "text_en", en.body,
        "command", zh.template->command, "link", options->notice_link);
    char *text = object == NULL ? NULL : json_dumps(object, JSON_COMPACT);
    json_decref(object);
    return text;
}

struct signature message_sign(struct arena *arena, const struct server_keys *keys, int64_t seconds,
                              const char *body)
{
    char *text = arena_printf(arena, "%" PRId64 ".%s", seconds, body);
    if (text == NULL)
        return (struct signature){{0}}; /* nobody takes it: it is tried again */
    return sign_bytes(&keys->sign_secret, WEBHOOK_DOMAIN, text, strlen(text));
}
