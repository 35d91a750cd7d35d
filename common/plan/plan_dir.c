#include "plan/plan_dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char catalogue[] = "catalogue/";

static enum status read_fully(int file, uint8_t *bytes, size_t size, size_t *out_size)
{
    size_t got = 0;
    while (got < size) {
        ssize_t more = read(file, bytes + got, size - got);
        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return STATUS_IO;
        if (more == 0)
            break;
        got += (size_t)more;
    }
    *out_size = got;
    return STATUS_OK;
}

static enum status read_file(const char *path, uint8_t **out_bytes, size_t *out_size)
{
    enum status status = STATUS_IO;
    uint8_t *bytes = NULL;
    struct stat info;
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a FIFO must not hang us */
    if (file < 0 || fstat(file, &info) != 0)
        goto cleanup;
    if (!S_ISREG(info.st_mode)) {
        errno = S_ISDIR(info.st_mode) ? EISDIR : EINVAL;
        goto cleanup;
    }
    if (info.st_size > PLAN_FILE_BYTES_MAX) {
        status = STATUS_LIMIT;
        goto cleanup;
    }
    bytes = malloc((size_t)info.st_size + 1);
    if (bytes == NULL) {
        status = STATUS_NO_MEMORY;
        goto cleanup;
    }
    status = read_fully(file, bytes, (size_t)info.st_size, out_size);
    if (status == STATUS_OK) {
        *out_bytes = bytes;
        bytes = NULL;
    }
cleanup:
    free(bytes);
    if (file >= 0) {
        int reason = errno; /* of what failed, which close must not hide */
        close(file);
        errno = reason;
    }
    return status;
}

static bool is_catalogue(const char *name)
{
    return strncmp(name, catalogue, strlen(catalogue)) == 0;
}

/* Where `name` is; false when the path is too long. */
static bool make_path(const char *dir, const char *name, bool shared, char path[PATH_MAX])
{
    const char *up = shared && is_catalogue(name) ? "../" : "";
    int length = snprintf(path, PATH_MAX, "%s/%s%s", dir, up, name);
    return length > 0 && length < PATH_MAX;
}

/* The reasons that people meet; the system has words for them in English only. */
static const char *reason_zh(int reason)
{
    switch (reason) {
    case ENOENT: return "没有这个文件";
    case EACCES: return "没有读取权限";
    case ENOTDIR: return "路径中有一段不是目录";
    case EISDIR: return "是目录，不是文件";
    case ENAMETOOLONG: return "路径太长";
    case EINVAL: return "不是普通文件";
    default: return "读取出错";
    }
}

/* STATUS_NOT_FOUND for an optional file that is not there. */
static enum status read_one(const char *dir, const char *name, bool shared, bool optional,
                            struct problems *problems, struct plan_file *out_file)
{
    char path[PATH_MAX] = "";
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum status status = STATUS_IO;
    errno = ENAMETOOLONG;
    if (make_path(dir, name, shared, path))
        status = read_file(path, &bytes, &size);
    if (status == STATUS_IO && optional && errno == ENOENT)
        return STATUS_NOT_FOUND;
    if (status == STATUS_IO) {
        int reason = errno;
        char zh[PROBLEM_TEXT_BYTES], en[PROBLEM_TEXT_BYTES];
        snprintf(zh, sizeof zh, "无法读取：%s（%s）", reason_zh(reason), path);
        snprintf(en, sizeof en, "cannot be read: %s (%s)", strerror(reason), path);
        problems_add(problems, status, 0, name, zh, en);
    }
    if (status == STATUS_LIMIT)
        problems_addf(problems, status, 0, name, "文件超过%dMB", "the file is larger than %d MB",
                      PLAN_FILE_BYTES_MAX / (1024 * 1024));
    if (status == STATUS_OK)
        *out_file = (struct plan_file){name, bytes, size};
    return status;
}

static bool is_folder(const char *dir)
{
    char path[PATH_MAX];
    struct stat info;
    int length = snprintf(path, sizeof path, "%s/%s", dir, catalogue);
    return length > 0 && length < PATH_MAX && stat(path, &info) == 0;
}

enum status plan_dir_read(const char *dir, struct problems *problems, struct plan_files **out_files)
{
    enum status result = STATUS_OK;
    struct plan_files *files = calloc(1, sizeof *files);
    size_t count = 0, all = 0;
    while (plan_file_names[count] != NULL)
        count++;
    while (plan_optional_file_names[all] != NULL)
        all++;
    all += count;
    if (files != NULL)
        files->files = calloc(all, sizeof *files->files);
    if (files == NULL || files->files == NULL) {
        plan_files_destroy(&files);
        return STATUS_NO_MEMORY;
    }
    bool shared = !is_folder(dir);
    for (size_t i = 0; i < all; i++) {
        const char *name = i < count ? plan_file_names[i] : plan_optional_file_names[i - count];
        enum status status =
            read_one(dir, name, shared, i >= count, problems, &files->files[files->count]);
        if (status == STATUS_NOT_FOUND)
            continue;
        if (status == STATUS_OK)
            files->count++;
        else if (result == STATUS_OK || status == STATUS_NO_MEMORY ||
                 (status == STATUS_IO && result == STATUS_LIMIT))
            result = status;
    }
    if (result != STATUS_OK) {
        plan_files_destroy(&files);
        return result;
    }
    *out_files = files;
    return STATUS_OK;
}

void plan_files_destroy(struct plan_files **files)
{
    if (files == NULL || *files == NULL)
        return;
    for (size_t i = 0; i < (*files)->count; i++)
        free((void *)(*files)->files[i].bytes); /* const only towards the callers */
    free((*files)->files);
    free(*files);
    *files = NULL;
}
