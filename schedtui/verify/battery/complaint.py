"""What a complaint in the kernel log weighs: it counts at once, or must be heard again.

A warning (``WARN_ON``) says that something unexpected was true for a moment and that the kernel
could go on. Once in some thousand loads of a sound policy there is one all the same: by a race of
the kernel's own, or of an emulator that runs an instruction as it was before the kernel changed it.
So a few warnings, and the oops that such an emulator causes, are in doubt. Many warnings are given
once per boot (``WARN_ON_ONCE``): a second look in the same guest would see nothing.

Everything else counts at once, known or not: a bug, another oops, memory, lists or counts found
damaged, locks that can wait for each other, a lockup, a task that hangs. So do warnings of the code
that watches over memory, lists and counts, more warnings at a time than an accident makes, and
warnings in a log that could not be read whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Final

from schedtui.model.battery import Evidence
from schedtui.node.splats import is_half_changed

_MOST_WARNINGS: Final = 3
"""In one exercise. Of more than 32 telling lines the node gives only the first, so what comes
after a flood may be unknown."""
_WARNED: Final = re.compile(r"WARNING: (CPU: \d+ PID: \d+ at )?(?!mm/|lib/)[\w./+-]+:\d+ ")
"""The place in the source is the kernel's own word: its proofs of locks give none there."""
_BESIDE: Final = re.compile(r"\s*Call Trace:|---\[ end trace ")
"""What comes with a warning and says nothing by itself."""

_DAMAGED: Final = re.compile(
    r"(\[ *[0-9.]+\] )?+(?!sched_ext: ).*?"
    r"(\bBUG: (?!soft lockup|workqueue lockup)|\bkernel BUG at\b|\bOops\b|\b(KASAN|KFENCE)\b"
    r"|\blist_(add|del) (corruption|double add)\b|\brefcount_t:|\bstack-protector:"
    r"|\bcorrupted stack end\b)"
)


@dataclass(frozen=True, slots=True)
class Complaint:
    """What a guest's kernel complained of, and when."""

    where: str
    words: str
    """The line that tells most."""
    doubtful: bool
    """It counts only when a fresh guest's kernel complains as well."""


def complaint_in(evidence: Evidence, where: str) -> Complaint | None:
    """Return the kernel's complaint, None when it has none."""
    lines = evidence.splats
    if not lines:
        return None
    if is_half_changed(lines[0]):
        return Complaint(where, lines[0], doubtful=True)  # all that follows comes of it
    grave = [line for line in lines if not _WARNED.match(line) and not _BESIDE.match(line)]
    doubtful = not grave and evidence.log_read and _is_few(lines)
    return Complaint(where, grave[0] if grave else lines[0], doubtful)


def last_complaint(console: Sequence[str]) -> Complaint | None:
    """Return what a lost guest's kernel says of damage, None when it says nothing of it.

    Emulated guests hang now and then, so lockups and stalls tell nothing here, nor does a panic
    alone: the kernel panics too when its first process is gone. What follows an oops of an
    emulator's making comes of it.
    """
    sound = takewhile(lambda line: not is_half_changed(line), console)
    damaged = next(filter(_DAMAGED.match, sound), None)
    return Complaint("the loss of the machine", damaged, doubtful=False) if damaged else None


def _is_few(lines: Sequence[str]) -> bool:
    return 1 <= sum(_WARNED.match(line) is not None for line in lines) <= _MOST_WARNINGS
