#include "server/backup/vault.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/log.h"
#include "proof/sign.h"
#include "server/files.h"

#define MAGIC "ZBBACKUP1\n"

enum {
    MAGIC_BYTES = sizeof MAGIC - 1,
    STREAM_KEY_BYTES = crypto_secretstream_xchacha20poly1305_KEYBYTES,
    SEALED_BYTES = STREAM_KEY_BYTES + crypto_box_SEALBYTES,
    STREAM_HEADER_BYTES = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    HEAD_BYTES = MAGIC_BYTES + VAULT_KEY_BYTES + SEALED_BYTES + STREAM_HEADER_BYTES,
    LENGTH_BYTES = 4,
    PLAIN_BYTES = 1 + VAULT_PLAIN_MAX,
    CIPHER_BYTES = PLAIN_BYTES + crypto_secretstream_xchacha20poly1305_ABYTES,
    CHECKSUM_BYTES = 4,
    SYNC_EVERY = 32 * 1024 * 1024, /* so that the end does not wait for all of it */
};

_Static_assert(VAULT_KEY_BYTES == crypto_box_PUBLICKEYBYTES, "X25519");
_Static_assert(VAULT_KEY_BYTES == crypto_box_SECRETKEYBYTES, "X25519");

struct vault_writer {
    int file;
    bool finished, made;
    uint64_t data_bytes, bytes, unsynced;
    crypto_secretstream_xchacha20poly1305_state stream;
    bool begun; /* the head was authenticated */
    uint8_t head[HEAD_BYTES];
    uint8_t plain[PLAIN_BYTES];
    uint8_t cipher[LENGTH_BYTES + CIPHER_BYTES];
    char path[PATH_MAX], part[PATH_MAX];
};

struct vault_reader {
    int file;
    bool begun, ended;
    uint64_t data_bytes;
    crypto_secretstream_xchacha20poly1305_state stream;
    uint8_t head[HEAD_BYTES];
    uint8_t plain[PLAIN_BYTES];
    uint8_t cipher[CIPHER_BYTES];
};

void vault_key_make(struct vault_key *out_public, struct vault_key *out_secret)
{
    crypto_box_keypair(out_public->bytes, out_secret->bytes);
}

enum status vault_key_text(const char *prefix, const struct vault_key *key,
                           char out[VAULT_KEY_TEXT_BYTES])
{
    uint8_t whole[VAULT_KEY_BYTES + CHECKSUM_BYTES];
    struct hash sum = hash_bytes(key->bytes, sizeof key->bytes);
    memcpy(whole, key->bytes, VAULT_KEY_BYTES);
    memcpy(whole + VAULT_KEY_BYTES, sum.bytes, CHECKSUM_BYTES);
    char *text = base64url_encode(whole, sizeof whole);
    sodium_memzero(whole, sizeof whole);
    if (text == NULL)
        return STATUS_NO_MEMORY;
    snprintf(out, VAULT_KEY_TEXT_BYTES, "%s%s", prefix, text);
    sodium_memzero(text, strlen(text));
    free(text);
    return STATUS_OK;
}

enum status vault_key_parse(const char *prefix, const char *text, struct vault_key *out_key)
{
    uint8_t whole[VAULT_KEY_BYTES + CHECKSUM_BYTES];
    size_t size = 0;
    if (strncmp(text, prefix, strlen(prefix)) != 0 ||
        base64url_decode(text + strlen(prefix), whole, sizeof whole, &size) != STATUS_OK ||
        size != sizeof whole)
        return STATUS_INVALID;
    struct hash sum = hash_bytes(whole, VAULT_KEY_BYTES);
    bool good = memcmp(sum.bytes, whole + VAULT_KEY_BYTES, CHECKSUM_BYTES) == 0;
    if (good)
        memcpy(out_key->bytes, whole, VAULT_KEY_BYTES);
    sodium_memzero(whole, sizeof whole);
    return good ? STATUS_OK : STATUS_INVALID;
}

static enum status io_failed(const char *what, const char *path)
{
    log_error("could not %s the backup: %s path=%s", what, strerror(errno), path);
    return STATUS_IO;
}

static enum status write_all(struct vault_writer *writer, const uint8_t *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t written = write(writer->file, bytes + done, size - done);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return io_failed("write", writer->part);
        done += (size_t)written;
    }
    writer->bytes += size;
    writer->unsynced += size;
    if (writer->unsynced < SYNC_EVERY)
        return STATUS_OK;
    writer->unsynced = 0;
    return fdatasync(writer->file) == 0 ? STATUS_OK : io_failed("write", writer->part);
}

static enum status write_head(struct vault_writer *writer, const struct vault_key *recipient)
{
    uint8_t key[STREAM_KEY_BYTES];
    uint8_t *at = writer->head;
    crypto_secretstream_xchacha20poly1305_keygen(key);
    memcpy(at, MAGIC, MAGIC_BYTES);
    at += MAGIC_BYTES;
    memcpy(at, recipient->bytes, VAULT_KEY_BYTES);
    at += VAULT_KEY_BYTES;
    int failed = crypto_box_seal(at, key, sizeof key, recipient->bytes);
    at += SEALED_BYTES;
    if (failed == 0)
        failed = crypto_secretstream_xchacha20poly1305_init_push(&writer->stream, at, key);
    sodium_memzero(key, sizeof key);
    if (failed == 0)
        return write_all(writer, writer->head, HEAD_BYTES);
    log_error("could not encrypt the backup: its recipient's key is not a good one");
    return STATUS_INVALID;
}

enum status vault_create(const char *path, const struct vault_key *recipient,
                         struct vault_writer **out_writer)
{
    struct vault_writer *writer = calloc(1, sizeof *writer);
    if (writer == NULL)
        return STATUS_NO_MEMORY;
    enum status status = STATUS_OK;
    writer->file = -1;
    snprintf(writer->path, sizeof writer->path, "%s", path);
    if (snprintf(writer->part, sizeof writer->part, "%s.part", path) >= (int)sizeof writer->part)
        status = STATUS_LIMIT;
    if (status == STATUS_OK && access(path, F_OK) == 0) {
        log_error("could not make the backup: there is a file of this name already path=%s", path);
        status = STATUS_CONFLICT;
    }
    if (status == STATUS_OK) {
        unlink(writer->part); /* of a backup that was interrupted */
        writer->file = open(writer->part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
        writer->made = writer->file >= 0;
        status = writer->made ? STATUS_OK : io_failed("create", writer->part);
    }
    if (status == STATUS_OK)
        status = write_head(writer, recipient);
    if (status != STATUS_OK) {
        vault_writer_destroy(&writer);
        return status;
    }
    *out_writer = writer;
    return STATUS_OK;
}

static enum status push(struct vault_writer *writer, enum vault_kind kind, const void *bytes,
                        size_t size, uint8_t tag)
{
    unsigned long long length = 0;
    uint8_t *cipher = writer->cipher + LENGTH_BYTES;
    writer->plain[0] = (uint8_t)kind;
    if (size > 0)
        memcpy(writer->plain + 1, bytes, size);
    if (crypto_secretstream_xchacha20poly1305_push(
            &writer->stream, cipher, &length, writer->plain, 1 + size, writer->head,
            writer->begun ? 0 : sizeof writer->head, tag) != 0)
        return STATUS_LIMIT;
    writer->begun = true;
    for (int i = 0; i < LENGTH_BYTES; i++)
        writer->cipher[i] = (uint8_t)(length >> (8 * (LENGTH_BYTES - 1 - i)));
    return write_all(writer, writer->cipher, LENGTH_BYTES + (size_t)length);
}

enum status vault_add(struct vault_writer *writer, enum vault_kind kind, const void *bytes,
                      size_t size)
{
    if (size > VAULT_PLAIN_MAX)
        return STATUS_LIMIT;
    if (kind == VAULT_DATA)
        writer->data_bytes += size;
    return push(writer, kind, bytes, size, crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
}

/* The file's name is made durable with it. */
static enum status sync_parent(const char *path)
{
    char parent[PATH_MAX];
    snprintf(parent, sizeof parent, "%s", path);
    char *slash = strrchr(parent, '/');
    if (slash == NULL)
        return directory_sync(".");
    slash[slash == parent] = '\0';
    return directory_sync(parent);
}

enum status vault_finish(struct vault_writer *writer, uint64_t *out_bytes)
{
    uint8_t total[8];
    for (size_t i = 0; i < sizeof total; i++)
        total[i] = (uint8_t)(writer->data_bytes >> (8 * (sizeof total - 1 - i)));
    enum status status = push(writer, VAULT_END, total, sizeof total,
                              crypto_secretstream_xchacha20poly1305_TAG_FINAL);
    if (status == STATUS_OK && fdatasync(writer->file) != 0)
        status = io_failed("write", writer->part);
    if (status == STATUS_OK && rename(writer->part, writer->path) != 0)
        status = io_failed("name", writer->path);
    if (status != STATUS_OK)
        return status;
    writer->finished = true;
    *out_bytes = writer->bytes;
    return sync_parent(writer->path);
}

void vault_writer_destroy(struct vault_writer **writer)
{
    if (*writer == NULL)
        return;
    if ((*writer)->file >= 0)
        close((*writer)->file);
    if ((*writer)->made && !(*writer)->finished)
        unlink((*writer)->part);
    sodium_memzero(*writer, sizeof **writer);
    free(*writer);
    *writer = NULL;
}

/* Exactly `size` bytes; STATUS_MISMATCH when the file ends before. */
static enum status read_all(int file, uint8_t *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        ssize_t got = read(file, bytes + done, size - done);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got == 0 ? STATUS_MISMATCH : STATUS_IO;
        done += (size_t)got;
    }
    return STATUS_OK;
}

static enum status head_open(struct vault_reader *reader, const struct vault_key *secret)
{
    struct vault_key public;
    uint8_t key[STREAM_KEY_BYTES];
    const uint8_t *recipient = reader->head + MAGIC_BYTES;
    const uint8_t *sealed = recipient + VAULT_KEY_BYTES;
    if (memcmp(reader->head, MAGIC, MAGIC_BYTES) != 0)
        return STATUS_INVALID;
    if (crypto_scalarmult_base(public.bytes, secret->bytes) != 0 ||
        memcmp(public.bytes, recipient, VAULT_KEY_BYTES) != 0)
        return STATUS_DENIED;
    enum status status = STATUS_OK;
    if (crypto_box_seal_open(key, sealed, SEALED_BYTES, public.bytes, secret->bytes) != 0 ||
        crypto_secretstream_xchacha20poly1305_init_pull(&reader->stream, sealed + SEALED_BYTES,
                                                        key) != 0)
        status = STATUS_MISMATCH;
    sodium_memzero(key, sizeof key);
    return status;
}

enum status vault_open(int file, const struct vault_key *secret, struct vault_reader **out_reader)
{
    struct vault_reader *reader = calloc(1, sizeof *reader);
    if (reader == NULL)
        return STATUS_NO_MEMORY;
    reader->file = file;
    enum status status = read_all(file, reader->head, HEAD_BYTES);
    if (status == STATUS_MISMATCH && memcmp(reader->head, MAGIC, MAGIC_BYTES) != 0)
        status = STATUS_INVALID;
    if (status == STATUS_OK)
        status = head_open(reader, secret);
    if (status != STATUS_OK) {
        vault_reader_destroy(&reader);
        return status;
    }
    *out_reader = reader;
    return STATUS_OK;
}

/* The last frame tells how much data there was, and nothing follows it. */
static enum status end_check(struct vault_reader *reader, size_t size)
{
    uint64_t total = 0;
    uint8_t more;
    for (size_t i = 0; i < 8 && size == 9; i++)
        total = total << 8 | reader->plain[1 + i];
    if (size != 9 || total != reader->data_bytes || read(reader->file, &more, 1) != 0)
        return STATUS_MISMATCH;
    reader->ended = true;
    return STATUS_OK;
}

enum status vault_next(struct vault_reader *reader, enum vault_kind *out_kind,
                       const uint8_t **out_bytes, size_t *out_size)
{
    uint8_t length[LENGTH_BYTES];
    unsigned long long size = 0;
    uint8_t tag = 0;
    if (reader->ended)
        return STATUS_MISMATCH;
    enum status status = read_all(reader->file, length, sizeof length);
    if (status != STATUS_OK)
        return status;
    size_t coded =
        (size_t)length[0] << 24 | (size_t)length[1] << 16 | (size_t)length[2] << 8 | length[3];
    if (coded > CIPHER_BYTES || coded <= crypto_secretstream_xchacha20poly1305_ABYTES)
        return STATUS_MISMATCH;
    status = read_all(reader->file, reader->cipher, coded);
    if (status != STATUS_OK)
        return status;
    if (crypto_secretstream_xchacha20poly1305_pull(&reader->stream, reader->plain, &size, &tag,
                                                   reader->cipher, coded, reader->head,
                                                   reader->begun ? 0 : sizeof reader->head) != 0)
        return STATUS_MISMATCH;
    reader->begun = true;
    bool final = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
    if (size == 0 || final != (reader->plain[0] == VAULT_END))
        return STATUS_MISMATCH;
    if (reader->plain[0] == VAULT_DATA)
        reader->data_bytes += size - 1;
    if (final)
        status = end_check(reader, (size_t)size);
    if (status != STATUS_OK)
        return status;
    *out_kind = (enum vault_kind)reader->plain[0];
    *out_bytes = reader->plain + 1;
    *out_size = (size_t)size - 1;
    return STATUS_OK;
}

void vault_reader_destroy(struct vault_reader **reader)
{
    if (*reader == NULL)
        return;
    sodium_memzero(*reader, sizeof **reader);
    free(*reader);
    *reader = NULL;
}
