"""Functions of two arrays made into candidates, forward or with their gradients, JAX's, torch's and the host's."""

import dataclasses
import functools
import importlib
import importlib.util
from collections.abc import Callable, Sequence
from typing import Any, Literal

import jax
import numpy as np
import scipy.fft

from experiments.benchmarks.harness import Candidate
from sigconv._engine.host import core_count

Function = Callable[[Any, Any], Any]
"""From a signal and a kernel to their convolution."""
Preparation = Callable[[Any], Any]
"""From our kernel to the layout that a library wants."""

_LOSSES = {"squares": lambda y: (y * y).sum(), "mean": lambda y: y.mean()}


@dataclasses.dataclass(frozen=True)
class Gradient:
    """Which gradient: of the sum of squares or the mean of the output, by both arguments or by some."""

    loss: Literal["squares", "mean"] = "squares"
    by: tuple[int, ...] = (0, 1)


def is_installed(module: str) -> bool:
    return importlib.util.find_spec(module) is not None


@functools.cache
def peer(module: Literal["torch", "cv2"]) -> Any:
    """The library, told to use all cores; only where it is wanted, as the tests run without it."""
    library = importlib.import_module(module)
    (library.set_num_threads if module == "torch" else library.setNumThreads)(core_count())
    return library


def with_jax(
    function: Callable[..., Any], arrays: Sequence[Any], gradient: Gradient | None = None, **others: Any
) -> Candidate:
    """The function compiled; `others` are those of Candidate."""
    if gradient is not None:
        function = _with_gradient(function, gradient)
    call = jax.jit(function)
    return Candidate(
        lambda: jax.block_until_ready(call(*arrays)), lambda: jax.jit(function).lower(*arrays).compile(), **others
    )


def with_torch(
    function: Function,
    prepare: Preparation,
    arrays: Sequence[np.ndarray],
    gradient: Gradient | None = None,
    dtype: str = "float32",
) -> Candidate:
    """The function run eagerly, as torch is. What `prepare` does to the kernel is on the clock in gradients only."""
    torch = peer("torch")
    x, w = (torch.from_numpy(np.ascontiguousarray(a, np.float32)).to(getattr(torch, dtype)) for a in arrays)
    if gradient is None:
        ready = prepare(w).contiguous()

        def forward() -> Any:
            with torch.inference_mode():
                return function(x, ready)

        return Candidate(forward)
    wanted = [(x, w)[i].requires_grad_() for i in gradient.by]

    def backward() -> tuple[Any, ...]:
        loss = _LOSSES[gradient.loss](function(x, prepare(w)))
        return (loss.detach(), *torch.autograd.grad(loss, wanted))

    return Candidate(backward, read=lambda parts: tuple(part.to(torch.float64) for part in parts))


def on_host(call: Callable[[], Any]) -> Candidate:
    """SciPy transforms on one core unless told otherwise; the others use them all."""
    cores = core_count()

    def with_workers() -> Any:
        with scipy.fft.set_workers(cores):
            return call()

    return Candidate(with_workers)


def _with_gradient(function: Callable[..., Any], gradient: Gradient) -> Callable[..., tuple[jax.Array, ...]]:
    def loss(*arrays: jax.Array) -> jax.Array:
        return _LOSSES[gradient.loss](function(*arrays))

    differentiated = jax.value_and_grad(loss, gradient.by)

    def parts(*arrays: jax.Array) -> tuple[jax.Array, ...]:
        value, gradients = differentiated(*arrays)
        return (value, *gradients)

    return parts
