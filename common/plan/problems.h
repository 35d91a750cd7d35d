/* A growing, bounded list of things found wrong, each with its place and a sentence in zh and en.
 *
 * Filled by loaders and checkers, printed by the command line, sent by the server as
 * Error.more. Owned by the caller; one thread at a time. */
#ifndef ZHIBAO_PLAN_PROBLEMS_H
#define ZHIBAO_PLAN_PROBLEMS_H

#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { PROBLEMS_MAX = 200, PROBLEM_TEXT_BYTES = 256, PROBLEM_FIELD_BYTES = 96 };

struct problem {
    enum status code;
    uint32_t cell;                   /* form cell, 0: none */
    char field[PROBLEM_FIELD_BYTES]; /* "targets.csv:12:value", "observations.value[3]" */
    char zh[PROBLEM_TEXT_BYTES];
    char en[PROBLEM_TEXT_BYTES];
};

struct problems {
    size_t count;   /* stored, at most PROBLEMS_MAX */
    size_t dropped; /* found beyond the limit */
    struct problem *items;
};

void problems_init(struct problems *problems);
void problems_clear(struct problems *problems);

/* Adds one; zh/en NULL: the code's own sentence. Over the limit or without memory only counts. */
void problems_add(struct problems *problems, enum status code, uint32_t cell, const char *field,
                  const char *zh, const char *en);

/* The same with printf-made sentences. */
void problems_addf(struct problems *problems, enum status code, uint32_t cell, const char *field,
                   const char *zh_format, const char *en_format, ...)
    __attribute__((format(printf, 5, 7), format(printf, 6, 7)));

#endif
