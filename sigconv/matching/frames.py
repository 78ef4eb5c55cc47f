"""An image cut into overlapping frames, each of which can be centred on its own, and their maps laid side by side."""

import dataclasses
import itertools

import jax
import jax.numpy as jnp
from jax import lax

LEAST = 8
"""Outputs of a frame, along an axis, below which the overlap costs more than it gains."""


@dataclasses.dataclass(frozen=True)
class Frames:
    """How an image of `space` is cut for templates of `taps`: every frame gives `step` outputs of `out`."""

    space: tuple[int, ...]
    taps: tuple[int, ...]

    @property
    def step(self) -> tuple[int, ...]:
        """Outputs of a frame: enough that it is a block and a part of the next one."""
        return tuple(max(k, LEAST) for k in self.taps)

    @property
    def out(self) -> tuple[int, ...]:
        """The shape of the map."""
        return tuple(n - k + 1 for n, k in zip(self.space, self.taps, strict=True))

    @property
    def counts(self) -> tuple[int, ...]:
        """Frames along every axis."""
        return tuple(-(-n // s) for n, s in zip(self.out, self.step, strict=True))

    def cut(self, x: jax.Array, *, fill: bool = False) -> jax.Array:
        """(batch, channel, *space) → (frames · batch, channel, *frame); beyond the image the last sample, or 0."""
        channels = x.shape[1]
        parts = zip(self.step, self.taps, self.counts, strict=True)
        for number, (step, k, count) in enumerate(parts):
            position = 2 + 2 * number
            # A frame is a block of `step` samples and the first ones of the next.
            pads = [(0, 0)] * x.ndim
            pads[position] = (0, (count + 1) * step - x.shape[position])
            x = jnp.pad(x, pads, mode="constant" if fill else "edge")
            x = x.reshape(*x.shape[:position], count + 1, step, *x.shape[position + 1 :])
            block = lax.slice_in_dim(x, 0, count, axis=position)
            following = lax.slice_in_dim(x, 1, count + 1, axis=position)
            following = lax.slice_in_dim(following, 0, k - 1, axis=position + 1)
            x = lax.concatenate([block, following], position + 1)
        rank = len(self.taps)
        x = lax.transpose(x, (*range(2, 2 + 2 * rank, 2), 0, 1, *range(3, 3 + 2 * rank, 2)))
        return x.reshape(-1, channels, *x.shape[2 + rank :])

    def join(self, y: jax.Array, batch: int) -> jax.Array:
        """(frames · batch, template, *step) → (batch, template, *out)."""
        rank = len(self.taps)
        templates = y.shape[1]
        y = y.reshape(*self.counts, batch, templates, *self.step)
        order = itertools.chain.from_iterable((i, rank + 2 + i) for i in range(rank))
        y = lax.transpose(y, (rank, rank + 1, *order))
        y = y.reshape(batch, templates, *(c * s for c, s in zip(self.counts, self.step, strict=True)))
        return lax.slice(y, (0,) * y.ndim, (batch, templates, *self.out))
