"""Singular values and norms of layers: exact for periodic signals, bounds for zero-padded ones.

Reference:
    Sedghi, Gupta & Long, "The singular values of convolutional layers", ICLR 2019;
    Delattre et al., "Efficient bound of Lipschitz constant for convolutional layers by Gram iteration", ICML 2023.
"""

import dataclasses
import functools
import math

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._core.errors import OptionError, ShapeError, front_door
from sigconv._core.options import is_integer
from sigconv._core.pytree import pytree
from sigconv.filter import Filter
from sigconv.operators import spectrum as spectra
from sigconv.operators.circulant import Circulant
from sigconv.operators.convolution import Convolution
from sigconv.operators.operator import LinearOperator, Product
from sigconv.operators.periodic import circulant

_HIGHEST = lax.Precision.HIGHEST


@pytree
@dataclasses.dataclass(frozen=True, eq=False)
class Bracket:
    """Numbers between which a norm lies.

    Attributes:
        lower: The norm of the product with some unit signal.
        upper: The norm on a periodic grid that holds the zero-padded signals.
    """

    lower: jax.Array
    upper: jax.Array


@front_door("operators.normal")
def normal(operator: LinearOperator) -> LinearOperator:
    """AᴴA: a circulant of a circulant, a filter's autocorrelation where it is one, a lazy product otherwise.

    It is one for filters of stride 1 whose output is not cropped: periodic 'same', or zero-padded 'full'.
    """
    if isinstance(operator, Circulant):
        product = operator.adjoint() @ operator
        assert isinstance(product, Circulant)
        return dataclasses.replace(product, positive=True)
    if isinstance(operator, Convolution) and not operator.filter.layer.is_strided():
        plain = operator.filter.autocorrelation
        if operator.is_periodic():
            return Convolution(plain(), operator.shape, "periodic", positive=True)
        reach = operator.filter.layer.reach
        if operator.geometry.is_zero and all(
            lo >= k and hi >= k for (lo, hi), k in zip(operator.padding, reach, strict=True)
        ):
            return Convolution(plain(), operator.shape, positive=True)
    return Product(operator.adjoint(), operator, positive=True)


@front_door("operators.singular_values")
def singular_values(operator: Circulant | Convolution) -> jax.Array:
    """The singular values of a periodic operator, exactly; a stride must divide the lengths.

    With stride s and M = N/s they are those of [F(w), F(w + M), …] / √s for the M frequencies w < M.

    Shapes:
        → (*frequencies, r): those of one frequency in descending order; r = min(c_out, ∏ s · c_in).
    """
    if isinstance(operator, Circulant):
        values = operator.singular_values()
        return values if operator.channels else values[..., None]
    matrices, grid, real = _matrices(operator)
    values = jnp.linalg.svd(matrices, compute_uv=False)
    return spectra.whole(values, grid, real=real, conjugate=False)


@front_door("operators.spectral_norm")
def spectral_norm(
    operator: Circulant | Convolution, *, iterations: int = 100, key: jax.Array | None = None
) -> jax.Array | Bracket:
    """The largest singular value: exact for a periodic operator, a bracket for any other convolution.

    Args:
        operator: The operator.
        iterations: Power iterations for the lower end of a bracket.
        key: Of the signal that they start from.
    """
    if isinstance(operator, Circulant) or operator.is_periodic():
        return _largest(*_matrices(operator)[:1])
    start = jax.random.normal(
        jax.random.key(0) if key is None else key, operator.in_shape, jnp.finfo(operator.dtype).dtype
    )
    return Bracket(_power_iteration(operator, start.astype(operator.dtype), iterations), _largest(_embedded(operator)))


@front_door("operators.spectral_norm_bound")
def spectral_norm_bound(operator: Circulant | Convolution, iterations: int = 5) -> jax.Array:
    """A certified upper bound of the largest singular value, by Gram iteration: no decomposition, one per frequency.

    The excess shrinks quadratically; the bound holds in floating point too, by a factor 1 + 8·eps·iterations. For zero
    padding it is that of the periodic grid which holds the padded signals. Its gradient is that at the worst frequency.

    Reference:
        Delattre et al., ICML 2023, algorithm 2.
    """
    if not is_integer(iterations) or iterations < 0:
        raise OptionError(f"`iterations` must be a non-negative integer; got {iterations!r}.")
    if isinstance(operator, Circulant) or operator.is_periodic():
        matrices = _matrices(operator)[0]
    else:
        matrices = _embedded(operator)
    flat = matrices.reshape(-1, *matrices.shape[-2:])
    worst = jnp.argmax(lax.stop_gradient(_gram_iteration(flat, iterations)))
    bound = _gram_iteration(flat[worst][None], iterations)[0]
    return bound * (1 + 8 * float(jnp.finfo(bound.dtype).eps) * iterations)


def _matrices(operator: Circulant | Convolution) -> tuple[jax.Array, tuple[int, ...], bool]:
    """A matrix per frequency whose singular values are the operator's, the grid of frequencies, and if it is half."""
    if isinstance(operator, Circulant):
        return operator.spectrum, operator.shape, operator.real
    if not operator.is_periodic():
        raise OptionError(
            f"`operator` must be periodic for its spectrum to be known; got boundary {operator.boundary!r} and padding "
            f"{operator.padding}. `spectral_norm` brackets the norm of others."
        )
    stride = operator.filter.layer.stride
    for length, step in zip(operator.shape, stride, strict=True):
        if length % step:
            raise ShapeError(
                f"`operator` must have strides that divide the periodic lengths; got {stride} for {operator.shape}."
            )
    plain = circulant(_unstrided(operator.filter), operator.shape)
    if not operator.filter.layer.is_strided():
        return plain.spectrum, plain.shape, plain.real
    grid = tuple(length // step for length, step in zip(operator.shape, stride, strict=True))
    matrices = spectra.whole(plain.spectrum, plain.shape, real=plain.real)
    rank = len(grid)
    split = [size for pair in zip(stride, grid, strict=True) for size in pair]
    c_out, c_in = matrices.shape[-2:]
    matrices = matrices.reshape(*split, c_out, c_in)
    # Frequencies that fall on one another after striding stand side by side.
    order = (*range(1, 2 * rank, 2), 2 * rank, *range(0, 2 * rank, 2), 2 * rank + 1)
    matrices = matrices.transpose(order).reshape(*grid, c_out, -1) / math.sqrt(math.prod(stride))
    if plain.real:
        matrices = lax.slice_in_dim(matrices, 0, spectra.half_length(grid[-1]), axis=rank - 1)
    return matrices, grid, plain.real


def _unstrided(filter: Filter) -> Filter:
    return dataclasses.replace(filter, stride=1, period=1)


def _embedded(operator: Convolution) -> jax.Array:
    """Matrices of the periodic operator of n + K − 1 samples: one that is not cropped holds every cropped one."""
    if not operator.geometry.is_zero:
        raise OptionError(
            f"`operator` must be periodic or zero-padded; got boundary {operator.boundary!r}. "
            "Take `jnp.linalg.norm(operator.as_matrix(), 2)` of a small one."
        )
    shape = tuple(
        -(-(n + k - 1) // step) * step
        for n, k, step in zip(operator.shape, operator.filter.extent, operator.filter.layer.stride, strict=True)
    )
    return _matrices(Convolution(operator.filter, shape, "periodic"))[0]


def _largest(matrices: jax.Array) -> jax.Array:
    """The largest singular value of all; its gradient comes from one frequency only."""
    flat = matrices.reshape(-1, *matrices.shape[-2:])
    worst = jnp.argmax(jnp.linalg.svd(lax.stop_gradient(flat), compute_uv=False)[:, 0])
    return jnp.linalg.svd(flat[worst], compute_uv=False)[0]


@functools.partial(jax.jit, static_argnames="iterations")
def _power_iteration(operator: Convolution, start: jax.Array, iterations: int) -> jax.Array:
    """‖Av‖ of the unit signal that so many products with AᴴA lead to; differentiated as if that stood still."""
    adjoint = operator.adjoint()

    def turn(_: int, v: jax.Array) -> jax.Array:
        w = adjoint.mv(operator.mv(v))
        return w / jnp.maximum(_norm(w), jnp.finfo(w.dtype).tiny).astype(w.dtype)

    v = lax.stop_gradient(lax.fori_loop(0, iterations, turn, start / _norm(start).astype(start.dtype)))
    return _norm(operator.mv(v))


def _norm(x: jax.Array) -> jax.Array:
    square = jnp.sum(jnp.real(x * jnp.conj(x)))
    is_zero = square == 0
    return jnp.where(is_zero, 0, jnp.sqrt(jnp.where(is_zero, 1, square)))


def _gram_iteration(matrices: jax.Array, iterations: int) -> jax.Array:
    """‖G_T‖_F^(2^−T) of G ← GᴴG, rescaled at every step so that nothing overflows.

    Shapes:
        matrices (frequencies, out, in) → (frequencies,).
    """
    g = matrices if matrices.shape[-1] <= matrices.shape[-2] else jnp.conj(jnp.swapaxes(matrices, -2, -1))
    logarithm = jnp.zeros(g.shape[0], jnp.finfo(g.dtype).dtype)
    for _ in range(iterations):
        size = jnp.sqrt(_square(g))
        g = g / size[:, None, None].astype(g.dtype)
        logarithm = 2 * (logarithm + jnp.log(size))
        g = jnp.matmul(jnp.conj(jnp.swapaxes(g, -2, -1)), g, precision=_HIGHEST)
    size = _square(g)
    bound = jnp.exp((0.5 * jnp.log(size) + logarithm) * 2.0**-iterations)
    is_zero = (matrices == 0).all((-2, -1))
    return jnp.where(is_zero, 0, bound)


def _square(g: jax.Array) -> jax.Array:
    """‖g‖², 1 where that is 0."""
    total = jnp.sum(jnp.real(g * jnp.conj(g)), (-2, -1))
    return jnp.where(total == 0, 1, total)
