"""Canonical correlation: arrays in, array out."""
