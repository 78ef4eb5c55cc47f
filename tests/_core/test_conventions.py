"""The conventions table against the numbers of the design: rows read from documentation and run against the libraries."""

import numpy as np
import pytest

import sigconv
from sigconv import OptionError
from sigconv._core.conventions import CONVENTIONS
from sigconv._core.options import padding_per_axis, per_axis

LATE = ["numpy.convolve", "numpy.correlate"] + [
    f"scipy.signal.{name}" for name in ("convolve", "correlate", "fftconvolve", "oaconvolve", "convolve2d")
]
EARLY = ["scipy.signal.correlate2d", "torch.nn.functional.conv2d", "sigconv.correlate_channels"]


@pytest.mark.parametrize("k", range(1, 9))
@pytest.mark.parametrize("name", LATE + EARLY)
def test_same_is_where_the_library_puts_it(name, k):
    expected = (k // 2, (k - 1) // 2) if name in LATE else ((k - 1) // 2, k // 2)
    assert sigconv.convention(name).padding(50, k, mode="same") == expected


@pytest.mark.parametrize("k", range(1, 9))
def test_ndimage_origins_move_the_pads(k):
    even = 1 - k % 2
    for origin in range(-(k // 2), (k - 1) // 2 + 1):
        correlate = sigconv.convention("scipy.ndimage.correlate").padding(50, k, origin=origin)
        assert correlate == (k // 2 + origin, (k - 1) // 2 - origin)
        convolve = sigconv.convention("scipy.ndimage.convolve").padding(50, k, origin=origin)
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
    assert sigconv.convention(name).origin(4) == origin
    assert sigconv.convention(name).origin(5) == 2


@pytest.mark.parametrize("dilation", [1, 2, 3])
@pytest.mark.parametrize("k", [1, 2, 5])
def test_full_and_valid_are_what_they_say(k, dilation):
    reach = (k - 1) * dilation
    row = sigconv.convention("scipy.signal.correlate")
    assert row.padding(50, k, mode="full", dilation=dilation) == (reach, reach)
    assert row.padding(50, k, mode="valid", dilation=dilation) == (0, 0)


def test_transposed_rows_are_the_adjoint_of_the_forward_rows():
    row = sigconv.convention("torch.nn.functional.conv_transpose1d")
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
    with pytest.raises(OptionError, match=r"`name` must be one of \['cv2.filter2D', .*'numpy.convolve', .*; got 'numpy.convolv'"):
        sigconv.convention("numpy.convolv")


def test_convention_refuses_a_mode_the_function_lacks():
    with pytest.raises(OptionError, match=r"`mode` must be one of \['same', 'valid'\]; got 'full'"):
        sigconv.convention("torch.nn.functional.conv1d").padding(10, 3, mode="full")


def test_per_axis_spreads_one_number():
    assert per_axis("stride", 2, 3) == (2, 2, 2)
    assert per_axis("stride", (1, np.int64(2)), 2) == (1, 2)


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
