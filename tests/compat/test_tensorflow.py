"""`compat.tensorflow`, without TensorFlow: its recorded results and refusals, and JAX's transformations."""

import inspect
import json
import pathlib

import jax
import jax.numpy as jnp
import ml_dtypes
import numpy as np
import pytest
from golden.tensorflow_cases import CASES, DTYPES, PADS, PLAIN, STEPS, WORDS, arrays
from golden.tensorflow_refusals import DEEP, SAME, TABLE, W, X
from jax.test_util import check_grads

import sigconv
from sigconv import convention
from sigconv._core.conventions.arguments import Call
from sigconv._core.conventions.tensorflow import transposed_length
from sigconv.compat import tensorflow as compat

RECORDED = json.loads((pathlib.Path(__file__).parents[1] / "golden" / "tensorflow.json").read_text())


def numbered(**every):
    """The cases of these groups, or every so manieth of them."""
    return [
        pytest.param(group, number, id=f"{group.replace(' ', '-')}-{number}-{CASES[group][number][0]}")
        for group, step in every.items()
        for number in range(0, len(CASES[group]), step)
    ]


def hold_against_recording(group, number):
    name, shapes, options = CASES[group][number]
    y = getattr(compat, name)(*(a.astype("float32") for a in arrays(shapes)), **options)
    assert y.dtype == "float32"
    np.testing.assert_array_equal(y, RECORDED["cases"][group][number])


@pytest.mark.parametrize(
    ("group", "number"), numbered(**{"formats": 3, "others": 3, "lines": 47, "transposed lines": 37})
)
def test_results_are_the_recorded_ones_exactly(group, number):
    hold_against_recording(group, number)


@pytest.mark.parametrize("group", CASES)
def test_every_result_is_the_recorded_one_exactly(group, by_definition):
    for number in range(len(CASES[group])):
        hold_against_recording(group, number)


@pytest.mark.full
@pytest.mark.parametrize(("group", "number"), numbered(**dict.fromkeys(CASES, 1)))
def test_every_result_is_the_recorded_one_through_the_engine(group, number):
    hold_against_recording(group, number)


def predicted(x, w, lo, hi, stride=1, dilation=1, insert=1):
    """What numbers per axis say, for x (n, in) and w (k, in, out): a correlation that reads zeros from −lo on."""
    spaced = np.zeros(((len(x) - 1) * insert + 1, x.shape[1]))
    spaced[::insert] = x
    padded = np.pad(spaced, ((lo + 40, hi + 40), (0, 0)))  # Pads may be negative: position −lo is at 40.
    reach = (len(w) - 1) * dilation
    starts = range(40, 40 + len(spaced) + lo + hi - reach, stride)
    return np.array([np.tensordot(padded[s : s + reach + 1 : dilation], w, 2) for s in starts])


def along_the_line(case):
    """The last spatial axis of a call on lines: x (n, c), w (k, c, c), mode, stride and dilation."""
    _, shapes, options = case
    x, w = arrays(shapes)
    padding = options["padding"]
    mode = padding if isinstance(padding, str) else tuple(padding[-2])
    stride, dilation = options.get("strides", options.get("stride")), options.get("dilations", 1)
    n, k = shapes[0][-2], shapes[1][-3]
    return x.reshape(n, -1), w.reshape(k, *w.shape[-2:]), mode, int(np.ravel(stride)[-1]), int(np.ravel(dilation)[-1])


@pytest.mark.parametrize("word", [*WORDS, "explicit"])
def test_rows_predict_every_recorded_line(word):
    chosen = [
        (case, result)
        for case, result in zip(CASES["lines"], RECORDED["cases"]["lines"], strict=True)
        if case[2]["padding"] == word or (word == "explicit" and not isinstance(case[2]["padding"], str))
    ]
    assert len(chosen) > 100
    for case, result in chosen:
        x, w, mode, stride, dilation = along_the_line(case)
        lo, hi = convention(f"tf.nn.{case[0]}").padding(len(x), len(w), mode=mode, stride=stride, dilation=dilation)
        y = predicted(x, w, lo, hi, stride, dilation)
        np.testing.assert_array_equal(y, np.reshape(result, y.shape))


@pytest.mark.parametrize("stride", STEPS)
def test_rows_predict_every_recorded_transposed_line(stride):
    chosen = [
        (case, result)
        for case, result in zip(CASES["transposed lines"], RECORDED["cases"]["transposed lines"], strict=True)
        if along_the_line(case)[3] == stride
    ]
    assert len(chosen) > 30
    for case, result in chosen:
        x, w, mode, _, dilation = along_the_line(case)
        n, k = len(x), len(w)
        extra = case[2]["output_shape"][-2] - transposed_length(mode, n, (k - 1) * dilation + 1, stride)
        row = convention(f"tf.nn.{case[0]}")
        assert row.flips
        lo, hi = row.padding(n, k, mode=mode, stride=stride, dilation=dilation, output_padding=extra)
        y = predicted(x, w[::-1].swapaxes(1, 2), lo, hi, 1, dilation, stride)
        np.testing.assert_array_equal(y, np.reshape(result, y.shape))


def spelled(name, shape, taps, mode, stride, dilation, output_padding=(0, 0, 0)):
    rank = len(shape)
    call = Call(shape, taps, mode, "zero", (0,) * rank, stride, dilation, (1,) * rank, output_padding[:rank])
    return convention(f"tf.nn.{name}").arguments(call)


@pytest.mark.parametrize("name", PLAIN)
def test_row_spells_arguments_that_are_taken(name):
    """The row's own spelling of a call gives what TensorFlow gave on that of the recorder."""
    row, (shapes, options) = convention(f"tf.nn.{name}"), PLAIN[name]
    once, rates = (1,) * row.rank, (options.get("rate", 1),) * row.rank
    x, w = arrays(shapes)
    wanted = getattr(compat, name)(x, w, **options)
    own = spelled(name, x.shape[1:-1], w.shape[: row.rank], "SAME", once, rates)
    np.testing.assert_array_equal(getattr(compat, name)(x, w, **own), wanted)


def test_arguments_of_rows_are_as_tensorflow_takes_them():
    """All of these are in the recording."""
    taken = [(name, options) for group in ("formats", "others") for name, _, options in CASES[group]]
    assert ("conv2d", dict(strides=1, padding="SAME")) in taken
    assert spelled("conv2d", (6, 5), (3, 2), "SAME", (1, 1), (1, 1)) == dict(strides=1, padding="SAME")
    explicit = spelled("conv2d", (6, 5), (3, 2), ((2, 1), (0, 3)), (1, 1), (2, 2))
    assert explicit == dict(strides=1, padding=PADS, dilations=2)
    for name, options in [
        ("conv3d", spelled("conv3d", (4, 5, 4), (3, 2, 2), "SAME", (1, 2, 3), (1, 3, 2))),
        ("conv1d", spelled("conv1d", (6,), (3,), "SAME", (2,), (1,))),
        ("depthwise_conv2d", spelled("depthwise_conv2d", (7, 6), (2, 3), "VALID", (1, 1), (3, 2))),
        ("depthwise_conv2d", spelled("depthwise_conv2d", (6, 5), (3, 2), ((2, 1), (0, 3)), (1, 2), (1, 1))),
        ("atrous_conv2d", spelled("atrous_conv2d", (9, 8), (3, 2), "VALID", (1, 1), (2, 2))),
    ]:
        assert (name, options) in taken
    lengths = spelled("conv2d_transpose", (3, 2), (3, 2), "SAME", (2, 2), (1, 1), (-1, 0))
    assert lengths == dict(output_shape=[5, 4], strides=2, padding="SAME")


@pytest.mark.parametrize("name", PLAIN)
def test_dtypes_are_those_recorded(name, x64):
    shapes, options = PLAIN[name]
    recorded = RECORDED["dtypes"][name]
    assert recorded["float64"] == "float64"
    for dtype in DTYPES:
        operands = [a.astype(getattr(ml_dtypes, dtype, dtype)) for a in arrays(shapes)]
        if recorded[dtype] is None:
            with pytest.raises(sigconv.DTypeError, match=f"must (be one of|hold) .* got {dtype}"):
                getattr(compat, name)(*operands, **options)
        else:
            result = jax.eval_shape(lambda *given: getattr(compat, name)(*given, **options), *operands)
            assert result.dtype == recorded[dtype]


@pytest.mark.parametrize("name", ["conv2d", "depthwise_conv2d", "conv3d_transpose"])
def test_short_floats_are_rounded_once(name):
    """The sums of whole numbers are exact in float32."""
    shapes, options = PLAIN[name]
    operands = arrays(shapes)
    wanted = getattr(compat, name)(*(a.astype("float32") for a in operands), **options)
    for dtype in ("float16", "bfloat16"):
        y = getattr(compat, name)(*(a.astype(getattr(ml_dtypes, dtype, dtype)) for a in operands), **options)
        np.testing.assert_array_equal(y.astype("float32"), wanted.astype(dtype).astype("float32"))


def test_flipped_filters_give_a_true_convolution():
    """Of the spatial axes; not of the channels."""
    x, w = (a.astype("float32") for a in arrays(((1, 5, 6, 2), (3, 2, 2, 3))))
    wanted = sigconv.convolve_channels(x.transpose(0, 3, 1, 2), w.transpose(3, 2, 0, 1))
    np.testing.assert_array_equal(compat.conv2d(x, w[::-1, ::-1], 1, "VALID"), wanted.transpose(0, 2, 3, 1))


@pytest.mark.parametrize(
    ("name", "shapes", "options"),
    [
        ("conv1d", ((2, 7, 2), (3, 2, 3)), dict(strides=2, padding="SAME")),
        ("conv2d", ((1, 6, 7, 4), (3, 2, 2, 6)), dict(strides=[2, 3], padding="SAME", dilations=2)),
        ("conv2d", ((1, 6, 7, 2), (3, 2, 2, 3)), dict(strides=[2, 3], padding=PADS)),
        ("conv3d", ((1, 3, 4, 5, 2), (2, 2, 3, 2, 1)), dict(strides=[1, 1, 2, 1, 1], padding="VALID")),
    ],
)
def test_transpose_is_the_transpose(name, shapes, options):
    x, w = (jnp.asarray(a, "float32") for a in arrays(shapes))
    words = {"stride" if name == "conv1d" and word == "strides" else word: value for word, value in options.items()}
    y, transpose = jax.vjp(lambda x: getattr(compat, name)(x, w, **words), x)
    given = jnp.asarray(arrays((y.shape,))[0], "float32")
    actual = getattr(compat, f"{name}_transpose")(given, w, output_shape=x.shape, **options)
    # Either may be done by a transform: each keeps the rule of transforms.
    bound = 2 * 8 * 2.0**-23 * float(jnp.linalg.norm(given.ravel()) * jnp.linalg.norm(w.ravel()))
    assert actual.shape == x.shape
    assert jnp.abs(actual - transpose(given)[0]).max() <= bound


def test_explicit_padding_is_in_the_order_of_the_format():
    """TensorFlow runs the transpose so on a GPU only: held against channels last."""
    x, w = arrays(((1, 3, 4, 2), (3, 5, 1, 2)))
    options = dict(strides=[2, 3], padding=[[0, 0], [1, 1], [0, 3], [0, 0]])
    last = compat.conv2d_transpose(x, w, [1, 5, 12, 1], **options)
    options = dict(strides=[1, 1, 2, 3], padding=[[0, 0], [0, 0], [1, 1], [0, 3]], data_format="NCHW")
    first = compat.conv2d_transpose(x.transpose(0, 3, 1, 2), w, [1, 1, 5, 12], **options)
    np.testing.assert_array_equal(first, last.transpose(0, 3, 1, 2))


@pytest.mark.parametrize("name", PLAIN)
def test_transformations_of_jax_change_nothing(name):
    (signal, filters), options = PLAIN[name]
    x, w = (jnp.asarray(a, "float32") for a in arrays(((3, *signal), filters)))

    def function(x, w):
        return getattr(compat, name)(x, w, **options)

    loop = jnp.stack([function(one, w) for one in x])
    np.testing.assert_array_equal(jax.vmap(function, in_axes=(0, None))(x, w), loop)
    np.testing.assert_array_equal(jax.jit(function)(x[0], w), loop[0])


@pytest.mark.parametrize("name", ["conv2d", "depthwise_conv2d", "conv2d_transpose"])
def test_gradients_are_right(name, x64):
    shapes, options = PLAIN[name]
    check_grads(jax.jit(lambda *operands: getattr(compat, name)(*operands, **options)), arrays(shapes), order=1)


@pytest.mark.parametrize("number", range(len(TABLE)), ids=lambda number: f"{TABLE[number][0]}-{number}")
def test_what_tensorflow_refuses_is_refused_and_named(number, x64):
    name, operands, options, error, message = TABLE[number]
    assert RECORDED["refusals"][number].endswith("Error")
    with pytest.raises(getattr(sigconv, error), match=f"^`compat.tensorflow.{name}`: {message}"):
        getattr(compat, name)(*operands, **options)


STEPPED = dict(strides=[1, 2, 2, 1], padding="SAME", dilations=[2, 2])
NUMBER = "must be a positive integer, or a list of 1 or 2 or 4 positive integers, .* got"


@pytest.mark.parametrize(
    ("name", "operands", "options", "error", "message"),
    [
        ("conv2d", (X[:0], W), SAME, "ShapeError", r"`input` must not be empty; got shape \(0, 5, 5, 4\)"),
        (
            "conv2d",
            (X, np.ones((6, 1, 4, 1), "f")),
            dict(strides=1, padding="VALID"),
            "ShapeError",
            "`padding` must leave",
        ),
        ("conv2d", (X, W), {**SAME, "strides": 2.0}, "OptionError", f"`strides` {NUMBER} 2.0"),
        ("conv2d", (X, W), {**SAME, "dilations": True}, "OptionError", f"`dilations` {NUMBER} True"),
        ("conv2d", (X.astype("uint8"), W), SAME, "DTypeError", r"`input` must be one of \['float16', .* got uint8"),
        (
            "depthwise_conv2d",
            (X, DEEP),
            STEPPED,
            "OptionError",
            r"`dilations` must be 1 where the strides are above 1; got \(2, 2\) and \(2, 2\)",
        ),
        (
            "depthwise_conv2d",
            (X, DEEP),
            {**STEPPED, "dilations": [2]},
            "OptionError",
            "`dilations` must be a list of 2",
        ),
    ],
)
def test_what_sigconv_alone_refuses_is_named(name, operands, options, error, message):
    """Nothing comes of these, or, of the last two, something other than the definition."""
    with pytest.raises(getattr(sigconv, error), match=f"^`compat.tensorflow.{name}`: {message}"):
        getattr(compat, name)(*operands, **options)


def test_checks_need_shapes_only():
    with pytest.raises(sigconv.ShapeError, match="`filters` must have channels that divide the input's 3; got 2"):
        jax.eval_shape(lambda x, w: compat.conv2d(x, w, 1, "SAME"), jnp.asarray(X[..., :3]), jnp.asarray(W))


@pytest.mark.parametrize("name", PLAIN)
def test_signatures_are_tensorflows_without_the_name(name):
    parameters = inspect.signature(getattr(compat, name)).parameters.values()
    assert [*([p.name, repr(p.default)] for p in parameters), ["name", "None"]] == RECORDED["signatures"][name]


@pytest.mark.parametrize(
    ("name", "operands", "options", "argument"),
    [
        ("conv2d", (X, W), {"strides": [], "padding": "SAME"}, "strides"),
        ("conv2d", (X, W), {**SAME, "dilations": []}, "dilations"),
        ("conv2d", (X, W), {"strides": 2**70, "padding": "SAME"}, "strides"),
        ("atrous_conv2d", (X, W), {"rate": None, "padding": "SAME"}, "rate"),
    ],
)
def test_steps_that_are_none_or_without_end_are_refused(name, operands, options, argument):
    with pytest.raises(
        sigconv.OptionError, match=rf"^`compat.tensorflow.{name}`: `{argument}` must be a positive integer"
    ):
        getattr(compat, name)(*operands, **options)
