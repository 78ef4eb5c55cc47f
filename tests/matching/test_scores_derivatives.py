"""Derivatives of `match_template`, and that they are finite where a window is flat."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads

from sigconv import match_template


def test_flat_windows_and_templates_score_nothing_with_finite_derivatives():
    rng = np.random.default_rng(0)
    x = rng.integers(0, 256, (24, 24)).astype("f4")
    x[3:15, 5:20] = 200.0
    w = x[14:19, 2:6].copy()
    cases = (("zncc", None), ("ssd_normed", None), ("zncc", jnp.ones(w.shape, bool)))

    @jax.jit
    def run(x, w, weights):
        out = []
        for score, mask in cases:
            f = lambda x, w, s=score, m=mask: match_template(x, w, score=s, mask=m)  # noqa: E731
            y, back = jax.vjp(f, x, w)
            out.append((y, back(weights)))
        return out

    one = jnp.zeros((20, 21)).at[4, 6].set(1)
    for (score, _), (y, gradients) in zip(cases, run(x, w, one), strict=True):
        assert y[4, 6] == 0 or score == "ssd_normed"
        assert score == "ssd_normed" or all(not np.any(g) for g in gradients)
    for image, template in ((x, w), (x, np.full_like(w, 7)), (np.full_like(x, 255), w), (np.zeros_like(x), w)):
        for (score, _), (y, gradients) in zip(cases, run(image, template, jnp.ones_like(one)), strict=True):
            assert np.all(np.isfinite(y))
            assert all(np.all(np.isfinite(g)) for g in gradients)
            if score == "zncc" and (template is not w or image is not x):
                assert not np.any(y)


@pytest.mark.parametrize(
    ("kind", "scores", "modes"),
    [
        ("none", ("zncc", "ssd_normed", "sad"), ("fwd", "rev")),
        ("weights", ("zncc",), ("rev",)),
        ("image", ("zncc",), ("rev",)),
        *(
            pytest.param(kind, scores, ("fwd", "rev"), marks=pytest.mark.full)
            for kind, scores in (
                ("none", ("ssd", "ccorr", "ncc", "ccoeff", "phase")),
                ("weights", ("zncc", "ssd", "ncc")),
                ("image", ("zncc", "ssd", "ncc")),
            )
        ),
    ],
)
def test_derivatives_match_differences(x64, kind, scores, modes):
    rng = np.random.default_rng(0)
    x, w = rng.standard_normal((9, 8)), rng.standard_normal((3, 4))
    mask = 0.5 + rng.random((3, 4)) if kind == "weights" else None
    samples = 0.5 + rng.random((9, 8)) if kind == "image" else None
    given = [a for a in (x, w, mask, samples) if a is not None]

    @jax.jit
    def f(x, w, *rest):
        options = dict(mask=rest[0] if kind == "weights" else None, image_mask=rest[0] if kind == "image" else None)
        return [match_template(x, w, score=s, **options) for s in scores]

    check_grads(f, given, order=1, modes=modes, atol=1e-5, rtol=1e-5)


SECOND = [("zncc", "none"), ("zncc", "weights"), ("ncc", "none"), ("ssd_normed", "none"), ("phase", "none")]


@pytest.mark.parametrize(
    ("score", "kind"), [SECOND[0], *(pytest.param(*case, marks=pytest.mark.full) for case in SECOND[1:])]
)
def test_second_derivatives_match_differences(x64, score, kind):
    rng = np.random.default_rng(0)
    x, w, dx, weights = (rng.standard_normal(n) for n in (9, 3, 9, 7))
    mask = 0.5 + rng.random(3) if kind == "weights" else None
    value = lambda x, w: (weights * match_template(x, w, score=score, mask=mask)).sum()  # noqa: E731
    gradient = jax.jit(jax.grad(value, (0, 1)))
    curvature = jax.jvp(lambda x: gradient(x, w), (x,), (dx,))[1]
    differences = [(b - a) / 2e-5 for a, b in zip(gradient(x - 1e-5 * dx, w), gradient(x + 1e-5 * dx, w), strict=True)]
    for ours, theirs in zip(curvature, differences, strict=True):
        np.testing.assert_allclose(ours, theirs, atol=1e-6)
