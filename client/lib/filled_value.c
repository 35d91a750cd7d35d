#include "lib/filled_value.h"

#include <strings.h>

#include "text/csv.h"

static const struct {
    const char *text;
    enum presence presence;
} nothings[] = {
    {"不适用",      PRESENCE_NOT_APPLICABLE},
    {"N/A",            PRESENCE_NOT_APPLICABLE},
    {"NA",             PRESENCE_NOT_APPLICABLE},
    {"not applicable", PRESENCE_NOT_APPLICABLE},
    {"未采集",      PRESENCE_NOT_COLLECTED },
    {"not collected",  PRESENCE_NOT_COLLECTED },
    {"未报送",      PRESENCE_NOT_REPORTED  },
    {"not reported",   PRESENCE_NOT_REPORTED  },
};

static const struct {
    const char *text;
    int value;
} answers[] = {
    {"是",    1},
    {"有",    1},
    {"yes",    1},
    {"y",      1},
    {"true",   1},
    {"否",    0},
    {"无",    0},
    {"没有", 0},
    {"no",     0},
    {"n",      0},
    {"false",  0},
};

enum status filled_value_read(const char *text, enum element_type type,
                              struct filled_value *out_value)
{
    struct filled_value value = {.given = text[0] != '\0'};
    for (size_t i = 0; i < sizeof nothings / sizeof *nothings; i++)
        if (strcasecmp(text, nothings[i].text) == 0)
            value.presence = nothings[i].presence;
    if (value.given && value.presence == 0) {
        value.presence = PRESENCE_VALUE;
        bool answered = false;
        for (size_t i = 0; type == ELEMENT_YESNO && i < sizeof answers / sizeof *answers; i++)
            if (strcasecmp(text, answers[i].text) == 0) {
                value.value = answers[i].value;
                answered = true;
            }
        enum status status = answered ? STATUS_OK : number_parse(text, 0, &value.value);
        if (status != STATUS_OK)
            return type == ELEMENT_YESNO ? STATUS_E_YESNO : status;
    }
    *out_value = value;
    return STATUS_OK;
}
