"""The battery gate: exercises under both schedulers in guests of several shapes, then reloads."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from schedtui.measure.trial import InconclusiveError
from schedtui.model.battery import BatteryResult, Depth
from schedtui.model.events import Event
from schedtui.model.verdict import Finding, GateName, GateResult, Severity, Tool
from schedtui.objfile.errors import ObjectFileError
from schedtui.objfile.facts import ObjectFacts, read_object
from schedtui.verify.basis import basis_in_guest, basis_of, object_read
from schedtui.verify.battery.bench import OpenBattery
from schedtui.verify.battery.doubts import Doubts, GuestDoubts
from schedtui.verify.battery.plan import WATCHDOG_LATEST_S, GuestPlan, guest_plans
from schedtui.verify.battery.progress import Progress
from schedtui.verify.battery.seen import Seen
from schedtui.verify.battery.sitting import Company, Sitting
from schedtui.verify.battery.times import LONGEST_S, constants_s
from schedtui.verify.battery.turns import Turns
from schedtui.verify.catalogue import finding
from schedtui.verify.gate import Cost, Draft, result_of

PlanGuests = Callable[[Depth, float], tuple[GuestPlan, ...]]
"""Returns the guests of a depth for an object whose largest time constant is so many seconds."""

SIDE_BY_SIDE: Final = 2
"""Guests that run at the same time."""
_REMARKS: Final = {"TRL020", "TRL022"}
_TIMES_TOLD: Final = 4


class BatteryGate:
    """Refuses what stalls, starves, denies, storms, leaks or does not go away."""

    name = GateName.BATTERY
    needs: ClassVar[tuple[str, ...]] = ("the sandbox",)

    def __init__(
        self,
        open_bench: OpenBattery,
        depth: Depth,
        emit: Callable[[Event], None],
        side_by_side: int = SIDE_BY_SIDE,
        plan_guests: PlanGuests = guest_plans,
        *,
        deepen: bool = False,
    ) -> None:
        """Take what it needs.

        Args:
            open_bench: Opens a pristine guest of a plan's shape.
            depth: Quick or full.
            emit: Told how far it is.
            side_by_side: Guests that run at the same time.
            plan_guests: Says which guests do what.
            deepen: Take the full battery where the quick one does not outlast the object's times.
        """
        self._open = open_bench
        self._depth = depth
        self._emit = emit
        self._turns = Turns(side_by_side)
        self._side_by_side = side_by_side
        self._plan_guests = plan_guests
        self._deepen = deepen
        self.cost = Cost.MINUTES if depth is Depth.FULL else Cost.SECONDS
        self.doing = f"{depth.value} battery: storms, bound tasks, unlike weights, reloads"

    async def run(self, draft: Draft) -> GateResult:
        """Run all guests; the result stays in the draft."""
        started = time.monotonic()
        times = constants_s(draft.object or b"")
        if too_long := [time_s for time_s in times if time_s > LONGEST_S]:
            refused = finding("TRL036", times=_told(too_long), most=f"{LONGEST_S:.0f}")
            untried = basis_of(object_read(draft.object))
            return result_of(self.name, started, "not tried", [refused], untried)
        depth, plans = self._planned(times)
        basis = basis_in_guest(draft, Tool("battery", depth.value))
        progress = Progress(plans, self._side_by_side, self._emit)
        doubts = Doubts()
        try:
            seen = await self._all_guests(draft, plans, progress, doubts)
        except InconclusiveError as error:
            lost = finding("TRL005", reason=str(error))
            findings = [lost, *doubts.refusals(), *doubts.notes]
            return result_of(self.name, started, "no result", findings, basis)
        finally:
            await progress.close()
        draft.battery = _result(depth, seen, time.monotonic() - started)
        findings = [*merged(seen), *doubts.notes, *_unseen(plans, times)]
        return result_of(self.name, started, summary_of(draft.battery), findings, basis)

    def _planned(self, times: Sequence[float]) -> tuple[Depth, tuple[GuestPlan, ...]]:
        """Return the depth and guests for an object with these time constants."""
        longest = max(times, default=0.0)
        plans = self._plan_guests(self._depth, longest)
        if self._deepen and _uncovered(plans, times):
            return Depth.FULL, self._plan_guests(Depth.FULL, longest)
        return self._depth, plans

    async def _all_guests(
        self, draft: Draft, plans: Sequence[GuestPlan], progress: Progress, doubts: Doubts
    ) -> list[Seen]:
        """Return what the guests showed, up to the first one, in the plan's order, that rejects.

        A guest that gives no result does not hide what others that are done reject.
        """
        tasks = [
            asyncio.create_task(self._guest(draft, plan, progress, GuestDoubts(plan, doubts)))
            for plan in plans
        ]
        seen: list[Seen] = []
        try:
            for task in tasks:
                seen.append(await task)
                if seen[-1].rejected:
                    break
        except InconclusiveError:
            refusing = _refusing(tasks)
            if not refusing:
                raise
            seen += refusing
        finally:
            for task in tasks:
                task.cancel()
            # Each ends its guest before it is gone.
            await asyncio.gather(*tasks, return_exceptions=True)
        return seen

    async def _guest(
        self, draft: Draft, plan: GuestPlan, progress: Progress, doubts: GuestDoubts
    ) -> Seen:
        """Run guests of one plan until nothing is in doubt."""
        async with self._turns.one():
            while (seen := await self._settled(draft, plan, progress, doubts)) is None:
                progress.restart(plan)
            return seen

    async def _settled(
        self, draft: Draft, plan: GuestPlan, progress: Progress, doubts: GuestDoubts
    ) -> Seen | None:
        try:
            if not doubts.wants_quiet:
                turns = self._turns
                company = Company(turns.rest, turns.again, turns.alone)
                return doubts.sat(await self._sitting(draft, plan, progress, company))
            async with self._turns.rest(), self._turns.alone():
                return doubts.sat(await self._sitting(draft, plan, progress, Company()))
        except InconclusiveError as error:
            return doubts.lost(error)

    async def _sitting(
        self, draft: Draft, plan: GuestPlan, progress: Progress, company: Company
    ) -> Seen:
        async with self._open(draft, plan) as bench:
            tell, handles = progress.teller(plan), _handles_hotplug(draft)
            return await Sitting(bench, plan, tell, company, handles_hotplug=handles).run()


def _refusing(tasks: Sequence[asyncio.Task[Seen]]) -> list[Seen]:
    """Return what those guests showed that are done and reject."""
    done = (task for task in tasks if task.done() and not task.cancelled())
    return [task.result() for task in done if not task.exception() and task.result().rejected]


def _result(depth: Depth, seen: Sequence[Seen], seconds: float) -> BatteryResult:
    worst = max(seen, key=lambda guest: guest.worst_gap_ms)
    return BatteryResult(
        depth=depth,
        cpus=tuple(guest.cpus for guest in seen),
        exercises=tuple(exercise for guest in seen for exercise in guest.exercises),
        reloads=sum(guest.reloads for guest in seen),
        worst_gap_ms=worst.worst_gap_ms,
        worst_exercise=worst.worst_exercise,
        seconds=seconds,
    )


def merged(seen: Sequence[Seen]) -> list[Finding]:
    """Return the findings of all guests.

    Of what does not reject, the first is enough. A remark on figures is made only when more than
    one exercise shows it: it is not looked at again, and one may be noise.
    """
    found: list[Finding] = []
    everything = [one for guest in seen for one in guest.findings]
    often = Counter(one.code for one in everything)
    for one in everything:
        known = any(other.code == one.code for other in found)
        noise = one.code in _REMARKS and often[one.code] == 1
        if one.severity is Severity.ERROR or not (known or noise):
            found.append(one)
    return found


def summary_of(result: BatteryResult) -> str:
    """Return the battery in one line."""
    shapes = ", ".join(str(cpus) for cpus in result.cpus)
    worst = f"{result.worst_gap_ms:.0f} ms in {result.worst_exercise}"
    return (
        f"{result.depth.value}: {len(result.exercises)} exercises on {shapes} CPUs, "
        f"{result.reloads} reloads, longest gap {worst if result.worst_exercise else 'not seen'}"
    )


def _unseen(plans: Sequence[GuestPlan], times: Sequence[float]) -> list[Finding]:
    left = _uncovered(plans, times)
    return [finding("TRL031", times=_told(left), stretch=f"{_stretch(plans):.0f}")] if left else []


def _uncovered(plans: Sequence[GuestPlan], times: Sequence[float]) -> list[float]:
    """Return the times after which a stall would not be seen any more."""
    return [time_s for time_s in times if time_s + WATCHDOG_LATEST_S > _stretch(plans)]


def _stretch(plans: Sequence[GuestPlan]) -> float:
    return max((plan.stretch_s for plan in plans), default=0.0)


def _told(times: Sequence[float]) -> str:
    shown = ", ".join(f"{time_s:g} s" for time_s in times[:_TIMES_TOLD])
    more = f" and {len(times) - _TIMES_TOLD} more" if len(times) > _TIMES_TOLD else ""
    return f"{'times' if len(times) > 1 else 'a time'} of {shown}{more}"


def _handles_hotplug(draft: Draft) -> bool:
    facts = draft.facts or _facts(draft.object or b"")
    held = {operation for operation, _ in facts.ops_callbacks} if facts else set()
    return {"cpu_online", "cpu_offline"} <= held


def _facts(data: bytes) -> ObjectFacts | None:
    try:
        return read_object(data)
    except ObjectFileError:
        return None
