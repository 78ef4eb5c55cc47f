"""The public functions: what their words mean, on any layout, under every transformation, and what they refuse."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import scipy.signal
from cases import draw
from jax.test_util import check_grads
from oracle import oracle
from tolerance import assert_correlation

import sigconv
from sigconv import Constant, DTypeError, OptionError, ShapeError, Sides
from sigconv._core.boundary import Rule
from sigconv._core.geometry import Axis, Geometry

SINGLE = (sigconv.correlate, sigconv.convolve)
CHANNELS = (sigconv.correlate_channels, sigconv.convolve_channels)
PADS = {
    "full": lambda k: (k - 1, k - 1),
    "same": lambda k: (k // 2, (k - 1) // 2),
    "valid": lambda k: (0, 0),
}


def reference(function, x, w, axes):
    """The definition, for one kernel over a signal without other axes."""
    if function in (sigconv.convolve, sigconv.convolve_channels):
        w = np.flip(w, tuple(range(w.ndim - len(axes), w.ndim)))
    elif function is sigconv.correlate:
        w = np.conj(w)
    lift = (None, None) if function in SINGLE else ()
    y = oracle(x[lift], w[lift], Geometry(tuple(axes)))
    return y[0, 0] if lift else y


@pytest.mark.parametrize("dtype", ["float32", "complex64", "int32"])
@pytest.mark.parametrize("mode", PADS)
@pytest.mark.parametrize("function", SINGLE, ids=lambda f: f.__name__)
def test_modes_match_definition(function, mode, dtype):
    rng = np.random.default_rng(0)
    for k in (1, 4, 5):
        x, w = draw(rng, (9,), dtype) // 2**20 if dtype == "int32" else draw(rng, (9,), dtype), draw(rng, (k,), dtype)
        y = function(x, w, mode=mode)
        assert y.dtype == dtype
        expected = reference(function, x, w, [Axis(*PADS[mode](k))])
        assert_correlation(y, expected.astype(dtype) if dtype == "int32" else expected, x, w)


@pytest.mark.parametrize("mode", PADS)
def test_single_channel_functions_agree_with_scipy(mode):
    rng = np.random.default_rng(0)
    x = (rng.standard_normal((7, 8)) + 1j * rng.standard_normal((7, 8))).astype("c8")
    for shape in ((3, 4), (4, 3)):
        w = (rng.standard_normal(shape) + 1j * rng.standard_normal(shape)).astype("c8")
        for function in SINGLE:
            theirs = getattr(scipy.signal, function.__name__)(x.astype("c16"), w.astype("c16"), mode=mode)
            assert_correlation(function(x, w, mode=mode), theirs, x, w)


@pytest.mark.parametrize("function", SINGLE, ids=lambda f: f.__name__)
def test_explicit_pads_steps_and_boundaries_match_definition(function):
    rng = np.random.default_rng(0)
    x, w = draw(rng, (9, 8), "float32"), draw(rng, (3, 2), "float32")
    y = function(
        x,
        w,
        mode=[(2, -1), (0, 3)],
        boundary=(Sides("edge", "zero"), Constant(2)),
        stride=(1, 2),
        dilation=[2, 1],
    )
    first = Axis(2, -1, 1, 2, low=Rule.EDGE)
    second = Axis(0, 3, 2, low=Constant(2), high=Constant(2))
    expected = reference(function, x, w, [first, second])
    assert_correlation(y, expected, x, w, extended=np.append(x.ravel(), 2))


@pytest.mark.parametrize("name", ["edge", "reflect", "symmetric", "periodic"])
def test_boundaries_read_what_numpy_pads(name):
    rng = np.random.default_rng(0)
    x, w = draw(rng, (10,), "float32"), draw(rng, (4,), "float32")
    padded = np.pad(x, (2, 1), {"periodic": "wrap"}.get(name, name))
    expected = np.correlate(padded.astype(float), w.astype(float), "valid")
    assert_correlation(sigconv.correlate(x, w, mode="same", boundary=name), expected, x, w)


def test_stride_is_subsampling():
    rng = np.random.default_rng(0)
    x, w = draw(rng, (23,), "float32"), draw(rng, (4,), "float32")
    for mode, stride in itertools.product(PADS, (2, 3)):
        every = sigconv.correlate(x, w, mode=mode, method="direct")
        some = sigconv.correlate(x, w, mode=mode, stride=stride, method="direct")
        # Not bit for bit: XLA may add in another order.
        assert_correlation(some, np.asarray(every, float)[::stride], x, w)


def loops(function, x, w, axes):
    """One call per position along the other axes, as NumPy would loop."""
    batch = [axis for axis in range(x.ndim) if axis not in axes]
    shape = [max(x.shape[axis], w.shape[axis]) for axis in batch]
    rows = {}
    for index in itertools.product(*map(range, shape)):
        at = [slice(None)] * x.ndim
        bt = [slice(None)] * x.ndim
        for axis, i in zip(batch, index, strict=True):
            at[axis], bt[axis] = min(i, x.shape[axis] - 1), min(i, w.shape[axis] - 1)
        rows[index] = reference(
            function, x[tuple(at)], w[tuple(bt)], [Axis(*PADS["same"](w.shape[a])) for a in sorted(axes)]
        )
    stacked = np.zeros((*shape, *next(iter(rows.values())).shape))
    for index, row in rows.items():
        stacked[index] = row
    return np.moveaxis(stacked, list(range(len(batch))), batch)


@pytest.mark.parametrize("function", SINGLE, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    ("signal", "kernel", "axes"),
    [
        ((2, 9, 3), (1, 4, 1), (1,)),
        ((2, 9, 3), (2, 4, 3), (1,)),
        ((2, 9, 3), (2, 4, 1), (1,)),
        ((1, 9, 1), (2, 4, 3), (1,)),
        ((1, 9, 3), (2, 4, 3), (1,)),
        ((2, 6, 7), (2, 3, 2), (1, 2)),
        ((6, 3, 7), (3, 3, 2), (-3, -1)),
    ],
)
def test_other_axes_broadcast(function, signal, kernel, axes):
    rng = np.random.default_rng(0)
    x, w = draw(rng, signal, "float32"), draw(rng, kernel, "float32")
    positive = tuple(axis % len(signal) for axis in axes)
    expected = loops(function, x, w, positive)
    assert_correlation(function(x, w, axes=axes, mode="same"), expected, x, w)


def test_axes_go_with_the_kernels_axes_in_their_order():
    rng = np.random.default_rng(0)
    x, w = draw(rng, (6, 5, 7), "float32"), draw(rng, (2, 3), "float32")
    y = sigconv.correlate(x, w, axes=(2, 0), mode="valid")
    for j in range(5):
        assert_correlation(y[:, j], reference(sigconv.correlate, x[:, j], w.T, [Axis(), Axis()]), x, w)


def test_last_axes_are_the_default():
    rng = np.random.default_rng(0)
    x, w = draw(rng, (3, 2, 6, 5), "float32"), draw(rng, (2, 3), "float32")
    np.testing.assert_array_equal(sigconv.convolve(x, w), sigconv.convolve(x, w, axes=(-2, -1)))
    assert_correlation(sigconv.convolve(x, w)[2, 1], scipy.signal.convolve2d(x[2, 1].astype(float), w), x[2, 1], w)


@pytest.mark.parametrize("function", CHANNELS, ids=lambda f: f.__name__)
@pytest.mark.parametrize(
    ("signal", "weights", "groups"),
    [((2, 3, 9), (4, 3, 3), 1), ((4, 9), (6, 2, 4), 2), ((2, 2, 3, 7), (3, 1, 4), 3), ((2, 5, 6), (3, 2, 2, 3), 1)],
)
def test_channel_functions_match_definition(function, signal, weights, groups):
    rng = np.random.default_rng(0)
    x, w = draw(rng, signal, "complex64"), draw(rng, weights, "complex64")
    rank = w.ndim - 2
    pads = [((k - 1) // 2, k // 2) for k in weights[2:]]
    canonical = x.reshape(-1, *signal[-rank - 1 :])
    flipped = np.flip(w, tuple(range(2, w.ndim))) if function is sigconv.convolve_channels else w
    for stride in (1, 2):
        geometry = Geometry(tuple(Axis(*pad, stride) for pad in pads), groups)
        y = function(x, w, padding="same", groups=groups, stride=stride)
        expected = oracle(canonical, flipped, geometry)
        assert y.shape == (*signal[: -rank - 1], *expected.shape[1:])
        assert_correlation(y.reshape(expected.shape), expected, canonical, w)


def test_input_dilation_inserts_zeros():
    rng = np.random.default_rng(0)
    x, w = draw(rng, (2, 5), "float32"), draw(rng, (3, 2, 4), "float32")
    spaced = np.zeros((2, 13), "f4")
    spaced[:, ::3] = x
    y = sigconv.correlate_channels(x, w, padding="full", input_dilation=3, method="direct")
    expected = oracle(spaced[None], w, Geometry((Axis(3, 3),)))
    assert_correlation(y[None], expected, spaced[None], w)


@pytest.mark.parametrize("mode", PADS)
@pytest.mark.parametrize(("n", "k"), [(9, 1), (9, 4), (8, 3), (8, 4), (5, 5)])
def test_correlation_lags_are_those_of_correlate(mode, n, k):
    """A delay of d puts the peak of the correlation with the undelayed kernel where the lag is d."""
    lags = np.asarray(sigconv.correlation_lags(n, k, mode))
    rng = np.random.default_rng(0)
    x, w = rng.integers(-9, 9, n), rng.integers(-9, 9, k)
    y = np.asarray(sigconv.correlate(x, w, mode=mode))
    padded = np.pad(x, (k, n + k))
    assert lags.shape == y.shape
    for lag, value in zip(lags, y, strict=True):
        assert value == sum(w[t] * padded[k + t + lag] for t in range(k))


def test_correlation_lags_agree_with_scipy_where_scipy_agrees_with_itself():
    for n, k in itertools.product(range(1, 9), range(1, 9)):
        np.testing.assert_array_equal(sigconv.correlation_lags(n, k), scipy.signal.correlation_lags(n, k))
        if k <= n and (n % 2 == 0 or k % 2 == 1):
            np.testing.assert_array_equal(
                sigconv.correlation_lags(n, k, "same"), scipy.signal.correlation_lags(n, k, "same")
            )


PROMOTIONS = [
    ("int8", "int8", "int8"),
    ("int8", "int32", "int32"),
    ("uint8", "int8", "int16"),
    ("int32", "float32", "float32"),
    ("bfloat16", "float32", "float32"),
    ("bfloat16", "float16", "float32"),
    ("float16", "float16", "float16"),
    ("float32", "complex64", "complex64"),
]


@pytest.mark.parametrize(("first", "second", "result"), PROMOTIONS)
def test_results_have_the_promoted_dtype(first, second, result):
    x, w = jnp.ones(5, first), jnp.ones(3, second)
    assert sigconv.correlate(x, w).dtype == result
    assert sigconv.convolve(w, x).dtype == result


def test_float64_stays_where_it_is_enabled(x64):
    assert sigconv.correlate(np.ones(5), np.ones(3)).dtype == "float64"


def test_numpy_integers_are_taken_as_options():
    x, w = np.ones((4, 5, 6), "f4"), np.ones((2, 2), "f4")
    y = sigconv.correlate(x, w, axes=(np.int64(0), np.int32(-1)), stride=np.int64(2), mode=[(np.int64(0), 1)] * 2)
    assert y.shape == (2, 5, 3)
    assert sigconv.correlate_channels(x[0, :4], np.ones((6, 2, 3), "f4"), groups=np.int64(2)).shape == (6, 4)


def test_lists_and_numpy_arrays_are_taken():
    assert sigconv.convolve([1, 2, 3], (1, 1)).tolist() == [1, 3, 5, 3]
    assert sigconv.convolve(np.array([1.0, 2.0]), jnp.array([1.0, 1.0])).tolist() == [1.0, 3.0, 2.0]


TRANSFORMED = [
    ("correlate", lambda x, w: sigconv.correlate(x, w, mode="same", boundary="reflect"), (11,), (4,)),
    ("convolve", lambda x, w: sigconv.convolve(x, w, stride=2, method="fft"), (11,), (4,)),
    (
        "correlate_channels",
        lambda x, w: sigconv.correlate_channels(x, w, padding="same", groups=2, dilation=2),
        (4, 11),
        (4, 2, 3),
    ),
    (
        "convolve_channels",
        lambda x, w: sigconv.convolve_channels(x, w, padding="full", method="overlap"),
        (2, 11),
        (3, 2, 3),
    ),
]
IDS = [name for name, *_ in TRANSFORMED]


@pytest.mark.parametrize(("name", "function", "signal", "weights"), TRANSFORMED, ids=IDS)
def test_jit_and_vmap_give_what_eager_calls_give(name, function, signal, weights):
    rng = np.random.default_rng(0)
    xs, ws = jnp.asarray(draw(rng, (3, *signal), "float32")), jnp.asarray(draw(rng, (3, *weights), "float32"))
    eager = np.stack([function(x, w) for x, w in zip(xs, ws, strict=True)])
    np.testing.assert_array_equal(jax.jit(function)(xs[0], ws[0]), eager[0])
    mapped = jax.vmap(function)(xs, ws)
    for got, want, x, w in zip(mapped, eager, xs, ws, strict=True):
        assert_correlation(got, want.astype(float), x, w, "fft" if name.startswith("convolve") else "direct")


@pytest.mark.parametrize(("name", "function", "signal", "weights"), TRANSFORMED, ids=IDS)
def test_gradients_match_finite_differences(name, function, signal, weights, x64):
    rng = np.random.default_rng(0)
    x, w = jnp.asarray(rng.standard_normal(signal)), jnp.asarray(rng.standard_normal(weights))
    check_grads(jax.jit(function), (x, w), order=1 if name.endswith("channels") else 2)


def test_half_precision_is_differentiable():
    for dtype in ("float16", "bfloat16"):
        x, w = jnp.ones(20, dtype), jnp.ones(3, dtype)
        to_x, to_w = jax.grad(lambda x, w: sigconv.correlate(x, w).sum(), (0, 1))(x, w)
        assert to_x.dtype == to_w.dtype == dtype
        assert (to_x == 3).all()
        assert (to_w == 20).all()


def test_calls_do_not_recompile_when_only_values_change():
    x, w = jnp.arange(37.0), jnp.arange(5.0)
    sigconv.correlate(x, w, mode="same")
    with jax.log_compiles(), pytest.MonkeyPatch.context() as patch:
        seen = []
        import logging

        handler = logging.Handler()
        handler.emit = seen.append
        logger = logging.getLogger("jax")
        patch.setattr(logger, "propagate", False)
        logger.addHandler(handler)
        try:
            a, b = -x, 2 * w
            jax.block_until_ready((a, b))
            before = len(seen)
            sigconv.correlate(a, b, mode="same")
            assert len(seen) == before
            sigconv.correlate(a, b, mode="valid")
            assert len(seen) > before  # The handler does see compilations.
        finally:
            logger.removeHandler(handler)


BAD = [
    # Arrays.
    (
        lambda: sigconv.correlate(np.zeros(0), [1.0]),
        ShapeError,
        r"`correlate`: `signal` must not be empty; got shape \(0,\)",
    ),
    (lambda: sigconv.correlate([1.0], np.zeros((0,))), ShapeError, r"`kernel` must not be empty; got shape \(0,\)"),
    (lambda: sigconv.correlate(np.zeros((2, 0, 3)), np.ones(2)), ShapeError, r"`signal` must not be empty"),
    (lambda: sigconv.correlate([1.0], 2.0), ShapeError, r"`kernel` must have at least one axis; got a scalar"),
    (lambda: sigconv.correlate([1.0], [[1.0]]), ShapeError, r"`kernel` must not have more axes.*2 over 1.*Swap"),
    (
        lambda: sigconv.correlate(np.ones((3, 4, 5)), np.ones((2, 2)), axes=0),
        ShapeError,
        r"`kernel` must have one axis for each of `axes` \(1\) or as many as the signal \(3\); got 2",
    ),
    (
        lambda: sigconv.correlate(np.ones((3, 9)), np.ones((2, 4)), axes=1),
        ShapeError,
        r"`kernel` must broadcast with the signal along axis 0; got 2 against 3",
    ),
    (
        lambda: sigconv.correlate(np.array([None]), [1.0]),
        DTypeError,
        r"`signal` must hold integers, floats or complex numbers; got object",
    ),
    (
        lambda: sigconv.correlate(jax.random.split(jax.random.key(0)), [1.0]),
        DTypeError,
        r"`signal` must hold .*; got key",
    ),
    (
        lambda: sigconv.correlate(jax.random.split(jax.random.key(0)), [1.0]),
        DTypeError,
        r"`signal` must hold .*; got key",
    ),
    (
        lambda: sigconv.correlate(np.ones(3, np.longdouble), [1.0]),
        DTypeError,
        r"`signal` must have a dtype that JAX has; got float128",
    ),
    (
        lambda: sigconv.correlate([2**40, 1], [1]),
        DTypeError,
        r"`signal` must hold integers that fit int32 unless jax_enable_x64 is on; got 1 to 1099511627776",
    ),
    (
        lambda: sigconv.correlate(jnp.ones(3, jnp.float8_e4m3fn), jnp.ones(2)),
        DTypeError,
        r"`kernel` must have a dtype that mixes with the signal's; got float32 for float8_e4m3fn",
    ),
    (
        lambda: sigconv.correlate([1.0], [1.0], boundary=Constant(10**400)),
        OptionError,
        r"`boundary` must fit float32, up to 3.4e\+38; got an integer of 1329 bits",
    ),
    (
        lambda: sigconv.correlate([1.0], [1.0], boundary=Constant(-1e300)),
        OptionError,
        r"`boundary` must fit float32, up to 3.4e\+38; got -1e\+300. Use a float, or inf",
    ),
    (
        lambda: sigconv.select_method(100, (5,)),
        ShapeError,
        r"`select_method`: `signal_shape` must be a shape, a tuple of at least one length; got 100",
    ),
    (lambda: sigconv.select_method((100.5,), (5,)), ShapeError, r"`signal_shape` must be a shape"),
    (
        lambda: sigconv.select_method((100,), (5,), device=3),
        OptionError,
        r"`device` must be a jax.Device, a platform's name or None; got 3",
    ),
    (
        lambda: sigconv.select_method((3, 9), (1, 3, 2), padding="full", axes=0),
        OptionError,
        r"`mode` and `axes` must be left out where `padding` is given",
    ),
    (
        lambda: sigconv.select_method((9,), (2,), groups=np.ones(2)),
        OptionError,
        r"`groups` must be 1 unless `padding` is given",
    ),
    (lambda: sigconv.correlate(["a"], [1.0]), DTypeError, r"`signal` must hold .*; got <U1"),
    (
        lambda: sigconv.correlate([1.0], [True]),
        DTypeError,
        r"`kernel` must hold .*; got bool. Cast it to an integer type to count",
    ),
    (lambda: sigconv.correlate([[1.0], [1.0, 2.0]], [1.0]), DTypeError, r"`signal` must be a numeric array; got list"),
    (lambda: sigconv.correlate(np.array(["2020-01-01"], "M8[D]"), [1.0]), DTypeError, r"got datetime64"),
    # Words and numbers.
    (
        lambda: sigconv.correlate([1.0], [1.0], mode="sane"),
        OptionError,
        r"`mode` must be one of \['full', 'same', 'valid'\]; got 'sane'",
    ),
    (
        lambda: sigconv.correlate([1.0], [1.0], mode=[(0, 0), (0, 0)]),
        OptionError,
        r"`mode` must be one of .* or one \(lo, hi\) pair of integers for each of the 1 axes",
    ),
    (
        lambda: sigconv.correlate([1.0], [1.0], boundary="wrap"),
        OptionError,
        r"`boundary` must be one of .*got 'wrap'.*our 'periodic'",
    ),
    (
        lambda: sigconv.correlate([1.0], [1.0], boundary=("zero", "edge")),
        OptionError,
        r"`boundary` must have one entry per axis \(1\); got 2",
    ),
    (
        lambda: sigconv.correlate([1], [1], boundary=Constant(0.5)),
        OptionError,
        r"`boundary` must be an integer that fits int32; got 0.5",
    ),
    (
        lambda: sigconv.correlate([1.0], [1.0], stride=0),
        OptionError,
        r"`stride` must be an integer of at least 1.*got 0",
    ),
    (lambda: sigconv.correlate([1.0], [1.0], stride=np.ones(1)), OptionError, r"`stride` must be an integer"),
    (
        lambda: sigconv.correlate([1.0], [1.0], dilation=-1),
        OptionError,
        r"`dilation` must be an integer of at least 1.*got -1",
    ),
    (
        lambda: sigconv.correlate([1.0], [1.0], axes=1),
        OptionError,
        r"`axes` must be axes of the signal, which has 1; got 1",
    ),
    (
        lambda: sigconv.correlate([1.0], [1.0], axes=0.0),
        OptionError,
        r"`axes` must be an integer or a sequence.*got 0.0",
    ),
    (
        lambda: sigconv.correlate([[1.0]], [[1.0]], axes=(0, -2)),
        OptionError,
        r"`axes` must name each axis once; got \(0, -2\)",
    ),
    (lambda: sigconv.correlate([1.0], [1.0], method="fast"), OptionError, r"`method` must be one of .*; got 'fast'"),
    (
        lambda: sigconv.correlate([1], [1], method="fft"),
        OptionError,
        r"`method` must be able to do this; got 'fft': int32",
    ),
    (
        lambda: sigconv.correlate([1.0], [1.0], precision="best"),
        OptionError,
        r"`precision` must be one of .*; got 'best'",
    ),
    (
        lambda: sigconv.correlate([1.0], [1.0], precision=3),
        OptionError,
        r"`precision` must be a name or a jax.lax.Precision; got 3",
    ),
    # A kernel longer than the signal.
    (
        lambda: sigconv.correlate([1.0], [1.0, 2.0], mode="valid"),
        ShapeError,
        r"`kernel` must not be longer than the signal where `mode` is 'valid'; got extents \(2,\) over lengths \(1,\)",
    ),
    (
        lambda: sigconv.convolve([1.0], [1.0, 2.0], mode="same"),
        ShapeError,
        r"`convolve`: `kernel` must not be longer.*'same'",
    ),
    (lambda: sigconv.correlate([1.0, 2.0], [1.0, 2.0], mode="valid", dilation=2), ShapeError, r"got extents \(3,\)"),
    (lambda: sigconv.correlate([1.0], [1.0, 2.0], mode=[(0, 0)]), ShapeError, r"`kernel` must fit the padded signal"),
    # Channels.
    (
        lambda: sigconv.correlate_channels(np.ones((2, 5)), np.ones((3, 2))),
        ShapeError,
        r"`weights` must be \(c_out, c_in/groups, \*taps\).*got shape \(3, 2\)",
    ),
    (
        lambda: sigconv.correlate_channels(np.ones(5), np.ones((3, 1, 2))),
        ShapeError,
        r"`signal` must be \(…, c_in, \*space\) with 1 spatial axes",
    ),
    (
        lambda: sigconv.correlate_channels(np.ones((3, 5)), np.ones((3, 2, 2))),
        ShapeError,
        r"`weights` must have c_in/groups = 3 input channels.*got 2",
    ),
    (
        lambda: sigconv.correlate_channels(np.ones((3, 5)), np.ones((3, 3, 2)), groups=2),
        OptionError,
        r"`groups` must divide .*; got 2 for 3 and 3",
    ),
    (
        lambda: sigconv.correlate_channels(np.ones((3, 5)), np.ones((3, 3, 2)), groups=0),
        OptionError,
        r"`groups` must be a positive integer; got 0",
    ),
    (
        lambda: sigconv.correlate_channels(np.ones((3, 5)), np.ones((3, 3, 7))),
        ShapeError,
        r"`correlate_channels`: `weights` must not be longer.*`padding` is 'valid'",
    ),
    (
        lambda: sigconv.convolve_channels(np.ones((3, 5)), np.ones((3, 3, 2)), padding="most"),
        OptionError,
        r"`convolve_channels`: `padding` must be one of",
    ),
    (
        lambda: sigconv.correlate_channels(
            np.ones((1, 5)), np.ones((1, 1, 2)), padding="full", boundary="edge", input_dilation=2
        ),
        OptionError,
        r"`boundary` must be 'zero' where `input_dilation` is above 1; got 2",
    ),
    # Lags.
    (
        lambda: sigconv.correlation_lags(0, 2),
        ShapeError,
        r"`correlation_lags`: `n` must be a positive number of samples; got 0",
    ),
    (lambda: sigconv.correlation_lags(3, 2.0), ShapeError, r"`k` must be a positive number of samples; got 2.0"),
    (lambda: sigconv.correlation_lags(3, 4, "valid"), ShapeError, r"`kernel` must not be longer than the signal"),
    (lambda: sigconv.correlation_lags(3, 2, "some"), OptionError, r"`mode` must be one of"),
]


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[m for _, _, m in BAD])
def test_bad_input_is_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()


@pytest.mark.parametrize(
    ("options", "error"),
    [({"mode": "valid"}, ShapeError), ({"stride": 0}, OptionError), ({"boundary": "wrap"}, OptionError)],
)
def test_bad_input_is_refused_under_jit_too(options, error):
    with pytest.raises(error, match=r"^`correlate`: `"):
        jax.jit(lambda x, w: sigconv.correlate(x, w, **options))(jnp.ones(2), jnp.ones(3))


def test_one_bad_call_does_not_spoil_the_next():
    """Plans are remembered by their options: True is not 1 there."""
    x = jnp.ones(4)
    sigconv.correlate(x, x, stride=1)
    with pytest.raises(OptionError):
        sigconv.correlate(x, x, stride=True)
    assert sigconv.correlate(x, x, stride=1).shape == (7,)
    sigconv.correlate(x, x, stride=(1,), mode=[(1, 2)])
    for options in ({"stride": (True,)}, {"mode": [(1.0, 2)]}):
        with pytest.raises(OptionError):
            sigconv.correlate(x, x, **options)
