#include "latency.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "flood.h"
#include "lib/zhibao.h"

enum { CELLS_MAX = 256, ARENA_BYTES = 4 * 1024 * 1024, BUCKETS = 24 };

struct client {
    struct zhibao *zhibao;
    struct arena *arena;
    Zhibao__FormSheet *sheet;
    uint32_t period, revision;
};

static bool client_open(const char *home, struct client *client)
{
    struct zhibao_options options = {.home = home, .patient = true};
    struct zhibao_cause cause;
    int64_t fetched_us = 0;
    client->arena = arena_create(ARENA_BYTES);
    if (client->arena == NULL || zhibao_open(&options, &client->zhibao, &cause) != STATUS_OK ||
        zhibao_form(client->zhibao, "", "village", 0, client->arena, &client->sheet, &fetched_us) !=
            STATUS_OK)
        return false;
    time_t now = time(NULL);
    struct tm parts;
    gmtime_r(&now, &parts);
    client->period = (uint32_t)parts.tm_year + 1900 - 1;
    return client->sheet->n_cells <= CELLS_MAX;
}

/* Puts one report into the outbox. */
static bool put(struct client *client)
{
    uint32_t cell[CELLS_MAX], presence[CELLS_MAX];
    double value[CELLS_MAX];
    Zhibao__Report report = ZHIBAO__REPORT__INIT;
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__Observations observations = ZHIBAO__OBSERVATIONS__INIT;
    struct record_id id;
    for (size_t i = 0; i < client->sheet->n_cells; i++) {
        cell[i] = client->sheet->cells[i]->cell;
        presence[i] = ZHIBAO__PRESENCE__PRESENCE_VALUE;
        value[i] = 20;
    }
    observations.n_cell = observations.n_presence = observations.n_value = client->sheet->n_cells;
    observations.cell = cell;
    observations.presence = presence;
    observations.value = value;
    report.head = &head;
    report.plan = client->sheet->plan;
    report.form = client->sheet->form;
    report.form_version = client->sheet->version;
    report.period = client->period;
    report.place = zhibao_identity(client->zhibao)->unit / 1000;
    report.revision = ++client->revision;
    report.provenance = ZHIBAO__PROVENANCE__PROVENANCE_DEMONSTRATION;
    report.observations = &observations;
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_REPORT,
                                 .payload = &report.base,
                                 .head = &head,
                                 .stream = "",
                                 .form = client->sheet->form,
                                 .period = client->period,
                                 .revision = report.revision};
    return zhibao_put(client->zhibao, &draft, &id) == STATUS_OK;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return a < b ? -1 : a > b;
}

static double percentile(const double *sorted, uint64_t count, double p)
{
    return sorted[(uint64_t)(p / 100 * (double)(count - 1))];
}

/* Counts by powers of the square root of two from 0.1 ms. */
static void histogram_print(const double *sorted, uint64_t count)
{
    uint64_t next = 0;
    for (int bucket = 0; bucket < BUCKETS && next < count; bucket++) {
        double upper = 0.1 * pow(2, bucket / 2.0);
        uint64_t begin = next;
        while (next < count && (sorted[next] <= upper || bucket == BUCKETS - 1))
            next++;
        if (next > begin)
            printf("bucket_le_%.2f_ms %" PRIu64 "\n", upper, next - begin);
    }
}

static bool measure(struct client *client, double *whole, double *wire, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++) {
        struct zhibao_drained drained;
        int64_t begun_us = monotonic_us();
        if (!put(client))
            return false;
        int64_t put_us = monotonic_us();
        if (zhibao_drain(client->zhibao, NULL, NULL, &drained) != STATUS_OK)
            return false;
        if (drained.receipted != 1) {
            fprintf(stderr, "a report was refused: the village must have sent none before\n");
            return false;
        }
        int64_t end_us = monotonic_us();
        whole[i] = (double)(end_us - begun_us) / 1000;
        wire[i] = (double)(end_us - put_us) / 1000;
    }
    return true;
}

bool latency_run(const char *home, uint64_t count)
{
    struct client client = {0};
    double *whole = calloc(count, sizeof *whole);
    double *wire = calloc(count, sizeof *wire);
    bool good = whole != NULL && wire != NULL && client_open(home, &client) &&
                measure(&client, whole, wire, 1) && measure(&client, whole, wire, count);
    if (!good && client.zhibao != NULL)
        fprintf(stderr, "could not measure: %s\n", zhibao_cause(client.zhibao)->en);
    if (good) {
        qsort(whole, count, sizeof *whole, compare);
        qsort(wire, count, sizeof *wire, compare);
        printf("p50_ms %.3f\np90_ms %.3f\np99_ms %.3f\nmax_ms %.3f\nwire_p50_ms %.3f\n"
               "wire_p99_ms %.3f\n",
               percentile(whole, count, 50), percentile(whole, count, 90),
               percentile(whole, count, 99), whole[count - 1], percentile(wire, count, 50),
               percentile(wire, count, 99));
        histogram_print(whole, count);
    }
    zhibao_close(&client.zhibao);
    arena_destroy(&client.arena);
    free(whole);
    free(wire);
    return good;
}
