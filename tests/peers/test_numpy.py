"""`compat.numpy` against NumPy."""

import inspect
import itertools

import numpy as np
import pytest
from cases import draw
from peers.compare import assert_both_raise, assert_same, outcome, rows, table, wide

from sigconv import compat

pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("x64")]

NAMES = ("convolve", "correlate")
MODES = ("full", "same", "valid")
LENGTHS = (1, 2, 4, 7, 9)
KERNELS = range(1, 9)
DTYPES = [
    "bool",
    "int8",
    "uint8",
    "int16",
    "uint16",
    "int32",
    "uint32",
    "int64",
    "uint64",
    "float16",
    "float32",
    "float64",
    "complex64",
    "complex128",
]


def compare(name, a, v, *options):
    ours, theirs = getattr(compat.numpy, name), getattr(np, name)
    assert_same(ours(a, v, *options), theirs(a, v, *options), theirs(wide(a), wide(v), *options), a, v)


@pytest.mark.parametrize(("name", "n", "k", "mode"), table(name=NAMES, n=LENGTHS, k=KERNELS, mode=MODES))
def test_complex_data_matches(name, n, k, mode, rng):
    compare(name, draw(rng, n, "complex128"), draw(rng, k, "complex128"), mode)


@pytest.mark.parametrize(("name", "n", "k", "mode"), table(name=NAMES, n=(3, 8), k=KERNELS, mode=MODES))
def test_real_data_matches(name, n, k, mode, rng):
    compare(name, draw(rng, n, "float64"), draw(rng, k, "float64"), mode)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(("first", "second"), rows(itertools.product(DTYPES, DTYPES)))
def test_dtypes_match(name, first, second, rng):
    """Each pair in one mode, each mode with every dtype."""
    a, v = operands(first, second, rng)
    compare(name, a, v, MODES[(DTYPES.index(first) + DTYPES.index(second)) % len(MODES)])


@pytest.mark.full
@pytest.mark.parametrize(("name", "mode"), table(name=NAMES, mode=MODES))
@pytest.mark.parametrize("first", DTYPES)
def test_dtypes_match_in_every_mode(name, mode, first, rng):
    for second in DTYPES:
        compare(name, *operands(first, second, rng), mode)


def operands(first, second, rng):
    a, v = (
        rng.integers(0, 2, n).astype(bool) if d == "bool" else draw(rng, n, d) for n, d in ((7, first), (4, second))
    )
    if np.dtype(first).kind in "iu" and np.dtype(second).kind not in "iub":
        a = a % 100  # So that half precision holds the products.
    if np.dtype(second).kind in "iu" and np.dtype(first).kind not in "iub":
        v = v % 100
    return a, v


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("kind", ["positive", "constant", "offset"])
@pytest.mark.parametrize("n", [5, 600])
def test_other_data_matches(name, kind, n, rng):
    compare(name, draw(rng, 8, "float32", kind), draw(rng, n, "float32", kind), "full")


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("mode", MODES)
def test_lists_match(name, mode):
    for a, v in (([1, 2], [True, False, True]), ([1.5, 2], [4]), ([2j], [3, 1]), ([True, False], [True])):
        compare(name, a, v, mode)


@pytest.mark.parametrize(("a", "v"), [(3, [1, 2]), ([1.5, 2], 4), (2j, 3)], ids=str)
def test_convolve_takes_numbers(a, v):
    compare("convolve", a, v)


@pytest.mark.parametrize("name", NAMES)
def test_defaults_match(name, rng):
    compare(name, draw(rng, 9, "complex128"), draw(rng, 4, "complex128"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "arguments", [([], [1.0]), ([1.0], []), ([[1.0]], [1.0]), ([1.0], [[1.0]]), ([1.0], [1.0], "circular")], ids=str
)
def test_what_numpy_refuses_is_refused(name, arguments):
    assert_both_raise(outcome(getattr(compat.numpy, name), *arguments), outcome(getattr(np, name), *arguments))


@pytest.mark.parametrize("arguments", [(1.0, [1.0]), ([1.0], 1.0)], ids=str)
def test_correlate_refuses_numbers(arguments):
    assert_both_raise(outcome(compat.numpy.correlate, *arguments), outcome(np.correlate, *arguments))


@pytest.mark.parametrize("name", NAMES)
def test_signatures_match(name):
    ours, theirs = (inspect.signature(getattr(module, name)) for module in (compat.numpy, np))
    assert [(p.name, p.default, p.kind) for p in ours.parameters.values()] == [
        (p.name, p.default, p.kind) for p in theirs.parameters.values()
    ]
