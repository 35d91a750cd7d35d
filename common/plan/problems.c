#include "plan/problems.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "text/utf8.h"

void problems_init(struct problems *problems)
{
    *problems = (struct problems){0};
}

void problems_clear(struct problems *problems)
{
    free(problems->items);
    problems_init(problems);
}

/* The next free entry; NULL over the limit or without memory, which is counted as dropped. Rooms
 * are powers of two, so a count that is one tells that the array is full. */
static struct problem *problems_next(struct problems *problems)
{
    size_t count = problems->count;
    if (count < PROBLEMS_MAX && (count & (count - 1)) == 0) {
        size_t room = count == 0 ? 1 : count * 2;
        struct problem *items = reallocarray(problems->items, room, sizeof *items);
        if (items == NULL) {
            problems->dropped++;
            return NULL;
        }
        problems->items = items;
    }
    if (count >= PROBLEMS_MAX) {
        problems->dropped++;
        return NULL;
    }
    problems->count++;
    return &problems->items[count];
}

/* Copies as much as fits, whole characters only. */
static void put(char *out, size_t size, const char *text)
{
    size_t length = utf8_cut(text, size - 1);
    memcpy(out, text, length);
    out[length] = '\0';
}

void problems_add(struct problems *problems, enum status code, uint32_t cell, const char *field,
                  const char *zh, const char *en)
{
    struct problem *problem = problems_next(problems);
    if (problem == NULL)
        return;
    problem->code = code;
    problem->cell = cell;
    put(problem->field, sizeof problem->field, field == NULL ? "" : field);
    put(problem->zh, sizeof problem->zh, zh == NULL ? status_zh(code) : zh);
    put(problem->en, sizeof problem->en, en == NULL ? status_en(code) : en);
    if (zh == NULL && cell != 0) { /* a sentence of the code's own does not know the cell */
        snprintf(problem->zh, sizeof problem->zh, "第%" PRIu32 "项：%s", cell, status_zh(code));
        snprintf(problem->en, sizeof problem->en, "cell %" PRIu32 ": %s", cell, status_en(code));
    }
}

void problems_addf(struct problems *problems, enum status code, uint32_t cell, const char *field,
                   const char *zh_format, const char *en_format, ...)
{
    /* Longer than what is kept, so that a character that vsnprintf splits is cut off anyway. */
    char zh[PROBLEM_TEXT_BYTES + 4];
    char en[PROBLEM_TEXT_BYTES + 4];
    va_list arguments, again;
    va_start(arguments, en_format);
    va_copy(again, arguments);
    vsnprintf(zh, sizeof zh, zh_format, arguments);
    vsnprintf(en, sizeof en, en_format, again);
    va_end(again);
    va_end(arguments);
    problems_add(problems, code, cell, field, zh, en);
}
