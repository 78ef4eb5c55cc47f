"""Random filters of whole numbers, and two layers in turn by the definition."""

import numpy as np
from hypothesis import strategies as st
from oracle import oracle

from sigconv import Filter
from sigconv._core.boundary import ZERO, Rule
from sigconv._core.geometry import Axis, Geometry

READS = {"zero": ZERO, "periodic": Rule.PERIODIC}


def numbers(rng, shape):
    return rng.integers(-9, 10, shape).astype("i4")


@st.composite
def pairs(draw, ranks=(1, 2, 3), most_taps=6, most_stride=3):
    """Two filters whose channels chain, as whole numbers, and the length of a signal."""
    rank = draw(st.sampled_from(ranks))
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    most_taps = {1: most_taps, 2: min(most_taps, 4), 3: 2}[rank]
    groups = [draw(st.sampled_from([1, 2, 4])) for _ in range(2)]
    channels = [4 if max(groups) > 1 else draw(st.integers(1, 3)) for _ in range(3)]
    filters = []
    for number, per in enumerate(groups):
        taps = tuple(draw(st.integers(1, most_taps)) for _ in range(rank))
        weights = numbers(rng, (channels[number + 1], channels[number] // per, *taps))
        steps = {
            "stride": tuple(draw(st.integers(1, most_stride)) for _ in range(rank)),
            "dilation": tuple(draw(st.integers(1, 3 if rank < 3 else 2)) for _ in range(rank)),
            "lo": tuple(draw(st.integers(-2, 6)) for _ in range(rank)) if draw(st.booleans()) else None,
            "groups": per,
            "bias": numbers(rng, channels[number + 1]) if draw(st.booleans()) else None,
            "kind": draw(st.sampled_from(["correlation", "convolution"])),
        }
        filters.append(Filter(weights, **steps))
    return (*filters, rng)


def in_correlation(f):
    w = np.asarray(f.weights)
    return np.flip(w, tuple(range(2, w.ndim))) if f.kind == "convolution" else w


def apply(f, x, boundary="zero", padding="same"):
    """One layer by the definition."""
    reads = READS[boundary]
    pads = {
        "same": [(lo, k - 1 - lo) for lo, k in zip(f.lo, f.extent, strict=False)],
        "valid": [(0, 0)] * f.rank,
        "full": [(k - 1, k - 1) for k in f.extent],
    }[padding]
    axes = tuple(
        Axis(lo, hi, s, d, low=reads, high=reads) for (lo, hi), s, d in zip(pads, f.stride, f.dilation, strict=False)
    )
    y = oracle(x, in_correlation(f), Geometry(axes, f.groups))
    return y if f.bias is None else y + np.asarray(f.bias).reshape(-1, *[1] * f.rank)
