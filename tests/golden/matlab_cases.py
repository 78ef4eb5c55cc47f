"""Calls of MATLAB's functions whose results, as GNU Octave gives them, are kept in matlab.json."""

import dataclasses
import itertools
import pathlib

import numpy as np

RESULTS = pathlib.Path(__file__).with_name("matlab.json")
CLASSES = {"logical": "bool", "single": "float32", "double": "float64"}
"""MATLAB's names of classes that NumPy calls otherwise."""


@dataclasses.dataclass(frozen=True)
class Operand:
    """Small whole numbers of both signs, without a pattern that a flip or a shift would keep.

    Attributes:
        shape: Of the array; one number is a vector.
        kind: MATLAB's class.
        scale: What they are multiplied by; a power of two, so that nothing is rounded.
        is_complex: Whether there is an imaginary part.
    """

    shape: tuple[int, ...]
    kind: str = "double"
    scale: float = 1.0
    is_complex: bool = False

    def array(self, seed):
        count = np.arange(np.prod(self.shape, dtype=int))
        values = (count * (7 + seed) + count**2 // 3 + seed) % 11 - 4.0
        if self.kind == "logical":
            values = values % 2
        elif self.kind.startswith("uint"):
            values = abs(values)
        values = values * self.scale
        if self.is_complex:
            values = values + 1j * ((count * 5 + seed) % 7 - 2.0)
        dtype = np.dtype(CLASSES.get(self.kind, self.kind))
        return values.reshape(self.shape).astype(np.result_type(dtype, np.complex64) if self.is_complex else dtype)


@dataclasses.dataclass(frozen=True)
class Case:
    """One call: the function, its arrays, and the words and numbers behind them."""

    function: str
    operands: tuple[Operand, ...]
    words: tuple[object, ...] = ()

    def arrays(self):
        return [operand.array(seed) for seed, operand in enumerate(self.operands)]

    def __str__(self):
        operands = ",".join(
            f"{'x'.join(map(str, o.shape))}{o.kind[0] + o.kind[-1] if o.kind != 'double' else ''}{'i' * o.is_complex}"
            for o in self.operands
        )
        return f"{self.function}({operands}){list(self.words)}"


def vector(n, *options, **more):
    return Operand((n,), *options, **more)


def plane(n, m, *options, **more):
    return Operand((n, m), *options, **more)


SHAPES = ("full", "same", "valid")
PAIRS = [("double", "double"), ("single", "double"), ("uint8", "int16"), ("int16", "single"), ("logical", "uint8")]
IMAGES = [("double", 1.0), ("single", 0.5), ("uint8", 20.0), ("uint8", 1.0), ("int16", 3.0), ("int16", 5000.0)]
FRACTIONS = [(plane(2, 3, scale=0.5)), (plane(3, 2, scale=0.25)), (plane(1, 1, scale=0.5)), (plane(3, 3, scale=2.0))]
BORDERS = (0, 7, "replicate", "symmetric", "circular")

CASES = [
    *(
        Case("conv", (vector(n, is_complex=first), vector(k, is_complex=second)), (shape,))
        for n, k, shape in itertools.product((3, 9), range(1, 9), SHAPES)
        for first, second in ((False, False), (True, True))
    ),
    *(Case("conv", (vector(5, first), vector(2, second))) for first, second in PAIRS),
    *(Case("conv", (vector(5, is_complex=i), vector(4, is_complex=not i)), ("same",)) for i in (False, True)),
    *(Case("conv2", (plane(4, 6), plane(k, 9 - k)), (shape,)) for k, shape in itertools.product(range(1, 9), SHAPES)),
    *(Case("conv2", (vector(k), vector(9 - k), plane(4, 6)), (s,)) for k, s in itertools.product(range(1, 9), SHAPES)),
    *(Case("conv2", (plane(3, 4, first), plane(2, 2, second)), ("same",)) for first, second in PAIRS),
    *(Case("conv2", (plane(3, 4, is_complex=i), plane(2, 3, is_complex=True)), ("same",)) for i in (False, True)),
    Case("conv2", (vector(2, "single"), vector(3), plane(3, 4))),
    *(
        Case("convn", (Operand(shape), Operand(taps)), (word,))
        for shape, taps in [
            ((3, 4, 5), (2, 3, 4)),
            ((2, 3, 2), (3, 1, 2)),
            ((3, 4, 2), (2, 3)),
            ((3, 4), (2, 1, 2)),
            ((2, 3, 2, 2), (2, 2, 1, 2)),
        ]
        for word in SHAPES
    ),
    *(Case("convn", (Operand((2, 3, 2), first), Operand((2, 2, 2), second))) for first, second in PAIRS),
    *(
        Case("cconv", (vector(n, is_complex=i), vector(k, is_complex=i)), (period,))
        for n, k, i in [(5, 3, False), (2, 6, False), (4, 4, True)]
        for period in range(1, n + k + 3)
    ),
    *(Case("cconv", (vector(4, kind), vector(3))) for kind in ("double", "single", "uint8", "int16")),
    *(
        Case("xcorr", (vector(n, is_complex=i), vector(k, is_complex=i)), words)
        for n, k in [(5, 5), (6, 2), (3, 8)]
        for i in (False, True)
        for words in [(), (0,), (2,), (9,)]
    ),
    *(
        Case("xcorr", operands, (*lag, word))
        for operands in [
            (vector(6),),
            (vector(6), vector(6)),
            (vector(5, is_complex=True), vector(5, is_complex=True)),
            (vector(7, is_complex=True),),
            (plane(5, 3),),
            (plane(4, 2, is_complex=True),),
        ]
        for lag in [(), (0,), (2,), (8,)]
        for word in ("none", "biased", "unbiased", "coeff", "normalized")
    ),
    *(Case("xcorr", (vector(5, first), vector(5, second)), ("biased",)) for first, second in PAIRS[:4]),
    *(Case("xcorr2", (plane(4, 6), plane(k, 9 - k))) for k in range(1, 9)),
    *(Case("xcorr2", (plane(3, 4, is_complex=i), plane(2, 3, is_complex=True))) for i in (False, True)),
    *(Case("xcorr2", (plane(3, 4, kind),)) for kind in ("double", "single", "uint8", "int16")),
    *(
        Case("filter2", (plane(k, 9 - k), plane(4, 6)), words)
        for k, words in itertools.product(range(1, 9), [(), *((shape,) for shape in SHAPES)])
    ),
    *(Case("filter2", (plane(2, 3, is_complex=True), plane(3, 4, is_complex=i))) for i in (False, True)),
    *(Case("filter2", (plane(2, 2, second), plane(3, 4, first)), ("full",)) for first, second in PAIRS),
    *(
        Case("imfilter", (plane(4, 5), plane(k, 9 - k)), (border, *words))
        for k, border, words in itertools.product(
            range(1, 9), BORDERS, [(), ("conv",), ("full",), ("full", "conv"), ("same", "corr")]
        )
        if words != ("same", "corr") or k == 2
    ),
    *(
        Case("imfilter", (plane(4, 5, kind, scale=scale), kernel), words)
        for (kind, scale), kernel in itertools.product(IMAGES, FRACTIONS)
        for words in [(), ("conv", 3.5), ("replicate", "full")]
    ),
    *(
        Case("imfilter", (plane(4, 5, kind), plane(1, 2)), (border,))
        for kind, border in [("uint8", 300), ("uint8", -2), ("uint8", 0.5), ("uint8", 1.25), ("int16", -2.5)]
    ),
    *(Case("imfilter", (Operand((4, 5, 3), kind), plane(2, 3)), ("circular",)) for kind in ("double", "uint8")),
    Case("imfilter", (plane(4, 5), plane(2, 3, is_complex=True)), ("symmetric",)),
]
