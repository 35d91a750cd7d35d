#include "lib/secret_file.h"

#include <dirent.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/files.h"
#include "lib/handle.h"
#include "proof/passphrase.h"

enum { LOCKED_MAX = KEY_LOCK_PLAIN_MAX + KEY_LOCK_EXTRA };

enum status secret_file_read(const char *path, size_t limit, uint8_t **out_bytes, size_t *out_size)
{
    uint8_t *bytes = NULL, *plain = NULL;
    size_t size = 0;
    const char *passphrase = NULL;
    struct key_lock *lock = NULL;
    enum status status = file_read(path, limit + KEY_LOCK_EXTRA, &bytes, &size);
    if (status != STATUS_OK)
        return status;
    if (!key_lock_is(bytes, size)) {
        *out_bytes = bytes;
        *out_size = size;
        return STATUS_OK;
    }
    plain = malloc(size + 1);
    status = plain == NULL ? STATUS_NO_MEMORY : passphrase_get(&passphrase, &lock);
    if (status == STATUS_OK)
        status = key_lock_open(lock, passphrase, bytes, size, plain, out_size);
    free(bytes);
    if (status != STATUS_OK) {
        free(plain);
        return status;
    }
    plain[*out_size] = '\0';
    *out_bytes = plain;
    return STATUS_OK;
}

enum status secret_file_write(const char *path, const void *bytes, size_t size, bool locked)
{
    const char *passphrase = NULL;
    struct key_lock *lock = NULL;
    if (!locked)
        return file_write(path, bytes, size, 0600);
    if (size > KEY_LOCK_PLAIN_MAX)
        return STATUS_LIMIT;
    enum status status = passphrase_choose(&passphrase, &lock);
    if (status == STATUS_OK && !lock->ready)
        status = key_lock_make(lock, passphrase);
    uint8_t *sealed = status == STATUS_OK ? malloc(size + KEY_LOCK_EXTRA) : NULL;
    if (status == STATUS_OK && sealed == NULL)
        status = STATUS_NO_MEMORY;
    if (status != STATUS_OK)
        return status;
    key_lock_seal(lock, bytes, size, sealed);
    status = file_write(path, sealed, size + KEY_LOCK_EXTRA, 0600);
    free(sealed);
    return status;
}

bool secret_file_locked(const char *path)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (file_read(path, LOCKED_MAX, &bytes, &size) != STATUS_OK)
        return false;
    bool locked = key_lock_is(bytes, size);
    sodium_memzero(bytes, size);
    free(bytes);
    return locked;
}

/* One file, unless it is so already. */
static enum status relock(const char *path, bool lock, size_t *count)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (secret_file_locked(path) == lock)
        return STATUS_OK;
    enum status status = secret_file_read(path, KEY_LOCK_PLAIN_MAX, &bytes, &size);
    if (status != STATUS_OK)
        return status;
    status = secret_file_write(path, bytes, size, lock);
    sodium_memzero(bytes, size);
    free(bytes);
    *count += status == STATUS_OK;
    return status;
}

static bool ends(const char *name, const char *with)
{
    size_t length = strlen(name), tail = strlen(with);
    return length > tail && strcmp(name + length - tail, with) == 0;
}

/* Every key file of a directory and, `deeper`, of those in it. */
static enum status relock_all(const char *directory, bool deeper, bool lock, size_t *count)
{
    char path[PATH_BYTES];
    enum status status = STATUS_OK;
    DIR *entries = opendir(directory);
    for (struct dirent *entry = NULL;
         status == STATUS_OK && entries != NULL && (entry = readdir(entries)) != NULL;) {
        if (entry->d_name[0] == '.')
            continue;
        status = path_join(directory, entry->d_name, path);
        if (status == STATUS_OK && ends(entry->d_name, ".key"))
            status = relock(path, lock, count);
        else if (status == STATUS_OK && deeper && entry->d_type == DT_DIR)
            status = relock_all(path, false, lock, count);
    }
    if (entries != NULL)
        closedir(entries);
    return status;
}

enum status zhibao_keys_lock(struct zhibao *zhibao, bool lock, size_t *out_count)
{
    char path[PATH_BYTES];
    size_t count = 0;
    cause_clear(zhibao);
    enum status status = path_join(home_path(zhibao->home), "cases", path);
    if (status == STATUS_OK)
        status = relock_all(path, false, lock, &count);
    if (status == STATUS_OK)
        status = path_join(home_path(zhibao->home), "keys", path);
    if (status == STATUS_OK)
        status = relock_all(path, true, lock, &count);
    *out_count = count;
    if (status == STATUS_MISMATCH)
        return cause_set(zhibao, status, "两次输入的口令不同", "the two passphrases differ");
    return status == STATUS_OK ? status : cause_plain(zhibao, status);
}
