#include "lib/files.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum status path_join(const char *directory, const char *name, char out[PATH_BYTES])
{
    int length = snprintf(out, PATH_BYTES, "%s/%s", directory, name);
    return length > 0 && length < PATH_BYTES ? STATUS_OK : STATUS_LIMIT;
}

enum status file_failure(int error)
{
    switch (error) {
    case ENOSPC:
    case EDQUOT: return STATUS_FULL;
    case EACCES:
    case EPERM: return STATUS_DENIED;
    case EROFS: return STATUS_READ_ONLY;
    default: return STATUS_IO;
    }
}

bool file_failed(enum status status)
{
    return status == STATUS_IO || status == STATUS_FULL || status == STATUS_DENIED ||
           status == STATUS_READ_ONLY;
}

static enum status read_all(int file, size_t limit, uint8_t **out_bytes, size_t *out_size)
{
    size_t used = 0, room = 8192;
    uint8_t *bytes = malloc(room);
    if (bytes == NULL)
        return STATUS_NO_MEMORY;
    for (;;) {
        ssize_t got = read(file, bytes + used, room - used - 1);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0 || used + (size_t)got > limit) {
            if (got == 0) {
                bytes[used] = '\0';
                *out_bytes = bytes;
                *out_size = used;
                return STATUS_OK;
            }
            free(bytes);
            return got < 0 ? STATUS_IO : STATUS_LIMIT;
        }
        used += (size_t)got;
        if (room - used > 1)
            continue;
        uint8_t *grown = realloc(bytes, room * 2);
        if (grown == NULL) {
            free(bytes);
            return STATUS_NO_MEMORY;
        }
        bytes = grown;
        room *= 2;
    }
}

enum status file_read(const char *path, size_t limit, uint8_t **out_bytes, size_t *out_size)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno == ENOENT || errno == ENOTDIR ? STATUS_NOT_FOUND : file_failure(errno);
    enum status status = read_all(file, limit, out_bytes, out_size);
    close(file);
    return status;
}

static enum status write_all(int file, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t done = write(file, bytes, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return file_failure(errno);
        bytes += done;
        size -= (size_t)done;
    }
    /* A pipe or a terminal keeps nothing that could be synchronised. */
    return fsync(file) == 0 || errno == EINVAL || errno == EROFS ? STATUS_OK : file_failure(errno);
}

/* The name of a renamed file is durable only once its directory is. */
static enum status sync_directory(const char *path)
{
    char directory[PATH_BYTES];
    const char *slash = strrchr(path, '/');
    size_t length = slash == NULL ? 0 : (size_t)(slash - path);
    if (length >= sizeof directory)
        return STATUS_LIMIT;
    memcpy(directory, path, length);
    directory[length] = '\0';
    const char *name = slash == NULL ? "." : length == 0 ? "/" : directory;
    int file = open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0)
        return file_failure(errno);
    enum status status = fsync(file) == 0 ? STATUS_OK : file_failure(errno);
    close(file);
    return status;
}

enum status file_write(const char *path, const void *bytes, size_t size, mode_t mode)
{
    char beside[PATH_BYTES];
    int length = snprintf(beside, sizeof beside, "%s.%ld.new", path, (long)getpid());
    if (length < 0 || length >= PATH_BYTES)
        return STATUS_LIMIT;
    int file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);
    if (file < 0)
        return errno == ENOENT || errno == ENOTDIR ? STATUS_NOT_FOUND : file_failure(errno);
    enum status status = write_all(file, bytes, size);
    if (close(file) != 0 && status == STATUS_OK)
        status = file_failure(errno);
    if (status == STATUS_OK && rename(beside, path) != 0)
        status = file_failure(errno);
    if (status == STATUS_OK)
        return sync_directory(path);
    unlink(beside);
    return status;
}

static enum status write_into(const char *path, const void *bytes, size_t size)
{
    int file = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);
    if (file < 0)
        return file_failure(errno);
    enum status status = write_all(file, bytes, size);
    if (close(file) != 0 && status == STATUS_OK)
        status = file_failure(errno);
    return status;
}

enum status file_save(const char *path, const void *bytes, size_t size, mode_t mode,
                      enum file_over over)
{
    struct stat link, target;
    if (lstat(path, &link) != 0)
        return errno == ENOENT    ? file_write(path, bytes, size, mode)
               : errno == ENOTDIR ? STATUS_NOT_FOUND
                                  : file_failure(errno);
    if (stat(path, &target) != 0 || S_ISDIR(target.st_mode))
        return STATUS_CONFLICT;
    if (!S_ISREG(target.st_mode))
        return write_into(path, bytes, size);
    if (over == FILE_KEEP || (S_ISLNK(link.st_mode) && over != FILE_FOLLOW))
        return STATUS_CONFLICT;
    if (!S_ISLNK(link.st_mode))
        return file_write(path, bytes, size, mode);
    char *real = realpath(path, NULL);
    enum status status = real == NULL ? STATUS_IO : file_write(real, bytes, size, mode);
    free(real);
    return status;
}

enum status file_rename(const char *from, const char *to)
{
    return rename(from, to) == 0 ? sync_directory(to) : file_failure(errno);
}

enum status file_copy_secret(const char *from, const char *to, size_t limit)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum status status = file_read(from, limit, &bytes, &size);
    if (status != STATUS_OK)
        return status;
    status = file_write(to, bytes, size, 0600);
    sodium_memzero(bytes, size);
    free(bytes);
    return status;
}

enum status directory_make(const char *path, mode_t mode)
{
    if (mkdir(path, mode) == 0 || errno == EEXIST)
        return STATUS_OK;
    return errno == ENOENT ? STATUS_NOT_FOUND : file_failure(errno);
}

bool directory_temporary(char *out_path, size_t size)
{
    const char *parent = getenv("TMPDIR");
    int length = snprintf(out_path, size, "%s/zhibao-XXXXXX",
                          parent == NULL || parent[0] == '\0' ? "/tmp" : parent);
    return length > 0 && (size_t)length < size && mkdtemp(out_path) != NULL;
}

bool file_exists(const char *path)
{
    return access(path, F_OK) == 0;
}

static char *trim(char *text)
{
    text += strspn(text, " \t\r");
    size_t length = strlen(text);
    while (length > 0 && strchr(" \t\r", text[length - 1]) != NULL)
        text[--length] = '\0';
    return text;
}

bool setting_next(char **cursor, char **out_name, char **out_value)
{
    while (**cursor != '\0') {
        char *line = *cursor;
        char *end = line + strcspn(line, "\n");
        *cursor = *end == '\0' ? end : end + 1;
        *end = '\0';
        line = trim(line);
        if (line[0] == '\0' || line[0] == '#')
            continue;
        char *equals = strchr(line, '=');
        *out_value = equals == NULL ? end : trim(equals + 1);
        if (equals != NULL)
            *equals = '\0';
        *out_name = trim(line);
        return true;
    }
    return false;
}
