"""Goals and what can become of them, and the way back."""

from __future__ import annotations

from textual.events import Key

from schedtui.engine.port import EngineError
from schedtui.measure.catalogue import WORKLOADS
from schedtui.model.trial import WorkloadSpec
from schedtui.ui.app import SchedtuiApp
from schedtui.ui.options import Alternative, ScreenOptions
from schedtui.ui.screens.dialog import MenuScreen
from schedtui.ui.screens.opening import OpeningScreen
from schedtui.ui.widgets.bars import GoalInput
from tests.fakes import samples
from tests.fakes.engine import FakeEngine
from tests.ui.stage import (
    NARROW,
    opened,
    released,
    text_of,
    to_review,
    type_goal,
    until,
)

HASH = "9f31"


async def test_a_digit_of_another_kind_chooses_nothing() -> None:
    async with opened(size=NARROW) as (app, pilot):
        await type_goal(pilot, "unclear")
        await until(lambda: isinstance(app.screen, MenuScreen))
        app.screen.post_message(Key("superscript_two", "\u00b2"))
        await pilot.pause()
        assert isinstance(app.screen, MenuScreen)


async def test_one_question_fills_the_goal_line() -> None:
    async with opened(size=NARROW) as (app, pilot):
        await type_goal(pilot, "unclear")
        await until(lambda: isinstance(app.screen, MenuScreen))
        await pilot.pause()
        assert "What should become better?" in text_of(app)
        await pilot.press("2")
        await until(lambda: app.screen is app.live)
        line = app.live.query_one(GoalInput)
        assert line.value == "raise the request rate"
        assert app.focused is line


async def test_a_refusal_says_why_and_what_instead() -> None:
    async with opened() as (app, pilot):
        await type_goal(pilot, "refuse")
        await until(lambda: not app.desk.story.running)
        await pilot.pause()
        shown = text_of(app)
        assert "run [bold]untested[/] code" in shown
        assert "try it in the sandbox" in shown


async def test_rollback_is_one_key_and_says_what_the_kernel_answered() -> None:
    engine = FakeEngine()
    async with opened(engine, NARROW) as (app, pilot):
        screen = await to_review(app, pilot)
        await released(screen)
        await pilot.press("tab", *HASH, "ctrl+y")
        await until(lambda: app.desk.ours_deployed and app.screen is app.live)
        await pilot.press("question_mark")
        await pilot.pause()
        await pilot.press("r")
        await until(lambda: "rollback" in engine.calls)
        await pilot.press("escape")
        await until(lambda: not app.desk.ours_deployed)
        await pilot.pause()
        assert "in charge now, read from the kernel: kernel default" in text_of(app)


async def test_without_a_deployment_rollback_says_why_not() -> None:
    engine = FakeEngine()
    async with opened(engine) as (app, pilot):
        await pilot.press("r")
        await pilot.pause()
        assert "roll back: nothing of ours is deployed" in text_of(app)
        assert engine.calls == []


async def test_r_and_q_are_letters_in_the_goal_line() -> None:
    engine = FakeEngine()
    async with opened(engine) as (app, pilot):
        await pilot.press("g", "r", "q", "space", "1")
        assert app.live.query_one(GoalInput).value == "rq 1"
        await pilot.press("escape")
        assert app.focused is app.live.current
        assert engine.calls == []


async def test_an_ejection_is_told_with_its_reason() -> None:
    async with opened() as (app, pilot):
        screen = await to_review(app, pilot, "eject")
        await released(screen)
        await pilot.press("tab", *HASH, "ctrl+y")
        await until(lambda: not app.desk.story.running and app.screen is app.live)
        await pilot.pause()
        assert "ejected" in text_of(app)
        assert "did not run for 5 s" in text_of(app)


async def test_escape_cancels_what_is_being_pursued() -> None:
    async with opened(FakeEngine(pace=0.3)) as (app, pilot):
        await type_goal(pilot, "cut p99")
        await until(lambda: bool(app.desk.story.stages))
        await pilot.press("escape")
        await until(lambda: app.desk.story.cancelled)
        await pilot.pause()
        assert "cancelled the goal" in text_of(app)


async def test_a_second_goal_has_to_wait() -> None:
    async with opened(FakeEngine(pace=0.3)) as (app, pilot):
        await type_goal(pilot, "cut p99")
        assert not app.pursue("another")
        await pilot.press("g")
        await pilot.pause()
        assert "cancel it first" in text_of(app)


class EngineOfMany(FakeEngine):
    """Offers every built-in load."""

    def loads(self) -> tuple[WorkloadSpec, ...]:
        return WORKLOADS


async def test_the_load_menu_holds_more_loads_than_rows_and_digits() -> None:
    engine = EngineOfMany()
    async with opened(engine, NARROW) as (app, pilot):
        await pilot.press("l")
        await pilot.pause()
        assert "1  Request service" in text_of(app)
        await pilot.press("up")
        await pilot.pause()
        assert "Stop the load" in text_of(app)
        assert " 10  " not in text_of(app)
        await pilot.press("up", "enter")
        await until(lambda: f"start_load {WORKLOADS[-1].name}" in engine.calls)


async def test_the_load_menu_starts_and_stops_a_load() -> None:
    engine = FakeEngine()
    async with opened(engine, NARROW) as (app, pilot):
        await pilot.press("l")
        await pilot.pause()
        assert "Oversubscribed request service" in text_of(app)
        assert "not now: no load runs" in text_of(app)
        await pilot.press("4")
        assert isinstance(app.screen, MenuScreen)
        await pilot.press("down", "enter")
        await until(lambda: "start_load service" in engine.calls)
        await until(lambda: bool(app.desk.timeline.newest and app.desk.timeline.newest.load))
        await pilot.press("l")
        await pilot.pause()
        await pilot.press("4")
        await until(lambda: "stop_load" in engine.calls)


async def test_what_is_missing_is_said_with_its_fix_and_tried_again() -> None:
    fault = EngineError("QEMU is not installed", "apt-get install qemu-system-x86")
    engine = FakeEngine(faults=(fault,))
    app = SchedtuiApp(engine, options=ScreenOptions())
    async with app.run_test(size=NARROW) as pilot:
        await until(lambda: "QEMU is not installed" in text_of(app))
        assert "apt-get install qemu-system-x86" in text_of(app)
        assert isinstance(app.screen, OpeningScreen)
        await pilot.press("enter")
        await until(lambda: app.screen is app.live)


async def test_what_works_without_the_missing_thing_is_offered() -> None:
    lost = FakeEngine(faults=(EngineError("no kernel", "schedtui lab setup"),))
    local = FakeEngine(hello=samples.watch_only_hello())
    other = Alternative("watch this machine", lambda: local)
    app = SchedtuiApp(lost, options=ScreenOptions(alternative=other))
    async with app.run_test(size=NARROW) as pilot:
        await until(lambda: "watch this machine" in text_of(app))
        await pilot.press("w")
        await until(lambda: app.screen is app.live and lost.closed)
        await pilot.press("l")
        await pilot.pause()
        assert "load: loads run only in the sandbox" in text_of(app)
        await pilot.press("d")
        await pilot.pause()
        assert "fix: use --target sandbox" in text_of(app)
    assert local.closed


async def test_the_rate_is_changed_by_keys() -> None:
    engine = FakeEngine()
    async with opened(engine) as (_, pilot):
        await pilot.press("plus")
        await until(lambda: engine.rate_hz == 4.0)
        await pilot.press("minus", "minus")
        await until(lambda: engine.rate_hz == 1.0)


async def test_quitting_closes_the_engine() -> None:
    engine = FakeEngine()
    async with opened(engine) as (_, pilot):
        await pilot.press("q")
    assert engine.closed
