#include "server/uplink/uplink.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/log.h"
#include "lib/zhibao.h"
#include "server/clock/now.h"
#include "server/query/access.h"
#include "server/query/pull.h"
#include "server/store/found_store.h"
#include "server/store/uplink_store.h"
#include "server/uplink/uplink_explained.h"
#include "server/uplink/uplink_tasks.h"

enum {
    ARENA_BYTES = 64 * 1024 * 1024,
    HOME_TIMEOUT_MS = 5000,
    FORM_FRESH_S = 3600,
    NAP_MS = 100,
    CHINA_S = 8 * 3600,
    DAY_S = 24 * 3600,
    RETRY_S = 3600,
    YEAR_OF_EPOCH = 1970,
};

struct uplink {
    const struct uplink_config *config;
    struct db *db;
    struct db_retry retry;
    struct arena *arena; /* of one round */
    struct zhibao *zhibao;
    int64_t batch;       /* what the last round has looked at */
    unsigned looks;      /* how often, without anything having waited */
    int64_t retry_ms;    /* when to look anyway: the last one was refused; 0: not */
    const char *plan;    /* that the form is of; in the arena */
    enum status trouble; /* of the last round, logged when it changes */
};

/* The report of a year that is being made, and what is known of the one before. */
struct making {
    struct uplink *uplink;
    const Zhibao__Report *report;
    uint32_t revision; /* of the newest; 0: none */
    bool waiting, same;
};

static bool same_units(const Zhibao__Report *left, const Zhibao__Report *right)
{
    if (left->n_units != right->n_units || left->n_reporters != right->n_reporters ||
        (left->n_reporters > 0 && memcmp(left->reporters, right->reporters,
                                         left->n_reporters * sizeof *left->reporters) != 0))
        return false;
    for (size_t i = 0; i < left->n_units; i++) {
        const Zhibao__UnitFigure *a = left->units[i], *b = right->units[i];
        if (a->place != b->place || a->presence != b->presence || a->averaged != b->averaged ||
            a->value != b->value || a->numerator != b->numerator ||
            a->denominator != b->denominator || strcmp(a->indicator, b->indicator) != 0 ||
            strcmp(a->stratum, b->stratum) != 0)
            return false;
    }
    return true;
}

static bool same_explanations(const Zhibao__Report *left, const Zhibao__Report *right)
{
    if (left->n_explanations != right->n_explanations)
        return false;
    for (size_t i = 0; i < left->n_explanations; i++)
        if (left->explanations[i]->cell != right->explanations[i]->cell ||
            strcmp(left->explanations[i]->text, right->explanations[i]->text) != 0)
            return false;
    return true;
}

static bool same_figures(const Zhibao__Observations *left, const Zhibao__Observations *right)
{
    size_t count = left->n_cell;
    return right != NULL && right->n_cell == count && right->n_presence == count &&
           right->n_value == count &&
           memcmp(left->cell, right->cell, count * sizeof *left->cell) == 0 &&
           memcmp(left->presence, right->presence, count * sizeof *left->presence) == 0 &&
           memcmp(left->value, right->value, count * sizeof *left->value) == 0;
}

/* Against the outbox itself, so that a crash between two steps reports nothing twice. */
static enum status compare(const struct zhibao_item *item, void *context)
{
    struct making *making = context;
    struct arena *arena = making->uplink->arena;
    ProtobufCMessage *message = NULL;
    making->revision = item->revision;
    making->waiting = item->state == ZHIBAO_WAITING;
    enum status status =
        message_read(&zhibao__record__descriptor, arena, item->record, item->record_size, &message);
    const Zhibao__Record *record = (const Zhibao__Record *)message;
    if (status == STATUS_OK)
        status = message_read(&zhibao__report__descriptor, arena, record->payload.data,
                              record->payload.len, &message);
    if (status != STATUS_OK)
        return status;
    const Zhibao__Report *newest = (const Zhibao__Report *)message;
    making->same = newest->form_version == making->report->form_version &&
                   newest->provenance == making->report->provenance &&
                   strcmp(newest->note, making->report->note) == 0 &&
                   same_figures(making->report->observations, newest->observations) &&
                   same_units(making->report, newest) && same_explanations(making->report, newest);
    return STATUS_OK;
}

static enum status report_put(struct uplink *uplink, Zhibao__Report *report)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    char stream[OPTION_NAME_BYTES * 2];
    struct making making = {.uplink = uplink, .report = report};
    enum status status =
        zhibao_newest_report(uplink->zhibao, 0, report->form, report->period, compare, &making);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    /* while one waits to be sent, what comes after it is still being collected */
    if (making.same || making.waiting)
        return STATUS_OK;
    /* cppcheck-suppress autoVariables ; nobody reads it after this function */
    report->head = &head;
    report->revision = making.revision + 1;
    snprintf(stream, sizeof stream, "report/%.60s/%u", report->form, report->period);
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_REPORT,
                                 .payload = &report->base,
                                 .head = &head,
                                 .stream = stream,
                                 .form = report->form,
                                 .period = report->period,
                                 .revision = report->revision};
    status = zhibao_put(uplink->zhibao, &draft, NULL);
    if (status == STATUS_OK)
        log_info("uplink: put form=%s period=%u revision=%u", report->form, report->period,
                 report->revision);
    return status;
}

/* What the units behind the figures said of them. */
static enum status year_explain(const struct pull *pull, const Zhibao__FormSheet *sheet,
                                Zhibao__Report *report)
{
    struct arena *arena = pull->query->arena;
    struct unit_span span = unit_span_of(pull->place);
    int64_t district = span.first_district;
    struct explained_row *rows = NULL;
    size_t count = 0;
    enum status status = query_explained_span(pull->query->db, arena, &district, 1, pull->period,
                                              span.first_unit, span.last_unit, &rows, &count);
    struct uplink_said *said = arena_array(arena, count, sizeof *said);
    if (status == STATUS_OK && said == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        said[i] = (struct uplink_said){&rows[i], query_unit_name(pull->query, rows[i].unit)};
        if (said[i].unit_name == NULL)
            status = STATUS_NO_MEMORY;
    }
    return status == STATUS_OK ? uplink_explained(pull->plan, sheet, said, count, arena, report)
                               : status;
}

/* Whether the year is locked, and what could not be said. NULL without memory. */
static char *year_note(struct uplink *uplink, const struct pull *pull, size_t left_out)
{
    uint64_t district = place_ancestor(pull->place, PLACE_DISTRICT);
    bool locked =
        registry_locked(uplink->config->registry, pull->plan->code, district, pull->period);
    const char *note = locked ? "已锁定 locked" : "未锁定 not locked";
    if (left_out == 0)
        return arena_string(uplink->arena, note);
    log_warning("uplink: figures of each unit do not fit plan=%s period=%d indicators=%zu",
                pull->plan->code, pull->period, left_out);
    return arena_printf(uplink->arena,
                        "%s；有%zu项指标未附各单位的数（一份最多%d个） %zu indicators without the "
                        "figures of each unit (%d at most)",
                        note, left_out, UPLINK_UNITS_MAX, left_out, UPLINK_UNITS_MAX);
}

/* Adds up one year and puts it into the outbox when it is news. */
static enum status year_report(struct uplink *uplink, const struct plan *plan,
                               const Zhibao__FormSheet *sheet, int year)
{
    const struct zhibao_identity *identity = zhibao_identity(uplink->zhibao);
    struct query query = {
        .db = uplink->db, .registry = uplink->config->registry, .arena = uplink->arena};
    struct pull pull = {.query = &query,
                        .plan = plan,
                        .place = unit_place(identity->unit),
                        .period = year,
                        .figures_only = true,
                        .only = PLAN_NONE};
    Zhibao__Report report = ZHIBAO__REPORT__INIT;
    bool any = false;
    size_t left_out = 0;
    enum status status = pull_gather(&pull);
    if (status == STATUS_OK)
        status = uplink_sums(&pull.years[0].input, sheet, uplink->arena, &report, &any);
    if (status == STATUS_OK && any)
        status =
            uplink_units(&pull.years[0].input, UPLINK_UNITS_MAX, uplink->arena, &report, &left_out);
    if (status == STATUS_OK && any)
        status = year_explain(&pull, sheet, &report);
    if (status != STATUS_OK || !any)
        return status;
    report.plan = sheet->plan;
    report.form = sheet->form;
    report.form_version = sheet->version;
    report.period = (uint32_t)year;
    report.place = pull.place;
    report.provenance = pull.demonstration ? ZHIBAO__PROVENANCE__PROVENANCE_DEMONSTRATION
                                           : ZHIBAO__PROVENANCE__PROVENANCE_REAL;
    report.note = year_note(uplink, &pull, left_out);
    return report.note == NULL ? STATUS_NO_MEMORY : report_put(uplink, &report);
}

static int year_now(void)
{
    time_t seconds = (time_t)(server_now_us() / 1000000 + CHINA_S);
    struct tm parts;
    return gmtime_r(&seconds, &parts) == NULL ? YEAR_OF_EPOCH : parts.tm_year + 1900;
}

static enum status years_report(struct uplink *uplink, const Zhibao__FormSheet *sheet)
{
    const struct plan *plan = registry_plan(uplink->config->registry, sheet->plan);
    int64_t batch = 0;
    enum status status = uplink_store_batch(uplink->db, &batch);
    bool retry = uplink->retry_ms != 0 && clock_monotonic_ms() >= uplink->retry_ms;
    if (batch != uplink->batch || retry)
        uplink->looks = 0;
    if (retry)
        uplink->retry_ms = 0;
    uplink->batch = batch;
    /* twice: the registry learns of a lock a moment after it is stored */
    if (status != STATUS_OK || uplink->looks == 2)
        return status;
    if (plan == NULL)
        return STATUS_E_PLAN_UNKNOWN;
    size_t waiting = 0;
    status = zhibao_count(uplink->zhibao, ZHIBAO_WAITING, &waiting);
    int last = year_now() < plan->last_year ? year_now() : plan->last_year;
    for (int year = plan->first_year; year <= last && status == STATUS_OK; year++)
        status = year_report(uplink, plan, sheet, year);
    if (status == STATUS_OK && waiting == 0) /* else a year may have been passed over */
        uplink->looks++;
    return status;
}

/* The words that came with the step a report is in. */
static const char *reason_of(const Zhibao__TrackedReport *report)
{
    for (size_t i = report->n_steps; i > 0; i--)
        if (report->steps[i - 1]->reason[0] != '\0')
            return report->steps[i - 1]->reason;
    return "";
}

/* Each step that somebody there made is kept, once: the clock makes a notice of it. */
static enum status steps_note(struct uplink *uplink, const Zhibao__TrackedReport *report)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < report->n_steps && status == STATUS_OK; i++) {
        const Zhibao__Step *step = report->steps[i];
        if (step->actor == 0 || step->actor == report->unit ||
            step->record.len != RECORD_ID_BYTES || report->id.len != RECORD_ID_BYTES)
            continue;
        struct uplink_notice notice = {.unit = report->unit,
                                       .plan = report->plan,
                                       .form = report->form,
                                       .period = (int)report->period,
                                       .revision = (int)report->revision,
                                       .state = (int)step->state,
                                       .actor = step->actor,
                                       .actor_name = step->actor_name,
                                       .reason = step->reason,
                                       .time_us = step->time_us,
                                       .receipt = step->receipt.data,
                                       .receipt_size = step->receipt.len};
        memcpy(notice.report.bytes, report->id.data, RECORD_ID_BYTES);
        memcpy(notice.step.bytes, step->record.data, RECORD_ID_BYTES);
        status = store_uplink_step(uplink->db, uplink->arena, &notice);
    }
    return status;
}

static enum status state_note(struct uplink *uplink, const Zhibao__TrackedReport *report)
{
    Zhibao__UplinkRow row = ZHIBAO__UPLINK_ROW__INIT;
    row.form = report->form;
    row.period = report->period;
    row.unit = report->unit;
    row.plan = report->plan;
    row.revision = report->revision;
    row.state = report->state;
    row.reason = (char *)reason_of(report);
    row.told_us = server_now_us();
    return uplink_store_put(uplink->db, uplink->arena, &row);
}

/* What the level above says of the newest revision of each year, and what it did with each. */
static enum status states_note(struct uplink *uplink, const Zhibao__FormSheet *sheet)
{
    Zhibao__Track track = ZHIBAO__TRACK__INIT;
    ProtobufCMessage *message = NULL;
    enum status status = STATUS_OK;
    track.form = sheet->form;
    do {
        status = zhibao_request(uplink->zhibao, ZHIBAO__KIND__KIND_TRACK, &track.base,
                                uplink->arena, &message);
        if (status != STATUS_OK)
            return status;
        const Zhibao__Tracked *tracked = (const Zhibao__Tracked *)message;
        for (size_t i = 0; i < tracked->n_reports && status == STATUS_OK; i++) {
            status = steps_note(uplink, tracked->reports[i]);
            if (status == STATUS_OK &&
                tracked->reports[i]->state != ZHIBAO__STATE__STATE_SUPERSEDED)
                status = state_note(uplink, tracked->reports[i]);
        }
        track.cursor = tracked->next;
    } while (status == STATUS_OK && track.cursor[0] != '\0');
    return status;
}

/* Why, in both languages. */
static const char *refusal_text(struct uplink *uplink, const struct zhibao_item *item)
{
    ProtobufCMessage *message = NULL;
    if (message_read(&zhibao__error__descriptor, uplink->arena, item->error, item->error_size,
                     &message) != STATUS_OK ||
        ((const Zhibao__Error *)message)->problem == NULL)
        return "";
    const Zhibao__Problem *problem = ((const Zhibao__Error *)message)->problem;
    const char *text =
        arena_printf(uplink->arena, "%s %s %s", problem->name, problem->zh, problem->en);
    return text == NULL ? "" : text;
}

/* A consolidation that was refused there is told like what was done with one; of a year, and for
 * one reason, once a day. It is tried again with the next change here, or after a while. */
static enum status refused_note(const struct zhibao_item *item, void *context)
{
    struct uplink *uplink = context;
    if (item->state != ZHIBAO_REFUSED || item->kind != ZHIBAO__RECORD_KIND__RECORD_REPORT)
        return STATUS_OK;
    int64_t now_us = server_now_us();
    struct uplink_notice notice = {.unit = item->unit,
                                   .plan = uplink->plan,
                                   .form = item->form,
                                   .period = (int)item->period,
                                   .revision = (int)item->revision,
                                   .state = ZHIBAO__STATE__STATE_UNSPECIFIED,
                                   .actor_name = "",
                                   .reason = refusal_text(uplink, item),
                                   .time_us = now_us,
                                   .receipt = item->refusal,
                                   .receipt_size = item->refusal_size};
    const char *once = arena_printf(uplink->arena, "%s/%u/%" PRId64 "/%s", item->form, item->period,
                                    (now_us / 1000000 + CHINA_S) / DAY_S, notice.reason);
    if (once == NULL)
        return STATUS_NO_MEMORY;
    struct hash hash = hash_bytes(once, strlen(once));
    memcpy(notice.report.bytes, hash.bytes, RECORD_ID_BYTES);
    notice.step = notice.report;
    uplink->retry_ms = clock_monotonic_ms() + (int64_t)RETRY_S * 1000;
    log_warning("uplink: refused form=%s period=%u: %s", item->form, item->period, notice.reason);
    return store_uplink_step(uplink->db, uplink->arena, &notice);
}

static enum status first_trouble(enum status before, enum status now)
{
    return before == STATUS_OK ? now : before;
}

static enum status talk(struct uplink *uplink)
{
    Zhibao__FormSheet *sheet = NULL;
    struct zhibao_drained drained;
    int64_t fetched_us = 0;
    if (zhibao_identity(uplink->zhibao) == NULL)
        return STATUS_NOT_FOUND;
    uplink->plan = "";
    const struct uplink_tasks tasks = {uplink->zhibao, uplink->db, uplink->config->registry,
                                       uplink->arena};
    enum status status = zhibao_form(uplink->zhibao, "", uplink->config->options->uplink_form,
                                     FORM_FRESH_S, uplink->arena, &sheet, &fetched_us);
    if (status == STATUS_OK) {
        uplink->plan = sheet->plan;
        status = years_report(uplink, sheet);
    }
    /* tasks do not wait for a plan or a form to be right */
    status = first_trouble(status, uplink_tasks_put(&tasks));
    status = first_trouble(status, zhibao_drain(uplink->zhibao, refused_note, uplink, &drained));
    status = first_trouble(status, uplink_tasks_settle(&tasks));
    if (status == STATUS_OK)
        status = states_note(uplink, sheet);
    return status;
}

static enum status oldest_find(const struct zhibao_item *item, void *context)
{
    int64_t *oldest_us = context;
    if (*oldest_us == 0 || item->created_us < *oldest_us)
        *oldest_us = item->created_us;
    return STATUS_OK;
}

/* What waits, and since when, for /metrics. */
static void outbox_note(struct uplink *uplink)
{
    size_t waiting = 0;
    int64_t oldest_us = 0;
    if (zhibao_count(uplink->zhibao, ZHIBAO_WAITING, &waiting) != STATUS_OK ||
        zhibao_list(uplink->zhibao, ZHIBAO_WAITING, oldest_find, &oldest_us) != STATUS_OK)
        return;
    atomic_store(&uplink->config->vitals->uplink_waiting, (unsigned)waiting);
    atomic_store(&uplink->config->vitals->uplink_oldest_us, oldest_us);
}

/* One round: the home is open only meanwhile, so that people can use it too. */
static enum status round_run(struct uplink *uplink)
{
    const struct options *options = uplink->config->options;
    struct zhibao_options wanted = {
        .home = options->uplink_home,
        .timeout_ms = HOME_TIMEOUT_MS,
        .server = options->uplink_server[0] == '\0' ? NULL : options->uplink_server};
    arena_reset(uplink->arena);
    enum status status = db_ready(uplink->config->conninfo, DB_INGEST, &uplink->retry, &uplink->db);
    if (status == STATUS_OK)
        status = zhibao_open(&wanted, &uplink->zhibao, NULL);
    if (status != STATUS_OK)
        return status;
    status = talk(uplink);
    outbox_note(uplink);
    zhibao_close(&uplink->zhibao);
    return status;
}

static void nap(const struct uplink *uplink)
{
    int64_t until =
        clock_monotonic_ms() + (int64_t)uplink->config->options->uplink_interval_s * 1000;
    while (!atomic_load(uplink->config->stop) && clock_monotonic_ms() < until) {
        struct timespec pause = {.tv_nsec = NAP_MS * 1000000L};
        nanosleep(&pause, NULL);
    }
}

void uplink_run(const struct uplink_config *config)
{
    struct uplink uplink = {.config = config, .batch = -1};
    if (config->options->uplink_home[0] == '\0')
        return;
    uplink.arena = arena_create(ARENA_BYTES);
    if (uplink.arena == NULL) {
        log_error("could not start the uplink: out of memory");
        return;
    }
    log_info("uplink begins home=%s form=%s", config->options->uplink_home,
             config->options->uplink_form);
    while (!atomic_load(config->stop)) {
        enum status status = round_run(&uplink);
        if (status != uplink.trouble && status != STATUS_OK)
            log_warning("uplink: %s", status_en(status));
        else if (status != uplink.trouble)
            log_info("uplink: the level above is reached");
        uplink.trouble = status;
        nap(&uplink);
    }
    db_close(&uplink.db);
    arena_destroy(&uplink.arena);
}
