"""The panes of the live screen: each binds one painter to one place."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType

from schedtui.ui.fixed_keys import Place, fixed_bindings
from schedtui.ui.paint import cpus, latency, story, system, tasks
from schedtui.ui.paint.text import EMPTY, Line
from schedtui.ui.view import View
from schedtui.ui.widgets.panel import Pane


class CpuPane(Pane):
    """CPUs; arrow keys move the cursor."""

    BINDINGS: ClassVar[list[BindingType]] = [*fixed_bindings(Place.CPUS)]

    def body(self, view: View, width: int, height: int) -> list[Line]:
        """Return rows or heatmap."""
        return cpus.body(view, width, height)

    def note(self, view: View) -> Line:
        """Return the legend of the colours, or what the row of past levels shows."""
        samples = view.snapshot.cpus if view.snapshot else ()
        if cpus.uses_rows(view, len(samples), self.size.height - 1):
            return ((f"{view.key('cpu_metric')} ", "faint"), (view.cpu_metric.value, "muted"))
        return cpus.scale(view)

    def action_move(self, by: int) -> None:
        """Move the cursor by a number of CPUs."""
        self.schedtui.desk.move_cpu(by)
        self.renew()

    def wanted_height(self, most: int) -> int:
        """Return the lines that all CPUs need, with title and detail, at most ``most``."""
        return min(most, 1 + cpus.wanted_height(self.view, self.size.width or 60, most - 1))


class LatencyPane(Pane):
    """Wake-up latency over time and as a histogram."""

    def body(self, view: View, width: int, height: int) -> list[Line]:
        """Return chart and histogram."""
        return latency.body(view, width, height)

    def note(self, view: View) -> Line:
        """Return the percentiles of the interval."""
        return latency.figures(view)


class TaskPane(Pane):
    """The most delayed tasks."""

    def body(self, view: View, width: int, height: int) -> list[Line]:
        """Return the table."""
        return tasks.body(view, width, height)

    def note(self, view: View) -> Line:
        """Return how many tasks had to wait."""
        waiting = len(view.snapshot.tasks) if view.snapshot else 0
        return ((f"{waiting} worst", "muted"),) if waiting else EMPTY


class SystemPane(Pane):
    """Scheduler, load and pressure."""

    def body(self, view: View, width: int, height: int) -> list[Line]:
        """Return the three blocks."""
        return system.body(view, width, height)

    def note(self, view: View) -> Line:
        """Return the state of sched_ext in one word."""
        state = view.snapshot.scheduler.state if view.snapshot else ""
        return ((state, "muted"),) if state else EMPTY


class AgentPane(Pane):
    """The goal as it is pursued; follows its end until a person scrolls back."""

    BINDINGS: ClassVar[list[BindingType]] = [*fixed_bindings(Place.AGENT)]

    def __init__(self, title: str, number: int, *, id: str) -> None:  # noqa: A002 - Textual's own name of the argument
        super().__init__(title, number, id=id)
        self._above = 0
        """Lines between the end of the story and the bottom of the pane."""
        self._below = 0
        self._length = 0

    def body(self, view: View, width: int, height: int) -> list[Line]:
        """Return the part of the story that is scrolled into view."""
        if view.recorded and not view.story.text:
            return [(("no goal was recorded up to here", "muted"),)]
        page = story.Page(width - 1, view.glyphs, view.now)
        told = story.lines(view.story, page)
        if self._below and len(told) > self._length:
            self._below += len(told) - self._length
        self._length = len(told)
        self._below = max(0, min(self._below, len(told) - height))
        end = len(told) - self._below
        self._above = max(0, end - height)
        return told[self._above : end]

    def note(self, view: View) -> Line:
        """Return how much lies outside the pane."""
        above = f"{view.glyphs.up} {self._above} " if self._above else ""
        below = f"{view.glyphs.down} {self._below} " if self._below else ""
        return ((above + below + "lines", "muted"),) if above or below else EMPTY

    def action_scroll_by(self, by: int) -> None:
        """Scroll by lines; the end is followed again once it is reached."""
        self._below -= by
        self.renew()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll back."""
        event.stop()
        self.action_scroll_by(-3)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll on."""
        event.stop()
        self.action_scroll_by(3)

    def follow(self) -> None:
        """Show the end of the story again."""
        self._below = 0
        self.renew()
