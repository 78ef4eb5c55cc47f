"""Every function of the conventions table as one that can be called alike: sigconv's versions, and the real ones."""

import numpy as np

import sigconv
from sigconv import compat


def is_single(row):
    """Whether the function knows no channels."""
    return row.kernel_layout == "taps"


def axes(row, rank):
    """Where each axis of the function's signal is in (batch, channel, *space)."""
    places = {"batch": [0], "…": [0], "(batch)": [0], "channel": [1], "space": [*range(2, rank + 2)]}
    return [axis for word in row.signal_layout.split() for axis in places[word]]


def laid_out(row, x):
    """A signal (1, channel, *space) as the function takes it."""
    if is_single(row):
        return x[0, 0]
    order = axes(row, x.ndim - 2)
    return x.transpose(order) if 0 in order else x[0].transpose([axis - 1 for axis in order])


def restored(row, y, rank):
    """A result of the function as (1, channel, *space)."""
    y = np.asarray(y)
    if is_single(row):
        return y[None, None]
    order = axes(row, rank)
    return y.transpose(np.argsort(order)) if 0 in order else y.transpose(np.argsort(order))[None]


def by_rows(function):
    """A filter for images, given a kernel for each axis, as one for vectors."""
    return lambda x, w, **options: function(x[None], -1, w, np.ones(1, w.dtype), **options)[0]


OURS = {
    **{f"sigconv.{name}": getattr(sigconv, name) for name in ("correlate", "convolve")},
    **{f"sigconv.{name}": getattr(sigconv, name) for name in ("correlate_channels", "convolve_channels")},
    **{f"numpy.{name}": getattr(compat.numpy, name) for name in ("correlate", "convolve")},
    **{
        f"scipy.signal.{name}": getattr(compat.scipy, name)
        for name in ("correlate", "convolve", "fftconvolve", "oaconvolve", "convolve2d", "correlate2d")
    },
    **{
        f"scipy.ndimage.{name}": getattr(compat.ndimage, name)
        for name in ("correlate", "convolve", "correlate1d", "convolve1d")
    },
    **{
        f"torch.nn.functional.conv{kind}{rank}d": getattr(compat.torch, f"conv{kind}{rank}d")
        for kind in ("", "_transpose")
        for rank in (1, 2, 3)
    },
    **{
        f"tensorflow.nn.{name}": getattr(compat.tensorflow, name)
        for name in ("conv1d", "conv2d", "conv3d", "depthwise_conv2d", "atrous_conv2d")
    },
    **{
        f"tensorflow.nn.conv{rank}d_transpose": getattr(compat.tensorflow, f"conv{rank}d_transpose")
        for rank in (1, 2, 3)
    },
    **{f"matlab.{name}": getattr(compat.matlab, name) for name in ("conv", "conv2", "convn", "cconv", "xcorr2")},
    "matlab.cconv(n=N)": compat.matlab.cconv,
    "matlab.xcorr": lambda x, w, **options: compat.matlab.xcorr(x, w, **options)[0],
    "matlab.filter2": lambda x, w, **options: compat.matlab.filter2(w, x, **options),
    "matlab.imfilter": lambda x, w, options: compat.matlab.imfilter(x, w, *options),
    "matlab.imfilter(conv)": lambda x, w, options: compat.matlab.imfilter(x, w, *options),
    "cv2.filter2D": lambda x, w, **options: compat.opencv.filter2D(x, -1, w, **options),
    "cv2.sepFilter2D": by_rows(compat.opencv.sepFilter2D),
    **{
        f"torch7.{name}{rank}{planes}": getattr(compat.torch7, f"{name}{rank}")
        for name in ("conv", "xcorr")
        for rank in (2, 3)
        for planes in ("", "(planes)")
    },
    "torch7.nn.SpatialConvolution": compat.torch7.spatial_convolution,
}
