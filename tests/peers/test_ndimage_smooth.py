"""`compat.ndimage`'s smoothing and derivatives against `scipy.ndimage`."""

import inspect
import itertools

import jax
import numpy as np
import pytest
from cases import draw
from compat.test_ndimage_smooth import CALLS
from peers.compare import assert_both_raise, outcome, table
from scipy import ndimage
from tolerance import EPS

from sigconv import compat

pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("x64")]

MODES = ("reflect", "grid-mirror", "constant", "grid-constant", "nearest", "mirror", "wrap", "grid-wrap")
OPTIONS = {
    "gaussian_filter": [
        ((1.3, 0.6), {"order": (1, 0)}),
        ((1.0, 0.0), {}),
        (1.0, {"radius": (2, 9)}),
        (2.0, {"truncate": 2.5}),
    ],
    "gaussian_filter1d": [(1.0, {"axis": 0, "order": 3}), (0.4, {"radius": 1})],
    "uniform_filter": [(2, {"origin": -1}), ((4, 1), {"origin": (1, 0)}), (9, {})],
    "uniform_filter1d": [(5, {"axis": 0, "origin": 2}), (1, {})],
    "sobel": [{"axis": 0}],
    "prewitt": [{"axis": 0}],
    "laplace": [],
    "gaussian_laplace": [((1.0, 0.7), {"truncate": 3.0}), (0.5, {"radius": 3})],
    "gaussian_gradient_magnitude": [(1.5, {"radius": 3})],
}


def compare(name, x, *arguments, **options):
    ours, theirs = getattr(compat.ndimage, name), getattr(ndimage, name)
    actual, native = (outcome(function, x, *arguments, **options) for function in (ours, theirs))
    if isinstance(native, Exception):
        assert_both_raise(actual, native)
        return
    if isinstance(actual, Exception):
        raise actual
    assert actual.dtype == jax.dtypes.canonicalize_dtype(native.dtype)
    assert actual.shape == native.shape
    if native.dtype.kind in "iu":
        np.testing.assert_array_equal(actual, native)
    elif native.size:
        # Weights of every axis sum to 8 at most in size; both round every stage, and SciPy's uniform filter sums on.
        bound = 32 * EPS[str(native.dtype)] * 8 ** min(x.ndim, 2) * max(np.abs(x).max(), 2)
        assert np.abs(np.asarray(actual) - native).max() <= bound


def variants(name):
    for entry in OPTIONS[name]:
        yield ((), entry) if isinstance(entry, dict) else ((entry[0],), entry[1])
    yield CALLS[name], {}


@pytest.mark.parametrize(("name", "mode"), table(name=CALLS, mode=MODES))
def test_every_mode_matches(name, mode, rng):
    compare(name, draw(rng, (5, 6), "float64"), *CALLS[name], mode=mode, cval=-1.5)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("mode", ["reflect", pytest.param("wrap", marks=pytest.mark.full)])
def test_options_match(name, mode, rng):
    for arguments, options in variants(name):
        compare(name, draw(rng, (5, 6), "float64"), *arguments, mode=mode, cval=-1.5, **options)
    compare(name, draw(rng, (1, 3), "float64"), *CALLS[name], mode=mode)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("dtype", ["uint8", "int16", "float32", "complex64"])
def test_dtypes_match(name, dtype, rng):
    x = draw(rng, (5, 6), dtype) if dtype != "int32" else rng.integers(-999, 999, (5, 6)).astype("int32")
    outputs = ("uint8", "int32", "float32", "float64") if np.dtype(dtype).kind != "c" else ("complex64",)
    for output in (None, *outputs[:2]):
        if np.dtype(output or dtype).kind in "iu" and name.startswith("gaussian_grad") and dtype != "uint8":
            continue  # Squares that wrap around have no root.
        compare(name, x, *CALLS[name], output=output)


@pytest.mark.parametrize(
    "name", ["gaussian_filter", "uniform_filter", "laplace", "gaussian_laplace", "gaussian_gradient_magnitude"]
)
def test_axes_match(name, rng):
    x = draw(rng, (3, 4, 5), "float64")
    for axes in ((0, 2), (2, 0), 1, (), (-1,), None, (0, 0), (3,)):
        compare(name, x, *CALLS[name], axes=axes)
    for axes, mode in itertools.product(((0, 2), (2, 0)), (("wrap", "mirror"), ("wrap",))):
        compare(name, x, *CALLS[name], axes=axes, mode=mode)


@pytest.mark.parametrize("name", CALLS)
def test_degenerate_shapes_and_refusals_match(name, rng):
    for shape in ((), (0,), (3, 0), (1, 1)):
        compare(name, np.ones(shape), *CALLS[name])
    for options in ({"mode": "symmetric"}, {"output": "float33"}, {"mode": ("wrap",) * 5}):
        compare(name, np.ones((3, 4)), *CALLS[name], **options)


@pytest.mark.parametrize("name", CALLS)
def test_signatures_match(name):
    ours, theirs = (inspect.signature(getattr(module, name)) for module in (compat.ndimage, ndimage))
    assert [(p.name, p.default, p.kind) for p in ours.parameters.values()] == [
        (p.name, p.default, p.kind) for p in theirs.parameters.values()
    ]
