/* Preloaded into a program: kills it (SIGKILL) just before the KILL_AT'th change that it makes to
 * the file system's names or has made durable. So a test can stop it between any two steps without
 * the program knowing of tests. With DISK_ERROR the disk is full (ENOSPC, 28: writing to files
 * fails) or read-only (EROFS, 30: opening them for writing does). KILL_PROGRAM names the one
 * program that it is for, not those that it starts; with KILL_WRITES what it writes to files counts
 * too. With KEEP_CORES a program that switches off its core files switches them on. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

int rename(const char *from, const char *to);

/* The C library's headers name their parameters otherwise. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

static void count(void)
{
    static long done;
    const char *at = getenv("KILL_AT");
    const char *program = getenv("KILL_PROGRAM");
    if (program != NULL && strcmp(program, program_invocation_short_name) != 0)
        return;
    if (at != NULL && ++done == atol(at))
        kill(getpid(), SIGKILL);
}

/* The C library's own function of this name. */
static void *real(const char *name)
{
    return dlsym(RTLD_NEXT, name);
}

int rename(const char *from, const char *to)
{
    count();
    return ((int (*)(const char *, const char *))real("rename"))(from, to);
}

int mkdir(const char *path, mode_t mode)
{
    count();
    return ((int (*)(const char *, mode_t))real("mkdir"))(path, mode);
}

int unlink(const char *name)
{
    count();
    return ((int (*)(const char *))real("unlink"))(name);
}

int rmdir(const char *path)
{
    count();
    return ((int (*)(const char *))real("rmdir"))(path);
}

int fdatasync(int fildes)
{
    count();
    return ((int (*)(int))real("fdatasync"))(fildes);
}

int syncfs(int fildes)
{
    count();
    return ((int (*)(int))real("syncfs"))(fildes);
}

static bool disk_fails(int error)
{
    const char *wanted = getenv("DISK_ERROR");
    return wanted != NULL && atoi(wanted) == error;
}

/* Sockets and pipes are no disk. */
static bool is_full(int file)
{
    struct stat info;
    if (!disk_fails(ENOSPC) || fstat(file, &info) != 0 || !S_ISREG(info.st_mode))
        return false;
    errno = ENOSPC;
    return true;
}

ssize_t write(int file, const void *bytes, size_t size)
{
    struct stat info;
    if (getenv("KILL_WRITES") != NULL && fstat(file, &info) == 0 && S_ISREG(info.st_mode))
        count();
    if (is_full(file))
        return -1;
    return ((ssize_t(*)(int, const void *, size_t))real("write"))(file, bytes, size);
}

ssize_t pwrite64(int file, const void *bytes, size_t size, off64_t at)
{
    if (is_full(file))
        return -1;
    return ((ssize_t(*)(int, const void *, size_t, off64_t))real("pwrite64"))(file, bytes, size,
                                                                              at);
}

static int open_file(const char *name, const char *path, int flags, mode_t mode)
{
    if (disk_fails(EROFS) && (flags & O_ACCMODE) != O_RDONLY) {
        errno = EROFS;
        return -1;
    }
    return ((int (*)(const char *, int, ...))real(name))(path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_file("open", path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    va_start(rest, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(rest, mode_t) : 0;
    va_end(rest);
    return open_file("open64", path, flags, mode);
}

int setrlimit(__rlimit_resource_t resource, const struct rlimit *rlimits)
{
    const struct rlimit kept = {RLIM_INFINITY, RLIM_INFINITY};
    bool keep = resource == RLIMIT_CORE && getenv("KEEP_CORES") != NULL;
    return ((int (*)(__rlimit_resource_t, const struct rlimit *))real("setrlimit"))(
        resource, keep ? &kept : rlimits);
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
