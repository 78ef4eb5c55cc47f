"""`Circulant`: circular convolution as a matrix per frequency, closed under products, sums, inverses and functions."""

import dataclasses
import math
from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, as_scalar, common, is_complex
from sigconv._core.errors import OptionError, ShapeError, front_door
from sigconv._core.options import is_integer, lengths_per_axis
from sigconv._core.pytree import STATIC, pytree
from sigconv.operators import matrices as of_matrices
from sigconv.operators import spectrum as spectra
from sigconv.operators.operator import LinearOperator, plus, times

_HIGHEST = lax.Precision.HIGHEST


@pytree
@dataclasses.dataclass(frozen=True, eq=False)
class Circulant(LinearOperator):
    """y[n] = Σ_m a[m] x[n − m mod N], by the discrete Fourier transform; made by `circulant`.

    With channels a block-circulant matrix with circulant blocks. A real operator keeps half its spectrum.

    Attributes:
        spectrum: A matrix per frequency.
        shape: Of the grid.
        channels: Whether arrays have channels.
        real: Whether its entries are real; the spectrum is then half along the last axis.
        positive: Whether it is known to be Hermitian and positive semi-definite, as `normal(op)` is.
    Shapes:
        spectrum (*frequencies, c_out, c_in).
    """

    spectrum: jax.Array
    shape: tuple[int, ...] = dataclasses.field(metadata=STATIC)
    channels: bool = dataclasses.field(metadata=STATIC)
    real: bool = dataclasses.field(metadata=STATIC)
    positive: bool = dataclasses.field(default=False, metadata=STATIC)

    @staticmethod
    def from_spectrum(spectrum: ArrayLike, shape: tuple[int, ...], *, real: bool = False) -> "Circulant":
        """The operator with these eigenvalues, or with a matrix per frequency.

        Args:
            spectrum: In the order of `jnp.fft.fftn`, or of `jnp.fft.rfftn` with `real=True`.
            shape: Of the grid.
            real: Whether the entries are real.
        Shapes:
            spectrum (*frequencies), or (*frequencies, c_out, c_in).
        """
        return _from_spectrum(spectrum, shape, real)

    @property
    def in_shape(self) -> tuple[int, ...]:
        return (self.spectrum.shape[-1], *self.shape) if self.channels else self.shape

    @property
    def out_shape(self) -> tuple[int, ...]:
        return (self.spectrum.shape[-2], *self.shape) if self.channels else self.shape

    @property
    def dtype(self) -> np.dtype:
        return jnp.finfo(self.spectrum.dtype).dtype if self.real else self.spectrum.dtype

    @property
    def kernel(self) -> jax.Array:
        """V: the taps on the grid, the first column(s) of the matrix.

        Shapes:
            → (c_out, c_in, *shape), or (*shape) without channels.
        """
        taps = spectra.to_kernel(self.spectrum, self.shape, real=self.real)
        return taps if self.channels else taps[0, 0]

    def mv(self, x: jax.Array) -> jax.Array:
        x = x if self.channels else x[None]
        real = self.real and not is_complex(x.dtype)
        matrices = self.spectrum if real or not self.real else spectra.whole(self.spectrum, self.shape, real=True)
        values = spectra.forward(x.astype(common(x.dtype, self.dtype)), self.shape, real=real)
        y = spectra.inverse(of_matrices.applied(matrices, values), self.shape, real=real)
        return y if self.channels else y[0]

    def transpose(self) -> "Circulant":
        return self.adjoint().conj()

    def adjoint(self) -> "Circulant":
        return self._with(of_matrices.adjoint(self.spectrum))

    def conj(self) -> "Circulant":
        if self.real:
            return self
        flipped = self.spectrum
        for axis in range(len(self.shape)):
            flipped = jnp.roll(lax.rev(flipped, (axis,)), 1, axis)
        return self._with(jnp.conj(flipped))

    def __add__(self, other: object) -> LinearOperator:
        if not isinstance(other, Circulant) or not self._is_on_grid_of(other):
            return super().__add__(other)
        if (self.in_shape, self.out_shape) != (other.in_shape, other.out_shape):
            return plus(self, other)
        one, two, real = _alike(self, other)
        return self._with(one + two, real=real)

    def __mul__(self, factor: object) -> LinearOperator:
        """The operator times a number."""
        if isinstance(factor, LinearOperator) or jnp.ndim(factor) != 0:  # type: ignore[arg-type]
            return NotImplemented
        number = as_scalar(factor, self.dtype)  # type: ignore[arg-type]
        real = self.real and not is_complex(number.dtype)
        matrices = self.spectrum if real == self.real else spectra.whole(self.spectrum, self.shape, real=True)
        dtype = common(number, matrices)
        return self._with(matrices.astype(dtype) * number.astype(dtype), real=real)

    def __matmul__(self, other: object) -> "LinearOperator | jax.Array":
        """The product: with another circulant a circulant."""
        if not isinstance(other, Circulant) or not self._is_on_grid_of(other):
            return super().__matmul__(other)
        if self.in_shape != other.out_shape:
            return times(self, other)
        one, two, real = _alike(self, other)
        return self._with(jnp.matmul(one, two, precision=_HIGHEST), real=real)

    def __pow__(self, exponent: int) -> "Circulant":
        """The product with itself, or with its inverse, so many times."""
        if not is_integer(exponent):
            return self.power(exponent)
        self._check_square("power")
        return self._map(lambda matrices: jnp.linalg.matrix_power(matrices, int(exponent)))

    @front_door("Circulant.power")
    def power(self, exponent: ArrayLike) -> "Circulant":
        """A real or complex power, without channels: the principal branch of each eigenvalue. Its entries are complex.

        They are real up to rounding where no eigenvalue is negative, as of `normal(op)`.
        """
        self._check_single("power")
        return self._function(lambda values: of_matrices.power(values, as_scalar(exponent, self.dtype)))

    def sqrt(self) -> "Circulant":
        """The principal square root, without channels; see `power`."""
        return self.power(0.5)

    @front_door("Circulant.expm")
    def expm(self) -> "Circulant":
        """The matrix exponential; real for a real operator."""
        self._check_square("expm")
        return self._map(of_matrices.exponential if self.channels else jnp.exp)

    def inverse(self) -> "Circulant":
        """The inverse; where the operator is singular, entries that are not finite. See `pseudo_inverse`."""
        self._check_square("inverse")
        return self._map(jnp.linalg.inv if self.channels else jnp.reciprocal)

    @front_door("Circulant.pseudo_inverse")
    def pseudo_inverse(self, rcond: float | None = None) -> "Circulant":
        """The Moore–Penrose inverse; singular values below rcond times the largest of all count as zero.

        Args:
            rcond: eps · √N · max(c_out, c_in) if None.
        """
        largest = lax.stop_gradient(self.singular_values().max())
        most = max(self.spectrum.shape[-2:])
        eps = float(jnp.finfo(self.spectrum.dtype).eps)
        limit = largest * (eps * most * math.prod(self.shape) ** 0.5 if rcond is None else rcond)
        return self._map(lambda matrices: of_matrices.pseudo_inverse(matrices, limit))

    @front_door("Circulant.tikhonov_inverse")
    def tikhonov_inverse(self, weight: ArrayLike) -> "Circulant":
        """(AᴴA + weight·I)⁻¹Aᴴ: the minimiser of ‖Ax − y‖² + weight·‖x‖²."""
        adjoint = of_matrices.adjoint(self.spectrum)
        normal = jnp.matmul(adjoint, self.spectrum, precision=_HIGHEST)
        ridge = jnp.asarray(weight, self.spectrum.dtype) * jnp.broadcast_to(
            jnp.eye(normal.shape[-1], dtype=normal.dtype), normal.shape
        )
        solved = adjoint / (normal + ridge) if not self.channels else jnp.linalg.solve(normal + ridge, adjoint)
        return self._with(solved)

    @front_door("Circulant.solve")
    def solve(self, y: ArrayLike, *, rcond: float | None = None) -> jax.Array:
        """x with Ax = y; with `rcond` the least-norm least-squares solution, by `pseudo_inverse`.

        Without, an operator that is singular gives numbers that are not finite: whether it is depends on values.
        """
        if rcond is None and self.in_shape == self.out_shape:
            return self.inverse()(y)
        return self.pseudo_inverse(rcond)(y)

    def eigenvalues(self) -> jax.Array:
        """All of them.

        Shapes:
            → (*shape, channels), or (*shape) without channels, in the order of `jnp.fft.fftn`.
        """
        self._check_square("eigenvalues")
        matrices = spectra.whole(self.spectrum, self.shape, real=self.real)
        return jnp.linalg.eigvals(matrices) if self.channels else matrices[..., 0, 0]

    def singular_values(self) -> jax.Array:
        """All of them, those of each frequency in descending order.

        Shapes:
            → (*shape, min(c_out, c_in)), or (*shape) without channels, in the order of `jnp.fft.fftn`.
        """
        if not self.channels:
            return spectra.whole(
                of_matrices.modulus(self.spectrum[..., 0, 0]), self.shape, real=self.real, conjugate=False
            )
        values = jnp.linalg.svd(self.spectrum, compute_uv=False)
        return spectra.whole(values, self.shape, real=self.real, conjugate=False)

    def logdet(self) -> jax.Array:
        """log |det A|; −inf where it is singular."""
        self._check_square("logdet")
        if not self.channels:
            return spectra.total(jnp.log(of_matrices.modulus(self.spectrum[..., 0, 0])), self.shape, real=self.real)
        return spectra.total(jnp.linalg.slogdet(self.spectrum)[1], self.shape, real=self.real)

    def trace(self) -> jax.Array:
        """The sum of the diagonal."""
        self._check_square("trace")
        traces = jnp.trace(self.spectrum, axis1=-2, axis2=-1)
        return spectra.total(jnp.real(traces), self.shape, real=True) if self.real else traces.sum()

    def _is_on_grid_of(self, other: "Circulant") -> bool:
        return self.shape == other.shape and self.channels == other.channels

    def _with(self, matrices: jax.Array, real: bool | None = None) -> "Circulant":
        return Circulant(matrices, self.shape, self.channels, self.real if real is None else real)

    def _map(self, function: Callable[[jax.Array], jax.Array]) -> "Circulant":
        return self._with(function(self.spectrum))

    def _function(self, function: Callable[[jax.Array], jax.Array]) -> "Circulant":
        """A function of the eigenvalues that need not be real for real operators."""
        return self._with(function(spectra.whole(self.spectrum, self.shape, real=self.real)), real=False)

    def _check_square(self, what: str) -> None:
        if self.in_shape != self.out_shape:
            raise ShapeError(
                f"`{what}` must be asked of as many channels out as in; got {self.spectrum.shape[-2]} and "
                f"{self.spectrum.shape[-1]}. Use `normal(op)`, singular values or the pseudo-inverse."
            )

    def _check_single(self, what: str) -> None:
        self._check_square(what)
        if self.channels:
            raise OptionError(
                f"`{what}` must be asked of one channel, for which eigenvalues are functions of frequency; got "
                f"{self.spectrum.shape[-1]} channels. Integer powers take any number."
            )


def _alike(one: Circulant, two: Circulant) -> tuple[jax.Array, jax.Array, bool]:
    """Both spectra whole, or both half."""
    real = one.real and two.real
    dtype = common(one.spectrum, two.spectrum)
    parts = [
        (op.spectrum if op.real == real else spectra.whole(op.spectrum, op.shape, real=True)).astype(dtype)
        for op in (one, two)
    ]
    return parts[0], parts[1], real


@front_door("Circulant.from_spectrum")
def _from_spectrum(spectrum: ArrayLike, shape: tuple[int, ...], real: bool) -> Circulant:
    values, grid = as_operand("spectrum", spectrum), lengths_per_axis("shape", shape)
    kept = (*grid[:-1], spectra.half_length(grid[-1])) if real else grid
    if values.shape[: len(grid)] != kept or values.ndim not in (len(grid), len(grid) + 2):
        raise ShapeError(
            f"`spectrum` must have shape {kept}, with (c_out, c_in) behind it for channels; got {values.shape}."
        )
    channels = values.ndim > len(grid)
    values = values.astype(common(values.dtype, np.complex64))
    return Circulant(values if channels else values[..., None, None], grid, channels, bool(real))
