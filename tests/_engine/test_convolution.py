"""XLA's convolution in the form that its CPU backend is fast at."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from oracle import oracle
from tolerance import assert_correlation

from sigconv._core.geometry import Axis, Geometry
from sigconv._engine.run import METHODS, run

LINE = Geometry((Axis(2, 1, stride=2, dilation=2),))
PLANE = Geometry((Axis(2, 1), Axis(0, 3, stride=2, dilation=2)))


@pytest.mark.parametrize(
    ("geometry", "signal", "weights"), [(LINE, (2, 5, 11), (4, 5, 3)), (PLANE, (2, 4, 9, 8), (5, 4, 3, 2))]
)
def test_mixed_channels_match_definition(geometry, signal, weights):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal(signal, np.float32), rng.standard_normal(weights, np.float32)
    y = run(jnp.asarray(x), jnp.asarray(w), geometry, METHODS["direct"])
    assert_correlation(y, oracle(x, w, geometry), x, w, "direct")


@pytest.mark.parametrize(("channels", "is_last"), [(8, True), (2, False)])
def test_mixed_channels_are_a_matrix_product_in_a_loop(channels, is_last):
    """XLA looks for the order of axes that it has one for in a program's outermost part only."""
    if jax.default_backend() != "cpu":
        pytest.skip("XLA's CPU backend")
    geometry = Geometry((Axis(1, 1), Axis(1, 1)))
    x, w = jnp.ones((1, channels, 6, 6)), jnp.ones((channels, channels, 3, 3))
    program = jax.jit(lambda x, w: lax.fori_loop(0, 9, lambda _, x: run(x, w, geometry, METHODS["direct"]), x))
    orders = set(re.findall(r"convolution\(.*dim_labels=(\S+?),", program.lower(x, w).compile().as_text()))
    assert orders == {"b01f_01io->b01f" if is_last else "bf01_oi01->bf01"}
