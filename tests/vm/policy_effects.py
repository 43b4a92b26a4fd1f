"""Each policy does to a load what its description says, in a real guest.

Run by ``make bench-policies ARGS=effects``: it says something only while nothing else runs.
What is compared are shares and ratios, within one window or between two that follow each other in
one guest, with wide margins.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

import pytest

from schedtui.model.policy import NameWeight, ParameterValue
from schedtui.model.telemetry import Snapshot
from schedtui.target.sandbox.lab import Lab
from schedtui.target.sandbox.target import Guest, open_guest
from tests.vm.comparing import above, below, between, compared
from tests.vm.effects import beside, in_charge, measured, watched

pytestmark = pytest.mark.vm

HOGS = "--tasks 1 --period-us 1000000 --work-us 100 --hogs 6"
"""Six tasks that never sleep, and one that hardly runs."""
BRIEF = "--tasks 2 --period-us 5000 --work-us 200 --hogs 6 --names brief,hog -r 1"
"""Two tasks that want little and want it often, beside six that never sleep."""
BUSY = "--tasks 4 --period-us 1000 --work-us 1000000 --hogs 4 --names one,other"
"""Eight tasks that never sleep, four of each name."""
LOOP = "--tasks 2 --period-us 16667 --work-us 6000 --hogs 6 --names loop,hog"
"""A loop that needs more than the equal share of its tasks."""
LIGHT = "--tasks 4 --period-us 20000 --work-us 300"
UNEVEN = "--short 20 --short-ms 40 --long 2 --long-ms 300"
ONE_LONG = "--short 30 --short-ms 20 --long 1 --long-ms 500"
REQUESTS = "-m 2 -t 4 -n 5 -F 64 -r 1"
PAIRS = "ping_pong --seconds 1.0 --seed 3 --names pair"
EAGER: Final = {"spill_us": 20_000, "shrink_ms": 50}
"""How warm_cores answers within a window."""
WEIGHTS = "weights --seconds 1.5 --seed 3 --names part"


@pytest.fixture
async def bench(lab: Lab) -> AsyncIterator[Guest]:
    """A guest that exists for one comparison."""
    opened = await open_guest(lab, throwaway=True)
    yield opened
    await opened.end()


def used(seen: Snapshot, name: str) -> float:
    """Return the CPUs that the tasks of a name used."""
    return sum(each.running_share for each in seen.names if each.name == name)


async def wakeup_us(guest: Guest, name: str, **values: ParameterValue) -> float:
    """Return the median wake-up latency of the brief tasks under a policy."""
    async with in_charge(guest, name, **values):
        return (await measured(guest, "periodic", BRIEF))["wakeup_p50_us"]


async def test_fifo_rtc_finishes_requests_in_one_piece(bench: Guest) -> None:
    async def p99_us() -> float:
        return (await measured(bench, "request_service", REQUESTS))["request_p99_us"]

    async def ratio() -> float:
        by_default = await p99_us()
        async with in_charge(bench, "fifo_rtc"):
            return await p99_us() / by_default

    await compared(bench, ratio, below(0.8))


async def test_vtime_fair_lets_sleepers_start_behind_and_interrupt(bench: Guest) -> None:
    async def ratio() -> float:
        plain = await wakeup_us(bench, "vtime_fair", sleeper_credit_us=0, preempt_on_wakeup=False)
        return await wakeup_us(bench, "vtime_fair") / plain

    await compared(bench, ratio, below(0.7))


async def test_longest_first_shortens_the_whole_batch(bench: Guest) -> None:
    async def makespan_ms() -> float:
        return (await measured(bench, "uneven_batch", ONE_LONG))["makespan_ms"]

    async def ratio() -> float:
        by_default = await makespan_ms()
        hints = (NameWeight("stage-b", 500), NameWeight("stage-a", 20))
        async with in_charge(bench, "longest_first", hints=hints):
            return await makespan_ms() / by_default

    await compared(bench, ratio, below(0.92))


async def test_shortest_first_ends_most_jobs_early(bench: Guest) -> None:
    async def mean_of_whole() -> float:
        """Return the mean completion as a part of the make-span."""
        found = await measured(bench, "uneven_batch", UNEVEN)
        return found["mean_completion_ms"] / found["makespan_ms"]

    async def ratio() -> float:
        by_default = await mean_of_whole()
        async with in_charge(bench, "shortest_first"):
            await mean_of_whole()  # sizes are learnt by name
            return await mean_of_whole() / by_default

    await compared(bench, ratio, below(0.85))


async def test_frame_deadline_gives_a_loop_more_than_an_equal_share(bench: Guest) -> None:
    async def of_loop() -> float:
        seen = await watched(bench, "periodic", LOOP)
        return used(seen, "loop") / (used(seen, "loop") + used(seen, "hog"))

    async def ratio() -> float:
        by_default = await of_loop()
        async with in_charge(bench, "frame_deadline"):
            return await of_loop() / by_default

    await compared(bench, ratio, above(1.15))


async def test_layers_let_the_named_go_first(bench: Guest) -> None:
    async def ratio() -> float:
        named = await wakeup_us(bench, "layers", upper=(NameWeight("brie", 5),))
        return named / await wakeup_us(bench, "layers")

    await compared(bench, ratio, below(0.5))


async def test_cgroup_weight_divides_by_weight_and_not_by_tasks(bench: Guest) -> None:
    async def ratio() -> float:
        async with in_charge(bench, "cgroup_weight"):
            found = await measured(bench, "battery", WEIGHTS)
        assert found["weights_failed"] == 0
        return found["heavier_ms"] / found["lighter_ms"]

    await compared(bench, ratio, between(2.0, 4.5, lambda found: found < 1))


async def test_lottery_divides_by_tickets(bench: Guest) -> None:
    tickets = (NameWeight("one", 300), NameWeight("other", 100))

    async def ratio() -> float:
        async with in_charge(bench, "lottery", tickets=tickets, slice_us=5000):
            seen = await watched(bench, "periodic", BUSY)
        return used(seen, "one") / used(seen, "other")

    await compared(bench, ratio, between(1.8, 5.0, lambda found: found < 1))


async def test_virtual_deadline_serves_short_requests_soon(bench: Guest) -> None:
    async def ratio() -> float:
        short = await wakeup_us(bench, "virtual_deadline", requests=(NameWeight("brief", 5),))
        long = await wakeup_us(bench, "virtual_deadline", requests=(NameWeight("brief", 1000),))
        return short / long

    await compared(bench, ratio, below(0.5))


async def test_virtual_deadline_gives_the_same_share_to_all(bench: Guest) -> None:
    requests = (NameWeight("one", 20), NameWeight("other", 500))

    async def ratio() -> float:
        async with in_charge(bench, "virtual_deadline", requests=requests):
            seen = await watched(bench, "periodic", BUSY)
        return used(seen, "one") / used(seen, "other")

    await compared(bench, ratio, between(0.6, 1.6, lambda found: not 0.2 < found < 5))


async def test_cache_local_moves_fewer_tasks_than_one_queue(bench: Guest) -> None:
    async def moves_per_switch() -> float:
        cpus = (await watched(bench, "periodic", HOGS)).cpus
        moves = sum(cpu.migrations_per_s or 0.0 for cpu in cpus)
        return moves / sum(cpu.switches_per_s or 0.0 for cpu in cpus)

    async def ratio() -> float:
        async with in_charge(bench, "fifo_rtc"):
            one_queue = await moves_per_switch()
        async with in_charge(bench, "cache_local", cores_per_cache=1):
            return await moves_per_switch() / one_queue

    await compared(bench, ratio, below(0.6))


async def test_warm_cores_pack_a_light_load(bench: Guest) -> None:
    async def on_second_cpu() -> float:
        """Return the part of all switches; what is busy there for the node itself hardly does."""
        async with in_charge(bench, "warm_cores", **EAGER):
            first, second = (await watched(bench, "periodic", LIGHT)).cpus
        both = (first.switches_per_s or 0.0, second.switches_per_s or 0.0)
        return both[1] / sum(both)

    await compared(bench, on_second_cpu, below(0.25, neutral=0.5))


async def test_warm_cores_spread_a_heavy_load(bench: Guest) -> None:
    async def least_busy() -> float:
        async with in_charge(bench, "warm_cores", **EAGER):
            return min(cpu.utilisation for cpu in (await watched(bench, "periodic", HOGS)).cpus)

    await compared(bench, least_busy, above(0.8, neutral=0.2))


async def test_phase_switch_answers_soon_while_somebody_wakes_up(bench: Guest) -> None:
    async def ratio() -> float:
        never_lively = await wakeup_us(bench, "phase_switch", lively_wakes=10_000)
        return await wakeup_us(bench, "phase_switch") / never_lively

    await compared(bench, ratio, below(0.5))


async def test_phase_switch_takes_long_turns_while_all_compute(bench: Guest) -> None:
    async def switches() -> float:
        cpus = (await watched(bench, "periodic", HOGS)).cpus
        return sum(cpu.switches_per_s or 0.0 for cpu in cpus)

    async def ratio() -> float:
        by_default = await switches()
        async with in_charge(bench, "phase_switch"):
            return await switches() / by_default

    await compared(bench, ratio, below(0.6))


async def test_partners_talk_on_where_a_queue_makes_each_message_wait(bench: Guest) -> None:
    async def round_trips(name: str) -> float:
        async with in_charge(bench, name, slice_us=5000), beside(bench, "periodic", HOGS):
            return (await measured(bench, "battery", PAIRS))["round_trips_per_s"]

    async def ratio() -> float:
        return await round_trips("partners") / max(await round_trips("fifo_rtc"), 1.0)

    await compared(bench, ratio, above(3.0))
