"""`compat.torch7` against the definitions of its manual, written as sums over taps; Torch7 itself no longer builds."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from cases import draw
from jax.test_util import check_grads

from sigconv import DTypeError, OptionError, ShapeError, convention
from sigconv.compat import torch7 as compat

PLANAR = ["conv2", "xcorr2"]
SOLID = ["conv3", "xcorr3"]
FLIPS = {"conv2": True, "xcorr2": False, "conv3": True, "xcorr3": False}
INTEGERS = ["uint8", "int8", "int16", "int32"]


def whole(rng, *shape):
    return rng.integers(-5, 6, shape).astype("float32")


def single(x, k, mode, flips):
    """One plane: 'V' gathers Σ_t x[n + t] k[t], 'F' scatters every sample over k; conv flips the first, xcorr the last."""
    lengths = zip(x.shape, k.shape, strict=True)
    y = np.zeros([n - t + 1 if mode == "V" else n + t - 1 for n, t in lengths], x.dtype)
    for taps in np.ndindex(*k.shape):
        mirrored = tuple(length - 1 - t for t, length in zip(taps, k.shape, strict=True))
        tap = k[mirrored if flips == (mode == "V") else taps]
        if mode == "V":
            y += x[tuple(slice(t, t + size) for t, size in zip(taps, y.shape, strict=True))] * tap
        else:
            y[tuple(slice(t, t + size) for t, size in zip(taps, x.shape, strict=True))] += x * tap
    return y


def definition(name, x, k, mode):
    """The manual's three forms: a scalar product, a product plane by plane, and a matrix times a vector of planes."""
    rank, wide = int(name[-1]), np.float64 if x.dtype.kind == "f" else np.int64
    x, k = x.astype(wide), k.astype(wide)
    if x.ndim == rank:
        return single(x, k, mode, FLIPS[name])
    if k.ndim == x.ndim:
        return np.stack([single(plane, taps, mode, FLIPS[name]) for plane, taps in zip(x, k, strict=True)])
    return np.stack([definition(name, x, taps, mode).sum(0) for taps in k])


def spatial(x, w, bias, dW, dH, padW, padH):
    """The manual's sum, output by output."""
    x = np.pad(x, ((0, 0), (padH, padH), (padW, padW)))
    out, _, height, width = w.shape
    rows, columns = (x.shape[1] - height) // dH + 1, (x.shape[2] - width) // dW + 1
    y = np.zeros((out, rows, columns))
    for o, i, j in np.ndindex(*y.shape):
        patch = x[:, i * dH : i * dH + height, j * dW : j * dW + width]
        y[o, i, j] = bias[o] + (w[o] * patch).sum()
    return y


@pytest.mark.parametrize("size", range(1, 9))
@pytest.mark.parametrize("name", PLANAR)
def test_planes_are_the_definitions(name, size, rng):
    x, k = whole(rng, 9, 10), whole(rng, size, 9 - size)
    for mode in "VF":
        assert getattr(compat, name)(x, k, mode).tolist() == definition(name, x, k, mode).tolist()
    assert getattr(compat, name)(x, k).tolist() == definition(name, x, k, "V").tolist()


@pytest.mark.parametrize("mode", ["V", "F"])
@pytest.mark.parametrize("shape", [(2, 2, 3), (3, 2, 2, 3), (1, 2, 1, 4)], ids=str)
@pytest.mark.parametrize("name", PLANAR)
def test_several_planes_are_the_definitions(name, shape, mode, rng):
    """Three axes: plane by plane; four: the planes summed."""
    x, k = whole(rng, 2, 5, 6), whole(rng, *shape)
    y = getattr(compat, name)(x, k, mode)
    assert y.ndim == 3
    assert y.tolist() == definition(name, x, k, mode).tolist()


@pytest.mark.parametrize("mode", ["V", "F"])
@pytest.mark.parametrize("shape", [(2, 1, 3), (2, 2, 1, 3), (3, 2, 1, 2, 2)], ids=str)
@pytest.mark.parametrize("name", SOLID)
def test_volumes_are_the_definitions(name, shape, mode, rng):
    x, k = whole(rng, *(2,) * (len(shape) > 3), 3, 4, 5), whole(rng, *shape)
    assert getattr(compat, name)(x, k, mode).tolist() == definition(name, x, k, mode).tolist()


@pytest.mark.parametrize("name", PLANAR)
def test_a_longer_kernel_does_not_change_places(name, rng):
    x, k = whole(rng, 2, 3), whole(rng, 4, 8)
    assert getattr(compat, name)(x, k, "F").tolist() == definition(name, x, k, "F").tolist()


@pytest.mark.parametrize("size", range(1, 9))
def test_spatial_convolution_is_the_definition(size, rng):
    x, w, b = whole(rng, 2, 10, 9), whole(rng, 3, 2, size, 9 - size), whole(rng, 3)
    y = compat.spatial_convolution(x, w, b)
    assert y.tolist() == spatial(x, w, b, 1, 1, 0, 0).tolist()
    without = compat.spatial_convolution(x[None], w)
    assert without.tolist() == [spatial(x, w, np.zeros(3), 1, 1, 0, 0).tolist()]


@pytest.mark.parametrize("number", range(9))
def test_steps_and_pads_are_the_definition(number, rng):
    """Every pair of steps from 1 to 3, with pads from 0 to 3."""
    steps, pads = (number // 3 + 1, number % 3 + 1), (number % 4, (number + number // 3) % 4)
    x, w, b = whole(rng, 1, 6, 7), whole(rng, 2, 1, 3, 2), whole(rng, 2)
    y = compat.spatial_convolution(x, w, b, *steps, *pads)
    assert y.tolist() == spatial(x, w, b, *steps, *pads).tolist()


def test_pad_of_the_height_is_that_of_the_width_unless_given():
    x, w = np.ones((1, 2, 3), "float32"), np.ones((1, 1, 1, 1), "float32")
    assert compat.spatial_convolution(x, w, padW=1).shape == (1, 4, 5)
    assert compat.spatial_convolution(x, w, padW=1, padH=0).shape == (1, 2, 5)


@pytest.mark.parametrize("dtype", INTEGERS)
@pytest.mark.parametrize("shape", [(2, 2), (2, 3, 2, 2)], ids=str)
def test_integers_stay_integers_and_wrap(shape, dtype, rng):
    """64 bits wrap around too, and what is left of that are the low bits."""
    x, k = draw(rng, (3, 4, 5)[len(shape) < 3 :], dtype), draw(rng, shape, dtype)
    y = compat.conv2(x, k, "F")
    assert y.dtype == dtype
    assert y.tolist() == definition("conv2", x, k, "F").astype(dtype).tolist()


def test_float64_and_int64_stay(x64, rng):
    for dtype in ("float64", "int64"):
        x, k = whole(rng, 3, 4).astype(dtype), whole(rng, 2, 2).astype(dtype)
        y = compat.xcorr2(x, k)
        assert y.dtype == dtype
        assert y.tolist() == definition("xcorr2", x, k, "V").tolist()


@pytest.mark.parametrize("shape", [(2, 3), (2, 2, 3), (3, 2, 2, 3)], ids=str)
@pytest.mark.parametrize("name", PLANAR)
def test_transformations_of_jax_change_nothing(name, shape, rng):
    function = getattr(compat, name)
    batch, k = whole(rng, 3, *(2,) * (len(shape) > 2), 4, 5), whole(rng, *shape)
    wanted = [definition(name, x, k, "F").tolist() for x in batch]
    assert jax.vmap(lambda x: function(x, k, "F"))(batch).tolist() == wanted
    assert jax.jit(lambda x: function(x, k, "F"))(batch[0]).tolist() == wanted[0]


def test_transformations_of_jax_change_nothing_in_spatial_convolution(rng):
    batch, w, b = whole(rng, 3, 2, 4, 5), whole(rng, 3, 2, 2, 3), whole(rng, 3)

    def function(x, w, b):
        return compat.spatial_convolution(x, w, b, 2, 1, 1)

    wanted = [spatial(x, w, b, 2, 1, 1, 1).tolist() for x in batch]
    assert function(batch, w, b).tolist() == wanted
    assert jax.vmap(function, in_axes=(0, None, None))(batch, w, b).tolist() == wanted
    assert jax.jit(function)(batch[0], w, b).tolist() == wanted[0]


@pytest.mark.parametrize("shape", [(2, 3), (2, 2, 3), (3, 2, 2, 3)], ids=str)
@pytest.mark.parametrize("name", PLANAR)
def test_gradients_are_right(name, shape, rng, x64):
    x, k = draw(rng, (2, 4, 4)[len(shape) < 3 :], "float64"), draw(rng, shape, "float64")
    check_grads(jax.jit(getattr(compat, name)), (x, k), order=1)


def test_gradients_of_spatial_convolution_are_right(rng, x64):
    arguments = [draw(rng, shape, "float64") for shape in ((2, 4, 5), (3, 2, 2, 3), (3,))]
    check_grads(jax.jit(lambda *a: compat.spatial_convolution(*a, 2, 1, 1, 0)), arguments, order=1)


@pytest.mark.parametrize("mode", ["V", "F"])
def test_rows_have_the_arguments_of_the_functions(mode, rng):
    """What the table says of the arguments is what the functions take, with the same result."""
    x, k = whole(rng, 5, 6), whole(rng, 2, 3)
    for name in PLANAR:
        row = convention(f"torch7.{name}")
        arguments = row.reproduce(row, x.shape, k.shape, mode=mode)
        assert getattr(compat, name)(x, k, **arguments).tolist() == definition(name, x, k, mode).tolist()
    row = convention("torch7.nn.SpatialConvolution")
    arguments = row.reproduce(row, x.shape, k.shape, mode=(1, 2), stride=(3, 2))
    y = compat.spatial_convolution(x[None], k[None, None], **arguments)
    assert y.tolist() == spatial(x[None], k[None, None], [0], 2, 3, 2, 1).tolist()


X, K = np.ones((5, 6), "float32"), np.ones((2, 3), "float32")
P, Q = np.ones((2, 5, 6), "float32"), np.ones((3, 2, 2, 3), "float32")
TYPES = r"\['int16', 'int32', 'int64', 'int8', 'uint8', 'float32', 'float64'\], as in Torch7; got"
ERRORS = [
    (
        (P, K),
        {},
        ShapeError,
        r"`x` and `k` must have one of \(\(2, 2\), \(3, 3\), \(3, 4\)\) axes; got \(3, 2\), of shapes \(2, 5, 6\) and \(2, 3\)",
    ),
    ((X[None, None], Q), {}, ShapeError, r"`x` and `k` must have one of .* axes; got \(4, 4\)"),
    ((P, np.stack([K] * 3)), {}, ShapeError, "`k` must be for the 2 planes of the input; got 3"),
    ((P[:1], Q), {}, ShapeError, "`k` must be for the 1 planes of the input; got 2"),
    ((X, K[:0]), {}, ShapeError, r"`k` must not be empty; got shape \(0, 3\)"),
    ((X[:0], K), {}, ShapeError, r"`x` must not be empty; got shape \(0, 6\)"),
    (
        (X[:1], K),
        {},
        ShapeError,
        r"`k` must not be longer than x where the mode is 'V'; got \(2, 3\) taps for \(1, 6\) samples",
    ),
    ((X, K), {"mode": "full"}, OptionError, r"`mode` must be one of \['F', 'V'\]; got 'full'"),
    ((X, K), {"mode": 0}, OptionError, r"`mode` must be one of \['F', 'V'\]; got 0"),
    ((X, K.astype("int32")), {}, DTypeError, "`x` and `k` must have one dtype, as in Torch7; got float32 and int32"),
    ((X.astype("complex64"), K), {}, DTypeError, rf"`x` must have one of the dtypes {TYPES} complex64"),
    ((X, K.astype("float16")), {}, DTypeError, rf"`k` must have one of the dtypes {TYPES} float16"),
    ((X, K > 0), {}, DTypeError, "`k` must hold integers, .* got bool"),
]


@pytest.mark.parametrize("name", PLANAR)
@pytest.mark.parametrize(("operands", "options", "error", "message"), ERRORS)
def test_bad_arguments_are_named(name, operands, options, error, message):
    with pytest.raises(error, match=f"^`compat.torch7.{name}`: {message}"):
        getattr(compat, name)(*operands, **options)


@pytest.mark.parametrize("name", SOLID)
def test_images_are_no_volumes(name):
    with pytest.raises(
        ShapeError, match=rf"^`compat.torch7.{name}`: .* one of \(\(3, 3\), \(4, 4\), \(4, 5\)\) axes; got \(2, 2\)"
    ):
        getattr(compat, name)(X, K)


@pytest.mark.parametrize(
    ("operands", "options", "error", "message"),
    [
        ((X, Q), {}, ShapeError, r"`input` must be \(planes, H, W\), or \(batch, planes, H, W\); got shape \(5, 6\)"),
        ((P, K), {}, ShapeError, r"`weight` must be \(out, planes, kH, kW\); got shape \(2, 3\)"),
        ((P[:1], Q), {}, ShapeError, "`weight` must be for the 1 planes of the input; got 2"),
        ((P, Q[:0]), {}, ShapeError, r"`weight` must not be empty; got shape \(0, 2, 2, 3\)"),
        (
            (P[:, :1], Q),
            {"padW": 1, "padH": 0},
            ShapeError,
            r"`weight` must not be longer than the padded input; got \(2, 3\) taps for \(1, 6\) samples and \(0, 1\) zeros",
        ),
        ((P, Q, X[0]), {}, ShapeError, r"`bias` must have one entry for each of the 3 planes; got shape \(6,\)"),
        ((P, Q, np.ones(3, "int32")), {}, DTypeError, "`bias` must have the input's dtype, .* got int32 for float32"),
        (
            (P.astype("int32"), Q),
            {},
            DTypeError,
            r"`input` must have one of the dtypes \['float32', 'float64'\], .* got int32",
        ),
        ((P, Q), {"dW": 0}, OptionError, "`dW` must be an integer of at least 1, .*; got 0"),
        ((P, Q), {"dH": 1.5}, OptionError, "`dH` must be an integer of at least 1, .*; got 1.5"),
        ((P, Q), {"padH": -1}, OptionError, "`padH` must be an integer of at least 0, .*; got -1"),
        ((P, Q), {"padW": -1}, OptionError, "`padW` must be an integer of at least 0, .*; got -1"),
    ],
)
def test_bad_arguments_of_spatial_convolution_are_named(operands, options, error, message):
    with pytest.raises(error, match=f"^`compat.torch7.spatial_convolution`: {message}"):
        compat.spatial_convolution(*operands, **options)


def test_checks_need_shapes_only():
    with pytest.raises(ShapeError, match="`k` must not be longer than x"):
        jax.eval_shape(compat.conv2, jnp.asarray(K), jnp.asarray(X))
