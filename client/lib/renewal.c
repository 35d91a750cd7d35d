#include "lib/renewal.h"

#include <dirent.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "lib/key_file.h"
#include "lib/record.h"

enum { SECRET_FILE_MAX = 16 * 1024, RESIGN_ARENA_BYTES = 8 * 1024 * 1024 };

/* In the order in which they are put in place: signing.key tells which keys are in force. */
static const char *const key_names[] = {"transport.key", "encryption.key", "enrol.record"};
enum { KEY_NAMES = sizeof key_names / sizeof *key_names };
static const char *const home_names[] = {"pins.conf", "identity.conf"};

static enum status in_keys(const char *home, const char *name, char out[PATH_BYTES])
{
    char keys[PATH_BYTES];
    enum status status = path_join(home, "keys", keys);
    return status == STATUS_OK ? path_join(keys, name, out) : status;
}

bool renewal_decided(const char *path)
{
    char identity[PATH_BYTES];
    return in_keys(path, "next/identity.conf", identity) == STATUS_OK && file_exists(identity);
}

static enum status copy(const char *from_directory, const char *to_directory, const char *name)
{
    char from[PATH_BYTES], to[PATH_BYTES];
    enum status status = path_join(from_directory, name, from);
    if (status == STATUS_OK)
        status = path_join(to_directory, name, to);
    return status == STATUS_OK ? file_copy_secret(from, to, SECRET_FILE_MAX) : status;
}

/* The id of the signing key in a directory. */
static enum status key_in(const char *directory, struct key_id *out_id)
{
    struct home_keys keys;
    enum status status = key_files_read(directory, &keys);
    if (status != STATUS_OK)
        return status;
    *out_id = sign_key_id(&keys.sign_public);
    sodium_memzero(&keys, sizeof keys);
    return STATUS_OK;
}

/* Every file of a directory of ours, those included that a write left when it was cut off. */
static void remove_files(const char *directory)
{
    char file[PATH_BYTES];
    DIR *entries = opendir(directory);
    for (struct dirent *entry = NULL; entries != NULL && (entry = readdir(entries)) != NULL;)
        if (entry->d_name[0] != '.' && path_join(directory, entry->d_name, file) == STATUS_OK)
            unlink(file);
    if (entries != NULL)
        closedir(entries);
}

/* keys/retired-KEYID appears under its name only when it is complete. */
static enum status retire(const char *home, const char *keys, const struct key_id *old)
{
    char hex[2 * KEY_ID_BYTES + 1], name[2 * KEY_ID_BYTES + 32], final[PATH_BYTES],
        beside[PATH_BYTES];
    snprintf(name, sizeof name, "retired-%s", hex_encode(old->bytes, sizeof old->bytes, hex));
    enum status status = in_keys(home, name, final);
    if (status != STATUS_OK || file_exists(final))
        return status;
    status = in_keys(home, "retiring", beside);
    if (status == STATUS_OK) {
        remove_files(beside); /* of a copy that was cut off */
        status = directory_make(beside, 0700);
    }
    for (size_t i = 0; status == STATUS_OK && i < KEY_NAMES; i++)
        status = copy(keys, beside, key_names[i]);
    if (status == STATUS_OK)
        status = copy(keys, beside, "signing.key");
    return status == STATUS_OK ? file_rename(beside, final) : status;
}

static enum status put_in_place(const char *home, const char *keys, const char *next)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < KEY_NAMES; i++)
        status = copy(next, keys, key_names[i]);
    for (size_t i = 0; status == STATUS_OK && i < sizeof home_names / sizeof *home_names; i++)
        status = copy(next, home, home_names[i]);
    return status == STATUS_OK ? copy(next, keys, "signing.key") : status;
}

enum status renewal_install(const char *path)
{
    char keys[PATH_BYTES], next[PATH_BYTES], done[PATH_BYTES];
    struct key_id old, fresh;
    enum status status = path_join(path, "keys", keys);
    if (status == STATUS_OK)
        status = in_keys(path, "next", next);
    if (status == STATUS_OK)
        status = in_keys(path, "done", done);
    if (status == STATUS_OK)
        status = key_in(keys, &old);
    if (status == STATUS_OK)
        status = key_in(next, &fresh);
    if (status == STATUS_OK && memcmp(old.bytes, fresh.bytes, sizeof old.bytes) != 0) {
        status = retire(path, keys, &old);
        if (status == STATUS_OK)
            status = put_in_place(path, keys, next);
    }
    renewal_tidy(path); /* a name that an earlier renewal may have left */
    return status == STATUS_OK ? file_rename(next, done) : status;
}

void renewal_tidy(const char *path)
{
    char done[PATH_BYTES];
    if (in_keys(path, "done", done) != STATUS_OK || !file_exists(done))
        return;
    remove_files(done);
    rmdir(done);
}

struct resigning {
    struct arena *arena;
    const struct key_id *old;
    const struct home_keys *keys;
    int64_t sequence;
    struct signed_record record; /* size 0: under another key */
};

static enum status resign_one(const struct zhibao_item *item, void *context)
{
    struct resigning *resigning = context;
    resigning->sequence = item->sequence;
    resigning->record.size = 0;
    return record_resign(resigning->keys, resigning->old, item->record, item->record_size,
                         resigning->arena, &resigning->record);
}

enum status renewal_resign(struct outbox *outbox, const struct key_id *old,
                           const struct home_keys *keys, size_t *out_count)
{
    struct resigning resigning = {.old = old, .keys = keys};
    size_t count = 0;
    resigning.arena = arena_create(RESIGN_ARENA_BYTES);
    if (resigning.arena == NULL)
        return STATUS_NO_MEMORY;
    enum status status = outbox_begin(outbox);
    while (status == STATUS_OK) {
        arena_reset(resigning.arena);
        status = outbox_waiting_after(outbox, resigning.sequence, resign_one, &resigning);
        if (status != STATUS_OK || resigning.record.size == 0)
            continue;
        status = outbox_replace(outbox, resigning.sequence, resigning.record.bytes,
                                resigning.record.size);
        count++;
    }
    if (status == STATUS_NOT_FOUND) /* the end of the listing */
        status = outbox_commit(outbox);
    outbox_rollback(outbox);
    arena_destroy(&resigning.arena);
    if (status == STATUS_OK)
        *out_count = count;
    return status;
}
