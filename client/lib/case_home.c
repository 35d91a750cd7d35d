#include "lib/case_home.h"

#include <dirent.h>
#include <inttypes.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/china_time.h"
#include "base/unit_id.h"
#include "lib/files.h"
#include "lib/handle.h"
#include "lib/secret_file.h"

enum {
    FILE_MOST = 2 * 1024 * 1024,
    SMALL_MOST = 4096,
    YEARS_MAX = 100,
    DISTRICTS_MAX = 17,
    NAME_BYTES = 32
};

static enum status path_of(const struct zhibao *zhibao, const char *name, char out[PATH_BYTES])
{
    char directory[PATH_BYTES];
    enum status status = path_join(home_path(zhibao->home), "cases", directory);
    if (status == STATUS_OK)
        status = directory_make(directory, 0700);
    return status == STATUS_OK ? path_join(directory, name, out) : status;
}

static enum status file_put(struct zhibao *zhibao, const char *name, const void *bytes, size_t size)
{
    char path[PATH_BYTES] = "";
    enum status status = path_of(zhibao, name, path);
    if (status == STATUS_OK)
        status = secret_file_write(path, bytes, size,
                                   strstr(name, ".key") != NULL && home_locked(zhibao->home));
    return status == STATUS_OK ? status : cause_save(zhibao, status, path);
}

/* malloc'ed. STATUS_NOT_FOUND without a cause. */
static enum status file_get(struct zhibao *zhibao, const char *name, size_t most,
                            uint8_t **out_bytes, size_t *out_size)
{
    char path[PATH_BYTES] = "";
    enum status status = path_of(zhibao, name, path);
    if (status == STATUS_OK)
        status = secret_file_read(path, most, out_bytes, out_size);
    if (status == STATUS_OK || status == STATUS_NOT_FOUND)
        return status;
    return cause_because(zhibao, status, "文件 %s 读不出", "cannot read %s", path);
}

/* Another district's committee is pinned in a file of its own. */
static const char *trust_name(uint64_t district, char out[NAME_BYTES])
{
    if (district == 0)
        return "trust.conf";
    snprintf(out, NAME_BYTES, "trust-%012" PRIu64 ".conf", district);
    return out;
}

static enum status trust_write(struct zhibao *zhibao, uint64_t district,
                               const struct case_trust *trust)
{
    char name[NAME_BYTES], text[SMALL_MOST], hex[2 * SIGN_PUBLIC_BYTES + 1];
    int size =
        snprintf(text, sizeof text, "committee = %s\nserial = %" PRIu64 "\n",
                 hex_encode(trust->committee.bytes, SIGN_PUBLIC_BYTES, hex), trust->serial_least);
    return file_put(zhibao, trust_name(district, name), text, (size_t)size);
}

static enum status trust_parse(char *text, struct case_trust *trust)
{
    char *cursor = text, *name = NULL, *value = NULL;
    bool found = false;
    while (setting_next(&cursor, &name, &value)) {
        if (strcmp(name, "committee") == 0)
            found = hex_decode(value, trust->committee.bytes, SIGN_PUBLIC_BYTES) == STATUS_OK;
        else if (strcmp(name, "serial") == 0)
            trust->serial_least = strtoull(value, NULL, 10);
    }
    trust->committee.algorithm = SIGN_ED25519;
    return found ? STATUS_OK : STATUS_INVALID;
}

static enum status trust_read(struct zhibao *zhibao, uint64_t district,
                              struct case_trust *out_trust)
{
    char name[NAME_BYTES];
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct case_trust trust = {.district = 0};
    enum status status = file_get(zhibao, trust_name(district, name), SMALL_MOST, &bytes, &size);
    if (status != STATUS_OK)
        return status;
    status = trust_parse((char *)bytes, &trust);
    free(bytes);
    if (status != STATUS_OK)
        return cause_set(zhibao, STATUS_INVALID, "cases/%s 已损坏，请重新运行 zhibao case trust",
                         "cases/%s is damaged: run zhibao case trust again",
                         trust_name(district, name));
    *out_trust = trust;
    return STATUS_OK;
}

static uint64_t own_district(const struct zhibao *zhibao)
{
    const struct zhibao_identity *identity = zhibao_identity(zhibao);
    return identity == NULL ? 0 : place_ancestor(unit_place(identity->unit), PLACE_DISTRICT);
}

enum status zhibao_case_trust(struct zhibao *zhibao, const struct sign_public *committee,
                              uint64_t district, bool replace)
{
    struct case_trust trust;
    cause_clear(zhibao);
    if (district == own_district(zhibao))
        district = 0;
    enum status status = trust_read(zhibao, district, &trust);
    if (status != STATUS_OK && status != STATUS_NOT_FOUND && !replace)
        return status;
    if (status == STATUS_OK &&
        memcmp(trust.committee.bytes, committee->bytes, SIGN_PUBLIC_BYTES) == 0)
        return STATUS_OK;
    if (status == STATUS_OK && !replace)
        return cause_set(zhibao, STATUS_CONFLICT,
                         "本机已信任另一个委员会公钥；确要更换请加 --replace",
                         "this home trusts another committee's key; --replace to change it");
    return trust_write(zhibao, district, &(struct case_trust){.committee = *committee});
}

static void pair_finish(struct case_pair *pair)
{
    pair->public_key = case_public_of(&pair->secret);
    pair->id = case_key_id(CASE_SEALING_X25519_XCHACHA20, &pair->public_key);
}

static enum status pair_read(struct zhibao *zhibao, uint32_t year, struct case_pair *out_pair)
{
    char name[NAME_BYTES];
    uint8_t *bytes = NULL;
    size_t size = 0;
    struct case_pair pair = {.year = year};
    snprintf(name, sizeof name, "%u.key", year);
    enum status status = file_get(zhibao, name, SMALL_MOST, &bytes, &size);
    if (status != STATUS_OK)
        return status;
    char *cursor = (char *)bytes, *field = NULL, *value = NULL;
    status = STATUS_INVALID;
    while (setting_next(&cursor, &field, &value))
        if (strcmp(field, "secret") == 0)
            status = hex_decode(value, pair.secret.bytes, sizeof pair.secret.bytes);
    sodium_memzero(bytes, size);
    free(bytes);
    if (status != STATUS_OK)
        return cause_set(zhibao, STATUS_INVALID, "cases/%s 已损坏", "cases/%s is damaged", name);
    pair_finish(&pair);
    *out_pair = pair;
    return STATUS_OK;
}

enum status zhibao_case_key(struct zhibao *zhibao, uint32_t year, struct case_pair *out_pair)
{
    char name[NAME_BYTES], text[SMALL_MOST], hex[2 * CASE_KEY_BYTES + 1];
    struct case_pair pair = {.year = year};
    cause_clear(zhibao);
    enum status status = pair_read(zhibao, year, out_pair);
    if (status != STATUS_NOT_FOUND)
        return status;
    case_key_generate(&pair.public_key, &pair.secret);
    pair_finish(&pair);
    snprintf(name, sizeof name, "%u.key", year);
    int size = snprintf(text, sizeof text, "secret = %s\n",
                        hex_encode(pair.secret.bytes, sizeof pair.secret.bytes, hex));
    status = file_put(zhibao, name, text, (size_t)size);
    sodium_memzero(text, sizeof text);
    sodium_memzero(hex, sizeof hex);
    if (status == STATUS_OK)
        *out_pair = pair;
    return status;
}

enum status zhibao_case_keys(struct zhibao *zhibao, struct arena *arena,
                             struct case_pair **out_pairs, size_t *out_count)
{
    char path[PATH_BYTES] = "";
    struct case_pair *pairs = arena_array(arena, YEARS_MAX, sizeof *pairs);
    size_t count = 0;
    cause_clear(zhibao);
    enum status status = pairs == NULL ? STATUS_NO_MEMORY : path_of(zhibao, ".", path);
    DIR *directory = status == STATUS_OK ? opendir(path) : NULL;
    if (directory == NULL)
        return cause_plain(zhibao, status == STATUS_OK ? STATUS_IO : status);
    const struct dirent *entry = NULL;
    while (status == STATUS_OK && count < YEARS_MAX && (entry = readdir(directory)) != NULL) {
        char *end = NULL;
        unsigned long year = strtoul(entry->d_name, &end, 10);
        if (year >= 2000 && year < 3000 && strcmp(end, ".key") == 0) {
            status = pair_read(zhibao, (uint32_t)year, &pairs[count]);
            count += status == STATUS_OK;
        }
    }
    closedir(directory);
    if (status != STATUS_OK)
        return status;
    *out_pairs = pairs;
    *out_count = count;
    return STATUS_OK;
}

enum status zhibao_case_key_destroy(struct zhibao *zhibao, uint32_t year)
{
    static const char nothing[128];
    char name[NAME_BYTES], path[PATH_BYTES] = "";
    cause_clear(zhibao);
    snprintf(name, sizeof name, "%u.key", year);
    enum status status = path_of(zhibao, name, path);
    if (status == STATUS_OK && !file_exists(path))
        return cause_set(zhibao, STATUS_NOT_FOUND, "本机没有%u年的个案密钥",
                         "this home has no case key of %u", year);
    FILE *file = status == STATUS_OK ? fopen(path, "r+") : NULL;
    if (file == NULL)
        return cause_save(zhibao, status == STATUS_OK ? STATUS_IO : status, path);
    bool done = fwrite(nothing, 1, sizeof nothing, file) == sizeof nothing && fflush(file) == 0 &&
                fsync(fileno(file)) == 0;
    done = fclose(file) == 0 && done && unlink(path) == 0;
    return done ? STATUS_OK : cause_save(zhibao, STATUS_IO, path);
}

enum status zhibao_case_key_request(struct zhibao *zhibao, uint32_t year, struct arena *arena,
                                    uint8_t **out_bytes, size_t *out_size)
{
    struct case_pair pair;
    Zhibao__CaseKey key = ZHIBAO__CASE_KEY__INIT;
    Zhibao__CaseKeyRequest request = ZHIBAO__CASE_KEY_REQUEST__INIT;
    const struct zhibao_identity *identity = zhibao_identity(zhibao);
    if (identity == NULL)
        return cause_plain(zhibao, STATUS_NOT_FOUND);
    enum status status = zhibao_case_key(zhibao, year, &pair);
    if (status != STATUS_OK)
        return status;
    const struct home_keys *keys = home_keys(zhibao->home);
    struct sign_public sign = keys->sign_public;
    key.unit = identity->unit;
    key.year = year;
    if (strlen(identity->name_zh) <= CASE_NAME_BYTES_MAX)
        key.name = (char *)(uintptr_t)identity->name_zh;
    key.sealing = ZHIBAO__CASE_SEALING__CASE_X25519_XCHACHA20;
    key.sign_public = (ProtobufCBinaryData){SIGN_PUBLIC_BYTES, sign.bytes};
    key.encrypt_public = (ProtobufCBinaryData){CASE_KEY_BYTES, pair.public_key.bytes};
    request.key.data = message_write(arena, &key.base, &request.key.len);
    if (request.key.data == NULL)
        return cause_plain(zhibao, STATUS_NO_MEMORY);
    struct signature signature =
        sign_bytes(&keys->sign_secret, CASE_KEY_REQUEST_DOMAIN, request.key.data, request.key.len);
    request.signature = (ProtobufCBinaryData){sizeof signature.bytes, signature.bytes};
    sodium_memzero(&pair, sizeof pair);
    *out_bytes = message_write(arena, &request.base, out_size);
    return *out_bytes == NULL ? cause_plain(zhibao, STATUS_NO_MEMORY) : STATUS_OK;
}

/* The payload's bytes: of the aggregator's answer, or those kept. */
static enum status directory_fetch(struct zhibao *zhibao, uint64_t district, struct arena *arena,
                                   ProtobufCBinaryData *out_payload)
{
    Zhibao__GetCaseDirectory question = ZHIBAO__GET_CASE_DIRECTORY__INIT;
    ProtobufCMessage *message = NULL;
    uint8_t *bytes = NULL;
    size_t size = 0;
    question.district = district;
    enum status status = zhibao_request(zhibao, ZHIBAO__KIND__KIND_GET_CASE_DIRECTORY,
                                        &question.base, arena, &message);
    if (status == STATUS_OK && ((Zhibao__CaseDirectoryReply *)message)->record != NULL) {
        *out_payload = ((Zhibao__CaseDirectoryReply *)message)->record->payload;
        return STATUS_OK;
    }
    if (status == STATUS_OK)
        return cause_set(zhibao, STATUS_NOT_FOUND, "本区县还没有发布个案名录",
                         "this district has published no directory of cases yet");
    enum status kept = file_get(zhibao, "directory.record", FILE_MOST, &bytes, &size);
    if (kept != STATUS_OK)
        return kept == STATUS_NOT_FOUND ? status : kept;
    out_payload->data = arena_copy(arena, bytes, size);
    out_payload->len = size;
    free(bytes);
    return out_payload->data == NULL ? cause_plain(zhibao, STATUS_NO_MEMORY) : STATUS_OK;
}

static enum status distrust(struct zhibao *zhibao, enum status status)
{
    return cause_because(
        zhibao, status,
        "服务器给出的个案名录不可信，没有使用；请报告委员会，紧急情况请拨打值班电话",
        "the directory of cases from the server is not to be trusted and was not "
        "used: tell the committee, and call the duty phone in an emergency");
}

enum status zhibao_case_directory(struct zhibao *zhibao, uint64_t district, struct arena *arena,
                                  Zhibao__CaseDirectory **out_directory)
{
    struct case_trust trust;
    ProtobufCBinaryData payload = {0};
    ProtobufCMessage *message = NULL;
    uint64_t pinned = district == own_district(zhibao) ? 0 : district;
    cause_clear(zhibao);
    enum status status = pinned == 0 ? STATUS_NOT_FOUND : trust_read(zhibao, pinned, &trust);
    if (status == STATUS_NOT_FOUND) {
        pinned = 0; /* one committee may sign for several districts */
        status = trust_read(zhibao, 0, &trust);
    }
    if (status == STATUS_NOT_FOUND)
        return cause_set(zhibao, STATUS_NOT_FOUND,
                         "本机还没有委员会的公钥：请按纸面上的64位数字运行 zhibao case trust",
                         "this home has no committee's key yet: run zhibao case trust with the 64 "
                         "digits that came on paper");
    if (status == STATUS_OK)
        status = directory_fetch(zhibao, district, arena, &payload);
    if (status != STATUS_OK)
        return status;
    trust.district = district;
    trust.now_us = clock_now_us();
    status = message_read(&zhibao__case_directory_record__descriptor, arena, payload.data,
                          payload.len, &message);
    if (status == STATUS_OK)
        status = case_directory_verify(arena, (const Zhibao__CaseDirectoryRecord *)message, &trust,
                                       out_directory);
    if (status != STATUS_OK)
        return distrust(zhibao, status);
    bool newer = (*out_directory)->serial > trust.serial_least;
    trust.serial_least = (*out_directory)->serial;
    if (newer)
        status = trust_write(zhibao, pinned, &trust);
    return status == STATUS_OK && newer && pinned == 0
               ? file_put(zhibao, "directory.record", payload.data, payload.len)
               : status;
}

/* Keys of another district's directory beside those that are there. */
static enum status keys_append(struct arena *arena, const Zhibao__CaseDirectory *other,
                               Zhibao__CaseDirectory *whole)
{
    size_t count = whole->n_keys + other->n_keys;
    Zhibao__CaseKey **keys = arena_array(arena, count, sizeof *keys);
    if (keys == NULL)
        return STATUS_NO_MEMORY;
    memcpy(keys, whole->keys, whole->n_keys * sizeof *keys);
    memcpy(keys + whole->n_keys, other->keys, other->n_keys * sizeof *keys);
    whole->keys = keys;
    whole->n_keys = count;
    return STATUS_OK;
}

/* Districts whose committees are pinned here besides its own, and its own. */
static enum status districts_pinned(struct zhibao *zhibao, uint64_t out[DISTRICTS_MAX],
                                    size_t *out_count)
{
    char path[PATH_BYTES] = "", name[NAME_BYTES];
    enum status status = path_of(zhibao, ".", path);
    DIR *directory = status == STATUS_OK ? opendir(path) : NULL;
    if (directory == NULL)
        return cause_plain(zhibao, status == STATUS_OK ? STATUS_IO : status);
    const struct dirent *entry = NULL;
    size_t count = 0;
    out[count++] = own_district(zhibao);
    while (count < DISTRICTS_MAX && (entry = readdir(directory)) != NULL) {
        uint64_t district =
            strncmp(entry->d_name, "trust-", 6) == 0 ? strtoull(entry->d_name + 6, NULL, 10) : 0;
        if (district != 0 && strcmp(entry->d_name, trust_name(district, name)) == 0)
            out[count++] = district;
    }
    closedir(directory);
    *out_count = count;
    return STATUS_OK;
}

enum status zhibao_case_directories(struct zhibao *zhibao, uint64_t district, struct arena *arena,
                                    Zhibao__CaseDirectory **out_directory)
{
    uint64_t districts[DISTRICTS_MAX];
    size_t count = 0;
    Zhibao__CaseDirectory *whole = NULL, *other = NULL;
    enum status status = zhibao_case_directory(zhibao, district, arena, &whole);
    if (status == STATUS_OK)
        status = districts_pinned(zhibao, districts, &count);
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        if (districts[i] == district ||
            zhibao_case_directory(zhibao, districts[i], arena, &other) != STATUS_OK)
            continue; /* whom it lists is then nobody that the reader knows */
        status = keys_append(arena, other, whole);
    }
    if (status == STATUS_OK)
        *out_directory = whole;
    return status;
}

const char *zhibao_case_phone(struct zhibao *zhibao, struct arena *arena)
{
    struct case_trust trust;
    uint8_t *bytes = NULL;
    size_t size = 0;
    ProtobufCMessage *message = NULL;
    Zhibao__CaseDirectory *directory = NULL;
    enum status status = trust_read(zhibao, 0, &trust);
    if (status == STATUS_OK)
        status = file_get(zhibao, "directory.record", FILE_MOST, &bytes, &size);
    if (status == STATUS_OK)
        status =
            message_read(&zhibao__case_directory_record__descriptor, arena, bytes, size, &message);
    free(bytes);
    if (status != STATUS_OK)
        return "";
    const Zhibao__CaseDirectoryRecord *record = (const Zhibao__CaseDirectoryRecord *)message;
    if (sign_verify(&trust.committee, CASE_DIRECTORY_DOMAIN, record->directory.data,
                    record->directory.len, record->signature.data,
                    record->signature.len) != STATUS_OK ||
        case_directory_read(arena, record->directory.data, record->directory.len, &directory) !=
            STATUS_OK)
        return "";
    return directory->duty_phone;
}

uint32_t case_year(int64_t time_us)
{
    return (uint32_t)china_year(time_us);
}
