#include "server/home.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "server/files.h"

enum { PATH_BYTES = OPTION_PATH_BYTES + 32 };

struct home {
    char pid_path[PATH_BYTES];
    int lock;
    bool pid_written;
};

static enum status io_failed(const char *what, const char *path)
{
    log_error("could not %s: %s path=%s", what, strerror(errno), path);
    return STATUS_IO;
}

static bool directory_empty(const char *path)
{
    DIR *directory = opendir(path);
    bool empty = directory != NULL;
    for (struct dirent *entry; empty && (entry = readdir(directory)) != NULL;)
        empty = strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0;
    if (directory != NULL)
        closedir(directory);
    return empty;
}

/* As root: a new or empty directory of root's is handed over; one with something in it is not
 * touched, nor is a symbolic link. */
static enum status give_directory(const char *path, const struct passwd *user)
{
    struct stat found;
    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return io_failed("create the data directory", path);
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return io_failed("open the data directory", path);
    enum status status = STATUS_OK;
    struct stat link;
    if (fstat(directory, &found) != 0 || lstat(path, &link) != 0) {
        status = io_failed("open the data directory", path);
    } else if (found.st_uid == 0 && S_ISDIR(link.st_mode) && directory_empty(path)) {
        if (fchown(directory, user->pw_uid, user->pw_gid) != 0 || fchmod(directory, 0700) != 0)
            status = io_failed("hand over the data directory", path);
    } else if (found.st_uid != user->pw_uid) {
        log_error("could not use the data directory: it belongs to user number %ld, not to %s; "
                  "name its owner with --user, or run chown -R %s path=%s",
                  (long)found.st_uid, user->pw_name, user->pw_name, path);
        status = STATUS_INVALID;
    }
    close(directory);
    return status;
}

/* For good: there must be no way back to root. */
static enum status become(const struct passwd *user)
{
    if (initgroups(user->pw_name, user->pw_gid) != 0 ||
        setresgid(user->pw_gid, user->pw_gid, user->pw_gid) != 0 ||
        setresuid(user->pw_uid, user->pw_uid, user->pw_uid) != 0 || setuid(0) == 0) {
        log_error("could not become user %s: %s", user->pw_name, strerror(errno));
        return STATUS_IO;
    }
    /* changing users forbids tracing, which leak checkers and debuggers of the same user need;
     * core files are switched off in main */
    prctl(PR_SET_DUMPABLE, 1);
    if (setenv("HOME", user->pw_dir, 1) != 0)
        return STATUS_NO_MEMORY;
    return STATUS_OK;
}

static enum status leave_root(const char *data, const char *name)
{
    const struct passwd *user = getpwnam(name);
    if (user == NULL || user->pw_uid == 0) {
        log_error("could not give up root: %s; make the user with `useradd --system --home-dir %s "
                  "%s` or name another with --user user=%s",
                  user == NULL ? "there is no such user" : "the user must not be root", data, name,
                  name);
        return STATUS_NOT_FOUND;
    }
    enum status status = give_directory(data, user);
    return status == STATUS_OK ? become(user) : status;
}

enum status home_enter(char data[OPTION_PATH_BYTES], const char *user)
{
    char resolved[PATH_MAX];
    umask(077);
    enum status status = geteuid() == 0 ? leave_root(data, user) : STATUS_OK;
    if (status == STATUS_OK)
        status = directory_ensure(data);
    if (status != STATUS_OK)
        return status;
    if (realpath(data, resolved) == NULL || chdir(resolved) != 0)
        return io_failed("enter the data directory", data);
    if (strlen(resolved) >= OPTION_PATH_BYTES) {
        log_error("could not use the data directory: its path is too long path=%s", resolved);
        return STATUS_LIMIT;
    }
    memcpy(data, resolved, strlen(resolved) + 1);
    return STATUS_OK;
}

enum status home_lock(const char *data, struct home **out_home)
{
    char path[PATH_BYTES];
    struct home *home = calloc(1, sizeof *home);
    if (home == NULL)
        return STATUS_NO_MEMORY;
    snprintf(path, sizeof path, "%s/lock", data);
    snprintf(home->pid_path, sizeof home->pid_path, "%s/zhibaod.pid", data);
    home->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    enum status status = STATUS_OK;
    if (home->lock < 0)
        status = io_failed("open the lock file", path);
    else if (flock(home->lock, LOCK_EX | LOCK_NB) != 0)
        status = errno == EWOULDBLOCK ? STATUS_CONFLICT : io_failed("lock", path);
    if (status != STATUS_OK) {
        data_home_close(&home);
        return status;
    }
    *out_home = home;
    return STATUS_OK;
}

enum status home_write_pid(struct home *home)
{
    char text[24];
    int length = snprintf(text, sizeof text, "%ld\n", (long)getpid());
    enum status status = file_replace(home->pid_path, text, (size_t)length);
    home->pid_written = status == STATUS_OK;
    return status;
}

void data_home_close(struct home **home)
{
    if (*home == NULL)
        return;
    if ((*home)->pid_written)
        unlink((*home)->pid_path);
    if ((*home)->lock >= 0)
        close((*home)->lock);
    free(*home);
    *home = NULL;
}
