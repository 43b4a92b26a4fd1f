"""What painters draw, as text. Goldens are renewed with SCHEDTUI_GOLDENS=write."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from schedtui.model.deployment import Deployment, Stage
from schedtui.model.telemetry import Snapshot
from schedtui.model.trial import Outcome
from schedtui.tape.index import point_of
from schedtui.tape.tape import Mark, MarkKind
from schedtui.ui.bridge import tell
from schedtui.ui.paint import cpus, header, latency, review, story, system, tasks, trial, units
from schedtui.ui.paint import diff as diffs
from schedtui.ui.paint import verdict as verdicts
from schedtui.ui.paint.code import row_lines
from schedtui.ui.paint.glyphs import ASCII, UNICODE, bar_of, step_of
from schedtui.ui.paint.text import Line, chosen, cut, fitted, line_cells, plain, spread, wrapped
from schedtui.ui.story import Story
from schedtui.ui.view import CpuLayout, CpuMetric, View
from tests.fakes import samples
from tests.fakes.engine import NAMES, FakeEngine
from tests.fakes.machine import DEFAULT, OURS, FakeMachine

GOLDENS = Path(__file__).parent / "goldens"
NOON = 1_750_000_000.0


def check(name: str, lines: list[Line], width: int) -> None:
    """Compare with a golden; no line may be wider than its room."""
    assert max(map(line_cells, lines), default=0) <= width
    text = "\n".join(plain(line).rstrip() for line in lines) + "\n"
    path = GOLDENS / f"{name}.txt"
    if os.environ.get("SCHEDTUI_GOLDENS") == "write":
        path.write_text(text, "utf-8")
    assert text == path.read_text("utf-8")


def view(count: int = 4, *, ours: bool = True) -> View:
    """A minute of a machine under load; the policy came in after half of it."""
    machine = FakeMachine(count, 7, NAMES)
    machine.load = "service"
    shots: list[Snapshot] = []
    for second in range(60):
        state = OURS if ours and second >= 30 else DEFAULT
        shots.append(machine.snapshot(state, int((NOON + second) * 1000), 1.0))
    return View(
        hello=samples.hello(count),
        snapshot=shots[-1],
        chart=tuple(map(point_of, shots)),
        past=tuple(shot.cpus for shot in shots),
        now=NOON + 60,
        arrived=NOON + 59.9,
        rate_hz=1.0,
    )


def looking_back(**changes: Any) -> View:
    """A quarter of a minute back in it, with a mark of one's own before and a deployment."""
    begin = int(NOON * 1000)
    marks = (
        Mark(begin + 10_000, "marked by you", MarkKind.OWN),
        Mark(begin + 30_000, "deployed rtc_fifo", MarkKind.SCHEDULER),
    )
    there = replace(view(), paused=True, behind_s=15.0, marks=marks)
    return replace(there, span_ms=(begin, begin + 59_000), **changes)


async def whole_story(text: str = "cut p99") -> Story:
    told = Story(text=text, running=True)

    async def no(_: object) -> None:
        return None

    async for event in FakeEngine().pursue(text, no):
        told = tell(told, event, NOON)
    return told


def test_header(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    check("header_80", header.header(view(), 80), 80)
    check("header_120", header.header(view(), 120), 120)


def test_going_through_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    there = looking_back()
    early = replace(there, behind_s=59.0)
    running = looking_back(recorded=True, playing=True, speed=4.0)
    rows = [*header.header(there, 80), verdicts.verdict(there, 80), verdicts.verdict(early, 80)]
    rows += [header.header(running, 80)[0], verdicts.verdict(running, 80)]
    rows += [verdicts.verdict(replace(there, glyphs=ASCII), 60)]
    check("past_80", rows, 80)
    check("past_latency", latency.body(there, 60, 14), 60)


def test_a_mark_after_the_shown_moment_is_not_on_the_chart() -> None:
    there = looking_back()
    later = Mark(there.chart[-1].at_ms + 100, "marked by you", MarkKind.OWN)
    lines = latency.body(replace(there, marks=(later,)), 60, 14)
    assert "mark" not in "".join(map(plain, lines))
    now = replace(later, at_ms=there.chart[-1].at_ms)
    lines = latency.body(replace(there, marks=(now,)), 60, 14)
    assert "mark" in "".join(map(plain, lines))


def test_a_silent_target_and_a_wrong_belief_are_said() -> None:
    shown = view(ours=False)
    late = "".join(map(plain, header.header(replace(shown, now=shown.now + 9), 120)))
    assert "no sample for 9 s" in late
    belief = replace(shown, deployment=Deployment("rtc_fifo", Stage.PROMOTED, "00", "sandbox"))
    assert "rtc_fifo is not in charge" in plain(header.header(belief, 120)[1])


def test_cpu_rows() -> None:
    check("cpus_rows", cpus.body(view(), 78, 9), 78)
    check("cpus_rows_ascii", cpus.body(replace(view(), glyphs=ASCII), 78, 9), 78)


def test_cpu_heatmap() -> None:
    shown = replace(view(64), cpu_layout=CpuLayout.HEATMAP, cpu_cursor=17)
    check("cpus_heatmap", cpus.body(shown, 70, 14), 70)


@pytest.mark.parametrize("metric", list(CpuMetric))
@pytest.mark.parametrize("count", [1, 2, 7, 512])
def test_cpus_fit_at_any_size(metric: CpuMetric, count: int) -> None:
    shown = replace(view(min(count, 64)), cpu_metric=metric)
    for width, height in ((20, 3), (58, 6), (100, 40)):
        lines = cpus.body(shown, width, height)
        assert len(lines) <= height
        assert all(line_cells(line) <= max(width, 24) for line in lines)


def test_latency() -> None:
    check("latency", latency.body(view(), 60, 14), 60)
    assert "deploy" in "".join(map(plain, latency.body(view(), 60, 14)))


def test_latency_without_bpf_says_why() -> None:
    shown = view()
    blind = replace(shown.snapshot or _none(), wakeup=None, source="procfs")
    lines = latency.body(replace(shown, snapshot=blind, chart=(point_of(blind),)), 80, 10)
    assert "procfs cannot see wake-up latency" in plain(lines[0])


def _none() -> Snapshot:
    raise AssertionError("a view without snapshot")


def test_tasks() -> None:
    check("tasks_66", tasks.body(view(), 66, 8), 66)
    check("tasks_110", tasks.body(view(), 110, 8), 110)


def test_system() -> None:
    check("system", system.body(view(), 54, 18), 54)


async def test_story_of_a_goal_that_was_not_approved() -> None:
    page = story.Page(76, UNICODE, NOON)
    check("story", story.lines(await whole_story(), page), 76)


async def test_story_of_a_rejection() -> None:
    page = story.Page(60, UNICODE, NOON)
    check("story_rejected", story.lines(await whole_story("reject"), page), 60)


async def test_only_one_row_moves() -> None:
    told = replace(await whole_story(), running=True)
    *done, last = told.gates
    page = story.Page(76, UNICODE, NOON)
    (spinner, _) = page.busy()[0]
    for gates in ((*done, replace(last, result=None)), told.gates):
        lines = story.lines(replace(told, gates=gates), page)
        assert sum(plain(line).startswith(spinner) for line in lines) == 1


async def test_stories_fit_narrow_panes() -> None:
    for text in ("cut", "reject", "refuse", "unclear"):
        told = await whole_story(text)
        for width in (40, 58):
            lines = story.lines(told, story.Page(width, ASCII, NOON))
            assert max(map(line_cells, lines)) <= width
            assert all(plain(line).isascii() for line in lines)


def test_review() -> None:
    found = diffs.change(samples.FAIR, samples.FIFO)
    check("review_facts", review.facts(samples.request(), found, 44, UNICODE), 44)
    check("review_head", review.head(samples.request(), found, 100, UNICODE), 100)


def test_change() -> None:
    found = diffs.change(samples.FAIR, samples.FIFO)
    lines = [line for row in found.rows for line in row_lines(row, 72, UNICODE)]
    check("change", lines, 72)
    assert (found.added, found.removed) == (4, 8)


def test_a_new_file_is_shown_whole() -> None:
    found = diffs.change("", samples.FIFO)
    assert found.added == len(samples.FIFO.splitlines())
    assert found.removed == 0


def test_words_are_marked_only_in_lines_that_are_alike() -> None:
    alike = diffs.change("a = foo(1);\n", "a = foo(2);\n").rows
    assert [row.words for row in alike] == [((8, 9),), ((8, 9),)]
    assert all(not row.words for row in diffs.change("abc\n", "x = y + z;\n").rows)
    long = "x" * 500
    assert all(not row.words for row in diffs.change(long + "1\n", long + "2\n").rows)


def test_long_code_is_wrapped_not_cut() -> None:
    row = diffs.change("", "a" * 300 + "\n").rows[0]
    lines = row_lines(row, 60, UNICODE)
    assert "".join(plain(line)[13:].strip() for line in lines) == "a" * 300


def test_effects_in_words() -> None:
    better = samples.effect()
    assert plain(verdicts.effect_words(better, UNICODE)) == "5.3x lower [4.1, 7.0]  7 pairs"
    worse = replace(better, factor=0.5, low=0.4, high=0.8, outcome=Outcome.WORSE)
    assert plain(verdicts.effect_words(worse, UNICODE)) == "2.0x higher [1.2, 2.5]  7 pairs"
    none = replace(better, factor=1.0, low=0.9, high=1.1, outcome=Outcome.NO_DIFFERENCE)
    assert plain(verdicts.effect_words(none, UNICODE)).startswith("no difference 1.0x [0.9, 1.1]")
    zero = replace(worse, factor=0.0, low=0.0)
    assert "many" in plain(verdicts.effect_words(zero, UNICODE))
    assert trial.interval(zero, 60, UNICODE)


def test_the_interval_marks_one_and_the_value_in_order() -> None:
    axis = plain(trial.interval(samples.effect(), 60, UNICODE)[1])
    assert axis.index("│") < axis.index("├") < axis.index("●") < axis.index("┤")


def test_units() -> None:
    assert units.micros(58, UNICODE) == "58 µs"
    assert units.micros(2_840, UNICODE) == "2.8 ms"
    assert units.micros(134_000, UNICODE) == "134 ms"
    assert units.micros(1_250_000, ASCII) == "1.2 s"
    assert units.micros(None, UNICODE) == "-"
    assert units.count(3_140) == "3.1k"
    assert units.clock(3_723) == "1:02:03"
    assert units.metric_value("rate_per_s", 519.2, UNICODE) == "519/s"


def test_lines_fit_exactly_whatever_is_in_them() -> None:
    wide = "名前" * 4
    assert line_cells(fitted(((wide, "text"),), 7)) == 7
    assert cut(wide, 5) == "名前…"
    assert line_cells(spread((("abc", "text"),), ((wide, "text"),), 10)) == 10
    assert plain(chosen([(0, (("keep", "text"),)), (1, (("drop", "text"),))], 6)) == "keep"
    assert wrapped("a bb ccc", 4) == ["a bb", "ccc"]
    assert "".join(wrapped("x" * 11, 4)) == "x" * 11


def test_levels_show_anything_above_zero() -> None:
    assert step_of(0.0, UNICODE) == " "
    assert step_of(0.001, UNICODE) == "▁"
    assert step_of(9.0, UNICODE) == "█"
    assert bar_of(0.5, 8, ASCII) == "####    "
