"""The algebra of geometries, checked on the operators they stand for, in whole numbers and so exactly."""

import itertools
import math

import numpy as np
from oracle import oracle

from sigconv._core.geometry import Geometry


def apply(geometry, x, w):
    return oracle(x, w, geometry)


def flipped(w, groups):
    """The adjoint's weights, by their definition: v[c, o, t] = w[o, c, k−1−t] within each group."""
    outs, per_group = w.shape[0] // groups, w.shape[1]
    v = np.zeros((groups * per_group, outs, *w.shape[2:]), w.dtype)
    for g, o, c in itertools.product(range(groups), range(outs), range(per_group)):
        v[g * per_group + c, o] = np.flip(w[g * outs + o, c])
    return v


def check_adjoint(geometry, signal, weights):
    rng = np.random.default_rng(0)
    x, w = rng.integers(-9, 10, signal), rng.integers(-9, 10, weights)
    y = apply(geometry, x, w)
    z = rng.integers(-9, 10, y.shape)
    adjoint = geometry.adjoint(signal[2:], weights[2:])
    back = apply(adjoint, z, flipped(w, geometry.groups))
    assert back.shape == x.shape
    assert np.vdot(y, z) == np.vdot(x, back)


def composite(w2, w1, second, first):
    """Σ over s₁·d₂·l + d₁·k = m of w₂[l] @ w₁[k], on the grid of the composite's dilation; one axis, one group."""
    one, two = first.dilation * second.input_dilation, first.stride * second.dilation
    step = math.gcd(one, two)
    size = (one * (w1.shape[2] - 1) + two * (w2.shape[2] - 1)) // step + 1
    w = np.zeros((w2.shape[0], w1.shape[1], size), w1.dtype)
    for l, k in itertools.product(range(w2.shape[2]), range(w1.shape[2])):
        w[:, :, (two * l + one * k) // step] += w2[:, :, l] @ w1[:, :, k]
    return w


def check_composition(first, second, length, k1=3, k2=2, channels=(2, 3, 2)):
    rng = np.random.default_rng(0)
    x = rng.integers(-9, 10, (1, channels[0], length))
    w1, w2 = rng.integers(-9, 10, (channels[1], channels[0], k1)), rng.integers(-9, 10, (channels[2], channels[1], k2))
    one, two = Geometry((first,)), Geometry((second,))
    both = two.compose(one, (length,), (k1,))
    expected = apply(two, apply(one, x, w1), w2)
    np.testing.assert_array_equal(apply(both, x, composite(w2, w1, second, first)), expected)
