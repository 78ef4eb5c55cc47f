"""Gram matrices of features: what is asked for in numbers, products over samples, lags, and the public functions."""
