"""The transforms as loops over their formulas, in float64. Nothing is clever here."""

import numpy as np

MODES = (
    "zero",
    "constant",
    "symmetric",
    "periodic",
    "smooth",
    "periodization",
    "reflect",
    "antisymmetric",
    "antireflect",
)


def read(x, i, mode):
    """x̃[i], step by step as the pictures of the modes go."""
    n = len(x)
    if 0 <= i < n:
        return x[i]
    if mode == "zero":
        return 0.0
    if mode == "constant" or (n == 1 and mode in ("reflect", "antireflect", "smooth")):
        return x[0] if i < 0 else x[-1]
    if mode in ("periodic", "periodization"):
        return x[i % n]
    if mode == "smooth":
        return x[0] + i * (x[1] - x[0]) if i < 0 else x[-1] + (i - n + 1) * (x[-1] - x[-2])
    if mode in ("symmetric", "antisymmetric"):
        sign = 1 if mode == "symmetric" else -1
        return sign * read(x, -1 - i if i < 0 else 2 * n - 1 - i, mode)
    mirrored = read(x, -i if i < 0 else 2 * (n - 1) - i, mode)
    return mirrored if mode == "reflect" else 2 * (x[0] if i < 0 else x[-1]) - mirrored


def analyse(x, f, mode):
    """One band of a vector."""
    n, taps = len(x), len(f)
    if mode == "periodization":
        x = np.append(x, x[-1]) if n % 2 else x
        return np.array(
            [sum(f[j] * read(x, 2 * k + taps // 2 - j, mode) for j in range(taps)) for k in range((n + 1) // 2)]
        )
    count = (n + taps - 1) // 2
    return np.array([sum(f[j] * read(x, 2 * k + 1 - j, mode) for j in range(taps)) for k in range(count)])


def synthesise(c, g, mode):
    """What one band gives to the signal."""
    count, taps = len(c), len(g)
    if mode == "periodization":
        x = np.zeros(2 * count, np.result_type(c, g))
        for k in range(count):
            for t in range(taps):
                x[(2 * k - taps // 2 + 1 + t) % (2 * count)] += c[k] * g[t]
        return x
    x = np.zeros(2 * count - taps + 2, np.result_type(c, g))
    for n in range(len(x)):
        x[n] = sum(c[k] * g[n - 2 * k + taps - 2] for k in range(count) if 0 <= n - 2 * k + taps - 2 < taps)
    return x


def stationary(x, f, dilation):
    """One band of a vector, as long as the vector."""
    taps = len(f)
    return np.array(
        [sum(f[j] * x[(k + (taps // 2 - j) * dilation) % len(x)] for j in range(taps)) for k in range(len(x))]
    )


def reach(x, taps, mode, axis=-1):
    """The largest magnitude that a transform reads."""
    rows = np.moveaxis(np.asarray(x), axis, -1).reshape(-1, np.shape(x)[axis])
    reads = range(-taps, rows.shape[1] + taps + 1)
    return max(abs(read(row, i, mode)) for row in rows for i in reads)
