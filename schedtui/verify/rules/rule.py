"""What a source rule is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property

from schedtui.model.verdict import Finding
from schedtui.verify.source.flow import Flow
from schedtui.verify.source.guards import EarlyLeaves
from schedtui.verify.source.queue_use import QueueUse
from schedtui.verify.source.suspects import Suspects, moving
from schedtui.verify.source.tree import Node
from schedtui.verify.source.types import Types
from schedtui.verify.source.unit import Unit
from schedtui.verify.source.values import Values


@dataclass(frozen=True)
class Subject:
    """What a rule looks at. Analyses are made when a rule first asks for them."""

    unit: Unit
    name: str
    """Name the scheduler should have, empty for any."""

    @cached_property
    def flow(self) -> Flow:
        """Calls and writes."""
        return Flow(self.unit)

    @cached_property
    def values(self) -> Values:
        """Values of expressions, whatever the parameters are set to."""
        return Values(self.flow, defaults=False)

    @cached_property
    def defaults(self) -> Values:
        """Values of expressions, with parameters as they are written."""
        return Values(self.flow, defaults=True)

    @cached_property
    def types(self) -> Types:
        """Kinds of expressions."""
        return Types(self.flow)

    @cached_property
    def queues(self) -> QueueUse:
        """Uses of queues."""
        return QueueUse(self.flow, self.values)

    @cached_property
    def suspects(self) -> Suspects:
        """What carries a task's identity, the machine's shape, or the time."""
        return Suspects(self.flow)

    @cached_property
    def moving(self) -> Suspects:
        """What changes while tasks wait."""
        return Suspects(self.flow, moving(self.flow))

    @cached_property
    def leaves(self) -> dict[str, EarlyLeaves]:
        """Early returns of the candidate's functions."""
        return {name: EarlyLeaves(f.body) for name, f in self.unit.functions.items()}

    def body(self, function: str) -> Node:
        """Return the body of a function of the candidate or of our headers."""
        return self.flow.functions[function].body


@dataclass(frozen=True, slots=True)
class Rule:
    """One check, with all codes it can report."""

    title: str
    codes: tuple[str, ...]
    check: Callable[[Subject], Iterable[Finding]]
