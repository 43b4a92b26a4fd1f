"""What the battery gate does with complaints of a guest's kernel: which are in doubt, and then."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from schedtui.model.battery import Depth
from schedtui.model.events import Event, GateProgress
from schedtui.model.telemetry import ExitRecord
from schedtui.model.verdict import GateResult, Severity
from schedtui.verify.battery_gate import BatteryGate
from schedtui.verify.gate import Draft
from tests.fakes.battery import FakeBattery, FakeGuests

WARNED = (
    "WARNING: kernel/sched/ext.c:2459 at put_prev_task_scx+0x338/0x380, CPU#0: kworker/0:2/1372",
    "Call Trace:",
    "---[ end trace 0000000000000000 ]---",
)
WARNED_BEFORE_6_19 = ("WARNING: CPU: 1 PID: 77 at kernel/sched/core.c:1744 resched+0x3a/0x700",)
HALF_CHANGED = (
    "Oops: int3: 0000 [#1] SMP NOPTI",
    "Call Trace:",
    "BUG: scheduling while atomic: swapper/1/0/0x00000002",
)
BUG = ("BUG: kernel NULL pointer dereference, address: 0000000000000018", "Call Trace:")
STALL = ExitRecord(1026, 0, "runnable task stall", "abcde-victim[77] failed to run for 3.105s")
FRESH = 3

Change = Callable[[FakeBattery], None]


def complains(lines: tuple[str, ...] = WARNED) -> Change:
    return lambda bench: bench.complaints.update(pinned=lines)


def in_guests(*changes: Change | None) -> FakeGuests:
    """Return guests that are changed in the order in which they are opened; others are sound."""

    def misbehave(bench: FakeBattery, number: int) -> None:
        change = changes[number] if number < len(changes) else None
        if change is not None:
            change(bench)

    return FakeGuests(misbehave)


async def run(guests: FakeGuests, depth: Depth = Depth.QUICK) -> GateResult:
    return await BatteryGate(guests, depth, lambda _: None).run(Draft("mine", ""))


def sentences(result: GateResult, code: str) -> list[str]:
    return [found.sentence for found in result.findings if found.code == code]


def errors(result: GateResult) -> set[str]:
    return {found.code for found in result.findings if found.severity is Severity.ERROR}


# -- a second look --------------------------------------------------------------------------------


@pytest.mark.parametrize("lines", [WARNED, WARNED_BEFORE_6_19, WARNED * 3, HALF_CHANGED])
async def test_a_complaint_that_does_not_come_again_is_kept_as_a_warning(
    lines: tuple[str, ...],
) -> None:
    guests = in_guests(complains(lines))
    result = await run(guests)
    assert result.passed
    (told,) = sentences(result, "TRL034")
    assert "pinned on 2 CPUs" in told
    assert lines[0] in told
    assert told.endswith(f"{FRESH}.")
    assert len(guests.opened) == 1 + FRESH
    assert guests.open_now == 0


async def test_fresh_guests_do_all_that_the_first_one_did() -> None:
    guests = in_guests(complains())
    await run(guests)
    first, *fresh = (bench.calls for bench in guests.opened)
    assert first[-2:] == ["B forks", "B pinned"]
    assert all("B saturated" in calls and calls.count("attach") == 4 for calls in fresh)


@pytest.mark.parametrize("silent", range(FRESH))
async def test_a_complaint_that_comes_again_refuses_in_any_fresh_guest(silent: int) -> None:
    def again(bench: FakeBattery) -> None:
        bench.complaints_at_load[2] = WARNED_BEFORE_6_19

    guests = in_guests(complains(), *[None] * silent, again)
    result = await run(guests)
    assert errors(result) == {"TRL009"}
    first, second = sorted(sentences(result, "TRL009"), key=len)[::-1]
    assert "put_prev_task_scx" in first
    assert "load 2, in another machine" in second
    assert len(guests.opened) == 2 + silent
    assert sentences(result, "TRL034") == []


async def test_a_policy_whose_kernel_always_complains_is_refused_by_the_second_guest() -> None:
    guests = in_guests(*[complains()] * 9)
    assert errors(await run(guests)) == {"TRL009"}
    assert len(guests.opened) == 2


async def test_one_complaint_in_each_of_two_shapes_is_two_complaints() -> None:
    def by_shape(*shapes: int) -> FakeGuests:
        heard: set[int] = set()

        def misbehave(bench: FakeBattery, _: int) -> None:
            if bench.plan.cpus in shapes and bench.plan.cpus not in heard:
                heard.add(bench.plan.cpus)
                bench.complaints["idle"] = WARNED

        return FakeGuests(misbehave)

    assert (await run(by_shape(1), Depth.FULL)).passed
    both = await run(by_shape(2, 1), Depth.FULL)
    assert errors(both) == {"TRL009"}
    assert len(sentences(both, "TRL009")) == 2


async def test_progress_says_that_a_fresh_machine_is_looked_at() -> None:
    events: list[Event] = []
    await BatteryGate(in_guests(complains()), Depth.QUICK, events.append).run(Draft("mine", ""))
    notes = [event.note for event in events if isinstance(event, GateProgress)]
    assert sum("once more in a fresh machine" in note for note in notes) == FRESH


# -- what counts at once --------------------------------------------------------------------------

GRAVE = [
    BUG,
    (*WARNED, *BUG),
    ("Oops: 0000 [#1] PREEMPT SMP NOPTI",),
    ("BUG: KASAN: slab-use-after-free in scx_bpf_task_cgroup+0x1f/0x40",),
    ("list_add corruption. prev->next should be next (ffff), but was dead.", *WARNED),
    ("refcount_t: underflow; use-after-free.", *WARNED),
    ("WARNING: possible circular locking dependency detected",),
    ("WARNING: suspicious RCU usage",),
    ("WARNING: mm/slub.c:6600 at free_large_kmalloc+0x55/0x80, CPU#0: loader/7",),
    ("WARNING: CPU: 1 PID: 77 at lib/list_debug.c:29 __list_add_valid+0x3a/0x70",),
    ("watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [swapper/0:0]",),
    ("something that nobody has seen before",),
    ("Call Trace:",),
    WARNED * 4,
    ("a task said int3: 0000 [#1]", *WARNED),
    (*WARNED, *HALF_CHANGED),
]


@pytest.mark.parametrize("lines", GRAVE, ids=lambda lines: lines[0][:30])
async def test_what_is_no_accident_refuses_at_once(lines: tuple[str, ...]) -> None:
    guests = in_guests(complains(lines))
    result = await run(guests)
    assert errors(result) == {"TRL009"}
    assert len(guests.opened) == 1


async def test_the_worst_line_is_told() -> None:
    (told,) = sentences(await run(in_guests(complains((*WARNED, *BUG)))), "TRL009")
    assert "NULL pointer" in told


async def test_a_warning_in_a_log_with_gaps_refuses_at_once() -> None:
    def gaps(bench: FakeBattery) -> None:
        bench.complaints["pinned"] = WARNED
        bench.unread_in = "pinned"

    assert errors(await run(in_guests(gaps))) == {"TRL009"}


async def test_what_is_certain_in_the_same_guest_refuses_at_once() -> None:
    def both(bench: FakeBattery) -> None:
        bench.complaints["pinned"] = WARNED
        bench.changes["forks"] = {"forks_failed": 3.0}

    guests = in_guests(both)
    result = await run(guests)
    assert errors(result) == {"TRL011"}
    assert len(guests.opened) == 1
    (told,) = sentences(result, "TRL034")
    assert told.endswith("0.")


async def test_another_doubt_beside_a_complaint_does_not_refuse() -> None:
    def both(bench: FakeBattery) -> None:
        bench.complaints["pinned"] = WARNED
        bench.changes["forks"] = {"victim_gap_ms": 900.0}

    assert (await run(in_guests(both))).passed


# -- beside other ends ----------------------------------------------------------------------------


@pytest.mark.parametrize(("lines", "opened"), [(BUG, 1), (WARNED, 2)])
async def test_a_complaint_counts_where_the_candidate_was_thrown_out_too(
    lines: tuple[str, ...], opened: int
) -> None:
    def stalls(bench: FakeBattery) -> None:
        bench.complaints["forks"] = lines
        bench.ends["forks"] = STALL

    def stalls_only(bench: FakeBattery) -> None:
        bench.ends["forks"] = STALL

    guests = in_guests(stalls, stalls_only)
    result = await run(guests)
    assert errors(result) == ({"TRL009"} if lines == BUG else {"TRL006"})
    assert len(guests.opened) == opened
    assert bool(sentences(result, "TRL034")) is (lines == WARNED)


def stalls(bench: FakeBattery) -> None:
    bench.ends["forks"] = STALL


def stalls_and_complains(bench: FakeBattery) -> None:
    bench.complaints["forks"] = WARNED
    bench.ends["forks"] = STALL


@pytest.mark.parametrize(
    "guests",
    [
        (stalls_and_complains, stalls),
        (stalls_and_complains, None, stalls),
        (stalls, stalls_and_complains),
    ],
)
async def test_only_one_stall_is_forgiven_also_beside_a_complaint(
    guests: tuple[Change | None, ...],
) -> None:
    opened = in_guests(*guests)
    result = await run(opened)
    assert errors(result) == {"TRL006"}
    assert len(opened.opened) == len(guests)
    assert sentences(result, "TRL034")


async def test_one_stall_beside_a_complaint_is_noted() -> None:
    result = await run(in_guests(stalls_and_complains))
    assert result.passed
    assert "waited 3.1 s" in sentences(result, "TRL035")[0]
    assert sentences(result, "TRL034")


@pytest.mark.parametrize(("shapes", "passes"), [((1,), True), ((2, 1), False), ((1, 4), False)])
async def test_one_stall_in_each_of_two_shapes_is_two_stalls(
    shapes: tuple[int, ...], *, passes: bool
) -> None:
    stalled: set[int] = set()

    def misbehave(bench: FakeBattery, _: int) -> None:
        if bench.plan.cpus in shapes and bench.plan.cpus not in stalled:
            stalled.add(bench.plan.cpus)
            stalls(bench)

    result = await run(FakeGuests(misbehave), Depth.FULL)
    assert result.passed is passes
    assert errors(result) == (set() if passes else {"TRL006"})


async def test_a_guest_that_is_lost_meanwhile_does_not_count_as_silent() -> None:
    def lost(bench: FakeBattery) -> None:
        bench.lost_in = "forks"

    guests = in_guests(complains(), None, lost)
    result = await run(guests)
    assert result.passed
    assert len(guests.opened) == 1 + FRESH + 1
    assert sentences(result, "TRL034")
    assert sentences(result, "TRL035")
    refused = await run(in_guests(complains(), lost, None, complains()))
    assert errors(refused) == {"TRL009"}


async def test_no_result_in_the_end_does_not_hide_the_complaint() -> None:
    def lost(bench: FakeBattery) -> None:
        bench.lost_in = "forks"

    result = await run(in_guests(complains(), lost, lost))
    assert errors(result) == {"TRL005"}
    assert sentences(result, "TRL034")


async def test_a_complaint_before_the_candidate_came_is_not_its_fault() -> None:
    def before(bench: FakeBattery) -> None:
        bench.complaints_before = BUG

    once = await run(in_guests(before))
    assert once.passed
    (told,) = sentences(once, "TRL035")
    assert "NULL pointer" in told
    assert errors(await run(in_guests(before, before))) == {"TRL005"}


async def test_a_complaint_while_it_leaves_is_not_missed() -> None:
    def leaving(bench: FakeBattery) -> None:
        bench.complaints_at_end = BUG

    (told,) = sentences(await run(in_guests(leaving)), "TRL009")
    assert "its end" in told


@pytest.mark.parametrize(
    ("console", "damaged"),
    [
        (("[   13.48] BUG: kernel NULL pointer dereference, address: 0000000000000018",), True),
        (("[   13.48] Oops: general protection fault: 0000 [#1] SMP",), True),
        (("list_del corruption, ffff->next is LIST_POISON1",), True),
        (("[   13.48] Oops: int3: 0000 [#1] SMP NOPTI", "[   13.49] Oops: 0000 [#2]"), False),
        (("[   13.48] BUG: KASAN: in a", "[   13.49] Oops: int3: 0000 [#1] SMP NOPTI"), True),
        (("[   13.4] Kernel panic - not syncing: stack-protector: Kernel stack is bad",), True),
        (("[   13.4] Kernel panic - not syncing: corrupted stack end detected inside",), True),
        (("[   60.01] watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [swapper/0:0]",), False),
        (("[   60.01] rcu: INFO: rcu_preempt self-detected stall on CPU",), False),
        (("[   13.49] Kernel panic - not syncing: Attempted to kill init!",), False),
        (("[   13.48] sched_ext: mine: Oops, BUG: said by a policy",), False),
        ((), False),
    ],
)
async def test_a_guest_that_is_lost_by_damage_refuses_at_once(
    console: tuple[str, ...], *, damaged: bool
) -> None:
    def lost(bench: FakeBattery) -> None:
        bench.lost_in = "forks"
        bench.last_words = console

    guests = in_guests(lost)
    result = await run(guests)
    assert errors(result) == ({"TRL009"} if damaged else set())
    assert len(guests.opened) == 2 - damaged
