/* Whether an explanation of a figure explains anything.
 *
 * A phrase list (deploy/checks/boilerplate.txt, or another of the same form) is immutable once
 * made; any thread. */
#ifndef ZHIBAO_PLAN_EXPLANATION_H
#define ZHIBAO_PLAN_EXPLANATION_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum {
    EXPLANATION_CHARACTERS_MIN = 8, /* letters and digits, after NFKC */
    EXPLANATION_KEY_BYTES = 16,
    BOILERPLATE_FILE_MAX = 256 * 1024,
    BOILERPLATE_PHRASES_MAX = 2000,
};

/* Folded words of an explanation, hashed: equal keys are the same explanation. */
struct explanation_key {
    uint8_t bytes[EXPLANATION_KEY_BYTES];
};

struct boilerplate;

/* The phrases of a file's text: one a line, '#' begins a comment. STATUS_INVALID for too many or
 * for text that is not UTF-8, STATUS_NO_MEMORY. The caller destroys the list. */
MUST_CHECK enum status boilerplate_read(const char *text, struct boilerplate **out_list);
/* The list that is built in. */
MUST_CHECK enum status boilerplate_create(struct boilerplate **out_list);
void boilerplate_destroy(struct boilerplate **list);

/* The phrases as written, for handing them on. */
size_t boilerplate_count(const struct boilerplate *list);
const char *boilerplate_phrase(const struct boilerplate *list, size_t index);

/* STATUS_OK and the key, or why the text explains nothing: STATUS_E_EXPLANATION_BOILERPLATE (made
 * of listed phrases, or of three characters over and over), STATUS_E_EXPLANATION_SHORT,
 * STATUS_E_TEXT (not UTF-8), STATUS_NO_MEMORY. The key is set in the first three cases. */
MUST_CHECK enum status explanation_judge(const struct boilerplate *list, const char *text,
                                         struct explanation_key *out_key);

#endif
