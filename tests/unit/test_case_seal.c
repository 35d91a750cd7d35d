/* Sealing of cases: sizes, contexts, wraps, codes, and the committee's directory. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "case/case_attachment.h"
#include "case/case_directory.h"
#include "case/case_register.h"
#include "wire/codec.h"

static const struct case_context here = {.district = UINT64_C(450223000000),
                                         .case_id = {"case id 16 bytes"},
                                         .record = {"record 16 bytes."},
                                         .part = CASE_PART_CONTENT};

static uint8_t ciphertext[CASE_PLAIN_MAX + 1 + CASE_TAG_BYTES], opened[sizeof ciphertext];

static void begin(void)
{
    cr_assert_eq(sign_init(), STATUS_OK);
}
TestSuite(case_seal, .init = begin);

Test(case_seal, opens_what_it_sealed_and_tells_only_four_sizes)
{
    static const size_t lengths[] = {0, 1, 2047, 2048, 8191, 8192, 32767, 32768, CASE_PLAIN_MAX};
    static const size_t sealed_sizes[] = {2064,  2064,  2064,   8208,  8208,
                                          32784, 32784, 131088, 131088};
    static uint8_t plain[CASE_PLAIN_MAX + 1];
    struct case_secret key;
    struct case_sealed sealed;
    size_t size = 0;
    memset(plain, 'x', sizeof plain);
    plain[0] = 0x80; /* looks like padding when nothing else is there */
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        cr_assert_eq(case_seal(&here, plain, lengths[i], ciphertext, &key, &sealed), STATUS_OK);
        cr_expect_eq(sealed.size, sealed_sizes[i]);
        cr_expect(case_sealed_size_good(sealed.size));
        cr_assert_eq(case_open(&here, &key, &sealed, opened, &size), STATUS_OK);
        cr_assert_eq(size, lengths[i]);
        cr_assert_eq(memcmp(opened, plain, size), 0);
    }
    cr_expect_eq(case_seal(&here, plain, CASE_PLAIN_MAX + 1, ciphertext, &key, &sealed),
                 STATUS_LIMIT);
    cr_expect_not(case_sealed_size_good(2048));
    cr_expect_not(case_sealed_size_good(0));
}

Test(case_seal, opens_nowhere_but_where_it_belongs)
{
    struct case_secret key, other_key;
    struct case_sealed sealed, changed;
    struct case_context elsewhere;
    size_t size = 0;
    cr_assert_eq(case_seal(&here, "text", 4, ciphertext, &key, &sealed), STATUS_OK);
    for (int what = 0; what < 4; what++) {
        elsewhere = here;
        elsewhere.district += what == 0;
        elsewhere.case_id.bytes[0] ^= what == 1;
        elsewhere.record.bytes[0] ^= what == 2;
        elsewhere.part = what == 3 ? CASE_PART_REPORTER : here.part;
        cr_expect_eq(case_open(&elsewhere, &key, &sealed, opened, &size), STATUS_MISMATCH, "%d",
                     what);
    }
    other_key = key;
    other_key.bytes[5] ^= 1;
    cr_expect_eq(case_open(&here, &other_key, &sealed, opened, &size), STATUS_MISMATCH);
    changed = sealed;
    changed.commitment.bytes[0] ^= 1;
    cr_expect_eq(case_open(&here, &key, &changed, opened, &size), STATUS_MISMATCH);
    changed = sealed;
    changed.nonce[0] ^= 1;
    cr_expect_eq(case_open(&here, &key, &changed, opened, &size), STATUS_MISMATCH);
    changed = sealed;
    changed.size -= 1;
    cr_expect_eq(case_open(&here, &key, &changed, opened, &size), STATUS_MISMATCH);
    ciphertext[100] ^= 1;
    cr_expect_eq(case_open(&here, &key, &sealed, opened, &size), STATUS_MISMATCH);
}

/* The key of a piece follows from the record's content key and the piece's id (CASES.md 4.1). */
Test(case_seal, a_piece_opens_with_the_key_of_its_record_alone)
{
    struct case_context piece = here;
    struct case_secret key, derived;
    struct case_sealed sealed;
    uint8_t input[23 + CASE_KEY_BYTES + RECORD_ID_BYTES] = "zhibao/casepiecekey/v1";
    size_t size = 0;
    piece.part = CASE_PART_PIECE;
    randombytes_buf(key.bytes, sizeof key.bytes);
    cr_assert_eq(case_piece_seal(&piece, &key, "photo", 5, ciphertext, &sealed), STATUS_OK);
    cr_assert_eq(case_piece_open(&piece, &key, &sealed, opened, &size), STATUS_OK);
    cr_expect(size == 5 && memcmp(opened, "photo", 5) == 0);
    memcpy(input + 23, key.bytes, CASE_KEY_BYTES);
    memcpy(input + 23 + CASE_KEY_BYTES, piece.record.bytes, RECORD_ID_BYTES);
    crypto_hash_sha256(derived.bytes, input, sizeof input);
    cr_expect_eq(case_open(&piece, &derived, &sealed, opened, &size), STATUS_OK);
    key.bytes[0] ^= 1;
    cr_expect_eq(case_piece_open(&piece, &key, &sealed, opened, &size), STATUS_MISMATCH);
    key.bytes[0] ^= 1;
    piece.record.bytes[0] ^= 1;
    cr_expect_eq(case_piece_open(&piece, &key, &sealed, opened, &size), STATUS_MISMATCH,
                 "another piece's");
}

Test(case_seal, an_attachment_is_what_it_says)
{
    static const struct {
        const char *name, *type, *bytes;
        enum status status;
    } rows[] = {
        {"伤情.JPG", "image/jpeg",      "\xff\xd8\xff\xe0...",  STATUS_OK      },
        {"a.jpeg",     "image/jpeg",      "\xff\xd8\xff\xe0...",  STATUS_OK      },
        {"a.png",      "image/png",       "\x89PNG\r\n\x1a\n...", STATUS_OK      },
        {"a.b.pdf",    "application/pdf", "%PDF-1.4",             STATUS_OK      },
        {"a.pdf",      "application/pdf", "\xff\xd8\xff\xe0...",  STATUS_MISMATCH},
        {"a.jpg",      "image/jpeg",      "%PDF-1.4",             STATUS_MISMATCH},
        {"a.jpg",      "image/jpeg",      "MZ",                   STATUS_MISMATCH},
        {"a.jpg",      "application/pdf", "%PDF-1.4",             STATUS_MISMATCH},
        {"a.jpg",      "application/pdf", "\xff\xd8\xff\xe0...",  STATUS_MISMATCH},
        {"a.jpg",      "",                "\xff\xd8\xff\xe0...",  STATUS_MISMATCH},
        {"a.docx",     "image/jpeg",      "\xff\xd8\xff\xe0...",  STATUS_INVALID },
        {"a",          "image/jpeg",      "\xff\xd8\xff\xe0...",  STATUS_INVALID },
        {"../a.jpg",   "image/jpeg",      "\xff\xd8\xff\xe0...",  STATUS_INVALID },
        {"a.jpg",      "image/jpeg",      "",                     STATUS_LIMIT   },
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        cr_expect_eq(case_attachment_check(rows[i].name, rows[i].type,
                                           (const uint8_t *)rows[i].bytes, strlen(rows[i].bytes)),
                     rows[i].status, "%s", rows[i].name);
    cr_expect_eq(case_attachment_check("a.pdf", "application/pdf", (const uint8_t *)"%PDF-1.4",
                                       CASE_ATTACHMENT_BYTES_MAX + 1),
                 STATUS_LIMIT);
}

Test(case_seal, an_identity_is_hashed_as_it_is_meant)
{
    static const char *const wrong[] = {"",
                                        "11010519491231002",
                                        "110105194912310021",
                                        "11010519491231002XX",
                                        "1101051949123100Y2",
                                        "110105X9491231002X"};
    char number[CASE_IDENTITY_BYTES], other[CASE_IDENTITY_BYTES];
    struct case_secret key = {{7}}, another = {{8}};
    /* the example of GB 11643-1999 */
    cr_assert_eq(case_identity_read("11010519491231002X", number), STATUS_OK);
    cr_assert_eq(case_identity_read("110105 1949-1231 002x", other), STATUS_OK);
    cr_expect_str_eq(number, other);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        cr_expect_eq(case_identity_read(wrong[i], other), STATUS_INVALID, "%s", wrong[i]);
    struct hash hash = case_identity_hash(&key, number), again = case_identity_hash(&key, number);
    cr_expect_eq(memcmp(&hash, &again, sizeof hash), 0);
    again = case_identity_hash(&another, number);
    cr_expect_neq(memcmp(&hash, &again, sizeof hash), 0, "under another key it is another");
}

Test(case_seal, a_wrap_opens_for_its_recipient_alone)
{
    struct case_public public_key, other_public;
    struct case_secret secret, other, key, found;
    uint8_t wrapped[CASE_WRAP_BYTES];
    case_key_generate(&public_key, &secret);
    case_key_generate(&other_public, &other);
    randombytes_buf(key.bytes, sizeof key.bytes);
    cr_assert_eq(case_wrap(&key, &public_key, wrapped), STATUS_OK);
    cr_assert_eq(case_unwrap(wrapped, &secret, &found), STATUS_OK);
    cr_expect_eq(memcmp(&found, &key, sizeof key), 0);
    cr_expect_eq(case_unwrap(wrapped, &other, &found), STATUS_MISMATCH);
    wrapped[40] ^= 1;
    cr_expect_eq(case_unwrap(wrapped, &secret, &found), STATUS_MISMATCH);
    memset(&public_key, 0, sizeof public_key); /* a point of low order is no key */
    cr_expect_eq(case_wrap(&key, &public_key, wrapped), STATUS_INVALID);
}

Test(case_seal, a_code_survives_paper)
{
    struct case_code code, read;
    char text[CASE_CODE_TEXT_BYTES], wrong[CASE_CODE_TEXT_BYTES];
    for (int round = 0; round < 200; round++) {
        randombytes_buf(code.bytes, sizeof code.bytes);
        case_code_text(&code, text);
        cr_assert_eq(strlen(text), 33, "%s", text);
        cr_assert_eq(case_code_parse(text, &read), STATUS_OK, "%s", text);
        cr_assert_eq(memcmp(&read, &code, sizeof code), 0);
        for (size_t i = 0; i < 33; i++) { /* every single mistake shows */
            if (text[i] == '-')
                continue;
            memcpy(wrong, text, sizeof wrong);
            wrong[i] = wrong[i] == '7' ? '8' : '7';
            cr_assert_eq(case_code_parse(wrong, &read), STATUS_INVALID, "%s for %s", wrong, text);
        }
    }
    memset(code.bytes, 0, sizeof code.bytes);
    case_code_text(&code, text);
    cr_expect_str_eq(text, "0000-0000-0000-0000-0000-0000-000");
    cr_expect_eq(case_code_parse("oOoO 0000 0000 0000 0000 0000 000", &read), STATUS_OK);
    cr_expect_eq(case_code_parse("", &read), STATUS_INVALID);
    cr_expect_eq(case_code_parse("0000-0000-0000-0000-0000-0000-0000", &read), STATUS_INVALID);
    cr_expect_eq(case_code_parse("0000-0000-0000-0000-0000-0000-00U", &read), STATUS_INVALID);
}

/* The keys that follow from a code are fixed by CASES.md: SHA-256(name || 0x00 || code). */
Test(case_seal, a_codes_keys_follow_from_it)
{
    struct case_code code = {{0}};
    struct case_code_keys keys;
    uint8_t input[64] = "zhibao/caselookup/v1", hash[crypto_hash_sha256_BYTES],
            plain[CASE_REPLY_PLAIN];
    uint8_t reply[CASE_REPLY_BYTES];
    size_t size = 0;
    memset(code.bytes, 7, sizeof code.bytes);
    case_code_keys(&code, &keys);
    memset(input + 21, 7, sizeof code.bytes);
    crypto_hash_sha256(hash, input, 21 + sizeof code.bytes);
    cr_expect_eq(memcmp(hash, keys.lookup, sizeof keys.lookup), 0);
    struct signature signature = sign_bytes(&keys.sign_secret, "test", "x", 1);
    cr_expect_eq(sign_verify(&keys.sign_public, "test", "x", 1, signature.bytes, 64), STATUS_OK);
    cr_assert_eq(case_reply_seal(&keys.reply_public, "done", 4, reply), STATUS_OK);
    cr_assert_eq(case_reply_open(&keys.reply_secret, reply, plain, &size), STATUS_OK);
    cr_expect(size == 4 && memcmp(plain, "done", 4) == 0);
    reply[0] ^= 1;
    cr_expect_eq(case_reply_open(&keys.reply_secret, reply, plain, &size), STATUS_MISMATCH);
    cr_expect_eq(case_reply_seal(&keys.reply_public, plain, CASE_REPLY_PLAIN, reply), STATUS_LIMIT);
}

/* A directory with one key, as the committee would sign it. */
struct sample {
    struct sign_public committee;
    struct sign_secret secret;
    uint8_t sign_public[32], encrypt_public[32];
    Zhibao__CaseKey key, *keys[1];
    Zhibao__CaseDirectory directory;
    Zhibao__CaseDirectoryRecord record;
    struct signature signature;
    struct case_trust trust;
    struct arena *arena;
};

static void sample_make(struct sample *sample)
{
    memset(sample, 0, sizeof *sample);
    sign_generate(&sample->committee, &sample->secret);
    zhibao__case_key__init(&sample->key);
    zhibao__case_directory__init(&sample->directory);
    zhibao__case_directory_record__init(&sample->record);
    sample->key.unit = UINT64_C(450223000000012);
    sample->key.duty = ZHIBAO__CASE_DUTY__CASE_DUTY_INTAKE;
    sample->key.sign_public = (ProtobufCBinaryData){32, sample->sign_public};
    sample->key.encrypt_public = (ProtobufCBinaryData){32, sample->encrypt_public};
    sample->key.year = 2026;
    sample->key.sealing = ZHIBAO__CASE_SEALING__CASE_X25519_XCHACHA20;
    sample->keys[0] = &sample->key;
    sample->directory.district = UINT64_C(450223000000);
    sample->directory.serial = 3;
    sample->directory.issued_us = 1000;
    sample->directory.valid_until_us = 2000;
    sample->directory.keys = sample->keys;
    sample->directory.n_keys = 1;
    sample->arena = arena_create(1 << 20);
    sample->trust = (struct case_trust){sample->committee, UINT64_C(450223000000), 3, 1500};
}

static enum status sample_check(struct sample *sample, bool tamper)
{
    size_t size = 0;
    Zhibao__CaseDirectory *read = NULL;
    uint8_t *bytes = message_write(sample->arena, &sample->directory.base, &size);
    sample->signature = case_directory_sign(&sample->secret, bytes, size);
    bytes[size - 1] ^= tamper;
    sample->record.directory = (ProtobufCBinaryData){size, bytes};
    sample->record.algorithm = ZHIBAO__ALGORITHM__ALGORITHM_ED25519;
    sample->record.signature = (ProtobufCBinaryData){64, sample->signature.bytes};
    return case_directory_verify(sample->arena, &sample->record, &sample->trust, &read);
}

Test(case_seal, a_directory_counts_only_by_the_pinned_committee)
{
    struct sample sample;
    struct sign_secret another;
    struct sign_public another_public;
    sample_make(&sample);
    cr_expect_eq(sample_check(&sample, false), STATUS_OK);
    cr_expect_eq(sample_check(&sample, true), STATUS_E_SIGNATURE);
    sample.trust.district += 1000000;
    cr_expect_eq(sample_check(&sample, false), STATUS_MISMATCH, "another district's");
    sample.trust.district -= 1000000;
    sample.trust.serial_least = 4;
    cr_expect_eq(sample_check(&sample, false), STATUS_CONFLICT, "an old one brought back");
    sample.trust.serial_least = 3;
    sample.trust.now_us = 2000;
    cr_expect_eq(sample_check(&sample, false), STATUS_TIMEOUT, "past its time");
    sample.trust.now_us = 1500;
    sign_generate(&another_public, &another); /* the aggregator's own, say */
    sample.secret = another;
    cr_expect_eq(sample_check(&sample, false), STATUS_E_SIGNATURE);
    arena_destroy(&sample.arena);
}

Test(case_seal, a_directory_that_makes_no_sense_is_refused)
{
    struct sample sample;
    sample_make(&sample);
    sample.key.unit = UINT64_C(450224000000012);
    cr_expect_eq(sample_check(&sample, false), STATUS_E_CASE_DIRECTORY, "a foreign unit");
    sample.key.unit = UINT64_C(450200000000012);
    cr_expect_eq(sample_check(&sample, false), STATUS_E_CASE_DIRECTORY, "the city as intake");
    sample.key.duty = ZHIBAO__CASE_DUTY__CASE_DUTY_ABOVE;
    cr_expect_eq(sample_check(&sample, false), STATUS_OK, "the city above");
    sample.key.encrypt_public.len = 31;
    cr_expect_eq(sample_check(&sample, false), STATUS_E_CASE_DIRECTORY);
    sample.key.encrypt_public.len = 32;
    sample.key.sealing = (Zhibao__CaseSealing)2;
    cr_expect_eq(sample_check(&sample, false), STATUS_E_CASE_DIRECTORY, "a sealing not known");
    sample.key.sealing = ZHIBAO__CASE_SEALING__CASE_X25519_XCHACHA20;
    sample.directory.valid_until_us = INT64_C(401) * 24 * 3600 * 1000000 + 1001;
    cr_expect_eq(sample_check(&sample, false), STATUS_E_CASE_DIRECTORY, "good for too long");
    arena_destroy(&sample.arena);
}

Test(case_seal, seats_are_those_of_the_year)
{
    struct sample sample;
    const Zhibao__CaseKey **keys = NULL;
    size_t count = 0;
    sample_make(&sample);
    struct case_seat *seats = case_seats(sample.arena, &sample.directory, 2026, &keys, &count);
    cr_assert(seats != NULL && count == 1);
    cr_expect(seats[0].unit == sample.key.unit && seats[0].duty == CASE_DUTY_INTAKE &&
              keys[0] == &sample.key);
    cr_assert_not_null(case_seats(sample.arena, &sample.directory, 2027, &keys, &count));
    cr_expect(count == 1 && keys[0] == &sample.key,
              "the old year's where the new one's are not signed yet");
    Zhibao__CaseKey next = sample.key, *both[] = {&sample.key, &next};
    next.year = 2027;
    sample.directory.keys = both;
    sample.directory.n_keys = 2;
    cr_assert_not_null(case_seats(sample.arena, &sample.directory, 2027, &keys, &count));
    cr_expect(count == 1 && keys[0] == &next, "whoever has no key of the new year has left");
    cr_expect_eq(case_directory_year(&sample.directory, 2030), 2027);
    cr_expect_eq(case_directory_year(&sample.directory, 2026), 2026);
    cr_expect_eq(case_directory_year(&sample.directory, 2001), 2026, "a clock years behind");
    Zhibao__CaseClocks clocks = ZHIBAO__CASE_CLOCKS__INIT;
    clocks.acknowledge_emergency = 30;
    sample.directory.clocks = &clocks;
    struct case_clocks read = case_clocks_of(&sample.directory);
    cr_expect_eq(read.acknowledge_emergency_us, INT64_C(1800) * 1000000);
    cr_expect_eq(read.acknowledge_us, case_clocks_default().acknowledge_us);
    arena_destroy(&sample.arena);
}
