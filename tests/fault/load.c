/* zhibao-load: many villages that report at once, through libzhibao and its real outboxes, with a
 * history of everything they did. For the fault tests; see kill_server.py.
 *
 * zhibao-load --homes DIR --history DIR [--status FILE] [--server ENDPOINT] [--rate N] [--most N]
 *             [--seconds N] [--deadline N] [--patience MS]
 *
 * Every sub-directory of --homes is an enrolled village. Each puts reports of six periods, revision
 * after revision, at a total --rate whatever the server does, up to --most in all where receipts
 * come fast enough. After --seconds (0: never) or SIGTERM it offers nothing more and drains every
 * outbox, at most --deadline seconds. Exit code 0: all outboxes are empty and nothing was refused.
 */
#include <dirent.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "base/log.h"
#include "history.h"
#include "village.h"

enum { VILLAGES_MAX = 1000, FORM_ARENA_BYTES = 4 * 1024 * 1024, TICK_MS = 20 };

static volatile sig_atomic_t told_to_stop;

struct options {
    const char *homes, *history, *status, *server;
    double rate, most, seconds, deadline, patience;
};

struct run {
    struct options options;
    struct load load;
    struct village *villages;
    pthread_t *threads;
    size_t count, started;
    struct arena *form_arena;
    struct figures *figures;
};

static void on_signal(int signal)
{
    (void)signal;
    told_to_stop = 1;
}

static bool parse(int argc, char **argv, struct options *options)
{
    static const struct option names[] = {
        {"homes",    required_argument, NULL, 'h'},
        {"history",  required_argument, NULL, 'l'},
        {"status",   required_argument, NULL, 's'},
        {"server",   required_argument, NULL, 'e'},
        {"rate",     required_argument, NULL, 'r'},
        {"most",     required_argument, NULL, 'm'},
        {"seconds",  required_argument, NULL, 't'},
        {"deadline", required_argument, NULL, 'd'},
        {"patience", required_argument, NULL, 'p'},
        {NULL,       0,                 NULL, 0  },
    };
    *options = (struct options){.rate = 1200, .most = 2400, .deadline = 60, .patience = 3000};
    for (int option; (option = getopt_long(argc, argv, "", names, NULL)) != -1;) {
        switch (option) {
        case 'h': options->homes = optarg; break;
        case 'l': options->history = optarg; break;
        case 's': options->status = optarg; break;
        case 'e': options->server = optarg; break;
        case 'r': options->rate = atof(optarg); break;
        case 'm': options->most = atof(optarg); break;
        case 't': options->seconds = atof(optarg); break;
        case 'd': options->deadline = atof(optarg); break;
        case 'p': options->patience = atof(optarg); break;
        default: return false;
        }
    }
    return options->homes != NULL && options->history != NULL && optind == argc;
}

/* The counters, in a file that others may watch; a SIGKILL leaves the latest there. */
static struct counters *map_counters(const char *path)
{
    /* not cut to nothing first: a reader that has it mapped already would get a SIGBUS */
    int file = path == NULL ? -1 : open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
    if (path != NULL && (file < 0 || ftruncate(file, sizeof(struct counters)) != 0))
        return NULL;
    void *counters = mmap(NULL, sizeof(struct counters), PROT_READ | PROT_WRITE,
                          path == NULL ? MAP_SHARED | MAP_ANONYMOUS : MAP_SHARED, file, 0);
    if (file >= 0)
        close(file);
    if (counters == MAP_FAILED)
        return NULL;
    memset(counters, 0, sizeof(struct counters));
    return counters;
}

static bool find_villages(struct run *run)
{
    DIR *directory = opendir(run->options.homes);
    if (directory == NULL)
        return false;
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == '.' || run->count == VILLAGES_MAX)
            continue;
        struct village *village = &run->villages[run->count++];
        village->load = &run->load;
        int home = snprintf(village->home, sizeof village->home, "%s/%s", run->options.homes,
                            entry->d_name);
        int history = snprintf(village->history, sizeof village->history, "%s/%s.log",
                               run->options.history, entry->d_name);
        if ((size_t)home >= sizeof village->home || (size_t)history >= sizeof village->history)
            run->count--;
    }
    closedir(directory);
    return run->count > 0;
}

/* The form as the first village gets it; `form_arena` holds it. */
static bool fetch_form(struct run *run)
{
    struct zhibao_options options = {
        .home = run->villages[0].home, .server = run->options.server, .patient = true};
    struct zhibao_cause cause;
    struct zhibao *zhibao = NULL;
    Zhibao__FormSheet *sheet = NULL;
    int64_t fetched_us = 0;
    run->form_arena = arena_create(FORM_ARENA_BYTES);
    if (run->form_arena == NULL)
        return false;
    if (zhibao_open(&options, &zhibao, &cause) != STATUS_OK) {
        fprintf(stderr, "could not open %s: %s\n", options.home, cause.en);
        return false;
    }
    if (zhibao_form(zhibao, "", "village", 0, run->form_arena, &sheet, &fetched_us) == STATUS_OK)
        run->figures = figures_create(sheet);
    else
        fprintf(stderr, "could not get the form: %s\n", zhibao_cause(zhibao)->en);
    zhibao_close(&zhibao);
    return run->figures != NULL;
}

/* Periods that may be reported on: those that are over, by China's calendar. */
static uint32_t periods_open(void)
{
    time_t now = time(NULL) + 8 * 3600;
    struct tm parts;
    gmtime_r(&now, &parts);
    int over = parts.tm_year + 1900 - VILLAGE_FIRST_PERIOD;
    return over < 1 ? 1 : over > VILLAGE_SERIES ? VILLAGE_SERIES : (uint32_t)over;
}

static bool start(struct run *run)
{
    struct load *load = &run->load;
    load->server = run->options.server;
    load->figures = run->figures;
    load->rate = run->options.rate / (double)run->count;
    load->most = run->options.most / (double)run->count;
    load->patience_ms = (uint32_t)run->options.patience;
    load->periods = periods_open();
    load->begun_us = history_now_us();
    for (; run->started < run->count; run->started++)
        if (pthread_create(&run->threads[run->started], NULL, village_run,
                           &run->villages[run->started]) != 0)
            return false;
    return true;
}

static void wait_for_end(const struct run *run)
{
    double limit_us = run->options.seconds * 1e6;
    struct timespec tick = {.tv_nsec = TICK_MS * 1000000L};
    while (!told_to_stop &&
           (limit_us <= 0 || (double)(history_now_us() - run->load.begun_us) < limit_us))
        nanosleep(&tick, NULL);
}

/* Ends offering, waits for the drains and says what happened. */
static bool finish(struct run *run)
{
    struct load *load = &run->load;
    struct counters *counters = load->counters;
    int64_t ended_us = history_now_us();
    uint64_t left = 0, offered = atomic_load(&counters->offered);
    load->deadline_us = ended_us + (int64_t)(run->options.deadline * 1e6);
    atomic_store(&load->stop, true);
    for (size_t i = 0; i < run->started; i++) {
        pthread_join(run->threads[i], NULL);
        left += run->villages[i].left;
    }
    double seconds = (double)(ended_us - load->begun_us) / 1e6;
    printf("villages %zu\nseconds %.1f\noffered %" PRIu64 "\nrate %.0f\nsent %" PRIu64
           "\nresent %" PRIu64 "\nreceipted %" PRIu64 "\nrefused %" PRIu64 "\nleft %" PRIu64
           "\nfailed %" PRIu64 "\ndrained in %.1f s\n",
           run->count, seconds, atomic_load(&counters->offered), (double)offered / seconds,
           atomic_load(&counters->sent), atomic_load(&counters->resent),
           atomic_load(&counters->receipted), atomic_load(&counters->refused), left,
           atomic_load(&counters->failed), (double)(history_now_us() - ended_us) / 1e6);
    return left == 0 && atomic_load(&counters->refused) == 0 && atomic_load(&counters->failed) == 0;
}

int main(int argc, char **argv)
{
    struct run run = {0};
    bool good = false;
    if (!parse(argc, argv, &run.options)) {
        fprintf(stderr, "usage: zhibao-load --homes DIR --history DIR [--status FILE]"
                        " [--server ENDPOINT] [--rate N] [--most N] [--seconds N] [--deadline N]"
                        " [--patience MS]\n");
        return 2;
    }
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < files.rlim_max) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGTERM, &action, NULL);
    sigaction(SIGINT, &action, NULL);
    log_set_level(LOG_ERROR); /* a killed server is what this is about */
    run.load.counters = map_counters(run.options.status);
    run.villages = calloc(VILLAGES_MAX, sizeof *run.villages);
    run.threads = calloc(VILLAGES_MAX, sizeof *run.threads);
    if (run.load.counters == NULL || run.villages == NULL || run.threads == NULL ||
        !find_villages(&run)) {
        fprintf(stderr, "could not begin: no villages, no status file or no memory\n");
    } else if (fetch_form(&run)) {
        bool started = start(&run);
        if (started)
            wait_for_end(&run);
        good = finish(&run) && started;
    }
    figures_destroy(&run.figures);
    arena_destroy(&run.form_arena);
    free(run.threads);
    free(run.villages);
    if (run.load.counters != NULL)
        munmap(run.load.counters, sizeof *run.load.counters);
    return good ? 0 : 1;
}
