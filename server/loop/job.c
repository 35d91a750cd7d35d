#include "server/loop/job.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <zmq.h>

#include "base/log.h"
#include "server/loop/problem_message.h"
#include "wire/codec.h"

enum { RETRY_AFTER_MS = 1000 };

void job_destroy(struct job **job)
{
    if (job == NULL || *job == NULL)
        return;
    free((*job)->bytes);
    free(*job);
    *job = NULL;
}

static struct reply *reply_create(const struct job *job)
{
    struct reply *reply = calloc(1, sizeof *reply);
    if (reply == NULL)
        abort();
    reply->to = job->from;
    reply->class = job->class;
    reply->key = job->key.id;
    return reply;
}

struct reply *reply_message(const struct job *job, Zhibao__Kind kind, const ProtobufCMessage *body)
{
    struct reply *reply = reply_create(job);
    if (envelope_write(job->request, kind, 0, body, &reply->bytes, &reply->size) != STATUS_OK)
        log_error("could not answer: out of memory kind=%d", (int)kind);
    return reply;
}

struct reply *reply_error(const struct job *job, enum status status,
                          const struct problems *problems)
{
    struct error_message *message = error_message_create(status, problems);
    if (message == NULL)
        return reply_create(job);
    Zhibao__Error *error = error_message_get(message);
    error->retry_after_ms = error->retry ? RETRY_AFTER_MS : 0;
    struct reply *reply = reply_message(job, ZHIBAO__KIND__KIND_ERROR, &error->base);
    error_message_destroy(&message);
    return reply;
}

void reply_destroy(struct reply **reply)
{
    if (reply == NULL || *reply == NULL)
        return;
    free((*reply)->bytes);
    free(*reply);
    *reply = NULL;
}

void *pipe_create(void *context, int type, const char *endpoint, bool bind)
{
    int unlimited = 0; /* the loop's own job limit bounds these queues */
    int linger = 0;
    void *socket = zmq_socket(context, type);
    if (socket == NULL)
        return NULL;
    zmq_setsockopt(socket, ZMQ_SNDHWM, &unlimited, sizeof unlimited);
    zmq_setsockopt(socket, ZMQ_RCVHWM, &unlimited, sizeof unlimited);
    zmq_setsockopt(socket, ZMQ_LINGER, &linger, sizeof linger);
    if ((bind ? zmq_bind(socket, endpoint) : zmq_connect(socket, endpoint)) != 0) {
        log_error("could not open pipe: %s endpoint=%s", zmq_strerror(errno), endpoint);
        zmq_close(socket);
        return NULL;
    }
    return socket;
}

enum status pipe_send(void *socket, void *pointer)
{
    while (zmq_send(socket, &pointer, sizeof pointer, 0) < 0)
        if (errno != EINTR)
            return STATUS_CANCELLED;
    return STATUS_OK;
}

void *pipe_receive(void *socket, int timeout_ms)
{
    void *pointer = NULL;
    zmq_pollitem_t item = {.socket = socket, .events = ZMQ_POLLIN};
    if (timeout_ms != 0 && zmq_poll(&item, 1, timeout_ms) <= 0)
        return NULL;
    if (zmq_recv(socket, &pointer, sizeof pointer, ZMQ_DONTWAIT) != sizeof pointer)
        return NULL;
    return pointer;
}
