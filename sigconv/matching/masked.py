"""The same sums where samples count by weights: M of the template's taps, a of the image's samples.

Means are weighted by aM and products by aM², as OpenCV's are, which is the same where weights are 0 and 1; without M
that is Padfield's masked correlation. All are correlations of a, ax and ax² with M, M², and these times w and w²:

    Σ g (x − x̄)(w − w̄) = Σ g x w − x̄ Σ g w − w̄ Σ g x + x̄ w̄ Σ g,    g = aM²,    x̄ = Σ aM x / Σ aM

which cancels if x is large beside what varies in it, so that every frame of the image is centred first, and w too. What
is left, x = c + u and w = d + v, is put together again by hand.

Reference:
    Padfield, "Masked object registration in the Fourier domain", IEEE Trans. Image Processing 21 (5), 2012.
"""

import dataclasses

import jax
import jax.numpy as jnp
from jax import lax

from sigconv._engine.method import Method
from sigconv.matching.frames import Frames
from sigconv.matching.levels import Levelled
from sigconv.matching.moments import ROUNDINGS, Moments, is_local
from sigconv.signal import correlate_channels


@dataclasses.dataclass(frozen=True)
class Weights:
    """Weights of the template's taps (template or 1, channel, *taps), and of the image's samples, shaped as it is."""

    taps: jax.Array
    samples: jax.Array | None
    is_binary: bool
    overlap: float


def moments(image: Levelled, templates: Levelled, weights: Weights, method: str | Method) -> Moments:
    """The weighted sums for values (batch, channel, *space) and (template, channel, *taps)."""
    x, w, batch = image.values, templates.values, image.values.shape[0]
    frames = Frames(x.shape[2:], w.shape[2:])
    templates = dataclasses.replace(templates, values=counting(w, weights.taps))
    a = None
    if weights.samples is not None:
        a = weights.samples
        x = counting(x, a)
        a = frames.cut(a, fill=True)
    x = frames.cut(x)
    pieces = x.shape[0] // batch
    level = jnp.tile(image.level, (pieces, *(1,) * (x.ndim - 1)))
    whole = None if image.whole is None else jnp.tile(image.whole, (pieces, *(1,) * (x.ndim - 1)))
    of_frames = _moments(Levelled(x, level, whole), templates, weights, a, method)
    fields = {f.name: getattr(of_frames, f.name) for f in dataclasses.fields(of_frames)}
    shape = (x.shape[0], w.shape[0], *frames.step)

    def joined(m: jax.Array | None) -> jax.Array | None:
        if m is None or (m.shape[0] == 1 and max(m.shape[2:]) == 1):
            return m  # One number for all frames, however many there are.
        return frames.join(jnp.broadcast_to(m, shape), batch)

    return Moments(**{name: joined(m) for name, m in fields.items()})  # type: ignore[arg-type]


def counting(x: jax.Array, weights: jax.Array) -> jax.Array:
    """The samples, 0 in place of NaN and infinity that do not count."""
    return jnp.where((weights == 0) & ~jnp.isfinite(x), 0, x)


def _moments(
    image: Levelled, templates: Levelled, weights: Weights, a: jax.Array | None, method: str | Method
) -> Moments:
    """The sums within frames, (frame, channel, *frame) → (frame, template, *step)."""
    space = tuple(range(2, image.values.ndim))
    mean_weights = weights.taps
    squares = mean_weights if weights.is_binary else mean_weights * mean_weights
    ones = jnp.ones((), image.values.dtype)

    def correlated(plane: jax.Array | None, taps: jax.Array) -> jax.Array:
        """With every tap, channel by channel: (frame or 1, template, channel, *step)."""
        if plane is None:
            return jnp.sum(taps, axis=space, keepdims=True)[None]
        channels = plane.shape[1]
        stacked = jnp.swapaxes(taps, 0, 1).reshape(-1, 1, *taps.shape[2:])
        y = correlate_channels(plane, stacked, groups=channels, method=method)
        return jnp.swapaxes(y.reshape(y.shape[0], channels, taps.shape[0], *y.shape[2:]), 1, 2)

    c, u = _centre(image.values, None if a is None else a)
    d, v = _centre(templates.values, mean_weights)
    au = u if a is None else a * u
    g, gv, gvv = correlated(a, squares), correlated(a, squares * v), correlated(a, squares * v * v)
    gu, guv, guu = correlated(au, squares), correlated(au, squares * v), correlated(au * u, squares)
    if weights.is_binary:
        h, hu, hv = g, gu, gv
    else:
        h, hu, hv = correlated(a, mean_weights), correlated(au, mean_weights), correlated(a, mean_weights * v)
    full = jnp.sum(mean_weights, axis=space, keepdims=True)[None]
    rounding = ROUNDINGS * float(jnp.finfo(ones.dtype).eps)
    is_empty = h <= rounding * full
    share = jnp.where(is_empty, 0, 1 / jnp.where(is_empty, 1, h))
    x_mean, w_mean = hu * share, hv * share
    centre, template_centre = (c + image.level)[:, None], (d + templates.level)[None]
    gap = image.above(templates) + (c[:, None] - d[None])
    is_constant = _is_constant(templates.values, mean_weights)
    return Moments(
        product=_total(guv - x_mean * gv - w_mean * gu + x_mean * w_mean * g),
        energy=_total(guu - 2 * x_mean * gu + x_mean * x_mean * g),
        template_energy=jnp.where(is_constant, 0, _total(gvv - 2 * w_mean * gv + w_mean * w_mean * g)),
        raw_product=_total(guv + template_centre * gu + centre * gv + centre * template_centre * g),
        power=_total(guu + 2 * centre * gu + centre * centre * g),
        template_power=_total(gvv + 2 * template_centre * gv + template_centre * template_centre * g),
        distance=_total(guu - 2 * guv + gvv + 2 * gap * (gu - gv) + gap * gap * g),
        noise=rounding * _total(guu if is_local(method) else _size(au * u)[:, None] * _size(squares)[None]),
        template_noise=rounding * _template_noise(a, gvv, squares * v * v, method),
        is_seen=None if a is None else _total(h) > max(weights.overlap, rounding) * _total(full),
    )


def _template_noise(a: jax.Array | None, gvv: jax.Array, taps: jax.Array, method: str | Method) -> jax.Array:
    """How large Σ g v² is, as far as its error goes; 0 where it is no correlation."""
    if a is None:
        return jnp.zeros_like(_total(gvv))
    return _total(lax.stop_gradient(gvv) if is_local(method) else _size(a)[:, None] * _size(taps)[None])


def _centre(x: jax.Array, weights: jax.Array | None) -> tuple[jax.Array, jax.Array]:
    """The weighted mean of every row and channel, roughly, and the samples less that; 0 where there is no weight.

    No derivative passes through the mean, which the sums do not depend on.
    """
    axes = tuple(range(2, x.ndim))
    fixed = lax.stop_gradient(x)
    count = jnp.ones((1,) * x.ndim, x.dtype) if weights is None else lax.stop_gradient(weights)
    count = jnp.where(jnp.isfinite(fixed), jnp.broadcast_to(count, fixed.shape), 0)
    total = jnp.sum(count, axis=axes, keepdims=True)
    total = jnp.where(total == 0, 1, total)
    centre = jnp.zeros_like(total)
    for _ in range(2):
        rest = jnp.where(count == 0, 0, fixed - centre)
        centre = centre + jnp.sum(count * rest, axis=axes, keepdims=True) / total
    return centre, x - centre


def _is_constant(w: jax.Array, weights: jax.Array) -> jax.Array:
    """Whether every channel of a template is, where it has weight: (1, template, 1, …, 1)."""
    axes = tuple(range(2, w.ndim))
    counts = jnp.broadcast_to(weights != 0, w.shape)
    highest = jnp.max(jnp.where(counts, w, -jnp.inf), axis=axes, keepdims=True)
    lowest = jnp.min(jnp.where(counts, w, jnp.inf), axis=axes, keepdims=True)
    return jnp.swapaxes(jnp.all(highest <= lowest, axis=1, keepdims=True), 0, 1)


def _total(a: jax.Array) -> jax.Array:
    """Over channels: (frame, template, channel, *step) → (frame, template, *step)."""
    return jnp.sum(a, axis=2)


def _size(a: jax.Array) -> jax.Array:
    """The norm of every row and channel."""
    a = lax.stop_gradient(a)
    return jnp.sqrt(jnp.sum(a * a, axis=tuple(range(2, a.ndim)), keepdims=True))
