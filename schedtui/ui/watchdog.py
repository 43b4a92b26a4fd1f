"""Ends the screen when its terminal is gone.

Textual 8.2.8 spins on end-of-file when the hangup signal is ignored (sudo, some lost ssh links).
"""

from __future__ import annotations

import os
import select
import threading
from collections.abc import Callable
from typing import Final

_GRACE_S: Final = 4.0
_PERIOD_S: Final = 1.0


class TerminalWatchdog:
    """A thread that waits for the hangup of ``fd`` and then calls ``lost``.

    When the program is still there after a grace period it is ended hard: the node's lease
    runs out by itself and gives the kernel back.
    """

    def __init__(self, fd: int, lost: Callable[[], None], grace_s: float = _GRACE_S) -> None:
        self._fd = fd
        self._lost = lost
        self._grace_s = grace_s
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="terminal-watchdog", daemon=True)

    def start(self) -> None:
        """Watch from now on."""
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; the program goes on or ends by itself."""
        self._stopped.set()

    def _run(self) -> None:
        while not self._stopped.wait(_PERIOD_S):
            if not terminal_alive(self._fd):
                break
        if self._stopped.is_set():
            return
        self._lost()
        if not self._stopped.wait(self._grace_s):
            os._exit(1)


def terminal_alive(fd: int) -> bool:
    """Tell whether ``fd`` is a terminal that still has its other end."""
    try:
        if not os.isatty(fd):
            return False
        poll = select.poll()
        poll.register(fd, 0)
        return not any(event & _GONE for _, event in poll.poll(0))
    except OSError:
        return False


_GONE: Final = select.POLLHUP | select.POLLERR | select.POLLNVAL
