"""The rows of PyTorch and of JAX's primitive against what these do to impulses."""

import inspect
import itertools
import warnings

import jax
import numpy as np
import pytest
from jax import lax
from peers.compare import sample, table
from peers.impulses import KERNELS, SAMPLES, close, impulses, predicted, ramp

from sigconv import OptionError, convention
from sigconv._core.conventions import OTHER_NAMES

pytestmark = pytest.mark.peers

NETWORKS = [f"torch.nn.functional.conv{kind}{rank}d" for kind in ("", "_transpose") for rank in (1, 2, 3)]
PRIMITIVES = ["jax.lax.conv_general_dilated"]


# PyTorch.


@pytest.mark.parametrize(
    ("name", "k", "stride", "dilation"), table(name=NETWORKS, k=(1, 2, 4, 5), stride=(1, 2, 3), dilation=(1, 2))
)
def test_row_predicts_networks(name, k, stride, dilation):
    """Along the last axis, with one channel; every impulse is an item of the batch."""
    torch = pytest.importorskip("torch")
    row, rank = convention(name), int(name[-2])
    x = torch.from_numpy(impulses(SAMPLES).reshape(SAMPLES, 1, *(1,) * (rank - 1), SAMPLES))
    w = torch.from_numpy(ramp(k).reshape(1, 1, *(1,) * (rank - 1), k))
    alone = (1,) * (rank - 1)
    options = {"stride": (*alone, stride), "dilation": (*alone, dilation)}
    words = [None, 0, 3] if row.transposed else [None, 0, 3, "valid", "same"]
    for word, extra in itertools.product(words, (0, 1) if row.transposed and stride > 1 else (0,)):
        if row.transposed and (SAMPLES - 1) * stride + (k - 1) * dilation + 1 + extra <= 2 * (word or 0):
            continue
        padding = word if isinstance(word, str) else (*(0,) * (rank - 1), word)
        more = {} if word is None else {"padding": padding}
        more |= {"output_padding": (*(0,) * (rank - 1), extra)} if row.transposed else {}
        steps = {"insert": stride} if row.transposed else {"stride": stride}
        function = getattr(torch.nn.functional, name.rsplit(".", 1)[1])
        if word in row.unstrided and stride > 1:
            with pytest.raises(RuntimeError, match="strided convolutions"):
                function(x, w, **options, **more)
            with pytest.raises(OptionError, match="`stride` must be 1"):
                row.axis(SAMPLES, k, mode=word, stride=stride)
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PyTorch's advice on padding='same' with even kernels.
            y = function(x, w, **options, **more)
        pads = row.padding(SAMPLES, k, mode=word, stride=stride, dilation=dilation, output_padding=extra)
        for one, wanted in zip(y.numpy().reshape(SAMPLES, -1), impulses(SAMPLES), strict=True):
            close(one, predicted(row, wanted, ramp(k), pads, dilation=dilation, **steps))


@pytest.mark.parametrize(("stride", "dilation"), table(stride=(1, 2, 3), dilation=(1, 2, 3)))
def test_row_takes_the_output_paddings_that_torch_takes(stride, dilation):
    torch = pytest.importorskip("torch")
    row, x, w = convention("torch.conv_transpose1d"), torch.ones(1, 1, 4), torch.ones(1, 1, 3)
    for extra in range(5):
        options = {"stride": stride, "dilation": dilation, "output_padding": extra}
        if extra < max(stride, dilation):
            axis = row.axis(4, 3, **options)
            assert torch.nn.functional.conv_transpose1d(x, w, **options).shape[-1] == axis.out_length(4, 3)
            continue
        with pytest.raises(RuntimeError, match="output padding must be smaller"):
            torch.nn.functional.conv_transpose1d(x, w, **options)
        with pytest.raises(OptionError, match="`output_padding` must be such that"):
            row.axis(4, 3, **options)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_layouts_are_those_of_the_weights(rank):
    """A kernel of (2, 3, taps) makes 2 outputs of 3 channels, or, transposed, 3 outputs of 2."""
    torch = pytest.importorskip("torch")
    w = torch.ones(2, 3, *(2,) * rank)
    forward, transposed = (f"torch.nn.functional.conv{kind}{rank}d" for kind in ("", "_transpose"))
    assert convention(forward).kernel_layout == "out in/groups taps"
    assert getattr(torch.nn.functional, f"conv{rank}d")(torch.ones(1, 3, *(4,) * rank), w).shape[1] == 2
    assert convention(transposed).kernel_layout == "in out/groups taps"
    assert getattr(torch.nn.functional, f"conv_transpose{rank}d")(torch.ones(1, 2, *(4,) * rank), w).shape[1] == 3


@pytest.mark.parametrize("name", [name for name in OTHER_NAMES if name.startswith("torch.")])
def test_other_names_are_the_same_operation(name):
    torch = pytest.importorskip("torch")
    rank, rng = int(name[-2]), np.random.default_rng(0)
    x, w = (torch.from_numpy(rng.standard_normal((2, 2, *(size,) * rank))) for size in (6, 3))
    for options in ({}, {"stride": 2, "padding": 1, "dilation": 2}):
        other, known = getattr(torch, name[6:]), getattr(torch.nn.functional, OTHER_NAMES[name].rsplit(".", 1)[1])
        np.testing.assert_array_equal(other(x, w, **options), known(x, w, **options))


# JAX's own primitive.


LAX = convention("jax.lax.conv_general_dilated")


def primitive(x, w, words, **options):
    """Along one axis; every row of x is an item of the batch."""
    return np.asarray(lax.conv_general_dilated(x[:, None], w[None, None], padding=words, **options))[:, 0]


@pytest.mark.parametrize(("word", "k"), table(word=LAX.modes, k=KERNELS))
def test_row_has_the_pads_of_the_words_of_lax(word, k):
    for n, stride, dilation in itertools.product(range(5, 10), (1, 2, 3), (1, 2, 3)):
        pads = LAX.padding(n, k, mode=word, stride=stride, dilation=dilation)
        assert [pads] == lax.padtype_to_pads((n,), ((k - 1) * dilation + 1,), (stride,), word)


def fits(n, k, dilation, insert, words):
    return (n - 1) * insert + 1 + (0 if words == "VALID" else sum(words)) > (k - 1) * dilation


@pytest.mark.usefixtures("x64")
@pytest.mark.parametrize(
    ("words", "n", "k", "stride", "dilation", "insert"),
    sample(
        words=("SAME", "SAME_LOWER", "VALID", (0, 1), (3, 2), (-1, 2), (2, -1), (-2, -1)),
        n=range(5, 10),
        k=KERNELS,
        stride=(1, 2, 3),
        dilation=(1, 2, 3),
        insert=(1, 2),
        allowed=lambda words, n, k, stride, dilation, insert: (
            (insert == 1 or not isinstance(words, str))
            and (words in ("SAME", "SAME_LOWER") or fits(n, k, dilation, insert, words))
        ),
    ),
)
def test_row_predicts_lax(words, n, k, stride, dilation, insert):
    axis = LAX.axis(n, k, mode=words, stride=stride, dilation=dilation, input_dilation=insert)
    steps = {"window_strides": (stride,), "rhs_dilation": (dilation,), "lhs_dilation": (insert,)}
    y = primitive(impulses(n), ramp(k), words if isinstance(words, str) else [words], **steps)
    for one, x in zip(y, impulses(n), strict=True):
        wanted = predicted(LAX, x, ramp(k), (axis.lo, axis.hi), axis.stride, axis.dilation, axis.input_dilation)
        np.testing.assert_array_equal(one, wanted)


@pytest.mark.parametrize("word", LAX.modes)
def test_row_refuses_words_where_lax_inserts_zeros(word):
    with pytest.raises(ValueError, match="String padding is not implemented"):
        primitive(np.eye(5), ramp(3).real, word, window_strides=(1,), lhs_dilation=(2,))
    with pytest.raises(OptionError, match="`input_dilation` must be 1"):
        LAX.axis(5, 3, mode=word, input_dilation=2)


def test_lax_has_no_default_padding_and_takes_out_in_taps():
    assert LAX.default_mode is None
    assert inspect.signature(lax.conv_general_dilated).parameters["padding"].default is inspect.Parameter.empty
    assert LAX.kernel_layout == "out in/groups taps"
    x, w = np.ones((1, 6, 4), "float32"), np.ones((2, 3, 2), "float32")
    y = jax.eval_shape(lambda x, w: lax.conv_general_dilated(x, w, (1,), "VALID", feature_group_count=2), x, w)
    assert y.shape == (1, 2, 3)
