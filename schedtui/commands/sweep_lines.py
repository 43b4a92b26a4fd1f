"""A sweep as lines for people: the answer first, then the rounds and the full trials."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from schedtui.commands.trial_lines import line, trial_lines
from schedtui.measure.wording import figures_text
from schedtui.model.results import ResultRow
from schedtui.model.sweep import LeftOut, Place, SweepAnswer, SweepRound


def answer_lines(load: str, found: SweepAnswer) -> Iterator[str]:
    """Yield the answer."""
    yield f"{load}: {found.outcome}"
    yield line("answer", found.sentence)
    if found.fix:
        yield line("fix", found.fix)


def left_out_lines(left_out: Sequence[LeftOut]) -> Iterator[str]:
    """Yield who is not compared, and why."""
    for each in left_out:
        yield line("left out", f"{each.policy}: {each.reason}")


def round_lines(done: SweepRound) -> Iterator[str]:
    """Yield a round with every policy in it, best first."""
    yield line(f"round {done.number}", f"{done.pairs} pairs each, best first")
    for place in done.places:
        yield line("", _place_text(place))


def full_trial_lines(place: Place, row: ResultRow | None) -> Iterator[str]:
    """Yield a full trial as ``trial`` tells it."""
    if row is None:
        yield line("full trial", _place_text(place))
        return
    head, *rest = trial_lines(row, place.id or 0)
    yield line("full trial", head)
    yield from rest


def again_line(command: Sequence[str]) -> str:
    """Return the command that compares the same again."""
    return line("all again", shlex.join(command))


def _place_text(place: Place) -> str:
    figures = figures_text(place.objective) if place.objective else ""
    fate = str(place.leaves) if place.leaves else "goes on"
    said = ": ".join(part for part in (fate, place.reason) if part)
    return f"{place.policy}: " + "; ".join(part for part in (figures, said) if part)
