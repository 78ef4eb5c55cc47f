"""Registration and peaks under the names of scikit-image and OpenCV."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from sigconv import DTypeError, OptionError, ShapeError
from sigconv.compat import opencv, skimage

X = np.random.default_rng(0).standard_normal((16, 20)).astype("f4")
Y = np.roll(X, (2, -3), (0, 1))
ONES = np.ones((4, 4), "f4")
ROUNDING = 8 * 2.0**-23
"""The rule of a transform, for results of size 1; of a shift it is more by the width of the centroid."""


def test_the_two_libraries_have_opposite_signs_and_orders():
    shift, error, phase = jax.jit(skimage.phase_cross_correlation)(Y, X)
    assert shift.tolist() == [2, -3]
    energy = (X.astype(float) ** 2).sum()
    np.testing.assert_allclose([error, phase], [np.sqrt(1 - energy**-2), 0], atol=ROUNDING)
    (across, down), response = jax.jit(opencv.phaseCorrelate)(Y, X)
    np.testing.assert_allclose([across, down], [3, -2], atol=25 * ROUNDING)
    np.testing.assert_allclose(response, 1, atol=25 * ROUNDING)


def test_without_normalization_the_error_is_that_of_the_match():
    error = skimage.phase_cross_correlation(Y, X, normalization=None, upsample_factor=10)[1]
    # √|1 − r| of an r that is 1 to within the rounding of a square.
    np.testing.assert_allclose(error, 0, atol=np.sqrt(2 * ROUNDING))


def test_lengths_that_opencv_pads():
    x = np.zeros((14, 23))
    x[3:8, 5:14] = X[:5, :9]
    y = np.roll(x, (2, -3), (0, 1))
    np.testing.assert_allclose(opencv.phaseCorrelate(x, y)[0], [-3, 2], atol=25 * ROUNDING)
    flat = opencv.phaseCorrelate(jnp.zeros((4, 6)), jnp.zeros((4, 6)))
    assert flat[1] == 0


def test_peaks_are_the_highest_of_their_window():
    x = np.zeros((7, 7))
    x[3, 4], x[3, 2] = 1, 1.5
    assert skimage.peak_local_max(x).tolist() == [[3, 2], [3, 4]]
    assert skimage.peak_local_max(x, min_distance=2).tolist() == [[3, 2]]
    assert skimage.peak_local_max(x, num_peaks=1).tolist() == [[3, 2]]
    assert skimage.peak_local_max(np.ones((4, 4))).shape == (0, 2)


BAD = [
    (lambda: opencv.phaseCorrelate(ONES, ONES[1:]), ShapeError, r"^`compat.opencv.phaseCorrelate`: `src2` must have the shape of src1, \(4, 4\); got \(3, 4\)"),
    (lambda: opencv.phaseCorrelate(ONES[0], ONES[0]), ShapeError, r"`src1` must be \(H, W\); got shape \(4,\)"),
    (lambda: opencv.phaseCorrelate(ONES[:0], ONES[:0]), ShapeError, r"`src1` must not be empty"),
    (lambda: opencv.phaseCorrelate(ONES.astype("u1"), ONES), DTypeError, r"`src1` must be of float32 or float64, as for OpenCV; got uint8"),
    (lambda: opencv.phaseCorrelate(ONES, ONES.astype("u1")), DTypeError, r"`src2` must have the type of src1, float32; got uint8"),
    (lambda: opencv.phaseCorrelate(ONES, ONES, ONES[1:]), ShapeError, r"`window` must have the shape of src1"),
    (lambda: skimage.phase_cross_correlation(ONES, ONES[1:]), ShapeError, r"^`compat.skimage.phase_cross_correlation`: `moving_image` must have the shape of the reference, \(4, 4\); got \(3, 4\)"),
    (lambda: skimage.phase_cross_correlation(ONES[:0], ONES), ShapeError, r"`reference_image` must not be empty"),
    (lambda: skimage.phase_cross_correlation(ONES, ONES, upsample_factor=0), OptionError, r"`upsample_factor` must be a number of at least 1; got 0"),
    (lambda: skimage.phase_cross_correlation(ONES, ONES, space="complex"), OptionError, r"`space` must be one of \['fourier', 'real'\]; got 'complex'"),
    (lambda: skimage.phase_cross_correlation(ONES, ONES, normalization="none"), OptionError, r"`normalization` must be 'phase' or None; got 'none'"),
    (lambda: skimage.phase_cross_correlation(ONES, ONES, moving_mask=ONES), OptionError, r"`reference_mask` must be given where `moving_mask` is; got None"),
    (lambda: skimage.phase_cross_correlation(ONES, ONES[1:], reference_mask=ONES), ShapeError, r"`moving_mask` must be given where shapes differ; got \(4, 4\) and \(3, 4\)"),
    (lambda: skimage.phase_cross_correlation(ONES, ONES, reference_mask=ONES[1:]), ShapeError, r"`reference_mask` must have the shape of its image, \(4, 4\); got \(3, 4\)"),
    (lambda: skimage.phase_cross_correlation(ONES, ONES, reference_mask=ONES, overlap_ratio=2), OptionError, r"`overlap_ratio` must be a fraction between 0 and 1; got 2"),
    (lambda: skimage.phase_cross_correlation(ONES * 1j, ONES, reference_mask=ONES), DTypeError, r"must be real where there are masks; got complex64"),
    (lambda: jax.jit(skimage.peak_local_max)(ONES), OptionError, r"^`compat.skimage.peak_local_max`: `image` must not be traced"),
    (lambda: skimage.peak_local_max(ONES[:0]), ShapeError, r"`image` must not be empty"),
    (lambda: skimage.peak_local_max(ONES * 1j), DTypeError, r"`image` must be real; got complex64"),
    (lambda: skimage.peak_local_max(ONES, labels=ONES), OptionError, r"`labels` and `num_peaks_per_label` must be left out"),
    (lambda: skimage.peak_local_max(ONES, min_distance=-1), OptionError, r"`min_distance` must be an integer of at least 0; got -1"),
    (lambda: skimage.peak_local_max(ONES, num_peaks=0), OptionError, r"`num_peaks` must be a positive integer or inf; got 0"),
    (lambda: skimage.peak_local_max(ONES, p_norm=0.5), OptionError, r"`p_norm` must be a number of at least 1; got 0.5"),
    (lambda: skimage.peak_local_max(ONES, exclude_border=-1), OptionError, r"`exclude_border` must be True, False, an integer of at least 0 or a tuple"),
    (lambda: skimage.peak_local_max(ONES, footprint=ONES[0]), ShapeError, r"`footprint` must have some sample and as many axes as the image; got shape \(4,\)"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "error", "message"), BAD, ids=[m for _, _, m in BAD])
def test_bad_input_is_refused_in_words(call, error, message):
    with pytest.raises(error, match=message):
        call()
