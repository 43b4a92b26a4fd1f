"""The battery gate in guests that are scripted: what it asks, what it refuses, how it ends."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from schedtui.measure.battery import exercises_for
from schedtui.model.battery import Depth, HeldUp
from schedtui.model.events import Event, GateProgress
from schedtui.model.machine import KernelInfo
from schedtui.model.telemetry import ExitRecord
from schedtui.model.verdict import Digest, Finding, GateName, GateResult, Severity, Tool
from schedtui.verify.battery.endings import in_words
from schedtui.verify.battery.limits import BACK_S
from schedtui.verify.battery.plan import QUICK_EXERCISES, WATCHDOG_LATEST_S, guest_plans
from schedtui.verify.battery.sitting import Span
from schedtui.verify.battery.turns import Turns
from schedtui.verify.battery_gate import BatteryGate
from schedtui.verify.gate import Draft
from schedtui.verify.verifier import verify
from tests.fakes.battery import DISABLED, FakeBattery, FakeGuests
from tests.fakes.schedulers import compiled_source
from tests.unit.verify.sources import with_enqueue

STALL = ExitRecord(1026, 0, "runnable task stall", "abcde-victim[77] failed to run for 3.105s")
ERROR = ExitRecord(1024, 0, "runtime error", "invalid CPU 9999 from ops.select_cpu()")
HOTPLUG = ExitRecord(66, 0x1000100000000, "unregistered from the main kernel", "cpu 1 going down")


SOUND = Draft("mine", "")


async def run(guests: FakeGuests, depth: Depth = Depth.QUICK, draft: Draft = SOUND) -> GateResult:
    return await BatteryGate(guests, depth, lambda _: None).run(draft)


async def judged(
    change: Callable[[FakeBattery], None], depth: Depth = Depth.QUICK, *, guests_changed: int = 99
) -> GateResult:
    def misbehave(bench: FakeBattery, number: int) -> None:
        if number < guests_changed:
            change(bench)

    return await run(FakeGuests(misbehave), depth)


def codes(result: GateResult, severity: Severity = Severity.ERROR) -> set[str]:
    return {found.code for found in result.findings if found.severity is severity}


def only(result: GateResult, code: str) -> Finding:
    (found,) = (found for found in result.findings if found.code == code)
    return found


# -- a sound candidate ----------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [Depth.QUICK, Depth.FULL])
async def test_a_sound_candidate_passes_and_is_described(depth: Depth) -> None:
    guests = FakeGuests()
    draft = Draft("mine", "", kernel=KernelInfo("7.0.13", "ab", "cd", "boot"))
    gate = BatteryGate(guests, depth, lambda _: None)
    result = await gate.run(draft)
    assert result.passed
    assert result.findings == ()
    assert result.gate is GateName.BATTERY
    told = draft.battery
    assert told is not None
    assert told.depth is depth
    assert told.worst_gap_ms == 30.0
    assert depth.value in result.summary
    if depth is Depth.FULL:
        assert told.cpus == (2, 4, 1)
        assert told.reloads == 16
        assert {e.name for e in told.exercises} == {spec.name for spec in exercises_for(4)}
    else:
        assert told.cpus == (2,)
        assert told.reloads == 3
    assert guests.open_now == 0
    assert {Tool("battery", depth.value), Tool("kernel", "7.0.13")} <= {*result.basis.used}
    assert result.basis.read == (Digest("kernel types", "cd"),)


async def test_exercises_run_under_both_schedulers_in_one_boot_and_in_one_stretch() -> None:
    guests = FakeGuests()
    await run(guests)
    calls = guests.opened[0].calls
    assert len(guests.opened) == 1
    baselines = [call[2:] for call in calls if call.startswith("A ")]
    candidates = [call[2:] for call in calls if call.startswith("B ")]
    assert baselines == candidates
    first = calls.index("attach")
    assert calls[first + 1 : calls.index("detach")] == [f"B {name}" for name in baselines] + [
        "dump"
    ]
    assert calls.count("attach") == calls.count("detach") == 1 + 3


def test_stretches_outlast_the_watchdog_and_the_object() -> None:
    (quick,) = guest_plans(Depth.QUICK, 0.0)
    assert quick.stretch_s >= 7.0
    assert max(plan.stretch_s for plan in guest_plans(Depth.FULL, 15.0)) >= 45.0
    assert 64.5 <= max(plan.stretch_s for plan in guest_plans(Depth.FULL, 60.0)) <= 67.0
    assert guest_plans(Depth.NONE, 0.0) == ()
    assert {plan.cpus for plan in guest_plans(Depth.FULL, 0.0)} == {1, 2, 4}
    assert any(plan.uptime_s for plan in guest_plans(Depth.FULL, 0.0))


def test_rates_that_need_a_start_are_taken_over_as_long_a_time_under_both_schedulers() -> None:
    steps = [step for plan in guest_plans(Depth.FULL, 60.0) for step in plan.steps]
    unlike = {step.spec.name for step in steps if step.baseline_s != step.candidate_s}
    assert unlike == {"lowly", "saturated"}
    assert all(step.baseline_s >= 1.0 for step in steps if step.spec.name in unlike)


# -- ends -----------------------------------------------------------------------------------------


async def test_an_error_ends_it_at_once() -> None:
    guests = FakeGuests(lambda bench, _: bench.ends.update(pinned=ERROR))
    result = await run(guests)
    found = only(result, "TRL006")
    assert "invalid CPU 9999" in found.sentence
    assert "pinned on 2 CPUs" in found.sentence
    assert not result.passed
    assert len(guests.opened) == 1
    assert guests.opened[0].calls[-1] == "detach"


async def test_a_stall_counts_when_a_fresh_guest_shows_it_again() -> None:
    guests = FakeGuests(lambda bench, _: bench.ends.update(saturated=STALL))
    found = only(await run(guests), "TRL006")
    assert "abcde-victim (77) waited 3.1 s for a CPU" in found.sentence
    assert len(guests.opened) == 2


async def test_a_stall_that_does_not_come_again_was_the_hosts() -> None:
    result = await judged(lambda bench: bench.ends.update(forks=STALL), guests_changed=1)
    assert result.passed
    assert codes(result, Severity.NOTE) == {"TRL035"}
    assert "waited 3.1 s" in only(result, "TRL035").sentence


async def test_hotplug_ends_a_policy_without_operations_for_it_in_good_order() -> None:
    result = await judged(lambda bench: bench.ends.update(hotplug=HOTPLUG), Depth.FULL)
    assert result.passed
    assert codes(result, Severity.NOTE) == {"TRL008"}


async def test_the_same_end_without_hotplug_is_an_error() -> None:
    result = await judged(lambda bench: bench.ends.update(forks=HOTPLUG))
    assert codes(result) == {"TRL006"}


@pytest.mark.parametrize("kind", [65, 66, 67, 1024, 1025, 1027, 1028, 1099])
async def test_every_kind_of_end_has_words(kind: int) -> None:
    record = ExitRecord(kind, 0, "reason", "message")
    result = await judged(lambda bench: bench.ends.update(wakeups=record))
    assert "reason, message" in only(result, "TRL006").sentence


def test_an_end_without_a_record_is_told_as_it_is() -> None:
    assert "nobody said why" in in_words(DISABLED)


async def test_a_candidate_that_is_gone_without_a_word_is_no_result() -> None:
    result = await judged(lambda bench: setattr(bench, "vanishes_in", "nice"))
    assert codes(result) == {"TRL005"}


async def test_a_guest_that_is_lost_is_tried_once_more() -> None:
    def lost(bench: FakeBattery) -> None:
        bench.lost_in = "forks"

    once = await judged(lost, guests_changed=1)
    assert once.passed
    assert "panicked" in only(once, "TRL035").sentence
    assert codes(await judged(lost)) == {"TRL005"}


async def test_a_broken_dump_is_seen() -> None:
    def breaks(bench: FakeBattery) -> None:
        bench.breaks_in_dump = ERROR

    assert "a dump of its state" in only(await judged(breaks), "TRL006").sentence


# -- the kernel's word ----------------------------------------------------------------------------


async def test_a_log_that_was_not_read_proves_nothing() -> None:
    result = await judged(lambda bench: setattr(bench, "unread_in", "forks"))
    assert codes(result) == {"TRL030"}


async def test_coming_into_charge_is_counted() -> None:
    assert codes(await judged(lambda bench: setattr(bench, "skips_seq", True))) == {"TRL007"}
    second = await judged(lambda bench: setattr(bench, "attach_error_at", 2))
    assert "load 2" in only(second, "TRL007").sentence


async def test_no_result_under_the_candidate_rejects() -> None:
    result = await judged(lambda bench: bench.refuses.update(forks="battery cannot be started"))
    assert "cannot be started" in only(result, "TRL010").sentence


async def test_being_thrown_out_explains_why_there_is_no_result() -> None:
    def thrown_out(bench: FakeBattery) -> None:
        bench.refuses["forks"] = "battery did not finish"
        bench.ends["forks"] = ERROR

    assert codes(await judged(thrown_out)) == {"TRL006"}


async def test_no_result_under_the_default_scheduler_is_nobodys_fault() -> None:
    result = await judged(lambda bench: setattr(bench, "refuses_baseline", "nice"))
    assert codes(result) == {"TRL005"}


async def test_going_back_slowly_counts_when_it_is_seen_twice() -> None:
    result = await judged(lambda bench: setattr(bench, "back_s", BACK_S + 0.01))
    assert only(result, "TRL027").sentence.count("2.0 s") == 1


async def test_the_default_scheduler_must_come_back() -> None:
    result = await judged(lambda bench: setattr(bench, "state_after", "disabling"))
    assert "disabling" in only(result, "TRL027").sentence


async def test_an_end_with_an_error_is_seen_while_going_back() -> None:
    result = await judged(lambda bench: setattr(bench, "end_record", ERROR))
    assert codes(result) == {"TRL006"}


async def test_a_lease_that_does_not_end_it_rejects() -> None:
    result = await judged(lambda bench: setattr(bench, "ignores_lease", True), Depth.FULL)
    assert codes(result) == {"TRL028"}


async def test_memory_that_does_not_come_back_rejects() -> None:
    held = await judged(lambda bench: setattr(bench, "leak_kb", 40_000))
    assert codes(held) == {"TRL029"}
    after = await judged(lambda bench: setattr(bench, "reload_leak_kb", 30_000))
    assert "3 reloads" in only(after, "TRL029").sentence


# -- limits ---------------------------------------------------------------------------------------

LIMITS = [
    ("forks", "forks_failed", 3.0, "TRL011"),
    ("execs", "execs_failed", 1.0, "TRL011"),
    ("cgroups", "cgroups_failed", 1.0, "TRL012"),
    ("hotplug", "hotplugs_failed", 1.0, "TRL013"),
    ("pins512", "moves_failed", 1.0, "TRL013"),
    ("memory", "memory_failed", 1.0, "TRL029"),
    ("forks", "children_lost", 1.0, "TRL014"),
    ("nice", "tasks_missing", 2.0, "TRL015"),
    ("saturated", "victim_gap_ms", 251.0, "TRL016"),
    ("pinned", "pinned_gap_ms", 251.0, "TRL016"),
    ("idle", "kthread_delay_ms", 101.0, "TRL017"),
    ("ping_pong", "round_trip_ms", 1001.0, "TRL018"),
    ("wakeups", "herd_ms", 1001.0, "TRL018"),
    ("saturated", "newborn_ms", 1001.0, "TRL018"),
    ("pinned", "least_progress_pct", 4.0, "TRL019"),
    ("saturated", "busy_pct", 60.0, "TRL032"),
    ("saturated", "work", 390.0, "TRL021"),
    ("execs", "execs_per_s", 390.0, "TRL021"),
]


@pytest.mark.parametrize(("name", "metric", "value", "code"), LIMITS)
async def test_a_broken_limit_rejects_by_its_code(
    name: str, metric: str, value: float, code: str
) -> None:
    result = await judged(lambda bench: bench.changes.update({name: {metric: value}}), Depth.FULL)
    assert codes(result) == {code}
    assert f"{name} on 2 CPUs" in only(result, code).sentence


@pytest.mark.parametrize(
    ("name", "metric"), [(spec.name, metric) for spec in exercises_for(2) for metric in spec.never]
)
async def test_what_must_never_happen_rejects(name: str, metric: str) -> None:
    result = await judged(lambda bench: bench.changes.update({name: {metric: 1.0}}), Depth.FULL)
    assert not result.passed
    assert f"{name} on 2 CPUs" in result.findings[0].sentence


def host_that_keeps_waiting(*lost_ms: float) -> tuple[HeldUp, ...]:
    """Return readings a tenth of a second apart, with what one CPU lost in between."""
    sums = [sum(lost_ms[:count]) for count in range(len(lost_ms) + 1)]
    return tuple(HeldUp(count / 10, (0.0, lost), ()) for count, lost in enumerate(sums))


@pytest.mark.parametrize(
    ("awake_ms", "lost_ms", "codes_seen"),
    [
        (200.0, (), {"TRL016"}),  # a host that does not count
        (200.0, (100.0, 100.0, 100.0, 100.0, 60.0), set()),
        (200.0, (100.0, 100.0, 100.0, 100.0, 40.0), {"TRL016"}),
        # What it lost at another time is no excuse: a wait of 700 ms can see a half of this.
        (200.0, (300.0, *[0.0] * 20, 300.0), {"TRL016"}),
        # Nor is a host that lost much, where the guest knows of no pause.
        (690.0, (500.0, 500.0), {"TRL016"}),
    ],
)
async def test_a_host_that_stands_still_is_no_fault_of_the_candidate(
    awake_ms: float, lost_ms: tuple[float, ...], codes_seen: set[str]
) -> None:
    """As far as the host confirms what the guest says."""

    def paused(bench: FakeBattery) -> None:
        gap = {"victim_gap_ms": 700.0, "victim_gap_awake_ms": awake_ms}
        bench.changes.update(nice=gap)
        bench.held_up = host_that_keeps_waiting(*lost_ms)

    assert codes(await judged(paused)) == codes_seen


async def test_kernel_threads_may_wait_like_everybody_else() -> None:
    def plain_queue(kthread_ms: float) -> Callable[[FakeBattery], None]:
        gaps = {"victim_gap_ms": 150.0, "kthread_delay_ms": kthread_ms}
        return lambda bench: bench.changes.update(saturated=gaps)

    assert (await judged(plain_queue(290.0), Depth.QUICK)).passed
    assert codes(await judged(plain_queue(301.0), Depth.QUICK)) == {"TRL017"}


@pytest.mark.parametrize(("name", "metric", "value", "code"), LIMITS)
async def test_what_the_default_scheduler_does_too_is_no_fault(
    name: str, metric: str, value: float, code: str
) -> None:
    def both(bench: FakeBattery) -> None:
        bench.changes[name] = {metric: value}
        bench.baseline = {metric: value}

    assert (await judged(both, Depth.FULL)).passed, code


DOUBTFUL = [row for row in LIMITS if row[3] >= "TRL015" and row[3] != "TRL029"]


@pytest.mark.parametrize(("name", "metric", "value", "code"), DOUBTFUL)
async def test_noise_does_not_reject(name: str, metric: str, value: float, code: str) -> None:
    def at_first(bench: FakeBattery) -> None:
        bench.changes[name] = {metric: value}
        # Sound again in the last of three runs.
        bench.changed_runs = len(bench.plan.steps) + 1

    assert (await judged(at_first, Depth.FULL)).passed, code


async def test_a_doubtful_limit_is_broken_three_times_in_the_same_guest() -> None:
    guests = FakeGuests(lambda bench, _: bench.changes.update(nice={"victim_gap_ms": 900.0}))
    result = await run(guests)
    assert "3 times out of 3" in only(result, "TRL016").sentence
    calls = guests.opened[0].calls
    assert (calls.count("A nice"), calls.count("B nice")) == (3, 3)
    assert calls.count("B pinned") == 1
    assert len(guests.opened) == 1


@pytest.mark.parametrize(("look", "codes_seen"), [(2, {"TRL016"}), (3, set())])
async def test_what_the_default_scheduler_does_beside_others_excuses_nothing(
    look: int, codes_seen: set[str]
) -> None:
    """What it does alone, in the last look, does."""

    def misbehave(bench: FakeBattery) -> None:
        def on_run(name: str) -> None:
            slow = name == "nice" and bench.calls.count("A nice") == look
            bench.baseline = {"victim_gap_ms": 300.0 if slow else 30.0}

        bench.changes["nice"] = {"victim_gap_ms": 900.0}
        bench.on_run = on_run

    assert codes(await judged(misbehave)) == codes_seen


async def test_programs_are_charged_for_the_exercise_and_not_for_getting_old_before_it() -> None:
    """A storm would be lost in the idle seconds that lie between an attach and a second look."""

    def late(bench: FakeBattery) -> None:
        bench.window_s = 0.05
        bench.changes.update(saturated={"victim_gap_ms": 900.0})

    guests = FakeGuests(lambda bench, _: late(bench))
    await run(guests)
    assert max(guests.opened[0].idle_s) < len(QUICK_EXERCISES) * 0.05 / 2


async def test_long_waits_of_any_task_reject() -> None:
    def waits(bench: FakeBattery) -> None:
        bench.longest_wait_ms = 1400.0
        bench.starved = ("cc1 (41)",)

    sentences = [found.sentence for found in (await judged(waits)).findings]
    assert any("cc1 (41)" in sentence and "1400 ms" in sentence for sentence in sentences)


async def test_storms_and_dear_programs_reject() -> None:
    storm = await judged(lambda bench: setattr(bench, "calls_per_s", 400_000.0))
    assert codes(storm) == {"TRL023"}
    # Who wakes whom how often is the tasks' own matter.
    assert not any("wakeups" in found.sentence for found in storm.findings)
    dear = await judged(lambda bench: setattr(bench, "run_ms_per_s", 900.0))
    assert codes(dear) == {"TRL024"}


async def test_a_real_cpu_has_a_lower_limit_for_programs() -> None:
    def on_a_real_cpu(bench: FakeBattery) -> None:
        bench.emulated, bench.run_ms_per_s = False, 150.0

    assert codes(await judged(on_a_real_cpu)) == {"TRL024"}


@pytest.mark.parametrize("event", ["DISPATCH_LOCAL_DSQ_OFFLINE", "SLICE_CLAMPED"])
async def test_counters_that_must_not_move_reject_except_with_hotplug(event: str) -> None:
    result = await judged(lambda bench: bench.events.update({event: 2}), Depth.FULL)
    assert codes(result) == {"TRL025"}
    assert event in result.findings[0].sentence
    assert not any("hotplug" in found.sentence for found in result.findings)


async def test_a_cpu_that_the_kernel_had_to_choose_is_remarked_on() -> None:
    result = await judged(lambda bench: bench.events.update(SELECT_CPU_FALLBACK=900))
    assert result.passed
    assert codes(result, Severity.WARNING) == {"TRL026"}


async def test_mild_unfairness_and_slowness_are_remarked_on_once() -> None:
    def mild(bench: FakeBattery) -> None:
        bench.changes["*"] = {"least_progress_pct": 20.0, "jain_pct": 80.0}
        bench.changes["forks"] = {"forks_per_s": 700.0}
        bench.changes["execs"] = {"execs_per_s": 700.0}

    result = await judged(mild, Depth.FULL)
    assert result.passed
    assert [found.code for found in result.findings] == ["TRL020", "TRL022"]


async def test_a_guest_with_more_cpus_than_the_host_is_not_refused_for_being_slow() -> None:
    def slow(bench: FakeBattery) -> None:
        bench.oversubscribed = True
        bench.changes["forks"] = {"forks_per_s": 200.0}
        bench.changes["wakeups"] = {"wakeups_per_s": 200.0}

    result = await judged(slow)
    assert result.passed
    assert codes(result, Severity.WARNING) == {"TRL022"}


async def test_one_slow_exercise_may_be_noise() -> None:
    result = await judged(lambda bench: bench.changes.update(forks={"forks_per_s": 700.0}))
    assert result.findings == ()


async def holding(seconds: int) -> Draft:
    """Return a draft whose slices change after so many seconds."""
    later = f"now_ns() > {seconds} * NSEC_PER_SEC ? 1000000 : 5000000"
    source = with_enqueue(f"queue_insert(p, 0, {later}, enq_flags);")
    return Draft("mine", "", object=await compiled_source(source))


async def test_times_that_the_quick_battery_does_not_outlast_are_named() -> None:
    result = await run(FakeGuests(), draft=await holding(30))
    assert result.passed
    assert "a time of 30 s, and was in charge for 8 s" in only(result, "TRL031").sentence


@pytest.mark.parametrize("seconds", [5, 30, 60])
async def test_before_a_deployment_the_full_battery_outlasts_them(seconds: int) -> None:
    draft, guests = await holding(seconds), FakeGuests()
    result = await BatteryGate(guests, Depth.QUICK, lambda _: None, deepen=True).run(draft)
    assert result.findings == ()
    assert draft.battery is not None
    assert draft.battery.depth is Depth.FULL
    assert max(bench.plan.stretch_s for bench in guests.opened) >= seconds + WATCHDOG_LATEST_S


async def test_short_times_do_not_deepen_it() -> None:
    draft = await holding(2)
    await BatteryGate(FakeGuests(), Depth.QUICK, lambda _: None, deepen=True).run(draft)
    assert draft.battery is not None
    assert draft.battery.depth is Depth.QUICK


@pytest.mark.parametrize("depth", [Depth.QUICK, Depth.FULL])
async def test_times_that_no_trial_outlasts_are_refused_at_once(depth: Depth) -> None:
    guests = FakeGuests()
    result = await run(guests, depth, await holding(90))
    assert not result.passed
    assert "a time of 90 s" in only(result, "TRL036").sentence
    assert guests.opened == []


# -- guests ---------------------------------------------------------------------------------------


async def test_a_shape_that_alone_shows_it_is_named() -> None:
    def on_four(bench: FakeBattery) -> None:
        if bench.plan.cpus > 2:
            bench.ends["forks"] = ERROR

    found = only(await judged(on_four, Depth.FULL), "TRL006")
    assert "forks on 4 CPUs" in found.sentence


async def test_two_guests_run_side_by_side_and_the_first_no_ends_the_rest() -> None:
    guests = FakeGuests(lambda bench, _: bench.ends.update(idle=ERROR))
    assert not (await run(guests, Depth.FULL)).passed
    assert guests.most_open <= 2
    assert guests.open_now == 0


@pytest.mark.parametrize("refuses", [True, False])
async def test_a_guest_that_is_lost_does_not_hide_what_another_refuses(*, refuses: bool) -> None:
    def misbehave(bench: FakeBattery, _: int) -> None:
        if bench.plan.cpus == 2:
            bench.window_s = 0.001
            bench.lost_in = "forks"
        elif bench.plan.cpus == 4 and refuses:
            bench.ends["idle"] = ERROR

    result = await run(FakeGuests(misbehave), Depth.FULL)
    assert codes(result) == ({"TRL006"} if refuses else {"TRL005"})


@pytest.mark.parametrize("change", ["doubt", "stall"])
async def test_what_is_in_doubt_is_looked_at_with_no_other_guest_beside(change: str) -> None:
    beside: list[int] = []
    guests = FakeGuests()

    def note(exercise: str) -> None:
        if exercise == "nice":
            beside.append(guests.running)

    def misbehave(bench: FakeBattery, _: int) -> None:
        bench.window_s = 0.002
        if bench.plan.cpus == 4:
            bench.on_run = note
            if change == "doubt":
                bench.changes["nice"] = {"victim_gap_ms": 900.0}
            else:
                bench.ends["nice"] = STALL

    guests.misbehave = misbehave
    result = await run(guests, Depth.FULL)
    assert not result.passed
    # Under the default scheduler and under the candidate, beside the first guest; then alone.
    assert beside[-2:] == [1, 1]
    assert 2 in beside[:2]


async def test_who_had_no_turn_yet_goes_before_who_looks_again() -> None:
    turns, order = Turns(1), []

    async def look_again() -> None:
        async with turns.one():
            await asyncio.sleep(0)
            async with turns.rest(), turns.again():
                order.append("again")

    async def begin() -> None:
        async with turns.one():
            order.append("first")

    async with asyncio.timeout(1):
        await asyncio.gather(look_again(), begin(), begin())
    assert order == ["first", "first", "again"]


async def test_what_was_in_doubt_twice_is_looked_at_alone_as_soon_as_all_rest() -> None:
    turns, beside = Turns(2), []
    running = 0

    async def look(company: Span) -> None:
        nonlocal running
        async with company():
            running += 1
            beside.append(running)
            await asyncio.sleep(0.002)
            running -= 1

    async def guest() -> None:
        async with turns.one(), turns.rest():
            await look(turns.again)
            await look(turns.alone)

    async with asyncio.timeout(1):
        await asyncio.gather(*(guest() for _ in range(3)))
    assert max(beside) == 2
    assert beside[-3:] == [1, 1, 1]


async def test_cancelling_while_waiting_to_be_alone_keeps_turns_whole() -> None:
    turns = Turns(2)
    go = asyncio.Event()

    async def hold() -> None:
        async with turns.one():
            await go.wait()

    async def want_alone() -> None:
        async with turns.one(), turns.rest(), turns.alone():
            pass

    holder, asker = asyncio.create_task(hold()), asyncio.create_task(want_alone())
    await asyncio.sleep(0.01)
    asker.cancel()
    await asyncio.gather(asker, return_exceptions=True)
    go.set()
    await holder
    async with asyncio.timeout(1), turns.one(), turns.rest(), turns.alone():
        pass


async def test_cancelling_leaves_no_guest_behind() -> None:
    guests = FakeGuests(lambda bench, _: setattr(bench, "window_s", 5.0))
    task = asyncio.create_task(run(guests, Depth.FULL))
    await asyncio.sleep(0.05)
    assert guests.open_now == 2
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert guests.open_now == 0


async def test_the_verdict_holds_the_battery() -> None:
    verdict, _ = await verify(
        Draft("mine", "", object=b"bytes"),
        [BatteryGate(FakeGuests(), Depth.QUICK, lambda _: None)],
        lambda _: None,
    )
    assert verdict.battery is not None
    assert verdict.battery.depth is Depth.QUICK


async def test_progress_names_exercise_shape_and_time_left() -> None:
    events: list[Event] = []
    gate = BatteryGate(FakeGuests(), Depth.QUICK, events.append)
    await gate.run(Draft("mine", ""))
    told = [event for event in events if isinstance(event, GateProgress)]
    assert all(event.gate is GateName.BATTERY for event in told)
    assert any("2 CPUs: pinned, candidate" in event.note for event in told)
    assert all("s left" in event.note for event in told)
    done = [event.done for event in told]
    assert done == sorted(done)
    assert done[-1] <= told[-1].total
