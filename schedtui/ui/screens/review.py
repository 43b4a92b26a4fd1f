"""Review and approval: facts beside the change, and a yes that cannot be typed by accident."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Final, cast

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.screen import ModalScreen

from schedtui.model.deployment import Approval, ApprovalRequest
from schedtui.model.text import safe_text
from schedtui.ui.commands import bindings, everywhere
from schedtui.ui.fixed_keys import Place, fixed_bindings
from schedtui.ui.paint import review
from schedtui.ui.paint.text import EMPTY, Line, chosen, fitted, spread
from schedtui.ui.widgets.approval import CancelButton, HashField
from schedtui.ui.widgets.diff_view import DiffView
from schedtui.ui.widgets.panel import LinePanel

if TYPE_CHECKING:
    from schedtui.ui.app import SchedtuiApp

GRACE_S: Final = 0.5
"""Time after the first paint in which no input counts."""
IDLE_S: Final = 1.0
"""Time without any key before input counts."""
_BESIDE_FROM: Final = 100
"""Columns from which facts and change stand side by side."""


class ReviewHead(LinePanel):
    """What is reviewed."""

    def lines(self) -> list[Line]:
        """Return the head lines."""
        width = self.size.width
        screen = cast("ReviewScreen", self.screen)
        glyphs = self.schedtui.desk.glyphs
        return review.head(screen.request, screen.diff.change, width, glyphs)


class FactsPanel(LinePanel, can_focus=True):
    """Facts, scrollable."""

    BINDINGS: ClassVar[list[BindingType]] = [*fixed_bindings(Place.FACTS)]

    def __init__(self) -> None:
        super().__init__(id="facts")
        self._top = 0

    def lines(self) -> list[Line]:
        """Return the title and the facts that fit."""
        width, height = self.size
        screen = cast("ReviewScreen", self.screen)
        glyphs = self.schedtui.desk.glyphs
        told = review.facts(screen.request, screen.diff.change, width - 3, glyphs)
        room = height - 1
        self._top = max(0, min(self._top, len(told) - room))
        below = len(told) - room - self._top
        note: Line = ((f"{glyphs.down}{below} more ", "warn"),) if below > 0 else EMPTY
        style = "focus" if self.has_focus else "title"
        title = spread(((" Facts ", style),), note, width - 1)
        body = told[self._top : self._top + room]
        return [title, *((((" ", "text"), *line)) for line in body)]

    def action_move(self, by: int) -> None:
        """Scroll by lines."""
        self._top = max(0, self._top + by)
        self.renew()


class ChangeTitle(LinePanel):
    """Name of the file and how much of it is shown."""

    def lines(self) -> list[Line]:
        """Return one line."""
        width = self.size.width
        screen = cast("ReviewScreen", self.screen)
        made, glyphs = screen.request.candidate, self.schedtui.desk.glyphs
        counts = f"+{screen.diff.change.added} {glyphs.minus}{screen.diff.change.removed}"
        style = "focus" if screen.diff.has_focus else "title"
        kind = "the whole file" if screen.diff.whole else "only near changes, w shows all"
        start: Line = (
            (f" {safe_text(made.policy)}.bpf.c ", style),
            (f" {counts}  ", "strong"),
            (kind, "muted"),
        )
        return [fitted(start, width)]


class HoldBar(LinePanel):
    """What to do now, in one sentence."""

    FILL: ClassVar[str] = "bar"

    def lines(self) -> list[Line]:
        """Return the sentence for the state of the review."""
        width = self.size.width
        screen = cast("ReviewScreen", self.screen)
        glyphs = self.schedtui.desk.glyphs
        if screen.on_hold:
            words = (
                f" {glyphs.paused} keys do nothing yet: {screen.hold_left():.1f} s without a key"
            )
            return [fitted(((words, "badge_quiet"),), width, "bar")]
        if screen.field.matches:
            where = safe_text(screen.request.target)
            words = f" {glyphs.yes} ctrl+y deploys exactly these bytes to {where}; esc cancels"
            return [fitted(((words, "bar_strong"),), width, "bar")]
        parts: list[tuple[int, Line]] = [
            (0, ((f"to approve: tab, type {screen.field.wanted}, then ctrl+y", "bar_strong"),)),
            (1, (("v facts/change", "bar"),)),
            (2, (("esc cancel", "bar"),)),
            (3, (("n next change", "bar"),)),
            (4, (("w whole file", "bar"),)),
        ]
        line = chosen(parts, width - 2, ("   ", "bar"))
        return [fitted(((" ", "bar"), *line), width, "bar")]


class ReviewScreen(ModalScreen["Approval | None"]):
    """Asks for a yes to exact bytes; returns the approval, or None."""

    AUTO_FOCUS: ClassVar[str | None] = "CancelButton"
    CSS: ClassVar[str] = """
    ReviewScreen { background: $background; layout: vertical; }
    ReviewScreen ReviewHead { height: 3; }
    ReviewScreen #middle { height: 1fr; }
    ReviewScreen FactsPanel { width: 46; height: 1fr; }
    ReviewScreen #change { width: 1fr; height: 1fr; layout: vertical; }
    ReviewScreen ChangeTitle { height: 1; width: 1fr; }
    ReviewScreen DiffView { height: 1fr; width: 1fr; }
    ReviewScreen HoldBar { height: 1; }
    ReviewScreen #bottom { height: 1; }
    ReviewScreen CancelButton { width: 16; height: 1; }
    ReviewScreen HashField { width: 1fr; height: 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(everywhere()),
        *fixed_bindings(Place.REVIEW),
    ]

    def __init__(self, request: ApprovalRequest) -> None:
        super().__init__()
        self.request = request
        made = request.candidate
        self.diff = DiffView(made.base_source, made.source, id="diff")
        self.field = HashField(request.short_hash)
        self.facts = FactsPanel()
        self._painted_at: float | None = None
        self._armed = False
        self._withdrawn = False
        self._facts_first = True

    @property
    def schedtui(self) -> SchedtuiApp:
        """The application, with its type."""
        return cast("SchedtuiApp", self.app)

    def compose(self) -> ComposeResult:
        """Place facts beside the change, and the two ends below."""
        yield ReviewHead()
        with Horizontal(id="middle"):
            yield self.facts
            with Horizontal(id="change"):
                yield ChangeTitle()
                yield self.diff
        yield HoldBar()
        with Horizontal(id="bottom"):
            yield CancelButton(id="cancel")
            yield self.field

    def on_mount(self) -> None:
        """Start the hold with the first paint."""
        self._place()
        self.call_after_refresh(self._first_paint)
        self.set_interval(0.1, self._watch_hold)

    def _first_paint(self) -> None:
        self._painted_at = self.schedtui.options.monotonic()

    def on_resize(self) -> None:
        """Place for the new size."""
        self._place()

    def on_screen_resume(self) -> None:
        """A review whose pursuit is gone closes by itself."""
        if self._withdrawn:
            self.dismiss(None)

    def _place(self) -> None:
        beside = self.size.width >= _BESIDE_FROM
        self.facts.display = beside or self._facts_first
        self.query_one("#change").display = beside or not self._facts_first
        self.facts.styles.width = 46 if beside else "1fr"

    # -- the hold --------------------------------------------------------------------------

    def hold_left(self) -> float:
        """Return how long input is still ignored when no further key comes, in seconds."""
        if self._painted_at is None:
            return IDLE_S
        now = self.schedtui.options.monotonic()
        grace = self._painted_at + GRACE_S - now
        idle = self.schedtui.last_key_at + IDLE_S - now
        return max(0.0, grace, idle)

    @property
    def on_hold(self) -> bool:
        """Tell whether input is ignored; once it counts, it counts until the end."""
        if not self._armed and self._painted_at is not None and self.hold_left() <= 0:
            self._armed = True
        return not self._armed

    def _watch_hold(self) -> None:
        self.query_one(HoldBar).renew()

    # -- keys ------------------------------------------------------------------------------

    def action_next_field(self) -> None:
        """Go from Cancel to the field and back; other panels are reached by their keys."""
        # At once, not with the next message: the digits that follow belong to the field.
        self.set_focus(self.query_one(CancelButton) if self.field.has_focus else self.field)

    def action_change(self, by: int) -> None:
        """Go to the next or previous change."""
        self._show_change()
        self.diff.go_to_change(by)

    def action_whole(self) -> None:
        """Show the whole file, or only what is near a change."""
        self._show_change()
        self.diff.toggle_whole()
        self.query_one(ChangeTitle).renew()

    def _show_change(self) -> None:
        self._facts_first = False
        self._place()

    def action_switch(self) -> None:
        """Show the other half when both do not fit."""
        self._facts_first = not self._facts_first
        self._place()

    def action_scroll_change(self, by: int) -> None:
        """Scroll what is being read."""
        if self.query_one("#change").display:
            self.diff.scroll_relative(y=by, animate=False)
        else:
            self.facts.action_move(by)

    @on(HashField.Changed)
    def _typed(self) -> None:
        self.query_one(HoldBar).renew()

    @on(CancelButton.Pressed)
    def _cancel_pressed(self) -> None:
        self.action_cancel()

    def action_cancel(self) -> None:
        """Say no."""
        self.dismiss(None)

    def action_approve(self) -> None:
        """Say yes, when the hash was typed and the verdict says that all gates passed."""
        if self.on_hold or not self.field.matches or not self.request.verdict.passed:
            self.field.focus()
            return
        options = self.schedtui.options
        digest = self.request.verdict.object_sha256
        self.dismiss(Approval(digest, options.user, "screen", int(options.clock() * 1000)))

    def withdraw(self) -> None:
        """Close without an answer: nobody waits for one any more."""
        self._withdrawn = True
        if self.is_current:
            self.dismiss(None)
