#include "assess/panel_kind.h"

#include <string.h>
#include <strings.h>

struct hint {
    const char *text;
    enum assess_kind kind;
};

static const struct hint unit_hints[] = {
    {"per 100000",  ASSESS_PER_100000},
    {"per 100,000", ASSESS_PER_100000},
    {"per 10000",   ASSESS_PER_10000 },
    {"per 10,000",  ASSESS_PER_10000 },
    {"per 1000",    ASSESS_PER_1000  },
    {"per 1,000",   ASSESS_PER_1000  },
    {"per 100",     ASSESS_PER_10000 },
    {"‰",         ASSESS_PERMILLE  },
};

static const struct hint name_hints[] = {
    {".ENRR",   ASSESS_GROSS_PERCENT},
    {".ZS",     ASSESS_PERCENT      },
    {"SH.IMM.", ASSESS_PERCENT      },
    {".MORT",   ASSESS_PER_1000     },
    {".IMRT",   ASSESS_PER_1000     },
    {".NMRT",   ASSESS_PER_1000     },
    {".TFRT",   ASSESS_PER_1000     },
    {"gross",   ASSESS_GROSS_PERCENT},
};

enum { UNIT_HINTS = sizeof unit_hints / sizeof *unit_hints };
enum { NAME_HINTS = sizeof name_hints / sizeof *name_hints };

enum assess_kind panel_kind_guess(const char *indicator, const char *unit, double least,
                                  double most)
{
    for (size_t i = 0; i < UNIT_HINTS; i++)
        if (strcasestr(unit, unit_hints[i].text) != NULL)
            return unit_hints[i].kind;
    for (size_t i = 0; i < NAME_HINTS; i++)
        if (strstr(indicator, name_hints[i].text) != NULL)
            return name_hints[i].kind;
    if (least < 0)
        return ASSESS_MEASURE;
    if (strchr(unit, '%') != NULL)
        return most <= 100 ? ASSESS_PERCENT : ASSESS_GROSS_PERCENT;
    return most <= 100 ? ASSESS_PERCENT : ASSESS_PER_1000;
}

enum polarity panel_polarity_guess(enum assess_kind kind)
{
    bool rate = kind == ASSESS_PERMILLE || kind == ASSESS_PER_1000 || kind == ASSESS_PER_10000 ||
                kind == ASSESS_PER_100000;
    return rate ? POLARITY_LOWER : POLARITY_HIGHER;
}
