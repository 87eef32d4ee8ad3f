#!/usr/bin/env python3
"""Prints the polynomial that src/kernels uses for the exact GELU, and its error.

gelu(x) = x * Phi(x). With u = |x| and g(u) = -log(erfc(u / sqrt 2)):
    gelu(x) = x * 0.5 * exp(-g(u))         for x < 0
    gelu(x) = x * (1 - 0.5 * exp(-g(u)))   for x >= 0
so one polynomial u * P(u) for g and one exp give both tails without cancellation. The fit is
iteratively reweighted least squares on [0, 10], weighted by what an error of g does to the result
(u * exp(-g) / 2, plus a floor that keeps the far tail close to g, where the result is zero).

Needs numpy and mpmath.
"""
import mpmath
import numpy as np

DEGREE = 8  # of P
END = 10.0
FLOOR = 1e-5


def main():
    mpmath.mp.dps = 30
    u = END * (1 - np.cos(np.linspace(0, np.pi, 4001))) / 2
    u = u[u > 0]
    g = np.array([float(-mpmath.log(mpmath.erfc(mpmath.mpf(v) / mpmath.sqrt(2)))) for v in u])
    importance = u * np.exp(-g) / 2 + FLOOR
    basis = np.stack([u ** (i + 1) for i in range(DEGREE + 1)], axis=1)
    scale = np.abs(basis).max(axis=0)
    weight = importance.copy()
    for _ in range(60):  # Lawson's iteration: towards the minimax solution
        solution, *_ = np.linalg.lstsq(basis / scale * weight[:, None], g * weight, rcond=None)
        error = np.abs(basis @ (solution / scale) - g) * importance
        weight *= np.sqrt(error / error.max() + 1e-3)
        weight /= weight.max()
    coefficients = (solution / scale).astype(np.float32)
    for i, c in enumerate(coefficients):
        print(f"u^{i}: {float(c)!r} {float(c).hex()}")
    fitted = basis @ coefficients.astype(np.float64)
    print("max |gelu error| before rounding of the arithmetic:",
          np.max(u / 2 * np.abs(np.exp(-fitted) - np.exp(-g))))
    print("g(10) fitted / exact:", fitted[-1], g[-1])


if __name__ == "__main__":
    main()
