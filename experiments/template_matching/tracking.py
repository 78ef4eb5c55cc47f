"""Follow a patch from frame to frame: near its last pose, the peak over rows, columns and angles at once."""

from collections.abc import Iterator
from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import sigconv
from sigconv.matching import transform_bank

HALF = 24
"""The patch is a disc of so many pixels around its middle."""
_REACH = 16
"""How far it may move from one frame to the next, in pixels along either axis."""
_STEP = float(np.deg2rad(3))
_TURNS = 2
"""Angles of the bank, so far apart and so many to either side of the last one."""


def follow(frames: np.ndarray, start: tuple[int, int], *, is_turned: bool) -> Iterator[tuple[np.ndarray, float, float]]:
    """Place, angle and score of the patch in every frame; it is cut from the first one.

    Args:
        frames: (n, H, W).
        start: Its middle in the first frame.
        is_turned: Whether it is also looked for turned; else as it was cut.
    """
    row, column = start
    template = frames[0, row - HALF : row + HALF + 1, column - HALF : column + HALF + 1].astype(np.float32)
    place, angle = jnp.asarray(start, jnp.float32), jnp.float32(0)
    for frame in frames:
        place, angle, score = _step(frame, template, place, angle, turns=_TURNS if is_turned else 0)
        yield np.asarray(place), float(angle), float(score)


@partial(jax.jit, static_argnames="turns")
def _step(
    frame: jax.Array, template: jax.Array, place: jax.Array, angle: jax.Array, *, turns: int
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """The best pose near the last one, between pixels and between angles."""
    disc = np.hypot(*np.mgrid[-HALF : HALF + 1, -HALF : HALF + 1]) <= HALF
    side = 2 * (HALF + _REACH) + 1
    corner = jnp.round(place).astype(jnp.int32) - (HALF + _REACH)
    corner = jnp.clip(corner, 0, jnp.asarray(frame.shape) - side)
    window = lax.dynamic_slice(frame, corner, (side, side)).astype(jnp.float32)
    angles = angle + _STEP * jnp.arange(-turns, turns + 1)
    bank = transform_bank(template, angles=angles, mask=disc, shape=disc.shape)
    scores = jax.vmap(lambda t, mask: sigconv.match_template(window, t, score="zncc", mask=mask))(
        bank.templates, bank.masks
    )
    peak = sigconv.find_peaks(scores, 1, refine="quadratic")
    turn, *offset = peak.positions[0]
    return corner + jnp.stack(offset) + HALF, angles[0] + _STEP * turn, peak.values[0]
