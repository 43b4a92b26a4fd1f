"""A sweep as lines for people: the answer first, then the rounds and the full trials."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from schedtui.commands.trial_lines import kept_line, line, trial_lines
from schedtui.measure.wording import fate_text, figures_text
from schedtui.model.sweep import FullTrial, Leaving, LeftOut, Place, SweepAnswer, SweepRound


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


def full_trial_lines(full: FullTrial) -> Iterator[str]:
    """Yield a full trial as ``trial`` tells it, but for what the answer says already."""
    row, place = full.result, full.place
    if row is None:
        yield line("full trial", _place_text(place))
    elif place.leaves is Leaving.UNFIT:
        yield line("full trial", _place_text(place))
        yield kept_line(row, place.id or 0)
    else:
        head, *rest = trial_lines(row, place.id or 0)
        yield line("full trial", head)
        yield from rest


def again_line(command: Sequence[str]) -> str:
    """Return the command that compares the same again."""
    return line("all again", shlex.join(command))


def _place_text(place: Place) -> str:
    figures = figures_text(place.objective) if place.objective else ""
    return f"{place.policy}: " + "; ".join(part for part in (figures, fate_text(place)) if part)
