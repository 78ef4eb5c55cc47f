"""OpenCV's, scikit-image's and MATLAB's template matching: conventions, and what is refused."""

import numpy as np
import pytest
from matching.definition import definition

from sigconv import DTypeError, OptionError, ShapeError
from sigconv.compat import matlab, opencv, skimage

SCORES = ("ssd", "ssd_normed", "ccorr", "ncc", "ccoeff", "zncc")
"""By OpenCV's number."""


def draw(dtype="float32"):
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (14, 17)).astype(dtype)
    return x, x[4:9, 7:11].copy()


def test_opencv_scores_match_definition():
    x, w = draw("uint8")
    for method, score in enumerate(SCORES):
        y = opencv.matchTemplate(x, w, method)
        assert y.dtype == np.float32
        expected = definition(x[None], w[None], score)
        if score == "ssd_normed":
            expected = np.minimum(expected, 1)
        np.testing.assert_allclose(y, expected, atol=1e-5 * max(1, np.abs(expected).max()))


def test_opencv_masks_of_bytes_select_and_of_floats_weigh():
    x, w = draw("uint8")
    mask = (np.random.default_rng(1).random(w.shape) < 0.7).astype("uint8")
    bytes_ = opencv.matchTemplate(x, w, opencv.TM_CCOEFF_NORMED, mask=200 * mask)
    np.testing.assert_allclose(bytes_, definition(x[None], w[None], "zncc", mask[None]), atol=1e-5)
    floats = opencv.matchTemplate(x, w, opencv.TM_SQDIFF, mask=0.5 * mask.astype("float32"))
    np.testing.assert_allclose(floats, definition(x[None], w[None], "ssd", 0.5 * mask[None]), rtol=1e-5)


def test_opencv_constant_template_scores_one_and_operands_swap():
    x, w = draw()
    assert np.all(np.asarray(opencv.matchTemplate(x, np.full_like(w, 3), opencv.TM_CCOEFF_NORMED)) == 1)
    np.testing.assert_array_equal(
        opencv.matchTemplate(w, x, opencv.TM_CCORR), opencv.matchTemplate(x, w, opencv.TM_CCORR)
    )


def test_skimage_pads_so_that_maxima_lie_at_the_middle():
    x, w = draw()
    y = skimage.match_template(x, w)
    np.testing.assert_allclose(y, definition(x[None], w[None], "zncc"), atol=1e-5)
    assert np.unravel_index(np.argmax(y), y.shape) == (4, 7)
    for mode in ("constant", "edge", "reflect", "symmetric", "wrap"):
        y = skimage.match_template(x, w, pad_input=True, mode=mode)
        assert y.shape == x.shape
        assert np.unravel_index(np.argmax(y), y.shape) == (4 + 2, 7 + 2)


def test_matlab_reads_zeros_beyond_the_border():
    x, w = draw()
    y = matlab.normxcorr2(w, x)
    padded = np.pad(x, ((4, 4), (3, 3)))
    np.testing.assert_allclose(y, definition(padded[None], w[None], "zncc"), atol=1e-5)


@pytest.mark.parametrize(
    ("error", "message", "call"),
    [
        (DTypeError, "`compat.opencv.matchTemplate`: `image` and `templ` must both be uint8", lambda x, w: opencv.matchTemplate(x, w.astype("uint8"), 0)),
        (OptionError, "`method` must be one of the TM_ constants, 0 to 5; got 6.", lambda x, w: opencv.matchTemplate(x, w, 6)),
        (OptionError, "`result` must be None; got ndarray.", lambda x, w: opencv.matchTemplate(x, w, 0, x)),
        (ShapeError, "`templ` must be (h, w) or (h, w, channels)", lambda x, w: opencv.matchTemplate(x, w[0], 0)),
        (DTypeError, "`mask` must be uint8 or float32; got int32.", lambda x, w: opencv.matchTemplate(x, w, 0, mask=w.astype("int32"))),
        (ShapeError, "`template` must not be larger than the image", lambda x, w: opencv.matchTemplate(x, w.reshape(20, 1), 0)),
        (ShapeError, "`compat.skimage.match_template`: `image` and `template` must both be", lambda x, w: skimage.match_template(x, w[0])),
        (OptionError, "`mode` must be one of", lambda x, w: skimage.match_template(x, w, mode="linear_ramp")),
        (OptionError, "`pad_input` must be a bool; got 1.", lambda x, w: skimage.match_template(x, w, 1)),
        (ShapeError, "`compat.matlab.normxcorr2`: `template` must not be larger than A", lambda x, w: matlab.normxcorr2(x, w)),
        (DTypeError, "`A` must be real; got complex64.", lambda x, w: matlab.normxcorr2(w, x.astype("complex64"))),
    ],
)  # fmt: skip
def test_bad_calls_are_refused(error, message, call):
    with pytest.raises(error) as caught:
        call(*draw())
    assert message in str(caught.value)
