"""The telemetry probe: loads ``bpf/probes/telemetry.bpf.c`` and reads what it counts.

Loading attaches the probe's programs switched off, where they cost next to nothing; a guest is
saved in that state. One reading takes one run of a small program that fills shared memory and one
pass over the kernel's tasks.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from schedtui.model.text import safe_text
from schedtui.node.libbpf import BpfObject, LibbpfError, Link, Map, possible_cpus
from schedtui.node.probe_layout import (
    CONTROL,
    CPU_SIZE,
    ENDED_ROW,
    ENDED_ROWS,
    IDLE_SINCE_OFFSET,
    LONGEST_OFFSET,
    Control,
    CpuReading,
    EndedReading,
    TaskReading,
    Wait,
    cpu_reading,
    ended_readings,
    longest_wait,
    task_readings,
    waits,
)

_CHUNK: Final = 1 << 16
_REPORT_LIMIT: Final = 16 << 20
_EIGHT_ZEROS: Final = bytes(8)


class ProbeError(Exception):
    """The probe cannot be had. The message is a sentence for people."""


@dataclass(frozen=True, slots=True)
class ProbeReading:
    """One reading. Counters of ``cpus`` only grow; tasks and ends are since the one before."""

    now_ns: int
    """CLOCK_MONOTONIC at the reading."""
    node_tgid: int
    """Process id of the node as the kernel numbers it."""
    cpus: tuple[CpuReading, ...]
    """Every possible CPU, whether online or not, in order."""
    tasks: tuple[TaskReading, ...]
    ended: tuple[EndedReading, ...]


class Probe:
    """One loaded probe. It belongs to one thread."""

    def __init__(self) -> None:
        self._object: BpfObject | None = None
        self._links: list[Link] = []
        self._mappings: list[mmap.mmap] = []

    def open(self, data: bytes) -> None:
        """Load and attach the object, switched off. Raises ProbeError."""
        try:
            self._load(data)
            self._attach()
        except (LibbpfError, OSError, ValueError) as error:
            self.close()
            raise ProbeError(_sentence(error)) from error

    def _load(self, data: bytes) -> None:
        loaded = self._object = BpfObject(data, "telemetry")
        self._cpus = possible_cpus()
        table = loaded.map("probe_cpus")
        _expect(table, CPU_SIZE)
        _expect(loaded.map("probe_ended_rows"), ENDED_ROW.size)
        table.set_max_entries(self._cpus)
        loaded.load()
        self._control = self._mapped(_globals(loaded), CONTROL.size)
        self._table = self._mapped(table, CPU_SIZE * self._cpus)
        self._ended = self._mapped(loaded.map("probe_ended_rows"), ENDED_ROW.size * ENDED_ROWS)

    def _mapped(self, source: Map, size: int) -> mmap.mmap:
        mapping = mmap.mmap(source.fd, -(-size // mmap.PAGESIZE) * mmap.PAGESIZE)
        self._mappings.append(mapping)
        return mapping

    def _attach(self) -> None:
        loaded = self._loaded()
        self._snapshot = loaded.program("snapshot")
        self._report = loaded.program("report_tasks").attach_iterator()
        self._links.append(self._report)
        self._waits = loaded.program("report_waits").attach_iterator()
        self._links.append(self._waits)
        # Forks come first: a task that the first report did not see must be seen being born.
        programs = (p for p in loaded.programs if p.section.startswith("tp_btf/"))
        for program in sorted(programs, key=lambda p: "fork" not in p.section):
            self._links.append(program.attach())

    def _loaded(self) -> BpfObject:
        if self._object is None:
            raise ProbeError("the probe is not open")
        return self._object

    def start(self) -> None:
        """Switch the probe on; every wait and run begins now. Raises ProbeError."""
        self._loaded()
        for cpu in range(self._cpus):
            start = cpu * CPU_SIZE + IDLE_SINCE_OFFSET
            self._table[start : start + 8] = _EIGHT_ZEROS
        self._forget_longest()
        self._run_snapshot()
        self._set(enabled=1, priming=1, cpus=self._cpus)
        self._pass_over(self._report)
        self._set(priming=0)
        self._run_snapshot()

    def stop(self) -> None:
        """Switch the probe off. Its programs stay attached and return at once."""
        if self._object is not None:
            self._set(enabled=0)

    def read(self) -> ProbeReading:
        """Return a reading. The probe must have been started. Raises ProbeError."""
        self._run_snapshot()
        control = self._get()
        table = self._table[: CPU_SIZE * self._cpus]
        ended = self._ended[: ENDED_ROW.size * control.ended_rows]
        tasks = self._pass_over(self._report)
        return ProbeReading(
            now_ns=control.now_ns,
            node_tgid=control.node_tgid,
            cpus=tuple(cpu_reading(cpu, table) for cpu in range(self._cpus)),
            tasks=tuple(task_readings(tasks)),
            ended=tuple(ended_readings(ended, control.ended_rows)),
        )

    def waits(self, floor_ms: float = 0.0) -> tuple[Wait, ...]:
        """Return the tasks whose present or worst wait is above a floor, without the node's.

        The worst waits of tasks that have ended are in :meth:`longest`. Raises ProbeError.
        """
        self._set(wait_floor_ns=max(0, int(floor_ms * 1e6)), forget_waits=0)
        return tuple(waits(self._pass_over(self._waits)))

    def longest(self) -> tuple[Wait, ...]:
        """Return per CPU the longest wait that ended there since waits were forgotten."""
        self._loaded()
        table = self._table[: CPU_SIZE * self._cpus]
        return tuple(longest_wait(cpu, table) for cpu in range(self._cpus))

    def forget_waits(self) -> None:
        """Forget all finished waits; waits still under way keep their length."""
        self._forget_longest()
        self._set(forget_waits=1, wait_floor_ns=(1 << 64) - 1)
        self._pass_over(self._waits)
        self._set(forget_waits=0)

    def close(self) -> None:
        """Detach and unload. Closing again does nothing."""
        for link in reversed(self._links):
            link.close()
        for mapping in self._mappings:
            mapping.close()
        self._links, self._mappings = [], []
        if self._object is not None:
            self._object.close()
            self._object = None

    def _forget_longest(self) -> None:
        for cpu in range(self._cpus):
            start = cpu * CPU_SIZE + LONGEST_OFFSET
            self._table[start : start + 8] = _EIGHT_ZEROS

    def _get(self) -> Control:
        return Control(*CONTROL.unpack_from(self._control))

    def _set(self, **changes: int) -> None:
        control = replace(self._get(), **changes)
        values = (getattr(control, name) for name in Control.__slots__)
        CONTROL.pack_into(self._control, 0, *values)

    def _run_snapshot(self) -> None:
        self._loaded()
        try:
            self._snapshot.run()
        except LibbpfError as error:
            raise ProbeError(_sentence(error)) from error

    def _pass_over(self, iterator: Link) -> bytes:
        """Run an iterator program over all tasks and return what it wrote."""
        self._loaded()
        try:
            fd = iterator.open_iterator()
        except LibbpfError as error:
            raise ProbeError(_sentence(error)) from error
        try:
            return _read_all(fd)
        except OSError as error:
            raise ProbeError(_sentence(error)) from error
        finally:
            os.close(fd)


def _read_all(fd: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while size < _REPORT_LIMIT and (part := os.read(fd, _CHUNK)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _expect(table: Map, size: int) -> None:
    if table.value_size != size:
        raise ValueError(f"the probe was built for another node: {table.name}")


def _globals(loaded: BpfObject) -> Map:
    """Return the map of the probe's global variables; libbpf cuts its name as it likes."""
    found: Iterable[Map] = (each for each in loaded.maps if each.name.endswith(".bss"))
    for each in found:
        if each.value_size == CONTROL.size:
            return each
    raise ValueError("the probe was built for another node: control")


def _sentence(error: Exception) -> str:
    if isinstance(error, PermissionError) or getattr(error, "number", 0) in {1, 13}:
        return "the BPF probe needs root (CAP_BPF and CAP_PERFMON)"
    return f"the BPF probe cannot be used: {safe_text(str(error))}"
