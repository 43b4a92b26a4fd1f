"""Loading, attaching and detaching one scheduler, with proof that it is in charge.

A good answer from attach proves nothing: the kernel may have refused to enable the scheduler
and said so only in its exit record. In charge means: state ``enabled``, our name, the enable
counter grown by exactly one, and no exit. The way back never forks, starts a thread or opens
a file, because a bad policy can make all of that impossible.
"""

from __future__ import annotations

import errno
import hmac
import struct
import time
from typing import Final

from schedtui.model.protocol import Parameters
from schedtui.model.telemetry import ExitRecord
from schedtui.model.text import safe_text
from schedtui.node.inspection import inspect, readable_notes
from schedtui.node.kernel_state import read_state
from schedtui.node.kernel_watch import KernelWatch, NoSchedExtError
from schedtui.node.libbpf import BpfObject, LibbpfError, Link, Map, take_notes, unheard
from schedtui.node.live import LiveParameters
from schedtui.node.preparing import Admitted, OpsError, ParameterError, Prepared, prepare

__all__ = ["AttachError", "Attachment", "attach", "inspect"]

EXIT_RECORD_MAP: Final = ".data.exit_record"
_EXIT_RECORD: Final = struct.Struct("=IIq128s1024s")

PROOF_S: Final = 3.0
"""How long the kernel may take from attach to enabled, in seconds."""
DETACH_S: Final = 2.0
"""How long the kernel may take to be back on its own scheduler, in seconds."""
_EXIT_S: Final = 0.5
_POLL_S: Final = 0.01

_REFUSALS: Final = {
    errno.EBUSY: "another scheduler is attached",
    errno.EPERM: "this needs root (CAP_BPF and CAP_PERFMON)",
    errno.E2BIG: "a number in its operations is larger than the kernel allows",
    errno.EINVAL: (
        "the kernel does not accept its name, flags or operations, or keeps CPUs apart (isolcpus=)"
    ),
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


def attach(admitted: Admitted) -> Attachment:
    """Load what was admitted, attach it and prove that it is in charge.

    Raises AttachError; the kernel is then on its own scheduler as before.
    """
    try:
        watch = KernelWatch.open()
    except NoSchedExtError as error:
        raise AttachError(str(error)) from error
    opened: BpfObject | None = None
    try:
        opened, prepared = _loaded(admitted)
        record = _record_map(opened)
        before = watch.enable_seq()
        link = _attach_ops(prepared.ops)
        attachment = Attachment(
            admitted.name, opened, link, record, watch, before + 1, prepared.live
        )
    except (LibbpfError, OpsError, ParameterError) as error:
        if opened is not None:
            opened.close()
        watch.close()
        raise AttachError(_with_notes(str(error))) from error
    _prove(attachment, before)
    return attachment


def _loaded(admitted: Admitted) -> tuple[BpfObject, Prepared]:
    try:
        with unheard():
            return _load(admitted)
    except LibbpfError:
        # Once more, this time to hear the reason.
        return _load(admitted)


def _load(admitted: Admitted) -> tuple[BpfObject, Prepared]:
    opened = BpfObject(admitted.data, admitted.name)
    try:
        prepared = prepare(
            opened,
            name=admitted.name,
            timeout_ms=admitted.timeout_ms,
            parameters=admitted.parameters,
        )
        _require_what_was_verified(prepared, admitted)
        opened.load()
    except (LibbpfError, OpsError, ParameterError):
        opened.close()
        raise
    return opened, prepared


def _require_what_was_verified(prepared: Prepared, admitted: Admitted) -> None:
    """Compare what is about to be loaded with what was verified. Raises OpsError."""
    if not hmac.compare_digest(prepared.ops_sha256, admitted.ops_sha256):
        raise OpsError("the scheduler's operations are not those that were verified")
    if not hmac.compare_digest(prepared.rodata_sha256, admitted.rodata_sha256):
        raise OpsError("the constants are not those that were verified")


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
        watch: KernelWatch,
        enable_seq: int,
        live: LiveParameters,
    ) -> None:
        self.name = name
        self.enable_seq = enable_seq
        """The kernel's enable counter while this scheduler is in charge."""
        self._opened = opened
        self._link = link
        self._record_map = record
        self._watch = watch
        self._live = live
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

    def set_live(self, parameters: Parameters) -> Parameters:
        """Set live parameters, all or none, and return all as they are. Raises ParameterError."""
        return self._live.set(parameters)

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

    def _in_our_time(self) -> bool:
        return self._watch.enable_seq() == self.enable_seq

    def detach(self) -> None:
        """Give the kernel back to its own scheduler. Doing it again does nothing.

        Takes at most about 2 * DETACH_S seconds; when closing the link is not enough, the
        kernel's own emergency key is used.
        """
        if self._detached:
            return
        self._link.close()
        # The key ends whatever schedules: never that of somebody who took over meanwhile.
        if self._in_our_time() and not self._watch.wait_disabled(DETACH_S) and self._in_our_time():
            self._watch.disable_by_sysrq()
            self._watch.wait_disabled(DETACH_S)
        self.exit_record()
        self._detached = True
        self._opened.close()
        self._watch.close()
