"""`Toeplitz`: zero-padded convolution of signals of one shape, embedded in a circulant; and solves with it.

Reference:
    R. Chan & M. Ng, "Conjugate gradient methods for Toeplitz systems", SIAM Review 38 (1996) 427-482.
"""

import dataclasses
import functools
import math
from collections.abc import Callable, Mapping
from typing import Literal

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jax.typing import ArrayLike

from sigconv._core.dtypes import as_operand, common, floating, is_complex
from sigconv._core.errors import ShapeError, front_door, lookup
from sigconv._core.options import lengths_per_axis
from sigconv._core.pytree import STATIC, pytree
from sigconv._engine.spectra import fast_length
from sigconv.operators import spectrum as spectra
from sigconv.operators.circulant import Circulant
from sigconv.operators.operator import LinearOperator

SMALL = 64
"""Unknowns up to which a dense factorisation is faster than iterating."""

_MODES: Mapping[str, Callable[[int, int], tuple[int, int]]] = {
    "full": lambda n, k: (0, n + k - 1),
    "same": lambda n, k: ((k - 1) // 2, n),
    "valid": lambda n, k: (k - 1, n - k + 1),
}
"""First output among those of 'full', and number of outputs."""

Preconditioner = Literal["auto", "strang", "chan", "none"]


@pytree
@dataclasses.dataclass(frozen=True, init=False, eq=False)
class Toeplitz(LinearOperator):
    """y[i] = Σ_j a[i − j + first] x[j]: convolution with zeros beyond the ends, a (block-)Toeplitz matrix.

    Products are done in a circulant that holds the matrix: n log n, and as much memory.

    Args:
        kernel: Taps of a true convolution.
        shape: Of the signals.
        mode: 'full', 'same' or 'valid', as of `convolve`.
    Shapes:
        kernel (*taps) → an operator from (*shape) to (*out); (c_out, c_in, *taps) → with channels in front.
    Raises:
        ShapeError: The kernel does not fit.
        OptionError: Unknown `mode`.
    Example:
        >>> Toeplitz([1.0, 2.0], (2,), "full").as_matrix().round(4).tolist()
        [[1.0, 0.0], [2.0, 1.0], [0.0, 2.0]]
    """

    kernel: jax.Array
    embedding: Circulant
    shape: tuple[int, ...] = dataclasses.field(metadata=STATIC)
    first: tuple[int, ...] = dataclasses.field(metadata=STATIC)
    """The tap on the diagonal, per axis."""
    out: tuple[int, ...] = dataclasses.field(metadata=STATIC)

    @front_door("operators.Toeplitz")
    def __init__(self, kernel: ArrayLike, shape: tuple[int, ...], mode: str = "same") -> None:
        space = lengths_per_axis("shape", shape)
        a = as_operand("kernel", kernel)
        if a.ndim not in (len(space), len(space) + 2) or 0 in a.shape:
            raise ShapeError(
                f"`kernel` must have as many axes as `shape`, or two more for channels, and not be empty; got shape "
                f"{a.shape} for {space}."
            )
        taps = a.shape[a.ndim - len(space) :]
        rows = [lookup("mode", mode, _MODES)(n, k) for n, k in zip(space, taps, strict=True)]
        if min(count for _, count in rows) < 1:
            raise ShapeError(f"`kernel` must not be longer than the signal in 'valid'; got {taps} over {space}.")
        first, out = zip(*rows, strict=True)
        _fill(self, a.astype(floating(a)), space, first, out)

    @staticmethod
    def from_column(column: ArrayLike, row: ArrayLike | None = None) -> "Toeplitz":
        """The matrix with this first column and first row, as `scipy.linalg.toeplitz`: the row is conj(column) if None.

        Shapes:
            column (n,), row (m,), whose first entry is not read → an operator from (m,) to (n,).
        """
        return _from_column(column, row)

    @property
    def channels(self) -> bool:
        """Whether arrays have channels."""
        return self.kernel.ndim > len(self.shape)

    @property
    def in_shape(self) -> tuple[int, ...]:
        return (self.kernel.shape[1], *self.shape) if self.channels else self.shape

    @property
    def out_shape(self) -> tuple[int, ...]:
        return (self.kernel.shape[0], *self.out) if self.channels else self.out

    @property
    def dtype(self) -> np.dtype:
        return self.kernel.dtype

    def mv(self, x: jax.Array) -> jax.Array:
        lead = [(0, 0)] * (x.ndim - len(self.shape))
        grid = self.embedding.shape
        y = self.embedding.mv(jnp.pad(x, [*lead, *((0, g - n) for g, n in zip(grid, self.shape, strict=True))]))
        # The embedding counts outputs from the first one that is asked for.
        return lax.slice(y, (0,) * y.ndim, (*y.shape[: len(lead)], *self.out))

    def transpose(self) -> "Toeplitz":
        kernel = lax.rev(self.kernel, tuple(range(self.kernel.ndim - len(self.shape), self.kernel.ndim)))
        if self.channels:
            kernel = jnp.swapaxes(kernel, 0, 1)
        first = tuple(k - 1 - f for k, f in zip(kernel.shape[kernel.ndim - len(self.shape) :], self.first, strict=True))
        return _fill(object.__new__(Toeplitz), kernel, self.out, first, self.shape)

    def conj(self) -> "Toeplitz":
        return _fill(object.__new__(Toeplitz), jnp.conj(self.kernel), self.shape, self.first, self.out)

    @front_door("Toeplitz.circulant")
    def circulant(self, kind: Literal["strang", "chan"] = "chan") -> Circulant:
        """A circulant on the same shape near the matrix, for preconditioning.

        Args:
            kind: 'strang' copies the central diagonals; 'chan' is the nearest in the Frobenius norm.
        """
        self._check_square("circulant")
        weigh = lookup("kind", kind, {"strang": _strang, "chan": _chan})
        kernel = self.kernel if self.channels else self.kernel[None, None]
        taps = kernel.shape[2:]
        for axis, (n, k, first) in enumerate(zip(self.shape, taps, self.first, strict=True), start=2):
            kernel = _wrap(kernel, axis, n, first, weigh(np.arange(k) - first, n))
        return Circulant(
            spectra.to_spectrum(kernel, self.shape), self.shape, self.channels, not is_complex(self.kernel.dtype)
        )

    @front_door("Toeplitz.solve")
    def solve(
        self,
        y: ArrayLike,
        *,
        tolerance: float = 1e-5,
        max_iterations: int | None = None,
        preconditioner: Preconditioner = "auto",
        hermitian: bool = True,
    ) -> jax.Array:
        """x with Ax = y, by JAX's conjugate gradients with a circulant preconditioner; densely for few unknowns.

        Args:
            y: The right-hand side, of the operator's shape.
            tolerance: ‖y − Ax‖ ≤ tolerance·‖y‖ ends the iteration.
            max_iterations: 10 times the unknowns if None. Afterwards x is what has been reached.
            preconditioner: 'strang', 'chan', 'none', or 'auto': Strang's where it is positive definite, else T. Chan's.
            hermitian: Whether A is Hermitian and positive definite, which conjugate gradients need. If not, they solve
                AᴴAx = Aᴴy, with the square of the condition number.
        Raises:
            ShapeError: The matrix is not square, or y has another shape.
        """
        self._check_square("solve")
        b = as_operand("y", y)
        if b.shape != self.out_shape:
            raise ShapeError(f"`y` must have the operator's shape {self.out_shape}; got {b.shape}.")
        b = b.astype(common(b.dtype, self.dtype))
        lookup("preconditioner", preconditioner, _PRECONDITIONERS)
        size = math.prod(self.in_shape)
        if size <= SMALL:
            return jnp.linalg.solve(self.as_matrix().astype(b.dtype), b.reshape(-1)).reshape(b.shape)
        return _iterate(
            self, b, tolerance, 10 * size if max_iterations is None else max_iterations, preconditioner, hermitian
        )

    def _check_square(self, what: str) -> None:
        if self.in_shape != self.out_shape:
            raise ShapeError(
                f"`{what}` must be asked of a square operator; got {self.in_shape} → {self.out_shape}. "
                "Least squares: `as_lineax(op)` with lineax's LSMR."
            )


@functools.partial(jax.jit, static_argnames=("preconditioner", "hermitian"))
def _iterate(
    operator: Toeplitz,
    b: jax.Array,
    tolerance: jax.Array,
    max_iterations: jax.Array,
    preconditioner: Preconditioner,
    hermitian: bool,
) -> jax.Array:
    """Compiled once per shape and dtype, like a call under `jit`."""
    # Imported here: it takes long.
    from jax.scipy.sparse.linalg import cg

    inverse = _PRECONDITIONERS[preconditioner](operator, hermitian)
    options = {"tol": tolerance, "maxiter": max_iterations, "M": None if inverse is None else inverse.mv}
    if hermitian:
        return cg(operator.mv, b, **options)[0]
    adjoint = operator.adjoint()
    return cg(lambda x: adjoint.mv(operator.mv(x)), adjoint.mv(b), **options)[0]


def _fill(
    instance: Toeplitz, kernel: jax.Array, shape: tuple[int, ...], first: tuple[int, ...], out: tuple[int, ...]
) -> Toeplitz:
    """Diagonals that no entry lies on are left out, then the grid is as long as the rest needs."""
    begin = kernel.ndim - len(shape)
    starts, stops = [0] * begin, list(kernel.shape[:begin])
    kept_first = []
    for n, f, m, k in zip(shape, first, out, kernel.shape[begin:], strict=True):
        # Entry (i, j) is tap i − j + f: taps f − n + 1 … f + m − 1 are read.
        low = min(max(0, f - n + 1), k - 1)
        starts.append(low)
        stops.append(max(min(k, f + m), low + 1))
        kept_first.append(f - low)
    kernel = lax.slice(kernel, starts, stops)
    taps = kernel.shape[begin:]
    # Products must not wrap around onto an output: offsets go from −(n − 1) or the first tap to m − 1 or the last.
    spans = zip(shape, out, kept_first, taps, strict=True)
    grid = tuple(fast_length(max(m + f, n + k - 1 - f)) for n, m, f, k in spans)
    wide = kernel if begin else kernel[None, None]
    pads = [(0, 0), (0, 0), *((0, g - k) for g, k in zip(grid, taps, strict=True))]
    wide = jnp.roll(jnp.pad(wide, pads), [-f for f in kept_first], tuple(range(2, wide.ndim)))
    embedding = Circulant(spectra.to_spectrum(wide, grid), grid, begin > 0, not is_complex(kernel.dtype))
    values = (kernel, embedding, shape, tuple(kept_first), tuple(out))
    for field, value in zip(dataclasses.fields(instance), values, strict=True):
        object.__setattr__(instance, field.name, value)
    return instance


@front_door("Toeplitz.from_column")
def _from_column(column: ArrayLike, row: ArrayLike | None) -> Toeplitz:
    c = as_operand("column", column)
    r = jnp.conj(c) if row is None else as_operand("row", row)
    for argument, values in (("column", c), ("row", r)):
        if values.ndim != 1 or not values.shape[0]:
            raise ShapeError(f"`{argument}` must have one axis and not be empty; got shape {values.shape}.")
    dtype = floating(c, r)
    kernel = jnp.concatenate([jnp.flip(r[1:]).astype(dtype), c.astype(dtype)])
    m, n = r.shape[0], c.shape[0]
    return _fill(object.__new__(Toeplitz), kernel, (m,), (m - 1,), (n,))


def _strang(offsets: np.ndarray, n: int) -> np.ndarray:
    """Diagonals nearer than half, and of the two at half the mean."""
    return np.where(2 * np.abs(offsets) < n, 1.0, np.where(2 * np.abs(offsets) == n, 0.5, 0.0))


def _chan(offsets: np.ndarray, n: int) -> np.ndarray:
    """Every diagonal by the share of its length."""
    return np.maximum(1 - np.abs(offsets) / n, 0.0)


def _wrap(kernel: jax.Array, axis: int, n: int, first: int, weights: np.ndarray) -> jax.Array:
    """Weighted diagonals of one axis added up where they are congruent: the tap of offset d comes to d mod n."""
    shape = [-1 if i == axis else 1 for i in range(kernel.ndim)]
    weighted = kernel * jnp.broadcast_to(jnp.asarray(weights, kernel.dtype).reshape(shape), kernel.shape)
    turns = -(-first // n)
    pads = [(0, 0)] * kernel.ndim
    # So that offset 0 comes to a multiple of n.
    pads[axis] = (turns * n - first, -(turns * n - first + kernel.shape[axis]) % n)
    padded = jnp.pad(weighted, pads)
    return padded.reshape(*kernel.shape[:axis], -1, n, *kernel.shape[axis + 1 :]).sum(axis)


def _inverse(circulant: Circulant, hermitian: bool) -> Circulant:
    """For A, or for AᴴA; no derivative goes through it."""
    circulant = dataclasses.replace(circulant, spectrum=lax.stop_gradient(circulant.spectrum))
    return circulant.inverse() if hermitian else (circulant.adjoint() @ circulant).inverse()  # type: ignore[union-attr]


def _automatic(operator: Toeplitz, hermitian: bool) -> Circulant:
    """Strang's where it is safely positive definite, T. Chan's, which is whenever the matrix is, elsewhere."""
    strang, chan = operator.circulant("strang"), operator.circulant("chan")
    if not operator.channels:
        eigenvalues = jnp.real(strang.spectrum) if hermitian else jnp.abs(strang.spectrum)
    elif hermitian:
        eigenvalues = jnp.linalg.eigvalsh(strang.spectrum)
    else:
        eigenvalues = jnp.linalg.svd(strang.spectrum, compute_uv=False)
    limit = jnp.sqrt(jnp.finfo(eigenvalues.dtype).eps)
    is_safe = eigenvalues.min() > limit * jnp.abs(eigenvalues).max()
    return _inverse(dataclasses.replace(strang, spectrum=jnp.where(is_safe, strang.spectrum, chan.spectrum)), hermitian)


_PRECONDITIONERS = {
    "auto": _automatic,
    "strang": lambda operator, hermitian: _inverse(operator.circulant("strang"), hermitian),
    "chan": lambda operator, hermitian: _inverse(operator.circulant("chan"), hermitian),
    "none": lambda operator, hermitian: None,
}
