"""Going back through time: what is kept, in how little memory, and the keys that go there."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace

import pytest
from textual.pilot import Pilot

from schedtui.model.deployment import Stage
from schedtui.model.histogram import Latency, upper_edge_ns
from schedtui.model.telemetry import CpuSample, SchedulerState, Snapshot
from schedtui.tape.memory import MemoryTape
from schedtui.tape.tape import Mark, MarkKind, change
from schedtui.ui.app import SchedtuiApp
from schedtui.ui.comparison import compare
from schedtui.ui.paint import past
from schedtui.ui.paint.glyphs import UNICODE
from schedtui.ui.paint.text import plain
from schedtui.ui.timeline import Timeline
from tests.fakes import samples
from tests.fakes.engine import NAMES, FakeEngine
from tests.fakes.machine import DEFAULT, OURS, FakeMachine
from tests.ui.stage import MIDDLE, NARROW, lines_of, opened, released, text_of, to_review, until

NOON = 1_750_000_000_000
SECOND = 1000


def filled(seconds: int, cpus: int = 2, *, load: str = "") -> tuple[Timeline, list[Snapshot]]:
    """One sample per second; ours is in charge in the second half."""
    machine, line, shots = FakeMachine(cpus, 1, NAMES), Timeline(), []
    machine.load = load
    for second in range(seconds):
        state = OURS if second >= seconds // 2 else DEFAULT
        shots.append(machine.snapshot(state, NOON + second * SECOND, 1.0))
        line.add(shots[-1])
    return line, shots


def test_a_sample_comes_back_as_it_was() -> None:
    line, shots = filled(40, load="service")
    for back, wanted in ((1, shots[-2]), (30, shots[9])):
        line.step(-back)
        found = line.shown
        assert found is not None
        assert replace(found, cpus=()) == replace(wanted, cpus=())
        for one, other in zip(found.cpus, wanted.cpus, strict=True):
            assert (one.cpu, one.depth, one.running) == (other.cpu, other.depth, other.running)
            assert one.utilisation == pytest.approx(other.utilisation, rel=1e-4)
            assert one.wakeup is not None
            assert other.wakeup is not None
            assert one.wakeup.p99_us == pytest.approx(other.wakeup.p99_us, rel=1e-4)
        line.resume()


def test_figures_that_a_source_cannot_see_stay_unseen() -> None:
    blind = CpuSample(0, 0.5, None, None, None, None, None)
    tape, shot = MemoryTape(), filled(1)[1][0]
    tape.add(replace(shot, cpus=(blind,)))
    assert tape.snapshot(0).cpus == (blind,)
    assert tape.cpus(0) == (blind,)


def test_steps_jumps_and_marks_go_where_they_say() -> None:
    line, shots = filled(200)
    line.pause()

    def at() -> float:
        return (line.shown_ms - NOON) / SECOND

    assert at() == 199
    moves: tuple[tuple[Callable[[], object], float], ...] = (
        (lambda: line.step(-2), 197),
        (lambda: line.jump(-60), 137),
        (lambda: line.jump(10), 147),
        (lambda: line.jump(0.2), 148),
        (line.to_start, 0),
        (lambda: line.step(-1), 0),
        (lambda: line.jump(9999), 199),
    )
    for go, wanted in moves:
        go()
        assert at() == wanted
    assert line.shown is not None
    assert line.shown.seq == shots[-1].seq
    for second in (50, 20):
        line.mark(Mark(NOON + second * SECOND, "x", MarkKind.OWN))
    assert [line.to_mark(by) is not None for by in (1, -1, -1, -1)] == [False, True, True, False]
    assert at() == 20
    assert line.to_mark(1) is not None
    assert at() == 50
    assert [point.at_ms for point in line.chart(2)] == [NOON + s * SECOND for s in (48, 49, 50)]
    assert len(line.recent()) == 51


def test_an_empty_timeline_shows_nothing() -> None:
    line = Timeline()
    moves: tuple[Callable[[], object], ...] = (
        line.pause, line.to_start, lambda: line.step(1), lambda: line.jump(-1),
        lambda: line.to_mark(1))  # fmt: skip
    for go in moves:
        go()
    assert line.shown is None
    assert not line.paused
    assert line.chart(60) == ()
    assert line.recent() == ()


def large(cpus: int, number: int) -> Snapshot:
    """A busy machine whose figures all change; quicker to make than the fake machine's."""
    rng = random.Random(number)  # noqa: S311 - figures, no secret

    def cpu(place: int) -> CpuSample:
        p50, p90, p99, top = (upper_edge_ns(rng.randint(8, 40)) / 1000 for _ in range(4))
        wake = Latency(rng.randint(1, 900), p50, p90, p99, top)
        rates = (rng.uniform(1, 900), wake, rng.uniform(500, 4000), rng.uniform(0, 300))
        return CpuSample(place, rng.random(), rng.randint(0, 9), *rates, f"a[{place}]")

    shot = FakeMachine(1, number, NAMES).snapshot(OURS, NOON + number * 500, 0.5)
    return replace(shot, seq=number, cpus=tuple(cpu(place) for place in range(cpus)))


@pytest.mark.parametrize(("cpus", "megabytes"), [(2, 5), (512, 50)])
def test_half_an_hour_at_two_per_second_is_small(cpus: int, megabytes: int) -> None:
    tape, rounds = MemoryTape(), 48
    for number in range(rounds):
        tape.add(large(cpus, number))
    assert tape.index.end - tape.index.first == rounds
    assert tape.size * 3600 / rounds < megabytes << 20
    assert tape.snapshot(0).seq == 0


def test_what_is_kept_is_bounded_in_time_and_in_bytes() -> None:
    shot = large(2, 0)
    old, small = MemoryTape(kept_ms=60_000), MemoryTape(kept_bytes=20_000)
    for number in range(2000):
        for tape in (old, small):
            tape.add(replace(shot, seq=number, unix_ms=NOON + number * 500))
    assert 120 <= old.index.end - old.index.first <= 152
    assert small.size < 20_000 + 16 * 4096
    assert small.snapshot(small.index.first).seq == small.index.first
    assert small.snapshot(1999).seq == 1999


def test_of_a_large_machine_sampled_often_not_all_is_kept() -> None:
    shot, tape = large(200, 0), MemoryTape()
    kept = [tape.add(replace(shot, unix_ms=NOON + at)) for at in (0, 100, 200, 300, 500, 900)]
    assert kept == [True, False, False, False, True, True]
    assert tape.newest is not None
    assert tape.newest.unix_ms == NOON + 900


@pytest.mark.parametrize(
    ("before", "now", "words"),
    [
        (DEFAULT, replace(DEFAULT, enable_seq=9), ""),
        (DEFAULT, OURS, "deployed rtc_fifo"),
        (OURS, replace(DEFAULT, ended="the lease ran out"), "rtc_fifo ended: the lease ran out"),
        (DEFAULT, replace(OURS, ours=False, ops="scx_x"), "scx_x in charge"),
    ],
)
def test_another_scheduler_in_charge_is_a_mark(
    before: SchedulerState, now: SchedulerState, words: str
) -> None:
    shot = large(1, 0)
    assert change(replace(shot, scheduler=before), replace(shot, scheduler=now)) == words


def test_before_and_after_a_mark_are_compared_in_figures_and_words() -> None:
    line, shots = filled(100, load="service")
    assert compare(line) is None
    line.mark(Mark(shots[50].unix_ms, "deployed rtc_fifo", MarkKind.SCHEDULER))
    line.mark(Mark(shots[90].unix_ms, "marked by you", MarkKind.OWN))
    line.jump(-20)
    found = compare(line)
    assert found is not None
    assert (found.before.samples, found.after.samples) == (50, 40)
    assert (found.before.seconds, found.after.in_charge) == (50.0, "rtc_fifo")
    text = "\n".join(plain(row) for row in past.comparison_page(found, UNICODE, 78))
    assert "deployed rtc_fifo" in text
    for name in ("wake-up p99", "run delay per CPU", "depth per CPU", "utilisation", "rate"):
        row = next(line for line in text.splitlines() if line.startswith(name))
        assert row.rstrip().endswith(("x lower", "x higher", "about the same")), row
    assert "x lower" in next(row for row in text.splitlines() if row.startswith("wake-up p99"))
    assert "no pairs and no interval" in text
    line.to_start()
    line.mark(Mark(shots[0].unix_ms, "first", MarkKind.OWN))
    lone = compare(line)
    assert lone is not None
    text = "\n".join(plain(row) for row in past.comparison_page(lone, UNICODE, 78))
    assert "too short" in text
    assert "not seen on both sides" in text


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [(100, 20, "5.0x lower"), (20, 100, "5.0x higher"), (100, 103, "about the same"),
     (0, 0, "about the same"), (0, 5, "higher"), (None, 5, "not seen on both sides")],
)  # fmt: skip
def test_a_ratio_is_said_in_words(before: float | None, after: float | None, words: str) -> None:
    assert past.ratio_words(before, after, UNICODE) == words


async def with_past(app: SchedtuiApp, pilot: Pilot[int], seconds: int = 100) -> None:
    """Let a past be there without waiting for it."""
    newest = app.desk.timeline.newest
    assert newest is not None
    line, machine = Timeline(), FakeMachine(4, 3, NAMES)
    for second in range(seconds):
        at = newest.unix_ms + (second - seconds) * SECOND
        line.add(machine.snapshot(DEFAULT, at, 1.0))
    app.desk.timeline = line
    await until(lambda: line.newest is not None and line.newest.unix_ms > newest.unix_ms)
    await pilot.pause()


async def test_the_past_is_held_while_sampling_goes_on_and_one_key_is_back() -> None:
    async with opened(size=MIDDLE) as (app, pilot):
        await with_past(app, pilot)
        await pilot.press("left_curly_bracket")
        held = app.desk.view().snapshot
        newest = app.desk.timeline.newest
        assert held is not None
        assert "the past" in lines_of(app)[0]
        assert "1:00 ago" in lines_of(app)[0]
        await until(lambda: app.desk.timeline.newest is not newest)
        await pilot.pause(0.3)
        assert app.desk.view().snapshot == held
        for key, seconds in (("less_than_sign", -10), ("right_curly_bracket", 60),
                             ("left_square_bracket", -1)):  # fmt: skip
            before = app.desk.timeline.shown_ms
            await pilot.press(key)
            moved = (app.desk.timeline.shown_ms - before) / SECOND
            assert moved == pytest.approx(seconds, abs=0.5 if seconds > 0 else 0.01), key
        assert "n now" in lines_of(app)[-1]
        await pilot.press("n")
        assert app.desk.view().snapshot is app.desk.timeline.newest
        assert "live" in lines_of(app)[0]
        await pilot.press("0")
        assert app.desk.timeline.shown_ms == app.desk.timeline.span_ms[0]
        await pilot.press("space")
        assert not app.desk.timeline.paused


async def test_a_moment_is_marked_shown_and_compared_by_keys() -> None:
    async with opened(size=NARROW) as (app, pilot):
        await with_past(app, pilot)
        await pilot.press("w")
        assert "there is no mark yet" in text_of(app)
        await pilot.press("left_curly_bracket", "k", "n", "left_parenthesis")
        await pilot.pause()
        assert app.desk.timeline.shown_ms == app.desk.timeline.marks[0].at_ms
        assert "marked by you, 0:00 before" in text_of(app)
        assert "│" in next(row for row in lines_of(app) if "marked by you, 0" in row)
        await pilot.press("w")
        await pilot.pause()
        assert "Before and after a mark" in text_of(app)
        assert "wake-up p99" in text_of(app)


async def test_a_deployment_marks_by_itself_from_canary_to_rollback() -> None:
    engine = FakeEngine()
    engine.rate_hz = 10.0
    async with opened(engine, size=MIDDLE) as (app, pilot):
        screen = await to_review(app, pilot)
        await released(screen)
        digits = samples.request().short_hash
        await pilot.press("tab", *digits, "ctrl+y")
        await until(lambda: any("deployed" in m.text or "promoted" in m.text
                                for m in app.desk.timeline.marks))  # fmt: skip
        await until(lambda: any(m.text == f"rtc_fifo {Stage.PROMOTED.value}"
                                for m in app.desk.timeline.marks))  # fmt: skip
        await pilot.press("r")
        await until(lambda: app.desk.timeline.marks[-1].text == "rtc_fifo rolled back")
        assert len({mark.text for mark in app.desk.timeline.marks}) == len(app.desk.timeline.marks)
        assert all(mark.kind is MarkKind.SCHEDULER for mark in app.desk.timeline.marks)
