"""`Frame`: a scene with what lies beyond its ends written out, or cropped, as an operator."""

import dataclasses

import jax
import numpy as np

from sigconv._core.extend import extend, fold
from sigconv._core.geometry import Geometry
from sigconv._core.pytree import STATIC, pytree
from sigconv.operators import LinearOperator


@pytree
@dataclasses.dataclass(frozen=True, eq=False)
class Frame(LinearOperator):
    """`extend` as an operator."""

    geometry: Geometry = dataclasses.field(metadata=STATIC)
    shape: tuple[int, ...] = dataclasses.field(metadata=STATIC)

    @property
    def in_shape(self) -> tuple[int, ...]:
        return self.shape

    @property
    def out_shape(self) -> tuple[int, ...]:
        return tuple(n + axis.lo + axis.hi for n, axis in zip(self.shape, self.geometry.axes, strict=True))

    @property
    def dtype(self) -> np.dtype:
        return np.dtype(np.float32)

    def mv(self, x: jax.Array) -> jax.Array:
        return extend(x[None, None], self.geometry)[0, 0]

    def transpose(self) -> "Folding":
        return Folding(self)

    def conj(self) -> "Frame":
        return self


@pytree
@dataclasses.dataclass(frozen=True, eq=False)
class Folding(LinearOperator):
    """The transpose of a `Frame`: every sample that was written out adds to the one it was read from."""

    frame: Frame

    @property
    def in_shape(self) -> tuple[int, ...]:
        return self.frame.out_shape

    @property
    def out_shape(self) -> tuple[int, ...]:
        return self.frame.in_shape

    @property
    def dtype(self) -> np.dtype:
        return self.frame.dtype

    def mv(self, x: jax.Array) -> jax.Array:
        return fold(x[None, None], self.frame.geometry, self.frame.shape)[0, 0]

    def transpose(self) -> Frame:
        return self.frame

    def conj(self) -> "Folding":
        return self
