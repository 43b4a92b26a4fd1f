"""The most delayed tasks as a table whose poorer columns go first on a narrow screen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from schedtui.model.telemetry import TaskSample
from schedtui.ui.paint import units
from schedtui.ui.paint.glyphs import Glyphs
from schedtui.ui.paint.text import Line, cut, fitted, left, right
from schedtui.ui.view import View

_NUMBERS: Final = (("delay/s", 9), ("worst", 9), ("runs", 7), ("wakes/s", 8))
_WORDS: Final = (("woken by", 17), ("cgroup", 14))
_NAME: Final = 24


def body(view: View, width: int, height: int) -> list[Line]:
    """Return a head line and one line per task, worst first."""
    if view.snapshot is None:
        return [(("no sample yet", "muted"),)]
    tasks = view.snapshot.tasks
    if not tasks:
        return [(("no task had to wait in this interval", "muted"),)]
    words = _words_in(width)
    name = max(12, min(_NAME + 8, width - _numbers_width() - sum(cells for _, cells in words)))
    lines = [_head(name, words)]
    lines += [_row(task, name, words, view.glyphs) for task in tasks[: max(0, height - 1)]]
    return [fitted(line, width) for line in lines]


def _numbers_width() -> int:
    return sum(cells for _, cells in _NUMBERS)


def _words_in(width: int) -> tuple[tuple[str, int], ...]:
    """The word columns that fit; the last one gets what is left over."""
    rest = width - _numbers_width() - _NAME
    if rest < _WORDS[0][1]:
        return ()
    spare = rest - _WORDS[0][1]
    return (_WORDS[0], (_WORDS[1][0], spare)) if spare >= _WORDS[1][1] else _WORDS[:1]


def _head(name: int, words: Sequence[tuple[str, int]]) -> Line:
    numbers = "".join(right(title, cells) for title, cells in _NUMBERS)
    rest = "".join("  " + left(title, cells - 2) for title, cells in words)
    return ((left("task", name) + numbers + rest, "muted"),)


def _row(task: TaskSample, name: int, words: Sequence[tuple[str, int]], glyphs: Glyphs) -> Line:
    pid = f" [{task.pid}]"
    title = left(cut(task.name, name - len(pid), glyphs.ellipsis) + pid, name)
    numbers = (
        (right(units.millis(task.delay_ms_per_s, glyphs), 9), "strong"),
        (right(units.millis(task.max_delay_ms, glyphs), 9), "text"),
        (right(units.percent(task.running_share), 7), "text"),
        (right(units.count(task.wakeups_per_s), 8), "muted"),
    )
    texts = {"woken by": task.waker or "-", "cgroup": task.cgroup or "-"}
    rest = tuple(
        ("  " + left(cut(texts[title], cells - 2, glyphs.ellipsis), cells - 2), "muted")
        for title, cells in words
    )
    return ((title, "text"), *numbers, *rest)
