/* Figures for the village form that any validator accepts: the same for the same unit, period and
 * revision, and different for the next revision. Made up, so their provenance says so.
 *
 * Built once from the form that the server describes; read by any thread afterwards. */
#ifndef ZHIBAO_FAULT_FIGURES_H
#define ZHIBAO_FAULT_FIGURES_H

#include <stdint.h>

#include "query.pb-c.h"

enum { FIGURES_CELLS_MAX = 100 };

struct figures;

/* What one report holds: fill one for each message being made. */
struct figures_report {
    Zhibao__Report message;
    Zhibao__Head head;
    Zhibao__Observations observations;
    uint32_t cell[FIGURES_CELLS_MAX], presence[FIGURES_CELLS_MAX];
    double value[FIGURES_CELLS_MAX];
};

/* Borrows the sheet. NULL, with a line on stderr, for a form with an element that this file does
 * not know or more cells than FIGURES_CELLS_MAX. */
struct figures *figures_create(const Zhibao__FormSheet *sheet);
void figures_destroy(struct figures **figures);

/* Everything but the head's id and time. *out_report must not move while it is in use. */
void figures_fill(const struct figures *figures, uint64_t unit, uint32_t period, uint32_t revision,
                  struct figures_report *out_report);

#endif
