/* How the registry keeps its rows: compact, a whole country's 620,000 units and keys in about
 * 180 MB. Shared by registry.c (readers) and registry_load.c (the writer) only. */
#ifndef ZHIBAO_SERVER_TRUST_REGISTRY_ROWS_H
#define ZHIBAO_SERVER_TRUST_REGISTRY_ROWS_H

#include <pthread.h>

#include "plan/place_history.h"
#include "server/store/registry_store.h"
#include "server/trust/lookup.h"
#include "server/trust/registry.h"

enum { REGISTRY_WORD_BYTES = 64, REGISTRY_WORDS_MAX = 65535, TRANSPORT_BYTES = 32 };

/* Each row begins with its key, without padding inside the key. */
struct unit_row {
    uint64_t id;
    uint64_t district;
    uint32_t name_zh, name_en; /* offsets into names */
    uint16_t department, plan; /* row numbers in words */
    uint8_t role;
};

struct key_row {
    struct key_id id;
    uint64_t unit;
    uint8_t sign_public[SIGN_PUBLIC_BYTES];
    uint8_t transport_public[TRANSPORT_BYTES];
    uint8_t algorithm, status;
    int64_t ends_us;
};

struct transport_row {
    uint8_t transport_public[TRANSPORT_BYTES];
    uint32_t key; /* row number in keys */
};

struct carrier_key {
    uint64_t unit, subtree;
};
struct carrier_row {
    struct carrier_key key;
    bool granted;
};

struct lock_key {
    uint64_t place;
    int32_t period;
    uint32_t plan; /* row number in words */
};
struct lock_row {
    struct lock_key key;
    bool locked;
};

struct opening_key {
    uint64_t place;
    int32_t period;
    uint32_t plan, form; /* row numbers in words */
    uint32_t none;       /* 0: keys have no padding */
};
struct opening_row {
    struct opening_key key;
    int64_t opens_us;
};

struct plan_row {
    char code[REGISTRY_WORD_BYTES];
    const struct plan *plan;
};

struct form_key {
    char plan[REGISTRY_WORD_BYTES], form[REGISTRY_WORD_BYTES];
};
struct form_row {
    struct form_key key;
    struct registry_form form; /* form.form NULL: the plan in force has it no longer */
};

struct form_id_row {
    uint64_t id;
    struct registry_form form;
};

struct registry {
    pthread_rwlock_t lock;       /* over everything but marks */
    struct registry_marks marks; /* the refreshing thread's */
    struct lookup words;
    struct lookup units, keys, transports, carriers, locks, openings, plans, forms, form_ids;
    char *names; /* NUL-terminated strings one after another */
    size_t names_used, names_room;
    struct plan **loaded; /* every plan ever handed out, freed at the end */
    size_t loaded_count, loaded_room;
    struct place_history **histories; /* every one ever handed out; the last is in force */
    size_t history_count;
    struct boilerplate *boilerplate;
};

/* False when a name is too long to be one. */
bool registry_form_key(struct form_key *out_key, const char *plan, const char *form);

/* With the lock held. */
bool registry_word_find(const struct registry *registry, const char *text, uint16_t *out_word);

#endif
