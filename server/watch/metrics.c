#include "server/watch/metrics.h"

#include <inttypes.h>
#include <math.h>

#include "base/bytes.h"
#include "base/status.h"

enum {
    STILL_MS = 30 * 1000
}; /* after which a thread that goes round many times a second is stuck */

static void head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP zhibao_%s %s\n# TYPE zhibao_%s %s\n", name, help, name, type);
}

static void number(FILE *out, const char *name, const char *type, const char *help, double value)
{
    head(out, name, type, help);
    fprintf(out, "zhibao_%s %.15g\n", name, value);
}

/* Seconds from a moment that may not be known to now; -1 then. */
static double age_s(int64_t moment_us, int64_t now_us)
{
    return moment_us == 0 ? -1 : (double)(now_us - moment_us) / 1e6;
}

static void histogram_write(FILE *out, const char *name, const char *help,
                            const struct histogram *histogram, const uint64_t *bounds, double scale)
{
    uint64_t total = 0;
    head(out, name, "histogram", help);
    for (int i = 0; i < VITALS_BUCKETS; i++) {
        total += atomic_load(&histogram->bucket[i]);
        fprintf(out, "zhibao_%s_bucket{le=\"%g\"} %" PRIu64 "\n", name, (double)bounds[i] / scale,
                total);
    }
    total += atomic_load(&histogram->bucket[VITALS_BUCKETS]);
    fprintf(out,
            "zhibao_%s_bucket{le=\"+Inf\"} %" PRIu64
            "\nzhibao_%s_sum %.15g\nzhibao_%s_count %" PRIu64 "\n",
            name, total, name, (double)atomic_load(&histogram->sum) / scale, name, total);
}

static void loop_write(FILE *out, const struct vitals *vitals, int64_t now_us)
{
    number(out, "uptime_seconds", "gauge", "Since the start.", age_s(vitals->started_us, now_us));
    number(out, "queue", "gauge", "Requests taken and not answered yet.",
           atomic_load(&vitals->in_hand));
    number(out, "queue_limit", "gauge", "Beyond which requests are turned away.",
           vitals->in_hand_most);
    number(out, "answered_total", "counter", "Requests answered by a thread.",
           (double)atomic_load(&vitals->answered));
    number(out, "turned_away_total", "counter", "Requests told to try later.",
           (double)atomic_load(&vitals->turned_away));
    number(out, "over_rate_total", "counter",
           "Messages refused because their key or address sends too many or reads too little.",
           (double)atomic_load(&vitals->over_rate));
    number(out, "answers_dropped_total", "counter",
           "Answers that nobody took: the peer is gone or does not read.",
           (double)atomic_load(&vitals->unsent));
    number(out, "connected", "gauge", "TCP connections of units.",
           (double)atomic_load(&vitals->connected));
    number(out, "handshakes_total", "counter", "CURVE handshakes that succeeded.",
           (double)atomic_load(&vitals->handshakes));
    number(out, "handshakes_failed_total", "counter",
           "Handshakes that failed: unknown, pending or revoked keys, other protocols.",
           (double)atomic_load(&vitals->handshakes_failed));
    head(out, "refused_total", "counter", "Answers with an error, by its name.");
    for (int code = 0; code < VITALS_CODES; code++)
        if (atomic_load(&vitals->refused[code]) > 0)
            fprintf(out, "zhibao_refused_total{code=\"%s\"} %llu\n", status_name((enum status)code),
                    atomic_load(&vitals->refused[code]));
}

static void writer_write(FILE *out, const struct vitals *vitals)
{
    number(out, "records_total", "counter", "Records stored.",
           (double)atomic_load(&vitals->records));
    histogram_write(out, "batch_records", "Records in one transaction.", &vitals->in_one,
                    vitals_sizes, 1);
    histogram_write(out, "batch_seconds", "Time of one transaction, COMMIT included.",
                    &vitals->batch, vitals_times_us, 1e6);
    histogram_write(out, "commit_seconds", "Time of one COMMIT.", &vitals->commit, vitals_times_us,
                    1e6);
    number(out, "database_up", "gauge", "Whether the writer's connection is good.",
           atomic_load(&vitals->database));
}

static void observed_write(FILE *out, const struct observed *observed, int64_t now_us)
{
    number(out, "batch_number", "gauge", "The latest batch of the chain.",
           (double)atomic_load(&observed->batch));
    number(out, "unchecked_batches", "gauge",
           "Batches whose authors' signatures are being checked.",
           (double)atomic_load(&observed->unchecked));
    number(out, "disk_bytes", "gauge", "Of the data directory's file system.",
           (double)atomic_load(&observed->disk_bytes));
    number(out, "disk_free_bytes", "gauge", "Free for zhibaod there.",
           (double)atomic_load(&observed->disk_free_bytes));
    number(out, "database_bytes", "gauge", "Size of the database.",
           (double)atomic_load(&observed->database_bytes));
    number(out, "notices_waiting", "gauge", "Notices by e-mail and webhook not delivered yet.",
           (double)atomic_load(&observed->notices_waiting));
    number(out, "notices_given_up", "gauge", "Notices that were given up.",
           (double)atomic_load(&observed->notices_given_up));
    number(out, "notices_oldest_seconds", "gauge", "Age of the oldest that waits; -1: none.",
           age_s(atomic_load(&observed->notices_oldest_us), now_us));
    number(out, "units_silent", "gauge", "Units with a key that were not heard of for silent_days.",
           (double)atomic_load(&observed->silent));
    number(out, "certificate_ends_seconds", "gauge",
           "Until the first of `certificates` ends; +Inf: none is watched.",
           atomic_load(&observed->certificate_ends_us) == 0
               ? (double)INFINITY
               : (double)(atomic_load(&observed->certificate_ends_us) - now_us) / 1e6);
    number(out, "backup_age_seconds", "gauge", "Since the latest backup; -1: none is known.",
           age_s(atomic_load(&observed->backup_us), now_us));
}

void metrics_write(const struct metrics_source *source, FILE *out)
{
    const struct vitals *vitals = source->vitals;
    int64_t now_us = clock_now_us();
    head(out, "info", "gauge", "The software.");
    fputs("zhibao_info{version=\"" ZHIBAO_VERSION "\"} 1\n", out);
    loop_write(out, vitals, now_us);
    writer_write(out, vitals);
    observed_write(out, source->observed, now_us);
    number(out, "outbox_waiting", "gauge", "Records that wait for the level above.",
           atomic_load(&vitals->uplink_waiting));
    number(out, "outbox_age_seconds", "gauge", "Age of the oldest of them; -1: none waits.",
           age_s(atomic_load(&vitals->uplink_oldest_us), now_us));
    head(out, "alarm", "gauge", "1 while an alarm of RUNBOOK.md is raised.");
    for (int i = 0; i < ALARM_COUNT; i++)
        fprintf(out, "zhibao_alarm{name=\"%s\"} %d\n", alarm_rows[i].name,
                alarm_is_raised(source->alarms, (enum alarm)i));
}

static bool moves(FILE *out, const char *name, int64_t at_ms)
{
    int64_t still_ms = clock_monotonic_ms() - at_ms;
    fprintf(out, "%s %s idle_ms=%" PRId64 "\n", name, still_ms < STILL_MS ? "ok" : "stuck",
            still_ms);
    return still_ms < STILL_MS;
}

bool health_write(const struct metrics_source *source, FILE *out)
{
    const struct vitals *vitals = source->vitals;
    bool loop = moves(out, "loop", atomic_load(&vitals->loop_ms));
    bool writer = moves(out, "writer", atomic_load(&vitals->writer_ms));
    bool database = atomic_load(&vitals->database);
    fprintf(out, "database %s\n", database ? "ok" : "away");
    for (int i = 0; i < ALARM_COUNT; i++)
        if (alarm_is_raised(source->alarms, (enum alarm)i))
            fprintf(out, "alarm %s\n", alarm_rows[i].name);
    return loop && writer && database;
}
