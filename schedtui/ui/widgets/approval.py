"""The two ends of a review: Cancel, and the field in which the hash is typed."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from schedtui.ui.fixed_keys import Place, fixed_bindings
from schedtui.ui.paint.text import Line
from schedtui.ui.widgets.panel import LinePanel

_HEX = frozenset("0123456789abcdef")


class CancelButton(LinePanel, can_focus=True):
    """The safe end; it has the focus when a review opens."""

    FILL: ClassVar[str] = "bar"
    BINDINGS: ClassVar[list[BindingType]] = [*fixed_bindings(Place.CANCEL)]

    class Pressed(Message):
        """The person chose not to approve."""

    def lines(self) -> list[Line]:
        """Return the button."""
        return [((" ", "bar"), ("[ Cancel ]", "selected" if self.has_focus else "bar_strong"))]

    def action_press(self) -> None:
        """Choose the safe end."""
        self.post_message(self.Pressed())

    def on_click(self) -> None:
        """Choose the safe end."""
        self.post_message(self.Pressed())


class HashField(LinePanel, can_focus=True):
    """Takes the digits of a short hash, one key at a time; pasting does nothing."""

    FILL: ClassVar[str] = "bar"

    class Changed(Message):
        """Another digit is there, or one went."""

    def __init__(self, wanted: str) -> None:
        super().__init__(id="hash")
        self.wanted = wanted
        self.typed = ""

    @property
    def matches(self) -> bool:
        """Tell whether the whole hash was typed."""
        return bool(self.wanted) and self.typed == self.wanted

    def lines(self) -> list[Line]:
        """Return the field with what was typed and what is open."""
        open_ = "_" * (len(self.wanted) - len(self.typed))
        box = "selected" if self.has_focus else "bar_strong"
        glyphs = self.schedtui.desk.glyphs
        sign: Line = ((f" {glyphs.yes}", "bar_strong"),) if self.matches else ()
        return [(("type ", "bar_muted"), (self.wanted, "bar_strong"), (" here ", "bar_muted"),
                 (f" {self.typed}{open_} ", box), *sign)]  # fmt: skip

    def on_key(self, event: events.Key) -> None:
        """Take hexadecimal digits and backspace; everything else goes on to the screen."""
        if event.key == "backspace":
            self._set(self.typed[:-1])
        elif event.character and event.character.lower() in _HEX:
            self._set((self.typed + event.character.lower())[: len(self.wanted)])
        else:
            return
        event.stop()
        event.prevent_default()

    def _set(self, typed: str) -> None:
        self.typed = typed
        self.renew()
        self.post_message(self.Changed())
