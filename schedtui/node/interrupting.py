"""A time limit for a call into the kernel that can take minutes.

The verifier looks for signals after each instruction it follows, and gives up when there is one.
So a thread that asks it something too long is sent one, again and again, since libbpf asks anew.
"""

from __future__ import annotations

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType
from typing import Final

_SIGNAL: Final = signal.SIGURG
"""Does nothing where nobody listens, so it can never end a process by mistake."""
_AGAIN_S: Final = 0.02


def allow_interrupting() -> None:
    """Make time limits work in this process. To be called once, in the main thread."""
    signal.signal(_SIGNAL, _nothing)


def _nothing(_number: int, _frame: FrameType | None) -> None:
    """Only that there is a handler makes the kernel notice the signal."""


@contextlib.contextmanager
def interrupted_after(seconds: float) -> Iterator[None]:
    """Interrupt what this thread does meanwhile in the kernel, once it takes too long."""
    done = threading.Event()
    arguments = (threading.get_ident(), done, seconds)
    nagging = threading.Thread(target=_nag, args=arguments, name="time limit", daemon=True)
    nagging.start()
    try:
        yield
    finally:
        done.set()
        nagging.join()


def _nag(thread: int, done: threading.Event, seconds: float) -> None:
    if done.wait(seconds):
        return
    while not done.wait(_AGAIN_S):
        signal.pthread_kill(thread, _SIGNAL)
