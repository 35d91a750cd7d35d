#include "server/store/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"

/* Signals as a fresh program expects them, in a session of its own: Ctrl-C is for zhibaod. */
static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t none;
    sigset_t all;
    sigemptyset(&none);
    sigfillset(&all);
    int failed = posix_spawnattr_setsigmask(attributes, &none);
    if (failed == 0)
        failed = posix_spawnattr_setsigdefault(attributes, &all);
    if (failed == 0)
        failed = posix_spawnattr_setflags(
            attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSID);
    return failed;
}

/* Which of our files become its standard ones; `input` -1: /dev/null. */
struct ends {
    int input, output, error;
};

static int set_files(posix_spawn_file_actions_t *actions, const struct ends *ends)
{
    int failed =
        ends->input < 0
            ? posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
            : posix_spawn_file_actions_adddup2(actions, ends->input, STDIN_FILENO);
    if (failed == 0)
        failed = posix_spawn_file_actions_adddup2(actions, ends->output, STDOUT_FILENO);
    if (failed == 0)
        failed = posix_spawn_file_actions_adddup2(actions, ends->error, STDERR_FILENO);
    if (failed == 0)
        failed = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
    return failed;
}

static enum status spawn(const char *const *argv, const struct ends *ends, pid_t *out_pid)
{
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t actions;
    if (posix_spawnattr_init(&attributes) != 0)
        return STATUS_NO_MEMORY;
    if (posix_spawn_file_actions_init(&actions) != 0) {
        posix_spawnattr_destroy(&attributes);
        return STATUS_NO_MEMORY;
    }
    int failed = set_attributes(&attributes);
    if (failed == 0)
        failed = set_files(&actions, ends);
    if (failed == 0) {
        /* posix_spawnp promises not to change the strings */
        union {
            const char *const *given;
            char *const *wanted;
        } arguments = {.given = argv};
        failed = posix_spawnp(out_pid, argv[0], &actions, &attributes, arguments.wanted, environ);
    }
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return failed == 0 ? STATUS_OK : failed == ENOMEM ? STATUS_NO_MEMORY : STATUS_NOT_FOUND;
}

/* Reads until the other end is closed everywhere, or the deadline. */
static enum status collect(int from, int64_t deadline, char *output, size_t output_size)
{
    size_t used = 0;
    for (;;) {
        char piece[4096];
        int64_t left = deadline - clock_monotonic_ms();
        struct pollfd waiting = {.fd = from, .events = POLLIN};
        int ready = left <= 0 ? 0 : poll(&waiting, 1, (int)left);
        if (ready < 0 && errno == EINTR)
            continue;
        if (ready <= 0)
            return ready == 0 ? STATUS_TIMEOUT : STATUS_IO;
        ssize_t size = read(from, piece, sizeof piece);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            return size == 0 ? STATUS_OK : STATUS_IO;
        size_t kept = output_size - 1 - used;
        if ((size_t)size < kept)
            kept = (size_t)size;
        memcpy(output + used, piece, kept);
        used += kept;
        output[used] = '\0';
    }
}

static int wait_for(pid_t pid)
{
    int state = 0;
    while (waitpid(pid, &state, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state);
}

enum status process_run(const char *const *argv, int timeout_ms, char *output, size_t output_size,
                        int *out_exit_code)
{
    int ends[2];
    pid_t pid = 0;
    output[0] = '\0';
    if (pipe2(ends, O_CLOEXEC) != 0)
        return STATUS_IO;
    enum status status = spawn(argv, &(struct ends){-1, ends[1], ends[1]}, &pid);
    close(ends[1]);
    if (status == STATUS_OK) {
        status = collect(ends[0], clock_monotonic_ms() + timeout_ms, output, output_size);
        if (status != STATUS_OK)
            kill(pid, SIGKILL);
        int code = wait_for(pid);
        if (status == STATUS_OK)
            *out_exit_code = code;
    }
    close(ends[0]);
    return status;
}

enum status process_start(const char *const *argv, enum process_pipe pipe,
                          struct process *out_process)
{
    int ends[2];
    pid_t pid = 0;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return STATUS_IO;
    bool output = pipe == PROCESS_OUTPUT;
    struct ends files = {output ? -1 : ends[0], output ? ends[1] : STDERR_FILENO, STDERR_FILENO};
    enum status status = spawn(argv, &files, &pid);
    close(ends[output ? 1 : 0]);
    if (status != STATUS_OK) {
        close(ends[output ? 0 : 1]);
        return status;
    }
    *out_process = (struct process){(int)pid, ends[output ? 0 : 1]};
    return STATUS_OK;
}

int process_end(struct process *process, bool kill_it)
{
    if (kill_it)
        kill(process->pid, SIGKILL);
    close(process->file);
    return wait_for(process->pid);
}
