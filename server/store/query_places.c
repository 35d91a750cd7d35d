#include "server/store/query_places.h"

#include "server/store/query_array.h"

/* The day is a row of its own: empty means today in China. */
static const char places_sql[] =
    "select p.place, p.name_zh, p.level::bigint, coalesce(p.parent, 0), p.valid_from::text,"
    " coalesce(p.valid_to::text, ''),"
    " (select array_agg(s.successor order by s.successor) from zhibao.place_succession s"
    "  where s.place = p.place and s.place_ends and s.valid_from = p.valid_to),"
    " (select array_agg(s.place order by s.place) from zhibao.place_succession s"
    "  where s.successor = p.place and s.place <> p.place)"
    " from (select coalesce(nullif($3, '')::date,"
    "  (now() at time zone 'Asia/Shanghai')::date) as day) d"
    " join zhibao.place p on p.place between $1::bigint and $2::bigint"
    "  and ($4::boolean or (p.valid_from <= d.day"
    "   and (p.valid_to is null or p.valid_to > d.day)))"
    " order by p.place, p.valid_from limit $5::bigint";

static uint64_t *places_read(const PGresult *result, int row, int column, struct arena *arena,
                             size_t *out_count)
{
    struct array_reader reader;
    array_open(&reader, result, row, column);
    uint64_t *places = arena_array(arena, reader.count, sizeof *places);
    size_t count = 0;
    while (places != NULL && reader.count > 0)
        places[count++] = (uint64_t)array_next_int(&reader);
    *out_count = count;
    return reader.bad ? NULL : places;
}

/* A message of this type in the arena, initialised. */
static ProtobufCMessage *message_new(struct arena *arena, const ProtobufCMessageDescriptor *type)
{
    ProtobufCMessage *message = arena_alloc(arena, type->sizeof_message);
    if (message != NULL)
        type->message_init(message);
    return message;
}

static enum status row_read(const PGresult *result, int row, struct arena *arena, void *out)
{
    Zhibao__PlaceRow *place =
        (Zhibao__PlaceRow *)message_new(arena, &zhibao__place_row__descriptor);
    if (place == NULL)
        return STATUS_NO_MEMORY;
    place->place = (uint64_t)db_int(result, row, 0);
    place->name_zh = arena_string(arena, db_text(result, row, 1));
    place->level = (uint32_t)db_int(result, row, 2);
    place->parent = (uint64_t)db_int(result, row, 3);
    place->valid_from = arena_string(arena, db_text(result, row, 4));
    place->valid_to = arena_string(arena, db_text(result, row, 5));
    place->successors = places_read(result, row, 6, arena, &place->n_successors);
    place->predecessors = places_read(result, row, 7, arena, &place->n_predecessors);
    bool whole = place->name_zh != NULL && place->valid_from != NULL && place->valid_to != NULL &&
                 place->successors != NULL && place->predecessors != NULL;
    if (!whole)
        return STATUS_NO_MEMORY;
    *(Zhibao__PlaceRow **)out = place;
    return STATUS_OK;
}

enum status query_places(struct db *db, struct arena *arena, uint64_t first, uint64_t last,
                         const char *day, bool history, size_t limit, Zhibao__PlaceRow ***out_rows,
                         size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)first);
    db_add_int(&params, (int64_t)last);
    db_add_text(&params, day);
    db_add_bool(&params, history);
    db_add_int(&params, (int64_t)limit);
    enum status status = db_run(db, places_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    void *rows = NULL;
    status = db_rows(result, arena, sizeof(Zhibao__PlaceRow *), row_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_rows = rows;
    return status;
}

static enum status event_read(const PGresult *result, int row, struct arena *arena, void *out)
{
    size_t size = 0;
    Zhibao__PlaceEvent *event =
        (Zhibao__PlaceEvent *)message_new(arena, &zhibao__place_event__descriptor);
    if (event == NULL)
        return STATUS_NO_MEMORY;
    event->change = (Zhibao__PlaceChangeKind)db_int(result, row, 0);
    event->valid_from = arena_string(arena, db_text(result, row, 1));
    event->from = places_read(result, row, 2, arena, &event->n_from);
    event->to = places_read(result, row, 3, arena, &event->n_to);
    event->name_zh = arena_string(arena, db_text(result, row, 4));
    event->reason = arena_string(arena, db_text(result, row, 5));
    event->unit = (uint64_t)db_int(result, row, 6);
    const uint8_t *id = db_bytes(result, row, 7, &size);
    event->id = (ProtobufCBinaryData){.len = size, .data = arena_copy(arena, id, size)};
    bool whole = event->valid_from != NULL && event->from != NULL && event->to != NULL &&
                 event->name_zh != NULL && event->reason != NULL && event->id.data != NULL;
    if (!whole)
        return STATUS_NO_MEMORY;
    *(Zhibao__PlaceEvent **)out = event;
    return STATUS_OK;
}

enum status query_place_events(struct db *db, struct arena *arena, const uint64_t *places,
                               size_t place_count, Zhibao__PlaceEvent ***out_events,
                               size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    int64_t *numbers = arena_array(arena, place_count, sizeof *numbers);
    if (numbers == NULL)
        return STATUS_NO_MEMORY;
    for (size_t i = 0; i < place_count; i++)
        numbers[i] = (int64_t)places[i];
    db_params_init(&params, arena);
    db_add_ints(&params, numbers, place_count);
    enum status status =
        db_run(db,
               "select c.change::bigint, c.valid_from::text, c.places, c.successors, c.name_zh,"
               " c.reason, c.unit, c.id from zhibao.place_change c"
               " where c.places && $1::bigint[] or c.successors && $1::bigint[]"
               " order by c.valid_from, c.changed",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    void *rows = NULL;
    status = db_rows(result, arena, sizeof(Zhibao__PlaceEvent *), event_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_events = rows;
    return status;
}
