/* Made-up figures of a plan's units: every one a function of the seed, the unit, the element and
 * the year. One thread at a time (a place's people are kept for the next figure). */
#ifndef ZHIBAO_DEMO_FIGURES_H
#define ZHIBAO_DEMO_FIGURES_H

#include "demo/model.h"
#include "plan/form_check.h"

struct demo; /* borrows plan and model */

struct figure {
    enum presence presence;
    int64_t value; /* in units of the element's last decimal */
};

MUST_CHECK enum status demo_create(const struct plan *plan, const struct demo_model *model,
                                   uint64_t seed, struct demo **out_demo);
void demo_destroy(struct demo **demo);

/* One element of a unit, in a stratum. */
struct figure demo_figure(struct demo *demo, const struct unit *unit, int year, size_t element,
                          const char *stratum);

/* All cells of a form; `out_figures` has room for form->cell_count. */
void demo_figures(struct demo *demo, const struct unit *unit, const struct form *form, int year,
                  struct figure *out_figures);

/* The number as it is: value / 10^decimals, correctly rounded. */
double figure_number(const struct figure *figure, unsigned decimals);

#endif
