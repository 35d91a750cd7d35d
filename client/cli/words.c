#include "cli/words.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/bytes.h"
#include "base/china_time.h"

struct word {
    const char *slug, *zh, *en;
};

static const struct word kinds[] = {
    {"",                "",                   ""                  },
    {"report",          "报告",             "report"            },
    {"review",          "审核",             "review"            },
    {"confirmation",    "汇总确认",       "confirmation"      },
    {"lock",            "锁定",             "lock"              },
    {"key",             "密钥变更",       "key change"        },
    {"plan",            "规划导入",       "plan import"       },
    {"",                "",                   ""                  },
    {"notice",          "通告",             "notice"            },
    {"calendar",        "填报时间",       "calendar"          },
    {"extension",       "延期",             "extension"         },
    [13] = {"place-change",    "区划变更",       "place change"      },
    [11] = {"task",            "督办",             "task"              },
    [12] = {"document",        "文件",             "document"          },
    [14] = {"contact",         "联系方式",       "contact"           },
    [16] = {"task-escalation", "督办提级",       "escalated task"    },
    [20] = {"comment",         "意见",             "comment"           },
    [15] = {"carrier",         "代送授权",       "carrier"           },
    [30] = {"case-report",     "个案报告",       "case report"       },
    [31] = {"case-directory",  "个案名录",       "directory of cases"},
    [32] = {"case-step",       "个案办理",       "step of a case"    },
    [33] = {"case-reading",    "个案查阅",       "reading of a case" },
    [46] = {"case-piece",      "个案附件",       "case attachment"   },
    [47] = {"case-key-end",    "个案密钥销毁", "end of a case key" },
};

static const struct word states[] = {
    {"",              "",                      ""                       },
    {"stored",        "已收讫",             "stored"                 },
    {"checked",       "已验签",             "checked"                },
    {"accepted",      "上级已通过",       "accepted"               },
    {"returned",      "已退回",             "returned"               },
    {"confirmed",     "已计入乡镇汇总", "confirmed"              },
    {"final",         "统计部门已通过", "final"                  },
    {"locked",        "已锁定",             "locked"                 },
    {"superseded",    "已被新版本取代", "superseded"             },
    {"bad_signature", "签名无效",          "bad signature"          },
    {"withdrawn",     "已撤回",             "withdrawn"              },
    {"unlocked",      "已解锁",             "unlocked"               },
    {"objected",      "村有异议",          "objected to"            },
    {"reviewed",      "审核人已签",       "reviewed"               },
    {"signed",        "负责人已签",       "signed"                 },
    {"reopened",      "汇总须重新确认", "reopened"               },
    {"corrected",     "锁定后更正",       "corrected after locking"},
};

static const struct word attainments[] = {
    {"",              "",                      ""              },
    {"met",           "达标",                "met"           },
    {"not_met",       "未达标",             "not met"       },
    {"no_data",       "无数据",             "no data"       },
    {"not_judgeable", "无法判断",          "not judgeable" },
    {"met_uncertain", "达标（不确定）", "met, uncertain"},
};

static const struct word presences[] = {
    {"",               "",          ""              },
    {"value",          "",          ""              },
    {"not_applicable", "不适用", "not applicable"},
    {"not_collected",  "未采集", "not collected" },
    {"not_reported",   "未报送", "not reported"  },
};

static const struct word roles[] = {
    {"village",    "村（社区）",       "village"         },
    {"township",   "乡镇（街道）",    "township"        },
    {"department", "部门",                "department"      },
    {"statistics", "统计部门",          "statistics"      },
    {"office",     "妇儿工委办公室", "committee office"},
    {"admin",      "系统管理员",       "administrator"   },
};

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const struct word *by_number(const struct word *words, size_t count, int number)
{
    static const struct word unknown = {"unknown", "未知", "unknown"};
    bool known = number >= 0 && (size_t)number < count && words[number].slug != NULL;
    return known ? &words[number] : &unknown;
}

static const char *by_slug(const struct context *context, const struct word *words, size_t count,
                           const char *slug)
{
    for (size_t i = 0; i < count; i++)
        if (words[i].slug != NULL && strcmp(words[i].slug, slug) == 0)
            return TR(context, words[i].zh, words[i].en);
    return slug;
}

static const char *in_language(const struct context *context, const struct word *word)
{
    return TR(context, word->zh, word->en);
}

const char *kind_text(const struct context *context, int kind)
{
    return in_language(context, by_number(kinds, COUNT(kinds), kind));
}

const char *state_text(const struct context *context, int state)
{
    return in_language(context, by_number(states, COUNT(states), state));
}

const char *state_slug(int state)
{
    return by_number(states, COUNT(states), state)->slug;
}

const char *step_text(const struct context *context, int state, int kind)
{
    if (state == ZHIBAO__STATE__STATE_UNSPECIFIED && kind == ZHIBAO__RECORD_KIND__RECORD_LOCK)
        return TR(context, "已解锁", "unlocked");
    return state_text(context, state);
}

const char *step_slug(int state, int kind)
{
    if (state == ZHIBAO__STATE__STATE_UNSPECIFIED && kind == ZHIBAO__RECORD_KIND__RECORD_LOCK)
        return "unlocked";
    return state_slug(state);
}

const char *attainment_text(const struct context *context, int attainment)
{
    return in_language(context, by_number(attainments, COUNT(attainments), attainment));
}

const char *attainment_slug(int attainment)
{
    return by_number(attainments, COUNT(attainments), attainment)->slug;
}

const char *presence_text(const struct context *context, int presence)
{
    return in_language(context, by_number(presences, COUNT(presences), presence));
}

const char *presence_slug(int presence)
{
    return by_number(presences, COUNT(presences), presence)->slug;
}

const char *role_words(const struct context *context, const char *role)
{
    return by_slug(context, roles, COUNT(roles), role);
}

char *time_text(int64_t time_us, char text[TIME_TEXT_BYTES])
{
    time_t seconds = (time_t)((time_us + 8 * CHINA_HOUR_US) / 1000000);
    struct tm parts;
    text[0] = '\0';
    if (time_us > 0 && gmtime_r(&seconds, &parts) != NULL)
        strftime(text, TIME_TEXT_BYTES, "%Y-%m-%d %H:%M:%S", &parts);
    return text;
}

char *id_text(const uint8_t *bytes, size_t size, char text[ID_TEXT_BYTES])
{
    return hex_encode(bytes, size > RECORD_ID_BYTES ? RECORD_ID_BYTES : size, text);
}

char *number_text(double value, unsigned decimals, char text[64])
{
    snprintf(text, 64, "%.*f", decimals > 9 ? 9 : (int)decimals, value);
    if (strpbrk(text, "123456789") == NULL && text[0] == '-')
        memmove(text, text + 1, strlen(text)); /* no "-0.00" */
    return text;
}

char *record_file_name(uint64_t unit, uint8_t kind, const struct record_id *id,
                       char text[RECORD_FILE_BYTES])
{
    char unit_name[UNIT_TEXT_BYTES], hex[2 * RECORD_ID_BYTES + 1];
    unit_format(unit, unit_name);
    char *colon = strchr(unit_name, ':');
    if (colon != NULL)
        *colon = '.';
    const char *name = record_kind_name(kind);
    snprintf(text, RECORD_FILE_BYTES, "%s-%s-%s", unit_name, name == NULL ? "unknown" : name,
             hex_encode(id->bytes, sizeof id->bytes, hex));
    return text;
}

const char *demonstration_mark(const struct context *context, bool demonstration)
{
    if (!demonstration)
        return "";
    return context->format == FORMAT_TABLE ? TR(context, "演示数据", "demonstration") : "1";
}
