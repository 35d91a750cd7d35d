#include "village.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/bytes.h"
#include "history.h"
#include "lib/outbox.h"

enum {
    PAUSE_MS = 100,   /* after a drain that failed: half to one and a half times */
    PUTS_A_TURN = 60, /* then the village sends again */
    STREAM_BYTES = 32,
};

struct series {
    uint32_t next;       /* revision */
    uint32_t waiting;    /* revisions in the outbox */
    uint64_t sent_epoch; /* of the one revision that may be under way, plus 1; 0: not sent */
};

struct worker {
    const struct village *village;
    struct load *load;
    struct zhibao *zhibao;
    struct history *history;
    uint64_t unit;
    struct series series[VILLAGE_SERIES];
    uint32_t turn;
    uint64_t offered, waiting;
    unsigned seed;
};

/* The village whose drain runs on this thread: outbox_tried is told of nothing but a sequence. */
static _Thread_local struct worker *current;

static struct series *series_of(struct worker *worker, const struct zhibao_item *item)
{
    uint32_t index = item->period - VILLAGE_FIRST_PERIOD;
    return item->kind == ZHIBAO__RECORD_KIND__RECORD_REPORT && index < VILLAGE_SERIES
               ? &worker->series[index]
               : NULL;
}

static enum status note_sent(const struct zhibao_item *item, void *context)
{
    struct worker *worker = context;
    struct counters *counters = worker->load->counters;
    struct series *series = series_of(worker, item);
    if (series == NULL)
        return STATUS_OK;
    history_sent(worker->history, &item->id);
    atomic_fetch_add(&counters->sent, 1);
    if (item->attempts > 0)
        atomic_fetch_add(&counters->resent, 1);
    uint64_t epoch = atomic_load(&counters->epoch) + 1;
    if (series->sent_epoch != epoch)
        atomic_fetch_add(&counters->entered, 1);
    series->sent_epoch = epoch;
    return STATUS_OK;
}

/* libzhibao's public interface does not tell when a record is sent; inside, outbox_tried is called
 * right after each send and nowhere else. The linker (--wrap) puts this in between. */
enum status __wrap_outbox_tried(struct outbox *outbox, int64_t sequence);
enum status __real_outbox_tried(struct outbox *outbox, int64_t sequence);

enum status __wrap_outbox_tried(struct outbox *outbox, int64_t sequence)
{
    if (current != NULL) {
        enum status status = outbox_item(outbox, sequence, note_sent, current);
        if (status != STATUS_OK && status != STATUS_NOT_FOUND)
            return status;
    }
    return __real_outbox_tried(outbox, sequence);
}

/* What a home that was killed left behind. */
static enum status take_up(const struct zhibao_item *item, void *context)
{
    struct worker *worker = context;
    struct series *series = series_of(worker, item);
    if (series == NULL)
        return STATUS_OK;
    history_item(worker->history, item);
    if (item->state != ZHIBAO_REFUSED && item->revision >= series->next)
        series->next = item->revision + 1;
    if (item->state == ZHIBAO_WAITING) {
        series->waiting++;
        worker->waiting++;
        atomic_fetch_add(&worker->load->counters->waiting, 1);
    }
    return STATUS_OK;
}

static enum status settled(const struct zhibao_item *item, void *context)
{
    struct worker *worker = context;
    struct counters *counters = worker->load->counters;
    struct series *series = series_of(worker, item);
    if (series == NULL)
        return STATUS_OK;
    history_item(worker->history, item);
    if (series->sent_epoch == atomic_load(&counters->epoch) + 1)
        atomic_fetch_add(&counters->left, 1);
    series->sent_epoch = 0;
    series->waiting--;
    worker->waiting--;
    atomic_fetch_sub(&counters->waiting, 1);
    atomic_fetch_add(item->state == ZHIBAO_REFUSED ? &counters->refused : &counters->receipted, 1);
    if (item->state == ZHIBAO_REFUSED && item->revision < series->next)
        series->next = item->revision; /* the series goes on from the last one stored */
    return STATUS_OK;
}

/* Hash of what was signed: the message with the id that put chose, serialised once more. */
static struct hash payload_hash(struct figures_report *report, struct record_id *id)
{
    static _Thread_local uint8_t bytes[16 * 1024];
    report->head.id = (ProtobufCBinaryData){sizeof id->bytes, id->bytes};
    size_t size = zhibao__report__get_packed_size(&report->message);
    if (size > sizeof bytes)
        abort();
    return hash_bytes(bytes, zhibao__report__pack(&report->message, bytes));
}

static enum status offer(struct worker *worker, uint32_t index)
{
    struct figures_report report;
    struct series *series = &worker->series[index];
    uint32_t period = VILLAGE_FIRST_PERIOD + index;
    char stream[STREAM_BYTES];
    struct record_id id;
    snprintf(stream, sizeof stream, "village/%u", period);
    figures_fill(worker->load->figures, worker->unit, period, series->next, &report);
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_REPORT,
                                 .payload = &report.message.base,
                                 .head = &report.head,
                                 .stream = stream,
                                 .form = report.message.form,
                                 .period = period,
                                 .revision = series->next};
    enum status status = zhibao_put(worker->zhibao, &draft, &id);
    if (status != STATUS_OK)
        return status;
    struct hash payload = payload_hash(&report, &id);
    history_put(worker->history, &id, &payload, worker->unit, period, series->next);
    series->next++;
    series->waiting++;
    worker->waiting++;
    worker->offered++;
    atomic_fetch_add(&worker->load->counters->waiting, 1);
    atomic_fetch_add(&worker->load->counters->offered, 1);
    history_flush(worker->history); /* from here on nothing may lose it */
    return STATUS_OK;
}

/* What the rate asks for, and one of each series that has nothing waiting, up to the ceiling. */
static enum status offer_turn(struct worker *worker)
{
    const struct load *load = worker->load;
    double elapsed_s = (double)(history_now_us() - load->begun_us) / 1e6;
    double due = load->rate * elapsed_s, ceiling = load->most * elapsed_s;
    enum status status = STATUS_OK;
    unsigned puts = 0;
    for (uint32_t i = 0; i < load->periods && status == STATUS_OK; i++)
        if (worker->series[i].waiting == 0 && (double)worker->offered < ceiling) {
            status = offer(worker, i);
            puts++;
        }
    for (; puts < PUTS_A_TURN && (double)worker->offered < due && status == STATUS_OK; puts++)
        status = offer(worker, worker->turn++ % load->periods);
    return status;
}

static void pause_ms(unsigned milliseconds)
{
    struct timespec pause = {.tv_sec = milliseconds / 1000,
                             .tv_nsec = (long)(milliseconds % 1000) * 1000000};
    nanosleep(&pause, NULL);
}

static void complain(struct worker *worker, const char *what)
{
    fprintf(stderr, "village %s: could not %s: %s\n", worker->village->home, what,
            zhibao_cause(worker->zhibao)->en);
    atomic_fetch_add(&worker->load->counters->failed, 1);
}

static void work(struct worker *worker)
{
    struct load *load = worker->load;
    struct zhibao_drained drained;
    for (;;) {
        bool stop = atomic_load(&load->stop);
        if (stop && (worker->waiting == 0 || history_now_us() >= load->deadline_us))
            return;
        if (!stop && offer_turn(worker) != STATUS_OK) {
            complain(worker, "put a report");
            return;
        }
        enum status status = STATUS_OK;
        if (worker->waiting > 0)
            status = zhibao_drain(worker->zhibao, settled, worker, &drained);
        history_flush(worker->history);
        if (status == STATUS_DATABASE) {
            complain(worker, "use the outbox");
            return;
        }
        if (status != STATUS_OK || worker->waiting == 0)
            pause_ms(status == STATUS_OK
                         ? 1
                         : PAUSE_MS / 2 + (unsigned)rand_r(&worker->seed) % PAUSE_MS);
    }
}

static enum status open_worker(struct worker *worker)
{
    struct zhibao_options options = {.home = worker->village->home,
                                     .server = worker->load->server,
                                     .timeout_ms = worker->load->patience_ms,
                                     .patient = true};
    struct zhibao_cause cause;
    enum status status = zhibao_open(&options, &worker->zhibao, &cause);
    if (status != STATUS_OK) {
        fprintf(stderr, "village %s: %s\n", options.home, cause.en);
        return status;
    }
    if (zhibao_identity(worker->zhibao) == NULL) {
        fprintf(stderr, "village %s: not enrolled\n", options.home);
        return STATUS_NOT_FOUND;
    }
    worker->unit = zhibao_identity(worker->zhibao)->unit;
    worker->seed = (unsigned)worker->unit;
    static const enum zhibao_state states[] = {ZHIBAO_RECEIPTED, ZHIBAO_REFUSED, ZHIBAO_WAITING};
    for (size_t i = 0; i < 3 && status == STATUS_OK; i++)
        status = zhibao_list(worker->zhibao, states[i], take_up, worker);
    return status;
}

void *village_run(void *argument)
{
    struct village *village = argument;
    struct worker worker = {.village = village, .load = village->load};
    for (size_t i = 0; i < VILLAGE_SERIES; i++)
        worker.series[i].next = 1;
    worker.history = history_open(village->history);
    if (worker.history != NULL && open_worker(&worker) == STATUS_OK) {
        current = &worker;
        work(&worker);
        current = NULL;
    } else {
        atomic_fetch_add(&village->load->counters->failed, 1);
    }
    village->left = worker.waiting;
    history_close(&worker.history);
    zhibao_close(&worker.zhibao);
    return NULL;
}
