#include "plan/unit_text.h"

#include <stddef.h>
#include <string.h>

static const struct unit_text {
    const char *unit, *zh, *en;
} texts[] = {
    {"percent",     "%",            "%"            },
    {"permille",    "‰",          "‰"          },
    {"per_1000",    "/千",         " per 1,000"   },
    {"per_10000",   "/万",         " per 10,000"  },
    {"per_100000",  "/10万",       " per 100,000" },
    {"hours",       "小时",       " h"           },
    {"times",       "次",          " times"       },
    {"class_hours", "课时",       " class hours" },
    {"yuan",        "元",          " yuan"        },
    {"ug_m3",       "μg/m³",      " μg/m³"     },
    {"person",      "人",          " persons"     },
    {"household",   "户",          " households"  },
    {"institution", "所",          " institutions"},
    {"case",        "件",          " cases"       },
    {"place",       "处",          " places"      },
    {"class",       "班",          " classes"     },
    {"community",   "个社区",    " communities" },
    {"township",    "个乡镇",    " townships"   },
    {"platform",    "个平台",    " platforms"   },
    {"law",         "部",          " laws"        },
    {"measure",     "项",          " measures"    },
    {"item",        "项",          " items"       },
    {"kind",        "种",          " kinds"       },
    {"unit",        "个",          " units"       },
    {"bed",         "张",          " beds"        },
    {"dose",        "剂次",       " doses"       },
    {"facility",    "个设施",    " facilities"  },
    {"batch",       "批",          " batches"     },
    {"sample",      "份",          " samples"     },
    {"tonne",       "吨",          " tonnes"      },
    {"room",        "间",          " rooms"       },
    {"team",        "支",          " teams"       },
    {"10000 m3",    "万立方米", " 10,000 m³"  },
    {"count",       "",             ""             },
    {"index",       "",             ""             },
    {"yesno",       "",             ""             },
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
