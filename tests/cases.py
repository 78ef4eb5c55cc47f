"""The geometries and the data that the engine is tested on."""

import dataclasses

import numpy as np
import pytest

from sigconv._core.boundary import ZERO, Constant, Rule
from sigconv._core.geometry import Axis, Geometry
from sigconv._engine.method import Problem
from sigconv._engine.overlap import OverlapSave
from sigconv._engine.run import METHODS


@dataclasses.dataclass(frozen=True)
class Case:
    """One geometry over operands of given shapes."""

    name: str
    geometry: Geometry
    signal: tuple[int, ...]
    weights: tuple[int, ...]

    def __str__(self):
        return self.name


def case(name, signal, weights, *axes, groups=1):
    return Case(name, Geometry(tuple(axes), groups), signal, weights)


def both(lo, hi, rule, **steps):
    return Axis(lo, hi, low=rule, high=rule, **steps)


CASES = [
    # Lengths and pads on one axis.
    case("valid", (2, 1, 20), (1, 1, 4), Axis()),
    case("full", (1, 1, 20), (1, 1, 5), Axis(4, 4)),
    case("same", (1, 1, 21), (1, 1, 6), Axis(3, 2)),
    case("one tap", (1, 1, 7), (1, 1, 1), Axis()),
    case("one sample", (1, 1, 1), (1, 1, 3), Axis(2, 2)),
    case("kernel longer", (1, 1, 5), (1, 1, 9), Axis(8, 8)),
    case("one output", (1, 1, 9), (1, 1, 9), Axis()),
    case("pads beyond full", (1, 1, 6), (1, 1, 3), Axis(5, 7)),
    case("pads far beyond full", (1, 1, 4), (1, 1, 2), Axis(23, 31)),
    case("crop low", (1, 1, 20), (1, 1, 3), Axis(-4, 1)),
    case("crop high", (1, 1, 20), (1, 1, 3), Axis(2, -5)),
    case("crop both", (1, 1, 20), (1, 1, 3), Axis(-3, -2)),
    # Steps.
    case("stride 2", (1, 1, 20), (1, 1, 3), Axis(1, 1, stride=2)),
    case("stride 3 past the end", (1, 1, 20), (1, 1, 4), Axis(2, 2, stride=3)),
    case("stride beyond kernel", (1, 1, 22), (1, 1, 2), Axis(stride=5)),
    case("dilation 3", (1, 1, 20), (1, 1, 4), Axis(4, 5, dilation=3)),
    case("input dilation 2", (1, 1, 11), (1, 1, 4), Axis(3, 2, input_dilation=2)),
    case("input dilation 3, crop", (1, 1, 9), (1, 1, 4), Axis(-1, -2, input_dilation=3)),
    case("inserted zeros only", (1, 1, 4), (1, 1, 1), Axis(1, 1, stride=2, input_dilation=2)),
    case("every other tap", (1, 1, 6), (1, 1, 5), Axis(2, 2, stride=2, input_dilation=2)),
    case("all steps", (1, 1, 14), (1, 1, 3), Axis(3, 4, stride=2, dilation=2, input_dilation=3)),
    # Boundaries.
    case("edge", (1, 1, 12), (1, 1, 4), both(2, 1, Rule.EDGE)),
    case("reflect", (1, 1, 12), (1, 1, 5), both(2, 2, Rule.REFLECT)),
    case("reflect over and over", (1, 1, 3), (1, 1, 9), both(8, 7, Rule.REFLECT)),
    case("symmetric", (1, 1, 12), (1, 1, 4), both(1, 2, Rule.SYMMETRIC)),
    case("symmetric over and over", (1, 1, 2), (1, 1, 7), both(6, 6, Rule.SYMMETRIC)),
    case("circular", (1, 1, 12), (1, 1, 5), both(2, 2, Rule.PERIODIC)),
    case("circular, off centre", (1, 1, 15), (1, 1, 4), both(7, -4, Rule.PERIODIC)),
    case("circular, awkward length", (1, 1, 13), (1, 1, 4), both(3, 0, Rule.PERIODIC)),
    case("circular, kernel longer", (1, 1, 6), (1, 1, 15), both(7, 7, Rule.PERIODIC)),
    case("circular, stride and dilation", (1, 1, 12), (1, 1, 3), both(2, 2, Rule.PERIODIC, stride=2, dilation=2)),
    case("periodic, full", (1, 1, 9), (1, 1, 4), both(3, 3, Rule.PERIODIC)),
    case("constant", (1, 1, 12), (1, 1, 4), both(3, 3, Constant(3))),
    case("sides", (1, 1, 12), (1, 1, 5), Axis(3, 4, low=Rule.EDGE, high=Rule.PERIODIC)),
    case("sides, zero and constant", (1, 1, 12), (1, 1, 5), Axis(4, 2, low=ZERO, high=Constant(-2))),
    # Axes.
    case("2-d", (2, 1, 9, 8), (1, 1, 3, 4), Axis(1, 1), Axis(2, 1)),
    case("2-d, inserted, kernel longer", (1, 1, 1, 9), (1, 1, 3, 2), Axis(1, 1), Axis(input_dilation=2)),
    case("2-d, mixed", (1, 1, 9, 8), (1, 1, 2, 3), both(1, 0, Rule.SYMMETRIC, stride=2), Axis(1, 1, dilation=2)),
    case("2-d, circular and edge", (1, 1, 8, 7), (1, 1, 3, 3), both(1, 1, Rule.PERIODIC), both(1, 1, Rule.EDGE)),
    case("3-d", (1, 1, 5, 4, 6), (1, 1, 2, 3, 2), Axis(1, 0), Axis(1, 1), Axis(0, 1, stride=2)),
    case("4-d", (1, 1, 3, 3, 3, 4), (1, 1, 2, 1, 2, 2), Axis(1, 0), Axis(), Axis(), Axis(1, 1)),
    # Channels.
    case("dense", (2, 3, 10), (4, 3, 3), Axis(1, 1)),
    case("grouped", (1, 4, 10), (6, 2, 3), Axis(1, 1), groups=2),
    case("depthwise", (2, 3, 10), (3, 1, 4), Axis(2, 1), groups=3),
    case("depthwise, multiplier", (1, 2, 10), (6, 1, 3), Axis(), groups=2),
    case("fan out", (1, 1, 10), (3, 1, 3), Axis()),
    case("2-d, dense", (2, 2, 6, 7), (3, 2, 3, 2), Axis(1, 1, stride=2), Axis(1, 0)),
    case(
        "3-d, grouped",
        (1, 4, 4, 3, 4),
        (4, 2, 2, 2, 2),
        Axis(1, 0, stride=2),
        Axis(0, 1),
        Axis(1, 1, dilation=2),
        groups=2,
    ),
    case("2-d, transposed", (1, 4, 4, 3), (4, 2, 3, 3), *2 * (Axis(1, 2, input_dilation=2),), groups=2),
]

BY_NAME = {c.name: c for c in CASES}

SUBSET = [
    BY_NAME[name]
    for name in (
        "full",
        "kernel longer",
        "crop both",
        "stride 3 past the end",
        "all steps",
        "reflect",
        "circular, stride and dilation",
        "constant",
        "sides",
        "2-d, mixed",
        "grouped",
        "2-d, transposed",
    )
]
"""Where every dtype and gradients are tested, by `full` at the latest: at most 12."""

FEW = [
    BY_NAME[name] for name in ("all steps", "circular, stride and dilation", "2-d, mixed", "grouped", "2-d, transposed")
]
"""Those of the subset that `make test` keeps: every step, both kinds of ends, axes, groups."""

RUNNERS = {**METHODS, "overlap, short blocks": OverlapSave(block=16)}
"""Every method, and the one parameter that changes its path."""


def pairs(cases, runners, often=CASES):
    """Each case with each of the named methods that can do it; those that are not among `often` wait for `full`."""
    return [
        pytest.param(case, runner, id=f"{case}-{runner}", marks=() if case in often else pytest.mark.full)
        for case in cases
        for runner in runners
        if RUNNERS[runner].refusal(Problem(case.geometry, case.signal, case.weights, np.dtype("float32"))) is None
    ]


KINDS = ("white", "positive", "constant", "offset")
FLOATS = ("float32", "float64", "complex64", "complex128", "bfloat16", "float16")
INTEGERS = ("int8", "uint8", "int16", "int32")


def draw(rng, shape, dtype, kind="white"):
    """An array of the given dtype: white noise, positive noise, a constant, or noise on a large offset."""
    dtype = np.dtype(dtype) if dtype != "bfloat16" else dtype
    if dtype != "bfloat16" and dtype.kind in "iu":
        limits = np.iinfo(dtype)
        return rng.integers(limits.min, limits.max, shape, dtype, endpoint=True)
    noise = rng.standard_normal(shape)
    a = {"white": noise, "positive": np.abs(noise), "constant": np.full(shape, 0.7), "offset": noise + 100}[kind]
    if dtype != "bfloat16" and dtype.kind == "c":
        a = a + 1j * rng.standard_normal(shape)
    if dtype == "bfloat16":
        import ml_dtypes

        return a.astype(ml_dtypes.bfloat16)
    return a.astype(dtype)
