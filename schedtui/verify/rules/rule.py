"""What a source rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from schedtui.model.verdict import Finding
from schedtui.verify.source.unit import Unit


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule looks at."""

    unit: Unit
    name: str
    """Name the scheduler should have, empty for any."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One check, with all codes it can report."""

    title: str
    codes: tuple[str, ...]
    check: Callable[[Subject], Iterable[Finding]]
