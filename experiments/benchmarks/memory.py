"""The memory of this process: what it holds, and the most it held."""

import pathlib
import resource
import sys

_STATUS = pathlib.Path("/proc/self/status")


def forget_peak() -> int:
    """Let the peak start anew from what is held now, where the system can; bytes held, or the peak so far."""
    try:
        pathlib.Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return peak()
    return _kilobytes("VmRSS") << 10


def peak() -> int:
    """Most bytes held."""
    if _STATUS.exists():
        return _kilobytes("VmHWM") << 10
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most << 10


def _kilobytes(field: str) -> int:
    return int(next(line for line in _STATUS.read_text().splitlines() if line.startswith(field)).split()[1])
