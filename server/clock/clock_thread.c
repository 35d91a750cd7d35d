#include "server/clock/clock_thread.h"

#include <inttypes.h>
#include <zmq.h>

#include "base/bytes.h"
#include "base/log.h"
#include "server/chain/task_rules.h"
#include "server/clock/look.h"
#include "server/clock/now.h"
#include "server/ingest/task.h"
#include "server/loop/router.h"
#include "server/store/case_store.h"
#include "server/store/found_store.h"
#include "server/store/query_calendar.h"

enum { LINGER_MS = 5000 };

enum {
    TURN_MS = 200,     /* how soon a stop or a moved clock is noticed */
    PULSE_MS = 1000,   /* how soon a lost database is noticed */
    MARK_MS = 60000,   /* between marks, and at most so long are contacts kept in memory */
    LOOK_MS = 30000,   /* between looks for what has come due */
    ANSWER_MS = 15000, /* after which a task is taken for lost */
    CONTACTS_MAX = 5000,
    LOOK_BYTES = 256 * 1024 * 1024,
    TASK_BYTES = 16 * 1024 * 1024,
    FOUND_BYTES = 4 * 1024 * 1024,
    FOUND_MAX = 100, /* of one task: the writer is not kept long */
};

/* How long ago a task's time may have passed: what is older was told, or comes from before notices
 * were made of it. */
#define TASK_SINCE_US (TASK_PATIENCE_US + CUTOFF_NOTICE_DAYS * CHINA_DAY_US)

struct clock_thread {
    const struct clock_config *config;
    void *write; /* pipe */
    struct db *db;
    bool failing; /* it could not be connected to */
    struct arena *arena;
    int64_t pulse_at_ms, mark_at_ms, look_at_ms;
    int64_t sent_us, sent_ms; /* the mark under way; 0: none */
    bool up;                  /* the last mark arrived and the database answers */
    bool lost;                /* the database did not answer, or a mark did not arrive, since */
    bool found;               /* there is something to tell besides cut-offs */
    bool cases;               /* cases are looked at in this pulse: they cost more than a look-up */
    /* Moves of a test's clock while all was well: no time was lost by those of which no mark has
     * arrived yet. */
    unsigned jumps, jumps_sent, jumps_marked;
};

static bool mark_read(struct clock_thread *clock, int64_t *out_seen_us)
{
    if ((clock->db == NULL || !db_usable(clock->db)) &&
        db_reopen(clock->config->conninfo, DB_QUERY, &clock->failing, &clock->db) != STATUS_OK)
        return false;
    return query_service_mark(clock->db, out_seen_us) == STATUS_OK;
}

/* Whether the database answers and no task is under way. */
static bool ready(struct clock_thread *clock, int64_t *out_seen_us)
{
    if (!mark_read(clock, out_seen_us)) {
        if (clock->up)
            log_warning("the clock waits for the database");
        clock->up = false;
        clock->lost = true;
        return false;
    }
    if (clock->sent_us == 0)
        return true;
    if (*out_seen_us == clock->sent_us) {
        clock->up = true;
        clock->lost = false;
        clock->jumps_marked = clock->jumps_sent;
        clock->sent_us = 0;
        return true;
    }
    if (clock_monotonic_ms() - clock->sent_ms < ANSWER_MS)
        return false;
    clock->sent_us = 0;
    clock->up = false;
    clock->lost = true;
    return true;
}

/* The time since the last mark, when it was too long. */
static struct outage outage_find(const struct clock_thread *clock, int64_t seen_us, int64_t now_us)
{
    if (clock->jumps != clock->jumps_marked || seen_us == 0 || now_us - seen_us < OUTAGE_LEAST_US)
        return (struct outage){0};
    log_warning("nothing could be stored for a while seconds=%" PRId64,
                (now_us - seen_us) / 1000000);
    return (struct outage){seen_us, now_us};
}

/* What is to be told besides cut-offs: into an arena that goes to the writer with it. */
static enum status found_read(struct clock_thread *clock, int64_t now_us, struct arena *arena,
                              struct found_notices *out_found)
{
    struct task_notice *tasks = NULL;
    struct uplink_notice *uplinks = NULL;
    struct case_notice *cases = NULL;
    size_t task_count = 0, uplink_count = 0, case_count = 0;
    enum status status = query_tasks_overdue(clock->db, arena, now_us, TASK_SINCE_US, FOUND_MAX,
                                             &tasks, &task_count);
    if (status == STATUS_OK)
        status = query_uplink_steps(clock->db, arena, FOUND_MAX, &uplinks, &uplink_count);
    if (status == STATUS_OK && clock->cases)
        status = case_notices_find(clock->db, arena, now_us, FOUND_MAX, &cases, &case_count);
    if (status != STATUS_OK)
        return status;
    for (size_t i = 0; i < task_count; i++)
        tasks[i].told =
            task_escalates_to(tasks[i].office, tasks[i].addressee, tasks[i].due_us, now_us);
    *out_found =
        (struct found_notices){tasks, uplinks, cases, task_count, uplink_count, case_count};
    return STATUS_OK;
}

/* Copies the notices: they are in the look's arena, their texts in plans, which stay. */
static bool work_fill(struct clock_thread *clock, struct task *task, struct clock_work *work,
                      const struct cutoff_notice *notices, size_t count)
{
    int64_t *units = NULL, *times_us = NULL;
    struct cutoff_notice *copy = arena_array(task->arena, count, sizeof *copy);
    if (copy == NULL ||
        contacts_collect(clock->config->contacts, task->arena, CONTACTS_MAX, &units, &times_us,
                         &work->seen_count) != STATUS_OK ||
        (clock->found && found_read(clock, work->mark_us, task->arena, &work->found) != STATUS_OK))
        return false;
    for (size_t i = 0; i < count; i++)
        copy[i] = notices[i];
    work->notices = copy;
    work->notice_count = count;
    work->seen_units = units;
    work->seen_us = times_us;
    return true;
}

/* Hands the writer what was found; false when that did not work. */
static bool work_send(struct clock_thread *clock, int64_t now_us, struct outage outage,
                      const struct cutoff_notice *notices, size_t count)
{
    struct task *task = task_create(TASK_CLOCK, NULL, TASK_BYTES);
    struct clock_work *work = task == NULL ? NULL : arena_alloc(task->arena, sizeof *work);
    if (work != NULL)
        *work = (struct clock_work){.mark_us = now_us, .outage = outage};
    if (work == NULL || !work_fill(clock, task, work, notices, count)) {
        task_destroy(&task);
        return false;
    }
    task->clock = work;
    clock->sent_us = now_us;
    clock->sent_ms = clock_monotonic_ms();
    clock->jumps_sent = clock->jumps;
    if (pipe_send(clock->write, task) == STATUS_OK)
        return true;
    clock->sent_us = 0;
    task_destroy(&task);
    return false;
}

static void pulse(struct clock_thread *clock)
{
    int64_t seen_us = 0, now_us = server_now_us(), now_ms = clock_monotonic_ms();
    struct cutoff_notice *notices = NULL;
    struct found_notices found = {0};
    size_t count = 0;
    bool more = false;
    clock->pulse_at_ms = now_ms + (clock->sent_us == 0 ? PULSE_MS : TURN_MS / 2);
    if (!ready(clock, &seen_us))
        return;
    struct outage outage = outage_find(clock, seen_us, now_us);
    bool well = outage.to_us == 0 && clock->up, look = well && now_ms >= clock->look_at_ms;
    arena_reset(clock->arena);
    clock->cases = look;
    if ((well && found_read(clock, now_us, clock->arena, &found) != STATUS_OK) ||
        (look && clock_look(clock->db, clock->config->registry, clock->arena, now_us, &notices,
                            &count, &more) != STATUS_OK)) {
        log_warning("could not look for what has come due");
        return;
    }
    if (look)
        clock->look_at_ms = more ? 0 : now_ms + LOOK_MS;
    clock->found = found.task_count + found.uplink_count + found.case_count > 0;
    if (count == 0 && !clock->found && well && now_ms < clock->mark_at_ms)
        return;
    if (work_send(clock, now_us, outage, notices, count)) {
        clock->mark_at_ms = now_ms + MARK_MS;
        clock->pulse_at_ms = now_ms + TURN_MS / 2;
        if (outage.to_us != 0)
            clock->look_at_ms = 0;
    }
}

void clock_thread_run(const struct clock_config *config)
{
    struct clock_thread clock = {.config = config, .arena = arena_create(LOOK_BYTES)};
    clock.write = pipe_create(config->context, ZMQ_PUSH, PIPE_WRITE, false);
    bool good = clock.arena && clock.write;
    while (good && !atomic_load(config->stop)) {
        if (test_clock_follow(config->options->test_clock)) {
            clock.jumps += !clock.lost;
            clock.pulse_at_ms = clock.mark_at_ms = clock.look_at_ms = 0;
        }
        if (clock_monotonic_ms() >= clock.pulse_at_ms)
            pulse(&clock);
        zmq_poll(NULL, 0, clock.sent_us == 0 ? TURN_MS : TURN_MS / 4);
    }
    db_close(&clock.db);
    arena_destroy(&clock.arena);
    int linger = LINGER_MS; /* what was sent last is the writer's to free: it ends after us */
    if (clock.write != NULL) {
        zmq_setsockopt(clock.write, ZMQ_LINGER, &linger, sizeof linger);
        zmq_close(clock.write);
    }
}
