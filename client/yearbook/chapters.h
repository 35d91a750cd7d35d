/* The chapters of the yearbook, each in a file of its own: from what was gathered to a document. */
#ifndef ZHIBAO_YEARBOOK_CHAPTERS_H
#define ZHIBAO_YEARBOOK_CHAPTERS_H

#include "yearbook/book.h"
#include "yearbook/document.h"

/* Everything, in order; NULL without memory. */
struct document *yearbook_document(const struct book *book, struct arena *arena);

void chapter_front(const struct book *book, struct document *document); /* cover, how to read */
void chapter_overview(const struct book *book, struct document *document);
void chapter_domains(const struct book *book, struct document *document);
void chapter_warnings(const struct book *book, struct document *document);
void chapter_gaps(const struct book *book, struct document *document);
void chapter_quality(const struct book *book, struct document *document);
void chapter_methods(const struct book *book, struct document *document);
void chapter_plan(const struct book *book, struct document *document);

/* chapter_domains.c: a cell with a published figure, or with what there is instead of one. */
void figure_cell(const struct book *book, struct document *document, struct grid *grid,
                 const Zhibao__IndicatorResult *row);

#endif
