"""A filter of system calls by which a compiler stays the one process that it is.

A limit on the number of processes counts all that the user runs, is none for root, and would keep
bubblewrap itself from starting. A filter counts nothing: it refuses to make another process or
thread, to root as well.
"""

from __future__ import annotations

import errno
import platform
import struct
from typing import Final

# From linux/audit.h and the system call tables: clone, fork, vfork, clone3.
_MACHINES: Final[dict[str, tuple[int, tuple[int, ...]]]] = {
    "x86_64": (0xC000003E, (56, 57, 58, 435)),
    "aarch64": (0xC00000B7, (220, 435)),
}
_OTHER_NUMBERS: Final = 0x40000000
"""From here on, x86 counts the calls of another kind of program."""

# From linux/bpf_common.h and linux/seccomp.h.
_LOAD: Final = 0x20
_IF_EQUAL: Final = 0x15
_IF_AT_LEAST: Final = 0x35
_RETURN: Final = 0x06
_NUMBER_AT: Final = 0
_MACHINE_AT: Final = 4
_KILL: Final = 0x80000000
_ALLOW: Final = 0x7FFF0000
_REFUSE: Final = 0x00050000 | errno.EAGAIN


def childless_filter(machine: str = "") -> bytes:
    """Return the filter for a machine, this one by default; empty where its calls are not known."""
    known = _MACHINES.get(machine or platform.machine())
    if known is None:
        return b""
    audited, numbers = known
    count = len(numbers)
    code = [
        (_LOAD, 0, 0, _MACHINE_AT),
        (_IF_EQUAL, 1, 0, audited),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER_AT),
        (_IF_AT_LEAST, count + 1, 0, _OTHER_NUMBERS),
        *((_IF_EQUAL, count - at, 0, number) for at, number in enumerate(numbers)),
        (_RETURN, 0, 0, _ALLOW),
        (_RETURN, 0, 0, _REFUSE),
    ]
    return b"".join(struct.pack("=HBBI", *instruction) for instruction in code)
