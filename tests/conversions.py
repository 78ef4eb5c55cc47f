"""Random calls of the functions of the conventions table, and the search for another function that does the same.

Signals and kernels are whole numbers large enough that two ways to filter never agree by accident, and small enough
that float64 sums are exact: results are compared after rounding to whole numbers, which undoes a transform's error.
"""

import dataclasses
import functools
import itertools
import random
import warnings

import numpy as np
import pytest
from functions import is_single, laid_out, restored
from layouts import LAYOUTS, NAMES
from oracle import read

from sigconv import Constant, OptionError, SigconvError, convention, convert_kernel
from sigconv._core.conventions import CONVENTIONS
from sigconv._core.conventions.arguments import Call

LENGTHS, TAPS, STRIDES, DILATIONS = (3, 8), (1, 2, 3, 4, 5), (1, 2, 3), (1, 2)
REAL_ONLY = ("cv2", "tensorflow", "matlab.imfilter", "torch7")
REFUSALS = (SigconvError, ValueError, TypeError, RuntimeError)


@dataclasses.dataclass(frozen=True)
class Data:
    """What is filtered: (1, channels, *space) by weights (outputs, channels/groups, *taps)."""

    shape: tuple
    taps: tuple
    outputs: int = 1
    channels: int = 1
    groups: int = 1
    is_complex: bool = False

    def signal(self, rank):
        """With axes of length 1 in front, for functions of a higher rank."""
        missing = (1,) * (rank - len(self.shape))
        return numbers(1, (1, self.channels, *missing, *self.shape), self.is_complex)

    def weights(self, rank):
        missing = (1,) * (rank - len(self.taps))
        return numbers(2, (self.outputs, self.channels // self.groups, *missing, *self.taps), self.is_complex)


@functools.cache
def numbers(seed, shape, is_complex):
    rng = np.random.default_rng(seed)
    real = rng.integers(-999, 1000, shape).astype(float)
    return real + 1j * rng.integers(-999, 1000, shape) if is_complex else real


def rank_of(name, data):
    return CONVENTIONS[name].rank or len(data.shape)


@functools.cache
def kernel_of(name, data):
    """The weights as the function takes them, for a correlation that does not conjugate; laid out by hand."""
    w = LAYOUTS[NAMES[name]](data.weights(rank_of(name, data)), data.groups)
    return w.copy()  # PyTorch takes no arrays that run backwards.


class Caller:
    """Calls the functions of a table, and remembers what they gave."""

    def __init__(self, functions):
        self.functions = functions
        self.results = {}

    def __call__(self, name, data, arguments):
        """(1, outputs, *out) in whole numbers, without axes of length 1 in front; None where the function refuses."""
        key = (name, data, repr(sorted(arguments.items(), key=str)))
        if key not in self.results:
            self.results[key] = self.run(name, data, arguments)
        return self.results[key]

    def run(self, name, data, arguments):
        row, rank = CONVENTIONS[name], rank_of(name, data)
        if "groups" in row.kernel_layout and not name.startswith("tensorflow"):
            arguments = {**arguments, "feature_group_count" if name.startswith("jax") else "groups": data.groups}
        if "output_shape" in arguments:
            arguments = {**arguments, "output_shape": [1, *arguments["output_shape"], data.outputs]}
        x, w = laid_out(row, data.signal(rank)), kernel_of(name, data)
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # PyTorch's advice on padding='same' with even kernels.
                y = restored(row, self.functions[name](x, w, **arguments), rank)
        except REFUSALS:
            return None
        if not y.size:
            return None
        assert np.abs(y - np.rint(y)).max() < 0.25
        return np.rint(y).reshape(*y.shape[:2], *y.shape[2 + rank - len(data.shape) :])


@functools.cache
def samples(axis, n, k):
    """Which sample each tap of each output reads, from 1 on; 0 stands for a zero, −1 and −2 for what fills the ends."""
    low, high = (
        Constant(-1 - end) if isinstance(reads, Constant) else reads for end, reads in enumerate((axis.low, axis.high))
    )
    marked = dataclasses.replace(axis, low=low, high=high) if axis.input_dilation == 1 else axis
    outputs = range((n - 1) * axis.input_dilation + axis.lo + axis.hi - (k - 1) * axis.dilation + 1)[:: axis.stride]
    numbered = np.arange(1, n + 1)
    return np.array([[read(numbered, i + t * axis.dilation - axis.lo, marked) for t in range(k)] for i in outputs])


def with_ends(x, axis, position):
    """The samples with what `samples` calls 0, −2 and −1 around them."""
    zero = np.zeros_like(x.take([0], position))
    fills = (reads.value if isinstance(reads, Constant) else 0 for reads in (axis.high, axis.low))
    return np.concatenate([zero, x, *(zero + np.asarray(fill, x.dtype) for fill in fills)], position)


def apply_by_definition(signal, kernel, plan):
    """The canonical formula in place of the engine, which has tests of its own: nothing is compiled."""
    layout = plan.arrays
    x, w = np.asarray(signal).transpose(layout.signal_order), np.asarray(kernel).transpose(layout.kernel_order)
    if layout.signal_broadcast is not None:
        x = np.broadcast_to(x, layout.signal_broadcast)
    x, w = x.reshape(layout.signal_shape), w.reshape(layout.kernel_shape)
    if plan.flips:
        w = np.flip(w, tuple(range(2, w.ndim)))
    if plan.conjugates:
        w = np.conj(w)
    for position, axis in enumerate(plan.problem.geometry.axes):
        at = 2 + 2 * position
        read_by = samples(axis, x.shape[at], w.shape[2 + position])
        x = np.take(with_ends(x, axis, at), read_by, at)
    batch, channels, *pairs = x.shape
    x = x.reshape(batch, layout.groups, channels // layout.groups, *pairs)
    x = x.transpose(0, 1, *range(3, x.ndim, 2), 2, *range(4, x.ndim, 2)).reshape(batch, layout.groups, -1, w[0].size)
    y = np.einsum("bgpt,got->bgop", x, w.reshape(layout.groups, -1, w[0].size))
    return y.reshape(*layout.out_batch, *pairs[::2]).transpose(layout.out_order)


def draw(rng, source, target):
    """Data that both functions can hold, and a call of the source."""
    rows = [CONVENTIONS[name] for name in (source, target)]
    low = min(row.rank or 2 for row in rows)
    live = 2 if low > 1 and rng.random() < 0.25 else 1
    channels = {} if any(map(is_single, rows)) else draw_channels(rng, rows)
    real = any(name.startswith(REAL_ONLY) for name in (source, target))
    data = Data(
        tuple(rng.choice(LENGTHS) for _ in range(live)),
        tuple(rng.choice(TAPS[:3] if live > 1 else TAPS) for _ in range(live)),
        is_complex=not real and rng.random() < 0.5,
        **channels,
    )
    if rows[1].rank is None and rows[0].rank is not None:  # The target takes what the source takes.
        rank = rows[0].rank
        data = dataclasses.replace(data, shape=in_front(rank, data.shape, 1), taps=in_front(rank, data.taps, 1))
    return data, draw_call(rng, rows[0], data)


def is_conjugate(row, data, call):
    """Whether the function gives the conjugate of a correlation, which for real data does not show."""
    return call.mode in row.unconjugated and any(k > n for n, k in zip(data.shape, data.taps, strict=True))


def draw_channels(rng, rows):
    if any("multiplier" in row.kernel_layout for row in rows):
        grouped = all("groups" in row.kernel_layout or "multiplier" in row.kernel_layout for row in rows)
        return {"outputs": 4, "channels": 2, "groups": 2} if grouped else {"outputs": 3}
    groups = rng.choice((1, 2)) if all("groups" in row.kernel_layout for row in rows) else 1
    return {"outputs": 4, "channels": 2, "groups": groups}


def draw_call(rng, row, data):
    rank, live = row.rank or len(data.shape), len(data.shape)

    def steps(name, values):
        return in_front(rank, tuple(rng.choice(values) if name in row.steps else 1 for _ in range(live)), 1)

    call = Call(
        shape=in_front(rank, data.shape, 1),
        taps=in_front(rank, data.taps, 1),
        mode=None,
        boundary=rng.choice(list(row.boundaries)),
        origin=in_front(rank, tuple(rng.choice(origins(k)) if row.origin_sign else 0 for k in data.taps), 0),
        stride=steps("stride", STRIDES),
        dilation=steps("dilation", DILATIONS),
        input_dilation=steps("input_dilation", DILATIONS),
        output_padding=(0,) * rank,
    )
    kinds = [*row.modes] + ["number"] * (row.count is not None) * 2 + ["pair"] * row.pairs * 2
    mode = rng.choice(kinds)
    if mode == "number":
        mode = in_front(rank, tuple(rng.randint(0, k) for k in data.taps), 0)
    elif mode == "pair":
        mode = in_front(rank, tuple((rng.randint(0, k), rng.randint(0, k)) for k in data.taps), (0, 0))
    if "output_padding" in row.steps:
        steps = zip(call.stride, call.dilation, strict=True)
        least = -2 if row.result_lengths else 0
        extra = tuple(rng.randint(least, max(least + 1, *step) - 1 if least == 0 else 2) for step in steps)[-live:]
        call = dataclasses.replace(call, output_padding=in_front(rank, extra, 0))
    return dataclasses.replace(call, mode=mode)


def origins(taps):
    """Those with which the centre stays within the kernel."""
    return range(-(taps // 2), (taps - 1) // 2 + 1)


def in_front(rank, values, fill):
    return (fill,) * (rank - len(values)) + values


def every_call(row, source, data, call, lengths):
    """Every call of the function with the steps of the source's `call`, or none, that gives results of these lengths:
    all words, boundaries and origins, all pads up to the extent.
    """
    missing = (row.rank or len(data.shape)) - len(data.shape)
    shape, taps = (1,) * missing + data.shape, (1,) * missing + data.taps
    dilation = call.dilation[-len(data.taps) :] if "dilation" in row.steps else (1,) * len(data.taps)
    reach = [(k - 1) * d + 1 for k, d in zip(data.taps, dilation, strict=True)]
    dead = [range(1)] * missing
    boundaries = {reads: name for name, reads in reversed(row.boundaries.items())}.values()
    places = [*dead, *(origins(k) if row.origin_sign else range(1) for k in data.taps)]
    extras = [*dead, *(range(-3, 4) if "output_padding" in row.steps else range(1) for _ in data.taps)]
    for stride, insert in every_step(row, source, call, len(data.shape)):
        modes = [*row.modes]
        if row.count is not None:
            most = [n + k if row.rank == 1 else k for n, k in zip(data.shape, reach, strict=True)]
            modes += itertools.product(*dead, *(range(number + 1) for number in most))
        if row.pairs:
            modes += itertools.product(
                *[[(0, 0)]] * missing, *(itertools.product(range(k + 1), repeat=2) for k in reach)
            )
        steps = {
            name: (1,) * missing + values
            for name, values in (("stride", stride), ("dilation", dilation), ("input_dilation", insert))
        }
        for mode, boundary, origin, extra in itertools.product(
            modes, boundaries, itertools.product(*places), itertools.product(*extras)
        ):
            other = Call(shape, taps, mode, boundary, origin, output_padding=extra, **steps)
            if has_lengths(row, other, lengths):
                yield other


def has_lengths(row, call, lengths):
    """Whether results of the call can be that long."""
    missing = len(call.shape) - len(lengths)
    for at, length in enumerate((1,) * missing + tuple(lengths)):
        options = {name: getattr(call, name)[at] for name in ("stride", "dilation", "origin", "output_padding")}
        mode = call.mode if isinstance(call.mode, str) else call.mode[at]
        try:
            lo, hi = row.padding(call.shape[at], call.taps[at], mode=mode, **options)
        except SigconvError:
            return False
        insert = options["stride"] if row.transposed else call.input_dilation[at]
        stride = 1 if row.transposed else options["stride"]
        spare = (call.shape[at] - 1) * insert + lo + hi - (call.taps[at] - 1) * options["dilation"]
        if spare // stride + 1 != length:
            return False
    return True


def every_step(row, source, call, live):
    """The strides and input dilations that do what those of the source's call do, and ones."""
    ones = (1,) * live
    stride, insert = call.stride[-live:], call.input_dilation[-live:]
    if source.transposed:
        stride, insert = ones, stride
    if row.transposed:
        stride, insert = (insert, ones) if stride == ones else (ones, ones)
    can = (stride == ones or "stride" in row.steps) and (insert == ones or "input_dilation" in row.steps)
    return dict.fromkeys([(stride, insert), (ones, ones)] if can else [(ones, ones)])


def check_pair(call_of, source, target, draws):
    """What `reproduce` promises holds, and where it refuses there is nothing."""
    rng, made = random.Random(f"{source} {target}"), 0
    for _ in range(400 * draws):
        data, call = draw(rng, source, target)
        wanted = call_of(source, data, CONVENTIONS[source].arguments(call))
        if wanted is None or is_conjugate(CONVENTIONS[source], data, call):
            continue
        made += 1
        if made == 1:  # Each shape of kernel would compile its own programs.
            converted = convert_kernel(kernel_of(source, data), source=source, target=target, groups=data.groups)
            np.testing.assert_array_equal(converted, kernel_of(target, data))
        options = {name: getattr(call, name) for name in ("mode", "boundary", "stride", "dilation", "origin")}
        options |= {"input_dilation": call.input_dilation, "output_padding": call.output_padding}
        try:
            arguments = convention(target).reproduce(convention(source), call.shape, call.taps, **options)
        except OptionError:
            lengths = wanted.shape[2:]
            found = [
                other
                for other in every_call(CONVENTIONS[target], CONVENTIONS[source], data, call, lengths)
                if not is_conjugate(CONVENTIONS[target], data, other)
                and np.array_equal(call_of(target, data, CONVENTIONS[target].arguments(other)), wanted)
            ]
            assert not found, f"{target} does {source} {call} on {data} as {found[0]}"
        else:
            y = call_of(target, data, arguments)
            assert y is not None, f"{target} refuses {arguments}, for {source} {call} on {data}"
            np.testing.assert_array_equal(y, wanted, err_msg=f"{target} {arguments} for {source} {call} on {data}")
        if made == draws:
            return
    pytest.fail(f"only {made} draws of {source} gave a result")
