/* An export as a spreadsheet: a sheet of rows with a heading that stays, and a sheet that says what
 * the columns and marks mean. Rows go to a temporary file as they come; the finished file goes into
 * the sink at the end. Needs libxlsxwriter: the library zhibao_xlsx. One thread. */
#ifndef ZHIBAO_EXPORT_XLSX_H
#define ZHIBAO_EXPORT_XLSX_H

#include "export/export.h"

/* As export_begin. NULL also when no temporary file can be made (in $TMPDIR or /tmp). */
struct export_writer *xlsx_begin(const struct export_head *head, struct sink *sink);

#endif
