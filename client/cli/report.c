#include "cli/report.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "cli/send.h"

/* What is known of this unit's newest report of a form and year. */
struct newest {
    struct context *context;
    const Zhibao__Report *report; /* the one being made */
    uint32_t revision;            /* 0: there is none */
    bool same;                    /* same figures and explanations */
    bool stored;                  /* receipted, so that the server may have said more of it */
    bool returned;                /* the server says so of `revision` */
    const char *reason;           /* why; of the server's answer */
    char text[ITEM_TEXT_BYTES];
};

static char *writable(const char *text)
{
    return (char *)text; /* protobuf-c's fields are not const; it does not write */
}

static bool same_figures(const Zhibao__Observations *left, const Zhibao__Observations *right)
{
    size_t count = left == NULL ? 0 : left->n_cell;
    if (right == NULL || right->n_cell != count)
        return count == 0 && right == NULL;
    return left != NULL && left->n_presence == count && left->n_value == count &&
           memcmp(left->cell, right->cell, count * sizeof *left->cell) == 0 &&
           memcmp(left->presence, right->presence, count * sizeof *left->presence) == 0 &&
           memcmp(left->value, right->value, count * sizeof *left->value) == 0;
}

static bool same_report(const Zhibao__Report *left, const Zhibao__Report *right)
{
    if (left->n_explanations != right->n_explanations || left->provenance != right->provenance ||
        left->form_version != right->form_version || strcmp(left->note, right->note) != 0)
        return false;
    for (size_t i = 0; i < left->n_explanations; i++)
        if (left->explanations[i]->cell != right->explanations[i]->cell ||
            strcmp(left->explanations[i]->text, right->explanations[i]->text) != 0)
            return false;
    return same_figures(left->observations, right->observations);
}

static enum status compare(const struct zhibao_item *item, void *pointer)
{
    struct newest *newest = pointer;
    struct arena *arena = newest->context->arena;
    ProtobufCMessage *message = NULL;
    newest->revision = item->revision;
    newest->stored = item->state == ZHIBAO_RECEIPTED;
    item_text(newest->context, item, newest->text);
    enum status status =
        message_read(&zhibao__record__descriptor, arena, item->record, item->record_size, &message);
    const Zhibao__Record *record = (const Zhibao__Record *)message;
    if (status == STATUS_OK)
        status = message_read(&zhibao__report__descriptor, arena, record->payload.data,
                              record->payload.len, &message);
    if (status == STATUS_OK)
        newest->same = same_report((const Zhibao__Report *)message, newest->report);
    return status;
}

/* What the server has of this unit's form and year; NULL when it is not reachable. */
static const Zhibao__Tracked *ask_reports(struct context *context, uint64_t unit,
                                          const Zhibao__Report *report)
{
    Zhibao__Track track = ZHIBAO__TRACK__INIT;
    ProtobufCMessage *message = NULL;
    track.unit = unit;
    track.form = report->form;
    track.period = report->period;
    enum status status = zhibao_request(context->zhibao, ZHIBAO__KIND__KIND_TRACK, &track.base,
                                        context->arena, &message);
    if (status != STATUS_OK) {
        context->unreachable = status == STATUS_UNREACHABLE || status == STATUS_TIMEOUT;
        return NULL;
    }
    return (const Zhibao__Tracked *)message;
}

/* The newest revision that the server has of this unit; 0 when it has none or is not reachable. */
static uint32_t ask_revision(struct context *context, uint64_t unit, const Zhibao__Report *report)
{
    const Zhibao__Tracked *tracked = ask_reports(context, unit, report);
    uint32_t newest = 0;
    for (size_t i = 0; tracked != NULL && i < tracked->n_reports; i++)
        if (tracked->reports[i]->kind == ZHIBAO__RECORD_KIND__RECORD_REPORT &&
            tracked->reports[i]->revision > newest)
            newest = tracked->reports[i]->revision;
    return newest;
}

/* Whether the newest revision was given back, and why. */
static void find_return(struct newest *newest, uint64_t unit)
{
    const Zhibao__Tracked *tracked = ask_reports(newest->context, unit, newest->report);
    for (size_t i = 0; tracked != NULL && i < tracked->n_reports; i++) {
        const Zhibao__TrackedReport *one = tracked->reports[i];
        if (one->kind != ZHIBAO__RECORD_KIND__RECORD_REPORT || one->revision != newest->revision ||
            one->state != ZHIBAO__STATE__STATE_RETURNED)
            continue;
        newest->returned = true;
        newest->reason = "";
        for (size_t k = 0; k < one->n_steps; k++)
            if (one->steps[k]->state == ZHIBAO__STATE__STATE_RETURNED)
                newest->reason = one->steps[k]->reason;
    }
}

/* Nothing is sent; to a unit whose report was given back that is no success. */
static enum exit_code say_same(struct newest *newest, uint64_t unit)
{
    struct context *context = newest->context;
    if (newest->stored && !context->unreachable)
        find_return(newest, unit);
    if (newest->returned) {
        complain(context,
                 "第%u版已被退回（%s），数值仍与它相同，没有报送；请改正后再报送，"
                 "确需照原样再报请加 --revision %u",
                 "revision %u was returned (%s) and the figures are still those: nothing was "
                 "submitted; correct them, or, if they have to be submitted as they are, add "
                 "--revision %u",
                 newest->revision, newest->reason, newest->revision + 1);
        return EXIT_REFUSED;
    }
    say(context, "数值与%s相同，不再重复报送；确需再报请加 --revision %u",
        "the figures are those of %s and are not submitted again; if they have to be, add "
        "--revision %u",
        newest->text, newest->revision + 1);
    return EXIT_DONE;
}

/* False when the report need not be made, or after a complaint with *out_code set. */
static bool find_revision(struct context *context, uint64_t unit, uint32_t wanted,
                          Zhibao__Report *report, enum exit_code *out_code)
{
    struct newest newest = {.context = context, .report = report};
    report->revision = wanted;
    if (wanted > 0)
        return true;
    enum status status =
        zhibao_newest_report(context->zhibao, unit, report->form, report->period, compare, &newest);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND) {
        *out_code = failed(context, status);
        return false;
    }
    if (newest.same) {
        *out_code = say_same(&newest, unit);
        return false;
    }
    if ((status == STATUS_NOT_FOUND || unit != 0) && !context->unreachable) {
        uint32_t known = ask_revision(context, unit, report); /* another home may have reported */
        newest.revision = known > newest.revision ? known : newest.revision;
    }
    report->revision = newest.revision + 1;
    return true;
}

/* The report's columns and explanations, in the arena. */
static bool set_figures(struct context *context, const struct filled_form *filled,
                        Zhibao__Report *report)
{
    size_t count = 0;
    const struct observations *from = filled_form_observations(filled);
    const struct filled_explanation *reasons = filled_form_explanations(filled, &count);
    Zhibao__Observations *to = arena_alloc(context->arena, sizeof *to);
    Zhibao__Explanation *explanations = arena_array(context->arena, count, sizeof *explanations);
    Zhibao__Explanation **pointers =
        arena_array(context->arena, count, sizeof(Zhibao__Explanation *));
    if (to == NULL || explanations == NULL || pointers == NULL)
        return false;
    zhibao__observations__init(to);
    to->n_cell = to->n_presence = to->n_value = from->count;
    to->cell = (uint32_t *)from->cell;
    to->presence = (uint32_t *)from->presence;
    to->value = (double *)from->value;
    report->observations = to;
    for (size_t i = 0; i < count; i++) {
        zhibao__explanation__init(&explanations[i]);
        explanations[i].cell = reasons[i].cell;
        explanations[i].text = writable(reasons[i].text);
        pointers[i] = &explanations[i];
    }
    report->n_explanations = count;
    report->explanations = pointers;
    return true;
}

/* Names of the command line go before those of the sheet. A report has no place for the reviewer,
 * who signs with a key where the plan asks for that: the sheet's is kept in the note. */
static bool set_prose(const struct context *context, const struct filled_form *filled,
                      Zhibao__Report *report)
{
    const struct filled_people *people = filled_form_people(filled);
    const char *filler = option_prose(context, "filler", false);
    const char *principal = option_prose(context, "principal", false);
    const char *note = option_prose(context, "note", false);
    if (filler == NULL || principal == NULL || note == NULL)
        return false;
    if (note[0] == '\0' && people->reviewer[0] != '\0')
        note = arena_printf(context->arena, "审核人：%s", people->reviewer);
    if (note == NULL)
        return false;
    report->filler = writable(filler[0] != '\0' ? filler : people->filler);
    report->principal = writable(principal[0] != '\0' ? principal : people->principal);
    report->note = writable(note);
    return true;
}

/* All but prose, revision and head. False without memory. */
static bool set_report(struct context *context, const struct blank_form *blank,
                       const struct report_file *file, const struct filled_form *filled,
                       Zhibao__Report *report)
{
    const Zhibao__FormSheet *sheet = blank_form_sheet(blank);
    uint64_t own = zhibao_identity(context->zhibao)->unit;
    report->plan = sheet->plan;
    report->form = sheet->form;
    report->form_version = sheet->version;
    report->period = file->year;
    report->place = unit_place(file->unit != 0 ? file->unit : own);
    report->entered_by = file->unit != 0 ? own : 0;
    report->provenance = option_given(context, "demo")
                             ? ZHIBAO__PROVENANCE__PROVENANCE_DEMONSTRATION
                             : ZHIBAO__PROVENANCE__PROVENANCE_REAL;
    return set_figures(context, filled, report);
}

size_t report_size(struct context *context, const struct blank_form *blank,
                   const struct report_file *file, const struct filled_form *filled)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__Report report = ZHIBAO__REPORT__INIT;
    struct record_id id = {{0}};
    head.id = (ProtobufCBinaryData){sizeof id.bytes, id.bytes};
    head.unit = zhibao_identity(context->zhibao)->unit;
    head.signed_at_us = clock_now_us();
    report.head = &head;
    report.revision = 1;
    return set_report(context, blank, file, filled, &report)
               ? protobuf_c_message_get_packed_size(&report.base)
               : 0;
}

bool report_put(struct context *context, const struct blank_form *blank,
                const struct report_file *file, enum exit_code *out_code)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__Report report = ZHIBAO__REPORT__INIT;
    char stream[200];
    report.head = &head;
    if (!set_report(context, blank, file, file->filled, &report)) {
        complain(context, "内存不足", "out of memory");
        *out_code = EXIT_MISUSED;
        return false;
    }
    *out_code = EXIT_MISUSED;
    if (!set_prose(context, file->filled, &report))
        return false;
    if (!find_revision(context, file->unit, file->revision, &report, out_code))
        return *out_code == EXIT_DONE;
    snprintf(stream, sizeof stream, "report/%.80s/%u/%llu", report.form, report.period,
             (unsigned long long)file->unit);
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_REPORT,
                                 .unit = file->unit,
                                 .payload = &report.base,
                                 .head = &head,
                                 .stream = stream,
                                 .form = report.form,
                                 .period = report.period,
                                 .revision = report.revision};
    enum status status = zhibao_put(context->zhibao, &draft, NULL);
    if (status == STATUS_OK)
        return true;
    *out_code = failed(context, status);
    return false;
}
