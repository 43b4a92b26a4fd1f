"""The texts of all findings, one module per gate."""

from __future__ import annotations

from typing import Final

from schedtui.verify.codes import compiler, internal, kernel, objects, source, text, trial
from schedtui.verify.codes.entry import Entry

ALL: Final[tuple[Entry, ...]] = (
    *text.ENTRIES,
    *source.ENTRIES,
    *compiler.ENTRIES,
    *objects.ENTRIES,
    *kernel.ENTRIES,
    *trial.ENTRIES,
    *internal.ENTRIES,
)
