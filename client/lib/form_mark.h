/* Which form, version, year and unit a sheet was made for, as one cell above its header says it:
 *
 *   zhibao plan=luzhai form=village version=1 year=2025 unit=450223102208
 *
 * so that another year's or another village's sheet is not taken for this one. The cell is
 * optional, and so are its parts but the form. Pure; any thread. */
#ifndef ZHIBAO_LIB_FORM_MARK_H
#define ZHIBAO_LIB_FORM_MARK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/unit_id.h"

enum { MARK_CODE_BYTES = 64, MARK_TEXT_BYTES = 320 };

struct form_mark {
    char plan[MARK_CODE_BYTES], form[MARK_CODE_BYTES]; /* "": not said */
    uint32_t version, year;                            /* 0: not said */
    uint64_t unit;                                     /* 0: not said */
};

/* False when the text is no mark, or one that names no form. */
bool form_mark_read(const char *text, struct form_mark *out_mark);

/* Returns text. */
char *form_mark_write(const struct form_mark *mark, char text[MARK_TEXT_BYTES]);

#endif
