"""The two glyph sets of the screen. State is always glyph and word, never colour alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Every sign the screen draws. All are one cell wide unless the name says otherwise."""

    yes: str
    no: str
    warn: str
    ours: str
    foreign: str
    live: str
    paused: str
    dot: str
    rule: str
    heavy: str
    upright: str
    cursor: str
    prompt: str
    arrow: str
    up: str
    down: str
    minus: str
    times: str
    micro: str
    low: str
    high: str
    point: str
    ellipsis: str
    border: str
    """Textual's name of the border of dialogs."""
    bars: str
    """Nine signs from empty to full height."""
    full: str
    bar: str
    """One filled cell of a level that lies: a little lower than the cell, so that rows part."""
    shade: str
    spinner: str
    tick: str


UNICODE: Final = Glyphs(
    yes="✓",
    no="✗",
    warn="!",
    ours="◆",
    foreign="◇",
    live="●",
    paused="‖",
    dot="·",
    rule="─",
    heavy="━",
    upright="│",
    cursor="▸",
    prompt="\u203a",
    arrow="→",
    up="↑",
    down="↓",
    minus="\u2212",
    times="x",
    micro="µ",
    low="├",
    high="┤",
    point="●",
    ellipsis="…",
    border="round",
    bars=" ▁▂▃▄▅▆▇█",
    full="█",
    bar="▇",
    shade="▒",
    spinner="▖▘▝▗",
    tick="┤",
)

ASCII: Final = Glyphs(
    yes="+",
    no="x",
    warn="!",
    ours="#",
    foreign="o",
    live="*",
    paused="=",
    dot="-",
    rule="-",
    heavy="=",
    upright="|",
    cursor=">",
    prompt=">",
    arrow=">",
    up="^",
    down="v",
    minus="-",
    times="x",
    micro="u",
    low="[",
    high="]",
    point="o",
    ellipsis="~",
    border="ascii",
    bars=" .:-=+*%#",
    full="#",
    bar="#",
    shade=":",
    spinner="|/-\\",
    tick="|",
)


def bar_of(share: float, width: int, glyphs: Glyphs) -> str:
    """Return a level of ``width`` cells that is full to ``share`` (0 to 1)."""
    level = round(max(0.0, min(1.0, share)) * width)
    return (glyphs.bar * max(level, 1 if share > 0.02 else 0)).ljust(width)


def step_of(share: float, glyphs: Glyphs) -> str:
    """Return the one sign for a level from 0 to 1; anything above zero is visible."""
    top = len(glyphs.bars) - 1
    level = round(max(0.0, min(1.0, share)) * top)
    return glyphs.bars[max(level, 1) if share > 0 else 0]


def spin(now: float, glyphs: Glyphs) -> str:
    """Return the spinner's sign at ``now`` seconds."""
    return glyphs.spinner[int(now * 8) % len(glyphs.spinner)]
