/* What every fuzz target offers: libFuzzer's own names, so that one file serves the fuzzer
 * (fuzz_NAME, preset fuzz) and the replay of its seeds (replay.c, every build). */
#ifndef ZHIBAO_FUZZ_H
#define ZHIBAO_FUZZ_H

#include <stddef.h>
#include <stdint.h>

/* Never fails: what is wrong ends the process (a sanitizer, or abort). Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Ends the process when a promise of the code under test does not hold. */
#define HOLDS(expression)                                 \
    do {                                                  \
        if (!(expression))                                \
            fuzz_broken(__FILE__, __LINE__, #expression); \
    } while (0)

static inline void fuzz_broken(const char *file, int line, const char *expression)
{
    __builtin_printf("%s:%d: does not hold: %s\n", file, line, expression);
    __builtin_abort();
}

#endif
