/* Runs another program, without a shell, for a bounded time. It does not outlive the thread that
 * called. */
#ifndef ZHIBAO_LIB_CHILD_H
#define ZHIBAO_LIB_CHILD_H

#include <stdbool.h>

#include "base/status.h"

enum { CHILD_WORDS_BYTES = 1024, CHILD_LINE_BYTES = 512 };

struct child {
    const char *const *arguments; /* [0] is looked for in PATH; NULL ends them */
    const char *const
        *settings; /* "NAME=value" added to the environment; NULL ends them, or NULL */
    unsigned timeout_s;
    void (*tick)(unsigned seconds, void *context); /* every few seconds; may be NULL */
    void (*line)(const char *text, void *context); /* each line it says on stderr, the first
                                                      CHILD_LINE_BYTES - 1 bytes; may be NULL */
    bool (*stopped)(void *context);                /* asked now and then; true ends it; or NULL */
    void *context;
};

/* STATUS_OK when it ended with 0; STATUS_NOT_FOUND: there is no such program; STATUS_TIMEOUT,
 * STATUS_CANCELLED: it was killed, with what it had started; STATUS_IO for any other end. `words`
 * has the end of what it said on stderr, control characters left out. Its stdin and stdout are
 * /dev/null. */
MUST_CHECK enum status child_run(const struct child *child, char words[CHILD_WORDS_BYTES]);

#endif
