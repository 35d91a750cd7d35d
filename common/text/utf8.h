/* One character of UTF-8 at a time, and the encodings of other people's files. Pure but for iconv;
 * any thread. */
#ifndef ZHIBAO_TEXT_UTF8_H
#define ZHIBAO_TEXT_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

/* Bytes of the character that begins `bytes` and its code point; 0 when it is not UTF-8 (overlong
 * forms, surrogates and code points past U+10FFFF included) or `size` is 0. */
size_t utf8_next(const char *bytes, size_t size, uint32_t *out_code);

/* The largest length <= `limit` at which `text` can be cut without splitting a character. */
size_t utf8_cut(const char *text, size_t limit);

/* The same without splitting an English word either, unless it is very long. */
size_t utf8_cut_words(const char *text, size_t limit);

/* Whether a text shows as nothing: empty, or blanks of any kind (utf8_is_blank) only. Bytes that
 * are not UTF-8 are something. */
bool utf8_all_blank(const char *text);

/* Whether a character shows as nothing but space: blanks, tabs, NBSP, U+3000, zero-width ones. */
bool utf8_is_blank(uint32_t code);

/* The half-width form of a full-width ASCII character (U+FF01-U+FF5E), U+3002 as '.', U+2212 as
 * '-'; other characters as they are. */
uint32_t utf8_half_width(uint32_t code);

/* A file's bytes as NUL-terminated UTF-8 without byte order mark, malloc'ed (the caller frees).
 * Tried in this order: a BOM (UTF-8, or UTF-16 as Excel's "Unicode text" has it), strict UTF-8,
 * GB18030 (of which GBK and GB2312 are parts). STATUS_E_ENCODING when none fits or the result
 * holds a NUL, as binary files do; STATUS_NO_MEMORY. */
MUST_CHECK enum status text_decode(const uint8_t *bytes, size_t size, char **out_text,
                                   size_t *out_size);

#endif
