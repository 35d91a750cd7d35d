/* From a filled-in file to a signed report in the outbox. */
#ifndef ZHIBAO_CLI_REPORT_H
#define ZHIBAO_CLI_REPORT_H

#include "cli/command.h"
#include "lib/filled_form.h"

struct report_file {
    const char *path;
    uint64_t unit;           /* the village that it is entered for; 0: this unit's own */
    uint32_t year, revision; /* revision 0: one more than the newest known */
    struct filled_form *filled;
};

/* How many bytes the report's payload will have, without names and note; 0 without memory. */
size_t report_size(struct context *context, const struct blank_form *blank,
                   const struct report_file *file, const struct filled_form *filled);

/* Signs and stores the report. The newest revision is looked up in the outbox, and at the server
 * when the outbox has none. A report with the same figures as the newest is not made again unless a
 * revision was given. False after a complaint. */
bool report_put(struct context *context, const struct blank_form *blank,
                const struct report_file *file, enum exit_code *out_code);

#endif
