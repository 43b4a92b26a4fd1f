"""Going through time: where one is in what is kept, and two stretches beside each other."""

from __future__ import annotations

from typing import Final

from schedtui.model.text import safe_text
from schedtui.tape.tape import Mark, MarkKind
from schedtui.ui.comparison import Comparison, Stretch
from schedtui.ui.paint import units
from schedtui.ui.paint.glyphs import Glyphs
from schedtui.ui.paint.text import (
    EMPTY,
    Line,
    Run,
    chosen,
    cut,
    fitted,
    left,
    merged,
    paragraph,
    right,
)
from schedtui.ui.view import View

_SHORTEST_BAR: Final = 12
_SAME: Final = 0.05
"""Figures that differ by less than this share are called the same."""
_FEW_S: Final = 5.0
_NAME: Final = 17
_VALUE: Final = 12


def scrub(view: View, width: int) -> Line:
    """Return all that is kept as a line, with the marks and the shown moment on it."""
    oldest, newest = view.span_ms
    start = f" -{units.clock((newest - oldest) / 1000)} "
    end = f" {'end' if view.recorded else 'now'}"
    near = _near(view)
    room = width - len(start) - len(end) - len(near) - 3
    if room < _SHORTEST_BAR:
        near, room = "", width - len(start) - len(end) - 1
    bar = _bar(view, max(1, room))
    return fitted(((start, "muted"), *bar, (end, "muted"), (f"   {near}", "accent")), width)


def _bar(view: View, width: int) -> Line:
    oldest, newest = view.span_ms
    runs: list[Run] = [(view.glyphs.rule, "rule")] * width

    def put(at_ms: float, run: Run) -> None:
        share = (at_ms - oldest) / max(1, newest - oldest)
        if 0 <= share <= 1:
            runs[round(share * (width - 1))] = run

    for mark in view.marks:
        put(mark.at_ms, (_sign(mark, view.glyphs), "mark"))
    put(newest - view.behind_s * 1000, (view.glyphs.cursor, "badge"))
    return merged(runs)


def _sign(mark: Mark, glyphs: Glyphs) -> str:
    return glyphs.upright if mark.kind is MarkKind.OWN else glyphs.ours


def _near(view: View) -> str:
    """The last mark up to the shown moment, else the next one, with the time between."""
    here = view.span_ms[1] - view.behind_s * 1000
    if not view.marks:
        return ""
    passed = [mark for mark in view.marks if mark.at_ms <= here]
    mark = passed[-1] if passed else view.marks[0]
    words = cut(mark.text, 34, view.glyphs.ellipsis)
    between = units.clock(abs(here - mark.at_ms) / 1000)
    return f"{_sign(mark, view.glyphs)} {words}, {between} {'before' if passed else 'later'}"


def comparison_page(found: Comparison, glyphs: Glyphs, width: int) -> list[Line]:
    """Return two stretches beside each other, in figures and in words."""
    told: list[Line] = [
        ((f"{units.at_clock(found.mark.at_ms)}  ", "muted"), (found.mark.text, "strong")),
        EMPTY,
        (
            (left("", _NAME), "muted"),
            (right("before", _VALUE), "muted"),
            (right("after", _VALUE), "muted"),
        ),
        *_rows(found, glyphs),
        EMPTY,
        *_sides(found, width),
    ]
    words = (
        "Seen once, one stretch after the other: there are no pairs and no interval, and other "
        "things may have changed as well. `schedtui trial` measures what a scheduler does."
    )
    return [*told, EMPTY, *paragraph(words, width, "muted")]


def _rows(found: Comparison, glyphs: Glyphs) -> list[Line]:
    one, two = found.before, found.after
    rows: list[Line] = []
    for name, before, after in (
        ("wake-up p50", _p50(one), _p50(two)),
        ("wake-up p99", _p99(one), _p99(two)),
    ):
        rows.append(_row(name, before, after, glyphs, units.micros(before, glyphs),
                         units.micros(after, glyphs)))  # fmt: skip
    delays = one.delay_ms_per_s, two.delay_ms_per_s
    rows.append(_row("run delay per CPU", *delays, glyphs,
                     *(units.millis(each, glyphs) + "/s" for each in delays)))  # fmt: skip
    depths = one.depth, two.depth
    rows.append(_row("depth per CPU", *depths, glyphs, *map(_plain, depths)))
    busy = one.utilisation, two.utilisation
    rows.append(_row("utilisation", *busy, glyphs, *map(units.percent, busy)))
    later = dict(two.load)
    for name, before in one.load:
        if name in later:
            texts = (units.metric_value(name, value, glyphs) for value in (before, later[name]))
            title = safe_text(units.metric_title(name), _NAME - 1)
            rows.append(_row(title, before, later[name], glyphs, *texts))
    return rows


def _p50(side: Stretch) -> float | None:
    return side.wakeup.p50_us if side.wakeup else None


def _p99(side: Stretch) -> float | None:
    return side.wakeup.p99_us if side.wakeup else None


def _plain(value: float | None) -> str:
    return units.NOT_SEEN if value is None else units.digits(value)


def _row(
    name: str, before: float | None, after: float | None, glyphs: Glyphs, one: str, two: str
) -> Line:
    return (
        (left(name, _NAME), "muted"),
        (right(one, _VALUE), "text"),
        (right(two, _VALUE), "strong"),
        (f"   {ratio_words(before, after, glyphs)}", "text"),
    )


def ratio_words(before: float | None, after: float | None, glyphs: Glyphs) -> str:
    """Return how ``after`` compares with ``before``: ``5.3x lower``."""
    if before is None or after is None:
        return "not seen on both sides"
    if before == after or (before > 0 and abs(after / before - 1) < _SAME):
        return "about the same"
    if before <= 0 or after <= 0:
        return "lower" if after < before else "higher"
    size = max(before / after, after / before)
    return f"{units.factor(size)}{glyphs.times} {'lower' if after < before else 'higher'}"


def _sides(found: Comparison, width: int) -> list[Line]:
    told: list[Line] = []
    for name, side in (("before", found.before), ("after", found.after)):
        words = f"{units.clock(side.seconds)} in {side.samples} samples"
        parts: list[tuple[int, Line]] = [(0, ((left(name, 8), "muted"), (words, "text")))]
        parts.append((1, ((f"{side.in_charge} in charge" if side.in_charge else "", "muted"),)))
        if side.seconds < _FEW_S:
            parts.append((0, ((f"too short to say much (below {_FEW_S:.0f} s)", "warn"),)))
        told.append(chosen(parts, width))
    return told
