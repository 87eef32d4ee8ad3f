# Fits things.
library(stats)

limit <- 10

#' Fits a line to points, with the usual method,
#' and returns its slope and where it begins.
fit_line <- function(x, y) {
  slope <- cov(x, y) / var(x)
  start <- mean(y) - slope * mean(x)
  list(slope = slope, start = start)
}

predict_line = function(line, x) line$start + line$slope * x

Account <- R6Class("Account",
  public = list(
    balance = 0,
    deposit = function(amount) {
      self$balance <- self$balance + amount
    }
  )
)
