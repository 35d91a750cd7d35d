#include "web/desk.h"

#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PRIORITY = 10 /* nice */ };

struct job {
    void (*work)(void *context);
    void *context;
};

struct desk {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct line {
        struct job jobs[DESK_QUEUE_MAX]; /* a ring */
        size_t first, count;
    } quick, slow;
    bool stopping;
};

/* The thread is all that Linux gives a priority of its own to; one that cannot be lowered is as
 * good as the others. */
static void step_back(void)
{
    (void)setpriority(PRIO_PROCESS, (id_t)syscall(SYS_gettid), PRIORITY);
}

static void *run(void *argument)
{
    struct desk *desk = argument;
    step_back();
    pthread_mutex_lock(&desk->lock);
    for (;;) {
        while (desk->quick.count + desk->slow.count == 0 && !desk->stopping)
            pthread_cond_wait(&desk->changed, &desk->lock);
        struct line *line = desk->quick.count > 0 ? &desk->quick : &desk->slow;
        if (line->count == 0)
            break;
        struct job job = line->jobs[line->first];
        line->first = (line->first + 1) % DESK_QUEUE_MAX;
        line->count--;
        pthread_mutex_unlock(&desk->lock);
        job.work(job.context);
        pthread_mutex_lock(&desk->lock);
    }
    pthread_mutex_unlock(&desk->lock);
    return NULL;
}

enum status desk_create(struct desk **out_desk)
{
    struct desk *desk = calloc(1, sizeof *desk);
    if (desk == NULL)
        return STATUS_NO_MEMORY;
    pthread_mutex_init(&desk->lock, NULL);
    pthread_cond_init(&desk->changed, NULL);
    if (pthread_create(&desk->thread, NULL, run, desk) != 0) {
        pthread_cond_destroy(&desk->changed);
        pthread_mutex_destroy(&desk->lock);
        free(desk);
        return STATUS_IO;
    }
    *out_desk = desk;
    return STATUS_OK;
}

void desk_stop(struct desk *desk)
{
    if (desk == NULL)
        return;
    pthread_mutex_lock(&desk->lock);
    bool stopped = desk->stopping;
    desk->stopping = true;
    pthread_cond_signal(&desk->changed);
    pthread_mutex_unlock(&desk->lock);
    if (!stopped)
        pthread_join(desk->thread, NULL);
}

void desk_destroy(struct desk **desk)
{
    if (desk == NULL || *desk == NULL)
        return;
    desk_stop(*desk);
    pthread_cond_destroy(&(*desk)->changed);
    pthread_mutex_destroy(&(*desk)->lock);
    free(*desk);
    *desk = NULL;
}

enum status desk_do(struct desk *desk, bool quick, void (*work)(void *context), void *context)
{
    enum status status = STATUS_E_BUSY;
    struct line *line = quick ? &desk->quick : &desk->slow;
    pthread_mutex_lock(&desk->lock);
    if (line->count < DESK_QUEUE_MAX && !desk->stopping) {
        line->jobs[(line->first + line->count++) % DESK_QUEUE_MAX] = (struct job){work, context};
        pthread_cond_signal(&desk->changed);
        status = STATUS_OK;
    }
    pthread_mutex_unlock(&desk->lock);
    return status;
}
