"""The libraries' names of boundaries against what the real functions read beyond the ends."""

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
from peers.compare import table

from sigconv._core.boundary import LIBRARY_BOUNDARIES, Constant, Rule, source_indices

pytestmark = pytest.mark.peers


def written(rule, n, reach):
    """1 … n with `reach` samples on both sides, as the rule reads them."""
    x = np.arange(1.0, n + 1)
    if isinstance(rule, Constant):
        return np.pad(x, reach)
    return x[source_indices(np.arange(-reach, n + reach), n, rule)]


@pytest.mark.parametrize(("name", "n"), table(name=LIBRARY_BOUNDARIES["numpy.pad"], n=(1, 2, 3, 5)))
def test_numpy_pad_reads_the_rule(name, n):
    rule = LIBRARY_BOUNDARIES["numpy.pad"][name]
    np.testing.assert_array_equal(np.pad(np.arange(1.0, n + 1), 13, mode=name), written(rule, n, 13))


@pytest.mark.parametrize(("name", "n"), table(name=LIBRARY_BOUNDARIES["scipy.ndimage"], n=(1, 2, 3, 5)))
def test_ndimage_reads_the_rule(name, n):
    rule, x = LIBRARY_BOUNDARIES["scipy.ndimage"][name], np.arange(1.0, n + 1)
    shifted = [scipy.ndimage.correlate1d(x, tap, mode=name) for tap in np.eye(27)]
    wanted = written(rule, n, 13)
    for shift, row in enumerate(shifted):
        np.testing.assert_array_equal(row, wanted[shift : shift + n])


@pytest.mark.parametrize(("name", "n"), table(name=LIBRARY_BOUNDARIES["scipy.signal.convolve2d"], n=(1, 2, 3, 5)))
def test_convolve2d_reads_the_rule(name, n):
    rule, x = LIBRARY_BOUNDARIES["scipy.signal.convolve2d"][name], np.arange(1.0, n + 1)
    late = scipy.signal.correlate2d(x[None], np.eye(1, 14), boundary=name)[0]
    np.testing.assert_array_equal(late, written(rule, n, 13)[: n + 13])
    early = scipy.signal.convolve2d(x[None], np.eye(1, 14), boundary=name)[0]
    np.testing.assert_array_equal(early, written(rule, n, 13)[13:])


@pytest.mark.parametrize(("name", "n"), table(name=LIBRARY_BOUNDARIES["torch.nn.functional.pad"], n=(2, 3, 5)))
def test_torch_pad_reads_the_rule(name, n):
    """PyTorch reflects and wraps once at most."""
    torch = pytest.importorskip("torch")
    rule = LIBRARY_BOUNDARIES["torch.nn.functional.pad"][name]
    reach = {Rule.REFLECT: n - 1, Rule.PERIODIC: n}.get(rule, 13)
    padded = torch.nn.functional.pad(torch.arange(1.0, n + 1)[None, None], (reach, reach), mode=name)
    np.testing.assert_array_equal(padded[0, 0].numpy(), written(rule, n, reach))


@pytest.mark.parametrize(("name", "n"), table(name=LIBRARY_BOUNDARIES["OpenCV"], n=(1, 2, 3, 5)))
def test_opencv_reads_the_rule(name, n):
    cv2 = pytest.importorskip("cv2")
    rule, border = LIBRARY_BOUNDARIES["OpenCV"][name], getattr(cv2, name)
    row, wanted = np.arange(1.0, n + 1)[None], written(rule, n, 13)
    for x, sides in ((row, (0, 0, 13, 13)), (row.T, (13, 13, 0, 0))):
        np.testing.assert_array_equal(cv2.copyMakeBorder(x, *sides, border).ravel(), wanted)


def test_every_library_is_read():
    assert LIBRARY_BOUNDARIES.keys() == {
        "numpy.pad", "scipy.ndimage", "scipy.signal.convolve2d", "torch.nn.functional.pad", "OpenCV", "MATLAB imfilter",
    }  # fmt: skip
