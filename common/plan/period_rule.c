#include "plan/period_rule.h"

#include "base/china_time.h"

enum status period_rule_check(const struct period_rule *rule, int period, int64_t now_us,
                              struct problems *problems)
{
    char text[CHINA_TEXT_BYTES];
    bool known = rule->first_year != 0 || rule->last_year != 0;
    if (known && (period < rule->first_year || period > rule->last_year)) {
        problems_addf(problems, STATUS_E_PERIOD, 0, "period", "报告期%d不在规划期%d—%d年内",
                      "period %d is outside the plan's %d-%d", period, rule->first_year,
                      rule->last_year);
        return STATUS_E_PERIOD;
    }
    if (period > china_year(now_us)) {
        problems_add(problems, STATUS_E_PERIOD_FUTURE, 0, "period", NULL, NULL);
        return STATUS_E_PERIOD_FUTURE;
    }
    if (rule->locked) {
        problems_add(problems, STATUS_E_PERIOD_LOCKED, 0, "period", NULL, NULL);
        return STATUS_E_PERIOD_LOCKED;
    }
    if (now_us >= rule->opens_us)
        return STATUS_OK;
    china_text(rule->opens_us, false, text);
    problems_addf(problems, STATUS_E_NOT_OPEN, 0, "period", "%d年的报表自%s起填报",
                  "the form for %d opens at %s (China)", period, text);
    return STATUS_E_NOT_OPEN;
}

enum status period_rule_over(int period, int64_t now_us, struct problems *problems)
{
    if (period < china_year(now_us))
        return STATUS_OK;
    problems_addf(problems, STATUS_E_PERIOD_FUTURE, 0, "period",
                  "%d年尚未结束，%d年1月1日（北京时间）起才能锁定",
                  "%d is not over: it can be locked from 1 January %d (China)", period, period + 1);
    return STATUS_E_PERIOD_FUTURE;
}
