"""A candidate's coming into charge, staying there and leaving, each proved by the kernel's word."""

from __future__ import annotations

import time

from schedtui.measure.trial import InconclusiveError, TrialError
from schedtui.model.battery import Evidence
from schedtui.model.telemetry import SchedulerState
from schedtui.model.verdict import Finding
from schedtui.verify.battery import endings, limits
from schedtui.verify.battery.bench import BatteryBench
from schedtui.verify.battery.complaint import Complaint, complaint_in, last_complaint
from schedtui.verify.battery.judging import HOTPLUG, Place
from schedtui.verify.battery.seen import Seen
from schedtui.verify.catalogue import finding


class OverError(Exception):
    """Nothing more can be learned in this guest: the finding says why."""

    def __init__(self, found: Finding) -> None:
        super().__init__(found.sentence)
        self.found = found


class ComplaintError(Exception):
    """The kernel complained, which is in doubt: only fresh guests can tell more."""

    def __init__(self, complaint: Complaint) -> None:
        super().__init__(complaint.words)
        self.complaint = complaint


class StalledError(InconclusiveError):
    """The watchdog ended the candidate. A host that pauses the guest can cause that once."""

    def __init__(self, found: Finding) -> None:
        super().__init__(found.sentence, ejected=True)
        self.found = found


class Charge:
    """Attaches and detaches the candidate of one guest."""

    def __init__(self, bench: BatteryBench, seen: Seen, *, handles_hotplug: bool) -> None:
        self._bench = bench
        self._seen = seen
        self._handles_hotplug = handles_hotplug
        self._since = 0.0
        self._slow_returns = 0
        self._first: Evidence | None = None
        self._has_come = False
        self.evidence: Evidence | None = None
        """The newest; from the time of this attachment once there is one."""

    @property
    def age_s(self) -> float:
        """Seconds since the candidate came into charge."""
        return time.monotonic() - self._since

    async def attach(self, lease_ms: int = 0) -> None:
        """Put the candidate in charge, proved. Raises OverError or ComplaintError."""
        before = await self._bench.state()
        where = f"load {before.enable_seq + 1}"
        self._has_come = True
        try:
            state = await self._bench.attach(lease_ms)
        except InconclusiveError:
            raise
        except TrialError as error:
            raise OverError(finding("TRL007", where=where, reason=error)) from error
        self._since = time.monotonic()
        if not state.ours or state.enable_seq != before.enable_seq + 1:
            counted = f"the kernel counts {state.enable_seq} after {before.enable_seq}"
            raise OverError(finding("TRL007", where=where, reason=counted))
        await self.read_evidence(where)
        self._first = None

    async def still_held(self, where: str, place: Place | None = None) -> bool:
        """Tell whether the candidate has been in charge all the time.

        An orderly leave after CPU hotplug is noted and undone. Raises OverError, ComplaintError or
        StalledError for any other end.
        """
        state = await self._bench.state()
        if state.ours and state.last_exit is None:
            evidence = await self.read_evidence(where)
            self._judge_held_memory(evidence, where)
            return True
        await self._bench.detach()
        if place is not None and self._left_for_hotplug(place, state):
            self._seen.findings.append(finding("TRL008", where=place.words))
            await self.read_evidence(where)
            await self.attach()
            return False
        raise await self._ended(where, state)

    def _left_for_hotplug(self, place: Place, state: SchedulerState) -> bool:
        record = state.last_exit
        expected = place.spec.name == HOTPLUG and not self._handles_hotplug
        return expected and record is not None and endings.is_hotplug_restart(record)

    async def detach(self) -> None:
        """Put the default scheduler back and judge how that went. Raises as still_held does."""
        started = time.monotonic()
        state = await self._bench.detach()
        took = time.monotonic() - started
        await self._judge_end("its end", state)
        self._slow_returns += took > limits.BACK_S
        # Once may be the host's fault.
        if state.state != "disabled" or self._slow_returns > 1:
            raise OverError(finding("TRL027", seconds=f"{took:.1f}", state=state.state))
        await self.read_evidence("its end")

    async def gone_by_itself(self, where: str) -> None:
        """Make sure the node took the candidate back by itself. Raises as still_held does."""
        state = await self._bench.state()
        if state.ours or state.state != "disabled":
            raise OverError(finding("TRL028", state=state.state))
        await self._judge_end(where, state)
        await self.read_evidence(where)

    async def _judge_end(self, where: str, state: SchedulerState) -> None:
        record = state.last_exit
        if record is not None and record.kind != endings.UNREGISTERED:
            raise await self._ended(where, state)

    async def _ended(self, where: str, state: SchedulerState) -> Exception:
        """Return what the end means. Raises as read_evidence does when it is not certain."""
        record = state.last_exit
        found = finding("TRL006", where=where, reason=endings.in_words(state))
        if record is not None and not endings.is_stall(record):
            return OverError(found)
        # What the kernel has to say may be certain, and may not come again in the next guest.
        loss = StalledError(found) if record else InconclusiveError(found.sentence)
        self._seen.loss = loss
        await self.read_evidence(where)
        return loss

    async def read_evidence(self, where: str) -> Evidence:
        """Return the kernel's word, after making sure it has no complaint.

        Raises:
            OverError: It has one, or its log could not be read.
            ComplaintError: It has one that is in doubt.
            InconclusiveError: It has one, though the candidate has never been in this guest.
        """
        evidence = await self._bench.evidence()
        complaint = complaint_in(evidence, where)
        if complaint is not None:
            raise self._complained(complaint)
        if not evidence.log_read:
            raise OverError(finding("TRL030", where=where))
        self.evidence = evidence
        return evidence

    def judge_loss(self, error: InconclusiveError) -> None:
        """Raise OverError when the guest was lost by damage that its kernel told of."""
        complaint = last_complaint(error.last_words)
        if complaint is not None and self._has_come:
            raise self._complained(complaint)

    def _complained(self, complaint: Complaint) -> Exception:
        if not self._has_come:
            words = f"the kernel complained before the candidate came: {complaint.words}"
            return InconclusiveError(words)
        if complaint.doubtful:
            return ComplaintError(complaint)
        return OverError(finding("TRL009", where=complaint.where, words=complaint.words))

    def _judge_held_memory(self, evidence: Evidence, where: str) -> None:
        """Compare with the end of the first exercise, when the candidate is warm."""
        if self._first is None:
            self._first = evidence
        self.judge_growth(self._first, evidence, where)

    def judge_growth(self, before: Evidence, after: Evidence, where: str) -> None:
        """Raise OverError when memory has gone that did not come back."""
        grown = before.memory_free_kb - after.memory_free_kb
        if grown > limits.GROWTH_KB:
            what = f"{grown >> 10} MiB less are free than before"
            raise OverError(finding("TRL029", where=where, what=what))
