/* A home's files: its lock, keys, identity and pins.
 *
 *   lock              held (flock) while a handle is open
 *   identity.conf     who this is and where the server is; written last by enrolment
 *   pins.conf         server signing keys
 *   keys/             transport.key, signing.key, encryption.key (0600)
 *   keys/enrol.record the signed enrolment, kept so that the same code sends the same bytes
 *   keys/next/        new keys while an enrolled home enrols again, see renewal.h
 *   keys/retired-ID/  the keys of before, by the id of their signing key
 *   outbox.db         see outbox.h
 *
 * Owned by one thread. Secrets are wiped from memory by home_close. */
#ifndef ZHIBAO_LIB_HOME_H
#define ZHIBAO_LIB_HOME_H

#include "lib/files.h"
#include "lib/zhibao.h"
#include "proof/enrol_code.h"

struct home;

struct home_keys {
    uint8_t transport_public[TRANSPORT_KEY_BYTES], transport_secret[TRANSPORT_KEY_BYTES];
    uint8_t encrypt_public[32], encrypt_secret[32];
    struct sign_public sign_public;
    struct sign_secret sign_secret;
};

/* Whether there is a home at `path`, or something that might be one and cannot be looked at. */
bool home_exists(const char *path);

/* Makes the directory (0700) when missing, takes the lock within `timeout_ms`, reads what is
 * there. STATUS_TIMEOUT: another process holds it. STATUS_INVALID: a file is damaged;
 * out_damaged (PATH_BYTES) then names it. */
MUST_CHECK enum status home_open(const char *path, uint32_t timeout_ms,
                                 char out_damaged[PATH_BYTES], struct home **out_home);
void home_close(struct home **home);

const char *home_path(const struct home *home);

/* NULL, NULL and NULL before enrolment. */
const struct zhibao_identity *home_identity(const struct home *home);
const struct pins *home_pins(const struct home *home);
const uint8_t *home_server_transport(const struct home *home);

/* NULL before home_make_keys. */
const struct home_keys *home_keys(const struct home *home);

/* Those of a renewal under way; NULL when there is none. */
const struct home_keys *home_next_keys(const struct home *home);

/* Keys of before, by the id of their signing key. STATUS_NOT_FOUND. */
MUST_CHECK enum status home_retired_keys(const struct home *home, const struct key_id *id,
                                         struct home_keys *out_keys);

/* Whether the home's secrets are under a passphrase; new ones are made likewise. */
bool home_locked(const struct home *home);

/* Fresh keys, durable when it returns: of an enrolled home the next ones. */
MUST_CHECK enum status home_make_keys(struct home *home);

/* The enrolment record as first sent, of the home's keys or of the next ones. */
MUST_CHECK enum status home_enrolment_read(const struct home *home, bool renewal,
                                           uint8_t **out_bytes, size_t *out_size);
MUST_CHECK enum status home_enrolment_write(const struct home *home, bool renewal,
                                            const uint8_t *bytes, size_t size);

/* Reads the files again after a renewal put others in their place. */
MUST_CHECK enum status home_reload(struct home *home);

/* Takes on the identity: writes pins.conf (with what was pinned before), then identity.conf. Of a
 * renewal only beside the next keys, by which it is decided. */
MUST_CHECK enum status home_adopt(struct home *home, bool renewal,
                                  const struct zhibao_identity *identity,
                                  const uint8_t server_transport[TRANSPORT_KEY_BYTES],
                                  const struct sign_public *server_key);

/* The key was pending and is no longer. */
MUST_CHECK enum status home_approved(struct home *home);

/* Reads identity.conf and the public signing key of a home without its lock. */
MUST_CHECK enum status home_identity_read(const char *path, struct zhibao_identity *out_identity,
                                          uint8_t out_server_transport[TRANSPORT_KEY_BYTES]);

#endif
