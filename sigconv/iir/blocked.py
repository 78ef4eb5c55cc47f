"""`blocked`: within a block a product with the Toeplitz matrix of the impulse response, between blocks states.

The states at the starts of blocks obey a recursion of the same kind, with the blocks' own contributions as input. It is
taken in blocks in turn, so that nothing is left that runs sample by sample: 441,000 samples are products of matrices of
6,890, 216 and 7 rows.
"""

import jax
import jax.numpy as jnp
import numpy as np

from sigconv.iir.parts import Parts
from sigconv.iir.powers import doublings, power, powers, product, rows
from sigconv.iir.state_space import StateSpace, impulse_response, in_series

_SECTIONS = 8
"""Sections that share a state; of more, the rest runs over the first ones' result."""
_WIDTH = 96
"""Numbers of a group of states, about."""
_GROUP = (4, 32)
"""Least and most states of a group."""


def blocked(b: jax.Array, a: jax.Array, x: jax.Array, state: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Filter rows through sections in series.

    Shapes:
        b, a (S, M + 1), x (R, N), state (R, S, M) → (R, N), (R, S, M).
    """
    finals = []
    for first in range(0, len(b), _SECTIONS):
        some = slice(first, first + _SECTIONS)
        system = in_series(b[some], a[some])
        start = state[:, some].reshape(len(x), -1)
        x, final = _through(system, x, product(start, system.change.T))
        finals.append(product(final, system.restore.T).reshape(state[:, some].shape))
    return x, jnp.concatenate(finals, axis=1)


def block_length(order: int, length: int) -> int:
    """Samples of a block: few enough that the Toeplitz matrix is small, many enough that states are rare.

    Forwards 64 would do as well; the derivative by the coefficients, a product that leaves only a matrix of this size,
    takes twice as long then.
    """
    return min(length, 32 if order <= 16 else 64 if order <= 32 else 128)


def _through(system: StateSpace, x: jax.Array, state: jax.Array) -> tuple[jax.Array, jax.Array]:
    count, length = x.shape
    order = len(system.b)
    block = block_length(order, length)
    blocks, rest = divmod(length, block)
    squares = doublings(system.e, block)
    values = [square.value for square in squares]
    reads = rows(system.c, values, block)
    writes = rows(system.b, [value.T for value in values], block)
    toeplitz = _lower_toeplitz(impulse_response(system, reads))
    pieces = x[:, : blocks * block].reshape(count * blocks, block)
    inputs = product(pieces, writes[::-1]).reshape(count, blocks, order)
    starts, state = _states(power(squares, block), inputs, state)
    y = product(pieces, toeplitz.T) + product(starts.reshape(-1, order), reads.T)
    y = y.reshape(count, blocks * block)
    if rest:
        # No zeros are added: the state wanted is the one after the last sample, and no power above N is worked out.
        last = x[:, blocks * block :]
        tail = product(last, toeplitz[:rest, :rest].T) + product(state, reads[:rest].T)
        y = jnp.concatenate([y, tail], axis=1)
        state = state + product(state, power(squares, rest).value.T) + product(last, writes[:rest][::-1])
    return y, state


def _lower_toeplitz(h: jax.Array) -> jax.Array:
    """T[i, j] = h[i − j], or 0 above the diagonal; the items may have axes."""
    lags = np.arange(len(h))[:, None] - np.arange(len(h))[None]
    keep = (lags >= 0).reshape(lags.shape + (1,) * (h.ndim - 1))
    return jnp.where(keep, h[np.maximum(lags, 0)], jnp.zeros((), h.dtype))


def _states(e: Parts, inputs: jax.Array, state: jax.Array) -> tuple[jax.Array, jax.Array]:
    """z[j+1] = (I + E) z[j] + u[j]: all z[j], and the one after the last.

    Shapes:
        e (M, M), inputs (R, J, M), state (R, M) → (R, J, M), (R, M).
    """
    count, length, order = inputs.shape
    group = min(length, int(np.clip(_WIDTH // order, *_GROUP)))
    groups = -(-length // group)
    group = -(-length // groups)
    inputs = jnp.pad(inputs, ((0, 0), (0, groups * group - length), (0, 0)))
    squares = doublings(e, group)
    unit = jnp.eye(order, dtype=inputs.dtype)[None]
    moves = powers(squares, group) + unit
    passed = jnp.concatenate([unit, moves[:-1]])
    toeplitz = _lower_toeplitz(passed).transpose(1, 3, 0, 2).reshape(group * order, group * order)
    alone = product(inputs.reshape(-1, group * order), toeplitz).reshape(count, groups, group, order)
    if groups == 1:
        starts = state[:, None]
    else:
        starts, _ = _states(power(squares, group), alone[:, :, -1], state)
    carried = product(starts.reshape(-1, order), moves.transpose(2, 0, 1).reshape(order, -1))
    after = (alone + carried.reshape(alone.shape)).reshape(count, groups * group, order)[:, :length]
    return jnp.concatenate([state[:, None], after[:, :-1]], axis=1), after[:, -1]
