"""Loading, attaching and detaching one scheduler, with proof that it is in charge.

A good answer from attach proves nothing: the kernel may have refused to enable the scheduler
and said so only in its exit record. In charge means: state ``enabled``, our name, the enable
counter grown by exactly one, and no exit. The way back never forks, starts a thread or opens
a file, because a bad policy can make all of that impossible.
"""

from __future__ import annotations

import errno
import os
import struct
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from schedtui.model.telemetry import ExitRecord
from schedtui.model.text import safe_text
from schedtui.node.inspection import inspect, readable_notes
from schedtui.node.kernel_state import SCHED_EXT, read_state
from schedtui.node.libbpf import BpfObject, LibbpfError, Link, Map, take_notes, unheard
from schedtui.node.ops_shadow import OpsError, clamp_ops, scheduler_map

__all__ = ["AttachError", "Attachment", "attach", "inspect"]

EXIT_RECORD_MAP: Final = ".data.exit_record"
_EXIT_RECORD: Final = struct.Struct("=IIq128s1024s")

PROOF_S: Final = 3.0
"""How long the kernel may take from attach to enabled, in seconds."""
DETACH_S: Final = 2.0
"""How long the kernel may take to be back on its own scheduler, in seconds."""
_EXIT_S: Final = 0.5
_POLL_S: Final = 0.01

_SYSRQ: Final = Path("/proc/sysrq-trigger")

_REFUSALS: Final = {
    errno.EBUSY: "another scheduler is attached",
    errno.EPERM: "this needs root (CAP_BPF and CAP_PERFMON)",
    errno.E2BIG: "a number in its operations is larger than the kernel allows",
    errno.EINVAL: "the kernel does not accept its name, flags or operations",
}


class AttachError(Exception):
    """The scheduler is not in charge. ``record`` is the kernel's reason when it gave one."""

    def __init__(self, sentence: str, record: ExitRecord | None = None) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.record = record


def _parse_record(raw: bytes) -> ExitRecord | None:
    kind, _, code, reason, message = _EXIT_RECORD.unpack(raw)
    if kind == 0:
        return None
    return ExitRecord(kind, code, _c_string(reason), _c_string(message))


def _c_string(raw: bytes) -> str:
    return safe_text(raw.split(b"\0", 1)[0])


def attach(data: bytes, name: str, *, timeout_ms: int) -> Attachment:
    """Load ``data``, attach it as ``name`` and prove that it is in charge.

    ``timeout_ms`` is the kernel's watchdog, clamped to 1000..5000. Raises AttachError; the
    kernel is then on its own scheduler as before.
    """
    watch = _KernelWatch.open()
    opened: BpfObject | None = None
    try:
        opened, ops = _loaded(data, name, timeout_ms)
        record = _record_map(opened)
        before = watch.enable_seq()
        attachment = Attachment(name, opened, _attach_ops(ops), record, watch, before + 1)
    except (LibbpfError, OpsError) as error:
        if opened is not None:
            opened.close()
        watch.close()
        raise AttachError(_with_notes(str(error))) from error
    _prove(attachment, before)
    return attachment


def _loaded(data: bytes, name: str, timeout_ms: int) -> tuple[BpfObject, Map]:
    try:
        with unheard():
            return _load(data, name, timeout_ms)
    except LibbpfError:
        # Once more, this time to hear the reason.
        return _load(data, name, timeout_ms)


def _load(data: bytes, name: str, timeout_ms: int) -> tuple[BpfObject, Map]:
    opened = BpfObject(data, name)
    try:
        ops = scheduler_map(opened)
        clamp_ops(opened, ops, name=name, timeout_ms=timeout_ms)
        opened.load()
    except (LibbpfError, OpsError):
        opened.close()
        raise
    return opened, ops


def _record_map(opened: BpfObject) -> Map:
    record = opened.map(EXIT_RECORD_MAP)
    if record.value_size != _EXIT_RECORD.size:
        raise OpsError("the exit record does not have the shape of schedtui.h")
    return record


def _attach_ops(ops: Map) -> Link:
    try:
        return ops.attach_struct_ops()
    except LibbpfError as error:
        reason = _REFUSALS.get(error.number, error.sentence)
        raise LibbpfError(f"the kernel refused to attach: {reason}", error.number) from error


def _with_notes(sentence: str) -> str:
    words = readable_notes(take_notes())
    return f"{sentence} ({words[0]})" if words else sentence


def _prove(attachment: Attachment, before: int) -> None:
    deadline = time.monotonic() + PROOF_S
    while True:
        state = read_state()
        proved = (state.state, state.ops, state.enable_seq) == (
            "enabled",
            attachment.name,
            before + 1,
        )
        record = attachment.exit_record()
        if proved and record is None:
            return
        if record is not None or time.monotonic() > deadline:
            break
        time.sleep(_POLL_S)
    attachment.detach()
    record = attachment.exit_record()
    why = f"{record.reason}: {record.message}" if record else f"its state is {state.state}"
    raise AttachError(f"the kernel did not enable the scheduler ({why})", record)


@dataclass(frozen=True, slots=True)
class _KernelWatch:
    """Kernel files that stay open, so that watching and the way back need no new ones."""

    state_fd: int
    seq_fd: int
    sysrq_fd: int
    """-1 when the kernel offers no such file."""

    @classmethod
    def open(cls) -> _KernelWatch:
        """Open all files. Raises AttachError without sched_ext."""
        flags = os.O_RDONLY | os.O_CLOEXEC
        try:
            state = os.open(SCHED_EXT / "state", flags)
            seq = os.open(SCHED_EXT / "enable_seq", flags)
        except OSError as error:
            raise AttachError("this kernel has no sched_ext") from error
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


def _said(record: ExitRecord) -> str:
    words = ": ".join(filter(None, (record.reason, record.message)))
    return f"the kernel ended it: {words}"


class Attachment:
    """A scheduler of ours in charge. Its link dies with this process."""

    def __init__(
        self,
        name: str,
        opened: BpfObject,
        link: Link,
        record: Map,
        watch: _KernelWatch,
        enable_seq: int,
    ) -> None:
        self.name = name
        self.enable_seq = enable_seq
        """The kernel's enable counter while this scheduler is in charge."""
        self._opened = opened
        self._link = link
        self._record_map = record
        self._watch = watch
        self._record: ExitRecord | None = None
        self._detached = False

    def check(self) -> str:
        """Return why this scheduler is not in charge any more, empty while it is."""
        if self._detached:
            return "it was detached"
        record = self.exit_record()
        if record is not None:
            return _said(record)
        state = self._watch.state()
        if state != b"enabled":
            return self._why_ended(state)
        if self._watch.enable_seq() != self.enable_seq:
            return "another scheduler has taken over"
        return ""

    def _why_ended(self, state: bytes) -> str:
        # The kernel runs the exit operation a moment before it is back on its own scheduler.
        self._watch.wait_disabled(_EXIT_S)
        record = self.exit_record()
        if record is None:
            return f"sched_ext is {safe_text(state)}"
        return _said(record)

    def exit_record(self) -> ExitRecord | None:
        """Return why the kernel ended this scheduler, None while it has not."""
        if not self._detached and self._record is None:
            self._record = _parse_record(self._record_map.lookup_index(0))
        return self._record

    def detach(self) -> None:
        """Give the kernel back to its own scheduler. Doing it again does nothing.

        Takes at most about 2 * DETACH_S seconds; when closing the link is not enough, the
        kernel's own emergency key is used.
        """
        if self._detached:
            return
        self._link.close()
        if not self._watch.wait_disabled(DETACH_S):
            self._watch.disable_by_sysrq()
            self._watch.wait_disabled(DETACH_S)
        self.exit_record()
        self._detached = True
        self._opened.close()
        self._watch.close()
