"""Windows: NumPy's where NumPy has them, what they owe, and derivatives where formulas have corners."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from design.designs import WINDOWS, assert_close

from sigconv import design
from sigconv.design.windows import WINDOWS as TABLE

NUMPY = {"hann": np.hanning, "hamming": np.hamming, "blackman": np.blackman, "bartlett": np.bartlett, "boxcar": np.ones}


@pytest.mark.parametrize("name", NUMPY)
@pytest.mark.parametrize("length", [1, 2, 7, 8])
def test_windows_are_numpys(name, length, x64):
    assert_close(design.window(name, length), NUMPY[name](length), scale=1)


@pytest.mark.parametrize("beta", [0.0, 3.0, -3.0, 14.0])
def test_kaiser_is_numpys(beta, x64):
    assert_close(design.window(("kaiser", beta), 9), np.kaiser(9, beta))
    assert_close(design.window(beta, 9), np.kaiser(9, beta))


def test_a_large_beta_does_not_overflow():
    w = design.window(("kaiser", 200.0), 9)
    assert np.isfinite(w).all()
    assert w[4] == 1


@pytest.mark.parametrize("name", TABLE)
@pytest.mark.parametrize("length", [8, 9])
def test_windows_are_symmetric_and_one_period_of_a_longer_one(name, length, x64):
    given = (name, *WINDOWS[name]) if name in WINDOWS else name
    if name == "kaiser_bessel_derived":
        w = np.asarray(design.window(given, 8))
        # Princen & Bradley's condition, which it is made for.
        assert_close(w[:4] ** 2 + w[4:] ** 2, np.ones(4))
        return
    w = np.asarray(design.window(given, length))
    assert_close(w, w[::-1])
    assert_close(design.window(given, length, periodic=True), np.asarray(design.window(given, length + 1))[:length])
    assert design.window(given, 1).tolist() == design.window(given, 1, periodic=True).tolist() == [1]


def test_chebyshev_windows_have_side_lobes_of_one_height(x64):
    w = np.asarray(design.window(("chebwin", 60.0), 21))
    spectrum = np.abs(np.fft.rfft(w, 4096)) / w.sum()
    peaks = spectrum[1:-1][(spectrum[1:-1] > spectrum[:-2]) & (spectrum[1:-1] > spectrum[2:])]
    np.testing.assert_allclose(20 * np.log10(peaks), -60, atol=0.01)


def test_tukey_goes_from_flat_to_hann(x64):
    assert design.window(("tukey", 0.0), 9).tolist() == [1] * 9
    assert_close(design.window(("tukey", 1.0), 9), np.hanning(9))
    assert_close(design.window("tukey", 9), np.asarray(design.window(("tukey", 0.5), 9)))


@pytest.mark.parametrize("name", ["kaiser", "tukey"])
def test_corners_have_finite_derivatives(name, x64):
    slope = jax.jit(jax.jacfwd(lambda p: design.window((name, p), 8)))
    for place in (0.0, 1.0):
        assert np.isfinite(slope(place)).all()


def test_kaiser_is_smooth_at_0(x64):
    """I₀(βs)/I₀(β) = 1 + β²(s² − 1)/4 + …"""
    first = jax.jacfwd(lambda beta: design.window(("kaiser", beta), 9))
    slope, bend = jax.jit(lambda beta: (first(beta), jax.jacfwd(first)(beta)))(0.0)
    assert_close(slope, np.zeros(9), scale=1)
    s2 = 1 - np.linspace(-1, 1, 9) ** 2
    assert_close(bend, (s2 - 1) / 2)


def test_dtypes():
    assert design.window("hann", 4).dtype == jnp.float32
    assert design.window("hann", 4, dtype="bfloat16").dtype == jnp.bfloat16
    assert design.window(("kaiser", jnp.float16(3)), 4).dtype == jnp.float16
    assert design.window(("kaiser", 3), 4).dtype == jnp.float32
