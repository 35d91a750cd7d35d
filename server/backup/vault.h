/* The file of a backup: encrypted to a key that the administrator holds offline, whole or refused.
 *
 *   "ZBBACKUP1\n"  the recipient's X25519 public key (32)  crypto_box_seal of a fresh key (80)
 *   crypto_secretstream_xchacha20poly1305 header (24)
 *   then frames: length of the ciphertext (4, big endian), ciphertext; the plaintext's first byte
 * is its kind. Everything before the frames is authenticated with the first one; the last frame
 * alone carries TAG_FINAL, so that a file that was cut anywhere is not taken for a whole one.
 *
 * It is written as FILE.part, made durable, and only then given its name. Main thread. */
#ifndef ZHIBAO_SERVER_BACKUP_VAULT_H
#define ZHIBAO_SERVER_BACKUP_VAULT_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    VAULT_KEY_BYTES = 32,
    VAULT_PLAIN_MAX = 64 * 1024, /* of one frame, its kind not counted */
    VAULT_KEY_TEXT_BYTES = 64,
};

enum vault_kind {
    VAULT_MANIFEST = 'M', /* first: lines of name=value */
    VAULT_KEY = 'K',      /* a file of DIR/keys: its name, NUL, its bytes */
    VAULT_DATA = 'D',     /* the database, as the manifest's `kind` says */
    VAULT_END = 'E',      /* last: the number of bytes of all VAULT_DATA, 8, big endian */
};

struct vault_key {
    uint8_t bytes[VAULT_KEY_BYTES];
};

/* A new pair. */
void vault_key_make(struct vault_key *out_public, struct vault_key *out_secret);

/* As people copy them: "ZBKP-..." the public, "ZBKS-..." the secret one, with a checksum of four
 * bytes. vault_key_parse: STATUS_INVALID for anything else. */
MUST_CHECK enum status vault_key_text(const char *prefix, const struct vault_key *key,
                                      char out[VAULT_KEY_TEXT_BYTES]);
MUST_CHECK enum status vault_key_parse(const char *prefix, const char *text,
                                       struct vault_key *out_key);
#define VAULT_PUBLIC "ZBKP-"
#define VAULT_SECRET "ZBKS-"

struct vault_writer;

/* Makes PATH.part (mode 0600), over one that an interrupted backup left. STATUS_CONFLICT, logged,
 * when PATH exists already; STATUS_IO, logged; STATUS_NO_MEMORY. */
MUST_CHECK enum status vault_create(const char *path, const struct vault_key *recipient,
                                    struct vault_writer **out_writer);

/* One frame. At most VAULT_PLAIN_MAX bytes. STATUS_IO, logged. */
MUST_CHECK enum status vault_add(struct vault_writer *writer, enum vault_kind kind,
                                 const void *bytes, size_t size);

/* The last frame, then PATH.part becomes PATH. STATUS_IO, logged. */
MUST_CHECK enum status vault_finish(struct vault_writer *writer, uint64_t *out_bytes);

/* Frees; what was not finished is removed. Safe on NULL. */
void vault_writer_destroy(struct vault_writer **writer);

struct vault_reader;

/* Reads from `file`, which stays the caller's. STATUS_INVALID when it is no backup, STATUS_DENIED
 * when it was made for another key, STATUS_MISMATCH when it was altered or cut; not logged. */
MUST_CHECK enum status vault_open(int file, const struct vault_key *secret,
                                  struct vault_reader **out_reader);

/* The next frame; `out_bytes` is good until the next call. VAULT_END comes once, last, and only in
 * a whole file. STATUS_MISMATCH when it was altered or cut. */
MUST_CHECK enum status vault_next(struct vault_reader *reader, enum vault_kind *out_kind,
                                  const uint8_t **out_bytes, size_t *out_size);
void vault_reader_destroy(struct vault_reader **reader);

#endif
