#include "case/case_route.h"

#include <string.h>

#include "base/bytes.h"
#include "base/unit_id.h"

enum { ROLE_LEAD = 1, ROLE_HANDLER = 2, ROLE_SUPERVISOR = 4 };

/* From below upwards: whoever is left out, the next rung takes its place. */
static const enum case_duty ladder[] = {CASE_DUTY_TOWNSHIP, CASE_DUTY_INTAKE, CASE_DUTY_SUPERVISOR,
                                        CASE_DUTY_ABOVE};
enum { RUNGS = sizeof ladder / sizeof *ladder, NO_RUNG = RUNGS };

struct route {
    const struct case_seat *seats;
    size_t seat_count;
    uint64_t place;
    const struct case_named *named;
    struct case_recipient *recipients;
    size_t count;
    bool full;
};

static bool is_named(const struct case_named *named, const struct case_seat *seat)
{
    for (size_t i = 0; i < named->unit_count; i++)
        if (named->units[i] == seat->unit)
            return true;
    for (size_t i = 0; i < named->holder_count; i++)
        if (memcmp(named->holders[i].bytes, seat->holder.bytes, KEY_ID_BYTES) == 0)
            return true;
    return false;
}

/* Whether the seat is one of the duty for this case and may have it. */
static bool fits(const struct route *route, const struct case_seat *seat, enum case_duty duty)
{
    if (seat->duty != duty || is_named(route->named, seat))
        return false;
    return duty != CASE_DUTY_TOWNSHIP ||
           (route->place != 0 && place_contains(unit_place(seat->unit), route->place));
}

static bool is_listed(const struct route *route, const struct case_seat *seat)
{
    for (size_t i = 0; i < route->count; i++)
        if (memcmp(route->seats[route->recipients[i].seat].holder.bytes, seat->holder.bytes,
                   KEY_ID_BYTES) == 0)
            return true;
    return false;
}

/* Adds everybody of the duty who is not listed yet; false when there was nobody. */
static bool duty_add(struct route *route, enum case_duty duty, unsigned role, unsigned level)
{
    size_t before = route->count;
    for (size_t i = 0; i < route->seat_count; i++) {
        if (!fits(route, &route->seats[i], duty) || is_listed(route, &route->seats[i]))
            continue;
        if (route->count == CASE_RECIPIENTS_MAX)
            route->full = true;
        else
            route->recipients[route->count++] = (struct case_recipient){i, role, level};
    }
    return route->count > before;
}

/* Fills a place on the first rung from `rung` up that has anybody; that rung, or NO_RUNG. */
static size_t climb(struct route *route, size_t rung, unsigned role, unsigned level)
{
    while (rung < RUNGS && !duty_add(route, ladder[rung], role, level))
        rung++;
    return rung;
}

/* Whether nobody of the duty may have the case though the directory has some for this place. */
static bool is_left_out(const struct route *route, enum case_duty duty)
{
    static const struct case_named nobody = {0};
    struct route all = *route;
    bool some = false;
    all.named = &nobody;
    for (size_t i = 0; i < route->seat_count; i++) {
        if (fits(route, &route->seats[i], duty))
            return false;
        some = some || fits(&all, &route->seats[i], duty);
    }
    return some;
}

enum status case_route(const struct case_seat *seats, size_t seat_count, uint64_t place,
                       bool emergency, const struct case_named *named,
                       struct case_recipient out_recipients[CASE_RECIPIENTS_MAX], size_t *out_count)
{
    enum { RUNG_TOWNSHIP = 0, RUNG_INTAKE = 1, RUNG_SUPERVISOR = 2 };
    struct route route = {.seats = seats,
                          .seat_count = seat_count,
                          .place = place,
                          .named = named,
                          .recipients = out_recipients};
    unsigned level = 1;
    size_t top = climb(&route, RUNG_INTAKE, ROLE_LEAD, 0);
    if (top == NO_RUNG)
        return STATUS_NOT_FOUND;
    /* two see it at the same moment: where the township is left out, the next above the lead */
    if (!duty_add(&route, CASE_DUTY_TOWNSHIP, ROLE_HANDLER, 0) &&
        is_left_out(&route, CASE_DUTY_TOWNSHIP)) {
        size_t next = climb(&route, top + 1, ROLE_HANDLER, 0);
        top = next == NO_RUNG ? top : next;
    }
    if (emergency && !duty_add(&route, CASE_DUTY_POLICE, ROLE_HANDLER, 0)) {
        size_t next =
            climb(&route, top < RUNG_SUPERVISOR ? RUNG_SUPERVISOR : top + 1, ROLE_HANDLER, 0);
        top = next == NO_RUNG ? top : next;
    }
    for (size_t rung = top + 1; rung < RUNGS; rung++)
        if (duty_add(&route, ladder[rung], ROLE_SUPERVISOR, level))
            level++;
    if (route.full)
        return STATUS_LIMIT;
    *out_count = route.count;
    return STATUS_OK;
}

bool case_text_names(const char *text, uint64_t unit, const struct key_id *holder)
{
    enum { KEY_DIGITS = 2 * KEY_ID_BYTES };
    char word[KEY_DIGITS + 1];
    while (*text != '\0') {
        size_t length = strspn(text, "0123456789abcdefABCDEF:");
        struct key_id id;
        uint64_t named = 0;
        if (length > 0 && length <= KEY_DIGITS) {
            memcpy(word, text, length);
            word[length] = '\0';
            if (length == KEY_DIGITS && hex_decode(word, id.bytes, KEY_ID_BYTES) == STATUS_OK &&
                memcmp(id.bytes, holder->bytes, KEY_ID_BYTES) == 0)
                return true;
            if (unit_parse(word, &named) == STATUS_OK && named == unit)
                return true;
        }
        text += length > 0 ? length : 1;
    }
    return false;
}
