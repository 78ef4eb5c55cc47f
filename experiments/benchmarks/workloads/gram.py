"""Gram matrices of features and the gradient of a loss on them, beside plain products in JAX, NumPy and torch."""

import dataclasses
import math
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

import sigconv
from experiments.benchmarks.harness import Candidate
from experiments.benchmarks.workloads.rivals import Gradient, is_installed, on_host, with_jax, with_torch
from experiments.benchmarks.workloads.tolerance import allowed_error
from experiments.benchmarks.workloads.workload import OURS, Bout, Target, Workload


@dataclasses.dataclass(frozen=True)
class Features:
    """Features of a layer, (batch, channels, height, width), times themselves, over height · width.

    Attributes:
        signal: Their shape.
        gradient: Whether the sum of squares of the result is wanted with its gradient.
    """

    signal: tuple[int, int, int, int]
    gradient: bool = False

    @property
    def kernel(self) -> tuple[int, ...]:
        return self.signal[1:2]

    def build(self) -> Bout:
        x = np.random.default_rng(0).standard_normal(self.signal).astype(np.float32)
        flat = x.reshape(*self.signal[:2], -1)
        samples = flat.shape[2]
        exact = flat.astype(np.float64)
        product = exact @ exact.swapaxes(1, 2) / samples
        reference = (np.asarray(np.sum(product**2)), 4 * product @ exact / samples) if self.gradient else product
        allowed = None
        if not self.gradient:
            each = (allowed_error(f[:, None], f[:, None], g, "direct") for f, g in zip(flat, product, strict=True))
            allowed = max(each) / samples
        # Of a symmetric matrix half the products would do, but no library's product knows that.
        operations = 2.0 * math.prod(self.signal) * self.signal[1] * (2 if self.gradient else 1)
        moved = 4 * (x.size * (2 if self.gradient else 1) + product.size)
        return Bout(self.candidates(x), reference, "direct", moved, operations, allowed)

    def candidates(self, x: np.ndarray) -> dict[str, Candidate]:
        """Every rival that is installed."""
        batch, channels, height, width = self.signal
        shape = (batch, channels, height * width)
        wanted = Gradient(by=(0,)) if self.gradient else None
        read = {"read": lambda parts: (parts[0], np.asarray(parts[1]).reshape(shape))} if self.gradient else {}

        def plain(x: jax.Array) -> jax.Array:
            flat = x.reshape(shape)
            return jnp.matmul(flat, flat.swapaxes(1, 2), precision="highest") / shape[2]

        array = jnp.asarray(x)
        found = {
            OURS: dataclasses.replace(with_jax(sigconv.gram, (array,), wanted), **read),
            "jax matmul": dataclasses.replace(with_jax(plain, (array,), wanted), **read),
        }
        if not self.gradient:
            found["numpy matmul"] = on_host(lambda: (f := x.reshape(shape)) @ f.swapaxes(1, 2) / shape[2])
        if is_installed("torch"):

            def bmm(x: Any, _: Any) -> Any:
                flat = x.reshape(shape)
                return flat.bmm(flat.transpose(1, 2)) / shape[2]

            found["torch bmm"] = dataclasses.replace(
                with_torch(bmm, lambda w: w, (x, x[:1, :1, :1, :1]), wanted), **read
            )
        return found


_THIN, _SQUARE = (8, 64, 224, 224), (1, 512, 28, 28)


def _workload(shape: tuple[int, int, int, int], *targets: Target, gradient: bool = False) -> Workload:
    kind = "few" if shape[1] < shape[2] * shape[3] // 64 else "many"
    goal = f"{'value and gradient of a ' if gradient else ''}Gram matrix of {kind} channels"
    name = f"{'gradient, ' if gradient else ''}{shape[0]} × {shape[1]} channels, {shape[2]}²"
    return Workload(goal, name, Features(shape, gradient), targets)


WORKLOADS = (
    _workload(_THIN, Target("jax", 1.5), Target("torch", 0.32, 0.6), Target("numpy")),
    _workload(_SQUARE, Target("jax", 1.0), Target("torch", 1.0), Target("numpy")),
    _workload(_THIN, Target("jax", 1.5), Target("torch", 1.0), gradient=True),
    _workload(_SQUARE, Target("jax", 1.0), Target("torch", 1.0), gradient=True),
)
