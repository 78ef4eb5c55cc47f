"""`compat.torch`, without PyTorch: its recorded results, errors and JAX's transformations. tests/peers has the rest."""

import json

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
from cases import draw
from compat.recorded import CASES, RESULTS, arrays
from jax.test_util import check_grads
from peers.compare import assert_same, wide

from sigconv import DTypeError, OptionError, ShapeError
from sigconv.compat import torch as compat

FORWARD = ["conv1d", "conv2d", "conv3d"]
TRANSPOSED = ["conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]


@pytest.mark.parametrize("dtype", ["float32", "int32", "complex64", "float16", "bfloat16"])
@pytest.mark.parametrize("number", range(len(CASES)), ids=lambda i: f"{CASES[i][0]}-{CASES[i][2]}")
def test_results_are_the_recorded_ones_exactly(number, dtype):
    """Whole numbers below 2⁸: no dtype rounds them."""
    name, shapes, options = CASES[number]
    kind = ml_dtypes.bfloat16 if dtype == "bfloat16" else dtype
    y = getattr(compat, name)(*(a.astype(kind) for a in arrays(shapes)), **options)
    assert y.dtype == dtype
    assert np.asarray(y).astype(complex).real.tolist() == json.loads(RESULTS.read_text())[number]


@pytest.mark.parametrize("name", [*FORWARD, *TRANSPOSED])
def test_complex_weights_are_not_conjugated(name):
    rank = int(name[-2])
    x, w = np.full((1, 1, *(1,) * rank), 1j, "complex64"), np.full((1, 1, *(1,) * rank), 2j, "complex64")
    assert getattr(compat, name)(x, w).ravel().tolist() == [-2]


@pytest.mark.parametrize("name", [*FORWARD, *TRANSPOSED])
def test_transformations_of_jax_change_nothing(name, rng):
    rank = int(name[-2])
    x, w, b = (jnp.asarray(draw(rng, shape, "float32")) for shape in ((3, 2, *(4,) * rank), (2, 2, *(2,) * rank), (2,)))

    def function(x, w, b):
        return getattr(compat, name)(x, w, b, stride=2, padding=1)

    batch = function(x, w, b)
    np.testing.assert_array_equal(jax.jit(function)(x, w, b), batch)
    norms = (jnp.append(x, 1), jnp.append(w, jnp.abs(b).max()))
    mapped = jax.vmap(function, in_axes=(0, None, None))(x, w, b)
    assert_same(mapped, batch, wide(batch), *norms)
    assert_same(function(x[0], w, b), batch[0], wide(batch[0]), *norms)


@pytest.mark.parametrize("name", ["conv1d", "conv2d", "conv_transpose1d", "conv_transpose2d"])
def test_gradients_are_right(name, rng, x64):
    rank = int(name[-2])
    arguments = [draw(rng, shape, "float64") for shape in ((1, 2, *(4,) * rank), (2, 2, *(3,) * rank), (2,))]
    check_grads(jax.jit(lambda *a: getattr(compat, name)(*a, stride=2, padding=1, dilation=2)), arguments, order=1)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_conv_transpose_is_the_transpose_of_conv(rank, rng, x64):
    w = draw(rng, (3, 2, *(2,) * rank), "float64")
    options = {"stride": 2, "padding": 1, "dilation": 1}
    x, y = draw(rng, (1, 2, *(6,) * rank), "float64"), draw(rng, (1, 3, *(4,) * rank), "float64")
    forward = getattr(compat, f"conv{rank}d")(x, w, **options)
    back = getattr(compat, f"conv_transpose{rank}d")(y, w, **options)
    assert forward.shape == y.shape
    assert back.shape == x.shape
    # Sums of products of the same terms in another order.
    bound = 8 * 2.0**-52 * np.abs(x).max() * np.abs(y).sum() * np.abs(w).sum((1, *range(2, rank + 2))).max()
    assert abs(float(jnp.vdot(y, forward) - jnp.vdot(back, x))) <= bound


X, W = np.ones((1, 4, 6), "float32"), np.ones((4, 2, 3), "float32")
PAIRED = {"groups": 2}
STEP = "must be an integer of at least 1, or one for each of the 1 axes; got"
PAD = "must be an integer of at least 0, or one for each of the 1 axes; got"
GROUPS = "`groups` must be a positive integer that divides the input's channels and the weight's first axis; got"
BOTH = [
    ((X, W[0]), {}, ShapeError, r"`weight` must have 3 axes; got shape \(2, 3\)"),
    ((X[0, 0], W), {}, ShapeError, r"`input` must have 3 axes, or 2 without a batch; got shape \(6,\)"),
    ((X[None], W), {}, ShapeError, r"`input` must have 3 axes, .* got shape \(1, 1, 4, 6\)"),
    ((X[:0], W), {}, ShapeError, r"`input` must not be empty; got shape \(0, 4, 6\)"),
    ((X, W[..., :0]), {}, ShapeError, r"`weight` must not be empty; got shape \(4, 2, 0\)"),
    ((X, W.astype("float16")), {}, DTypeError, "`input` and `weight` must have one dtype, .* got float32 and float16"),
    ((X, W, np.ones(4, "int32")), PAIRED, DTypeError, "`bias` must have the input's dtype, .* got int32 for float32"),
    (
        (X, W, np.ones(3, "float32")),
        PAIRED,
        ShapeError,
        r"`bias` must have one entry for each of the 4 output channels",
    ),
    ((X > 0, W > 0), {}, DTypeError, "`input` must hold integers, .* got bool"),
    ((X, W.astype(object)), {}, DTypeError, "`weight` must hold integers, .* got object"),
    ((X, W), {"groups": 0}, OptionError, f"{GROUPS} 0 for 4 and 4"),
    ((X, W), {"groups": 3}, OptionError, f"{GROUPS} 3 for 4 and 4"),
    ((X, W), {"groups": 2.0}, OptionError, f"{GROUPS} 2.0 for 4 and 4"),
    ((X, W), {"stride": 0}, OptionError, f"`stride` {STEP} 0"),
    ((X, W), {"stride": (1, 2)}, OptionError, rf"`stride` {STEP} \(1, 2\)"),
    ((X, W), {"dilation": -1}, OptionError, f"`dilation` {STEP} -1"),
    ((X, W), {"padding": -1}, OptionError, f"`padding` {PAD} -1"),
]
OWN = {
    "conv1d": [
        ((X, W), {}, ShapeError, "`weight` must be for the input's 4 channels; got one for 2"),
        (
            (X, W),
            {**PAIRED, "padding": "full"},
            OptionError,
            r"`padding` must be one of \['same', 'valid'\]; got 'full'",
        ),
        (
            (X, W),
            {**PAIRED, "padding": "same", "stride": 2},
            OptionError,
            r"`padding` must not be 'same' where the stride is above 1; got stride \(2,\)",
        ),
        (
            (X, W),
            {**PAIRED, "dilation": 3},
            ShapeError,
            r"`padding` must leave at least one output; got 0 for an input of \(6,\) samples, a weight of \(3,\) taps",
        ),
    ],
    "conv_transpose1d": [
        ((X[:, :2], W), {}, ShapeError, "`weight` must be for the input's 2 channels; got one for 4"),
        ((X, W), {"padding": "same"}, OptionError, f"`padding` {PAD} 'same'"),
        ((X, W), {"padding": 4}, ShapeError, r"`padding` must leave at least one output; got 4 for an input of \(6,\)"),
        ((X, W), {"output_padding": -1}, OptionError, f"`output_padding` {PAD} -1"),
        (
            (X, W),
            {"output_padding": 1},
            OptionError,
            r"`output_padding` must be smaller than the stride or the dilation; got \(1,\)",
        ),
    ],
}


@pytest.mark.parametrize(
    ("name", "operands", "options", "error", "message"),
    [(name, *row) for name, own in OWN.items() for row in (*BOTH, *own)],
)
def test_bad_arguments_are_named(name, operands, options, error, message):
    with pytest.raises(error, match=f"^`compat.torch.{name}`: {message}"):
        getattr(compat, name)(*operands, **options)


def test_an_output_padding_below_the_dilation_is_taken():
    assert compat.conv_transpose1d(X, W, output_padding=1, dilation=2).shape == (1, 2, 11)


def test_checks_need_shapes_only():
    with pytest.raises(ShapeError, match="`weight` must be for the input's 4 channels"):
        jax.eval_shape(compat.conv1d, jnp.asarray(X), jnp.asarray(W))
