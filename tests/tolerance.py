"""The tolerance rule: errors are absolute and scale with norms, per batch item and output channel."""

import jax.numpy as jnp
import numpy as np

PRODUCTS = ("direct", "shift_add", "kn2row", "toeplitz")
"""The methods that multiply every tap; the others transform."""

EPS = {
    "bfloat16": 2.0**-7,
    "float16": 2.0**-10,
    "float32": 2.0**-23,
    "complex64": 2.0**-23,
    "float64": 2.0**-52,
    "complex128": 2.0**-52,
}


def assert_correlation(actual, reference, x, w, method="direct", extended=None):
    """Hold a correlation against its float64 definition.

    Args:
        actual: (batch, out, *space), or any shape where the operands have no channels.
        reference: The same in float64 or complex128; exact integers for integers.
        x, w: The canonical operands, (batch, channel, *space) and (out, in/groups, *taps), or any shapes where there is
            one kernel for all.
        method: Its name: one of PRODUCTS, or anything else for those that transform.
        extended: The signal with its boundary written out, if that has a larger norm than x.
    """
    actual = np.asarray(actual)
    assert actual.shape == reference.shape
    if jnp.issubdtype(actual.dtype, jnp.integer):
        np.testing.assert_array_equal(actual, reference)
        return
    eps = EPS[str(actual.dtype)]
    wide = np.complex128 if np.iscomplexobj(reference) or np.iscomplexobj(actual) else np.float64
    x, w = (np.asarray(a).astype(np.complex128) for a in (x if extended is None else extended, w))
    if actual.ndim < 3 or actual.shape[:2] != (x.shape[0], w.shape[0]):
        x, w = x.reshape(1, 1, -1), w.reshape(1, 1, -1)
        actual, reference = actual.reshape(1, 1, -1), reference.reshape(1, 1, -1)
    taps = np.abs(w).reshape(w.shape[0], -1)
    rows = np.abs(x).reshape(x.shape[0], -1)
    if method in PRODUCTS:
        terms = np.count_nonzero(taps, axis=1).max()
        scale = rows.max(1)[:, None] * taps.sum(1)[None]
        bound = eps * scale * max(8.0, np.sqrt(terms) / 4)
    else:
        bound = 8 * eps * np.linalg.norm(rows, axis=1)[:, None] * np.linalg.norm(taps, axis=1)[None]
    # bfloat16 and float16 results are rounded once more, from float32.
    error = np.abs(actual.astype(wide) - reference).reshape(*actual.shape[:2], -1).max(-1)
    assert np.all(error <= bound), (
        f"error {error.max():.3g} above {bound.min():.3g} ({(error / bound).max():.3g} times)"
    )
