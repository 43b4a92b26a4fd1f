"""Prints the page of all findings from the catalogue: ``python -m schedtui.verify.page``."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from itertools import groupby
from typing import Final

from schedtui.verify.catalogue import entries
from schedtui.verify.codes.entry import Entry
from schedtui.verify.gates import OWN_LETTERS, PLACES, Place

COMMAND: Final = "python -m schedtui.verify.page > docs/findings.md"
"""Writes the page anew, from the top of the repository."""

_HEAD: Final = f"""# Findings

What the gates of the verifier can find, in the order they are asked: the cheapest first. The
first gate that says no ends it. An *error* rejects; a *warning* or *note* is shown and does not.
Codes are stable: a code never changes its meaning and is never used again.
`schedtui verify --explain CODE` prints one of them.

This page is made from the catalogue, not written: `{COMMAND}`.
"""


def page() -> str:
    """Return the whole page."""
    return "\n".join((_HEAD, *_chapters()))


def _chapters() -> Iterator[str]:
    for letters, places in groupby(PLACES, key=lambda place: place.letters):
        yield _chapter(letters, tuple(places))
    yield "\n".join(("## The verifier itself\n", *_findings(OWN_LETTERS)))


def _chapter(letters: str, places: tuple[Place, ...]) -> str:
    title = " and ".join(place.title for place in places)
    lines = [f"## {title[0].upper()}{title[1:]}\n"]
    lines += [f"* {_described(place)}" for place in places]
    return "\n".join((*lines, "", *_findings(letters)))


def _described(place: Place) -> str:
    cost = " or ".join(place.costs)
    needs = ", ".join(place.needs) or "nothing"
    return f"gate `{place.name}`: cost {cost}; needs {needs}"


def _findings(letters: str) -> Iterator[str]:
    yield from (_finding(entry) for entry in entries() if entry.code.startswith(letters))


def _finding(entry: Entry) -> str:
    return "\n".join(
        (
            f"### {entry.code} ({entry.severity})\n",
            f"> {_plain(entry.sentence)}\n",
            f"{_plain(entry.explanation)}\n",
            f"*Hint:* {_plain(entry.hint)}\n",
        )
    )


def _plain(text: str) -> str:
    """Return text in which nothing is markup but code between backticks."""
    parts = text.split("`")
    return "`".join(_MARKUP.sub(r"\\\g<0>", p) if i % 2 == 0 else p for i, p in enumerate(parts))


_MARKUP: Final = re.compile(r"[\\*\[\]<>|]|(?<!\w)_|_(?!\w)")


def main() -> int:
    """Print the page."""
    sys.stdout.write(page())
    return 0


if __name__ == "__main__":
    sys.exit(main())
