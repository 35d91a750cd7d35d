/* Text made comparable: what two people would call the same words gives the same bytes.
 *
 * Unicode's NFKC with case folding (utf8proc), then only letters, digits and symbols: blanks,
 * punctuation and control characters are dropped. Pure; any thread. */
#ifndef ZHIBAO_TEXT_FOLD_H
#define ZHIBAO_TEXT_FOLD_H

#include <stddef.h>

#include "base/status.h"

/* The folded text, malloc'ed and NUL-terminated (the caller frees), and how many characters (code
 * points) it has. STATUS_E_TEXT when `text` is not UTF-8; STATUS_NO_MEMORY. */
MUST_CHECK enum status text_fold(const char *text, char **out_text, size_t *out_characters);

#endif
