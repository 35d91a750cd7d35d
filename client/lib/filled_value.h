/* One value as people write it into a form. Pure; any thread. */
#ifndef ZHIBAO_LIB_FILLED_VALUE_H
#define ZHIBAO_LIB_FILLED_VALUE_H

#include "plan/form_check.h"

struct filled_value {
    bool given;        /* false: nothing was written */
    uint32_t presence; /* enum presence, when given */
    double value;      /* 0 unless presence is PRESENCE_VALUE */
};

/* Understands numbers (number_parse), 是/否/yes/no ... in a yes/no cell, 不适用, 未采集, 未报送 and
 * their English. STATUS_E_NOT_NUMBER, STATUS_E_NOT_FINITE or STATUS_E_YESNO for anything else. */
MUST_CHECK enum status filled_value_read(const char *text, enum element_type type,
                                         struct filled_value *out_value);

#endif
