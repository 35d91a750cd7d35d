/* Runs a fuzz target over its seeds and over small changes of each, the same in every run.
 *
 *     replay FILE_OR_DIRECTORY...
 *
 * Prints how many inputs there were. A target that finds something ends the process itself. */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "fuzz.h"

enum { CHANGES = 60, SEED_BYTES_MAX = 1024 * 1024 };

static uint64_t state = 20260215; /* of the generator: every run changes the same bytes */
static size_t inputs, files;

/* splitmix64 */
static uint64_t next(void)
{
    uint64_t mixed = state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

/* One byte set, flipped, doubled or cut away, or the end cut off. Returns the new size. */
static size_t change(uint8_t *bytes, size_t size)
{
    size_t at = (size_t)(next() % size);
    switch (next() % 5) {
    case 0: bytes[at] = (uint8_t)next(); return size;
    case 1: bytes[at] = (uint8_t)(bytes[at] ^ (1U << (next() % 8))); return size;
    case 2: memmove(bytes + at + 1, bytes + at, size - at); return size + 1;
    case 3: memmove(bytes + at, bytes + at + 1, size - at - 1); return size - 1;
    default: return at;
    }
}

static void run(const uint8_t *bytes, size_t size)
{
    /* on the heap and of its exact size, so that a read past the end is seen */
    uint8_t *exact = malloc(size == 0 ? 1 : size);
    if (exact == NULL)
        abort();
    memcpy(exact, bytes, size);
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
    inputs++;
}

static void replay_file(const char *path)
{
    uint8_t *seed = malloc(SEED_BYTES_MAX), *changed = malloc(SEED_BYTES_MAX + CHANGES);
    FILE *file = fopen(path, "rb");
    if (file == NULL || seed == NULL || changed == NULL) {
        fprintf(stderr, "could not read %s\n", path);
        exit(1);
    }
    size_t size = fread(seed, 1, SEED_BYTES_MAX, file);
    fclose(file);
    run(seed, size);
    for (int i = 0; i < CHANGES && size > 0; i++) {
        size_t now = size;
        memcpy(changed, seed, size);
        for (uint64_t left = 1 + next() % 4; left > 0 && now > 0; left--)
            now = change(changed, now);
        run(changed, now);
    }
    free(seed);
    free(changed);
    files++;
}

static void replay(const char *path)
{
    struct dirent **entries = NULL;
    char below[4096];
    struct stat found;
    if (stat(path, &found) != 0 || !S_ISDIR(found.st_mode)) {
        replay_file(path);
        return;
    }
    int count = scandir(path, &entries, NULL, alphasort);
    for (int i = 0; i < count; i++) {
        snprintf(below, sizeof below, "%s/%s", path, entries[i]->d_name);
        if (entries[i]->d_name[0] != '.')
            replay(below);
        free(entries[i]);
    }
    free(entries);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        replay(argv[i]);
    printf("%zu seeds, %zu inputs\n", files, inputs);
    return files > 0 ? 0 : 1;
}
