#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "record.pb-c.h"
#include "wire/codec.h"

static uint8_t *sample_envelope(size_t *out_size)
{
    Zhibao__Report report = ZHIBAO__REPORT__INIT;
    Zhibao__Observations observed = ZHIBAO__OBSERVATIONS__INIT;
    uint32_t cells[] = {1, 2, 3};
    uint32_t presence[] = {1, 1, 2};
    double values[] = {5, 0, 0};
    uint8_t *bytes = NULL;
    observed.n_cell = observed.n_presence = observed.n_value = 3;
    observed.cell = cells;
    observed.presence = presence;
    observed.value = values;
    report.observations = &observed;
    report.form = (char *)(uintptr_t) "village";
    report.period = 2025;
    cr_assert_eq(
        envelope_write(42, ZHIBAO__KIND__KIND_SUBMIT, 1000, &report.base, &bytes, out_size),
        STATUS_OK);
    return bytes;
}

Test(codec, envelope_and_message_round_trip)
{
    size_t size = 0;
    uint8_t *bytes = sample_envelope(&size);
    struct envelope envelope;
    struct arena *arena = arena_create(1 << 16);
    ProtobufCMessage *message = NULL;
    cr_assert_eq(envelope_read(bytes, size, &envelope), STATUS_OK);
    cr_assert_eq(envelope.request, 42);
    cr_assert_eq(envelope.kind, ZHIBAO__KIND__KIND_SUBMIT);
    cr_assert_eq(envelope.timeout_ms, 1000);
    cr_assert_eq(message_read(&zhibao__report__descriptor, arena, envelope.body, envelope.body_size,
                              &message),
                 STATUS_OK);
    const Zhibao__Report *report = (const Zhibao__Report *)message;
    cr_assert_str_eq(report->form, "village");
    cr_assert_eq(report->observations->n_value, 3);
    cr_assert_eq(report->observations->value[0], 5);
    arena_destroy(&arena);
    free(bytes);
}

Test(codec, no_prefix_or_flipped_byte_crashes)
{
    size_t size = 0;
    uint8_t *bytes = sample_envelope(&size);
    struct arena *arena = arena_create(1 << 16);
    for (size_t length = 0; length <= size; length++) {
        for (size_t i = 0; i < length; i += 1) {
            struct envelope envelope;
            ProtobufCMessage *message = NULL;
            uint8_t *copy = malloc(length);
            memcpy(copy, bytes, length);
            copy[i] ^= 0xff;
            if (envelope_read(copy, length, &envelope) == STATUS_OK)
                (void)!message_read(&zhibao__report__descriptor, arena, envelope.body,
                                    envelope.body_size, &message);
            arena_reset(arena);
            free(copy);
        }
    }
    arena_destroy(&arena);
    free(bytes);
}

Test(codec, version_is_checked_and_the_request_still_known)
{
    uint8_t bytes[64];
    Zhibao__Envelope other = ZHIBAO__ENVELOPE__INIT;
    other.version = 2;
    other.request = 9;
    size_t size = zhibao__envelope__pack(&other, bytes);
    struct envelope envelope;
    cr_assert_eq(envelope_read(bytes, size, &envelope), STATUS_E_VERSION);
    cr_assert_eq(envelope.request, 9);
    cr_assert_eq(envelope_read(bytes, 0, &envelope), STATUS_E_MALFORMED);
}

/* A megabyte of empty sub-messages would become a hundred times that in memory. */
Test(codec, submessage_bomb_is_refused_before_decoding)
{
    enum { COUNT = 30000 };
    uint8_t *bytes = malloc(2 * COUNT);
    struct arena *arena = arena_create(1 << 16);
    ProtobufCMessage *message = NULL;
    for (size_t i = 0; i < COUNT; i++) {
        bytes[2 * i] = 7 << 3 | 2; /* Confirmation.reports */
        bytes[2 * i + 1] = 0;
    }
    cr_assert_eq(message_read(&zhibao__confirmation__descriptor, arena, bytes, 2 * COUNT, &message),
                 STATUS_E_MALFORMED);
    cr_assert_eq(arena_used(arena), 0);
    arena_destroy(&arena);
    free(bytes);
}

Test(codec, text_must_be_utf8)
{
    uint8_t gbk[] = {3 << 3 | 2, 2, 0xc2, 0xb9}; /* Report.form */
    uint8_t bad[] = {3 << 3 | 2, 2, 0xc2, 0x20};
    struct arena *arena = arena_create(1 << 16);
    ProtobufCMessage *message = NULL;
    cr_assert_eq(message_read(&zhibao__report__descriptor, arena, gbk, sizeof gbk, &message),
                 STATUS_OK);
    cr_assert_eq(message_read(&zhibao__report__descriptor, arena, bad, sizeof bad, &message),
                 STATUS_E_MALFORMED);
    cr_assert(utf8_valid((const uint8_t *)"鹿寨", 6));
    cr_assert_not(utf8_valid((const uint8_t *)"\xed\xa0\x80", 3), "surrogate");
    cr_assert_not(utf8_valid((const uint8_t *)"\xc0\x80", 2), "overlong");
    cr_assert_not(utf8_valid((const uint8_t *)"\xf4\x90\x80\x80", 4), "past U+10FFFF");
    cr_assert_not(utf8_valid((const uint8_t *)"a\0b", 3), "NUL");
    arena_destroy(&arena);
}
