"""How a result of `compat` is held against the library's own."""

import itertools
import random

import jax
import numpy as np
import pytest
from tolerance import assert_correlation

from sigconv import SigconvError


def wide(a):
    """The same values in the widest float type, where the library's own rounding does not count."""
    a = np.asarray(a)
    return a.astype(np.complex128 if a.dtype.kind == "c" else np.float64)


def assert_same(actual, native, reference, x, w, method="direct"):
    """The library's shape and dtype; integers and bools exactly, other values by the tolerance rule.

    Args:
        actual: What sigconv gives.
        native: What the library gives on the same arguments.
        reference: What the library gives on the arguments in float64 or complex128.
        x, w: The operands, for their norms.
        method: 'direct' where every tap is multiplied, anything else where there are transforms.
    """
    native = np.asarray(native)
    assert isinstance(actual, jax.Array)
    assert actual.dtype == jax.dtypes.canonicalize_dtype(native.dtype)
    assert actual.shape == native.shape
    if native.dtype.kind in "iub" or not native.size:
        np.testing.assert_array_equal(actual, native)
        return
    assert_correlation(*(np.ravel(a) for a in (actual, reference, x, w)), method=method)


def outcome(function, *arguments, **options):
    """What the function returns, or the exception that it raises."""
    try:
        return function(*arguments, **options)
    except Exception as error:
        return error


def assert_both_raise(ours, theirs):
    """Of two outcomes: both are errors, and ours is one that sigconv raises on purpose."""
    assert isinstance(theirs, Exception), f"the library accepts this: {theirs}"
    assert isinstance(ours, SigconvError), f"sigconv gives {ours!r}, the library {theirs!r}"


def table(**columns):
    """Every combination of the columns, as pytest parameters named by their values."""
    return rows(itertools.product(*columns.values()))


def rows(combinations):
    return [pytest.param(*values, id="-".join(map(label, values))) for values in combinations]


def label(value):
    name = getattr(value, "__name__", None) or str(value)
    return name.replace(" ", "")


def sample(seed=0, allowed=lambda **row: True, **columns):
    """Rows in which every allowed pair of values of two columns meets at least once, drawn greedily from a seed."""
    names, draw = list(columns), random.Random(seed)
    values = [list(columns[name]) for name in names]
    wanted = {
        (i, a, j, b)
        for i, j in itertools.combinations(range(len(names)), 2)
        for a in range(len(values[i]))
        for b in range(len(values[j]))
    }

    def candidate(seeded):
        row = [draw.randrange(len(column)) for column in values]
        if seeded:
            i, a, j, b = seeded
            row[i], row[j] = a, b
        return row

    def covers(row):
        return {(i, row[i], j, row[j]) for i, j in itertools.combinations(range(len(names)), 2)} & wanted

    def is_allowed(row):
        return allowed(**{name: values[i][at] for i, (name, at) in enumerate(zip(names, row, strict=True))})

    chosen = []
    for pair in sorted(wanted):
        if pair not in wanted:
            continue
        candidates = [row for row in (candidate(pair) for _ in range(60)) if is_allowed(row)]
        if candidates:
            best = max(candidates, key=lambda row: len(covers(row)))
            wanted -= covers(best)
            chosen.append(tuple(values[i][at] for i, at in enumerate(best)))
        wanted.discard(pair)
    return rows(chosen)
