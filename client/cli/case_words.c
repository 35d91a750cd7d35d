#include "cli/case_words.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "lib/files.h"
#include "wire/codec.h"

#define END              \
    {                    \
        NULL, NULL, NULL \
    }

const struct case_word case_matters[] = {
    {"",             "",                ""                      },
    {"violence",     "遭受暴力",    "violence"              },
    {"neglect",      "疏忽照料",    "neglect"               },
    {"no-guardian",  "无人监护",    "no guardian"           },
    {"bullying",     "校园欺凌",    "school bullying"       },
    {"sexual-abuse", "疑似性侵害", "suspected sexual abuse"},
    {"injury",       "意外伤害",    "injury, accident"      },
    {"missing",      "失踪",          "missing"               },
    {"dropping-out", "失学辍学",    "dropping out"          },
    {"other",        "其他困境",    "other difficulty"      },
    END,
};
const struct case_word case_channels[] = {
    {"",              "",                ""             },
    {"village",       "村（社区）", "village"      },
    {"school",        "学校",          "school"       },
    {"kindergarten",  "幼儿园",       "kindergarten" },
    {"childcare",     "托育机构",    "childcare"    },
    {"hospital",      "医疗机构",    "hospital"     },
    {"police",        "公安",          "police"       },
    {"civil-affairs", "民政",          "civil affairs"},
    {"hotline",       "热线",          "hotline"      },
    {"patrol",        "巡查走访",    "patrol"       },
    {"self",          "儿童本人",    "the child"    },
    END,
};
const struct case_word case_risks[] = {
    {"",          "",          ""         },
    {"low",       "低风险", "low"      },
    {"medium",    "中风险", "medium"   },
    {"high",      "高风险", "high"     },
    {"emergency", "紧急",    "emergency"},
    END,
};
const struct case_word case_states[] = {
    {"",             "",                ""            },
    {"reported",     "已报告",       "reported"    },
    {"acknowledged", "已受理",       "acknowledged"},
    {"assessed",     "已评估",       "assessed"    },
    {"acted",        "已处置",       "acted on"    },
    {"assisted",     "帮扶中",       "assisted"    },
    {"reviewed",     "已复查",       "reviewed"    },
    {"closed",       "已结案",       "closed"      },
    {"reopened",     "重新开启",    "reopened"    },
    {"registered",   "在册",          "registered"  },
    {"left",         "已离开台账", "left"        },
    END,
};
const struct case_word case_actions[] = {
    {"",            "",                   ""                    },
    {"report",      "报告",             "report"              },
    {"acknowledge", "受理",             "acknowledge"         },
    {"assess",      "评估",             "assess"              },
    {"act",         "处置",             "act"                 },
    {"assist",      "帮扶",             "assist"              },
    {"review",      "复查",             "review"              },
    {"outcome",     "答复报告人",    "outcome"             },
    {"close",       "结案",             "close"               },
    {"reopen",      "重新开启",       "reopen"              },
    {"add",         "增加办理单位", "add a handler"       },
    {"leave",       "退出",             "leave"               },
    {"transfer",    "移送",             "transfer"            },
    {"accept",      "接收移送",       "accept"              },
    {"decline",     "不接收移送",    "decline"             },
    {"supplement",  "补充",             "supplement"          },
    {"register",    "建档",             "register"            },
    {"visit",       "走访",             "visit"               },
    {"deregister",  "离开台账",       "leave the register"  },
    {"rewrap",      "换发密钥",       "wrap for another key"},
    END,
};
const struct case_word case_roles[] = {
    {"",           "",          ""          },
    {"lead",       "牵头",    "lead"      },
    {"handler",    "办理",    "handler"   },
    {"member",     "协同",    "member"    },
    {"supervisor", "督查",    "supervisor"},
    {"offered",    "待接收", "offered"   },
    END,
};
const struct case_word case_purposes[] = {
    {"",            "",                      ""           },
    {"handling",    "办理",                "handling"   },
    {"supervision", "督查",                "supervision"},
    {"transfer",    "移送",                "transfer"   },
    {"figures",     "统计",                "figures"    },
    {"complaint",   "申诉、举报核查", "complaint"  },
    END,
};
const struct case_word case_duties[] = {
    {"",           "",             ""           },
    {"township",   "乡镇",       "township"   },
    {"intake",     "一门受理", "intake"     },
    {"police",     "公安",       "police"     },
    {"supervisor", "督查",       "supervisor" },
    {"above",      "上级",       "level above"},
    {"department", "部门",       "department" },
    END,
};

const struct case_word case_difficulties[] = {
    {"",            "",                   ""                  },
    {"orphan",      "孤儿",             "orphan"            },
    {"unraised",    "事实无人抚养", "raised by nobody"  },
    {"left-behind", "留守",             "left behind"       },
    {"hardship",    "困难家庭",       "family in hardship"},
    {"disabled",    "残疾",             "disabled"          },
    {"ill",         "重病",             "gravely ill"       },
    {"absent",      "失学辍学",       "out of school"     },
    {"harmed",      "遭受侵害",       "harmed"            },
    {"strayed",     "流浪",             "strayed"           },
    {"other",       "其他",             "other"             },
    END,
};

int case_word_value(const struct case_word *words, const char *slug)
{
    for (int i = 1; words[i].slug != NULL; i++)
        if (strcmp(words[i].slug, slug) == 0)
            return i;
    return 0;
}

const char *case_word_text(const struct context *context, const struct case_word *words, int value)
{
    int count = 0;
    while (words[count].slug != NULL)
        count++;
    const struct case_word *word = &words[value > 0 && value < count ? value : 0];
    return context->format == FORMAT_TABLE ? TR(context, word->zh, word->en) : word->slug;
}

char *case_text_read(struct context *context, const char *path)
{
    uint8_t *bytes = NULL;
    size_t size = 0;
    enum status status =
        file_read(strcmp(path, "-") == 0 ? "/dev/stdin" : path, CASE_TEXT_MAX, &bytes, &size);
    if (status != STATUS_OK) {
        complain(context, "文件 %s 读不出：%s", "cannot read %s: %s", path,
                 TR(context, status_zh(status), status_en(status)));
        return NULL;
    }
    char *text = NULL;
    if (!utf8_valid(bytes, size))
        complain(context, "文件 %s 不是UTF-8文字", "%s is not UTF-8 text", path);
    else
        text = arena_string(context->arena, (const char *)bytes);
    sodium_memzero(bytes, size);
    free(bytes);
    return text;
}
