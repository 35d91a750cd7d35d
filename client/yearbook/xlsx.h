/* A document as a workbook: a cover, a sheet for each kind of table, and the text. The same
 * document gives the same bytes. */
#ifndef ZHIBAO_YEARBOOK_XLSX_H
#define ZHIBAO_YEARBOOK_XLSX_H

#include "base/status.h"
#include "yearbook/document.h"

/* Makes the file, which must not be there. STATUS_IO or STATUS_NO_MEMORY. */
MUST_CHECK enum status xlsx_write(const struct document *document, const char *path);

#endif
