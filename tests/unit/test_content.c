/* What a document's content is: chunks, types, names, hash. */
#include <criterion/criterion.h>
#include <string.h>

#include "document/content.h"

Test(content, is_cut_into_chunks)
{
    const uint64_t chunk = CONTENT_CHUNK_BYTES;
    cr_assert_eq(content_chunks(0), 0);
    cr_assert_eq(content_chunks(1), 1);
    cr_assert_eq(content_chunks(chunk), 1);
    cr_assert_eq(content_chunks(chunk + 1), 2);
    cr_assert_eq(content_chunks(CONTENT_BYTES_MAX), CONTENT_CHUNKS_MAX);
    cr_assert_eq(content_chunk_size(chunk + 1, 0), chunk);
    cr_assert_eq(content_chunk_size(chunk + 1, 1), 1);
    cr_assert_eq(content_chunk_size(CONTENT_BYTES_MAX, CONTENT_CHUNKS_MAX - 1), chunk);
}

static const char *type_of(const char *bytes, size_t size)
{
    const char *type = content_type((const uint8_t *)bytes, size);
    return type == NULL ? "" : type;
}

#define TYPE_OF(literal) type_of((literal), sizeof(literal) - 1)

Test(content, is_known_by_its_first_bytes)
{
    char zip[64] = "PK\x03\x04";
    cr_assert_str_eq(TYPE_OF("%PDF-1.7"), "application/pdf");
    cr_assert_str_eq(TYPE_OF("\xff\xd8\xff\xe0"), "image/jpeg");
    cr_assert_str_eq(TYPE_OF("\x89PNG\r\n\x1a\n"), "image/png");
    cr_assert_str_eq(TYPE_OF("%PDF"), "");
    cr_assert_str_eq(TYPE_OF(" %PDF-1.7"), "");
    cr_assert_str_eq(TYPE_OF("MZ"), "");
    cr_assert_str_eq(TYPE_OF(""), "");
    cr_assert_str_eq(type_of(zip, sizeof zip), "");
    strcpy(zip + 30, "word/document.xml");
    cr_assert(content_type_is_text(type_of(zip, sizeof zip)));
    cr_assert_str_eq(type_of(zip, 20), "");
    strcpy(zip + 30, "evil.exe");
    cr_assert_str_eq(type_of(zip, sizeof zip), "");
}

Test(content, of_a_duty_is_text)
{
    cr_assert(content_type_is_known("image/png"));
    cr_assert_not(content_type_is_text("image/png"));
    cr_assert_not(content_type_is_known("text/html"));
    cr_assert_not(content_type_is_known(""));
}

Test(content, has_a_harmless_name)
{
    char longest[FILE_NAME_BYTES_MAX + 2];
    memset(longest, 'a', sizeof longest);
    longest[FILE_NAME_BYTES_MAX] = '\0';
    cr_assert(file_name_good("实施情况 2025.pdf"));
    cr_assert(file_name_good(longest));
    longest[FILE_NAME_BYTES_MAX] = 'a';
    longest[FILE_NAME_BYTES_MAX + 1] = '\0';
    const char *const bad[] = {"", ".", "..", "a/b", "a\\b", "a\nb", "a\x7f", longest};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        cr_assert_not(file_name_good(bad[i]), "%s", bad[i]);
}

Test(content, is_hashed_piece_by_piece)
{
    struct hash_stream stream;
    struct hash whole = hash_bytes("abcdef", 6);
    hash_stream_begin(&stream);
    hash_stream_add(&stream, "abc", 3);
    hash_stream_add(&stream, "", 0);
    hash_stream_add(&stream, "def", 3);
    struct hash pieces = hash_stream_end(&stream);
    cr_assert_arr_eq(pieces.bytes, whole.bytes, HASH_BYTES);
}
