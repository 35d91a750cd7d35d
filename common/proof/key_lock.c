#include "proof/key_lock.h"

#include <assert.h>
#include <sodium.h>
#include <string.h>

#include "base/cursor.h"

_Static_assert(KEY_LOCK_SALT_BYTES == crypto_pwhash_argon2id_SALTBYTES, "argon2id salt");
_Static_assert(KEY_LOCK_EXTRA == KEY_LOCK_HEAD + crypto_secretbox_MACBYTES, "secretbox");

static const char MAGIC[4] = {'Z', 'B', 'E', '1'};

/* What is read costs at most a gigabyte and some seconds. */
enum { PASSES = 3, MEMORY_KIB = 64 * 1024, PASSES_MAX = 16, MEMORY_KIB_MAX = 1024 * 1024 };

static enum status derive(struct key_lock *lock, const char *passphrase)
{
    lock->ready =
        crypto_pwhash_argon2id(lock->key, sizeof lock->key, passphrase, strlen(passphrase),
                               lock->salt, lock->passes, (size_t)lock->memory_kib * 1024,
                               crypto_pwhash_argon2id_ALG_ARGON2ID13) == 0;
    return lock->ready ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status key_lock_make(struct key_lock *lock, const char *passphrase)
{
    *lock = (struct key_lock){.passes = PASSES, .memory_kib = MEMORY_KIB};
    randombytes_buf(lock->salt, sizeof lock->salt);
    return derive(lock, passphrase);
}

void key_lock_wipe(struct key_lock *lock)
{
    sodium_memzero(lock, sizeof *lock);
}

bool key_lock_is(const uint8_t *bytes, size_t size)
{
    return size >= sizeof MAGIC && memcmp(bytes, MAGIC, sizeof MAGIC) == 0;
}

void key_lock_seal(const struct key_lock *lock, const uint8_t *plain, size_t size, uint8_t *out)
{
    uint8_t nonce[crypto_secretbox_NONCEBYTES];
    struct writer writer = {.bytes = out, .size = size + KEY_LOCK_EXTRA};
    assert(lock->ready && size <= KEY_LOCK_PLAIN_MAX);
    randombytes_buf(nonce, sizeof nonce);
    write_bytes(&writer, MAGIC, sizeof MAGIC);
    write_number(&writer, lock->passes, 4);
    write_number(&writer, lock->memory_kib, 4);
    write_bytes(&writer, lock->salt, sizeof lock->salt);
    write_bytes(&writer, nonce, sizeof nonce);
    write_number(&writer, size, 4);
    assert(!writer.bad && writer.used == KEY_LOCK_HEAD);
    crypto_secretbox_easy(out + KEY_LOCK_HEAD, plain, size, nonce, lock->key);
}

enum status key_lock_open(struct key_lock *lock, const char *passphrase, const uint8_t *bytes,
                          size_t size, uint8_t *out, size_t *out_size)
{
    struct reader reader = {.bytes = bytes, .size = size};
    struct key_lock wanted = {0};
    uint8_t nonce[crypto_secretbox_NONCEBYTES];
    char magic[sizeof MAGIC];
    read_bytes(&reader, magic, sizeof magic);
    wanted.passes = (uint32_t)read_number(&reader, 4);
    wanted.memory_kib = (uint32_t)read_number(&reader, 4);
    read_bytes(&reader, wanted.salt, sizeof wanted.salt);
    read_bytes(&reader, nonce, sizeof nonce);
    uint64_t inside = read_number(&reader, 4);
    if (reader.bad || memcmp(magic, MAGIC, sizeof magic) != 0 || inside > KEY_LOCK_PLAIN_MAX ||
        size != inside + KEY_LOCK_EXTRA || wanted.passes == 0 || wanted.passes > PASSES_MAX ||
        wanted.memory_kib < 8 || wanted.memory_kib > MEMORY_KIB_MAX)
        return STATUS_E_KEY_FILE;
    if (!lock->ready || lock->passes != wanted.passes || lock->memory_kib != wanted.memory_kib ||
        memcmp(lock->salt, wanted.salt, sizeof wanted.salt) != 0) {
        *lock = wanted;
        enum status status = derive(lock, passphrase);
        if (status != STATUS_OK)
            return status;
    }
    if (crypto_secretbox_open_easy(out, bytes + KEY_LOCK_HEAD, size - KEY_LOCK_HEAD, nonce,
                                   lock->key) != 0)
        return STATUS_E_PASSPHRASE;
    *out_size = (size_t)inside;
    return STATUS_OK;
}
