/* What the table readers of plan_load share. Used by plan_*.c only.
 *
 * Each read_* fills its part of reader->plan and notes every problem it finds. They run in the
 * order of the declarations: later ones resolve names against what earlier ones read. */
#ifndef ZHIBAO_PLAN_READER_H
#define ZHIBAO_PLAN_READER_H

#include "plan/sheet.h"

enum {
    PLAN_ROWS_MAX = 4096, /* of every table but places.csv: look-ups while reading are linear */
    PLAN_DEFINITIONS_MAX = 512,
    PLAN_RECONCILE_MAX = 128, /* all are answered together */
    PLAN_PLACES_MAX = 100000, /* a big city's villages several times over */
    PLAN_YEAR_MIN = 1990,
    PLAN_YEAR_MAX = 2100,
};

struct reader {
    const struct plan_file *files;
    size_t file_count;
    struct problems *problems;
    struct plan *plan; /* being filled; its strings live in plan->memory */
    bool failed;       /* memory is short */
};

/* Opens a file; false also when it has more than `rows_max` rows. Always ended by sheet_close. */
bool reader_open(struct reader *reader, struct sheet *sheet, const char *file,
                 const char *const *names, size_t name_count, size_t rows_max);

void read_departments(struct reader *reader);
void read_elements(struct reader *reader);
void read_indicators(struct reader *reader);
void read_checks(struct reader *reader);
void read_plan_row(struct reader *reader);
void read_places(struct reader *reader);
void read_units(struct reader *reader);
void read_targets(struct reader *reader);
void read_facts(struct reader *reader);
void read_forms(struct reader *reader); /* with cells.csv */
void read_duties(struct reader *reader);
void read_definitions(struct reader *reader);
void read_reconcile(struct reader *reader);

/* The elements joined by + or - in a cell; none for an empty one, problem unless `optional`. */
struct expression read_expression(struct reader *reader, const struct sheet *sheet, size_t row,
                                  size_t column, bool optional);

/* Index of the indicator named in a cell; PLAN_NONE when empty (problem unless `optional`) or
 * unknown (problem). */
size_t read_indicator_code(struct reader *reader, const struct sheet *sheet, size_t row,
                           size_t column, bool optional);

/* The tags of a cell, each key among the indicator's strata. */
const char *read_indicator_stratum(struct reader *reader, const struct sheet *sheet, size_t row,
                                   size_t column, size_t indicator);

/* "village", "township" or a department's code. */
const char *read_reporter(struct reader *reader, const struct sheet *sheet, size_t row,
                          size_t column);

/* A 12-digit place code; 0 with a problem for anything else. Empty is a problem unless
 * `optional`. */
uint64_t read_place_code(const struct sheet *sheet, size_t row, size_t column, bool optional);

size_t plan_department(const struct plan *plan, const char *code);

/* Notes a problem when the slug of `row` occurred in an earlier row. `codes` holds the earlier
 * rows' codes at a distance of `stride` bytes. */
void check_unique(const struct sheet *sheet, size_t row, size_t column, const void *codes,
                  size_t stride);

#endif
