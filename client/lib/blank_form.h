/* A form as the server describes it (FormSheet), made ready for form_check, so that a report can be
 * checked before it is sent and without a network.
 *
 * A FormCheck's `left` and `right` are sums of terms joined by + and -: `element`,
 * `element{key=value}` as in checks.csv, or `#12` for a cell by number. Its `op` is one of
 * <= >= = < for a row of checks.csv. What the plan's indicators imply has names of its own:
 * "bound-INDICATOR" (left <= right or, with a limit, "0.5*(right)"), "pair-INDICATOR" (op "pair":
 * both sides or neither), "parts-CELL" (op <= or =: the parts of a total against it).
 * Checks that this version cannot read are left to the server. Immutable; any thread. */
#ifndef ZHIBAO_LIB_BLANK_FORM_H
#define ZHIBAO_LIB_BLANK_FORM_H

#include "plan/form_check.h"
#include "query.pb-c.h"

struct blank_form;

/* Borrows the sheet's strings: it must outlive the form. STATUS_E_MALFORMED for a sheet whose cells
 * are not ascending or too many; STATUS_NO_MEMORY. */
MUST_CHECK enum status blank_form_create(const Zhibao__FormSheet *sheet,
                                         struct blank_form **out_form);
void blank_form_destroy(struct blank_form **form);

const Zhibao__FormSheet *blank_form_sheet(const struct blank_form *form);

/* For form_check: a plan that knows no more than this form. */
const struct plan *blank_form_plan(const struct blank_form *form);
const struct form *blank_form_form(const struct blank_form *form);

/* The sheet's cell of this number; NULL when there is none. */
const Zhibao__FormCell *blank_form_cell(const struct blank_form *form, uint32_t number);

/* How many checks of the sheet are applied, the rest being the server's to make. */
size_t blank_form_checks(const struct blank_form *form);

#endif
