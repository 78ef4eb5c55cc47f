"""The rows of the conventions and boundary tables against what the real functions do to impulses."""

import inspect
import itertools
import warnings

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
from peers.compare import table

from sigconv import convention
from sigconv._core.boundary import LIBRARY_BOUNDARIES, Constant, Rule, source_indices
from sigconv._core.conventions import CONVENTIONS

pytestmark = pytest.mark.peers

KERNELS = range(1, 9)
MODES = ("full", "same", "valid")
SAMPLES = 9


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
IMAGES = {
    "scipy.ndimage.correlate": scipy.ndimage.correlate,
    "scipy.ndimage.convolve": scipy.ndimage.convolve,
    "scipy.ndimage.correlate1d": scipy.ndimage.correlate1d,
    "scipy.ndimage.convolve1d": scipy.ndimage.convolve1d,
}
NETWORKS = [f"torch.nn.functional.conv{kind}{rank}d" for kind in ("", "_transpose") for rank in (1, 2, 3)]


def predicted(row, x, w, pads, stride=1, dilation=1, insert=1):
    """What the row says, by its numbers alone: flip, conjugate, and read from −lo on."""
    w = w[::-1] if row.flips else w
    w = np.conj(w) if row.conjugates else w
    spaced = np.zeros((len(x) - 1) * insert + 1, x.dtype)
    spaced[::insert] = x
    (lo, hi), reach = pads, (len(w) - 1) * dilation
    padded = np.concatenate([np.zeros(40), spaced, np.zeros(40)])
    starts = range(40 - lo, 40 + len(spaced) + hi - reach, stride)
    return np.array([sum(w[t] * padded[start + t * dilation] for t in range(len(w))) for start in starts])


def ramp(k):
    """Taps that tell a flip, a shift and a conjugate apart, and add without rounding."""
    return np.arange(1, k + 1) + 1j * np.arange(3, k + 3)


def impulses(n):
    return np.eye(n, dtype=complex)


def close(actual, wanted):
    """Sums of one product are exact, but for transforms: eight units in the last place of their norm."""
    assert actual.shape == wanted.shape
    assert np.abs(actual - wanted).max() <= 8 * 2.0**-52 * np.linalg.norm(wanted)


@pytest.mark.parametrize(("name", "k", "mode"), table(name=VECTORS, k=KERNELS, mode=MODES))
def test_row_predicts_impulse_responses(name, k, mode):
    row = convention(name)
    for x in impulses(SAMPLES):
        pads = row.padding(SAMPLES, k, mode=mode)
        close(VECTORS[name](x, ramp(k), mode=mode), predicted(row, x, ramp(k), pads))


@pytest.mark.parametrize(("name", "k"), table(name=VECTORS, k=KERNELS))
def test_origin_is_the_tap_on_sample_n(name, k):
    x = impulses(SAMPLES)[4]
    here = [t for t, tap in enumerate(impulses(k)) if abs(VECTORS[name](x, tap, mode="same")[4]) > 0.5]
    assert here == [convention(name).origin(k)]


@pytest.mark.parametrize(("name", "mode"), table(name=VECTORS, mode=MODES))
def test_row_says_where_operands_change_places(name, mode):
    """NumPy in 'same' and 'valid', SciPy in 'valid': the result has the length that the row's swap gives."""
    row, n, k = convention(name), 3, 6
    first, second = (k, n) if mode in row.swaps else (n, k)
    lo, hi = row.padding(first, second, mode=mode)
    assert len(VECTORS[name](np.ones(n), np.ones(k), mode=mode)) == max(first + lo + hi - second + 1, 0)


@pytest.mark.parametrize(("name", "k"), table(name=IMAGES, k=KERNELS))
def test_row_predicts_every_origin(name, k):
    row, function = convention(name), IMAGES[name]
    legal = []
    for origin in range(-k, k + 1):
        lo, hi = row.padding(SAMPLES, k, origin=origin)
        if lo < 0 or hi < 0:
            with pytest.raises(ValueError, match="Invalid origin"):
                function(np.ones(SAMPLES), np.ones(k), origin=origin)
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


@pytest.mark.parametrize(
    ("name", "k", "stride", "dilation"), table(name=NETWORKS, k=(1, 2, 4, 5), stride=(1, 2, 3), dilation=(1, 2))
)
def test_row_predicts_networks(name, k, stride, dilation):
    """Along the last axis, with one channel; every impulse is an item of the batch."""
    torch = pytest.importorskip("torch")
    row, rank = convention(name), int(name[-2])
    x = torch.from_numpy(impulses(SAMPLES).reshape(SAMPLES, 1, *(1,) * (rank - 1), SAMPLES))
    w = torch.from_numpy(ramp(k).reshape(1, 1, *(1,) * (rank - 1), k))
    alone = (1,) * (rank - 1)
    options = {"stride": (*alone, stride), "dilation": (*alone, dilation)}
    words = [0, 3] if row.transposed else [0, 3, "valid", *(["same"] if stride == 1 else [])]
    for word, extra in itertools.product(words, (0, 1) if row.transposed and stride > 1 else (0,)):
        if row.transposed and (SAMPLES - 1) * stride + (k - 1) * dilation + 1 + extra <= 2 * (word or 0):
            continue
        padding = word if isinstance(word, str) else (*(0,) * (rank - 1), word)
        more = {"output_padding": (*(0,) * (rank - 1), extra)} if row.transposed else {}
        steps = {"insert": stride} if row.transposed else {"stride": stride}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # PyTorch's advice on padding='same' with even kernels.
            y = getattr(torch.nn.functional, name.rsplit(".", 1)[1])(x, w, padding=padding, **options, **more)
        pads = row.padding(SAMPLES, k, mode=word, stride=stride, dilation=dilation, output_padding=extra)
        for one, wanted in zip(y.numpy().reshape(SAMPLES, -1), impulses(SAMPLES), strict=True):
            close(one, predicted(row, wanted, ramp(k), pads, dilation=dilation, **steps))


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_layouts_are_those_of_the_weights(rank):
    """A kernel of (2, 3, taps) makes 2 outputs of 3 channels, or, transposed, 3 outputs of 2."""
    torch = pytest.importorskip("torch")
    w = torch.ones(2, 3, *(2,) * rank)
    forward, transposed = (f"torch.nn.functional.conv{kind}{rank}d" for kind in ("", "_transpose"))
    assert convention(forward).kernel_layout == "out in/groups taps"
    assert getattr(torch.nn.functional, f"conv{rank}d")(torch.ones(1, 3, *(4,) * rank), w).shape[1] == 2
    assert convention(transposed).kernel_layout == "in out/groups taps"
    assert getattr(torch.nn.functional, f"conv_transpose{rank}d")(torch.ones(1, 2, *(4,) * rank), w).shape[1] == 3


def test_every_row_of_another_library_is_probed():
    assert {name for name in CONVENTIONS if not name.startswith("sigconv.")} == {*VECTORS, *IMAGES, *NETWORKS}


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
