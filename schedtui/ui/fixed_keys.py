"""The keys that belong to one place: moving, choosing, reviewing. Nobody can give them away."""

from __future__ import annotations

import string
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from textual.binding import Binding

from schedtui.ui.commands import Command
from schedtui.ui.keynames import key_word


class Place(StrEnum):
    """Where a key has its meaning."""

    LIVE = "live screen"
    CPUS = "CPUs"
    AGENT = "agent pane"
    GOAL = "goal line"
    PAGE = "pages such as help"
    MENU = "menus"
    START = "start screen"
    REVIEW = "review"
    FACTS = "facts of a review"
    CANCEL = "Cancel of a review"
    HASH = "hash of a review"


@dataclass(frozen=True, slots=True)
class FixedKey:
    """Keys with one meaning in one place.

    Attributes:
        keys: In Textual's notation.
        action: What the place does, in Textual's notation; empty when it reads the key itself.
        help: One sentence.
        first: Taken before any widget sees it.
    """

    place: Place
    keys: tuple[str, ...]
    action: str
    help: str
    first: bool = False

    @property
    def words(self) -> tuple[str, ...]:
        """The keys as people write them, a long row of them as its two ends."""
        words = tuple(key_word(key) for key in self.keys)
        return words if len(words) < _LONG_ROW else (words[0], "..", words[-1])


_LONG_ROW: Final = 9

FIXED_KEYS: Final[tuple[FixedKey, ...]] = (
    FixedKey(Place.LIVE, ("escape",), "back", "Leave the zoom, else cancel what is pursued."),
    FixedKey(Place.CPUS, ("up", "left"), "move(-1)", "Previous CPU."),
    FixedKey(Place.CPUS, ("down", "right"), "move(1)", "Next CPU."),
    FixedKey(Place.CPUS, ("pageup",), "move(-16)", "16 CPUs back."),
    FixedKey(Place.CPUS, ("pagedown",), "move(16)", "16 CPUs on."),
    FixedKey(Place.CPUS, ("home",), "move(-100000)", "First CPU."),
    FixedKey(Place.CPUS, ("end",), "move(100000)", "Last CPU."),
    FixedKey(Place.AGENT, ("up",), "scroll_by(-1)", "Up."),
    FixedKey(Place.AGENT, ("down",), "scroll_by(1)", "Down."),
    FixedKey(Place.AGENT, ("pageup",), "scroll_by(-10)", "Ten lines up."),
    FixedKey(Place.AGENT, ("pagedown",), "scroll_by(10)", "Ten lines down."),
    FixedKey(Place.AGENT, ("home",), "scroll_by(-100000)", "Begin."),
    FixedKey(Place.AGENT, ("end",), "scroll_by(100000)", "End, which is followed from then on."),
    FixedKey(Place.GOAL, ("enter",), "", "Start the goal that was typed."),
    FixedKey(Place.GOAL, ("escape",), "leave", "Back to the figures; the text stays."),
    FixedKey(Place.PAGE, ("escape", "enter", "question_mark", "d", "h"), "close", "Close."),
    FixedKey(Place.PAGE, ("up", "k"), "move(-1)", "Up."),
    FixedKey(Place.PAGE, ("down", "j"), "move(1)", "Down."),
    FixedKey(Place.PAGE, ("pageup",), "move(-10)", "Ten lines up."),
    FixedKey(Place.PAGE, ("pagedown", "space"), "move(10)", "Ten lines down."),
    FixedKey(Place.PAGE, ("home",), "move(-100000)", "Begin."),
    FixedKey(Place.PAGE, ("end",), "move(100000)", "End."),
    FixedKey(Place.MENU, ("escape", "l"), "close", "Close without a choice."),
    FixedKey(Place.MENU, ("up", "k"), "move(-1)", "Up."),
    FixedKey(Place.MENU, ("down", "j", "tab"), "move(1)", "Down."),
    FixedKey(Place.MENU, ("enter", "space"), "choose", "Choose."),
    FixedKey(Place.MENU, tuple(string.digits[1:]), "", "Choose the row of that number."),
    FixedKey(Place.START, ("enter",), "retry", "Try again."),
    FixedKey(Place.START, ("w",), "alternative", "Take what works without what is missing."),
    FixedKey(Place.REVIEW, ("escape",), "cancel", "Say no."),
    FixedKey(Place.REVIEW, ("ctrl+y",), "approve", "Say yes, once the hash was typed."),
    FixedKey(Place.REVIEW, ("tab",), "next_field", "From Cancel to the hash and back.", first=True),
    FixedKey(Place.REVIEW, ("shift+tab",), "app.focus_previous", "The other way round."),
    FixedKey(Place.REVIEW, ("n",), "change(1)", "Next change."),
    FixedKey(Place.REVIEW, ("N", "p"), "change(-1)", "Previous change."),
    FixedKey(Place.REVIEW, ("w",), "whole", "The whole file, or only what is near a change."),
    FixedKey(Place.REVIEW, ("v",), "switch", "Facts or change, when both do not fit."),
    FixedKey(Place.REVIEW, ("up", "k"), "scroll_change(-1)", "Up."),
    FixedKey(Place.REVIEW, ("down", "j"), "scroll_change(1)", "Down."),
    FixedKey(Place.REVIEW, ("pageup",), "scroll_change(-10)", "Ten lines up."),
    FixedKey(Place.REVIEW, ("pagedown",), "scroll_change(10)", "Ten lines down."),
    FixedKey(Place.FACTS, ("up",), "move(-1)", "Up."),
    FixedKey(Place.FACTS, ("down",), "move(1)", "Down."),
    FixedKey(Place.FACTS, ("pageup",), "move(-10)", "Ten lines up."),
    FixedKey(Place.FACTS, ("pagedown",), "move(10)", "Ten lines down."),
    FixedKey(Place.CANCEL, ("enter", "space"), "press", "Say no."),
    FixedKey(Place.HASH, tuple(string.digits + "abcdef"), "", "The digits of the hash."),
    FixedKey(Place.HASH, ("backspace",), "", "Take one digit back."),
)

_TABS: Final = ("tab", "shift+tab")
_PANES: Final = frozenset({"next_pane", "previous_pane"})
"""Only these may have tab: from all others the framework would take it first."""
_OF_LIVE: Final = frozenset({Place.LIVE, Place.CPUS, Place.AGENT, Place.GOAL})


def fixed_bindings(place: Place) -> list[Binding]:
    """Return the bindings of one place."""
    return [
        Binding(key, row.action, row.help, show=False, priority=row.first)
        for row in FIXED_KEYS
        if row.place is place and row.action
        for key in row.keys
    ]


def taken_from(command: Command) -> frozenset[str]:
    """Return the keys that ``command`` cannot have: their places would lose their meaning."""
    return frozenset(_keys(command))


def _keys(command: Command) -> Iterator[str]:
    if command.id not in _PANES:
        yield from _TABS
    for row in FIXED_KEYS:
        if command.everywhere or row.place in _OF_LIVE:
            yield from row.keys
