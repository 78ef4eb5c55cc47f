"""Operators of every kind in float64, small enough for their dense matrices."""

import jax
import numpy as np
import pytest


@pytest.fixture(autouse=True)
def wide():
    """Everything here is compared with dense float64 matrices."""
    with jax.enable_x64(True):
        yield


@pytest.fixture
def rng():
    return np.random.default_rng(0)
