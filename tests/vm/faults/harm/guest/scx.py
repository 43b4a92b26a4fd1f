"""The guest's kernel as a rogue sees it: sched_ext, its log, and calls that libbpf hides."""

from __future__ import annotations

import ctypes
import os
import time
from pathlib import Path
from typing import Final

_SCX: Final = Path("/sys/kernel/sched_ext")
_BPF_OBJ_PIN: Final = 6
_SYS_BPF: Final = 321
_SYS_SCHED_SETSCHEDULER: Final = 144
_SCHED_EXT: Final = 7


def state() -> str:
    """Return ``enabled``, ``disabled`` or what is between."""
    return (_SCX / "state").read_text().strip()


def name() -> str:
    """Return the scheduler in charge, empty when it is the kernel's own."""
    try:
        return (_SCX / "root" / "ops").read_text().strip()
    except OSError:
        return ""


def enable_seq() -> int:
    """Return how often a scheduler was enabled since boot."""
    return int((_SCX / "enable_seq").read_text())


def wait_for(wanted: str, seconds: float) -> float:
    """Wait until the state is ``wanted``; returns the seconds it took, or ``seconds``."""
    started = time.monotonic()
    while state() != wanted and time.monotonic() - started < seconds:
        time.sleep(0.01)
    return min(time.monotonic() - started, seconds)


def sysrq(key: str) -> None:
    """Press a key of the kernel's emergency keyboard."""
    Path("/proc/sysrq-trigger").write_text(key)


class KernelLog:
    """Lines of the kernel log from now on."""

    def __init__(self) -> None:
        self._fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.lseek(self._fd, 0, os.SEEK_END)

    def lines(self) -> list[str]:
        """Return what was logged since the last call."""
        found: list[str] = []
        while True:
            try:
                record = os.read(self._fd, 8192)
            except BlockingIOError:
                return found
            except BrokenPipeError:
                continue
            found.append(record.decode("utf-8", "replace").partition(";")[2].split("\n")[0])

    def first(self, *words: str) -> str:
        """Return the first new line with one of ``words`` in it, empty when there is none."""
        return next((line for line in self.lines() if any(word in line for word in words)), "")


class _Words(ctypes.Structure):
    """Union bpf_attr as far as the calls below need it: sixteen 32-bit words."""

    _fields_ = (("word", ctypes.c_uint32 * 16),)


_libc: Final = ctypes.CDLL(None, use_errno=True)


def _bpf(command: int, attributes: _Words) -> int:
    """Call bpf(2); returns 0 or the positive errno."""
    size = ctypes.sizeof(attributes)
    done = _libc.syscall(_SYS_BPF, command, ctypes.byref(attributes), size)
    return 0 if done >= 0 else ctypes.get_errno()


def pin(descriptor: int, path: str) -> int:
    """Give a BPF object a name in a file system, so that it outlives us."""
    text = ctypes.create_string_buffer(path.encode())
    attributes = _Words()
    address = ctypes.addressof(text)
    attributes.word[0], attributes.word[1] = address & 0xFFFFFFFF, address >> 32
    attributes.word[2] = descriptor
    return _bpf(_BPF_OBJ_PIN, attributes)


def become_ext() -> None:
    """Ask for SCHED_EXT, as a task does that wants to be in a partial canary."""
    priority = ctypes.c_int(0)
    if _libc.syscall(_SYS_SCHED_SETSCHEDULER, 0, _SCHED_EXT, ctypes.byref(priority)) < 0:
        raise OSError(ctypes.get_errno(), "SCHED_EXT is refused")
