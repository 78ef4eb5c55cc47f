"""Ports: a converted kernel with the arguments that `reproduce` finds. SciPy's and NumPy's functions are the real ones."""

import dataclasses

import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
from functions import OURS, laid_out, restored
from layouts import LAYOUTS, NAMES, numbers

from sigconv import OptionError, compat, convention, convert_kernel
from sigconv._core.conventions import row_of

SCIPY = {f"scipy.signal.{name}": getattr(scipy.signal, name) for name in ("correlate2d", "convolve2d", "correlate")}
NDIMAGE = {f"scipy.ndimage.{name}": getattr(scipy.ndimage, name) for name in ("correlate", "convolve")}
FUNCTIONS = {**OURS, **SCIPY, **NDIMAGE, "numpy.correlate": np.correlate}


@dataclasses.dataclass(frozen=True)
class Port:
    """A call of the source in its own words, and in those of `reproduce`."""

    source: str
    target: str
    taps: tuple
    said: dict
    words: dict
    space: tuple = (7, 8)
    channels: tuple = (1, 1)
    groups: int = 1

    def __str__(self):
        return f"{self.source}-{self.target}-{self.taps}-{self.words}"


NETWORK = {"channels": (4, 2), "groups": 2}
PORTS = [
    Port("torch.conv2d", "scipy.signal.correlate2d", (3, 3), {"padding": 1}, {"mode": 1}),
    Port("torch.conv2d", "scipy.signal.convolve2d", (3, 2), {}, {}),
    Port("torch.conv2d", "scipy.signal.correlate2d", (2, 4), {"padding": "same"}, {"mode": "same"}),
    Port("scipy.signal.correlate2d", "torch.conv2d", (2, 4), {"mode": "same"}, {"mode": "same"}),
    Port("scipy.signal.correlate2d", "torch.conv2d", (3, 3), {}, {}),
    Port("scipy.signal.convolve2d", "torch.conv2d", (3, 5), {"mode": "same"}, {"mode": "same"}),
    Port("scipy.signal.convolve2d", "torch.conv2d", (3, 2), {"mode": "valid"}, {"mode": "valid"}),
    Port("tf.nn.conv2d", "torch.conv2d", (3, 4), {"strides": 2, "padding": "VALID"}, {"mode": "VALID", "stride": 2}, **NETWORK),
    Port("tf.nn.conv2d", "torch.conv2d", (3, 3), {"strides": 2, "padding": "SAME"}, {"mode": "SAME", "stride": 2}, (7, 7), **NETWORK),
    Port("torch.conv2d", "tf.nn.conv2d", (3, 3), {"padding": 1, "stride": 2}, {"mode": 1, "stride": 2}, **NETWORK),
    Port("torch.conv2d", "tf.nn.conv2d", (2, 3), {"padding": (0, 2), "dilation": 2}, {"mode": (0, 2), "dilation": 2}, **NETWORK),
    Port("matlab.conv2", "torch.conv2d", (3, 3), {}, {}),
    Port("matlab.conv2", "torch.conv2d", (3, 5), {"shape": "same"}, {"mode": "same"}),
    Port("matlab.conv2", "torch.conv2d", (3, 2), {"shape": "valid"}, {"mode": "valid"}),
    Port("torch.conv_transpose2d", "tf.nn.conv2d_transpose", (3, 3), {"stride": 2, "padding": 1, "output_padding": 1}, {"stride": 2, "mode": 1, "output_padding": 1}, channels=(4, 2)),
    Port("torch.conv_transpose2d", "tf.nn.conv2d_transpose", (3, 2), {"stride": 2}, {"stride": 2}, channels=(4, 2)),
    Port("cv2.filter2D", "scipy.ndimage.convolve", (3, 3), {}, {}),
    Port("cv2.filter2D", "scipy.ndimage.convolve", (2, 4), {"anchor": (2, 0), "borderType": 2}, {"origin": (-1, 0), "boundary": "BORDER_REFLECT"}),
]  # fmt: skip


def called(name, x, kernel, arguments, groups):
    row = row_of("name", name)
    if groups > 1 and name.startswith("torch"):
        arguments = {**arguments, "groups": groups}
    return restored(row, FUNCTIONS[row.name](laid_out(row, x), np.asarray(kernel), **arguments), x.ndim - 2)


@pytest.mark.parametrize("port", PORTS, ids=str)
def test_ports_give_what_the_source_gives(port, by_definition):
    given, wanted = row_of("source", port.source), row_of("target", port.target)
    outputs, inputs = port.channels
    rng = np.random.default_rng(0)
    x = rng.integers(-9, 10, (1, inputs * port.groups, *port.space)).astype("float32")
    w = rng.integers(-9, 10, (outputs, inputs, *port.taps)).astype("float32")
    kernel = LAYOUTS[NAMES[given.name]](w, port.groups)
    converted = convert_kernel(kernel, source=port.source, target=port.target, groups=port.groups)
    arguments = wanted.reproduce(given, port.space, port.taps, **port.words)
    y = called(port.target, x, converted, arguments, port.groups)
    np.testing.assert_array_equal(y, called(port.source, x, kernel, port.said, port.groups))


def test_a_complex_port_conjugates():
    x, kernel = numbers(7), numbers(3)
    w = convert_kernel(kernel, source="numpy.correlate", target="torch.conv1d")
    arguments = convention("torch.conv1d").reproduce(convention("numpy.correlate"), 7, 3, mode="full")
    y = compat.torch.conv1d(x[None, None], w, **arguments)
    assert y[0, 0].tolist() == np.correlate(x, kernel, "full").tolist()


def test_a_port_that_no_arguments_make_is_refused():
    torch, scipy2d = convention("torch.conv2d"), convention("scipy.signal.convolve2d")
    with pytest.raises(
        OptionError, match=r"`source` must do what some arguments of scipy.signal.convolve2d do too; got torch"
    ):
        scipy2d.reproduce(torch, (7, 8), (3, 3), stride=2)
