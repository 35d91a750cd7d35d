#!/usr/bin/env python3
"""Writes reference_forecast.csv: whole forecasts of random series, by NumPy and SciPy.

usage: /usr/bin/python3 reference_forecast.py > reference_forecast.csv
       (Debian: python3-numpy 1.24.2, python3-scipy 1.10.1)

Written from common/assess/README.md and the comments of its headers alone, sharing no source with the
C code, which tests/unit/test_assess_reference.c compares with it: what the page says is what is done.
Series are judged alone (no panel).
"""
import math
import random

import numpy as np
from scipy.stats import norm
from scipy.stats import t as student

UP = {"percent": 100.0, "permille": 1000.0}
FAC = {"percent": 100, "gross_percent": 100, "permille": 1000, "per_1000": 1000, "per_10000": 10000, "per_100000": 100000}
QUIET = (0.42, 0.24, 0.72, 0.07)
TREND = (0.79, 0.52, 1.37, 0.31)


class Scale:
    def __init__(self, kind, pts):
        v = [p[1] for p in pts]
        self.kind = kind
        self.lo = -math.inf if kind == "measure" else 0.0
        self.hi = UP.get(kind, math.inf)
        self.c = 0.0
        if kind in UP:
            self.form = "logit"
            B = UP[kind]
            share = 0.1 * np.mean([min(x, B - x) for x in v])
            self.c = 0.005 * B if kind == "percent" or share <= 0 else min(0.005 * B, share)
        elif kind in ("per_1000", "per_10000", "per_100000", "count"):
            self.form = "log"
            if min(v) <= 0:
                dens = [p[3] for p in pts]
                if kind != "count" and all(not math.isnan(d) for d in dens):
                    self.c = 0.5 * FAC[kind] / np.mean(dens)
                else:
                    pos = [x for x in v if x > 0]
                    self.c = min(pos) / 2 if pos else 1.0
        elif kind == "gross_percent":
            self.form = "lin"
        else:
            self.form = "log" if min(v) > 0 and max(v) >= 2 * min(v) else "lin"

    def f(self, y):
        y = min(max(y, self.lo), self.hi)
        if self.form == "log":
            return math.log(max(y + self.c, 1e-300))
        if self.form == "logit":
            return math.log((y + self.c) / (self.hi - y + self.c))
        return y

    def back(self, z):
        if self.form == "log":
            y = math.exp(min(max(z, -700), 700)) - self.c
            if y <= 1e-12 * self.c:
                y = 0.0
        elif self.form == "logit":
            e = math.exp(min(max(z, -700), 700))
            y = (self.hi + self.c) * e / (1 + e) - self.c / (1 + e)
        else:
            y = z
        return min(max(y, self.lo), self.hi)


def last_digit(kind, v):
    most = max(abs(x) for x in v)
    if kind in UP:
        most = max(most, max(UP[kind] - x for x in v))
    if most <= 0:
        return 0.0
    unit = 10.0 ** math.floor(math.log10(0.05 * most * (1 + 1e-9)))
    for _ in range(7):
        if all(abs(x / unit - round(x / unit)) < 1e-6 * max(1, abs(x / unit)) for x in v):
            return unit
        unit /= 10
    return 0.0


def fit(kind, pts):
    """pts: (year, value, num, den)"""
    pts = pts[-10:]
    sc = Scale(kind, pts)
    t = np.array([p[0] for p in pts], float)
    v = [p[1] for p in pts]
    z = np.array([sc.f(x) for x in v])
    n = len(pts)
    r = last_digit(kind, v) / math.sqrt(12)
    if r > 0:
        hi, lo = sc.f(v[-1] + r), sc.f(v[-1] - r)
        rz = (hi - sc.f(v[-1])) if sc.form == "log" and v[-1] - r + sc.c <= 0 else (hi - lo) / 2
    else:
        rz = 0.0
    i, j = np.triu_indices(n, 1)
    b = float(np.median((z[j] - z[i]) / (t[j] - t[i])))
    d = np.abs(np.diff(z) - b * np.diff(t)) / np.sqrt(np.diff(t))
    m = np.median(d)
    s = math.hypot(max(1.4826 * m, 1.2533 * np.mean(np.minimum(d, 3 * m))), rz)
    w = 0.0 if b == 0 else (b * b / (b * b + 4 * s * s / (n - 1))) ** 2
    S = []
    for lag in (1, 2, 3):
        if lag < n:
            dt = t[lag:] - t[:-lag]
            S.append(np.mean(np.abs(z[lag:] - z[:-lag] - w * b * dt) * np.sqrt(lag / dt)))
    S = math.hypot(float(np.mean(S)), rz)
    level, noise, pooled = z[-1], 0.0, 0
    yl, vl, nu, de = pts[-1]
    rate = kind in FAC
    has = not math.isnan(nu)
    if rate and has:
        if nu < 20 or (kind in UP and de - nu < 20):
            rec = [p for p in pts if p[0] > yl - 3]
            if len(rec) >= 2 and all(not math.isnan(p[2]) for p in rec):
                D = sum(p[3] for p in rec)
                level = sc.f(FAC[kind] * sum(p[2] for p in rec) / D) + w * b * sum(p[3] * (yl - p[0]) for p in rec) / D
                pooled = len(rec)
        ev, rest = nu + .5, max(de - nu, 0) + .5
        se = math.sqrt(1 / ev) if sc.form == "log" else math.sqrt(1 / ev + 1 / rest) if sc.form == "logit" else FAC[kind] * math.sqrt(ev) / de
        noise = se * math.sqrt(1 + 1 / max(1, pooled))
        S = math.sqrt(max(S * S - (2 / math.sqrt(math.pi) * se) ** 2, (0.25 * S) ** 2))
    return dict(sc=sc, n=n, level=level, slope=w * b, w=w, S=S, noise=noise, last=yl, pooled=pooled)


def forecast(tr, year):
    h = year - tr["last"]
    n = tr["n"]
    x = 4 / (n - 1) - 1
    k = lambda c: math.exp(c[0] + c[1] * x + (c[2] + c[3] * x) * math.log(h))
    kn, ks = k(QUIET), k(TREND)
    drift = min(tr["S"] * tr["w"] * ks, tr["S"] * tr["w"] * kn + 2 * abs(tr["slope"]) * h)
    half = tr["S"] * (1 - tr["w"]) * kn + drift
    half = math.hypot(half, norm.ppf(.9) * tr["noise"])
    df = .4 * n
    ratio = student.ppf(.975, df) / student.ppf(.9, df)
    z = tr["level"] + tr["slope"] * h
    B = tr["sc"].back
    return dict(z=z, half=half, df=df, value=B(z), low80=B(z - half), high80=B(z + half), low95=B(z - half * ratio), high95=B(z + half * ratio))


def below(tr, f, value):
    sc = tr["sc"]
    if value < sc.lo: return 0.0
    if value >= sc.hi: return 1.0
    dist = sc.f(value) - f["z"]
    if f["half"] <= 0: return 1.0 if dist >= 0 else 0.0
    return student.cdf(dist / f["half"] * student.ppf(.9, f["df"]), f["df"])


def draw_series(draw, kind):
    share = kind in UP
    level = draw.uniform(-3, 3) if share else math.log(draw.uniform(.5, 120))
    drift, noise = draw.gauss(0, .08), .2 * draw.random() ** 2
    counted, digits, year, points = kind in FAC and draw.random() < .5, draw.randint(0, 3), 2005, []
    for i in range(draw.randint(4, 14)):
        z = level + drift * i + draw.gauss(0, noise)
        value = round(UP[kind] / (1 + math.exp(-z)) if share else math.exp(z), digits)
        events = base = math.nan
        if counted:
            base = draw.randint(50, 20000)
            events = min(round(value / FAC[kind] * base), base if share else 10**9)
            value = FAC[kind] * events / base
        points.append((year, value, events, base))
        year += 2 if draw.random() < .1 else 1
    return points


def main():
    draw = random.Random(20261122)
    print("kind,years,values,numerators,denominators,year,at,forecast,low80,high80,low95,high95,below")
    for kind in ("percent", "gross_percent", "permille", "per_1000", "per_10000", "per_100000",
                 "count", "measure"):
        for _ in range(15):
            points = draw_series(draw, kind)
            trend = fit(kind, points)
            year = points[-1][0] + draw.randint(1, 10)
            at = round(min(points[-1][1] * draw.uniform(.7, 1.3), UP.get(kind, 1e9)), 3)
            found = forecast(trend, year)
            numbers = [found[key] for key in ("value", "low80", "high80", "low95", "high95")]
            columns = (" ".join(format(number, ".17g") for number in column)
                       for column in zip(*points))
            print(kind, *columns, year, format(at, ".17g"),
                  *(format(number, ".12g") for number in (*numbers, below(trend, found, at))), sep=",")


main()
