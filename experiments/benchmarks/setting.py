"""Where a benchmark ran: the device, its limits, the versions, the settings that change a time."""

import dataclasses
import datetime
import pathlib
import platform
import subprocess
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from importlib import metadata

import jax
import numpy as np

from sigconv._engine.host import core_count

_COPIED = 1 << 24
"""Numbers in the copy that measures the bandwidth: 64 MiB read and as much written, more than most caches hold."""
_SQUARE = 2048
"""Rows and columns of the product that measures the arithmetic."""
_PACKAGES = ("jax", "jaxlib", "numpy", "scipy", "torch", "opencv-python-headless")
ABSENT = "not installed"


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
        arithmetic: Floating-point operations per second of a float32 matrix product.
        is_quick: Whether this was the smoke run.
    """

    device: str
    cores: int
    system: str
    versions: dict[str, str]
    date: str
    async_dispatch: bool | None
    bandwidth: float
    arithmetic: float
    is_quick: bool

    def limit(self, moved: int, operations: float = 0.0) -> float:
        """Seconds that moving so many bytes takes at least, or so many operations where those take longer."""
        return max(moved / self.bandwidth, operations / self.arithmetic)


def current_setting(*, is_quick: bool = False) -> Setting:
    return Setting(
        device=f"{_processor()} ({jax.default_backend()}: {jax.devices()[0].device_kind})",
        cores=core_count(),
        system=f"{platform.system()} {platform.machine()}, Python {platform.python_version()}",
        versions={"sigconv": _own_version(), **{name: _version(name) for name in _PACKAGES}},
        date=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%d %H:%M UTC"),
        async_dispatch=jax.config.values.get("jax_cpu_enable_async_dispatch"),
        bandwidth=copy_bandwidth(),
        arithmetic=product_rate(),
        is_quick=is_quick,
    )


def copy_bandwidth(repeats: int = 7) -> float:
    """Bytes per second of the best of a few copies by all cores, into memory that has been touched before."""
    source, target = np.ones(_COPIED, np.float32), np.zeros(_COPIED, np.float32)
    cores = core_count()
    parts = list(zip(np.array_split(target, cores), np.array_split(source, cores), strict=True))
    with ThreadPoolExecutor(cores) as pool:
        seconds = _least(lambda: list(pool.map(lambda part: np.copyto(*part), parts)), repeats)
    return 2 * source.nbytes / seconds


def product_rate(repeats: int = 5) -> float:
    """Operations per second of the best of a few of NumPy's products of square float32 matrices."""
    a = np.ones((_SQUARE, _SQUARE), np.float32)
    target = np.empty_like(a)
    return 2 * _SQUARE**3 / _least(lambda: np.matmul(a, a, out=target), repeats)


def _least(call: Callable[[], object], repeats: int) -> float:
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - start)
    return best


def _version(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return ABSENT


def _own_version() -> str:
    """The commit, with a mark where files differ from it; the package's version where there is no repository."""
    command = ["git", "-C", str(pathlib.Path(__file__).parent), "describe", "--always", "--dirty", "--exclude=*"]
    try:
        found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=10)
    except (OSError, subprocess.SubprocessError):
        return _version("sigconv")
    return found.stdout.strip()


def _processor() -> str:
    try:
        lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()
