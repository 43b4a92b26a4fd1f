"""What each running fault does when no gate stops it, and the guest in which that is shown.

Beside the fields of the corpus a running fault has comments of one line:
``attached: runtime error: invalid CPU`` (the kernel's reason, and a part of its message) or
``attached: stays`` (the kernel is content with it), ``attached on 6.16: lost`` where a kernel does
otherwise (here it takes the whole guest with it), ``lost, or runnable task stall`` where that is a
matter of chance, ``cpus: 4`` for the shape that it needs, and ``battery: full`` when only the whole
battery can see it.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import cache
from typing import Final

from schedtui.engine.battery import battery_bench
from schedtui.engine.throwaway import GuestInspector
from schedtui.model.battery import Depth
from schedtui.model.protocol import LoadArgs, Nothing
from schedtui.model.telemetry import SchedulerState
from schedtui.model.verdict import TokenMode
from schedtui.objfile.facts import read_object
from schedtui.target.link import LinkError
from schedtui.target.sandbox.lab import Lab
from schedtui.target.sandbox.target import Guest, open_guest
from schedtui.toolchain.bpf import compile_bpf
from schedtui.verify.battery.bench import BatteryBench
from schedtui.verify.battery.plan import GuestPlan
from schedtui.verify.battery_gate import BatteryGate
from schedtui.verify.gate import Draft, Gate
from schedtui.verify.kernel_gate import KernelGate
from schedtui.verify.verifier import verdict_of
from tests.fakes.schedulers import deploy_args
from tests.vm.faults.corpus import DEFAULT, SERIES, Fault, group
from tests.vm.faults.gates import plain_gates

STAYS: Final = "stays"
LOST: Final = "lost"
_OR: Final = ", or "
"""Between the ends of which one or the other is stated."""
_NOTE: Final = re.compile(
    r"/\* (?P<key>attached(?: on \d+\.\d+)?|cpus|battery): (?P<value>[^*]+) \*/"
)
_LOAD: Final = LoadArgs(
    "request_service",
    ("--names", "service-worker,service-message", "-m", "2", "-t", "8", "-n", "1000", "-F", "64"),
)
"""Sixteen workers whose requests take long; some faults look for their name."""
_WATCHDOG_MS: Final = 1000
_PATIENCE_S: Final = 8.0
"""Longer than the latest bomb and the watchdog after it."""
_CONTENT_S: Final = 3.0
"""In charge for so long under load, with that watchdog: the kernel is content."""
_SETTLING_S: Final = 0.5
_TRIES: Final = 2


@dataclass(frozen=True, slots=True)
class Proof:
    """A running fault with what is stated of it."""

    fault: Fault
    attached: str
    """Reason and part of the message of the kernel, STAYS, LOST, or empty when nothing is
    stated."""
    elsewhere: tuple[tuple[str, str], ...]
    """The same for kernel series that differ."""
    cpus: int
    depth: Depth
    """How much of the battery is needed to see it."""

    def attached_on(self, series: str) -> str:
        """Return what is stated for a kernel series."""
        return dict(self.elsewhere).get(series, self.attached)


@cache
def proofs() -> tuple[Proof, ...]:
    """Return all running faults."""
    return tuple(_proof(fault) for fault in group("running"))


def _proof(fault: Fault) -> Proof:
    notes = {match["key"]: match["value"] for match in _NOTE.finditer(fault.source)}
    depth = Depth(notes.get("battery", Depth.QUICK.value))
    elsewhere = tuple((s, notes[f"attached on {s}"]) for s in SERIES if f"attached on {s}" in notes)
    cpus = int(notes.get("cpus", "2"))
    return Proof(fault, notes.get("attached", ""), elsewhere, cpus, depth)


class Stage:
    """A guest under load in which faults come into charge, one after the other."""

    def __init__(self, lab: Lab, cpus: int) -> None:
        self._lab = lab
        self._cpus = cpus
        self._guest: Guest | None = None

    async def fate(self, proof: Proof) -> str:
        """Return why the kernel ended a fault, in its words, or STAYS.

        LOST when the guest is lost twice; the next call gets a fresh one then.
        """
        data = (await compile_bpf(proof.fault.source)).object
        assert data is not None, proof.fault.id
        patience_s = _CONTENT_S if proof.attached == STAYS else _PATIENCE_S
        for _ in range(_TRIES - 1):
            with contextlib.suppress(LinkError):
                return await self._tried(data, patience_s)
            await self.end()
        try:
            return await self._tried(data, patience_s)
        except LinkError as error:
            await self.end()
            return f"{LOST}: {error.sentence}"

    async def _tried(self, data: bytes, patience_s: float) -> str:
        guest = await self._opened()
        name, key = read_object(data).ops_name, guest.link.session_key
        mode = TokenMode.TRIAL
        args = deploy_args(name, data, guest.hello, key, mode, timeout_ms=_WATCHDOG_MS)
        try:
            await guest.link.call("deploy", args, SchedulerState)
        except LinkError as error:
            if not error.refused:
                raise
            return error.sentence
        return await _ending(guest, patience_s)

    async def _opened(self) -> Guest:
        if self._guest is None:
            self._guest = await open_guest(self._lab, cpus=self._cpus, throwaway=True)
            await self._guest.link.tell("load", _LOAD)
            await asyncio.sleep(_SETTLING_S)
        return self._guest

    async def end(self) -> None:
        """Throw the guest away."""
        guest, self._guest = self._guest, None
        if guest is not None:
            await guest.end()


async def _ending(guest: Guest, seconds: float) -> str:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        state = await guest.link.call("renew", Nothing(), SchedulerState)
        if not state.ours:
            return _why(state)
        await asyncio.sleep(0.1)
    await guest.link.call("rollback", Nothing(), SchedulerState)
    return STAYS


def _why(state: SchedulerState) -> str:
    # The record is read again after the detach; the sentence may be from before it was written.
    record = state.last_exit
    return f"{record.reason}: {record.message}" if record else state.ended


def agrees(proof: Proof, said: str, series: str = DEFAULT) -> bool:
    """Tell whether a fate is the one that is stated."""
    return any(_is(stated, said) for stated in proof.attached_on(series).split(_OR))


def _is(stated: str, said: str) -> bool:
    if stated == STAYS:
        return said == STAYS
    reason, _, message = stated.partition(": ")
    return reason in said and message in said


def battery_gates(lab: Lab, depth: Depth) -> list[Gate]:
    """Return all gates up to and with the battery, each guest from ``lab``."""

    def open_bench(draft: Draft, plan: GuestPlan) -> AbstractAsyncContextManager[BatteryBench]:
        return battery_bench(lab, draft.object or b"", verdict_of(draft), plan)

    return [
        *plain_gates(),
        KernelGate(GuestInspector(lab)),
        BatteryGate(open_bench, depth, lambda _: None),
    ]
