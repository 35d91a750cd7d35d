#include "plan/place_history.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/unit_id.h"

struct place_history {
    size_t count;
    struct place_change changes[];
};

enum status place_history_create(const struct place_change *changes, size_t count,
                                 struct place_history **out_history)
{
    if (count > PLACE_CHANGES_MAX)
        return STATUS_LIMIT;
    struct place_history *history = malloc(sizeof *history + count * sizeof *changes);
    if (history == NULL)
        return STATUS_NO_MEMORY;
    history->count = count;
    if (count > 0)
        memcpy(history->changes, changes, count * sizeof *changes);
    *out_history = history;
    return STATUS_OK;
}

void place_history_destroy(struct place_history **history)
{
    free(*history);
    *history = NULL;
}

static bool is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool is_day(int year, int month, int day)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    if (year < 1900 || month < 1 || month > 12 || day < 1)
        return false;
    return day <= days[month - 1] + (month == 2 && is_leap(year));
}

int place_date_parse(const char *text)
{
    static const char pattern[] = "0000-00-00";
    size_t length = strlen(text);
    if (length != 4 && length != 10)
        return 0;
    for (size_t i = 0; i < length; i++)
        if (pattern[i] == '0' ? !isdigit((unsigned char)text[i]) : text[i] != pattern[i])
            return 0;
    int year = (int)strtol(text, NULL, 10);
    int month = length == 4 ? 1 : (int)strtol(text + 5, NULL, 10);
    int day = length == 4 ? 1 : (int)strtol(text + 8, NULL, 10);
    return is_day(year, month, day) ? year * 10000 + month * 100 + day : 0;
}

static bool holds(const uint64_t *places, size_t count, uint64_t place)
{
    for (size_t i = 0; i < count; i++)
        if (places[i] == place)
            return true;
    return false;
}

static bool ends_place(const struct place_change *change, uint64_t place)
{
    return holds(change->from, change->from_count, place) &&
           !holds(change->to, change->to_count, place);
}

static bool touches(const struct place_change *change, uint64_t place)
{
    return holds(change->from, change->from_count, place) ||
           holds(change->to, change->to_count, place);
}

static bool counts_fit(const struct place_change *change)
{
    size_t from = change->from_count, to = change->to_count;
    if (from == 0 || to == 0 || from > PLACES_IN_CHANGE_MAX || to > PLACES_IN_CHANGE_MAX)
        return false;
    switch (change->kind) {
    case CHANGE_MERGE: return to == 1 && (from > 1 || change->from[0] != change->to[0]);
    case CHANGE_SPLIT: return from == 1 && to > 1;
    case CHANGE_RENAME: return from == 1 && to == 1;
    }
    return false;
}

static bool repeats(const uint64_t *places, size_t count, uint64_t *out_place)
{
    for (size_t i = 1; i < count; i++)
        if (holds(places, i, places[i])) {
            *out_place = places[i];
            return true;
        }
    return false;
}

/* One rule for every place named: STATUS_OK, or the first one's fault. */
typedef enum status (*place_rule)(const struct place_history *history,
                                  const struct place_change *change, uint64_t place, uint64_t own);

static enum status check_all(const struct place_history *history, const struct place_change *change,
                             uint64_t own, place_rule rule, uint64_t *out_place)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; i < change->from_count + change->to_count && status == STATUS_OK; i++) {
        uint64_t place =
            i < change->from_count ? change->from[i] : change->to[i - change->from_count];
        status = rule(history, change, place, own);
        *out_place = place;
    }
    return status;
}

static enum status is_ours(const struct place_history *history, const struct place_change *change,
                           uint64_t place, uint64_t own)
{
    (void)history, (void)change;
    return place_contains(own, place) && place != own ? STATUS_OK : STATUS_E_CHANGE_FOREIGN;
}

static enum status is_same_level(const struct place_history *history,
                                 const struct place_change *change, uint64_t place, uint64_t own)
{
    (void)history, (void)own;
    return place_level(place) == place_level(change->from[0]) ? STATUS_OK
                                                              : STATUS_E_CHANGE_SUCCESSOR;
}

/* History is only ever added to: nothing is dated on or before what the place went through. */
static enum status is_later(const struct place_history *history, const struct place_change *change,
                            uint64_t place, uint64_t own)
{
    (void)own;
    for (size_t i = 0; history != NULL && i < history->count; i++)
        if (history->changes[i].date >= change->date && touches(&history->changes[i], place))
            return STATUS_E_CHANGE_DATE;
    return STATUS_OK;
}

static const struct place_span *span_of(const struct place_span *known, size_t count,
                                        uint64_t place)
{
    for (size_t i = 0; i < count; i++)
        if (known[i].place == place)
            return &known[i];
    return NULL;
}

/* Those that end, or split, must be there on the day before. */
static enum status check_from(const struct place_change *change, const struct place_span *known,
                              size_t known_count, uint64_t *out_place)
{
    for (size_t i = 0; i < change->from_count; i++) {
        const struct place_span *span = span_of(known, known_count, change->from[i]);
        *out_place = change->from[i];
        if (span == NULL || (span->to != 0 && span->to < change->date) || span->to == change->date)
            return STATUS_E_SUBJECT_UNKNOWN;
        if (span->from >= change->date)
            return STATUS_E_CHANGE_DATE;
    }
    return STATUS_OK;
}

/* Whether `target` succeeds `place` by whatever way, at once or by and by. Each step of the walk is
 * one change further, so it ends. */
static bool succeeds(const struct place_history *history, uint64_t place, uint64_t target)
{
    for (size_t i = 0; history != NULL && i < history->count; i++) {
        const struct place_change *change = &history->changes[i];
        if (!ends_place(change, place))
            continue;
        for (size_t k = 0; k < change->to_count; k++)
            if (change->to[k] == target || succeeds(history, change->to[k], target))
                return true;
    }
    return false;
}

static enum status check_cycle(const struct place_history *history,
                               const struct place_change *change, uint64_t *out_place)
{
    for (size_t i = 0; i < change->from_count; i++)
        for (size_t k = 0; k < change->to_count; k++)
            if (change->from[i] != change->to[k] &&
                succeeds(history, change->to[k], change->from[i])) {
                *out_place = change->to[k];
                return STATUS_E_CHANGE_CYCLE;
            }
    return STATUS_OK;
}

/* A successor is there on the day: before it already, or from that very day. */
static enum status check_to(struct place_change *change, const struct place_span *known,
                            size_t known_count, uint64_t *out_place)
{
    for (size_t i = 0; i < change->to_count; i++) {
        const struct place_span *span = span_of(known, known_count, change->to[i]);
        *out_place = change->to[i];
        change->begins[i] = false;
        if (holds(change->from, change->from_count, change->to[i]))
            continue;
        if (span == NULL || span->from > change->date ||
            (span->to != 0 && span->to <= change->date))
            return STATUS_E_CHANGE_SUCCESSOR;
        change->begins[i] = span->from == change->date;
    }
    return STATUS_OK;
}

enum status place_change_check(const struct place_history *history, struct place_change *change,
                               const struct place_span *known, size_t known_count, uint64_t own,
                               uint64_t *out_place)
{
    *out_place = 0;
    if (!counts_fit(change))
        return STATUS_E_MALFORMED;
    if (change->date == 0)
        return STATUS_E_CHANGE_DATE;
    if (repeats(change->from, change->from_count, out_place) ||
        repeats(change->to, change->to_count, out_place))
        return STATUS_E_CHANGE_TWICE;
    enum status status = check_all(history, change, own, is_ours, out_place);
    if (status == STATUS_OK)
        status = check_all(history, change, own, is_same_level, out_place);
    if (status == STATUS_OK)
        status = check_all(history, change, own, is_later, out_place);
    if (status == STATUS_OK)
        status = check_cycle(history, change, out_place);
    if (status == STATUS_OK)
        status = check_from(change, known, known_count, out_place);
    if (status == STATUS_OK)
        status = check_to(change, known, known_count, out_place);
    return status;
}

static int last_day(int year)
{
    return year * 10000 + 1231;
}

bool place_in_force(const struct place_history *history, const struct place_span *span, int year)
{
    int day = last_day(year);
    if (span->from > day || (span->to != 0 && span->to <= day))
        return false;
    for (size_t i = 0; history != NULL && i < history->count; i++) {
        const struct place_change *change = &history->changes[i];
        if (change->date <= day && ends_place(change, span->place))
            return false;
    }
    return true;
}

static enum status add(struct territory *territory, uint64_t place)
{
    if (holds(territory->places, territory->count, place))
        return STATUS_OK;
    if (territory->count == TERRITORY_MAX)
        return STATUS_LIMIT;
    territory->places[territory->count++] = place;
    return STATUS_OK;
}

static void drop(struct territory *territory, uint64_t place)
{
    for (size_t i = 0; i < territory->count; i++)
        if (territory->places[i] == place)
            territory->places[i--] = territory->places[--territory->count];
}

/* Where the place's people are now: whatever succeeded it. */
static enum status follow(const struct place_history *history, struct territory *territory)
{
    enum status status = STATUS_OK;
    for (size_t i = 0; history != NULL && i < history->count && status == STATUS_OK; i++) {
        const struct place_change *change = &history->changes[i];
        bool moved = false;
        for (size_t k = 0; k < change->from_count; k++)
            if (ends_place(change, change->from[k]) &&
                holds(territory->places, territory->count, change->from[k])) {
                drop(territory, change->from[k]);
                moved = true;
            }
        for (size_t k = 0; moved && k < change->to_count && status == STATUS_OK; k++)
            status = add(territory, change->to[k]);
    }
    return status;
}

/* Back over one change: successors give way to those before them. Of a split of which only a place
 * is meant that was there before, that place stays: it grew by some part of the other. */
static enum status undo(const struct place_change *change, struct territory *territory)
{
    size_t held = 0, made = 0;
    for (size_t i = 0; i < change->to_count; i++) {
        bool is_held = holds(territory->places, territory->count, change->to[i]);
        held += is_held;
        made += is_held &&
                (change->begins[i] || holds(change->from, change->from_count, change->to[i]));
    }
    if (held == 0)
        return STATUS_OK;
    bool partial = change->kind == CHANGE_SPLIT && held < change->to_count;
    territory->breaks += partial;
    if (partial && made == 0)
        return STATUS_OK;
    for (size_t i = 0; i < change->to_count; i++)
        if (change->begins[i])
            drop(territory, change->to[i]);
    enum status status = STATUS_OK;
    for (size_t i = 0; i < change->from_count && status == STATUS_OK; i++)
        status = add(territory, change->from[i]);
    return status;
}

static int compare_places(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return (a > b) - (a < b);
}

enum status place_territory(const struct place_history *history, uint64_t place, int year,
                            struct territory *out_territory)
{
    struct territory territory = {.count = 1, .places = {place}};
    enum status status = follow(history, &territory);
    size_t count = history == NULL ? 0 : history->count;
    for (size_t i = count; i > 0 && status == STATUS_OK; i--)
        if (history->changes[i - 1].date > last_day(year))
            status = undo(&history->changes[i - 1], &territory);
    if (status != STATUS_OK)
        return status;
    qsort(territory.places, territory.count, sizeof *territory.places, compare_places);
    *out_territory = territory;
    return STATUS_OK;
}

static size_t across_add(uint64_t subtree, const uint64_t *places, size_t place_count,
                         uint64_t *districts, size_t count, size_t most)
{
    for (size_t i = 0; i < place_count && count < most; i++) {
        uint64_t district = place_ancestor(places[i], PLACE_DISTRICT);
        if (!place_contains(subtree, places[i]) && !holds(districts, count, district))
            districts[count++] = district;
    }
    return count;
}

static bool reaches_into(uint64_t subtree, const uint64_t *places, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (place_contains(subtree, places[i]))
            return true;
    return false;
}

size_t place_history_across(const struct place_history *history, uint64_t subtree,
                            uint64_t *out_districts, size_t most)
{
    size_t count = 0;
    for (size_t i = 0; history != NULL && i < history->count; i++) {
        const struct place_change *change = &history->changes[i];
        if (!reaches_into(subtree, change->from, change->from_count) &&
            !reaches_into(subtree, change->to, change->to_count))
            continue;
        count = across_add(subtree, change->from, change->from_count, out_districts, count, most);
        count = across_add(subtree, change->to, change->to_count, out_districts, count, most);
    }
    return count;
}
