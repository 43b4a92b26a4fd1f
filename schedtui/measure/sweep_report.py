"""A sweep or a tuning as one self-contained page: answer, rounds, and the trials that decided."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from typing import Final

from schedtui.measure.report import sections
from schedtui.measure.sheet import literal, paragraph, section, sheet, verbatim
from schedtui.measure.wording import fate_text, figures_text, headline
from schedtui.model.sweep import FullTrial, Place, SweepRound

_RANKING: Final = (
    "Best first, each in a boot of its own. Rounds only rank: so few pairs claim nothing."
)


def sweep_report(
    title: str,
    sentence: str,
    rounds: Sequence[SweepRound],
    full: Sequence[FullTrial],
    command: Sequence[str],
) -> str:
    """Return the page of a sweep or a tuning as HTML. Every text in it is shown literally.

    Args:
        title: The answer in a word or two.
        sentence: The answer.
        rounds: All rounds, in their order.
        full: The full trials; each is shown whole.
        command: The command that compares the same again.
    """
    return sheet(title, _parts(sentence, rounds, full, command))


def _parts(
    sentence: str, rounds: Sequence[SweepRound], full: Sequence[FullTrial], command: Sequence[str]
) -> Iterator[str]:
    yield section("The answer", paragraph(sentence))
    for done in rounds:
        title = f"Round {done.number}, {done.pairs} pairs each"
        yield section(title, paragraph(_RANKING) + _places(done.places))
    for each in full:
        yield from _decided(each)
    yield section("How to compare the same again", verbatim(shlex.join(command)))


def _decided(full: FullTrial) -> Iterator[str]:
    if full.result is None:
        yield section("Full trial", _places((full.place,)))
        return
    yield section("Full trial", paragraph(headline(full.result)))
    yield from sections(full.result, full.place.id or 0)


def _places(places: Sequence[Place]) -> str:
    rows = "\n".join(_row(place) for place in places)
    head = "<tr><th>compared</th><th>objective</th><th>what became of it</th><th>result</th></tr>"
    return f"<table>{head}\n{rows}</table>"


def _row(place: Place) -> str:
    figures = figures_text(place.objective) if place.objective else ""
    number = str(place.id) if place.id else "not kept"
    cells = (place.policy, figures, fate_text(place), number)
    return f"<tr>{''.join(f'<td>{literal(cell)}</td>' for cell in cells)}</tr>"
