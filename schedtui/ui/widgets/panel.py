"""The base of every dense widget: lines in, only the changed rows out."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from schedtui.ui.paint.text import EMPTY, Line, fitted, line_cells
from schedtui.ui.view import View

if TYPE_CHECKING:
    from schedtui.ui.app import SchedtuiApp


class LinePanel(Widget):
    """Draws the lines that ``lines`` returns; refreshes the rows that differ from the last ones.

    Textual repaints whole dirty regions, so that a row is the cheapest honest unit.
    """

    ALLOW_SELECT: ClassVar[bool] = False
    FILL: ClassVar[str] = "text"
    """Style of the cells right of a line."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name of the argument
        super().__init__(id=id, classes=classes)
        self._lines: list[Line] = []

    @property
    def schedtui(self) -> SchedtuiApp:
        """The application, with its type."""
        return cast("SchedtuiApp", self.app)

    def lines(self) -> list[Line]:
        """Return what to draw in ``width`` by ``height`` cells."""
        raise NotImplementedError

    def renew(self) -> None:
        """Compute the lines again and repaint the rows that changed."""
        width, height = self.size
        if not width or not height or not self.is_attached:
            return
        fresh = self.lines()[:height]
        fresh += [EMPTY] * (height - len(fresh))
        before, self._lines = self._lines, fresh
        if len(before) != height:
            self.refresh()
            return
        changed = [y for y in range(height) if before[y] != fresh[y]]
        if changed:
            self.refresh(*(Region(0, y, width, 1) for y in changed))

    def render_line(self, y: int) -> Strip:
        """Return one row in the theme's styles."""
        if len(self._lines) != self.size.height:
            self.renew()
        line = self._lines[y] if y < len(self._lines) else EMPTY
        return self.schedtui.palette.strip(line, self.size.width, self.FILL)

    def on_resize(self, _: events.Resize) -> None:
        """Lay the lines out for the new size."""
        self._lines = []
        self.renew()

    def on_focus(self) -> None:
        """Show in the title that keys go here, once Textual has noted it."""
        self.call_next(self.renew)

    def on_blur(self) -> None:
        """Show in the title that keys go elsewhere, once Textual has noted it."""
        self.call_next(self.renew)

    def on_show(self) -> None:
        """Catch up with what happened while hidden."""
        self.renew()


class Pane(LinePanel, can_focus=True):
    """A titled panel of the live screen, drawn from the shared view.

    Attributes:
        number: The digit key that goes here.
    """

    def __init__(self, title: str, number: int, *, id: str) -> None:  # noqa: A002 - Textual's own name of the argument
        super().__init__(id=id)
        self.pane_title = title
        self.number = number

    @property
    def view(self) -> View:
        """What all panels draw from."""
        return self.schedtui.desk.view()

    def lines(self) -> list[Line]:
        """Return the title rule and the body below it."""
        width, height = self.size
        view = self.view
        body = self.body(view, width - 1, height - 1)
        return [self._rule(view, width), *((((" ", "text"), *line)) for line in body)]

    def body(self, view: View, width: int, height: int) -> list[Line]:
        """Return the lines below the title."""
        raise NotImplementedError

    def note(self, view: View) -> Line:
        """Return what stands at the right of the title."""
        raise NotImplementedError

    def _rule(self, view: View, width: int) -> Line:
        glyphs = view.glyphs
        focused = self.has_focus
        sign = glyphs.heavy if focused else glyphs.rule
        rule = "focus" if focused else "rule"
        start: Line = (
            (f"{sign} ", rule),
            (f"{self.number} ", "faint"),
            (f"{self.pane_title} ", "focus" if focused else "title"),
        )
        note = self.note(view)
        end: Line = ((" ", "text"), *note, (f" {sign}", rule)) if note else EMPTY
        gap = width - line_cells(start) - line_cells(end)
        if gap < 0:
            return fitted((*start, (sign * width, rule)), width)
        return (*start, (sign * gap, rule), *end)
