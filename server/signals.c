#include "server/signals.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

static bool stop_asked;

static void stop_signals(sigset_t *out_set)
{
    sigemptyset(out_set);
    sigaddset(out_set, SIGTERM);
    sigaddset(out_set, SIGINT);
}

void signals_block(void)
{
    sigset_t set;
    stop_signals(&set);
    pthread_sigmask(SIG_BLOCK, &set, NULL);
    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
}

bool signals_stop_asked(int milliseconds)
{
    sigset_t set;
    struct timespec wait = {.tv_sec = milliseconds / 1000,
                            .tv_nsec = (long)(milliseconds % 1000) * 1000000};
    stop_signals(&set);
    if (!stop_asked && sigtimedwait(&set, NULL, &wait) > 0)
        stop_asked = true;
    return stop_asked;
}
