#include "yearbook/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NO_PROGRAM = 127, TICK_S = 5, POLL_MS = 200 };

static long seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* In the child: nothing of ours but what it is given. */
static void become(const struct child *child, int words)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    setpgid(0, 0);
    if (null < 0 || dup2(null, STDIN_FILENO) < 0 || dup2(null, STDOUT_FILENO) < 0 ||
        dup2(words, STDERR_FILENO) < 0)
        _exit(NO_PROGRAM - 1);
    if (close_range(STDERR_FILENO + 1, ~0U, 0) != 0)
        _exit(NO_PROGRAM - 1);
    for (const char *const *setting = child->settings; setting != NULL && *setting != NULL;
         setting++)
        putenv((char *)*setting); /* read until exec copies it */
    execvp(child->arguments[0], (char *const *)child->arguments);
    _exit(errno == ENOENT ? NO_PROGRAM : NO_PROGRAM - 1);
}

/* Keeps the end of what comes. False at its end. */
static bool listen(int words, char text[CHILD_WORDS_BYTES])
{
    char bytes[256];
    ssize_t count = read(words, bytes, sizeof bytes);
    if (count < 0)
        return errno == EINTR;
    for (ssize_t i = 0; i < count; i++) {
        size_t used = strlen(text);
        if (used == CHILD_WORDS_BYTES - 1) {
            memmove(text, text + CHILD_WORDS_BYTES / 2, CHILD_WORDS_BYTES / 2);
            used = strlen(text);
        }
        bool control = (unsigned char)bytes[i] < 0x20 || bytes[i] == 0x7f;
        text[used] = (char)(control ? ' ' : bytes[i]);
        text[used + 1] = '\0';
    }
    return count > 0;
}

static enum status end_of(int state)
{
    if (WIFEXITED(state) && WEXITSTATUS(state) == 0)
        return STATUS_OK;
    return WIFEXITED(state) && WEXITSTATUS(state) == NO_PROGRAM ? STATUS_NOT_FOUND : STATUS_IO;
}

static enum status wait_for(const struct child *child, pid_t pid, int words,
                            char text[CHILD_WORDS_BYTES])
{
    long begin = seconds_now(), told = 0;
    bool open = true;
    for (;;) {
        int state = 0;
        struct pollfd poller = {.fd = open ? words : -1, .events = POLLIN};
        if (poll(&poller, 1, POLL_MS) > 0)
            open = listen(words, text);
        pid_t ended = waitpid(pid, &state, WNOHANG);
        if (ended == pid || (ended < 0 && errno != EINTR))
            return ended == pid ? end_of(state) : STATUS_IO;
        long passed = seconds_now() - begin;
        if (passed >= (long)child->timeout_s) {
            kill(-pid, SIGKILL);
            while (waitpid(pid, &state, 0) < 0 && errno == EINTR)
                continue;
            return STATUS_TIMEOUT;
        }
        if (child->tick != NULL && passed - told >= TICK_S) {
            told = passed;
            child->tick((unsigned)passed, child->context);
        }
    }
}

enum status child_run(const struct child *child, char words[CHILD_WORDS_BYTES])
{
    int ends[2];
    words[0] = '\0';
    if (pipe2(ends, O_CLOEXEC) != 0)
        return STATUS_IO;
    if (fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0)
        words[0] = '\0'; /* only a program that leaves others behind could then hold us up */
    pid_t pid = fork();
    if (pid == 0)
        become(child, ends[1]);
    close(ends[1]);
    if (pid < 0) {
        close(ends[0]);
        return STATUS_IO;
    }
    setpgid(pid, pid); /* whoever of the two comes first */
    enum status status = wait_for(child, pid, ends[0], words);
    while (status != STATUS_OK && status != STATUS_TIMEOUT && listen(ends[0], words))
        continue;
    close(ends[0]);
    return status;
}
