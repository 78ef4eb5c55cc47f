"""Invariants of geometries that hypothesis draws; no JAX in here."""

import pytest

pytest.importorskip("hypothesis")
import numpy as np
from algebra import check_adjoint, check_composition
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracle import extend, wide
from strategies import axes, geometries

from sigconv import OptionError
from sigconv._core.geometry import Geometry

STEADY = settings(max_examples=150, deadline=None, derandomize=True)


@STEADY
@given(geometries(most_axes=1, zero_only=True))
def test_adjoint_passes_the_dot_test_on_any_zero_geometry(drawn):
    check_adjoint(*drawn)


@STEADY
@given(geometries(zero_only=True))
def test_adjoint_of_the_adjoint_is_the_operator(drawn):
    geometry, signal, weights = drawn
    out = geometry.out_shape(signal[2:], weights[2:])
    twice = geometry.adjoint(signal[2:], weights[2:]).adjoint(out, weights[2:])
    assert twice.out_shape(signal[2:], weights[2:]) == out
    for one, two in zip(geometry.axes, twice.axes, strict=True):
        assert (one.lo, one.stride, one.dilation, one.input_dilation) == (
            two.lo,
            two.stride,
            two.dilation,
            two.input_dilation,
        )


@STEADY
@given(axes(), axes(), st.integers(1, 12))
def test_compose_is_the_two_steps_wherever_it_is_returned(first, second, length):
    one, two = first[0], second[0]
    middle = one.out_length(length, first[2])
    assume(middle > 0)
    assume(two.out_length(middle, second[2]) > 0)
    try:
        Geometry((two,)).compose(Geometry((one,)), (length,), (first[2],))
    except OptionError:
        return
    check_composition(one, two, length, first[2], second[2], channels=(1, 1, 1))


@STEADY
@given(geometries())
def test_out_shape_is_that_of_the_definition(drawn):
    geometry, signal, weights = drawn
    padded = extend(wide(np.zeros(signal)), geometry).shape[2:]
    counts = [
        len(range(0, n - axis.extent(k) + 1, axis.stride))
        for axis, n, k in zip(geometry.axes, padded, weights[2:], strict=True)
    ]
    assert geometry.out_shape(signal[2:], weights[2:]) == tuple(counts)
