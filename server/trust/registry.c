#include "server/trust/registry.h"

#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "base/unit_id.h"
#include "server/clock/now.h"
#include "server/trust/registry_rows.h"

/* Zero-padded, because lookups compare keys byte by byte. False when it does not fit. */
static bool word_key(char out[REGISTRY_WORD_BYTES], const char *text)
{
    size_t length = strlen(text);
    if (length >= REGISTRY_WORD_BYTES)
        return false;
    memset(out, 0, REGISTRY_WORD_BYTES);
    memcpy(out, text, length);
    return true;
}

bool registry_form_key(struct form_key *out_key, const char *plan, const char *form)
{
    return word_key(out_key->plan, plan) && word_key(out_key->form, form);
}

bool registry_word_find(const struct registry *registry, const char *text, uint16_t *out_word)
{
    char key[REGISTRY_WORD_BYTES];
    if (!word_key(key, text))
        return false;
    const char *row = lookup_find(&registry->words, key);
    if (row == NULL)
        return false;
    *out_word = (uint16_t)lookup_number(&registry->words, row);
    return true;
}

enum status registry_create(struct registry **out_registry)
{
    struct registry *registry = calloc(1, sizeof *registry);
    pthread_rwlockattr_t attributes;
    if (registry == NULL)
        return STATUS_NO_MEMORY;
    /* readers come thousands of times a second and must not keep a revocation waiting */
    pthread_rwlockattr_init(&attributes);
    pthread_rwlockattr_setkind_np(&attributes, PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP);
    int failed = pthread_rwlock_init(&registry->lock, &attributes);
    pthread_rwlockattr_destroy(&attributes);
    if (failed != 0) {
        free(registry);
        return STATUS_NO_MEMORY;
    }
    if (boilerplate_create(&registry->boilerplate) != STATUS_OK) {
        pthread_rwlock_destroy(&registry->lock);
        free(registry);
        return STATUS_NO_MEMORY;
    }
    lookup_init(&registry->words, REGISTRY_WORD_BYTES, REGISTRY_WORD_BYTES);
    lookup_init(&registry->units, sizeof(struct unit_row), sizeof(uint64_t));
    lookup_init(&registry->keys, sizeof(struct key_row), sizeof(struct key_id));
    lookup_init(&registry->transports, sizeof(struct transport_row), TRANSPORT_BYTES);
    lookup_init(&registry->carriers, sizeof(struct carrier_row), sizeof(struct carrier_key));
    lookup_init(&registry->locks, sizeof(struct lock_row), sizeof(struct lock_key));
    lookup_init(&registry->openings, sizeof(struct opening_row), sizeof(struct opening_key));
    lookup_init(&registry->plans, sizeof(struct plan_row), REGISTRY_WORD_BYTES);
    lookup_init(&registry->forms, sizeof(struct form_row), sizeof(struct form_key));
    lookup_init(&registry->form_ids, sizeof(struct form_id_row), sizeof(uint64_t));
    *out_registry = registry;
    return STATUS_OK;
}

void registry_destroy(struct registry **registry)
{
    if (*registry == NULL)
        return;
    struct registry *gone = *registry;
    for (size_t i = 0; i < gone->loaded_count; i++)
        plan_destroy(&gone->loaded[i]);
    free(gone->loaded);
    for (size_t i = 0; i < gone->history_count; i++)
        place_history_destroy(&gone->histories[i]);
    free(gone->histories);
    free(gone->names);
    lookup_clear(&gone->words);
    lookup_clear(&gone->units);
    lookup_clear(&gone->keys);
    lookup_clear(&gone->transports);
    lookup_clear(&gone->carriers);
    lookup_clear(&gone->locks);
    lookup_clear(&gone->openings);
    lookup_clear(&gone->plans);
    lookup_clear(&gone->forms);
    lookup_clear(&gone->form_ids);
    boilerplate_destroy(&gone->boilerplate);
    pthread_rwlock_destroy(&gone->lock);
    free(gone);
    *registry = NULL;
}

const struct boilerplate *registry_boilerplate(const struct registry *registry)
{
    return registry->boilerplate;
}

void registry_take_boilerplate(struct registry *registry, struct boilerplate *list)
{
    boilerplate_destroy(&registry->boilerplate);
    registry->boilerplate = list;
}

static void key_copy(const struct key_row *row, struct registry_key *out_key)
{
    out_key->id = row->id;
    out_key->unit = row->unit;
    out_key->sign_public.algorithm = row->algorithm;
    out_key->ends_us = row->ends_us;
    bool ended = row->ends_us != 0 && server_now_us() >= row->ends_us;
    out_key->status = ended ? KEY_REVOKED : (enum key_status)row->status;
    memcpy(out_key->sign_public.bytes, row->sign_public, sizeof row->sign_public);
    memcpy(out_key->transport_public, row->transport_public, sizeof row->transport_public);
}

bool registry_key_by_id(struct registry *registry, const struct key_id *id,
                        struct registry_key *out_key)
{
    pthread_rwlock_rdlock(&registry->lock);
    const struct key_row *row = lookup_find(&registry->keys, id);
    if (row != NULL)
        key_copy(row, out_key);
    pthread_rwlock_unlock(&registry->lock);
    return row != NULL;
}

bool registry_key_by_transport(struct registry *registry, const uint8_t transport_public[32],
                               struct registry_key *out_key)
{
    pthread_rwlock_rdlock(&registry->lock);
    const struct transport_row *row = lookup_find(&registry->transports, transport_public);
    if (row != NULL)
        key_copy(lookup_row(&registry->keys, row->key), out_key);
    pthread_rwlock_unlock(&registry->lock);
    return row != NULL;
}

/* Names were cut to the size of the fields when they were loaded. */
static void name_copy(char out[REGISTRY_NAME_BYTES], const char *name)
{
    memcpy(out, name, strnlen(name, REGISTRY_NAME_BYTES - 1));
}

static void unit_copy(const struct registry *registry, const struct unit_row *row,
                      struct registry_unit *out_unit)
{
    memset(out_unit, 0, sizeof *out_unit);
    out_unit->id = row->id;
    out_unit->district = row->district;
    out_unit->role = (enum unit_role)row->role;
    /* words are longer than the fields, but were made from fields of this size */
    memcpy(out_unit->department, lookup_row(&registry->words, row->department),
           sizeof out_unit->department - 1);
    memcpy(out_unit->plan, lookup_row(&registry->words, row->plan), sizeof out_unit->plan - 1);
    name_copy(out_unit->name_zh, registry->names + row->name_zh);
    name_copy(out_unit->name_en, registry->names + row->name_en);
}

bool registry_unit(struct registry *registry, uint64_t id, struct registry_unit *out_unit)
{
    pthread_rwlock_rdlock(&registry->lock);
    const struct unit_row *row = lookup_find(&registry->units, &id);
    if (row != NULL)
        unit_copy(registry, row, out_unit);
    pthread_rwlock_unlock(&registry->lock);
    return row != NULL;
}

bool registry_may_carry(struct registry *registry, uint64_t carrier, uint64_t author)
{
    bool granted = false;
    uint64_t place = unit_place(author);
    bool township =
        unit_number(carrier) == UNIT_OWN && place_level(unit_place(carrier)) == PLACE_TOWNSHIP;
    if (carrier == author || (township && place_contains(unit_place(carrier), place)))
        return true;
    pthread_rwlock_rdlock(&registry->lock);
    for (int level = PLACE_NATION; level <= PLACE_VILLAGE && !granted; level++) {
        struct carrier_key key = {carrier, place_ancestor(place, (enum place_level)level)};
        const struct carrier_row *row = lookup_find(&registry->carriers, &key);
        granted = row != NULL && row->granted;
    }
    pthread_rwlock_unlock(&registry->lock);
    return granted;
}

const struct place_history *registry_places(struct registry *registry)
{
    pthread_rwlock_rdlock(&registry->lock);
    const struct place_history *history =
        registry->history_count == 0 ? NULL : registry->histories[registry->history_count - 1];
    pthread_rwlock_unlock(&registry->lock);
    return history;
}

const struct plan *registry_plan(struct registry *registry, const char *code)
{
    char key[REGISTRY_WORD_BYTES];
    if (!word_key(key, code))
        return NULL;
    pthread_rwlock_rdlock(&registry->lock);
    const struct plan_row *row = lookup_find(&registry->plans, key);
    const struct plan *plan = row == NULL ? NULL : row->plan;
    pthread_rwlock_unlock(&registry->lock);
    return plan;
}

const struct plan *registry_plan_of_year(struct registry *registry, const struct plan *plan,
                                         int year)
{
    const struct plan *found = NULL, *first = plan;
    pthread_rwlock_rdlock(&registry->lock);
    for (size_t i = 0; i < registry->plans.count; i++) {
        const struct plan *other = ((struct plan_row *)lookup_row(&registry->plans, i))->plan;
        if (other == NULL || other->place != plan->place)
            continue;
        if (year >= other->first_year && year <= other->last_year &&
            (found == NULL || other->first_year > found->first_year))
            found = other;
        if (other->first_year < first->first_year)
            first = other;
    }
    pthread_rwlock_unlock(&registry->lock);
    if (found == NULL)
        found = year < first->first_year ? first : plan;
    return plan_version(found, year);
}

bool registry_form(struct registry *registry, const char *plan, const char *form,
                   struct registry_form *out_form)
{
    struct form_key key;
    if (!registry_form_key(&key, plan, form))
        return false;
    pthread_rwlock_rdlock(&registry->lock);
    const struct form_row *row = lookup_find(&registry->forms, &key);
    bool found = row != NULL && row->form.form != NULL;
    if (found)
        *out_form = row->form;
    pthread_rwlock_unlock(&registry->lock);
    return found;
}

bool registry_form_by_id(struct registry *registry, int32_t id, struct registry_form *out_form)
{
    uint64_t key = (uint64_t)id;
    pthread_rwlock_rdlock(&registry->lock);
    const struct form_id_row *row = lookup_find(&registry->form_ids, &key);
    if (row != NULL)
        *out_form = row->form;
    pthread_rwlock_unlock(&registry->lock);
    return row != NULL;
}

bool registry_locked(struct registry *registry, const char *plan, uint64_t district, int period)
{
    uint16_t word = 0;
    bool locked = false;
    pthread_rwlock_rdlock(&registry->lock);
    bool known = registry_word_find(registry, plan, &word);
    for (int level = PLACE_NATION; known && level <= PLACE_VILLAGE && !locked; level++) {
        struct lock_key key = {place_ancestor(district, (enum place_level)level), (int32_t)period,
                               word};
        const struct lock_row *row = lookup_find(&registry->locks, &key);
        locked = row != NULL && row->locked;
    }
    pthread_rwlock_unlock(&registry->lock);
    return locked;
}

bool registry_opening(struct registry *registry, const char *plan, uint64_t district, int period,
                      const char *form, int64_t *out_opens_us)
{
    uint16_t plan_word = 0, form_word = 0;
    bool found = false;
    pthread_rwlock_rdlock(&registry->lock);
    bool known = registry_word_find(registry, plan, &plan_word) &&
                 registry_word_find(registry, form, &form_word);
    for (int level = PLACE_VILLAGE; known && level >= PLACE_NATION && !found; level--) {
        struct opening_key key = {.place = place_ancestor(district, (enum place_level)level),
                                  .period = (int32_t)period,
                                  .plan = plan_word,
                                  .form = form_word};
        const struct opening_row *row = lookup_find(&registry->openings, &key);
        found = row != NULL;
        if (found)
            *out_opens_us = row->opens_us;
    }
    pthread_rwlock_unlock(&registry->lock);
    return found;
}
