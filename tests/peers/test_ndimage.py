"""`compat.ndimage` against `scipy.ndimage`."""

import inspect
import itertools

import jax
import numpy as np
import pytest
from cases import draw
from peers.compare import assert_both_raise, assert_same, outcome, sample, table, wide
from scipy import ndimage

from sigconv import OptionError, compat

pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("x64")]

VECTORS = ("correlate1d", "convolve1d")
ARRAYS = ("correlate", "convolve")
NAMES = (*VECTORS, *ARRAYS)
MODES = ("reflect", "grid-mirror", "constant", "grid-constant", "nearest", "mirror", "wrap", "grid-wrap")
KERNELS = range(1, 9)
DTYPES = ["bool", "int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64", "float32", "float64"]
KINDS = [("float64", "complex128"), ("complex128", "float64"), ("complex128", "complex128"), ("int16", "complex64")]


def compare(name, x, w, **options):
    """By the rule, or errors on both sides."""
    ours, theirs = getattr(compat.ndimage, name), getattr(ndimage, name)
    actual, native = (outcome(function, x, w, **options) for function in (ours, theirs))
    if isinstance(native, Exception):
        assert_both_raise(actual, native)
        return
    if isinstance(actual, Exception):
        raise actual
    # Truncation is part of the result of integers; elsewhere the reference is the library's in its widest type.
    reference = native if native.dtype.kind in "iub" else theirs(wide(x), wide(w), **{**options, "output": None})
    assert_same(actual, native, reference, np.append(x, np.asarray(options.get("cval", 0), complex)), w)


@pytest.mark.parametrize(("name", "mode", "n", "k"), table(name=VECTORS, mode=MODES, n=(1, 3, 8), k=KERNELS))
def test_every_mode_matches(name, mode, n, k, rng):
    compare(name, draw(rng, (2, n), "float64"), draw(rng, k, "float64"), mode=mode, cval=-1.5)


@pytest.mark.parametrize(("name", "mode"), table(name=VECTORS, mode=MODES))
@pytest.mark.parametrize(("n", "k"), [(1, 40), (3, 40), (2, 41)])
def test_kernels_far_longer_than_the_signal_match(name, mode, n, k, rng):
    compare(name, draw(rng, n, "float64"), draw(rng, k, "float64"), mode=mode, cval=2.0)


@pytest.mark.parametrize(("name", "k"), table(name=VECTORS, k=KERNELS))
def test_every_origin_matches_and_illegal_ones_are_refused(name, k, rng):
    x, w = draw(rng, 9, "float64"), draw(rng, k, "float64")
    for origin in range(-k, k + 1):
        compare(name, x, w, origin=origin)


@pytest.mark.parametrize(
    ("name", "mode", "kernel", "shape", "kinds", "cval"),
    sample(
        name=ARRAYS,
        mode=MODES,
        kernel=[*itertools.product((1, 2, 3, 8), (1, 4, 5)), (2, 7), (6, 3)],
        shape=[(6, 7), (3, 2), (1, 5)],
        kinds=[("float64", "float64"), *KINDS],
        cval=[0.0, 2.5],
    ),
)
def test_planes_match(name, mode, kernel, shape, kinds, cval, rng):
    x, w = (draw(rng, size, dtype) for size, dtype in zip((shape, kernel), kinds, strict=True))
    compare(name, x, w, mode=mode, cval=cval)


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("kernel", [(2, 3), (3, 4), (1, 2)], ids=str)
def test_every_origin_of_planes_matches(name, kernel, rng):
    x, w = draw(rng, (4, 5), "float64"), draw(rng, kernel, "float64")
    for origin in itertools.product(*(range(-(k // 2) - 1, (k + 1) // 2 + 1) for k in kernel)):
        compare(name, x, w, origin=origin, mode="nearest")


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize(("shape", "kernel"), [((4, 3, 5), (2, 3, 4)), ((2, 3, 2, 4), (1, 2, 3, 2))], ids=str)
@pytest.mark.parametrize("mode", ["reflect", "mirror", "constant"])
def test_more_axes_match(name, shape, kernel, mode, rng):
    compare(name, draw(rng, shape, "float64"), draw(rng, kernel, "float64"), mode=mode, cval=1.0)


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize(
    ("axes", "kernel", "origin"),
    [
        ((0, 2), (3, 2), 0),
        ((0, 2), (3, 2), (1, -1)),
        ((2, 0), (3, 2), (-1, 1)),
        ((2, 0), (3, 2), (1, -1)),
        ((-1, 1), (2, 5), (2, -1)),
        (1, (3,), 1),
        ((1,), (4,), -2),
        ((2, 0, 1), (2, 3, 4), (-1, 0, 1)),
        ((2, 1, 0), (2, 3, 4), 0),
        ((0, 1), (3,), 0),
        ((0, 0), (3, 3), 0),
        (5, (3,), 0),
        ((0, 1), (3, 3), (0, 0, 0)),
    ],
    ids=str,
)
def test_axes_match(name, axes, kernel, origin, rng):
    compare(name, draw(rng, (4, 5, 6), "float64"), draw(rng, kernel, "float64"), axes=axes, origin=origin)


@pytest.mark.parametrize("name", VECTORS)
@pytest.mark.parametrize("axis", [0, 1, -1, -3, 3, -4, None])
def test_axis_matches(name, axis, rng):
    compare(name, draw(rng, (4, 5, 6), "float64"), draw(rng, 4, "float64"), axis=axis)


@pytest.mark.parametrize("name", VECTORS)
@pytest.mark.parametrize("mode", ["reflect", "constant"])
@pytest.mark.parametrize("kinds", [*KINDS, ("complex64", "float32"), ("complex64", "complex64")], ids=str)
@pytest.mark.parametrize("cval", [1.5, 2 - 1j])
def test_complex_data_matches(name, mode, kinds, cval, rng):
    x, w = draw(rng, 7, kinds[0]), draw(rng, 4, kinds[1])
    compare(name, x, w, mode=mode, cval=cval)
    compare(name, x, w, mode=mode, cval=cval, output="complex64", origin=-1)


@pytest.mark.parametrize("name", VECTORS)
@pytest.mark.parametrize("dtype", DTYPES)
def test_dtypes_match(name, dtype, rng):
    """Sums that overflow the narrow types, and fractions (exact in binary), of both signs: SciPy truncates and wraps."""
    if dtype == "bool":
        x = rng.integers(0, 2, 12).astype(bool)
    elif dtype in ("float32", "float64"):
        x = 1000 * draw(rng, 12, dtype)
    else:
        # C leaves open what becomes of a sum beyond 32 bits.
        x = draw(rng, 12, dtype) >> max(np.iinfo(dtype).bits - 28, 0)
    for weights in ([3, 1, 2], [1.75, -0.375], [0.25], [-1], [True, True]):
        for output in (None, bool, *DTYPES[1:]):
            compare(name, x, weights, output=output)


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("output", [None, "uint8", np.int16, np.dtype("float32"), "f", float, "d"], ids=str)
def test_images_are_truncated_and_wrapped_alike(name, output, rng):
    image = draw(rng, (6, 7), "uint8")
    compare(name, image, [[1, 2, 1], [2, 4, 2]], output=output)
    compare(name, image, np.array([[-1, -1.5], [2.25, 1]]), output=output)
    compare(name, image, [[-1, 0, 1]] * 3, output=output, mode="constant", cval=0.5)


@pytest.mark.parametrize("name", VECTORS)
@pytest.mark.parametrize("cval", [0.5, -3, np.float32(2.5), np.int8(-2), True, 1j, None, "1"], ids=repr)
@pytest.mark.parametrize("dtype", ["uint8", "int64", "float64"])
@pytest.mark.parametrize("weights", [[1, 2, 3], [0.5, 1, 1]], ids=str)
def test_fill_values_match(name, cval, dtype, weights, rng):
    compare(
        name, draw(rng, 5, dtype) if dtype == "float64" else rng.integers(0, 99, 5), weights, mode="constant", cval=cval
    )


@pytest.mark.parametrize("name", VECTORS)
def test_single_precision_is_held_by_the_rule(name, rng):
    x, w = draw(rng, 50, "float32"), draw(rng, 6, "float32")
    with jax.enable_x64(False):
        compare(name, x, w)


@pytest.mark.parametrize("name", ARRAYS)
def test_one_mode_per_axis_is_each_mode_along_its_axis(name, rng):
    """SciPy's own filters take no sequence of modes; its one-dimensional ones in turn do the same for u ⊗ v."""
    x, u, v = draw(rng, (5, 6), "float64"), draw(rng, 4, "float64"), draw(rng, 3, "float64")
    for modes in itertools.product(("reflect", "mirror", "nearest", "wrap"), repeat=2):
        columns = getattr(ndimage, f"{name}1d")(x, u, axis=0, mode=modes[0])
        reference = getattr(ndimage, f"{name}1d")(columns, v, axis=1, mode=modes[1])
        actual = getattr(compat.ndimage, name)(x, np.outer(u, v), mode=modes)
        assert_same(actual, reference, reference, x, np.outer(u, v))


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize(
    ("shape", "kernel"), [((), ()), ((0, 3), (2, 2)), ((3,), ()), ((3, 3), (3,)), ((3, 3), (0, 3))]
)
def test_degenerate_shapes_match(name, shape, kernel, rng):
    compare(name, draw(rng, shape, "float64"), draw(rng, kernel, "float64"))


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "options",
    [
        {"mode": "symmetric"},
        {"mode": None},
        {"output": "float33"},
        {"output": np.zeros(3)},
        {"output": 3},
        {"origin": 0.5},
        {"origin": 2},
        {"origin": -2},
    ],
    ids=str,
)
def test_what_scipy_refuses_is_refused(name, options):
    rank = 1 if name in VECTORS else 2
    x, w = np.ones((4,) * rank), np.ones((3,) * rank)
    functions = (getattr(module, name) for module in (compat.ndimage, ndimage))
    assert_both_raise(*(outcome(function, x, w, **options) for function in functions))


@pytest.mark.parametrize("name", VECTORS)
@pytest.mark.parametrize(("shape", "kernel"), [((), (1,)), ((3,), ()), ((3,), (1, 1)), ((3,), (0,)), ((0,), (2,))])
def test_degenerate_vectors_match(name, shape, kernel, rng):
    compare(name, draw(rng, shape, "float64"), draw(rng, kernel, "float64"))


@pytest.mark.parametrize("name", NAMES)
def test_complex_results_in_real_outputs_are_refused(name):
    """SciPy does so for names of dtypes; for dtypes and types it warns, and gives a complex result."""
    x = np.ones((4,) * (1 if name in VECTORS else 2))
    functions = (getattr(module, name) for module in (compat.ndimage, ndimage))
    assert_both_raise(*(outcome(function, x, 1j * x, output="float32") for function in functions))
    with pytest.warns(UserWarning, match="promoting specified output dtype to complex"):
        getattr(ndimage, name)(x, 1j * x, output=np.float32)
    with pytest.raises(OptionError, match="`output` must be complex"):
        getattr(compat.ndimage, name)(x, 1j * x, output=np.float32)


@pytest.mark.parametrize("name", NAMES)
def test_signatures_match(name):
    ours, theirs = (inspect.signature(getattr(module, name)) for module in (compat.ndimage, ndimage))
    assert [(p.name, p.default, p.kind) for p in ours.parameters.values()] == [
        (p.name, p.default, p.kind) for p in theirs.parameters.values()
    ]
