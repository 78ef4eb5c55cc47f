"""`lfilter` and `sosfilt`: the definition by every method, states, layouts, dtypes, derivatives."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from iir.definition import BIQUAD, FIFTH, SECTIONS, assert_filtered, filtered, in_sections
from jax.test_util import check_grads
from scipy.signal import iirfilter

from sigconv import DTypeError, OptionError, ShapeError
from sigconv.iir import lfilter, lfilter_zi, sosfilt, sosfilt_zi

METHODS = ("blocked", "associative", "scan")
USED = ("blocked", pytest.param("associative", marks=pytest.mark.full), "scan")
"""All of them; the one that `auto` never picks where everything is tested."""
RNG = np.random.default_rng(0)
LONG = RNG.standard_normal((2, 1100)).astype("f4")
"""Blocks, groups of them, groups of those, and a rest of each."""
POLYNOMIALS = {
    "order 1": ([0.3], [1.0, -0.7]),
    "order 2": (BIQUAD[0, :3], BIQUAD[0, 3:]),
    "order 5": FIFTH,
    "integrator": ([1.0], [1.0, -1.0]),
    "double integrator": ([1.0], [1.0, -2.0, 1.0]),
    "double pole": ([1.0], [1.0, -1.6, 0.64]),
    "complex": ([1.0, 0.5j], [1.0, -0.5j, 0.25 + 0.1j]),
    "more zeros": (np.hanning(30), [1.0, -0.5, 0.25]),
    "no poles": ([0.5, 0.25, -0.25], [2.0]),
    "a factor": ([3.0], [2.0]),
}


def state_of(shape):
    return RNG.standard_normal(shape).astype("f4")


@pytest.mark.parametrize("method", USED)
@pytest.mark.parametrize("name", POLYNOMIALS)
def test_lfilter_is_the_definition(name, method):
    b, a = (np.asarray(c, "c8" if np.iscomplexobj(c) else "f4") for c in POLYNOMIALS[name])
    x = LONG[:, :140]
    z = state_of((2, max(len(b), len(a)) - 1))
    y, final = lfilter(b, a, x, initial=z, method=method)
    assert (y.shape, final.shape) == (x.shape, z.shape)
    response = filtered(b, a, np.eye(1, 140)[0])[0]
    for i in range(2):
        exact, state = filtered(b, a, x[i], z[i])
        # The state is heard through the response, no louder than it is itself and the coefficients are.
        reach = np.append(x[i], np.abs(z[i]).sum(initial=0) * (1 + np.abs(a).sum() / abs(a[0])))
        assert_filtered(y[i], exact, reach, response)
        if len(state):
            assert_filtered(
                final[i], state, reach, np.abs(response).max() * (np.abs(a).sum() + np.abs(b).sum()) * np.ones(8)
            )


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("sos", [BIQUAD, SECTIONS], ids=["one", "three"])
def test_sosfilt_is_the_definition(sos, method):
    sos = sos.astype("f4")
    z = state_of((len(sos), 2, 2))
    y, final = sosfilt(sos, LONG, initial=z, method=method)
    response = in_sections(sos, np.eye(1, 300)[0])[0]
    for i in range(2):
        exact, state = in_sections(sos, LONG[i], z[:, i])
        assert_filtered(y[i], exact, LONG[i], response)
        assert_filtered(final[:, i], state, LONG[i], [8.0])


@pytest.mark.parametrize("length", [1, 2, 31, 32, 33, 64, 257])
def test_blocks_end_anywhere(length):
    sos, x = BIQUAD.astype("f4"), LONG[0, :length]
    response = in_sections(sos, np.eye(1, 300)[0])[0]
    y, final = sosfilt(sos, x, initial=np.zeros((1, 2), "f4"), method="blocked")
    exact, state = in_sections(sos, x)
    assert_filtered(y, exact, x, response)
    assert_filtered(final, state, x, response)


def test_many_sections_go_on_from_one_state_to_the_next():
    sos = np.tile([[1.0, 0.5, 0.25, 1.0, -0.5, 0.25]], (11, 1)).astype("f4")
    response = in_sections(sos, np.eye(1, 300)[0])[0]
    assert_filtered(sosfilt(sos, LONG[0], method="blocked"), in_sections(sos, LONG[0])[0], LONG[0], response)


NARROW = {
    "a thousandth of the band": (12, 0.001, "lowpass", "butter"),
    "a hundredth": (12, 0.01, "lowpass", "butter"),
    "all but a hundredth": (12, 0.99, "lowpass", "butter"),
    "the last hundredth": (12, 0.99, "highpass", "ellip"),
    "a hundredth in the middle": (6, (0.495, 0.505), "bandpass", "butter"),
    "a hundredth in the middle, zeros beside it": (6, (0.495, 0.505), "bandpass", "cheby2"),
    "a hundredth at three quarters": (6, (0.745, 0.755), "bandpass", "butter"),
}
"""Order, pass band by the Nyquist frequency, kind and family of filters with twelve poles close to the circle."""


@pytest.mark.parametrize("name", NARROW)
def test_narrow_bands_keep_their_digits_in_float32(name):
    """By the rule for direct methods, but against the largest output: a norm of the response would be far above it."""
    order, band, kind, family = NARROW[name]
    sos = iirfilter(order, band, rp=1, rs=60, btype=kind, ftype=family, output="sos").astype("f4")
    x = LONG.ravel()
    exact = in_sections(sos, x)[0]
    error = np.abs(np.asarray(sosfilt(sos, x, method="blocked")) - exact).max() / np.abs(exact).max()
    assert error <= 2.0**-23 * np.sqrt(x.size) / 4


def test_sample_by_sample_low_frequencies_lose_digits_that_blocks_keep():
    sos, x = iirfilter(12, 0.01, btype="lowpass", output="sos").astype("f4"), LONG.ravel()
    exact = in_sections(sos, x)[0]
    errors = [np.abs(np.asarray(sosfilt(sos, x, method=method)) - exact).max() for method in ("blocked", "scan")]
    assert errors[1] >= 10 * errors[0]


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_axes_and_rows_with_filters_of_their_own(axis):
    sos = np.stack([BIQUAD, BIQUAD * [1, 1, 1, 1, 0.5, 0.5]])[:, None].astype("f4")
    x = np.moveaxis(LONG[:, :120].reshape(2, 3, 40), -1, axis)
    z = np.moveaxis(state_of((1, 2, 3, 2)), -1, axis % 3 + 1)
    y, final = sosfilt(sos, x, axis=axis, initial=z, method="blocked")
    assert (y.shape, final.shape) == (x.shape, z.shape)
    rows, states, found, ends = (np.moveaxis(a, axis % 3 + i, -1) for a, i in ((x, 0), (z, 1), (y, 0), (final, 1)))
    for i, j in np.ndindex(2, 3):
        exact, state = in_sections(sos[i, 0], rows[i, j], states[:, i, j])
        assert_filtered(found[i, j], exact, rows[i, j], np.ones(8))
        assert_filtered(ends[:, i, j], state, rows[i, j], np.ones(8))


def test_one_signal_through_a_bank():
    b, a = np.array([[0.5], [0.25]], "f4"), np.array([1.0, -0.5], "f4")
    y = lfilter(b, a, LONG[0, :50], method="blocked")
    assert y.shape == (2, 50)
    np.testing.assert_allclose(y[0], 2 * y[1], rtol=1e-5)
    inner = sosfilt(SECTIONS[:, None], LONG[0, :50], method="blocked")
    assert inner.shape == (3, 50)


@pytest.mark.parametrize("method", USED)
def test_jit_and_vmap_change_nothing(method):
    sos, x = SECTIONS[: 1 if method == "associative" else 2].astype("f4"), LONG[:, :40]
    y = sosfilt(sos, x, method=method)
    np.testing.assert_allclose(jax.jit(lambda s, x: sosfilt(s, x, method=method))(sos, x), y, atol=1e-6)
    many = np.stack([sos, sos * [1, 1, 1, 1, 0.5, 0.25]])
    mapped = jax.vmap(lambda s, x: sosfilt(s, x, method=method))(many, x)
    np.testing.assert_allclose(mapped, sosfilt(many, x, method=method), atol=1e-6)


def test_halves_are_computed_in_float32():
    sos = BIQUAD.astype("f4")
    for dtype in (jnp.float16, jnp.bfloat16):
        short, given = sos.astype(dtype), LONG[0].astype(dtype)
        y = sosfilt(short, given)
        assert y.dtype == dtype
        exact = sosfilt(short.astype("f4"), given.astype("f4"))
        np.testing.assert_array_equal(y, exact.astype(dtype))
        assert sosfilt(sos, given).dtype == np.float32
    assert lfilter([1], [2], np.arange(3)).dtype == np.float32


def test_complex_signals_are_two_real_ones():
    x = (LONG[0, :60] + 1j * LONG[1, :60]).astype("c8")
    y = sosfilt(SECTIONS.astype("f4"), x, method="blocked")
    exact = in_sections(SECTIONS, x)[0]
    assert y.dtype == np.complex64
    assert_filtered(y, exact, x, in_sections(SECTIONS, np.eye(1, 60)[0])[0])


def test_states_carry_from_piece_to_piece():
    sos = SECTIONS.astype("f4")
    z, parts = jnp.zeros((3, 2)), []
    for piece in np.split(LONG[0], 4):
        y, z = sosfilt(sos, piece, initial=z, method="blocked")
        parts.append(y)
    whole = sosfilt(sos, LONG[0], method="blocked")
    assert_filtered(jnp.concatenate(parts), np.asarray(whole, "f8"), LONG[0], in_sections(sos, np.eye(1, 300)[0])[0])


def test_steady_states_are_steady():
    b, a = FIFTH
    y, final = lfilter(b, a, np.ones(40), initial=lfilter_zi(b, a))
    np.testing.assert_allclose(y, b.sum() / a.sum() * np.ones(40), rtol=1e-5)
    np.testing.assert_allclose(final, lfilter_zi(b, a), rtol=1e-4, atol=1e-5)
    y, final = sosfilt(SECTIONS, np.ones(40), initial=sosfilt_zi(SECTIONS))
    np.testing.assert_allclose(y, np.full(40, np.prod(SECTIONS[:, :3].sum(1) / SECTIONS[:, 3:].sum(1))), rtol=1e-4)
    many = jnp.stack([SECTIONS, SECTIONS[::-1]])
    np.testing.assert_allclose(jax.jit(sosfilt_zi)(many)[1], sosfilt_zi(SECTIONS[::-1]), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("method", USED)
def test_derivatives(method, x64):
    x, z = RNG.standard_normal(34 if method == "blocked" else 5), RNG.standard_normal((1, 2))
    run = jax.jit(lambda s, x, z: sosfilt(s, x, initial=z, method=method))
    # A response of so many samples is a polynomial of that degree in a: differences have to be small.
    check_grads(run, (BIQUAD, x, z), order=1, eps=1e-6)


@pytest.mark.full
def test_derivatives_of_blocks(x64):
    x = RNG.standard_normal(34)
    check_grads(jax.jit(lambda b, a: lfilter(b, a, x, method="blocked")), FIFTH, order=1, modes=["rev"], eps=1e-6)
    squares = jax.jit(lambda s, x: jnp.sum(sosfilt(s, x, method="blocked") ** 2))
    check_grads(squares, (BIQUAD, x), order=2, modes=["rev"], eps=1e-6)


@pytest.mark.parametrize("a", [[1.0, -1.6, 0.64], [1.0, 0.0, 0.0]], ids=["double pole", "zeros"])
def test_derivatives_where_poles_meet(a, x64):
    """There the root in the state's scale has none, and needs none."""
    x = RNG.standard_normal(40)
    gradients = [
        jax.grad(lambda a, m=method: jnp.sum(jnp.sin(lfilter([1.0], a, x, method=m))))(jnp.array(a))
        for method in ("blocked", "scan")
    ]
    np.testing.assert_allclose(*gradients, rtol=1e-11)


def test_adjoint_is_the_filter_on_reversed_time():
    x, y = LONG[0, :90], LONG[1, :90]

    def run(x):
        return sosfilt(SECTIONS.astype("f4"), x, method="blocked")

    (back,) = jax.linear_transpose(run, x)(jnp.asarray(y))
    np.testing.assert_allclose(back, jnp.flip(run(jnp.flip(y))), atol=1e-5)
    np.testing.assert_allclose(jnp.vdot(run(x), y), jnp.vdot(x, back), rtol=1e-4)


@given(st.integers(1, 70), st.integers(0, 30), st.floats(-2, 2))
@settings(max_examples=15, deadline=None)
def test_filters_are_linear_causal_and_do_not_change_with_time(length, shift, factor):
    x = LONG[:, :100].copy()
    x[:, length:] = 0
    sos = SECTIONS.astype("f4")

    def run(x):
        return np.asarray(sosfilt(sos, x, method="blocked"))

    y = run(x)
    later = run(np.pad(x, ((0, 0), (shift, 0)))[:, :100])
    scale = 8 * 2.0**-23 * np.abs(x).max() * np.abs(in_sections(SECTIONS, np.eye(1, 100)[0])[0]).sum()
    np.testing.assert_allclose(later[:, shift:], y[:, : 100 - shift], atol=2 * scale)
    assert not np.any(later[:, :shift])
    mixed = run(np.stack([x[0] + np.float32(factor) * x[1], x[1]]))[0]
    np.testing.assert_allclose(mixed, y[0] + factor * y[1], atol=(2 + 2 * abs(factor)) * scale)


X = np.ones(4, "f4")
UNSTABLE = [1.0, -1.5]
BAD = [
    (lambda: lfilter([], [1.0], X), ShapeError, r"^`lfilter`: `b` must have coefficients along its last axis; got shape \(0,\)"),
    (lambda: lfilter([1.0], 1.0, X), ShapeError, r"`a` must have coefficients along its last axis; got shape \(\)"),
    (lambda: lfilter([1.0], [0.0, 1.0], X), OptionError, r"`a` must not have a₀ = 0; got \[0.0\]"),
    (lambda: lfilter([1.0], [1.0], X[:0]), ShapeError, r"`signal` must not be empty"),
    (lambda: lfilter([1.0], [1.0], 1.0), ShapeError, r"`signal` must have at least one axis; got a scalar"),
    (lambda: lfilter([1.0], [1.0], X, axis=1), OptionError, r"`axis` must be one of the signal's 1; got 1"),
    (lambda: lfilter([1.0], [1.0], X, method="fft"), OptionError, r"`method` must be one of \['associative', 'auto', 'blocked', 'scan'\]; got 'fft'"),
    (lambda: lfilter([1.0], [1.0, 0.5], X, initial=X), ShapeError, r"`initial` must have shape \(1,\), or \(1,\) for all; got \(4,\)"),
    (lambda: lfilter(np.ones((3, 1)), [1.0], np.ones((2, 4))), ShapeError, r"`b` and `a` must broadcast with the signal along all axes but that of time"),
    (lambda: lfilter(np.ones((3, 1)), [1.0], np.ones((4,)), axis=0), None, ""),
    (lambda: lfilter(np.ones((3, 3, 1)), [1.0], np.ones((4, 3)), axis=0), OptionError, r"`axis` must be the last where coefficients have more axes"),
    (lambda: lfilter("x", [1.0], X), DTypeError, r"`b` must"),
    (lambda: lfilter([1.0], UNSTABLE, np.ones(300, "f4")), OptionError, r"`a` must not have poles beyond the unit circle whose response overflows float32 within the signal's 300 samples; got one of radius 1.5"),
    (lambda: sosfilt([[1.0, 0, 0, 1, -1.5, 0]], np.ones(300, "f4"), method="blocked"), OptionError, r"^`sosfilt`: `sos` must not have poles"),
    (lambda: sosfilt(X, X), ShapeError, r"`sos` must be sections of six coefficients, \(..., S, 6\), each b₀ b₁ b₂ a₀ a₁ a₂; got shape \(4,\)"),
    (lambda: sosfilt(BIQUAD, X, initial=X), ShapeError, r"`initial` must have shape \(1, 2\), or \(1, 2\) for all; got \(4,\)"),
    (lambda: lfilter_zi([1.0], [0.0, 1.0]), OptionError, r"^`lfilter_zi`: `a` must not have a₀ = 0"),
    (lambda: lfilter_zi([1.0], [1.0, -1.0]), OptionError, r"`a` must have no pole at 1, where a constant signal has no steady state"),
    (lambda: sosfilt_zi([1.0]), ShapeError, r"^`sosfilt_zi`: `sos` must be sections"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[m or "fine" for _, _, m in BAD])
def test_bad_input_is_refused_in_words(call, error, message):
    if error is None:
        call()
        return
    with pytest.raises(error, match=message):
        call()


def test_unstable_filters_run_one_sample_after_the_other():
    x = LONG[0, :60]
    y = lfilter([1.0], UNSTABLE, x)
    exact = filtered([1.0], UNSTABLE, x)[0]
    np.testing.assert_allclose(y, exact, rtol=1e-4, atol=1e-4)
    long = lfilter([1.0], UNSTABLE, LONG[0], method="scan")
    assert np.all(np.isfinite(long[:200]))
    assert not np.any(np.isfinite(long[300:]))
    # Zeros on top of the poles: nothing grows, and blocks would multiply 0 by what overflowed.
    same = lfilter(UNSTABLE, UNSTABLE, LONG[0], method="scan")
    np.testing.assert_array_equal(same, LONG[0])
