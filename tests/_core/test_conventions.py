"""The conventions table against published numbers, and what its rows refuse."""

import numpy as np
import pytest

from sigconv import OptionError, ShapeError, convention
from sigconv._core.conventions import CONVENTIONS
from sigconv._core.geometry import Axis
from sigconv._core.options import padding_per_axis, per_axis

LATE = ["numpy.convolve", "numpy.correlate"] + [
    f"scipy.signal.{name}" for name in ("convolve", "correlate", "fftconvolve", "oaconvolve", "convolve2d")
]
EARLY = ["scipy.signal.correlate2d", "torch.nn.functional.conv2d", "sigconv.correlate_channels"]


@pytest.mark.parametrize("k", range(1, 9))
@pytest.mark.parametrize("name", LATE + EARLY)
def test_same_is_where_the_library_puts_it(name, k):
    expected = (k // 2, (k - 1) // 2) if name in LATE else ((k - 1) // 2, k // 2)
    assert convention(name).padding(50, k, mode="same") == expected


@pytest.mark.parametrize("k", range(1, 9))
def test_ndimage_origins_move_the_pads(k):
    even = 1 - k % 2
    for origin in range(-(k // 2), (k - 1) // 2 + 1):
        correlate = convention("scipy.ndimage.correlate").padding(50, k, origin=origin)
        assert correlate == (k // 2 + origin, (k - 1) // 2 - origin)
        convolve = convention("scipy.ndimage.convolve").padding(50, k, origin=origin)
        assert convolve == (k // 2 - origin - even, (k - 1) // 2 + origin + even)


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("numpy.convolve", 1),
        ("numpy.correlate", 2),
        ("scipy.signal.convolve", 1),
        ("scipy.signal.correlate", 2),
        ("scipy.signal.correlate2d", 1),
        ("scipy.ndimage.convolve", 2),
        ("scipy.ndimage.correlate", 2),
        ("torch.nn.functional.conv1d", 1),
    ],
)
def test_origin_of_four_taps_is_the_published_one(name, origin):
    assert convention(name).origin(4) == origin
    assert convention(name).origin(5) == 2


@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("k", [1, 2, 5])
def test_full_and_valid_are_what_they_say(k, dilation):
    reach = (k - 1) * dilation
    row = convention("sigconv.correlate")
    assert row.padding(50, k, mode="full", dilation=dilation) == (reach, reach)
    assert row.padding(50, k, mode="valid", dilation=dilation) == (0, 0)


def test_transposed_rows_are_the_adjoint_of_the_forward_rows():
    row = convention("torch.nn.functional.conv_transpose1d")
    assert row.padding(50, 3, mode=1, stride=2, dilation=2, output_padding=1) == (3, 4)
    assert row.transposed
    assert row.kernel_layout == "in out/groups taps"


def test_only_correlations_of_numpy_scipy_and_matlab_conjugate():
    assert {name for name, row in CONVENTIONS.items() if row.conjugates} == {
        "sigconv.correlate", "numpy.correlate", "scipy.signal.correlate", "scipy.signal.correlate2d",
        "scipy.ndimage.correlate", "scipy.ndimage.correlate1d", "matlab.xcorr", "matlab.xcorr2",
    }  # fmt: skip


def test_every_row_names_its_defaults_in_its_own_words():
    for row in CONVENTIONS.values():
        assert row.default_boundary in row.boundaries
        assert row.default_mode in row.modes or row.default_mode is None or row.count is not None


def test_convention_lists_the_known_names():
    with pytest.raises(
        OptionError, match=r"`name` must be one of \['cv2.filter2D', .*'numpy.convolve', .*; got 'numpy.convolv'"
    ):
        convention("numpy.convolv")


def test_convention_refuses_a_mode_the_function_lacks():
    with pytest.raises(OptionError, match=r"`mode` must be one of \['same', 'valid'\]; got 'full'"):
        convention("torch.nn.functional.conv1d").padding(10, 3, mode="full")


@pytest.mark.parametrize(
    ("name", "mode", "n", "pads"),
    [
        ("tf.nn.conv2d", "SAME", 8, (0, 1)),
        ("tf.nn.conv2d", "SAME", 7, (1, 1)),
        ("jax.lax.conv_general_dilated", "SAME", 8, (0, 1)),
        ("jax.lax.conv_general_dilated", "SAME_LOWER", 8, (1, 0)),
        ("jax.lax.conv_general_dilated", "SAME_LOWER", 7, (1, 1)),
        ("torch.conv2d", 1, 8, (1, 1)),
        ("torch.conv2d", 1, 7, (1, 1)),
    ],
)
def test_strided_same_depends_on_the_length_but_in_torch(name, mode, n, pads):
    """Three taps, every other output."""
    assert convention(name).padding(n, 3, mode=mode, stride=2) == pads


@pytest.mark.parametrize(
    ("name", "tap"),
    [("conv", 2), ("conv2", 2), ("convn", 2), ("filter2", 1), ("imfilter", 1), ("imfilter(conv)", 2)],
)
def test_even_kernels_sit_where_matlab_puts_them(name, tap):
    row = convention(f"matlab.{name}")
    assert row.padding(50, 4, mode="same") == (1, 2)
    assert row.origin(4) == tap


@pytest.mark.parametrize(
    ("name", "dilation"),
    [
        (name, dilation)
        for name, row in CONVENTIONS.items()
        for dilation in ([1, 2, 3] if "dilation" in row.steps else [1])
        if "same" in map(str.lower, row.modes)
    ],
)
def test_origin_is_the_tap_that_the_pads_put_on_sample_n(name, dilation):
    """At sample n an unflipped kernel has read lo samples before it; at stride 1 no length matters."""
    row = convention(name)
    word = next(word for word in row.modes if word.lower() == "same")
    for k in range(1, 9):
        lo, _ = row.padding(100, k, mode=word, dilation=dilation)
        back = (k - 1) * dilation - lo
        assert row.origin(k, dilation) == (back if row.flips else lo)


@pytest.mark.parametrize("name", ["numpy.correlate", "numpy.convolve"])
def test_longer_kernels_change_places_in_the_roles_of_the_caller(name):
    """Two samples under five taps give what five samples under two taps give, read from the other side."""
    row = convention(name)
    assert row.padding(2, 5, mode="valid") == (3, 3)
    assert row.padding(2, 5, mode="same") == ((4, 3) if row.flips else (3, 4))
    assert row.padding(2, 5, mode="full") == (4, 4)


def test_transposed_lengths_are_those_of_keras():
    row = convention("tf.nn.conv1d_transpose")

    def length(mode, extra=0):
        return row.axis(5, 3, mode=mode, stride=2, output_padding=extra).out_length(5, 3)

    assert (length("SAME"), length("VALID"), length("SAME", -1), length("VALID", 1)) == (10, 11, 9, 12)


TRANSPOSED = (
    "`output_padding` must be such that {} is the transpose of a function that makes 5 samples of its result; got"
)
REFUSED = [
    ("torch.conv1d", {"stride": 0}, "`stride` must be an integer of at least 1; got 0"),
    ("torch.conv1d", {"dilation": 1.5}, "`dilation` must be an integer of at least 1; got 1.5"),
    ("torch.conv1d", {"input_dilation": 2}, "`input_dilation` must be 1 for torch.*conv1d, which has no such argument; got 2"),
    ("scipy.ndimage.correlate", {"origin": 1.5}, "`origin` must be an integer; got 1.5"),
    ("torch.conv_transpose1d", {"output_padding": "1"}, "`output_padding` must be an integer; got '1'"),
    ("numpy.convolve", {"mode": [1, 2]}, r"`mode` must be one of \['full', 'same', 'valid'\]; got \[1, 2\]"),
    ("numpy.convolve", {"stride": 3}, "`stride` must be 1 for numpy.convolve, which has no such argument; got 3"),
    ("numpy.convolve", {"dilation": 3}, "`dilation` must be 1 for numpy.convolve, which has no such argument; got 3"),
    ("numpy.convolve", {"origin": 1}, "`origin` must be 0 for numpy.convolve, which has no such argument; got 1"),
    ("torch.conv1d", {"output_padding": 1}, "`output_padding` must be 0 for .*, which has no such argument; got 1"),
    ("torch.conv1d", {"mode": "same", "stride": 2}, "`stride` must be 1 for torch.nn.functional.conv1d with 'same'; got 2"),
    ("tf.nn.depthwise_conv2d", {"mode": "SAME", "stride": 2, "dilation": 3},
     "`stride` must be 1 for tensorflow.nn.depthwise_conv2d with dilation; got 2 and 3"),
    ("sigconv.correlate", {"mode": "same", "dilation": 3},
     "`mode` must not be 'same' for sigconv.correlate where the kernel is longer than the signal; got 3 taps over 5 samples"),
    ("sigconv.convolve", {"mode": "valid", "dilation": 3}, "`mode` must not be 'valid' for .*; got 3 taps over 5 samples"),
    ("scipy.ndimage.correlate", {"origin": 2}, "`origin` must keep the centre within the kernel of 3 taps; got 2"),
    ("cv2.filter2D", {"origin": -2}, "`origin` must keep the centre within the kernel of 3 taps; got -2"),
    ("torch.conv1d", {"boundary": "reflect"}, r"`boundary` must be one of \['zero'\]; got 'reflect'"),
    ("scipy.ndimage.correlate", {"boundary": "zero"}, r"`boundary` must be one of \['constant', .*; got 'zero'"),
    ("torch.conv_transpose1d", {"output_padding": 1}, TRANSPOSED.format("torch.nn.functional.conv_transpose1d") + " 1 with stride 1"),
    ("tf.nn.conv2d_transpose", {"mode": (0, 0), "dilation": 2, "output_padding": 1}, TRANSPOSED.format("tensorflow.nn.conv2d_transpose") + " 1 with stride 1"),
    ("tf.nn.conv1d_transpose", {"output_padding": 1, "stride": 2}, TRANSPOSED.format("tensorflow.nn.conv1d_transpose") + " 1 with stride 2"),
    ("tf.nn.conv1d", {"mode": (1, 1)}, r"`mode` must be one of \['SAME', 'VALID'\]; got \(1, 1\)"),
    ("tf.nn.conv2d", {}, r"`mode` must be one of \['SAME', 'VALID'\]; got None"),
    ("numpy.convolve", {"mode": 1}, r"`mode` must be one of \['full', 'same', 'valid'\]; got 1"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "options", "message"), REFUSED)
def test_axis_refuses_what_the_function_does(name, options, message):
    with pytest.raises(OptionError, match=message):
        convention(name).axis(5, 3, **options)


def test_axis_refuses_what_only_scipy_conjugates():
    row = convention("scipy.signal.correlate2d")
    with pytest.raises(
        OptionError,
        match=r"`mode` must not be 'valid' for scipy.signal.correlate2d where the kernel is the longer, which gives the "
        "conjugate of a correlation; got 5 taps over 3 samples. Swap the operands yourself.",
    ):
        row.axis(3, 5, mode="valid")
    assert row.axis(5, 3, mode="valid") == Axis()


@pytest.mark.parametrize("value", [0, -1, 2.0, True, "3", None])
def test_lengths_are_positive_numbers(value):
    row = convention("numpy.convolve")
    for argument, call in (
        ("n", lambda: row.padding(value, 3)),
        ("k", lambda: row.padding(3, value)),
        ("k", lambda: row.origin(value)),
        ("n", lambda: row.axis(value, 3)),
    ):
        with pytest.raises(ShapeError, match=rf"`{argument}` must be a positive number of samples; got {value!r}"):
            call()


def test_functions_without_same_have_no_origin():
    with pytest.raises(
        OptionError,
        match=r"`modes` must have a 'same' for there to be an origin; got \['full'\]",
    ):
        convention("matlab.xcorr2").origin(3)


def test_per_axis_spreads_one_number():
    assert per_axis("stride", 2, 3) == (2, 2, 2)
    assert per_axis("stride", (1, np.int64(2)), 2) == (1, 2)


def test_steps_that_no_array_has_are_refused():
    with pytest.raises(OptionError, match=rf"`stride` must be below 2³¹; got {2**70}"):
        per_axis("stride", (1, 2**70), 2)
    with pytest.raises(OptionError, match="`mode` must hold numbers below 2³¹; got"):
        padding_per_axis("mode", [(0, -(2**70))], CONVENTIONS["sigconv.correlate"].modes, ((3, 9, 1),))


@pytest.mark.parametrize("value", [0, -1, 1.5, "2", True, (1, 2), (1, 0, 1), None])
def test_per_axis_refuses_what_is_no_step(value):
    with pytest.raises(
        OptionError, match=r"`stride` must be an integer of at least 1, or one for each of the 3 axes; got"
    ):
        per_axis("stride", value, 3)


@pytest.mark.parametrize("words", ["some", 3, [(1, 2)], [(1, 2), (1,)], [(1, 2), (0.5, 1)], [1, 2]])
def test_padding_refuses_what_is_neither_word_nor_pairs(words):
    with pytest.raises(OptionError, match=r"`mode` must be one of \['full', 'same', 'valid'\]"):
        padding_per_axis("mode", words, CONVENTIONS["sigconv.correlate"].modes, ((3, 9, 1), (3, 9, 1)))


@pytest.mark.parametrize(
    ("name", "mode"),
    [("torch.conv1d", -1), ("torch.conv_transpose1d", -2), ("tf.nn.conv2d", (-1, 2)), ("matlab.xcorr", -1)],
)
def test_negative_pads_are_refused_where_the_function_refuses_them(name, mode):
    with pytest.raises(OptionError, match=r"`mode` must not be negative for .*; got .*Crop the signal instead"):
        convention(name).padding(9, 3, mode=mode)
    assert convention("sigconv.correlate").padding(9, 3, mode=(-1, 2)) == (-1, 2)
