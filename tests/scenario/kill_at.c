/* Preloaded into a program: kills it (SIGKILL) just before the KILL_AT'th change that it makes to
 * the file system's names or has made durable. So a test can stop it between any two steps without
 * the program knowing of tests. */
#include <dlfcn.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/types.h>
#include <unistd.h>

int rename(const char *from, const char *to);
int mkdir(const char *path, mode_t mode);

static void count(void)
{
    static long done;
    const char *at = getenv("KILL_AT");
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

int unlink(const char *path)
{
    count();
    return ((int (*)(const char *))real("unlink"))(path);
}

int rmdir(const char *path)
{
    count();
    return ((int (*)(const char *))real("rmdir"))(path);
}

int fdatasync(int file)
{
    count();
    return ((int (*)(int))real("fdatasync"))(file);
}
