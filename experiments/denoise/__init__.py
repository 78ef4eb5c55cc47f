"""Noise taken out of a photograph by shrinking its wavelet coefficients."""
