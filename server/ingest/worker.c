#include "server/ingest/worker.h"

#include <string.h>
#include <zmq.h>

#include "server/ingest/submit.h"
#include "server/loop/router.h"

void worker_run(void *context, struct registry *registry, const atomic_bool *stop)
{
    void *work = pipe_create(context, ZMQ_PULL, PIPE_WORK, false);
    void *write = pipe_create(context, ZMQ_PUSH, PIPE_WRITE, false);
    void *answers = pipe_create(context, ZMQ_PUSH, PIPE_REPLY, false);
    struct job *job = NULL;
    while (work && write && answers && (job = job_wait(work, stop)) != NULL) {
        struct reply *reply = NULL;
        struct task *task = submit_prepare(job, registry, &reply);
        if (task != NULL && pipe_send(write, task) != STATUS_OK)
            task_destroy(&task);
        if (reply != NULL && pipe_send(answers, reply) != STATUS_OK)
            reply_destroy(&reply);
    }
    void *sockets[] = {work, write, answers};
    for (size_t i = 0; i < 3; i++)
        if (sockets[i] != NULL)
            zmq_close(sockets[i]);
}
