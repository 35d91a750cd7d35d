/* zhibao-bench: the load that ./deploy/bench measures zhibaod with. Prints `name value` lines that
 * bench.py turns into its report.
 *
 * zhibao-bench keys    --world FILE                              rows for COPY into unit_key
 * zhibao-bench ingest  --world FILE --count N --first N --window N [--rate N] [--over SECONDS]
 * zhibao-bench latency --home DIR --count N                      through libzhibao's outbox
 * zhibao-bench storm   --world FILE --count N --first N --processes N
 * zhibao-bench hold    --world FILE --count N --processes N      idle connections
 * zhibao-bench verify  --count N                                 signatures a second, one core
 * zhibao-bench portal  --address URL --users FILE --count SECONDS --period YEAR
 */
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "flood.h"
#include "latency.h"
#include "portal.h"
#include "record.pb-c.h"
#include "storm.h"

enum { SAMPLES = 1000, LIMIT_S = 3600 };

struct arguments {
    const char *command, *world, *home, *address, *users;
    uint64_t count, first, window;
    double rate, over_s;
    int processes, period;
};

static bool parse(int argc, char **argv, struct arguments *arguments)
{
    static const struct option names[] = {
        {"world",     required_argument, NULL, 'w'},
        {"home",      required_argument, NULL, 'h'},
        {"count",     required_argument, NULL, 'n'},
        {"first",     required_argument, NULL, 'f'},
        {"window",    required_argument, NULL, 'i'},
        {"rate",      required_argument, NULL, 'r'},
        {"processes", required_argument, NULL, 'p'},
        {"address",   required_argument, NULL, 'a'},
        {"users",     required_argument, NULL, 'u'},
        {"period",    required_argument, NULL, 'y'},
        {"over",      required_argument, NULL, 'o'},
        {NULL,        0,                 NULL, 0  },
    };
    *arguments = (struct arguments){.count = 1000, .window = 1000, .processes = 2};
    for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        switch (option) {
        case 'w': arguments->world = optarg; break;
        case 'h': arguments->home = optarg; break;
        case 'n': arguments->count = strtoull(optarg, NULL, 10); break;
        case 'f': arguments->first = strtoull(optarg, NULL, 10); break;
        case 'i': arguments->window = strtoull(optarg, NULL, 10); break;
        case 'r': arguments->rate = strtod(optarg, NULL); break;
        case 'p': arguments->processes = (int)strtol(optarg, NULL, 10); break;
        case 'a': arguments->address = optarg; break;
        case 'u': arguments->users = optarg; break;
        case 'o': arguments->over_s = strtod(optarg, NULL); break;
        case 'y': arguments->period = (int)strtol(optarg, NULL, 10); break;
        default: return false;
        }
    }
    arguments->command = optind + 1 == argc ? argv[optind] : NULL;
    return arguments->command != NULL && arguments->count > 0 && arguments->processes > 0;
}

static bool run_ingest(const struct arguments *arguments, const struct world *world)
{
    struct flood flood = {.world = world,
                          .first = arguments->first,
                          .count = arguments->count,
                          .window = arguments->window,
                          .rate = arguments->rate,
                          .limit_s = LIMIT_S,
                          .over_s = arguments->over_s,
                          .tell = world->interleave != 0};
    flood.prepared = prepared_all(world, arguments->first, arguments->count, 2);
    if (flood.prepared == NULL)
        return false;
    puts("prepared 1");
    fflush(stdout);
    if (getchar() == EOF) /* bench.py says when */
        return false;
    bool good = flood_run(&flood);
    printf("seconds %.6f\nreceipted %" PRIu64 "\nrefused %" PRIu64 "\ntold_later %" PRIu64
           "\nsent %" PRIu64 "\nlate_s %.3f\np50_ms %.3f\np99_ms %.3f\n",
           flood.seconds, flood.receipted, flood.refused, flood.told_later, flood.sent,
           (double)flood.late_us / 1e6, flood_percentile_ms(&flood, 50),
           flood_percentile_ms(&flood, 99));
    fflush(stdout);
    uint64_t samples = flood.count < SAMPLES ? flood.count : SAMPLES;
    if (good && flood.over_s == 0)
        printf("samples %" PRIu64 "\nsamples_verified %" PRIu64 "\n", samples,
               prepared_verify(world, flood.prepared, flood.count, samples));
    prepared_free(flood.prepared, flood.count);
    return good;
}

static bool run_storm(const struct arguments *arguments, const struct world *world)
{
    struct storm storm = {.world = world,
                          .first = arguments->first,
                          .clients = arguments->count,
                          .processes = arguments->processes,
                          .hold = strcmp(arguments->command, "hold") == 0,
                          .limit_s = LIMIT_S};
    if (storm.clients > world->village_count) {
        fprintf(stderr, "the world has %zu villages only\n", world->village_count);
        return false;
    }
    bool good = storm_run(&storm);
    printf("seconds %.6f\nreceipted %" PRIu64 "\n", storm.seconds, storm.receipted);
    return good;
}

static bool run_verify(const struct arguments *arguments)
{
    struct sign_public key;
    struct sign_secret secret;
    uint8_t payload[1200];
    sign_generate(&key, &secret);
    randombytes_buf(payload, sizeof payload);
    const char *domain = record_domain(ZHIBAO__RECORD_KIND__RECORD_REPORT);
    struct signature signature = sign_bytes(&secret, domain, payload, sizeof payload);
    int64_t begun_us = monotonic_us();
    uint64_t good = 0;
    for (uint64_t i = 0; i < arguments->count; i++)
        good += sign_verify(&key, domain, payload, sizeof payload, signature.bytes,
                            sizeof signature.bytes) == STATUS_OK;
    printf("per_s %.0f\n", (double)good * 1e6 / (double)(monotonic_us() - begun_us));
    return good == arguments->count;
}

static bool run_portal(const struct arguments *arguments)
{
    struct portal_load load = {.address = arguments->address,
                               .users = arguments->users,
                               .period = arguments->period,
                               .seconds = (int)arguments->count};
    return load.address != NULL && load.users != NULL && portal_run(&load);
}

static bool run(const struct arguments *arguments)
{
    if (strcmp(arguments->command, "portal") == 0)
        return run_portal(arguments);
    if (strcmp(arguments->command, "verify") == 0)
        return run_verify(arguments);
    if (strcmp(arguments->command, "latency") == 0)
        return latency_run(arguments->home, arguments->count);
    struct world *world = arguments->world == NULL ? NULL : world_read(arguments->world);
    bool good = false;
    if (world == NULL)
        return false;
    if (strcmp(arguments->command, "keys") == 0)
        good = world_print_keys(world);
    else if (strcmp(arguments->command, "ingest") == 0)
        good = run_ingest(arguments, world);
    else if (strcmp(arguments->command, "storm") == 0 || strcmp(arguments->command, "hold") == 0)
        good = run_storm(arguments, world);
    else
        fprintf(stderr, "no such benchmark: %s\n", arguments->command);
    world_destroy(&world);
    return good;
}

int main(int argc, char **argv)
{
    struct arguments arguments;
    struct rlimit files;
    if (!parse(argc, argv, &arguments)) {
        fprintf(
            stderr,
            "usage: zhibao-bench keys|ingest|latency|storm|hold|verify|portal [--world FILE]"
            " [--home DIR] [--count N] [--first N] [--window N] [--rate N]"
            " [--over SECONDS] [--processes N] [--address URL] [--users FILE] [--period YEAR]\n");
        return 2;
    }
    if (sign_init() != STATUS_OK)
        return 1;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    return run(&arguments) ? 0 : 1;
}
