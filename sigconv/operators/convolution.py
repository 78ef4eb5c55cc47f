"""`Convolution`: a Filter on signals of one shape, with any boundary, as an operator with its exact transpose."""

import dataclasses

import jax
import numpy as np

from sigconv._core.boundary import Constant, resolve_boundary
from sigconv._core.conventions import CONVENTIONS
from sigconv._core.errors import OptionError, front_door
from sigconv._core.extend import extended, fold
from sigconv._core.geometry import Axis, Geometry
from sigconv._core.layout import adjoint_weights
from sigconv._core.options import lengths_per_axis, padding_per_axis
from sigconv._core.pytree import STATIC, pytree
from sigconv.filter import Filter
from sigconv.operators.operator import LinearOperator
from sigconv.signal import Boundary, Padding, correlate_channels


@pytree
@dataclasses.dataclass(frozen=True, init=False, eq=False)
class Convolution(LinearOperator):
    """The matrix of a filter on signals of one shape, never written out: products, transpose and adjoint.

    Args:
        filter: The filter, without bias.
        shape: Spatial shape of the signals.
        boundary: As in `correlate`; a constant must be zero, as the operator is linear.
        padding: As when the filter is called: 'same', 'valid', 'full', or one (lo, hi) per axis.
        positive: Whether it is known to be Hermitian and positive semi-definite, as `normal(op)` is.
    Shapes:
        (c_in, *shape) → (c_out, *out); for a filter without channels (*shape) → (*out).
    Raises:
        OptionError: The filter has a bias, or an option is none.
        ShapeError: The shape does not fit.
    Example:
        >>> A = Convolution(Filter([1.0, -1.0], channels=False), (3,), boundary="periodic", padding=[(0, 1)])
        >>> A.as_matrix().tolist()
        [[1.0, -1.0, 0.0], [0.0, 1.0, -1.0], [-1.0, 0.0, 1.0]]
    """

    filter: Filter
    shape: tuple[int, ...] = dataclasses.field(metadata=STATIC)
    boundary: Boundary = dataclasses.field(metadata=STATIC)
    positive: bool = dataclasses.field(metadata=STATIC)
    geometry: Geometry = dataclasses.field(metadata=STATIC)

    @front_door("operators.Convolution")
    def __init__(
        self,
        filter: Filter,
        shape: tuple[int, ...],
        boundary: Boundary = "zero",
        *,
        padding: Padding = "same",
        positive: bool = False,
    ) -> None:
        space = lengths_per_axis("shape", shape, filter.rank)
        if filter.bias is not None:
            raise OptionError("`filter` must have no bias, as an operator is linear. Add the bias to the result.")
        layer = filter.layer
        sides = resolve_boundary(boundary, filter.rank)
        if any(isinstance(reads, Constant) and not reads.is_zero for pair in sides for reads in pair):
            raise OptionError("`boundary` must not be a constant other than zero, as an operator is linear.")
        pads = tuple(zip(layer.lo, layer.hi, strict=True))
        if padding != "same":
            spans = tuple(zip(filter.extent, space, layer.stride, strict=True))
            pads = padding_per_axis("padding", padding, CONVENTIONS["sigconv.correlate_channels"].modes, spans)
        steps = zip(pads, layer.stride, layer.dilation, sides, strict=True)
        axes = tuple(Axis(lo, hi, s, d, low=low, high=high) for (lo, hi), s, d, (low, high) in steps)
        geometry = Geometry(axes, layer.groups)
        geometry.out_shape(space, layer.taps)
        hashable = tuple(boundary) if isinstance(boundary, list) else boundary
        values = (filter, space, hashable, bool(positive), geometry)
        for field, value in zip(dataclasses.fields(self), values, strict=True):
            object.__setattr__(self, field.name, value)

    @property
    def in_shape(self) -> tuple[int, ...]:
        return (self.filter.layer.ins, *self.shape) if self.filter.channels else self.shape

    @property
    def out_shape(self) -> tuple[int, ...]:
        out = self.geometry.out_shape(self.shape, self.filter.taps)
        return (self.filter.layer.outs, *out) if self.filter.channels else out

    @property
    def dtype(self) -> np.dtype:
        return self.filter.weights.dtype

    @property
    def padding(self) -> tuple[tuple[int, int], ...]:
        """(lo, hi) per axis."""
        return tuple((axis.lo, axis.hi) for axis in self.geometry.axes)

    def is_periodic(self) -> bool:
        """Whether every period comes out whole: periodic along all axes, with the padding of 'same' in sum."""
        return all(axis.is_circular(k) for axis, k in zip(self.geometry.axes, self.filter.taps, strict=True))

    def mv(self, x: jax.Array) -> jax.Array:
        return self.filter(x, boundary=self.boundary, padding=self.padding)

    def transpose(self) -> "TransposedConvolution":
        return TransposedConvolution(self)

    def conj(self) -> "Convolution":
        return Convolution(self.filter.conj(), self.shape, self.boundary, padding=self.padding)


@pytree
@dataclasses.dataclass(frozen=True, eq=False)
class TransposedConvolution(LinearOperator):
    """The transpose of a `Convolution`: a correlation with the flipped taps, then every read added to its sample."""

    operator: Convolution

    @property
    def in_shape(self) -> tuple[int, ...]:
        return self.operator.out_shape

    @property
    def out_shape(self) -> tuple[int, ...]:
        return self.operator.in_shape

    @property
    def dtype(self) -> np.dtype:
        return self.operator.dtype

    def mv(self, x: jax.Array) -> jax.Array:
        geometry, layer = self.operator.geometry, self.operator.filter.layer
        y = x if self.operator.filter.channels else x[None]
        space = self.operator.shape
        if not geometry.is_zero:
            # Of what is left to do after the boundary has been written out.
            wide = tuple(n + axis.lo + axis.hi for n, axis in zip(space, geometry.axes, strict=True))
            z = fold(_transposed(y, layer.weights, extended(geometry), wide)[None], geometry, space)[0]
        else:
            z = _transposed(y, layer.weights, geometry, space)
        return z if self.operator.filter.channels else z[0]

    def transpose(self) -> Convolution:
        return self.operator

    def conj(self) -> "TransposedConvolution":
        return TransposedConvolution(self.operator.conj())


def _transposed(y: jax.Array, weights: jax.Array, geometry: Geometry, space: tuple[int, ...]) -> jax.Array:
    """The transpose of a zero-padded correlation of signals of shape `space`."""
    back = geometry.adjoint(space, weights.shape[2:])
    return correlate_channels(
        y,
        adjoint_weights(weights, geometry.groups),
        padding=[(axis.lo, axis.hi) for axis in back.axes],
        dilation=tuple(axis.dilation for axis in back.axes),
        input_dilation=tuple(axis.input_dilation for axis in back.axes),
        groups=geometry.groups,
    )
