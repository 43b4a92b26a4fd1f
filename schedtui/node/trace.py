"""The whole log of the kernel verifier: room for it, and what is taken from it.

At its second level the verifier writes down every instruction it follows, some 500 bytes each,
which is tens of megabytes for a large policy and a few hundred kilobytes for most. Only the
kernel can say what it really followed, so it must not be cut.
"""

from __future__ import annotations

import contextlib
import ctypes
import mmap
import re
from collections.abc import Iterator
from typing import Final

from schedtui.model.text import safe_name
from schedtui.model.verdict import ProgramStats
from schedtui.node.libbpf import LibbpfError, Program

TRACE_BYTES: Final = 320 << 20
"""Room for the traces of all programs together; only what is written takes memory."""
TRACE_LIMIT: Final = 128 << 20
"""Most for one program, and what up to two of them get: 200 000 instructions at 550 bytes each.
With more programs each gets its part of the room, eight of them 40 MiB for some 75 000."""

_PROT_NONE: Final = 0
_MAP_NORESERVE: Final = 0x4000

_CALL: Final = b": (85) call "
_NUMBER_DIGITS: Final = 7
_NAME: Final = re.compile(rb"[A-Za-z_][A-Za-z0-9_]{0,127}(?=#)")
_FIGURES: Final = re.compile(
    rb"processed (?P<insns>\d+) insns \(limit \d+\) max_states_per_insn (?P<per_insn>\d+) "
    rb"total_states (?P<total>\d+) peak_states (?P<peak>\d+)"
)
_SPENT: Final = re.compile(rb"verification time (\d+) usec")
_STACK: Final = re.compile(rb"stack depth ([\d+]+)")
_TAIL_BYTES: Final = 2048
_TAIL_LINES: Final = 4

_libc: Final = ctypes.CDLL(None, use_errno=True)
_libc.mmap.restype = ctypes.c_void_p


@contextlib.contextmanager
def room(programs: int) -> Iterator[list[ctypes.Array[ctypes.c_char]]]:
    """Yield a log buffer for each of so many programs; they are gone afterwards."""
    parts = max(1, programs)
    size = min(TRACE_LIMIT, TRACE_BYTES // parts) & -mmap.PAGESIZE
    memory = _LazyMemory(size * parts)
    try:
        kind = ctypes.c_char * size
        yield [kind.from_address(memory.address + size * i) for i in range(programs)]
    finally:
        memory.close()


class _LazyMemory:
    """Memory that is there when it is touched, even where this process locks all of its own.

    A guest's node keeps itself in memory, which fills every new mapping at once. One that
    cannot be touched is left empty, and stays so when it is unlocked before it is opened.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _MAP_NORESERVE
        address = _libc.mmap(None, ctypes.c_size_t(size), _PROT_NONE, flags, -1, 0)
        if address in {None, ctypes.c_void_p(-1).value}:
            raise LibbpfError("there is no room for the verifier's log", ctypes.get_errno())
        self.address: int = address
        self._call("munlock")
        self._call("mprotect", mmap.PROT_READ | mmap.PROT_WRITE)

    def close(self) -> None:
        """Give it back."""
        self._call("munmap")

    def _call(self, name: str, *more: int) -> None:
        function = getattr(_libc, name)
        if function(ctypes.c_void_p(self.address), ctypes.c_size_t(self._size), *more) < 0:
            raise LibbpfError("there is no room for the verifier's log", ctypes.get_errno())


def statistics_of(program: Program) -> ProgramStats:
    """Return what the log and the kernel say of a program that was loaded."""
    log, info = program.log(), program.info()
    # Only whole lines of the kernel's own count: the log quotes the source too.
    lines = log[-_TAIL_BYTES:].splitlines()[-_TAIL_LINES:]
    figures, spent, stack = (_matching(lines, each) for each in (_FIGURES, _SPENT, _STACK))
    return ProgramStats(
        name=safe_name(program.name),
        processed_insns=int(figures["insns"]) if figures else 0,
        seconds=int(spent[1]) / 1e6 if spent else 0.0,
        total_states=int(figures["total"]) if figures else 0,
        peak_states=int(figures["peak"]) if figures else 0,
        max_states_per_insn=int(figures["per_insn"]) if figures else 0,
        stack_bytes=sum(map(int, filter(None, stack[1].split(b"+")))) if stack else 0,
        xlated_bytes=info.xlated_bytes,
        jited_bytes=info.jited_bytes,
        tag=info.tag,
        calls=calls_in(log),
    )


def _matching(lines: list[bytes], pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
    return next((match for line in lines if (match := pattern.match(line))), None)


def calls_in(log: bytes) -> tuple[str, ...]:
    """Return the names of all helpers and kernel functions on the paths of a log, sorted.

    A followed instruction is a line that starts with its number. The lists of all instructions,
    followed or not, are indented, and source text follows a semicolon.
    """
    found: set[bytes] = set()
    at = log.find(_CALL)
    while at >= 0:
        # Searched for by hand: a pattern over megabytes takes an emulated guest too long.
        start = log.rfind(b"\n", max(0, at - _NUMBER_DIGITS - 1), at) + 1
        name = _NAME.match(log, at + len(_CALL))
        if name and start and log[start:at].isdigit():
            found.add(name[0])
        at = log.find(_CALL, at + 1)
    return tuple(sorted(safe_name(name) for name in found))
