#include "web/progress.h"

#include <ctype.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct entry {
    uint64_t unit, done, all;
    uint64_t turn; /* of its last note; 0: free */
    char name[PROGRESS_NAME_BYTES];
    bool ended;
};

struct progress {
    pthread_mutex_t lock;
    uint64_t turn;
    struct entry entries[PROGRESS_MAX];
};

struct progress *progress_create(void)
{
    struct progress *progress = calloc(1, sizeof *progress);
    if (progress != NULL)
        pthread_mutex_init(&progress->lock, NULL);
    return progress;
}

void progress_destroy(struct progress **progress)
{
    if (progress == NULL || *progress == NULL)
        return;
    pthread_mutex_destroy(&(*progress)->lock);
    free(*progress);
    *progress = NULL;
}

bool progress_name_good(const char *name)
{
    size_t length = strlen(name);
    for (size_t i = 0; i < length; i++)
        if (!isalnum((unsigned char)name[i]))
            return false;
    return length > 0 && length < PROGRESS_NAME_BYTES;
}

static struct entry *find(struct progress *progress, uint64_t unit, const char *name)
{
    for (size_t i = 0; i < PROGRESS_MAX; i++)
        if (progress->entries[i].turn != 0 && progress->entries[i].unit == unit &&
            strcmp(progress->entries[i].name, name) == 0)
            return &progress->entries[i];
    return NULL;
}

static struct entry *oldest(struct progress *progress)
{
    struct entry *found = &progress->entries[0];
    for (size_t i = 1; i < PROGRESS_MAX; i++)
        if (progress->entries[i].turn < found->turn)
            found = &progress->entries[i];
    return found;
}

void progress_note(struct progress *progress, uint64_t unit, const char *name, uint64_t done,
                   uint64_t all, bool ended)
{
    if (name[0] == '\0')
        return;
    pthread_mutex_lock(&progress->lock);
    struct entry *entry = find(progress, unit, name);
    if (entry == NULL) {
        entry = oldest(progress);
        *entry = (struct entry){.unit = unit};
        snprintf(entry->name, sizeof entry->name, "%s", name);
    }
    entry->done = done;
    entry->all = all;
    entry->ended = ended;
    entry->turn = ++progress->turn;
    pthread_mutex_unlock(&progress->lock);
}

bool progress_find(struct progress *progress, uint64_t unit, const char *name, uint64_t *out_done,
                   uint64_t *out_all, bool *out_ended)
{
    pthread_mutex_lock(&progress->lock);
    const struct entry *entry = find(progress, unit, name);
    if (entry != NULL) {
        *out_done = entry->done;
        *out_all = entry->all;
        *out_ended = entry->ended;
    }
    pthread_mutex_unlock(&progress->lock);
    return entry != NULL;
}
