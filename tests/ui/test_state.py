"""Charts, rates, themes: the parts below the widgets."""

from __future__ import annotations

import os
import pty
import threading
from pathlib import Path
from queue import Queue

from textual.drivers._writer_thread import WriterThread

from schedtui.tape.index import Point
from schedtui.ui.options import ScreenOptions, from_environment
from schedtui.ui.paint.latency import columns
from schedtui.ui.paint.palette import Palette
from schedtui.ui.rates import PaintWatch, clamped, default_rate, frames_waiting
from schedtui.ui.theme_shelf import ThemeShelf
from schedtui.ui.watchdog import TerminalWatchdog, terminal_alive


def test_columns_take_the_worst_and_fill_holes() -> None:
    points = [Point(0, 10.0, 20.0, ours=False), Point(30_000, 5.0, 90.0, ours=True),
              Point(30_000, 7.0, 80.0, ours=True), Point(60_000, 1.0, 2.0, ours=True)]  # fmt: skip
    found = columns(points, 6)
    assert found[2] is not None
    assert (found[2].p50_us, found[2].p99_us, found[2].mark) == (7.0, 90.0, "deploy")
    assert found[5] is not None
    assert found[4] is not None
    assert found[4].mark == ""


def test_the_rate_follows_the_link() -> None:
    assert default_rate(ScreenOptions()) == 4.0
    assert default_rate(ScreenOptions(over_ssh=True)) == 2.0
    assert default_rate(ScreenOptions(), emulated=True) == 2.0
    assert default_rate(ScreenOptions(rate_hz=99), emulated=True) == 10.0
    assert clamped(0.01) == 0.5
    assert from_environment({"SSH_CONNECTION": "x", "NO_COLOR": ""}).over_ssh


def test_a_slow_terminal_halves_the_rate() -> None:
    watch = PaintWatch()
    assert [watch.slower(0.5, 0, 4.0) for _ in range(3)] == [None, None, 2.0]
    assert [watch.slower(0.01, 9, 2.0) for _ in range(3)] == [None, None, 1.0]
    assert [watch.slower(9.0, 9, 0.5) for _ in range(5)] == [None] * 5
    assert watch.slower(0.01, 0, 4.0) is None


def test_frames_waiting_reads_textuals_writer() -> None:
    class Driver:
        _writer_thread: WriterThread | None = None

    driver = Driver()
    assert frames_waiting(driver) == 0
    with Path(os.devnull).open("w") as sink:
        driver._writer_thread = WriterThread(sink)
        driver._writer_thread.write("x")
        assert isinstance(driver._writer_thread._queue, Queue)
        assert frames_waiting(driver) == 1


def test_all_shipped_themes_are_whole() -> None:
    for theme in ThemeShelf().themes.values():
        palette = Palette(theme)
        strip = palette.strip((("名前", "bad"), ("x", "heat8")), 3)
        assert strip.cell_length == 3
        assert all(segment.style is not None for segment in strip)


def test_the_watchdog_sees_the_end_of_its_terminal() -> None:
    ours, theirs = pty.openpty()
    lost = threading.Event()
    watch = TerminalWatchdog(theirs, lost.set)
    watch.start()
    assert terminal_alive(theirs)
    os.close(ours)
    assert lost.wait(5)
    watch.stop()
    assert not terminal_alive(theirs)
    os.close(theirs)
