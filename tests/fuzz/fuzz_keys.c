/* The three key files of a home and its pins, one after another with a form feed between: what is
 * believed is whole and belongs together, and is the same when written and read again. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"
#include "lib/key_file.h"
#include "lib/pins.h"

enum { FILES = 3, ALL = FILES + 1 };

static const char *const names[ALL] = {"transport.key", "encryption.key", "signing.key",
                                       "pins.conf"};

static char directory[64];

static void clean(void)
{
    char path[128];
    for (int i = 0; i < ALL; i++) {
        snprintf(path, sizeof path, "%s/%s", directory, names[i]);
        unlink(path);
    }
    rmdir(directory);
}

static void directory_ready(void)
{
    if (directory[0] != '\0')
        return;
    strcpy(directory, "/tmp/zhibao-fuzz-XXXXXX");
    HOLDS(mkdtemp(directory) != NULL);
    atexit(clean);
}

static void part_write(const char *name, const uint8_t *bytes, size_t size)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", directory, name);
    FILE *file = fopen(path, "wb");
    HOLDS(file != NULL);
    HOLDS(fwrite(bytes, 1, size, file) == size);
    HOLDS(fclose(file) == 0);
}

static void pins_try(void)
{
    char path[128];
    struct pins *pins = NULL;
    snprintf(path, sizeof path, "%s/%s", directory, names[FILES]);
    if (pins_read(path, &pins) != STATUS_OK)
        return;
    HOLDS(pins_count(pins) <= PINS_MAX);
    for (size_t i = 0; i < pins_count(pins); i++) {
        struct key_id id = sign_key_id(pins_at(pins, i));
        HOLDS(pins_find(pins, &id) == pins_at(pins, i));
    }
    pins_destroy(&pins);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct home_keys keys, again;
    directory_ready();
    for (int i = 0; i < ALL; i++) {
        const uint8_t *end = size == 0 ? NULL : memchr(bytes, '\f', size);
        size_t length = end == NULL || i == ALL - 1 ? size : (size_t)(end - bytes);
        part_write(names[i], bytes, length);
        size_t passed = length < size ? length + 1 : length;
        bytes += passed;
        size -= passed;
    }
    pins_try();
    if (key_files_read(directory, &keys) != STATUS_OK)
        return 0;
    HOLDS(key_files_write(directory, &keys, false) == STATUS_OK);
    HOLDS(key_files_read(directory, &again) == STATUS_OK);
    HOLDS(memcmp(&keys, &again, sizeof keys) == 0);
    return 0;
}
