"""`reproduce` on calls that hypothesis draws: what is read is compared as matrices, element by element."""

import dataclasses

import pytest

pytest.importorskip("hypothesis")
import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from oracle import read

from sigconv import OptionError, convention
from sigconv._core.boundary import ZERO, Rule
from sigconv._core.conventions import CONVENTIONS
from sigconv._core.conventions.reproduce import Line
from sigconv._core.geometry import Axis

STEADY = settings(max_examples=200, deadline=None, derandomize=True)
READS = st.sampled_from([ZERO, *Rule])


def matrix(line):
    """Which sample every tap of every output reads, counted from 1; 0 for a zero."""
    axis, numbered = line.axis, np.arange(1, line.n + 1)
    return [
        [read(numbered, i * axis.stride + t * axis.dilation - axis.lo, axis) for t in range(line.k)]
        for i in range(max(line.outputs, 0))
    ]


@st.composite
def pairs_of_lines(draw, length, taps, pad):
    """Two over the same signal and kernel, often with the same number of outputs."""
    n, k = draw(st.integers(1, length)), draw(st.integers(1, taps))
    shared = draw(st.integers(0, 2 * pad))

    def line():
        lo = draw(st.integers(0, shared))
        insert, reads = draw(st.sampled_from([1, 1, 1, 2])), draw(READS)
        steps = draw(st.sampled_from([(1, 1), (1, 1), (2, 1), (1, 2), (3, 2)]))
        return Line(Axis(lo, shared - lo, *steps, *((2, ZERO, ZERO) if insert == 2 else (1, reads, reads))), n, k)

    return line(), line()


@STEADY
@given(pairs_of_lines(5, 4, 4))
def test_reads_are_equal_where_the_matrices_are(pair):
    one, two = pair
    assume(one.outputs > 0 or two.outputs > 0)
    assert one.reads_as(two) == (matrix(one) == matrix(two))


@STEADY
@given(pairs_of_lines(120, 3, 200))
def test_reads_of_long_lines_are_equal_where_the_matrices_are(pair):
    """Longer than what is looked at at each end."""
    one, two = pair
    assume(one.outputs > 0 or two.outputs > 0)
    assert one.reads_as(two) == (matrix(one) == matrix(two))


@STEADY
@given(pairs_of_lines(8, 5, 6))
def test_the_plainest_axis_reads_the_same(pair):
    line, _ = pair
    assume(line.outputs > 0)
    assert matrix(dataclasses.replace(line, axis=line.plainest())) == matrix(line)


@st.composite
def calls(draw):
    """A row and a call of it on one axis, as options of `axis`."""
    row = convention(draw(st.sampled_from(sorted(CONVENTIONS))))
    n, k = draw(st.integers(1, 9)), draw(st.integers(1, 5))
    modes = [*row.modes] + [draw(st.integers(0, 4))] * (row.count is not None)
    modes += [(draw(st.integers(0, 4)), draw(st.integers(0, 4)))] * row.pairs
    options = {"mode": draw(st.sampled_from(modes)), "boundary": draw(st.sampled_from(sorted(row.boundaries)))}
    options |= {word: draw(st.integers(1, 3)) for word in ("stride", "dilation", "input_dilation") if word in row.steps}
    if row.origin_sign:
        options["origin"] = draw(st.integers(-2, 2))
    if "output_padding" in row.steps:
        options["output_padding"] = draw(st.integers(-1, 2))
    return row, n, k, options


@STEADY
@given(calls())
def test_every_row_reproduces_its_own_calls(drawn):
    row, n, k, options = drawn
    try:
        line = Line(row.axis(n, k, **options), n, k)
    except OptionError:
        assume(False)
    assume(line.outputs > 0)
    rank = row.rank or 1
    # Along the last axis; `arguments` hands the call back in place of the function's own words.
    spread = {word: value if isinstance(value, str) else (value,) * rank for word, value in options.items()}
    call = dataclasses.replace(row, arguments=lambda call: call).reproduce(row, (n,) * rank, (k,) * rank, **spread)
    said = {
        "mode": call.mode if isinstance(call.mode, str) else call.mode[-1],
        "boundary": call.boundary,
        **{word: getattr(call, word)[-1] for word in ("stride", "dilation", "input_dilation")},
        **{word: getattr(call, word)[-1] for word in ("origin", "output_padding")},
    }
    assert matrix(Line(row.axis(n, k, **said), n, k)) == matrix(line)
