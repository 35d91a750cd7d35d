#include "server/store/query_carriers.h"

#include "server/store/key_store.h"

/* clang-format off: a statement keeps its own lines */
static const char carriers_sql[] = "select " RECEIPT_COLUMNS(
    "t.kind",
    "t") ", t.payload, t.signature"
         " from zhibao.unit u"
         " join zhibao.unit_key k on k.unit = u.unit and k.status = 'active'"
         " join zhibao.registry_event t on t.district = u.district and t.unit = u.unit and t.kind "
         "= 5"
         "  and (t.id = k.brought_by or (k.brought_by is null and t.key_id = k.key_id))"
         "  and t.subject_unit = u.unit and " KEY_HOLDS(
             "k") " where u.unit <> $1::bigint and (u.unit = ($2::bigint - $2::bigint % 1000) * "
                  "1000"
                  "  or u.unit in (select c.unit from zhibao.carrier c where c.granted"
                  "   and c.subtree = any(zhibao.place_ancestors($2::bigint))))"
                  " order by u.unit, k.changed desc, t.batch, t.leaf limit $3::bigint";
/* clang-format on */

static enum status enrolment_read(const PGresult *result, int row, struct arena *arena,
                                  struct carrier_enrolment *out_enrolment)
{
    struct carrier_enrolment enrolment;
    const uint8_t *payload = db_bytes(result, row, RECEIPT_COLUMN_COUNT, &enrolment.payload_size);
    const uint8_t *signature =
        db_bytes(result, row, RECEIPT_COLUMN_COUNT + 1, &enrolment.signature_size);
    if (!receipt_row_read(result, row, 0, &enrolment.row))
        return STATUS_MISMATCH;
    enrolment.payload = arena_copy(arena, payload, enrolment.payload_size);
    enrolment.signature = arena_copy(arena, signature, enrolment.signature_size);
    if (enrolment.payload == NULL || enrolment.signature == NULL)
        return STATUS_NO_MEMORY;
    *out_enrolment = enrolment;
    return STATUS_OK;
}

enum status query_carriers(struct db *db, struct arena *arena, uint64_t unit, uint64_t place,
                           struct carrier_enrolment **out_enrolments, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)unit);
    db_add_int(&params, (int64_t)place);
    db_add_int(&params, CARRIERS_MAX);
    enum status status = db_run(db, carriers_sql, &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct carrier_enrolment *enrolments = arena_array(arena, count, sizeof *enrolments);
    if (enrolments == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++)
        status = enrolment_read(result, (int)i, arena, &enrolments[i]);
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_enrolments = enrolments;
    *out_count = count;
    return STATUS_OK;
}

enum status query_subtrees(struct db *db, struct arena *arena, uint64_t unit,
                           uint64_t **out_subtrees, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, (int64_t)unit);
    db_add_int(&params, SUBTREES_MAX);
    enum status status = db_run(db,
                                "select c.subtree from zhibao.carrier c where c.granted"
                                " and c.unit = $1::bigint order by 1 limit $2::bigint",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    uint64_t *subtrees = arena_array(arena, count, sizeof *subtrees);
    for (size_t i = 0; i < count && subtrees != NULL; i++)
        subtrees[i] = (uint64_t)db_int(result, (int)i, 0);
    PQclear(result);
    if (subtrees == NULL)
        return STATUS_NO_MEMORY;
    *out_subtrees = subtrees;
    *out_count = count;
    return STATUS_OK;
}
