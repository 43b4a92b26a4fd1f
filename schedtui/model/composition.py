"""A policy that is nothing but parameters and slots; the rest of its source is the scaffold."""

from __future__ import annotations

from dataclasses import dataclass

from schedtui.model.policy import Parameter
from schedtui.model.slots import SlotFilling, SlotPlace


@dataclass(frozen=True, slots=True)
class Composition:
    """All that somebody decides to make a scheduler, by hand or by a model."""

    name: str
    idea: str
    """What stands in the head of the source: the idea, its origin and its limits."""
    parameters: tuple[Parameter, ...]
    fillings: tuple[SlotFilling, ...]


@dataclass(frozen=True, slots=True)
class Composed:
    """The source that a composition becomes, and which lines of it are whose."""

    name: str
    source: str
    places: tuple[SlotPlace, ...]

    def place_at(self, line: int) -> SlotPlace | None:
        """Return the filling that a 1-based line of the source belongs to, None for none."""
        return next((p for p in self.places if p.first_line <= line <= p.last_line), None)
