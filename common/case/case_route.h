/* Who receives a case: by the district's directory, the place, the urgency, and who is named in it.
 *
 * Done by the reporter's client, which alone knows who is named. Pure; any thread. Rules:
 * proto/CASES.md section 5; cases as data: tests/rules/case_route.rules. */
#ifndef ZHIBAO_CASE_CASE_ROUTE_H
#define ZHIBAO_CASE_CASE_ROUTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "proof/sign.h"

/* Values of enum CaseDuty. */
enum case_duty {
    CASE_DUTY_TOWNSHIP = 1,
    CASE_DUTY_INTAKE,
    CASE_DUTY_POLICE,
    CASE_DUTY_SUPERVISOR,
    CASE_DUTY_ABOVE,
    CASE_DUTY_DEPARTMENT,
};

/* A holder's key of the directory. */
struct case_seat {
    uint64_t unit;
    enum case_duty duty;
    struct key_id holder;
};

struct case_named {
    const uint64_t *units; /* named in the case, or the reporter does not trust them with it */
    size_t unit_count;
    const struct key_id *holders; /* persons likewise */
    size_t holder_count;
};

/* A recipient: the index of its seat, its role (CaseRole: 1 lead, 2 handler, 4 supervisor), and the
 * level at which it sees the case (0: at once). */
struct case_recipient {
    size_t seat;
    unsigned role, level;
};

enum { CASE_RECIPIENTS_MAX = 64 };

/* `place`: where it happened, 0 when not known. Writes at most CASE_RECIPIENTS_MAX recipients, by
 * level, those who lead first; a holder is listed once. STATUS_NOT_FOUND: nobody is left
 * who could lead it: the reporter is shown the duty phone. STATUS_LIMIT. */
MUST_CHECK enum status case_route(const struct case_seat *seats, size_t seat_count, uint64_t place,
                                  bool emergency, const struct case_named *named,
                                  struct case_recipient out_recipients[CASE_RECIPIENTS_MAX],
                                  size_t *out_count);

/* Whether what a report says of who is named in it (CaseContent.named: codes of units and ids of
 * keys among other words) names this unit or this person. */
bool case_text_names(const char *text, uint64_t unit, const struct key_id *holder);

#endif
