#include "plan/plan_check.h"

#include <stdlib.h>

#include "plan/check_report.h"

enum { FINDINGS_BYTES_MAX = 64 * 1024 * 1024 };

/* In printing order: what contradicts itself first, then what is missing, then what to watch. */
static const struct {
    const char *kind, *zh;
    enum finding_severity severity;
    void (*run)(struct plan_checker *checker);
} checks[] = {
    {"draft-plan",                     "未定稿",                   SEVERITY_MEDIUM, check_draft               },
    {"baseline-order",                 "基数大小颠倒",          SEVERITY_HIGH,   check_baseline_order      },
    {"target-order",                   "目标大小颠倒",          SEVERITY_HIGH,   check_target_order        },
    {"target-worsens-with-time",       "后期目标更差",          SEVERITY_HIGH,   check_worsens             },
    {"no-progress-between-years",      "前后年目标相同",       SEVERITY_MEDIUM, check_no_progress         },
    {"target-looser-than-baseline",    "目标松于基数",          SEVERITY_HIGH,   check_looser_than_baseline},
    {"target-equals-baseline",         "目标等于基数",          SEVERITY_MEDIUM, check_equals_baseline     },
    {"verb-contradicts-direction",     "用词与方向不符",       SEVERITY_HIGH,   check_verb                },
    {"base-conflict",                  "基数前后不一",          SEVERITY_HIGH,   check_base_conflict       },
    {"higher-level-stricter",          "上级目标更严",          SEVERITY_MEDIUM, check_higher_stricter     },
    {"impossible-percentage",          "不可能的百分数",       SEVERITY_HIGH,   check_impossible          },
    {"single-unit-share",              "一个单位的比例",       SEVERITY_MEDIUM, check_single_unit         },
    {"no-baselines",                   "全无基数",                SEVERITY_MEDIUM, check_no_baselines        },
    {"baseline-missing",               "缺基数",                   SEVERITY_MEDIUM, check_baseline_missing    },
    {"decrease-without-base",          "升降没有基数",          SEVERITY_MEDIUM, check_without_base        },
    {"no-year",                        "没有目标年",             SEVERITY_MEDIUM, check_no_year             },
    {"implied-year",                   "目标年为推定",          SEVERITY_LOW,    check_implied_year        },
    {"explicit-year-only-in-strategy", "年份只在策略措施中", SEVERITY_LOW,
     check_explicit_in_strategy                                                                                  },
    {"evaluation-year-missing",        "评估没有年份",          SEVERITY_MEDIUM, check_evaluation_year     },
    {"several-targets",                "多个本地目标",          SEVERITY_MEDIUM, check_several             },
    {"duplicate-target",               "目标重复",                SEVERITY_LOW,    check_duplicate           },
    {"hold-or-reach",                  "保持与达到并存",       SEVERITY_MEDIUM, check_hold_or_reach       },
    {"higher-level-target",            "并列上级目标",          SEVERITY_LOW,    check_higher_level        },
    {"strata-pair",                    "分组目标",                SEVERITY_LOW,    check_strata_pair         },
    {"per-township-target",            "每个乡镇的目标",       SEVERITY_LOW,    check_per_township        },
    {"per-institution-target",         "每所机构的目标",       SEVERITY_LOW,    check_per_institution     },
    {"approximate",                    "“左右”",                SEVERITY_LOW,    check_approximate         },
    {"value-is-range",                 "数值为范围",             SEVERITY_MEDIUM, check_range               },
    {"value-not-in-quote",             "引文没有该数字",       SEVERITY_HIGH,   check_value_not_in_quote  },
    {"qualitative-target",             "定性目标",                SEVERITY_MEDIUM, check_qualitative         },
    {"aspirational",                   "期望性目标",             SEVERITY_LOW,    check_aspirational        },
    {"strategy-only",                  "只在策略措施中",       SEVERITY_LOW,    check_strategy_only       },
    {"table-only",                     "只在指标表中",          SEVERITY_LOW,    check_table_only          },
    {"unit-differs-from-indicator",    "计量单位混用",          SEVERITY_HIGH,   check_unit_differs        },
    {"denominators-differ",            "分母不同",                SEVERITY_LOW,    check_denominators        },
    {"similar-names",                  "名称相近",                SEVERITY_LOW,    check_similar_names       },
    {"unreadable-number",              "数字粘连",                SEVERITY_HIGH,   check_unreadable          },
    {"ocr-suspect",                    "疑似错字",                SEVERITY_LOW,    check_ocr                 },
};

const char *severity_name(enum finding_severity severity)
{
    static const char *const names[] = {"high", "medium", "low"};
    return names[severity];
}

const char *severity_zh(enum finding_severity severity)
{
    static const char *const names[] = {"高", "中", "低"};
    return names[severity];
}

enum status plan_check(const struct plan *plan, struct findings **out_findings)
{
    enum status status = STATUS_NO_MEMORY;
    struct arena *arena = arena_create(FINDINGS_BYTES_MAX);
    struct plan_checker checker = {.plan = plan, .arena = arena};
    struct findings *findings = NULL;
    if (arena == NULL)
        goto cleanup;
    for (size_t i = 0; i < sizeof checks / sizeof *checks && !checker.failed; i++) {
        checker.kind = checks[i].kind;
        checker.kind_zh = checks[i].zh;
        checker.severity = checks[i].severity;
        checks[i].run(&checker);
    }
    findings = arena_alloc(arena, sizeof *findings);
    struct finding *items = arena_copy(arena, checker.items, checker.count * sizeof *items);
    if (checker.failed || findings == NULL || items == NULL)
        goto cleanup;
    *findings = (struct findings){checker.count, items, arena};
    *out_findings = findings;
    arena = NULL;
    status = STATUS_OK;
cleanup:
    free(checker.items);
    arena_destroy(&arena);
    return status;
}

void findings_destroy(struct findings **findings)
{
    if (findings == NULL || *findings == NULL)
        return;
    struct arena *memory = (*findings)->memory; /* holds the findings themselves too */
    arena_destroy(&memory);
    *findings = NULL;
}
