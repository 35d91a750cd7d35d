#include "server/store/registry_store.h"

#include <stdio.h>
#include <string.h>

#include "base/unit_id.h"
#include "server/store/key_store.h"

enum { ARENA_BYTES = 16 * 1024 };

#define PAGE " limit 5000" /* REGISTRY_PAGE_ROWS */
_Static_assert(REGISTRY_PAGE_ROWS == 5000, "PAGE says the same");

enum status registry_store_marks(struct db *db, struct registry_marks *out_marks)
{
    PGresult *result = NULL;
    enum status status = db_run(db,
                                "select coalesce((select max(changed) from zhibao.unit), 0),"
                                " coalesce((select max(changed) from zhibao.unit_key), 0),"
                                " coalesce((select max(changed) from zhibao.carrier), 0),"
                                " coalesce((select max(changed) from zhibao.plan), 0),"
                                " coalesce((select max(batch) from zhibao.report_event"
                                "           where event in ('locked', 'unlocked')), 0),"
                                " coalesce((select max(changed) from zhibao.place_change), 0),"
                                " coalesce((select max(batch) from zhibao.calendar_entry), 0)",
                                NULL, &result);
    if (status != STATUS_OK)
        return status;
    *out_marks = (struct registry_marks){.unit = db_int(result, 0, 0),
                                         .key = db_int(result, 0, 1),
                                         .carrier = db_int(result, 0, 2),
                                         .plan = db_int(result, 0, 3),
                                         .lock = db_int(result, 0, 4),
                                         .place = db_int(result, 0, 5),
                                         .opening = db_int(result, 0, 6)};
    PQclear(result);
    return STATUS_OK;
}

/* Runs a statement whose only parameters are numbers. */
static enum status run_numbers(struct db *db, const char *sql, int64_t first, const int64_t *second,
                               PGresult **out_result)
{
    struct db_params params;
    struct arena *arena = arena_create(ARENA_BYTES);
    if (arena == NULL)
        return STATUS_NO_MEMORY;
    db_params_init(&params, arena);
    db_add_int(&params, first);
    if (second != NULL)
        db_add_int(&params, *second);
    enum status status = db_run(db, sql, &params, out_result);
    arena_destroy(&arena);
    return status;
}

/* Copies text, cut between characters when it is too long. */
static void copy_text(char *out, size_t size, const char *text)
{
    size_t length = strlen(text);
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char)text[length] & 0xc0) == 0x80)
            length--;
    }
    memcpy(out, text, length);
    memset(out + length, 0, size - length);
}

static void copy_bytes(const PGresult *result, int row, int column, uint8_t *out, size_t size)
{
    size_t stored = 0;
    const uint8_t *bytes = db_bytes(result, row, column, &stored);
    memset(out, 0, size);
    memcpy(out, bytes, stored < size ? stored : size);
}

static enum unit_role role_parse(const char *text)
{
    for (enum unit_role role = ROLE_VILLAGE; role <= ROLE_AUDITOR; role++)
        if (strcmp(role_text(role), text) == 0)
            return role;
    return ROLE_VILLAGE; /* the table's check constraint leaves no other; it may least */
}

enum status registry_store_units(struct db *db, int64_t after, PGresult **out_result)
{
    return run_numbers(db,
                       "select changed, unit, district, role, coalesce(department, ''), plan,"
                       " name_zh, name_en from zhibao.unit where changed > $1::bigint"
                       " order by changed" PAGE,
                       after, NULL, out_result);
}

int64_t registry_store_unit(const PGresult *result, int row, struct registry_unit *out_unit)
{
    out_unit->id = (uint64_t)db_int(result, row, 1);
    out_unit->district = (uint64_t)db_int(result, row, 2);
    out_unit->role = role_parse(db_text(result, row, 3));
    copy_text(out_unit->department, sizeof out_unit->department, db_text(result, row, 4));
    copy_text(out_unit->plan, sizeof out_unit->plan, db_text(result, row, 5));
    copy_text(out_unit->name_zh, sizeof out_unit->name_zh, db_text(result, row, 6));
    copy_text(out_unit->name_en, sizeof out_unit->name_en, db_text(result, row, 7));
    return db_int(result, row, 0);
}

enum status registry_store_keys(struct db *db, int64_t after, PGresult **out_result)
{
    return run_numbers(db,
                       "select changed, key_id, unit, algorithm, sign_public, transport_public,"
                       " status, ends_us from zhibao.unit_key where changed > $1::bigint"
                       " order by changed" PAGE,
                       after, NULL, out_result);
}

int64_t registry_store_key(const PGresult *result, int row, struct registry_key *out_key)
{
    const char *status = db_text(result, row, 6);
    memset(out_key, 0, sizeof *out_key);
    copy_bytes(result, row, 1, out_key->id.bytes, sizeof out_key->id.bytes);
    out_key->unit = (uint64_t)db_int(result, row, 2);
    out_key->sign_public.algorithm = (uint8_t)db_int(result, row, 3);
    copy_bytes(result, row, 4, out_key->sign_public.bytes, sizeof out_key->sign_public.bytes);
    copy_bytes(result, row, 5, out_key->transport_public, sizeof out_key->transport_public);
    out_key->status = strcmp(status, "active") == 0    ? KEY_ACTIVE
                      : strcmp(status, "pending") == 0 ? KEY_PENDING
                                                       : KEY_REVOKED;
    out_key->ends_us = db_int(result, row, 7);
    return db_int(result, row, 0);
}

enum status registry_store_carriers(struct db *db, int64_t after, PGresult **out_result)
{
    return run_numbers(db,
                       "select changed, unit, subtree, granted from zhibao.carrier"
                       " where changed > $1::bigint order by changed" PAGE,
                       after, NULL, out_result);
}

int64_t registry_store_carrier(const PGresult *result, int row, struct stored_carrier *out_carrier)
{
    out_carrier->unit = (uint64_t)db_int(result, row, 1);
    out_carrier->subtree = (uint64_t)db_int(result, row, 2);
    out_carrier->granted = db_bool(result, row, 3);
    return db_int(result, row, 0);
}

enum status registry_store_locks(struct db *db, int64_t after, PGresult **out_result)
{
    return run_numbers(db,
                       "select batch, plan, place, period, event = 'locked'"
                       " from zhibao.report_event where event in ('locked', 'unlocked')"
                       " and batch > $1::bigint order by chain, batch, leaf",
                       after, NULL, out_result);
}

int64_t registry_store_lock(const PGresult *result, int row, struct stored_lock *out_lock)
{
    out_lock->plan = db_text(result, row, 1);
    out_lock->place = (uint64_t)db_int(result, row, 2);
    out_lock->period = (int)db_int(result, row, 3);
    out_lock->locked = db_bool(result, row, 4);
    return db_int(result, row, 0);
}

enum status registry_store_openings(struct db *db, int64_t after, PGresult **out_result)
{
    return run_numbers(db,
                       "select batch, plan, form, place, period, opens_us"
                       " from zhibao.calendar_entry where level = 1 and batch > $1::bigint"
                       " order by chain, batch, leaf",
                       after, NULL, out_result);
}

int64_t registry_store_opening(const PGresult *result, int row, struct stored_opening *out_opening)
{
    out_opening->plan = db_text(result, row, 1);
    out_opening->form = db_text(result, row, 2);
    out_opening->place = (uint64_t)db_int(result, row, 3);
    out_opening->period = (int)db_int(result, row, 4);
    out_opening->opens_us = db_int(result, row, 5);
    return db_int(result, row, 0);
}

enum status registry_store_plans(struct db *db, int64_t after, PGresult **out_result)
{
    return run_numbers(db,
                       "select p.changed, p.plan, e.payload, e.batch, e.leaf from zhibao.plan p"
                       " join zhibao.registry_event e on e.district = p.district"
                       " and e.unit = p.unit and e.kind = 6 and e.id = p.id"
                       " where p.changed > $1::bigint order by p.changed limit 1",
                       after, NULL, out_result);
}

int64_t registry_store_plan(const PGresult *result, int row, struct stored_import *out_import)
{
    out_import->plan = db_text(result, row, 1);
    out_import->payload = db_bytes(result, row, 2, &out_import->payload_size);
    out_import->batch = db_int(result, row, 3);
    out_import->leaf = db_int(result, row, 4);
    return db_int(result, row, 0);
}

enum status registry_store_import_before(struct db *db, int64_t batch, int64_t leaf,
                                         PGresult **out_result)
{
    return run_numbers(db,
                       "select 0::bigint, ''::text, payload, batch, leaf from zhibao.registry_event"
                       " where kind = 6 and (batch, leaf) < ($1::bigint, $2::bigint)"
                       " order by batch desc, leaf desc limit 1",
                       batch, &leaf, out_result);
}

enum status registry_store_forms(struct db *db, const char *plan, PGresult **out_result)
{
    struct db_params params;
    struct arena *arena = arena_create(ARENA_BYTES);
    if (arena == NULL)
        return STATUS_NO_MEMORY;
    db_params_init(&params, arena);
    db_add_text(&params, plan);
    enum status status = db_run(
        db, "select form_id, form, version from zhibao.form where plan = $1", &params, out_result);
    arena_destroy(&arena);
    return status;
}

void registry_store_form(const PGresult *result, int row, struct stored_form *out_form)
{
    out_form->id = (int32_t)db_int(result, row, 0);
    out_form->form = db_text(result, row, 1);
    out_form->version = (uint32_t)db_int(result, row, 2);
}

enum status registry_store_place_name(struct db *db, struct arena *arena, uint64_t place,
                                      const char **out_name)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)place);
    enum status status = db_run(db,
                                "select name_zh from zhibao.place where place = $1::bigint"
                                " order by valid_from desc limit 1",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    const char *name = arena_string(arena, PQntuples(result) > 0 ? db_text(result, 0, 0) : "");
    PQclear(result);
    if (name == NULL)
        return STATUS_NO_MEMORY;
    *out_name = name;
    return STATUS_OK;
}

enum status registry_store_admin_unit(struct db *db, struct arena *arena, uint64_t place)
{
    struct db_params params;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)unit_make(place, UNIT_ADMIN));
    db_add_int(&params, (int64_t)place_ancestor(place, PLACE_DISTRICT));
    db_add_int(&params, (int64_t)place);
    /* the lock keeps the order of `changed` that of commits, which the registry relies on */
    enum status status = db_exec(db, "lock table zhibao.unit in share row exclusive mode", NULL);
    if (status != STATUS_OK)
        return status;
    return db_exec(db,
                   "insert into zhibao.unit (unit, district, place, role, plan, name_zh, name_en)"
                   " values ($1::bigint, $2::bigint, $3::bigint, 'admin', '', '系统管理员',"
                   " 'System administrator') on conflict (unit) do nothing",
                   &params);
}

enum status registry_store_first_code(struct db *db, uint64_t place, const uint8_t *code_id,
                                      const struct hash *secret_sha256, int64_t expires_us)
{
    struct arena *arena = arena_create(ARENA_BYTES);
    if (arena == NULL)
        return STATUS_NO_MEMORY;
    enum status status = db_exec(db, "begin", NULL);
    if (status == STATUS_OK)
        status = registry_store_admin_unit(db, arena, place);
    if (status == STATUS_OK)
        status = store_code_insert(db, arena, code_id, secret_sha256, unit_make(place, UNIT_ADMIN),
                                   0, expires_us);
    if (status == STATUS_OK)
        status = db_exec(db, "commit", NULL);
    arena_destroy(&arena);
    return status;
}

enum status registry_store_grant(struct db *db, struct arena *arena, uint64_t unit,
                                 uint64_t subtree, bool granted)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)unit);
    db_add_int(&params, (int64_t)subtree);
    db_add_bool(&params, granted);
    /* nothing is inserted to take back what was never granted */
    enum status status =
        db_run(db,
               "insert into zhibao.carrier as c (unit, subtree, granted)"
               " select $1::bigint, $2::bigint, true where $3::boolean or exists (select from"
               " zhibao.carrier o where o.unit = $1::bigint and o.subtree = $2::bigint)"
               " on conflict (unit, subtree) do update set granted = $3::boolean,"
               " changed = nextval('zhibao.registry_change') where c.granted <> $3::boolean"
               " returning true",
               &params, &result);
    if (status == STATUS_OK && PQntuples(result) == 0)
        status = STATUS_E_SUBJECT_STATE;
    PQclear(result);
    return status;
}
