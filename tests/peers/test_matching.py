"""Template matching against OpenCV and scikit-image, where they are right."""

import numpy as np
import pytest

from sigconv.compat import opencv, skimage

cv2 = pytest.importorskip("cv2")
feature = pytest.importorskip("skimage.feature")

pytestmark = pytest.mark.peers

METHODS = ("TM_SQDIFF", "TM_SQDIFF_NORMED", "TM_CCORR", "TM_CCORR_NORMED", "TM_CCOEFF", "TM_CCOEFF_NORMED")


def assert_like(ours, theirs, least=1.0):
    theirs = np.asarray(theirs, float)
    assert ours.shape == theirs.shape
    scale = max(least, np.abs(theirs).max())
    assert np.abs(np.asarray(ours, float) - theirs).max() <= 3e-5 * scale


@pytest.mark.parametrize("channels", [(), (3,)], ids=str)
@pytest.mark.parametrize("dtype", ["uint8", "float32"])
def test_match_template_is_opencvs(dtype, channels, rng):
    x = rng.integers(0, 256, (30, 34, *channels)).astype(dtype)
    w = x[10:17, 5:11].copy()
    weights = rng.random(w.shape).astype("f4")
    selects = (weights < 0.7).astype("uint8")
    for name in METHODS:
        number = getattr(cv2, name)
        assert getattr(opencv, name) == number
        assert_like(opencv.matchTemplate(x, w, number), cv2.matchTemplate(x, w, number))
        for mask in (weights, selects):
            assert_like(opencv.matchTemplate(x, w, number, mask=mask), cv2.matchTemplate(x, w, number, mask=mask))


def test_flat_windows_and_constant_templates_are_opencvs(rng):
    x = rng.integers(0, 256, (30, 34)).astype("uint8")
    x[4:20, 3:20] = 90
    for w in (x[22:27, 20:26].copy(), np.full((5, 6), 7, "uint8"), np.zeros((5, 6), "uint8")):
        for name in METHODS:
            number = getattr(cv2, name)
            # The sum of products of a constant template is nothing but rounding in OpenCV.
            least = 1.0 if name.endswith("NORMED") else 1e3
            assert_like(opencv.matchTemplate(x, w, number), cv2.matchTemplate(x, w, number), least)


def test_operands_are_swapped_as_by_opencv(rng):
    x = rng.integers(0, 256, (30, 34)).astype("uint8")
    assert_like(opencv.matchTemplate(x[:5, :6], x, 5), cv2.matchTemplate(x[:5, :6], x, 5))
    for shape in ((40, 5), (5, 40)):
        with pytest.raises(cv2.error):
            cv2.matchTemplate(x, np.ones(shape, "uint8"), 5)
        with pytest.raises(ValueError, match="larger"):
            opencv.matchTemplate(x, np.ones(shape, "uint8"), 5)


@pytest.mark.parametrize("shape", [(30, 34), (9, 10, 11)], ids=str)
def test_match_template_is_scikit_images(shape, rng):
    x = rng.standard_normal(shape)
    w = x[tuple(slice(2, 6) if axis else slice(3, 6) for axis in range(len(shape)))].copy()
    assert_like(skimage.match_template(x.astype("f4"), w.astype("f4")), feature.match_template(x, w))
    for mode in ("constant", "edge", "reflect", "symmetric", "wrap"):
        theirs = feature.match_template(x, w, pad_input=True, mode=mode)
        assert_like(skimage.match_template(x.astype("f4"), w.astype("f4"), pad_input=True, mode=mode), theirs)
    theirs = feature.match_template(x, w, pad_input=True, constant_values=2.0)
    assert_like(skimage.match_template(x.astype("f4"), w.astype("f4"), pad_input=True, constant_values=2.0), theirs)
