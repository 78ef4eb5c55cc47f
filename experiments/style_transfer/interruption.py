"""Ctrl-C as a question that is asked between steps, so that no step is torn."""

import contextlib
import signal
import threading
from collections.abc import Callable, Iterator


@contextlib.contextmanager
def interruptible() -> Iterator[Callable[[], bool]]:
    """Within, a first Ctrl-C makes the function say True, and a second one interrupts at once."""
    is_wanted = False

    def ask(*_: object) -> None:
        nonlocal is_wanted
        if is_wanted:
            raise KeyboardInterrupt
        is_wanted = True

    # Only the main thread may set handlers; elsewhere nobody sends the signal.
    if threading.current_thread() is not threading.main_thread():
        yield lambda: False
        return
    before = signal.signal(signal.SIGINT, ask)
    try:
        yield lambda: is_wanted
    finally:
        signal.signal(signal.SIGINT, before)
