#include "plan/unit_words.h"

#include <stdio.h>
#include <string.h>

#include "text/utf8.h"

struct word {
    const char *code, *zh, *en;
};

static const struct word units[] = {
    {"percent",     "%",                "%"           },
    {"permille",    "‰",              "‰"         },
    {"per_1000",    "/千",             "per 1,000"   },
    {"per_10000",   "/万",             "per 10,000"  },
    {"per_100000",  "/10万",           "per 100,000" },
    {"count",       "个",              ""            },
    {"person",      "人",              "persons"     },
    {"household",   "户",              "households"  },
    {"class_hours", "课时",           "class hours" },
    {"hours",       "小时",           "hours"       },
    {"times",       "次",              "times"       },
    {"yesno",       "是/否",          "yes/no"      },
    {"yuan",        "元",              "yuan"        },
    {"institution", "所",              "institutions"},
    {"case",        "件",              "cases"       },
    {"place",       "处",              "places"      },
    {"class",       "班",              "classes"     },
    {"community",   "个社区",        "communities" },
    {"township",    "个乡镇",        "townships"   },
    {"platform",    "个平台",        "platforms"   },
    {"law",         "部",              "laws"        },
    {"measure",     "项",              "measures"    },
    {"item",        "项",              "items"       },
    {"kind",        "种",              "kinds"       },
    {"index",       "指数",           "index"       },
    {"ratio",       "比值",           "ratio"       },
    {"unit",        "个",              "units"       },
    {"bed",         "张",              "beds"        },
    {"dose",        "剂次",           "doses"       },
    {"facility",    "个设施",        "facilities"  },
    {"batch",       "批",              "batches"     },
    {"sample",      "份",              "samples"     },
    {"tonne",       "吨",              "tonnes"      },
    {"room",        "间",              "rooms"       },
    {"team",        "支",              "teams"       },
    {"10000 m3",    "万立方米",     "10,000 m³"  },
    {"ug_m3",       "微克/立方米", "µg/m³"     },
};

static const struct word tags[] = {
    {"sex=m",                        "男",                      "male"                   },
    {"sex=f",                        "女",                      "female"                 },
    {"area=urban",                   "城镇",                   "urban"                  },
    {"area=rural",                   "农村",                   "rural"                  },
    {"stage=kindergarten",           "幼儿园",                "kindergarten"           },
    {"stage=preschool",              "学前",                   "preschool"              },
    {"stage=primary",                "小学",                   "primary"                },
    {"stage=junior",                 "初中",                   "junior secondary"       },
    {"stage=senior",                 "高中",                   "senior secondary"       },
    {"institution=township_centre",  "乡镇卫生院",          "township health centre" },
    {"institution=community_centre", "社区卫生服务中心", "community health centre"},
    {"cause=animal",                 "动物伤害",             "animal"                 },
    {"cause=burn",                   "烧烫伤",                "burn"                   },
    {"cause=car",                    "交通",                   "traffic"                },
    {"cause=drop",                   "跌落",                   "drop"                   },
    {"cause=drown",                  "溺水",                   "drowning"               },
    {"cause=electric",               "触电",                   "electric shock"         },
    {"cause=fall",                   "跌倒",                   "fall"                   },
    {"cause=other",                  "其他",                   "other"                  },
    {"cause=poison",                 "中毒",                   "poisoning"              },
    {"disease=hepatitis_b",          "乙肝",                   "hepatitis B"            },
    {"disease=hiv",                  "艾滋病",                "HIV"                    },
    {"disease=syphilis",             "梅毒",                   "syphilis"               },
};

static const char *find(const struct word *words, size_t count, const char *code, bool english)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(words[i].code, code) == 0)
            return english ? words[i].en : words[i].zh;
    return NULL;
}

const char *unit_word(const char *unit, bool english)
{
    const char *word = find(units, sizeof units / sizeof *units, unit, english);
    return word == NULL ? unit : word;
}

/* One tag in words; ages are "age=0-2". */
static void put_tag(FILE *out, const char *tag, bool english)
{
    const char *word = find(tags, sizeof tags / sizeof *tags, tag, english);
    if (word != NULL)
        fputs(word, out);
    else if (strncmp(tag, "age=", 4) == 0)
        fprintf(out, english ? "aged %s" : "%s岁", tag + 4);
    else
        fputs(tag, out);
}

char *stratum_words(const char *stratum, bool english, char *out, size_t size)
{
    char copy[256];
    FILE *stream = size == 0 ? NULL : fmemopen(out, size, "w");
    out[0] = '\0';
    if (stream == NULL)
        return out;
    snprintf(copy, sizeof copy, "%s", stratum);
    char *rest = copy, *tag = NULL;
    for (bool first = true; (tag = strsep(&rest, ";")) != NULL; first = false) {
        if (!first)
            fputc(' ', stream);
        put_tag(stream, tag, english);
    }
    fclose(stream);
    out[size - 1] = '\0';
    out[utf8_cut(out, size - 1)] = '\0';
    return out;
}
