"""Lengths of transforms, and products of spectra."""

import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from sigconv._engine import spectra
from sigconv._engine.spectra import fast_length


def is_smooth(n):
    for p in (2, 3, 5, 7):
        while n % p == 0:
            n //= p
    return n == 1


def test_fast_length_is_the_smallest_smooth_even_one():
    """A multiple of 8 where it is long: others take twice as long."""
    smooth = [n for n in range(1, 6000) if is_smooth(n) and (n % 2 == 0 or n == 1)]
    for least in (*range(1, 2500), *range(3400, 5000, 7)):
        assert fast_length(least) == min(n for n in smooth if n >= least and (least < 3500 or n % 8 == 0))


@pytest.mark.parametrize("most_terms", [0, 64])
@pytest.mark.parametrize(("groups", "out", "inner"), [(1, 3, 4), (2, 4, 6), (3, 3, 3)])
def test_multiply_adds_up_the_channels_of_each_group(monkeypatch, groups, out, inner, most_terms):
    monkeypatch.setattr(spectra, "MOST_TERMS", most_terms)
    rng = np.random.default_rng(0)
    x, w = (
        rng.standard_normal(shape) + 1j * rng.standard_normal(shape)
        for shape in ((2, inner, 5), (out, inner // groups, 5))
    )
    y = spectra.multiply(jnp.asarray(x), jnp.asarray(w), groups, lax.Precision.HIGHEST)
    for o in range(out):
        first = o // (out // groups) * (inner // groups)
        reference = (x[:, first : first + inner // groups] * w[o]).sum(1)
        bound = 8 * 2.0**-23 * np.linalg.norm(x) * np.linalg.norm(w)
        assert np.abs(y[:, o] - reference).max() <= bound
