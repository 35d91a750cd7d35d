#include "server/clock/clock_thread.h"

#include <inttypes.h>
#include <zmq.h>

#include "base/bytes.h"
#include "base/log.h"
#include "server/clock/look.h"
#include "server/clock/now.h"
#include "server/ingest/task.h"
#include "server/loop/router.h"
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
};

struct clock_thread {
    const struct clock_config *config;
    void *write; /* pipe */
    struct db *db;
    struct arena *arena;
    int64_t pulse_at_ms, mark_at_ms, look_at_ms;
    int64_t sent_us, sent_ms; /* the mark under way; 0: none */
    bool up;                  /* the last mark arrived and the database answers */
    bool lost;                /* the database did not answer, or a mark did not arrive, since */
    /* Moves of a test's clock while all was well: no time was lost by those of which no mark has
     * arrived yet. */
    unsigned jumps, jumps_sent, jumps_marked;
};

static bool mark_read(struct clock_thread *clock, int64_t *out_seen_us)
{
    if (clock->db == NULL || !db_usable(clock->db)) {
        db_close(&clock->db);
        if (db_open(clock->config->conninfo, DB_QUERY, &clock->db) != STATUS_OK)
            return false;
    }
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

/* Copies the notices: they are in the look's arena, their texts in plans, which stay. */
static bool work_fill(struct clock_thread *clock, struct task *task, struct clock_work *work,
                      const struct cutoff_notice *notices, size_t count)
{
    int64_t *units = NULL, *times_us = NULL;
    struct cutoff_notice *copy = arena_array(task->arena, count, sizeof *copy);
    if (copy == NULL || contacts_collect(clock->config->contacts, task->arena, CONTACTS_MAX, &units,
                                         &times_us, &work->seen_count) != STATUS_OK)
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
    if (work == NULL || !work_fill(clock, task, work, notices, count)) {
        task_destroy(&task);
        return false;
    }
    work->mark_us = now_us;
    work->outage = outage;
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
    size_t count = 0;
    bool more = false;
    clock->pulse_at_ms = now_ms + (clock->sent_us == 0 ? PULSE_MS : TURN_MS / 2);
    if (!ready(clock, &seen_us))
        return;
    struct outage outage = outage_find(clock, seen_us, now_us);
    bool look = outage.to_us == 0 && clock->up && now_ms >= clock->look_at_ms;
    if (look) {
        arena_reset(clock->arena);
        if (clock_look(clock->db, clock->config->registry, clock->arena, now_us, &notices, &count,
                       &more) != STATUS_OK) {
            log_warning("could not look for what has come due");
            return;
        }
        clock->look_at_ms = more ? 0 : now_ms + LOOK_MS;
    }
    if (count == 0 && outage.to_us == 0 && clock->up && now_ms < clock->mark_at_ms)
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
