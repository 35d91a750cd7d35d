#include "proof/stick.h"

#include <sodium.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/cursor.h"

static const char STICK_MAGIC[4] = {'Z', 'B', 'M', '1'};
static const char STICK_DOMAIN[] = "zhibao/stick/v1";

enum {
    KEY_BYTES = crypto_secretstream_xchacha20poly1305_KEYBYTES,
    STREAM_HEADER_BYTES = crypto_secretstream_xchacha20poly1305_HEADERBYTES,
    CHUNK_EXTRA_BYTES = crypto_secretstream_xchacha20poly1305_ABYTES,
    SEALED_KEY_BYTES = crypto_box_SEALBYTES + KEY_BYTES,
    PROLOGUE_BYTES = STICK_HEAD_BYTES + SEALED_KEY_BYTES + STREAM_HEADER_BYTES,
};
_Static_assert(SEALED_KEY_BYTES == 80, "PROTOCOL.md section 13.1");
_Static_assert(STREAM_HEADER_BYTES == 24, "PROTOCOL.md section 13.1");
_Static_assert(CHUNK_EXTRA_BYTES == 17, "PROTOCOL.md section 13.1");
_Static_assert(crypto_box_PUBLICKEYBYTES == STICK_ENCRYPT_BYTES, "X25519");

/* An empty content is one empty chunk: the last chunk says that it is the last. */
static size_t chunk_count(size_t size)
{
    return size == 0 ? 1 : (size + STICK_CHUNK_BYTES - 1) / STICK_CHUNK_BYTES;
}

static size_t file_size(size_t content)
{
    return PROLOGUE_BYTES + content + chunk_count(content) * CHUNK_EXTRA_BYTES +
           SIGN_SIGNATURE_BYTES;
}

static void head_write(struct writer *writer, const struct stick_head *head)
{
    write_bytes(writer, STICK_MAGIC, sizeof STICK_MAGIC);
    write_number(writer, head->what, 1);
    write_number(writer, head->to, 8);
    write_bytes(writer, head->to_key.bytes, sizeof head->to_key.bytes);
    write_number(writer, head->from, 8);
    write_number(writer, head->size, 8);
}

static size_t chunk_bytes(size_t size, size_t chunk)
{
    size_t left = size - chunk * STICK_CHUNK_BYTES;
    return left < STICK_CHUNK_BYTES ? left : STICK_CHUNK_BYTES;
}

/* Every chunk is bound to the head: none can be moved to another file. */
static void encrypt(const struct stick_head *head, const uint8_t key[KEY_BYTES],
                    const uint8_t *content, const uint8_t *head_bytes, uint8_t *out)
{
    crypto_secretstream_xchacha20poly1305_state state;
    crypto_secretstream_xchacha20poly1305_init_push(&state, out, key);
    out += STREAM_HEADER_BYTES;
    size_t chunks = chunk_count(head->size);
    for (size_t i = 0; i < chunks; i++) {
        size_t bytes = chunk_bytes(head->size, i);
        uint8_t tag = i + 1 == chunks ? crypto_secretstream_xchacha20poly1305_TAG_FINAL : 0;
        crypto_secretstream_xchacha20poly1305_push(&state, out, NULL,
                                                   content + i * STICK_CHUNK_BYTES, bytes,
                                                   head_bytes, STICK_HEAD_BYTES, tag);
        out += bytes + CHUNK_EXTRA_BYTES;
    }
    sodium_memzero(&state, sizeof state);
}

enum status stick_seal(const struct stick_head *head, const uint8_t to_public[STICK_ENCRYPT_BYTES],
                       const struct sign_secret *author, const uint8_t *content,
                       uint8_t **out_bytes, size_t *out_size)
{
    uint8_t key[KEY_BYTES];
    if (head->size > STICK_CONTENT_MAX)
        return STATUS_LIMIT;
    size_t size = file_size(head->size);
    uint8_t *bytes = malloc(size);
    if (bytes == NULL)
        return STATUS_NO_MEMORY;
    struct writer writer = {.bytes = bytes, .size = size};
    head_write(&writer, head);
    crypto_secretstream_xchacha20poly1305_keygen(key);
    int bad = crypto_box_seal(bytes + writer.used, key, sizeof key, to_public);
    if (bad == 0)
        encrypt(head, key, content, bytes, bytes + writer.used + SEALED_KEY_BYTES);
    sodium_memzero(key, sizeof key);
    if (bad != 0) {
        free(bytes);
        return STATUS_INVALID;
    }
    size_t before = size - SIGN_SIGNATURE_BYTES;
    struct signature signature = sign_bytes(author, STICK_DOMAIN, bytes, before);
    memcpy(bytes + before, signature.bytes, sizeof signature.bytes);
    *out_bytes = bytes;
    *out_size = size;
    return STATUS_OK;
}

enum status stick_head_read(const uint8_t *bytes, size_t size, struct stick_head *out_head)
{
    struct reader reader = {.bytes = bytes, .size = size};
    struct stick_head head = {0};
    char magic[sizeof STICK_MAGIC];
    read_bytes(&reader, magic, sizeof magic);
    if (reader.bad || memcmp(magic, STICK_MAGIC, sizeof magic) != 0)
        return STATUS_E_STICK_DAMAGED;
    head.what = (uint8_t)read_number(&reader, 1);
    head.to = read_number(&reader, 8);
    read_bytes(&reader, head.to_key.bytes, sizeof head.to_key.bytes);
    head.from = read_number(&reader, 8);
    uint64_t content = read_number(&reader, 8);
    if (reader.bad)
        return STATUS_E_STICK_TRUNCATED;
    if ((head.what != STICK_RECORDS && head.what != STICK_RECEIPTS) || content > STICK_CONTENT_MAX)
        return STATUS_E_STICK_DAMAGED;
    head.size = (size_t)content;
    if (size < file_size(head.size))
        return STATUS_E_STICK_TRUNCATED;
    if (size > file_size(head.size))
        return STATUS_E_STICK_DAMAGED;
    *out_head = head;
    return STATUS_OK;
}

/* `in` begins with the stream's header. */
static enum status decrypt(size_t size, const uint8_t key[KEY_BYTES], const uint8_t *head_bytes,
                           const uint8_t *in, uint8_t *out)
{
    crypto_secretstream_xchacha20poly1305_state state;
    if (crypto_secretstream_xchacha20poly1305_init_pull(&state, in, key) != 0)
        return STATUS_E_STICK_DAMAGED;
    in += STREAM_HEADER_BYTES;
    size_t chunks = chunk_count(size);
    enum status status = STATUS_OK;
    for (size_t i = 0; status == STATUS_OK && i < chunks; i++) {
        size_t bytes = chunk_bytes(size, i);
        uint8_t tag = 0;
        int bad = crypto_secretstream_xchacha20poly1305_pull(
            &state, out + i * STICK_CHUNK_BYTES, NULL, &tag, in, bytes + CHUNK_EXTRA_BYTES,
            head_bytes, STICK_HEAD_BYTES);
        bool final = tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL;
        if (bad != 0 || final != (i + 1 == chunks))
            status = STATUS_E_STICK_DAMAGED;
        in += bytes + CHUNK_EXTRA_BYTES;
    }
    sodium_memzero(&state, sizeof state);
    return status;
}

enum status stick_open(const uint8_t *bytes, size_t size,
                       const uint8_t to_public[STICK_ENCRYPT_BYTES],
                       const uint8_t to_secret[STICK_ENCRYPT_BYTES], uint8_t **out_content)
{
    struct stick_head head;
    uint8_t key[KEY_BYTES];
    enum status status = stick_head_read(bytes, size, &head);
    if (status != STATUS_OK)
        return status;
    if (crypto_box_seal_open(key, bytes + STICK_HEAD_BYTES, SEALED_KEY_BYTES, to_public,
                             to_secret) != 0)
        return STATUS_E_STICK_DAMAGED;
    uint8_t *content = malloc(head.size + 1);
    status = content == NULL ? STATUS_NO_MEMORY
                             : decrypt(head.size, key, bytes,
                                       bytes + STICK_HEAD_BYTES + SEALED_KEY_BYTES, content);
    sodium_memzero(key, sizeof key);
    if (status == STATUS_OK)
        *out_content = content;
    else
        free(content);
    return status;
}

enum status stick_verify(const uint8_t *bytes, size_t size, const struct sign_public *author)
{
    if (size < SIGN_SIGNATURE_BYTES)
        return STATUS_E_STICK_TRUNCATED;
    size_t before = size - SIGN_SIGNATURE_BYTES;
    enum status status =
        sign_verify(author, STICK_DOMAIN, bytes, before, bytes + before, SIGN_SIGNATURE_BYTES);
    return status == STATUS_OK || status == STATUS_NO_MEMORY ? status : STATUS_E_STICK_DAMAGED;
}
