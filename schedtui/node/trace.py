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
"""Most for one program: its 200 000 instructions at 550 bytes each."""

_PROT_NONE: Final = 0
_MAP_NORESERVE: Final = 0x4000

# A followed instruction starts its line; the lists of all instructions before it are indented.
_CALL: Final = re.compile(rb"^\d+: \(85\) call ([A-Za-z_][A-Za-z0-9_]*)#", re.MULTILINE)
_FIGURES: Final = re.compile(
    rb"^processed (?P<insns>\d+) insns \(limit \d+\) max_states_per_insn (?P<per_insn>\d+) "
    rb"total_states (?P<total>\d+) peak_states (?P<peak>\d+)",
    re.MULTILINE,
)
_SPENT: Final = re.compile(rb"^verification time (\d+) usec", re.MULTILINE)
_STACK: Final = re.compile(rb"^stack depth ([\d+]+)", re.MULTILINE)
_TAIL_BYTES: Final = 4096


@contextlib.contextmanager
def room(programs: int) -> Iterator[list[ctypes.Array[ctypes.c_char]]]:
    """Yield a log buffer for each of so many programs; they are gone afterwards."""
    size = min(TRACE_LIMIT, TRACE_BYTES // max(1, programs)) & -mmap.PAGESIZE
    memory = _LazyMemory(size * programs)
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
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._libc.mmap.restype = ctypes.c_void_p
        flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | _MAP_NORESERVE
        address = self._libc.mmap(None, ctypes.c_size_t(size), _PROT_NONE, flags, -1, 0)
        if address in {None, ctypes.c_void_p(-1).value}:
            raise LibbpfError("there is no room for the verifier's log", ctypes.get_errno())
        self.address: int = address
        self._call("munlock")
        self._call("mprotect", mmap.PROT_READ | mmap.PROT_WRITE)

    def close(self) -> None:
        """Give it back."""
        self._call("munmap")

    def _call(self, name: str, *more: int) -> None:
        function = getattr(self._libc, name)
        if function(ctypes.c_void_p(self.address), ctypes.c_size_t(self._size), *more) < 0:
            raise LibbpfError("there is no room for the verifier's log", ctypes.get_errno())


def statistics_of(program: Program) -> ProgramStats:
    """Return what the log and the kernel say of a program that was loaded."""
    log, info = program.log(), program.info()
    tail = log[-_TAIL_BYTES:]
    figures, spent, stack = _FIGURES.search(tail), _SPENT.search(tail), _STACK.search(tail)
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


def calls_in(log: bytes) -> tuple[str, ...]:
    """Return the names of all helpers and kernel functions on the paths of a log, sorted."""
    return tuple(sorted({safe_name(name) for name in _CALL.findall(log)}))
