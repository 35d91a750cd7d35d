#include "cli/find_record.h"

#include <ctype.h>
#include <string.h>

#include "cli/id_search.h"

bool prefix_read(struct context *context, const char *text, char **out_prefix,
                 enum exit_code *out_code)
{
    char *prefix = arena_string(context->arena, text);
    if (!id_prefix_good(context, text, out_code))
        return false;
    *out_code = EXIT_MISUSED;
    if (prefix == NULL)
        return false;
    if (strlen(text) > 2 * RECORD_ID_BYTES ||
        strspn(text, "0123456789abcdefABCDEF") != strlen(text)) {
        misused(context, "编号“%s”不正确，应为4至32位十六进制数字",
                "id \"%s\" is wrong: expected 4 to 32 hex digits", text);
        return false;
    }
    for (char *at = prefix; *at != '\0'; at++)
        *at = (char)tolower((unsigned char)*at);
    *out_prefix = prefix;
    return true;
}

const Zhibao__TrackedReport *record_find(struct context *context, const char *prefix, uint64_t unit,
                                         bool below, enum exit_code *out_code)
{
    Zhibao__Track question = ZHIBAO__TRACK__INIT;
    ProtobufCMessage *message = NULL;
    question.unit = unit;
    question.subtree = below;
    if (!prefix_read(context, prefix, &question.id_prefix, out_code) ||
        !context_ask(context, ZHIBAO__KIND__KIND_TRACK, &question.base, &message, out_code))
        return NULL;
    const Zhibao__Tracked *found = (const Zhibao__Tracked *)message;
    *out_code = EXIT_MISUSED;
    if (found->n_reports == 1 && found->reports[0]->id.len == RECORD_ID_BYTES &&
        found->reports[0]->payload_sha256.len == HASH_BYTES)
        return found->reports[0];
    if (found->n_reports > 1)
        misused(context, "编号“%s”对应不止一件，请多写几位",
                "id \"%s\" is that of several records: give more digits", prefix);
    else
        complain(context, "没有编号以“%s”开头的报告或汇总，或不在本单位可查看的范围内（zhibao %s）",
                 "no report or total that this unit may see has an id that begins with \"%s\" (see "
                 "zhibao %s)",
                 prefix, below ? "track --subtree" : "track");
    return NULL;
}

bool record_subject(struct context *context, const Zhibao__TrackedReport *report,
                    struct review_subject *out_subject)
{
    Zhibao__RecordRef *record = arena_alloc(context->arena, sizeof *record);
    if (record == NULL)
        return false;
    zhibao__record_ref__init(record);
    record->unit = report->unit;
    record->id = report->id;
    record->payload_sha256 = report->payload_sha256;
    *out_subject = (struct review_subject){.kind = report->kind,
                                           .record = record,
                                           .form = report->form,
                                           .period = report->period,
                                           .revision = report->revision};
    return true;
}
