"""Hypothesis strategies over geometries and the shapes they apply to."""

from hypothesis import assume
from hypothesis import strategies as st

from sigconv._core.boundary import ZERO, Constant, Rule
from sigconv._core.geometry import Axis, Geometry

SIDES = st.sampled_from([ZERO, *Rule, Constant(2)])


@st.composite
def axes(draw, zero_only=False):
    """An axis with a length and a number of taps that give at least one output."""
    length, taps = draw(st.integers(1, 9)), draw(st.integers(1, 5))
    is_zero = zero_only or draw(st.booleans())
    axis = Axis(
        lo=draw(st.integers(-3, 8)),
        hi=draw(st.integers(-3, 8)),
        stride=draw(st.integers(1, 3)),
        dilation=draw(st.integers(1, 3)),
        input_dilation=draw(st.integers(1, 3)) if is_zero else 1,
        low=ZERO if is_zero else draw(SIDES),
        high=ZERO if is_zero else draw(SIDES),
    )
    assume(axis.out_length(length, taps) > 0)
    return axis, length, taps


@st.composite
def geometries(draw, most_axes=2, zero_only=False):
    """A geometry and the shapes of a signal and of weights that it takes."""
    drawn = draw(st.lists(axes(zero_only), min_size=1, max_size=most_axes))
    groups, per_group, outs = draw(st.sampled_from([(1, 1, 1), (1, 2, 3), (2, 1, 1), (2, 2, 1), (3, 1, 2)]))
    geometry = Geometry(tuple(axis for axis, _, _ in drawn), groups)
    signal = (draw(st.integers(1, 2)), groups * per_group, *(length for _, length, _ in drawn))
    weights = (groups * outs, per_group, *(taps for _, _, taps in drawn))
    return geometry, signal, weights
