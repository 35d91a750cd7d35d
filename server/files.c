#include "server/files.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/log.h"

static enum status io_failed(const char *what, const char *path)
{
    log_error("could not %s: %s path=%s", what, strerror(errno), path);
    return STATUS_IO;
}

enum status directory_sync(const char *path)
{
    int directory = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return io_failed("open a directory", path);
    int failed = fsync(directory);
    int error = errno;
    close(directory);
    errno = error;
    return failed == 0 ? STATUS_OK : io_failed("sync a directory", path);
}

static enum status parent_sync(const char *path)
{
    char parent[PATH_MAX];
    snprintf(parent, sizeof parent, "%s", path);
    char *slash = strrchr(parent, '/');
    if (slash == NULL)
        return directory_sync(".");
    slash[slash == parent] = '\0';
    return directory_sync(parent);
}

static bool write_all(int file, const char *bytes, size_t size)
{
    while (size > 0) {
        ssize_t written = write(file, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return false;
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

/* A synced file of that content under the temporary name. */
static enum status write_beside(const char *path, char beside[PATH_MAX], const void *bytes,
                                size_t size)
{
    if (snprintf(beside, PATH_MAX, "%s.new", path) >= PATH_MAX)
        return STATUS_LIMIT;
    /* never into a left-over: it may be a second name of the file itself */
    unlink(beside);
    int file = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0)
        return io_failed("create a file", beside);
    bool done = fchmod(file, 0600) == 0 && write_all(file, bytes, size) && fsync(file) == 0;
    int error = errno;
    if (close(file) != 0)
        done = false;
    if (done)
        return STATUS_OK;
    errno = error;
    enum status status = io_failed("write a file", beside);
    unlink(beside);
    return status;
}

enum status file_replace(const char *path, const void *bytes, size_t size)
{
    char beside[PATH_MAX];
    enum status status = write_beside(path, beside, bytes, size);
    if (status == STATUS_OK && rename(beside, path) != 0)
        status = io_failed("rename a file", beside);
    return status == STATUS_OK ? parent_sync(path) : status;
}

enum status file_create(const char *path, const void *bytes, size_t size)
{
    char beside[PATH_MAX];
    enum status status = write_beside(path, beside, bytes, size);
    if (status != STATUS_OK)
        return status;
    /* link, unlike rename, never replaces */
    if (link(beside, path) != 0)
        status = errno == EEXIST ? STATUS_CONFLICT : io_failed("create a file", path);
    unlink(beside);
    return status == STATUS_OK ? parent_sync(path) : status;
}

enum status file_load(const char *path, char *out, size_t capacity, size_t *out_size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno == ENOENT ? STATUS_NOT_FOUND : io_failed("open a file", path);
    size_t used = 0;
    ssize_t size = 0;
    while (used <= capacity) {
        char spare;
        size = used == capacity ? read(file, &spare, 1) : read(file, out + used, capacity - used);
        if (size < 0 && errno == EINTR)
            continue;
        if (size <= 0)
            break;
        used += (size_t)size;
    }
    int error = errno;
    close(file);
    errno = error;
    if (size < 0)
        return io_failed("read a file", path);
    if (used > capacity)
        return STATUS_LIMIT;
    out[used] = '\0';
    *out_size = used;
    return STATUS_OK;
}

enum status directory_ensure(const char *path)
{
    struct stat found;
    bool made = mkdir(path, 0700) == 0;
    if (!made && errno != EEXIST)
        return io_failed("create a directory", path);
    if (stat(path, &found) != 0 || !S_ISDIR(found.st_mode))
        return io_failed("open a directory", path);
    if (found.st_uid != geteuid()) {
        log_error("could not use a directory: it belongs to another user path=%s owner=%ld "
                  "user=%ld",
                  path, (long)found.st_uid, (long)geteuid());
        return STATUS_INVALID;
    }
    if ((found.st_mode & 0777) != 0700 && chmod(path, 0700) != 0)
        return io_failed("change the mode of a directory", path);
    return made ? parent_sync(path) : STATUS_OK;
}
