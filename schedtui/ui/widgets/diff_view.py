"""A change in one scrolling widget: rows are computed once, lines drawn when they are seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual import events
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from schedtui.ui.paint import code, diff
from schedtui.ui.paint.text import EMPTY, Line

if TYPE_CHECKING:
    from schedtui.ui.app import SchedtuiApp


class DiffView(ScrollView, can_focus=True):
    """Shows a change, with context or the whole file."""

    ALLOW_SELECT: ClassVar[bool] = False
    DEFAULT_CSS: ClassVar[str] = """
    DiffView { background: $background; scrollbar-size-vertical: 1; overflow-x: hidden;
        scrollbar-background: $background; scrollbar-color: $panel; }
    """

    def __init__(self, before: str, after: str, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name of the argument
        super().__init__(id=id)
        self._before, self._after = before, after
        self.whole = not before
        self.change = diff.change(before, after, self._shown_context)
        self._lines: list[Line] = []
        self._starts: list[int] = []
        self._laid_out = -1

    @property
    def _shown_context(self) -> int | None:
        return None if self.whole else diff.CONTEXT

    def toggle_whole(self) -> None:
        """Show the whole file, or only what is near a change."""
        self.whole = not self.whole or not self._before
        self.change = diff.change(self._before, self._after, self._shown_context)
        self._laid_out = -1
        self._lay_out()
        self.refresh()

    def on_resize(self, _: events.Resize) -> None:
        """Wrap for the new width."""
        self._lay_out()

    def _lay_out(self) -> None:
        width = self.scrollable_content_region.width
        if width <= 0 or width == self._laid_out:
            return
        self._laid_out = width
        glyphs = cast("SchedtuiApp", self.app).desk.glyphs
        hunks = set(diff.hunk_starts(self.change.rows))
        self._lines, self._starts = [], []
        for index, row in enumerate(self.change.rows):
            if index in hunks:
                self._starts.append(len(self._lines))
            self._lines += code.row_lines(row, width, glyphs)
        self.virtual_size = Size(width, len(self._lines))

    def render_line(self, y: int) -> Strip:
        """Return one line of what is scrolled into view."""
        self._lay_out()
        row = self.scroll_offset.y + y
        line = self._lines[row] if row < len(self._lines) else EMPTY
        return cast("SchedtuiApp", self.app).palette.strip(line, self.size.width)

    def go_to_change(self, by: int) -> None:
        """Scroll to the next (1) or previous (-1) block of changes."""
        here = self.scroll_offset.y
        if by > 0:
            wanted = next((start for start in self._starts if start - 1 > here), None)
        else:
            wanted = next((start for start in reversed(self._starts) if start - 1 < here), None)
        if wanted is not None:
            self.scroll_to(y=max(0, wanted - 1), animate=False)
