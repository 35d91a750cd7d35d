#include "case/case_directory.h"

#include <string.h>

#include "base/unit_id.h"
#include "wire/codec.h"

enum { PHONE_BYTES_MAX = 100, YEAR_FIRST = 2020, YEAR_LAST = 2200 };

static bool key_good(const Zhibao__CaseKey *key, uint64_t district)
{
    uint64_t place = unit_place(key->unit);
    bool within = place_contains(district, place), above = place_contains(place, district);
    return key->duty >= ZHIBAO__CASE_DUTY__CASE_DUTY_TOWNSHIP &&
           key->duty <= ZHIBAO__CASE_DUTY__CASE_DUTY_DEPARTMENT &&
           key->sign_public.len == SIGN_PUBLIC_BYTES &&
           key->sealing == ZHIBAO__CASE_SEALING__CASE_X25519_XCHACHA20 &&
           key->encrypt_public.len == CASE_KEY_BYTES && key->year >= YEAR_FIRST &&
           key->year <= YEAR_LAST && strlen(key->name) <= CASE_NAME_BYTES_MAX &&
           (key->duty == ZHIBAO__CASE_DUTY__CASE_DUTY_ABOVE ? within || above : within);
}

bool case_directory_good(const Zhibao__CaseDirectory *directory)
{
    const int64_t longest_us = INT64_C(24) * 3600 * 1000000 * CASE_DIRECTORY_DAYS_MAX;
    if (place_level(directory->district) != PLACE_DISTRICT || directory->serial == 0 ||
        directory->serial > INT64_MAX || directory->issued_us <= 0 ||
        directory->valid_until_us <= directory->issued_us ||
        directory->valid_until_us - directory->issued_us > longest_us || directory->n_keys == 0 ||
        directory->n_keys > CASE_DIRECTORY_KEYS_MAX ||
        strlen(directory->duty_phone) > PHONE_BYTES_MAX)
        return false;
    for (size_t i = 0; i < directory->n_keys; i++)
        if (!key_good(directory->keys[i], directory->district))
            return false;
    return true;
}

enum status case_directory_read(struct arena *arena, const uint8_t *bytes, size_t size,
                                Zhibao__CaseDirectory **out_directory)
{
    ProtobufCMessage *message = NULL;
    enum status status =
        message_read(&zhibao__case_directory__descriptor, arena, bytes, size, &message);
    if (status == STATUS_NO_MEMORY)
        return status;
    if (status != STATUS_OK || !case_directory_good((const Zhibao__CaseDirectory *)message))
        return STATUS_E_CASE_DIRECTORY;
    *out_directory = (Zhibao__CaseDirectory *)message;
    return STATUS_OK;
}

enum status case_directory_verify(struct arena *arena, const Zhibao__CaseDirectoryRecord *record,
                                  const struct case_trust *trust,
                                  Zhibao__CaseDirectory **out_directory)
{
    Zhibao__CaseDirectory *directory = NULL;
    if ((uint8_t)record->algorithm != trust->committee.algorithm)
        return STATUS_E_SIGNATURE;
    enum status status =
        sign_verify(&trust->committee, CASE_DIRECTORY_DOMAIN, record->directory.data,
                    record->directory.len, record->signature.data, record->signature.len);
    if (status != STATUS_OK)
        return STATUS_E_SIGNATURE;
    status = case_directory_read(arena, record->directory.data, record->directory.len, &directory);
    if (status != STATUS_OK)
        return status;
    if (directory->district != trust->district)
        return STATUS_MISMATCH;
    if (directory->serial < trust->serial_least)
        return STATUS_CONFLICT;
    if (directory->valid_until_us <= trust->now_us)
        return STATUS_TIMEOUT;
    *out_directory = directory;
    return STATUS_OK;
}

struct signature case_directory_sign(const struct sign_secret *committee, const void *bytes,
                                     size_t size)
{
    return sign_bytes(committee, CASE_DIRECTORY_DOMAIN, bytes, size);
}

static void minutes_take(int64_t *time_us, uint32_t minutes)
{
    if (minutes != 0)
        *time_us = INT64_C(60) * 1000000 * minutes;
}

struct case_clocks case_clocks_of(const Zhibao__CaseDirectory *directory)
{
    struct case_clocks clocks = case_clocks_default();
    const Zhibao__CaseClocks *said = directory->clocks;
    if (said == NULL)
        return clocks;
    minutes_take(&clocks.acknowledge_us, said->acknowledge);
    minutes_take(&clocks.acknowledge_emergency_us, said->acknowledge_emergency);
    minutes_take(&clocks.assess_us, said->assess);
    minutes_take(&clocks.outcome_us, said->outcome);
    minutes_take(&clocks.review_us, said->review);
    return clocks;
}

struct key_id case_holder_id(const Zhibao__CaseKey *key)
{
    struct sign_public sign = {.algorithm = SIGN_ED25519};
    memcpy(sign.bytes, key->sign_public.data, SIGN_PUBLIC_BYTES);
    return sign_key_id(&sign);
}

uint32_t case_directory_year(const Zhibao__CaseDirectory *directory, uint32_t year)
{
    uint32_t before = 0, after = UINT32_MAX;
    for (size_t i = 0; i < directory->n_keys; i++) {
        uint32_t one = directory->keys[i]->year;
        if (one <= year && one > before)
            before = one;
        if (one >= year && one < after)
            after = one;
    }
    return before != 0 ? before : after;
}

struct case_seat *case_seats(struct arena *arena, const Zhibao__CaseDirectory *directory,
                             uint32_t year, const Zhibao__CaseKey ***out_keys, size_t *out_count)
{
    struct case_seat *seats = arena_array(arena, directory->n_keys, sizeof *seats);
    const Zhibao__CaseKey **keys = arena_array(arena, directory->n_keys, sizeof *keys);
    size_t count = 0;
    if (seats == NULL || keys == NULL)
        return NULL;
    year = case_directory_year(directory, year);
    for (size_t i = 0; i < directory->n_keys; i++) {
        const Zhibao__CaseKey *key = directory->keys[i];
        if (key->year != year)
            continue;
        keys[count] = key;
        seats[count++] =
            (struct case_seat){key->unit, (enum case_duty)key->duty, case_holder_id(key)};
    }
    *out_keys = keys;
    *out_count = count;
    return seats;
}
