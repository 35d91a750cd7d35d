#include "server/store/query_forms.h"

enum status query_forms(struct db *db, struct arena *arena, const char *plan,
                        struct stored_form **out_forms, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_text(&params, plan);
    enum status status = db_run(db,
                                "select f.form_id, f.version, f.form from zhibao.form f"
                                " where f.plan = $1 order by f.form_id",
                                &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct stored_form *forms = arena_array(arena, count, sizeof *forms);
    if (forms == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        forms[i].id = (int32_t)db_int(result, (int)i, 0);
        forms[i].version = (uint32_t)db_int(result, (int)i, 1);
        forms[i].code = arena_string(arena, db_text(result, (int)i, 2));
        if (forms[i].code == NULL)
            status = STATUS_NO_MEMORY;
    }
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_forms = forms;
    *out_count = count;
    return STATUS_OK;
}

enum status query_form_cells(struct db *db, struct arena *arena, const int64_t *forms,
                             size_t form_count, struct stored_cell **out_cells, size_t *out_count)
{
    struct db_params params;
    PGresult *result = NULL;
    db_params_init(&params, arena);
    db_add_ints(&params, forms, form_count);
    enum status status =
        db_run(db,
               "select c.form_id, c.cell, c.element, c.stratum from zhibao.form_cell c"
               " where c.form_id = any ($1::bigint[]) order by c.form_id, c.cell",
               &params, &result);
    if (status != STATUS_OK)
        return status;
    size_t count = (size_t)PQntuples(result);
    struct stored_cell *cells = arena_array(arena, count, sizeof *cells);
    if (cells == NULL)
        status = STATUS_NO_MEMORY;
    for (size_t i = 0; i < count && status == STATUS_OK; i++) {
        cells[i].form_id = (int32_t)db_int(result, (int)i, 0);
        cells[i].cell = (uint32_t)db_int(result, (int)i, 1);
        cells[i].element = arena_string(arena, db_text(result, (int)i, 2));
        cells[i].stratum = arena_string(arena, db_text(result, (int)i, 3));
        if (cells[i].element == NULL || cells[i].stratum == NULL)
            status = STATUS_NO_MEMORY;
    }
    PQclear(result);
    if (status != STATUS_OK)
        return status;
    *out_cells = cells;
    *out_count = count;
    return STATUS_OK;
}
