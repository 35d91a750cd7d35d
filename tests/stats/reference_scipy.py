#!/usr/bin/env python3
"""Writes reference_scipy.csv: values of the formulas of common/assess by SciPy and statsmodels.

usage: /usr/bin/python3 reference_scipy.py > reference_scipy.csv
       (Debian: python3-scipy 1.10.1, python3-statsmodels 0.13.5)
tests/unit/test_assess_reference.c compares the C code with them.
"""
import random

from scipy import stats
from statsmodels.stats.proportion import proportion_confint, proportions_ztest


def out(formula, x, y, result):
    text = (" ".join(format(number, ".15g") for number in numbers) for numbers in (x, y, result))
    print(formula, *text, sep=",")


print("formula,x,y,result")
draw = random.Random(20261122)
for count in (4, 5, 8, 10):  # Theil-Sen slopes, years with gaps
    for _ in range(3):
        years = sorted(draw.sample(range(2005, 2023), count))
        figures = [round(draw.uniform(0, 100), draw.choice((0, 1, 2))) for _ in years]
        out("slope", years, figures, [stats.theilslopes(figures, years)[0]])
for events, total in ((0, 12), (1, 7), (4, 5), (37, 400), (199, 200), (2500, 2500), (5, 100000)):
    out("wilson", [events, total], [], proportion_confint(events, total, method="wilson"))
for events in (*range(10), 12, 30, 200):  # Garwood 1936 by chi-squared quantiles
    low = 0 if events == 0 else stats.chi2.ppf(0.025, 2 * events) / 2
    out("garwood", [events], [], [low, stats.chi2.ppf(0.975, 2 * events + 2) / 2])
for freedom in (1.6, 2.4, 4):
    for p in (0.6, 0.9, 0.975, 0.999):
        out("student_quantile", [p], [freedom], [stats.t.ppf(p, freedom)])
for events, mean in ((0, 0.01), (5, 5), (60, 41.5), (1000, 1040)):
    out("poisson_cdf", [events], [mean], [stats.poisson.cdf(events, mean)])
for before, after in (((2, 900), (11, 950)), ((7, 4000), (7, 4100)), ((0, 60), (5, 80))):
    d1, b1, d2, b2 = *before, *after
    share, events = b2 / (b1 + b2), d1 + d2
    tails = stats.binom.cdf(d2, events, share), stats.binom.sf(d2 - 1, events, share)
    out("two_periods", [d1, b1, d2, b2], [], [min(1, 2 * min(tails))])
for before, after in (((300, 400), (340, 410)), ((60, 800), (25, 790)), ((990, 1000), (940, 1000))):
    p = proportions_ztest([before[0], after[0]], [before[1], after[1]])[1]
    out("change_percent", [*before, *after], [], [p])
