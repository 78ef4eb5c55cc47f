"""The kernel's derivative as sums written out: held against the definition where the parts do not go up evenly."""

import itertools
import math

import jax
import numpy as np
import pytest

from sigconv._core.geometry import Axis, Geometry
from sigconv._engine.tap_sums import LEAST_PIECE, MOST_PRODUCTS, UNROLLED, sums_of_products


def definition(x, g, geometry, taps):
    groups = geometry.groups
    channels, outs = x.shape[1] // groups, g.shape[1] // groups
    found = np.zeros((groups * outs, channels, *taps))
    for out, channel, tap in itertools.product(
        range(groups * outs), range(channels), itertools.product(*map(range, taps))
    ):
        steps = zip(tap, g.shape[2:], geometry.axes, strict=True)
        at = (slice(t * a.dilation, t * a.dilation + (n - 1) * a.stride + 1, a.stride) for t, n, a in steps)
        found[(out, channel, *tap)] = (x[(slice(None), out // outs * channels + channel, *at)] * g[:, out]).sum()
    return found


@pytest.mark.parametrize(
    ("batch", "groups", "channels", "outs", "positions", "taps", "axis"),
    [
        (2 * UNROLLED + 3, 2, 2, 3, (5,), (3,), Axis(stride=2, dilation=3)),
        (3, 4, 1, 1, (2 * LEAST_PIECE + 7,), (2,), Axis(stride=3)),
        (UNROLLED + 1, 3, 1, 2, (2, 3), (2, 2), Axis(dilation=2)),
        (2, 2, 1, 1, (UNROLLED + 3, 4), (3, 2), Axis(stride=2)),
        (1, 1, 1, 1, (2 * UNROLLED + 5, 3), (1, 2), Axis()),
        (UNROLLED, 2, 1, 1, (3, 2), (MOST_PRODUCTS // UNROLLED + 1, 1), Axis()),
    ],
)
def test_sums_are_the_definition(batch, groups, channels, outs, positions, taps, axis):
    rng = np.random.default_rng(0)
    geometry = Geometry((axis,) * len(taps), groups)
    sizes = zip(positions, taps, strict=True)
    space = tuple((n - 1) * axis.stride + (k - 1) * axis.dilation + 1 for n, k in sizes)
    x = rng.standard_normal((batch, groups * channels, *space)).astype("f4")
    g = rng.standard_normal((batch, groups * outs, *positions)).astype("f4")
    got = jax.jit(lambda x, g: sums_of_products(x, g, geometry, taps))(x, g)
    terms = batch * math.prod(positions)
    sizes = definition(abs(x).astype("f8"), abs(g).astype("f8"), geometry, taps)
    error = np.abs(got - definition(x.astype("f8"), g.astype("f8"), geometry, taps))
    assert (error <= 2.0**-23 * max(8, math.sqrt(terms) / 4) * sizes).all()
