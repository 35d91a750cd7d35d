# Writes reference.csv: values of the formulas of common/assess, worked out by R (base only).
# usage: Rscript reference.R > reference.csv     (Debian: r-base-core)
# tests/unit/test_assess_reference.c compares the C code with them.

out <- function(formula, x, y = "", result)
  cat(formula, ",", paste(format(x, digits = 15, trim = TRUE, scientific = FALSE), collapse = " "), ",",
      paste(format(y, digits = 15, trim = TRUE, scientific = FALSE), collapse = " "), ",",
      paste(sprintf("%.15g", result), collapse = " "), "\n", sep = "")
cat("formula,x,y,result\n")

# distributions
for (x in c(-3, -0.5, 0, 1.2, 6)) out("normal_cdf", x, "", pnorm(x))
for (df in c(1.6, 2, 3.2, 4)) for (x in c(-40, -2.2, -0.1, 0, 0.7, 3, 25)) out("student_cdf", x, df, pt(x, df))
for (df in 0.4 * 4:10) for (p in c(0.025, 0.75, 0.9, 0.975)) out("student_quantile", p, df, qt(p, df))
for (m in c(0.3, 4, 18, 250)) for (k in c(0, 3, 17, 260)) out("poisson_cdf", k, m, ppois(k, m))
for (n in c(5, 19, 400)) for (p in c(0.02, 0.5, 0.73)) for (k in unique(round(n * c(0, 0.2, 0.5, 0.8)))) out("binomial_cdf", c(k, n), p, pbinom(k, n, p))

# Wilson: prop.test without continuity correction is its interval
for (xn in list(c(0, 20), c(1, 29), c(15, 148), c(81, 263), c(950, 1000), c(3000, 3000), c(18, 19)))
  out("wilson", xn, "", suppressWarnings(prop.test(xn[1], xn[2], correct = FALSE)$conf.int))

# exact Poisson (Garwood) and Byar's approximation
for (d in c(0:9, 15, 40)) out("garwood", d, "", poisson.test(d)$conf.int)
z <- qnorm(0.975)
for (d in c(10, 15, 65, 300))
  out("byar", d, "", c(d * (1 - 1 / (9 * d) - z / (3 * sqrt(d)))^3,
                       (d + 1) * (1 - 1 / (9 * (d + 1)) + z / (3 * sqrt(d + 1)))^3))

# two periods: exact below 20 events together, else normal
for (q in list(c(3, 1000, 9, 1000), c(0, 800, 6, 900), c(0, 500, 0, 400), c(8, 3000, 2, 2800), c(9, 1200, 9, 1200))) {
  n <- q[1] + q[3]; p <- q[4] / (q[2] + q[4])
  out("two_periods", q, "", if (n == 0) 1 else min(1, 2 * min(pbinom(q[3], n, p), pbinom(q[3] - 1, n, p, lower.tail = FALSE))))
}
for (q in list(c(15, 3000, 25, 3100), c(100, 9000, 70, 8800), c(12, 900, 8, 950))) {
  n <- q[1] + q[3]; p <- q[4] / (q[2] + q[4])
  out("two_periods", q, "", 2 * pnorm(-abs((q[3] - n * p) / sqrt(n * p * (1 - p)))))
}
# proportions: the z test of prop.test, on whichever outcome is the rarer
for (q in list(c(2700, 3000, 2600, 3000), c(40, 300, 70, 310), c(1480, 1500, 1420, 1500)))
  out("change_percent", q, "", prop.test(c(q[1], q[3]), c(q[2], q[4]), correct = FALSE)$p.value)

# Marshall's empirical Bayes: ten counties of North Carolina, sudden infant deaths 1974-78 (Cressie 1993)
d <- c(1, 0, 5, 1, 9, 7, 0, 0, 4, 1)
b <- c(1091, 487, 3188, 508, 1421, 1452, 286, 420, 968, 1612)
r <- d / b; m <- sum(d) / sum(b)
a <- max(0, sum(b * (r - m)^2) / sum(b) - m / mean(b))
out("empirical_bayes", d, b, m + a / (a + m / b) * (r - m))

# the trend of a series, alone: median of pairwise slopes of the figures, then, on z, the believed
# slope, its weight and the stray; then half80 for 1, 3, 5 and 10 years ahead
unit <- function(y, upper) {
  u <- 10^floor(log10(0.05 * max(abs(y), if (is.finite(upper)) upper - y) * (1 + 1e-9)))
  for (i in 1:7) {
    t <- y / u
    if (all(abs(t - round(t)) < 1e-6 * pmax(1, abs(t)))) return(u)
    u <- u / 10
  }
  0
}
pairs <- function(x, y) median(combn(length(x), 2, function(i) diff(y[i]) / diff(x[i])))
percent <- function(y) { y <- pmin(pmax(y, 0), 100); log((y + 0.5) / (100.5 - y)) }
trend <- function(formula, x, y, f) {
  n <- length(x); zz <- f(y); e <- unit(y, if (identical(f, percent)) 100 else Inf) / sqrt(12)
  rounding <- if (e > 0) (f(y[n] + e) - f(y[n] - e)) / 2 else 0
  b <- pairs(x, zz); dt <- diff(x); d <- abs(diff(zz) - b * dt) / sqrt(dt); m <- median(d)
  s2 <- max(1.4826 * m, 1.2533 * mean(pmin(d, 3 * m)))^2 + rounding^2
  w <- if (b == 0) 0 else (b^2 / (b^2 + 4 * s2 / (n - 1)))^2
  lags <- sapply(1:3, function(l) { k <- diff(x, l); mean(abs(diff(zz, l) - w * b * k) * sqrt(l / k)) })
  s <- sqrt(mean(lags)^2 + rounding^2)
  h <- c(1, 3, 5, 10); k <- 4 / (n - 1) - 1
  still <- exp(0.42 + 0.24 * k + (0.72 + 0.07 * k) * log(h))
  moving <- exp(0.79 + 0.52 * k + (1.37 + 0.31 * k) * log(h))
  half <- s * (1 - w) * still + pmin(s * w * moving, s * w * still + 2 * abs(w * b) * h)
  out(formula, x, y, c(pairs(x, y), w * b, w, s, half))
}
trend("trend_percent", 2013:2020, c(88.1, 89.5, 90.2, 91.1, 92, 92.6, 93.4, 93.9), percent)
trend("trend_percent", 2015:2019, c(95, 93, 97, 94, 96), percent)
trend("trend_percent", c(2010, 2012, 2015, 2017, 2018), c(91.1, 91.8, 93, 93.8, 94.2), percent)
trend("trend_percent", 2015:2019, c(100, 100, 100, 99.8, 100), percent)
trend("trend_per_1000", c(2010, 2011, 2013, 2014, 2015, 2016, 2017, 2018), c(16.4, 15.6, 12, 11.7, 10.7, 10.2, 9.1, 8.4), log)
trend("trend_per_1000", 2001:2006, c(91.9, 101.1, 84.3, 80.2, 77.6, 74.4), log)
trend("trend_gross_percent", 2015:2020, c(97.2, 101.4, 99, 104.1, 103.2, 106.3), identity)
trend("trend_measure", 2016:2020, c(8.4, 8.6, 8.5, 8.9, 9.1), identity)
trend("trend_measure", 2016:2020, c(120, 180, 240, 290, 350), log)
