"""The rows of the conventions table of NumPy, SciPy and OpenCV against what the real functions do to impulses.

Networks are in test_network_conventions.py, libraries that cannot be imported in test_recorded_conventions.py.
"""

import inspect
import itertools

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
from peers.compare import table
from peers.impulses import KERNELS, SAMPLES, close, impulses, predicted, ramp
from peers.test_network_conventions import NETWORKS, PRIMITIVES
from peers.test_recorded_conventions import MATLAB, TENSORFLOW, TORCH7

import sigconv
from sigconv import OptionError, SigconvError, convention
from sigconv._core.conventions import CONVENTIONS

pytestmark = pytest.mark.peers

MODES = ("full", "same", "valid")


def as_plane(function):
    """A 2-d function as one along the last axis."""
    return lambda x, w, **options: function(x[None], w[None], **options)[0]


VECTORS = {
    "numpy.convolve": np.convolve,
    "numpy.correlate": np.correlate,
    "scipy.signal.convolve": scipy.signal.convolve,
    "scipy.signal.correlate": scipy.signal.correlate,
    "scipy.signal.fftconvolve": scipy.signal.fftconvolve,
    "scipy.signal.oaconvolve": scipy.signal.oaconvolve,
    "scipy.signal.convolve2d": as_plane(scipy.signal.convolve2d),
    "scipy.signal.correlate2d": as_plane(scipy.signal.correlate2d),
}
PLANES = ("scipy.signal.convolve2d", "scipy.signal.correlate2d")
IMAGES = {
    "scipy.ndimage.correlate": scipy.ndimage.correlate,
    "scipy.ndimage.convolve": scipy.ndimage.convolve,
    "scipy.ndimage.correlate1d": scipy.ndimage.correlate1d,
    "scipy.ndimage.convolve1d": scipy.ndimage.convolve1d,
}
FILTERS = ("cv2.filter2D", "cv2.sepFilter2D")
OWN = {name: getattr(sigconv, name[8:]) for name in CONVENTIONS if name.startswith("sigconv.")}


# NumPy and SciPy.


@pytest.mark.parametrize(("name", "k", "mode"), table(name=VECTORS, k=KERNELS, mode=MODES))
def test_row_predicts_impulse_responses(name, k, mode):
    row = convention(name)
    for x in impulses(SAMPLES):
        pads = row.padding(SAMPLES, k, mode=mode)
        close(VECTORS[name](x, ramp(k), mode=mode), predicted(row, x, ramp(k), pads))


@pytest.mark.parametrize(("name", "mode", "n"), table(name=VECTORS, mode=MODES, n=(1, 2, 3, 5)))
def test_row_predicts_kernels_longer_than_the_signal(name, mode, n):
    """In the caller's roles, also where the function makes the operands change places."""
    row = convention(name)
    for k in range(n + 1, 9):
        pads = row.padding(n, k, mode=mode)
        for x in impulses(n):
            y = predicted(row, x, ramp(k), pads)
            close(VECTORS[name](x, ramp(k), mode=mode), y.conj() if mode in row.unconjugated else y)
        if mode in row.unconjugated:
            with pytest.raises(OptionError, match="gives the conjugate of a correlation"):
                row.axis(n, k, mode=mode)


@pytest.mark.parametrize(("name", "mode"), table(name=VECTORS, mode=MODES))
def test_row_says_where_operands_change_places(name, mode):
    """NumPy in 'same' and 'valid', SciPy in 'valid': else 'valid' would be empty, and 'same' as long as the signal."""
    length = len(VECTORS[name](np.ones(3), np.ones(6), mode=mode))
    assert length == {"full": 8, "same": 6 if mode in convention(name).swaps else 3, "valid": 4}[mode]
    assert (mode in convention(name).swaps) == (mode == "valid" or (mode == "same" and name.startswith("numpy")))


@pytest.mark.parametrize("name", ["convolve", "correlate", "fftconvolve", "oaconvolve", "convolve2d", "correlate2d"])
def test_scipy_refuses_operands_longer_on_different_axes(name):
    """They change places on every axis or on none."""
    with pytest.raises(ValueError, match="at least as large as the other in every dimension"):
        getattr(scipy.signal, name)(np.ones((3, 8)), np.ones((5, 2)), mode="valid")
    x, w = np.arange(6.0).reshape(3, 2), np.arange(10.0).reshape(5, 2) ** 2
    row = convention(f"scipy.signal.{name}")
    assert row.padding(3, 5, mode="valid") == (2, 2)
    close(
        getattr(scipy.signal, name)(x, w, mode="valid")[:, 0],
        sum(predicted(row, x[:, i], w[:, 1 - i if row.flips else i], (2, 2)) for i in (0, 1)),
    )


@pytest.mark.parametrize(
    ("name", "mode", "boundary"), table(name=PLANES, mode=MODES, boundary=convention(PLANES[0]).boundaries)
)
def test_row_predicts_planes_with_boundaries(name, mode, boundary):
    row = convention(name)
    for n, k in itertools.product((3, 5), KERNELS):
        if k > n and mode in row.unconjugated:
            continue
        axis = row.axis(n, k, mode=mode, boundary=boundary)
        for x in impulses(n):
            y = VECTORS[name](x, ramp(k), mode=mode, boundary=boundary)
            close(y, predicted(row, x, ramp(k), (axis.lo, axis.hi), reads=axis.low))


@pytest.mark.parametrize(("name", "k"), table(name=VECTORS, k=KERNELS))
def test_origin_is_the_tap_on_sample_n(name, k):
    x = impulses(SAMPLES)[4]
    here = [t for t, tap in enumerate(impulses(k)) if abs(VECTORS[name](x, tap, mode="same")[4]) > 0.5]
    assert here == [convention(name).origin(k)]


@pytest.mark.parametrize(("name", "k"), table(name=IMAGES, k=KERNELS))
def test_row_predicts_every_origin(name, k):
    row, function = convention(name), IMAGES[name]
    legal = []
    for origin in range(-k, k + 1):
        lo, hi = row.padding(SAMPLES, k, origin=origin)
        if lo < 0 or hi < 0:
            with pytest.raises(ValueError, match="Invalid origin"):
                function(np.ones(SAMPLES), np.ones(k), origin=origin)
            with pytest.raises(OptionError, match="`origin` must keep the centre within"):
                row.axis(SAMPLES, k, origin=origin)
            continue
        legal.append(origin)
        for x in impulses(SAMPLES):
            close(function(x, ramp(k), mode="constant", origin=origin), predicted(row, x, ramp(k), (lo, hi)))
    assert len(legal) == k


@pytest.mark.parametrize("name", [*VECTORS, *IMAGES])
def test_defaults_are_those_of_the_signature(name):
    module, function = name.rsplit(".", 1)
    owner = {"numpy": np, "scipy.signal": scipy.signal, "scipy.ndimage": scipy.ndimage}[module]
    parameters, row = inspect.signature(getattr(owner, function)).parameters, convention(name)
    if module == "scipy.ndimage":
        assert parameters["mode"].default == row.default_boundary
        return
    assert parameters["mode"].default == row.default_mode
    if "boundary" in parameters:
        assert parameters["boundary"].default == row.default_boundary


@pytest.mark.parametrize(("name", "mode"), table(name=OWN, mode=("same", "valid")))
def test_own_rows_say_which_modes_refuse_longer_kernels(name, mode):
    row, channels = convention(name), (1, 1) if "channels" in name else ()
    word = "padding" if channels else "mode"
    assert mode in row.fitting
    for n, k in ((3, 3), (2, 3)):
        x, w = np.ones((*channels, n), "float32"), np.ones((*channels, k), "float32")
        if k <= n:
            axis = row.axis(n, k, mode=mode)
            assert OWN[name](x, w, **{word: mode}).shape[-1] == axis.out_length(n, k)
            continue
        with pytest.raises(SigconvError):
            OWN[name](x, w, **{word: mode})
        with pytest.raises(OptionError, match=f"`mode` must not be '{mode}' .* longer than the signal"):
            row.axis(n, k, mode=mode)


# OpenCV, of real kernels.


def opencv(name, x, w, anchor=None, **options):
    """The function along rows and, transposed, along columns, which give the same."""
    cv2 = pytest.importorskip("cv2")
    one, given = np.ones(1), {} if anchor is None else {"anchor": (anchor, -1)}
    turned = {} if anchor is None else {"anchor": (-1, anchor)}
    if name == "cv2.filter2D":
        row = cv2.filter2D(x[None], -1, w[None], **given, **options)
        column = cv2.filter2D(x[:, None], -1, w[:, None], **turned, **options)
    else:
        row = cv2.sepFilter2D(x[None], -1, w, one, **given, **options)
        column = cv2.sepFilter2D(x[:, None], -1, one, w, **turned, **options)
    np.testing.assert_array_equal(row[0], column[:, 0])
    return row[0]


@pytest.mark.parametrize(("name", "k"), table(name=FILTERS, k=KERNELS))
def test_row_predicts_every_anchor(name, k):
    cv2 = pytest.importorskip("cv2")
    row, w = convention(name), ramp(k).real
    assert row.origin(k) == k // 2
    for anchor in range(-1, k):
        pads = row.padding(SAMPLES, k, origin=0 if anchor == -1 else anchor - k // 2)
        for x in np.eye(SAMPLES):
            y = opencv(name, x, w, anchor, borderType=cv2.BORDER_CONSTANT)
            np.testing.assert_array_equal(y, predicted(row, x, w, pads))
    for anchor in (-k, k):
        with pytest.raises(OptionError, match="`origin` must keep the centre within"):
            row.axis(SAMPLES, k, origin=anchor - k // 2)
    with pytest.raises(cv2.error):
        opencv(name, np.ones(SAMPLES), w, k)


@pytest.mark.parametrize(("name", "n"), table(name=FILTERS, n=(1, 2, 3, 5)))
def test_row_predicts_every_border_of_opencv(name, n):
    cv2 = pytest.importorskip("cv2")
    row, x = convention(name), np.arange(1.0, n + 1)
    for k, border in itertools.product(KERNELS, row.boundaries):
        axis, w = row.axis(n, k, boundary=border), ramp(k).real
        wanted = predicted(row, x, w, (axis.lo, axis.hi), reads=axis.low)
        np.testing.assert_array_equal(opencv(name, x, w, borderType=getattr(cv2, border)), wanted)
        if border == row.default_boundary:
            np.testing.assert_array_equal(opencv(name, x, w), wanted)


@pytest.mark.parametrize("name", FILTERS)
def test_borders_of_the_row_are_all_that_the_filter_takes(name):
    cv2 = pytest.importorskip("cv2")
    for border in ("BORDER_WRAP", "BORDER_TRANSPARENT"):
        assert border not in convention(name).boundaries
        with pytest.raises(cv2.error):
            opencv(name, np.ones(5), np.ones(3), borderType=getattr(cv2, border))


def test_every_row_of_another_library_is_probed():
    probed = {*VECTORS, *IMAGES, *NETWORKS, *FILTERS, *PRIMITIVES, *TENSORFLOW, *MATLAB, *TORCH7}
    assert {name for name in CONVENTIONS if not name.startswith("sigconv.")} == probed
