"""The filters of wavelets against what defines them, and banks that callers make."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from sigconv import DTypeError, OptionError, ShapeError, design
from sigconv.design import Wavelet
from sigconv.design.wavelets import NAMES, named_filters

EPS = 2.0**-52
ROUNDING = 16 * EPS
"""Of taps below 1.3."""
ORTHOGONAL = [name for name in NAMES if not name.startswith(("bior", "rbio"))]
BIORTHOGONAL = [name for name in NAMES if name not in ORTHOGONAL]


def filters(name):
    return tuple(map(np.asarray, named_filters(name)))


def moments(taps, count):
    """Σ t^m h[t], as multiples of Σ |t^m h[t]|; around the middle, where powers stay small."""
    t = np.arange(len(taps)) - (len(taps) - 1) / 2
    return [abs((t**m * taps).sum()) / (abs(t**m) * abs(taps)).sum() for m in range(count)]


@pytest.mark.parametrize("name", NAMES)
def test_the_bank_reconstructs(name):
    """Σ a ∗ s = 2δ without an alias, and low-pass filters that sum to √2."""
    a, ah, s, sh = filters(name)
    signs = (-1.0) ** np.arange(len(a))
    distortion = np.convolve(a, s) + np.convolve(ah, sh)
    distortion[len(a) - 1] -= 2
    alias = np.convolve(signs * a, s) + np.convolve(signs * ah, sh)
    # The rule for a correlation of the one with the other.
    assert max(abs(distortion).max(), abs(alias).max()) < 8 * EPS * abs(a).sum() * abs(s).sum()
    assert abs(np.array([a.sum(), s.sum()]) - 2**0.5).max() < ROUNDING


@pytest.mark.parametrize("name", ORTHOGONAL)
def test_orthogonal_filters_are_orthonormal_under_even_shifts(name):
    a, ah, s, sh = filters(name)
    for one, two, unit in ((a, a, 1), (ah, ah, 1), (a, ah, 0)):
        lags = np.correlate(one, two, "full")[1::2]
        lags[len(a) // 2 - 1] -= unit
        assert abs(lags).max() < 8 * EPS * abs(one).sum() * abs(two).sum()
    np.testing.assert_array_equal(s, a[::-1])
    np.testing.assert_array_equal(sh, ah[::-1])


@pytest.mark.parametrize("name", NAMES)
def test_moments_vanish(name):
    """As many as the name says: of the analysis' wavelet, and of the coiflets' scaling function too."""
    family, number = name.rstrip("0123456789."), name.lstrip("abcdefghijklmnopqrstuvwxyz") or "1"
    _, high, _, back = filters(name)
    orders = {"bior": {"5.5": (6, 4)}, "rbio": {"5.5": (4, 6)}}.get(family, {}).get(number)
    if orders is None:
        first, last = (number.split(".") * 2)[:2]
        orders = (int(last), int(first)) if family == "rbio" else (int(first), int(last))
    if family == "coif":
        orders = (2 * int(number),) * 2
    # The zero at π of a polynomial is known as well as rounding lets it: to its multiplicity-th root.
    assert max(moments(high, orders[0])) < 1e-9
    assert max(moments(back, orders[1])) < 1e-9


@pytest.mark.parametrize("number", range(1, 6))
def test_coiflets_have_a_scaling_function_with_moments_too(number):
    a, *_ = filters(f"coif{number}")
    t = np.arange(6 * number) - (4.0 * number - 1)
    for m in range(1, 2 * number):
        assert abs((t**m * a).sum()) < 1e-9 * (abs(t) ** m * abs(a)).sum()


def test_closed_forms():
    root = 3**0.5
    wanted = np.array([1 - root, 3 - root, 3 + root, 1 + root]) / (4 * 2**0.5)
    np.testing.assert_allclose(filters("db2")[0], wanted, rtol=0, atol=ROUNDING)
    np.testing.assert_allclose(filters("haar")[1], np.array([-1, 1]) / 2**0.5, rtol=0, atol=ROUNDING)
    jpeg = [0.602949018236360, 0.266864118442875, -0.078223266528990, -0.016864118442875, 0.026748757410810]
    np.testing.assert_allclose(filters("bior4.4")[0][5:] / 2**0.5, jpeg, rtol=0, atol=1e-14)
    spline = np.array([0, -1, 2, 6, 2, -1]) * 2**0.5 / 8
    np.testing.assert_allclose(filters("bior2.2")[0], spline, rtol=0, atol=ROUNDING)
    for name in ("db1", "bior1.1", "rbio1.1"):
        np.testing.assert_allclose(filters(name), filters("haar"), rtol=0, atol=ROUNDING)


@pytest.mark.parametrize("name", BIORTHOGONAL)
def test_biorthogonal_filters_are_symmetric(name):
    for taps in filters(name):
        used = taps[np.flatnonzero(np.abs(taps) > 1e-12)[0] : np.flatnonzero(np.abs(taps) > 1e-12)[-1] + 1]
        assert min(abs(used - used[::-1]).max(), abs(used + used[::-1]).max()) < ROUNDING


@pytest.mark.parametrize("order", range(4, 11))
def test_symlets_are_straighter_than_daubechies_filters_of_the_same_response(order):
    def bend(taps):
        w = np.linspace(0.01, 2, 100)
        response = np.exp(-1j * np.outer(w, np.arange(len(taps)))) @ taps
        phase = np.unwrap(np.angle(response))
        return abs(response), np.ptp(phase - np.polyval(np.polyfit(w, phase, 1), w))

    (same, crooked), (response, straight) = bend(filters(f"db{order}")[0]), bend(filters(f"sym{order}")[0])
    np.testing.assert_allclose(response, same, rtol=0, atol=1e-13)
    assert straight < 0.75 * crooked


def test_errors_of_banks():
    check = jax.jit(lambda w: (w.reconstruction_error(), w.orthogonality_error()))
    eps = 2.0**-23
    rebuilt, orthogonal = check(design.wavelet("db4"))
    assert max(rebuilt, orthogonal) < 8 * eps
    rebuilt, orthogonal = check(design.wavelet("bior2.2", dtype="float32"))
    assert rebuilt < 8 * eps
    assert orthogonal > 0.1
    w = design.wavelet("db4")
    assert check(Wavelet(w.analysis_low, w.analysis_high, w.analysis_low, w.analysis_high))[0] > 0.5
    assert check(Wavelet(w.analysis_low, w.analysis_high, w.synthesis_low, -w.synthesis_high))[0] > 0.5
    batch = jax.tree.map(lambda *taps: jnp.stack(taps), design.wavelet("db4"), w.astype("float32"))
    assert jax.vmap(Wavelet.reconstruction_error)(batch).shape == (2,)


def test_errors_of_complex_banks_and_their_derivatives(x64):
    turned = jnp.asarray(filters("db3")[0] * np.exp(0.7j))
    w = Wavelet.from_low_pass(turned)
    assert w.reconstruction_error() < ROUNDING
    assert w.orthogonality_error() < ROUNDING
    off = jnp.asarray(filters("db3")[0]) + np.array([0.1, 0, 0, 0, 0, 0])
    check_grads(jax.jit(lambda taps: Wavelet.from_low_pass(taps).reconstruction_error()), (off,), 1, ["fwd", "rev"])


def test_from_low_pass_is_how_the_named_are_made(x64):
    for name in ("sym5", "bior3.3", "rbio2.4"):
        a, ah, s, sh = filters(name)
        w = Wavelet.from_low_pass(a) if name == "sym5" else Wavelet.from_low_pass(a, s)
        for field, taps in zip(jax.tree.leaves(w), (a, ah, s, sh), strict=True):
            np.testing.assert_allclose(field, taps, rtol=0, atol=0)


def test_dtypes():
    assert design.wavelet("db2").dtype == "float32"
    for dtype in ("bfloat16", "float16", "complex64"):
        assert design.wavelet("db2", dtype=dtype).dtype == dtype
        assert design.wavelet("db2").astype(dtype).analysis_high.dtype == dtype
    assert Wavelet(np.ones(2, "float16"), *np.ones((3, 2), "float32")).dtype == "float32"


TWO = np.ones(2)
REFUSED = {
    "unknown": (
        lambda: design.wavelet("db11"),
        OptionError,
        "`design.wavelet`: `name` must be one of haar, db1 … db10, sym2 … sym10, coif1 … coif5, bior1.1 … bior6.8, "
        "rbio1.1 … rbio6.8 (bior and rbio: 1.1, 1.3, 1.5, 2.2, 2.4, 2.6, 2.8, 3.1, 3.3, 3.5, 3.7, 3.9, 4.4, 5.5, 6.8); "
        "got 'db11'. Give other filters as a `design.Wavelet`.",
    ),
    "integers": (
        lambda: design.wavelet("db2", dtype=int),
        DTypeError,
        "`design.wavelet`: `dtype` must be a float or complex type; got int32. Cast the result of the transform.",
    ),
    "odd": (
        lambda: Wavelet(np.ones(3), np.ones(3), np.ones(3), np.ones(3)),
        ShapeError,
        "`design.Wavelet`: the four filters must have one even number of taps; got (3, 3, 3, 3). Fill them with zeros, "
        "at both ends of analysis and synthesis alike.",
    ),
    "two axes": (
        lambda: Wavelet(np.ones((2, 2)), TWO, TWO, TWO),
        ShapeError,
        "`design.Wavelet`: `analysis_low` must have one axis; got shape (2, 2). Map over banks with `jax.vmap`.",
    ),
    "integer taps": (
        lambda: Wavelet(TWO, TWO, TWO, np.ones(2, int)),
        DTypeError,
        "`design.Wavelet`: `synthesis_high` must hold floats or complex numbers; got int32. Cast it to float.",
    ),
    "lengths": (
        lambda: Wavelet.from_low_pass(TWO, np.ones(4)),
        ShapeError,
        "`design.Wavelet.from_low_pass`: `synthesis` must have as many taps as the analysis, 2; got 4. "
        "Fill the shorter one with zeros at both ends.",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_bad_calls_are_refused_in_words(case):
    call, error, message = REFUSED[case]
    with pytest.raises(error) as caught:
        call()
    assert str(caught.value) == message
