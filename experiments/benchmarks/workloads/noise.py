"""What everything is timed on: white noise."""

import jax.numpy as jnp
import numpy as np


def white_noise(*shapes: tuple[int, ...]) -> tuple[np.ndarray, ...]:
    """Float32 arrays, the same in every run."""
    rng = np.random.default_rng(0)
    return tuple(rng.standard_normal(shape, dtype=np.float32) for shape in shapes)


def rounded(array: np.ndarray, dtype: str) -> np.ndarray:
    """To what `dtype` holds, in float32."""
    return np.array(jnp.asarray(array, dtype), np.float32)
