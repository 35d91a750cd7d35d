/* PDF through weasyprint, DOCX through pandoc with charts drawn by rsvg-convert: Debian packages,
 * run as child processes. The same document gives the same bytes: the time in the files is the
 * document's. */
#ifndef ZHIBAO_YEARBOOK_OFFICE_H
#define ZHIBAO_YEARBOOK_OFFICE_H

#include <stddef.h>
#include <stdint.h>

#include "cli/command.h"
#include "yearbook/document.h"

/* The file's bytes, malloc'ed: the caller frees. False after a complaint that says what to do:
 * *out_code EXIT_MISUSED. */
bool office_pdf(struct context *context, const struct document *document, uint8_t **out_bytes,
                size_t *out_size, enum exit_code *out_code);
bool office_docx(struct context *context, const struct document *document, uint8_t **out_bytes,
                 size_t *out_size, enum exit_code *out_code);

/* reference.c: the styles, page and header that pandoc takes over; STATUS_IO when it cannot be
 * written. */
MUST_CHECK enum status office_reference(const struct document *document, const char *path);

/* rows_kept.c: makes every table row of a DOCX whole on one page. STATUS_IO when it is none or
 * cannot be written. */
MUST_CHECK enum status office_keep_rows(const char *path);

#endif
