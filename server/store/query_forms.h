/* The forms that were ever in force, and their cells. Any connection. */
#ifndef ZHIBAO_SERVER_STORE_QUERY_FORMS_H
#define ZHIBAO_SERVER_STORE_QUERY_FORMS_H

#include "server/store/db.h"

/* A stored form of a plan, old versions included. */
struct stored_form {
    int32_t id;
    uint32_t version;
    char *code;
};
MUST_CHECK enum status query_forms(struct db *db, struct arena *arena, const char *plan,
                                   struct stored_form **out_forms, size_t *out_count);

/* The cells of stored forms, ascending by form id and cell. */
struct stored_cell {
    int32_t form_id;
    uint32_t cell;
    char *element, *stratum;
};
MUST_CHECK enum status query_form_cells(struct db *db, struct arena *arena, const int64_t *forms,
                                        size_t form_count, struct stored_cell **out_cells,
                                        size_t *out_count);

#endif
