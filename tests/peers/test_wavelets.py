"""`design.wavelet` and `wavelets` against PyWavelets."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sigconv import OptionError, design, wavelets
from sigconv.design.wavelets import NAMES, named_filters

pywt = pytest.importorskip("pywt")
pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("x64")]

ATOL = 1e-12
"""Far above the rounding of either, and far below what another sample or sign would make."""
COARSE = ("sym", "bior4.4", "bior5.5", "bior6.8", "rbio4.4", "rbio5.5", "rbio6.8")
"""Filters whose tables in PyWavelets reconstruct to 1e-11 … 1e-13 only; ours do to rounding."""
CASES = [("db2", 9), ("coif1", 10), ("db2", 2), ("bior3.1", 3), ("bior2.4", 4), ("haar", 1)]


def test_names_of_modes_are_theirs_in_their_order():
    assert list(wavelets.MODES) == list(pywt.Modes.modes)


@pytest.mark.parametrize("name", NAMES)
def test_filters_are_theirs(name):
    theirs = pywt.Wavelet(name)
    atol = 4e-12 if name.startswith(COARSE) else 16 * 2.0**-52
    for ours, taps in zip(named_filters(name), theirs.filter_bank, strict=True):
        np.testing.assert_allclose(ours, taps, rtol=0, atol=atol)


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith(COARSE)])
def test_ours_reconstruct_better_where_they_differ(name):
    def defect(filters):
        low, high, back, turned = map(np.asarray, filters)
        total = np.convolve(low, back) + np.convolve(high, turned)
        total[len(low) - 1] -= 2
        return abs(total).max()

    ours, theirs = defect(named_filters(name)), defect(pywt.Wavelet(name).filter_bank)
    assert ours < 16 * 2.0**-52
    assert ours <= theirs


@pytest.mark.parametrize("mode", pywt.Modes.modes)
@pytest.mark.parametrize(("name", "n"), CASES)
def test_dwt_and_idwt_match(name, n, mode, rng):
    x = rng.standard_normal((2, n))
    if n == 1 and "reflect" in mode:
        with pytest.raises(ValueError, match="must be greater than 1"):
            pywt.dwt(x, name, mode)
        return
    theirs, ours = pywt.dwt(x, name, mode), wavelets.dwt(x, name, mode=mode)
    for one, two in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, two, rtol=0, atol=ATOL)
    c = rng.standard_normal((2, *ours[0].shape))
    np.testing.assert_allclose(wavelets.idwt(tuple(c), name, mode=mode), pywt.idwt(*c, name, mode), rtol=0, atol=ATOL)


@pytest.mark.parametrize("mode", pywt.Modes.modes)
def test_wavedecn_and_waverecn_match(mode, rng):
    x, axes = rng.standard_normal((11, 3, 16)), (2, 0)
    theirs = pywt.wavedecn(x, "db2", mode, level=1, axes=axes)
    ours = wavelets.wavedec(x, "db2", mode=mode, level=1, axes=axes)
    for one, two in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        np.testing.assert_allclose(one, two, rtol=0, atol=ATOL)
    assert [list(band) for band in ours[1:]] == [list(band) for band in theirs[1:]]
    np.testing.assert_allclose(
        wavelets.waverec(ours, "db2", mode=mode, axes=axes), pywt.waverecn(theirs, "db2", mode, axes), rtol=0, atol=ATOL
    )


@pytest.mark.parametrize(("mode", "n"), [("symmetric", 37), ("periodization", 37), ("smooth", 64)])
def test_wavedec_and_waverec_match(mode, n, rng):
    x = rng.standard_normal((2, n))
    theirs = pywt.wavedec(x, "db3", mode)
    ours = wavelets.wavedec(x, "db3", mode=mode)
    assert len(ours) == len(theirs)
    for one, two in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, two, rtol=0, atol=ATOL)
    back = wavelets.waverec(ours, "db3", mode=mode)
    np.testing.assert_allclose(back, pywt.waverec(theirs, "db3", mode), rtol=0, atol=ATOL)


def test_wavelets_and_modes_per_axis_match(rng):
    x = rng.standard_normal((7, 8))
    theirs = pywt.dwtn(x, ("haar", "db2"), ("zero", "periodization"))
    ours = wavelets.dwt(x, ("haar", "db2"), mode=("zero", "periodization"), axes=(0, 1))
    assert list(ours) == list(theirs)
    for key in theirs:
        np.testing.assert_allclose(ours[key], theirs[key], rtol=0, atol=ATOL)


@pytest.mark.parametrize(("name", "norm"), [("db3", False), ("db3", True), ("bior2.2", False)])
def test_swt_and_iswt_match(name, norm, rng):
    x = rng.standard_normal((2, 16))
    theirs = pywt.swt(x, name, trim_approx=True, norm=norm)
    ours = wavelets.swt(x, name, norm=norm)
    assert len(ours) == len(theirs)
    for one, two in zip(ours, theirs, strict=True):
        np.testing.assert_allclose(one, two, rtol=0, atol=ATOL)
    c = [rng.standard_normal(band.shape) for band in theirs]
    np.testing.assert_allclose(wavelets.iswt(c, name, norm=norm), pywt.iswt(c, name, norm=norm), rtol=0, atol=ATOL)


def test_swtn_and_iswtn_match(rng):
    x = rng.standard_normal((4, 2, 8))
    theirs = pywt.swtn(x, "db2", 2, axes=(0, 2), trim_approx=True)
    ours = wavelets.swt(x, "db2", level=2, axes=(0, 2))
    for one, two in zip(jax.tree.leaves(ours), jax.tree.leaves(theirs), strict=True):
        np.testing.assert_allclose(one, two, rtol=0, atol=ATOL)
    c = jax.tree.map(lambda band: rng.standard_normal(band.shape), theirs)
    np.testing.assert_allclose(
        wavelets.iswt(c, "db2", axes=(0, 2)), pywt.iswtn(c, "db2", axes=(0, 2)), rtol=0, atol=ATOL
    )


def test_levels_match():
    for n in (2, 8, 30, 64, 100, 1000):
        assert wavelets.swt_max_level(n) == pywt.swt_max_level(n)
        for name in ("haar", "db2", "sym8", "coif5"):
            assert wavelets.dwt_max_level(n, name) == pywt.dwt_max_level(n, name)


def test_levels_too_deep_are_refused_where_they_warn_or_refuse():
    with pytest.warns(UserWarning, match="too high"):
        pywt.wavedec(np.ones(20), "db4", level=2)
    with pytest.raises(OptionError, match="at most 1 for 20 samples"):
        wavelets.wavedec(jnp.ones(20), "db4", level=2)
    with pytest.raises(ValueError, match="level"):
        pywt.swt(np.ones(20), "db4", level=3)
    with pytest.raises(OptionError, match="at most 2 for 20 samples"):
        wavelets.swt(jnp.ones(20), "db4", level=3)


def test_their_wavelets_are_ours(rng):
    """A bank that has no name here."""
    theirs = pywt.Wavelet("db12")
    ours = design.Wavelet(*theirs.filter_bank)
    x = rng.standard_normal(40)
    for one, two in zip(wavelets.dwt(x, ours), pywt.dwt(x, theirs), strict=True):
        np.testing.assert_allclose(one, two, rtol=0, atol=ATOL)
