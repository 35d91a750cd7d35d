#include "plan/plan_check.h"

#include <stdlib.h>

#include "plan/check_report.h"

enum { FINDINGS_BYTES_MAX = 64 * 1024 * 1024 };

/* In printing order: what contradicts itself first, then what is missing, then what to watch. */
static const struct {
    const char *kind;
    void (*run)(struct plan_checker *checker);
} checks[] = {
    {"draft-plan",                     check_draft               },
    {"baseline-order",                 check_baseline_order      },
    {"target-order",                   check_target_order        },
    {"target-worsens-with-time",       check_worsens             },
    {"no-progress-between-years",      check_no_progress         },
    {"target-looser-than-baseline",    check_looser_than_baseline},
    {"target-equals-baseline",         check_equals_baseline     },
    {"verb-contradicts-direction",     check_verb                },
    {"base-conflict",                  check_base_conflict       },
    {"higher-level-stricter",          check_higher_stricter     },
    {"impossible-percentage",          check_impossible          },
    {"single-unit-share",              check_single_unit         },
    {"no-baselines",                   check_no_baselines        },
    {"baseline-missing",               check_baseline_missing    },
    {"decrease-without-base",          check_without_base        },
    {"no-year",                        check_no_year             },
    {"implied-year",                   check_implied_year        },
    {"explicit-year-only-in-strategy", check_explicit_in_strategy},
    {"evaluation-year-missing",        check_evaluation_year     },
    {"several-targets",                check_several             },
    {"duplicate-target",               check_duplicate           },
    {"hold-or-reach",                  check_hold_or_reach       },
    {"higher-level-target",            check_higher_level        },
    {"strata-pair",                    check_strata_pair         },
    {"per-township-target",            check_per_township        },
    {"per-institution-target",         check_per_institution     },
    {"approximate",                    check_approximate         },
    {"value-is-range",                 check_range               },
    {"value-not-in-quote",             check_value_not_in_quote  },
    {"qualitative-target",             check_qualitative         },
    {"aspirational",                   check_aspirational        },
    {"strategy-only",                  check_strategy_only       },
    {"table-only",                     check_table_only          },
    {"unit-differs-from-indicator",    check_unit_differs        },
    {"denominators-differ",            check_denominators        },
    {"similar-names",                  check_similar_names       },
    {"unreadable-number",              check_unreadable          },
    {"ocr-suspect",                    check_ocr                 },
};

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
