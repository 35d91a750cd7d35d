/* Reading filled-in files and saying what is wrong with them. */
#ifndef ZHIBAO_CLI_FILL_FILE_H
#define ZHIBAO_CLI_FILL_FILE_H

#include "cli/command.h"
#include "lib/filled_form.h"

/* What else may be wrong, told after the file was read; `filled` is NULL when it could not be. */
typedef void fill_more(struct context *context, const struct filled_form *filled, void *pointer,
                       struct problems *problems);

/* The file's figures, or NULL after every problem was printed: as lines on stderr, or, with
 * `rows`, as rows of line, column, cell, code and message. The caller destroys the result. `more`
 * may be NULL. */
struct filled_form *fill_file(struct context *context, const struct blank_form *blank,
                              const char *path, const struct filled_history *history, bool rows,
                              fill_more *more, void *pointer);

#endif
