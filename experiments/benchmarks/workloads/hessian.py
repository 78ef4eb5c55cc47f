"""A product with the Hessian of the sum of the squares of the output: forward mode over reverse mode."""

import dataclasses
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

import sigconv
from experiments.benchmarks.workloads.noise import white_noise
from experiments.benchmarks.workloads.rivals import Function, Gradient, with_jax
from experiments.benchmarks.workloads.single import Single
from experiments.benchmarks.workloads.workload import Bout, Target, Workload


@dataclasses.dataclass(frozen=True)
class HessianProduct:
    """Along signal and kernel themselves: the gradients have degree 3 in both together, so that it is thrice those."""

    of: Single

    @property
    def signal(self) -> tuple[int, ...]:
        return self.of.signal

    @property
    def kernel(self) -> tuple[int, ...]:
        return self.of.kernel

    def build(self) -> Bout:
        x, w = white_noise(self.signal, self.kernel)
        method = sigconv.select_method(self.signal, self.kernel, mode=self.of.mode, gradient=True).method
        arrays = tuple(map(jnp.asarray, (x, w, x, w)))
        found = {name: with_jax(_along(function), arrays) for name, function in self.of.jax_functions().items()}
        _, *gradients = self.of.reference(x, w)
        return Bout(found, tuple(3 * gradient for gradient in gradients), method, 12 * (x.size + w.size))


def _along(function: Function) -> Callable[..., Any]:
    """The direction is an argument of its own, so that XLA cannot know that it is the point."""
    gradient = jax.grad(lambda x, w: jnp.sum(jnp.square(function(x, w))), (0, 1))
    return lambda x, w, dx, dw: jax.jvp(gradient, (x, w), (dx, dw))[1]


WORKLOADS = tuple(
    Workload(
        "product with the Hessian, 2-d 512²",
        f"product with the Hessian, 512², K = {k}",
        HessianProduct(Single((512, 512), (k, k), "same", Gradient())),
        (Target("jax"), Target("jax fftconvolve")),
    )
    for k in (5, 31)
)
