"""The calls on which settings are tried, in the ways in which a user can make them; run in a process of its own."""

import dataclasses
import functools
import statistics
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

_SECONDS, _CALLS = 0.15, (5, 2000)
"""Of timed calls, about, and fewest and most of them."""
_ROWS, _LINKS = 64, 8


@dataclasses.dataclass(frozen=True)
class Task:
    """A convolution of one kernel, or of weights between channels."""

    signal: tuple[int, ...]
    kernel: tuple[int, ...]
    mode: Literal["full", "same"] = "full"
    has_channels: bool = False

    @property
    def name(self) -> str:
        lengths = (" × ".join(map(str, shape)) for shape in (self.signal, self.kernel))
        return "{} with {}".format(*lengths) + f", {self.mode!r}"

    @property
    def options(self) -> dict[str, Any]:
        return {"padding" if self.has_channels else "mode": self.mode}


def measure_here(tasks: Sequence[Mapping[str, Any]], how: str) -> list[float]:
    """Median seconds of each task, called like that."""
    return [_median(*CALLERS[how](_task(task))) for task in tasks]


def _task(data: Mapping[str, Any]) -> Task:
    return Task(**{**data, "signal": tuple(data["signal"]), "kernel": tuple(data["kernel"])})


def _median(call: Callable[[Any], Any], fresh: Callable[[], Any]) -> float:
    """Of calls on what `fresh` makes each time, off the clock."""
    for _ in range(3):
        call(fresh())
    fewest, most = _CALLS
    times: list[float] = []
    while len(times) < fewest or (sum(times) < _SECONDS and len(times) < most):
        given = fresh()
        start = time.perf_counter()
        call(given)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


Caller = Callable[[Task], tuple[Callable[[Any], Any], Callable[[], Any]]]
"""From a task to a call of a signal and the maker of signals."""


def _arrays(task: Task, dtype: str = "float32", rows: int | None = None) -> tuple[Any, Any]:
    import jax.numpy as jnp

    from experiments.benchmarks.workloads.noise import white_noise

    x, w = white_noise(task.signal if rows is None else (rows, *task.signal), task.kernel)
    return jnp.asarray(x, dtype), jnp.asarray(w, dtype)


def _convolution(task: Task) -> Callable[[Any, Any], Any]:
    import sigconv

    convolve = sigconv.convolve_channels if task.has_channels else sigconv.convolve
    return functools.partial(convolve, **task.options)


def _compiled(task: Task, dtype: str = "float32", **options: Any) -> tuple[Callable[[Any], Any], Callable[[], Any]]:
    import jax

    (x, w), call = _arrays(task, dtype), jax.jit(_convolution(task), **options)
    return lambda x: jax.block_until_ready(call(x, w)), lambda: x


def _eager(task: Task) -> tuple[Callable[[Any], Any], Callable[[], Any]]:
    import jax

    (x, w), call = _arrays(task), _convolution(task)
    return lambda x: jax.block_until_ready(call(x, w)), lambda: x


def _linked(task: Task, is_one: bool) -> tuple[Callable[[Any], Any], Callable[[], Any]]:
    """Each of eight convolutions takes the one before it, cut back to the signal's length."""
    import jax
    from jax import lax

    convolve, (x, w) = _convolution(task), _arrays(task)

    def link(x: Any, w: Any) -> Any:
        return lax.slice(convolve(x, w), (0,) * x.ndim, x.shape) / w.size

    step = link if is_one else jax.jit(link)

    def chain(x: Any, w: Any) -> Any:
        for _ in range(_LINKS):
            x = step(x, w)
        return x

    call = jax.jit(chain) if is_one else chain
    return lambda x: jax.block_until_ready(call(x, w)), lambda: x


def _fresh(task: Task, **options: Any) -> tuple[Callable[[Any], Any], Callable[[], Any]]:
    """A new input for every call, as one that is donated is gone afterwards."""
    import jax

    # It says so where the output cannot take the input's place, and that is measured too.
    warnings.filterwarnings("ignore", "Some donated buffers were not usable")
    call, fresh = _compiled(task, **options)
    return call, lambda: jax.block_until_ready(fresh() + 0)


def _prepared(task: Task) -> tuple[Callable[[Any], Any], Callable[[], Any]]:
    import jax

    import sigconv

    x, w = _arrays(task)
    ready = jax.block_until_ready(sigconv.prepare(w, x.shape, kind="convolution", **task.options))
    call = jax.jit(lambda ready, x: ready(x))
    return lambda x: jax.block_until_ready(call(ready, x)), lambda: x


def _rows(task: Task, is_vmap: bool) -> tuple[Callable[[Any], Any], Callable[[], Any]]:
    import jax

    x, w = _arrays(task, rows=_ROWS)
    convolve = _convolution(task)
    if is_vmap:
        call = jax.jit(jax.vmap(convolve, (0, None)))
        return lambda x: jax.block_until_ready(call(x, w)), lambda: x
    row, rows = jax.jit(convolve), list(x)
    return lambda rows: jax.block_until_ready([row(x, w) for x in rows]), lambda: rows


CALLERS: Mapping[str, Caller] = {
    "compiled": _compiled,
    "double": lambda task: _compiled(task, "float64"),
    "wide": lambda task: _compiled(task, compiler_options={"xla_cpu_prefer_vector_width": "512"}),
    "eager": _eager,
    "calls": lambda task: _linked(task, is_one=False),
    "chain": lambda task: _linked(task, is_one=True),
    "fresh": _fresh,
    "donated": lambda task: _fresh(task, donate_argnums=0),
    "prepared": _prepared,
    "loop": lambda task: _rows(task, is_vmap=False),
    "vmap": lambda task: _rows(task, is_vmap=True),
}
"""By name: how a user can call."""
