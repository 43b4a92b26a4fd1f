"""The lines that are always there: header, verdict, action log, keys and the goal line."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.message import Message
from textual.widgets import Input

from schedtui.ui.fixed_keys import Place, fixed_bindings
from schedtui.ui.paint import header, verdict
from schedtui.ui.paint.text import Line, chosen, fitted
from schedtui.ui.widgets.panel import LinePanel, Pane

if TYPE_CHECKING:
    from schedtui.ui.app import SchedtuiApp

GOAL_LIMIT = 400
"""Longest goal that can be typed, in characters."""


class HeaderBar(LinePanel):
    """Target, scheduler in charge, freshness."""

    FILL: ClassVar[str] = "bar"

    def lines(self) -> list[Line]:
        """Return the two header lines."""
        width = self.size.width
        return header.header(self.schedtui.desk.view(), width)


class TabBar(LinePanel):
    """Names of the panes, when only one fits."""

    def __init__(self, panes: tuple[Pane, ...]) -> None:
        super().__init__(id="tabs")
        self.panes = panes
        self.current = panes[0]

    def lines(self) -> list[Line]:
        """Return one line with the current pane marked."""
        width = self.size.width
        parts = [
            (
                0 if pane is self.current else 1,
                (
                    (
                        f" {pane.number} {pane.pane_title} ",
                        "selected" if pane is self.current else "muted",
                    ),
                ),
            )
            for pane in self.panes
        ]
        return [fitted(chosen(parts, width, (" ", "text")), width)]


class VerdictBar(LinePanel):
    """Before and after."""

    def lines(self) -> list[Line]:
        """Return the verdict line."""
        width = self.size.width
        return [verdict.verdict(self.schedtui.desk.view(), width)]


class LogBar(LinePanel):
    """The newest line of the action log."""

    def lines(self) -> list[Line]:
        """Return that line."""
        width = self.size.width
        return [verdict.log_line(self.schedtui.desk.view(), width)]


class KeyBar(LinePanel):
    """The keys that matter now."""

    def lines(self) -> list[Line]:
        """Return the footer made from the command table."""
        width = self.size.width
        desk = self.schedtui.desk
        return [verdict.footer(desk.commands, desk.situation(), width)]


class GoalPrompt(LinePanel):
    """The word before the goal line."""

    def lines(self) -> list[Line]:
        """Return the prompt."""
        return [((f" goal {self.schedtui.desk.glyphs.prompt}", "focus"),)]


class GoalInput(Input):
    """Where the goal is typed; its text is data and never markup."""

    BINDINGS: ClassVar[list[BindingType]] = [*fixed_bindings(Place.GOAL)]

    class Left(Message):
        """The person went back to the figures."""

    def action_leave(self) -> None:
        """Go back to the figures; the text stays."""
        self.post_message(self.Left())


class GoalBar(Horizontal):
    """Prompt and input in one line."""

    def compose(self) -> ComposeResult:
        """Place prompt and input."""
        yield GoalPrompt()
        key = cast("SchedtuiApp", self.app).desk.view().key("goal")
        yield GoalInput(
            placeholder=f"press {key}, then one sentence",
            compact=True,
            max_length=GOAL_LIMIT,
            select_on_focus=False,
            id="goal",
        )
