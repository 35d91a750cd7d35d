#include "export/course.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/unit_id.h"
#include "export/from_pull.h"
#include "place.pb-c.h"

enum { PLACES_MAX = 1000000, CURSOR_BYTES = 256, DATE_BYTES = 16 };

enum stage { STAGE_PLACES, STAGE_FIGURES, STAGE_DONE };

struct course {
    struct course_wish wish;
    enum stage stage;
    uint32_t year;
    uint64_t *places;
    size_t count, room, at;
    char cursor[CURSOR_BYTES];
    char date[DATE_BYTES];
    uint64_t done;
};

static bool places_add(struct course *course, uint64_t place)
{
    if (course->count == course->room) {
        size_t room = course->room == 0 ? 64 : course->room * 2;
        uint64_t *places = realloc(course->places, room * sizeof *places);
        if (places == NULL)
            return false;
        course->places = places;
        course->room = room;
    }
    course->places[course->count++] = place;
    return true;
}

/* Whether the places below have to be asked for. */
static bool has_places(const struct course *course)
{
    return course->wish.what == EXPORT_RESULTS && course->wish.depth > 0;
}

/* False without memory. */
static bool year_begin(struct course *course)
{
    course->at = course->count = 0;
    course->cursor[0] = '\0';
    course->stage = has_places(course) ? STAGE_PLACES : STAGE_FIGURES;
    /* who reports for a year is decided on its last day */
    snprintf(course->date, sizeof course->date, "%04u-12-31", course->year % 10000);
    return places_add(course, course->wish.place);
}

struct course *course_create(const struct course_wish *wish)
{
    struct course *course = calloc(1, sizeof *course);
    if (course == NULL)
        return NULL;
    course->wish = *wish;
    course->year = wish->first_year;
    if (!year_begin(course))
        course_destroy(&course);
    return course;
}

void course_destroy(struct course **course)
{
    if (course == NULL || *course == NULL)
        return;
    free((*course)->places);
    free(*course);
    *course = NULL;
}

static ProtobufCMessage *ask_places(struct course *course, struct arena *arena)
{
    Zhibao__Places *asked = arena_alloc(arena, sizeof *asked);
    if (asked == NULL)
        return NULL;
    zhibao__places__init(asked);
    asked->place = course->wish.place;
    asked->date = course->date;
    asked->cursor = course->cursor;
    return &asked->base;
}

static ProtobufCMessage *ask_pull(struct course *course, struct arena *arena)
{
    Zhibao__Pull *asked = arena_alloc(arena, sizeof *asked);
    if (asked == NULL)
        return NULL;
    zhibao__pull__init(asked);
    asked->place = course->places[course->at];
    asked->period = course->year;
    asked->plan = course->wish.plan;
    asked->indicator = course->wish.indicator;
    asked->published = course->wish.published;
    asked->analysis = course->wish.strata && !course->wish.published;
    asked->cursor = course->cursor;
    return &asked->base;
}

static ProtobufCMessage *ask_figures(struct course *course, struct arena *arena)
{
    Zhibao__Figures *asked = arena_alloc(arena, sizeof *asked);
    if (asked == NULL)
        return NULL;
    zhibao__figures__init(asked);
    asked->place = course->places[course->at];
    asked->period = course->year;
    asked->plan = course->wish.plan;
    asked->form = course->wish.form;
    asked->cursor = course->cursor;
    return &asked->base;
}

bool course_ask(struct course *course, struct arena *arena, Zhibao__Kind *out_kind,
                ProtobufCMessage **out_body)
{
    if (course->stage == STAGE_DONE)
        return false;
    if (course->stage == STAGE_PLACES) {
        *out_kind = ZHIBAO__KIND__KIND_PLACES;
        *out_body = ask_places(course, arena);
    } else if (course->wish.what == EXPORT_RESULTS) {
        *out_kind = ZHIBAO__KIND__KIND_PULL;
        *out_body = ask_pull(course, arena);
    } else {
        *out_kind = ZHIBAO__KIND__KIND_FIGURES;
        *out_body = ask_figures(course, arena);
    }
    return true;
}

/* Remembers where the next page begins; `*out_more`: there is one. */
static enum status cursor_set(struct course *course, const char *next, bool *out_more)
{
    *out_more = next[0] != '\0';
    if (*out_more && (strlen(next) >= CURSOR_BYTES || strcmp(next, course->cursor) == 0))
        return STATUS_INVALID;
    snprintf(course->cursor, sizeof course->cursor, "%s", next);
    return STATUS_OK;
}

static enum status take_places(struct course *course, const Zhibao__PlacesReply *reply)
{
    bool more = false;
    unsigned level = (unsigned)place_level(course->wish.place);
    for (size_t i = 0; i < reply->n_places; i++) {
        const Zhibao__PlaceRow *row = reply->places[i];
        bool wanted = row->level > level && row->level - level <= course->wish.depth &&
                      row->place != course->places[course->count - 1];
        if (course->count > PLACES_MAX)
            return STATUS_LIMIT;
        if (wanted && !places_add(course, row->place))
            return STATUS_NO_MEMORY;
    }
    enum status status = cursor_set(course, reply->next, &more);
    if (status == STATUS_OK && !more)
        course->stage = STAGE_FIGURES;
    return status;
}

/* A place is done: the next one, the next year, or the end. */
static enum status step(struct course *course)
{
    course->done++;
    course->at++;
    if (course->at < course->count)
        return STATUS_OK;
    if (course->year >= course->wish.last_year) {
        course->stage = STAGE_DONE;
        return STATUS_OK;
    }
    course->year++;
    return year_begin(course) ? STATUS_OK : STATUS_NO_MEMORY;
}

enum status course_take(struct course *course, const ProtobufCMessage *answer,
                        struct export_writer *writer)
{
    bool more = false;
    enum status status = STATUS_OK;
    if (course->stage == STAGE_PLACES)
        return take_places(course, (const Zhibao__PlacesReply *)answer);
    if (course->wish.what == EXPORT_RESULTS) {
        const Zhibao__Pulled *page = (const Zhibao__Pulled *)answer;
        export_pulled(writer, page, course->wish.published);
        status = cursor_set(course, page->next, &more);
    } else {
        const Zhibao__FigureRows *page = (const Zhibao__FigureRows *)answer;
        export_figures(writer, page);
        status = cursor_set(course, page->next, &more);
    }
    return status == STATUS_OK && !more ? step(course) : status;
}

void course_progress(const struct course *course, uint64_t *out_done, uint64_t *out_all)
{
    uint64_t years = course->wish.last_year - course->year;
    uint64_t left = course->stage == STAGE_DONE ? 0 : course->count - course->at;
    *out_done = course->done;
    *out_all = course->done + left +
               (course->stage == STAGE_DONE ? 0 : years * (course->count == 0 ? 1 : course->count));
}
