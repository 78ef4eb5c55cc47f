"""`compat.opencv` against OpenCV."""

import itertools
import re

import jax
import numpy as np
import pytest
from cases import draw
from peers.compare import assert_both_raise, outcome, sample, table

from sigconv._core.boundary import LIBRARY_BOUNDARIES
from sigconv.compat import opencv

cv2 = pytest.importorskip("cv2")

pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("x64")]

NAMES = ("filter2D", "sepFilter2D")
PADS = {0: "constant", 1: "edge", 2: "symmetric", 4: "reflect"}
"""NumPy's names for OpenCV's borders."""
DEPTHS = {0: "uint8", 2: "uint16", 3: "int16", 5: "float32", 6: "float64"}
KINDS = [
    (name, dtype, ddepth)
    for name, depths in (("filter2D", opencv.FILTER_DEPTHS), ("sepFilter2D", opencv.SEPARABLE_DEPTHS))
    for dtype in depths
    for ddepth in (-1, *depths[dtype])
]
SIZES = [(k, 9 - k) for k in range(1, 9)]
TRANSFORMED = 50
"""OpenCV's filter2D uses transforms from so many taps on; for some depths from 130."""


def padded(x, shape, border, anchor):
    """The image with its border written out in float64."""
    places = [k // 2 if a == -1 else a for a, k in zip(anchor[::-1], shape, strict=True)]
    pads = [(place, k - 1 - place) for place, k in zip(places, shape, strict=True)] + [(0, 0)] * (x.ndim - 2)
    return np.pad(np.asarray(x, np.float64), pads, mode=PADS[border])


def exact(x, w, border, anchor, delta):
    """The sum in float64, which for the multiples of 1/8 here is exact."""
    wide, y = padded(x, w.shape, border, anchor), np.full(x.shape, float(delta))
    for i, j in np.ndindex(*w.shape):
        y += float(w[i, j]) * wide[i : i + x.shape[0], j : j + x.shape[1]]
    return y[..., 0] if y.ndim == 3 and y.shape[2] == 1 else y


def cast(y, dtype):
    """Rounded, a half to the even neighbour, and saturated."""
    if np.dtype(dtype).kind == "f":
        return y
    limits = np.iinfo(dtype)
    return np.clip(np.rint(y), limits.min, limits.max)


def assert_within(actual, y, bound):
    """That it is what some sum within `bound` of y is cast to: rounding is monotonic."""
    actual = np.asarray(actual)
    low, high = cast(y - bound, actual.dtype), cast(y + bound, actual.dtype)
    assert np.all((low <= actual) & (actual <= high)), np.abs(np.asarray(actual, float) - y).max()


def compare(name, x, ddepth, kernels, anchor=(-1, -1), delta=0.0, border=4, whole=True):
    """Both within their own rounding of the exact sum; equal where neither has any.

    Args:
        name, x, ddepth, kernels, anchor, delta, border: The call.
        whole: Whether image, taps and offset are small multiples of powers of two, whose sums float32 holds.
    """
    options = {"anchor": anchor, "delta": delta, "borderType": border}
    actual = getattr(opencv, name)(x, ddepth, *kernels, **options)
    native = getattr(cv2, name)(x, ddepth, *kernels, **options)
    assert actual.dtype == native.dtype
    assert actual.shape == native.shape
    w = np.outer(kernels[1].ravel().astype(float), kernels[0].ravel()) if len(kernels) > 1 else kernels[0]
    y = exact(x, w, border, anchor, delta)
    eps = 2.0 ** (-52 if "float64" in (x.dtype, native.dtype) else -23)
    # The rule for products, with the offset as one more tap, and the kernel's own rounding to float32; two passes
    # make it twice.
    scale = np.abs(x.astype(float)).max() * np.abs(w).sum() + abs(delta)
    products = 0.0 if whole else eps * scale * len(kernels) * (max(8.0, np.sqrt(w.size) / 4) + 1)
    transforms = len(kernels) == 1 and w.size >= TRANSFORMED
    norms = np.linalg.norm(padded(x, w.shape, border, anchor)) * np.linalg.norm(w)
    # ours: transforms are left out of integer results only.
    ours = products + 8 * eps * norms if native.dtype.kind == "f" and w.size >= TRANSFORMED else products
    assert_within(actual, y, ours)
    assert_within(native, y, products + 8 * eps * norms if transforms else products)
    if whole and not transforms:
        np.testing.assert_array_equal(actual, native)


def image(rng, shape, dtype):
    """Of the type's whole range; of floats, whole numbers around zero."""
    return draw(rng, shape, dtype) if dtype[0] != "f" else rng.integers(-300, 301, shape).astype(dtype)


def taps(rng, *shape):
    """Multiples of 1/8, so that many sums are halves and none is rounded."""
    return (rng.integers(-8, 9, shape) / 8).astype("float32")


@pytest.mark.parametrize(
    ("kind", "size", "shape", "border", "place", "delta"),
    sample(
        kind=[kind for kind in KINDS if kind[2] >= 0],
        size=SIZES,
        shape=[(1, 1), (1, 6), (3, 2), (9, 40), (4, 5, 3), (3, 5, 1)],
        border=PADS,
        place=["middle", "first", "last", "last-first"],
        delta=[0.0, 0.5, -20.25],
    ),
)
def test_images_match(kind, size, shape, border, place, delta, rng):
    name, dtype, ddepth = kind
    last = (size[1] - 1, size[0] - 1)
    anchor = {"middle": (-1, -1), "first": (0, 0), "last": last, "last-first": (last[0], 0)}[place]
    w = [taps(rng, *size)] if name == "filter2D" else [taps(rng, size[1]), taps(rng, size[0], 1)]
    compare(name, image(rng, shape, dtype), ddepth, w, anchor, delta, border)


@pytest.mark.parametrize(("border", "size"), table(border=PADS, size=SIZES))
def test_every_border_matches_under_every_length(border, size, rng):
    for shape in ((1, 2), (3, 4)):
        x = image(rng, shape, "float32")
        compare("filter2D", x, -1, [taps(rng, *size)], border=border)
        compare("sepFilter2D", x, -1, [taps(rng, size[1]), taps(rng, size[0])], border=border)


@pytest.mark.parametrize("k", range(1, 9))
def test_every_anchor_matches_and_others_are_refused(k, rng):
    x, row = image(rng, (3, 4), "float32"), taps(rng, 1, k)
    for anchor in range(-2, k + 1):
        for name, kernels in (("filter2D", [row]), ("sepFilter2D", [row, np.ones(1, "float32")])):
            # sepFilter2D reads every negative anchor as the middle, filter2D −1 only; here it is −1 for both.
            if -1 <= anchor < k:
                compare(name, x, -1, kernels, (anchor, -1))
            elif anchor >= k or name == "filter2D":
                options = {"anchor": (anchor, -1)}
                ours = outcome(getattr(opencv, name), x, -1, *kernels, **options)
                assert_both_raise(ours, outcome(getattr(cv2, name), x, -1, *kernels, **options))


@pytest.mark.parametrize(
    ("kind", "size"), table(kind=[kind for kind in KINDS if kind[2] >= 0], size=[(3, 3), (5, 2), (1, 7)])
)
def test_kernels_of_fractions_differ_by_rounding_only(kind, size, rng):
    name, dtype, ddepth = kind
    w = [draw(rng, size, "float32")] if name == "filter2D" else [draw(rng, k, "float32") for k in size]
    compare(name, image(rng, (20, 33), dtype), ddepth, w, delta=1 / 3, whole=False)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind[0] == "filter2D"], ids=str)
def test_large_kernels_differ_by_rounding_only(kind, rng):
    """OpenCV transforms these."""
    _, dtype, ddepth = kind
    for size in ((11, 11), (12, 13), (24, 21)):
        compare("filter2D", image(rng, (15, 30), dtype), ddepth, [draw(rng, size, "float32")], whole=False)
        compare("filter2D", image(rng, (15, 30), dtype), ddepth, [taps(rng, *size)])


@pytest.mark.parametrize("vector", [(1, 2, 1), (1, 4, 6, 4, 1), (3, 10, 38, 10, 3), (64, 128, 64)], ids=str)
def test_integer_arithmetic_of_opencv_differs_at_halves_only(vector, rng):
    """Symmetric kernels of multiples of 1/256 that add up to 1, from 8 bits to 8: some of OpenCV's halves go up."""
    u = (np.array(vector) / sum(vector)).astype("float32")
    up = 0
    for width in (3, 16, 25, 40):
        for delta in (0.0, 0.25):
            x = image(rng, (600, width), "uint8")
            actual = np.asarray(opencv.sepFilter2D(x, -1, u, u, delta=delta))
            native = cv2.sepFilter2D(x, -1, u, u, delta=delta)
            y = exact(x, np.outer(u, u), 4, (-1, -1), delta)
            np.testing.assert_array_equal(actual, cast(y, "uint8"))
            differ = actual != native
            assert np.all(y[differ] % 1 == 0.5)
            np.testing.assert_array_equal(native[differ], np.minimum(np.ceil(y[differ]), 255))
            up += differ.sum()
    assert up  # Else the reason given for the difference is not the reason.


@pytest.mark.parametrize("name", NAMES)
def test_the_same_depths_are_taken(name):
    for dtype in ("bool", "int8", *DEPTHS.values(), "int32", "uint32", "int64", "uint64", "float16"):
        x = np.ones((2, 3), dtype)
        kernels = [np.ones((1, 1), "float32")] * (1 if name == "filter2D" else 2)
        for ddepth in (-2, -1, *range(8)):
            ours, theirs = (outcome(getattr(owner, name), x, ddepth, *kernels) for owner in (opencv, cv2))
            if isinstance(theirs, Exception):
                assert_both_raise(ours, theirs)
            else:
                assert ours.dtype == theirs.dtype
                np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "uint16", "int16", "int32", "int64", "float16", "float64"])
def test_kernels_of_other_types_match(dtype, rng):
    x, w = image(rng, (4, 5), "float64"), rng.integers(0, 2, (2, 3)).astype(dtype)
    compare("filter2D", x, -1, [w])
    compare("sepFilter2D", x, -1, [w[0], w[1]])


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize(
    "options",
    [
        {"borderType": 3},
        {"borderType": 5},
        {"borderType": 19},
        {"borderType": 6},
        {"borderType": -1},
        {"borderType": 4.0},
        {"borderType": True},
        {"anchor": 1},
        {"anchor": (1,)},
        {"anchor": (1.0, 1)},
        {"delta": 1j},
        {"delta": "1"},
        {"delta": True},
        {"delta": (1, 2)},
        {"ddepth": "8U"},
        {"ddepth": 0.0},
        {"ddepth": True},
        {"src": np.ones((0, 3), "uint8")},
        {"src": np.ones((2, 3, 0), "uint8")},
        {"src": np.ones((1, 2, 3, 4), "uint8")},
        {"kernel": np.ones((0, 3), "float32"), "kernelX": np.ones((0,), "float32")},
        {"kernel": np.ones((2, 2, 2), "float32"), "kernelX": np.ones((2, 2), "float32")},
        {"kernel": np.ones((2, 2), "complex64"), "kernelX": np.ones(2, "complex64")},
    ],
    ids=str,
)
def test_both_refuse(name, options):
    ones = np.ones((3, 3), "float32")
    kernels = {"kernel": ones} if name == "filter2D" else {"kernelX": ones[0], "kernelY": ones[0]}
    other = ("kernelX", "kernelY") if name == "filter2D" else ("kernel",)
    call = {"src": np.ones((4, 5), "uint8"), "ddepth": -1, **kernels, **options}
    call = {argument: value for argument, value in call.items() if argument not in other}
    assert_both_raise(outcome(getattr(opencv, name), **call), outcome(getattr(cv2, name), **call))


@pytest.mark.parametrize("flag", [0, 16])
@pytest.mark.parametrize("name", NAMES)
def test_borders_have_opencvs_numbers(name, flag, rng):
    x, w = image(rng, (3, 4), "int16"), [taps(rng, 1, 8)] + [taps(rng, 7)] * (name == "sepFilter2D")
    for word in LIBRARY_BOUNDARIES["OpenCV"].keys() - {"BORDER_WRAP"}:
        native = getattr(cv2, name)(x, -1, *w, borderType=getattr(cv2, word) | flag)
        number = getattr(opencv, word) | flag
        for border in (number, word):
            np.testing.assert_array_equal(getattr(opencv, name)(x, -1, *w, borderType=border), native)


def test_constants_are_opencvs():
    ours = {name: value for name, value in vars(opencv).items() if re.match("BORDER_[A-Z]|CV_", name)}
    del ours["BORDER_TYPES"]
    assert len(ours) == 16
    assert ours == {name: getattr(cv2, name) for name in ours}


@pytest.mark.parametrize("name", NAMES)
def test_signatures_match(name):
    wanted = re.sub(r"[\[\]]", "", getattr(cv2, name).__doc__.splitlines()[0].split(" -> ")[0])
    code = getattr(opencv, name).__wrapped__.__code__
    assert not code.co_kwonlyargcount
    assert f"{name}({', '.join(code.co_varnames[: code.co_argcount])})" == wanted


@pytest.mark.parametrize("name", NAMES)
def test_nothing_depends_on_64_bit_types_but_float64(name, rng):
    w = [taps(rng, 3, 3)] if name == "filter2D" else [taps(rng, 3), taps(rng, 2)]
    with jax.enable_x64(False):
        for (kind, dtype, ddepth), border in itertools.product(KINDS, (0, 2)):
            if kind == name and "float64" not in (dtype, DEPTHS.get(ddepth)):
                compare(name, image(rng, (4, 5), dtype), ddepth, w, border=border)


@pytest.mark.parametrize("name", NAMES)
def test_not_a_number_gives_the_lowest_value_on_both_sides(name):
    x = np.array([[np.nan, 7.0]], "float32")
    for ddepth in (0, 2, 3) if name == "sepFilter2D" else (-1,):
        kernels = [np.ones((1, 1), "float32")] * (1 if name == "filter2D" else 2)
        actual = getattr(opencv, name)(x, ddepth, *kernels)
        np.testing.assert_array_equal(actual, getattr(cv2, name)(x, ddepth, *kernels))
