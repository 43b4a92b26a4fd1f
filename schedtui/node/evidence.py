"""What the kernel says about itself while a policy is tried.

Only plain system calls of this thread, so that it works whatever a bad policy does to others: no
process, no thread, no worker.
"""

from __future__ import annotations

import contextlib
import os
import time
from pathlib import Path
from typing import Final

from schedtui.model.battery import Evidence
from schedtui.node.kernel_log import KernelLog, open_kernel_log
from schedtui.node.kernel_state import SCHED_EXT, read_state

_PROC: Final = Path("/proc")
_STATS_SWITCH: Final = "sys/kernel/bpf_stats_enabled"
_STRUCT_OPS: Final = "27"
"""The kernel's number for programs that implement a kernel structure."""
_DUMP: Final = b"D"


class EvidenceReader:
    """Reads evidence; keeps its files open from the start.

    Args:
        log: The kernel log.
        proc: Where procfs is mounted.
        sched_ext: sysfs folder of sched_ext.
    """

    def __init__(
        self, log: KernelLog | None = None, proc: Path = _PROC, sched_ext: Path = SCHED_EXT
    ) -> None:
        self._log = log if log is not None else KernelLog(open_kernel_log())
        self._proc = proc
        self._sched_ext = sched_ext
        self._memory_fd = _opened(proc / "meminfo", os.O_RDONLY)
        self._sysrq_fd = _opened(proc / "sysrq-trigger", os.O_WRONLY)
        self._counting = False
        self._programs: tuple[str, ...] = ()
        self._programs_of = -1

    def begin(self) -> None:
        """Leave out what the log holds already: a boot and a saved guest's past are no evidence."""
        self._log.news()

    def read(self) -> Evidence:
        """Return what has come since the last call. Never waits.

        The first call makes the kernel count the time of BPF programs, which costs each call of
        one a little: trials ask for evidence, nothing else does.
        """
        self._count_run_time()
        state = read_state(self._sched_ext)
        enabled = state.state == "enabled"
        run_ns, run_count = self._run_time(state.enable_seq) if enabled else (0, 0)
        splats, log_read = self._log.news()
        return Evidence(
            events=state.events,
            splats=splats,
            log_read=log_read,
            run_ns=run_ns,
            run_count=run_count,
            memory_free_kb=self._memory_free_kb(),
            enable_seq=state.enable_seq,
            uptime_s=time.monotonic(),  # the clock that policies see
        )

    def dump(self) -> None:
        """Ask the kernel for a dump of the attached scheduler's state, into its trace buffer."""
        if self._sysrq_fd >= 0:
            os.write(self._sysrq_fd, _DUMP)

    def _count_run_time(self) -> None:
        if not self._counting:
            with contextlib.suppress(OSError):
                (self._proc / _STATS_SWITCH).write_text("1")
            self._counting = True

    def _run_time(self, enable_seq: int) -> tuple[int, int]:
        if self._programs_of != enable_seq:
            self._programs = tuple(self._own_programs())
            self._programs_of = enable_seq
        facts = [_facts(self._proc / "self/fdinfo" / fd) for fd in self._programs]
        programs = [fact for fact in facts if fact.get("prog_type") == _STRUCT_OPS]
        return (
            sum(_number(fact.get("run_time_ns")) for fact in programs),
            sum(_number(fact.get("run_cnt")) for fact in programs),
        )

    def _own_programs(self) -> list[str]:
        """Return the descriptors of the attached scheduler's programs, which this process holds."""
        folder = self._proc / "self/fdinfo"
        names = os.listdir(folder)  # noqa: PTH208 - names are wanted, not paths
        return [name for name in names if _facts(folder / name).get("prog_type") == _STRUCT_OPS]

    def _memory_free_kb(self) -> int:
        if self._memory_fd < 0:
            return 0
        text = os.pread(self._memory_fd, 4096, 0).decode("ascii", "replace")
        rows = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
        return _number(rows.get("MemAvailable", "").removesuffix("kB").strip())


def _opened(path: Path, flags: int) -> int:
    try:
        return os.open(path, flags | os.O_CLOEXEC)
    except OSError:
        return -1


def _facts(path: Path) -> dict[str, str]:
    """Return the rows of a descriptor's info file, empty when it has gone."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        rows = (line.partition(":") for line in path.read_text().splitlines())
        return {name: value.strip() for name, _, value in rows}
    return {}


def _number(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() else 0
