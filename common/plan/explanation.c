#include "plan/explanation.h"

#include <stdlib.h>
#include <string.h>

#include "proof/sign.h"
#include "text/fold.h"
#include "text/utf8.h"

/* Made from deploy/checks/boilerplate.txt at build time. */
extern const char text_boilerplate[];

enum {
    PHRASE_PART_CHARACTERS = 3, /* shorter ones ("无") may be part of any word */
    REST_CHARACTERS_MIN = 4,
    DISTINCT_MIN = 4,
};

struct phrase {
    char *written, *folded;
    size_t size, characters; /* of the folded one */
};

struct boilerplate {
    size_t count, room;
    struct phrase *phrases; /* the longest first, so that no part of a longer one stays behind */
};

static enum status phrase_add(struct boilerplate *list, const char *line, size_t length)
{
    struct phrase phrase = {0};
    if (list->count == BOILERPLATE_PHRASES_MAX)
        return STATUS_INVALID;
    if (list->count == list->room) {
        size_t room = list->room == 0 ? 64 : list->room * 2;
        struct phrase *grown = realloc(list->phrases, room * sizeof *grown);
        if (grown == NULL)
            return STATUS_NO_MEMORY;
        list->phrases = grown;
        list->room = room;
    }
    phrase.written = strndup(line, length);
    if (phrase.written == NULL)
        return STATUS_NO_MEMORY;
    enum status status = text_fold(phrase.written, &phrase.folded, &phrase.characters);
    if (status != STATUS_OK || phrase.characters == 0) {
        free(phrase.written);
        free(phrase.folded);
        return status == STATUS_E_TEXT ? STATUS_INVALID : status;
    }
    phrase.size = strlen(phrase.folded);
    list->phrases[list->count++] = phrase;
    return STATUS_OK;
}

static int longest_first(const void *left, const void *right)
{
    const struct phrase *a = left;
    const struct phrase *b = right;
    if (a->size != b->size)
        return a->size > b->size ? -1 : 1;
    return strcmp(a->folded, b->folded);
}

enum status boilerplate_read(const char *text, struct boilerplate **out_list)
{
    struct boilerplate *list = calloc(1, sizeof *list);
    enum status status = list == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    while (*text != '\0' && status == STATUS_OK) {
        size_t line = strcspn(text, "\r\n");
        size_t length = strcspn(text, "#\r\n");
        while (length > 0 && (text[length - 1] == ' ' || text[length - 1] == '\t'))
            length--;
        if (length > 0)
            status = phrase_add(list, text, length);
        text += line;
        text += strspn(text, "\r\n");
    }
    if (status != STATUS_OK) {
        boilerplate_destroy(&list);
        return status;
    }
    if (list->count > 1)
        qsort(list->phrases, list->count, sizeof *list->phrases, longest_first);
    *out_list = list;
    return STATUS_OK;
}

enum status boilerplate_create(struct boilerplate **out_list)
{
    return boilerplate_read(text_boilerplate, out_list);
}

void boilerplate_destroy(struct boilerplate **list)
{
    if (list == NULL || *list == NULL)
        return;
    for (size_t i = 0; i < (*list)->count; i++) {
        free((*list)->phrases[i].written);
        free((*list)->phrases[i].folded);
    }
    free((*list)->phrases);
    free(*list);
    *list = NULL;
}

size_t boilerplate_count(const struct boilerplate *list)
{
    return list->count;
}

const char *boilerplate_phrase(const struct boilerplate *list, size_t index)
{
    return list->phrases[index].written;
}

/* How many characters are left when every long phrase is cut out of `folded`, which it changes. */
static size_t rest_of(const struct boilerplate *list, char *folded, size_t characters)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct phrase *phrase = &list->phrases[i];
        char *found = folded;
        while (phrase->characters >= PHRASE_PART_CHARACTERS &&
               (found = strstr(found, phrase->folded)) != NULL) {
            memmove(found, found + phrase->size, strlen(found + phrase->size) + 1);
            characters -= phrase->characters;
        }
    }
    return characters;
}

static bool is_listed(const struct boilerplate *list, const char *folded)
{
    for (size_t i = 0; i < list->count; i++)
        if (strcmp(list->phrases[i].folded, folded) == 0)
            return true;
    return false;
}

/* Whether there are fewer than DISTINCT_MIN different characters. */
static bool is_monotonous(const char *folded)
{
    uint32_t seen[DISTINCT_MIN];
    size_t count = 0;
    for (size_t left = strlen(folded); left > 0;) {
        uint32_t code = 0;
        size_t known = 0;
        size_t length = utf8_next(folded, left, &code);
        if (length == 0)
            return false;
        while (known < count && seen[known] != code)
            known++;
        if (known == count)
            seen[count++] = code;
        if (count == DISTINCT_MIN)
            return false;
        folded += length;
        left -= length;
    }
    return true;
}

enum status explanation_judge(const struct boilerplate *list, const char *text,
                              struct explanation_key *out_key)
{
    char *folded = NULL;
    size_t characters = 0;
    enum status status = text_fold(text, &folded, &characters);
    if (status != STATUS_OK)
        return status;
    struct hash hash = hash_bytes(folded, strlen(folded));
    memcpy(out_key->bytes, hash.bytes, sizeof out_key->bytes);
    if (is_listed(list, folded))
        status = STATUS_E_EXPLANATION_BOILERPLATE;
    else if (characters < EXPLANATION_CHARACTERS_MIN)
        status = STATUS_E_EXPLANATION_SHORT;
    else if (is_monotonous(folded) || rest_of(list, folded, characters) < REST_CHARACTERS_MIN)
        status = STATUS_E_EXPLANATION_BOILERPLATE;
    free(folded);
    return status;
}
