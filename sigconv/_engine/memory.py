"""How much memory a device has, so that what cannot fit is refused before anything is allocated."""

import functools
import os

import jax


@functools.lru_cache(maxsize=8)
def available_bytes(platform: str) -> int | None:
    """Memory of all devices of a platform together; None where it is unknown."""
    if platform == "cpu":
        try:
            return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
        except (AttributeError, OSError, ValueError):
            return None
    try:
        statistics = [device.memory_stats() for device in jax.local_devices(backend=platform)]
    except RuntimeError:
        return None
    limits = [s["bytes_limit"] for s in statistics if s and "bytes_limit" in s]
    return sum(limits) or None


def in_words(count: float) -> str:
    """A number of bytes as people say it."""
    for unit in ("B", "KiB", "MiB", "GiB", "TiB", "PiB"):
        if count < 1024 or unit == "PiB":
            break
        count /= 1024
    return f"{count:.3g} {unit}"
