#include "server/store/query_units.h"

#include <string.h>

#include "server/store/key_store.h"

/* One row a key; a unit without keys has one row with NULLs. */
static const char units_sql[] =
    "select u.unit, u.district, u.name_zh, u.name_en, u.role, coalesce(u.department, ''),"
    " coalesce(k.status, ''), k.key_id from (select * from zhibao.unit u"
    "  where u.unit between $1::bigint and $2::bigint order by u.unit limit $3::bigint) u"
    " left join lateral (select case when " KEY_HOLDS(
        "k") " then k.status else 'revoked' end as status,"
             "  k.key_id from zhibao.unit_key k where k.unit = u.unit"
             "  and (k.status <> 'revoked' and " KEY_HOLDS(
                 "k") " or not exists (select from zhibao.unit_key o"
                      "   where o.unit = u.unit and o.status <> 'revoked' and " KEY_HOLDS(
                          "o") "))"
                               "  order by k.status, k.changed desc limit $4::bigint) k on true"
                               " order by u.unit, k.status, k.key_id";

static enum status unit_begin(const PGresult *result, int row, struct arena *arena,
                              struct unit_row *out_unit)
{
    struct unit_row unit = {
        .unit = (uint64_t)db_int(result, row, 0),
        .district = (uint64_t)db_int(result, row, 1),
        .name_zh = arena_string(arena, db_text(result, row, 2)),
        .name_en = arena_string(arena, db_text(result, row, 3)),
        .role = arena_string(arena, db_text(result, row, 4)),
        .department = arena_string(arena, db_text(result, row, 5)),
        .key_status = "none",
    };
    if (unit.name_zh == NULL || unit.name_en == NULL || unit.role == NULL ||
        unit.department == NULL)
        return STATUS_NO_MEMORY;
    *out_unit = unit;
    return STATUS_OK;
}

/* Rows come active, pending, revoked: the first key's status is the best. */
static enum status key_add(const PGresult *result, int row, struct key_id *keys,
                           struct unit_row *unit)
{
    static const char *const statuses[] = {"active", "pending", "revoked"};
    size_t size = 0;
    const uint8_t *id = db_bytes(result, row, 7, &size);
    if (size != KEY_ID_BYTES)
        return STATUS_MISMATCH;
    for (size_t i = 0; unit->key_count == 0 && i < sizeof statuses / sizeof *statuses; i++)
        if (strcmp(db_text(result, row, 6), statuses[i]) == 0)
            unit->key_status = statuses[i];
    if (unit->key_count == 0)
        unit->keys = keys;
    memcpy(keys->bytes, id, KEY_ID_BYTES);
    unit->key_count++;
    return STATUS_OK;
}

static enum status rows_read(const PGresult *result, struct arena *arena, struct unit_row *units,
                             size_t *out_count)
{
    int rows = PQntuples(result);
    struct key_id *keys = arena_array(arena, (size_t)rows, sizeof *keys);
    enum status status = keys == NULL ? STATUS_NO_MEMORY : STATUS_OK;
    size_t count = 0;
    for (int row = 0; row < rows && status == STATUS_OK; row++) {
        uint64_t unit = (uint64_t)db_int(result, row, 0);
        if (count == 0 || units[count - 1].unit != unit)
            status = unit_begin(result, row, arena, &units[count++]);
        if (status == STATUS_OK && !PQgetisnull(result, row, 7))
            status = key_add(result, row, &keys[row], &units[count - 1]);
    }
    if (status == STATUS_OK)
        *out_count = count;
    return status;
}

enum status query_units(struct db *db, struct arena *arena, uint64_t first, uint64_t last,
                        size_t limit, struct unit_row **out_rows, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)first);
    db_add_int(&params, (int64_t)last);
    db_add_int(&params, (int64_t)limit);
    db_add_int(&params, UNIT_KEYS_MAX);
    enum status status = db_run(db, units_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    struct unit_row *units = arena_array(arena, limit, sizeof *units);
    size_t count = 0;
    status = units == NULL ? STATUS_NO_MEMORY : rows_read(result, arena, units, &count);
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_rows = units;
    *out_count = count;
    return STATUS_OK;
}
