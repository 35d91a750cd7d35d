/* Runs another program, without a shell, for a bounded time. One thread. */
#ifndef ZHIBAO_YEARBOOK_CHILD_H
#define ZHIBAO_YEARBOOK_CHILD_H

#include <stdbool.h>

#include "base/status.h"

enum { CHILD_WORDS_BYTES = 1024 };

struct child {
    const char *const *arguments; /* [0] is looked for in PATH; NULL ends them */
    const char *const
        *settings; /* "NAME=value" added to the environment; NULL ends them, or NULL */
    unsigned timeout_s;
    void (*tick)(unsigned seconds, void *context); /* every few seconds; may be NULL */
    void *context;
};

/* STATUS_OK when it ended with 0; STATUS_NOT_FOUND: there is no such program; STATUS_TIMEOUT: it
 * was killed, with what it had started; STATUS_IO for any other end. `words` has the end of what it
 * said on stderr, control characters left out. Its stdin and stdout are /dev/null. */
MUST_CHECK enum status child_run(const struct child *child, char words[CHILD_WORDS_BYTES]);

#endif
