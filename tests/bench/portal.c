#include "portal.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "flood.h"

enum {
    USERS_MAX = 1000,
    SAMPLES_MAX = 2000, /* of one user */
    THINK_LEAST_MS = 4000,
    THINK_MOST_MS = 12000,
    STACK_BYTES = 256 * 1024,
    ANSWER_MS = 60000,
    RECORD_MAX = 64 * 1024,
};

struct user {
    const struct portal_load *load;
    pthread_barrier_t *together;
    pthread_t thread;
    char cookie[200], token[80], form[64], report[400];
    CURL *curl;
    struct curl_slist *headers;
    double sample_ms[SAMPLES_MAX];
    size_t samples, worked_samples; /* page data; of them those of the time at work */
    double submit_ms;               /* 0: nothing to report */
    size_t failures;
    unsigned random;
};

static size_t ignore(char *bytes, size_t size, size_t count, void *context)
{
    (void)bytes, (void)context;
    return size * count;
}

/* One request; its time in ms. A body of NULL makes it a GET. */
static double ask(struct user *user, const char *path, const void *body, size_t size)
{
    char url[400];
    long code = 0;
    snprintf(url, sizeof url, "%s%s", user->load->address, path);
    curl_easy_setopt(user->curl, CURLOPT_URL, url);
    if (body == NULL) {
        curl_easy_setopt(user->curl, CURLOPT_HTTPGET, 1L);
    } else {
        curl_easy_setopt(user->curl, CURLOPT_POST, 1L);
        curl_easy_setopt(user->curl, CURLOPT_POSTFIELDS, body);
        curl_easy_setopt(user->curl, CURLOPT_POSTFIELDSIZE, (long)size);
    }
    int64_t begun_us = monotonic_us();
    CURLcode result = curl_easy_perform(user->curl);
    int64_t taken_us = monotonic_us() - begun_us;
    curl_easy_getinfo(user->curl, CURLINFO_RESPONSE_CODE, &code);
    if (result != CURLE_OK || code != 200) {
        user->failures++;
        fprintf(stderr, "%s: %s, %ld\n", path, curl_easy_strerror(result), code);
    }
    return (double)taken_us / 1000;
}

static void ask_page_data(struct user *user, const char *path, const char *body)
{
    double ms = ask(user, path, body, body == NULL ? 0 : strlen(body));
    if (user->samples < SAMPLES_MAX)
        user->sample_ms[user->samples++] = ms;
}

/* What the pages ask: the tasks, then the form with what was reported now and before. */
static void open_pages(struct user *user)
{
    char tracked[64], form[128], both[160];
    snprintf(tracked, sizeof tracked, "{\"period\":%d}", user->load->period);
    snprintf(form, sizeof form, "{\"form\":\"%s\"}", user->form);
    snprintf(both, sizeof both, "{\"form\":\"%s\",\"period\":%d}", user->form, user->load->period);
    ask_page_data(user, "/api/session", NULL);
    ask_page_data(user, "/api/ask/KIND_GET_FORM", "{}");
    ask_page_data(user, "/api/ask/KIND_TRACK", tracked);
    ask_page_data(user, "/api/ask/KIND_GET_FORM", form);
    ask_page_data(user, "/api/ask/KIND_TRACK", both);
    ask_page_data(user, "/api/ask/KIND_GET_PREVIOUS", both);
}

static void report(struct user *user)
{
    uint8_t record[RECORD_MAX];
    FILE *file = strcmp(user->report, "-") == 0 ? NULL : fopen(user->report, "rb");
    if (file == NULL)
        return;
    size_t size = fread(record, 1, sizeof record, file);
    fclose(file);
    user->submit_ms = ask(user, "/api/submit", record, size);
}

/* Sleeps between so many milliseconds. */
static void rest(struct user *user, unsigned least_ms, unsigned most_ms)
{
    user->random = user->random * 1103515245U + 12345U;
    unsigned ms = least_ms + (user->random >> 16) % (most_ms - least_ms);
    struct timespec time = {ms / 1000, (long)(ms % 1000) * 1000000};
    nanosleep(&time, NULL);
}

/* At work: pages, typing, a report, each at its own time. Then all open their pages in the same
 * instant. */
static void *work(void *context)
{
    struct user *user = context;
    ask(user, "/api/site", NULL, 0); /* the connection: a browser has had it since its login */
    pthread_barrier_wait(user->together);
    int64_t end_us = monotonic_us() + (int64_t)user->load->seconds * 1000000;
    rest(user, 0, THINK_MOST_MS);
    open_pages(user);
    rest(user, THINK_LEAST_MS, THINK_MOST_MS);
    report(user);
    while (monotonic_us() < end_us) {
        open_pages(user);
        rest(user, THINK_LEAST_MS, THINK_MOST_MS);
    }
    user->worked_samples = user->samples;
    pthread_barrier_wait(user->together);
    open_pages(user);
    return NULL;
}

static bool prepare(struct user *user)
{
    char header[300];
    user->curl = curl_easy_init();
    if (user->curl == NULL)
        return false;
    snprintf(header, sizeof header, "X-Zhibao-Token: %s", user->token);
    user->headers = curl_slist_append(NULL, header);
    curl_easy_setopt(user->curl, CURLOPT_COOKIE, user->cookie);
    curl_easy_setopt(user->curl, CURLOPT_HTTPHEADER, user->headers);
    curl_easy_setopt(user->curl, CURLOPT_WRITEFUNCTION, ignore);
    curl_easy_setopt(user->curl, CURLOPT_TIMEOUT_MS, (long)ANSWER_MS);
    curl_easy_setopt(user->curl, CURLOPT_NOSIGNAL, 1L);
    /* the portal's own certificate, on this machine */
    curl_easy_setopt(user->curl, CURLOPT_SSL_VERIFYPEER, 0L);
    curl_easy_setopt(user->curl, CURLOPT_SSL_VERIFYHOST, 0L);
    return true;
}

static size_t read_users(const struct portal_load *load, struct user *users)
{
    size_t count = 0;
    FILE *file = fopen(load->users, "r");
    while (file != NULL && count < USERS_MAX &&
           fscanf(file, "%199s %79s %63s %399s", users[count].cookie, users[count].token,
                  users[count].form, users[count].report) == 4) {
        users[count].load = load;
        users[count].random = (unsigned)count * 7919u + 1u;
        if (!prepare(&users[count++]))
            break;
    }
    if (file != NULL)
        fclose(file);
    return count;
}

static int compare(const void *left, const void *right)
{
    double difference = *(const double *)left - *(const double *)right;
    return difference < 0 ? -1 : difference > 0;
}

static void print_percentiles(const char *name, double *values, size_t count)
{
    qsort(values, count, sizeof *values, compare);
    if (count > 0)
        printf("%sp50_ms %.3f\n%sp95_ms %.3f\n%sp99_ms %.3f\n", name, values[count / 2], name,
               values[count * 95 / 100], name, values[count * 99 / 100]);
}

static bool tell(const struct user *users, size_t count)
{
    size_t worked = 0, instant = 0, submitted = 0, failures = 0;
    double *at_work = calloc(count * SAMPLES_MAX, sizeof *at_work);
    double *at_once = calloc(count * SAMPLES_MAX, sizeof *at_once);
    double *reports = calloc(count, sizeof *reports);
    for (size_t i = 0; at_work != NULL && at_once != NULL && reports != NULL && i < count; i++) {
        const struct user *user = &users[i];
        size_t last = user->samples - user->worked_samples;
        memcpy(at_work + worked, user->sample_ms, user->worked_samples * sizeof *at_work);
        memcpy(at_once + instant, user->sample_ms + user->worked_samples, last * sizeof *at_once);
        worked += user->worked_samples;
        instant += last;
        failures += user->failures;
        if (user->submit_ms > 0)
            reports[submitted++] = user->submit_ms;
    }
    printf("requests %zu\nfailures %zu\nsubmitted %zu\n", worked + instant + submitted, failures,
           submitted);
    print_percentiles("", at_work, worked);
    print_percentiles("instant_", at_once, instant);
    print_percentiles("submit_", reports, submitted);
    free(at_work);
    free(at_once);
    free(reports);
    return worked > 0 && failures == 0;
}

bool portal_run(const struct portal_load *load)
{
    pthread_barrier_t together;
    pthread_attr_t small;
    curl_global_init(CURL_GLOBAL_DEFAULT);
    struct user *users = calloc(USERS_MAX, sizeof *users);
    size_t count = users == NULL ? 0 : read_users(load, users), begun = 0;
    if (count == 0) {
        fprintf(stderr, "no users in %s\n", load->users);
        free(users);
        return false;
    }
    pthread_attr_init(&small);
    pthread_attr_setstacksize(&small, STACK_BYTES);
    pthread_barrier_init(&together, NULL, (unsigned)count);
    for (; begun < count; begun++) {
        users[begun].together = &together;
        if (pthread_create(&users[begun].thread, &small, work, &users[begun]) != 0)
            exit(1); /* the others wait for this one for ever */
    }
    for (size_t i = 0; i < count; i++) {
        pthread_join(users[i].thread, NULL);
        curl_easy_cleanup(users[i].curl);
        curl_slist_free_all(users[i].headers);
    }
    bool good = tell(users, count);
    pthread_attr_destroy(&small);
    pthread_barrier_destroy(&together);
    free(users);
    return good;
}
