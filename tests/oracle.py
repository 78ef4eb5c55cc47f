"""The canonical formula as loops, in float64 (complex128, or Python-wide integers for integers). Nothing is clever here."""

import itertools

import numpy as np

from sigconv._core.boundary import Constant, Rule


def wide(a):
    a = np.asarray(a)
    if a.dtype.kind in "iub":
        return a.astype(np.int64)
    return a.astype(np.complex128 if a.dtype.kind == "c" else np.float64)


def read(x, index, axis):
    """x̃[index] along the first axis, by the boundary rule of the side that it lies beyond."""
    spaced = (len(x) - 1) * axis.input_dilation + 1
    if 0 <= index < spaced:
        return x[index // axis.input_dilation] if index % axis.input_dilation == 0 else 0
    rule, length = (axis.low if index < 0 else axis.high), len(x)
    if isinstance(rule, Constant):
        return rule.value
    # Walk back step by step, as the pictures of the rules do.
    if rule is Rule.EDGE:
        return x[0] if index < 0 else x[-1]
    while not 0 <= index < length:
        if rule is Rule.PERIODIC:
            index += length if index < 0 else -length
        elif rule is Rule.SYMMETRIC:
            index = -1 - index if index < 0 else 2 * length - 1 - index
        elif length == 1:
            index = 0
        else:
            index = -index if index < 0 else 2 * length - 2 - index
    return x[index]


def extend(x, geometry):
    """x̃ written out over the padded range, one axis after the other."""
    for position, axis in enumerate(geometry.axes, start=2):
        spaced = (x.shape[position] - 1) * axis.input_dilation + 1
        wanted = range(-axis.lo, spaced + axis.hi)
        rows = np.moveaxis(x, position, 0)
        found = [np.broadcast_to(np.asarray(read(rows, i, axis), x.dtype), rows.shape[1:]) for i in wanted]
        x = np.stack(found, position) if found else np.take(x, [], position)
    return x


def oracle(x, w, geometry):
    """y[b, o, n] = Σ_{c,t} w[o, c, t] x̃[b, c, n·stride + t·dilation − lo]."""
    x, w = wide(x), wide(w)
    x = extend(x.astype(np.result_type(x, w)), geometry)
    space, taps = x.shape[2:], w.shape[2:]
    out = tuple(
        (n - ((k - 1) * axis.dilation + 1)) // axis.stride + 1
        for n, k, axis in zip(space, taps, geometry.axes, strict=True)
    )
    per_group, outs = w.shape[1], w.shape[0] // geometry.groups
    y = np.zeros((x.shape[0], w.shape[0], *out), np.result_type(x, w))
    for t in itertools.product(*map(range, taps)):
        at = tuple(reads(axis, j, n) for axis, j, n in zip(geometry.axes, t, out, strict=True))
        for o in range(w.shape[0]):
            first = (o // outs) * per_group
            for c in range(per_group):
                y[:, o] += w[(o, c, *t)] * x[(slice(None), first + c, *at)]
    return y


def reads(axis, tap, outs):
    """The samples of x̃ that a tap meets: at n·stride + tap·dilation for every output n."""
    start = tap * axis.dilation
    return slice(start, start + max(0, (outs - 1) * axis.stride + 1), axis.stride)
