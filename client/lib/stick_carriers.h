/* Who may carry for whom, as the server says, or said when it was last asked. client/lib only. */
#ifndef ZHIBAO_LIB_STICK_CARRIERS_H
#define ZHIBAO_LIB_STICK_CARRIERS_H

#include "lib/card.h"

/* The card of `carrier` (0: the first one). STATUS_NOT_FOUND, STATUS_E_STICK_KEY. */
MUST_CHECK enum status carriers_card(struct zhibao *zhibao, uint64_t carrier, struct arena *arena,
                                     struct card *out_card);

/* STATUS_OK when this unit may carry for `author`, STATUS_E_FORBIDDEN when not. A township may for
 * its villages, without asking; what else is granted the server knows. */
MUST_CHECK enum status carriers_allow(struct zhibao *zhibao, uint64_t author, struct arena *arena);

#endif
