"""Every design under jit, vmap and derivatives, in every precision."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from design.designs import DESIGNS, assert_close, parameters
from jax.test_util import check_grads

from sigconv import design

CONDITION = {"window, chebwin": 32, "minimum_phase": 4, "least_squares": 4}
"""How many times the rounding of the parameters is amplified: by the order, 7, times log 10^2.5; by the logarithm; by
the solve."""
STEP = 1e-6


@pytest.mark.parametrize("name", DESIGNS)
def test_traced_parameters_and_single_precision_give_the_same(name, x64):
    function, values = DESIGNS[name][0], parameters(name, "float64")
    known = function(*values)
    assert known.dtype in (jnp.float64, jnp.complex128)
    assert np.isfinite(known).all()
    single = jax.jit(function)(*(v.astype("float32") for v in values))
    assert single.dtype in (jnp.float32, jnp.complex64)
    # The rounding of the parameters counts too, by the slope.
    size = max(np.abs(v).max() for v in values)
    assert_close(single, np.asarray(known), "float32", scale=CONDITION.get(name, 1) * (np.abs(known).max() + size))


@pytest.mark.parametrize("name", DESIGNS)
def test_derivatives_are_right(name, x64):
    """Forward against central differences, backward against forward; all traced, and so compared with what is not."""
    function, values = DESIGNS[name][0], parameters(name, "float64")
    draw = np.random.default_rng(0)
    tangents = tuple(draw.uniform(0.5, 1, v.shape) * np.maximum(np.abs(v), 0.1) for v in values)

    @jax.jit
    def everything(values, tangents, steps):
        low, high = (function(*(v + s * t for v, t in zip(values, tangents, strict=True))) for s in (-steps, steps))
        at, slope = jax.jvp(function, values, tangents)
        back = jax.vjp(function, *values)[1](slope.conj())
        return at, (high - low) / (2 * steps), slope, sum(jnp.sum(b * t) for b, t in zip(back, tangents, strict=True))

    at, numeric, slope, back = everything(values, tangents, STEP)
    assert_close(at, np.asarray(function(*values)))
    scale = CONDITION.get(name, 1) * (np.abs(slope).max() + np.abs(at).max())
    # Differences are good to the square of the step, and to rounding over the step.
    np.testing.assert_allclose(slope, numeric, rtol=0, atol=scale * (1e3 * STEP**2 + 16 * np.finfo(float).eps / STEP))
    np.testing.assert_allclose(back, np.sum(np.abs(slope) ** 2), rtol=1e-12)


@pytest.mark.parametrize(
    "name", ["low pass", *(pytest.param(n, marks=pytest.mark.full) for n in DESIGNS if n != "low pass")]
)
def test_check_grads_agrees_to_second_order(name, x64):
    values = parameters(name, "float64")
    check_grads(jax.jit(DESIGNS[name][0]), values, order=2, modes=["fwd", "rev"], atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("name", ["band pass, Kaiser", "least_squares", "gabor", "Butterworth stop"])
def test_vmap_is_a_loop(name):
    function, values = DESIGNS[name][0], parameters(name, "float32")
    batch = tuple(np.stack([v, v * np.float32(1.05)]) for v in values)
    whole = jax.vmap(function)(*batch)
    for i in range(2):
        assert_close(whole[i], np.asarray(function(*(b[i] for b in batch))), "float32", scale=np.abs(whole).max() + 1)


@pytest.mark.parametrize(
    ("name", "dtype"), [("low pass", "float16"), ("low pass", "bfloat16"), ("gaussian", "bfloat16")]
)
def test_short_floats_are_rounded_once(name, dtype):
    function = DESIGNS[name][0]
    short = tuple(jnp.asarray(v, dtype) for v in parameters(name, "float32"))
    taps = function(*short)
    assert taps.dtype == dtype
    wide = function(*(v.astype("float32") for v in short))
    np.testing.assert_array_equal(taps, wide.astype(dtype))


def test_numbers_in_a_tuple_may_be_traced():
    both = jax.jit(lambda low, high: design.windowed_sinc(9, (low, high), kind="bandpass"))(0.1, 0.3)
    assert_close(both, np.asarray(design.windowed_sinc(9, (0.1, 0.3), kind="bandpass")), "float32")
    band = jax.jit(lambda low, high: design.butterworth(1, (low, high), kind="bandpass"))(0.1, 0.3)
    assert_close(band, np.asarray(design.butterworth(1, (0.1, 0.3), kind="bandpass")), "float32")


def test_traced_cutoffs_beyond_nyquist_are_folded_back():
    inside, outside = (jax.jit(lambda f: design.windowed_sinc(9, f, scale=False))(f) for f in (0.3, 1.3))
    assert np.isfinite(outside).all()
    middle = np.arange(9) == 4
    assert_close(outside - 2.0 * middle, np.asarray(inside), "float32", scale=4)
