/* What is told of a figure, once for all formats: the columns of the plain formats and the
 * components of the SDMX data structure. Used by the writers of this folder. Pure. */
#ifndef ZHIBAO_EXPORT_COLUMNS_H
#define ZHIBAO_EXPORT_COLUMNS_H

#include "export/export.h"

enum { CELL_TEXT_BYTES = 256 };

enum cell_kind { CELL_EMPTY, CELL_TEXT, CELL_NUMBER };

/* What a column says of one row. `text` leads into the row or into `room`. */
struct export_cell {
    enum cell_kind kind;
    const char *text;
    double number;
    const char *zh, *en; /* of a code: its names */
    const char *note;    /* of a code: other catalogues' codes for it; NULL none */
    char room[CELL_TEXT_BYTES], name_room[2][CELL_TEXT_BYTES];
};

typedef void (*export_fill)(const struct export_row *row, struct export_cell *cell);

enum export_role { ROLE_DIMENSION_OF = 1, ROLE_TIME_OF, ROLE_MEASURE_OF, ROLE_ATTRIBUTE_OF };

enum plain_type { PLAIN_TEXT, PLAIN_NUMBER, PLAIN_FLAG };

/* A column of the plain formats. */
struct export_column {
    const char *id, *zh, *en;
    unsigned what; /* of export_what */
    enum plain_type type;
    export_fill fill;
};

/* A component of the data structure; its id is its concept's too. */
struct export_component {
    const char *id, *zh, *en;
    unsigned what;
    enum export_role role;
    const char *codelist; /* NULL: not coded */
    const char *type;     /* of what is not coded: an SDMX data type */
    bool mandatory;
    export_fill fill;
};

/* Both end with an id of NULL. Dimensions come first, then time, measure, attributes. */
extern const struct export_column export_columns[];
extern const struct export_component export_components[];

/* A code that a codelist always has. */
struct fixed_code {
    const char *list, *id, *zh, *en;
};
extern const struct fixed_code fixed_codes[]; /* ended by a list of NULL */

/* A codelist's names; NULL past the last. */
struct code_list {
    const char *id, *zh, *en;
};
extern const struct code_list code_lists[]; /* ended by an id of NULL */

/* fill.c: what each says. */
void fill_freq(const struct export_row *row, struct export_cell *cell);
void fill_place(const struct export_row *row, struct export_cell *cell);
void fill_form(const struct export_row *row, struct export_cell *cell);
void fill_item(const struct export_row *row, struct export_cell *cell);
void fill_sex(const struct export_row *row, struct export_cell *cell);
void fill_age(const struct export_row *row, struct export_cell *cell);
void fill_residence(const struct export_row *row, struct export_cell *cell);
void fill_breakdown(const struct export_row *row, struct export_cell *cell);
void fill_year(const struct export_row *row, struct export_cell *cell);
void fill_value(const struct export_row *row, struct export_cell *cell);
void fill_unit(const struct export_row *row, struct export_cell *cell);
void fill_obs_status(const struct export_row *row, struct export_cell *cell);
void fill_obs_conf(const struct export_row *row, struct export_cell *cell);
void fill_provenance(const struct export_row *row, struct export_cell *cell);
void fill_attainment(const struct export_row *row, struct export_cell *cell);
void fill_status(const struct export_row *row, struct export_cell *cell);

#endif
