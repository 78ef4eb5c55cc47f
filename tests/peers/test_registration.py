"""Registration and peaks against scikit-image and OpenCV."""

import inspect
import itertools

import jax
import numpy as np
import pytest
from matching.images import band_limited, shifted
from peers.compare import assert_both_raise, outcome

from sigconv.compat import opencv, skimage
from sigconv.matching import phase_correlation

cv2 = pytest.importorskip("cv2")
registration = pytest.importorskip("skimage.registration")
feature = pytest.importorskip("skimage.feature")

pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("x64")]

SHIFTS = [(3, -5), (-2.4, 7.3), (0.5, 0.5), (0, 0)]


@pytest.mark.parametrize("shift", SHIFTS, ids=str)
@pytest.mark.parametrize("name", ["camera", "brick"])
def test_signs_are_scikit_images_and_the_opposite_of_opencvs(name, shift):
    x = band_limited(name, 60, (100, 100), cutoff=0.5)
    y = shifted(x, shift)
    found = np.asarray(phase_correlation(y, x, window=None, upsampling=20).shift)
    np.testing.assert_allclose(found, shift, atol=1 / 40)
    native = registration.phase_cross_correlation(y, x, upsample_factor=20)[0]
    np.testing.assert_allclose(found, native, atol=1 / 20)
    across, down = cv2.phaseCorrelate(y, x)[0]
    np.testing.assert_allclose(found, [-down, -across], atol=0.5)


@pytest.mark.parametrize("is_complex", [False, True])
@pytest.mark.parametrize("shape", [(16, 21), (9, 8, 7), (30,), (1, 12)], ids=str)
def test_phase_cross_correlation_matches(shape, is_complex, rng):
    x = rng.standard_normal(shape) + 1j * is_complex * rng.standard_normal(shape)
    y = np.roll(x, (2, -3, 1)[-len(shape) :], range(len(shape))) + 0.3 * rng.standard_normal(shape)
    x, y = (a if is_complex else a.real for a in (x, y))
    for factor, space, normalization, disambiguate in itertools.product(
        (1, 4, 7.5), ("real", "Fourier"), ("phase", None), (False, True)
    ):
        options = dict(upsample_factor=factor, space=space, normalization=normalization, disambiguate=disambiguate)
        arrays = (np.fft.fftn(x), np.fft.fftn(y)) if space == "Fourier" else (x, y)
        if disambiguate and (is_complex or space == "Fourier" or shape[0] == 1 or factor != 1):
            continue  # There scikit-image compares parts of complex arrays, or splines through noise.
        native = registration.phase_cross_correlation(*arrays, **options)
        actual = skimage.phase_cross_correlation(*arrays, **options)
        for ours, theirs in zip(actual, native, strict=True):
            assert isinstance(ours, jax.Array)
            np.testing.assert_allclose(ours, theirs, atol=1e-9)


@pytest.mark.parametrize("shapes", [((12, 15), (12, 15)), ((12, 15), (9, 18))], ids=str)
def test_masked_phase_cross_correlation_matches(shapes, rng):
    for _ in range(4):
        x, y = (rng.standard_normal(shape) for shape in shapes)
        masks = [rng.random(shape) < 0.8 for shape in shapes]
        options = dict(reference_mask=masks[0], moving_mask=masks[1], overlap_ratio=0.25)
        native = registration.phase_cross_correlation(x, y, **options)
        actual = skimage.phase_cross_correlation(x, y, **options)
        np.testing.assert_allclose(actual[0], native[0], atol=1e-9)
        assert np.isnan(actual[1])
        assert np.isnan(actual[2])


@pytest.mark.parametrize("dtype", ["uint8", "float32", "int16"])
@pytest.mark.parametrize("distance", [0, 1, 2, 4])
def test_peak_local_max_matches(distance, dtype, rng):
    for shape, levels in itertools.product([(20, 23), (7, 8, 9), (40,)], (4, 200)):
        x = rng.integers(0, levels, shape).astype(dtype)
        for options in (
            {},
            {"exclude_border": False},
            {"exclude_border": 3, "threshold_rel": 0.6},
            {"exclude_border": (1,) * len(shape), "threshold_abs": levels // 2, "num_peaks": 4},
            {"p_norm": 2, "num_peaks": 7},
        ):
            if distance == 0:
                with pytest.warns(RuntimeWarning):
                    native = feature.peak_local_max(x, distance, **options)
            else:
                native = feature.peak_local_max(x, distance, **options)
            actual = skimage.peak_local_max(x, distance, **options)
            np.testing.assert_array_equal(actual, native.reshape(-1, len(shape)))


def test_peak_local_max_takes_footprints(rng):
    x = rng.standard_normal((15, 16))
    for footprint in (np.ones((3, 5)), np.eye(3), np.ones((2, 4)), np.ones((1, 1))):
        native = feature.peak_local_max(x, footprint=footprint.astype(bool))
        np.testing.assert_array_equal(skimage.peak_local_max(x, footprint=footprint), native)
    np.testing.assert_array_equal(
        skimage.peak_local_max(np.ones((4, 5))), feature.peak_local_max(np.ones((4, 5))).reshape(-1, 2)
    )


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("shape", [(16, 20), (24, 36), (1, 16), (14, 22)], ids=str)
def test_phase_correlate_matches(shape, dtype, rng):
    x = rng.standard_normal(shape)
    y = np.roll(x, (2, -3), (0, 1)) + 0.2 * rng.standard_normal(shape)
    x, y = 5 * x.astype(dtype), 5 * y.astype(dtype)
    depth = cv2.CV_32F if dtype == "float32" else cv2.CV_64F
    atol = 1e-4 if dtype == "float32" else 1e-9
    # Of an odd length OpenCV takes the middle to be half a sample further.
    beyond = [cv2.getOptimalDFTSize(n) % 2 / 2 for n in shape[::-1]]
    for window in (None, cv2.createHanningWindow(shape[::-1], depth)) if shape[0] > 1 else (None,):
        native = cv2.phaseCorrelate(x.copy(), y.copy(), window)  # It puts the window on what it is given.
        actual = opencv.phaseCorrelate(x, y, window)
        np.testing.assert_allclose(np.add(actual[0], beyond), native[0], atol=atol)
        np.testing.assert_allclose(actual[1], native[1], atol=atol)


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("phaseCorrelate", (np.ones((4, 4)), np.ones((4, 5)))),
        ("phaseCorrelate", (np.ones((4, 4)), np.ones((4, 4), "f4"))),
        ("phaseCorrelate", (np.ones((4, 4), "u1"), np.ones((4, 4), "u1"))),
        ("phaseCorrelate", (np.ones((4, 4)), np.ones((4, 4)), np.ones((4, 4), "f4"))),
    ],
    ids=str,
)
def test_both_refuse(name, arguments):
    assert_both_raise(outcome(getattr(opencv, name), *arguments), outcome(getattr(cv2, name), *arguments))


def test_both_refuse_in_scikit_image():
    x = np.ones((4, 4))
    for arguments, options in (
        ((x, x[1:]), {}),
        ((x, x), {"space": "complex"}),
        ((x, x), {"normalization": "phases"}),
        ((x, x), {"moving_mask": x}),
        ((x, x), {"reference_mask": x[1:]}),
        ((1j * x, x), {"reference_mask": x}),
    ):
        calls = (skimage.phase_cross_correlation, registration.phase_cross_correlation)
        assert_both_raise(*(outcome(call, *arguments, **options) for call in calls))
    for options in ({"exclude_border": -1}, {"exclude_border": (1,)}, {"exclude_border": 1.5}):
        calls = (skimage.peak_local_max, feature.peak_local_max)
        assert_both_raise(*(outcome(call, x, **options) for call in calls))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (skimage.phase_cross_correlation, registration.phase_cross_correlation),
        (skimage.peak_local_max, feature.peak_local_max),
    ],
    ids=["phase_cross_correlation", "peak_local_max"],
)
def test_signatures_match(ours, theirs):
    def plain(function):
        parameters = inspect.signature(function).parameters.values()
        return [(p.name, p.kind, p.default) for p in parameters]

    assert plain(ours) == plain(theirs)
