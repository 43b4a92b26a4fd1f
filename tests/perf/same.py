"""How often a trial claims something where nothing differs."""

from __future__ import annotations

import contextlib
import hashlib
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import schedtui.measure
from schedtui.measure.catalogue import shortened, workload
from schedtui.measure.judgement import judge_trial
from schedtui.measure.objectives import direction_of
from schedtui.measure.trial import InconclusiveError, TrialError, patience_s, run_trial
from schedtui.model.machine import Hello
from schedtui.model.protocol import WatchArgs, WindowArgs, WindowReport
from schedtui.model.trial import Disturbance, MachineShape, Outcome, Pair, WorkloadSpec
from schedtui.target.link import LinkError
from schedtui.target.sandbox.host import Host, disturbance
from schedtui.target.sandbox.lab import Lab, LabOptions, prepare
from schedtui.target.sandbox.target import Guest, open_guest
from tests.perf.row import Row
from tests.perf.sessions import Session, Sessions

_SESSIONS: Final = 20
_MOST_FALSE: Final = 1
_SPEC: Final = shortened(workload("request_service"), 1)
_BUDGET_S: Final = 20.0
"""Of one session: all take less than eight minutes."""
_TRIES: Final = 4
_KEPT: Final = Path("build") / "bench-same.jsonl"


class SameBench:
    """A guest whose default scheduler stays: the candidate's windows are like the others."""

    def __init__(self, guest: Guest, host: Host) -> None:
        self._guest = guest
        self._host = host
        self._disturbance: Disturbance | None = None
        hello: Hello = guest.hello
        self.boot_id = hello.kernel.boot_id
        self.machine = MachineShape(len(hello.cpus), hello.memory_mb, hello.virtual)

    async def attach(self) -> None:
        """Leave everything as it is."""

    async def detach(self) -> None:
        """Leave everything as it is."""

    async def window(self, spec: WorkloadSpec) -> tuple[tuple[str, float], ...]:
        """Run one window. Raises InconclusiveError."""
        seconds = patience_s(spec)
        args = WindowArgs(spec.name, spec.arguments, seconds)
        before = self._host.look()
        try:
            report = await self._guest.link.call("window", args, WindowReport, seconds + 10)
        except LinkError as error:
            raise InconclusiveError(self._guest.why_lost(error)) from error
        self._disturbance = disturbance(before, self._host.look())
        return report.metrics

    async def longest_wait_ms(self) -> float:
        """Return 0: waits are not judged here."""
        return 0.0

    async def starved(self) -> tuple[str, ...]:
        """Return nobody: starvation is not judged here."""
        return ()

    async def disturbance(self) -> Disturbance | None:
        """Return what the host did during the last window."""
        return self._disturbance


async def false_wins() -> list[Row]:
    """Trials of the default scheduler against itself, each in a fresh guest, without control.

    A session takes at most some twenty seconds. What a run that was ended has measured today, the
    next one goes on with.
    """
    lab = await prepare(LabOptions(), lambda _: None)
    sessions = Sessions(_KEPT, _basis(lab))
    while len(sessions.done) < _SESSIONS:
        sessions.add(await _measured(lab))
        last = sessions.done[-1]
        told = f"session {len(sessions.done)} of {_SESSIONS}: {last.factor:.2f}, {last.outcome}"
        print(told, file=sys.stderr)
    found = row_of(sessions.done)
    sessions.forget()
    return [found]


def row_of(sessions: Sequence[Session]) -> Row:
    """Return how often the default scheduler was called better than itself."""
    factors = tuple(each.factor for each in sessions)
    wins, losses = (
        sum(each.outcome is claimed for each in sessions)
        for claimed in (Outcome.BETTER, Outcome.WORSE)
    )
    spread = f"factors {min(factors):.2f} to {max(factors):.2f}"
    detail = f"{len(sessions)} sessions, {spread}; called worse than itself: {losses}"
    return Row("default against itself: false wins", wins, "", _MOST_FALSE, True, detail, factors)


def _basis(lab: Lab) -> str:
    """Return a hash of the guest, of what judges, and of the plan."""
    digest = hashlib.sha256(f"{lab.files.key} {lab.accelerator} {_SPEC} {_BUDGET_S}".encode())
    for file in sorted(Path(schedtui.measure.__path__[0]).glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


async def _measured(lab: Lab) -> Session:
    """Return a session that came to its end; where several in a row do not, there is a fault."""
    for _ in range(_TRIES - 1):
        # A guest can be lost, and on a crowded host a second can pass without one request.
        with contextlib.suppress(TrialError):
            return await _session(lab)
    return await _session(lab)


async def _session(lab: Lab) -> Session:
    guest = await open_guest(lab, throwaway=True)
    try:
        await guest.link.tell("watch", WatchArgs(1.0))
        return await _tried(SameBench(guest, await guest.host()))
    finally:
        await guest.end()


async def _tried(bench: SameBench) -> Session:
    metric = str(_SPEC.objective)
    objective = (metric, direction_of(metric))
    result = await run_trial(
        bench, _SPEC, "same", objective, (), on_pair=_unheard, seconds_budget=_BUDGET_S
    )
    return Session(result.objective.factor, judge_trial(result, ()).outcome)


def _unheard(_pair: Pair, _effect: object) -> None:
    """Nobody watches."""
