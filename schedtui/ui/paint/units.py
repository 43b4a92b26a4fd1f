"""Numbers as people read them: three digits, a unit, never more precision than was measured."""

from __future__ import annotations

import time
from typing import Final

from schedtui.ui.paint.glyphs import Glyphs

NOT_SEEN: Final = "-"

_TITLES: Final = {
    "request_p99_us": "request p99",
    "wakeup_p50_us": "wake-up p50",
    "wakeup_p99_us": "wake-up p99",
    "rate_per_s": "rate",
    "makespan_ms": "make-span",
    "missed_frames_pct": "missed frames",
}


def digits(value: float) -> str:
    """Return a number with about three significant digits."""
    size = abs(value)
    if size >= 100:
        return f"{value:.0f}"
    return f"{value:.1f}" if size >= 10 else f"{value:.2g}" if size < 1 else f"{value:.1f}"


def micros(value: float | None, glyphs: Glyphs) -> str:
    """Return a duration given in microseconds."""
    if value is None:
        return NOT_SEEN
    if value < 1_000:
        return f"{value:.0f} {glyphs.micro}s"
    if value < 1_000_000:
        return f"{digits(value / 1_000)} ms"
    return f"{digits(value / 1_000_000)} s"


def millis(value: float | None, glyphs: Glyphs) -> str:
    """Return a duration given in milliseconds."""
    return NOT_SEEN if value is None else micros(value * 1_000, glyphs)


def count(value: float | None) -> str:
    """Return a count or a rate: ``212``, ``3.1k``, ``2.4M``."""
    if value is None:
        return NOT_SEEN
    if value < 1_000:
        return f"{value:.0f}"
    return f"{digits(value / 1_000)}k" if value < 1_000_000 else f"{digits(value / 1_000_000)}M"


def percent(share: float | None) -> str:
    """Return a share of 1 as a percentage."""
    return NOT_SEEN if share is None else f"{share * 100:.0f} %"


def clock(seconds: float) -> str:
    """Return a span as ``0:35`` or ``2:03:10``."""
    minutes, rest = divmod(max(0, int(seconds)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def at_clock(at_ms: float) -> str:
    """Return a moment, in milliseconds since the epoch, as the time of day."""
    return time.strftime("%H:%M:%S", time.localtime(at_ms / 1000))


def factor(value: float) -> str:
    """Return an improvement factor without its sign: ``5.3``."""
    return f"{value:.1f}" if value < 100 else f"{value:.0f}"


def inverse(value: float) -> str:
    """Return one over a factor: how many times worse."""
    return factor(1 / value) if value > 0 else "many"


def metric_title(name: str) -> str:
    """Return the name of a metric in words."""
    if name in _TITLES:
        return _TITLES[name]
    for suffix in ("_us", "_ms", "_per_s", "_pct"):
        name = name.removesuffix(suffix)
    return name.replace("_", " ")


def metric_value(name: str, value: float, glyphs: Glyphs) -> str:
    """Return the value of a metric with the unit that its name ends in."""
    if name.endswith("_us"):
        return micros(value, glyphs)
    if name.endswith("_ms"):
        return millis(value, glyphs)
    if name.endswith("_per_s"):
        return f"{count(value)}/s"
    return f"{digits(value)} %" if name.endswith("_pct") else digits(value)
