"""The start screen: what is being prepared, or what is missing and how to get it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from schedtui.engine.port import EngineError
from schedtui.model.text import safe_lines, safe_text
from schedtui.ui.commands import bindings, everywhere
from schedtui.ui.fixed_keys import Place, fixed_bindings
from schedtui.ui.paint import units
from schedtui.ui.paint.glyphs import spin
from schedtui.ui.paint.text import EMPTY, Line, paragraph
from schedtui.ui.widgets.panel import LinePanel

if TYPE_CHECKING:
    from schedtui.ui.app import SchedtuiApp

_KEPT_STEPS = 12


class OpeningPanel(LinePanel):
    """Steps of the opening, one line each."""

    def __init__(self) -> None:
        super().__init__(id="opening")
        self.steps: list[str] = []
        self.fault: EngineError | None = None
        self.began = 0.0

    def restart(self, now: float) -> None:
        """Begin again."""
        self.steps, self.fault, self.began = [], None, now
        self.renew()

    def lines(self) -> list[Line]:
        """Return title, steps and, when it failed, the way out."""
        width, height = self.size
        room = min(width - 4, 96)
        told = [EMPTY, (("schedtui", "strong"),), *self._promise(room), EMPTY]
        told += self._steps(room)
        told += self._fault(room) if self.fault else self._elapsed()
        margin = max(2, (width - room) // 2)
        above = max(0, (height - len(told)) // 3)
        placed: list[Line] = [((" " * margin, "text"), *line) if line else line for line in told]
        return [*([EMPTY] * above), *placed]

    def _promise(self, room: int) -> list[Line]:
        words = "From one plain sentence to a proved, approved, reversible Linux scheduler."
        return paragraph(words, room, "muted")

    def _steps(self, room: int) -> list[Line]:
        glyphs = self.schedtui.desk.glyphs
        told: list[Line] = []
        for index, step in enumerate(self.steps[-_KEPT_STEPS:]):
            last = index == len(self.steps[-_KEPT_STEPS:]) - 1
            sign, style = (glyphs.yes, "good")
            if last:
                sign, style = (glyphs.no, "bad") if self.fault else (self._spinner(), "accent")
            told += paragraph(step, room, "text" if last else "muted", "  ", ((f"{sign} ", style),))
        return told

    def _spinner(self) -> str:
        return spin(self.schedtui.desk.clock(), self.schedtui.desk.glyphs)

    def _elapsed(self) -> list[Line]:
        seconds = self.schedtui.desk.clock() - self.began
        first: Line = ((f"{self._spinner()} ", "accent"), ("reaching the target", "text"))
        head = [] if self.steps else [first]
        return [*head, EMPTY, ((f"{units.clock(seconds)}   ", "faint"), (self._quit, "key"),
                               (" quit", "muted"))]  # fmt: skip

    @property
    def _quit(self) -> str:
        return self.schedtui.desk.view().key("quit")

    def _fault(self, room: int) -> list[Line]:
        fault = self.fault
        if fault is None:
            return []
        glyphs = self.schedtui.desk.glyphs
        mark: Line = ((f"{glyphs.no} ", "bad"),)
        told = [EMPTY, *paragraph(safe_text(fault.sentence), room, "strong", "  ", mark)]
        if fault.fix:
            told += [EMPTY, (("  To fix it:", "muted"),)]
            rows = safe_lines(fault.fix, 8)
            told += [line for row in rows for line in paragraph(row, room, "accent", "    ")]
        told += [EMPTY, (("  enter", "key"), (" try again", "text"))]
        other = self.schedtui.options.alternative
        if other is not None:
            told.append((("  w", "key"), (f"     {safe_text(other.title)}", "text")))
        return [*told, ((f"  {self._quit}", "key"), ("     quit", "text"))]


class OpeningScreen(Screen[None]):
    """Shown from the first frame until the target is open."""

    CSS: ClassVar[str] = "OpeningScreen { background: $background; } OpeningPanel { height: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(everywhere()),
        *fixed_bindings(Place.START),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.panel = OpeningPanel()

    @property
    def schedtui(self) -> SchedtuiApp:
        """The application, with its type."""
        return cast("SchedtuiApp", self.app)

    def compose(self) -> ComposeResult:
        """Place the one panel."""
        yield self.panel

    def on_mount(self) -> None:
        """Begin opening once the first frame is out."""
        self.panel.restart(self.schedtui.desk.clock())
        self.set_interval(0.25, self.panel.renew)
        self.call_after_refresh(self.schedtui.open_target)

    def progress(self, sentence: str) -> None:
        """Add one step."""
        self.panel.steps.append(safe_text(sentence))
        self.panel.renew()

    def failed(self, fault: EngineError) -> None:
        """Say what is missing and how to get it."""
        self.panel.fault = fault
        self.panel.renew()

    def action_retry(self) -> None:
        """Open once more."""
        if self.panel.fault is not None:
            self.panel.restart(self.schedtui.desk.clock())
            self.schedtui.open_target()

    def action_alternative(self) -> None:
        """Open what works without the thing that is missing."""
        if self.panel.fault is not None and self.schedtui.use_alternative():
            self.action_retry()
