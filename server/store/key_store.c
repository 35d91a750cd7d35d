#include "server/store/key_store.h"

#include "base/unit_id.h"
#include "proof/enrol_code.h"

/* STATUS_NOT_FOUND unless the statement returned one row. */
static enum status one_row(struct db *db, const char *sql, const struct db_params *params)
{
    PGresult *result = NULL;
    enum status status = db_run(db, sql, params, &result);
    if (status == STATUS_OK && PQntuples(result) != 1)
        status = STATUS_NOT_FOUND;
    PQclear(result);
    return status;
}

enum status store_key_status(struct db *db, struct arena *arena, const uint8_t *key_id, size_t size,
                             bool revoke)
{
    struct db_params params;
    db_params_init(&params, arena);
    db_add_bytes(&params, key_id, size);
    return one_row(db,
                   revoke ? "update zhibao.unit_key set status = 'revoked',"
                            " changed = nextval('zhibao.registry_change')"
                            " where key_id = $1 and status <> 'revoked' returning 1"
                          : "update zhibao.unit_key set status = 'active',"
                            " changed = nextval('zhibao.registry_change')"
                            " where key_id = $1 and status = 'pending' returning 1",
                   &params);
}

/* $1 to $7: the id, the author's unit, the keys and the record that brings them. */
static void add_keys(struct db_params *params, const struct key_id *key_id, const struct leaf *leaf,
                     const Zhibao__KeyChange *change)
{
    db_add_bytes(params, key_id->bytes, sizeof key_id->bytes);
    db_add_int(params, (int64_t)leaf->unit);
    db_add_int(params, (int64_t)change->algorithm);
    db_add_bytes(params, change->sign_public.data, change->sign_public.len);
    db_add_bytes(params, change->transport_public.data, change->transport_public.len);
    db_add_bytes(params, change->encrypt_public.data, change->encrypt_public.len);
    db_add_bytes(params, leaf->id.bytes, sizeof leaf->id.bytes);
}

#define KEY_COLUMNS                                                                        \
    "(key_id, unit, algorithm, sign_public, transport_public, encrypt_public, brought_by," \
    " status, holder, office)"
#define KEY_VALUES "$1, $2::bigint, $3::smallint, $4, $5, $6, $7"

enum status store_key_insert(struct db *db, struct arena *arena, const struct leaf *leaf,
                             const Zhibao__KeyChange *change, const char *status)
{
    struct db_params params;
    db_params_init(&params, arena);
    add_keys(&params, &leaf->key, leaf, change);
    db_add_text(&params, status);
    db_add_text(&params, change->holder);
    db_add_text(&params, change->office);
    return db_exec(db,
                   "insert into zhibao.unit_key " KEY_COLUMNS " values (" KEY_VALUES ", $8, $9,"
                   " $10)",
                   &params);
}

enum status store_key_rotate(struct db *db, struct arena *arena, const struct leaf *leaf,
                             const Zhibao__KeyChange *change, const struct key_id *fresh,
                             int64_t ends_us)
{
    struct db_params params;
    db_params_init(&params, arena);
    add_keys(&params, fresh, leaf, change);
    db_add_bytes(&params, leaf->key.bytes, sizeof leaf->key.bytes);
    db_add_int(&params, ends_us);
    return one_row(db,
                   "with old as (update zhibao.unit_key set ends_us = $9::bigint,"
                   "  changed = nextval('zhibao.registry_change') where key_id = $8"
                   "  and unit = $2::bigint and status = 'active' and ends_us = 0"
                   "  returning holder, office)"
                   " insert into zhibao.unit_key " KEY_COLUMNS " select " KEY_VALUES
                   ", 'active', o.holder, o.office from old o returning 1",
                   &params);
}

enum status store_key_handover(struct db *db, struct arena *arena, const Zhibao__KeyChange *change)
{
    struct db_params params;
    db_params_init(&params, arena);
    db_add_bytes(&params, change->key.data, change->key.len);
    db_add_bytes(&params, change->successor.data, change->successor.len);
    return one_row(db,
                   "update zhibao.unit_key s set status = 'active', office = o.office,"
                   " changed = nextval('zhibao.registry_change') from zhibao.unit_key o"
                   " where s.key_id = $2 and o.key_id = $1 and o.unit = s.unit"
                   " and o.key_id <> s.key_id and s.status <> 'revoked' and o.status <> 'revoked'"
                   " and s.ends_us = 0"
                   " returning 1",
                   &params);
}

enum status store_code_use(struct db *db, struct arena *arena, const uint8_t *code_id,
                           const struct hash *secret_sha256, uint64_t unit, int64_t now_us,
                           const struct key_id *key, bool *out_first)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_bytes(&params, code_id, ENROL_CODE_ID_BYTES);
    db_add_bytes(&params, secret_sha256->bytes, sizeof secret_sha256->bytes);
    db_add_int(&params, (int64_t)unit);
    db_add_int(&params, now_us);
    db_add_bytes(&params, key->bytes, sizeof key->bytes);
    enum status status =
        db_run(db,
               "update zhibao.enrol_code set used_by_key = $5 where code_id = $1"
               " and secret_sha256 = $2 and unit = $3::bigint and expires_us > $4::bigint"
               " and used_by_key is null returning coalesce(issued_by, 0) = 0",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    if (PQntuples(result) == 1)
        *out_first = db_bool(result, 0, 0);
    else
        status = STATUS_NOT_FOUND;
    PQclear(result);
    return status;
}

enum status store_code_insert(struct db *db, struct arena *arena, const uint8_t *code_id,
                              const struct hash *secret_sha256, uint64_t unit, uint64_t issued_by,
                              int64_t expires_us)
{
    struct db_params params;
    db_params_init(&params, arena);
    db_add_bytes(&params, code_id, ENROL_CODE_ID_BYTES);
    db_add_bytes(&params, secret_sha256->bytes, sizeof secret_sha256->bytes);
    db_add_int(&params, (int64_t)unit);
    db_add_int(&params, (int64_t)issued_by);
    db_add_int(&params, expires_us);
    return db_exec(db,
                   "insert into zhibao.enrol_code (code_id, secret_sha256, unit, issued_by,"
                   " expires_us) values ($1, $2, $3::bigint, $4::bigint, $5::bigint)",
                   &params);
}

enum status store_units_without_key(struct db *db, struct arena *arena, uint64_t place,
                                    uint64_t after, size_t limit, uint64_t **out_units,
                                    size_t *out_count, bool *out_more)
{
    struct db_params params;
    PGresult *result = NULL;
    uint64_t first = 0;
    uint64_t last = 0;
    place_range(place, &first, &last);
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)first);
    db_add_int(&params, (int64_t)last);
    db_add_int(&params, (int64_t)after);
    db_add_int(&params, (int64_t)limit + 1);
    enum status status = db_run(
        db,
        "select u.unit from zhibao.unit u where u.place between $1::bigint and $2::bigint"
        " and u.unit > $3::bigint and not exists (select 1 from zhibao.unit_key k"
        " where k.unit = u.unit and k.status <> 'revoked' and " KEY_HOLDS("k") ") order by u.unit"
                                                                               " limit $4::bigint",
        &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t rows = (size_t)PQntuples(result);
    size_t count = rows > limit ? limit : rows;
    uint64_t *units = arena_array(arena, count, sizeof *units);
    for (size_t i = 0; units != NULL && i < count; i++)
        units[i] = (uint64_t)db_int(result, (int)i, 0);
    PQclear(result);
    if (units == NULL)
        return STATUS_NO_MEMORY;
    *out_units = units;
    *out_count = count;
    *out_more = rows > limit;
    return STATUS_OK;
}
