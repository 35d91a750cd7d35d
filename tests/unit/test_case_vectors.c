/* Sealing of cases against tests/vectors/case.txt, which the pages' own implementation is held to
 * as well (tests/browser/rules_case.mjs). Made by a third one, of tests/scenario/case_tools.py. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "case/case_directory.h"
#include "wire/codec.h"

enum { VECTOR_MAX = 4096 };

struct vector {
    uint8_t bytes[VECTOR_MAX];
    size_t size;
};

static const struct case_context here = {.district = UINT64_C(450223000000),
                                         .case_id = {"case id 16 bytes"},
                                         .record = {"record 16 bytes."},
                                         .part = CASE_PART_CONTENT};

static void begin(void)
{
    cr_assert_eq(sign_init(), STATUS_OK);
}
TestSuite(case_vectors, .init = begin);

/* The vector of this name; NULL when the file has none. The last two asked for stay good. */
static const struct vector *vector(const char *wanted)
{
    static char line[2 * VECTOR_MAX + 100];
    static struct vector found[2];
    static unsigned turn;
    struct vector *made = &found[turn++ % 2];
    size_t name = strlen(wanted);
    FILE *file = fopen(ZHIBAO_SOURCE_DIR "/tests/vectors/case.txt", "r");
    cr_assert_not_null(file);
    made->size = 0;
    while (made->size == 0 && fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, wanted, name) != 0 || strncmp(line + name, " = ", 3) != 0)
            continue;
        char *value = line + name + 3;
        value[strcspn(value, "\n")] = '\0';
        made->size = strlen(value) / 2;
        cr_assert(made->size <= VECTOR_MAX &&
                  hex_decode(value, made->bytes, made->size) == STATUS_OK);
    }
    fclose(file);
    cr_assert_gt(made->size, 0, "no vector %s", wanted);
    return made;
}

static void is_vector(const char *name, const void *bytes, size_t size)
{
    const struct vector *wanted = vector(name);
    cr_expect(wanted->size == size && memcmp(wanted->bytes, bytes, size) == 0, "%s", name);
}

static void copy(const char *name, void *out, size_t size)
{
    const struct vector *from = vector(name);
    cr_assert_eq(from->size, size, "%s", name);
    memcpy(out, from->bytes, size);
}

Test(case_vectors, the_sealed_part_opens)
{
    struct case_secret key, unwrapped, recipient;
    struct case_sealed sealed;
    uint8_t wrapped[CASE_WRAP_BYTES], ciphertext[VECTOR_MAX], plain[VECTOR_MAX];
    size_t size = 0;
    copy("content_key", key.bytes, sizeof key.bytes);
    copy("nonce", sealed.nonce, sizeof sealed.nonce);
    copy("commitment", sealed.commitment.bytes, HASH_BYTES);
    sealed.size = vector("ciphertext")->size;
    sealed.ciphertext = ciphertext;
    copy("ciphertext", ciphertext, sealed.size);
    cr_assert_eq(case_open(&here, &key, &sealed, plain, &size), STATUS_OK);
    is_vector("plain", plain, size);
    memset(recipient.bytes, 4, sizeof recipient.bytes);
    struct case_public public_key = case_public_of(&recipient);
    is_vector("encrypt_public", public_key.bytes, sizeof public_key.bytes);
    struct key_id id = case_key_id(CASE_SEALING_X25519_XCHACHA20, &public_key);
    is_vector("encrypt_key_id", id.bytes, sizeof id.bytes);
    copy("wrapped", wrapped, sizeof wrapped);
    cr_assert_eq(case_unwrap(wrapped, &recipient, &unwrapped), STATUS_OK);
    cr_expect_eq(memcmp(&unwrapped, &key, sizeof key), 0);
}

Test(case_vectors, the_code_and_what_follows_from_it)
{
    struct case_code code;
    struct case_code_keys keys;
    char text[CASE_CODE_TEXT_BYTES];
    uint8_t reply[CASE_REPLY_BYTES], plain[CASE_REPLY_PLAIN];
    size_t size = 0;
    copy("code", code.bytes, sizeof code.bytes);
    case_code_text(&code, text);
    is_vector("code_text", text, strlen(text));
    case_code_keys(&code, &keys);
    is_vector("code_sign_public", keys.sign_public.bytes, SIGN_PUBLIC_BYTES);
    is_vector("code_reply_public", keys.reply_public.bytes, CASE_KEY_BYTES);
    is_vector("code_lookup", keys.lookup, CASE_LOOKUP_BYTES);
    copy("reply", reply, sizeof reply);
    cr_expect_eq(case_reply_open(&keys.reply_secret, reply, plain, &size), STATUS_OK);
    cr_expect_gt(size, 0);
}

Test(case_vectors, the_directory_verifies)
{
    struct case_trust trust = {.district = here.district,
                               .serial_least = 3,
                               .now_us = 1500,
                               .committee.algorithm = SIGN_ED25519};
    Zhibao__CaseDirectory *directory = NULL;
    ProtobufCMessage *record = NULL;
    struct arena *arena = arena_create(1 << 20);
    copy("committee", trust.committee.bytes, SIGN_PUBLIC_BYTES);
    const struct vector *bytes = vector("directory");
    cr_assert_eq(message_read(&zhibao__case_directory_record__descriptor, arena, bytes->bytes,
                              bytes->size, &record),
                 STATUS_OK);
    cr_assert_eq(case_directory_verify(arena, (const Zhibao__CaseDirectoryRecord *)record, &trust,
                                       &directory),
                 STATUS_OK);
    cr_expect(directory->n_keys == 1 && directory->keys[0]->unit == UINT64_C(450223000000012));
    cr_expect_str_eq(directory->keys[0]->name, "鹿寨县民政局");
    arena_destroy(&arena);
}
