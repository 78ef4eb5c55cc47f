"""`Convention.reproduce` on the ports that people do, and its errors."""

import time

import pytest

from sigconv import OptionError, ShapeError, convention
from sigconv._core.boundary import Rule
from sigconv._core.conventions.reproduce import Line
from sigconv._core.geometry import Axis


@pytest.mark.parametrize(
    ("target", "source", "n", "k", "call", "arguments"),
    [
        ("torch.conv2d", "tf.nn.conv2d", 7, 3, {"mode": "SAME", "stride": 2}, {"padding": 1, "stride": 2}),
        ("torch.conv2d", "tf.nn.conv2d", 8, 3, {"mode": "SAME"}, {"padding": "same"}),
        (
            "jax.lax.conv_general_dilated",
            "tf.nn.conv2d",
            (8, 7),
            3,
            {"mode": "SAME", "stride": 2},
            {"window_strides": (2, 2), "padding": "SAME"},
        ),
        ("jax.lax.conv_general_dilated", "torch.conv1d", 8, 3, {"mode": 1, "stride": 2}, {"window_strides": (2,), "padding": "SAME_LOWER"}),
        ("scipy.ndimage.correlate", "cv2.filter2D", 9, 5, {}, {"mode": "mirror"}),
        ("cv2.filter2D", "scipy.ndimage.correlate", 9, 4, {"origin": (1, 0)}, {"anchor": (2, 3), "borderType": 2}),
        ("torch.conv2d", "matlab.conv2", 9, 4, {"mode": "same"}, {"padding": "same"}),
        ("scipy.signal.correlate2d", "matlab.conv2", 9, 4, {"mode": "same"}, {"mode": "same", "boundary": "fill"}),
        ("torch.conv1d", "numpy.correlate", 9, 4, {"mode": "full"}, {"padding": 3}),
        ("scipy.signal.convolve", "torch.conv_transpose1d", 9, 4, {}, {"mode": "full"}),
        ("jax.lax.conv_general_dilated", "torch.conv_transpose2d", 5, 3, {"mode": 1, "stride": 2, "output_padding": 1},
         {"window_strides": (1, 1), "padding": [(1, 2), (1, 2)], "lhs_dilation": (2, 2)}),
        ("jax.lax.conv_general_dilated", "torch.conv_transpose2d", 5, 3, {"mode": 2, "stride": 2},
         {"window_strides": (1, 1), "padding": [(0, 0), (0, 0)], "lhs_dilation": (2, 2)}),
    ],
    ids=str,
)  # fmt: skip
def test_reproduce_gives_the_arguments_of_a_port(target, source, n, k, call, arguments):
    assert convention(target).reproduce(convention(source), n, k, **call) == arguments


@pytest.mark.parametrize(
    ("target", "source", "n", "k", "call", "message"),
    [
        (
            "torch.conv2d",
            "tf.nn.conv2d",
            8,
            3,
            {"mode": "SAME", "stride": 2},
            r"torch.nn.functional.conv2d do too; got tensorflow.nn.conv2d with 'SAME', which on \[8, 8\] samples under "
            r"\[3, 3\] taps pads by \(0, 1\) with zeros, stride 2; pads by .*. Pad and crop outside of it.",
        ),
        ("scipy.signal.convolve", "matlab.conv2", 9, 4, {"mode": "same"}, r"do too; got matlab.conv2 with 'same'"),
        ("torch.conv1d", "scipy.ndimage.correlate1d", 9, 3, {}, r"pads by \(1, 1\) with 'symmetric'. Pad"),
        ("numpy.convolve", "torch.conv1d", 9, 3, {"dilation": 2}, r"with 0, which .* with zeros, dilation 2"),
        ("torch.conv1d", "torch.conv2d", (2, 9), 3, {"mode": 1}, "torch.nn.functional.conv1d do too"),
        ("torch.conv_transpose1d", "torch.conv1d", 9, 3, {"stride": 2}, "zeros, stride 2"),
    ],
)
def test_reproduce_says_what_the_target_cannot_do(target, source, n, k, call, message):
    with pytest.raises(
        OptionError, match=rf"^`Convention.reproduce`: `source` must do what some arguments of .*{message}"
    ):
        convention(target).reproduce(convention(source), n, k, **call)


def test_reproduce_looks_between_the_ends():
    """Of a signal far from both ends of what is read, and of a rule that shows in the middle of its pads only."""
    row = convention("sigconv.correlate")
    periodic = row.reproduce(row, 100, 1, mode=((200, 200),), boundary="periodic")
    assert periodic["boundary"] == "periodic"
    assert not Line(Axis(100, 100), 10, 1).reads_as(Line(Axis(90, 110), 10, 1))
    edge, reflect = (Axis(500, 500, low=rule, high=rule) for rule in (Rule.PERIODIC, Rule.SYMMETRIC))
    assert not Line(edge, 250, 1).reads_as(Line(reflect, 250, 1))


def test_reads_far_from_every_end_count():
    """Of 65 outputs only three in the middle read samples: padding by 181 is not padding by (119, 243)."""
    source, target = convention("sigconv.correlate_channels"), convention("torch.conv1d")
    with pytest.raises(OptionError, match=r"pads by \(119, 243\) with zeros, dilation 100"):
        target.reproduce(source, 3, 4, dilation=100, mode=[(119, 243)])


def test_long_lines_are_the_same_only_by_their_numbers():
    one = Line(Axis(5, 5), 10**6, 64)
    assert one.reads_as(Line(Axis(5, 5, high=Rule.EDGE, low=Rule.EDGE), 10**6, 64)) is False
    assert one.reads_as(Line(Axis(5, 5), 10**6, 64))
    assert Line(Axis(0, -1), 10**6, 64).reads_as(Line(Axis(0, -1, low=Rule.EDGE, high=Rule.EDGE), 10**6, 64))


def test_reproduce_answers_at_once_for_long_signals():
    """Both when it finds something, and when it has tried everything."""
    n, k = 10**6, 4096
    start = time.perf_counter()
    own, lax = convention("sigconv.correlate"), convention("jax.lax.conv_general_dilated")
    assert lax.reproduce(own, n, k, mode="same")["padding"] == "SAME_LOWER"
    assert convention("scipy.ndimage.correlate").reproduce(own, n, k, mode="same", boundary="periodic") == {
        "mode": "wrap"
    }
    with pytest.raises(OptionError, match=r"do too; got sigconv.correlate with 'full'"):
        convention("scipy.ndimage.correlate").reproduce(own, n, k)
    assert time.perf_counter() - start < 1


@pytest.mark.parametrize(
    ("source", "n", "k", "options", "error", "message"),
    [
        ("torch.conv2d", (5, 5, 5), 3, {}, ShapeError, "`n` and `k` must have 2 entries for torch.*conv2d; got 3"),
        ("torch.conv2d", 5, (3, 3), {"mode": ["same"]}, OptionError, r"`mode` must be one for all, or one for each of the 2 axes; got \['same'\]"),
        ("torch.conv2d", (5, 5), (3, 3, 3), {}, OptionError, "`k` must be an integer of at least 1, or one for each of the 2"),
        ("torch.conv2d", (5, 0), 3, {}, OptionError, "`n` must be an integer of at least 1"),
        ("torch.conv1d", 2, 3, {}, ShapeError, "`n` must be long enough for torch.*conv1d to give an output; got 2 under 3 taps"),
        ("torch.conv1d", 5, 3, {"mode": "full"}, OptionError, r"`mode` must be one of \['same', 'valid'\]; got 'full'"),
        ("torch.conv1d", 5, 3, {"boundary": "wrap"}, OptionError, r"`boundary` must be one of \['zero'\]; got 'wrap'"),
    ],
)  # fmt: skip
def test_reproduce_refuses_what_the_source_does(source, n, k, options, error, message):
    with pytest.raises(error, match=rf"^`Convention.reproduce`: {message}"):
        convention("sigconv.correlate").reproduce(convention(source), n, k, **options)


@pytest.mark.parametrize("name", ["convolve", "fftconvolve", "oaconvolve", "convolve2d"])
def test_operands_change_places_on_every_axis_or_none(name):
    """SciPy refuses 'valid' where the kernel is longer on one axis and shorter on another."""
    own, row = convention("sigconv.convolve"), convention(f"scipy.signal.{name}")
    with pytest.raises(OptionError, match=rf"`source` must do what some arguments of scipy.signal.{name} do too"):
        row.reproduce(own, (3, 8), (5, 2), mode=((2, 2), (0, 0)))
    with pytest.raises(OptionError, match="`mode` must not be 'valid'"):
        own.reproduce(row, (3, 8), (5, 2), mode="valid")
    assert row.reproduce(own, (3, 2), (5, 2), mode=((2, 2), (0, 0)))["mode"] == "valid"
