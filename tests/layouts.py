"""Kernels as each function of the conventions table takes them, written by hand from the libraries' documentation."""

import numpy as np

from sigconv._core.conventions import CONVENTIONS

PLAIN = "sigconv.correlate_channels"
"""A correlation that does not conjugate, of weights (out, in/groups, *taps)."""


def numbers(*shape):
    """Whole complex numbers, all different."""
    count = np.arange(1, np.prod(shape) + 1).reshape(shape)
    return (count + 1j * count[::-1]).astype("complex64")


def flipped(w):
    """Of weights (out, in, *taps), or (in, out, *taps)."""
    return np.flip(w, tuple(range(2, w.ndim)))


def exchanged(w, groups):
    """(in, out/groups, *taps) from (out, in/groups, *taps)."""
    return np.concatenate([block.swapaxes(0, 1) for block in np.split(w, groups)])


def behind(w):
    """The first two axes exchanged and put behind the taps."""
    return np.moveaxis(w, (0, 1), (-1, -2))


LAYOUTS = {
    "taps": lambda w, groups: w[0, 0],
    "taps, conjugated": lambda w, groups: w[0, 0].conj(),
    "taps, flipped": lambda w, groups: np.flip(w[0, 0]),
    "OI…": lambda w, groups: w,
    "OI…, flipped": lambda w, groups: flipped(w),
    "…IO": lambda w, groups: behind(w),
    "IO…, flipped": lambda w, groups: flipped(exchanged(w, groups)),
    "…OI, flipped": lambda w, groups: behind(flipped(exchanged(w, groups))),
    "…IM": lambda w, groups: np.moveaxis(w.reshape(groups, -1, *w.shape[2:]), (0, 1), (-2, -1)),
}
"""Kernels as functions take them, from weights (out, in/groups, *taps) of a correlation that does not conjugate."""
CORRELATED = "scipy.signal.correlate scipy.signal.correlate2d scipy.ndimage.correlate scipy.ndimage.correlate1d"
CONVOLVED = "scipy.signal.convolve scipy.signal.convolve2d scipy.signal.fftconvolve scipy.signal.oaconvolve"
BY_HAND = {
    "taps": "torch7.xcorr2 torch7.xcorr3 matlab.filter2 matlab.imfilter cv2.filter2D cv2.sepFilter2D",
    "taps, conjugated": f"sigconv.correlate numpy.correlate matlab.xcorr matlab.xcorr2 {CORRELATED}",
    "taps, flipped": "sigconv.convolve numpy.convolve scipy.ndimage.convolve scipy.ndimage.convolve1d matlab.conv "
    f"matlab.conv2 matlab.convn matlab.cconv matlab.cconv(n=N) matlab.imfilter(conv) torch7.conv2 torch7.conv3 {CONVOLVED}",
    "OI…": "sigconv.correlate_channels jax.lax.conv_general_dilated torch.nn.functional.conv1d torch.nn.functional.conv2d "
    "torch.nn.functional.conv3d torch7.xcorr2(planes) torch7.xcorr3(planes) torch7.nn.SpatialConvolution",
    "OI…, flipped": "sigconv.convolve_channels torch7.conv2(planes) torch7.conv3(planes)",
    "…IO": "tensorflow.nn.conv1d tensorflow.nn.conv2d tensorflow.nn.conv3d tensorflow.nn.atrous_conv2d",
    "IO…, flipped": "torch.nn.functional.conv_transpose1d torch.nn.functional.conv_transpose2d "
    "torch.nn.functional.conv_transpose3d",
    "…OI, flipped": "tensorflow.nn.conv1d_transpose tensorflow.nn.conv2d_transpose tensorflow.nn.conv3d_transpose",
    "…IM": "tensorflow.nn.depthwise_conv2d",
}
"""From the libraries' documentation: which of these each function takes."""
NAMES = {name: layout for layout, names in BY_HAND.items() for name in names.split()}
NO_GROUPS = {"tensorflow.nn.conv3d", "tensorflow.nn.conv3d_transpose", "torch7.nn.SpatialConvolution"}
NO_GROUPS |= {name for name in NAMES if name.endswith("(planes)")}


def rank_of(*names):
    """The number of axes of taps that functions without one of their own are given."""
    return max((CONVENTIONS[name].rank or 1 for name in names), default=1)


def is_single(name):
    return NAMES[name].startswith("taps")


def shapes_for(*names):
    """Channels that all these functions can hold, (out, in/groups), with numbers of groups."""
    if any(map(is_single, names)):
        return [((1, 1), 1)]
    inputs = 1 if any(NAMES[name] == "…IM" for name in names) else 2
    return [((6, inputs), groups) for groups in ((1, 2, 3) if NO_GROUPS.isdisjoint(names) else (1,))]
