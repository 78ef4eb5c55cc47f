"""Overlap-save of rows that are not mixed, two blocks at a time, each pair by itself.

On a CPU such a pair stays in a core's cache, and pairs run side by side. XLA shares small work on arrays of several
axes out to all cores, pass by pass, and one transform of many rows only if it starts on the right thread; of arrays of
one axis it makes neither.
"""

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._engine import spectra
from sigconv._engine.cuts import Cut
from sigconv._engine.windows import windows


def pairwise(x: jax.Array, spectra_of: jax.Array, axes: tuple[Cut, ...], cycle: spectra.Cycle, lead: int) -> jax.Array:
    """Correlate every row with its kernel, all but the first axis whole.

    Args:
        lead: Zeros in front that the rows are not padded with.
    Shapes:
        x (batch, channel, *space), spectra_of (channel, 1, *frequencies) → (batch, channel, *lags).
    """
    batch, channels = x.shape[:2]
    rows = lax.split(x.reshape(batch * channels, *x.shape[2:]), [1] * batch * channels, 0)
    kernels = lax.split(spectra_of.reshape(channels, *spectra_of.shape[2:]), [1] * channels, 0)
    kernels = [kernel.reshape(kernel.shape[1:]) for kernel in kernels]
    results = [
        result
        for number, row in enumerate(rows)
        for result in _row(row.reshape(row.shape[1:]), kernels[number % channels], axes, cycle, lead)
    ]
    lags = (axes[0].count + axes[0].count % 2) * axes[0].step
    return lax.concatenate(results, 0).reshape(batch, channels, lags, *results[0].shape[2:])


def _row(x: jax.Array, spectrum: jax.Array, axes: tuple[Cut, ...], cycle: spectra.Cycle, lead: int) -> list[jax.Array]:
    """The outputs of each pair, (2, step, *lags)."""
    first, *others = axes
    starts = range(-lead, (first.count + first.count % 2) * first.step - lead, first.step)
    # Each block is read from the row by itself: XLA makes one pass of that and of packing two.
    blocks = windows(x, 0, [(start, start + first.block) for start in starts])
    results = []
    for pair in zip(blocks[0::2], blocks[1::2], strict=True):
        z = lax.complex(*pair)
        y = spectra.inverse(spectra.transform(z, cycle) * spectrum, cycle, z.dtype)
        y = y[(slice(0, first.step), *(slice(0, cut.lags) for cut in others))]
        results.append(jnp.stack([lax.real(y), lax.imag(y)]))
    return results
