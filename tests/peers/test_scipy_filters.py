"""`compat.scipy`'s recursive and polyphase filters, and its Wiener filter, against `scipy.signal`."""

import inspect

import jax
import numpy as np
import pytest
from cases import draw
from peers.compare import assert_both_raise, assert_same, outcome, sample, wide
from scipy import signal

from sigconv import compat

pytestmark = [pytest.mark.peers, pytest.mark.usefixtures("x64")]

NAMES = (
    "lfilter",
    "sosfilt",
    "filtfilt",
    "sosfiltfilt",
    "lfilter_zi",
    "sosfilt_zi",
    "lfiltic",
    "upfirdn",
    "resample_poly",
    "wiener",
)
PAIRS = {
    "resonator": ([0.2, 0.1, 0.3], [1.0, -1.2, 0.8]),
    "one pole": ([2.0], [2.0, -1.6]),
    "integrator": ([1.0], [1.0, -1.0]),
    "no poles": ([0.5, 0.25, -0.25], [2.0]),
    "a factor": ([3.0], [2.0]),
    "more poles": ([1.0, 0.5], signal.butter(5, 0.3)[1].tolist()),
    "more zeros": (np.hanning(30).tolist(), [1.0, -0.5, 0.25]),
    "complex": ([1.0, 1j], [1.0, -0.5j, 0.25 + 0.1j]),
}
SECTIONS = {
    "low": signal.butter(5, 0.2, output="sos"),
    "band": signal.cheby1(4, 1, [0.2, 0.5], "band", output="sos"),
    "one": signal.butter(2, 0.01, output="sos"),
}


def response(b, a, length):
    """The impulse response, whose norm is the filter's scale."""
    return signal.lfilter(np.asarray(b), np.asarray(a), np.eye(1, length)[0])


def compare(name, *arguments, taps, more=1, **options):
    """By the rule for direct methods with the whole response's norm; or errors on both sides.

    Args:
        taps: The response.
        more: What else the result may be larger by than the first signal filtered, as where there is a state.
    """
    ours, theirs = getattr(compat.scipy, name), getattr(signal, name)
    actual, native = (outcome(function, *arguments, **options) for function in (ours, theirs))
    if isinstance(native, Exception):
        assert_both_raise(actual, native)
        return
    if isinstance(actual, Exception):
        raise actual
    reference = theirs(
        *map(wide, arguments[: arguments_of_data(name)]), *arguments[arguments_of_data(name) :], **options
    )
    data = np.abs(wide(arguments[arguments_of_data(name) - 1])).max() * more
    many = isinstance(native, tuple)
    for y, y0, y1 in zip(*(found if many else (found,) for found in (actual, native, reference)), strict=True):
        assert_same(y, y0, y1, np.atleast_1d(data), np.asarray(taps))


def arguments_of_data(name):
    return {"lfilter": 3, "filtfilt": 3, "sosfilt": 2, "sosfiltfilt": 2, "upfirdn": 2, "resample_poly": 1, "wiener": 1}[
        name
    ]


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize(("shape", "axis"), [((70,), -1), ((3, 2, 9), 1), ((1,), 0)], ids=str)
@pytest.mark.parametrize("has_state", [False, True], ids=["rest", "state"])
def test_lfilter_matches(pair, shape, axis, has_state, rng):
    b, a = PAIRS[pair]
    x = draw(rng, shape, "float64")
    order = max(len(b), len(a)) - 1
    state = {}
    if has_state:
        sizes = list(shape)
        sizes[axis] = order
        state = {"zi": draw(rng, tuple(sizes), "float64")}
    compare(
        "lfilter", np.array(b), np.array(a), x, axis=axis, taps=response(b, a, shape[axis] + order), more=9, **state
    )


@pytest.mark.parametrize("dtype", ["int32", "float32", "float64", "complex64"])
def test_dtypes_match(dtype, rng):
    x = draw(rng, (9,), dtype)
    for kind in ("float32", "complex128"):
        b, a = np.array([0.5, 0.25], kind), np.array([1.0, -0.5], kind)
        compare("lfilter", b, a, x, taps=response(b, a, 9))
        sos = np.array([[0.5, 0.25, 0, 1, -0.5, 0]], kind)
        compare("sosfilt", sos, x, taps=response(b, a, 9))
        compare("upfirdn", b, x, 2, 3, taps=b)
        if kind == "float32":
            compare("filtfilt", b, a, x, taps=np.convolve(*(response(b, a, 50),) * 2), more=3)
    if dtype != "complex64":
        compare("wiener", x, taps=np.ones(9))
    compare("resample_poly", x, 3, 2, taps=np.full(9, 0.5))


@pytest.mark.parametrize("name", SECTIONS)
@pytest.mark.parametrize(("shape", "axis"), [((70,), -1), ((3, 9), 0)], ids=str)
@pytest.mark.parametrize("has_state", [False, True], ids=["rest", "state"])
def test_sosfilt_matches(name, shape, axis, has_state, rng):
    sos = SECTIONS[name]
    sizes = list(shape)
    sizes[axis] = 2
    state = {"zi": draw(rng, (len(sos), *sizes), "float64")} if has_state else {}
    # The states of early sections are heard through all the later ones.
    heard = np.ones(4) * 30 if has_state else signal.sosfilt(sos, np.eye(1, 70)[0])
    compare("sosfilt", sos, draw(rng, shape, "float64"), axis=axis, taps=heard, more=9, **state)


def test_unstable_filters_are_as_scipys(rng):
    x = draw(rng, (2000,), "float64")
    b, a = np.array([1.0, 0.2]), np.array([1.0, -2.5, 1.5, 1.1])
    ours, theirs = compat.scipy.lfilter(b, a, x), signal.lfilter(b, a, x)
    finite = np.isfinite(theirs)
    assert not finite.all()
    np.testing.assert_array_equal(np.isfinite(ours), finite)
    np.testing.assert_allclose(np.asarray(ours)[finite], theirs[finite], rtol=1e-10)
    sos = np.array([[1.0, 0, 0, 1, -2.5, 1.2]])
    np.testing.assert_allclose(compat.scipy.sosfilt(sos, x[:50]), signal.sosfilt(sos, x[:50]), rtol=1e-10)


def test_steady_states_match():
    for b, a in PAIRS.values():
        if sum(a) != 0 and len(b) + len(a) > 2:
            np.testing.assert_allclose(compat.scipy.lfilter_zi(b, a), signal.lfilter_zi(b, a), atol=1e-12)
    for sos in SECTIONS.values():
        np.testing.assert_allclose(compat.scipy.sosfilt_zi(sos), signal.sosfilt_zi(sos), atol=1e-12)


def test_lfiltic_matches(rng):
    for name, lengths in (("resonator", (1, 1)), ("more poles", (4, 3)), ("complex", (50, 60)), ("a factor", (2, 2))):
        b, a = PAIRS[name]
        y, x = (draw(rng, (n,), "float64") for n in lengths)
        for given in ((y,), (y, x)):
            ours, theirs = (module.lfiltic(b, a, *given) for module in (compat.scipy, signal))
            assert ours.dtype == theirs.dtype
            np.testing.assert_allclose(ours, theirs, atol=1e-13)


@pytest.mark.parametrize(
    ("pair", "padtype", "padlen", "shape", "axis"),
    sample(
        pair=("resonator", "one pole", "no poles", "more poles"),
        padtype=("odd", "even", "constant", None),
        padlen=(None, 0, 5, 40),
        shape=((40,), (41, 2)),
        axis=(0, -1),
    ),
)
def test_filtfilt_matches(pair, padtype, padlen, shape, axis, rng):
    b, a = PAIRS[pair]
    twice = np.convolve(*(np.abs(response(b, a, 90)),) * 2)
    x = draw(rng, shape, "float64")
    compare("filtfilt", np.array(b), np.array(a), x, axis, padtype, padlen, taps=twice, more=9)


@pytest.mark.parametrize(
    ("pair", "irlen"), [("resonator", None), ("one pole", 12), ("a factor", None), ("more poles", 20), ("one pole", 30)]
)
def test_filtfilt_by_gustafsson_matches(pair, irlen, rng):
    b, a = PAIRS[pair]
    x = draw(rng, (50, 2), "float64")
    ours, theirs = (module.filtfilt(b, a, x, 0, method="gust", irlen=irlen) for module in (compat.scipy, signal))
    # A least-squares problem in between: its condition, not a norm of the filter, says how far the two may be.
    np.testing.assert_allclose(ours, theirs, atol=1e-9)


@pytest.mark.parametrize("name", SECTIONS)
@pytest.mark.parametrize(("padtype", "padlen"), [("odd", None), ("even", 7), ("constant", 3), (None, None)])
def test_sosfiltfilt_matches(name, padtype, padlen, rng):
    sos = SECTIONS[name]
    x = draw(rng, (2, 40), "float64")
    twice = np.convolve(*(np.abs(signal.sosfilt(sos, np.eye(1, 400)[0])),) * 2)
    # At low frequencies it is SciPy that is further from the truth: its sections lose what they add up.
    compare("sosfiltfilt", sos, x, -1, padtype, padlen, taps=twice, more=99)


@pytest.mark.parametrize(
    ("mode", "up", "down", "taps", "length"),
    sample(
        mode=("constant", "wrap", "symmetric", "reflect", "edge", "smooth", "antisymmetric", "antireflect", "line"),
        up=(1, 2, 5),
        down=(1, 3, 4),
        taps=(1, 6, 23),
        length=(2, 7),
    ),
)
def test_upfirdn_matches(mode, up, down, taps, length, rng):
    h = draw(rng, (taps,), "float64")
    compare("upfirdn", h, draw(rng, (2, length), "float64"), up, down, -1, mode, taps=h, more=40)


def test_upfirdn_beyond_the_ends_by_a_number(rng):
    h, x = draw(rng, (7,), "float64"), draw(rng, (5, 2), "float64")
    for axis in (0, 1):
        compare("upfirdn", h, x, 3, 2, axis, "constant", 2.5, taps=h, more=3)


@pytest.mark.parametrize("padtype", ["constant", "line", "mean", "median", "minimum", "maximum", "edge"])
def test_resample_poly_matches(padtype, rng):
    x = draw(rng, (15, 2), "float64")
    for up, down in ((2, 1), (6, 14), (1, 1)):
        compare("resample_poly", x, up, down, padtype=padtype, taps=np.ones(2), more=9)


def test_windows_of_resample_poly_match(rng):
    x = draw(rng, (2, 15), "float64")
    compare("resample_poly", x, 160, 147, 1, taps=np.ones(2), more=9)
    for window in (
        "hann",
        "hamming",
        "blackman",
        "boxcar",
        ("kaiser", 8.0),
        ("gaussian", 9.0),
        [0.25, 0.5, 0.5, 0.25],
        np.ones(5),
    ):
        compare("resample_poly", x, 3, 2, 1, window, taps=np.ones(2), more=9)


@pytest.mark.parametrize("size", [None, 2, 5, (3, 4), (9, 1)])
@pytest.mark.parametrize("noise", [None, 0.5])
def test_wiener_matches(size, noise, rng):
    x = draw(rng, (7, 8), "float64") + 3
    np.testing.assert_allclose(compat.scipy.wiener(x, size, noise), signal.wiener(x, size, noise), atol=1e-11)


BAD = {
    "a is zero": ("lfilter", [1.0], [0.0, 1.0], [1.0]),
    "b is a matrix": ("lfilter", [[1.0]], [1.0], [1.0]),
    "axis": ("lfilter", [1.0], [1.0, 0.5], [1.0], 1),
    "zi": ("lfilter", [1.0], [1.0, 0.5], [1.0], -1, [1.0, 2.0]),
    "five columns": ("sosfilt", [[1.0] * 5], [1.0]),
    "a0 is not one": ("sosfilt", [[1.0, 0, 0, 2, 0, 0]], [1.0]),
    "sections' zi": ("sosfilt", [[1.0, 0, 0, 1, 0, 0]], [1.0], -1, [1.0]),
    "padtype": ("filtfilt", [1.0], [1.0, 0.5], np.ones(50), -1, "zero"),
    "short": ("filtfilt", [1.0], [1.0, 0.5], np.ones(6)),
    "method": ("filtfilt", [1.0], [1.0, 0.5], np.ones(50), -1, "odd", None, "fft"),
    "too short": ("sosfiltfilt", [[1.0, 0, 0, 1, 0, 0]], [1.0]),
    "up": ("upfirdn", [1.0], [1.0], 0),
    "h": ("upfirdn", [[1.0]], [1.0]),
    "mode": ("upfirdn", [1.0], [1.0], 1, 1, -1, "mirror"),
    "cval": ("resample_poly", [1.0], 2, 1, 0, "hann", "line", 1.0),
    "padtype of resampling": ("resample_poly", [1.0], 2, 1, 0, "hann", "mode"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_scipy_refuses_is_refused(case):
    name, *arguments = BAD[case]
    functions = (getattr(module, name) for module in (compat.scipy, signal))
    assert_both_raise(*(outcome(function, *arguments) for function in functions))


@pytest.mark.parametrize("name", NAMES)
def test_signatures_match(name):
    ours, theirs = (inspect.signature(getattr(module, name)) for module in (compat.scipy, signal))
    assert [(p.name, p.default, p.kind) for p in ours.parameters.values()] == [
        (p.name, p.default, p.kind) for p in theirs.parameters.values()
    ]


def test_state_is_carried_from_block_to_block(rng):
    sos = SECTIONS["band"]
    x = draw(rng, (90,), "float64")
    zi = np.zeros((len(sos), 2))
    parts = []
    for piece in np.split(x, 3):
        y, zi = compat.scipy.sosfilt(sos, piece, zi=zi)
        parts.append(y)
    np.testing.assert_allclose(np.concatenate(parts), signal.sosfilt(sos, x), atol=1e-13)
    assert isinstance(zi, jax.Array)
