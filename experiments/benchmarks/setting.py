"""Where a benchmark ran: the device, its memory limit, the versions, the settings that change a time."""

import dataclasses
import datetime
import os
import pathlib
import platform
import time
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata

import jax
import numpy as np

_COPIED = 1 << 24
"""Numbers in the copy that measures the bandwidth: 64 MiB read and as much written, more than most caches hold."""
_PACKAGES = ("sigconv", "jax", "jaxlib", "numpy", "scipy")


@dataclasses.dataclass(frozen=True)
class Setting:
    """What a number must be read with.

    Attributes:
        device: Name of the processor, and JAX's platform.
        cores: Cores this process may use.
        system: Operating system and Python.
        versions: By package.
        date: When, in UTC.
        async_dispatch: Whether JAX hands CPU work to another thread, which costs tens of microseconds a call.
        bandwidth: Bytes per second of a copy, read and write together.
        is_quick: Whether this was the smoke run.
    """

    device: str
    cores: int
    system: str
    versions: dict[str, str]
    date: str
    async_dispatch: bool | None
    bandwidth: float
    is_quick: bool

    def memory_limit(self, outputs: int) -> float:
        """Seconds to read and write one float32 per output sample, whatever the algorithm."""
        return 8 * outputs / self.bandwidth


def current_setting(*, is_quick: bool = False) -> Setting:
    return Setting(
        device=f"{_processor()} ({jax.default_backend()}: {jax.devices()[0].device_kind})",
        cores=core_count(),
        system=f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        versions={name: _version(name) for name in _PACKAGES},
        date=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        async_dispatch=jax.config.values.get("jax_cpu_enable_async_dispatch"),
        bandwidth=copy_bandwidth(),
        is_quick=is_quick,
    )


def core_count() -> int:
    """Cores this process may use."""
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def copy_bandwidth(repeats: int = 7) -> float:
    """Bytes per second of the best of a few copies by all cores, into memory that has been touched before."""
    source, target = np.ones(_COPIED, np.float32), np.zeros(_COPIED, np.float32)
    cores = core_count()
    parts = list(zip(np.array_split(target, cores), np.array_split(source, cores), strict=True))
    best = float("inf")
    with ThreadPoolExecutor(cores) as pool:
        for _ in range(repeats):
            start = time.perf_counter()
            list(pool.map(lambda part: np.copyto(*part), parts))
            best = min(best, time.perf_counter() - start)
    return 2 * source.nbytes / best


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "from source"


def _processor() -> str:
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
