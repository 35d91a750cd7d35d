/* The words of cases in both languages, and files with what must not stand on a command line, where
 * everybody on the machine can read it. */
#ifndef ZHIBAO_CLI_CASE_WORDS_H
#define ZHIBAO_CLI_CASE_WORDS_H

#include "cli/command.h"

struct case_word {
    const char *slug, *zh, *en;
};

/* Ended by a slug of NULL; the index is the enumeration's value. */
extern const struct case_word case_matters[], case_channels[], case_risks[], case_states[],
    case_actions[], case_roles[], case_purposes[], case_duties[], case_difficulties[];

/* The value of a slug; 0 for none. */
int case_word_value(const struct case_word *words, const char *slug);

/* The word in the user's language for tables, else the slug. */
const char *case_word_text(const struct context *context, const struct case_word *words, int value);

/* The file's text, UTF-8, in the arena ("-": standard input); NULL after a complaint. */
enum { CASE_TEXT_MAX = 100 * 1024 };
char *case_text_read(struct context *context, const char *path);

#endif
