/* Getting the form that a command works on. */
#ifndef ZHIBAO_CLI_FORM_OPEN_H
#define ZHIBAO_CLI_FORM_OPEN_H

#include "cli/command.h"
#include "lib/blank_form.h"

enum { FORMS_MAX = 64, FORM_FRESH_S = 24 * 3600 };

/* The form's code: `given`, or the only form this unit fills in. NULL after a complaint. */
const char *form_code(struct context *context, const char *given, enum exit_code *out_code);

/* The form, from the server when the copy is older than `max_age_s`; NULL after a complaint. The
 * caller destroys it. */
struct blank_form *form_open(struct context *context, const char *code, uint32_t max_age_s,
                             enum exit_code *out_code);

#endif
