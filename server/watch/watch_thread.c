#include "server/watch/watch_thread.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <time.h>

#include "base/bytes.h"
#include "base/log.h"
#include "base/unit_id.h"
#include "server/clock/now.h"
#include "server/files.h"
#include "server/store/watch_store.h"
#include "server/watch/certificate.h"
#include "server/watch/page.h"

enum {
    WATCH_MS = 5000,
    NAP_MS = 100,
    ARENA_BYTES = 1024 * 1024,
    DETAIL_BYTES = 400,
    WRITER_STILL_MS = 60 * 1000,
    UPLINK_OLD_S = 24 * 3600,
    NOTICES_OLD_S = 3600,
    CERTIFICATE_DAYS = 30,
    UNSYNCHRONISED_S = 3600,
    BACKUP_FILE_BYTES = 64,
};

#define CLOCK_OFF_US (30 * 1000000LL)
#define DAY_US       ((int64_t)86400 * 1000000)

struct watch {
    const struct watch_config *config;
    struct db *db;
    struct db_retry retry;
    struct arena *arena;
    struct alarms alarms;
    struct observed observed;
    struct metrics_source source;
    struct page *page;
    int64_t wall_us, steady_ms; /* of the last look: a clock that jumps shows in their difference */
    int64_t jumped_ms;          /* when it last did; 0: not */
    int64_t unsynchronised_ms;  /* since when; 0: it is not */
    uint64_t turned_away;
    bool telling[ALARM_COUNT]; /* raised, and the administrators have not been told */
};

static void raise_or_end(struct watch *watch, enum alarm alarm, bool raised, const char *detail)
{
    bool begins = alarm_set(&watch->alarms, alarm, raised, clock_now_us(), detail);
    watch->telling[alarm] = raised && (begins || watch->telling[alarm]);
}

/* Three ways to be wrong: it moved otherwise than time did; the kernel says for an hour that
 * nothing sets it; it differs from the database's, or the chain's latest time is still to come. */
static void clock_check(struct watch *watch, const struct watch_state *state)
{
    char detail[DETAIL_BYTES];
    int64_t wall_us = clock_now_us(), now_ms = clock_monotonic_ms();
    struct timex kernel = {.modes = 0};
    int64_t off_us = (wall_us - watch->wall_us) - (now_ms - watch->steady_ms) * 1000;
    if (watch->wall_us != 0 && llabs(off_us) > CLOCK_OFF_US)
        watch->jumped_ms = now_ms;
    watch->wall_us = wall_us;
    watch->steady_ms = now_ms;
    bool unset = adjtimex(&kernel) == TIME_ERROR && (kernel.status & STA_UNSYNC) != 0;
    watch->unsynchronised_ms = !unset                          ? 0
                               : watch->unsynchronised_ms == 0 ? now_ms
                                                               : watch->unsynchronised_ms;
    bool jumped = watch->jumped_ms != 0 && now_ms - watch->jumped_ms < UNSYNCHRONISED_S * 1000LL;
    bool free_running = watch->unsynchronised_ms != 0 &&
                        now_ms - watch->unsynchronised_ms > UNSYNCHRONISED_S * 1000LL;
    int64_t ahead_us = state == NULL ? 0 : state->batch_us - server_now_us();
    int64_t database_us = state == NULL ? 0 : state->now_us - clock_now_us();
    snprintf(detail, sizeof detail,
             "jumped=%d unsynchronised=%d chain_ahead_s=%" PRId64 " database_ahead_s=%" PRId64,
             jumped, free_running, ahead_us / 1000000, database_us / 1000000);
    raise_or_end(watch, ALARM_CLOCK_WRONG,
                 jumped || free_running || ahead_us > CLOCK_OFF_US ||
                     llabs(database_us) > CLOCK_OFF_US,
                 detail);
}

static void disk_check(struct watch *watch)
{
    char detail[DETAIL_BYTES];
    struct statvfs disk;
    if (statvfs(watch->config->vitals->data, &disk) != 0)
        return;
    uint64_t free_bytes = (uint64_t)disk.f_bavail * disk.f_frsize;
    atomic_store(&watch->observed.disk_bytes, (uint64_t)disk.f_blocks * disk.f_frsize);
    atomic_store(&watch->observed.disk_free_bytes, free_bytes);
    snprintf(detail, sizeof detail, "free_mb=%" PRIu64 " least_mb=%d path=%s",
             free_bytes / (1024 * 1024), watch->config->options->disk_free_mb,
             watch->config->vitals->data);
    raise_or_end(watch, ALARM_DISK_NEARLY_FULL,
                 free_bytes < (uint64_t)watch->config->options->disk_free_mb * 1024 * 1024, detail);
}

/* Every file of the option; one that cannot be read is as bad as one that has ended. */
static void certificates_check(struct watch *watch)
{
    char paths[OPTION_TEXT_BYTES], detail[DETAIL_BYTES] = "", *rest = NULL;
    int64_t now_us = clock_now_us(), first_us = 0;
    snprintf(paths, sizeof paths, "%s", watch->config->options->certificates);
    for (const char *path = strtok_r(paths, ", ", &rest); path != NULL;
         path = strtok_r(NULL, ", ", &rest)) {
        int64_t end_us = now_us;
        enum status status = certificate_end(path, &end_us);
        if (first_us != 0 && end_us >= first_us)
            continue;
        first_us = end_us;
        if (status == STATUS_OK)
            snprintf(detail, sizeof detail, "days=%" PRId64 " path=%s", (end_us - now_us) / DAY_US,
                     path);
        else
            snprintf(detail, sizeof detail, "unreadable path=%s", path);
    }
    atomic_store(&watch->observed.certificate_ends_us, first_us);
    raise_or_end(watch, ALARM_CERTIFICATE_ENDING,
                 first_us != 0 && first_us - now_us < CERTIFICATE_DAYS * DAY_US, detail);
}

static void backup_check(struct watch *watch)
{
    char detail[DETAIL_BYTES];
    const struct options *options = watch->config->options;
    int64_t at_us = watch_backup_noted_us(watch->config->vitals->data);
    int64_t from_us = at_us == 0 ? watch->config->vitals->started_us : at_us;
    atomic_store(&watch->observed.backup_us, at_us);
    snprintf(detail, sizeof detail, "days=%" PRId64 " ever=%s", (clock_now_us() - from_us) / DAY_US,
             at_us == 0 ? "no" : "yes");
    raise_or_end(watch, ALARM_BACKUP_OLD,
                 options->backup_days > 0 &&
                     clock_now_us() - from_us > options->backup_days * DAY_US,
                 detail);
}

/* What the threads count themselves. */
static void vitals_check(struct watch *watch)
{
    char detail[DETAIL_BYTES];
    const struct vitals *vitals = watch->config->vitals;
    uint64_t turned_away = atomic_load(&vitals->turned_away);
    int64_t still_ms = clock_monotonic_ms() - atomic_load(&vitals->writer_ms);
    int64_t oldest_us = atomic_load(&vitals->uplink_oldest_us);
    snprintf(detail, sizeof detail, "turned_away=%" PRIu64 " queue_max=%u",
             turned_away - watch->turned_away, vitals->in_hand_most);
    raise_or_end(watch, ALARM_QUEUE_FULL, turned_away != watch->turned_away, detail);
    watch->turned_away = turned_away;
    snprintf(detail, sizeof detail, "seconds=%" PRId64, still_ms / 1000);
    raise_or_end(watch, ALARM_WRITER_STUCK, still_ms > WRITER_STILL_MS, detail);
    snprintf(detail, sizeof detail, "waiting=%u", atomic_load(&vitals->uplink_waiting));
    raise_or_end(watch, ALARM_UPLINK_STUCK,
                 oldest_us != 0 && server_now_us() - oldest_us > UPLINK_OLD_S * 1000000LL, detail);
    raise_or_end(watch, ALARM_DATABASE_AWAY, !atomic_load(&vitals->database), "writer=waits");
}

static void state_check(struct watch *watch, const struct watch_state *state)
{
    char detail[DETAIL_BYTES], unit[UNIT_TEXT_BYTES];
    struct observed *observed = &watch->observed;
    atomic_store(&observed->batch, state->batch);
    atomic_store(&observed->unchecked, state->unchecked);
    atomic_store(&observed->database_bytes, (uint64_t)state->database_bytes);
    atomic_store(&observed->notices_waiting, state->notices_waiting);
    atomic_store(&observed->notices_given_up, state->notices_given_up);
    atomic_store(&observed->notices_oldest_us, state->notices_oldest_us);
    atomic_store(&observed->silent, state->silent);
    snprintf(detail, sizeof detail, "units=%" PRId64 " first=%s", state->silent,
             unit_format((uint64_t)state->silent_unit, unit));
    raise_or_end(watch, ALARM_UNIT_SILENT,
                 watch->config->options->silent_days > 0 && state->silent > 0, detail);
    snprintf(detail, sizeof detail, "waiting=%" PRId64 " given_up=%" PRId64, state->notices_waiting,
             state->notices_given_up);
    raise_or_end(watch, ALARM_NOTICES_STUCK,
                 state->notices_oldest_us != 0 &&
                     server_now_us() - state->notices_oldest_us > NOTICES_OLD_S * 1000000LL,
                 detail);
}

static void tell(struct watch *watch)
{
    for (int i = 0; i < ALARM_COUNT; i++)
        if (watch->telling[i] && watch_tell(watch->db, watch->arena, alarm_rows[i].name, i,
                                            server_now_us()) == STATUS_OK)
            watch->telling[i] = false;
}

static void look(struct watch *watch)
{
    struct watch_state state;
    int64_t silent_us = server_now_us() - watch->config->options->silent_days * DAY_US;
    arena_reset(watch->arena);
    enum status status = db_ready(watch->config->conninfo, DB_INGEST, &watch->retry, &watch->db);
    if (status == STATUS_OK)
        status = watch_read(watch->db, watch->arena, silent_us, &state);
    clock_check(watch, status == STATUS_OK ? &state : NULL);
    disk_check(watch);
    certificates_check(watch);
    backup_check(watch);
    vitals_check(watch);
    if (status != STATUS_OK)
        return;
    state_check(watch, &state);
    tell(watch);
}

enum status watch_create(const struct watch_config *config, struct watch **out_watch)
{
    struct watch *watch = calloc(1, sizeof *watch);
    if (watch != NULL)
        watch->arena = arena_create(ARENA_BYTES);
    if (watch == NULL || watch->arena == NULL) {
        free(watch);
        return STATUS_NO_MEMORY;
    }
    watch->config = config;
    watch->source = (struct metrics_source){config->vitals, &watch->alarms, &watch->observed};
    if (config->options->metrics_port != 0 &&
        page_start(config->options->metrics_port, &watch->source, &watch->page) != STATUS_OK)
        log_warning("going on without /metrics");
    *out_watch = watch;
    return STATUS_OK;
}

void watch_destroy(struct watch **watch)
{
    if (*watch == NULL)
        return;
    page_stop(&(*watch)->page);
    db_close(&(*watch)->db);
    arena_destroy(&(*watch)->arena);
    free(*watch);
    *watch = NULL;
}

void watch_run(struct watch *watch)
{
    struct timespec pause = {.tv_nsec = NAP_MS * 1000000L};
    int64_t next_ms = clock_monotonic_ms() + WATCH_MS / 5;
    while (!atomic_load(watch->config->stop)) {
        if (clock_monotonic_ms() >= next_ms) {
            look(watch);
            next_ms = clock_monotonic_ms() + WATCH_MS;
        }
        nanosleep(&pause, NULL);
    }
}

static void backup_path(const char *data, char out[OPTION_PATH_BYTES + 16])
{
    snprintf(out, OPTION_PATH_BYTES + 16, "%s/backup.last", data);
}

enum status watch_backup_note(const char *data, int64_t now_us)
{
    char path[OPTION_PATH_BYTES + 16], text[BACKUP_FILE_BYTES];
    backup_path(data, path);
    int length = snprintf(text, sizeof text, "%" PRId64 "\n", now_us);
    return file_replace(path, text, (size_t)length);
}

int64_t watch_backup_noted_us(const char *data)
{
    char path[OPTION_PATH_BYTES + 16], text[BACKUP_FILE_BYTES];
    size_t size = 0;
    backup_path(data, path);
    return file_load(path, text, sizeof text - 1, &size) == STATUS_OK ? strtoll(text, NULL, 10) : 0;
}
