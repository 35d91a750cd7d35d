/* The annex: behind every figure of the yearbook the reports, as two CSV files (UTF-8 with BOM, so
 * that spreadsheets know it). They hold no figure that the yearbook does not print, and no hash
 * from which one could be guessed. Pure. */
#ifndef ZHIBAO_YEARBOOK_ANNEX_H
#define ZHIBAO_YEARBOOK_ANNEX_H

#include <stdio.h>

#include "yearbook/book.h"

/* A row for each figure: kind (figure, gap, area), year, place, indicator, stratum, value as
 * published, number of reports, and `sources`: keys of the other file, "2025/village", with the
 * area where only urban or rural villages count. */
void annex_figures(const struct book *book, FILE *out);

/* A row for each report that counted: source, unit, revision, id, leaf hash, batch, leaf, root. */
void annex_reports(const struct book *book, FILE *out);

#endif
