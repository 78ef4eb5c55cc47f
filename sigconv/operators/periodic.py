"""`circulant`: the operator of a kernel, or of a filter, on periodic signals."""

import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, floating, is_complex
from sigconv._core.errors import OptionError, ShapeError, front_door
from sigconv._core.geometry import Axis, Geometry
from sigconv._core.options import lengths_per_axis
from sigconv._engine.spectra import spread
from sigconv._filter.layer import regrouped
from sigconv.filter import Filter
from sigconv.operators import spectrum as spectra
from sigconv.operators.circulant import Circulant


@front_door("circulant")
def circulant(kernel: ArrayLike | Filter, shape: tuple[int, ...]) -> Circulant:
    """M(a): circular convolution with a kernel on a grid, as an operator whose `.kernel` is V.

    `circulant(a, n) @ circulant(b, n)` is the circulant of a convolved with b: with a grid that holds it, its kernel is
    `convolve(a, b)` followed by zeros.

    Args:
        kernel: Taps of a true convolution, from index 0; more taps than the grid has wrap around. A Filter of stride 1
            is taken as what it does to periodic signals.
        shape: Of the grid.
    Shapes:
        kernel (*taps) → an operator on (*shape); (c_out, c_in, *taps) → one from (c_in, *shape) to (c_out, *shape).
    Raises:
        ShapeError: The kernel has neither as many axes as the grid nor two more.
        OptionError: A Filter strides or has a bias.
    Example:
        >>> M = lambda a: circulant(a, (4,))
        >>> jnp.round((M([1.0, 2.0]) @ M([1.0, 10.0])).kernel, 4).tolist()
        [1.0, 12.0, 20.0, 0.0]
    """
    grid = lengths_per_axis("shape", shape)
    if isinstance(kernel, Filter):
        return _of_filter(kernel, grid)
    a = as_operand("kernel", kernel)
    if a.ndim not in (len(grid), len(grid) + 2) or 0 in a.shape:
        raise ShapeError(
            f"`kernel` must have as many axes as the grid, or two more for channels, and not be empty; got shape "
            f"{a.shape} for {grid}."
        )
    channels = a.ndim > len(grid)
    a = a.astype(floating(a))
    taps = a if channels else a.reshape(1, 1, *a.shape)
    return Circulant(spectra.to_spectrum(taps, grid), grid, channels, not is_complex(a.dtype))


def _of_filter(filter: Filter, grid: tuple[int, ...]) -> Circulant:
    layer = filter.layer
    if layer.is_strided():
        raise OptionError(
            f"`kernel` must be a filter of stride 1; got {layer.stride}. `operators.Convolution` takes strided ones, "
            "and `operators.singular_values` their spectrum."
        )
    if layer.bias is not None:
        raise OptionError("`kernel` must be a filter without bias, as an operator is linear.")
    lengths_per_axis("shape", grid, filter.rank)
    w = regrouped(layer.weights, layer.groups, 1)
    w = w.astype(floating(w))
    # Correlation reads x[n + t·dilation − lo], so the tap stands at lo − t·dilation of the convolution's kernel.
    spaced = spread(w, Geometry(tuple(Axis(dilation=d) for d in layer.dilation)))
    w = lax.rev(spaced, tuple(range(2, w.ndim)))
    matrices = spectra.to_spectrum(w, grid)
    real = not is_complex(w.dtype)
    for axis, (length, lo, reach) in enumerate(zip(grid, layer.lo, layer.reach, strict=True)):
        # It begins at lo − reach instead of 0: a turn of each frequency.
        kept = matrices.shape[axis]
        turns = (np.arange(kept) * (lo - reach)) % length / length
        phase = jnp.asarray(np.exp(-2j * np.pi * turns), matrices.dtype)
        shaped = phase.reshape([kept if i == axis else 1 for i in range(matrices.ndim)])
        matrices = matrices * jnp.broadcast_to(shaped, matrices.shape)
    return Circulant(matrices, grid, filter.channels, real)
