"""Sets the clocks of a saved guest forward, so that its kernel has been up for hours.

A policy may misbehave only after minutes of uptime, and programs see nothing but the monotonic
clock, which a kernel starts at zero. An emulated machine's time is two numbers of its saved
state: the processor's counter and the devices' clock, both since the machine was switched on.
"""

from __future__ import annotations

import mmap
import struct
from typing import Final

from schedtui.model.text import safe_text
from schedtui.target.port import TargetError

_NAME: Final = b"\x05timer" + struct.pack(">II", 0, 2)
"""Name, instance and version of the section that holds the time."""
_WHOLE_SECTION: Final = 0x04
_FOOTER: Final = 0x7E
_ID: Final = struct.Struct(">I")
_TIMES: Final = struct.Struct(">q8xq")
_NS: Final = 1_000_000_000


def age(state: int, seconds: int, start: int = 0) -> None:
    """Set the clocks of a saved state forward.

    Args:
        state: Open file of the state, readable and writable; changed in place.
        seconds: How much later it shall be in the guest.
        start: Where in the file the state begins.

    Raises:
        TargetError: The file does not hold the time of an emulated machine where it should.
    """
    with mmap.mmap(state, 0) as content:
        at = _time_at(content, start)
        ticks, clock_ns = _times(content, at)
        # Both began at zero, so their ratio is how fast the counter runs.
        later_ticks = ticks + ticks * seconds * _NS // clock_ns
        _TIMES.pack_into(content, at, later_ticks, clock_ns + seconds * _NS)


def counter_khz(state: int, start: int = 0) -> int:
    """Return how fast the processor's counter of an open saved state runs. Raises TargetError."""
    with mmap.mmap(state, 0, prot=mmap.PROT_READ) as content:
        ticks, clock_ns = _times(content, _time_at(content, start))
    return ticks * 1_000_000 // clock_ns


def _times(content: mmap.mmap, at: int) -> tuple[int, int]:
    ticks: int
    ticks, clock_ns = _TIMES.unpack_from(content, at)
    if ticks <= 0 or clock_ns <= 0:
        raise _unlike("its clocks have not started")
    return ticks, clock_ns


def _time_at(content: mmap.mmap, start: int) -> int:
    """Return where the two numbers are. The name may also occur by chance."""
    found = []
    at = content.find(_NAME, start)
    while at >= 0:
        body = at + len(_NAME)
        if _is_section(content, at, body + _TIMES.size):
            found.append(body)
        at = content.find(_NAME, body)
    if len(found) != 1:
        raise _unlike(f"it holds {len(found)} clocks")
    return found[0]


def _is_section(content: mmap.mmap, name: int, end: int) -> bool:
    """Tell whether a section's head is before ``name`` and its foot at ``end``."""
    if name < 1 + _ID.size or end + 1 + _ID.size > len(content):
        return False
    head, foot = content[name - 1 - _ID.size : name], content[end : end + 1 + _ID.size]
    return head[0] == _WHOLE_SECTION and foot[0] == _FOOTER and head[1:] == foot[1:]


def _unlike(why: str) -> TargetError:
    return TargetError(f"the clock of the saved guest cannot be set: {safe_text(why)}")
