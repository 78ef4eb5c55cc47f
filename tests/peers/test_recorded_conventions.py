"""The rows of libraries that cannot be imported: TensorFlow and MATLAB as recorded, Torch7 by its manual.

What a row says is done by the oracle, on the row's own numbers; sigconv's front doors take no part.
"""

import itertools
import json

import numpy as np
import pytest
from golden import matlab_cases, tensorflow_cases
from oracle import oracle
from peers.compare import table

from sigconv import convention, convert_kernel
from sigconv._core.conventions.tensorflow import transposed_length
from sigconv._core.geometry import Geometry

pytestmark = pytest.mark.peers

TENSORFLOW = [f"tensorflow.nn.{name}" for name in tensorflow_cases.PLAIN]
MATLAB = [
    *(f"matlab.{name}" for name in ("conv", "conv2", "convn", "cconv", "cconv(n=N)", "xcorr", "xcorr2", "filter2")),
    *("matlab.imfilter", "matlab.imfilter(conv)"),
]
LINES = [f"torch7.{name}{rank}" for name in ("conv", "xcorr") for rank in (2, 3)]
TORCH7 = [*LINES, *(f"{name}(planes)" for name in LINES), "torch7.nn.SpatialConvolution"]
KERNELS = range(1, 9)
FOLDER = matlab_cases.RESULTS.parent
RECORDED = {name: json.loads((FOLDER / f"{name}.json").read_text()) for name in ("matlab", "tensorflow")}


def predicted(row, x, w, groups=1, **options):
    """What the row says of x (batch, channel, *space) and w (out, in/groups, *taps), not flipped yet; every option is
    for all axes, or a list with one for each.
    """
    lengths = list(zip(x.shape[2:], w.shape[2:], strict=True))
    each = [
        {name: value[at] if isinstance(value, list) else value for name, value in options.items()}
        for at in range(len(lengths))
    ]
    axes = tuple(row.axis(n, k, **here) for (n, k), here in zip(lengths, each, strict=True))
    lengths = [max(axis.out_length(n, k), 0) for axis, (n, k) in zip(axes, lengths, strict=True)]
    if not all(lengths):
        return np.zeros((x.shape[0], w.shape[0], *lengths))
    w = np.flip(w, tuple(range(2, w.ndim))) if row.flips else w
    return oracle(x, np.conj(w) if row.conjugates else w, Geometry(axes, groups))


# TensorFlow: whole numbers in float32, which are exact.


def in_words_of_the_row(name, x, w, options):
    """The row's options for a recorded call with the channels last."""
    row, rank = convention(f"tf.nn.{name}"), w.ndim - 2
    given = {}
    for word, value in options.items():
        if word == "padding":
            given["mode"] = value if isinstance(value, str) else [tuple(pair) for pair in value[1:-1]]
        elif word in ("stride", "strides", "dilations", "rate"):
            inner = value[1:-1] if np.ndim(value) and len(value) == rank + 2 else value
            inner = inner[0] if np.ndim(inner) and len(inner) == 1 else inner
            given["stride" if word.startswith("stride") else "dilation"] = inner
    if row.transposed:
        mode, lengths = given.setdefault("mode", row.default_mode), options["output_shape"][-rank - 1 : -1]
        lengths = options["output_shape"] if len(options["output_shape"]) == rank else lengths
        steps = [np.broadcast_to(given.get(word, 1), rank).tolist() for word in ("stride", "dilation")]
        given["output_padding"] = [
            wanted - transposed_length(mode if isinstance(mode, str) else mode[at], n, (k - 1) * d + 1, s)
            for at, (wanted, n, k, s, d) in enumerate(
                zip(lengths, x.shape[-rank - 1 : -1], w.shape[:rank], *steps, strict=True)
            )
        ]
    return given


def assert_predicted(case, result):
    name, shapes, options = case
    row, (x, w) = convention(f"tf.nn.{name}"), tensorflow_cases.arrays(shapes)
    given, rank = in_words_of_the_row(name, x, w, options), w.ndim - 2
    channels_in = w.shape[-1] if row.transposed else w.shape[-2]
    groups = x.shape[-1] // channels_in if "in/groups" in row.kernel_layout else 1
    if row.transposed:
        groups = np.shape(result)[-1] // w.shape[-2]
    if "multiplier" in row.kernel_layout:
        groups = x.shape[-1]
    # The layout, by the words of the row: undone, but for the flip.
    w = np.asarray(convert_kernel(w, source=row.name, target="sigconv.correlate_channels", groups=groups))
    w = np.flip(w, tuple(range(2, w.ndim))) if row.flips else w
    flat = np.moveaxis(x.reshape(-1, *x.shape[-rank - 1 :]), -1, 1)
    y = np.moveaxis(predicted(row, flat, w, groups, **given), 1, -1)
    np.testing.assert_array_equal(y.reshape(*x.shape[: -rank - 1], *y.shape[1:]), result)


@pytest.mark.parametrize("name", tensorflow_cases.PLAIN)
def test_row_predicts_every_recorded_call_of_tensorflow(name):
    """All of those with the channels last: every stride, dilation, layout, pair and length of a result."""
    calls = [
        (case, result)
        for group in tensorflow_cases.CASES
        for case, result in zip(tensorflow_cases.CASES[group], RECORDED["tensorflow"]["cases"][group], strict=True)
        if case[0] == name and not (case[2].get("data_format") or "N").startswith("NC")
    ]
    assert len(calls) >= 2
    for case, result in calls:
        assert_predicted(case, result)


@pytest.mark.parametrize("name", tensorflow_cases.PLAIN)
def test_defaults_of_rows_are_those_of_tensorflow(name):
    defaults = dict(RECORDED["tensorflow"]["signatures"][name])
    row = convention(f"tf.nn.{name}")
    assert defaults["padding"] == ("<class 'inspect._empty'>" if row.default_mode is None else repr(row.default_mode))
    steps = {"stride": "stride", "strides": "stride", "dilations": "dilation", "rate": "dilation"}
    assert row.steps - {"output_padding"} == {steps[word] for word in defaults if word in steps}
    assert ("output_padding" in row.steps) == ("output_shape" in defaults) == row.transposed


# MATLAB, as Octave has it: whole numbers, which are exact.


def call_of(case):
    """Row, signal, kernel and options of a call that rows describe; None for others.

    Those are scaled results, other periods and values beyond the ends, and what is rounded or saturated.
    """
    name, arrays, words = f"matlab.{case.function}", case.arrays(), list(case.words)
    if name == "matlab.conv2" and len(arrays) == 3:
        arrays = [arrays[2], np.outer(arrays[0], arrays[1])]
    x, w = arrays[0], arrays[-1]
    if name == "matlab.filter2":
        x, w = w, x
    rank = max(x.ndim, w.ndim)
    x, w = (a.reshape(a.shape + (1,) * (rank - a.ndim)) for a in (x, w))
    options = {}
    if name == "matlab.imfilter":
        if x.dtype.kind != "f":
            return None
        options = {"mode": "full" if "full" in words else "same"}
        name += "(conv)" if "conv" in words else ""
        for border in set(words) - {"full", "same", "conv", "corr"}:
            options["boundary"] = str(border)
        if options.get("boundary", "0") not in convention(name).boundaries:
            return None
    elif name == "matlab.cconv":
        if words and words != [len(x)]:
            return None
        name += "(n=N)" if words else ""
    elif words:
        options = {"mode": words[0]}
        if len(words) > 1 or not (words[0] in convention(name).modes or isinstance(words[0], int)):
            return None
    return name, x, w, options


CALLS = [
    (str(case), *call, result)
    for case, result in zip(matlab_cases.CASES, RECORDED["matlab"]["results"], strict=True)
    if (call := call_of(case))
]


@pytest.mark.parametrize("name", MATLAB)
def test_row_predicts_every_recorded_call_of_matlab(name):
    calls = [call[2:] for call in CALLS if call[1] == name]
    assert len(calls) >= 3
    for x, w, options, result in calls:
        parts = [np.array(part, float) for part in result["parts"]]
        y = predicted(convention(name), x[None, None], w[None, None], **options)[0, 0]
        wanted = np.reshape(parts[0] if len(parts) == 1 else parts[0] + 1j * parts[1], result["shape"]).squeeze()
        assert y.squeeze().shape == wanted.shape
        np.testing.assert_array_equal(y.squeeze(), wanted)


@pytest.mark.parametrize("name", MATLAB)
def test_recorded_calls_show_what_rows_of_matlab_claim(name):
    """Each mode and boundary, the default, a complex kernel, and kernels that are longer."""
    row, calls = convention(name), [call[2:5] for call in CALLS if call[1] == name]
    assert {options.get("mode", row.default_mode) for _, _, options in calls} >= set(row.modes)
    assert {options.get("boundary", row.default_boundary) for _, _, options in calls} >= set(row.boundaries)
    assert any("mode" not in options for _, _, options in calls) != name.startswith("matlab.imfilter")
    # Octave was not asked these on complex data.
    real = ("matlab.convn", "matlab.cconv", "matlab.imfilter(conv)")
    assert any(np.iscomplexobj(w) for _, w, _ in calls) != (name in real)
    assert any(np.less(x.shape, w.shape).any() for x, w, _ in calls) != (name == "matlab.cconv")


# Torch7: the sums of its manual, along the last axis.


def torch7(name, x, w, mode):
    """conv: y[n] = Σ_m x[m] w[n − m]; xcorr is that of the reversed kernel; 'V' leaves out what reads no whole kernel."""
    w = w[::-1] if "xcorr" in name else w
    n, k = len(x), len(w)
    y = [sum(x[m] * w[i - m] for m in range(n) if 0 <= i - m < k) for i in range(n + k - 1)]
    return np.array(y if mode == "F" else y[k - 1 : n])


def whole(*shape):
    return tensorflow_cases.arrays([shape])[0]


@pytest.mark.parametrize(("name", "k"), table(name=LINES, k=KERNELS))
def test_row_predicts_the_sums_of_torch7(name, k):
    row, alone = convention(name), (1,) * (int(name[-1]) - 1)
    assert row.default_mode == "V"
    for n, mode in itertools.product((3, 8), row.modes):
        x, w = whole(n), whole(k)
        y = predicted(row, x.reshape(1, 1, *alone, n), w.reshape(1, 1, *alone, k), mode=mode)
        np.testing.assert_array_equal(y.ravel(), torch7(name, x, w, mode))


@pytest.mark.parametrize(("name", "mode"), table(name=LINES, mode=("V", "F")))
def test_row_predicts_the_planes_of_torch7(name, mode):
    """As the manual has it: every plane of the result is the sum over the planes of the input."""
    row, alone = convention(f"{name}(planes)"), (1,) * (int(name[-1]) - 1)
    assert row.kernel_layout == "out in taps"
    x, w = whole(2, 7), whole(3, 2, 4)
    y = predicted(row, x.reshape(1, 2, *alone, 7), w.reshape(3, 2, *alone, 4), mode=mode)
    for plane, kernels in zip(y[0], w, strict=True):
        wanted = sum(torch7(name, line, kernel, mode) for line, kernel in zip(x, kernels, strict=True))
        np.testing.assert_array_equal(plane.ravel(), wanted)


@pytest.mark.parametrize(("k", "stride"), table(k=KERNELS, stride=(1, 2, 3)))
def test_row_predicts_spatial_convolution(k, stride):
    """y[i] = Σ_t w[t] x[i·d + t − pad]."""
    row, x, w = convention("torch7.nn.SpatialConvolution"), whole(9), whole(k)
    assert row.default_mode == 0
    assert row.kernel_layout == "out in taps"
    for pad in (0, 1, 3):
        padded = [0] * pad + x.tolist() + [0] * pad
        wanted = [sum(w[t] * padded[i + t] for t in range(k)) for i in range(0, len(padded) - k + 1, stride)]
        y = predicted(row, x.reshape(1, 1, 1, 9), w.reshape(1, 1, 1, k), mode=[0, pad], stride=[1, stride])
        np.testing.assert_array_equal(y.ravel(), wanted)
