#include "web/assets.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/files.h"

struct assets {
    struct asset list[ASSETS_MAX];
    size_t count;
};

static const struct {
    const char *ending, *type;
} types[] = {
    {".html", "text/html; charset=utf-8"      },
    {".js",   "text/javascript; charset=utf-8"},
    {".css",  "text/css; charset=utf-8"       },
    {".svg",  "image/svg+xml"                 },
    {".txt",  "text/plain; charset=utf-8"     },
};

static const char *type_of(const char *name)
{
    const char *ending = strrchr(name, '.');
    for (size_t i = 0; ending != NULL && i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].ending, ending) == 0)
            return types[i].type;
    return NULL;
}

static enum status load_one(struct assets *assets, const char *directory, const char *name)
{
    char path[PATH_BYTES], zipped[PATH_BYTES];
    if (type_of(name) == NULL)
        return STATUS_OK; /* .gz files come with what they compress; others are not served */
    if (assets->count == ASSETS_MAX)
        return STATUS_LIMIT;
    struct asset *asset = &assets->list[assets->count];
    enum status status = path_join(directory, name, path);
    if (status == STATUS_OK)
        status = file_read(path, ASSET_BYTES_MAX, &asset->bytes, &asset->size);
    if (status != STATUS_OK)
        return status;
    assets->count++;
    asset->type = type_of(name);
    asset->lasting = strchr(name, '-') != NULL; /* the bundler puts a hash behind the hyphen */
    asset->name = strdup(name);
    if (asset->name == NULL)
        return STATUS_NO_MEMORY;
    snprintf(zipped, sizeof zipped, "%.1000s.gz", path);
    status = file_read(zipped, ASSET_BYTES_MAX, &asset->zipped, &asset->zipped_size);
    return status == STATUS_NOT_FOUND ? STATUS_OK : status;
}

enum status assets_load(const char *directory, struct assets **out_assets)
{
    DIR *listing = opendir(directory);
    if (listing == NULL)
        return STATUS_NOT_FOUND;
    enum status status = STATUS_OK;
    struct assets *assets = calloc(1, sizeof *assets);
    if (assets == NULL)
        status = STATUS_NO_MEMORY;
    for (struct dirent *entry; status == STATUS_OK && (entry = readdir(listing)) != NULL;)
        if (entry->d_name[0] != '.')
            status = load_one(assets, directory, entry->d_name);
    closedir(listing);
    if (status == STATUS_OK && assets_find(assets, "index.html") == NULL)
        status = STATUS_NOT_FOUND;
    if (status != STATUS_OK) {
        assets_destroy(&assets);
        return status;
    }
    *out_assets = assets;
    return STATUS_OK;
}

void assets_destroy(struct assets **assets)
{
    if (assets == NULL || *assets == NULL)
        return;
    for (size_t i = 0; i < (*assets)->count; i++) {
        struct asset *asset = &(*assets)->list[i];
        free(asset->name);
        free(asset->bytes);
        free(asset->zipped);
    }
    free(*assets);
    *assets = NULL;
}

const struct asset *assets_find(const struct assets *assets, const char *name)
{
    for (size_t i = 0; i < assets->count; i++)
        if (strcmp(assets->list[i].name, name) == 0)
            return &assets->list[i];
    return NULL;
}
