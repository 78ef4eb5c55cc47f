"""`convert_kernel`: layouts written by hand, round trips, JAX's transformations, dtypes and errors."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest

pytest.importorskip("hypothesis")
from hypothesis import given, settings
from hypothesis import strategies as st
from layouts import BY_HAND, LAYOUTS, NAMES, PLAIN, numbers, rank_of, shapes_for

from sigconv import DTypeError, OptionError, ShapeError, convert_kernel
from sigconv._core.conventions import CONVENTIONS, row_of


def test_every_function_is_written_down():
    assert set(NAMES) == set(CONVENTIONS)


@pytest.mark.parametrize("name", NAMES)
def test_kernels_are_laid_out_as_documented(name):
    taps = (2, 2, 3)[-rank_of(name) :]
    for channels, groups in shapes_for(name):
        w = numbers(*channels, *taps)
        documented = LAYOUTS[NAMES[name]](w, groups)
        y = convert_kernel(w, source=PLAIN, target=name, groups=groups)
        assert y.dtype == w.dtype
        np.testing.assert_array_equal(y, documented)
        np.testing.assert_array_equal(convert_kernel(documented, source=name, target=PLAIN, groups=groups), w)


PLANAR = {
    layout: next(n for n in NAMES if NAMES[n] == layout and row_of("", n).rank in (None, 2)) for layout in BY_HAND
}


@pytest.mark.parametrize("source", PLANAR)
def test_between_every_two_layouts(source):
    for target in PLANAR:
        names = PLANAR[source], PLANAR[target]
        for channels, groups in shapes_for(*names):
            w = numbers(*channels, 2, 3)
            given, wanted = (LAYOUTS[layout](w, groups) for layout in (source, target))
            y = convert_kernel(given, source=names[0], target=names[1], groups=groups)
            np.testing.assert_array_equal(y, wanted, err_msg=f"{names}, {groups} groups")


@pytest.mark.parametrize(
    ("source", "target", "shape", "groups", "wanted"),
    [
        ("torch.conv2d", "tf.nn.conv2d", (8, 3, 5, 7), 1, (5, 7, 3, 8)),
        ("tf.nn.conv2d", "torch.conv2d", (5, 7, 2, 8), 2, (8, 2, 5, 7)),
        ("torch.conv2d", "torch.conv_transpose2d", (8, 3, 5, 7), 2, (6, 4, 5, 7)),
        ("torch.conv_transpose2d", "tf.nn.conv2d_transpose", (6, 4, 5, 7), 2, (5, 7, 4, 6)),
        ("tf.nn.conv1d_transpose", "torch.conv_transpose1d", (5, 8, 3), 1, (3, 8, 5)),
        ("tf.nn.depthwise_conv2d", "torch.conv2d", (5, 7, 3, 2), 1, (6, 1, 5, 7)),
        ("torch.conv2d", "tf.nn.depthwise_conv2d", (6, 1, 5, 7), 3, (5, 7, 3, 2)),
        ("tf.nn.depthwise_conv2d", "tf.nn.conv2d", (5, 7, 3, 2), 3, (5, 7, 1, 6)),
        ("matlab.conv2", "tf.nn.conv2d", (5, 7), 1, (5, 7, 1, 1)),
        ("torch.conv2d", "cv2.filter2D", (1, 1, 5, 7), 1, (5, 7)),
        ("numpy.convolve", "scipy.signal.convolve2d", (5,), 1, (1, 5)),
        ("numpy.convolve", "torch.conv3d", (5,), 1, (1, 1, 1, 1, 5)),
        ("torch.conv1d", "torch.conv3d", (4, 2, 5), 2, (4, 2, 1, 1, 5)),
        ("torch.conv3d", "tf.nn.conv1d", (4, 2, 1, 1, 5), 1, (5, 2, 4)),
        ("tf.nn.conv2d", "matlab.xcorr", (1, 5, 1, 1), 1, (5,)),
        ("sigconv.correlate", "scipy.ndimage.convolve", (2, 3, 4, 5), 1, (2, 3, 4, 5)),
        ("sigconv.correlate", "numpy.correlate", (1, 1, 1, 5), 1, (5,)),
    ],
)
def test_shapes_are_those_of_the_two_functions(source, target, shape, groups, wanted):
    y = jax.eval_shape(lambda w: convert_kernel(w, source=source, target=target, groups=groups), jnp.ones(shape))
    assert y.shape == wanted


def test_complex_taps_are_conjugated_where_one_of_the_two_is():
    w = np.array([1 + 2j, 3 - 1j], "complex64")
    assert convert_kernel(w, source="numpy.correlate", target="torch.conv1d").ravel().tolist() == [1 - 2j, 3 + 1j]
    assert convert_kernel(w, source="numpy.correlate", target="numpy.convolve").tolist() == [3 + 1j, 1 - 2j]
    assert convert_kernel(w, source="numpy.convolve", target="matlab.conv").tolist() == w.tolist()


# There and back again.

STEADY = settings(max_examples=100, deadline=None, derandomize=True)


@st.composite
def kernels(draw, count):
    """Names of functions, a kernel of the first that all of them can hold, and its groups."""
    names = draw(st.lists(st.sampled_from(sorted(NAMES)), min_size=count, max_size=count))
    ranks = [CONVENTIONS[name].rank for name in names]
    live = min((rank for rank in ranks if rank), default=2)
    taps = (1,) * ((ranks[0] or live) - live) + (2, 2, 3)[-live:]
    channels, groups = draw(st.sampled_from(shapes_for(*names)))
    return names, LAYOUTS[NAMES[names[0]]](numbers(*channels, *taps), groups), groups


def converted(kernel, *names, groups):
    for source, target in itertools.pairwise(names):
        kernel = convert_kernel(kernel, source=source, target=target, groups=groups)
    return np.asarray(kernel)


@STEADY
@given(kernels(2))
def test_there_and_back_is_the_identity(drawn):
    """But for axes of length 1 that a function of a higher rank has put in front of the taps."""
    (source, target), kernel, groups = drawn
    back = converted(kernel, source, target, source, groups=groups)
    np.testing.assert_array_equal(back.reshape(kernel.shape), kernel)


@STEADY
@given(kernels(3))
def test_by_way_of_a_third_function_is_direct(drawn):
    (source, third, target), kernel, groups = drawn
    direct = converted(kernel, source, target, groups=groups)
    np.testing.assert_array_equal(converted(kernel, source, third, target, groups=groups).reshape(direct.shape), direct)


# JAX.

CALLS = {
    "grouped": ((6, 2, 2, 3), dict(source="torch.conv2d", target="tf.nn.conv2d_transpose", groups=2)),
    "depthwise": ((2, 3, 3, 2), dict(source="tf.nn.depthwise_conv2d", target="torch.conv2d", groups=3)),
    "single": ((2, 3), dict(source="scipy.signal.correlate2d", target="torch.conv3d")),
}


@pytest.mark.parametrize(("shape", "names"), CALLS.values(), ids=CALLS)
def test_jit_and_vmap_change_nothing(shape, names):
    batch = numbers(2, *shape)
    each = [np.asarray(convert_kernel(w, **names)) for w in batch]
    np.testing.assert_array_equal(jax.jit(lambda w: convert_kernel(w, **names))(batch[0]), each[0])
    np.testing.assert_array_equal(jax.vmap(lambda w: convert_kernel(w, **names))(batch), each)


@pytest.mark.parametrize(("shape", "names"), CALLS.values(), ids=CALLS)
def test_gradients_are_the_conversion_and_its_reverse(shape, names):
    """It is linear, and of real kernels only an exchange of entries."""
    w, tangent = numbers(*shape).real, numbers(*shape).imag
    y, change = jax.jvp(lambda w: convert_kernel(w, **names), (w,), (tangent,))
    np.testing.assert_array_equal(y, convert_kernel(w, **names))
    np.testing.assert_array_equal(change, convert_kernel(tangent, **names))
    _, pull = jax.vjp(lambda w: convert_kernel(w, **names), w)
    np.testing.assert_array_equal(pull(y)[0], w)


@pytest.mark.parametrize(
    "dtype", ["uint8", "int16", "int32", "float16", "bfloat16", "float32", "float64", "complex64", "complex128"]
)
def test_dtypes_are_kept(dtype, x64):
    w = np.arange(1, 7).reshape(2, 3).astype(jnp.dtype(dtype))
    y = convert_kernel(w, source="scipy.signal.correlate2d", target="torch.conv_transpose2d")
    assert y.dtype == dtype
    assert np.asarray(y).astype("float64" if w.dtype.kind != "c" else w.dtype).tolist() == [[[[6, 5, 4], [3, 2, 1]]]]


# What is refused.

PLANE, WIDE, GROUPED = np.ones((3, 3)), np.ones((8, 4, 3, 3)), np.ones((6, 2, 3, 3))
CONV2D, DEPTHWISE = "torch.nn.functional.conv2d", "tensorflow.nn.depthwise_conv2d"
KNOWN = r"must be one of \['cv2.filter2D', .*'numpy.convolve', .*'torch7.xcorr3\(planes\)'\]; got"
LAID = "`kernel` must be laid out as"
NONE = "which has none; got a kernel of"
PAIR = "which takes no channels; got"
ERRORS = {
    "unknown source": (PLANE, "torch.conv4d", "torch.conv2d", 1, OptionError, f"`source` {KNOWN} 'torch.conv4d'"),
    "unknown target": (PLANE, "matlab.conv2", "conv2", 1, OptionError, f"`target` {KNOWN} 'conv2'"),
    "no name": (PLANE, "matlab.conv2", None, 1, OptionError, f"`target` {KNOWN} None"),
    "no channels": (PLANE, "torch.conv2d", PLAIN, 1, ShapeError, rf"{LAID} {CONV2D}'s \(out in/groups taps\), with taps of rank 2; got shape \(3, 3\)"),
    "channels": (WIDE, "matlab.conv2", PLAIN, 1, ShapeError, rf"{LAID} matlab.conv2's \(taps\), with taps of rank 2; got shape \(8, 4, 3, 3\)"),
    "no taps": (PLANE, PLAIN, "torch.conv2d", 1, ShapeError, rf"{LAID} {PLAIN}'s .*, with taps of rank 1 or more; got shape \(3, 3\)"),
    "a number": (1.0, "sigconv.correlate", PLAIN, 1, ShapeError, rf"{LAID} sigconv.correlate's .*, with taps of rank 1 or more; got shape \(\)"),
    "empty": (PLANE[:0], "matlab.conv2", PLAIN, 1, ShapeError, r"`kernel` must not be empty; got shape \(0, 3\)"),
    "too many taps": (PLANE, "matlab.conv2", "numpy.convolve", 1, ShapeError, r"`kernel` must have taps of rank 1 at most for numpy.convolve; got taps \(3, 3\)"),
    "too many taps behind": (PLANE[None], "sigconv.correlate", "numpy.convolve", 1, ShapeError, r"`kernel` must have taps of rank 1 at most for numpy.convolve; got taps \(1, 3, 3\)"),
    "channels for none": (WIDE, "torch.conv2d", "matlab.conv2", 1, ShapeError, f"`kernel` must have one input and one output for matlab.conv2, {PAIR} 4 and 8. Convert one pair"),
    "groups for none": (GROUPED, "torch.conv2d", "matlab.conv2", 3, ShapeError, f"`kernel` must have one input and one output for matlab.conv2, {PAIR} 6 and 6"),
    "not depthwise": (GROUPED, "torch.conv2d", "tf.nn.depthwise_conv2d", 2, ShapeError, f"`kernel` must have one input channel in each group for {DEPTHWISE}; got 2. If it is depthwise, say"),
    "groups 0": (GROUPED, "torch.conv2d", PLAIN, 0, OptionError, "`groups` must be a positive integer; got 0"),
    "groups 2.0": (GROUPED, "torch.conv2d", PLAIN, 2.0, OptionError, "`groups` must be a positive integer; got 2.0"),
    "groups True": (GROUPED, "torch.conv2d", PLAIN, True, OptionError, "`groups` must be a positive integer; got True"),
    "undivided": (GROUPED, "torch.conv2d", PLAIN, 4, OptionError, f"`groups` must divide the 6 channels of {CONV2D}'s kernel; got 4"),
    "undivided last": (GROUPED, "tf.nn.conv2d", PLAIN, 2, OptionError, "`groups` must divide the 3 channels of tensorflow.nn.conv2d's kernel; got 2"),
    "other groups": (np.ones((3, 3, 4, 2)), "tf.nn.depthwise_conv2d", PLAIN, 2, OptionError, f"`groups` must be the kernel's 4 inputs for {DEPTHWISE}, or left out; got 2"),
    "groups of taps": (PLANE, "matlab.conv2", "torch.conv2d", 2, OptionError, f"`groups` must be 1 for matlab.conv2, {NONE} 2"),
    "groups of planes": (WIDE, "torch7.xcorr2(planes)", PLAIN, 2, OptionError, rf"`groups` must be 1 for torch7.xcorr2\(planes\), {NONE} 2"),
    "groups to planes": (GROUPED, "torch.conv2d", "torch7.xcorr2(planes)", 2, OptionError, rf"`groups` must be 1 for torch7.xcorr2\(planes\), {NONE} 2"),
    "inputs to planes": (np.ones((3, 3, 4, 2)), "tf.nn.depthwise_conv2d", "torch7.xcorr2(planes)", 1, OptionError, rf"`groups` must be 1 for torch7.xcorr2\(planes\), {NONE} 4"),
    "bool": (PLANE > 0, "matlab.conv2", PLAIN, 1, DTypeError, "`kernel` must hold integers, floats or complex numbers; got bool"),
    "text": ("abc", "matlab.conv2", PLAIN, 1, DTypeError, "`kernel` must hold integers, floats or complex numbers; got <U3"),
    "ragged": ([[1, 2], [3]], "matlab.conv2", PLAIN, 1, DTypeError, "`kernel` must be a numeric array; got list"),
}  # fmt: skip


@pytest.mark.parametrize(("kernel", "source", "target", "groups", "error", "message"), ERRORS.values(), ids=ERRORS)
def test_bad_arguments_are_named(kernel, source, target, groups, error, message):
    with pytest.raises(error, match=f"^`convert_kernel`: {message}"):
        convert_kernel(kernel, source=source, target=target, groups=groups)


def test_checks_need_shapes_only():
    with pytest.raises(ShapeError, match="`kernel` must have taps of rank 1 at most"):
        jax.eval_shape(lambda w: convert_kernel(w, source="matlab.conv2", target="numpy.convolve"), jnp.ones((3, 3)))
