#include "server/store/query_roots.h"

static enum status root_read(const PGresult *result, int row, struct arena *arena, void *out)
{
    (void)arena;
    return db_fixed(result, row, 0, out, ROOT_BYTES) ? STATUS_OK : STATUS_MISMATCH;
}

static enum status latest_read(struct db *db, uint64_t *out_latest)
{
    PGresult *result = NULL;
    enum status status = db_run(
        db, "select coalesce(max(number), 0) from zhibao.batch where chain = 1", NULL, &result);
    if (status == STATUS_OK)
        *out_latest = (uint64_t)db_int(result, 0, 0);
    PQclear(result);
    return status;
}

enum status query_roots(struct db *db, struct arena *arena, int64_t after, size_t limit,
                        struct root_row **out_rows, size_t *out_count, uint64_t *out_latest)
{
    struct db_params params;
    PGresult *result = NULL;
    void *rows = NULL;
    db_params_init(&params, arena);
    db_add_int(&params, after);
    db_add_int(&params, (int64_t)limit);
    enum status status = latest_read(db, out_latest);
    if (status == STATUS_OK)
        status = db_run(db,
                        "select header || set_byte('\\x00'::bytea, 0, algorithm) || key_id"
                        " || signature from zhibao.batch where chain = 1"
                        " and number > $1::bigint order by number limit $2::bigint",
                        &params, &result);
    if (status == STATUS_OK)
        status = db_rows(result, arena, sizeof(struct root_row), root_read, &rows, out_count);
    if (status == STATUS_OK)
        *out_rows = rows;
    return status;
}
