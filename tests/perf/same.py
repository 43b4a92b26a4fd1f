"""How often a trial claims something where nothing differs."""

from __future__ import annotations

from schedtui.measure.catalogue import shortened, workload
from schedtui.measure.judgement import judge_trial
from schedtui.measure.objectives import direction_of
from schedtui.measure.trial import InconclusiveError, patience_s, run_trial
from schedtui.model.machine import Hello
from schedtui.model.protocol import WatchArgs, WindowArgs, WindowReport
from schedtui.model.trial import Disturbance, MachineShape, Outcome, Pair, WorkloadSpec
from schedtui.target.link import LinkError
from schedtui.target.sandbox.host import Host, disturbance
from schedtui.target.sandbox.lab import Lab, LabOptions, prepare
from schedtui.target.sandbox.target import Guest, open_guest
from tests.perf.row import Row

_SESSIONS = 20
_MOST_FALSE = 1


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
    """Trials of the default scheduler against itself, each in a fresh guest, without control."""
    lab = await prepare(LabOptions(), lambda _: None)
    factors, claims = [], []
    for _ in range(_SESSIONS):
        try:
            factor, outcome = await _session(lab)
        except InconclusiveError:  # a guest can be lost; two in a row are a fault
            factor, outcome = await _session(lab)
        factors.append(factor)
        claims += [outcome.value] if outcome in {Outcome.BETTER, Outcome.WORSE} else []
    detail = f"{_SESSIONS} sessions, factors {min(factors):.2f} to {max(factors):.2f}"
    wins = claims.count(Outcome.BETTER.value)
    name = "default against itself: false wins"
    return [Row(name, wins, "", _MOST_FALSE, True, detail, tuple(factors))]


async def _session(lab: Lab) -> tuple[float, Outcome]:
    guest = await open_guest(lab, throwaway=True)
    try:
        await guest.link.tell("watch", WatchArgs(1.0))
        return await _tried(SameBench(guest, await guest.host()))
    finally:
        await guest.end()


async def _tried(bench: SameBench) -> tuple[float, Outcome]:
    spec = shortened(workload("request_service"), 2)
    metric = str(spec.objective)
    objective = (metric, direction_of(metric))
    result = await run_trial(bench, spec, "same", objective, (), on_pair=_unheard)
    return result.objective.factor, judge_trial(result, ()).outcome


def _unheard(_pair: Pair, _effect: object) -> None:
    """Nobody watches."""
