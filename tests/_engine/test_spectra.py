"""Lengths of transforms, and the lengths that geometries need."""

import pytest

from sigconv._core.boundary import Rule
from sigconv._core.geometry import Axis, Geometry
from sigconv._engine import fft
from sigconv._engine.spectra import fast_length


def is_smooth(n):
    for p in (2, 3, 5, 7):
        while n % p == 0:
            n //= p
    return n == 1


def test_fast_length_is_the_smallest_smooth_even_one():
    smooth = [n for n in range(1, 3000) if is_smooth(n) and (n % 2 == 0 or n == 1)]
    for least in range(1, 2500):
        assert fast_length(least) == min(n for n in smooth if n >= least)


@pytest.mark.parametrize(
    ("axis", "length", "taps", "cycle"),
    [
        (Axis(), 512, 63, 512),
        (Axis(31, 31), 480, 63, fast_length(511)),
        (Axis(62, 62), 512, 63, fast_length(574)),
        (Axis(31, 31, low=Rule.PERIODIC, high=Rule.PERIODIC), 512, 63, 512),
        (Axis(31, 31, low=Rule.PERIODIC, high=Rule.PERIODIC), 509, 63, fast_length(571)),
        (Axis(31, 31, low=Rule.EDGE, high=Rule.EDGE), 512, 63, fast_length(574)),
    ],
)
def test_fft_is_no_longer_than_the_geometry_needs(axis, length, taps, cycle):
    (plan,) = fft._plans(Geometry((axis,)), (length,), (taps,))
    assert plan.length == cycle
