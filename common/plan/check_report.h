/* What the checks behind plan_check share: collecting findings and comparing targets. Used by
 * plan_check.c and check_*.c only. One thread at a time. */
#ifndef ZHIBAO_PLAN_CHECK_REPORT_H
#define ZHIBAO_PLAN_CHECK_REPORT_H

#include "base/arena.h"
#include "plan/plan_check.h"

enum { FINDINGS_MAX = 10000 };

struct plan_checker {
    const struct plan *plan;
    struct arena *arena;
    const char *kind, *kind_zh; /* of the check that runs */
    enum finding_severity severity;
    struct finding *items;
    size_t count, room;
    bool failed; /* memory is short */
};

/* Notes a finding of the running kind. Texts come from check_text or live as long as the plan;
 * a NULL among them means that memory is short. */
void check_add(struct plan_checker *checker, const char *subject, const char *targets,
               const char *zh, const char *en);

/* printf into the findings' memory; NULL without memory. */
const char *check_text(struct plan_checker *checker, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The target's indicator, or its own code when it has none: a finding's subject. */
const char *check_subject(const struct plan_checker *checker, const struct target *target);

/* "XH-health-G3-1 <=2‰ 2025", operator and unit in Chinese or English: "kept >=93% 2030". */
const char *check_target_text(struct plan_checker *checker, const struct target *target, bool zh);

/* "2.41‰" and "2.41‰", "4.5/千" and "4.5 per 1,000". */
const char *check_figure_zh(struct plan_checker *checker, size_t indicator, const char *value);
const char *check_figure_en(struct plan_checker *checker, size_t indicator, const char *value);

/* Whether a target of the plan's own area, as opposed to a quoted one of a higher level. */
bool check_is_local(const struct target *target);

/* Whether the operator compares with a printed figure. */
bool check_has_bound(const struct target *target);

/* +1 when a larger bound asks more, -1 when a smaller one does, 0 when neither. */
int check_direction(const struct plan_checker *checker, const struct target *target);

/* Whether two printed figures are the same number. */
bool check_same(double left, double right);

/* The latest fact of an indicator and stratum from before the plan or its first year; NULL. */
const struct fact *check_baseline(const struct plan_checker *checker, size_t indicator,
                                  const char *stratum);

/* Whether the plan has a target or a fact of the indicator. */
bool check_is_used(const struct plan *plan, size_t indicator);

/* One finding for each indicator (and stratum, with `by_stratum`) that has at least `least` targets
 * passing `test`, naming them all; targets without an indicator are findings of their own when
 * `least` is 1. `zh` and `en` say what is the matter. */
typedef bool (*check_test)(const struct plan_checker *checker, const struct target *target);
void check_group(struct plan_checker *checker, check_test test, size_t least, bool by_stratum,
                 const char *zh, const char *en);

/* The checks, each named for its kind. */
void check_looser_than_baseline(struct plan_checker *checker);
void check_equals_baseline(struct plan_checker *checker);
void check_verb(struct plan_checker *checker);
void check_baseline_order(struct plan_checker *checker);
void check_baseline_missing(struct plan_checker *checker);
void check_without_base(struct plan_checker *checker);
void check_no_baselines(struct plan_checker *checker);
void check_base_conflict(struct plan_checker *checker);

void check_worsens(struct plan_checker *checker);
void check_no_progress(struct plan_checker *checker);
void check_target_order(struct plan_checker *checker);
void check_several(struct plan_checker *checker);
void check_duplicate(struct plan_checker *checker);
void check_hold_or_reach(struct plan_checker *checker);
void check_strata_pair(struct plan_checker *checker);
void check_higher_level(struct plan_checker *checker);
void check_higher_stricter(struct plan_checker *checker);

void check_implied_year(struct plan_checker *checker);
void check_no_year(struct plan_checker *checker);
void check_explicit_in_strategy(struct plan_checker *checker);
void check_evaluation_year(struct plan_checker *checker);
void check_draft(struct plan_checker *checker);
void check_per_township(struct plan_checker *checker);
void check_per_institution(struct plan_checker *checker);
void check_approximate(struct plan_checker *checker);
void check_qualitative(struct plan_checker *checker);
void check_strategy_only(struct plan_checker *checker);
void check_table_only(struct plan_checker *checker);

void check_range(struct plan_checker *checker);
void check_value_not_in_quote(struct plan_checker *checker);
void check_aspirational(struct plan_checker *checker);
void check_unit_differs(struct plan_checker *checker);
void check_unreadable(struct plan_checker *checker);
void check_ocr(struct plan_checker *checker);

void check_denominators(struct plan_checker *checker);
void check_similar_names(struct plan_checker *checker);
void check_single_unit(struct plan_checker *checker);
void check_impossible(struct plan_checker *checker);

#endif
