"""Low-pass filters by factorisation of Daubechies' half-band polynomial, in float64.

With y = sin²(ω/2) = (2 − z − 1/z)/4, two low-pass filters with 2L zeros at π in sum have a half-band product if it is

    cos(ω/2)^{2L} P(y),   P(y) = Σ_{k<L} C(L−1+k, k) y^k.

Orthogonal filters take from each pair of zeros (z, 1/z) one, the one inside the circle (Daubechies) or whichever makes
the phase straightest (symlets); biorthogonal ones share the zeros out so that both filters are symmetric.

Reference:
    I. Daubechies, Ten Lectures on Wavelets, SIAM 1992, sections 6.1, 6.4, 8.3.
"""

import math
from collections.abc import Iterable

import numpy as np

_STRAIGHTEST = {
    2: (0,),
    3: (0,),
    4: (0, 1),
    5: (1, 0),
    6: (1, 0, 1),
    7: (1, 0, 0),
    8: (0, 1, 0, 1),
    9: (0, 1, 1, 0),
    10: (1, 0, 1, 0, 1),
}
"""Of each root of P, by size, whether the symlet takes the zeros outside the circle: as MATLAB and PyWavelets do."""

_SPLINES = {1: (1, 3, 5), 2: (2, 4, 6, 8), 3: (1, 3, 5, 7, 9)}
"""The zeros at π of the analysis by those of the synthesis, where the analysis takes all of P."""

_SHARES = {"4.4": (4, 4, (0,)), "5.5": (6, 4, (0,)), "6.8": (6, 8, (1,))}
"""Zeros at π of synthesis and analysis, and which roots of P, by size, the synthesis takes."""

BIORTHOGONAL = (*(f"{zeros}.{others}" for zeros, many in _SPLINES.items() for others in many), *_SHARES)


def daubechies(order: int) -> np.ndarray:
    """The 2·order analysis taps with the least phase."""
    return _orthogonal(order, (0,) * (order // 2))


def symlet(order: int) -> np.ndarray:
    """The 2·order analysis taps with about a linear phase."""
    return _orthogonal(order, _STRAIGHTEST[order])


def biorthogonal(name: str) -> tuple[np.ndarray, np.ndarray]:
    """The low-pass taps of analysis and synthesis, filled with zeros to one even length."""
    if name in _SHARES:
        zeros, others, mine = _SHARES[name]
        roots = _roots((zeros + others) // 2)
        pairs = [[zero for y in root for zero in _zeros(y)] for root in roots]
        synthesis = _low_pass(zeros, (z for number in mine for z in pairs[number]))
        rest = (number for number in range(len(roots)) if number not in mine)
        analysis = _low_pass(others, (z for number in rest for z in pairs[number]))
    else:
        zeros, others = map(int, name.split("."))
        synthesis = _low_pass(zeros, ())
        # Dyadic rationals, and exact up to the √2.
        analysis = math.sqrt(2) * np.convolve(_binomial(others), _half_band((zeros + others) // 2))
    taps = max(len(analysis), len(synthesis))
    taps += taps % 2
    return _centred(analysis, taps, taps // 2), _centred(synthesis, taps, (taps - 1) // 2)


def _orthogonal(order: int, outside: Iterable[int]) -> np.ndarray:
    roots = _roots(order)
    return _low_pass(order, (_zeros(y)[far] for root, far in zip(roots, outside, strict=True) for y in root))


def _coefficients(order: int) -> list[float]:
    return [float(math.comb(order - 1 + k, k)) for k in range(order)]


def _half_band(order: int) -> np.ndarray:
    """P as taps: y is (−1, 2, −1)/4."""
    taps = np.zeros(2 * order - 1)
    power = np.ones(1)
    for number, coefficient in enumerate(_coefficients(order)):
        middle = order - 1
        taps[middle - number : middle + number + 1] += coefficient * power
        power = np.convolve(power, [-0.25, 0.5, -0.25])
    return taps


def _roots(order: int) -> list[tuple[complex, ...]]:
    """The roots of P by size: real ones alone, others with their conjugates."""
    p = np.array(_coefficients(order)[::-1])
    roots = np.roots(p).astype(complex)
    for _ in range(4):
        # The eigenvalues of the companion matrix to the last digits.
        roots = roots - np.polyval(p, roots) / np.polyval(np.polyder(p), roots)
    upper = sorted((y for y in roots if y.imag > -1e-6), key=abs)
    return [(y.real,) if abs(y.imag) < 1e-6 else (y, y.conjugate()) for y in upper]


def _zeros(y: complex) -> tuple[complex, complex]:
    """The z inside and outside the circle with z + 1/z = 2 − 4y."""
    half = 1 - 2 * y
    root = np.sqrt(complex(half * half - 1))
    far = half + root if abs(half + root) > abs(half - root) else half - root
    return 1 / far, far


def _low_pass(order: int, zeros: Iterable[complex]) -> np.ndarray:
    """√2 ((1 + z)/2)^order ∏ (z − zero)/(1 − zero)."""
    # The zeros at π first: they keep the others' products small, and rounding with them.
    taps = _binomial(order).astype(complex)
    for zero in zeros:
        taps = np.convolve(taps, np.array([-zero, 1]) / (1 - zero))
    return math.sqrt(2) * np.real(taps)


def _binomial(order: int) -> np.ndarray:
    """((1 + z)/2)^order."""
    return np.array([math.comb(order, k) / 2**order for k in range(order + 1)])


def _centred(taps: np.ndarray, length: int, middle: int) -> np.ndarray:
    """The taps among zeros; those of odd length have their middle tap at `middle`."""
    before = middle - (len(taps) - 1) // 2 if len(taps) % 2 else (length - len(taps)) // 2
    return np.pad(taps, (before, length - len(taps) - before))
