/* Everything that a yearbook asks the server. */
#include <stdio.h>
#include <string.h>

#include "plan/stratum.h"
#include "yearbook/book.h"

enum { PAGES_MAX = 4096, PLAN_FILES_MAX = 64 };

static void progress(const struct book *book, const char *what)
{
    complain(book->context, "%s …", "%s ...", what);
}

static bool out_of_memory(const struct book *book, enum exit_code *out_code)
{
    complain(book->context, "内存不足", "out of memory");
    *out_code = EXIT_MISUSED;
    return false;
}

static Zhibao__Evaluate evaluation_of(const struct book *book)
{
    Zhibao__Evaluate question = ZHIBAO__EVALUATE__INIT;
    question.place = book->place;
    question.period = book->year;
    question.plan = (char *)book->asked_plan;
    question.kind = (char *)"midterm"; /* all years of the plan count */
    return question;
}

static bool take_hash(const ProtobufCBinaryData *data, struct hash *out_hash)
{
    if (data->len != HASH_BYTES)
        return false;
    memcpy(out_hash->bytes, data->data, HASH_BYTES);
    return true;
}

/* One page of the reports behind the figures, appended. */
static bool sources_add(struct book *book, const Zhibao__Evaluation *page)
{
    size_t count = page->n_input_unit;
    if (page->n_input_form != count || page->n_input_period != count ||
        page->n_input_revision != count || page->input_id.len != count * RECORD_ID_BYTES ||
        page->input_sha256.len != count * HASH_BYTES || book->source_count + count > page->inputs)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct source *source = &book->sources[book->source_count++];
        source->unit = page->input_unit[i];
        source->form = page->input_form[i] < page->n_forms ? page->forms[page->input_form[i]] : "";
        source->period = page->input_period[i];
        source->revision = page->input_revision[i];
        memcpy(source->id.bytes, page->input_id.data + i * RECORD_ID_BYTES, RECORD_ID_BYTES);
        memcpy(source->payload_sha256.bytes, page->input_sha256.data + i * HASH_BYTES, HASH_BYTES);
    }
    return true;
}

static bool evaluation_gather(struct book *book, const Zhibao__Evaluation **out_first,
                              enum exit_code *out_code)
{
    struct context *context = book->context;
    Zhibao__Evaluate question = evaluation_of(book);
    ProtobufCMessage *message = NULL;
    for (size_t pages = 0; pages < PAGES_MAX; pages++) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_EVALUATE, &question.base, &message, out_code))
            return false;
        const Zhibao__Evaluation *page = (const Zhibao__Evaluation *)message;
        if (pages == 0) {
            *out_first = page;
            book->sources = arena_array(context->arena, page->inputs, sizeof *book->sources);
        }
        if (book->sources == NULL)
            return out_of_memory(book, out_code);
        if (!take_hash(&page->inputs_sha256, &book->inputs_sha256) ||
            !take_hash(&page->plan_sha256, &book->plan_sha256) || !sources_add(book, page))
            break;
        if (page->next[0] == '\0')
            return true;
        question.cursor = page->next;
        question.batch = page->batch;
    }
    complain(context, "服务器所列的依据不完整", "the server's list of reports is not whole");
    *out_code = EXIT_REFUSED;
    return false;
}

bool book_unchanged(struct book *book, bool *out_unchanged, enum exit_code *out_code)
{
    Zhibao__Evaluate question = evaluation_of(book);
    ProtobufCMessage *message = NULL;
    struct hash plan, inputs;
    if (!context_ask(book->context, ZHIBAO__KIND__KIND_EVALUATE, &question.base, &message,
                     out_code))
        return false;
    const Zhibao__Evaluation *page = (const Zhibao__Evaluation *)message;
    *out_unchanged = take_hash(&page->plan_sha256, &plan) &&
                     take_hash(&page->inputs_sha256, &inputs) &&
                     memcmp(plan.bytes, book->plan_sha256.bytes, HASH_BYTES) == 0 &&
                     memcmp(inputs.bytes, book->inputs_sha256.bytes, HASH_BYTES) == 0;
    return true;
}

static bool plan_read(struct book *book, const ProtobufCBinaryData *payload)
{
    struct plan_file files[PLAN_FILES_MAX];
    struct problems problems;
    ProtobufCMessage *message = NULL;
    if (message_read(&zhibao__plan_import__descriptor, book->context->arena, payload->data,
                     payload->len, &message) != STATUS_OK)
        return false;
    const Zhibao__PlanImport *import = (const Zhibao__PlanImport *)message;
    if (import->n_files > PLAN_FILES_MAX)
        return false;
    for (size_t i = 0; i < import->n_files; i++)
        files[i] = (struct plan_file){import->files[i]->name, import->files[i]->content.data,
                                      import->files[i]->content.len};
    problems_init(&problems);
    enum status status = plan_load(files, import->n_files, &problems, &book->plan);
    problems_clear(&problems);
    return status == STATUS_OK && plan_check(book->plan, &book->findings) == STATUS_OK;
}

/* The plan as it was signed: its text tells bases, quotes and contradictions. */
static bool plan_gather(struct book *book, const Zhibao__Evaluation *evaluation,
                        enum exit_code *out_code)
{
    Zhibao__GetRecord question = ZHIBAO__GET_RECORD__INIT;
    ProtobufCMessage *message = NULL;
    question.kind = ZHIBAO__RECORD_KIND__RECORD_PLAN;
    question.unit = evaluation->plan_unit;
    question.id = evaluation->plan_id;
    if (!context_ask(book->context, ZHIBAO__KIND__KIND_GET_RECORD, &question.base, &message,
                     out_code))
        return false;
    const Zhibao__RecordReply *reply = (const Zhibao__RecordReply *)message;
    struct hash found = {{0}};
    if (reply->record != NULL)
        found = hash_bytes(reply->record->payload.data, reply->record->payload.len);
    if (reply->record != NULL && memcmp(found.bytes, book->plan_sha256.bytes, HASH_BYTES) == 0 &&
        plan_read(book, &reply->record->payload))
        return true;
    complain(book->context, "规划文件与服务器所说的不符，或无法读取",
             "the plan's files are not what the server said, or cannot be read");
    *out_code = EXIT_REFUSED;
    return false;
}

static bool pull_gather(struct book *book, int year, bool published, struct pulled **out_pulled,
                        enum exit_code *out_code)
{
    struct context *context = book->context;
    Zhibao__Pull question = ZHIBAO__PULL__INIT;
    ProtobufCMessage *message = NULL;
    struct pulled *pulled = arena_alloc(context->arena, sizeof *pulled);
    question.place = book->place;
    question.period = (uint32_t)year;
    question.plan = (char *)book->plan->code;
    question.published = published;
    question.analysis = !published;
    while (pulled != NULL && pulled->count < PULLED_PAGES_MAX) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_PULL, &question.base, &message, out_code))
            return false;
        const Zhibao__Pulled *page = (const Zhibao__Pulled *)message;
        pulled->pages[pulled->count++] = page;
        *out_pulled = pulled;
        if (page->next[0] == '\0')
            return true;
        question.cursor = page->next;
    }
    return out_of_memory(book, out_code);
}

static bool pulls_gather(struct book *book, enum exit_code *out_code)
{
    char what[64];
    int last = (int)book->year;
    int first = book->plan->first_year <= last ? book->plan->first_year : last;
    if (last - first >= BOOK_YEARS_MAX)
        first = last - BOOK_YEARS_MAX + 1;
    for (int year = first; year <= last; year++) {
        snprintf(what, sizeof what, TR(book, "汇总%d年", "figures of %d"), year);
        progress(book, what);
        book->years[book->year_count] = year;
        if (!pull_gather(book, year, true, &book->published[book->year_count++], out_code))
            return false;
    }
    if (!pull_gather(book, last, false, &book->exact, out_code))
        return false;
    const Zhibao__Pulled *page = book->published[book->year_count - 1]->pages[0];
    book->place_name = page->place_name;
    book->locked = page->locked;
    for (size_t i = 0; i < book->year_count; i++)
        book->demonstration = book->demonstration || book->published[i]->pages[0]->demonstration;
    return true;
}

static bool warnings_gather(struct book *book, enum exit_code *out_code)
{
    struct context *context = book->context;
    Zhibao__Warnings question = ZHIBAO__WARNINGS__INIT;
    ProtobufCMessage *message = NULL;
    question.place = book->place;
    question.period = book->year;
    question.plan = (char *)book->plan->code;
    for (size_t pages = 0; pages < PAGES_MAX; pages++) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_WARNINGS, &question.base, &message, out_code))
            return false;
        const Zhibao__WarningList *page = (const Zhibao__WarningList *)message;
        size_t count = book->warning_count + page->n_warnings;
        const Zhibao__Warning **all = arena_array(context->arena, count, sizeof *all);
        if (all == NULL)
            return out_of_memory(book, out_code);
        for (size_t i = 0; i < count; i++)
            all[i] = i < book->warning_count ? book->warnings[i]
                                             : page->warnings[i - book->warning_count];
        book->warnings = all;
        book->warning_count = count;
        book->judged = page->judged;
        book->insufficient = page->insufficient;
        if (page->next[0] == '\0')
            break;
        question.cursor = page->next;
    }
    return true;
}

static bool quality_gather(struct book *book, enum exit_code *out_code)
{
    struct context *context = book->context;
    Zhibao__Quality question = ZHIBAO__QUALITY__INIT;
    ProtobufCMessage *message = NULL;
    question.place = book->place;
    question.period = book->year;
    question.plan = (char *)book->plan->code;
    book->quality =
        arena_array(context->arena, book->plan->unit_count + 1, sizeof(Zhibao__QualityRow *));
    if (book->quality == NULL)
        return out_of_memory(book, out_code);
    for (size_t pages = 0; pages < PAGES_MAX; pages++) {
        if (!context_ask(context, ZHIBAO__KIND__KIND_QUALITY, &question.base, &message, out_code))
            return false;
        const Zhibao__QualityScores *page = (const Zhibao__QualityScores *)message;
        for (size_t i = 0; i < page->n_rows && book->quality_count < book->plan->unit_count; i++)
            book->quality[book->quality_count++] = page->rows[i];
        if (page->next[0] == '\0')
            break;
        question.cursor = page->next;
    }
    book->has_quality = true;
    return true;
}

static bool completeness_gather(struct book *book, enum exit_code *out_code)
{
    Zhibao__GetCompleteness question = ZHIBAO__GET_COMPLETENESS__INIT;
    ProtobufCMessage *message = NULL;
    question.place = book->place;
    question.period = book->year;
    question.plan = (char *)book->plan->code;
    if (!context_ask(book->context, ZHIBAO__KIND__KIND_GET_COMPLETENESS, &question.base, &message,
                     out_code))
        return false;
    book->completeness = (const Zhibao__CompletenessReply *)message;
    return true;
}

/* Whether villages, townships or districts, rather than a department of the place, report it. */
static bool is_reported_below(const struct plan *plan, const struct indicator *indicator)
{
    static const char *const below[] = {"village", "township", "district"};
    for (size_t i = 0; i < plan->form_count && indicator->numerator.count > 0; i++)
        for (size_t k = 0; k < sizeof below / sizeof *below; k++) {
            const struct form *form = &plan->forms[i];
            if (strcmp(form->reporter, below[k]) != 0)
                continue;
            for (size_t cell = 0; cell < form->cell_count; cell++)
                if (form->cells[cell].element == indicator->numerator.terms[0].element)
                    return true;
        }
    return false;
}

/* The places just below side by side, fit for print; an indicator that does not divide counts has
 * no such answer. */
static bool areas_gather(struct book *book, enum exit_code *out_code)
{
    struct context *context = book->context;
    const struct plan *plan = book->plan;
    for (size_t i = 0; i < plan->indicator_count && book->area_count < BOOK_AREAS_MAX; i++) {
        const struct indicator *indicator = &plan->indicators[i];
        const Zhibao__IndicatorResult *row = book_exact(book, indicator->code, "");
        Zhibao__Areas question = ZHIBAO__AREAS__INIT;
        ProtobufCMessage *message = NULL;
        if (indicator->kind != INDICATOR_RATIO || indicator->denominator.count == 0 ||
            row == NULL || !row->has_fraction || !is_reported_below(plan, indicator))
            continue;
        question.place = book->place;
        question.period = book->year;
        question.plan = (char *)plan->code;
        question.indicator = (char *)indicator->code;
        question.published = true;
        enum status status = zhibao_request(context->zhibao, ZHIBAO__KIND__KIND_AREAS,
                                            &question.base, context->arena, &message);
        if (status == STATUS_OK) {
            book->areas[book->area_count++] = (const Zhibao__AreaRows *)message;
        } else if (status != STATUS_E_CELL_UNKNOWN) {
            *out_code = failed(context, status);
            return false;
        }
    }
    return true;
}

bool book_gather(struct context *context, struct book *book, enum exit_code *out_code)
{
    const Zhibao__Evaluation *evaluation = NULL;
    book->context = context;
    book->english = context->english;
    progress(book, TR(book, "依据的报告和规划", "the reports behind the figures, and the plan"));
    if (!evaluation_gather(book, &evaluation, out_code) ||
        !plan_gather(book, evaluation, out_code) || !pulls_gather(book, out_code))
        return false;
    progress(book, TR(book, "预警、完整性", "warnings, completeness"));
    if (!warnings_gather(book, out_code) || !completeness_gather(book, out_code))
        return false;
    if (place_level(book->place) < PLACE_CITY)
        return true;
    progress(book, TR(book, "数据质量、地区差距", "data quality, gaps between places"));
    return quality_gather(book, out_code) && areas_gather(book, out_code);
}

void book_clear(struct book *book)
{
    findings_destroy(&book->findings);
    plan_destroy(&book->plan);
}
