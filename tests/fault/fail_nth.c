/* Preloaded into a program: the n-th call of a kind that it makes fails. What is to fail is said in
 * the file FAIL_CONTROL, which both sides have mapped, so that a server can be told while it runs:
 * see struct control. FAIL_PROGRAM names the program that it is for, not those that it starts.
 *
 * Calls from libzmq, the C++ library and the loader are let through: libzmq ends the process when
 * its own memory or its own signals between threads fail (alloc_assert, errno_assert), which it
 * does for every user of it; see tests/fault/README.md. Memory is let through for libpq too:
 * without any for the answer to COPY it takes the answer for one that is not yet whole, and waits
 * for ever. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { KIND_NONE, KIND_MEMORY, KIND_IO };

/* As tests/fault/nth.py writes it. */
struct control {
    _Atomic int64_t kind;
    _Atomic int64_t count;  /* calls of that kind since the kind was set */
    _Atomic int64_t nth;    /* the first is 1; 0: only count */
    _Atomic int64_t many;   /* so many fail from there on */
    _Atomic int64_t error;  /* errno of KIND_IO */
    _Atomic int64_t failed; /* how many have failed */
};

enum { SPARED_MAX = 16 };

static struct control *control;
static struct range {
    uintptr_t from, to;
    enum kind kind; /* KIND_NONE: every kind */
} spared[SPARED_MAX];
static size_t spared_count;

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
int rename(const char *from, const char *to);

static int spare(struct dl_phdr_info *info, size_t size, void *data)
{
    static const struct {
        const char *name;
        enum kind kind;
    } let[] = {
        {"libzmq",    KIND_NONE  },
        {"libstdc++", KIND_NONE  },
        {"ld-linux",  KIND_NONE  },
        {"fail_nth",  KIND_NONE  },
        {"libpq.",    KIND_MEMORY}
    };
    (void)size;
    (void)data;
    for (size_t i = 0; i < sizeof let / sizeof *let; i++) {
        if (strstr(info->dlpi_name, let[i].name) == NULL || spared_count == SPARED_MAX)
            continue;
        uintptr_t from = UINTPTR_MAX, to = 0;
        for (int k = 0; k < info->dlpi_phnum; k++) {
            const ElfW(Phdr) *part = &info->dlpi_phdr[k];
            uintptr_t at = info->dlpi_addr + part->p_vaddr;
            if (part->p_type != PT_LOAD)
                continue;
            from = at < from ? at : from;
            to = at + part->p_memsz > to ? at + part->p_memsz : to;
        }
        spared[spared_count++] = (struct range){from, to, let[i].kind};
    }
    return 0;
}

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("FAIL_CONTROL"), *program = getenv("FAIL_PROGRAM");
    if (path == NULL || (program != NULL && strcmp(program, program_invocation_short_name) != 0))
        return;
    dl_iterate_phdr(spare, NULL);
    int file = open(path, O_RDWR | O_CLOEXEC);
    void *mapped = file < 0
                       ? MAP_FAILED
                       : mmap(NULL, sizeof *control, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (file >= 0)
        close(file);
    if (mapped == MAP_FAILED)
        abort(); /* a test that fails nothing would pass */
    control = mapped;
}

/* Whether this call, made from `caller`, is one to fail. */
static bool fails(enum kind kind, const void *caller)
{
    if (control == NULL || atomic_load(&control->kind) != (int64_t)kind)
        return false;
    for (size_t i = 0; i < spared_count; i++)
        if ((uintptr_t)caller >= spared[i].from && (uintptr_t)caller < spared[i].to &&
            (spared[i].kind == KIND_NONE || spared[i].kind == kind))
            return false;
    int64_t number = atomic_fetch_add(&control->count, 1) + 1, nth = atomic_load(&control->nth);
    if (nth == 0 || number < nth || number >= nth + atomic_load(&control->many))
        return false;
    atomic_fetch_add(&control->failed, 1);
    errno = kind == KIND_MEMORY ? ENOMEM : (int)atomic_load(&control->error);
    return true;
}

#define CALLER __builtin_return_address(0)

/* The C library's headers name their parameters otherwise. */
/* NOLINTBEGIN(readability-inconsistent-declaration-parameter-name) */

void *malloc(size_t size)
{
    return fails(KIND_MEMORY, CALLER) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return fails(KIND_MEMORY, CALLER) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    return fails(KIND_MEMORY, CALLER) ? NULL : __libc_realloc(old, size);
}

/* One that returns -1 when it fails, with the C library's of the same name behind it. */
/* NOLINTBEGIN(bugprone-macro-parentheses): parameter lists */
#define WRAP_AS(type, name, parameters, arguments, besides)                  \
    type name parameters                                                     \
    {                                                                        \
        static type(*_Atomic behind) parameters;                             \
        if (fails(KIND_IO, CALLER)) {                                        \
            int error = errno;                                               \
            besides;                                                         \
            errno = error;                                                   \
            return -1;                                                       \
        }                                                                    \
        if (behind == NULL)                                                  \
            behind = (type(*) parameters)(uintptr_t)dlsym(RTLD_NEXT, #name); \
        return behind arguments;                                             \
    }
#define WRAP(type, name, parameters, arguments) WRAP_AS(type, name, parameters, arguments, (void)0)

WRAP(ssize_t, read, (int file, void *bytes, size_t size), (file, bytes, size))
WRAP(ssize_t, write, (int file, const void *bytes, size_t size), (file, bytes, size))
WRAP(ssize_t, pread64, (int file, void *bytes, size_t size, off64_t at), (file, bytes, size, at))
WRAP(ssize_t, pwrite64, (int file, const void *bytes, size_t size, off64_t at),
     (file, bytes, size, at))
WRAP(ssize_t, pread, (int file, void *bytes, size_t size, off_t at), (file, bytes, size, at))
WRAP(ssize_t, pwrite, (int file, const void *bytes, size_t size, off_t at), (file, bytes, size, at))
WRAP(int, fsync, (int file), (file))
WRAP(int, fdatasync, (int file), (file))
WRAP(int, ftruncate, (int file, off_t size), (file, size))
WRAP(int, ftruncate64, (int file, off64_t size), (file, size))
WRAP(int, rename, (const char *from, const char *to), (from, to))
WRAP(int, unlink, (const char *path), (path))
WRAP(int, mkdir, (const char *path, mode_t mode), (path, mode))
/* A connection that fails has failed for good: libpq would wait for an answer on one that has not.
 */
#define WRAP_SOCKET(name, parameters, arguments) \
    WRAP_AS(ssize_t, name, parameters, arguments, shutdown(file, SHUT_RDWR))

WRAP_SOCKET(send, (int file, const void *bytes, size_t size, int flags), (file, bytes, size, flags))
WRAP_SOCKET(recv, (int file, void *bytes, size_t size, int flags), (file, bytes, size, flags))
WRAP_SOCKET(sendmsg, (int file, const struct msghdr *message, int flags), (file, message, flags))
WRAP_SOCKET(recvmsg, (int file, struct msghdr *message, int flags), (file, message, flags))

/* NOLINTEND(bugprone-macro-parentheses) */

static int open_behind(const char *name, const char *path, int flags, va_list rest)
{
    mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(rest, mode_t) : 0;
    int (*behind)(const char *, int, ...) =
        (int (*)(const char *, int, ...))(uintptr_t)dlsym(RTLD_NEXT, name);
    return behind(path, flags, mode);
}

int open(const char *path, int flags, ...)
{
    va_list rest;
    if (fails(KIND_IO, CALLER))
        return -1;
    va_start(rest, flags);
    int file = open_behind("open", path, flags, rest);
    va_end(rest);
    return file;
}

int open64(const char *path, int flags, ...)
{
    va_list rest;
    if (fails(KIND_IO, CALLER))
        return -1;
    va_start(rest, flags);
    int file = open_behind("open64", path, flags, rest);
    va_end(rest);
    return file;
}

/* NOLINTEND(readability-inconsistent-declaration-parameter-name) */
