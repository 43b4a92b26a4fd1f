"""Source rules, in the order they are asked: each stage needs the one before to be clean."""

from __future__ import annotations

from typing import Final

from schedtui.verify.rules import (
    calls,
    cgroups,
    cpus,
    dispatching,
    enqueueing,
    intake,
    live,
    loops,
    names,
    parsing,
    pointers,
    preprocessor,
    queues,
    refusing,
    scheduler,
    sleeping,
    slices,
    starving,
    statements,
    storms,
    words,
)
from schedtui.verify.rules.rule import Rule

STAGES: Final[tuple[tuple[Rule, ...], ...]] = (
    intake.RULES,
    (*preprocessor.RULES, *words.RULES),
    parsing.RULES,
    (*statements.RULES, *pointers.RULES, *scheduler.RULES),
    names.RULES,
    calls.RULES,
    (
        *enqueueing.RULES,
        *dispatching.RULES,
        *refusing.RULES,
        *queues.RULES,
        *sleeping.RULES,
        *cgroups.RULES,
        *cpus.RULES,
        *slices.RULES,
        *starving.RULES,
        *storms.RULES,
        *live.RULES,
        *loops.RULES,
        *queues.LAST_RULES,
    ),
)
"""A stage runs only when all before it found no error but those of LEGIBLE."""

LEGIBLE: Final = frozenset({"SRC024"})
"""Errors that leave the text as readable as before: what else is wrong is said with them."""
