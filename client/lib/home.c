#include "lib/home.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "lib/key_file.h"
#include "lib/renewal.h"
#include "lib/secret_file.h"

enum { IDENTITY_FILE_MAX = 16 * 1024, ENROLMENT_MAX = 16 * 1024, LOCK_POLL_MS = 20 };

struct home {
    char path[PATH_BYTES];
    int lock;
    bool enrolled, has_keys, has_next;
    struct zhibao_identity identity;
    uint8_t server_transport[TRANSPORT_KEY_BYTES];
    struct home_keys keys, next;
    struct pins *pins;
};

static enum status take_lock(struct home *home, uint32_t timeout_ms)
{
    char path[PATH_BYTES];
    enum status status = path_join(home->path, "lock", path);
    if (status != STATUS_OK)
        return status;
    home->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (home->lock < 0)
        return file_failure(errno);
    int64_t deadline = clock_monotonic_ms() + timeout_ms;
    while (flock(home->lock, LOCK_EX | LOCK_NB) != 0) {
        if (clock_monotonic_ms() >= deadline)
            return STATUS_TIMEOUT;
        struct timespec pause = {.tv_nsec = LOCK_POLL_MS * 1000000L};
        nanosleep(&pause, NULL);
    }
    return STATUS_OK;
}

static enum status set_text(char *field, size_t room, const char *value)
{
    size_t length = strlen(value);
    if (length >= room || !utf8_valid((const uint8_t *)value, length))
        return STATUS_INVALID;
    memcpy(field, value, length + 1);
    return STATUS_OK;
}

static enum status set_field(struct zhibao_identity *identity, uint8_t *server_transport,
                             const char *name, const char *value)
{
    if (strcmp(name, "unit") == 0)
        return unit_parse(value, &identity->unit);
    if (strcmp(name, "name") == 0)
        return set_text(identity->name_zh, sizeof identity->name_zh, value);
    if (strcmp(name, "role") == 0)
        return set_text(identity->role, sizeof identity->role, value);
    if (strcmp(name, "endpoint") == 0)
        return set_text(identity->endpoint, sizeof identity->endpoint, value);
    if (strcmp(name, "enrol_endpoint") == 0)
        return set_text(identity->enrol_endpoint, sizeof identity->enrol_endpoint, value);
    if (strcmp(name, "server_transport") == 0)
        return hex_decode(value, server_transport, TRANSPORT_KEY_BYTES);
    if (strcmp(name, "pending") == 0) {
        identity->pending = strcmp(value, "yes") == 0;
        return STATUS_OK;
    }
    return STATUS_INVALID;
}

static enum status read_identity(const char *path, struct zhibao_identity *out_identity,
                                 uint8_t out_server_transport[TRANSPORT_KEY_BYTES])
{
    struct zhibao_identity identity;
    memset(&identity, 0, sizeof identity);
    uint8_t *bytes = NULL;
    size_t size = 0;
    char file[PATH_BYTES];
    enum status status = path_join(path, "identity.conf", file);
    if (status == STATUS_OK)
        status = file_read(file, IDENTITY_FILE_MAX, &bytes, &size);
    if (status != STATUS_OK)
        return status;
    char *cursor = (char *)bytes, *name = NULL, *value = NULL;
    while (status == STATUS_OK && setting_next(&cursor, &name, &value))
        status = set_field(&identity, out_server_transport, name, value);
    if (status == STATUS_OK && (identity.unit == 0 || identity.endpoint[0] == '\0'))
        status = STATUS_INVALID;
    if (status == STATUS_OK)
        *out_identity = identity;
    free(bytes);
    return status == STATUS_NO_MEMORY || status == STATUS_OK || file_failed(status)
               ? status
               : STATUS_INVALID;
}

enum status home_identity_read(const char *path, struct zhibao_identity *out_identity,
                               uint8_t out_server_transport[TRANSPORT_KEY_BYTES])
{
    struct zhibao_identity identity;
    struct home_keys keys;
    char directory[PATH_BYTES];
    enum status status = read_identity(path, &identity, out_server_transport);
    if (status == STATUS_OK)
        status = path_join(path, "keys", directory);
    if (status == STATUS_OK)
        status = key_files_read(directory, &keys);
    if (status != STATUS_OK)
        return status;
    identity.sign_public = keys.sign_public;
    identity.key = sign_key_id(&keys.sign_public);
    sodium_memzero(&keys, sizeof keys);
    *out_identity = identity;
    return STATUS_OK;
}

/* Fills in what the files say; files that are not there yet are no error. */
static enum status load(struct home *home, char out_damaged[PATH_BYTES])
{
    snprintf(out_damaged, PATH_BYTES, "%.900s/keys", home->path);
    enum status status = key_files_read(out_damaged, &home->keys);
    home->has_keys = status == STATUS_OK;
    if (status != STATUS_OK && status != STATUS_NOT_FOUND)
        return status;
    snprintf(out_damaged, PATH_BYTES, "%.900s/identity.conf", home->path);
    status = read_identity(home->path, &home->identity, home->server_transport);
    if (status == STATUS_NOT_FOUND)
        return STATUS_OK;
    if (status != STATUS_OK || !home->has_keys)
        return status == STATUS_OK ? STATUS_INVALID : status;
    home->identity.sign_public = home->keys.sign_public;
    home->identity.key = sign_key_id(&home->keys.sign_public);
    snprintf(out_damaged, PATH_BYTES, "%.900s/pins.conf", home->path);
    status = pins_read(out_damaged, &home->pins);
    home->enrolled = status == STATUS_OK;
    return status == STATUS_NOT_FOUND ? STATUS_INVALID : status;
}

/* What a renewal left. Keys without their answer may be damaged: they are made anew. */
static enum status load_next(struct home *home, char out_damaged[PATH_BYTES])
{
    snprintf(out_damaged, PATH_BYTES, "%.900s/keys/next", home->path);
    enum status status = key_files_read(out_damaged, &home->next);
    home->has_next = status == STATUS_OK;
    if (!renewal_decided(home->path) && status != STATUS_NO_MEMORY)
        return STATUS_OK;
    return status == STATUS_NOT_FOUND ? STATUS_INVALID : status;
}

bool home_exists(const char *path)
{
    static const char *const names[] = {"lock", "keys", "identity.conf", "outbox.db"};
    char file[PATH_BYTES];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (path_join(path, names[i], file) == STATUS_OK &&
            (access(file, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR)))
            return true;
    return false;
}

enum status home_open(const char *path, uint32_t timeout_ms, char out_damaged[PATH_BYTES],
                      struct home **out_home)
{
    if (strlen(path) + 64 > PATH_BYTES)
        return STATUS_LIMIT;
    struct home *home = calloc(1, sizeof *home);
    if (home == NULL)
        return STATUS_NO_MEMORY;
    home->lock = -1;
    memcpy(home->path, path, strlen(path) + 1);
    out_damaged[0] = '\0';
    enum status status = directory_make(path, 0700);
    if (status == STATUS_OK)
        status = take_lock(home, timeout_ms);
    if (status == STATUS_OK)
        status = load(home, out_damaged);
    if (status == STATUS_OK)
        status = load_next(home, out_damaged);
    if (status != STATUS_OK) {
        home_close(&home);
        return status;
    }
    *out_home = home;
    return STATUS_OK;
}

enum status home_reload(struct home *home)
{
    char damaged[PATH_BYTES];
    pins_destroy(&home->pins);
    home->enrolled = home->has_keys = home->has_next = false;
    enum status status = load(home, damaged);
    return status == STATUS_OK ? load_next(home, damaged) : status;
}

void home_close(struct home **home)
{
    if (home == NULL || *home == NULL)
        return;
    if ((*home)->lock >= 0)
        close((*home)->lock);
    pins_destroy(&(*home)->pins);
    sodium_memzero(*home, sizeof **home);
    free(*home);
    *home = NULL;
}

const char *home_path(const struct home *home)
{
    return home->path;
}

const struct zhibao_identity *home_identity(const struct home *home)
{
    return home->enrolled ? &home->identity : NULL;
}

const struct pins *home_pins(const struct home *home)
{
    return home->pins;
}

const uint8_t *home_server_transport(const struct home *home)
{
    return home->enrolled ? home->server_transport : NULL;
}

const struct home_keys *home_keys(const struct home *home)
{
    return home->has_keys ? &home->keys : NULL;
}

const struct home_keys *home_next_keys(const struct home *home)
{
    return home->has_next ? &home->next : NULL;
}

/* A file of the enrolment that is under way: of a renewal under keys/next. */
static enum status enrolment_path(const struct home *home, bool renewal, const char *name,
                                  char out[PATH_BYTES])
{
    char directory[PATH_BYTES];
    enum status status = path_join(home->path, renewal ? "keys/next" : "keys", directory);
    return status == STATUS_OK ? path_join(directory, name, out) : status;
}

bool home_locked(const struct home *home)
{
    char path[PATH_BYTES];
    return enrolment_path(home, false, "signing.key", path) == STATUS_OK &&
           secret_file_locked(path);
}

enum status home_make_keys(struct home *home)
{
    struct home_keys keys;
    char directory[PATH_BYTES];
    crypto_box_keypair(keys.transport_public, keys.transport_secret);
    crypto_box_keypair(keys.encrypt_public, keys.encrypt_secret);
    sign_generate(&keys.sign_public, &keys.sign_secret);
    enum status status = path_join(home->path, home->enrolled ? "keys/next" : "keys", directory);
    if (status == STATUS_OK)
        status = key_files_write(directory, &keys, home_locked(home));
    if (status == STATUS_OK && home->enrolled) {
        home->next = keys;
        home->has_next = true;
    } else if (status == STATUS_OK) {
        home->keys = keys;
        home->has_keys = true;
    }
    sodium_memzero(&keys, sizeof keys);
    return status;
}

enum status home_retired_keys(const struct home *home, const struct key_id *id,
                              struct home_keys *out_keys)
{
    char name[2 * KEY_ID_BYTES + 32], hex[2 * KEY_ID_BYTES + 1], directory[PATH_BYTES];
    snprintf(name, sizeof name, "keys/retired-%s", hex_encode(id->bytes, sizeof id->bytes, hex));
    enum status status = path_join(home->path, name, directory);
    return status == STATUS_OK ? key_files_read(directory, out_keys) : status;
}

enum status home_enrolment_read(const struct home *home, bool renewal, uint8_t **out_bytes,
                                size_t *out_size)
{
    char path[PATH_BYTES];
    enum status status = enrolment_path(home, renewal, "enrol.record", path);
    return status != STATUS_OK ? status : file_read(path, ENROLMENT_MAX, out_bytes, out_size);
}

enum status home_enrolment_write(const struct home *home, bool renewal, const uint8_t *bytes,
                                 size_t size)
{
    char path[PATH_BYTES];
    enum status status = enrolment_path(home, renewal, "enrol.record", path);
    return status != STATUS_OK ? status : file_write(path, bytes, size, 0600);
}

static enum status write_identity(const char *path, const struct zhibao_identity *identity,
                                  const uint8_t server_transport[TRANSPORT_KEY_BYTES])
{
    char text[4096], unit[UNIT_TEXT_BYTES], transport[2 * TRANSPORT_KEY_BYTES + 1];
    int length = snprintf(text, sizeof text,
                          "# Who this home belongs to. Written by zhibao enrol.\n"
                          "unit = %s\nname = %s\nrole = %s\nendpoint = %s\n"
                          "enrol_endpoint = %s\nserver_transport = %s\npending = %s\n",
                          unit_format(identity->unit, unit), identity->name_zh, identity->role,
                          identity->endpoint, identity->enrol_endpoint,
                          hex_encode(server_transport, TRANSPORT_KEY_BYTES, transport),
                          identity->pending ? "yes" : "no");
    if (length < 0 || (size_t)length >= sizeof text)
        return STATUS_LIMIT;
    return file_write(path, text, (size_t)length, 0600);
}

/* The pins of before stay: old receipts were signed with them. */
static enum status more_pins(const struct home *home, const struct sign_public *server_key,
                             struct pins **out_pins)
{
    struct pins *pins = pins_create();
    if (pins == NULL)
        return STATUS_NO_MEMORY;
    enum status status = STATUS_OK;
    for (size_t i = 0; home->pins != NULL && status == STATUS_OK && i < pins_count(home->pins); i++)
        status = pins_add(pins, pins_at(home->pins, i));
    if (status == STATUS_OK)
        status = pins_add(pins, server_key);
    if (status == STATUS_OK)
        *out_pins = pins;
    else
        pins_destroy(&pins);
    return status;
}

enum status home_adopt(struct home *home, bool renewal, const struct zhibao_identity *identity,
                       const uint8_t server_transport[TRANSPORT_KEY_BYTES],
                       const struct sign_public *server_key)
{
    char path[PATH_BYTES];
    const char *directory = renewal ? "keys/next/" : "";
    struct pins *pins = NULL;
    enum status status = more_pins(home, server_key, &pins);
    if (status != STATUS_OK)
        return status;
    snprintf(path, sizeof path, "%.900s/%spins.conf", home->path, directory);
    status = pins_write(pins, path);
    snprintf(path, sizeof path, "%.900s/%sidentity.conf", home->path, directory);
    if (status == STATUS_OK)
        status = write_identity(path, identity, server_transport);
    if (status != STATUS_OK || renewal) {
        pins_destroy(&pins);
        return status;
    }
    pins_destroy(&home->pins);
    home->pins = pins;
    home->identity = *identity;
    memcpy(home->server_transport, server_transport, TRANSPORT_KEY_BYTES);
    home->enrolled = true;
    return status;
}

enum status home_approved(struct home *home)
{
    char path[PATH_BYTES];
    if (!home->identity.pending)
        return STATUS_OK;
    home->identity.pending = false;
    enum status status = path_join(home->path, "identity.conf", path);
    return status == STATUS_OK ? write_identity(path, &home->identity, home->server_transport)
                               : status;
}
