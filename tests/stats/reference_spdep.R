# Writes reference_spdep.csv: values of the formulas of common/assess by the packages spdep (1.2-7)
# and epitools (0.5-10.1) of Debian.
# usage: Rscript reference_spdep.R > reference_spdep.csv     (Debian: r-cran-spdep r-cran-epitools)
# tests/unit/test_assess_reference.c compares the C code with them. (pois.byar of epitools is another
# approximation than Byar's as Breslow & Day 1987 and UKHSA have it: reference.R writes that one out.)

out <- function(formula, x, y, result)
  cat(formula, ",", paste(x, collapse = " "), ",", paste(y, collapse = " "), ",",
      paste(sprintf("%.15g", result), collapse = " "), "\n", sep = "")
cat("formula,x,y,result\n")

# Marshall 1991: ten counties of North Carolina; areas that chance alone explains; one that stands out
bayes <- function(d, b) out("empirical_bayes", d, b, spdep::EBest(d, b)$estmm)
bayes(c(1, 0, 5, 1, 9, 7, 0, 0, 4, 1), c(1091, 487, 3188, 508, 1421, 1452, 286, 420, 968, 1612))
bayes(c(5, 6, 4, 5, 5), c(1000, 1100, 900, 1000, 1050))
bayes(c(2, 3, 1, 40, 2, 4, 0), c(800, 1200, 500, 1500, 700, 1600, 90))
bayes(c(91, 440, 12, 1020, 77), c(100, 500, 30, 1100, 80))

for (xn in list(c(0, 9), c(3, 41), c(50, 100), c(1200, 1250), c(66, 66)))
  out("wilson", xn, "", unlist(epitools::binom.wilson(xn[1], xn[2])[c("lower", "upper")]))
