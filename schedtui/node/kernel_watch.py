"""The kernel's files about sched_ext, held open for as long as a scheduler of ours runs."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schedtui.node.kernel_state import SCHED_EXT

_POLL_S: Final = 0.01
_SYSRQ: Final = Path("/proc/sysrq-trigger")


class NoSchedExtError(Exception):
    """The kernel has no sched_ext."""


@dataclass(frozen=True, slots=True)
class KernelWatch:
    """Kernel files that stay open, so that watching and the way back need no new ones."""

    state_fd: int
    seq_fd: int
    sysrq_fd: int
    """-1 when the kernel offers no such file."""

    @classmethod
    def open(cls) -> KernelWatch:
        """Open all files. Raises NoSchedExtError without sched_ext."""
        flags = os.O_RDONLY | os.O_CLOEXEC
        try:
            state = os.open(SCHED_EXT / "state", flags)
            seq = os.open(SCHED_EXT / "enable_seq", flags)
        except OSError as error:
            raise NoSchedExtError("this kernel has no sched_ext") from error
        try:
            sysrq = os.open(_SYSRQ, os.O_WRONLY | os.O_CLOEXEC)
        except OSError:
            sysrq = -1
        return cls(state, seq, sysrq)

    def state(self) -> bytes:
        """Return the kernel's word for the state of sched_ext."""
        return os.pread(self.state_fd, 32, 0).strip()

    def enable_seq(self) -> int:
        """Return how often a scheduler was enabled since boot."""
        return int(os.pread(self.seq_fd, 32, 0))

    def disable_by_sysrq(self) -> None:
        """Ask the kernel itself to throw out whatever schedules."""
        if self.sysrq_fd >= 0:
            os.write(self.sysrq_fd, b"S")

    def wait_disabled(self, seconds: float) -> bool:
        """Wait until the kernel is on its own scheduler; False when it takes longer."""
        deadline = time.monotonic() + seconds
        while self.state() != b"disabled":
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_S)
        return True

    def close(self) -> None:
        """Close all files."""
        for fd in (self.state_fd, self.seq_fd, self.sysrq_fd):
            if fd >= 0:
                os.close(fd)
