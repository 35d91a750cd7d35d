#include "server/watch/supervisor.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"

/* The watchdog is for this process only when WATCHDOG_PID says so or is not set. */
static int64_t interval_ms(void)
{
    const char *usec = getenv("WATCHDOG_USEC");
    const char *pid = getenv("WATCHDOG_PID");
    if (usec == NULL || (pid != NULL && strtol(pid, NULL, 10) != (long)getpid()))
        return 0;
    return strtoll(usec, NULL, 10) / 1000;
}

void supervisor_open(struct supervisor *supervisor)
{
    const char *path = getenv("NOTIFY_SOCKET");
    memset(supervisor, 0, sizeof *supervisor);
    if (path != NULL && (path[0] == '/' || path[0] == '@') &&
        strlen(path) < sizeof supervisor->socket) {
        strcpy(supervisor->socket, path);
        supervisor->every_ms = interval_ms();
    }
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
}

void supervisor_tell(const struct supervisor *supervisor, const char *state)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    size_t length = strlen(supervisor->socket);
    if (length == 0)
        return;
    memcpy(address.sun_path, supervisor->socket, length);
    if (address.sun_path[0] == '@')
        address.sun_path[0] = '\0';
    int file = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    /* the main loop has more to do than to wait for systemd */
    if (file < 0 ||
        sendto(file, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT, (struct sockaddr *)&address,
               (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length)) < 0)
        log_debug("could not tell systemd: %s", strerror(errno));
    if (file >= 0)
        close(file);
}

void supervisor_pulse(struct supervisor *supervisor, const struct vitals *vitals)
{
    int64_t now_ms = clock_monotonic_ms();
    if (supervisor->every_ms == 0 || now_ms - supervisor->told_ms < supervisor->every_ms / 4 ||
        now_ms - atomic_load(&vitals->loop_ms) > supervisor->every_ms / 2)
        return;
    supervisor->told_ms = now_ms;
    supervisor_tell(supervisor, "WATCHDOG=1");
}
