#include "server/clock/contacts.h"

#include <pthread.h>
#include <stdlib.h>

#include "server/trust/lookup.h"

struct contact_row {
    uint64_t unit;
    int64_t seen_us;
    uint64_t listed; /* 1: in `fresh` */
};

/* A list of row numbers says what is new, so that collecting costs what was heard, not all. */
struct contacts {
    pthread_mutex_t lock;
    struct lookup rows;
    uint32_t *fresh;
    size_t fresh_count, fresh_room;
};

enum status contacts_create(struct contacts **out_contacts)
{
    struct contacts *contacts = calloc(1, sizeof *contacts);
    if (contacts == NULL)
        return STATUS_NO_MEMORY;
    if (pthread_mutex_init(&contacts->lock, NULL) != 0) {
        free(contacts);
        return STATUS_NO_MEMORY;
    }
    lookup_init(&contacts->rows, sizeof(struct contact_row), sizeof(uint64_t));
    *out_contacts = contacts;
    return STATUS_OK;
}

void contacts_destroy(struct contacts **contacts)
{
    if (contacts == NULL || *contacts == NULL)
        return;
    pthread_mutex_destroy(&(*contacts)->lock);
    lookup_clear(&(*contacts)->rows);
    free((*contacts)->fresh);
    free(*contacts);
    *contacts = NULL;
}

/* Room for every row to be in the list at once. */
static bool fresh_reserve(struct contacts *contacts)
{
    if (contacts->fresh_count < contacts->fresh_room)
        return true;
    size_t room = contacts->fresh_room == 0 ? 256 : 2 * contacts->fresh_room;
    uint32_t *fresh = realloc(contacts->fresh, room * sizeof *fresh);
    if (fresh == NULL)
        return false;
    contacts->fresh = fresh;
    contacts->fresh_room = room;
    return true;
}

void contacts_note(struct contacts *contacts, uint64_t unit, int64_t now_us)
{
    pthread_mutex_lock(&contacts->lock);
    struct contact_row *row = lookup_find(&contacts->rows, &unit);
    if (row == NULL && lookup_reserve(&contacts->rows, 1) == STATUS_OK)
        row = lookup_put(&contacts->rows, &unit);
    if (row != NULL && (row->listed != 0 || fresh_reserve(contacts))) {
        row->seen_us = now_us;
        if (row->listed == 0)
            contacts->fresh[contacts->fresh_count++] =
                (uint32_t)lookup_number(&contacts->rows, row);
        row->listed = 1;
    }
    pthread_mutex_unlock(&contacts->lock);
}

enum status contacts_collect(struct contacts *contacts, struct arena *arena, size_t most,
                             int64_t **out_units, int64_t **out_times_us, size_t *out_count)
{
    pthread_mutex_lock(&contacts->lock);
    size_t count = contacts->fresh_count < most ? contacts->fresh_count : most;
    int64_t *units = arena_array(arena, count, sizeof *units);
    int64_t *times_us = arena_array(arena, count, sizeof *times_us);
    enum status status = units == NULL || times_us == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        struct contact_row *row =
            lookup_row(&contacts->rows, contacts->fresh[--contacts->fresh_count]);
        units[i] = (int64_t)row->unit;
        times_us[i] = row->seen_us;
        row->listed = 0;
    }
    pthread_mutex_unlock(&contacts->lock);
    if (status != STATUS_OK)
        return status;
    *out_units = units;
    *out_times_us = times_us;
    *out_count = count;
    return STATUS_OK;
}
