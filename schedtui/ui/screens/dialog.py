"""Dialogs over the live screen: a page of lines, and a menu."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen

from schedtui.ui.commands import bindings, everywhere
from schedtui.ui.fixed_keys import Place, fixed_bindings
from schedtui.ui.paint.text import EMPTY, Line, cut, left, line_cells, paragraph, spread
from schedtui.ui.widgets.panel import LinePanel

if TYPE_CHECKING:
    from schedtui.ui.app import SchedtuiApp

_DIGITS = 9
"""Choices that a single digit can name."""

Painter = Callable[[int], list[Line]]
"""Returns all lines of a page for a width in cells."""

_BOX = """
PageScreen, MenuScreen { align: center middle; background: $background 60%; }
PageScreen:ansi, MenuScreen:ansi { background: ansi_default; }
PageScreen #box, MenuScreen #box { background: $background; padding: 0 1; border: round $primary; }
PageScreen #box.ascii, MenuScreen #box.ascii { border: ascii $primary; }
PageScreen #box { width: 96%; max-width: 110; height: 94%; max-height: 46; }
MenuScreen #box { width: 90%; max-width: 92; height: auto; max-height: 94%; }
PagePanel { height: 1fr; }
"""


class PagePanel(LinePanel, can_focus=True):
    """Lines that can be scrolled."""

    def __init__(self, title: str, paint: Painter) -> None:
        super().__init__(id="page")
        self.page_title = title
        self.paint = paint
        self.top = 0

    def lines(self) -> list[Line]:
        """Return title, the visible part, and how to go on."""
        width, height = self.size
        told = self.paint(width)
        room = max(1, height - 3)
        self.top = max(0, min(self.top, len(told) - room))
        more = len(told) - room - self.top
        glyphs = self.schedtui.desk.glyphs
        note: Line = ((f"{glyphs.down} {more} more lines", "muted"),) if more > 0 else EMPTY
        keys: Line = (("esc", "key"), (" close", "muted"))
        head = spread(((self.page_title, "title"),), note, width)
        shown = told[self.top : self.top + room]
        return [head, EMPTY, *shown, *([EMPTY] * (room - len(shown))), keys]

    def move(self, by: int) -> None:
        """Move by lines."""
        self.top = max(0, self.top + by)
        self.renew()


class PageScreen(ModalScreen[None]):
    """A page of lines: help, capabilities, action log."""

    CSS: ClassVar[str] = _BOX
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(everywhere()),
        *fixed_bindings(Place.PAGE),
    ]

    def __init__(self, title: str, paint: Painter) -> None:
        super().__init__()
        self.panel = PagePanel(title, paint)

    def compose(self) -> ComposeResult:
        """Place the page in a box."""
        box = Vertical(self.panel, id="box")
        box.set_class(cast("SchedtuiApp", self.app).options.ascii_only, "ascii")
        yield box

    def action_close(self) -> None:
        """Go back."""
        self.dismiss(None)

    def action_move(self, by: int) -> None:
        """Scroll by lines."""
        self.panel.move(by)

    def on_mouse_scroll_up(self) -> None:
        """Scroll back."""
        self.panel.move(-3)

    def on_mouse_scroll_down(self) -> None:
        """Scroll on."""
        self.panel.move(3)


@dataclass(frozen=True, slots=True)
class Choice:
    """One row of a menu. ``reason`` says why it cannot be chosen, empty when it can."""

    id: str
    title: str
    detail: str = ""
    reason: str = ""


class MenuPanel(LinePanel, can_focus=True):
    """Choices with a cursor."""

    def __init__(self, title: str, intro: str, choices: Sequence[Choice]) -> None:
        super().__init__(id="menu")
        self.menu_title = title
        self.intro = intro
        self.choices = tuple(choices)
        self.cursor = 0
        self._rows: list[int | None] = []

    def all_lines(self, width: int) -> list[tuple[int | None, Line]]:
        """Return every line with the number of the choice it belongs to."""
        told: list[tuple[int | None, Line]] = [(None, ((self.menu_title, "title"),)), (None, EMPTY)]
        if self.intro:
            told += [(None, line) for line in paragraph(self.intro, width, "text")]
            told.append((None, EMPTY))
        for number, choice in enumerate(self.choices):
            told += [(number, line) for line in self._choice(number, choice, width)]
        keys: Line = (
            ("enter", "key"),
            (" choose   ", "muted"),
            ("esc", "key"),
            (" close", "muted"),
        )
        return [*told, (None, EMPTY), (None, keys)]

    def _choice(self, number: int, choice: Choice, width: int) -> list[Line]:
        here = number == self.cursor
        glyphs = self.schedtui.desk.glyphs
        sign = glyphs.cursor if here else " "
        style = "selected" if here else "faint" if choice.reason else "text"
        digit = str(number + 1) if number < _DIGITS else " "
        title = left(cut(f"{sign} {digit}  {choice.title}", width, glyphs.ellipsis), width)
        told: list[Line] = [((title, style),)]
        if choice.detail:
            told += paragraph(choice.detail, width, "muted", "     ")
        if choice.reason:
            told += paragraph(f"not now: {choice.reason}", width, "warn", "     ")
        return told

    def lines(self) -> list[Line]:
        """Return the rows that fit around the cursor."""
        width, height = self.size
        told = self.all_lines(width)
        last = max((i for i, (number, _) in enumerate(told) if number == self.cursor), default=0)
        start = max(0, min(len(told) - height, last - height // 2)) if len(told) > height else 0
        shown = told[start : start + height]
        self._rows = [number for number, _ in shown]
        return [line for _, line in shown]

    def choice_at(self, y: int) -> int | None:
        """Return the choice that is drawn in row ``y``."""
        return self._rows[y] if 0 <= y < len(self._rows) else None

    def widest(self) -> int:
        """Return the cells that the widest line takes when nothing wraps."""
        return max(line_cells(line) for _, line in self.all_lines(90))


class MenuScreen(ModalScreen["str | None"]):
    """Asks for one of a few choices; returns its id, or None."""

    CSS: ClassVar[str] = _BOX
    BINDINGS: ClassVar[list[BindingType]] = [
        *bindings(everywhere()),
        *fixed_bindings(Place.MENU),
    ]

    def __init__(self, title: str, choices: Sequence[Choice], intro: str = "") -> None:
        super().__init__()
        self.panel = MenuPanel(title, intro, choices)

    def compose(self) -> ComposeResult:
        """Place the menu in a box."""
        box = Vertical(self.panel, id="box")
        box.set_class(cast("SchedtuiApp", self.app).options.ascii_only, "ascii")
        yield box

    def on_mount(self) -> None:
        """Make the box as high as its lines."""
        self._fit()

    def on_resize(self) -> None:
        """Wrap again."""
        self._fit()

    def _fit(self) -> None:
        width = min(92, int(self.size.width * 0.9)) - 4
        self.panel.styles.height = min(len(self.panel.all_lines(width)), self.size.height - 4)

    def on_key(self, event: events.Key) -> None:
        """A digit chooses its row at once."""
        if event.character and event.character in "123456789":
            number = int(event.character) - 1
            if number < len(self.panel.choices):
                event.stop()
                self._take(number)

    def on_click(self, event: events.Click) -> None:
        """A click chooses the row under it."""
        if event.widget is self.panel:
            number = self.panel.choice_at(event.y)
            if number is not None:
                self._take(number)

    def _take(self, number: int) -> None:
        self.panel.cursor = number
        self.panel.renew()
        choice = self.panel.choices[number]
        if not choice.reason:
            self.dismiss(choice.id)

    def action_close(self) -> None:
        """Go back without a choice."""
        self.dismiss(None)

    def action_move(self, by: int) -> None:
        """Move the cursor."""
        count = len(self.panel.choices)
        if count:
            self.panel.cursor = (self.panel.cursor + by) % count
            self.panel.renew()

    def action_choose(self) -> None:
        """Take the row under the cursor."""
        if self.panel.choices:
            self._take(self.panel.cursor)
