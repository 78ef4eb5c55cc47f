"""Perfect reconstruction, of every wavelet with every boundary, at odd and even lengths along one to three axes."""

import functools

import jax
import numpy as np
import pytest
from wavelets.definition import MODES, reach

from sigconv import design, wavelets
from sigconv.design import Wavelet
from sigconv.design.wavelets import NAMES, named_filters

EPS = 2.0**-52
MOST = 30
"""The taps of the longest."""
SHAPES = {"odd": (11,), "even": (12,), "two axes": (7, 4), "three axes": (3, 6, 5)}


@functools.cache
def every_wavelet():
    """All of them in one array per filter, among zeros: the same banks, delayed alike."""
    rows = []
    for name in NAMES:
        missing = MOST - len(named_filters(name)[0])
        rows.append([np.pad(taps, (missing // 2, missing - missing // 2)) for taps in named_filters(name)])
    return np.swapaxes(np.array(rows), 0, 1)


def there_and_back(x, *filters, mode, axes):
    w = Wavelet(*filters)
    return wavelets.idwt(wavelets.dwt(x, w, mode=mode, axes=axes), w, mode=mode, axes=axes, shape=x.shape)


def assert_rebuilt(back, x, filters, mode):
    """By the rule, for one axis after the other there and back; a wavelet at a time."""
    gains = np.abs(filters).sum(-1)
    scale = gains[:2].max(0) * gains[2:].sum(0)
    size = reach(x, filters.shape[-1], mode) if x.ndim == 1 else abs(x).max()
    bound = 8 * EPS * x.ndim * size * scale**x.ndim
    assert np.all(abs(back - x).reshape(*back.shape[: -x.ndim], -1).max(-1) <= bound)


SOME = [("periodization", "even"), ("periodization", "three axes")] + [(mode, "odd") for mode in MODES[:5]]
SOME += [(mode, "even") for mode in MODES[6:]] + [("symmetric", "two axes")]
PRODUCT = [
    pytest.param(mode, shape, marks=[] if (mode, shape) in SOME else [pytest.mark.full])
    for mode in MODES
    for shape in SHAPES
]


@pytest.mark.parametrize(("mode", "shape"), PRODUCT)
def test_every_wavelet_reconstructs_among_zeros(mode, shape, x64):
    """In one program per mode and shape."""
    x = np.random.default_rng(1).standard_normal(SHAPES[shape])
    filters = every_wavelet()
    axes = tuple(range(x.ndim))
    run = jax.jit(jax.vmap(functools.partial(there_and_back, mode=mode, axes=axes), (None, 0, 0, 0, 0)))
    assert_rebuilt(np.asarray(run(x, *filters)), x, filters, mode)


@pytest.mark.full
@pytest.mark.parametrize("name", NAMES)
def test_every_wavelet_reconstructs_as_it_is(name, x64):
    """One program per mode, shape and number of taps."""
    filters = np.array(named_filters(name))
    for mode in MODES:
        for shape in SHAPES.values():
            x = np.random.default_rng(1).standard_normal(shape)
            back = compiled(mode, len(shape))(x, *filters)
            assert_rebuilt(np.asarray(back), x, filters, mode)


@functools.cache
def compiled(mode, rank):
    return jax.jit(functools.partial(there_and_back, mode=mode, axes=tuple(range(rank))))


@pytest.mark.parametrize(("name", "n", "mode"), [("db2", 21, "symmetric"), ("bior4.4", 40, "periodization")])
def test_levels_reconstruct_in_float32(name, n, mode):
    x = np.random.default_rng(2).standard_normal((n, n)).astype("float32")
    c = wavelets.wavedec(x, name, mode=mode, axes=(0, 1))
    assert len(c) == 3
    back = wavelets.waverec(c, name, mode=mode, axes=(0, 1), shape=x.shape)
    assert abs(back - x).max() <= 32 * 2.0**-23 * abs(x).max()


def test_a_bank_that_is_not_one_does_not():
    w = design.wavelet("db4")
    bad = Wavelet(w.analysis_low, w.analysis_high, w.synthesis_low, -w.synthesis_high)
    x = np.random.default_rng(3).standard_normal(32).astype("float32")
    assert abs(wavelets.idwt(wavelets.dwt(x, bad), bad) - x).max() > 0.1
