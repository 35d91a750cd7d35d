/* The registry's writer: pages of what changed, applied under the write lock. */
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "server/store/place_store.h"
#include "server/trust/registry_plans.h"
#include "server/trust/registry_rows.h"

/* Room for rows and names of one page, taken before the first of them is applied. */
enum { NAMES_FIRST = 64 * 1024, NAMES_MAX = 1 << 30 };

/* The word's row number, added when new. Needs one reserved row in words. */
static uint16_t word_put(struct registry *registry, const char *text)
{
    char key[REGISTRY_WORD_BYTES] = {0};
    memcpy(key, text, strnlen(text, REGISTRY_WORD_BYTES - 1));
    return (uint16_t)lookup_number(&registry->words, lookup_put(&registry->words, key));
}

static enum status words_reserve(struct registry *registry, size_t more)
{
    if (registry->words.count > REGISTRY_WORDS_MAX - 2)
        return STATUS_LIMIT;
    return lookup_reserve(&registry->words, more);
}

static enum status names_reserve(struct registry *registry, size_t more)
{
    size_t room = registry->names_room == 0 ? NAMES_FIRST : registry->names_room;
    while (room - registry->names_used < more) {
        if (room > NAMES_MAX / 2)
            return STATUS_LIMIT;
        room *= 2;
    }
    if (room == registry->names_room)
        return STATUS_OK;
    char *names = realloc(registry->names, room);
    if (names == NULL)
        return STATUS_NO_MEMORY;
    registry->names = names;
    registry->names_room = room;
    return STATUS_OK;
}

/* Keeps an unchanged or shorter name where the old one is, appends others. */
static void name_put(struct registry *registry, uint32_t *offset, bool fresh, const char *name)
{
    size_t size = strlen(name) + 1;
    if (fresh || strlen(registry->names + *offset) + 1 < size) {
        *offset = (uint32_t)registry->names_used;
        registry->names_used += size;
    }
    memcpy(registry->names + *offset, name, size);
}

static enum status unit_put(struct registry *registry, const struct registry_unit *unit)
{
    enum status status = lookup_reserve(&registry->units, 1);
    if (status == STATUS_OK)
        status = words_reserve(registry, 2);
    if (status == STATUS_OK)
        status = names_reserve(registry, sizeof unit->name_zh + sizeof unit->name_en);
    if (status != STATUS_OK)
        return status;
    bool fresh = lookup_find(&registry->units, &unit->id) == NULL;
    struct unit_row *row = lookup_put(&registry->units, &unit->id);
    row->district = unit->district;
    row->role = (uint8_t)unit->role;
    row->department = word_put(registry, unit->department);
    row->plan = word_put(registry, unit->plan);
    name_put(registry, &row->name_zh, fresh, unit->name_zh);
    name_put(registry, &row->name_en, fresh, unit->name_en);
    return STATUS_OK;
}

static enum status key_put(struct registry *registry, const struct registry_key *key)
{
    enum status status = lookup_reserve(&registry->keys, 1);
    if (status == STATUS_OK)
        status = lookup_reserve(&registry->transports, 1);
    if (status != STATUS_OK)
        return status;
    struct key_row *row = lookup_put(&registry->keys, &key->id);
    row->unit = key->unit;
    row->algorithm = key->sign_public.algorithm;
    row->status = (uint8_t)key->status;
    row->ends_us = key->ends_us;
    memcpy(row->sign_public, key->sign_public.bytes, sizeof row->sign_public);
    memcpy(row->transport_public, key->transport_public, sizeof row->transport_public);
    struct transport_row *transport = lookup_put(&registry->transports, key->transport_public);
    transport->key = (uint32_t)lookup_number(&registry->keys, row);
    return STATUS_OK;
}

static enum status lock_put(struct registry *registry, const struct stored_lock *lock)
{
    enum status status = words_reserve(registry, 1);
    if (status == STATUS_OK)
        status = lookup_reserve(&registry->locks, 1);
    if (status != STATUS_OK)
        return status;
    struct lock_key key = {lock->place, (int32_t)lock->period, word_put(registry, lock->plan)};
    struct lock_row *row = lookup_put(&registry->locks, &key);
    row->locked = lock->locked;
    return STATUS_OK;
}

static enum status opening_put(struct registry *registry, const struct stored_opening *opening)
{
    enum status status = words_reserve(registry, 2);
    if (status == STATUS_OK)
        status = lookup_reserve(&registry->openings, 1);
    if (status != STATUS_OK)
        return status;
    struct opening_key key = {.place = opening->place,
                              .period = (int32_t)opening->period,
                              .plan = word_put(registry, opening->plan),
                              .form = word_put(registry, opening->form)};
    struct opening_row *row = lookup_put(&registry->openings, &key);
    row->opens_us = opening->opens_us;
    return STATUS_OK;
}

static enum status carrier_put(struct registry *registry, const struct stored_carrier *carrier)
{
    enum status status = lookup_reserve(&registry->carriers, 1);
    if (status != STATUS_OK)
        return status;
    struct carrier_key key = {carrier->unit, carrier->subtree};
    struct carrier_row *row = lookup_put(&registry->carriers, &key);
    row->granted = carrier->granted;
    return STATUS_OK;
}

/* One row of a page into the registry, under the lock; gives its mark. */
typedef enum status (*apply_row)(struct registry *registry, const PGresult *page, int row,
                                 int64_t *out_mark);

static enum status apply_unit(struct registry *registry, const PGresult *page, int row,
                              int64_t *out_mark)
{
    struct registry_unit unit;
    *out_mark = registry_store_unit(page, row, &unit);
    return unit_put(registry, &unit);
}

static enum status apply_key(struct registry *registry, const PGresult *page, int row,
                             int64_t *out_mark)
{
    struct registry_key key;
    *out_mark = registry_store_key(page, row, &key);
    return key_put(registry, &key);
}

static enum status apply_carrier(struct registry *registry, const PGresult *page, int row,
                                 int64_t *out_mark)
{
    struct stored_carrier carrier;
    *out_mark = registry_store_carrier(page, row, &carrier);
    return carrier_put(registry, &carrier);
}

static enum status apply_lock(struct registry *registry, const PGresult *page, int row,
                              int64_t *out_mark)
{
    struct stored_lock lock;
    *out_mark = registry_store_lock(page, row, &lock);
    return lock_put(registry, &lock);
}

static enum status apply_opening(struct registry *registry, const PGresult *page, int row,
                                 int64_t *out_mark)
{
    struct stored_opening opening;
    *out_mark = registry_store_opening(page, row, &opening);
    return opening_put(registry, &opening);
}

/* Applies a page and moves the mark; clears the page. Rows that were applied before one fails are
 * applied again by the next refresh, harmlessly. */
static enum status page_apply(struct registry *registry, PGresult *page, apply_row apply,
                              int64_t *mark)
{
    enum status status = STATUS_OK;
    int64_t reached = *mark;
    pthread_rwlock_wrlock(&registry->lock);
    for (int row = 0; row < PQntuples(page) && status == STATUS_OK; row++)
        status = apply(registry, page, row, &reached);
    pthread_rwlock_unlock(&registry->lock);
    PQclear(page);
    if (status == STATUS_OK)
        *mark = reached;
    else
        log_error("could not load the registry: %s", status_en(status));
    return status;
}

typedef enum status (*fetch_page)(struct db *db, int64_t after, PGresult **out_page);

/* Page after page until the mark is reached; a page that brings nothing ends it too. */
static enum status pages_load(struct registry *registry, struct db *db, fetch_page fetch,
                              apply_row apply, int64_t *mark, int64_t until)
{
    while (*mark < until) {
        PGresult *page = NULL;
        int64_t before = *mark;
        enum status status = fetch(db, *mark, &page);
        if (status == STATUS_OK)
            status = page_apply(registry, page, apply, mark);
        if (status != STATUS_OK)
            return status;
        if (*mark == before)
            return STATUS_OK;
    }
    return STATUS_OK;
}

/* All changes of places anew: they are few, and a history never changes once handed out. */
static enum status places_load(struct registry *registry, struct db *db, int64_t until)
{
    struct place_history *history = NULL;
    if (registry->history_count > 0 && registry->marks.place >= until)
        return STATUS_OK;
    enum status status = place_store_history(db, &history);
    if (status != STATUS_OK)
        return status;
    size_t size = (registry->history_count + 1) * sizeof(struct place_history *);
    pthread_rwlock_wrlock(&registry->lock);
    struct place_history **grown = realloc(registry->histories, size);
    if (grown != NULL) {
        registry->histories = grown;
        grown[registry->history_count++] = history;
        registry->marks.place = until;
    }
    pthread_rwlock_unlock(&registry->lock);
    if (grown != NULL)
        return STATUS_OK;
    place_history_destroy(&history);
    return STATUS_NO_MEMORY;
}

enum status registry_refresh(struct registry *registry, struct db *db, bool *out_changed)
{
    struct registry_marks now;
    struct registry_marks *marks = &registry->marks;
    enum status status = registry_store_marks(db, &now);
    if (status != STATUS_OK)
        return status;
    bool changed = memcmp(&now, marks, sizeof now) != 0;
    status = pages_load(registry, db, registry_store_units, apply_unit, &marks->unit, now.unit);
    if (status == STATUS_OK)
        status = pages_load(registry, db, registry_store_keys, apply_key, &marks->key, now.key);
    if (status == STATUS_OK)
        status = pages_load(registry, db, registry_store_carriers, apply_carrier, &marks->carrier,
                            now.carrier);
    if (status == STATUS_OK)
        status = registry_plans_load(registry, db, now.plan);
    if (status == STATUS_OK)
        status = pages_load(registry, db, registry_store_locks, apply_lock, &marks->lock, now.lock);
    if (status == STATUS_OK)
        status = places_load(registry, db, now.place);
    if (status == STATUS_OK)
        status = pages_load(registry, db, registry_store_openings, apply_opening, &marks->opening,
                            now.opening);
    if (status == STATUS_OK && out_changed != NULL)
        *out_changed = changed;
    return status;
}
