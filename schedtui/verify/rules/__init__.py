"""Source rules, in the order they are asked: each stage needs the one before to be clean."""

from __future__ import annotations

from typing import Final

from schedtui.verify.rules import (
    cgroups,
    dispatching,
    enqueueing,
    intake,
    names,
    parsing,
    preprocessor,
    queues,
    refusing,
    scheduler,
    sleeping,
    statements,
    words,
)
from schedtui.verify.rules.rule import Rule

STAGES: Final[tuple[tuple[Rule, ...], ...]] = (
    intake.RULES,
    (*preprocessor.RULES, *words.RULES),
    parsing.RULES,
    (*statements.RULES, *scheduler.RULES),
    names.RULES,
    (
        *enqueueing.RULES,
        *dispatching.RULES,
        *refusing.RULES,
        *queues.RULES,
        *sleeping.RULES,
        *cgroups.RULES,
    ),
)
"""A stage runs only when all before it found no error."""
