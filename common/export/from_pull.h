/* From answers of the aggregator to rows. Pure. */
#ifndef ZHIBAO_EXPORT_FROM_PULL_H
#define ZHIBAO_EXPORT_FROM_PULL_H

#include "export.pb-c.h"
#include "export/export.h"
#include "query.pb-c.h"

/* Every indicator of a page; what names no indicator is left out. `published`: the page was asked
 * for with what may be published only. */
void export_pulled(struct export_writer *writer, const Zhibao__Pulled *page, bool published);

/* Every cell of every report of a page, those that a report leaves out as not reported. */
void export_figures(struct export_writer *writer, const Zhibao__FigureRows *page);

#endif
