"""`compat.torch` against `torch.nn.functional`."""

import itertools
import re
import warnings

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
from cases import draw
from peers.compare import assert_both_raise, outcome, rows, sample
from tolerance import assert_correlation

from sigconv import compat

torch = pytest.importorskip("torch")
functional = torch.nn.functional

pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("x64")]

KERNELS = range(1, 9)
STEPS = (1, 2, 3)
FORWARD = ("conv1d", "conv2d", "conv3d")
TRANSPOSED = ("conv_transpose1d", "conv_transpose2d", "conv_transpose3d")
HALVES = {"float16": np.dtype("float16"), "bfloat16": np.dtype(ml_dtypes.bfloat16)}


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def tensor(a):
    a = np.asarray(a)
    if a.dtype == HALVES["bfloat16"]:
        return torch.from_numpy(a.astype(np.float32)).to(torch.bfloat16)
    return torch.from_numpy(a)


def widest(a):
    a = np.asarray(a)
    return a if a.dtype.kind in "iu" else a.astype(np.complex128 if a.dtype.kind == "c" else np.float64)


def theirs(name, arrays, **options):
    with warnings.catch_warnings():
        # "Using padding='same' with even kernel lengths and odd dilation may require a zero-padded copy".
        warnings.simplefilter("ignore")
        return getattr(functional, name)(*map(tensor, arrays), **options)


def compare(name, arrays, **options):
    """By the rule, or errors on both sides. The bias counts as one more tap, on a sample of 1."""
    actual = outcome(getattr(compat.torch, name), *arrays, **options)
    native = outcome(theirs, name, arrays, **options)
    if isinstance(native, Exception):
        assert_both_raise(actual, native)
        return
    if isinstance(actual, Exception):
        raise actual
    assert str(actual.dtype) == str(native.dtype).removeprefix("torch.")
    assert actual.shape == tuple(native.shape)
    reference = theirs(name, [widest(a) for a in arrays], **options).numpy()
    x, w, rank = widest(arrays[0]), widest(arrays[1]), int(name[-2])
    if "transpose" in name:
        groups = options.get("groups", 1)
        w = w.reshape(groups, -1, *w.shape[1:]).swapaxes(1, 2)  # (groups, out/groups, in/groups, *taps)
    bias = widest(arrays[2]) if len(arrays) > 2 else np.zeros(reference.shape[-rank - 1])
    x, w = x.reshape(*(x.shape[:-rank][-2:] if x.ndim > rank + 1 else (1, x.shape[0])), -1), w.reshape(len(bias), -1)
    x = np.concatenate([x, np.ones((*x.shape[:2], 1))], -1)
    w = np.concatenate([w, bias[:, None]], -1)[:, None]
    shape = (len(x), len(bias), -1)
    assert_correlation(np.asarray(actual).reshape(shape), reference.reshape(shape), x, w)


def draw_forward(rng, space, taps, groups=1, bias=True, batch=2, dtype="float64", wide=(2, 3)):
    c_in, c_out = (groups * size for size in wide)
    arrays = [(*batch_axes(batch), c_in, *space), (c_out, c_in // groups, *taps), (c_out,)]
    return [draw(rng, shape, dtype) for shape in arrays[: 2 + bias]]


def draw_transposed(rng, space, taps, groups=1, bias=True, batch=2, dtype="float64", wide=(2, 3)):
    c_in, c_out = (groups * size for size in wide)
    arrays = [(*batch_axes(batch), c_in, *space), (c_in, c_out // groups, *taps), (c_out,)]
    return [draw(rng, shape, dtype) for shape in arrays[: 2 + bias]]


def batch_axes(batch):
    return () if batch is None else (batch,)


COMMON = {
    "groups": (1, 2, 3),
    "bias": (False, True),
    "batch": (2, 1, None),
    "dtype": ("float64", "complex128"),
}


@pytest.mark.parametrize(
    ("k", "stride", "padding", "dilation"),
    rows(
        (k, stride, padding, dilation)
        for k, stride, padding, dilation in itertools.product(KERNELS, STEPS, (0, 2, "same"), STEPS)
        if not (padding == "same" and stride > 1)
    ),
)
def test_conv1d_matches(k, stride, padding, dilation, rng):
    """Kernels that do not fit are refused on both sides."""
    for n in (6, 13):
        compare("conv1d", draw_forward(rng, (n,), (k,)), stride=stride, padding=padding, dilation=dilation)


@pytest.mark.parametrize(
    ("n", "k", "stride", "padding", "dilation", "groups", "bias", "batch", "dtype"),
    sample(n=(1, 2, 5, 8, 17), k=KERNELS, stride=STEPS, padding=(0, 1, 7, "same", "valid"), dilation=STEPS, **COMMON),
)
def test_conv1d_matches_with_every_option(n, k, stride, padding, dilation, groups, bias, batch, dtype, rng):
    arrays = draw_forward(rng, (n,), (k,), groups, bias, batch, dtype)
    compare("conv1d", arrays, stride=stride, padding=padding, dilation=dilation, groups=groups)


PLANES = {
    "space": ((6, 7), (1, 9), (12, 5)),
    "taps": ((1, 1), (2, 3), (3, 2), (4, 4), (5, 1), (8, 7), (6, 5)),
    "stride": (1, 2, 3, (2,), (1, 3), (3, 2)),
    "dilation": (1, 2, (2, 1), (1, 3), [3]),
}
VOLUMES = {
    "space": ((4, 5, 6), (7, 1, 4)),
    "taps": ((1, 1, 1), (2, 3, 2), (3, 1, 4), (5, 2, 1)),
    "stride": (1, 2, (1, 3, 2), [2]),
    "dilation": (1, 2, (2, 1, 3)),
}


@pytest.mark.parametrize(
    ("space", "taps", "stride", "dilation", "padding", "groups", "bias", "batch", "dtype"),
    sample(**PLANES, padding=(0, 2, "same", "valid", (3, 1), (4,), [0, 5]), **COMMON),
)
def test_conv2d_matches(space, taps, stride, dilation, padding, groups, bias, batch, dtype, rng):
    arrays = draw_forward(rng, space, taps, groups, bias, batch, dtype)
    compare("conv2d", arrays, stride=stride, padding=padding, dilation=dilation, groups=groups)


@pytest.mark.parametrize(
    ("space", "taps", "stride", "dilation", "padding", "groups", "bias", "batch", "dtype"),
    sample(**VOLUMES, padding=(0, 2, "same", "valid", (3, 1, 0)), **COMMON),
)
def test_conv3d_matches(space, taps, stride, dilation, padding, groups, bias, batch, dtype, rng):
    arrays = draw_forward(rng, space, taps, groups, bias, batch, dtype)
    compare("conv3d", arrays, stride=stride, padding=padding, dilation=dilation, groups=groups)


@pytest.mark.parametrize(("k", "stride", "padding", "dilation"), rows(itertools.product(KERNELS, STEPS, (0, 2), STEPS)))
def test_conv_transpose1d_matches(k, stride, padding, dilation, rng):
    """The least and the most output padding, and one more, which is refused."""
    arrays = draw_transposed(rng, (4,), (k,))
    most = max(stride, dilation) - 1
    for extra in {0, most, most + 1}:
        options = {"stride": stride, "padding": padding, "dilation": dilation, "output_padding": extra}
        compare("conv_transpose1d", arrays, **options)


@pytest.mark.parametrize(
    ("n", "k", "stride", "padding", "output_padding", "dilation", "groups", "bias", "batch", "dtype"),
    sample(
        n=(1, 2, 5, 8),
        k=KERNELS,
        stride=STEPS,
        padding=(0, 1, 4),
        output_padding=(0, 1, 2),
        dilation=STEPS,
        **COMMON,
    ),
)
def test_conv_transpose1d_matches_with_every_option(
    n, k, stride, padding, output_padding, dilation, groups, bias, batch, dtype, rng
):
    arrays = draw_transposed(rng, (n,), (k,), groups, bias, batch, dtype)
    options = {"stride": stride, "padding": padding, "output_padding": output_padding, "dilation": dilation}
    compare("conv_transpose1d", arrays, groups=groups, **options)


@pytest.mark.parametrize(
    ("space", "taps", "stride", "dilation", "padding", "output_padding", "groups", "bias", "batch", "dtype"),
    sample(**PLANES, padding=(0, 2, (3, 1), (1,)), output_padding=(0, 1, (0, 2), [1]), **COMMON),
)
def test_conv_transpose2d_matches(
    space, taps, stride, dilation, padding, output_padding, groups, bias, batch, dtype, rng
):
    arrays = draw_transposed(rng, space, taps, groups, bias, batch, dtype)
    options = {"stride": stride, "padding": padding, "output_padding": output_padding, "dilation": dilation}
    compare("conv_transpose2d", arrays, groups=groups, **options)


@pytest.mark.parametrize(
    ("space", "taps", "stride", "dilation", "padding", "output_padding", "groups", "bias", "batch", "dtype"),
    sample(**VOLUMES, padding=(0, 1, (3, 1, 0)), output_padding=(0, 1, (0, 2, 1)), **COMMON),
)
def test_conv_transpose3d_matches(
    space, taps, stride, dilation, padding, output_padding, groups, bias, batch, dtype, rng
):
    arrays = draw_transposed(rng, space, taps, groups, bias, batch, dtype)
    options = {"stride": stride, "padding": padding, "output_padding": output_padding, "dilation": dilation}
    compare("conv_transpose3d", arrays, groups=groups, **options)


@pytest.mark.parametrize("name", [*FORWARD, *TRANSPOSED])
@pytest.mark.parametrize("dtype", ["float16", "bfloat16", "float32", "complex64", "int64"])
@pytest.mark.parametrize("options", [{}, {"stride": 2, "padding": 1, "dilation": 2, "groups": 2}], ids=str)
def test_dtypes_match(name, dtype, options, rng):
    rank = int(name[-2])
    shape = draw_forward if name in FORWARD else draw_transposed
    arrays = shape(rng, (6,) * rank, (2,) * rank, options.get("groups", 1))
    if dtype == "int64":
        arrays = [rng.integers(-99, 99, a.shape) for a in arrays]
    arrays = [a.astype(HALVES.get(dtype, dtype)) for a in arrays]
    compare(name, arrays, **options)


@pytest.mark.parametrize("name", FORWARD)
@pytest.mark.parametrize("dtype", ["int8", "uint8", "int16", "int32"])
def test_integers_wrap_alike(name, dtype, rng):
    rank = int(name[-2])
    compare(name, [draw(rng, shape, dtype) for shape in ((1, 2, *(5,) * rank), (2, 2, *(3,) * rank), (2,))])


SIGNAL, WEIGHT = np.ones((1, 4, 6)), np.ones((4, 2, 3))
FORWARD_REFUSED = [
    ((SIGNAL, WEIGHT), {}),
    *(((SIGNAL, WEIGHT), {"groups": groups}) for groups in (0, -1, 3, True)),
    *(
        ((SIGNAL, WEIGHT), {"groups": 2, **options})
        for options in (
            {"stride": 0},
            {"stride": -1},
            {"stride": (1, 2)},
            {"stride": 1.0},
            {"stride": ()},
            {"stride": True},
            {"dilation": 0},
            {"padding": -1},
            {"padding": "full"},
            {"padding": "SAME"},
            {"padding": ("same",)},
            {"padding": "same", "stride": 2},
            {"dilation": 4},
        )
    ),
    ((SIGNAL, WEIGHT, np.ones(3)), {"groups": 2}),
    ((SIGNAL, WEIGHT, np.ones((4, 1))), {"groups": 2}),
    ((SIGNAL, WEIGHT, np.ones(4, "float32")), {"groups": 2}),
    ((SIGNAL.astype("float32"), WEIGHT), {"groups": 2}),
    ((SIGNAL[0, 0], WEIGHT), {"groups": 2}),
    ((SIGNAL[None], WEIGHT), {"groups": 2}),
    ((SIGNAL, WEIGHT[0]), {"groups": 2}),
    ((SIGNAL[..., :2], WEIGHT), {"groups": 2}),
    ((SIGNAL[..., :0], WEIGHT), {"groups": 2, "padding": 2}),
    ((SIGNAL, WEIGHT[..., :0]), {"groups": 2}),
    ((SIGNAL, WEIGHT[:0]), {"groups": 2}),
    ((SIGNAL > 0, WEIGHT > 0), {"groups": 2}),
]
TRANSPOSED_REFUSED = [
    ((SIGNAL, WEIGHT), options)
    for options in (
        {"stride": 0},
        {"dilation": 0},
        {"output_padding": 1},
        {"output_padding": -1},
        {"output_padding": (0, 1), "stride": 2},
        {"padding": 5},
        {"padding": -1},
        {"padding": "same"},
        {"groups": 3},
        {"groups": 0},
    )
]
TRANSPOSED_REFUSED += [
    ((SIGNAL, WEIGHT, np.ones(3)), {}),
    ((SIGNAL[:, :3], WEIGHT), {}),
    ((SIGNAL[..., :0], WEIGHT), {}),
    ((SIGNAL, WEIGHT[..., :0]), {}),
    ((SIGNAL, WEIGHT.astype("float32")), {}),
]


@pytest.mark.parametrize(
    ("name", "arrays", "options"),
    [
        pytest.param(name, arrays, options, id=f"{name}-{number}-{options}")
        for name, table in (("conv1d", FORWARD_REFUSED), ("conv_transpose1d", TRANSPOSED_REFUSED))
        for number, (arrays, options) in enumerate(table)
    ],
)
def test_what_torch_refuses_is_refused(name, arrays, options):
    ours = outcome(getattr(compat.torch, name), *arrays, **options)
    assert_both_raise(ours, outcome(theirs, name, arrays, **options))


@pytest.mark.parametrize("name", [*FORWARD, *TRANSPOSED])
def test_signatures_match(name):
    """PyTorch's builtins have no signature, only a first line of documentation."""
    line = getattr(functional, name).__doc__.strip().splitlines()[0]
    wanted = re.fullmatch(rf"{name}\((.*)\) -> Tensor", line)[1]
    code = getattr(compat.torch, name).__wrapped__.__code__
    names = code.co_varnames[: code.co_argcount]
    assert not code.co_kwonlyargcount
    defaults = getattr(compat.torch, name).__wrapped__.__defaults__
    without = names[: len(names) - len(defaults)]
    given = [*without, *(f"{n}={d!r}" for n, d in zip(names[len(without) :], defaults, strict=True))]
    assert given == wanted.split(", ")


def test_a_network_gives_the_same_numbers(rng):
    """Two layers, as a port would write them."""
    x, first, second = (draw(rng, shape, "float32") for shape in ((2, 3, 12, 11), (8, 3, 4, 4), (6, 4, 3, 3)))
    options = ({"stride": 2, "padding": (1, 2)}, {"padding": "same", "dilation": 2, "groups": 2})

    def ours(x):
        return compat.torch.conv2d(compat.torch.conv2d(x, first, **options[0]), second, **options[1])

    hidden = theirs("conv2d", [widest(x), widest(first)], **options[0]).numpy()
    reference = theirs("conv2d", [hidden, widest(second)], **options[1]).numpy()
    # The composed norms: the second layer's rule, on data that the first may have moved by its own.
    bound = np.abs(x).max() * np.abs(first).sum((1, 2, 3)).max() * np.abs(second).sum((1, 2, 3)).max()
    error = np.abs(np.asarray(jax.jit(ours)(jnp.asarray(x))) - reference).max()
    assert error <= 2 * 8 * 2.0**-23 * bound
