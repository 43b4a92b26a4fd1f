"""What the kernel itself says: who schedules, which kernel this is, how its CPUs are placed.

Nothing is remembered between readings except what cannot change while a kernel runs. Files of
sched_ext come and go with the scheduler, so each one may vanish between two reads.
"""

from __future__ import annotations

import hashlib
import os
import struct
from functools import cache, lru_cache
from pathlib import Path
from typing import Final

from schedtui.model.machine import Cpu, KernelInfo
from schedtui.model.telemetry import SchedulerState
from schedtui.model.text import safe_name

SCHED_EXT: Final = Path("/sys/kernel/sched_ext")
_CPUS: Final = Path("/sys/devices/system/cpu")
_KERNEL: Final = Path("/sys/kernel")
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")

_NOTE_BUILD_ID: Final = 3
_HASH_CHUNK: Final = 1 << 20
_SMALL: Final = 1 << 14


def read_text(path: Path | str) -> str:
    """Return the content of a small kernel file without its newline, empty when unreadable."""
    # Plain system calls: this is read in every sample, and costs half of what a file object does.
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        return os.read(fd, _SMALL).decode("utf-8", "replace").strip()
    except OSError:
        return ""
    finally:
        os.close(fd)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() else 0


def read_state(root: Path = SCHED_EXT) -> SchedulerState:
    """Read from the kernel who schedules. Never raises; ``absent`` without sched_ext."""
    paths = _state_paths(root)
    state = read_text(paths["state"])
    if not state:
        return SchedulerState("absent")
    return SchedulerState(
        state=safe_name(state),
        ops=safe_name(read_text(paths["root/ops"])),
        enable_seq=_number(read_text(paths["enable_seq"])),
        rejected=_number(read_text(paths["nr_rejected"])),
        switch_all=read_text(paths["switch_all"]) == "1",
        events=_events(read_text(paths["root/events"])),
    )


@lru_cache(maxsize=4)
def _state_paths(root: Path) -> dict[str, str]:
    names = ("state", "root/ops", "enable_seq", "nr_rejected", "switch_all", "root/events")
    return {name: str(root / name) for name in names}


def _events(text: str) -> tuple[tuple[str, int], ...]:
    """Parse lines of ``SCX_EV_NAME count``; the prefix is dropped, odd lines are skipped."""
    rows = (line.split() for line in text.splitlines())
    return tuple(
        (safe_name(row[0].removeprefix("SCX_EV_")), int(row[1]))
        for row in rows
        if len(row) == 2 and row[1].isascii() and row[1].removeprefix("-").isdigit()
    )


def kernel_info(kernel: Path = _KERNEL, boot_id: Path = _BOOT_ID) -> KernelInfo:
    """Return the identity of the running kernel. Never raises; what is hidden is empty."""
    return KernelInfo(
        release=safe_name(os.uname().release),
        build_id=build_id(_bytes(kernel / "notes")),
        btf_sha256=_sha256(kernel / "btf" / "vmlinux"),
        boot_id=safe_name(read_text(boot_id)),
    )


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def build_id(notes: bytes) -> str:
    """Return the GNU build id of an ELF note section in hex, empty when there is none."""
    at = 0
    while at + 12 <= len(notes):
        name_size, size, kind = struct.unpack_from("=III", notes, at)
        name_at = at + 12
        body_at = name_at + (name_size + 3) // 4 * 4
        name = notes[name_at : name_at + name_size]
        if kind == _NOTE_BUILD_ID and name == b"GNU\0" and body_at + size <= len(notes):
            return notes[body_at : body_at + size].hex()
        at = body_at + (size + 3) // 4 * 4
    return ""


@cache
def _sha256(path: Path) -> str:
    """Hash a file once per process: several megabytes that change with the kernel only."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while chunk := file.read(_HASH_CHUNK):
                digest.update(chunk)
    except OSError:
        return ""
    return digest.hexdigest()


def topology(root: Path = _CPUS) -> tuple[Cpu, ...]:
    """Return the online CPUs in ascending order. Never raises.

    ``core`` is the lowest CPU number among SMT siblings; ``llc`` counts the groups that share
    a last-level cache from 0 in the order of their first CPU. Where the kernel does not tell,
    each CPU is a core of its own and everything is LLC 0 and node 0.
    """
    numbers = sorted(_cpu_numbers(root))
    shared = {cpu: _last_level(root / f"cpu{cpu}" / "cache") for cpu in numbers}
    order = {key: rank for rank, key in enumerate(dict.fromkeys(shared.values()))}
    return tuple(
        Cpu(cpu, _core(root / f"cpu{cpu}", cpu), order[shared[cpu]], _node(root / f"cpu{cpu}"))
        for cpu in numbers
    )


def _cpu_numbers(root: Path) -> set[int]:
    """Return the online CPUs, from the list or, failing that, from the folders."""
    listed = cpu_list(read_text(root / "online"))
    if listed:
        return set(listed)
    names = (path.name.removeprefix("cpu") for path in root.glob("cpu[0-9]*"))
    return {int(name) for name in names if name.isdigit()} or set(range(os.cpu_count() or 1))


def cpu_list(text: str) -> tuple[int, ...]:
    """Parse a kernel CPU list such as ``0-3,8``; anything else yields an empty tuple."""
    cpus: list[int] = []
    for part in text.split(","):
        first, _, last = part.strip().partition("-")
        if not first.isdigit() or (last and not last.isdigit()):
            return ()
        cpus.extend(range(int(first), int(last or first) + 1))
    return tuple(cpus)


def _core(folder: Path, cpu: int) -> int:
    siblings = cpu_list(read_text(folder / "topology" / "thread_siblings_list"))
    return siblings[0] if siblings else cpu


def _last_level(cache_folder: Path) -> str:
    """Return the CPU list that shares the highest cache level, empty when unknown."""
    levels = [
        (_number(read_text(index / "level")), read_text(index / "shared_cpu_list"))
        for index in cache_folder.glob("index[0-9]*")
    ]
    return max(levels, default=(0, ""))[1]


def _node(folder: Path) -> int:
    names = (path.name.removeprefix("node") for path in folder.glob("node[0-9]*"))
    return min((int(name) for name in names if name.isdigit()), default=0)
