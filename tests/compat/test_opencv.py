"""`compat.opencv` without OpenCV: its recorded results, the definition, errors and JAX's transformations."""

import itertools
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import draw
from golden.record_opencv import CASES, RESULTS, arrays
from jax.test_util import check_grads

from sigconv import DTypeError, OptionError, ShapeError, convention
from sigconv.compat import opencv as compat

PADS = {
    "BORDER_CONSTANT": "constant",
    "BORDER_REPLICATE": "edge",
    "BORDER_REFLECT": "symmetric",
    "BORDER_REFLECT_101": "reflect",
}
"""NumPy's names for OpenCV's borders."""


def definition(x, w, border="BORDER_REFLECT_101", anchor=(-1, -1), delta=0.0, dtype=None):
    """Pad, add up in float64, round a half to even, saturate."""
    (rows, columns), dtype = w.shape, np.dtype(dtype or x.dtype)
    left, top = (k // 2 if a == -1 else a for a, k in zip(anchor, (columns, rows), strict=True))
    pads = ((top, rows - 1 - top), (left, columns - 1 - left)) + ((0, 0),) * (x.ndim - 2)
    padded = np.pad(x.astype(float), pads, mode=PADS[border])
    y = np.full(x.shape, float(delta))
    for i, j in np.ndindex(*w.shape):
        y += float(w[i, j]) * padded[i : i + x.shape[0], j : j + x.shape[1]]
    if dtype.kind == "f":
        return y.astype(dtype)
    limits = np.iinfo(dtype)
    return np.clip(np.rint(y), limits.min, limits.max).astype(dtype)


def exact(actual, wanted):
    assert actual.dtype == wanted.dtype
    np.testing.assert_array_equal(actual, wanted)


def image(rng, shape, dtype="uint8"):
    return rng.integers(0, 100, shape).astype(dtype)


def taps(rng, *shape):
    """Multiples of 1/8: every sum is exact, and many are halves."""
    return (rng.integers(-8, 9, shape) / 8).astype("float32")


@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda i: f"{CASES[i][0]}-{CASES[i][1]}-{i}")
def test_results_are_the_recorded_ones_exactly(number):
    name, dtype, shape, ddepth, kernels, divisor, options = CASES[number]
    x, w = arrays(dtype, shape, kernels, divisor)
    y = getattr(compat, name)(x, ddepth, *w, **options)
    assert y.tolist() == json.loads(RESULTS.read_text())["results"][number]


@pytest.mark.parametrize("border", PADS)
@pytest.mark.parametrize("size", range(1, 9))
def test_filter2D_is_the_definition(size, border, rng):  # noqa: N802
    x, w = image(rng, (4, 5)), taps(rng, size, 9 - size)
    exact(
        compat.filter2D(x, compat.CV_16S, w, None, (0, -1), 0.5, border),
        definition(x, w, border, (0, -1), 0.5, "int16"),
    )


@pytest.mark.parametrize("border", PADS)
def test_sepFilter2D_is_the_definition(border, rng):  # noqa: N802
    x, u, v = image(rng, (2, 3, 3)), taps(rng, 7), taps(rng, 4)
    wanted = definition(x, np.outer(v, u), border, (-1, 1), 0.25)
    for across, down in ((u, v), (u[:, None], v[None]), (u[None], v[:, None])):
        exact(compat.sepFilter2D(x, -1, across, down, anchor=(-1, 1), delta=0.25, borderType=border), wanted)


def test_every_anchor_is_the_definition(rng):
    x, w = image(rng, (3, 4), "float32"), taps(rng, 2, 3)
    for anchor in itertools.product((-1, 0, 1, 2), (-1, 0, 1)):
        exact(compat.filter2D(x, -1, w, anchor=anchor), definition(x, w, anchor=anchor))
        sep = compat.sepFilter2D(x, -1, w[0], w[:, 0], anchor=anchor)
        exact(sep, definition(x, np.outer(w[:, 0], w[0]), anchor=anchor))


@pytest.mark.parametrize(
    ("name", "dtype", "depths"),
    [
        (name, dtype, depths)
        for name, table in (("filter2D", compat.FILTER_DEPTHS), ("sepFilter2D", compat.SEPARABLE_DEPTHS))
        for dtype, depths in table.items()
    ],
)
def test_every_depth_is_rounded_and_saturated(name, dtype, depths, x64, rng):
    low, high = (-3000, 3000) if np.dtype(dtype).kind == "f" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    x, w = rng.integers(low, high, (4, 5), endpoint=True).astype(dtype), [taps(rng, 2), taps(rng, 3)]
    kernels = w if name == "sepFilter2D" else [np.outer(w[1], w[0])]
    for ddepth in (*depths, -1):
        wanted = definition(x, np.outer(w[1], w[0]), delta=0.5, dtype=dtype if ddepth == -1 else compat.DEPTHS[ddepth])
        exact(getattr(compat, name)(x, ddepth, *kernels, delta=0.5), wanted)


def test_results_of_large_kernels_are_the_exact_sums_rounded(rng):
    """Where a float result would come from transforms."""
    x, w = image(rng, (40, 40)), taps(rng, 21, 23)
    exact(compat.filter2D(x, compat.CV_16S, w), definition(x, w, dtype="int16"))


def test_halves_go_to_the_even_neighbour():
    x = np.array([[1, 3, 5, 7, 254]], "uint8")
    assert compat.filter2D(x, -1, [[0.5]]).tolist() == [[0, 2, 2, 4, 127]]
    assert compat.filter2D(x, -1, [[1]], delta=0.5).tolist() == [[2, 4, 6, 8, 254]]


@pytest.mark.parametrize(("ddepth", "low", "high"), [(0, 0, 255), (2, 0, 65535), (3, -32768, 32767)])
def test_what_no_integer_holds_saturates(ddepth, low, high):
    x = np.array([[np.nan, -np.inf, -1e30, 1e30, np.inf]], "float32")
    assert compat.sepFilter2D(x, ddepth, [1.0], [1.0]).tolist() == [[low, low, low, high, high]]


def test_kernels_of_any_real_dtype_are_taken(rng):
    x, w = image(rng, (3, 4), "float32"), rng.integers(0, 2, (2, 3))
    for dtype in ("bool", "int8", "uint16", "int32", "float16", "float64"):
        exact(compat.filter2D(x, -1, w.astype(dtype)), definition(x, w))


def test_float32_stands_for_float64_without_64_bit_types(rng):
    x = image(rng, (2, 3), "float64")
    for ddepth in (-1, compat.CV_32F, compat.CV_64F):
        assert compat.filter2D(x, ddepth, [[1.0]]).dtype == "float32"


def test_one_channel_alone_is_dropped(rng):
    x = image(rng, (3, 4))
    exact(compat.filter2D(x[..., None], -1, [[2]]), 2 * x)


def test_borders_have_opencvs_numbers_and_names(rng):
    x, w = image(rng, (2, 3), "float32"), taps(rng, 3, 6)
    for name in PADS:
        number = getattr(compat, name)
        for word in (name, number, number | compat.BORDER_ISOLATED, np.int64(number)):
            exact(compat.filter2D(x, -1, w, borderType=word), definition(x, w, name))
    assert compat.BORDER_DEFAULT == compat.BORDER_REFLECT101 == compat.BORDER_REFLECT_101 == 4


def test_rows_have_the_arguments_of_the_functions(rng):
    """What the table says of the arguments is what the functions take, with the same result."""
    x, w = image(rng, (4, 5), "float32"), taps(rng, 3, 4)
    row = convention("cv2.filter2D")
    arguments = row.reproduce(row, x.shape, w.shape, boundary="BORDER_REFLECT", origin=(-1, 1))
    assert arguments == {"anchor": (3, 0), "borderType": compat.BORDER_REFLECT}
    exact(compat.filter2D(x, -1, w, **arguments), definition(x, w, "BORDER_REFLECT", (3, 0)))
    row = convention("cv2.sepFilter2D")
    arguments = row.reproduce(row, 5, 4, boundary="BORDER_REPLICATE", origin=-1)
    exact(compat.sepFilter2D(x, -1, w[0], [1.0], **arguments), definition(x, w[:1], "BORDER_REPLICATE", (1, -1)))


@pytest.mark.parametrize("dtype", ["uint8", "float32"])
@pytest.mark.parametrize("name", ["filter2D", "sepFilter2D"])
def test_transformations_of_jax_change_nothing(name, dtype, rng):
    batch, w = image(rng, (3, 4, 5), dtype), [taps(rng, 3), taps(rng, 2)]
    kernels = w if name == "sepFilter2D" else [np.outer(w[1], w[0])]

    def function(x, delta, *kernels):
        return getattr(compat, name)(x, -1, *kernels, delta=delta)

    wanted = np.stack([definition(x, np.outer(w[1], w[0]), delta=0.5) for x in batch])
    exact(jax.vmap(function, in_axes=(0, *[None] * (1 + len(kernels))))(batch, 0.5, *kernels), wanted)
    exact(jax.jit(function)(batch[0], 0.5, *kernels), wanted[0])


@pytest.mark.parametrize("name", ["filter2D", "sepFilter2D"])
def test_gradients_are_right(name, rng, x64):
    x, w = draw(rng, (4, 5, 2), "float64"), [draw(rng, 3, "float64"), draw(rng, 2, "float64")]
    kernels = w if name == "sepFilter2D" else [np.outer(w[1], w[0])]
    check_grads(jax.jit(lambda x, *kernels: getattr(compat, name)(x, -1, *kernels, delta=1.0)), (x, *kernels), order=1)


X, W, U = np.ones((4, 5), "uint8"), np.ones((2, 3), "float32"), np.ones(3, "float32")
KNOWN = r"\['BORDER_CONSTANT', 'BORDER_REFLECT', 'BORDER_REFLECT_101', 'BORDER_REPLICATE'\]; got"
TYPES = r"\['float32', 'float64', 'int16', 'uint16', 'uint8'\], as for OpenCV; got"
ANCHOR = r"`anchor` must be \(x, y\) within the kernel of 3 × 2 taps, or -1 for its middle; got"
BOTH = [
    ({"src": X.astype("int32")}, DTypeError, f"`src` must have one of the dtypes {TYPES} int32"),
    ({"src": X > 0}, DTypeError, f"`src` must have one of the dtypes {TYPES} bool"),
    ({"src": X[0]}, ShapeError, r"`src` must be \(H, W\) or \(H, W, channels\); got shape \(5,\)"),
    ({"src": X[None, None]}, ShapeError, r"`src` must be \(H, W\) .*; got shape \(1, 1, 4, 5\)"),
    ({"src": X[:0]}, ShapeError, r"`src` must not be empty; got shape \(0, 5\)"),
    ({"dst": X}, OptionError, "`dst` must be None; got ndarray. JAX arrays cannot be written into"),
    ({"ddepth": 1}, OptionError, r"`ddepth` must be -1 or one of 0 \(uint8\), 2 \(uint16\), .* of uint8; got 1"),
    ({"ddepth": 4}, OptionError, "`ddepth` must be -1 or one of .*; got 4"),
    ({"ddepth": None}, OptionError, "`ddepth` must be an integer, such as CV_32F or -1; got None"),
    ({"anchor": (3, 0)}, OptionError, rf"{ANCHOR} \(3, 0\)"),
    ({"anchor": (0, 2)}, OptionError, rf"{ANCHOR} \(0, 2\)"),
    ({"anchor": (-2, 0)}, OptionError, rf"{ANCHOR} \(-2, 0\)"),
    ({"anchor": 1}, OptionError, f"{ANCHOR} 1"),
    ({"anchor": (1.0, 1)}, OptionError, rf"{ANCHOR} \(1.0, 1\)"),
    ({"delta": [1, 2]}, OptionError, r"`delta` must be one real number; got int\d\d of shape \(2,\)"),
    ({"delta": 1j}, OptionError, r"`delta` must be one real number; got complex\d* of shape \(\)"),
    ({"delta": True}, DTypeError, "`delta` must hold integers, .* got bool"),
    ({"delta": "1"}, DTypeError, "`delta` must hold integers, .* got <U1"),
    ({"borderType": 3}, OptionError, f"`borderType` must be one of {KNOWN} 'BORDER_WRAP'"),
    ({"borderType": 21}, OptionError, f"`borderType` must be one of {KNOWN} 'BORDER_TRANSPARENT'"),
    ({"borderType": 6}, OptionError, f"`borderType` must be one of {KNOWN} 6"),
    ({"borderType": -1}, OptionError, f"`borderType` must be one of {KNOWN} -1"),
    ({"borderType": "reflect"}, OptionError, f"`borderType` must be one of {KNOWN} 'reflect'"),
    ({"borderType": 4.0}, OptionError, f"`borderType` must be one of {KNOWN} 4.0"),
]
OWN = {
    "filter2D": [
        ({"kernel": U}, ShapeError, r"`kernel` must have 2 axes; got shape \(3,\). A row of K taps is \(1, K\)"),
        ({"kernel": W[:0]}, ShapeError, r"`kernel` must not be empty; got shape \(0, 3\)"),
        ({"kernel": W * 1j}, DTypeError, "`kernel` must be real; got complex64"),
        ({"src": X.astype("int16"), "ddepth": 0}, OptionError, "`ddepth` must be -1 or .* of int16; got 0"),
    ],
    "sepFilter2D": [
        ({"kernelX": W}, ShapeError, r"`kernelX` must be a vector: .*; got shape \(2, 3\)"),
        ({"kernelY": W[None, :1]}, ShapeError, r"`kernelY` must be a vector: .*; got shape \(1, 1, 3\)"),
        ({"kernelY": U[:0]}, ShapeError, r"`kernelY` must not be empty; got shape \(0,\)"),
        ({"kernelX": U * 1j}, DTypeError, "`kernelX` must be real; got complex64"),
    ],
}
KERNELS = {"filter2D": {"kernel": W}, "sepFilter2D": {"kernelX": U, "kernelY": U[:2]}}


@pytest.mark.parametrize(
    ("name", "options", "error", "message"), [(name, *row) for name, own in OWN.items() for row in (*BOTH, *own)]
)
def test_bad_arguments_are_named(name, options, error, message):
    with pytest.raises(error, match=f"^`compat.opencv.{name}`: {message}"):
        getattr(compat, name)(**{"src": X, "ddepth": -1, **KERNELS[name], **options})


@pytest.mark.parametrize("ddepth", [compat.CV_64F, compat.CV_8S, 99])
def test_depths_that_filter2D_lacks_are_refused(ddepth, x64):  # noqa: N802
    message = rf"`ddepth` must be -1 or one of 5 \(float32\) for an image of float32; got {ddepth}"
    with pytest.raises(OptionError, match=message):
        compat.filter2D(X.astype("float32"), ddepth, W)


def test_depths_that_nothing_has_are_refused(x64):
    for ddepth in (1, 4, 7):
        with pytest.raises(OptionError, match=f"`ddepth` must be -1 or one of 0 .* 6 .*; got {ddepth}"):
            compat.filter2D(X, ddepth, W)


def test_checks_need_shapes_only():
    with pytest.raises(ShapeError, match="`kernel` must have 2 axes"):
        jax.eval_shape(lambda x, w: compat.filter2D(x, -1, w), jnp.asarray(X), jnp.asarray(U))
