#include "lib/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { NO_PROGRAM = 127, TICK_S = 5, POLL_MS = 200 };

/* What hears the child. */
struct ear {
    const struct child *child;
    int end;
    bool open;
    char *words; /* CHILD_WORDS_BYTES */
    char line[CHILD_LINE_BYTES];
    size_t length;
};

static long seconds_now(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec;
}

/* In the child: nothing of ours but what it is given. */
static void become(const struct child *child, int words)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) /* whoever is killed leaves nothing running */
        _exit(NO_PROGRAM - 1);
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

static void keep_word(struct ear *ear, char letter)
{
    size_t used = strlen(ear->words);
    if (used == CHILD_WORDS_BYTES - 1) {
        memmove(ear->words, ear->words + CHILD_WORDS_BYTES / 2, CHILD_WORDS_BYTES / 2);
        used = strlen(ear->words);
    }
    ear->words[used] = letter;
    ear->words[used + 1] = '\0';
}

static void end_line(struct ear *ear)
{
    ear->line[ear->length] = '\0';
    if (ear->length > 0 && ear->child->line != NULL)
        ear->child->line(ear->line, ear->child->context);
    ear->length = 0;
}

/* Keeps the end of what comes, and tells of each line. False at its end. */
static bool listen(struct ear *ear)
{
    char bytes[256];
    ssize_t count = read(ear->end, bytes, sizeof bytes);
    if (count < 0)
        return errno == EINTR;
    for (ssize_t i = 0; i < count; i++) {
        bool control = (unsigned char)bytes[i] < 0x20 || bytes[i] == 0x7f;
        keep_word(ear, (char)(control ? ' ' : bytes[i]));
        if (bytes[i] == '\n')
            end_line(ear);
        else if (!control && ear->length < CHILD_LINE_BYTES - 1)
            ear->line[ear->length++] = bytes[i];
    }
    if (count == 0)
        end_line(ear);
    return count > 0;
}

static enum status end_of(int state)
{
    if (WIFEXITED(state) && WEXITSTATUS(state) == 0)
        return STATUS_OK;
    return WIFEXITED(state) && WEXITSTATUS(state) == NO_PROGRAM ? STATUS_NOT_FOUND : STATUS_IO;
}

static enum status end_early(pid_t pid, enum status why)
{
    int state = 0;
    kill(-pid, SIGKILL);
    while (waitpid(pid, &state, 0) < 0 && errno == EINTR)
        continue;
    return why;
}

static enum status wait_for(struct ear *ear, pid_t pid)
{
    const struct child *child = ear->child;
    long begin = seconds_now(), told = 0;
    for (;;) {
        int state = 0;
        struct pollfd poller = {.fd = ear->open ? ear->end : -1, .events = POLLIN};
        if (poll(&poller, 1, POLL_MS) > 0)
            ear->open = listen(ear);
        pid_t ended = waitpid(pid, &state, WNOHANG);
        if (ended == pid || (ended < 0 && errno != EINTR))
            return ended == pid ? end_of(state) : STATUS_IO;
        long passed = seconds_now() - begin;
        if (passed >= (long)child->timeout_s)
            return end_early(pid, STATUS_TIMEOUT);
        if (child->stopped != NULL && child->stopped(child->context))
            return end_early(pid, STATUS_CANCELLED);
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
    struct ear ear = {.child = child, .end = ends[0], .open = true, .words = words};
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
    enum status status = wait_for(&ear, pid);
    while (status != STATUS_OK && status != STATUS_TIMEOUT && status != STATUS_CANCELLED &&
           listen(&ear))
        continue;
    close(ends[0]);
    return status;
}
