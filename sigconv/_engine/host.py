"""The machine that runs Python, as far as programs for its processor depend on it."""

import functools
import os


@functools.cache
def core_count() -> int:
    """Cores that XLA's CPU backend shares work out to: those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
