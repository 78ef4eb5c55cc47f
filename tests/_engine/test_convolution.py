"""XLA's convolution in the form that its CPU backend is fast at."""

import re

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax
from oracle import extend, oracle, reads, wide
from tolerance import assert_correlation

from sigconv._core.geometry import Axis, Geometry
from sigconv._engine import convolution, kernel_derivative
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


FORMS = {
    "an odd number of channels": ((2, 3, 9, 8), (20, 3, 3, 2), (Axis(2, 1), Axis(0, 3))),
    "channels short of a multiple of four": ((2, 7, 9, 8), (5, 7, 3, 2), (Axis(2, 1), Axis(0, 3))),
    "no padding": ((2, 4, 9, 8), (5, 4, 3, 2), (Axis(), Axis())),
    "no padding, with steps": ((2, 5, 11, 12), (18, 5, 3, 2), (Axis(stride=2), Axis(stride=3, dilation=2))),
    "one signal, no padding": ((1, 4, 9, 8), (5, 4, 3, 2), (Axis(dilation=2), Axis())),
    "one axis": ((3, 4, 30), (5, 4, 4), (Axis(1, 2, stride=2),)),
    "a volume": ((2, 5, 6, 5, 4), (3, 5, 2, 3, 2), (Axis(1, 0), Axis(1, 1, stride=2), Axis(0, 1))),
    "more channels out than in": ((3, 4, 9, 8), (9, 4, 3, 2), (Axis(1, 1, stride=3), Axis(0, 1, dilation=2))),
    "fewer channels out than in": ((3, 6, 9, 8), (4, 6, 3, 2), (Axis(1, 1), Axis(0, 1, dilation=2))),
}


@pytest.mark.parametrize("name", FORMS)
def test_forms_that_xla_is_fast_at_are_the_definition_with_its_derivatives(monkeypatch, name):
    """In as many parts, and with as much padding, as large convolutions have."""
    constants = {"MANY_POSITIONS": 1, "MANY_PRODUCTS": 1, "MANY_NUMBERS": 1, "PART_NUMBERS": 64}
    monkeypatch.setattr(kernel_derivative, "CONTRACTED", 100)
    for constant, value in {**constants, "FEW_OUTS": 2}.items():
        monkeypatch.setattr(convolution, constant, value)
    signal, weights, axes = FORMS[name]
    geometry, rng = Geometry(axes), np.random.default_rng(0)
    x, w = rng.standard_normal(signal, np.float32), rng.standard_normal(weights, np.float32)
    forward = lambda x, w: convolution.forward(x, w, geometry, lax.Precision.HIGHEST)  # noqa: E731
    y = jax.jit(forward)(x, w)
    assert_correlation(y, oracle(x, w, geometry), x, w, "direct")
    g = rng.standard_normal(y.shape, np.float32)
    backward = lambda x, g: kernel_derivative.weights(x, g, geometry, weights[2:], lax.Precision.HIGHEST)  # noqa: E731
    got = jax.jit(backward)(x, g)
    # What stands beside w[o, c, t] in Σ g · y is Σ g[:, o] times the samples that the tap meets.
    exact, sizes, padded = np.zeros(weights), np.zeros(weights), extend(wide(x), geometry)
    for tap in np.ndindex(*weights[2:]):
        met = padded[(..., *map(reads, axes, tap, y.shape[2:]))]
        for out, channel in np.ndindex(*weights[:2]):
            products = met[:, channel] * g[:, out]
            exact[(out, channel, *tap)], sizes[(out, channel, *tap)] = products.sum(), np.abs(products).sum()
    terms = g[:, 0].size
    assert (np.abs(got - exact) <= 2.0**-23 * max(8, np.sqrt(terms) / 4) * sizes).all()


def test_programs_of_the_kernel_derivative_do_not_grow_with_the_batch():
    """Parts of a batch are not cut again, each into as many bands."""
    shape = jax.ShapeDtypeStruct((64, 64, 256, 256), np.float32)
    same = Geometry((Axis(1, 1), Axis(1, 1)))
    program = jax.make_jaxpr(lambda x, g: kernel_derivative.weights(x, g, same, (3, 3), None))(shape, shape)
    assert str(program).count("conv_general_dilated[") <= 2 * 2 * convolution.MOST_PARTS + 1


def test_large_convolutions_are_brought_into_those_forms():
    if jax.default_backend() != "cpu":
        pytest.skip("XLA's CPU backend")
    large = jax.ShapeDtypeStruct((8, 3, 58, 58), np.float32), jax.ShapeDtypeStruct((32, 3, 3, 3), np.float32)
    forward = lambda x, w: convolution.forward(x, w, Geometry((Axis(), Axis())), None)  # noqa: E731
    text = str(jax.make_jaxpr(forward)(*large))
    assert "f32[8,58,58,4]" in text
    assert "padding=((0, 0), (0, 1))" in text
    cotangent = jax.ShapeDtypeStruct((8, 32, 56, 56), np.float32)
    weights = lambda x, g: kernel_derivative.weights(x, g, Geometry((Axis(), Axis())), (3, 3), None)  # noqa: E731
    assert kernel_derivative._contraction_parts(3, cotangent.shape) == 4
    assert str(jax.make_jaxpr(weights)(large[0], cotangent)).count("conv_general_dilated[") > 4


@pytest.mark.parametrize(
    ("channels", "outs", "rank", "missing"),
    [
        (7, 5, 2, 1),
        (7, 40, 2, 1),
        (22, 112, 2, 2),
        (20, 40, 2, 0),
        (22, 40, 1, 0),
        (22, 64, 2, 0),
        (22, 56, 2, 0),
        (5, 40, 2, 0),
        (1, 5, 2, 0),
        (21, 24, 2, 1),
        (21, 24, 1, 1),
        (22, 24, 2, 0),
    ],
)
def test_channels_are_added_where_xla_is_slow_without(channels, outs, rank, missing):
    assert convolution.missing_channels(channels, outs, rank) == missing
