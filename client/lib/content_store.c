#include "lib/content_store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "document/content.h"
#include "lib/files.h"

static const char FOLDER[] = "documents";

static enum status copy_path(const char *home, const struct hash *sha256, char out[PATH_BYTES])
{
    char name[sizeof FOLDER + 2 * HASH_BYTES + 2], hex[2 * HASH_BYTES + 1];
    snprintf(name, sizeof name, "%s/%s", FOLDER, hex_encode(sha256->bytes, HASH_BYTES, hex));
    return path_join(home, name, out);
}

static enum status write_whole(int file, const uint8_t *bytes, size_t size)
{
    while (size > 0) {
        ssize_t done = write(file, bytes, size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done <= 0)
            return STATUS_IO;
        bytes += done;
        size -= (size_t)done;
    }
    return STATUS_OK;
}

/* Up to `room` bytes; fewer only at the end of the file. */
static enum status read_whole(int file, uint8_t *bytes, size_t room, size_t *out_size)
{
    size_t size = 0;
    while (size < room) {
        ssize_t done = read(file, bytes + size, room - size);
        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return STATUS_IO;
        if (done == 0)
            break;
        size += (size_t)done;
    }
    *out_size = size;
    return STATUS_OK;
}

/* From one open file into another, hashed on the way. */
static enum status copy(int from, int to, uint8_t *buffer, struct zhibao_content *out_content)
{
    struct zhibao_content content = {.media_type = NULL};
    struct hash_stream stream;
    size_t size = CONTENT_CHUNK_BYTES;
    enum status status = STATUS_OK;
    hash_stream_begin(&stream);
    while (status == STATUS_OK && size == CONTENT_CHUNK_BYTES) {
        status = read_whole(from, buffer, CONTENT_CHUNK_BYTES, &size);
        if (status != STATUS_OK)
            return status;
        if (content.size == 0)
            content.media_type = content_type(buffer, size);
        content.size += size;
        if (content.size == 0 || content.size > CONTENT_BYTES_MAX)
            return STATUS_E_DOCUMENT_SIZE;
        if (content.media_type == NULL)
            return STATUS_E_DOCUMENT_TYPE;
        hash_stream_add(&stream, buffer, size);
        status = write_whole(to, buffer, size);
    }
    if (status == STATUS_OK && fsync(to) != 0)
        status = STATUS_IO;
    if (status != STATUS_OK)
        return status;
    content.sha256 = hash_stream_end(&stream);
    *out_content = content;
    return STATUS_OK;
}

/* A renamed file's name is durable once its directory is. */
static enum status keep(const char *home, const char *beside, const struct hash *sha256)
{
    char path[PATH_BYTES], folder[PATH_BYTES];
    enum status status = copy_path(home, sha256, path);
    if (status == STATUS_OK)
        status = path_join(home, FOLDER, folder);
    if (status != STATUS_OK)
        return status;
    if (rename(beside, path) != 0)
        return STATUS_IO;
    int directory = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0)
        return STATUS_IO;
    status = fsync(directory) == 0 ? STATUS_OK : STATUS_IO;
    close(directory);
    return status;
}

enum status content_take(const char *home, const char *path, struct zhibao_content *out_content)
{
    char folder[PATH_BYTES], beside[PATH_BYTES];
    int from = -1, to = -1;
    struct zhibao_content content;
    uint8_t *buffer = malloc(CONTENT_CHUNK_BYTES);
    enum status status = buffer == NULL ? STATUS_NO_MEMORY : path_join(home, FOLDER, folder);
    if (status == STATUS_OK)
        status = path_join(folder, "new", beside);
    if (status == STATUS_OK)
        status = directory_make(folder, 0700);
    if (status != STATUS_OK)
        goto cleanup;
    from = open(path, O_RDONLY | O_CLOEXEC);
    if (from < 0) {
        status = errno == ENOENT || errno == ENOTDIR ? STATUS_NOT_FOUND : STATUS_IO;
        goto cleanup;
    }
    to = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    status = to < 0 ? STATUS_IO : copy(from, to, buffer, &content);
    if (status == STATUS_OK)
        status = keep(home, beside, &content.sha256);
    if (status == STATUS_OK)
        *out_content = content;
    else
        unlink(beside);

cleanup:
    if (from >= 0)
        close(from);
    if (to >= 0)
        close(to);
    free(buffer);
    return status;
}

enum status content_keep(const char *home, const struct hash *sha256, const uint8_t *bytes,
                         size_t size)
{
    char folder[PATH_BYTES], beside[PATH_BYTES];
    enum status status = path_join(home, FOLDER, folder);
    if (status == STATUS_OK)
        status = path_join(folder, "new", beside);
    if (status == STATUS_OK)
        status = directory_make(folder, 0700);
    if (status != STATUS_OK)
        return status;
    int file = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    status = file < 0 ? STATUS_IO : write_whole(file, bytes, size);
    if (status == STATUS_OK && fsync(file) != 0)
        status = STATUS_IO;
    if (file >= 0)
        close(file);
    if (status == STATUS_OK)
        status = keep(home, beside, sha256);
    if (status != STATUS_OK)
        unlink(beside);
    return status;
}

enum status content_read(const char *home, const struct hash *sha256, uint64_t size, uint32_t index,
                         uint8_t *out_bytes, size_t *out_size)
{
    char path[PATH_BYTES];
    size_t wanted = content_chunk_size(size, index), found = 0;
    enum status status = copy_path(home, sha256, path);
    if (status != STATUS_OK)
        return status;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno == ENOENT || errno == ENOTDIR ? STATUS_NOT_FOUND : STATUS_IO;
    if (lseek(file, (off_t)index * CONTENT_CHUNK_BYTES, SEEK_SET) < 0)
        status = STATUS_IO;
    else
        status = read_whole(file, out_bytes, wanted, &found);
    close(file);
    if (status != STATUS_OK)
        return status;
    *out_size = found;
    return found == wanted ? STATUS_OK : STATUS_IO;
}

static bool is_kept(const char *name, const struct hash *keep_these, size_t count)
{
    char hex[2 * HASH_BYTES + 1];
    for (size_t i = 0; i < count; i++)
        if (strcmp(name, hex_encode(keep_these[i].bytes, HASH_BYTES, hex)) == 0)
            return true;
    return false;
}

void content_tidy(const char *home, const struct hash *keep_these, size_t count)
{
    char folder[PATH_BYTES], path[PATH_BYTES];
    if (path_join(home, FOLDER, folder) != STATUS_OK)
        return;
    DIR *directory = opendir(folder);
    const struct dirent *entry = NULL;
    if (directory == NULL)
        return;
    while ((entry = readdir(directory)) != NULL)
        if (entry->d_name[0] != '.' && !is_kept(entry->d_name, keep_these, count) &&
            path_join(folder, entry->d_name, path) == STATUS_OK)
            unlink(path);
    closedir(directory);
}
