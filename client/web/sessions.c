#include "web/sessions.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/bytes.h"
#include "proof/sign.h"

struct entry {
    struct hash token; /* of the cookie's text */
    int64_t begun_ms, used_ms;
    struct session session;
};

struct sessions {
    pthread_mutex_t lock;
    struct entry *entries[SESSIONS_MAX];
};

struct sessions *sessions_create(void)
{
    struct sessions *sessions = calloc(1, sizeof *sessions);
    if (sessions != NULL)
        pthread_mutex_init(&sessions->lock, NULL);
    return sessions;
}

static void drop(struct entry **entry)
{
    if (*entry != NULL)
        sodium_memzero(*entry, sizeof **entry);
    free(*entry);
    *entry = NULL;
}

void sessions_destroy(struct sessions **sessions)
{
    if (sessions == NULL || *sessions == NULL)
        return;
    for (size_t i = 0; i < SESSIONS_MAX; i++)
        drop(&(*sessions)->entries[i]);
    pthread_mutex_destroy(&(*sessions)->lock);
    free(*sessions);
    *sessions = NULL;
}

static bool is_over(const struct entry *entry, int64_t now_ms)
{
    return now_ms - entry->used_ms > SESSION_IDLE_MS || now_ms - entry->begun_ms > SESSION_WHOLE_MS;
}

/* A free place, made free when there is none. */
static struct entry **find_place(struct sessions *sessions, int64_t now_ms)
{
    struct entry **oldest = &sessions->entries[0];
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        struct entry **entry = &sessions->entries[i];
        if (*entry != NULL && is_over(*entry, now_ms))
            drop(entry);
        if (*entry == NULL)
            return entry;
        if ((*entry)->used_ms < (*oldest)->used_ms)
            oldest = entry;
    }
    drop(oldest);
    return oldest;
}

static void make_token(char out[SESSION_TOKEN_BYTES])
{
    uint8_t bytes[32];
    random_bytes(bytes, sizeof bytes);
    hex_encode(bytes, sizeof bytes, out);
}

void sessions_begin(struct sessions *sessions, const struct account *account, int64_t now_ms,
                    char out_token[SESSION_TOKEN_BYTES], struct session *out_session)
{
    struct session session = {
        .unit = account->unit, .peer = account->peer, .bundle_size = account->bundle_size};
    make_token(out_token);
    make_token(session.csrf);
    memcpy(session.name, account->name, sizeof session.name);
    memcpy(session.unit_name, account->unit_name, sizeof session.unit_name);
    memcpy(session.role, account->role, sizeof session.role);
    memcpy(session.salt, account->salt, sizeof session.salt);
    memcpy(session.bundle, account->bundle, sizeof session.bundle);
    *out_session = session;
    struct entry *entry = malloc(sizeof *entry);
    if (entry == NULL)
        return; /* the next request finds no session and says so */
    *entry = (struct entry){hash_bytes(out_token, strlen(out_token)), now_ms, now_ms, session};
    pthread_mutex_lock(&sessions->lock);
    *find_place(sessions, now_ms) = entry;
    pthread_mutex_unlock(&sessions->lock);
}

/* Names differ by case alone for nobody, as in the accounts' file. */
static bool is_of(const struct entry *entry, const char *name)
{
    return strcasecmp(entry->session.name, name) == 0;
}

/* The entry of a token, lock held. */
static struct entry **find_entry(struct sessions *sessions, const char *token)
{
    struct hash wanted = hash_bytes(token, strlen(token));
    for (size_t i = 0; i < SESSIONS_MAX; i++)
        if (sessions->entries[i] != NULL &&
            memcmp(&sessions->entries[i]->token, &wanted, sizeof wanted) == 0)
            return &sessions->entries[i];
    return NULL;
}

enum status sessions_find(struct sessions *sessions, const char *token, int64_t now_ms,
                          struct session *out_session)
{
    pthread_mutex_lock(&sessions->lock);
    struct entry **entry = find_entry(sessions, token);
    if (entry != NULL && is_over(*entry, now_ms)) {
        drop(entry);
        entry = NULL;
    }
    if (entry != NULL) {
        (*entry)->used_ms = now_ms;
        *out_session = (*entry)->session;
    }
    pthread_mutex_unlock(&sessions->lock);
    return entry == NULL ? STATUS_NOT_FOUND : STATUS_OK;
}

void sessions_end(struct sessions *sessions, const char *token)
{
    pthread_mutex_lock(&sessions->lock);
    struct entry **entry = find_entry(sessions, token);
    if (entry != NULL)
        drop(entry);
    pthread_mutex_unlock(&sessions->lock);
}

void sessions_end_all(struct sessions *sessions, const char *name)
{
    pthread_mutex_lock(&sessions->lock);
    for (size_t i = 0; i < SESSIONS_MAX; i++)
        if (sessions->entries[i] != NULL && is_of(sessions->entries[i], name))
            drop(&sessions->entries[i]);
    pthread_mutex_unlock(&sessions->lock);
}

size_t sessions_count(struct sessions *sessions, const char *name)
{
    size_t count = 0;
    int64_t now_ms = clock_monotonic_ms();
    pthread_mutex_lock(&sessions->lock);
    for (size_t i = 0; i < SESSIONS_MAX; i++) {
        const struct entry *entry = sessions->entries[i];
        if (entry != NULL && !is_over(entry, now_ms) && (name == NULL || is_of(entry, name)))
            count++;
    }
    pthread_mutex_unlock(&sessions->lock);
    return count;
}
