"""``schedtui policies compose``: the source that the slots of a policy file become."""

from __future__ import annotations

import os
from pathlib import Path

from schedtui.commands.context import Context
from schedtui.commands.options import Exit, UsageError
from schedtui.commands.replacing import replace_file
from schedtui.model.composition import Composed
from schedtui.model.text import safe_text
from schedtui.model.verdict import Verdict
from schedtui.policy.composing import composed, origin_of
from schedtui.policy.errors import PolicyError
from schedtui.policy.plain import read_plain
from schedtui.policy.repository import SOURCE_LIMIT, TOML_LIMIT, read_composition


def compose(context: Context) -> int:
    """Write the source; exit 1 with a sentence when a slot is refused."""
    try:
        made = read_composed(Path(context.options.subject))
    except PolicyError as error:
        sentence = str(error)
        context.output.answer(
            {"composed": False, "sentence": sentence}, f"not composed: {sentence}"
        )
        return Exit.NO
    if context.options.out is None:
        context.output.answer(made, made.source.removesuffix("\n"))
        return Exit.DONE
    _write(context.options.out, made)
    where = safe_text(str(context.options.out))
    context.output.answer(made, f"{made.name} is in {where}; next: schedtui verify {where}")
    return Exit.DONE


def read_composed(path: Path) -> Composed:
    """Return what the slots of a policy file become. Raises PolicyError."""
    return composed(read_composition(read_plain(path, TOML_LIMIT), path.name))


def slot_lines(made: Composed, verdict: Verdict) -> list[str]:
    """Return in which slot the findings of a verdict are, one line for each that is in one."""
    lines = list[str]()
    for line in sorted({f.line for gate in verdict.gates for f in gate.findings}):
        place = made.place_at(line)
        if place is not None:
            at = line - place.first_line + 1
            lines.append(f"line {line} is line {at} of the slot {place.slot}")
    return lines


def _write(path: Path, made: Composed) -> None:
    real = Path(os.path.realpath(path))
    shown = safe_text(str(path))
    try:
        if os.path.lexists(real) and not _is_composed(real, made):
            raise UsageError(
                f"--out {shown}: it is there already and was not composed of {made.name}"
            )
        replace_file(real, made.source)
    except OSError as error:
        raise UsageError(f"--out {shown}: {error.strerror}") from error


def _is_composed(path: Path, made: Composed) -> bool:
    """Tell whether a file is an earlier source of the same composition: nothing of a person's."""
    try:
        text = read_plain(path, SOURCE_LIMIT).decode("ascii", "replace")
    except PolicyError:
        return False
    return not text or all(line in text for line in origin_of(made.name))
