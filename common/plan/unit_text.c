#include "plan/unit_text.h"

#include <stddef.h>
#include <string.h>

static const struct unit_text {
    const char *unit, *zh, *en;
} texts[] = {
    {"percent",     "%",       "%"           },
    {"permille",    "‰",     "‰"         },
    {"per_1000",    "/千",    " per 1,000"  },
    {"per_10000",   "/万",    " per 10,000" },
    {"per_100000",  "/10万",  " per 100,000"},
    {"hours",       "小时",  " h"          },
    {"times",       "次",     " times"      },
    {"class_hours", "课时",  " class hours"},
    {"yuan",        "元",     " yuan"       },
    {"ug_m3",       "μg/m³", " μg/m³"    },
    {"count",       "",        ""            },
    {"index",       "",        ""            },
    {"yesno",       "",        ""            },
};

static const struct unit_text *find(const char *unit)
{
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        if (strcmp(texts[i].unit, unit) == 0)
            return &texts[i];
    return NULL;
}

const char *unit_zh(const char *unit)
{
    const struct unit_text *text = find(unit);
    return text == NULL ? unit : text->zh;
}

const char *unit_en(const char *unit)
{
    const struct unit_text *text = find(unit);
    return text == NULL ? unit : text->en;
}
