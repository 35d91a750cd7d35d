/* The pages' files, all in memory from the start: what is not there cannot be asked for, and no
 * path of a request ever reaches the file system. Files are flat in one directory; NAME.gz beside
 * NAME is its compressed form. Read-only after assets_load: any thread. */
#ifndef ZHIBAO_WEB_ASSETS_H
#define ZHIBAO_WEB_ASSETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"

enum { ASSETS_MAX = 256, ASSET_BYTES_MAX = 8 * 1024 * 1024 };

struct assets;

struct asset {
    char *name;
    uint8_t *bytes, *zipped; /* zipped: NULL when there is none */
    size_t size, zipped_size;
    const char *type;
    bool lasting; /* its name changes with its content */
};

/* STATUS_NOT_FOUND without a directory or an index.html in it; STATUS_LIMIT, STATUS_IO. */
MUST_CHECK enum status assets_load(const char *directory, struct assets **out_assets);
void assets_destroy(struct assets **assets);

/* NULL when there is none of this name. */
const struct asset *assets_find(const struct assets *assets, const char *name);

#endif
