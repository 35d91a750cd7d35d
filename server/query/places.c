/* PLACES and PLACE_HISTORY: the places below one on a day, and what became of a place. */
#include <string.h>

#include "place.pb-c.h"
#include "plan/place_history.h"
#include "server/query/access.h"
#include "server/query/handlers.h"
#include "server/query/reply.h"
#include "server/store/query_places.h"

enum { PLACES_PAGE = 1000 };

static enum status place_check(struct query *query, uint64_t place)
{
    if (query_may_see_place(query, place))
        return STATUS_OK;
    return query_refuse(query, STATUS_E_FORBIDDEN, "place", "该行政区划不在本单位可查看的范围内",
                        "this place is outside what your unit may see");
}

/* The cursor is the last place of the page; all rows of a place go together. */
static size_t whole_places(Zhibao__PlaceRow **rows, size_t count)
{
    size_t kept = count;
    while (kept > 0 && rows[kept - 1]->place == rows[count - 1]->place)
        kept--;
    return kept;
}

enum status query_run_places(struct query *query, const ProtobufCMessage *request,
                             ProtobufCMessage **out_reply)
{
    const Zhibao__Places *asked = (const Zhibao__Places *)request;
    uint64_t place = asked->place == 0 ? unit_place(query->asker.id) : asked->place;
    uint64_t first = 0, last = 0;
    int64_t after = 0;
    Zhibao__PlacesReply *reply =
        (Zhibao__PlacesReply *)reply_new(query->arena, &zhibao__places_reply__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    if (asked->date[0] != '\0' && (strlen(asked->date) != 10 || place_date_parse(asked->date) == 0))
        return query_refuse(query, STATUS_E_CHANGE_DATE, "date", "日期应形如2026-07-01",
                            "a date is written 2026-07-01");
    enum status status = query_cursor(query, "cursor", asked->cursor, &after, 1);
    if (status == STATUS_OK)
        status = place_check(query, place);
    if (status != STATUS_OK)
        return status;
    place_range(place, &first, &last);
    if ((uint64_t)after >= first)
        first = (uint64_t)after + 1;
    status = query_places(query->db, query->arena, first, last, asked->date, asked->history,
                          PLACES_PAGE, &reply->places, &reply->n_places);
    if (status == STATUS_OK && reply->n_places == PLACES_PAGE) {
        reply->n_places = whole_places(reply->places, reply->n_places);
        int64_t next = (int64_t)reply->places[reply->n_places - 1]->place;
        reply->next = cursor_write(query->arena, &next, 1);
        status = reply->next == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    }
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}

static enum status name_add(struct query *query, uint64_t place, Zhibao__PlaceHistoryReply *reply)
{
    for (size_t i = 0; i < reply->n_names; i++)
        if (reply->names[i]->place == place)
            return STATUS_OK;
    Zhibao__PlaceName *name =
        (Zhibao__PlaceName *)reply_new(query->arena, &zhibao__place_name__descriptor);
    if (name == NULL)
        return STATUS_NO_MEMORY;
    name->place = place;
    name->name = query_unit_name(query, unit_make(place, UNIT_OWN));
    if (name->name == NULL)
        return STATUS_NO_MEMORY;
    reply->names[reply->n_names++] = name;
    return STATUS_OK;
}

static enum status names_add(struct query *query, Zhibao__PlaceHistoryReply *reply)
{
    size_t room = 0;
    for (size_t i = 0; i < reply->n_events; i++)
        room += reply->events[i]->n_from + reply->events[i]->n_to;
    reply->names = arena_array(query->arena, room, sizeof(Zhibao__PlaceName *));
    enum status status = reply->names == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    for (size_t i = 0; i < reply->n_events && status == STATUS_OK; i++) {
        const Zhibao__PlaceEvent *event = reply->events[i];
        for (size_t k = 0; k < event->n_from && status == STATUS_OK; k++)
            status = name_add(query, event->from[k], reply);
        for (size_t k = 0; k < event->n_to && status == STATUS_OK; k++)
            status = name_add(query, event->to[k], reply);
    }
    return status;
}

/* The place itself, what it is now, and what that was made of from the beginning. */
enum status query_run_place_history(struct query *query, const ProtobufCMessage *request,
                                    ProtobufCMessage **out_reply)
{
    const Zhibao__PlaceHistory *asked = (const Zhibao__PlaceHistory *)request;
    struct territory now, then;
    uint64_t places[2 * TERRITORY_MAX + 1] = {asked->place};
    const struct place_history *history = registry_places(query->registry);
    Zhibao__PlaceHistoryReply *reply = (Zhibao__PlaceHistoryReply *)reply_new(
        query->arena, &zhibao__place_history_reply__descriptor);
    if (reply == NULL)
        return STATUS_NO_MEMORY;
    enum status status = place_check(query, asked->place);
    if (status == STATUS_OK)
        status = place_territory(history, asked->place, 9999, &now);
    if (status == STATUS_OK)
        status = place_territory(history, asked->place, 0, &then);
    if (status != STATUS_OK)
        return status;
    memcpy(places + 1, now.places, now.count * sizeof *places);
    memcpy(places + 1 + now.count, then.places, then.count * sizeof *places);
    status = query_place_events(query->db, query->arena, places, 1 + now.count + then.count,
                                &reply->events, &reply->n_events);
    if (status == STATUS_OK)
        status = names_add(query, reply);
    if (status == STATUS_OK)
        *out_reply = &reply->base;
    return status;
}
