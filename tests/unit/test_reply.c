/* Replies when memory is short, and what is logged of a refusal. malloc and calloc are wrapped. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "server/loop/job.h"
#include "wire/codec.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);

static bool short_of_memory;

void *__wrap_malloc(size_t size)
{
    return short_of_memory ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
    return short_of_memory ? NULL : __real_calloc(count, size);
}

static struct job *job_of(Zhibao__Kind kind)
{
    struct job *job = job_create();
    cr_assert_not_null(job);
    job->request = 77;
    job->kind = kind;
    job->key.unit = 450223100201000;
    memset(job->key.id.bytes, 0xab, sizeof job->key.id.bytes);
    return job;
}

/* The envelope's kind; of an ERROR the code too, 0 for others. */
static Zhibao__Kind kind_of(const struct reply *reply, uint32_t *out_code, bool *out_retry)
{
    struct envelope envelope = {0};
    *out_code = 0;
    cr_assert_eq(envelope_read(reply->bytes, reply->size, &envelope), STATUS_OK);
    cr_expect_eq(envelope.request, 77);
    if (envelope.kind == ZHIBAO__KIND__KIND_ERROR) {
        Zhibao__Error *error = zhibao__error__unpack(NULL, envelope.body_size, envelope.body);
        cr_assert_not_null(error);
        *out_code = error->problem->code;
        *out_retry = error->retry && error->retry_after_ms > 0;
        cr_expect(error->problem->zh[0] != '\0' && error->problem->en[0] != '\0');
        zhibao__error__free_unpacked(error, NULL);
    }
    return envelope.kind;
}

Test(reply, without_memory_the_answer_is_try_later)
{
    struct job *job = job_of(ZHIBAO__KIND__KIND_PULL);
    Zhibao__Pong pong = ZHIBAO__PONG__INIT;
    uint32_t code = 0;
    bool retry = false;
    short_of_memory = true;
    struct reply *reply = reply_error(job, STATUS_E_FORBIDDEN, NULL);
    short_of_memory = false;
    cr_expect_eq(kind_of(reply, &code, &retry), ZHIBAO__KIND__KIND_ERROR);
    cr_expect_eq(code, STATUS_E_BUSY);
    cr_expect(retry);
    reply_put_back(job, &reply);
    cr_expect_null(reply);

    short_of_memory = true;
    reply = reply_message(job, ZHIBAO__KIND__KIND_PONG, &pong.base);
    short_of_memory = false;
    cr_expect_eq(kind_of(reply, &code, &retry), ZHIBAO__KIND__KIND_ERROR);
    cr_expect_eq(code, STATUS_E_BUSY);
    reply_put_back(job, &reply);

    reply = reply_error(job, STATUS_E_FORBIDDEN, NULL);
    cr_expect_eq(kind_of(reply, &code, &retry), ZHIBAO__KIND__KIND_ERROR);
    cr_expect_eq(code, STATUS_E_FORBIDDEN);
    cr_expect_not(retry);
    job_destroy(&job);
    reply_destroy(&reply);

    short_of_memory = true;
    job = job_create();
    short_of_memory = false;
    cr_expect_null(job);
}

/* What `work` writes to stderr. */
static void captured(void (*work)(void), char *out, size_t size)
{
    char path[] = "/tmp/zhibao-log-XXXXXX";
    int file = mkstemp(path), kept = dup(STDERR_FILENO);
    cr_assert(file >= 0 && kept >= 0);
    dup2(file, STDERR_FILENO);
    work();
    dup2(kept, STDERR_FILENO);
    ssize_t got = pread(file, out, size - 1, 0);
    out[got < 0 ? 0 : got] = '\0';
    close(file);
    close(kept);
    unlink(path);
}

static void refuse_pull(void)
{
    struct job *job = job_of(ZHIBAO__KIND__KIND_PULL);
    struct problems problems;
    problems_init(&problems);
    problems_add(&problems, STATUS_E_FORBIDDEN, 0, "place", NULL, NULL);
    struct reply *reply = reply_error(job, STATUS_E_FORBIDDEN, &problems);
    reply_destroy(&reply);
    job_destroy(&job);
    problems_clear(&problems);
}

static void refuse_stranger(void)
{
    struct job *job = job_create();
    cr_assert_not_null(job);
    job->from.enrol = true;
    job->kind = (Zhibao__Kind)9999;
    memset(job->key.transport_public, 0xcd, sizeof job->key.transport_public);
    struct reply *reply = reply_error(job, STATUS_E_KIND, NULL);
    reply_destroy(&reply);
    job_destroy(&job);
}

Test(reply, a_refusal_is_logged_with_who_and_what)
{
    char log[2000];
    captured(refuse_pull, log, sizeof log);
    cr_expect_not_null(strstr(log, "refused: E_FORBIDDEN request_kind=KIND_PULL unit=450223100201 "
                                   "key=abababababababababababababababab request=4d field=place"),
                       "%s", log);
    captured(refuse_stranger, log, sizeof log);
    cr_expect_not_null(strstr(log, "refused: E_KIND request_kind=unknown unit=unknown "
                                   "transport_key=cdcdcdcdcdcdcdcdcdcdcdcdcdcdcdcd"),
                       "%s", log);
}

static void knock(void)
{
    for (int i = 0; i < 1000; i++)
        log_limited(LOG_INFO, "knock");
}

Test(reply, whoever_knocks_all_the_time_does_not_fill_the_disk)
{
    static char log[200000];
    size_t lines = 0;
    captured(knock, log, sizeof log);
    for (const char *at = log; (at = strstr(at, "knock\n")) != NULL; at++)
        lines++;
    /* a second may end meanwhile, or two on a busy machine */
    cr_expect(lines >= LOG_LIMITED_A_SECOND && lines <= 10 * LOG_LIMITED_A_SECOND, "%zu", lines);
}
