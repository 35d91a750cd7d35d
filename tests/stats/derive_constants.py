#!/usr/bin/env python3
"""Derives the constants of common/assess/interval.c from the training half of a panel.

usage: derive_constants.py WORLD.csv        (columns indicator,iso3,year,value; needs numpy, scipy)

The panel is cut in two by area: an area whose three letters add up to an even number (A=65) trains,
an odd one judges. Nothing is fitted to the judging half; the last table only reads it. The test
tests/stats/test_assess_world.c repeats the reading with the C code and asserts it.

What is fitted: half80 = S (1 - W) kN + S W kS (alone, at most S W kN + 2 |slope| h of it), with kN = exp(a + b x + (c + d x) ln h), kS the
same with four constants of its own, x = 4/(n-1) - 1, so that the share of |error| <= half80 is 80%
for windows n = 4..10 and horizons h = 1..10, every indicator counting alike (pinball loss on the
logarithm of |error| / half80). S and W are a series' own scale and slope weight ("alone"), or half
its own and half the median of its panel ("panel"). See common/assess/README.md.
"""
import collections
import csv
import sys

import numpy as np
from scipy.optimize import minimize
from scipy.stats import t as student

WINDOWS, HORIZONS, MOST = (4, 5, 6, 8, 10), (1, 2, 3, 4, 5, 7, 10), 400
PERCENT = ("SH.IMM.IDPT", "SH.IMM.MEAS")
GROSS = ("SE.PRM.ENRR", "SE.PRE.ENRR")


def training(area):
    return sum(map(ord, area)) % 2 == 0


def load(path):
    series = collections.defaultdict(dict)
    with open(path, encoding="utf-8") as file:
        for row in csv.DictReader(file):
            series[row["indicator"], row["iso3"]][int(row["year"])] = float(row["value"])
    return series


def forward(indicator, y):
    if indicator in PERCENT:
        return np.log((y + 0.5) / (100.5 - y))
    return y / 100 if indicator in GROSS else np.log(y)


def windows(series, indicator, n, half):
    """Values, years back, values ahead by horizon, for every window of n figures."""
    out = []
    for (name, area), years in series.items():
        if name != indicator or training(area) != half:
            continue
        known = sorted(years)
        for last in range(n - 1, len(known)):
            window = known[last - n + 1:last + 1]
            if window[-1] - window[0] <= n + 1:
                out.append((area, window, [years[y] for y in window],
                            {h: years.get(window[-1] + h) for h in HORIZONS}))
    return out


def unit(values):
    for digits in range(7):
        if all(abs(v * 10**digits - round(v * 10**digits)) < 1e-6 * max(1, abs(v * 10**digits))
               for v in values):
            return 10.0**-digits
    return 0.0


def trend(indicator, years, values):
    """Shrunk slope, its weight and the scale of departures: common/assess/trend.c in Python."""
    y, x = np.array(values), np.array(years, float)
    z, n = forward(indicator, y), len(y)
    step = unit(values) / np.sqrt(12)
    top = min(y[-1] + step, 100.0) if indicator in PERCENT else y[-1] + step
    rounding = (forward(indicator, top) - forward(indicator, max(y[-1] - step, 1e-9))) / 2
    i, j = np.triu_indices(n, 1)
    b = np.median((z[j] - z[i]) / (x[j] - x[i]))
    d = np.abs(np.diff(z) - b * np.diff(x)) / np.sqrt(np.diff(x))
    middle = np.median(d)
    s2 = max(1.4826 * middle, 1.2533 * np.mean(np.minimum(d, 3 * middle)))**2 + rounding**2
    w = 0.0 if b == 0 else (b * b / (b * b + 4 * s2 / (n - 1)))**2
    lags = []
    for lag in (1, 2, 3):
        dt = x[lag:] - x[:-lag]
        lags.append(np.mean(np.abs(z[lag:] - z[:-lag] - w * b * dt) * np.sqrt(lag / dt)))
    scale = np.sqrt(np.mean(lags)**2 + rounding**2)
    return z[-1], w * b, w, scale


def collect(series, indicators, half):
    """By (n, h): indicator index, |error|, own scale and weight, the panel's, |slope| h."""
    cases, random = {}, np.random.default_rng(1)
    for n in WINDOWS:
        for k, indicator in enumerate(indicators):
            found = [(trend(indicator, years, values), ahead, years[-1])
                     for _, years, values, ahead in windows(series, indicator, n, half)]
            pools = {last: np.median([f[0][2:] for f in found if f[2] == last], axis=0)
                     for last in {f[2] for f in found}}
            for h in HORIZONS:
                rows = [(k, abs(forward(indicator, ahead[h]) - z - b * h), s, w,
                         pools[last][1], pools[last][0], abs(b) * h)
                        for (z, b, w, s), ahead, last in found if ahead[h] is not None]
                pick = random.permutation(len(rows))[:MOST]
                cases.setdefault((n, h), []).append(np.array([rows[p] for p in pick]))
    return {key: np.concatenate(parts) for key, parts in cases.items()}


def scales(rows, panel):
    s, w = rows[:, 2], rows[:, 3]
    return ((s + rows[:, 4]) / 2, (w + rows[:, 5]) / 2) if panel else (s, w)


def half80(constants, rows, n, h, panel):
    s, w = scales(rows, panel)
    x, lh = 4 / (n - 1) - 1, np.log(h)
    quiet, trending = (np.exp(c[0] + c[1] * x + (c[2] + c[3] * x) * lh)
                       for c in (constants[:4], constants[4:]))
    drift = s * w * trending
    if not panel:
        drift = np.minimum(drift, s * w * quiet + 2 * rows[:, 6])
    return s * (1 - w) * quiet + drift


def fit(cases, panel):
    def loss(constants):
        total = 0
        for (n, h), rows in cases.items():
            u = np.log(np.maximum(rows[:, 1], 1e-9)) - np.log(
                np.maximum(half80(constants, rows, n, h, panel), 1e-12))
            total += np.mean(np.maximum(0.8 * u, -0.2 * u))
        return total
    start = np.array([0.4, 0.15, 0.7, 0.15, 0.8, 0.5, 1.2, 0.15])
    first = minimize(loss, start, method="Powell", options=dict(maxiter=5, xtol=1e-3))
    return minimize(loss, first.x, method="Nelder-Mead",
                    options=dict(maxfev=3000, adaptive=True, xatol=1e-3, fatol=1e-4)).x


def report(cases, constants, panel, freedom, names):
    for n in (4, 5, 8, 10):
        for h in (1, 3, 5, 10):
            rows = cases[n, h]
            wide = half80(constants, rows, n, h, panel)
            wider = wide * student.ppf(0.975, freedom(n)) / student.ppf(0.9, freedom(n))
            each = [np.mean((rows[:, 1] <= wide)[rows[:, 0] == k]) for k in range(len(names))]
            print(f"  n={n:2d} h={h:2d} cover80 {np.mean(rows[:, 1] <= wide):.3f} cover95 "
                  f"{np.mean(rows[:, 1] <= wider):.3f}  by indicator",
                  " ".join(f"{e:.2f}" for e in each))


def main():
    series = load(sys.argv[1])
    names = sorted({indicator for indicator, _ in series})
    train, judge = collect(series, names, True), collect(series, names, False)
    print("indicators:", " ".join(names))
    for panel in (False, True):
        constants = np.round(fit(train, panel), 2)
        print("panel" if panel else "alone", "quiet", constants[:4], "trending", constants[4:])
        print(" judging half:")
        report(judge, constants, panel, (lambda n: 4) if panel else (lambda n: 0.4 * n), names)


main()
