/* The checks of a FormSheet as rules of form_check. Used by blank_form.c only; see blank_form.h for
 * what the checks' texts hold. */
#ifndef ZHIBAO_LIB_FORM_RULE_H
#define ZHIBAO_LIB_FORM_RULE_H

#include "base/arena.h"
#include "plan/plan.h"
#include "query.pb-c.h"

/* Sets form->rules, and *out_count to how many there are. The plan's elements and the form's cells
 * must be there. STATUS_OK or STATUS_NO_MEMORY. */
MUST_CHECK enum status form_rules_read(const Zhibao__FormSheet *sheet, const struct plan *plan,
                                       struct arena *arena, struct form *form, size_t *out_count);

#endif
