/* One CSV file of a plan while it is read: columns by name, cells by type, and a problem that names
 * file, line and column for everything that is wrong. Used by the readers of plan_load only.
 *
 * Getters never fail: they note the problem and give back something harmless, so that one pass
 * finds all problems; plan_load fails afterwards. Running out of memory sets sheet->failed. */
#ifndef ZHIBAO_PLAN_SHEET_H
#define ZHIBAO_PLAN_SHEET_H

#include <stdbool.h>

#include "base/arena.h"
#include "plan/plan.h"
#include "text/csv.h"

enum { SHEET_COLUMNS_MAX = 24 };

struct sheet {
    const char *file;
    struct table *table;
    struct problems *problems;
    struct arena *arena;
    const char *const *names; /* of the columns read; getters take an index into this array */
    size_t column[SHEET_COLUMNS_MAX];
    bool *failed; /* set when memory is short */
};

/* The file called `name`; NULL when it is not among them. */
const struct plan_file *sheet_find(const struct plan_file *files, size_t count, const char *name);

/* Reads the file called `file` and finds its columns (a name that ends in '?' is optional). False
 * when the file is missing, which plan_load has noted, or after a problem was noted: a column is
 * missing, or it is no table. Ended by sheet_close. */
bool sheet_open(struct sheet *sheet, const struct plan_file *files, size_t count, const char *file,
                const char *const *names, size_t name_count);
void sheet_close(struct sheet *sheet);

/* Data rows; row r of the getters counts from 0 behind the header. */
size_t sheet_rows(const struct sheet *sheet);

/* A zeroed array for `count` rows in the plan's arena; NULL sets *failed. */
void *sheet_array(const struct sheet *sheet, size_t count, size_t size);

/* The cell as the table has it; lives as long as the sheet. Never NULL. */
const char *sheet_cell(const struct sheet *sheet, size_t row, size_t column);

/* The cell's text in the plan's arena; "" when empty. */
const char *sheet_text(const struct sheet *sheet, size_t row, size_t column);

/* The same, with a problem when empty. */
const char *sheet_required(const struct sheet *sheet, size_t row, size_t column);

/* A slug of a-z, 0-9, '_', '-' and '.'; problem when empty or with anything else. */
const char *sheet_slug(const struct sheet *sheet, size_t row, size_t column);

/* A number; *out_has false and 0 when empty. */
double sheet_number(const struct sheet *sheet, size_t row, size_t column, bool *out_has);

/* A whole number from `least` to `most`, digits only; problem when empty, gives back `least`. */
uint64_t sheet_whole(const struct sheet *sheet, size_t row, size_t column, uint64_t least,
                     uint64_t most);

/* The same, but an empty cell is 0 and *out_has false. */
uint64_t sheet_optional(const struct sheet *sheet, size_t row, size_t column, uint64_t least,
                        uint64_t most, bool *out_has);

/* Index of the cell's word in `words` (NULL-terminated); problem and 0 for others. */
unsigned sheet_choice(const struct sheet *sheet, size_t row, size_t column,
                      const char *const *words);

/* "yes"/"no", "1"/"0", "true"/"false"; empty is no. */
bool sheet_flag(const struct sheet *sheet, size_t row, size_t column);

/* "" or tags "key=value" joined by ';'. */
const char *sheet_stratum(const struct sheet *sheet, size_t row, size_t column);

/* Notes a problem of one cell: what was found is added to the sentence. */
void sheet_problem(const struct sheet *sheet, size_t row, size_t column, const char *zh,
                   const char *en);

/* "file:line:column" of a cell. */
void sheet_field(const struct sheet *sheet, size_t row, size_t column,
                 char field[PROBLEM_FIELD_BYTES]);

#endif
