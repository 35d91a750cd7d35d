/* An outbox on a memory stick: there and back, and every way in which a file can be wrong. */
#include <criterion/criterion.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "document.pb-c.h"
#include "fake_aggregator.h"
#include "lib/stick_file.h"
#include "scratch.h"

enum { FILE_MAX = 4 * 1024 * 1024 };

static const uint64_t village = UINT64_C(450223101201000);
static const uint64_t other_village = UINT64_C(450223101202000);
static const uint64_t township = UINT64_C(450223101000000);
static const uint64_t other_township = UINT64_C(450223104000000);

struct bench {
    struct fake_aggregator *fake;
    char directory[64], stick[128], back[128], card[128];
    struct zhibao *village, *other, *township, *stranger;
};

static struct zhibao *home(struct bench *bench, uint64_t unit, bool network)
{
    char path[128];
    struct zhibao *zhibao = NULL;
    snprintf(path, sizeof path, "%s/%llu", bench->directory, (unsigned long long)unit);
    struct zhibao_options options = {.home = path, .timeout_ms = 5000, .without_network = !network};
    cr_assert_eq(zhibao_open(&options, &zhibao, NULL), STATUS_OK);
    return zhibao;
}

static struct zhibao *enrolled(struct bench *bench, uint64_t unit)
{
    struct zhibao *zhibao = home(bench, unit, true);
    char *code = fake_code(bench->fake, unit, (uint8_t)(unit / 1000));
    cr_assert_eq(zhibao_enrol(zhibao, code), STATUS_OK, "%s", zhibao_cause(zhibao)->en);
    free(code);
    return zhibao;
}

static struct bench start(void)
{
    struct bench bench = {.directory = "/tmp/zhibao-test-XXXXXX"};
    cr_assert_not_null(mkdtemp(bench.directory));
    snprintf(bench.stick, sizeof bench.stick, "%s/stick", bench.directory);
    snprintf(bench.back, sizeof bench.back, "%s/back", bench.directory);
    snprintf(bench.card, sizeof bench.card, "%s/card", bench.directory);
    bench.fake = fake_start();
    bench.village = enrolled(&bench, village);
    bench.other = enrolled(&bench, other_village);
    bench.township = enrolled(&bench, township);
    bench.stranger = enrolled(&bench, other_township);
    zhibao_close(&bench.village); /* from now on without a network */
    bench.village = home(&bench, village, false);
    cr_assert_eq(zhibao_card_save(bench.township, bench.card), STATUS_OK);
    return bench;
}

static void stop(struct bench *bench)
{
    zhibao_close(&bench->village);
    zhibao_close(&bench->other);
    zhibao_close(&bench->township);
    zhibao_close(&bench->stranger);
    fake_stop(&bench->fake);
    scratch_remove(bench->directory);
}

static void put(struct zhibao *zhibao, uint32_t revision)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__Report report = ZHIBAO__REPORT__INIT;
    report.head = &head;
    report.revision = revision;
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_REPORT,
                                 .payload = &report.base,
                                 .head = &head,
                                 .stream = "report/village/2025",
                                 .form = "village",
                                 .period = 2025,
                                 .revision = revision};
    cr_assert_eq(zhibao_put(zhibao, &draft, NULL), STATUS_OK);
}

static size_t count(struct zhibao *zhibao, enum zhibao_state state)
{
    size_t result = 0;
    cr_assert_eq(zhibao_count(zhibao, state, &result), STATUS_OK);
    return result;
}

static void export_stick(struct bench *bench, size_t expected)
{
    struct stick_exported exported = {0};
    cr_assert_eq(zhibao_stick_export(bench->village, bench->stick, bench->card, 0, &exported),
                 STATUS_OK, "%s", zhibao_cause(bench->village)->en);
    cr_assert_eq(exported.count, expected);
    cr_assert_eq(exported.files, 1);
    cr_assert_eq(exported.carrier, township);
}

static enum status import_stick(struct zhibao *zhibao, const char *path, size_t *out_fresh)
{
    struct stick_imported imported = {0};
    enum status status = zhibao_stick_import(zhibao, path, &imported);
    *out_fresh = imported.fresh;
    return status;
}

static enum status tally(const struct zhibao_item *item, void *context)
{
    (void)item;
    ++*(unsigned *)context;
    return STATUS_OK;
}

/* The carrier sends, and its receipts settle the author's records. */
static void bring_back(struct bench *bench, size_t answers, size_t fresh)
{
    struct zhibao_drained drained;
    struct stick_imported imported;
    size_t written = 0;
    unsigned told = 0;
    cr_assert_eq(zhibao_drain(bench->township, NULL, NULL, &drained), STATUS_OK);
    cr_assert_eq(zhibao_receipts_export(bench->township, village, bench->back, &written),
                 STATUS_OK);
    cr_assert_eq(written, answers);
    cr_assert_eq(zhibao_receipts_import(bench->village, bench->back, tally, &told, &imported),
                 STATUS_OK, "%s", zhibao_cause(bench->village)->en);
    cr_assert_eq(imported.fresh, fresh);
    cr_assert_eq(imported.from, township);
    cr_assert_eq(told, fresh);
}

Test(stick, there_and_back_twice_over)
{
    struct bench bench = start();
    size_t fresh = 0;
    for (uint32_t i = 1; i <= 40; i++)
        put(bench.village, i);
    export_stick(&bench, 40);
    cr_assert(scratch_private(bench.directory, "stick"));
    cr_assert_eq(import_stick(bench.township, bench.stick, &fresh), STATUS_OK);
    cr_assert_eq(fresh, 40);
    cr_assert_eq(import_stick(bench.township, bench.stick, &fresh), STATUS_OK);
    cr_assert_eq(fresh, 0, "twice is harmless");
    cr_assert_eq(count(bench.township, ZHIBAO_WAITING), 40);
    cr_assert_eq(count(bench.village, ZHIBAO_WAITING), 40, "nothing leaves without a receipt");
    bring_back(&bench, 40, 40);
    cr_assert_eq(count(bench.village, ZHIBAO_WAITING), 0);
    cr_assert_eq(count(bench.village, ZHIBAO_RECEIPTED), 41, "with the enrolment's");
    cr_assert_eq(import_stick(bench.township, bench.stick, &fresh), STATUS_OK);
    cr_assert_eq(count(bench.township, ZHIBAO_WAITING), 0, "an old stick brings nothing back");
    put(bench.village, 41);
    export_stick(&bench, 1);
    cr_assert_eq(import_stick(bench.township, bench.stick, &fresh), STATUS_OK);
    bring_back(&bench, 41, 1);
    stop(&bench);
}

Test(stick, a_refusal_travels_back_too)
{
    struct bench bench = start();
    size_t fresh = 0;
    put(bench.village, 1);
    export_stick(&bench, 1);
    cr_assert_eq(import_stick(bench.township, bench.stick, &fresh), STATUS_OK);
    fake_set_mode(bench.fake, FAKE_REFUSE);
    bring_back(&bench, 1, 1);
    cr_assert_eq(count(bench.village, ZHIBAO_REFUSED), 1);
    stop(&bench);
}

static uint8_t *slurp(const char *path, size_t *out_size)
{
    uint8_t *bytes = NULL;
    cr_assert_eq(file_read(path, FILE_MAX, &bytes, out_size), STATUS_OK);
    return bytes;
}

/* Imports `bytes` at the township and expects `wanted`, with nothing changed. */
static void expect_refused(struct bench *bench, const uint8_t *bytes, size_t size,
                           enum status wanted)
{
    char path[160];
    size_t fresh = 0;
    size_t before = count(bench->township, ZHIBAO_WAITING);
    snprintf(path, sizeof path, "%s/bad", bench->directory);
    cr_assert_eq(file_write(path, bytes, size, 0600), STATUS_OK);
    enum status status = import_stick(bench->township, path, &fresh);
    cr_assert_eq(status, wanted, "%s instead of %s", status_name(status), status_name(wanted));
    cr_assert_eq(zhibao_cause(bench->township)->status, wanted);
    cr_assert_eq(count(bench->township, ZHIBAO_WAITING), before, "nothing was changed");
}

Test(stick, a_damaged_or_truncated_file_changes_nothing)
{
    struct bench bench = start();
    size_t size = 0;
    put(bench.village, 1);
    put(bench.village, 2);
    export_stick(&bench, 2);
    uint8_t *bytes = slurp(bench.stick, &size);
    for (size_t i = STICK_HEAD_BYTES; i < size; i += 29) { /* sealed key, stream, signature */
        bytes[i] ^= 1;
        expect_refused(&bench, bytes, size, STATUS_E_STICK_DAMAGED);
        bytes[i] ^= 1;
    }
    bytes[size - 1] ^= 0x10;
    expect_refused(&bench, bytes, size, STATUS_E_STICK_DAMAGED);
    bytes[size - 1] ^= 0x10;
    bytes[0] ^= 1;
    expect_refused(&bench, bytes, size, STATUS_E_STICK_DAMAGED);
    bytes[0] ^= 1;
    bytes[5] ^= 1;
    expect_refused(&bench, bytes, size, STATUS_E_STICK_ADDRESS);
    bytes[5] ^= 1;
    bytes[30] ^= 1; /* the author named in clear: bound to every chunk */
    expect_refused(&bench, bytes, size, STATUS_E_STICK_DAMAGED);
    bytes[30] ^= 1;
    for (size_t cut = 5; cut < size; cut += 97)
        expect_refused(&bench, bytes, size - cut, STATUS_E_STICK_TRUNCATED);
    expect_refused(&bench, bytes, 0, STATUS_E_STICK_DAMAGED);
    uint8_t *longer = calloc(1, size + 1);
    memcpy(longer, bytes, size);
    expect_refused(&bench, longer, size + 1, STATUS_E_STICK_DAMAGED);
    free(longer);
    free(bytes);
    stop(&bench);
}

Test(stick, a_stick_for_another_carrier_or_of_a_foreign_village_is_refused)
{
    struct bench bench = start();
    size_t fresh = 0, written = 0;
    struct stick_exported exported = {0};
    put(bench.village, 1);
    export_stick(&bench, 1);
    cr_assert_eq(import_stick(bench.stranger, bench.stick, &fresh), STATUS_E_STICK_ADDRESS);
    cr_assert_not_null(strstr(zhibao_cause(bench.stranger)->en, "450223101000"));
    /* sealed to the wrong township: it may not carry for this village */
    cr_assert_eq(zhibao_card_save(bench.stranger, bench.card), STATUS_OK);
    cr_assert_eq(zhibao_stick_export(bench.village, bench.stick, bench.card, 0, &exported),
                 STATUS_OK);
    cr_assert_neq(import_stick(bench.stranger, bench.stick, &fresh), STATUS_OK);
    cr_assert_eq(count(bench.stranger, ZHIBAO_WAITING), 0);
    struct stick_imported imported;
    cr_assert_eq(zhibao_receipts_import(bench.stranger, bench.stick, NULL, NULL, &imported),
                 STATUS_E_STICK_DAMAGED, "an outbox is no receipts");
    cr_assert_eq(zhibao_receipts_export(bench.township, other_village, bench.back, &written),
                 STATUS_NOT_FOUND, "no stick of that village was here");
    stop(&bench);
}

static enum status copy_record(const struct zhibao_item *item, void *context)
{
    struct stick_content *content = context;
    stick_put(content, item->record, item->record_size, 4);
    stick_put(content, "", 0, 2);
    stick_put(content, "village", 7, 2);
    cr_assert(stick_content_room(content, 16));
    write_number(&content->writer, 2025, 4);
    write_number(&content->writer, 1, 4);
    write_number(&content->writer, 0, 8);
    content->count++;
    return STATUS_OK;
}

Test(stick, a_record_of_somebody_else_makes_the_whole_file_refused)
{
    struct bench bench = start();
    struct arena *arena = NULL;
    struct card own, to;
    struct stick_content content;
    size_t size = 0;
    put(bench.other, 1);
    put(bench.village, 1);
    cr_assert_eq(stick_begin(bench.other, &arena, &own), STATUS_OK);
    uint8_t *card = slurp(bench.card, &size);
    cr_assert_eq(card_read(zhibao_pins(bench.other), card, size, arena, &to), STATUS_OK);
    cr_assert_eq(stick_content_begin(&content, &own), STATUS_OK);
    cr_assert_eq(zhibao_list(bench.other, ZHIBAO_WAITING, copy_record, &content), STATUS_OK);
    cr_assert_eq(zhibao_list(bench.village, ZHIBAO_WAITING, copy_record, &content), STATUS_OK);
    cr_assert_eq(stick_write(bench.other, &content, STICK_RECORDS, &to, bench.stick), STATUS_OK);
    stick_content_end(&content);
    free(card);
    uint8_t *bytes = slurp(bench.stick, &size);
    expect_refused(&bench, bytes, size, STATUS_E_STICK_FOREIGN);
    cr_assert_eq(import_stick(bench.township, bench.stick, &size), STATUS_E_STICK_FOREIGN);
    cr_assert_not_null(strstr(zhibao_cause(bench.township)->en, "record 2"));
    free(bytes);
    arena_destroy(&arena);
    stop(&bench);
}

Test(stick, a_card_whose_receipt_is_of_no_pinned_key_is_not_trusted)
{
    struct bench bench = start();
    size_t size = 0;
    struct stick_exported exported = {0};
    put(bench.village, 1);
    uint8_t *card = slurp(bench.card, &size);
    for (size_t i = 0; i < size; i += 23) {
        card[i] ^= 1;
        cr_assert_eq(file_write(bench.card, card, size, 0600), STATUS_OK);
        cr_assert_eq(zhibao_stick_export(bench.village, bench.stick, bench.card, 0, &exported),
                     STATUS_E_STICK_KEY, "byte %zu", i);
        card[i] ^= 1;
    }
    cr_assert_not(file_exists(bench.stick));
    free(card);
    stop(&bench);
}

/* --- documents --- */

enum { LARGE_BYTES = 34 * 1024 * 1024 }; /* two of them do not fit into one file */

/* A document of `size` bytes waits, its copy in the home; returns its content's hash. */
static struct hash put_document(struct bench *bench, size_t size, char mark)
{
    Zhibao__Head head = ZHIBAO__HEAD__INIT;
    Zhibao__Document document = ZHIBAO__DOCUMENT__INIT;
    struct zhibao_content content;
    char path[128];
    uint8_t *bytes = calloc(1, size);
    cr_assert_not_null(bytes);
    memcpy(bytes, "%PDF-1.4\n", 9);
    bytes[size - 1] = (uint8_t)mark;
    snprintf(path, sizeof path, "%s/document.pdf", bench->directory);
    cr_assert_eq(file_write(path, bytes, size, 0600), STATUS_OK);
    free(bytes);
    cr_assert_eq(zhibao_content_take(bench->village, path, &content), STATUS_OK);
    document.head = &head;
    document.content_sha256 = (ProtobufCBinaryData){HASH_BYTES, content.sha256.bytes};
    document.size = content.size;
    struct zhibao_draft draft = {.kind = ZHIBAO__RECORD_KIND__RECORD_DOCUMENT,
                                 .payload = &document.base,
                                 .head = &head,
                                 .stream = "",
                                 .form = "",
                                 .period = 2025};
    cr_assert_eq(zhibao_put(bench->village, &draft, NULL), STATUS_OK);
    return content.sha256;
}

static void content_path(const struct bench *bench, uint64_t unit, const struct hash *sha256,
                         char out[256])
{
    char hex[2 * HASH_BYTES + 1];
    snprintf(out, 256, "%s/%llu/documents/%s", bench->directory, (unsigned long long)unit,
             hex_encode(sha256->bytes, HASH_BYTES, hex));
}

Test(stick, a_document_travels_with_its_content)
{
    struct bench bench = start();
    char own[256], carried[256];
    size_t fresh = 0;
    put(bench.village, 1);
    struct hash sha256 = put_document(&bench, 300000, 'x'); /* two chunks */
    content_path(&bench, village, &sha256, own);
    content_path(&bench, township, &sha256, carried);
    export_stick(&bench, 2);
    cr_assert_eq(import_stick(bench.township, bench.stick, &fresh), STATUS_OK, "%s",
                 zhibao_cause(bench.township)->en);
    cr_expect_eq(fresh, 2);
    size_t size = 0;
    uint8_t *bytes = slurp(carried, &size);
    struct hash found = hash_bytes(bytes, size);
    cr_expect_arr_eq(found.bytes, sha256.bytes, HASH_BYTES);
    free(bytes);
    cr_assert_eq(import_stick(bench.township, bench.stick, &fresh), STATUS_OK);
    cr_expect_eq(fresh, 0, "twice is harmless");
    cr_assert_eq(remove(own), 0);
    struct stick_exported exported;
    cr_expect_eq(zhibao_stick_export(bench.village, bench.stick, bench.card, 0, &exported),
                 STATUS_NOT_FOUND, "without its copy nothing is written");
    stop(&bench);
}

Test(stick, what_one_file_cannot_hold_goes_on_in_another)
{
    struct bench bench = start();
    char second[256], carried[256];
    struct stick_exported exported = {0};
    size_t fresh = 0;
    put_document(&bench, LARGE_BYTES, 'x');
    struct hash later = put_document(&bench, LARGE_BYTES, 'y');
    put(bench.village, 1);
    cr_assert_eq(zhibao_stick_export(bench.village, bench.stick, bench.card, 0, &exported),
                 STATUS_OK, "%s", zhibao_cause(bench.village)->en);
    cr_expect_eq(exported.count, 3);
    cr_assert_eq(exported.files, 2);
    snprintf(second, sizeof second, "%s.2", bench.stick);
    cr_assert_eq(import_stick(bench.township, second, &fresh), STATUS_OK);
    cr_expect_eq(fresh, 2, "the second document and the report behind it");
    content_path(&bench, township, &later, carried);
    cr_expect(file_exists(carried));
    cr_assert_eq(import_stick(bench.township, bench.stick, &fresh), STATUS_OK);
    cr_expect_eq(fresh, 1);
    stop(&bench);
}

/* --- the fixed layout --- */

enum { VECTOR_MAX = 4096 };

static size_t vector(const char *wanted, uint8_t out_bytes[VECTOR_MAX])
{
    static char line[2 * VECTOR_MAX + 100];
    FILE *file = fopen(ZHIBAO_SOURCE_DIR "/tests/vectors/stick.txt", "r");
    cr_assert_not_null(file);
    size_t size = 0;
    while (size == 0 && fgets(line, sizeof line, file) != NULL) {
        char *value = strstr(line, " = ");
        if (value == NULL || strncmp(line, wanted, (size_t)(value - line)) != 0 ||
            wanted[value - line] != '\0')
            continue;
        value += 3;
        value[strcspn(value, "\n")] = '\0';
        size = strlen(value) / 2;
        cr_assert_leq(size, VECTOR_MAX);
        cr_assert_eq(hex_decode(value, out_bytes, size), STATUS_OK);
    }
    fclose(file);
    cr_assert_gt(size, 0, "no vector %s", wanted);
    return size;
}

Test(stick, the_test_vector_opens)
{
    static uint8_t file[VECTOR_MAX], content[VECTOR_MAX], to_public[VECTOR_MAX],
        to_secret[VECTOR_MAX], author[VECTOR_MAX];
    struct stick_head head;
    uint8_t *opened = NULL;
    cr_assert_eq(sign_init(), STATUS_OK);
    size_t size = vector("stick", file), content_size = vector("content", content);
    cr_assert_eq(vector("addressee_public", to_public), STICK_ENCRYPT_BYTES);
    cr_assert_eq(vector("addressee_secret", to_secret), STICK_ENCRYPT_BYTES);
    cr_assert_eq(vector("author_public", author), SIGN_PUBLIC_BYTES);
    cr_assert_eq(stick_head_read(file, size, &head), STATUS_OK);
    cr_assert_eq(head.what, STICK_RECORDS);
    cr_assert_eq(head.to, township);
    cr_assert_eq(head.from, village);
    cr_assert_eq(head.size, content_size);
    cr_assert_eq(stick_open(file, size, to_public, to_secret, &opened), STATUS_OK);
    cr_assert_eq(memcmp(opened, content, content_size), 0);
    struct sign_public key = {.algorithm = SIGN_ED25519};
    memcpy(key.bytes, author, SIGN_PUBLIC_BYTES);
    cr_assert_eq(stick_verify(file, size, &key), STATUS_OK);
    file[size - 1] ^= 1;
    cr_assert_eq(stick_verify(file, size, &key), STATUS_E_STICK_DAMAGED);
    free(opened);
}

Test(stick, content_of_any_size_comes_out_as_it_went_in)
{
    static const size_t sizes[] = {0,
                                   1,
                                   STICK_CHUNK_BYTES - 1,
                                   STICK_CHUNK_BYTES,
                                   STICK_CHUNK_BYTES + 1,
                                   3 * STICK_CHUNK_BYTES};
    static uint8_t to_public[VECTOR_MAX], to_secret[VECTOR_MAX];
    struct sign_public author;
    struct sign_secret secret;
    cr_assert_eq(sign_init(), STATUS_OK);
    sign_generate(&author, &secret);
    cr_assert_eq(vector("addressee_public", to_public), STICK_ENCRYPT_BYTES);
    cr_assert_eq(vector("addressee_secret", to_secret), STICK_ENCRYPT_BYTES);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        struct stick_head head = {.what = STICK_RECEIPTS, .to = 1, .from = 2, .size = sizes[i]};
        uint8_t *content = malloc(sizes[i] + 1), *bytes = NULL, *opened = NULL;
        size_t size = 0;
        random_bytes(content, sizes[i]);
        cr_assert_eq(stick_seal(&head, to_public, &secret, content, &bytes, &size), STATUS_OK);
        cr_assert_eq(stick_verify(bytes, size, &author), STATUS_OK);
        cr_assert_eq(stick_open(bytes, size, to_public, to_secret, &opened), STATUS_OK);
        cr_assert_eq(memcmp(opened, content, sizes[i]), 0);
        free(content);
        free(bytes);
        free(opened);
    }
}

/* To write the vectors anew (never within protocol version 1): ZHIBAO_WRITE_STICK=FILE. */
Test(stick, vectors_can_be_written)
{
    const char *path = getenv("ZHIBAO_WRITE_STICK");
    char hex[2 * VECTOR_MAX + 1];
    struct sign_public author;
    struct sign_secret secret;
    uint8_t to_secret[32], to_public[32], content[300], *bytes = NULL;
    size_t size = 0;
    if (path == NULL)
        cr_skip_test("only on demand");
    cr_assert_eq(sign_init(), STATUS_OK);
    memset(to_secret, 2, sizeof to_secret);
    crypto_scalarmult_base(to_public, to_secret);
    crypto_sign_seed_keypair(author.bytes, secret.bytes, (const uint8_t[32]){[0] = 3});
    author.algorithm = secret.algorithm = SIGN_ED25519;
    for (size_t i = 0; i < sizeof content; i++)
        content[i] = (uint8_t)i;
    struct stick_head head = {
        .what = STICK_RECORDS, .to = township, .from = village, .size = sizeof content};
    memset(head.to_key.bytes, 0x22, sizeof head.to_key.bytes);
    cr_assert_eq(stick_seal(&head, to_public, &secret, content, &bytes, &size), STATUS_OK);
    FILE *file = fopen(path, "w");
    cr_assert_not_null(file);
    fprintf(file, "addressee_secret = %s\n", hex_encode(to_secret, sizeof to_secret, hex));
    fprintf(file, "addressee_public = %s\n", hex_encode(to_public, sizeof to_public, hex));
    fprintf(file, "author_public = %s\n", hex_encode(author.bytes, sizeof author.bytes, hex));
    fprintf(file, "content = %s\n", hex_encode(content, sizeof content, hex));
    fprintf(file, "stick = %s\n", hex_encode(bytes, size, hex));
    cr_assert_eq(fclose(file), 0);
    free(bytes);
}

struct signer {
    struct key_id key;
    size_t count;
};

static enum status keep_signer(const struct zhibao_item *item, void *context)
{
    struct signer *signer = context;
    struct arena *arena = arena_create(1024 * 1024);
    ProtobufCMessage *message = NULL;
    cr_assert_eq(
        message_read(&zhibao__record__descriptor, arena, item->record, item->record_size, &message),
        STATUS_OK);
    memcpy(signer->key.bytes, ((const Zhibao__Record *)message)->key.data, KEY_ID_BYTES);
    signer->count++;
    arena_destroy(&arena);
    return STATUS_OK;
}

/* What waits at the township: one record, signed with this key. */
static void expect_signer(struct bench *bench, const struct key_id *key)
{
    struct signer signer = {.count = 0};
    cr_assert_eq(zhibao_list(bench->township, ZHIBAO_WAITING, keep_signer, &signer), STATUS_OK);
    cr_assert_eq(signer.count, 1);
    cr_assert_eq(memcmp(&signer.key, key, sizeof *key), 0);
}

Test(stick, a_record_signed_anew_goes_on_in_place_of_the_one_before)
{
    struct bench bench = start();
    struct zhibao_enrolled enrolled;
    struct stick_imported imported = {0};
    size_t fresh = 0, written = 0;
    unsigned told = 0;
    char early[128];
    char *code = fake_code(bench.fake, village, 99);
    struct zhibao_enrolment wish = {.code = code, .holder = "", .office = "", .again = true};
    snprintf(early, sizeof early, "%s/early", bench.directory);
    put(bench.village, 1);
    export_stick(&bench, 1);
    cr_assert_eq(rename(bench.stick, early), 0);
    cr_assert_eq(import_stick(bench.township, early, &fresh), STATUS_OK);
    cr_assert_eq(fresh, 1);
    expect_signer(&bench, &zhibao_identity(bench.village)->key);

    zhibao_close(&bench.village);
    bench.village = home(&bench, village, true);
    cr_assert_eq(zhibao_enrol_as(bench.village, &wish, &enrolled), STATUS_OK);
    export_stick(&bench, 1);
    cr_assert_eq(import_stick(bench.township, bench.stick, &fresh), STATUS_OK, "%s",
                 zhibao_cause(bench.township)->en);
    cr_assert_eq(fresh, 0, "it is the same record");
    expect_signer(&bench, &zhibao_identity(bench.village)->key);
    cr_assert_eq(import_stick(bench.township, early, &fresh), STATUS_OK, "the old stick again");
    expect_signer(&bench, &zhibao_identity(bench.village)->key);

    /* The old stick brought the old card: what comes back is sealed to keys that are retired. */
    struct zhibao_drained drained;
    cr_assert_eq(zhibao_drain(bench.township, NULL, NULL, &drained), STATUS_OK);
    cr_assert_eq(zhibao_receipts_export(bench.township, village, bench.back, &written), STATUS_OK);
    cr_assert_eq(zhibao_receipts_import(bench.village, bench.back, tally, &told, &imported),
                 STATUS_OK, "%s", zhibao_cause(bench.village)->en);
    cr_assert_eq(told, 1);
    cr_assert_eq(count(bench.village, ZHIBAO_WAITING), 0);
    free(code);
    stop(&bench);
}
