"""A recording on the real screen: the same keys, everything to see, nothing to change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from textual.pilot import Pilot

from schedtui.engine.replay import Replay
from schedtui.model import events as ev
from schedtui.model.histogram import Latency
from schedtui.model.telemetry import LoadReport
from schedtui.model.verdict import GateName
from schedtui.store.recorder import Recorder
from schedtui.ui.app import SchedtuiApp
from schedtui.ui.options import ScreenOptions
from tests.fakes import samples
from tests.fakes.recordings import BEGIN, recorded, shots
from tests.ui.stage import MIDDLE, NARROW, Clock, lines_of, text_of, until
from tests.unit.store.test_recording import alter

GOAL: dict[int, ev.Event] = {
    10: ev.StageStarted("Observation", "watching"),
    11: ev.GoalRead(samples.goal("cut p99")),
    12: ev.Planned(samples.plan("cut p99")),
    70: ev.Finished(0, "rtc_fifo was better"),
    80: ev.StageStarted("Observation", "watching again"),
}


@asynccontextmanager
async def replayed(
    path: Path, size: tuple[int, int] = MIDDLE
) -> AsyncIterator[tuple[SchedtuiApp, Pilot[int], Clock]]:
    clock = Clock()
    options = replace(ScreenOptions(user="ada"), clock=clock, monotonic=Clock())
    app = SchedtuiApp(Replay(path), options=options)
    async with app.run_test(size=size) as pilot:
        await until(lambda: app.screen is app.live and app.desk.recorded)
        await pilot.pause()
        yield app, pilot, clock


def at(app: SchedtuiApp) -> float:
    return (app.desk.timeline.shown_ms - BEGIN) / 1000


async def test_a_recording_begins_at_its_start_and_obeys_the_keys_of_the_past(
    tmp_path: Path,
) -> None:
    async with replayed(recorded(tmp_path / "a.rec"), NARROW) as (app, pilot, _):
        assert "recording" in lines_of(app)[0]
        assert "0:00 of 1:39" in lines_of(app)[0]
        assert "recording of sandbox" in lines_of(app)[0]
        assert "press space to let it run" in text_of(app)
        for key, wanted in (("right_curly_bracket", 60), ("right_square_bracket", 61),
                            ("less_than_sign", 51), ("n", 99), ("left_parenthesis", 75),
                            ("left_parenthesis", 50), ("0", 0)):  # fmt: skip
            await pilot.press(key)
            assert at(app) == wanted, key
        await pilot.press("right_parenthesis", "w")
        await pilot.pause()
        assert "deployed rtc_fifo" in text_of(app)
        assert "x lower" in text_of(app)


async def test_it_runs_at_its_own_pace_or_faster_and_stops_at_the_end(tmp_path: Path) -> None:
    async with replayed(recorded(tmp_path / "a.rec")) as (app, pilot, clock):
        await pilot.press("space")
        clock.now += 7.2
        await until(lambda: at(app) == 7)
        await pilot.press("plus", "plus")
        clock.now += 5
        await until(lambda: at(app) == 27)
        await pilot.pause(0.3)
        assert "4x" in lines_of(app)[0]
        await pilot.press("space")
        clock.now += 30
        await pilot.pause(0.3)
        assert at(app) == 27
        await pilot.press("space")
        clock.now += 1000
        await until(lambda: at(app) == 99)
        assert "space play" in lines_of(app)[-1]
        await pilot.press("space")
        await pilot.pause()
        assert at(app) == 0
        assert "space hold" in lines_of(app)[-1]
        await pilot.press("right_square_bracket")
        await pilot.pause()
        assert "space play" in lines_of(app)[-1]


async def test_nothing_of_it_can_be_changed(tmp_path: Path) -> None:
    async with replayed(recorded(tmp_path / "a.rec", 80)) as (app, pilot, _):
        await pilot.press("right_curly_bracket", "left_square_bracket", "left_square_bracket")
        assert app.desk.timeline.shown is not None
        assert app.desk.timeline.shown.scheduler.ours
        for key, said in (("g", "goal: this is"), ("l", "load: this is"), ("r", "back: this is")):
            await pilot.press(key)
            await pilot.pause()
            assert f"{said} a recording" in text_of(app)


async def test_the_goal_is_told_as_far_as_it_was_then(tmp_path: Path) -> None:
    async with replayed(recorded(tmp_path / "a.rec", told=GOAL)) as (app, pilot, _):
        await pilot.press("4")
        assert "no goal was recorded up to here" in text_of(app)
        await pilot.press("right_curly_bracket")
        await pilot.pause()
        assert "cut p99" in text_of(app)
        assert app.desk.view().story.finished is None
        await pilot.press("greater_than_sign")
        assert app.desk.view().story.finished == GOAL[70]
        await pilot.press("n")
        assert app.desk.view().story.stage == "Observation"
        assert "beginning was not recorded" in app.desk.view().story.text


async def test_a_damaged_part_is_said_and_the_rest_is_shown(tmp_path: Path) -> None:
    path = recorded(tmp_path / "a.rec")
    alter(path, "UPDATE blocks SET frames = x'00' WHERE id = 1")
    async with replayed(path) as (app, pilot, _):
        assert "this part of the recording cannot be read" in lines_of(app)[0]
        assert "no sample yet" in text_of(app)
        await pilot.press("right_curly_bracket")
        await pilot.pause()
        assert "cannot be read" not in text_of(app)
        assert "schbench-w" in text_of(app)


async def test_figures_that_no_machine_has_are_drawn_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "a.rec"
    recorder = Recorder(path, samples.hello(2))
    huge, wake = 9e17, Latency(10**17, 9e17, 9e17, 9e17, 9e17)
    for shot in shots(40):
        cpu = replace(shot.cpus[0], cpu=8000, utilisation=-3e38, depth=10**17, wakeup=wake,
                      run_delay_ms_per_s=3e38, switches_per_s=3e38)  # fmt: skip
        state = replace(shot.scheduler, since_s=huge, lease_ms=10**17, rejected=10**17)
        figures = (("request_p99_us", huge), ("", -huge))
        load = LoadReport("x" * 5000, running=True, metrics=figures)
        recorder.add(replace(shot, cpus=(cpu,) * 64, wakeup=wake, scheduler=state, load=load,
                             wakeup_counts=(10**17,) * 105))  # fmt: skip
    recorder.tell(ev.GateProgress(GateName.TRIAL, 10**17, -5, "x" * 9000))
    recorder.tell(ev.LiveEffect("", -huge, huge))
    recorder.close()
    alter(path, "INSERT INTO marks (at_ms, kind, words) VALUES (0, '', 'x')")
    async with replayed(path, NARROW) as (app, pilot, _):
        await pilot.press("greater_than_sign", "v", "m", "m", "end", "2")
        await pilot.pause()
        await pilot.press("3", "4", "5", "n", "w")
        await pilot.pause()
        await pilot.press("escape", "left_parenthesis", "1")
        await pilot.pause()
        assert "recording" in lines_of(app)[0]
        assert at(app) == 30
